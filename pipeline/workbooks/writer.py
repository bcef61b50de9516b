"""Begin a workbook in memory, write values into it as what they are, and set its sheets up for paper.

Text of departments is only ever text: no string becomes a formula, a link or a number.
"""

from __future__ import annotations

import datetime
import io
import math
import re
from copy import copy
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any, Literal, cast

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import CellBlankTuple, CellFormulaTuple, CellNumberTuple, CellStringTuple, Worksheet

if TYPE_CHECKING:
    from pipeline.reading.workbook import Cell

MADE = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed date in every workbook: same inputs, same bytes
LONGEST_TEXT = 32767
"""Characters that a cell can hold."""
LONGEST_FORMULA = 8192
"""Characters of a formula that Excel takes."""
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_UNESCAPED = {int, float, type(None)}
"""Types of a formula's value in which nothing needs to be escaped."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_letters = lru_cache(xl_col_to_name)


class _Sheet(Worksheet):
    """A worksheet that does not look for what ours never have; a test holds each workbook to XlsxWriter's own bytes.

    XlsxWriter looks through every formula for thirty functions that came after Excel 2007 and for those that give
    several cells, which is a third of the time that a workbook of ours takes, and through every address and number for
    letters to escape. A formula whose value is None gives a blank: it is saved as the empty text that a reader can tell
    from a formula never computed, where XlsxWriter would save "None".
    """

    fh: Any  # the stream of the part that is being written

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002, FBT001, FBT002
        return formula.removeprefix("=")  # WPS knows few newer functions, and ours name none

    def _assemble_xml_file(self) -> None:
        super()._assemble_xml_file()
        self.table.clear()  # a large sheet need not be in memory twice while the others are written

    def _calculate_spans(self) -> None:
        """Say how far each sixteen rows reach, by the cells there are and not by asking for each there could be."""
        reached: dict[int, set[int]] = {}
        for row, columns in (*self.table.items(), *self.comments.items()):
            if columns:
                reached.setdefault(row // 16, set()).update((min(columns), max(columns)))
        self.row_spans = {block: f"{min(columns) + 1}:{max(columns) + 1}" for block, columns in reached.items()}

    def _write_formula(
        self, row: int, col: int, formula: str, cell_format: Format | None = None, value: Any = 0
    ) -> Literal[0, -1, -2]:
        if self._check_dimensions(row, col):
            return -1
        if len(formula) > LONGEST_FORMULA:  # rows in too many places: what they come to is a value
            return cast("Literal[0, -1, -2]", self._write(row, col, value, cell_format))
        self.table[row][col] = CellFormulaTuple(self._prepare_formula(formula), cell_format, value)
        return 0

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        kind, style = type(cell), cell.format
        if style is None:
            super()._write_cell(row, col, cell)
            return
        tag = f'<c r="{_letters(col)}{row + 1}" s="{style.xf_index or style._get_xf_index()}"'  # noqa: SLF001 - as there
        if kind is CellStringTuple:  # texts stand in a table of their own
            self.fh.write(f'{tag} t="s"><v>{cell.string}</v></c>')
        elif kind is CellBlankTuple:
            self.fh.write(f"{tag}/>")
        elif kind is CellNumberTuple:
            self.fh.write(f"{tag}><v>{cell.number:.16G}</v></c>")
        elif kind is CellFormulaTuple and cell.value is None:
            self.fh.write(f'{tag} t="str"><f>{escape(cell.formula, quote=False)}</f><v></v></c>')
        elif kind is CellFormulaTuple and type(cell.value) in _UNESCAPED:
            self.fh.write(f"{tag}><f>{escape(cell.formula, quote=False)}</f><v>{cell.value}</v></c>")
        else:
            super()._write_cell(row, col, cell)


for _method in ("write_string", "write_number", "write_blank", "write_formula"):
    # Before it does the work, XlsxWriter's own asks of each cell whether it is called "A1": ours are rows and columns.
    setattr(_Sheet, _method, getattr(_Sheet, f"_{_method}"))


class Workbook(xlsxwriter.Workbook):
    """A workbook in memory whose text is only ever text."""

    worksheet_class = _Sheet

    def __init__(self, buffer: io.BytesIO) -> None:
        """Begin with no sheet; the bytes are in the buffer once it is closed."""
        super().__init__(buffer, _OPTIONS)

    def add_format(self, properties: dict[str, Any] | None = None) -> Format:
        """Add a format, as a copy of the first one of these looks in whatever workbook: all have much the same ones."""
        made = copy(_first_format(tuple((self.default_format_properties | (properties or {})).items())))
        made.xf_format_indices, made.dxf_format_indices = self.xf_format_indices, self.dxf_format_indices
        self.formats.append(made)
        return made


@lru_cache(maxsize=1024)
def _first_format(looks: tuple[tuple[str, Any], ...]) -> Format:
    """Make a format of some looks; XlsxWriter tells formats apart by a key that takes longer than all else of them."""
    made = Format(dict(looks))
    made._get_format_key()  # type: ignore[no-untyped-call]  # noqa: SLF001 - it stays in the format and so in each copy
    return made


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
