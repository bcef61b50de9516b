"""The language of 年度指标值 and 实际完成值."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.target import LONGEST, Comparison, Sort, Target, parse, parse_actual, show

CELLS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "cases" / "targets.toml").read_text(encoding="utf-8")
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
    }


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
    }


def test_the_cases_are_many_and_of_every_sort() -> None:
    """At least seventy spellings are held, each once, with every comparison and every sort that text can be."""
    texts = [cell["text"] for cell in CELLS]
    assert len(texts) == len(set(texts)) >= 70
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
    assert parse("数" * (LONGEST - 3) + "37家").value == 37
    assert parse("数" * (LONGEST - 2) + "37家").sort is Sort.WORDS


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


def test_what_is_no_measure_has_no_short_form() -> None:
    """Words, deadlines and blanks are shown as nothing."""
    assert [show(parse(text)) for text in ("效果明显", "2021年内", "/", "")] == ["", "", "", ""]
