"""Rules on 附件1-1 by itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from schemas.enums import Severity
from schemas.forms import FIELDS, parts_of
from schemas.relations import COLUMNS, relation, relations
from schemas.rules.model import Rule
from schemas.rules.predicates import (
    IN_WAN,
    NOISE,
    YUAN,
    amounts_differ,
    differ,
    exceed_whole,
    explains,
    known_sum,
    off_sum,
    positive,
    probable_cause,
    side_by_side,
    summed,
    unexplained,
)

if TYPE_CHECKING:
    from schemas.policy import Policy
    from schemas.relations import Relation

_LINES = (
    "basic",
    "three_public",
    "vehicles",
    "vehicle_running",
    "reception",
    "overseas",
    "project",
    "project_operations",
    "project_maintenance",
    "project_county",
    "procurement",
)
_COPIED = ("basic", "vehicle_purchase", "vehicle_running", "reception", "overseas", "project")
"""Lines of which the others are sums."""
_SUMS = {
    "three_public": "公务用车、公务接待、出国（境）三项之和",
    "vehicles": "公车购置、公车运行维护两项之和",
}
"""Lines that are sums of others, and how messages speak of these."""


def _sum_rule(item: str, column: str) -> Rule:
    total, what = f"{item}_{column}", _SUMS[item]
    names = relation(f"{item}_sum", total).parts
    return Rule(
        f"{item}_sum", Severity.ERROR, f"{FIELDS[total].label.split('·')[0]}与分项不符", "附件1-1；评分办法9.10",
        f"“{FIELDS[total].label}”填写为 {{stated}} 万元，{what}为 {{expected}} 万元{{cause}}。",
        "请核对合计与各分项，改正后重新报送。",
        "departments", total,
        check=lambda table, policy: off_sum(total, names, table, policy),
        expected=lambda table, _: known_sum(table, names),
        cause=partial(_cause, item, column),
        needs=(total,),
    )  # fmt: skip


def _cause(item: str, column: str, table: pd.DataFrame, policy: Policy) -> pd.Series[str]:
    """Give the probable cause of a wrong total, two columns filled in for each other first."""
    total = f"{item}_{column}"
    told = probable_cause(total, parts_of(total), table)
    sums = {each: summed(table, parts_of(f"{item}_{each}")) for each in COLUMNS}
    for other in COLUMNS:
        if other != column:
            crossed = ~amounts_differ(table[total], sums[other], policy)
            crossed &= ~amounts_differ(table[f"{item}_{other}"], sums[column], policy)
            label = FIELDS[f"{item}_{other}"].label.split("·")[1]
            crossed &= sums[other].notna() & sums[column].notna()
            told = told.mask(crossed, f"，可能与“{label}”填反了")
    return told


def _part_rule(of: Relation) -> Rule:
    whole, (part,) = of.whole, of.parts
    return Rule(
        "part_above_whole", Severity.ERROR, "其中数大于总数", "附件1-1、附件1-2；评分办法9.6",
        f"“{FIELDS[part].label}”填写为 {{stated}} 万元，大于它所属的“{FIELDS[whole].label}” {{expected}} 万元。",
        "请核对两个数，改正后重新报送。",
        "departments", part,
        check=lambda table, policy: exceed_whole(table[part], table[whole], policy),
        expected=lambda table, _: table[whole],
        needs=(part, whole),
    )  # fmt: skip


def _lines_rule(of: Relation) -> Rule:
    total, names = of.whole, of.parts
    return Rule(
        "project_lines_above", Severity.ERROR, "项目支出小于分项之和", "附件1-1；评分办法9.6",
        f"“{FIELDS[total].label}”填写为 {{stated}} 万元，其下三个专项之和为 {{expected}} 万元，超过了合计。",
        "请核对合计与各专项，改正后重新报送。",
        "departments", total,
        check=lambda table, policy: exceed_whole(summed(table, names), table[total], policy)
        & off_sum(total, names, table, policy),
        expected=lambda table, _: known_sum(table, names),
        needs=(total,),
    )  # fmt: skip


def _copied_rule(line: str) -> Rule:
    """A budget that is last year's outturn to the cent; amounts in whole 万元 may well be the same."""
    budget, before = f"{line}_budget", f"{line}_prior_outturn"
    return Rule(
        "budget_copied", Severity.INFO, "预算数与上年决算数相同", "附件1-1",
        f"“{FIELDS[budget].label}”与上年决算数都是 {{stated}} 万元，可能是照抄上年决算。",
        "请核对当年预算数；确实相同的不必改。",
        "departments", budget,
        check=lambda table, _: ~differ(table[budget], table[before], NOISE) & (table[before] % 1 > 0),
        expected=lambda table, _: table[before],
        needs=(budget, before),
    )  # fmt: skip


def _in_yuan(item: str, column: str) -> Rule:
    """An amount about 10,000 times those beside it on its line was typed in 元, and the line's others in 万元."""
    name = f"{item}_{column}"
    others = [f"{item}_{each}" for each in COLUMNS if each != column]
    return Rule(
        "yuan_for_wan", Severity.ERROR, "可能按元填写", "附件1-1（单位：万元）",
        f"“{FIELDS[name].label}”填写为 {{stated}} 万元，约为同一行其他数的一万倍，可能是按元填写。",
        IN_WAN,
        "departments", name,
        check=lambda table, policy: _is_so_many_times(table, name, others, *policy.alerts.yuan_for_wan),
        expected=lambda table, _: table[name] / YUAN,
        needs=(name,),
        where=lambda table, _: _some_positive(table, others),
    )  # fmt: skip


def _some_positive(table: pd.DataFrame, names: list[str]) -> pd.Series[bool]:
    """Tell where one of some amounts is above zero."""
    return pd.Series((side_by_side(table, names) > 0).any(axis=0), index=table.index, dtype=bool)


def _is_so_many_times(table: pd.DataFrame, name: str, others: list[str], low: float, high: float) -> pd.Series[bool]:
    """Tell where an amount is so many times the largest of the other amounts of its line, if that is above zero."""
    largest = np.fmax.reduce(side_by_side(table, others))  # blanks are passed over
    times = table[name].to_numpy() / np.where(largest > 0, largest, np.nan)
    return pd.Series((times >= low) & (times <= high), index=table.index, dtype=bool)


def _staffing_rate(table: pd.DataFrame, _: Policy) -> pd.Series[float]:
    return table["staff_in_post"] / positive(table["authorised_posts"])


def _staffing_rate_off(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    return differ(table["staffing_control_rate_stated"], _staffing_rate(table, policy), policy.tolerance.rate)


def _overstaffed(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return table["staff_in_post"] > table["authorised_posts"]


def _project_lines_blank(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    lines = [f"project_{line}_outturn" for line in ("operations", "maintenance", "county")]
    unread = table[[f"{line}_doubtful" for line in lines]].any(axis="columns")
    return (table["project_outturn"] > 0) & table[lines].isna().all(axis="columns") & ~unread


def _unexplained_above(other: str, table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    """三公 above last year's or above its budget, nothing explained; silent where one of the two is itself in doubt."""
    more = exceed_whole(table["three_public_outturn"], table[other], policy)
    doubtful = table["three_public_outturn"].isna()
    for total in ("three_public_outturn", other):
        doubtful |= off_sum(total, parts_of(total), table, policy)
    return more & ~doubtful & unexplained(table)


def _unexplained_rule(name: str, title: str, other: str, words: str) -> Rule:
    return Rule(
        name, Severity.WARNING, title, "财预〔2013〕53号；评分办法9.11",
        f"“三公经费”决算 {{stated}} 万元，{words} {{expected}} 万元，没有说明原因。",
        "请核对；属实的，请在“偏差及原因分析”中说明。",
        "departments", "three_public_outturn",
        check=partial(_unexplained_above, other),
        expected=lambda table, _: table[other],
        needs=("three_public_outturn", other),
    )  # fmt: skip


def _off_budget(item: str, table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    budget = table[f"{item}_budget"]
    off = ((table[f"{item}_outturn"] - budget) / positive(budget)).abs()
    return off >= policy.alerts.outturn_off_budget - NOISE


def _off_budget_rule(item: str, label: str) -> Rule:
    return Rule(
        "outturn_off_budget", Severity.WARNING, "决算与预算相差较大", "附件1-1；财预〔2013〕53号 预决算差异率",
        f"{label}决算 {{{item}_outturn}} 万元，是预算 {{{item}_budget}} 万元的 {{{item}_of_budget}}。",
        "请核对预算数口径（年初预算或调整后预算），并在“偏差及原因分析”中说明。",
        "departments", f"{item}_outturn",
        check=partial(_off_budget, item),
        expected=lambda table, _: table[f"{item}_budget"],
        needs=(f"{item}_outturn", f"{item}_budget"),
    )  # fmt: skip


RULES: tuple[Rule, ...] = (
    Rule(
        "staffing_rate_stated", Severity.ERROR, "控制率与人数不符", "附件1-1；财预〔2013〕53号 在职人员控制率",
        "控制率填写为 {stated}，按在职 {staff_in_post} 人 ÷ 编制 {authorised_posts} 人应为 {expected}。",
        "请核对人数和控制率。",
        "departments", "staffing_control_rate_stated", _staffing_rate_off, _staffing_rate,
        needs=("staffing_control_rate_stated",),
    ),
    Rule(
        "overstaffed", Severity.WARNING, "超编", "财预〔2013〕53号 在职人员控制率",
        "在职 {staff_in_post} 人超过编制 {authorised_posts} 人。", "请核对人数；确属超编的，请说明原因。",
        "departments", "staff_in_post", _overstaffed, lambda table, _: table["authorised_posts"],
        needs=("staff_in_post", "authorised_posts"),
    ),
    *(_sum_rule(item, column) for item in _SUMS for column in COLUMNS),
    Rule(
        "project_lines_blank", Severity.WARNING, "项目支出没有分项", "附件1-1；评分办法9.12",
        "项目支出决算 {stated} 万元，其下业务工作、运行维护、县级专项各项都是空白。", "请把项目支出分解填到各专项。",
        "departments", "project_outturn", _project_lines_blank, needs=("project_outturn",),
    ),
    _unexplained_rule("three_public_up", "三公经费比上年增加", "three_public_prior_outturn", "高于上年决算"),
    _unexplained_rule("three_public_over_budget", "三公经费超过预算", "three_public_budget", "超过预算"),
    *(_in_yuan(item, column) for item in _LINES for column in COLUMNS),
    _off_budget_rule("basic", "基本支出"),
    _off_budget_rule("project", "项目支出"),
    *(_part_rule(each) for each in relations("part_above_whole") if each.whole.startswith("basic_")),
    *map(_lines_rule, relations("project_lines_above")),
    *map(_copied_rule, _COPIED),
    Rule(
        "economy_blank", Severity.WARNING, "厉行节约保障措施空白", "附件1-1",
        "“厉行节约保障措施”没有填写。", "请填写本年度厉行节约的做法。",
        "departments", "economy_measures",
        lambda table, _: ~explains(table["economy_measures"]) & ~table["economy_measures_doubtful"],
    ),
)  # fmt: skip
