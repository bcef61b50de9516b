"""What the blank form checks of its own figures while they are typed: sums, parts of a whole, the annexes alike.

Where a check stands is said by a field beside which it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.forms import FIELDS
from schemas.relations import COLUMNS, Relation, RelationKind, relation

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


def _words(field: str) -> str:
    """Give the words of the column that a field of a grid stands in."""
    return FIELDS[field].label.rpartition("·")[2]


def _check(of: Relation, words: str) -> Agree | Within:
    """Turn a relation into what the form checks; ``words`` begin its message."""
    if of.kind is RelationKind.AT_MOST:
        return Within(of.parts, of.whole, words)
    return Agree(of.whole, of.parts, words, least=PAIR if len(of.parts) == 1 else 0)


def _sums(rule: str, line: str) -> tuple[Agree | Within, ...]:
    totals = [f"{line}_{column}" for column in COLUMNS]
    return tuple(_check(relation(rule, total), f"{_words(total)}比各分项之和") for total in totals)


def _parts(rule: str, whole: str, first_part: str) -> tuple[Agree | Within, ...]:
    totals = [f"{whole}_{column}" for column in COLUMNS]
    return tuple(_check(relation(rule, total, first_part), f"{_words(total)}的分项比合计") for total in totals)


def _both(rule: str, whole: str) -> Agree | Within:
    return _check(relation(rule, whole), "当年决算数比附件1-2")


WATCHED = (
    Watch(
        "basic_outturn", 0, "其中数不大于合计，两表一致",
        (
            *_parts("part_above_whole", "basic", "general_cut"),
            *_parts("part_above_whole", "basic", "three_public"),
            _both("basic_differs", "basic_outturn"),
        ),
    ),
    Watch(
        "three_public_outturn", 0, "等于各分项之和，两表一致",
        (
            *_sums("three_public_sum", "three_public"),
            _both("three_public_differs", "three_public_outturn"),
        ),
    ),
    Watch("vehicles_outturn", 0, "等于各分项之和", _sums("vehicles_sum", "vehicles")),
    Watch(
        "project_outturn", 0, "不小于各专项之和，两表一致",
        (
            *_parts("project_lines_above", "project", ""),
            _both("project_differs", "project_outturn"),
        ),
    ),
    Watch(
        "funds_budget", -1, "收入各项之和与预算数相等",
        (_check(relation("income_sum", "funds_budget"), f"{_words('funds_budget')}比收入各项之和"),),
    ),
    Watch(
        "funds_budget", 0, "基本、项目之和与执行数相等",
        (_check(relation("spending_sum", "funds_executed"), f"{_words('funds_executed')}比基本、项目之和"),),
    ),
    Watch(
        "funds_budget", 1, "人员、公用之和与基本相等",
        (
            _check(relation("basic_sum", "spending_basic"), f"{_words('spending_basic')}比人员、公用之和"),
            _check(relation("part_above_whole", "spending_operating"), "其中的“三公经费”比公用"),
        ),
    ),
)  # fmt: skip
