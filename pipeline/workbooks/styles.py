"""What all workbooks share: how they begin, their looks, safe writing of values, and paper.

Text of departments is only ever text: no string becomes a formula, a link or a number.
"""

from __future__ import annotations

import datetime
import io
import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, cast
from xml.sax.saxutils import escape

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell_fast
from xlsxwriter.worksheet import CellFormulaTuple, Worksheet

from pipeline.text_format import display_width
from schemas.forms.model import Kind

if TYPE_CHECKING:
    from pipeline.reading.workbook import Cell

MADE = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed date in every workbook: same inputs, same bytes
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
LINE_HEIGHT = 16.0
"""Points a line of 10-point Chinese text takes."""
TALLEST = 400.0
"""Excel ends at 409; a longer text is written smaller."""
USUAL, SMALLEST, TITLE = 10, 4, 16
"""Font sizes in points: of what is written, of the longest texts, and of the title of a sheet."""


class _Sheet(Worksheet):
    """A worksheet that does not look for what ours never have; a test holds each workbook to XlsxWriter's own bytes.

    XlsxWriter looks through every formula for thirty functions that came after Excel 2007 and for those that give
    several cells, which is a third of the time that a workbook of ours takes, and through every address and number for
    letters to escape.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002, FBT001, FBT002
        return formula.removeprefix("=")  # WPS knows few newer functions, and ours name none

    def _assemble_xml_file(self) -> None:
        super()._assemble_xml_file()
        self.table.clear()  # a large sheet need not be in memory twice while the others are written

    def _write_formula(
        self, row: int, col: int, formula: str, cell_format: Format | None = None, value: Any = 0
    ) -> Literal[0, -1, -2]:
        if self._check_dimensions(row, col):
            return -1
        self.table[row][col] = CellFormulaTuple(self._prepare_formula(formula), cell_format, value)
        return 0

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        kind = type(cell).__name__
        if cell.format is None or kind not in _PLAIN or (kind == "Formula" and type(cell.value) not in _FIGURES):
            super()._write_cell(row, col, cell)
            return
        tag = f'<c r="{xl_rowcol_to_cell_fast(row, col)}" s="{cell.format._get_xf_index()}"'  # noqa: SLF001 - as there
        write = cast("io.StringIO", self.fh).write
        if kind == "String":  # texts stand in a table of their own
            write(f'{tag} t="s"><v>{cell.string}</v></c>')
        elif kind == "Blank":
            write(f"{tag}/>")
        elif kind == "Number":
            write(f"{tag}><v>{cell.number:.16G}</v></c>")
        else:
            write(f"{tag}><f>{escape(cell.formula)}</f><v>{cell.value}</v></c>")


# Ours name cells by row and column, and never as "A1", which XlsxWriter looks for at every call.
for _name in ("write_string", "write_number", "write_blank", "write_formula", "merge_range", "set_column"):
    setattr(_Sheet, _name, getattr(Worksheet, _name).__wrapped__)

_PLAIN = {"String", "Blank", "Number", "Formula"}
"""Cells that are written here."""
_FIGURES = {int, float}
"""What a formula has come to, where nothing needs to be escaped."""


class Workbook(xlsxwriter.Workbook):
    """A workbook in memory whose text is only ever text."""

    worksheet_class = _Sheet

    def __init__(self, buffer: io.BytesIO) -> None:
        """Begin with no sheet; the bytes are in the buffer once it is closed."""
        super().__init__(buffer, _OPTIONS)

    def add_format(self, properties: dict[str, Any] | None = None) -> Format:
        """Add a format; what looks the same in another workbook has been worked out there, and is copied."""
        made = Format.__new__(Format)
        vars(made).update(vars(_format(tuple((self.default_format_properties | (properties or {})).items()))))
        made.xf_format_indices, made.dxf_format_indices = self.xf_format_indices, self.dxf_format_indices
        self.formats.append(made)
        return made


@lru_cache(maxsize=512)
def _format(properties: tuple[tuple[str, Any], ...]) -> Format:
    """Make a format of no workbook, its key included, which a workbook would make for each."""
    made = Format(dict(properties), {}, {})
    cast("Any", made)._get_format_key()  # noqa: SLF001 - it is kept in the format
    return made


def begin(title: str) -> tuple[Workbook, io.BytesIO]:
    """Begin a workbook; its bytes are in the buffer once it is closed."""
    buffer = io.BytesIO()
    book = Workbook(buffer)
    book.set_properties({"title": title, "created": MADE})
    return book, buffer


_BASE: dict[str, Any] = {"font_name": "宋体", "font_size": USUAL, "valign": "vcenter", "text_wrap": True}
_BOX: dict[str, Any] = _BASE | {"border": 1, "border_color": "#7F7F7F"}
_LOOKS: dict[str, dict[str, Any]] = {
    "annex": _BASE | {"font_name": "黑体"},
    "title": _BASE | {"font_name": "黑体", "font_size": TITLE, "bold": True, "align": "center"},
    "subtitle": _BASE | {"align": "center"},
    "prompt": _BASE | {"align": "right"},
    "answer": _BASE | {"bottom": 1, "bg_color": "#FFFBE6"},
    "given": _BASE | {"bottom": 1},
    "head": _BOX | {"bold": True, "align": "center", "bg_color": "#DCE6F1"},
    "label": _BOX | {"bg_color": "#F2F2F2"},
    "strip": _BOX | {"bold": True, "align": "center", "bg_color": "#DCE6F1"},
    "aspect": _BOX | {"align": "center", "bg_color": "#F2F2F2"},
    "input": _BOX | {"bg_color": "#FFFBE6"},
    "derived": _BOX | {"bg_color": "#E2EFDA"},
    "filed": _BOX,
    "faulty": _BOX | {"bg_color": "#F8CBAD", "font_color": "#9C0006"},
    "doubtful": _BOX | {"bg_color": "#FFE699"},
    "computed": _BOX | {"bg_color": "#EAF3FA", "font_color": "#1F4E79"},
    "computed_head": _BOX | {"bold": True, "align": "center", "bg_color": "#1F4E79", "font_color": "#FFFFFF"},
    "note": _BASE | {"valign": "top"},
    "plain": _BASE | {"text_wrap": False},
    "link": _BOX | {"font_color": "#0563C1", "underline": 1},
    "back": _BASE | {"font_color": "#0563C1", "underline": 1, "text_wrap": False},
    "total": _BOX | {"bold": True, "bg_color": "#DCE6F1"},
    "prefilled": _BOX | {"bg_color": "#E9E3F4"},
    "known": _BASE | {"bottom": 1, "bg_color": "#E9E3F4"},
    "row": _BASE,
    "check": _BASE | {"font_size": 9, "font_color": "#2E7D32"},
    "check_head": _BASE | {"font_size": 9, "bold": True, "font_color": "#595959", "bottom": 4},
    "check_first": _BASE | {"font_size": 9, "bold": True, "font_color": "#2E7D32", "border": 4},
}
_NEVER_HASHES = {"text_wrap": False, "shrink": True}
"""Looks of a number that is written smaller where its column is too narrow, rather than as ####."""
_NUMBERS: dict[Kind, dict[str, Any]] = {
    Kind.AMOUNT: {"num_format": "#,##0.00", "align": "right"},
    Kind.RATE: {"num_format": "0.00%", "align": "right"},
    Kind.POINTS: {"num_format": "0.00", "align": "right"},
    Kind.COUNT: {"num_format": "0", "align": "right"},
    Kind.TEXT: {"align": "left"},
    Kind.GRADE: {"align": "left"},
}


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        """Begin with none."""
        self._book = book
        self._made: dict[tuple[str, Kind | None, str, bool, float], Format] = {}

    def get(
        self, role: str, kind: Kind | None = None, number: str = "", *, unlocked: bool = False, size: float = USUAL
    ) -> Format:
        """Give the format of a role for values of a kind, or with a number format of its own.

        An ``unlocked`` cell can be changed where the sheet is protected; ``size`` is that of a text that `fitting`
        makes smaller.
        """
        key = (role, kind, number, unlocked, size)
        if key not in self._made:
            looks = dict(_LOOKS[role])
            if kind is not None:
                looks |= _NUMBERS.get(kind, {})
            if number:
                looks |= {"num_format": number, "align": "right"} | _NEVER_HASHES
            if unlocked:
                looks |= {"locked": False}
            if size < USUAL:
                looks |= {"font_size": size}
            self._made[key] = self._book.add_format(looks)
        return self._made[key]


def text_height(text: str, width: float) -> float:
    """Give the height in points of a text wrapped into a width in characters."""
    return min(TALLEST, _height(text, width, USUAL))


def title_height(text: str, width: float) -> float:
    """Give the height in points of a title wrapped into a width in characters of the usual size."""
    return min(TALLEST, _height(text, width, TITLE))


@lru_cache(maxsize=16384)
def _height(text: str, width: float, size: float) -> float:
    """Give the height of a text in letters of a size. Kept: most texts of a form are the same in every return."""
    across = max(width - 1, 1) * USUAL / size
    lines = sum([max(1, math.ceil(display_width(line) * 1.05 / across)) for line in text.rstrip().split("\n")])
    lines += any(word.isascii() and len(word) > across for word in text.split(" ")[1:])  # it begins a line of its own
    return lines * LINE_HEIGHT * size / USUAL + 4


def fitting(text: str, width: float) -> float:
    """Give the font size at which a text fits the tallest row there is: the usual one, where it can."""
    if _height(text, width, USUAL) <= TALLEST:
        return USUAL
    sizes = (USUAL - half / 2 for half in range(1, 2 * (USUAL - SMALLEST)))
    return next((size for size in sizes if _height(text, width, size) <= TALLEST), SMALLEST)


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
LONGEST_TEXT = 32767
"""What a cell can hold."""


def put(sheet: Worksheet, cell: Cell, value: Any, style: Format) -> None:
    """Write a value as what it is: a number, text (never a formula or a link), or a blank."""
    row, column = cell
    if isinstance(value, str) and value:  # as most are
        text = value if value.isprintable() else _CONTROL.sub("�", value)
        sheet.write_string(row, column, str(text)[:LONGEST_TEXT], style)
    elif value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否", style)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value), style)


def headed(sheet: Worksheet) -> None:
    """Say above every printed page of what workbook and sheet it is: a page of a long list does not say it itself."""
    sheet.set_header("&L&9&F&R&9&A")


def printed(sheet: Worksheet, *, landscape: bool = False) -> None:
    """Set a sheet up for A4 paper, one page wide, with page numbers."""
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.set_footer("&C第 &P 页，共 &N 页")
