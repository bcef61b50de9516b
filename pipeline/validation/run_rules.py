"""Validate the tables of all departments at once and turn every failure into a finding at its cell."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from pandera.errors import SchemaErrors

from pipeline.text_format import format_figure
from pipeline.validation.findings import COLUMNS, KINDS, Places, at_field, at_row, word_finding
from pipeline.validation.outcomes import where_rules_apply
from schemas.enums import Severity
from schemas.forms.model import NOT_NEGATIVE, WHOLE
from schemas.rules import RULES, in_force
from schemas.rules.tables import COUNTY, DEPARTMENTS, TABLES, rules_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from pandera.pandas import DataFrameSchema, SeriesSchema

    from pipeline.validation.findings import Finding
    from schemas.policy import Policy
    from schemas.rules.model import Applies, Rule

_ORDER = {rule.id: place for place, rule in reversed(list(enumerate(RULES)))}
_GRAVITY = {severity.value: place for place, severity in enumerate(Severity)}
_KEY = ("department", "rule", "sheet", "cell", "field", "source_file")
"""What tells a finding on a field from every other; one on no field, a row that is missing, is told by its label."""


def validate(
    tables: Mapping[str, pd.DataFrame],
    applies: Mapping[str, Applies],
    first: pd.DataFrame,
    facts: pd.DataFrame,
    policy: Policy,
    county: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Run the register, but for the rules that compare with the county.

    Args:
        tables: the tables that rules read, by name: departments, indicators and blocks.
        applies: where each rule can be checked, as `where_rules_apply` tells.
        first: what reading found: one row per finding with ``rule``, ``field``, ``label``, place and figures.
        facts: one row per department × field, for the places of findings on departments.
        policy: tolerances and thresholds.
        county: what comparing these departments with the county has found (`against_county`).

    Returns:
        One row per breach in the order of the contract, by department, severity and register.
    """
    rules = in_force(policy)
    by_id = {rule.id: rule for rule in reversed(rules)}
    places = Places(facts)
    found = [
        *([] if county is None else _listed(county)),
        *_from_reading(first, by_id),
        *(
            each
            for name, table in tables.items()
            for each in _find(TABLES[name], table, applies, places, rules, policy)
        ),
    ]
    return _put_together(found, tables["departments"]["department"])


def compare_with_county(table: pd.DataFrame, facts: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Run the rules that compare a department with the county.

    Args:
        table: one row per department of the whole county, as `schemas.rules.tables.COUNTY` declares.
        facts: one row per department × field that these rules point to.
        policy: how far is far, and how many departments are enough to tell.

    Returns:
        One row per breach, as `validate` gives them.
    """
    applies = where_rules_apply({str(COUNTY.name): table}, policy)
    found = _find(COUNTY, table, applies, Places(facts), in_force(policy), policy)
    return _put_together(found, table["department"])


def add_findings(
    findings: pd.DataFrame, first: pd.DataFrame, departments: pd.Series[str], policy: Policy
) -> pd.DataFrame:
    """Add findings that were found outside the register's checks, in the shape of ``first``, and sort all anew."""
    by_id = {rule.id: rule for rule in reversed(in_force(policy))}
    more = _from_reading(first, by_id)
    return _put_together([*_listed(findings), *more], departments) if more else findings


def no_findings() -> pd.DataFrame:
    """Give the table of findings without a row."""
    return _put_together([], [])


def _listed(findings: pd.DataFrame) -> list[Finding]:
    rows = zip(*(findings[name].tolist() for name in COLUMNS), strict=True)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def _put_together(found: Iterable[Finding], departments: Iterable[str]) -> pd.DataFrame:
    """Give each finding once, by department, severity and register."""
    once: dict[tuple[str, ...], Finding] = {}
    for each in found:
        once.setdefault((*(each[name] for name in _KEY), "" if each["field"] else each["label"]), each)
    place = {name: at for at, name in enumerate(departments)}
    order = sorted(
        once.values(),
        key=lambda each: (place[each["department"]], _GRAVITY[each["severity"]], _ORDER[each["rule"]]),
    )
    return pd.DataFrame({name: pd.Series([each[name] for each in order], dtype=str) for name in COLUMNS})


# ---------------------------------------------------------------------- what reading and the schemas find


def _from_reading(first: pd.DataFrame, rules: Mapping[str, Rule]) -> list[Finding]:
    return [word_finding(rules[row["rule"]], row) for row in first.to_dict("records") if row["rule"] in rules]


def _find(
    schema: DataFrameSchema,
    table: pd.DataFrame,
    applies: Mapping[str, Applies],
    places: Places,
    rules: Sequence[Rule],
    policy: Policy,
) -> Iterator[Finding]:
    """Validate a table against its schema and the rules on it; give a finding for each failure."""
    by_name = {rule.id: rule for rule in reversed(rules)} | {rule.name: rule for rule in rules}
    of_departments = schema.name in {DEPARTMENTS.name, COUNTY.name}
    checks = rules_schema(schema, rules, policy, table, applies)
    for check, failures in groupby(_failures(schema, checks, table), key=attrgetter("check")):
        if check not in by_name:
            continue  # a check of fields whose rule is not in force this year
        rule = by_name[check]
        expected = rule.expected(table, policy) if rule.expected else None
        cause = rule.cause(table, policy) if rule.cause else None
        for _, column, row in failures:
            told = {} if expected is None else {"expected": format_figure(expected.iloc[row], KINDS.get(rule.at))}
            told |= {} if cause is None else {"cause": cause.iloc[row]}
            at = column or rule.at
            yield at_field(rule, table, row, at, places, told) if of_departments else at_row(rule, table, row, at, told)


class _Failure(NamedTuple):
    """A check that fails, the column it is on ("" for a rule), and the number of the row of its table."""

    check: str
    column: str
    row: int


def _failures(schema: DataFrameSchema, rules: SeriesSchema, table: pd.DataFrame) -> list[_Failure]:
    """Validate a table of what was filed.

    Args:
        schema: the fields, with checks called `NOT_NEGATIVE` and `WHOLE`.
        rules: the numbers of the rows, with rules called by `Rule.name` as checks.
        table: with the rows numbered from 0 on.

    Returns:
        What fails, checks of fields first, then the rules in their order.

    Raises:
        SchemaErrors: something else does not hold, a type or a key: a mistake of this program.
    """
    if table.empty:  # without a value pandas cannot tell the type of a column
        return []
    names = [str(check.name) for check in rules.checks]
    numbers = pd.Series(table.index, name=rules.name, dtype="int64")
    fields = _failure_cases(partial(schema.validate, table, lazy=True), {NOT_NEGATIVE, WHOLE})
    broken = _failure_cases(partial(rules.validate, numbers, lazy=True), set(names))
    place = {name: number for number, name in enumerate([NOT_NEGATIVE, WHOLE, *names, "", *schema.columns])}
    found = [*fields, *(each._replace(column="") for each in broken)]
    return sorted(found, key=lambda each: (place[each.check], place[each.column], each.row))


def _failure_cases(validate: Callable[[], object], expected: Collection[str]) -> list[_Failure]:
    """Validate every row; give each failure of an expected check."""
    try:
        validate()
    except SchemaErrors as errors:
        cases = errors.failure_cases
        if not cases["check"].isin(expected).all() or cases["index"].isna().any():
            raise
        columns = cases["check"], cases["column"], cases["index"].astype("int64")
        return [_Failure(*row) for row in zip(*(each.tolist() for each in columns), strict=True)]
    return []
