"""Add lines to a list that the bureau has filled in and formatted, with openpyxl, so that its looks survive.

Widths, formats, comments, columns and sheets of the bureau's own stay as they are. What openpyxl cannot keep (text
boxes, saved results of formulas) is lost in the copy that is written; the file of the bureau itself is never changed.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from copy import copy
from typing import TYPE_CHECKING

import openpyxl
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.reading.parse_cell import as_text
from pipeline.workbooks.text_size import text_height
from pipeline.workbooks.writer import MADE, clean_text
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from openpyxl.cell import Cell

    from pipeline.lists.sheet_list import Listing

_PRINTED = "_xlnm.Print_Area"
"""The name of the area of a sheet that is printed."""
_UNSET = 13.0
"""Width of a column that the workbook gives none."""


class UneditableError(Exception):
    """A workbook that openpyxl cannot open or that has not the heads of the list."""


class EditedWorkbook:
    """A workbook of the bureau while it is edited, and the results that its formulas were saved with."""

    def __init__(self, content: bytes) -> None:
        """Open a workbook that the guard has let pass.

        Raises:
            UneditableError: openpyxl cannot open it.
        """
        try:
            with warnings.catch_warnings(action="ignore"):  # of what it does not keep
                self.book = _open(content)
                self.results = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        except Exception as error:  # what openpyxl raises for workbooks it does not know is of any kind
            raise UneditableError(str(error)) from error

    def save(self) -> bytes:
        """Give the workbook: the same bytes each time; a spreadsheet program computes its formulas when it opens it."""
        self.book.calculation.fullCalcOnLoad = True
        return save(self.book)


def _open(content: bytes) -> openpyxl.Workbook:
    """Open a workbook with openpyxl, areas to print of whole columns or rows included: openpyxl leaves these out."""
    reader = ExcelReader(io.BytesIO(content), rich_text=True)
    reader.read()
    book = reader.wb
    for number, names in reader.parser.defined_names.by_sheet().items():
        sheet = book[book.sheetnames[number]] if number in range(len(book.sheetnames)) else None
        if _PRINTED in names and isinstance(sheet, Worksheet) and not sheet.print_area:
            sheet.defined_names[_PRINTED] = names[_PRINTED]
    return book


class EditedList:
    """A list of the bureau while lines are added to it.

    Attributes:
        sheet: the sheet of the list.
        head: the row of its heads, from 1.
        columns: field → number of its column, from 1.
    """

    def __init__(self, edited: EditedWorkbook, listing: Listing) -> None:
        """Find the list in a workbook.

        Raises:
            UneditableError: no sheet has its heads.
        """
        found = next(filter(None, (_heads(sheet, listing) for sheet in edited.book.worksheets)), None)
        if found is None:
            raise UneditableError(listing.title)
        self.sheet, self.head, self.columns = found
        self._results = edited.results[self.sheet.title]

    def rows(self, fields: Collection[str]) -> list[int]:
        """Give the rows below the heads on which one of the fields is filled in."""
        rows = range(self.head + 1, self.sheet.max_row + 1)
        return [row for row in rows if any(self.text(row, field) for field in fields)]

    def text(self, row: int, field: str) -> str:
        """Give a cell as text, that of a formula its saved result; "" where the list lacks the column."""
        if field not in self.columns:
            return ""
        return _text(self._results.cell(row, self.columns[field])).strip()

    def keep_result(self, row: int, field: str) -> None:
        """Put the saved result in the place of a formula: a formula written by openpyxl has none."""
        cell = self.sheet.cell(row, self.columns[field])
        if cell.data_type == "f":
            cell.value = self._results.cell(row, self.columns[field]).value

    def write(self, row: int, field: str, text: str) -> None:
        """Write a text into a cell where it says something else; its format stays."""
        if field in self.columns and self.text(row, field) != text.strip():
            put_text(self.sheet.cell(row, self.columns[field]), text)

    def append(self, lines: Sequence[Mapping[str, str]], pattern: int) -> None:
        """Add lines below all that is there, each cell formatted as that of the row ``pattern``.

        Lists to choose from, marks by condition, filter, table and print area reach as far as the new lines.
        """
        first = max((row for row in range(1, self.sheet.max_row + 1) if _is_filled(self.sheet, row)), default=1) + 1
        for row, line in enumerate(lines, first):
            for column in range(1, self.sheet.max_column + 1):
                self.sheet.cell(row, column)._style = copy(self.sheet.cell(pattern, column)._style)  # noqa: SLF001 - openpyxl copies looks so
            for field, text in line.items():
                if field in self.columns:
                    put_text(self.sheet.cell(row, self.columns[field]), text)
            self.sheet.row_dimensions[row].height = self._height(line)
        if lines:
            _extend(self.sheet, pattern, first, first + len(lines) - 1)

    def _height(self, line: Mapping[str, str]) -> float:
        """Give the height of a line in the columns as wide as the bureau has made them."""
        widths = {
            field: self.sheet.column_dimensions[get_column_letter(at)].width or _UNSET
            for field, at in self.columns.items()
        }
        return max(20.0, *(text_height(text, widths[field]) for field, text in line.items() if field in widths))


def _text(cell: Cell) -> str:
    return "" if cell.value is None else as_text(cell.value)


def put_text(cell: Cell, text: str) -> None:
    """Write a text as text, whatever it begins with; "" empties the cell."""
    cell.value = clean_text(text) or None
    if cell.value is not None:
        cell.data_type = "s"


def save(book: openpyxl.Workbook) -> bytes:
    """Give the bytes of a workbook, the same each time: openpyxl writes the hour of saving into it."""
    made, fixed = io.BytesIO(), io.BytesIO()
    book.save(made)
    now = book.properties.modified
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts.namelist(), key=lambda each: (each != "[Content_Types].xml", each)):
            part = parts.read(name)
            if name == "docProps/core.xml":
                part = part.replace(f"{now:%Y-%m-%dT%H:%M:%SZ}".encode(), f"{MADE:%Y-%m-%dT%H:%M:%SZ}".encode())
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, part)
    return fixed.getvalue()


def _heads(sheet: Worksheet, listing: Listing) -> tuple[Worksheet, int, dict[str, int]] | None:
    """Find the row of the heads as `Listing` finds it when it reads."""
    wanted = {normalise_label(words): name for name, words in listing.columns.items()}
    for cells in sheet.iter_rows():
        words = [normalise_label(_text(cell)) for cell in cells]
        found = {wanted[word]: at for at, word in enumerate(words, 1) if word in wanted}
        if found.keys() >= set(listing.needed):
            return sheet, cells[0].row, found
    return None


def _is_filled(sheet: Worksheet, row: int) -> bool:
    return any(sheet.cell(row, column).value not in {None, ""} for column in range(1, sheet.max_column + 1))


def _extend(sheet: Worksheet, pattern: int, first: int, last: int) -> None:
    """Let what holds for the row ``pattern`` hold for the rows from first to last too."""
    for rule in sheet.data_validations.dataValidation:
        for area in list(rule.sqref.ranges):
            if area.min_row <= pattern <= area.max_row:
                rule.add(_reach(area.coord, first, last))
    reached = ConditionalFormattingList()
    for marked in sheet.conditional_formatting:
        areas = [area.coord for area in marked.sqref.ranges]
        areas += [_reach(at, first, last) for at in areas if _covers(at, pattern)]
        for each in marked.rules:
            reached.add(" ".join(areas), each)
    sheet.conditional_formatting = reached
    _extend_areas(sheet, pattern, last)


def _extend_areas(sheet: Worksheet, pattern: int, last: int) -> None:
    """Let filter, tables and what is printed reach down to a row where they hold the row ``pattern``."""
    if sheet.auto_filter.ref:
        sheet.auto_filter.ref = _down_to(sheet.auto_filter.ref, last)
    printed = [area.coord for area in sheet._print_area.ranges]  # noqa: SLF001 - the public one is a text with titles
    if printed:
        sheet.print_area = [_down_to(area, last) if _covers(area, pattern) else area for area in printed]
    for table in sheet.tables.values():
        if _covers(table.ref, pattern):
            table.ref = _down_to(table.ref, last)
            if table.autoFilter:
                table.autoFilter.ref = table.ref


def _covers(area: str, row: int) -> bool:
    _, top, _, bottom = range_boundaries(area)
    return bool(top <= row <= bottom)


def _reach(area: str, first: int, last: int) -> str:
    """Give the same columns in other rows."""
    left, _, right, _ = range_boundaries(area)
    return f"{get_column_letter(left)}{first}:{get_column_letter(right)}{last}"


def _down_to(area: str, last: int) -> str:
    left, top, right, bottom = range_boundaries(area)
    return f"{get_column_letter(left)}{top}:{get_column_letter(right)}{max(bottom, last)}"
