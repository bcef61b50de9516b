"""Rules on the annexes against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.enums import Severity
from schemas.relations import relations
from schemas.rules.model import Rule
from schemas.rules.predicates import IN_WAN, YUAN, amounts_differ, off_sum, positive, summed

if TYPE_CHECKING:
    import pandas as pd

    from schemas.policy import Policy

_BETWEEN = "附件1-1与附件1-2；评分办法9.9"


def _same(label: str, name: str) -> Rule:
    (of,) = relations(name)
    first, (second,) = of.whole, of.parts
    return Rule(
        name, Severity.ERROR, f"两表{label}不同", _BETWEEN,
        f"附件1-2的{label}为 {{stated}} 万元，附件1-1的决算数为 {{expected}} 万元。", "请核对，两张附表应一致。",
        "departments", second,
        check=lambda table, policy: amounts_differ(table[first], table[second], policy),
        expected=lambda table, _: table[first],
        needs=(first, second),
    )  # fmt: skip


_A_HEAD = 1000
"""万元: far more than anybody costs a year, and far less than what anybody costs comes to in 元."""


def _all_in_yuan(name: str, label: str) -> Rule:
    """Where a whole form is typed in 元, no figure is unlike those beside it; but people are counted in no money."""
    return Rule(
        "all_in_yuan", Severity.ERROR, "可能整张表按元填写", "附件1-1、附件1-2（单位：万元）",
        f"{label}填写为 {{stated}} 万元，在职 {{staff_in_post}} 人，人均不少于 {_A_HEAD} 万元，可能整张表按元填写。",
        IN_WAN,
        "departments", name,
        check=lambda table, _: table[name] / positive(table["staff_in_post"]) >= _A_HEAD,
        expected=lambda table, _: table[name] / YUAN,
        needs=(name, "staff_in_post"),
    )  # fmt: skip


def _left_blank(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return (
        table["spending_three_public"].isna()
        & (table["three_public_outturn"] > 0)
        & ~table["spending_three_public_doubtful"]
    )


def _budgets(table: pd.DataFrame, _: Policy) -> pd.Series[float]:
    return summed(table, ("basic_budget", "project_budget"))


def _budgets_differ(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    return off_sum("funds_budget", ("basic_budget", "project_budget"), table, policy)


RULES: tuple[Rule, ...] = (
    _all_in_yuan("basic_outturn", "附件1-1的部门基本支出决算"),
    _all_in_yuan("spending_personnel", "附件1-2的人员经费"),
    _same("“三公经费”", "three_public_differs"),
    Rule(
        "three_public_left_blank", Severity.ERROR, "附件1-2没有填“三公经费”", _BETWEEN,
        "附件1-2的“其中：三公经费”没有填写，附件1-1的决算数为 {expected} 万元。", "请按附件1-1补填。",
        "departments", "spending_three_public", _left_blank, lambda table, _: table["three_public_outturn"],
        needs=("three_public_outturn",),
    ),
    _same("基本支出", "basic_differs"),
    _same("项目支出", "project_differs"),
    Rule(
        "budget_differs", Severity.WARNING, "两表预算数不同", _BETWEEN,
        "附件1-2的全年预算数为 {stated} 万元，附件1-1的基本支出与项目支出预算合计为 {expected} 万元。",
        "请核对两表预算数的口径（是否含年初结转、是否为调整后预算），不同的请说明。",
        "departments", "funds_budget", _budgets_differ, _budgets,
        needs=("basic_budget", "project_budget", "funds_budget"),
    ),
)  # fmt: skip
