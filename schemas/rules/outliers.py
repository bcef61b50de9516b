"""Rules on a department against the county: far from the median of all, where there are enough to tell.

Robust statistics: far is more than so many standard deviations, estimated by the median absolute deviation, so that
the odd ones do not hide each other. A county in which most are alike has no deviation, and nobody is far.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from schemas.enums import EXECUTION, Severity
from schemas.rules.model import Rule

if TYPE_CHECKING:
    from schemas.policy import Policy

_COUNTY = "全县各部门本年数据；稳健统计"
TABLE = "county"
"""The table that these rules read: one row per department of the whole county, with the measures of `COMPARED`, the
median of each (``median_…``), ``claimed``, the points that a department gives itself for its indicators, and
``offered``, what these are worth as filed."""
POINTED = {
    "operating_per_head": "spending_operating",
    "three_public_per_head": "three_public_outturn",
    "budget_execution_rate": "funds_rate_stated",
    "claimed": "total_points",
}
"""By what departments are compared → the field pointed to: measures, and ``claimed``."""
COMPARED = tuple(name for name in POINTED if name != "claimed")
"""The measures by which departments are compared."""
NORMAL = 1.4826
"""Median absolute deviations of a normal distribution in one standard deviation."""


def are_enough(departments: int, policy: Policy) -> bool:
    """Tell whether so many departments can be compared with each other."""
    return departments >= policy.alerts.county_least


def _enough(values: pd.Series[float], policy: Policy) -> bool:
    return are_enough(int(values.notna().sum()), policy)


def _far(name: str, table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    values = table[name]
    apart = (values - values.median()).abs()
    return apart > policy.alerts.county_deviation * apart.median() * NORMAL


def _differ(name: str, table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    """Enough departments have a measure, and it is not the same for most of them."""
    values = table[name]
    spread = (values - values.median()).abs().median()
    return pd.Series(spread > 0 and _enough(values, policy), index=table.index, dtype=bool)


def _rule(id_: str, measure: str, what: str, unit: str) -> Rule:
    return Rule(
        id_, Severity.INFO, f"{what}与全县相差较大", _COUNTY,
        f"{what}为 {{{measure}}}{unit}，全县的中位数为 {{median_{measure}}}{unit}，相差较大。",
        "请核对；属实的不必改。",
        TABLE, POINTED[measure], partial(_far, measure), needs=(measure,), where=partial(_differ, measure),
    )  # fmt: skip


def _median_claimed(table: pd.DataFrame, _: Policy) -> pd.Series[float]:
    return pd.Series(table["claimed"].median(), index=table.index, dtype=float)


def _lacking(table: pd.DataFrame, policy: Policy) -> pd.Series[float]:
    """Give the points of the indicators not claimed, of the weights as filed or else of the policy's."""
    whole = float(sum(each.weight for each in policy.criteria if each.name != EXECUTION))
    return table["offered"].fillna(whole) - policy.tolerance.points - table["claimed"]


def _full(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    return _lacking(table, policy) <= 0


def _most_claim_fewer(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    fewer = _lacking(table, policy).median() > 0 and _enough(table["claimed"], policy)
    return pd.Series(fewer, index=table.index, dtype=bool)


RULES: tuple[Rule, ...] = (
    _rule("operating_unlike_county", "operating_per_head", "人均公用经费", " 万元"),
    _rule("three_public_unlike_county", "three_public_per_head", "人均“三公经费”", " 万元"),
    _rule("execution_unlike_county", "budget_execution_rate", "预算执行率", ""),
    Rule(
        "full_marks_in_county", Severity.INFO, "指标全部自评满分", _COUNTY,
        "产出、效益、满意度各项指标自评都是满分，全县各部门这几部分自评的中位数为 {expected} 分。", "请逐项核实得分。",
        TABLE, POINTED["claimed"], _full, expected=_median_claimed, needs=("claimed",), where=_most_claim_fewer,
    ),
)  # fmt: skip
