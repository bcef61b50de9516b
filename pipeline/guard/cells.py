"""The cells of one sheet part, as calamine will see them, bounded and noted by address.

Nearly all sheets are written in one plain manner, and one compiled expression finds their cells in a tenth of the
time. It must account for every tag of the rows; where it cannot, every element is looked at.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.parsers import expat

from pipeline.guard.markup import MAX_DEPTH, ODD, bound, formed, is_plain, is_shallow, local
from pipeline.guard.notes import FAR, MAX_COLUMN, MAX_ROW, RESAVE, Refused, SheetNotes, address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.guard.markup import Attributes
    from pipeline.guard.notes import Cell

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""The last cell there is in any workbook: XFD1048576."""
MAX_CELLS = 500_000
"""Cell tags of a sheet, blank ones included: 5000 rows formatted a hundred columns wide; half a second."""
MAX_ROWS = 200_000
"""Row tags of a sheet. A height set on every row there is writes a million."""
MAX_REMEMBERED = 2**16
"""Bytes around the rows that are remembered."""
MAX_MERGED = 200_000
"""Cells within merged ranges, as far as content reaches: each is remembered. The forms have some hundred."""

_ERRORS = {b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"}
_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]+)")?(?: t="([A-Za-z]+)")?'
    rb"(?:/>|>(<f[^>]*>(?:(?<=/>)|[^<]*</f>))?(?:(<v>[^<&]*)</v>)?</c>)"
)
_IN_PLACE = b"\1"
"""A byte that no XML holds, in the place of a cell."""
_ROW = re.compile(rb"<row(?: [^<>]*)?(?:/>|>[\s\x01]*</row>)")
"""A row and the places of its cells, and nothing else."""
_DATA, _DATA_END = b"<sheetData>", b"</sheetData>"
_ASCII = re.compile(rb"[^>]*encoding\s*=\s*[\"'](?!utf-8)", re.IGNORECASE)
"""The beginning of a part whose letters do not mean in every piece of it what they mean in the whole."""
_DEPTH_OF_DATA = 3
"""Below the data lie row, cell and value."""
_RANGE = rb"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?"
_MERGE = re.compile(rb'<mergeCell ref="' + _RANGE + rb'"')
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_NO_CELL = f"工作表里有不存在的单元格或合并区域，不予读取；{RESAVE}"
_TWICE = f"工作表的单元格次序错乱或重复；{RESAVE}"
_TOO_MANY = "工作表的行或单元格过多；请删去表格以外的内容后再报送"


_NEAR = 3
"""Letters and digits of an address that there is, whatever they are."""
_COLUMNS = {address((0, column))[:-1].encode(): column for column in range(MAX_COLUMN)}


def _column(letters: bytes) -> int:
    known = _COLUMNS.get(letters)
    if known is not None:
        return known
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


Found = tuple[bytes, bytes, bytes | None, bytes | None, bytes | None, bytes | None]
"""Letters and digits of an address, style, type, the formula's tag, ``<v>`` with the value; None where not there."""

Range = tuple[bytes, bytes, bytes, bytes]
"""Letters and digits of the first and the last cell; the last ones b"" where only one is named."""


class Sheet:
    """What the cells of one sheet come to."""

    def __init__(self, percent_styles: frozenset[bytes]) -> None:
        """Begin with no cell seen."""
        self.percent_styles = percent_styles
        self.troubles: dict[Cell, str] = {}
        self.percents: set[Cell] = set()
        self.strings: list[bytes] = []
        self.last: Cell = (-1, -1)
        self.width = 0

    @property
    def area(self) -> int:
        """The cells of the rectangle from A1 that holds all content."""
        return (self.last[0] + 1) * self.width

    def notes(self, *, hidden: bool) -> SheetNotes:
        """Give what the values do not tell."""
        return SheetNotes(self.troubles, frozenset(self.percents), hidden)

    def take(self, cells: Iterable[Found]) -> None:
        """Bound and note cells, which come in the order of the file; blank ones are harmless wherever they lie."""
        last, width = self.last, self.width
        styles, percents, strings = self.percent_styles, self.percents, self.strings
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
            if (style or b"") in styles:
                percents.add(place)
            if kind == b"s":
                strings.append((value or b"")[3:])
            elif kind or formula:
                self._note(place, kind, formula, value or b"")
        self.last, self.width = last, width
        # calamine takes the first text for what is no number.
        if not all(map(bytes.isdigit, strings)) or max(map(len, strings), default=0) > len(str(MAX_CELLS)) + 1:
            raise Refused(ODD)

    def _note(self, place: Cell, kind: bytes | None, formula: bytes | None, value: bytes) -> None:
        if kind == b"e":
            self.troubles[place] = _error(value[3:], place)
        elif formula and (not value or (value == b"<v>" and kind != b"str")):
            # An empty text that was saved is a value; an empty number is none.
            self.troubles[place] = ""

    def merge(self, ranges: Iterable[Range]) -> None:
        """Check merged ranges, after the cells: they must exist, and not cover too much of the content."""
        covered = 0
        for letters, digits, last_letters, last_digits in ranges:
            left, right = _column(letters), _column(last_letters or letters)
            top, bottom = int(digits), int(last_digits or digits)
            if bottom < top or right < left or bottom > LAST_ROW or right >= LAST_COLUMN:
                raise Refused(_NO_CELL)
            covered += max(min(bottom, self.last[0] + 2) - top + 1, 1) * max(min(right, MAX_COLUMN) - left + 1, 1)
        if covered > MAX_MERGED:
            raise Refused("工作表的合并单元格过多；请删去表格以外的内容后再报送")


def _far(letters: bytes, digits: bytes, *, filled: bool) -> None:
    """Refuse a cell that there is not, or one with content beyond where content may lie; blank ones are harmless."""
    if _column(letters) >= LAST_COLUMN or int(digits) > LAST_ROW:
        raise Refused(_NO_CELL)
    if filled:
        raise Refused(f"单元格 {(letters + digits).decode()} {FAR}")


def _error(value: bytes, place: Cell) -> str:
    """Give an error value as shown; one that calamine does not know would cost the whole file."""
    if value and value not in _ERRORS:
        shown = value.decode("utf-8", "replace")
        raise Refused(f"单元格 {address(place)} 的内容是错误值 {shown}，读不出；请改正后再报送")
    return value.decode() or "#VALUE!"


def scan(part: bytes, percent_styles: frozenset[bytes]) -> Sheet:
    """Look at every cell and merged range of a part, refusing one that is not `sound`."""
    return _fast(part, percent_styles) or _exact(part, percent_styles)


def _fast(part: bytes, percent_styles: frozenset[bytes]) -> Sheet | None:
    """Scan a sound part written in the usual manner; None when this cannot be sure of having seen everything.

    Between the first ``<sheetData>`` and the last ``</sheetData>`` there must be rows of cells and nothing else, and
    around them only tags. So each of the two is a tag, every cell tag of the part has been found, and the part is
    well-formed when the data and what lies around them are.
    """
    begin, end = part.find(_DATA), part.rfind(_DATA_END)
    if not 0 <= begin < end:
        return None
    around = part[: begin + len(_DATA)] + part[end:]
    merges = (_merges if len(around) <= MAX_REMEMBERED else _merges.__wrapped__)(around)
    # Six groups of each cell, and before, between and behind the cells what is none of them.
    found = _CELL.split(part[begin + len(_DATA) : end])
    rest, rows = _ROW.subn(b"", _IN_PLACE.join(found[::7]))
    if merges is None or rest.strip() or not _is_formed(part[begin : end + len(_DATA_END)]):
        return None
    if len(found) > 7 * MAX_CELLS + 7 or rows > MAX_ROWS:
        raise Refused(_TOO_MANY)
    sheet = Sheet(percent_styles)
    sheet.take(zip(*(found[at::7] for at in range(1, 7)), strict=True))
    sheet.merge(merges)
    return sheet


@lru_cache(maxsize=16)
def _merges(around: bytes) -> list[Range] | None:
    """Give the merged ranges of a part of which rows and cells are left out; None when this cannot be sure of them.

    Remembered: columns, formats by condition and what may be typed are the same in the returns of many departments.
    """
    found = _MERGE.findall(around)
    sure = (
        _is_formed(around)
        and not _ASCII.match(around)
        and is_plain(around)
        and is_shallow(around, MAX_DEPTH - _DEPTH_OF_DATA)
        and around.count(b"sheetData") == 2  # noqa: PLR2004 - begin and end
        and around.count(b"mergeCell") == len(found) + around.count(b"mergeCells")
    )
    return found if sure else None


def _is_formed(part: bytes) -> bool:
    try:
        formed(part)
    except Refused:
        return False
    return True


def _exact(part: bytes, percent_styles: frozenset[bytes]) -> Sheet:
    """Scan any part, element by element; refuse what calamine would read other than it is written."""
    formed(part)
    bound(part)
    sheet = Sheet(percent_styles)
    elements = _Elements(part)
    sheet.take(elements.cells)
    sheet.merge(elements.merges)
    return sheet


_CHILDREN = {"sheetData": {"row"}, "row": {"c"}, "c": {"f", "v", "is"}, "f": set[str](), "v": set[str]()}
"""What may lie in what, down to the content of a cell; calamine takes a cell for a cell wherever it lies."""


class _Elements:
    """The cells of a part by expat's events, positions implied where an address is left out."""

    def __init__(self, part: bytes) -> None:
        self.cells: list[Found] = []
        self.merges: list[Range] = []
        self._part = part
        self._path: list[str] = []
        self._row = self._column = self._rows = self._value_from = 0
        self._cell: dict[str, bytes] = {}
        self._seen_data = False
        self._parser = parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.Parse(part, True)  # noqa: FBT003 - expat's own signature

    def _start(self, qualified: str, attributes: Attributes) -> None:
        name = local(qualified)
        allowed = _CHILDREN.get(self._path[-1]) if self._path else None
        self._path.append(name)
        if (allowed is not None and name not in allowed) or (name in _CHILDREN and "is" in self._path):
            raise Refused(ODD)
        if name == "sheetData":
            if self._seen_data:
                raise Refused(ODD)
            self._seen_data = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif allowed is not None:
            self._inner(name, attributes)

    def _inner(self, name: str, attributes: Attributes) -> None:
        at = self._parser.CurrentByteIndex
        tag = self._part[at : self._part.find(b">", at) + 1]
        if name in {"row", "c"} and b"&" in tag:
            # calamine takes attributes as they are written.
            raise Refused(ODD)
        if name == "row":
            self._begin_row(attributes.get("r"))
        elif name == "c":
            self._begin_cell(attributes)
        elif "v" in self._cell:
            # The formula comes before the value, and there is one value: calamine keeps what comes last.
            raise Refused(ODD)
        elif name == "f":
            self._cell["f"] = b"<f"
        else:
            self._cell["v"] = b"<v>"
            self._value_from = at + len(tag)

    def _begin_row(self, number: str | None) -> None:
        if number is not None:
            if not re.fullmatch("[1-9][0-9]{0,6}", number):
                raise Refused(_NO_CELL)
            self._row = int(number) - 1
        self._rows += 1
        if self._rows > MAX_ROWS:
            raise Refused(_TOO_MANY)

    def _begin_cell(self, attributes: Attributes) -> None:
        found = _ADDRESS.fullmatch(attributes.get("r", address((self._row, self._column))))
        style = attributes.get("s", "")
        if not found:
            raise Refused(_NO_CELL)
        if not re.fullmatch("[0-9]{0,7}", style):
            raise Refused(ODD)
        if len(self.cells) >= MAX_CELLS:
            raise Refused(_TOO_MANY)
        letters, digits = found[1].encode(), found[2].encode()
        self._column = _column(letters)
        self._cell = {"r": letters, "d": digits, "s": style.encode(), "t": attributes.get("t", "").encode()}

    def _merge(self, reference: str) -> None:
        found = re.fullmatch(_RANGE, reference.encode())
        if not found:
            raise Refused(_NO_CELL)
        self.merges.append((found[1], found[2], found[3] or b"", found[4] or b""))

    def _end(self, qualified: str) -> None:
        self._path.pop()
        name, cell = local(qualified), self._cell
        if not self._path or self._path[-1] not in _CHILDREN:
            return
        if name == "v":
            value = self._part[self._value_from : self._parser.CurrentByteIndex]
            # calamine stops at the first reference or comment in a number, and drops CDATA.
            if b"<" in value or (b"&" in value and cell["t"] != b"str"):
                raise Refused(ODD)
            cell["v"] += value
        elif name == "is":
            cell["v"] += b"text"
        elif name == "c":
            self.cells.append((cell["r"], cell["d"], cell["s"], cell["t"], cell.get("f", b""), cell.get("v", b"")))
            self._column += 1
        elif name == "row":
            self._row += 1
            self._column = 0
