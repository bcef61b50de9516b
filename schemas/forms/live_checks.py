"""What the blank form checks of its own figures while they are typed: sums, parts of a whole, the annexes alike.

Where a check stands is said by a field beside which it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.forms import FIELDS, parts_of

CHECK_HEAD = "自动核对（不打印）"
"""How the head of the column begins in which the blank form shows its checks."""
PAIR = 2
"""Figures that are rounded where two are compared, blank or not."""


@dataclass(frozen=True, slots=True)
class Agree:
    """A total that is the sum of its items, ``words`` being how its message begins; ``least`` figures are rounded."""

    total: str
    items: tuple[str, ...]
    words: str
    least: int = 0


@dataclass(frozen=True, slots=True)
class Within:
    """Items that together are at most the whole."""

    items: tuple[str, ...]
    whole: str
    words: str


@dataclass(frozen=True, slots=True)
class Watch:
    """A cell of the check column, so many rows ``below`` a field's, and what is checked there; ``what`` names it."""

    field: str
    below: int
    what: str
    checks: tuple[Agree | Within, ...]


_COLUMNS = ("outturn", "budget", "prior_outturn")


def _words(field: str) -> str:
    """Give the words of the column that a field of a grid stands in."""
    return FIELDS[field].label.rpartition("·")[2]


def _sum(total: str, what: str) -> Agree:
    return Agree(total, parts_of(total), f"{_words(total)}比{what}之和")


def _sums(line: str) -> tuple[Agree, ...]:
    return tuple(_sum(f"{line}_{column}", "各分项") for column in _COLUMNS)


def _parts(whole: str, *parts: str) -> tuple[Within, ...]:
    return tuple(
        Within(tuple(f"{part}_{column}" for part in parts), total, f"{_words(total)}的分项比合计")
        for column in _COLUMNS
        for total in (f"{whole}_{column}",)
    )


WATCHED = (
    Watch(
        "basic_outturn", 0, "其中数不大于合计，两表一致",
        (
            *_parts("basic", "general_cut"),
            *_parts("basic", "three_public"),
            Agree("basic_outturn", ("spending_basic",), "当年决算数比附件1-2", PAIR),
        ),
    ),
    Watch(
        "three_public_outturn", 0, "等于各分项之和，两表一致",
        (
            *_sums("three_public"),
            Agree("three_public_outturn", ("spending_three_public",), "当年决算数比附件1-2", PAIR),
        ),
    ),
    Watch("vehicles_outturn", 0, "等于各分项之和", _sums("vehicles")),
    Watch(
        "project_outturn", 0, "不小于各专项之和，两表一致",
        (
            *_parts("project", "project_operations", "project_maintenance", "project_county"),
            Agree("project_outturn", ("spending_project",), "当年决算数比附件1-2", PAIR),
        ),
    ),
    Watch(
        "funds_budget", -1, "收入各项之和与预算数相等",
        (_sum("funds_budget", "收入各项"),),
    ),
    Watch(
        "funds_budget", 0, "基本、项目之和与执行数相等",
        (_sum("funds_executed", "基本、项目"),),
    ),
    Watch(
        "funds_budget", 1, "人员、公用之和与基本相等",
        (
            _sum("spending_basic", "人员、公用"),
            Within(("spending_three_public",), "spending_operating", "其中的“三公经费”比公用"),
        ),
    ),
)  # fmt: skip
