"""Rules on 附件1-2 by itself: funds, goals, weights of the blocks, totals and grade."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemas.enums import Severity
from schemas.relations import relation
from schemas.rules.model import Rule
from schemas.rules.predicates import (
    NOISE,
    among,
    differ,
    each_text,
    exceed_whole,
    known_sum,
    off_sum,
    positive,
    probable_cause,
    summed,
    texts,
    unexplained,
)
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    import pandas as pd

    from schemas.policy import Policy

_NUMBER = re.compile(r"\s*\d+(?:\.\d*)?分?\s*")


def _rate(table: pd.DataFrame, _: Policy) -> pd.Series[float]:
    """Give the execution rate, blank where it is not computable (method section 1)."""
    executed = table["funds_executed"]
    return executed.where(executed >= 0) / positive(table["funds_budget"])


def _sum_rule(name: str, title: str, total: str, message: str) -> Rule:
    names = relation(name, total).parts
    return Rule(
        name, Severity.ERROR, title, "附件1-2；评分办法9.6", message, "请核对合计与各分项，改正后重新报送。",
        "departments", total,
        check=lambda table, policy: off_sum(total, names, table, policy),
        expected=lambda table, _: known_sum(table, names),
        cause=lambda table, _: probable_cause(total, names, table),
        needs=(total,),
    )  # fmt: skip


def _no_budget(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return table["funds_budget"] <= 0


def _rate_off(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    return differ(table["funds_rate_stated"], _rate(table, policy), policy.tolerance.rate)


def _low_execution(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    return (_rate(table, policy) < policy.alerts.low_execution - NOISE) & unexplained(table)


def _budget_changed(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    initial = table["funds_initial_budget"]
    change = ((table["funds_budget"] - initial) / positive(initial)).abs()
    return (change >= policy.alerts.budget_changed - NOISE) & unexplained(table)


def _execution_points_off(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    off = differ(table["funds_points"], table["points_execution"], policy.tolerance.points)
    return off & _rate(table, policy).notna()


def _total_off(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    return differ(table["total_points"], table["self_sum"], policy.tolerance.points)


def _goal_repeated(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    """The report on the goals is the goals themselves, whatever their spaces and stops."""
    planned, achieved = (texts(table[name]).map(_words) for name in ("goal_planned", "goal_achieved"))
    return (achieved != "") & (planned == achieved)


def _words(text: str) -> str:
    return re.sub(r"[\W_]+", "", normalise_label(text))


def _grade(table: pd.DataFrame) -> pd.Series[str]:
    """Give the grade that a department gives itself, as written but for blanks around it."""
    return texts(table["grade_stated"]).str.strip()


def _grade_is_number(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return each_text(table["grade_stated"], lambda text: bool(_NUMBER.fullmatch(text)))


def _grade_off(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    stated = _grade(table)
    known = among(stated, [grade.word for grade in policy.grades])
    return known & (stated != table["self_grade"]) & (table["self_grade"] != "")


def _grade_unknown(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    stated = _grade(table)
    known = among(stated, [grade.word for grade in policy.grades])
    return ~known & (stated != "") & ~_grade_is_number(table, policy)


def _grade_blank(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return table["grade_stated"].isna() & ~table["grade_stated_doubtful"]


def _full_marks(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    full = ~differ(table["total_points"], table["full_marks"], policy.tolerance.points) & table["total_points"].notna()
    return full & unexplained(table)


def _far_apart(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    return (table["points_total"] - table["total_points"]).abs() >= policy.alerts.self_difference - NOISE


def _weights_blank(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    """Tell where no weight is filled in; where the head of the weights was not read, there is no cell to be blank."""
    return (table["weight_basis"] == "block") & (table["filed_sum"] == 0) & (table["weight_cell"] != "")


def _in_all(table: pd.DataFrame, _: Policy) -> pd.Series[str]:
    """Say what the weights of a block are in all: the finding stands at the first of them, which is not to be that."""
    return table["block_weight"].map(lambda weight: f"合计{weight:g}").astype(str)


def _sources_rule(total: str, message: str) -> Rule:
    of = relation("funds_below_sources", total)
    return Rule(
        "funds_below_sources", Severity.ERROR, "资金总额小于各项来源", "附件1-2；评分办法9.6", message,
        "请核对资金总额与其下各项，改正后重新报送。",
        "departments", total,
        check=lambda table, policy: exceed_whole(summed(table, of.parts), table[total], policy),
        expected=lambda table, _: summed(table, of.parts),
        needs=(total, *of.needs),
    )  # fmt: skip


_FUNDS: tuple[Rule, ...] = (
    _sum_rule(
        "income_sum", "收入合计与各项不符", "funds_budget",
        "全年预算数填写为 {stated} 万元，各项收入之和为 {expected} 万元{cause}。",
    ),
    _sources_rule("funds_budget", "全年预算数填写为 {stated} 万元，其下各项资金来源之和为 {expected} 万元。"),
    _sources_rule("funds_executed", "全年执行数填写为 {stated} 万元，其中当年财政拨款已执行 {expected} 万元。"),
    _sum_rule(
        "spending_sum", "支出合计与各项不符", "funds_executed",
        "全年执行数填写为 {stated} 万元，基本支出与项目支出之和为 {expected} 万元{cause}。",
    ),
    _sum_rule(
        "basic_sum", "基本支出与分项不符", "spending_basic",
        "基本支出填写为 {stated} 万元，人员经费与公用经费之和为 {expected} 万元{cause}。",
    ),
    Rule(
        "budget_zero", Severity.ERROR, "全年预算数为零", "附件1-2",
        "全年预算数填写为 {stated}，预算执行率无法计算。", "请核对全年预算数。",
        "departments", "funds_budget", _no_budget, needs=("funds_budget",),
    ),
    Rule(
        "execution_rate_stated", Severity.ERROR, "预算执行率与金额不符", "附件1-2；评分办法9.8",
        "预算执行率填写为 {stated}，按执行 {funds_executed} ÷ 预算 {funds_budget} 应为 {expected}。",
        "请核对金额和预算执行率。",
        "departments", "funds_rate_stated", _rate_off, _rate, needs=("funds_rate_stated",),
    ),
    Rule(
        "execution_points", Severity.WARNING, "预算执行率得分与执行率不符", "附件1-2；评分办法1",
        "预算执行率自评 {stated} 分，按 {funds_executed} ÷ {funds_budget} 应得 {expected} 分。", "请按执行率重新计分。",
        "departments", "funds_points", _execution_points_off,
        expected=lambda table, _: table["points_execution"], needs=("funds_points", "funds_budget", "funds_executed"),
    ),
    Rule(
        "low_execution", Severity.WARNING, "预算执行率低而没有说明", "附件1-2；财预〔2013〕53号 预算完成率",
        "全年预算 {funds_budget} 万元，只执行 {stated} 万元，没有说明原因。",
        "请在“偏差及原因分析”中说明原因和下一步措施。",
        "departments", "funds_executed", _low_execution,
        expected=lambda table, _: table["funds_budget"], needs=("funds_executed", "funds_budget"),
    ),
    Rule(
        "budget_changed", Severity.WARNING, "预算调整较大而没有说明", "附件1-2；财预〔2013〕53号 预算控制率",
        "全年预算数 {stated} 万元，年初预算数 {expected} 万元，调整较大，没有说明原因。",
        "请在“偏差及原因分析”中说明调整的原因和批准文件。",
        "departments", "funds_budget", _budget_changed,
        expected=lambda table, _: table["funds_initial_budget"], needs=("funds_budget", "funds_initial_budget"),
    ),
    Rule(
        "part_above_whole", Severity.ERROR, "其中数大于总数", "附件1-1、附件1-2；评分办法9.6",
        "“其中：三公经费”填写为 {stated} 万元，大于它所属的“公用经费” {expected} 万元。",
        "请核对两个数，改正后重新报送。",
        "departments", "spending_three_public",
        check=lambda table, policy: exceed_whole(table["spending_three_public"], table["spending_operating"], policy),
        expected=lambda table, _: table["spending_operating"],
        needs=("spending_three_public", "spending_operating"),
    ),
)  # fmt: skip

_BLOCKS: tuple[Rule, ...] = (
    Rule(
        "block_missing", Severity.ERROR, "缺少一级指标", "附件1-2说明第1条",
        "没有“{criterion_label}”（{block_weight}分）的任何指标，这部分没有得分。", "请按通知设置该部分指标。",
        "blocks", "weight", lambda table, _: table["block_rows"] == 0,
        expected=lambda table, _: table["block_weight"],
    ),
    Rule(
        "aspect_missing", Severity.INFO, "缺少二级指标", "附件1-2说明第3条",
        "“{criterion_label}”下没有{aspects_missing}。", "请核对；确实不涉及的不必增加。",
        "blocks", "level1", lambda table, _: table["aspects_missing"] != "",
    ),
    Rule(
        "block_weight_only", Severity.WARNING, "只填了整块分值", "附件1-2说明第1条；评分办法2",
        "“{criterion_label}”的 {block_rows} 个指标只填了一个分值 {stated}，各指标按均分计算。",
        "请给每个指标分别填写分值和得分。",
        "blocks", "weight", lambda table, _: (table["weight_basis"] == "block") & (table["filed_sum"] > 0),
    ),
    Rule(
        "block_weight_blank", Severity.ERROR, "没有填分值", "附件1-2说明第1条；评分办法2",
        "“{criterion_label}”的 {block_rows} 个指标都没有填分值，暂按均分计算。",
        "请给每个指标填写分值，合计 {block_weight} 分。",
        "blocks", "weight", _weights_blank, expected=_in_all,
    ),
    Rule(
        "block_weight_left", Severity.WARNING, "部分指标没有分值", "附件1-2说明第1条；评分办法2",
        "“{criterion_label}”有指标没有填分值，暂由这些指标均分余下的分值。",
        "请给每个指标填写分值，合计 {block_weight} 分。",
        "blocks", "weight", lambda table, _: table["weight_basis"] == "left",
        expected=_in_all,
    ),
    Rule(
        "block_weight_sum", Severity.ERROR, "分值之和不符", "附件1-2说明第1条；评分办法2",
        "“{criterion_label}”各指标分值之和为 {filed_sum} 分，应为 {block_weight} 分，各指标按比例折算。",
        "请调整各指标分值。",
        "blocks", "weight",
        lambda table, policy: ((table["filed_sum"] > 0) | (table["weight_basis"] == "scaled"))
        & differ(table["filed_sum"], table["block_weight"], policy.tolerance.points)
        & ((table["weight_basis"] != "left") | (table["filed_sum"] > table["block_weight"])),
        expected=_in_all,
    ),
)  # fmt: skip

_TOTALS: tuple[Rule, ...] = (
    Rule(
        "total_sum", Severity.ERROR, "总分与各项得分不符", "附件1-2；评分办法9.6",
        "总分填写为 {stated} 分，各项得分之和为 {expected} 分。", "请核对总分与各项得分。",
        "departments", "total_points", _total_off, lambda table, _: table["self_sum"],
        needs=("total_points",), where=lambda table, _: ~table["funds_points_doubtful"],
    ),
    Rule(
        "total_weight", Severity.ERROR, "分值合计不是满分", "附件1-2说明第1条；评分办法9.7",
        "分值合计填写为 {stated} 分，应为 {expected} 分。", "请核对各项分值。",
        "departments", "total_weight",
        lambda table, policy: differ(table["total_weight"], table["full_marks"], policy.tolerance.points),
        expected=lambda table, _: table["full_marks"], needs=("total_weight",),
    ),
    Rule(
        "grade_is_number", Severity.ERROR, "等级栏填了分数", "附件1-2说明第2条；评分办法9.16",
        "“综合评定等级”填写为 {stated}，应填等级。", "请按总分填写等级：自评总分对应“{expected}”。",
        "departments", "grade_stated", _grade_is_number, lambda table, _: table["self_grade"],
        needs=("grade_stated",),
    ),
    Rule(
        "grade_differs", Severity.ERROR, "等级与总分不符", "附件1-2说明第2条",
        "“综合评定等级”填写为“{stated}”，自评总分 {total_points} 分对应“{expected}”。", "请核对等级与总分。",
        "departments", "grade_stated", _grade_off, lambda table, _: table["self_grade"], needs=("grade_stated",),
    ),
    Rule(
        "grade_unknown", Severity.ERROR, "等级用语不符", "附件1-2说明第2条",
        "“综合评定等级”填写为“{stated}”，不是规定的等级。", "请从规定的等级中选择。",
        "departments", "grade_stated", _grade_unknown, lambda table, _: table["self_grade"], needs=("grade_stated",),
    ),
    Rule(
        "grade_blank", Severity.WARNING, "等级空白", "附件1-2说明第2条",
        "“综合评定等级”没有填写。", "请按总分填写等级。",
        "departments", "grade_stated", _grade_blank, lambda table, _: table["self_grade"],
    ),
    Rule(
        "full_marks", Severity.INFO, "自评满分而没有说明", "评分办法9.14",
        "自评 {stated} 分，各项都是满分，没有任何说明。", "请逐项核实得分。",
        "departments", "total_points", _full_marks, needs=("total_points",),
    ),
    Rule(
        "self_difference", Severity.WARNING, "自评与核算相差较大", "评分办法6",
        "自评 {stated} 分，核算 {expected} 分，相差 {apart} 分。", "请对照各指标的核算说明，核实自评得分。",
        "departments", "total_points", _far_apart, lambda table, _: table["points_total"], needs=("total_points",),
    ),
)  # fmt: skip

_GOALS: tuple[Rule, ...] = (
    Rule(
        "goal_repeated", Severity.WARNING, "完成情况照抄目标", "附件1-2年度总体目标；评分办法9.2",
        "“全年实际完成情况”与“年初预期（设定）目标”的文字完全相同，没有说明实际完成了什么。", "请写明实际完成的情况。",
        "departments", "goal_achieved", _goal_repeated, needs=("goal_planned", "goal_achieved"),
    ),
)  # fmt: skip

RULES: tuple[Rule, ...] = (*_FUNDS, *_GOALS, *_BLOCKS, *_TOTALS)
