"""Name the slip of the hand that turns one figure into another, and say how likely it is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

YUAN = 10000
"""元 in 万元."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip: what happened, in Chinese as a message ends, and what it costs; the lower, the likelier."""

    words: str
    cost: float


POINT = Slip("小数点错位", 0.1)
IN_YUAN = Slip("按元填写", 0.05)
SIGN = Slip("多写了负号", 0.05)
ZERO_EXTRA = Slip("多输入了一个 0", 0.08)
ZERO_MISSED = Slip("少输入了一个 0", 0.08)
EXTRA = Slip("多输入了一位", 0.15)
MISSED = Slip("少输入了一位", 0.15)
SWAPPED = Slip("两位数字颠倒", 0.15)
ONE_DIGIT = Slip("有一位数字打错", 0.3)
WHOLE = Slip("取了整数", 0.2)
OMITTED = Slip("漏填", 0.8)
COPIED = Slip("抄成了另一格的数", 0.35)
HAND_SUM = Slip("合计相加有误", 0.5)
LEFT_OUT = Slip("合计漏加或多加了一项", 0.25)
WITH_ANOTHER = Slip("把另一项的数也加了进去", 0.4)
UNKNOWN = Slip("", 1.0)


def slip(filed: Fraction | None, right: Fraction) -> Slip:
    """Give the likeliest slip by which ``right`` was filed as ``filed``; `UNKNOWN` where none explains it."""
    if not filed:
        return OMITTED
    return min(_slips(filed, right), key=lambda each: each.cost, default=UNKNOWN)


def _slips(filed: Fraction, right: Fraction) -> Iterator[Slip]:
    if right and filed == -right:
        yield SIGN
    if right and filed:
        ratio = filed / right
        if _near(ratio, Fraction(YUAN)):
            yield IN_YUAN
        if any(_near(ratio, factor) for factor in (Fraction(10), Fraction(100), Fraction(1, 10), Fraction(1, 100))):
            yield POINT
    if filed.denominator == 1 and right.denominator != 1 and abs(filed - right) <= Fraction(1, 2) and filed:
        yield WHOLE
    if filed >= 0:
        yield from _typed(digits(filed), digits(right))


def _near(ratio: Fraction, factor: Fraction) -> bool:
    return abs(ratio / factor - 1) <= Fraction(1, 200)


def digits(value: Fraction) -> str:
    """Write a figure as it is typed: no zeros behind, no point where none is needed."""
    text = f"{Decimal(value.numerator) / Decimal(value.denominator):.6f}"
    return text.rstrip("0").rstrip(".")


def _typed(filed: str, right: str) -> Iterator[Slip]:
    """Compare two figures as typed, with and without the two decimals of money."""
    if "." not in filed + right:
        if filed == f"{right}0":
            yield ZERO_EXTRA
        if right == f"{filed}0":
            yield ZERO_MISSED
    # In this order, not a set's, which differs from run to run: of slips as likely as each other the first is named.
    spellings = ((filed, right), (_cents(filed), _cents(right)), (filed.replace(".", ""), right.replace(".", "")))
    for a, b in dict.fromkeys(spellings):
        if len(a) == len(b) + 1 and any(a[:at] + a[at + 1 :] == b for at in range(len(a))):
            yield EXTRA
        if len(b) == len(a) + 1 and any(b[:at] + b[at + 1 :] == a for at in range(len(b))):
            yield MISSED
        if len(a) == len(b) and a != b:
            unlike = [at for at in range(len(a)) if a[at] != b[at]]
            if len(unlike) == 1 and "." not in (a[unlike[0]], b[unlike[0]]):
                yield ONE_DIGIT
            if (
                len(unlike) == 2  # noqa: PLR2004 - a pair
                and not a[unlike[0] + 1 : unlike[1]].strip(".")
                and (a[unlike[0]], a[unlike[1]]) == (b[unlike[1]], b[unlike[0]])
                and "." not in (a[unlike[0]], a[unlike[1]])
            ):
                yield SWAPPED


def _cents(text: str) -> str:
    whole, _, part = text.partition(".")
    return f"{whole}.{part.ljust(2, '0')}"
