"""XlsxWriter's classes, which leave out what workbooks of ours never need, and take every text as text.

A test holds each workbook to the bytes of XlsxWriter's own classes (docs/decisions/0006).
"""

from __future__ import annotations

import math
from copy import copy
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any, Literal, cast

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings
from xlsxwriter.url import Url
from xlsxwriter.utility import _preserve_whitespace, xl_col_to_name
from xlsxwriter.worksheet import CellBlankTuple, CellFormulaTuple, CellNumberTuple, CellStringTuple, Worksheet

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

LONGEST_FORMULA = 8192
"""Characters of a formula that Excel takes."""
STYLES_KEPT = 128
"""Of so many workbooks with different formats the part that says them is kept; nine hundred departments have 220."""
_STYLES: dict[tuple[Any, ...], str] = {}
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_UNESCAPED = {int, float, type(None)}
"""Types of a formula's value in which nothing needs to be escaped."""
_letters = lru_cache(xl_col_to_name)


@lru_cache(maxsize=16384)
def _make_link(url: str, text: str | None) -> Url:
    """Make a link once: several lists of a county lead to the same workbooks."""
    link = Url(url)
    if text is not None:
        link.text = text
    return link


class _Sheet(Worksheet):
    """A worksheet that does not look for what ours never have; a test holds each workbook to XlsxWriter's own bytes.

    XlsxWriter looks through every formula for thirty functions that came after Excel 2007 and for those that give
    several cells, and through every address and number for letters to escape; and it asks with each cell how far the
    sheet reaches, which the cells themselves tell when it is written. A formula whose value is None gives a blank: it
    is saved as the empty text that a reader can tell from a formula never computed, where XlsxWriter would save "None".
    """

    fh: Any  # the stream of the part that is being written
    str_table: Any  # the texts of the workbook

    def _escape_attributes(self, attribute: Any) -> Any:
        return attribute if type(attribute) is int else super()._escape_attributes(attribute)  # type: ignore[no-untyped-call]

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002, FBT001, FBT002
        return formula.removeprefix("=")  # WPS knows few newer functions, and ours name none

    def _assemble_xml_file(self) -> None:
        for row, cells in self.table.items():
            for column in (min(cells), max(cells)) if cells else ():
                self._check_dimensions(row, column)
        super()._assemble_xml_file()
        self.table.clear()  # a large sheet need not be in memory twice while the others are written
        self.hyperlinks.clear()
        self.fh = None

    def _calculate_spans(self) -> None:
        """Say how far each sixteen rows reach, by the cells there are and not by asking for each there could be."""
        reached: dict[int, set[int]] = {}
        for row, columns in (*self.table.items(), *self.comments.items()):
            if columns:
                reached.setdefault(row // 16, set()).update((min(columns), max(columns)))
        self.row_spans = {block: f"{min(columns) + 1}:{max(columns) + 1}" for block, columns in reached.items()}

    def _write_string(self, row: int, col: int, string: str, cell_format: Format | None = None) -> Literal[0, -1, -2]:
        if len(string) > self.xls_strmax // 2:
            return super()._write_string(row, col, string, cell_format)
        self.table[row][col] = CellStringTuple(self.str_table._get_shared_string_index(string), cell_format)  # noqa: SLF001
        return 0

    def _write_number(self, row: int, col: int, number: Any, cell_format: Format | None = None) -> Literal[0, -1]:
        if not math.isfinite(number):
            return super()._write_number(row, col, number, cell_format)
        self.table[row][col] = CellNumberTuple(number, cell_format)
        return 0

    def _write_blank(self, row: int, col: int, _: Any, cell_format: Format | None = None) -> Literal[0, -1]:
        if cell_format is not None:
            self.table[row][col] = CellBlankTuple(cell_format)
        return 0

    def _write_formula(
        self, row: int, col: int, formula: str, cell_format: Format | None = None, value: Any = 0
    ) -> Literal[0, -1, -2]:
        if len(formula) > LONGEST_FORMULA:  # rows in too many places: what they come to is a value
            return cast("Literal[0, -1, -2]", self._write(row, col, value, cell_format))
        self.table[row][col] = CellFormulaTuple(self._prepare_formula(formula), cell_format, value)
        return 0

    def _write_url(
        self,
        row: int,
        col: int,
        url: Any,
        cell_format: Format | None = None,
        string: str | None = None,
        tip: str | None = None,
    ) -> int:
        if tip is None and isinstance(url, str) and len(url) <= self.max_url_length // 2:
            url = _make_link(url, string)
        return super()._write_url(row, col, url, cell_format, string, tip)

    def _write_merge_cell(self, merged_range: list[int]) -> None:
        top, left, bottom, right = merged_range
        self.fh.write(f'<mergeCell ref="{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}"/>')

    def _write_rows(self) -> None:
        self._calculate_spans()
        for row in sorted({*self.table, *self.row_info, *self.comments}):
            cells, about = self.table.get(row), (row, self.row_spans.get(row // 16), self.row_info.get(row))
            if cells:
                self._write_row(*about)
                for column in sorted(cells):
                    self._write_cell(row, column, cells[column])
                self._xml_end_tag("row")
            elif row in self.row_info or row in self.comments:
                self._write_empty_row(*about)

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


for _method in ("write_string", "write_number", "write_blank", "write_formula", "write_url"):
    # Before it does the work, XlsxWriter's own asks of each cell whether it is called "A1": ours are rows and columns.
    setattr(_Sheet, _method, getattr(_Sheet, f"_{_method}"))


class _SharedStrings(SharedStrings):
    """The texts of a workbook, each as text: XlsxWriter takes one from ``<r>`` to ``</r>`` for markup of its own."""

    fh: Any  # the stream of the part that is being written

    def _write_si(self, string: str) -> None:
        if string.isprintable() and string.strip() == string and "_x" not in string:  # nothing but <, > and & to escape
            self.fh.write(f"<si><t>{escape(string, quote=False)}</t></si>")
            return
        text = self._escape_control_characters(string)  # type: ignore[no-untyped-call]
        self._xml_si_element(text, [("xml:space", "preserve")] if _preserve_whitespace(text) else [])


class _Packager(Packager):
    """What puts the parts of a workbook together; that of its formats is taken from a workbook that has the same."""

    workbook: Any  # ours
    filenames: list[tuple[Any, str, bool]]

    def _create_package(self) -> Iterator[tuple[Any, str, bool]]:
        """Give the parts one by one: none need stay in memory once it is packed."""
        super()._create_package()  # type: ignore[no-untyped-call]
        while self.filenames:
            yield self.filenames.pop(0)

    def _write_styles_file(self) -> None:
        if self.workbook.known_styles is not None:
            self._filename("xl/styles.xml").write(self.workbook.known_styles)  # type: ignore[no-untyped-call]
            return
        super()._write_styles_file()
        if len(_STYLES) >= STYLES_KEPT:
            _STYLES.clear()
        _STYLES[self.workbook.looks] = self.filenames[-1][0].getvalue()

    def _write_shared_strings_file(self) -> None:
        texts: Any = _SharedStrings()
        texts.string_table = self.workbook.str_table
        if texts.string_table.count:
            texts._set_xml_writer(self._filename("xl/sharedStrings.xml"))  # type: ignore[no-untyped-call]  # noqa: SLF001
            texts._assemble_xml_file()  # noqa: SLF001


class Workbook(xlsxwriter.Workbook):
    """A workbook in memory whose text is only ever text."""

    worksheet_class = _Sheet
    looks: tuple[Any, ...] = ()  # those of all formats, in their order, which is known when it is closed
    known_styles: str | None = None  # the part of formats, where an earlier workbook has the same looks

    def __init__(self, buffer: io.BytesIO) -> None:
        """Begin with no sheet; the bytes are in the buffer once it is closed."""
        super().__init__(buffer, _OPTIONS)

    def add_format(self, properties: dict[str, Any] | None = None) -> Format:
        """Add a format, as a copy of the first one of these looks in whatever workbook: all have much the same ones."""
        made = copy(_first_format(tuple((self.default_format_properties | (properties or {})).items())))
        made.xf_format_indices, made.dxf_format_indices = self.xf_format_indices, self.dxf_format_indices
        self.formats.append(made)
        return made

    def _get_packager(self) -> Packager:
        return _Packager()

    def _prepare_format_properties(self) -> None:
        self._prepare_formats()
        of_cells, of_conditions = (
            tuple((each._get_format_key(), each.hyperlink) for each in formats)  # noqa: SLF001 - as there
            for formats in (self.xf_formats, self.dxf_formats)
        )
        self.looks = (self.has_comments, of_cells, of_conditions)
        self.known_styles = _STYLES.get(self.looks)
        if self.known_styles is None:
            super()._prepare_format_properties()


@lru_cache(maxsize=1024)
def _first_format(looks: tuple[tuple[str, Any], ...]) -> Format:
    """Make a format of some looks; XlsxWriter tells formats apart by a key that takes longer than all else of them."""
    made = Format(dict(looks))
    made._get_format_key()  # type: ignore[no-untyped-call]  # noqa: SLF001 - it stays in the format and so in each copy
    return made
