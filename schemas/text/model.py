"""What a target or an actual says, as read: `Target`, and how one is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class Sort(StrEnum):
    """What a cell of the column is."""

    MEASURE = "measure"
    DEADLINE = "deadline"
    WORDS = "words"
    PLACEHOLDER = "placeholder"
    BLANK = "blank"
    DOUBTFUL = "doubtful"
    """An error value or a formula without a saved result: something stands there, and it cannot be read."""


class Comparison(StrEnum):
    """How an actual is held against a target. NONE: a bare number."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"
    EQUAL = "equal"
    BETWEEN = "between"
    NONE = ""

    @property
    def label(self) -> str:
        """What people call it."""
        return _LABELS[self]


_LABELS = {
    Comparison.AT_LEAST: "不低于",
    Comparison.MORE_THAN: "高于",
    Comparison.AT_MOST: "不高于",
    Comparison.LESS_THAN: "低于",
    Comparison.EQUAL: "等于",
    Comparison.BETWEEN: "在其间",
    Comparison.NONE: "没有比较词",
}
UPWARDS = (Comparison.AT_LEAST, Comparison.MORE_THAN)
DOWNWARDS = (Comparison.AT_MOST, Comparison.LESS_THAN)
SIGNS = {
    Comparison.AT_LEAST: "≥",
    Comparison.MORE_THAN: "＞",
    Comparison.AT_MOST: "≤",
    Comparison.LESS_THAN: "＜",
    Comparison.EQUAL: "＝",
    Comparison.BETWEEN: "",
    Comparison.NONE: "",
}


class About(StrEnum):
    """On which side of an approximate number the true one lies."""

    OVER = "over"
    """200余人: at least 200."""
    UNDER = "under"
    """近200人: at most 200."""
    EITHER = "either"
    """约200人."""
    NONE = ""


class Part(NamedTuple):
    """A piece of a cell and what it says: ``不低于``, 比较词, 不低于."""

    text: str
    role: str
    meaning: str = ""


Day = tuple[int, int, int]
"""Year, month and day of a deadline; the year is 0 where none is written."""
RATE = "比率"
"""The unit of rates: the value is a fraction."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target or an actual as understood.

    ``value`` (and ``high`` of a range) are in the base ``unit`` of the ``dimension``; ``dimension`` is "" for
    units of counting and bare numbers, and has a ``/`` for so much of one thing for each of another (元/人·天).
    ``scale`` is what one written unit is in base units, so that a bare actual can be read in the unit of its target.
    ``stray_dot`` tells of a number written like ``7.50.``

    ``change`` is "up" or "down" where the number says by how much something rose or fell, with ``since`` from what
    ("" where that is not said); ``which`` is "new" or "total" where words say which number of a thing is meant.
    ``about`` tells of an approximate number, in an actual only.

    A deadline has the ``last_day`` it allows, and the ``first_day`` it may speak of; None where it names no day, or
    (the first) where 前 leaves the beginning open.

    ``unknown`` are the words for which a text with a number is no measure; ``parts`` what was read, piece by piece.
    """

    sort: Sort
    comparison: Comparison = Comparison.NONE
    value: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    dimension: str = ""
    scale: Decimal = Decimal(1)
    stray_dot: bool = False
    change: str = ""
    since: str = ""
    which: str = ""
    about: About = About.NONE
    first_day: Day | None = None
    last_day: Day | None = None
    unknown: str = ""
    parts: tuple[Part, ...] = field(default=(), compare=False)


def same_sense(target: Target, actual: Target) -> bool:
    """Tell whether two numbers speak of the same: both a level or both the same change, both new or both in all.

    An actual that does not say from when it changed, or which number it is, speaks as its target does.
    """
    return (
        target.change == actual.change
        and actual.since in {"", target.since}
        and (not target.which or actual.which in {"", target.which})
    )


def quantity(value: Decimal, unit: str) -> str:
    """Write a number with its unit: 0.022 比率 is 2.2%, 37 家 is 37家."""
    return f"{(value * 100).normalize():f}%" if unit == RATE else f"{value.normalize():f}{unit}"


def show(target: Target) -> str:
    """Write a measure in its shortest form: ``≥37家``, ``2.2%``; "" for everything that is no measure."""
    if target.value is None:
        return ""
    if target.high is not None:
        low = target.value * 100 if target.unit == RATE else target.value
        return f"{quantity(low, '')}-{quantity(target.high, target.unit)}"
    return f"{SIGNS[target.comparison]}{quantity(target.value, target.unit)}"
