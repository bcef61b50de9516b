"""What rules share: when two figures agree, why they probably do not, and what is left unexplained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from schemas.enums import EXPECTED
from schemas.text.model import Sort
from schemas.text.targets import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemas.policy import Policy
    from schemas.rules.model import Flags, Numbers, Table, Texts

NOISE = 1e-9
"""Binary noise of a difference of two amounts: far below the smallest amount anyone writes."""
ALIKE = 0.005
"""A slipped point is seen where the figures agree to this share: 10.8 for 10.77."""
YUAN = 10000
IN_WAN = f"请核对单位；确系按元填写的，请改为以万元为单位的数（见“{EXPECTED}”）。"
"""What to do where an amount may have been typed in 元."""
HALF = 0.5
"""What rounding to a whole 万元 may come to."""
PAIR = 2


def blank(values: Any) -> Flags:
    """Tell where nothing stands."""
    return pd.isna(values)


def texts(values: Iterable[Any]) -> Texts:
    """Give texts, "" where nothing stands."""
    return np.array([value if isinstance(value, str) else "" for value in values], dtype="object")


def among(values: Any, words: Iterable[str]) -> Flags:
    """Tell where one of some words stands."""
    known = set(map(str, words))
    return np.array([value in known for value in values], dtype="bool")


def again(*columns: Any) -> Flags:
    """Tell where a row has what a row before it has in all of the columns."""
    seen: set[tuple[Any, ...]] = set()
    told = []
    for row in zip(*columns, strict=True):
        told.append(row in seen)
        seen.add(row)
    return np.array(told, dtype="bool")


def positive(values: Numbers) -> Numbers:
    """Give the figures above zero, by which others may be divided, and blanks else."""
    return np.where(values > 0, values, np.nan)


def apart(first: Numbers, second: Numbers | float, tolerance: float) -> Flags:
    """Tell where two figures differ by more than a tolerance; blanks never differ."""
    return np.abs(first - second) > tolerance + NOISE


def amounts_apart(first: Numbers, second: Numbers, policy: Policy) -> Flags:
    """Tell where two amounts differ by more than the rounding of both."""
    return apart(first, second, 2 * policy.tolerance.amount)


def says_nothing(values: Iterable[Any]) -> Flags:
    """Tell where a text is blank or a placeholder: 无 and / explain nothing."""
    return np.array([parse(text).sort in {Sort.BLANK, Sort.PLACEHOLDER} for text in texts(values)], dtype="bool")


def unexplained(table: Table) -> Flags:
    """Tell where 偏差及原因分析 says nothing."""
    return says_nothing(table["deviation_reasons"])


def summed(table: Table, names: Sequence[str]) -> Numbers:
    """Give the sum of columns: a blank item counts nothing, but a row of blanks has no sum."""
    items = [table[name] for name in names]
    total = sum(np.where(blank(item), 0.0, item) for item in items)
    return np.round(np.where(np.logical_and.reduce([blank(item) for item in items]), np.nan, total), 6)


def _rounding(table: Table, names: Sequence[str], policy: Policy) -> Numbers:
    """Give what the rounding of so many figures may come to; a blank or a zero is not rounded."""
    counted = sum((~blank(table[name]) & (table[name] != 0)).astype("int64") for name in names)
    return np.asarray(counted * policy.tolerance.amount)


def off_sum(total: str, names: Sequence[str], table: Table, policy: Policy) -> Flags:
    """Tell where a total differs from the sum of its items; an item that could not be read leaves that open."""
    unread = np.logical_or.reduce([table[f"{name}_doubtful"] for name in names])
    difference = np.abs(table[total] - summed(table, names))
    return (difference > _rounding(table, [total, *names], policy) + NOISE) & ~unread


def above(part: Numbers, whole: Numbers, policy: Policy) -> Flags:
    """Tell where a part exceeds its whole by more than the rounding of both."""
    return (part - whole) > 2 * policy.tolerance.amount + NOISE


def probable_cause(total: str, names: Sequence[str], table: Table) -> Texts:
    """Say why a total is probably unlike its items, where one cause is plain; "" where none is.

    A slipped decimal point, 元 for 万元, an item left out, two figures swapped, a total rounded to whole 万元.
    """
    stated, expected = table[total], summed(table, names)
    ratio = expected / np.where(stated != 0, stated, np.nan)
    items = [np.where(blank(table[name]), 0.0, table[name]) for name in names]
    causes = [
        _near(ratio, 10) | _near(ratio, 100) | _near(ratio, 0.1) | _near(ratio, 0.01),
        _near(ratio, 1 / YUAN),
        np.logical_or.reduce([(item > 0) & ~apart(stated + item, expected, NOISE) for item in items]),
        _swapped(stated, expected),
        (stated % 1 == 0) & ~apart(stated, expected, HALF),
    ]
    told = [
        "，可能是小数点错位",
        "，可能是按元填写",
        "，可能漏加了一项",
        "，可能是两个数字写颠倒了",
        "，可能是合计取了整数",
    ]
    return np.select(causes, told, default="").astype("object")


def _near(ratio: Numbers, factor: float) -> Flags:
    return np.abs(ratio / factor - 1) <= ALIKE


def _swapped(stated: Numbers, expected: Numbers) -> Flags:
    """Tell where one amount is the other with two neighbouring figures swapped: 4.29 for 4.92."""
    pairs = zip(stated, expected, strict=True)
    return np.array([_transposed(f"{a:.2f}", f"{b:.2f}") for a, b in pairs], dtype="bool")


def _transposed(first: str, second: str) -> bool:
    unlike = [at for at, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]]
    if len(first) != len(second) or len(unlike) != PAIR:
        return False
    low, high = unlike
    neighbours = not first[low + 1 : high].strip(".")
    return neighbours and (first[low], first[high]) == (second[high], second[low])
