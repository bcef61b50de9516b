"""Begin a workbook in memory, write values into it as what they are, and set its sheets up for paper.

Text of departments is only ever text: no string becomes a formula, a link or a number.
"""

from __future__ import annotations

import datetime
import io
import math
import re
from typing import TYPE_CHECKING, Any

from pipeline.workbooks.xlsxwriter_classes import Workbook

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from pipeline.reading.workbook import Cell

MADE = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed date in every workbook: same inputs, same bytes
LONGEST_TEXT = 32767
"""Characters that a cell can hold."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def begin_workbook(title: str) -> tuple[Workbook, io.BytesIO]:
    """Begin a workbook; its bytes are in the buffer once it is closed."""
    buffer = io.BytesIO()
    book = Workbook(buffer)
    book.set_properties({"title": title, "created": MADE})
    return book, buffer


def put(sheet: Worksheet, cell: Cell, value: Any, style: Format) -> None:
    """Write a value as what it is: a number, text (never a formula or a link), or a blank."""
    row, column = cell
    if isinstance(value, str) and value:  # as most are
        sheet.write_string(row, column, clean_text(value), style)
    elif value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否", style)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value), style)


def clean_text(text: str) -> str:
    """Give a text as a cell can hold it: no control characters, and not too long."""
    printable = text if text.isprintable() else _CONTROL.sub("�", text)
    return str(printable)[:LONGEST_TEXT]


def add_page_header(sheet: Worksheet) -> None:
    """Say above every printed page of what workbook and sheet it is: a page of a long list does not say it itself."""
    sheet.set_header("&L&9&F&R&9&A")


def set_up_page(sheet: Worksheet, *, landscape: bool = False) -> None:
    """Set a sheet up for A4 paper, one page wide, with page numbers."""
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.set_footer("&C第 &P 页，共 &N 页")
