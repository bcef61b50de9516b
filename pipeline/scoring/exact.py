"""Exact arithmetic over columns: fractions made from the decimals that were typed, rounded where the method says.

A spreadsheet keeps 15 digits of a number, so the shortest decimal of a float is what was typed; a `Fraction` of
it loses nothing in 50/15, and half is half when a criterion's points are rounded.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

CENT = 2
"""Decimals to which a criterion's points are rounded (method section 1)."""


@lru_cache(maxsize=8192)
def fraction(value: float) -> Fraction:
    """Give the decimal that was typed as an exact fraction."""
    return Fraction(repr(float(value)))


def filled(value: float) -> Fraction:
    """Give the decimal that was typed as an exact fraction; a blank becomes 0, so ask for blanks first."""
    return Fraction(0) if math.isnan(value) else fraction(value)


@lru_cache(maxsize=8192)
def quotient(numerator: Fraction | int, denominator: Fraction | int) -> Fraction:
    """Divide exactly; 0 where the denominator is 0. Kept: most rows of a county share a few weights and counts."""
    return Fraction(numerator) / denominator if denominator else Fraction(0)


def fractions(values: Iterable[Fraction]) -> Any:
    """Give fractions as an array."""
    return np.fromiter(values, dtype=object)


def quotients(numerators: Iterable[Fraction], denominators: Iterable[Fraction | int]) -> Any:
    """Divide an array by another exactly; 0 where the denominator is 0."""
    return fractions(map(quotient, numerators, denominators))


def sums_of(group: Any, values: Iterable[Fraction], count: int | None = None) -> Any:
    """Add up fractions by group, told by its number; an array of so many sums."""
    sums = [Fraction(0)] * (group.max(initial=-1) + 1 if count is None else count)
    for at, value in zip(group.tolist(), values, strict=True):
        if value:
            sums[at] += value
    return fractions(sums)


def sums_by(names: Iterable[str], values: Iterable[float]) -> dict[str, Fraction]:
    """Add up what was typed by name, exactly; a blank adds nothing."""
    sums: dict[str, Fraction] = {}
    for name, value in zip(names, values, strict=True):
        sums[name] = sums.get(name, Fraction(0)) + filled(value)
    return sums


def half_up(value: Fraction, digits: int = CENT) -> float:
    """Round a fraction half up, as a person and a spreadsheet do."""
    scale = 10**digits
    whole = math.floor(abs(value) * scale + Fraction(1, 2))
    return float(Fraction(whole if value >= 0 else -whole, scale))


def floats(values: pd.Series[Any]) -> pd.Series[float]:
    """Give a column of fractions as the nearest floats."""
    return pd.Series([float(value) for value in values], index=values.index, dtype=float)
