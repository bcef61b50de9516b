"""Old workbooks (.xls, .et): the records that bound what calamine will read, and what the values do not tell."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from pipeline.cells import address
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
    PERCENT_FORMATS,
    RESAVE,
    SPREAD,
    Notes,
    Refused,
    SheetNotes,
    shows_percent,
)
from pipeline.guard.xls_container import SIGNATURE as OLE2
from pipeline.guard.xls_container import Container

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.cells import Cell

__all__ = ["OLE2", "inspect"]

_OTHERS = {
    "EncryptedPackage": PASSWORD,
    "WordDocument": f"是 Word 文档，不是 Excel 工作簿；{FORM}",
    "PowerPoint Document": f"是演示文稿，不是 Excel 工作簿；{FORM}",
}
_STREAMS = ("Workbook", "Book")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_BOF, _EOF, _FILEPASS, _SHEET, _FORMAT, _XF, _SUPBOOK, _TEXTS = 0x809, 0x0A, 0x2F, 0x85, 0x41E, 0xE0, 0x1AE, 0xFC
_DIMENSIONS, _MERGED, _FORMULA, _STRING, _BOOL_OR_ERROR, _RANGE = 0x200, 0xE5, 0x06, 0x207, 0x205, 0xBD
_LABEL_TEXT = 0xFD
_CELLS = {_FORMULA, _BOOL_OR_ERROR, _LABEL_TEXT, 0x203, 0x204, 0x27E, 0xD6}
"""Records of one cell with content: row, column, format. Blank cells cost nothing and are passed over."""
_BETWEEN = {0x4BC, 0x221, 0x236}
"""What may stand between a formula and its text: shared formula, array, table."""
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_BIFF8 = 0x600
_ROWS, _COLUMNS = 65_536, 256
MAX_CLAIMED = 2_000_000
"""Cells that a sheet may claim to span: calamine reserves 40 bytes for each, unseen."""
MAX_MERGED = 10_000
"""Merged ranges of a sheet."""


def inspect(content: bytes) -> Notes:
    """Tell old Office files apart; check the records of a workbook and note what they hold."""
    try:
        container = Container(content)
        names = container.names()
    except Refused:
        if _ENCRYPTED in content:
            raise Refused(PASSWORD) from None
        raise
    book = next((name for name in _STREAMS if name in names), "")
    for name, reason in _OTHERS.items():
        if name in names and not book:
            raise Refused(reason)
    if not book:
        raise Refused(f"不是 Excel 工作簿；{FORM}")
    macros = bool(names & {"_VBA_PROJECT_CUR", "VBA"})
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


class _Book:
    """The records that hold for the whole book, and then those of each sheet."""

    def __init__(self, stream: bytes) -> None:
        self.stream = stream
        self.sheets: list[tuple[str, int, bool]] = []
        self.links = False
        self._formats = dict.fromkeys(PERCENT_FORMATS, True)
        self._styles: list[int] = []
        self._texts = self._shown = self._area = 0
        for kind, record in _records(stream, 0):
            self._whole(kind, record)

    def _whole(self, kind: int, record: bytes) -> None:
        if kind == _BOF and int.from_bytes(record[:2], "little") != _BIFF8:
            raise Refused(f"是 Excel 95 或更早的文件，不能直接读取；{RESAVE}")
        if kind == _FILEPASS:
            raise Refused(PASSWORD)
        if kind == _SHEET:
            place, state, length, wide = struct.unpack_from("<IBxBB", record)
            name = record[8 : 8 + (length << (wide & 1))].decode("utf-16-le" if wide & 1 else "latin-1")
            self.sheets.append((name.replace("\0", ""), place, bool(state & 3)))
        elif kind == _FORMAT:
            number, length, wide = struct.unpack_from("<HHB", record)
            code = record[5 : 5 + (length << (wide & 1))].decode("utf-16-le" if wide & 1 else "latin-1")
            self._formats[number] = shows_percent(code)
        elif kind == _XF:
            self._styles.append(struct.unpack_from("<2xH", record)[0])
        elif kind == _TEXTS:
            # calamine reserves room for as many texts as are claimed; each takes three bytes at least.
            if struct.unpack_from("<4xI", record)[0] > len(self.stream) // 3:
                raise Refused(DAMAGED)
            self._texts = len(self.stream)
        elif kind == _SUPBOOK and len(record) > 4:  # noqa: PLR2004 - shorter ones are the book itself
            self.links = True

    def notes(self, *, macros: bool) -> Notes:
        """Give what the values do not tell, sheet by sheet."""
        if not self.sheets or len({name for name, *_ in self.sheets}) != len(self.sheets):
            raise Refused(DAMAGED)
        if len(self.sheets) > MAX_SHEETS:
            raise Refused(f"工作簿有{len(self.sheets)}张工作表，不像填报表；{FORM}")
        notes = {name: self._sheet(place, hidden=hidden) for name, place, hidden in self.sheets}
        if self._area > MAX_AREA:
            raise Refused(SPREAD)
        # A text is kept once and may be shown in every cell; 64 K is the longest a record allows.
        if self._shown * min(self._texts, 0x10000) > 4 * MAX_TEXT:
            raise Refused(f"工作簿里的文字过多；{RESAVE}")
        return Notes("xls", notes, macros=macros, external_links=self.links)

    def _sheet(self, place: int, *, hidden: bool) -> SheetNotes:
        if place >= len(self.stream):
            raise Refused(DAMAGED)
        troubles: dict[Cell, str] = {}
        percents: set[Cell] = set()
        height = width = 0
        expected: Cell | None = None
        for kind, record in _records(self.stream, place):
            if expected and kind not in _BETWEEN:
                if kind != _STRING:
                    troubles[expected] = ""
                expected = None
            for cell, style in _cells(kind, record):
                _near(cell)
                height, width = max(height, cell[0] + 1), max(width, cell[1] + 1)
                if style < len(self._styles) and self._formats.get(self._styles[style]):
                    percents.add(cell)
                trouble = _trouble(kind, record)
                if trouble == "":
                    expected = cell
                elif trouble:
                    troubles[cell] = trouble
            self._shown += kind == _LABEL_TEXT
            _bounded(kind, record)
        self._area += height * width
        return SheetNotes(troubles, frozenset(percents), hidden)


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
        raise Refused(f"单元格 {address(cell)} {FAR}")


def _trouble(kind: int, record: bytes) -> str | None:
    """Give the error a cell shows, or "" for a formula whose text is to follow."""
    if kind == _BOOL_OR_ERROR and record[7]:
        return _ERRORS.get(record[6], "#VALUE!")
    if kind == _FORMULA and record[12:14] == b"\xff\xff":
        if record[6] == 0:
            return ""
        if record[6] == 2:  # noqa: PLR2004 - an error, by its code
            return _ERRORS.get(record[8], "#VALUE!")
    return None


def _bounded(kind: int, record: bytes) -> None:
    """Refuse what calamine would reserve room for unseen, and ranges that are none."""
    if kind == _DIMENSIONS:
        top, bottom, left, right = struct.unpack_from("<2I2H" if len(record) >= 14 else "<4H", record)  # noqa: PLR2004
        span = (bottom - top) * (right - left)
        if bottom < top or right < left or bottom > _ROWS or right > _COLUMNS or span > MAX_CLAIMED:
            raise Refused(f"工作表标明的范围过大；{RESAVE}")
    elif kind == _MERGED:
        count = struct.unpack_from("<H", record)[0]
        for number in range(count):
            top, bottom, left, right = struct.unpack_from("<4H", record, 2 + 8 * number)
            if bottom < top or right < left or right >= _COLUMNS:
                raise Refused(DAMAGED)
