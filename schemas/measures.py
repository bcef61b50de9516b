"""The measures of a whole department: one declaration a rate, with its formula and source.

Every measure is ``numerator / denominator``, each a sum of fields (``-`` before a name subtracts it), so that the
same declaration gives the vector, the formula of a workbook and the words of the method.

Source of the set: 财预〔2013〕53号, 部门整体支出共性指标体系框架 (method section 8). What these annexes do not carry
(支付进度率, 公用经费控制率, 重点支出安排率, 固定资产利用率, 重点工作办结率) is not invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from schemas.forms import FIELDS

if TYPE_CHECKING:
    import pandas as pd

_FRAMEWORK = "财预〔2013〕53号"


@dataclass(frozen=True, slots=True)
class Measure:
    """A rate of the whole department; ``unit`` is "" for a fraction."""

    name: str
    label: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    source: str = _FRAMEWORK
    unit: str = ""

    def fields(self) -> tuple[str, ...]:
        """Give the fields the measure is computed from, each once."""
        return tuple(dict.fromkeys(name.removeprefix("-") for name in self.numerator + self.denominator))

    def formula(self) -> str:
        """Give the formula in words."""
        unit = f"（{self.unit}）" if self.unit else ""
        return f"{_spoken(self.numerator)} ÷ {_spoken(self.denominator)}{unit}"


COUNTED = {"indicators_met": "完成的指标数", "indicator_rows": "指标数"}
"""What measures count that is no field of the forms."""


def name_of(field: str) -> str:
    """Give what people call a field or a count."""
    return COUNTED[field] if field in COUNTED else FIELDS[field].label


@cache
def _spoken(terms: tuple[str, ...]) -> str:
    text = ""
    for term in terms:
        text += ("−" if term.startswith("-") else "+" if text else "") + name_of(term.removeprefix("-"))
    return f"（{text}）" if len(terms) > 1 else text


def total(terms: tuple[str, ...], departments: pd.DataFrame) -> pd.Series[float]:
    """Give the sum of the terms for each department: blank where one of them is."""
    first, *rest = (-departments[name[1:]] if name.startswith("-") else departments[name] for name in terms)
    return sum(rest, first)


def _change(item: str, label: str) -> Measure:
    """(本年决算 − 上年决算) / 上年决算: officially budget to budget, but annex 1-1 has no budget of last year."""
    return Measure(
        f"{item}_change_rate",
        f"{label}变动率（决算比上年决算）",
        (f"{item}_outturn", f"-{item}_prior_outturn"),
        (f"{item}_prior_outturn",),
    )


def _control(item: str, label: str) -> Measure:
    """决算 / 预算."""
    return Measure(f"{item}_control_rate", f"{label}控制率", (f"{item}_outturn",), (f"{item}_budget",))


def _deviation(item: str, label: str) -> Measure:
    """(决算 − 预算) / 预算."""
    return Measure(
        f"{item}_deviation_rate",
        f"{label}预决算差异率",
        (f"{item}_outturn", f"-{item}_budget"),
        (f"{item}_budget",),
    )


def _share(field: str, label: str, whole: str) -> Measure:
    return Measure(f"{field}_share", label, (field,), (whole,))


MEASURES: tuple[Measure, ...] = (
    Measure("staffing_control_rate", "在职人员控制率", ("staff_in_post",), ("authorised_posts",)),
    _change("three_public", "“三公经费”"),
    _change("vehicles", "公务用车购置和维护经费"),
    _change("reception", "公务接待"),
    _change("overseas", "出国（境）经费"),
    _control("three_public", "“三公经费”"),
    _control("vehicles", "公务用车购置和维护经费"),
    _control("reception", "公务接待"),
    _control("overseas", "出国（境）经费"),
    Measure("budget_execution_rate", "预算执行率", ("funds_executed",), ("funds_budget",)),
    Measure(
        "budget_adjustment_rate",
        "预算调整率（追加由全年预算数、年初预算数推算）",
        ("funds_budget", "-funds_initial_budget"),
        ("funds_initial_budget",),
    ),
    _deviation("basic", "基本支出"),
    _deviation("project", "项目支出"),
    _change("basic", "基本支出"),
    _change("project", "项目支出"),
    Measure("procurement_execution_rate", "政府采购执行率", ("procurement_outturn",), ("procurement_budget",)),
    Measure(
        "carryover_rate",
        "结转结余率（由全年预算数、全年执行数推算）",
        ("funds_budget", "-funds_executed"),
        ("funds_budget",),
    ),
    Measure(
        "carryover_change_rate",
        "结转结余变动率（年末数由全年预算数、全年执行数推算）",
        ("funds_budget", "-funds_executed", "-income_carryover"),
        ("income_carryover",),
    ),
    _share("income_general", "一般公共预算拨款占收入", "funds_budget"),
    _share("income_fund", "政府性基金拨款占收入", "funds_budget"),
    _share("income_nontax", "纳入管理的非税收入拨款占收入", "funds_budget"),
    _share("income_carryover", "年初结转结余占收入", "funds_budget"),
    _share("income_other", "其他收入占收入", "funds_budget"),
    _share("spending_basic", "基本支出占支出", "funds_executed"),
    _share("spending_project", "项目支出占支出", "funds_executed"),
    _share("spending_personnel", "人员经费占基本支出", "spending_basic"),
    _share("spending_operating", "公用经费占基本支出", "spending_basic"),
    Measure("operating_per_head", "人均公用经费", ("spending_operating",), ("staff_in_post",), unit="万元/人"),
    Measure(
        "three_public_per_head",
        "人均“三公经费”",
        ("three_public_outturn",),
        ("staff_in_post",),
        unit="万元/人",
    ),
    Measure(
        "indicator_completion_rate",
        "实际完成率（判定为“完成”的指标占比）",
        ("indicators_met",),
        ("indicator_rows",),
    ),
)
MEASURE: dict[str, Measure] = {measure.name: measure for measure in MEASURES}


ITEMS = (
    ("three_public", "三公经费"),
    ("vehicles", "公务用车"),
    ("reception", "公务接待"),
    ("overseas", "出国（境）"),
)
"""The three public expenses in all and one by one: how their fields begin, and their short names."""
