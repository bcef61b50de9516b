"""Bring the bureau's own 复核意见 up to date: its lines as they are formatted, and new ones below them."""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from typing import TYPE_CHECKING

from pipeline.lists.reviews import LIST
from pipeline.workbooks.edit_list import EditedList, put_text
from schemas.lists.reviews import COLUMNS, DECIDED, STAMPS, Effect
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openpyxl.worksheet.worksheet import Worksheet

GONE = "已没有这一事项，可以删去本行"
"""What is said of a line without a decision about which nothing waits any more."""
_ASKED = tuple(name for name in COLUMNS if name not in DECIDED)
"""The columns that the program fills in."""


def update_review_list(own: bytes, lines: Sequence[Mapping[str, str]], stamps: Mapping[str, str], told: str) -> bytes:
    """Write the lines of the list into the workbook that the bureau has filled in.

    A line that it has stays where it is, with what was decided on it; of a stale decision the columns are blank again.
    A line that it has not comes below.

    Args:
        own: the workbook of the bureau.
        lines: one a line of the list, as `pipeline.review.decisions.table` gives them.
        stamps: the content stamp of each department's return.
        told: what the second row says of the list.

    Raises:
        UneditableError: the workbook cannot be edited.
    """
    edited = EditedList(own, LIST)
    rows = edited.rows(("department", "item"))
    waiting: dict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for line in lines:
        waiting[_key(line["department"], line["item"])].append(line)
    for row in rows:
        same = waiting[_key(edited.text(row, "department"), edited.text(row, "item"))]
        if same:
            _update(edited, row, same.pop(0))
        elif not any(edited.text(row, name) for name in DECIDED):
            edited.write(row, "told", GONE)
    undecided = [row for row in rows if not any(edited.text(row, name) for name in DECIDED)]
    left = {id(line) for same in waiting.values() for line in same}
    new = [{name: line[name] for name in COLUMNS} for line in lines if id(line) in left]
    edited.append(new, (undecided or rows or [edited.head + 1])[-1])
    _say(edited.sheet, edited.head, told)
    if STAMPS in edited.book.sheetnames:
        _stamp(edited.book[STAMPS], stamps)
    return edited.save()


def _key(department: str, item: str) -> tuple[str, str]:
    return normalise_label(department), normalise_label(item)


def _update(edited: EditedList, row: int, line: Mapping[str, str]) -> None:
    """Write what the program says of a line; decisions stay as they were typed unless they are stale."""
    for name in _ASKED:
        edited.write(row, name, line[name])
    for name in DECIDED:
        if name in edited.columns:
            edited.keep_result(row, name)
            if line["effect"] == Effect.STALE:
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
