"""A form that is declared wrongly is told when the program starts, by its section."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from schemas.forms import VERSIONS
from schemas.forms import other_names as names_module
from schemas.forms.annex_1_1 import ANNEX_1_1
from schemas.forms.annex_1_2 import ANNEX_1_2
from schemas.forms.check_form import FormError, check_form, check_names
from schemas.forms.model import (
    Column,
    Field,
    Grid,
    Heads,
    Indicators,
    Kind,
    Line,
    OtherNames,
    Pairs,
    Ratio,
    Section,
    Strip,
)
from schemas.forms.other_names import editions_named, other_names

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.forms.model import Form


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


def named(section: str, words: str, *names: str) -> Form:
    """Give annex 1-2 with these other names alone."""
    return replace(ANNEX_1_2, also=OtherNames("annex_1_2.toml", (), {section: {words: names}}))


def test_a_name_of_words_that_no_edition_prints_is_told_with_its_section() -> None:
    """分值 is a head and no row: named among the rows, file, section and words are told."""
    with pytest.raises(FormError, match=r"annex_1_2\.toml, \[rows\] 分值: no edition of the form prints these words"):
        check_names((named("rows", "分值", "参考分值"),))


def test_a_name_may_be_of_words_that_another_edition_prints() -> None:
    """批复规模 stands in the 2018 edition of annex 1-1 only; its other names are those of all editions together."""
    also = OtherNames("annex_1_1.toml", (), {"heads": {"批复规模(m2)": ("核定规模",)}})
    check_names(tuple(replace(form, also=also) for form in VERSIONS[0]))


def test_a_name_that_stands_for_two_columns_is_told() -> None:
    """指标值 named for 实际完成值 and 目标值 named for both columns of one table could not be told apart on a sheet."""
    also = OtherNames("x", (), {"heads": {"年度指标值": ("数值",), "实际完成值": ("数 值",)}})
    with pytest.raises(FormError, match=r"\(Indicators\): 数值 stands for both 年度指标值 and 实际完成值"):
        check_names((replace(ANNEX_1_2, also=also),))


@pytest.mark.parametrize(
    ("names", "told"), [(("权重", "权 重"), "权重 stands 2 times"), (("分 值",), "分值 is no name")]
)
def test_a_name_that_says_nothing_new_is_told(names: tuple[str, ...], told: str) -> None:
    """A name listed twice, and one that is the words themselves, are slips of whoever added it."""
    with pytest.raises(FormError, match=told):
        check_names((named("heads", "分值", *names),))


def test_names_for_one_edition_hold_for_that_one_alone() -> None:
    """省级专项资金 is the line 县级专项资金 of the 2018 edition; in today's it would be another level's money."""
    assert other_names("annex_1_1", "2018").of("  3、县级专项资金") == ("省级专项资金", "市级专项资金")
    assert other_names("annex_1_1", "2021").of("  3、县级专项资金") == ()


def test_every_edition_that_has_names_of_its_own_is_declared() -> None:
    """A year mistyped under [editions] would be names that nothing uses."""
    for versions in VERSIONS:
        assert editions_named(versions[0].id) <= {form.version for form in versions}


def test_a_section_that_there_is_not_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """[row] for [rows]: the file and the section are named, in place of names that are quietly never used."""
    (tmp_path / "annex_9.toml").write_text('title = []\n[row]\n"分值" = ["权重"]\n', encoding="utf-8")
    monkeypatch.setattr(names_module, "FOLDER", tmp_path)
    with pytest.raises(FormError, match=r"annex_9\.toml, \[row\]"):
        other_names("annex_9", "2021")
