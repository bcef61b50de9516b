"""Write a workbook that cannot be edited anew: its values and merged cells only."""

from __future__ import annotations

import datetime
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from xlsxwriter.exceptions import OverlappingRange

from pipeline.guard.notes import MAX_COLUMN
from pipeline.reading.shown_text import is_known
from pipeline.reading.workbook import book
from pipeline.workbooks.styles import Styles
from pipeline.workbooks.writer import begin_workbook, put

if TYPE_CHECKING:
    from pipeline.cells import Cell
    from pipeline.reading.workbook import Sheet


def transcribe(content: bytes) -> bytes:
    """Make a workbook of the values and merged ranges that the reader finds, without the sheets it passes over."""
    made, buffer = begin_workbook("")
    styles = Styles(made)
    for sheet in book(content).sheets:
        # A name that Excel does not allow goes; what is said of the sheet then has no link.
        allowed = re.fullmatch(r"(?!')[^\[\]:*?/\\]{1,31}(?<!')", sheet.name)
        page = made.add_worksheet(sheet.name if allowed else None)
        page.set_column(0, max(map(len, sheet.rows), default=1), 16)
        if sheet.hidden and len(made.worksheets()) > 1:
            page.hide()
        for start, (row, column) in sheet.extents.items():
            # As far as content reaches: of a range over a whole sheet every cell would be written.
            end = max(start[0], min(row, len(sheet.rows))), max(start[1], min(column, MAX_COLUMN))
            # Ranges over each other, which Excel would mend, are not written twice.
            with suppress(OverlappingRange):
                if end != start:
                    page.merge_range(*start, *end, "", styles.get("filed"))
        for row, values in enumerate(sheet.rows):
            for column, value in enumerate(values):
                cell = (row, column)
                if sheet.anchor(cell) == cell and (value != "" or cell in sheet.troubles):
                    _write(page, styles, cell, value, sheet)
    made.close()
    return buffer.getvalue()


def _write(page: Any, styles: Styles, cell: Cell, value: Any, sheet: Sheet) -> None:
    """Write a value as what the reader took it for."""
    trouble = sheet.troubles.get(cell)
    code = sheet.formats.get(cell, "")
    code = code if is_known(code) else ""
    if trouble:
        page.write_formula(*cell, f"={trouble}", styles.get("filed"), trouble)
    elif isinstance(value, bool):
        page.write_boolean(*cell, value, styles.get("filed"))
    elif isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        page.write_datetime(*cell, value, styles.get("filed", number=code or "yyyy-mm-dd hh:mm"))
    else:
        put(page, cell, value, styles.get("filed", number=code))
