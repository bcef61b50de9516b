"""The cells of one sheet part, found by looking at every element, however the part is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from pipeline.cells import address
from pipeline.guard.notes import Passed, Refused
from pipeline.guard.sheet_cells import ADDRESS, MAX_CELLS, MAX_ROWS, NO_CELL, RANGE, TOO_MANY, Sheet, column_of
from pipeline.guard.xml import ODD, bound, formed, local

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.cells import Cell
    from pipeline.guard.sheet_cells import Found, WrittenRange
    from pipeline.guard.xml import Attributes


def exact(part: bytes, style_formats: Mapping[bytes, str]) -> Sheet:
    """Scan any part, element by element; refuse what calamine would read other than it is written."""
    formed(part)
    bound(part)
    sheet = Sheet(style_formats)
    elements = _Elements(part)
    sheet.take(elements.cells)
    sheet.merge(elements.merges)
    sheet.rich = elements.rich
    return sheet


_CHILDREN = {"sheetData": {"row"}, "row": {"c"}, "c": {"f", "v", "is"}, "f": set[str](), "v": set[str]()}
"""What may lie in what, down to the content of a cell; calamine takes a cell for a cell wherever it lies."""


class _Elements:
    """The cells of a part by expat's events, positions implied where an address is left out."""

    def __init__(self, part: bytes) -> None:
        self.cells: list[Found] = []
        self.merges: list[WrittenRange] = []
        self.rich: dict[Cell, int] = {}
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
                raise Refused(NO_CELL)
            self._row = int(number) - 1
        self._rows += 1
        if self._rows > MAX_ROWS:
            raise Passed(TOO_MANY)

    def _begin_cell(self, attributes: Attributes) -> None:
        found = re.fullmatch(ADDRESS, attributes.get("r", address((self._row, self._column))).encode())
        style = attributes.get("s", "")
        if not found:
            raise Refused(NO_CELL)
        if not re.fullmatch("[0-9]{0,7}", style):
            raise Refused(ODD)
        if len(self.cells) >= MAX_CELLS:
            raise Passed(TOO_MANY)
        self._column = column_of(found[1])
        number = attributes.get("vm", "")
        if re.fullmatch("[0-9]{1,6}", number):
            self.rich[int(found[2]) - 1, self._column] = int(number)
        self._cell = {"r": found[1], "d": found[2], "s": style.encode(), "t": attributes.get("t", "").encode()}

    def _merge(self, reference: str) -> None:
        found = re.fullmatch(RANGE, reference.encode())
        if not found:
            raise Refused(NO_CELL)
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
            cell["v"] = b"<is>"
        elif name == "c":
            self.cells.append((cell["r"], cell["d"], cell["s"], cell["t"], cell.get("f", b""), cell.get("v", b"")))
            self._column += 1
        elif name == "row":
            self._row += 1
            self._column = 0
