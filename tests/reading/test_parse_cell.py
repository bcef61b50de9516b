"""Numbers as people type them."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reading.parse_cell import Cleaned, clean
from schemas.forms.model import Kind

if TYPE_CHECKING:
    from decimal import Decimal

UNREADABLE = Cleaned(None, "value_unreadable")
BLANK = Cleaned(None)
NUMERIC = [kind for kind in Kind if kind.numeric]


def odd(value: float) -> Cleaned:
    """Give a value that was understood though it was not written as a plain number."""
    return Cleaned(value, "value_cleaned")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (4.92, 4.92),
        (0.1 + 0.2, 0.3),  # binary noise: a spreadsheet shows 0.3
        (0, 0.0),
        (42, 42.0),
        ("4.92　", 4.92),
        ("　42", 42.0),
        ("１．３６", 1.36),
        ("1,055.37", 1055.37),
        ("1，055．37", 1055.37),
        ("1 055.37", 1055.37),  # groups of three
        ("160.00", 160.0),
        (".5", 0.5),
        ("+5", 5.0),
        ("-5", -5.0),
        ("8。", 8.0),
    ],
)
def test_plain_numbers_are_read_without_a_word(raw: Any, value: float) -> None:
    """A number is a number, however wide its digits and whatever blanks are around it."""
    assert clean(raw, Kind.AMOUNT) == Cleaned(value)


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        ("2.85万元", Kind.AMOUNT, 2.85),
        ("2.85 万", Kind.AMOUNT, 2.85),
        ("28500元", Kind.AMOUNT, 2.85),  # 28500 / 10000
        ("28,500元", Kind.AMOUNT, 2.85),
        ("4千元", Kind.AMOUNT, 0.4),
        ("0.5亿元", Kind.AMOUNT, 5000.0),
        ("（1.2）", Kind.AMOUNT, -1.2),  # as accountants write below zero
        ("(1,055.37)", Kind.AMOUNT, -1055.37),
        ("7.50.", Kind.AMOUNT, 7.5),
        ("7.", Kind.AMOUNT, 7.0),
        ("￥3", Kind.AMOUNT, 3.0),
        ("42人", Kind.COUNT, 42.0),
        ("8分", Kind.POINTS, 8.0),
        (95, Kind.RATE, 0.95),  # a rate of 9500% is none
        ("95", Kind.RATE, 0.95),
        ("5.1", Kind.RATE, 0.051),
    ],
    ids=repr,
)
def test_what_was_converted_is_told(raw: Any, kind: Kind, value: float) -> None:
    """A number with a unit, a bracket or a dot too many is understood, with a finding that says so."""
    assert clean(raw, kind) == odd(value)


@pytest.mark.parametrize(
    ("raw", "value"),
    [("95%", 0.95), ("96.67％", 0.9667), ("5‰", 0.005), (0.95, 0.95), ("0.95", 0.95), (1.05, 1.05), ("105%", 1.05)],
    ids=repr,
)
def test_rates_are_fractions(raw: Any, value: float) -> None:
    """A rate is a fraction, written with its sign or as what the cell holds behind a percent format."""
    assert clean(raw, Kind.RATE) == Cleaned(value)


@pytest.mark.parametrize(("raw", "expected"), [(5, Cleaned(5.0)), ("5", Cleaned(5.0)), (5.01, odd(0.0501))], ids=repr)
def test_a_rate_without_a_sign_is_in_percent_above_five(raw: float, expected: Cleaned) -> None:
    """Up to 5 a bare rate is taken as it is, above that as percent."""
    assert clean(raw, Kind.RATE) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "2,85",  # 2.85 or 285?
        "1,0555",
        "1.055.37",
        "2 85",
        "37\n24",  # two numbers, not 3724
        "1 055 37",
        "95%",
        "3家",
        "3千",
        "1/3",
        "1e309",
        "1e5",
        "1_000",
        "0x10",
        "inf",
        "nan",
        "9" * 400,
        1e15,  # more than a spreadsheet keeps
        "1000000000000000",
        math.inf,
        -math.inf,
        math.nan,
        10**400,
        "约3",
        "3左右",
        "十五",
        "٣",  # digits of other scripts
        "３٣",
        "५",
        "5²",
        "①",
        "((1))",
        "(1.2.3)",
        True,
        False,
        datetime.date(2021, 12, 31),
        datetime.datetime(2021, 12, 31),  # noqa: DTZ001 - what a cell holds knows no time zone
        datetime.time(8, 30),
        datetime.timedelta(hours=1),
    ],
    ids=lambda raw: repr(raw)[:20],
)
def test_what_is_doubtful_stays_unread(raw: Any) -> None:
    """What is not plainly one amount is not read at all, and reported."""
    assert clean(raw, Kind.AMOUNT) == UNREADABLE


@pytest.mark.parametrize(("raw", "kind"), [("42万元", Kind.COUNT), ("8元", Kind.POINTS), ("2021年", Kind.YEAR)])
def test_a_unit_must_belong_to_the_field(raw: str, kind: Kind) -> None:
    """Money is no number of people, and no points."""
    assert clean(raw, kind) == UNREADABLE


@pytest.mark.parametrize(
    "raw", [None, "", " ", "　", "\n", "/", "—", "——", "-", "－", "……", "无", "暂无", "不涉及"], ids=repr
)
@pytest.mark.parametrize("kind", NUMERIC)
def test_a_placeholder_is_a_blank(raw: Any, kind: Kind) -> None:
    """A dash, a stroke or 无 where a number belongs is a blank: no number, no zero and no finding."""
    assert clean(raw, kind) == BLANK


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("　示例县样板局 ", "示例县样板局"),
        (42.0, "42"),
        (0.1 + 0.2, "0.3"),
        (True, "TRUE"),
        (datetime.datetime(2022, 3, 10), "2022-03-10"),  # noqa: DTZ001 - as above
        (datetime.datetime(2022, 3, 10, 8, 30), "2022-03-10 08:30:00"),  # noqa: DTZ001 - as above
        ("/", "/"),
        ("无", "无"),
    ],
    ids=repr,
)
def test_text_stays_as_written(raw: Any, text: str) -> None:
    """Where text belongs, a cell is what a person reads in it."""
    assert clean(raw, Kind.TEXT) == Cleaned(text)


@given(st.decimals(-(10**9), 10**9, places=4))
def test_a_typed_number_is_the_same_as_a_number(value: Decimal) -> None:
    """A number gives the same as a cell, as text, and as full-width text."""
    text = f"{value:f}"
    wide = text.translate({ord(narrow): ord(narrow) + 0xFEE0 for narrow in "0123456789.-"})
    assert clean(text, Kind.AMOUNT) == clean(wide, Kind.AMOUNT) == clean(float(text), Kind.AMOUNT)


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_thousands_separators_change_nothing(whole: int, cents: int) -> None:
    """A number with separators is the number without."""
    assert clean(f"{whole:,}.{cents:02}", Kind.AMOUNT) == clean(f"{whole}.{cents:02}", Kind.AMOUNT)


@given(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.datetimes(), st.dates()),
    st.sampled_from(list(Kind)),
)
def test_cleaning_never_fails_and_never_gives_what_is_no_number(raw: Any, kind: Kind) -> None:
    """Whatever a cell holds, a numeric field gets a finite number below 10^15 or none."""
    value = clean(raw, kind).value
    if kind.numeric and value is not None:
        assert isinstance(value, float)
        assert abs(value) < 1e15
