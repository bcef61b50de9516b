"""Rounding as a person and a spreadsheet do it."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import reduce
from operator import add

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scoring.arrays import groups
from pipeline.scoring.exact import filled, floats, fraction, fractions, half_up, quotients, sums_by, sums_of


@pytest.mark.parametrize(
    ("typed", "points"),
    [
        (2.675, 2.68),  # round(2.675, 2) is 2.67: the float is a little below the half
        (1.005, 1.01),
        (8.665, 8.67),
        (0.125, 0.13),  # round(0.125, 2) is 0.12: half to even
        (0.005, 0.01),
        (9.756249999, 9.76),
        (9.754999999, 9.75),
        (-2.675, -2.68),  # away from zero
        (-0.004, 0.0),
        (0, 0.0),
    ],
)
def test_half_is_rounded_up(typed: float, points: float) -> None:
    """The half of what was typed goes up, whatever the float behind it is."""
    assert half_up(fraction(typed)) == points


@given(st.decimals(-(10**6), 10**6, places=6), st.integers(0, 4))
def test_rounding_agrees_with_decimal(value: Decimal, digits: int) -> None:
    """Rounding is that of the decimal module's ROUND_HALF_UP."""
    expected = value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    assert half_up(Fraction(value), digits) == float(expected)


@given(st.integers(-(10**8), 10**8))
def test_every_half_of_a_cent_goes_away_from_zero(cents: int) -> None:
    """A number that ends in half a cent gets the cent farther from zero."""
    half = Fraction(2 * cents + 1, 200)
    farther = cents + 1 if cents >= 0 else cents
    assert half_up(half) == float(Fraction(farther, 100))


@given(st.decimals(-(10**9), 10**9, places=5))
def test_what_was_typed_is_kept_exactly(value: Decimal) -> None:
    """The fraction of a float is the decimal that was typed, to the last digit."""
    assert fraction(float(value)) == Fraction(value)


def test_columns_keep_their_index_and_blanks_count_nothing() -> None:
    """What was typed becomes exact and comes back as a column with its own index; a blank becomes 0."""
    typed = pd.Series([2.675, math.nan, 0.1], index=[7, 3, 5])
    assert typed.map(filled).to_dict() == {7: Fraction(107, 40), 3: Fraction(0), 5: Fraction(1, 10)}
    assert floats(typed.map(filled)).to_dict() == {7: 2.675, 3: 0.0, 5: 0.1}


def test_sums_by_name_are_exact() -> None:
    """By name, 0.1 + 0.2 is 0.3, which floats are not, a blank adds nothing, and a name with blanks only has 0."""
    found = sums_by(["甲", "乙", "甲", "甲", "丙"], [0.1, 5.0, math.nan, 0.2, math.nan])
    assert found == {"甲": Fraction(3, 10), "乙": Fraction(5), "丙": Fraction(0)}


def test_thirds_add_up_to_the_whole() -> None:
    """Fifteen shares of 50/15 are exactly 50, which fifteen floats are not."""
    share = fraction(50) / 15
    assert sum([share] * 15, Fraction(0)) == 50
    # Since Python 3.12 sum() itself makes up for what floats lose.
    assert reduce(add, [50 / 15] * 15) != 50  # the float 3.3333333333333335 is above 50/15


HALVES = st.integers(-20, 20).map(lambda number: Fraction(number, 6))


@given(st.lists(st.tuples(st.integers(0, 4), HALVES), max_size=12))
def test_sums_of_groups_are_the_sums_of_their_own(rows: list[tuple[int, Fraction]]) -> None:
    """Each group has the sum of its own fractions, and one without any the sum 0."""
    group = np.array([at for at, _ in rows], dtype="int64")
    expected = [sum((value for at, value in rows if at == each), Fraction(0)) for each in range(5)]
    assert list(sums_of(group, [value for _, value in rows], 5)) == expected


@given(st.lists(st.tuples(HALVES, HALVES), max_size=12))
def test_quotients_are_exact_and_nothing_is_divided_by_nothing(pairs: list[tuple[Fraction, Fraction]]) -> None:
    """An array is divided by another pair by pair; where the denominator is 0 there is 0."""
    told = quotients(*(fractions(pair[at] for pair in pairs) for at in range(2)))
    assert list(told) == [above / below if below else Fraction(0) for above, below in pairs]


@given(st.lists(st.tuples(st.sampled_from("甲乙"), st.sampled_from("甲乙丙")), max_size=12))
def test_rows_of_a_group_have_its_number(rows: list[tuple[str, str]]) -> None:
    """Two rows have one number where they have the same in both columns; the numbers go from 0 on without a gap."""
    table = pd.DataFrame(rows, columns=["department", "sheet"], dtype="str")
    told = groups(table, "department", "sheet").tolist()
    assert [[a == b for b in rows] for a in rows] == [[a == b for b in told] for a in told]
    assert set(told) == set(range(len(set(rows))))
