"""Bring the bureau's own 复核意见 up to date: its lines as they are formatted, and new ones below them."""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter

from pipeline.lists.reviews import ANSWER_LIST, LIST, STATE_LIST
from pipeline.workbooks.edit_list import EditedList, EditedWorkbook, put_text
from schemas.lists import head_answers
from schemas.lists.reviews import DECIDED, STAMPS, STATE_SET, Effect
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openpyxl.worksheet.worksheet import Worksheet

GONE = "已没有这一事项，可以删去本行"
"""What is said of a line without a decision about which nothing waits any more."""


def update_review_list(
    own: bytes,
    lines: Sequence[Mapping[str, str]],
    states: Sequence[Mapping[str, str]],
    answers: Sequence[Mapping[str, str]],
    stamps: Mapping[str, str],
    told: str,
) -> bytes:
    """Write the lines of the list into the workbook that the bureau has filled in.

    A line that it has stays where it is, with what was decided on it; of a stale decision the columns are blank again.
    A line that it has not comes below.

    Args:
        own: the workbook of the bureau.
        lines: one a line of the list, as `pipeline.review.decisions.table` gives them.
        states: the rows of the sheet of states (`pipeline.intake.return_states.rows`).
        answers: the rows of the sheet of answers (`pipeline.intake.head_answers.rows`).
        stamps: the content stamp of each department's return.
        told: what the second row says of the list.

    Raises:
        UneditableError: the workbook cannot be edited.
    """
    edited = EditedWorkbook(own)
    decisions = EditedList(edited, LIST)
    _update_list(decisions, lines, ("department", "item"), DECIDED)
    _update_list(EditedList(edited, STATE_LIST), states, ("department", "version"), STATE_SET)
    _update_list(_list_of_answers(edited, decisions), answers, head_answers.KEY, head_answers.ANSWERED)
    _say(decisions.sheet, decisions.head, told)
    if STAMPS in edited.book.sheetnames:
        _stamp(edited.book[STAMPS], stamps)
    return edited.save()


def _list_of_answers(edited: EditedWorkbook, like: EditedList) -> EditedList:
    """Give the sheet of answers; a list that was written before there was one gets it, its heads like the others."""
    if head_answers.SHEET not in edited.book.sheetnames:
        sheet, results = (book.create_sheet(head_answers.SHEET) for book in (edited.book, edited.results))
        pattern = like.sheet.cell(like.head, like.columns["department"])
        for column, words in enumerate(head_answers.COLUMNS.values(), 1):
            for cell in (sheet.cell(1, column), results.cell(1, column)):
                put_text(cell, words)
            sheet.cell(1, column)._style = copy(pattern._style)  # noqa: SLF001 - openpyxl copies looks so
            sheet.column_dimensions[get_column_letter(column)].width = 24
    return EditedList(edited, ANSWER_LIST)


def _update_list(
    edited: EditedList, lines: Sequence[Mapping[str, str]], key: tuple[str, str], decided: Sequence[str]
) -> None:
    """Update the rows of a list that are among the lines, and add the lines that are not among its rows.

    Args:
        edited: the list of the bureau.
        lines: what the program says, all of it.
        key: the fields by which a row and a line are the same.
        decided: the fields that the bureau fills in.
    """
    rows = edited.rows(key)
    left: dict[tuple[str, ...], list[Mapping[str, str]]] = defaultdict(list)
    for line in lines:
        left[tuple(normalise_label(line[name]) for name in key)].append(line)
    for row in rows:
        same = left[tuple(normalise_label(edited.text(row, name)) for name in key)]
        if same:
            _update(edited, row, same.pop(0), decided)
        elif not _is_decided(edited, row, decided):
            edited.write(row, "told", GONE)
    new = {id(line) for same in left.values() for line in same}
    undecided = [row for row in rows if not _is_decided(edited, row, decided)]
    edited.append([line for line in lines if id(line) in new], (undecided or rows or [edited.head + 1])[-1])


def _is_decided(edited: EditedList, row: int, decided: Sequence[str]) -> bool:
    return any(edited.text(row, name) for name in decided)


def _update(edited: EditedList, row: int, line: Mapping[str, str], decided: Sequence[str]) -> None:
    """Write what the program says of a line; decisions stay as they were typed unless they are stale."""
    for name, text in line.items():
        if name not in decided:
            edited.write(row, name, text)
        elif name in edited.columns:
            edited.keep_result(row, name)
            if line.get("effect") == Effect.STALE:
                edited.write(row, name, "")


def _say(sheet: Worksheet, head: int, told: str) -> None:
    """Write how many lines wait where the list says so: above its heads, in a cell that begins as ours does."""
    beginning = told[:3]
    for row in range(1, head):
        for cell in sheet[row]:
            if str(cell.value or "").startswith(beginning):
                put_text(cell, told)


def _stamp(sheet: Worksheet, stamps: Mapping[str, str]) -> None:
    """Write the stamps of the returns, which are all the program's: department and stamp a row."""
    for row in range(2, max(sheet.max_row, len(stamps) + 1) + 1):
        for column in (1, 2):
            put_text(sheet.cell(row, column), "")
    for row, pair in enumerate(stamps.items(), 2):
        for column, text in enumerate(pair, 1):
            put_text(sheet.cell(row, column), text)
            sheet.cell(row, column)._style = copy(sheet.cell(2, column)._style)  # noqa: SLF001 - openpyxl copies looks so
