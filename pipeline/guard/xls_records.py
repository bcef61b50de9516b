"""The records of an old workbook (BIFF8): what each says of cells, formats, ranges and lines."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from pipeline.guard.notes import DAMAGED, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.cells import Cell
    from pipeline.guard.notes import Range

EOF, STRING, LABEL_TEXT = 0x0A, 0x207, 0xFD
_ROW, _COLUMNS_INFO, _NOTE = 0x208, 0x7D, 0x1C
_DIMENSIONS, _MERGED, _BOOL_OR_ERROR, _RANGE, _BLANK, _BLANKS = 0x200, 0xE5, 0x205, 0xBD, 0x201, 0xBE
_FORMULAS = {0x06, 0x206, 0x406}
"""A formula, also as older versions numbered it, which some writers still do."""
_CELLS = {*_FORMULAS, _BOOL_OR_ERROR, LABEL_TEXT, 0x203, 0x204, 0x27E, 0xD6}
"""Records of one cell with content: row, column, format. Blank cells cost nothing and are passed over."""
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_COLUMNS = 256
_HIDDEN_ROW = 0x20
MAX_CLAIMED = 2_000_000
"""Cells that a sheet may state to span where calamine reads it, which reserves 40 bytes for each, unseen."""


def records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Give type and content of the records from a place on, up to the end of what begins there."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, at)
        if at + 4 + length > len(stream):
            raise Refused(DAMAGED)
        yield kind, stream[at + 4 : at + 4 + length]
        if kind == EOF:
            return
        at += 4 + length


def text_of(record: bytes, at: int, length: int, wide: int) -> str:
    """Give a text of a record; whatever code page the file names, texts of this version are in UTF-16 or Latin-1."""
    return record[at : at + (length << (wide & 1))].decode("utf-16-le" if wide & 1 else "latin-1")


def tells_more(kind: int, record: bytes) -> bool:
    """Tell whether a record is of a hidden row, hidden columns or a comment."""
    hidden_row = kind == _ROW and bool(record[12] & _HIDDEN_ROW)
    return hidden_row or (kind == _COLUMNS_INFO and bool(record[8] & 1)) or kind == _NOTE


def cells_of(kind: int, record: bytes) -> list[tuple[Cell, int]]:
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


def trouble_of(kind: int, record: bytes) -> str | None:
    """Give the error a cell shows, or "" for a formula whose text is to follow."""
    if kind == _BOOL_OR_ERROR and record[7]:
        return _ERRORS.get(record[6], "#VALUE!")
    if kind in _FORMULAS and record[12:14] == b"\xff\xff":
        if record[6] == 0:
            return ""
        if record[6] == 2:  # noqa: PLR2004 - an error, by its code
            return _ERRORS.get(record[8], "#VALUE!")
    return None


def blanks_of(kind: int, record: bytes) -> Cell:
    """Give how many rows and columns down to a blank cell there are; (0, 0) for another record."""
    if kind == _BLANK:
        row, column = struct.unpack_from("<2H", record)
        return row + 1, column + 1
    if kind == _BLANKS:
        return int.from_bytes(record[:2], "little") + 1, int.from_bytes(record[-2:], "little") + 1
    return 0, 0


def claimed_by(kind: int, record: bytes) -> int:
    """Give the cells that a sheet states to span; more than any could have where it contradicts itself."""
    if kind != _DIMENSIONS:
        return 0
    top, bottom, left, right = struct.unpack_from("<2I2H" if len(record) >= 14 else "<4H", record)  # noqa: PLR2004
    return MAX_CLAIMED + 1 if bottom < top or right < left else (bottom - top) * (right - left)


def merged_by(kind: int, record: bytes) -> list[Range]:
    """Give the merged ranges of a record."""
    if kind != _MERGED:
        return []
    ranges = [struct.unpack_from("<4H", record, 2 + 8 * number) for number in range(*struct.unpack_from("<H", record))]
    if any(bottom < top or right < left or right >= _COLUMNS for top, bottom, left, right in ranges):
        raise Refused(DAMAGED)
    return [((top, left), (bottom, right)) for top, bottom, left, right in ranges]
