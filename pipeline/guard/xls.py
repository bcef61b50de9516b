"""Old workbooks (.xls, .et): the records that bound what calamine will read, and what the values do not tell."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from pipeline.cells import address
from pipeline.guard.built_in_formats import BUILT_IN
from pipeline.guard.notes import (
    DAMAGED,
    FAR,
    FORM,
    MAX_AREA,
    MAX_COLUMN,
    MAX_ROW,
    MAX_SHEETS,
    MAX_TEXT,
    PASSWORD,
    RESAVE,
    SPREAD,
    Notes,
    Passed,
    Refused,
    SheetNotes,
)
from pipeline.guard.xls_container import SIGNATURE as OLE2
from pipeline.guard.xls_container import Container

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.cells import Cell
    from pipeline.guard.notes import Engine, Range

__all__ = ["OLE2", "inspect"]

_OTHERS = {
    "EncryptedPackage": PASSWORD,
    "WordDocument": f"是 Word 文档，不是 Excel 工作簿；{FORM}",
    "PowerPoint Document": f"是演示文稿，不是 Excel 工作簿；{FORM}",
}
_STREAMS = ("workbook", "book")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_BOF, _EOF, _FILEPASS, _SHEET, _FORMAT, _XF, _SUPBOOK, _TEXTS = 0x809, 0x0A, 0x2F, 0x85, 0x41E, 0xE0, 0x1AE, 0xFC
_FONT, _CALCULATION, _EPOCH, _ROW, _COLUMNS_INFO, _NOTE = 0x31, 0x0D, 0x22, 0x208, 0x7D, 0x1C
_DIMENSIONS, _MERGED, _STRING, _BOOL_OR_ERROR, _RANGE, _LABEL_TEXT = 0x200, 0xE5, 0x207, 0x205, 0xBD, 0xFD
_FORMULAS = {0x06, 0x206, 0x406}
"""A formula, also as older versions numbered it, which some writers still do."""
_CELLS = {*_FORMULAS, _BOOL_OR_ERROR, _LABEL_TEXT, 0x203, 0x204, 0x27E, 0xD6}
"""Records of one cell with content: row, column, format. Blank cells cost nothing and are passed over."""
_BETWEEN = {0x4BC, 0x221, 0x236}
"""What may stand between a formula and its text: shared formula, array, table."""
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_BIFF8 = 0x600
_COLUMNS = 256
_MACROS = {1, 6}
"""Types of sheets that hold macros."""
_STRUCK, _HIDDEN_ROW = 0x08, 0x20
_BLANK, _BLANKS = 0x201, 0xBE
MAX_CLAIMED = 2_000_000
"""Cells that a sheet may state to span where calamine reads it, which reserves 40 bytes for each, unseen."""
MAX_CLOSER = 2_000_000
"""Cells of the rectangle around all blank cells up to which an .xls is looked at closer: each is made then."""


def inspect(content: bytes) -> Notes:
    """Tell old Office files apart; check the records of a workbook and note what they hold."""
    try:
        container = Container(content)
        names = {name.lower(): name for name in container.names()}
    except Refused:
        if _ENCRYPTED in content:
            raise Refused(PASSWORD) from None
        raise
    book = next((names[name] for name in _STREAMS if name in names), "")
    for name, reason in _OTHERS.items():
        if name.lower() in names and not book:
            raise Refused(reason)
    if not book:
        raise Refused(f"不是 Excel 工作簿；{FORM}")
    macros = bool(names.keys() & {"_vba_project_cur", "vba"})
    try:
        return _Book(container.stream(book)).notes(macros=macros)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise Refused(DAMAGED) from error


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Give type and content of the records from a place on, up to the end of what begins there."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, at)
        if at + 4 + length > len(stream):
            raise Refused(DAMAGED)
        yield kind, stream[at + 4 : at + 4 + length]
        if kind == _EOF:
            return
        at += 4 + length


class _Named(NamedTuple):
    """A sheet as the workbook lists it."""

    name: str
    place: int
    hidden: bool
    kind: int


class _Book:
    """The records that hold for the whole book, and then those of each sheet."""

    def __init__(self, stream: bytes) -> None:
        self.stream = stream
        self.sheets: list[_Named] = []
        self.links = self.manual = self.epoch_1904 = self.closer = False
        self._formats = dict(BUILT_IN)
        self._styles: list[int] = []
        self._down = self._right = self._claimed = self._shown = 0
        for kind, record in _records(stream, 0):
            self._whole(kind, record)

    def _whole(self, kind: int, record: bytes) -> None:
        if kind == _BOF and int.from_bytes(record[:2], "little") != _BIFF8:
            raise Refused(f"是 Excel 95 或更早的文件，不能直接读取；{RESAVE}")
        if kind == _FILEPASS:
            raise Refused(PASSWORD)
        if kind == _SHEET:
            place, state, type_of_sheet, length, wide = struct.unpack_from("<IBBBB", record)
            name = _text(record, 8, length, wide).replace("\0", "")
            self.sheets.append(_Named(name, place, bool(state & 3), type_of_sheet))
        elif kind == _FORMAT:
            number, length, wide = struct.unpack_from("<HHB", record)
            self._formats[number] = _text(record, 5, length, wide)
        elif kind == _XF:
            self._styles.append(struct.unpack_from("<2xH", record)[0])
        elif kind == _TEXTS:
            # Each text takes three bytes at least.
            if struct.unpack_from("<4xI", record)[0] > len(self.stream) // 3:
                raise Refused(DAMAGED)
        else:
            self._flags(kind, record)

    def _flags(self, kind: int, record: bytes) -> None:
        if kind == _SUPBOOK and len(record) > 4:  # noqa: PLR2004 - shorter ones are the book itself
            self.links = True
        elif kind == _CALCULATION:
            self.manual = not int.from_bytes(record[:2], "little")
        elif kind == _EPOCH:
            self.epoch_1904 = bool(int.from_bytes(record[:2], "little"))
        elif kind == _FONT:
            self.closer = self.closer or bool(record[2] & _STRUCK or int.from_bytes(record[8:10], "little"))

    def notes(self, *, macros: bool) -> Notes:
        """Give what the values do not tell, sheet by sheet."""
        if not self.sheets or len({each.name for each in self.sheets}) != len(self.sheets):
            raise Refused(DAMAGED)
        if len(self.sheets) > MAX_SHEETS:
            raise Refused(f"工作簿有{len(self.sheets)}张工作表，不像填报表；{FORM}")
        found: dict[str, SheetNotes] = {}
        left = MAX_AREA
        for each in self.sheets:
            try:
                found[each.name], area = self._sheet(each)
                left -= area
                if left < 0:
                    raise Passed(SPREAD)  # noqa: TRY301 - as where one sheet by itself is too large
            except Passed as passed:
                found[each.name] = SheetNotes(passed=f"工作表“{each.name}”：{passed}")
        if all(each.passed for each in found.values()):
            raise Refused(next(iter(found.values())).passed)
        macros = macros or any(each.kind in _MACROS for each in self.sheets)
        return Notes(
            "xls",
            found,
            macros=macros,
            external_links=self.links,
            engine=self._engine(found),
            manual=self.manual,
            epoch_1904=self.epoch_1904,
            closer=self.closer and self._down * self._right <= MAX_CLOSER,
            unlooked=self.closer and self._down * self._right > MAX_CLOSER,
        )

    def _engine(self, sheets: Mapping[str, SheetNotes]) -> Engine:
        """Give the reader that can read the workbook: xlrd gives up one with a formula whose text is not saved.

        calamine reads all sheets at once, makes every cell of the ranges that they state, and each text as often as it
        is shown.
        """
        if not any("" in each.troubles.values() for each in sheets.values()):
            return "xlrd"
        large = self._claimed > MAX_CLAIMED or self._shown * min(len(self.stream), 0x10000) > 4 * MAX_TEXT
        if large or any(each.passed for each in sheets.values()):
            raise Refused(f"工作簿里有没有保存结果的公式，范围又过大，读不出；{RESAVE}")
        return "calamine"

    def _sheet(self, sheet: _Named) -> tuple[SheetNotes, int]:
        """Give the notes of a sheet, and the cells of the rectangle around its content."""
        if sheet.kind:
            raise Passed("是宏表、图表或对话框，不是表格")
        if sheet.place >= len(self.stream):
            raise Refused(DAMAGED)
        troubles: dict[Cell, str] = {}
        formats: dict[Cell, str] = {}
        computed: set[Cell] = set()
        merges: list[Range] = []
        height = width = 0
        expected: Cell | None = None
        for kind, record in _records(self.stream, sheet.place):
            if expected and kind not in _BETWEEN:
                if kind == _STRING:
                    computed.add(expected)
                else:
                    troubles[expected] = ""
                expected = None
            for cell, style in _cells(kind, record):
                _near(cell)
                height, width = max(height, cell[0] + 1), max(width, cell[1] + 1)
                code = self._formats.get(self._styles[style], "") if style < len(self._styles) else ""
                if code not in {"", "General"}:
                    formats[cell] = code
                trouble = _trouble(kind, record)
                if trouble == "":
                    expected = cell
                elif trouble:
                    troubles[cell] = trouble
            merges += _merged(kind, record)
            self._shown += kind == _LABEL_TEXT
            self._claimed = max(self._claimed, _claimed(kind, record))
            self.closer = self.closer or _is_told_closer(kind, record)
            down, right = _blanks(kind, record)
            self._down, self._right = max(self._down, down), max(self._right, right)
        return SheetNotes(troubles, formats, sheet.hidden, frozenset(computed), tuple(merges)), height * width


def _text(record: bytes, at: int, length: int, wide: int) -> str:
    """Give a text of a record; whatever code page the file names, texts of this version are in UTF-16 or Latin-1."""
    return record[at : at + (length << (wide & 1))].decode("utf-16-le" if wide & 1 else "latin-1")


def _is_told_closer(kind: int, record: bytes) -> bool:
    """Tell whether a record is of a hidden row, hidden columns or a comment."""
    hidden_row = kind == _ROW and bool(record[12] & _HIDDEN_ROW)
    return hidden_row or (kind == _COLUMNS_INFO and bool(record[8] & 1)) or kind == _NOTE


def _cells(kind: int, record: bytes) -> list[tuple[Cell, int]]:
    """Give the cells with content of a record, each with the number of its format."""
    if kind in _CELLS:
        row, column, style = struct.unpack_from("<3H", record)
        return [((row, column), style)]
    if kind == _RANGE:
        row, column = struct.unpack_from("<2H", record)
        return [
            ((row, column + number), struct.unpack_from("<H", record, 4 + 6 * number)[0])
            for number in range((len(record) - 6) // 6)
        ]
    return []


def _near(cell: Cell) -> None:
    if cell[0] >= MAX_ROW or cell[1] >= MAX_COLUMN:
        raise Passed(f"单元格 {address(cell)} {FAR}")


def _trouble(kind: int, record: bytes) -> str | None:
    """Give the error a cell shows, or "" for a formula whose text is to follow."""
    if kind == _BOOL_OR_ERROR and record[7]:
        return _ERRORS.get(record[6], "#VALUE!")
    if kind in _FORMULAS and record[12:14] == b"\xff\xff":
        if record[6] == 0:
            return ""
        if record[6] == 2:  # noqa: PLR2004 - an error, by its code
            return _ERRORS.get(record[8], "#VALUE!")
    return None


def _blanks(kind: int, record: bytes) -> Cell:
    """Give how many rows and columns down to a blank cell there are; (0, 0) for another record."""
    if kind == _BLANK:
        row, column = struct.unpack_from("<2H", record)
        return row + 1, column + 1
    if kind == _BLANKS:
        return int.from_bytes(record[:2], "little") + 1, int.from_bytes(record[-2:], "little") + 1
    return 0, 0


def _claimed(kind: int, record: bytes) -> int:
    """Give the cells that a sheet states to span; more than any could have where it contradicts itself."""
    if kind != _DIMENSIONS:
        return 0
    top, bottom, left, right = struct.unpack_from("<2I2H" if len(record) >= 14 else "<4H", record)  # noqa: PLR2004
    return MAX_CLAIMED + 1 if bottom < top or right < left else (bottom - top) * (right - left)


def _merged(kind: int, record: bytes) -> list[Range]:
    """Give the merged ranges of a record."""
    if kind != _MERGED:
        return []
    ranges = [struct.unpack_from("<4H", record, 2 + 8 * number) for number in range(*struct.unpack_from("<H", record))]
    if any(bottom < top or right < left or right >= _COLUMNS for top, bottom, left, right in ranges):
        raise Refused(DAMAGED)
    return [((top, left), (bottom, right)) for top, bottom, left, right in ranges]
