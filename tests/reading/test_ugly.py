"""Forms as clerks change them: what was filed is read as meant, or asked about; nothing goes without a word."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from pipeline.reading.read import read
from schemas.forms import FIELDS, FORMS
from schemas.forms.model import Grid, Kind
from tests.conftest import evaluated_files
from tests.support import filed
from tests.support.places import cell_of, layouts

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpyxl.workbook import Workbook

    from schemas.policy import Policy

FIRST, SECOND = (form.sheet for form in FORMS)


def of_line(line: str) -> list[str]:
    """Give the fields of a line of the amounts of annex 1-1, from left to right."""
    grid = next(section for section in FORMS[0].sections if isinstance(section, Grid))
    return [f"{line}_{column.name}" for column in grid.columns]


OF_PROCUREMENT = of_line("procurement")


def changed(base: dict[str, Any], change: Callable[[Workbook], object]) -> bytes:
    """Give the workbook of a return, changed as the form cannot be filled in."""
    book = openpyxl.load_workbook(io.BytesIO(filed.workbook(base)), data_only=True)
    change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def told(content: bytes, policy: Policy) -> list[tuple[str, str, str]]:
    """Give what is told of a return: rule, cell, and what it is about."""
    found = evaluated_files({"某局": content}, policy).findings
    return sorted(zip(found["rule"], found["cell"], found["label"], strict=True))


def set_to(sheet: str, **cells: Any) -> Callable[[Workbook], object]:
    """Give a change of some cells."""

    def change(book: Workbook) -> None:
        for cell, value in cells.items():
            book[sheet][cell] = value

    return change


# --- everything that is missing is named ----------------------------------------------------------------------------


def test_every_row_that_is_missing_is_named(clean: dict[str, Any], policy: Policy) -> None:
    """Two rows of the form that are gone are two findings, though neither has a cell to point to."""
    content = changed(clean, set_to(FIRST, A13="某项", A14="某项"))
    assert told(content, policy) == [("row_not_found", "", "公务接待"), ("row_not_found", "", "出国（境）经费")]


def test_every_column_that_is_missing_is_named(clean: dict[str, Any], policy: Policy) -> None:
    """Two headings of one line that are gone are two findings, each at the text that stands in its place."""
    layout = layouts(clean)["1-1"]
    now, before = cell_of(layout, "当年决算数"), cell_of(layout, "上年决算数")
    content = changed(clean, set_to(FIRST, **{now: "实际", before: "以前"}))
    assert told(content, policy) == [("head_asked", now, "当年决算数"), ("head_asked", before, "上年决算数")]


# --- indicators ------------------------------------------------------------------------------------------------------


def test_without_a_first_level_the_second_says_what_a_row_counts_for(clean: dict[str, Any]) -> None:
    """Where 一级指标 is blank, 数量指标 is of the output, 经济效益指标 below it of the benefit, and so on."""
    rows = read("某局.xlsx", changed(clean, set_to(SECOND, B16=None, B24=None, B28=None)), 2021).indicators
    # Eight rows of output, four of benefit and one of satisfaction, as in the return without a fault.
    assert [row["criterion"] for row in rows] == ["output"] * 8 + ["benefit"] * 4 + ["satisfaction"]


def test_the_first_level_holds_for_a_second_that_is_none_of_its_own(clean: dict[str, Any]) -> None:
    """经济效益指标 below 产出指标 counts for the output: what the department wrote first is not overruled."""
    rows = read("某局.xlsx", changed(clean, set_to(SECOND, C20="经济效益指标")), 2021).indicators
    assert [(row["criterion"], row["aspect"]) for row in rows[4:6]] == [("output", "economic")] * 2


def inserted(row: int, name: str = SECOND, **cells: Any) -> Callable[[Workbook], object]:
    """Give a change that inserts one row as a spreadsheet does, merged ranges growing with it."""

    def change(book: Workbook) -> None:
        sheet = book[name]
        areas = [area.bounds for area in sheet.merged_cells.ranges]
        for area in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(area))
        sheet.insert_rows(row)
        for left, top, right, bottom in areas:
            sheet.merge_cells(
                start_row=top + (top >= row), start_column=left, end_row=bottom + (bottom >= row), end_column=right
            )
        for column, value in cells.items():
            sheet[f"{column}{row}"] = value

    return change


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (24, {"C": "小计", "G": 50, "H": 50}),
        (24, {"D": "小  计：", "E": "/", "G": 50, "H": 50}),
        (29, {"B": "合计", "G": 90, "H": 89.5}),
    ],
)
def test_a_line_that_adds_up_the_others_is_no_indicator(
    clean: dict[str, Any], policy: Policy, row: int, cells: dict[str, Any]
) -> None:
    """小计 and 合计 with points and nothing to measure count for nothing, and nothing is told of them."""
    content = changed(clean, inserted(row, **cells))
    assert len(read("某局.xlsx", content, 2021).indicators) == 13
    assert told(content, policy) == []


def test_an_indicator_called_a_sum_is_one(clean: dict[str, Any]) -> None:
    """合计 with a target is an indicator with a poor name."""
    content = changed(clean, inserted(24, D="合计", E="≥5家", F="6家"))
    assert [row["level3"] for row in read("某局.xlsx", content, 2021).indicators][8] == "合计"


def test_a_column_that_is_not_found_is_not_blank(clean: dict[str, Any], policy: Policy) -> None:
    """Where 实际完成值 has other words, that is told once; no row is said to have left it out, and none is judged."""
    content = changed(clean, set_to(SECOND, F15="完成得如何"))
    assert told(content, policy) == [
        ("head_asked", "F15", "实际完成值"),
        ("self_difference", "H29", "总分·得分"),  # only the 9.76 points of execution are judged
    ]
    assert set(evaluated_files({"某局": content}, policy).indicators["state"]) == {"unjudged"}


# --- merged cells ----------------------------------------------------------------------------------------------------


def merged(sheet: str, area: str, value: Any) -> Callable[[Workbook], object]:
    """Give a change that merges cells into one with this value."""

    def change(book: Workbook) -> None:
        for row in book[sheet][area]:
            for cell in row:
                cell.value = None
        book[sheet][area.partition(":")[0]] = value
        book[sheet].merge_cells(area)

    return change


def values(content: bytes) -> dict[str, Any]:
    """Give what is understood of each field."""
    return {fact.field: fact.value for fact in read("某局.xlsx", content, 2021).facts}


@pytest.mark.parametrize("asked", [OF_PROCUREMENT, ["project_county_outturn", "procurement_outturn"]])
def test_one_number_in_a_merged_cell_is_not_two(clean: dict[str, Any], policy: Policy, asked: list[str]) -> None:
    """50 over all columns, or over two lines, is no number of any of them, and each of them is asked about."""
    cell, last = (cell_of(layouts(clean)["1-1"], name) for name in (asked[0], asked[-1]))
    content = changed(clean, merged(FIRST, f"{cell}:{last}", 50))
    assert [values(content)[name] for name in asked] == [None] * len(asked)
    assert [(rule, at) for rule, at, _ in told(content, policy)] == [("value_shared", cell)] * len(asked)


@pytest.mark.parametrize(("value", "meant"), [(0, 0), ("无", None), (None, None)])
def test_nothing_over_several_columns_is_nothing_in_each(
    clean: dict[str, Any], policy: Policy, value: Any, meant: float | None
) -> None:
    """0, 无 and a blank in a merged cell are the same for every column below it."""
    names = of_line("overseas")
    first, last = (cell_of(layouts(clean)["1-1"], name) for name in (names[0], names[-1]))
    content = changed(clean, merged(FIRST, f"{first}:{last}", value))
    assert {values(content)[name] for name in names} == {meant}
    assert told(content, policy) == []


def test_a_target_merged_with_its_actual_is_no_actual(clean: dict[str, Any], policy: Policy) -> None:
    """100% over 年度指标值 and 实际完成值 is not reached by being written once: it is asked about, and not judged."""
    content = changed(clean, merged(SECOND, "E19:F19", "100%"))
    judged = evaluated_files({"某局": content}, policy).indicators
    assert judged["state"].iloc[3] == "unjudged"
    assert ("value_shared", "E19", "补助发放准确率·实际完成值") in told(content, policy)


def test_one_text_may_answer_two_questions(clean: dict[str, Any], policy: Policy) -> None:
    """Reasons and remedies in one merged cell are both; so is a name over the first and the second level."""
    for area in ("B31:H31", "B28:C28"):

        def change(book: Workbook, area: str = area) -> None:
            for each in list(book[SECOND].merged_cells.ranges):
                if each.coord in {"B31:D31", "E31:H31"} and area == "B31:H31":
                    book[SECOND].unmerge_cells(each.coord)
            merged(SECOND, area, book[SECOND][area.partition(":")[0]].value)(book)

        assert told(changed(clean, change), policy) == []


# --- what goes on in lines below -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "row", "column", "field"),
    [
        (SECOND, 15, "B", "goal_planned"),
        (SECOND, 15, "E", "goal_achieved"),
        (SECOND, 32, "B", "deviation_reasons"),
        (SECOND, 32, "E", "remedies"),
        (FIRST, 21, "B", "economy_measures"),
    ],
)
def test_a_text_goes_on_in_the_line_inserted_for_it(
    clean: dict[str, Any], policy: Policy, sheet: str, row: int, column: str, field: str
) -> None:
    """A second goal, reason or measure in a row of its own ends the text, whether or not the first is there."""
    first = clean["fields"][field]
    content = changed(clean, inserted(row, sheet, **{column: "其二。"}))
    assert values(content)[field] == f"{first}\n其二。"
    assert {rule for rule, _, _ in told(content, policy)} <= {"goals_without_row", "goals_left_out"}
    blank = filed.changed(clean, {"fields": {field: ""}}, "某局")
    assert values(changed(blank, inserted(row, sheet, **{column: "其二。"})))[field] == "其二。"


def test_what_stands_below_a_line_with_words_of_its_own_is_no_part_of_a_text(clean: dict[str, Any]) -> None:
    """A line that names something else, 审核意见 or 填表人, ends a text, and so does a blank one."""
    for cells in ({"A": "审核意见", "B": "同意。"}, {"A": None}):
        content = changed(clean, inserted(32, **cells))
        assert values(content)["deviation_reasons"] == clean["fields"]["deviation_reasons"]


def test_a_second_number_below_a_heading_is_asked_about(clean: dict[str, Any], policy: Policy) -> None:
    """Posts of 18 and, in a line inserted for it, of 12 are not 18."""
    content = changed(clean, inserted(6, FIRST, B=12))
    assert "authorised_posts" not in values(content)
    assert told(content, policy) == [("value_ambiguous", "B6", "编制数")]


# --- the unit of the amounts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "cell", "words"),
    [
        (FIRST, "A6", "经费控制情况（元）"),
        (FIRST, "B6", "当年决算数(单位：元)"),
        (FIRST, "A7", "一、部门基本支出（元）"),
        (FIRST, "beside", "金额单位：元"),
        (FIRST, "beside", "（单位：千元）"),
        (SECOND, "A5", "部门\n资金\n（元）"),
        (SECOND, "H3", "单位：人民币元"),
    ],
)
def test_amounts_said_to_be_in_yuan_are_asked_about(
    clean: dict[str, Any], policy: Policy, sheet: str, cell: str, words: str
) -> None:
    """Words of the form, or a line of its own, that say 元 are reported: the amounts below are read in 万元."""
    if cell == "beside":
        cell = f"{get_column_letter(layouts(clean)['1-1'].width + 1)}3"

    def change(book: Workbook) -> None:
        for area in list(book[sheet].merged_cells.ranges):
            if area.coord == "A3:H3":
                book[sheet].unmerge_cells(area.coord)
        book[sheet][cell] = words

    assert [(rule, at) for rule, at, _ in told(changed(clean, change), policy)] == [("unit_differs", cell)]


@pytest.mark.parametrize("cells", [{"D22": "培训总成本（元）"}, {"E22": "单位：元/人"}, {"J3": "单位：万元"}])
def test_an_indicator_in_yuan_and_a_form_in_wan_are_not(clean: dict[str, Any], cells: dict[str, Any]) -> None:
    """An indicator may be in 元, and 单位：万元 is what the form says."""
    reading = read("某局.xlsx", changed(clean, set_to(SECOND, **cells)), 2021)
    assert "unit_differs" not in {found.rule for found in reading.findings}


def test_both_annexes_typed_in_yuan_are_asked_about(clean: dict[str, Any], policy: Policy) -> None:
    """Every amount 10000 times what it was agrees with every other; 29 people at 13.8 万元 each do not come to it."""
    amounts = {name: value * 10000 for name, value in clean["fields"].items() if _is_amount(name, value)}
    content = filed.workbook(filed.changed(clean, {"fields": amounts}, "某局"))
    assert [(rule, cell) for rule, cell, _ in told(content, policy)] == [("all_in_yuan", "B7"), ("all_in_yuan", "G9")]


def _is_amount(name: str, value: Any) -> bool:
    return FIELDS[name].kind is Kind.AMOUNT and isinstance(value, (int, float))


# --- an annex twice --------------------------------------------------------------------------------------------------


def again(down: int, right: int, *, filled: bool) -> Callable[[Workbook], object]:
    """Give a change that puts annex 1-1 on its sheet a second time, with 9 万元 of 三公经费 or with no figures."""

    def change(book: Workbook) -> None:
        sheet = book[FIRST]
        for row in sheet["A1:D21"]:
            for cell in row:
                copied = cell.value if filled or isinstance(cell.value, str) else None
                if copied is not None and (filled or cell.coordinate not in {"B3", "D3", "D5", "B20"}):
                    sheet.cell(cell.row + down, cell.column + right).value = copied
        if filled:
            sheet.cell(9 + down, 2 + right).value = 9

    return change


def test_a_filled_copy_below_is_asked_about(clean: dict[str, Any], policy: Policy) -> None:
    """Annex 1-1 filled in twice on one sheet is reported at the second title; the first, with 4 万元, is read."""
    content = changed(clean, again(25, 0, filled=True))
    assert values(content)["three_public_outturn"] == 4
    assert told(content, policy) == [("annex_twice", "A27", "附件1-1（附件1-1 基础数据表）")]


def test_a_blank_copy_below_is_not(clean: dict[str, Any], policy: Policy) -> None:
    """A form of which nothing is filled in is no second one."""
    content = changed(clean, again(25, 0, filled=False))
    assert values(content)["three_public_outturn"] == 4
    assert told(content, policy) == []


# --- what nobody sees ------------------------------------------------------------------------------------------------


def test_marks_that_nobody_sees_are_none(clean: dict[str, Any], policy: Policy) -> None:
    """Marks without width, as they come along from a page or a chat, change no number, word, name, label or blank."""
    change = set_to(
        FIRST,
        A13="公务\u200b接待\ufeff",
        B3="\u202a示例县样板局\u202c",
        B9="4\u200b\u3000",
        B12="\ufeff3",
        D14="\u200b",
    )
    rows = set_to(
        SECOND, A3="（2021年度）\u200b", B24="效益指标\u200b", C29="优秀\u2060", E17="\u200b≥100户", F17="100\u200d户"
    )

    def both(book: Workbook) -> None:
        change(book)
        rows(book)

    content = changed(clean, both)
    blank = changed(clean, set_to(FIRST, D14=None))
    assert values(content) == values(blank)
    assert told(content, policy) == []


def test_a_mark_that_turns_the_direction_round_is_seen(clean: dict[str, Any]) -> None:
    """What stands behind such a mark is shown from right to left: it is not read as what it is not."""
    content = changed(clean, set_to(FIRST, B9="\u202e04"))
    assert values(content)["three_public_outturn"] is None
