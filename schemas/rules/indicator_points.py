"""Rules on the points that a department gives itself for its indicator rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from schemas.enums import Severity
from schemas.rules.model import Rule
from schemas.rules.predicates import NOISE, unexplained_rows

if TYPE_CHECKING:
    from schemas.policy import Policy


def _given_away(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    """Points lost without a reason on a row that is met; of a row with points of its own only."""
    short = (_weight_of_points(table, policy) - table["filed_self_points"]) > policy.tolerance.points + NOISE
    return short & (table["state"] == "met") & (table["ratio_of"] == "row") & unexplained_rows(table)


def _weight_of_points(table: pd.DataFrame, _: Policy) -> pd.Series[float]:
    """Give the weight that points are held against: points of the whole block against the block's."""
    return table["filed_weight"].where(table["ratio_of"] != "block", table["filed_sum"].astype(float))


def _points_above_weight(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    weight = _weight_of_points(table, policy)
    stated = (weight > 0) | (table["filed_weight"] == 0)
    return (table["filed_self_points"] - weight > policy.tolerance.points + NOISE) & stated


def _due(table: pd.DataFrame, _: Policy) -> pd.Series[float]:
    """Give the points that a row with a weight of its own may claim by its attainment; half the last digit is up."""
    return (table["filed_weight"] * table["share"].astype(float)).round(2)


def _points_above_attainment(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    """Points beyond the attainment of a row that fell short: more than they are rounded, full ones to a tenth."""
    claimed, weight = table["filed_self_points"], table["filed_weight"]
    whole, tenth = claimed % 1 == 0, (claimed * 10).round(6) % 1 == 0
    rounding = pd.Series(np.select([claimed >= weight, whole, tenth], [0.05, 0.5, 0.05], 0.005), index=table.index)
    own = (table["ratio_of"] == "row") & (table["weight_size"] == 1) & (table["self_points_size"] == 1)
    more = (claimed - _due(table, policy)) > rounding + policy.tolerance.points + NOISE
    return own & (table["state"] == "partly") & (claimed <= weight) & more


_ROW = "“{level3}”"


RULES: tuple[Rule, ...] = (
    Rule(
        "points_above_weight", Severity.ERROR, "得分高于分值", "附件1-2；评分办法9.4",
        f"{_ROW}自评得分 {{stated}} 分，高于分值 {{expected}} 分。", "请核对得分。",
        "indicators", "self_points", _points_above_weight, _weight_of_points, needs=("filed_self_points",),
    ),
    Rule(
        "points_above_attainment", Severity.WARNING, "得分高于完成比例", "评分办法4；评分办法9.4",
        f"{_ROW}目标“{{target}}”，实际“{{actual}}”，完成 {{attainment}}；"
        "分值 {filed_weight} 分，自评 {stated} 分，按完成比例应为 {expected} 分。",
        "请按完成比例重新计分；另有评分标准的，请说明。",
        "indicators", "self_points", _points_above_attainment, _due, needs=("filed_self_points",),
    ),
    Rule(
        "held_high", Severity.WARNING, "自评得分高于档次", "评分办法5",
        f"{_ROW}的实际完成值“{{stated}}”属于较低档次，自评得分按该档上限计算。", "请核对自评得分。",
        "indicators", "actual", lambda table, _: table["held"] == "high",
    ),
    Rule(
        "held_low", Severity.WARNING, "自评得分低于档次", "评分办法5",
        f"{_ROW}的实际完成值“{{stated}}”属于较高档次，自评得分按该档下限计算。", "请核对自评得分；扣分的请说明原因。",
        "indicators", "actual", lambda table, _: table["held"] == "low",
    ),
    Rule(
        "points_given_away", Severity.WARNING, "扣分没有说明", "评分办法9.4",
        f"{_ROW}已经完成，分值 {{expected}} 分，自评只得 {{stated}} 分，没有说明扣分的原因。",
        "请说明扣分的原因，或核对自评得分。",
        "indicators", "self_points", _given_away, _weight_of_points, needs=("filed_self_points",),
    ),
)  # fmt: skip
