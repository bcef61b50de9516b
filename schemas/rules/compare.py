"""What rules share: when two figures agree, why they probably do not, and what is left unexplained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from schemas.target import Sort, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.policy import Policy

NOISE = 1e-9
"""Binary noise of a difference of two amounts: far below the smallest amount anyone writes."""
ALIKE = 0.005
"""A slipped point is seen where the figures agree to this share: 10.8 for 10.77."""
YUAN = 10000
HALF = 0.5
"""What rounding to a whole 万元 may come to."""
PAIR = 2


def apart(first: pd.Series[float], second: pd.Series[float], tolerance: float) -> pd.Series[bool]:
    """Tell where two figures differ by more than a tolerance; blanks never differ."""
    return (first - second).abs().gt(tolerance + NOISE)


def amounts_apart(first: pd.Series[float], second: pd.Series[float], policy: Policy) -> pd.Series[bool]:
    """Tell where two amounts differ by more than the rounding of both."""
    return apart(first, second, 2 * policy.tolerance.amount)


def says_nothing(texts: pd.Series[str]) -> pd.Series[bool]:
    """Tell where a text is blank or a placeholder: 无 and / explain nothing."""
    return texts.fillna("").map(lambda text: parse(text).sort in {Sort.BLANK, Sort.PLACEHOLDER}).astype(bool)


def unexplained(table: pd.DataFrame) -> pd.Series[bool]:
    """Tell where 偏差及原因分析 says nothing."""
    return says_nothing(table["deviation_reasons"])


def summed(table: pd.DataFrame, names: Sequence[str]) -> pd.Series[float]:
    """Give the sum of columns: a blank item counts nothing, but a row of blanks has no sum."""
    return table[list(names)].sum(axis=1, min_count=1).round(6)


def _rounding(table: pd.DataFrame, names: Sequence[str], policy: Policy) -> pd.Series[float]:
    """Give what the rounding of so many figures may come to; a blank or a zero is not rounded."""
    return table[list(names)].fillna(0).ne(0).sum(axis=1) * policy.tolerance.amount


def off_sum(total: str, names: Sequence[str], table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    """Tell where a total differs from the sum of its items; an item that could not be read leaves that open."""
    unread = table[[f"{name}_doubtful" for name in names]].any(axis=1)
    difference = (table[total] - summed(table, names)).abs()
    return difference.gt(_rounding(table, [total, *names], policy) + NOISE) & ~unread


def above(part: pd.Series[float], whole: pd.Series[float], policy: Policy) -> pd.Series[bool]:
    """Tell where a part exceeds its whole by more than the rounding of both."""
    return (part - whole).gt(2 * policy.tolerance.amount + NOISE)


def probable_cause(total: str, names: Sequence[str], table: pd.DataFrame) -> pd.Series[str]:
    """Say why a total is probably unlike its items, where one cause is plain; "" where none is.

    A slipped decimal point, 元 for 万元, an item left out, two figures swapped, a total rounded to whole 万元.
    """
    stated, expected = table[total], summed(table, names)
    ratio = expected / stated.where(stated.ne(0))
    left_out = pd.Series("", index=table.index)
    for name in names:
        item = table[name].fillna(0)
        left_out = left_out.mask(item.gt(0) & ~apart(stated + item, expected, NOISE), "，可能漏加了一项")
    causes = [
        _near(ratio, 10) | _near(ratio, 100) | _near(ratio, 0.1) | _near(ratio, 0.01),
        _near(ratio, 1 / YUAN),
        left_out.ne(""),
        _swapped(stated, expected),
        stated.mod(1).eq(0) & ~apart(stated, expected, HALF),
    ]
    told = np.select(
        causes,
        ["，可能是小数点错位", "，可能是按元填写", left_out, "，可能是两个数字写颠倒了", "，可能是合计取了整数"],
        default="",
    )
    return pd.Series(told, index=table.index)


def _near(ratio: pd.Series[float], factor: float) -> pd.Series[bool]:
    return (ratio / factor - 1).abs().le(ALIKE)


def _swapped(stated: pd.Series[float], expected: pd.Series[float]) -> pd.Series[bool]:
    """Tell where one amount is the other with two neighbouring figures swapped: 4.29 for 4.92."""
    pairs = zip(stated, expected, strict=True)
    return pd.Series([_transposed(f"{a:.2f}", f"{b:.2f}") for a, b in pairs], index=stated.index)


def _transposed(first: str, second: str) -> bool:
    unlike = [at for at, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]]
    if len(first) != len(second) or len(unlike) != PAIR:
        return False
    low, high = unlike
    neighbours = not first[low + 1 : high].strip(".")
    return neighbours and (first[low], first[high]) == (second[high], second[low])
