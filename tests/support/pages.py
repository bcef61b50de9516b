"""Sheets as cells and merged ranges, to lay the same return out in another way."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
from openpyxl.utils import range_boundaries

Cells = dict[tuple[int, int], Any]
Merges = list[tuple[int, int, int, int]]
Page = tuple[Cells, Merges]


def pages(content: bytes) -> dict[str, Page]:
    """Give the cells and merged ranges of each visible sheet, from 1."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    found: dict[str, Page] = {}
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            cells = {(c.row, c.column): c.value for line in sheet.iter_rows() for c in line if c.value is not None}
            merges = [range_boundaries(str(area)) for area in sheet.merged_cells.ranges]
            found[sheet.title] = (cells, [(top, left, bottom, right) for left, top, right, bottom in merges])
    return found


def saved(sheets: dict[str, Page]) -> bytes:
    """Write cells and merged ranges as a workbook, without any format."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, (cells, merges) in sheets.items():
        sheet = book.create_sheet(name)
        for (row, column), value in cells.items():
            sheet.cell(row, column, value)
        for top, left, bottom, right in merges:
            sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def moved(page: Page, down: int, right: int) -> Page:
    """Move a page down and to the right."""
    cells, merges = page
    return (
        {(row + down, column + right): value for (row, column), value in cells.items()},
        [(top + down, left + right, bottom + down, end + right) for top, left, bottom, end in merges],
    )


def both(first: Page, second: Page) -> Page:
    """Put two pages on one sheet."""
    return first[0] | second[0], first[1] + second[1]


def where(page: Page, value: Any) -> tuple[int, int]:
    """Give the first cell that holds a value."""
    return next(at for at, each in sorted(page[0].items()) if each == value)
