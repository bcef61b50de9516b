"""Old workbooks (.xls, .et): the records that bound what calamine will read, and what the values do not tell."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from pipeline.cells import address
from pipeline.guard.active_parts import CONNECTION, OLD_MACROS
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
from pipeline.guard.xls_records import (
    LABEL_TEXT,
    MAX_CLAIMED,
    STRING,
    blanks_of,
    cells_of,
    claimed_by,
    merged_by,
    records,
    tells_more,
    text_of,
    trouble_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

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

_BOF, _FILEPASS, _SHEET, _FORMAT, _XF, _SUPBOOK, _TEXTS = 0x809, 0x2F, 0x85, 0x41E, 0xE0, 0x1AE, 0xFC
_FONT, _CALCULATION, _EPOCH = 0x31, 0x0D, 0x22
_BETWEEN = {0x4BC, 0x221, 0x236}
"""What may stand between a formula and its text: shared formula, array, table."""
_BIFF8 = 0x600
_OLD_MACROS = 1
_MACROS = {_OLD_MACROS, 6}
"""Types of sheets that hold macros."""
_CONNECTIONS = {0x01AD, 0x0876}
"""A query on a sheet, a connection of the book."""
_STRUCK = 0x08
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


def _near(cell: Cell) -> None:
    if cell[0] >= MAX_ROW or cell[1] >= MAX_COLUMN:
        raise Passed(f"单元格 {address(cell)} {FAR}")


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
        self.links = self.connections = self.manual = self.epoch_1904 = self.closer = False
        self._formats = dict(BUILT_IN)
        self._styles: list[int] = []
        self._down = self._right = self._claimed = self._shown = 0
        for kind, record in records(stream, 0):
            self._whole(kind, record)

    def _whole(self, kind: int, record: bytes) -> None:
        if kind == _BOF and int.from_bytes(record[:2], "little") != _BIFF8:
            raise Refused(f"是 Excel 95 或更早的文件，不能直接读取；{RESAVE}")
        if kind == _FILEPASS:
            raise Refused(PASSWORD)
        if kind == _SHEET:
            place, state, type_of_sheet, length, wide = struct.unpack_from("<IBBBB", record)
            name = text_of(record, 8, length, wide).replace("\0", "")
            self.sheets.append(_Named(name, place, bool(state & 3), type_of_sheet))
        elif kind == _FORMAT:
            number, length, wide = struct.unpack_from("<HHB", record)
            self._formats[number] = text_of(record, 5, length, wide)
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
        elif kind in _CONNECTIONS:
            self.connections = True
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
        active = [OLD_MACROS] if any(each.kind == _OLD_MACROS for each in self.sheets) else []
        active += [CONNECTION] if self.connections else []
        macros = macros or any(each.kind in _MACROS for each in self.sheets)
        return Notes(
            "xls",
            found,
            macros=macros,
            external_links=self.links,
            active=tuple(active),
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
        for kind, record in records(self.stream, sheet.place):
            if expected and kind not in _BETWEEN:
                if kind == STRING:
                    computed.add(expected)
                else:
                    troubles[expected] = ""
                expected = None
            for cell, style in cells_of(kind, record):
                _near(cell)
                height, width = max(height, cell[0] + 1), max(width, cell[1] + 1)
                code = self._formats.get(self._styles[style], "") if style < len(self._styles) else ""
                if code not in {"", "General"}:
                    formats[cell] = code
                trouble = trouble_of(kind, record)
                if trouble == "":
                    expected = cell
                elif trouble:
                    troubles[cell] = trouble
            self.connections = self.connections or kind in _CONNECTIONS
            merges += merged_by(kind, record)
            self._shown += kind == LABEL_TEXT
            self._claimed = max(self._claimed, claimed_by(kind, record))
            self.closer = self.closer or tells_more(kind, record)
            down, right = blanks_of(kind, record)
            self._down, self._right = max(self._down, down), max(self._right, right)
        return SheetNotes(troubles, formats, sheet.hidden, frozenset(computed), tuple(merges)), height * width
