"""Damage on the way is noticed: a return of which a bit has flipped is the same return, or is refused."""

from __future__ import annotations

import random
from dataclasses import astuple, replace
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.guard.notes import Refused
from pipeline.reading.read import read
from pipeline.reading.workbook import book
from tests.support import filed, hostile
from tests.support.office import converted, needs_office

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.reading.submission import Submission


def as_read(content: bytes) -> Submission:
    """Read a return; its digest, which is always another one, apart."""
    return replace(read("样板局.xlsx", content, 2021), sha256="")


def flipped(content: bytes, bit: int) -> bytes:
    """Flip one bit."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def refusals(content: bytes, bits: list[int]) -> int:
    """See that with any of these bits flipped a return gives the same data or is refused; count the refusals."""
    whole = as_read(content)
    assert not whole.reason
    found = [as_read(flipped(content, bit)) for bit in bits]
    # As tuples: a figure that is not there is NaN, which is like itself in a tuple only.
    assert [each for each in found if not each.reason and astuple(each) != astuple(whole)] == []
    return sum(bool(each.reason) for each in found)


def test_a_flipped_bit_gives_no_other_number(seed: dict[str, Any]) -> None:
    """Damage is noticed: any flipped bit of an .xlsx gives the same data or a refusal, never other numbers."""
    content, dice = filed.workbook(seed), random.Random(8)
    bits = [dice.randrange(8 * len(content)) for _ in range(400)]
    assert refusals(content, bits) > 300


@pytest.mark.slow
def test_many_flipped_bits_give_no_other_number(seed: dict[str, Any], clean: dict[str, Any]) -> None:
    """Damage is noticed: any flipped bit of an .xlsx gives the same data or a refusal: in its directory too."""
    for return_ in (seed, clean):
        content, dice = filed.workbook(return_), random.Random(9)
        directory = content.index(b"PK\1\2")
        bits = [dice.randrange(8 * len(content)) for _ in range(2000)]
        bits += range(8 * directory, 8 * len(content), 5)
        assert refusals(content, bits) > 1500


def test_a_flipped_bit_of_an_old_workbook_is_never_taken_for_sound() -> None:
    """Damage is noticed: an .xls has no checksums; with any bit flipped it is refused, or known as what it is."""
    content, dice = hostile.CASES["old_workbook"].make(), random.Random(8)
    refused = 0
    for _ in range(400):
        try:
            assert book(flipped(content, dice.randrange(8 * len(content)))).notes.kind == "xls"
        except Refused:
            refused += 1
    assert 0 < refused < 400


@needs_office
@pytest.mark.slow
def test_an_old_workbook_says_so_whatever_its_numbers(clean: dict[str, Any], tmp_path: Path) -> None:
    """Damage is noticed: an .xls has no checksums; whatever its numbers, a warning beside them says so."""
    path = tmp_path / "样板局.xlsx"
    path.write_bytes(filed.workbook(clean))
    content, dice = converted(path, "xls", tmp_path).read_bytes(), random.Random(8)
    found = [as_read(flipped(content, dice.randrange(8 * len(content)))) for _ in range(600)]
    told = [{finding.rule for finding in each.findings} for each in found if not each.reason]
    assert len(told) > 100
    assert all("old_format" in rules for rules in told)
