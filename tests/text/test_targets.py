"""The language of 年度指标值 and 实际完成值."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.text.model import Comparison, Sort, Target, show
from schemas.text.targets import LONGEST, parse, parse_actual

CELLS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent.parent / "cases" / "targets.toml").read_text(encoding="utf-8")
)["cell"]


def told(target: Target) -> dict[str, Any]:
    """Give a target as the cases tell it, what they leave out at its default."""
    return {
        "sort": target.sort,
        "comparison": target.comparison,
        "value": target.value,
        "high": target.high,
        "unit": target.unit,
        "stray_dot": target.stray_dot,
        "days": (target.first_day, target.last_day),
        "change": (target.change, target.since, target.which),
    }


def _day(cell: dict[str, Any], name: str) -> tuple[int, ...] | None:
    return tuple(cell[name]) if name in cell else None


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: repr(cell["text"]))
def test_every_spelling_is_read_as_the_method_reads_it(cell: dict[str, Any]) -> None:
    """A cell is a measure, a deadline, words, a placeholder or blank as method section 3 says."""
    assert told(parse(cell["text"])) == {
        "sort": cell["sort"],
        "comparison": cell.get("comparison", ""),
        "value": Decimal(cell["value"]) if "value" in cell else None,
        "high": Decimal(cell["high"]) if "high" in cell else None,
        "unit": cell.get("unit", ""),
        "stray_dot": cell.get("stray_dot", False),
        "days": (_day(cell, "first"), _day(cell, "last")),
        "change": tuple(cell.get(name, "") for name in ("change", "since", "which")),
    }
    assert "unknown" not in cell or parse(cell["text"]).unknown == cell["unknown"]


def test_the_cases_are_many_and_of_every_sort() -> None:
    """At least 200 spellings are held, each once, with every comparison and every sort that text can be."""
    texts = [cell["text"] for cell in CELLS]
    assert len(texts) == len(set(texts)) >= 200
    assert {cell["sort"] for cell in CELLS} == set(Sort) - {Sort.DOUBTFUL}
    assert {cell["comparison"] for cell in CELLS if "comparison" in cell} == set(Comparison)


@pytest.mark.parametrize(
    ("text", "comparison", "value"),
    [
        ("达到37家", "", "37"),  # in an actual 达到 tells what was reached ...
        ("已完成８次", "", "8"),
        ("实际达到了 92.5%", "", "0.925"),
        ("达到90%以上", "at_least", "0.9"),  # ... but 以上 still makes it a bound
        ("≥90%", "at_least", "0.9"),
        ("-5%", "", "-0.05"),
        ("－3.2万元", "", "-3.2"),
        ("37家", "", "37"),
    ],
)
def test_an_actual_reaches_and_may_be_below_zero(text: str, comparison: str, value: str) -> None:
    """In an actual 达到 is no bound and a minus is a minus."""
    found = parse_actual(text)
    assert (found.comparison, found.value) == (comparison, Decimal(value))


@pytest.mark.parametrize("text", ["-≥5%", "-3-5", "-及时", "--5"])
def test_a_minus_before_anything_but_one_number_tells_nothing(text: str) -> None:
    """A minus before a bound, a range or words makes words of the cell."""
    assert parse_actual(text).sort is Sort.WORDS


def test_a_long_text_is_words_and_quickly() -> None:
    """A text longer than any measure is words, however many numerals are in it."""
    assert parse("一" * 30_000).sort is Sort.WORDS
    assert parse("全年" * ((LONGEST - 3) // 2) + "37家").value == 37
    assert parse("全年" * (LONGEST // 2) + "37家").sort is Sort.WORDS


# ---------------------------------------------------------------------- properties

BEFORE = ["", "不低于", "≥", "大于", ">", "不超过", "≤", "控制在", "低于", "<", "等于", "＝", "达到"]
UNITS = ["", "家", "人次", "个", "%", "‰", "百分比", "元", "万元", "亿元", "公里", "公顷", "公斤", "个月", "平方米"]
AFTER = ["", "以上", "及以上", "以内", "以下"]
FIGURES = st.one_of(
    st.decimals(0, 10**6, places=2).map(str),
    st.integers(0, 10**9).map(lambda whole: f"{whole:,}"),
    st.integers(0, 10**12).map(str),
    st.text("一二三四五六七八九十百千零两", min_size=1, max_size=6),
)
RANGES = st.tuples(FIGURES, st.sampled_from("-～至到—"), FIGURES).map("".join)
WRITTEN = st.tuples(
    st.sampled_from(BEFORE),
    st.one_of(FIGURES, RANGES),
    st.sampled_from(["", "."]),
    st.sampled_from(UNITS),
    st.sampled_from(AFTER),
).map("".join)


@given(WRITTEN)
def test_a_measure_in_its_shortest_form_is_the_same_measure(text: str) -> None:
    """parse(show(target)) is the target again, but for a stray dot and the unit it was written in."""
    found = parse(text)
    assume(found.sort is Sort.MEASURE)
    again = parse(show(found))
    assert told(again) == told(found) | {"stray_dot": False}
    assert again.dimension == found.dimension


@given(st.decimals(0, 10**9, places=4), st.sampled_from(BEFORE), st.sampled_from(UNITS))
def test_a_plain_number_with_a_word_and_a_unit_is_always_a_measure(value: Decimal, before: str, unit: str) -> None:
    """Word, number and unit together are a measure of just that comparison."""
    found = parse(f"{before}{value}{unit}")
    assert found.sort is Sort.MEASURE
    assert (found.comparison is Comparison.NONE) == (before == "")


@given(st.one_of(st.text(), st.text("0123456789０９٣²一百万亿元%％‰.,，-～至≥≤不低于内以上年月日前每约 \n()（）/")))
def test_reading_never_fails(text: str) -> None:
    """Any text is read as something, as target and as actual, and only a measure has a value."""
    for found in (parse(text), parse_actual(text)):
        assert (found.value is not None) == (found.sort is Sort.MEASURE)


@given(st.dates(date(1900, 1, 1), date(2999, 12, 31)))
def test_a_day_is_the_same_day_however_it_is_written(day: date) -> None:
    """A day is read from 年月日, from ISO and with 号; with 前 it is only the last, and its beginning is left open."""
    told_day = (day.year, day.month, day.day)
    year, month = f"{day.year}年", f"{day.month}月"
    for text in (f"{year}{month}{day.day}日", day.isoformat(), f"{year}{day.month:02}月{day.day}号完成"):
        found = parse(text)
        assert (found.sort, found.first_day, found.last_day) == (Sort.DEADLINE, told_day, told_day)
    before = parse(f"{year}{month}{day.day}日前")
    assert (before.first_day, before.last_day) == (None, told_day)


@given(st.integers(1900, 2999), st.integers(1, 12))
def test_a_month_ends_on_its_last_day(year: int, month: int) -> None:
    """The day after the last day of a month is the first of the next."""
    found = parse(f"{year}年{month}月内")
    assert found.first_day == (year, month, 1)
    assert found.last_day is not None
    assert (date(*found.last_day) + timedelta(days=1)).day == 1


@given(st.one_of(st.text("0123456789年月日号底前内初末上下半旬第季度至-/.截已于完成本当十一二〇"), WRITTEN))
def test_only_a_deadline_has_days_and_they_are_in_order(text: str) -> None:
    """Days belong to deadlines, are days of the calendar, and the first is never after the last."""
    found = parse(text)
    assert found.sort is Sort.DEADLINE or found.last_day is None
    assert found.first_day is None or (found.last_day is not None and found.first_day <= found.last_day)
    for day in filter(None, (found.first_day, found.last_day)):
        assert date(day[0] or 2020, *day[1:])


def test_what_is_no_measure_has_no_short_form() -> None:
    """Words, deadlines and blanks are shown as nothing."""
    assert [show(parse(text)) for text in ("效果明显", "2021年内", "/", "")] == ["", "", "", ""]
