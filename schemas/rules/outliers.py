"""Rules on a department against the county: far from the median of all, where there are enough to tell.

Robust statistics: far is more than so many standard deviations, estimated by the median absolute deviation, so that
the odd ones do not hide each other. A county in which most are alike has no deviation, and nobody is far.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from schemas.enums import EXECUTION, Severity
from schemas.rules.compared_with_county import POINTED
from schemas.rules.model import Rule
from schemas.rules.predicates import blank

if TYPE_CHECKING:
    from schemas.policy import Policy
    from schemas.rules.model import Flags, Numbers, Table

_COUNTY = "全县各部门本年数据；稳健统计"
TABLE = "county"
"""What these rules read: one row per department of the whole county, with the measures of
`schemas.rules.compared_with_county`, the median of each (``median_…``), and ``claimed``, the points that a department
gives itself for its indicators."""
NORMAL = 1.4826
"""Median absolute deviations of a normal distribution in one standard deviation."""


def _median(values: Numbers) -> float:
    """Give the median of those that are not blank; a blank where all are."""
    known = values[~blank(values)]
    return float(np.median(known)) if len(known) else np.nan


def _enough(values: Numbers, policy: Policy) -> bool:
    return int((~blank(values)).sum()) >= policy.alerts.county_least


def _far(name: str, table: Table, policy: Policy) -> Flags:
    values = table[name]
    apart = np.abs(values - _median(values))
    spread = _median(apart) * NORMAL
    return (apart > policy.alerts.county_deviation * spread) & (spread > 0) & _enough(values, policy)


def _rule(id_: str, measure: str, what: str, unit: str) -> Rule:
    return Rule(
        id_, Severity.INFO, f"{what}与全县相差较大", _COUNTY,
        f"{what}为 {{{measure}}}{unit}，全县的中位数为 {{median_{measure}}}{unit}，相差较大。",
        "请核对；属实的不必改。",
        TABLE, POINTED[measure], partial(_far, measure),
    )  # fmt: skip


def _full(table: Table, policy: Policy) -> Flags:
    claimed = table["claimed"]
    whole = sum(each.weight for each in policy.criteria if each.name != EXECUTION) - policy.tolerance.points
    return (claimed >= whole) & (_median(claimed) < whole) & _enough(claimed, policy)


RULES: tuple[Rule, ...] = (
    _rule("operating_unlike_county", "operating_per_head", "人均公用经费", " 万元"),
    _rule("three_public_unlike_county", "three_public_per_head", "人均“三公经费”", " 万元"),
    _rule("execution_unlike_county", "budget_execution_rate", "预算执行率", ""),
    Rule(
        "full_marks_in_county", Severity.INFO, "指标全部自评满分", _COUNTY,
        "产出、效益、满意度各项指标自评都是满分，全县各部门这几部分自评的中位数为 {expected} 分。", "请逐项核实得分。",
        TABLE, POINTED["claimed"], _full, lambda table, _: np.full(len(table["claimed"]), _median(table["claimed"])),
    ),
)  # fmt: skip
