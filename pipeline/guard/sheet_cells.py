"""What the cells of one sheet part come to, once they are found: bounded, and noted by address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cells import address
from pipeline.guard.notes import FAR, MAX_COLUMN, MAX_ROW, RESAVE, TRIM, Passed, Refused, SheetNotes
from pipeline.guard.xml import ODD

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pipeline.cells import Cell

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""The last cell there is in any workbook: XFD1048576."""
MAX_CELLS = 500_000
"""Cell tags of a sheet, blank ones included: 5000 rows formatted a hundred columns wide; half a second."""
MAX_ROWS = 200_000
"""Row tags of a sheet. A height set on every row there is writes a million."""
MAX_MERGED = 200_000
"""Cells within merged ranges, as far as content reaches: each is remembered. The forms have some hundred."""
NO_CELL = f"工作表里有不存在的单元格或合并区域，不予读取；{RESAVE}"
TOO_MANY = f"工作表的行或单元格过多；{TRIM}"
_TWICE = f"工作表的单元格次序错乱或重复；{RESAVE}"

ADDRESS = rb"([A-Z]{1,3})([1-9][0-9]{0,6})"
"""An address as an expression: letters and digits."""
RANGE = ADDRESS + rb"(?::" + ADDRESS + rb")?"
"""A merged range, or a single cell, as an expression."""
_NEAR = 3
"""Letters and digits of an address that there is, whatever they are."""
_COLUMNS = {address((0, column))[:-1].encode(): column for column in range(MAX_COLUMN)}
_ERRORS = {b"", b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"}
"""What calamine knows; over any other error value it gives up the sheet."""

Found = tuple[bytes, bytes, bytes | None, bytes | None, bytes | None, bytes | None]
"""Letters and digits of an address, style, type, the formula's tag, ``<v>`` with the value or ``<is>`` for a text that
stands in the cell itself; None where not there."""

WrittenRange = tuple[bytes, bytes, bytes, bytes]
"""Letters and digits of the first and the last cell; the last ones b"" where only one is named."""


def column_of(letters: bytes) -> int:
    """Give the number of a column, from 0, by its letters."""
    known = _COLUMNS.get(letters)
    if known is not None:
        return known
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


class Sheet:
    """What the cells of one sheet come to."""

    def __init__(self, style_formats: Mapping[bytes, str]) -> None:
        """Begin with no cell seen; ``style_formats`` are the number formats by style, b"" for cells without one."""
        self.style_formats = style_formats
        self.troubles: dict[Cell, str] = {}
        self.formats: dict[Cell, str] = {}
        self.computed: set[Cell] = set()
        self.merges: list[tuple[Cell, Cell]] = []
        self.rich: dict[Cell, int] = {}
        self.new_errors = False
        self.strings: list[bytes] = []
        self.last: Cell = (-1, -1)
        self.width = 0

    @property
    def area(self) -> int:
        """The cells of the rectangle from A1 that holds all content."""
        return (self.last[0] + 1) * self.width

    def notes(self, pictured: Collection[int], *, hidden: bool) -> SheetNotes:
        """Give what the values do not tell; ``pictured`` are the entries of the value metadata that are pictures."""
        pictures = frozenset(cell for cell, number in self.rich.items() if number in pictured)
        return SheetNotes(
            self.troubles, self.formats, hidden, frozenset(self.computed), tuple(self.merges), pictures=pictures
        )

    def take(self, cells: Iterable[Found]) -> None:
        """Bound and note cells, which come in the order of the file; blank ones are harmless wherever they lie."""
        last, width = self.last, self.width
        styles, formats, strings = self.style_formats, self.formats, self.strings
        for letters, digits, style, kind, formula, value in cells:
            filled = value or formula
            if not filled and len(letters) + len(digits) <= _NEAR:
                continue
            column = _COLUMNS.get(letters, MAX_COLUMN)
            row = int(digits) - 1
            if column == MAX_COLUMN or row >= MAX_ROW or not filled:
                _far(letters, digits, filled=bool(filled))
                continue
            place = (row, column)
            if place <= last:
                raise Refused(_TWICE)
            last = place
            if column >= width:
                width = column + 1
            code = styles.get(style or b"")
            if code:
                formats[place] = code
            if kind == b"s":
                strings.append((value or b"")[3:])
            elif kind or formula:
                self._note(place, kind, formula, value or b"")
        self.last, self.width = last, width
        self.strings = strings = [text for text in strings if text]  # a text that is not named is a blank
        # calamine takes the first text for what is no number.
        if not all(map(bytes.isdigit, strings)) or max(map(len, strings), default=0) > len(str(MAX_CELLS)) + 1:
            raise Refused(ODD)

    def _note(self, place: Cell, kind: bytes | None, formula: bytes | None, value: bytes) -> None:
        if kind == b"e":
            self.troubles[place] = value[3:].decode("utf-8", "replace") or "#VALUE!"
            self.new_errors = self.new_errors or value[3:] not in _ERRORS
        elif formula and kind == b"str" and value:
            self.computed.add(place)
        elif formula and (not value or value == b"<v>"):
            # An empty text that was saved is a value; an empty number is none.
            self.troubles[place] = ""

    def merge(self, ranges: Iterable[WrittenRange]) -> None:
        """Check merged ranges, after the cells: they must exist, and not cover too much of the content."""
        covered = 0
        for letters, digits, last_letters, last_digits in ranges:
            left, right = column_of(letters), column_of(last_letters or letters)
            top, bottom = int(digits), int(last_digits or digits)
            if bottom < top or right < left or bottom > LAST_ROW or right >= LAST_COLUMN:
                raise Refused(NO_CELL)
            self.merges.append(((top - 1, left), (bottom - 1, right)))
            covered += max(min(bottom, self.last[0] + 2) - top + 1, 1) * max(min(right, MAX_COLUMN) - left + 1, 1)
        if covered > MAX_MERGED:
            raise Passed(f"工作表的合并单元格过多；{TRIM}")


def _far(letters: bytes, digits: bytes, *, filled: bool) -> None:
    """Refuse a cell that there is not, or one with content beyond where content may lie; blank ones are harmless."""
    if column_of(letters) >= LAST_COLUMN or int(digits) > LAST_ROW:
        raise Refused(NO_CELL)
    if filled:
        raise Passed(f"单元格 {(letters + digits).decode()} {FAR}")
