"""A form that is declared wrongly is told when the program starts, by its section."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.forms import VERSIONS
from schemas.forms.annex_1_1 import ANNEX_1_1
from schemas.forms.annex_1_2 import ANNEX_1_2
from schemas.forms.check_form import FormError, check_form
from schemas.forms.model import Column, Field, Grid, Heads, Indicators, Kind, Line, Pairs, Ratio, Section, Strip


def changed(old: type[Section], new: Section) -> tuple[Section, ...]:
    """Give the sections of annex 1-1 with the first one of a type replaced."""
    first = next(section for section in ANNEX_1_1.sections if isinstance(section, old))
    return tuple(new if section is first else section for section in ANNEX_1_1.sections)


GRID = next(section for section in ANNEX_1_1.sections if isinstance(section, Grid))
COLUMN = Column("one_more", "又一个数", Kind.AMOUNT)
WIDE = len(ANNEX_1_1.widths)
SPANS = (*GRID.spans, 1)


def test_every_form_holds_together() -> None:
    """Nothing is wrong with the forms of the circular, those of earlier years among them."""
    for versions in VERSIONS:
        for form in versions:
            check_form(form)


def test_a_column_without_a_span_is_told_with_its_section() -> None:
    """A column added to the grid of annex 1-1 without a width: a cell more than spans; the message names the grid."""
    form = replace(ANNEX_1_1, sections=changed(Grid, replace(GRID, columns=(*GRID.columns, COLUMN))))
    told = rf"section 3 \(Grid 经费控制情况（万元）\): {len(GRID.columns) + 2} cells, but {len(GRID.spans)} spans"
    with pytest.raises(FormError, match=told):
        check_form(form)


def test_spans_that_do_not_fill_the_sheet_are_told() -> None:
    """Spans over one column more than the sheet has take one too many."""
    grid = replace(GRID, columns=(*GRID.columns, COLUMN), spans=SPANS)
    with pytest.raises(
        FormError, match=rf"{WIDE} columns to fill, but spans \({', '.join(map(str, SPANS))}\) take {WIDE + 1}"
    ):
        check_form(replace(ANNEX_1_1, sections=changed(Grid, grid)))


def test_a_column_with_its_span_is_a_form() -> None:
    """With one more column of the sheet and its spans elsewhere widened the same column is well declared."""
    grid = replace(GRID, columns=(*GRID.columns, COLUMN), spans=SPANS)
    sections = tuple(grid if section is GRID else _widened(section) for section in ANNEX_1_1.sections)
    check_form(replace(ANNEX_1_1, widths=(*ANNEX_1_1.widths, 18), sections=sections))


def _widened(section: Section) -> Section:
    """Give a section that fills one column more."""
    if isinstance(section, Strip):
        (heads,) = section.sections
        assert isinstance(heads, Heads)
        return replace(section, sections=(replace(heads, spans=(*heads.spans[:-1], heads.spans[-1] + 1)),))
    if isinstance(section, (Line, Pairs)):
        return replace(section, spans=(*section.spans[:-1], section.spans[-1] + 1))
    return section


def test_a_field_declared_twice_and_parts_that_are_none_are_told() -> None:
    """Both mistakes of one form are listed at once."""
    head = next(section for section in ANNEX_1_1.sections if isinstance(section, Strip)).sections[0]
    assert isinstance(head, Heads)
    wrong = Field("staff_in_post", "控制率", Kind.RATE, Ratio("staff", "authorised_posts"))
    heads = replace(head, heads=(*head.heads[:2], replace(head.heads[2], field=wrong)))
    with pytest.raises(FormError) as raised:
        check_form(replace(ANNEX_1_1, sections=changed(Strip, Strip("财政供养人员情况", (heads,)))))
    assert "field staff_in_post is declared 2 times" in str(raised.value)
    assert "field staff_in_post is computed from staff, which is no field" in str(raised.value)


def test_a_missing_column_of_the_indicators_is_told() -> None:
    """The total of annex 1-2 is over the column of weights; without that column it is told."""
    strip = next(each for each in ANNEX_1_2.sections if isinstance(each, Strip) and each.words == "绩效指标")
    table = strip.sections[0]
    assert isinstance(table, Indicators)
    inner = replace(table, columns=tuple(each for each in table.columns if each.name != "weight"))
    changed_strip = replace(strip, sections=(inner, *strip.sections[1:]))
    sections = tuple(changed_strip if each is strip else each for each in ANNEX_1_2.sections)
    with pytest.raises(FormError, match="total_weight is computed from weight, which is no field"):
        check_form(replace(ANNEX_1_2, sections=sections))
