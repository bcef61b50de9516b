"""The policy of a year in words: each number with what it is for and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.scoring.reference_points import asked
from schemas.measures import MEASURES
from schemas.policy import Linear, Lookup, WholeSteps
from schemas.rules import RULE, in_force

if TYPE_CHECKING:
    from schemas.policy import Policy

Term = tuple[str, str, str]
"""What it is, what holds, and its source."""


def policy_terms(policy: Policy) -> list[Term]:
    """Give all that is evaluated by, from weights to formulas.

    Raises:
        PolicyError: the policy speaks of a rule or a measure that there is not.
    """
    in_force(policy)
    asked(policy)
    alarms = policy.alarms
    return [
        ("政策文件", f"{policy.circular}（{policy.year}年度）", f"sha256 {policy.sha256}"),
        *([("沿用", policy.in_place, f"政策文件 {policy.file}")] if policy.in_place else []),
        *((f"分值：{each.label}", f"{each.weight:g}分", each.source) for each in policy.criteria),
        ("等级", policy.in_words()["grades"], policy.grades[0].source),
        *_method(policy),
        *_limits(policy),
        *(
            (f"规则轻重：{RULE[each.rule].title}", f"改为“{each.severity.label}”", each.reason)
            for each in policy.severities
        ),
        *((each.label, each.formula(), each.source) for each in MEASURES),
        *(
            (f"参考分（不计入100分）：{each.label}", f"满分 {each.weight:g} 分，{_curve(each.curve)}", each.source)
            for each in policy.reference
        ),
        ("红色预警（不计入100分）", f"预算执行率落后于指标得分率超过 {alarms.red_lag:.0%}", alarms.red_lag_source),
        ("黄色预警（不计入100分）", f"未使用的预算超过 {alarms.yellow_unspent:.0%}", alarms.yellow_unspent_source),
    ]


def _curve(curve: Linear | WholeSteps | Lookup) -> str:
    sides = {"above": "高于", "below": "低于", "either": "偏离"}
    match curve:
        case Linear():
            return f"{sides[curve.direction]} {curve.limit:.0%} 的，每超1个百分点扣 {curve.per_point:g} 分"
        case WholeSteps():
            side = sides[curve.direction]
            return f"{side} {curve.limit:.0%} 的，每满 {curve.step:.0%} 扣 {curve.per_step:g} 分"
        case Lookup():
            bands = "、".join(f"不超过 {band.upto:.0%} 得 {band.points:g} 分" for band in curve.bands)
            return f"{bands}，再高不得分"


def _method(policy: Policy) -> list[Term]:
    bands = policy.qualitative
    spans = "、".join(
        f"{words}（{band.high:.0%}-{band.low:.0%}）"
        for words, band in (("达成", bands.achieved), ("部分达成", bands.partly), ("未达成", bands.missed))
    )
    quantity = "完成得满分；未完成的按完成率得分；越低越好的指标超过目标的，按超过的比例扣分"
    return [
        ("预算执行率得分", "分值 × 全年执行数 ÷ 全年预算数，不超过分值", "附件1-2说明"),
        ("定量指标", quantity, "财预〔2020〕10号"),
        ("定性指标", f"按文字归入{spans}，在该档内按自评比例得分", bands.source),
        ("只写“完成”的定量指标", f"实际只写{'、'.join(bands.affirmed.words)}的，按完成计", bands.affirmed.source),
        ("未填报", "没有填实际完成值的不得分，分值单列为“未填报分值”", "本程序自定"),
        ("待定", "从填写内容判断不出的暂不计分，分值单列为“待定分值”，由复核人员决定", "本程序自定"),
        ("取整", "各项得分精确计算后四舍五入到0.01分，总分为各项之和", "本程序自定"),
    ]


def _limits(policy: Policy) -> list[Term]:
    tolerance, alerts = policy.tolerance, policy.alerts
    low, high = alerts.yuan_for_wan
    return [
        ("容差：金额", f"每个数 {tolerance.amount:g} 万元，比较或相加几个数即几倍", tolerance.amount_source),
        ("容差：比率", f"{tolerance.rate:.1%}", tolerance.rate_source),
        ("容差：得分", f"{tolerance.points:g} 分", tolerance.points_source),
        ("提醒：远超目标", f"完成率达到 {alerts.far_above_target:.0%}", alerts.far_above_target_source),
        ("提醒：自评与核算相差", f"{alerts.self_difference:g} 分", alerts.self_difference_source),
        ("提醒：决算与预算相差", f"{alerts.outturn_off_budget:.0%}", alerts.outturn_off_budget_source),
        ("提醒：可能按元填写", f"同一行其他数的 {low:g} 至 {high:g} 倍", alerts.yuan_for_wan_source),
        ("提醒：预算执行率低", f"低于 {alerts.low_execution:.0%} 而没有说明", alerts.low_execution_source),
        ("提醒：预算调整较大", f"达到 {alerts.budget_changed:.0%} 而没有说明", alerts.budget_changed_source),
        ("与全县比较：至少的部门数", f"{alerts.county_least} 个", alerts.county_least_source),
        ("与全县比较：离群界线", f"{alerts.county_deviation:g} 倍", alerts.county_deviation_source),
        ("不会超过100%的比率", "、".join(policy.at_most_whole.words), policy.at_most_whole.source),
        ("越少越好的指标（名称结尾）", "、".join(policy.less_is_better.words), policy.less_is_better.source),
        ("成本指标的名称", "、".join(policy.cost.words), policy.cost.source),
        ("属于投入的名称", "、".join(policy.inputs.words), policy.inputs.source),
    ]
