"""What rules of sums share: when two amounts agree, and why they probably do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.policy import Policy

NOISE = 1e-9
"""Binary noise of a difference of two amounts: far below the smallest amount anyone writes."""
ALIKE = 0.005
"""A slipped point is seen where the figures agree to this share: 10.8 for 10.77."""
YUAN = 10000


def apart(first: pd.Series[float], second: pd.Series[float], tolerance: float) -> pd.Series[bool]:
    """Tell where two amounts differ by more than a tolerance; blanks never differ."""
    return (first - second).abs().gt(tolerance + NOISE)


def summed(table: pd.DataFrame, names: Sequence[str]) -> pd.Series[float]:
    """Give the sum of columns: a blank item counts nothing, but a row of blanks has no sum."""
    return table[list(names)].sum(axis=1, min_count=1).round(6)


def off_sum(total: str, names: Sequence[str], table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    """Tell where a total differs from the sum of its items; an item that could not be read leaves that open."""
    unread = table[[f"{name}_doubtful" for name in names]].any(axis=1)
    return apart(table[total], summed(table, names), policy.tolerance.amount) & ~unread


def probable_cause(total: str, names: Sequence[str], table: pd.DataFrame) -> pd.Series[str]:
    """Say why a total is probably unlike its items, where one cause is plain: slipped point, 元, an item left out."""
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
    ]
    told = np.select(causes, ["，可能是小数点错位", "，可能是按元填写", left_out], default="")
    return pd.Series(told, index=table.index)


def _near(ratio: pd.Series[float], factor: float) -> pd.Series[bool]:
    return (ratio / factor - 1).abs().le(ALIKE)
