"""The fiscal year is read where it stands, and nothing else is taken for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pipeline.reading.fiscal_year import years_in
from pipeline.reading.read import read
from tests.support import filed
from tests.support.pages import Page, moved, pages, saved, where

if TYPE_CHECKING:
    from pipeline.reading.submission import Submission

SECOND = "附件1-2 自评表"
TITLE = "部门整体支出绩效自评表"


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2022年度部门整体绩效自评表", (2022,)),
        ("（2022 年 度）", (2022,)),
        ("二〇二二年度", (2022,)),
        ("二○二二年", (2022,)),
        ("２０２２年", (2022,)),
        ("评价年度：2022年", (2022,)),
        ("填报时间：2022年5月20日", ()),
        ("二〇二二年五月", ()),
        ("2022年报送的2021年度自评表", (2021,)),
        ("2021年和2022年", (2021, 2022)),
        ("2021-2023年规划", ()),
        ("附件1-2021年度", (2021,)),
        ("甲局20220315", ()),
        ("电话12021年", ()),
        ("1999年度", ()),
    ],
)
def test_the_years_that_a_text_names(text: str, years: tuple[int, ...]) -> None:
    """A year is told from a date, from a range and from other figures; 年度 counts before 年."""
    assert years_in(text) == years


def second(clean: dict[str, Any], *lines: tuple[str, ...]) -> Submission:
    """Read the clean return with these lines in the place of the title of annex 1-2 and its year."""
    found = pages(filed.workbook(clean))
    page = found[SECOND]
    title = where(page, TITLE)[0]
    rest = {at: value for at, value in page[0].items() if at[0] > title + 1}
    body = moved((rest, []), len(lines), 0)
    head: Page = ({(row, column): text for row, line in enumerate(lines, 1) for column, text in enumerate(line, 1)}, [])
    return read("甲局.xlsx", saved(found | {SECOND: (body[0] | head[0], [])}), 2021)


@pytest.mark.parametrize(
    "lines",
    [
        (("2022年度部门整体绩效自评表",),),  # F007
        (("部门（单位）整体支出绩效自评表（2022年度）",),),  # F013
        ((TITLE,), ("（2022 年 度）",)),  # F014
        ((TITLE,), ("评价年度：2022年",)),  # F016
        ((TITLE,), ("评价年度：", "2022")),
        ((TITLE,), ("年度", "2022年")),
        ((TITLE,), ("二〇二二年度",)),
        (("2022年度",), (TITLE,)),
        (("单位整体支出绩效自评表（2022年度）",),),
        ((TITLE, "", "", "2022年度"),),
        ((TITLE,), ("2022年度", "", "", "单位：万元")),
        (("示例县2022年度部门整体支出绩效评价",), (TITLE,)),
    ],
    ids=lambda lines: "/".join("|".join(line) for line in lines),
)
def test_the_year_is_read_where_it_stands(lines: tuple[tuple[str, ...], ...], clean: dict[str, Any]) -> None:
    """F007-F016: the year in any title of the sheet, or on a line of its own, is that of the return."""
    found = second(clean, *lines)
    assert (found.reason, found.fiscal_year) == ("", 2022)


@pytest.mark.parametrize("line", ["填报时间：2022年5月20日", "2021-2023年", "2020年决算数", ""])
def test_what_is_no_year_of_the_form_is_not_taken_for_it(line: str, clean: dict[str, Any]) -> None:
    """A date, a range, a heading with a year: none of them says of which year the return is."""
    found = second(clean, (TITLE,), (line,))
    assert (found.reason, found.fiscal_year) == ("", None)


def test_two_years_are_asked_about(clean: dict[str, Any]) -> None:
    """Title and line that name different years are an error at the second; the year asked for is not passed over."""
    found = second(clean, ("2021年度部门整体支出绩效自评表",), ("（2022年度）",))
    assert found.fiscal_year == 2021
    assert [(each.rule, each.cell, each.expected) for each in found.findings] == [
        ("years_differ", "A2", "2021年度、2022年度")
    ]


def test_the_year_of_annex_1_1_is_a_year_too(clean: dict[str, Any]) -> None:
    """A return that states the year only in the title of annex 1-1 is of that year."""
    found = pages(filed.workbook(filed.changed(clean, {"fields": {"fiscal_year": ""}}, "甲局")))
    first = next(name for name in found if "1-1" in name)
    at = where(found[first], "部门整体支出绩效评价基础数据表")
    found[first][0][at] = "2022年度部门整体支出绩效评价基础数据表"
    reading = read("甲局.xlsx", saved(found), 2021)
    assert reading.fiscal_year == 2022
    assert [(fact.raw, fact.sheet) for fact in reading.facts if fact.field == "fiscal_year"] == [("2022", first)]
