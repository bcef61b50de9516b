"""Forms as clerks change them: what was filed is read as meant, or asked about; nothing goes without a word."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import filed
import openpyxl
import pytest
from conftest import evaluated_files

from pipeline.read import read
from schemas.annexes import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpyxl.workbook import Workbook

    from schemas.policy import Policy

FIRST, SECOND = (form.sheet for form in FORMS)


def changed(base: dict[str, Any], change: Callable[[Workbook], object]) -> bytes:
    """Give the workbook of a return, changed as the form cannot be filled in."""
    book = openpyxl.load_workbook(io.BytesIO(filed.workbook(base)))
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
    """Two headings of one line that are gone are two findings at that line."""
    content = changed(clean, set_to(FIRST, B6="实际", D6="以前"))
    assert told(content, policy) == [
        ("column_not_found", "A6", "上年决算数"),
        ("column_not_found", "A6", "当年决算数"),
    ]


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


def inserted(row: int, **cells: Any) -> Callable[[Workbook], object]:
    """Give a change that inserts one row into annex 1-2 as a spreadsheet does, merged ranges growing with it."""

    def change(book: Workbook) -> None:
        sheet = book[SECOND]
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
