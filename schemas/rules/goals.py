"""Rules on 年度总体目标: the goals in running text against the report on them and against the indicator rows.

They read the columns that `pipeline.validation.goals` adds. All are on trial, because running text is prose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.enums import Severity
from schemas.rules.model import Breaches, Rule
from schemas.rules.predicates import unexplained

if TYPE_CHECKING:
    import pandas as pd

    from schemas.policy import Policy

_GOALS = "附件1-2年度总体目标；评分办法9.5"


def _told(column: str) -> Breaches:
    return lambda table, _: table[column] != ""


def _missed(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return (table["goals_missed"] != "") & unexplained(table)


def _goal_set(side: str) -> Breaches:
    return lambda table, _: table["goal_set"] == side


RULES: tuple[Rule, ...] = (
    Rule(
        "goal_without_indicator", Severity.INFO, "目标没有对应的指标", _GOALS,
        "年初预期目标中的{goals_without_row}，在绩效指标中没有找到对应的指标。",
        "请为量化的目标设置相应的指标；已有指标反映的，请核对指标名称。",
        "departments", "goal_planned", _told("goals_without_row"), needs=("goal_planned",), trial=True,
    ),
    Rule(
        "goal_left_out", Severity.INFO, "目标没有说明完成情况", _GOALS,
        "年初预期目标中的{goals_left_out}，在“全年实际完成情况”中没有提到。",
        "请逐项写明目标的完成情况；没有开展的，请说明原因。",
        "departments", "goal_achieved", _told("goals_left_out"), needs=("goal_planned", "goal_achieved"), trial=True,
    ),
    Rule(
        "goal_missed", Severity.WARNING, "总体目标没有完成而没有说明", _GOALS,
        "年初预期目标{goals_missed}，没有达到目标，也没有说明原因。",
        "请核对两处的数；确实没有完成的，请在“偏差及原因分析”中说明原因。",
        "departments", "goal_achieved", _missed, needs=("goal_planned", "goal_achieved"), trial=True,
    ),
    Rule(
        "goal_set_lower", Severity.WARNING, "指标值低于总体目标", _GOALS,
        "“{level3}”的年度指标值是“{target}”，比年初预期目标“{goal_passage}”的要求低。",
        "请核对，指标值应与年初预期目标一致；调整过目标的，请说明原因。",
        "indicators", "target", _goal_set("lower"), trial=True,
    ),
    Rule(
        "goal_set_higher", Severity.INFO, "指标值高于总体目标", _GOALS,
        "“{level3}”的年度指标值是“{target}”，比年初预期目标“{goal_passage}”的要求高，两处不一致。",
        "请核对，指标值应与年初预期目标一致。",
        "indicators", "target", _goal_set("higher"), trial=True,
    ),
)  # fmt: skip
