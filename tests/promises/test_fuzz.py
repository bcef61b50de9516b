"""A short search of odd inputs, the same on every machine; `python -m tests.support.fuzz MINUTES` is a long one."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.intake import receive
from pipeline.reading.parse_cell import Cleaned
from pipeline.reading.submission import unpacked
from tests.support import forged, fuzz

PIECES = st.lists(st.sampled_from(fuzz.PIECES) | st.text(max_size=3), max_size=8).map("".join)
QUICK = settings(
    max_examples=1500, derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)


@QUICK
@given(PIECES)
def test_a_number_is_what_is_written(text: str) -> None:
    """Odd inputs give no wrong number: a cell reads as the one figure that stands there, or as none."""
    fuzz.checked(fuzz.numbers, text.encode("utf-8", "ignore"))


@QUICK
@given(PIECES)
def test_a_target_is_what_is_written(text: str) -> None:
    """Odd inputs give no wrong number: a target is a number only where one stands, and as it is shown."""
    fuzz.checked(fuzz.targets, text.encode("utf-8", "ignore"))


@pytest.mark.parametrize("name", fuzz.FUZZED)
def test_mutants_of_what_is_known(name: str) -> None:
    """Odd inputs give no wrong number: 500 mutants of known inputs are read or refused, and stop nothing."""
    check, seeds = fuzz.FUZZED[name]
    dice, known = random.Random(13), list(seeds())
    for _ in range(500):
        fuzz.checked(check, fuzz.mutated(dice.choice(known), dice))


def test_the_checks_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number parser that takes the first of two figures, or a slow one, would be found."""
    monkeypatch.setattr(fuzz, "clean", lambda *_: Cleaned(12.0))
    with pytest.raises(AssertionError, match="several figures"):
        fuzz.numbers("12 或 13".encode())
    monkeypatch.setattr(fuzz, "SLOW", -1.0)
    with pytest.raises(AssertionError, match="too slow"):
        fuzz.checked(lambda _: time.sleep(0), b"")


def test_a_table_that_goes_on_in_half_a_sector() -> None:
    """Odd inputs give no wrong number: an .xls whose table of sectors goes on in half a sector is not read."""
    good = forged.container({"Workbook": forged.xls(forged.XLS_CELLS)})
    last = len(good) // 512 - 1  # sectors are counted behind the header
    odd = forged.container({"Workbook": forged.xls(forged.XLS_CELLS)}, header={68: last}) + b"\0\0"
    brief, _ = receive._read(("a.xls", odd), 2021)  # noqa: SLF001 - as a worker does
    assert not brief or unpacked(brief, "a.xls", 0).reason
