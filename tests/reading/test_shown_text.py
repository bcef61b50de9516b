"""What a cell shows of its value: number formats."""

from __future__ import annotations

import contextlib
import datetime
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.guard.built_in_formats import BUILT_IN
from pipeline.reading.number_format import Unknown
from pipeline.reading.shown_number import chinese_number
from pipeline.reading.shown_text import is_plain, show
from schemas.text.numerals import number

FILE = Path(__file__).parent.parent / "cases" / "number_formats.toml"
CASES = tomllib.loads(FILE.read_text(encoding="utf-8"))["case"]
SIZES = st.integers(-(10**13), 10**13).map(lambda number: number / 1000)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['value']} {case['code']}")
def test_a_cell_shows_what_its_format_says(case: dict[str, Any]) -> None:
    """A value with its number format gives the text that the cell shows, and the same to the last digit."""
    if case.get("unknown"):
        with pytest.raises(Unknown):
            show(case["value"], case["code"])
        return
    found = show(case["value"], case["code"])
    assert (found.text.strip(), found.exact) == (case["shown"], case.get("exact", case["shown"]))


@pytest.mark.parametrize(
    "code", ["General", "@", *(BUILT_IN[number] for number in (1, 2, 3, 4, 37, 38, 39, 40, 41, 43))]
)
def test_formats_that_only_round_and_group_are_plain(code: str) -> None:
    """The formats that nearly every cell has show a number as itself, and cost no second look."""
    assert is_plain(code)


@pytest.mark.parametrize("code", ['0"万元"', "0%", ";;;", "0!.0,", "0;0", "0 kg", "m/d", '@"家"', '"¥"0', "[DBNum9]0"])
def test_formats_that_say_more_than_the_number_are_not_plain(code: str) -> None:
    """Units, signs, scales, hidden numbers, dates and what is not understood are looked at."""
    assert not is_plain(code)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("0%", "50%"),
        ('"占比"0.0%', "占比50%"),
        ("General", "0.5"),
        ('0.0"%"', "0.5%"),
        (r"0.0\%", "0.5%"),
        ("0.0_%", "0.5"),
        ("0.0*%", "0.5"),
        ("[$-804%]0", None),
        ('0"\\"%', "50\\%"),
    ],
)
def test_a_percent_sign_counts_where_it_is_no_letter(code: str, text: str | None) -> None:
    """A percent sign multiplies unless it is quoted, escaped, padding or part of a locale."""
    with pytest.raises(Unknown) if text is None else contextlib.nullcontext():
        assert show(0.5, code).exact == text


@given(SIZES, st.sampled_from(["#,##0.00", "0.000", "0.00_);(0.00)", "General", "# ?/?", "0.00E+00"]))
def test_a_plain_format_never_changes_the_number(size: float, code: str) -> None:
    """Whatever the number, a format that only rounds and groups gives back each of its digits."""
    assert Decimal(show(size, code).exact) == Decimal(f"{size:.15g}")


@given(SIZES.filter(lambda size: size >= 0), st.integers(0, 4), st.integers(0, 2), st.booleans())
def test_what_shows_is_the_scaled_number_rounded(size: float, places: int, commas: int, grouped: bool) -> None:  # noqa: FBT001
    """Each comma behind the digits divides by a thousand, and the last place that shows is rounded half up."""
    code = ("#,##0" if grouped else "0") + ("." + "0" * places if places else "") + "," * commas + '"元"'
    found = show(size, code)
    expected = Decimal(f"{size:.15g}") / 1000**commas
    assert abs(Decimal(found.text.removesuffix("元").replace(",", "")) - expected) <= Decimal(1).scaleb(-places) / 2
    assert Decimal(found.exact.removesuffix("元")) == Decimal(f"{expected:.15g}")


@given(st.text(max_size=40))
def test_no_code_breaks_the_reader(code: str) -> None:
    """Any text for a number format gives what shows or says that it is not known; nothing else comes of it."""
    for value in (0, -1.5, "字", datetime.date(2021, 12, 20)):
        with contextlib.suppress(Unknown):
            show(value, code)
    is_plain(code)


@given(st.integers(1, 10**12 - 1))
def test_chinese_numerals_are_read_back(size: int) -> None:
    """A number written in Chinese numerals below ten thousand is the number that the reader of targets reads."""
    small = size % 9999 + 1
    assert number(chinese_number(small)) == small
    assert chinese_number(size)
