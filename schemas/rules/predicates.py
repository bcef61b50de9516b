"""What rules share: when two figures agree, why they probably do not, and what is left unexplained.

All are pure functions of columns: each gives a column with the index of what it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from schemas.enums import EXPECTED
from schemas.text.answers import explains_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from schemas.policy import Policy

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


def texts(values: pd.Series[Any]) -> pd.Series[str]:
    """Give a column of texts with "" where nothing stands."""
    return values.astype(str).fillna("")


def each_text(values: pd.Series[Any], holds: Callable[[str], bool]) -> pd.Series[bool]:
    """Tell where a condition holds of a text; a blank is the text ""."""
    return pd.Series([holds(text) for text in texts(values).tolist()], index=values.index, dtype=bool)


def said_where(holds: pd.Series[bool], words: str) -> pd.Series[str]:
    """Give words where a condition holds, and "" elsewhere."""
    return holds.map({True: words, False: ""}).astype(str)


def among(values: pd.Series[Any], words: Iterable[str]) -> pd.Series[bool]:
    """Tell where one of some words stands."""
    return values.isin([str(word) for word in words])


def positive(values: pd.Series[float]) -> pd.Series[float]:
    """Give the figures above zero, by which others may be divided, and blanks else."""
    return values.where(values > 0)


def differ(first: pd.Series[float], second: pd.Series[float] | float, tolerance: float) -> pd.Series[bool]:
    """Tell where two figures differ by more than a tolerance; blanks never differ."""
    return (first - second).abs() > tolerance + NOISE


def amounts_differ(first: pd.Series[float], second: pd.Series[float], policy: Policy) -> pd.Series[bool]:
    """Tell where two amounts (万元) differ by more than the rounding of both."""
    return differ(first, second, 2 * policy.tolerance.amount)


def explains(values: pd.Series[Any]) -> pd.Series[bool]:
    """Tell where a text explains something: not where it is blank, 无, / or 0."""
    return ~each_text(values, explains_nothing)


def unexplained(table: pd.DataFrame) -> pd.Series[bool]:
    """Tell where 偏差及原因分析 says nothing."""
    return ~explains(table["deviation_reasons"])


def unexplained_rows(rows: pd.DataFrame) -> pd.Series[bool]:
    """Tell where neither an indicator row nor 偏差及原因分析 gives a reason."""
    return unexplained(rows) & ~explains(rows["reason"])


def side_by_side(table: pd.DataFrame, names: Iterable[str]) -> NDArray[Any]:
    """Give columns of one kind as an array with one row a column: pandas takes them out of a wide table slowly."""
    return np.array([table[name].to_numpy() for name in names])


def _sums(table: pd.DataFrame, names: Sequence[str]) -> NDArray[np.float64]:
    items = side_by_side(table, names)
    sums: NDArray[np.float64] = np.where(np.isnan(items).all(axis=0), np.nan, np.nansum(items, axis=0)).round(6)
    return sums


def summed(table: pd.DataFrame, names: Sequence[str]) -> pd.Series[float]:
    """Give the sum of columns: a blank item counts nothing, but a row of blanks has no sum."""
    return pd.Series(_sums(table, names), index=table.index)


def known_sum(table: pd.DataFrame, names: Sequence[str]) -> pd.Series[float]:
    """Give the sum of columns as `summed` does; blank where the cell of one of them could not be read."""
    doubtful = side_by_side(table, [f"{name}_doubtful" for name in names]).any(axis=0)
    return pd.Series(np.where(doubtful, np.nan, _sums(table, names)), index=table.index)


def _rounding(table: pd.DataFrame, names: Sequence[str], policy: Policy) -> pd.Series[float]:
    """Give what the rounding of so many figures may come to; a blank or a zero is not rounded."""
    rounded = np.nan_to_num(side_by_side(table, names)) != 0
    return pd.Series(rounded.sum(axis=0) * policy.tolerance.amount, index=table.index, dtype=float)


def off_sum(total: str, names: Sequence[str], table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    """Tell where a total differs from the sum of its items; an item that could not be read leaves that open."""
    difference = (table[total] - known_sum(table, names)).abs()
    return difference > _rounding(table, [total, *names], policy) + NOISE


def exceed_whole(part: pd.Series[float], whole: pd.Series[float], policy: Policy) -> pd.Series[bool]:
    """Tell where a part exceeds its whole by more than the rounding of both."""
    return (part - whole) > 2 * policy.tolerance.amount + NOISE


def probable_cause(total: str, names: Sequence[str], table: pd.DataFrame) -> pd.Series[str]:
    """Say why a total is probably unlike its items, where one cause is plain; "" where none is.

    A slipped decimal point, 元 for 万元, an item left out, two figures swapped, a total rounded to whole 万元.
    """
    stated, expected = table[total], summed(table, names)
    ratio = expected / stated.where(stated != 0)
    items = [table[name].fillna(0.0) for name in names]
    left_out = [(item > 0) & ~differ(stated + item, expected, NOISE) for item in items]
    causes = {
        "，可能是小数点错位": _near(ratio, 10) | _near(ratio, 100) | _near(ratio, 0.1) | _near(ratio, 0.01),
        "，可能是按元填写": _near(ratio, 1 / YUAN),
        "，可能漏加了一项": pd.concat(left_out, axis="columns").any(axis="columns"),
        "，可能是两个数字写颠倒了": _swapped(stated, expected),
        "，可能是合计取了整数": (stated % 1 == 0) & ~differ(stated, expected, HALF),
    }
    told = np.select(list(causes.values()), list(causes), default="")
    return pd.Series(told, index=table.index, dtype=str)


def _near(ratio: pd.Series[float], factor: float) -> pd.Series[bool]:
    return (ratio / factor - 1).abs() <= ALIKE


def _swapped(stated: pd.Series[float], expected: pd.Series[float]) -> pd.Series[bool]:
    """Tell where one amount is the other with two neighbouring figures swapped: 4.29 for 4.92."""
    pairs = zip(stated, expected, strict=True)
    return pd.Series([_transposed(f"{a:.2f}", f"{b:.2f}") for a, b in pairs], index=stated.index, dtype=bool)


def _transposed(first: str, second: str) -> bool:
    unlike = [at for at, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]]
    if len(first) != len(second) or len(unlike) != PAIR:
        return False
    low, high = unlike
    neighbours = not first[low + 1 : high].strip(".")
    return neighbours and (first[low], first[high]) == (second[high], second[low])
