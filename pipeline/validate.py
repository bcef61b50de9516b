"""All departments at once → findings, each at its cell, with what is stated, what is expected and what to do."""

from __future__ import annotations

import math
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pandera.errors

from schemas.annexes import FIELDS, INDICATORS
from schemas.form import Kind
from schemas.measures import MEASURES
from schemas.rule import Severity
from schemas.rules import RULE, RULES, in_force
from schemas.rules.county import TABLE as COUNTY
from schemas.rules.form import NEGATIVE
from schemas.states import Standing
from schemas.tables import FILED, FILED_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pandera.pandas import DataFrameSchema

    from schemas.policy import Policy
    from schemas.rule import Rule

COLUMNS = [
    "department",
    "rule",
    "severity",
    "sheet",
    "cell",
    "field",
    "stated",
    "expected",
    "message",
    "remedy",
    "source_file",
    "standing",
    "label",
]
KINDS: dict[str, Kind] = (
    {name: asked.kind for name, asked in FIELDS.items()}
    | {column.name: column.kind for column in INDICATORS.columns}
    | {f"last_{name}": asked.kind for name, asked in FIELDS.items()}
    | dict.fromkeys(("attainment", "basic_of_budget", "project_of_budget"), Kind.RATE)
    | {f"{of}{each.name}": Kind.AMOUNT if each.unit else Kind.RATE for each in MEASURES for of in ("", "median_")}
    | dict.fromkeys(("filed_sum", "block_weight", "difference", "filed_weight"), Kind.POINTS)
)
CENTS = 2
"""Decimals that an amount is shown with at least."""
_ORDER = {rule.id: place for place, rule in reversed(list(enumerate(RULES)))}
_GRAVITY = {severity.value: place for place, severity in enumerate(Severity)}


_PLACE = ["department", "raw", "label", "sheet", "cell", "source_file"]
Places = dict[Any, pd.DataFrame]
"""By field: its raw value, label and place in each return, one row per department."""


def figure(value: Any, kind: Kind | None) -> str:
    """Write a value as a message shows it: money to the cent or finer, rates in percent, blanks as nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value.strip()
    if kind is Kind.RATE:
        return f"{value:.2%}"
    if kind is Kind.AMOUNT:
        short = f"{value:,.6f}".rstrip("0")
        return f"{value:,.2f}" if len(short.partition(".")[2]) < CENTS else short
    return f"{float(value):.6g}"


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
    places = _places(facts)
    found = [
        *([] if county is None else [county]),
        _from_reading(first, by_id),
        _from_schema(FILED, tables["departments"], places, by_id),
        _from_schema(FILED_ROWS, tables["indicators"], None, by_id),
        *(_run(rule, tables[rule.table], places, policy) for rule in rules if rule.check and rule.table in tables),
    ]
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
    places = _places(facts)
    found = [_run(rule, table, places, policy) for rule in in_force(policy) if rule.check and rule.table == COUNTY]
    return _put_together(found, table["department"])


def _places(facts: pd.DataFrame) -> Places:
    return dict(iter(facts[["field", *_PLACE]].groupby("field")))


def added(findings: pd.DataFrame, first: pd.DataFrame, departments: pd.Series[str], policy: Policy) -> pd.DataFrame:
    """Add findings that were found outside the register's checks, in the shape of ``first``, and sort all anew."""
    by_id = {rule.id: rule for rule in reversed(in_force(policy))}
    return _put_together([findings, _from_reading(first, by_id)], departments)


def _put_together(found: list[pd.DataFrame], departments: pd.Series[str]) -> pd.DataFrame:
    table = pd.concat([each for each in found if len(each)], ignore_index=True) if any(map(len, found)) else found[0]
    table = table.drop_duplicates(["department", "rule", "sheet", "cell", "field", "source_file"])
    return _sorted(table[COLUMNS], list(departments))


def _sorted(findings: pd.DataFrame, departments: Iterable[str]) -> pd.DataFrame:
    place = {name: at for at, name in enumerate(departments)}
    keys = (
        findings["rule"].map(_ORDER),
        findings["severity"].map(_GRAVITY),
        findings["department"].map(place),
    )
    return findings.iloc[np.lexsort([key.to_numpy() for key in keys])].reset_index(drop=True)


def _written(rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
    """Write message and remedy of each row from its figures."""
    named = sorted(_named(rule))
    shown = rows[named].to_dict("records") if named else [{}] * len(rows)
    made = rows.assign(
        rule=rule.id,
        severity=rule.severity.value,
        standing=(Standing.TRIAL if rule.trial else Standing.COUNTED).value,
        message=[_filled(rule.message, row) for row in shown],
        remedy=[_filled(rule.remedy, row) for row in shown],
    )
    return made[COLUMNS]


@lru_cache(maxsize=512)
def _named(rule: Rule) -> frozenset[str]:
    """Give what message and remedy of a rule name."""
    texts = (rule.message, rule.remedy)
    return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name)


def _read(rule: Rule, table: pd.DataFrame, at: str = "") -> list[str]:
    """Give the columns of a table that the findings of a rule are made from: few of several hundred."""
    at = at or rule.at
    cell = at.removeprefix("filed_")
    wanted = {*_named(rule), *_ALWAYS, at, cell, f"raw_{cell}", f"{cell}_cell"}
    return [name for name in table.columns if name in wanted]


_ALWAYS = ("department", "sent_as", "source_file", "sheet", "level3", "criterion_label")


def _filled(template: str, row: Mapping[Any, Any]) -> str:
    class Shown(dict[str, str]):
        def __missing__(self, name: str) -> str:
            return " ".join(figure(row[name], KINDS.get(name)).split())

    return template.format_map(Shown())


def _from_reading(first: pd.DataFrame, rules: Mapping[str, Rule]) -> pd.DataFrame:
    held = first[first["rule"].isin(rules)]
    parts = [_written(rules[str(name)], rows) for name, rows in held.groupby("rule", sort=False)]
    return pd.concat(parts) if parts else pd.DataFrame(columns=COLUMNS)


def _from_schema(
    schema: DataFrameSchema, table: pd.DataFrame, places: Places | None, rules: Mapping[str, Rule]
) -> pd.DataFrame:
    """Validate what was filed, once for all departments; a failed check is named as its rule."""
    try:
        schema.validate(table[list(schema.columns)], lazy=True)
    except pandera.errors.SchemaErrors as breaches:
        cases = breaches.failure_cases
        ours = cases[~cases["check"].isin(RULE)]
        if len(ours):
            raise  # a wrong type is our mistake, not the department's
        parts = [
            _at_cells(
                rules[str(check)],
                table.loc[rows["index"], _read(rules[str(check)], table, str(column))],
                str(column),
                places,
            )
            for (check, column), rows in cases.groupby(["check", "column"], sort=False)
            if check in rules
        ]
        return pd.concat(parts) if parts else pd.DataFrame(columns=COLUMNS)
    return pd.DataFrame(columns=COLUMNS)


def _run(rule: Rule, table: pd.DataFrame, places: Places, policy: Policy) -> pd.DataFrame:
    """Run one rule over all rows of its table."""
    assert rule.check is not None  # noqa: S101 - the caller chose rules with a check
    breach = rule.check(table, policy).fillna(value=False).astype(bool)
    for name in rule.needs:
        breach &= table[name].notna()
    if not breach.any():
        return pd.DataFrame(columns=COLUMNS)
    hits = table.loc[breach, _read(rule, table)]
    kind = KINDS.get(rule.at)
    if rule.expected:
        hits = hits.assign(expected=[figure(value, kind) for value in rule.expected(table, policy)[breach]])
    if rule.cause:
        hits = hits.assign(cause=rule.cause(table, policy)[breach])
    return _at_cells(rule, hits, rule.at, places if rule.table in {"departments", COUNTY} else None)


def _at_cells(rule: Rule, hits: pd.DataFrame, at: str, places: Places | None) -> pd.DataFrame:
    """Give each hit the cell it points to, and what stands there."""
    if places is not None:
        place = places[at].drop(columns="field") if at in places else pd.DataFrame(columns=_PLACE)
        hits = hits.drop(columns=[name for name in _PLACE[1:] if name in hits]).merge(
            place, on="department", how="left"
        )
        hits = hits.assign(
            stated=hits["raw"].fillna("").str.strip(), source_file=hits["source_file"].fillna(hits["sent_as"])
        )
        hits = hits.assign(**{name: hits[name].fillna("") for name in ("sheet", "cell")})
        hits = hits.assign(label=hits["label"].fillna(FIELDS[at].label))
    else:
        at = at.removeprefix("filed_")
        raw = hits[f"raw_{at}"] if f"raw_{at}" in hits else hits[at] if at in hits else pd.Series("", index=hits.index)
        about = "level3" if "level3" in hits else "criterion_label"
        hits = hits.assign(stated=raw.fillna("").astype(str).str.strip(), label=hits[about])
        hits = hits.assign(cell=hits[f"{at}_cell"].fillna(""))
    hits = hits.assign(field=at)
    if "expected" not in hits:
        hits = hits.assign(expected="0" if rule.id == NEGATIVE.id else "")
    return _written(rule, hits)
