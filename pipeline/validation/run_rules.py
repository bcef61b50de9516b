"""All departments at once → findings, each at its cell, with what is stated, what is expected and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pandera.errors

from pipeline.reading.submission import NUMERIC
from pipeline.text_format import figure
from pipeline.validation.columns import Columns
from pipeline.validation.findings import COLUMNS, KINDS, Places, at_field, at_row, worded
from schemas.enums import Severity
from schemas.forms import FIELDS
from schemas.forms.model import Kind
from schemas.rules import RULE, RULES, in_force
from schemas.rules.outliers import TABLE as COUNTY
from schemas.rules.predicates import blank
from schemas.tables import FILED, FILED_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pandera.pandas import DataFrameSchema

    from pipeline.validation.findings import Found
    from schemas.policy import Policy
    from schemas.rules.model import Rule

_ORDER = {rule.id: place for place, rule in reversed(list(enumerate(RULES)))}
_GRAVITY = {severity.value: place for place, severity in enumerate(Severity)}
_KEY = ("department", "rule", "sheet", "cell", "field", "source_file")
"""What tells a finding on a field from every other; one on no field, a row that is missing, is told by its label."""


def validate(
    tables: Mapping[str, pd.DataFrame],
    first: pd.DataFrame,
    facts: pd.DataFrame,
    policy: Policy,
    county: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Run the register, but for the rules that compare with the county.

    Args:
        tables: the tables that rules read, by name: departments, indicators and blocks.
        first: what reading found: one row per finding with ``rule``, ``field``, ``label``, place and figures.
        facts: one row per department × field, for the places of findings on departments.
        policy: tolerances and thresholds.
        county: what comparing these departments with the county has found (`against_county`).

    Returns:
        One row per breach in the order of the contract, by department, severity and register.
    """
    rules = in_force(policy)
    by_id = {rule.id: rule for rule in reversed(rules)}
    asked = {name: Columns(table) for name, table in tables.items()}
    places = Places(facts)
    found = [
        *([] if county is None else _listed(county)),
        *_from_reading(first, by_id),
        *_filed(asked["departments"], places, by_id),
        *_filed_rows(asked["indicators"], by_id),
        *(each for rule in rules if rule.check and rule.table in asked
          for each in _run(rule, asked[rule.table], places, policy)),
    ]  # fmt: skip
    return _put_together(found, tables["departments"]["department"])


def against_county(table: pd.DataFrame, facts: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Run the rules that compare a department with the county.

    Args:
        table: one row per department of the whole county, as `schemas.rules.county.TABLE` says.
        facts: one row per department × field that these rules point to.
        policy: how far is far, and how many departments are enough to tell.

    Returns:
        One row per breach, as `validate` gives them.
    """
    columns, places = Columns(table), Places(facts)
    rules = [rule for rule in in_force(policy) if rule.check and rule.table == COUNTY]
    found = [each for rule in rules for each in _run(rule, columns, places, policy)]
    return _put_together(found, table["department"])


def added(findings: pd.DataFrame, first: pd.DataFrame, departments: pd.Series[str], policy: Policy) -> pd.DataFrame:
    """Add findings that were found outside the register's checks, in the shape of ``first``, and sort all anew."""
    by_id = {rule.id: rule for rule in reversed(in_force(policy))}
    more = _from_reading(first, by_id)
    return _put_together([*_listed(findings), *more], departments) if more else findings


def _listed(findings: pd.DataFrame) -> list[Found]:
    rows = zip(*(findings[name].tolist() for name in COLUMNS), strict=True)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def _put_together(found: Iterable[Found], departments: Iterable[str]) -> pd.DataFrame:
    """Give each finding once, by department, severity and register."""
    once: dict[tuple[str, ...], Found] = {}
    for each in found:
        once.setdefault((*(each[name] for name in _KEY), "" if each["field"] else each["label"]), each)
    place = {name: at for at, name in enumerate(departments)}
    order = sorted(
        once.values(),
        key=lambda each: (place[each["department"]], _GRAVITY[each["severity"]], _ORDER[each["rule"]]),
    )
    return pd.DataFrame({name: pd.Series([each[name] for each in order], dtype="str") for name in COLUMNS})


# ---------------------------------------------------------------------- what reading and the schema find


def _from_reading(first: pd.DataFrame, rules: Mapping[str, Rule]) -> list[Found]:
    return [worded(rules[row["rule"]], row) for row in first.to_dict("records") if row["rule"] in rules]


def _filed(table: Columns, places: Places, rules: Mapping[str, Rule]) -> Iterator[Found]:
    """Validate the numbers that departments filed, all of them in one column."""
    values = np.stack([table[name] for name in NUMERIC], axis=1)
    people = np.where([FIELDS[name].kind is Kind.COUNT for name in NUMERIC], values, np.nan)
    long = pd.DataFrame({"value": values.ravel(), "people": people.ravel()})
    for at, _, rule in _breaches(FILED, long):
        row, field = divmod(at, len(NUMERIC))
        if rule in rules:
            yield at_field(rules[rule], table, row, NUMERIC[field], places)


def _filed_rows(table: Columns, rules: Mapping[str, Rule]) -> Iterator[Found]:
    """Validate the numbers that departments filed for their indicators."""
    filed = pd.DataFrame({name: table[name] for name in FILED_ROWS.columns})
    for row, column, rule in _breaches(FILED_ROWS, filed):
        if rule in rules:
            yield at_row(rules[rule], table, row, column)


def _breaches(schema: DataFrameSchema, table: pd.DataFrame) -> list[tuple[int, str, str]]:
    """Validate a table of what was filed; give row, column and check, named as its rule, of each failure, in order."""
    try:
        schema.validate(table, lazy=True)
    except pandera.errors.SchemaErrors as breaches:
        cases = breaches.failure_cases
        if not cases["check"].isin(RULE).all():
            raise  # a wrong type is our mistake, not the department's
        place = {name: at for at, name in enumerate(schema.columns)}
        found = zip(map(int, cases["index"]), cases["column"], cases["check"], strict=True)
        return sorted(found, key=lambda case: (place[case[1]], case[0]))  # of many, pandera gives them in no order
    return []


# ---------------------------------------------------------------------- what rules find


def _run(rule: Rule, table: Columns, places: Places, policy: Policy) -> list[Found]:
    """Run one rule over all rows of its table."""
    assert rule.check is not None  # noqa: S101 - the caller chose rules with a check
    with np.errstate(all="ignore"):  # what cannot be computed is NaN, and no breach
        breach = rule.check(table, policy)
        assert breach.dtype == bool  # noqa: S101 - a rule that leaves a row open is our mistake
        for name in rule.needs:
            breach = breach & ~blank(table[name])
        rows = np.flatnonzero(breach).tolist()
        if not rows:
            return []
        expected = rule.expected(table, policy) if rule.expected else None
        cause = rule.cause(table, policy) if rule.cause else None
    found = []
    for row in rows:
        told = {} if expected is None else {"expected": figure(expected[row], KINDS.get(rule.at))}
        told |= {} if cause is None else {"cause": cause[row]}
        if rule.table in {"departments", COUNTY}:
            found.append(at_field(rule, table, row, rule.at, places, told))
        else:
            found.append(at_row(rule, table, row, rule.at, told))
    return found
