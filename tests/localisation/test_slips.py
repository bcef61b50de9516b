"""The slip that is named of a figure is the same in every run."""

from __future__ import annotations

from fractions import Fraction

from pipeline.localisation.slips import MISSED, slip


def test_of_slips_as_likely_as_each_other_the_first_as_typed_is_named() -> None:
    """11.7 for 11.07 is a digit missed as typed, and two digits exchanged as 11.70: the first, whatever the run."""
    for yuan in range(11, 31):
        assert slip(Fraction(f"{yuan}.7"), Fraction(f"{yuan}.07")) is MISSED
