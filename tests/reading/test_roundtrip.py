"""The form written, filled and read back: what goes in comes out, whatever it is."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.reading.read import read
from pipeline.workbooks.form_layout import form_words, lay_out
from pipeline.workbooks.template import workbook as template_workbook
from schemas import policy as policies
from schemas.forms import FIELDS, FORMS, INDICATORS
from schemas.forms.model import Kind
from tests.support.filed import ROOT

POLICY = policies.load(2021)
AMOUNTS = st.decimals(0, 10**8, places=2, allow_nan=False).map(float)
COUNTS = st.integers(0, 10**5).map(float)
POINTS = st.decimals(0, 100, places=2, allow_nan=False).map(float)
RATES = st.integers(0, 20000).map(lambda parts: parts / 10000)
# Printable text that no label of the form could be taken for; what a cell cannot hold is not typed by anyone. Radicals
# are read as the letters that they look like (tests/reading/test_what_shows.py).
RADICALS = "".join(map(chr, range(0x2E80, 0x2FE0)))
LETTERS = st.characters(categories=("L", "N", "P", "S"), exclude_characters=f"￾￿{RADICALS}")
TEXTS = st.text(LETTERS, min_size=1).map("文".__add__)
NAMES = st.text("科技民政教育财政审计水利农业局办中心", min_size=2, max_size=12).map("县".__add__)
VALUES = {
    Kind.AMOUNT: AMOUNTS,
    Kind.COUNT: COUNTS,
    Kind.POINTS: POINTS,
    Kind.RATE: RATES,
    Kind.TEXT: TEXTS,
    Kind.GRADE: st.sampled_from([grade.word for grade in POLICY.grades]),
    Kind.NAME: NAMES,
    Kind.OFFICE: NAMES,
    Kind.DATE: st.dates().map(str),
    Kind.YEAR: st.just("（2021年度）"),
}


@st.composite
def fields(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a value for every field that the forms print."""
    drawn = {name for form in FORMS for name in lay_out(form, None, form_words(POLICY)).places}
    asked_for = (asked for form in FORMS for asked in form.fields() if asked.name in drawn)
    return {asked.name: draw(VALUES[asked.kind]) for asked in asked_for}


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw up to twelve indicator rows under the blocks and aspects of the form."""
    found = []
    for block in INDICATORS.blocks:
        for number, aspect in enumerate(draw(st.lists(st.sampled_from(block.aspects), max_size=4))):
            found.append(
                {
                    "criterion": block.criterion,
                    "level1": block.words,
                    "level2": aspect.words,
                    "level2_cell": f"{block.criterion}{number}",
                    "level3": draw(TEXTS),
                    "target": draw(TEXTS),
                    "actual": draw(TEXTS),
                    "weight": draw(POINTS),
                    "self_points": draw(POINTS),
                }
            )
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fields(), rows())
def test_what_is_filled_in_is_read_back(values: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    """Every value and every row written into the form is read back as it was, at its own place."""
    found = read("filled.xlsx", template_workbook.write_form(POLICY, values, lines), 2021)
    assert found.reason == ""
    understood = {fact.field: fact.value for fact in found.facts}
    expected = {name: 2021 if FIELDS[name].kind is Kind.YEAR else value for name, value in values.items()}
    assert understood == expected
    kept = ("criterion", "level1", "level2", "level3", "target", "actual")
    assert [[row[name] for name in kept] for row in found.indicators] == [[row[name] for name in kept] for row in lines]
    numbers = [(row["filed_weight"], row["filed_self_points"]) for row in found.indicators]
    assert numbers == [(row["weight"], row["self_points"]) for row in lines]
    assert found.findings == []


def test_a_blank_form_is_told_to_be_blank() -> None:
    """The blank form sent back as it is gets refused as blank: it is no return with a score of zero."""
    found = read("blank.xlsx", template_workbook.write_form(POLICY), 2021)
    assert found.reason == "报表是空白的，没有填写任何内容；请填写后报送"


def test_the_blank_form_in_the_folder_is_the_one_the_program_makes() -> None:
    """The workbook in input_templates/ is what `make templates` writes, to the byte."""
    path = ROOT / "input_templates" / template_workbook.file_name(POLICY)
    assert path.read_bytes() == template_workbook.write_form(POLICY)
