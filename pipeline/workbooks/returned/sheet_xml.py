"""List the sheets of a workbook, and find and restyle the cells of one in its XML."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from pipeline.cells import address, cell_of
from pipeline.reading.workbook import book
from pipeline.workbooks.returned.package import BOOK, Package
from pipeline.workbooks.returned.xml import (
    UneditableError,
    child,
    children,
    local_name,
    namespace,
    parse,
    relation_id,
    serialise,
)
from schemas.lists.returned import STAMP, TITLE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lxml.etree import _Element as Element

    from pipeline.cells import Cell


class ListedSheet(NamedTuple):
    """A sheet as the workbook lists it: its name and its part."""

    name: str
    path: str


def list_sheets(package: Package) -> list[ListedSheet]:
    """Give the sheets of a workbook in their order."""
    targets = {each.id: each.path for each in package.relations(BOOK)}
    listed = children(child(parse(package[BOOK]), "sheets"), "sheet")
    return [ListedSheet(each.attrib["name"], targets[relation_id(each)]) for each in listed]


def is_findings_sheet(content: bytes, name: str) -> bool:
    """Tell whether a sheet is the list that an earlier run put in front."""
    return name.startswith(TITLE) and any(str(row[0]).startswith(STAMP) for row in read_rows(content, name)[:1] if row)


def read_rows(content: bytes, name: str) -> list[list[Any]]:
    """Read the values of a sheet, row by row."""
    return next(sheet.rows for sheet in book(content).sheets if sheet.name == name)


def free_name(taken: set[str]) -> str:
    """Give a name for the list in front that no sheet has; ``taken`` are in lower case."""
    names = (f"{TITLE}{number or ''}" for number in (0, *range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


class SheetXml:
    """The part of a sheet: its cells and their styles."""

    def __init__(self, content: bytes) -> None:
        """Parse the part; rows and cells are looked at when they are asked for."""
        self.root = parse(content)
        self._data = child(self.root, "sheetData")
        self._found: dict[int, dict[int, Element]] = {}

    def _new(self, name: str, **attributes: str) -> Element:
        return etree.Element(f"{{{namespace(self.root)}}}{name}", attributes)

    @cached_property
    def _rows(self) -> dict[int, Element]:
        found = {}
        row = -1
        for each in children(self._data):
            row = int(each.get("r", row + 2)) - 1
            found[row] = each
        return found

    @cached_property
    def _merged(self) -> list[tuple[Cell, Cell]]:
        return [_area(each.attrib["ref"]) for each in children(self.root.find("{*}mergeCells"))]

    @cached_property
    def _columns(self) -> list[Element]:
        return children(self.root.find("{*}cols"))

    def anchor(self, cell: Cell) -> Cell:
        """Give the first cell of the merged range a cell is in, or the cell itself."""
        inside = (
            start for start, end in self._merged if start[0] <= cell[0] <= end[0] and start[1] <= cell[1] <= end[1]
        )
        return next(inside, cell)

    def _cells(self, row: int) -> dict[int, Element]:
        if row not in self._found:
            found: dict[int, Element] = {}
            column = -1
            for each in children(self._rows.get(row)):
                place = cell_of(each.get("r", address((row, column + 1))))
                column = place[1] if place else column + 1
                found[column] = each
            self._found[row] = found
        return self._found[row]

    def style(self, cell: Cell) -> int:
        """Give the style of a cell; one that is not written has that of its row or column."""
        row, column = cell
        found = self._cells(row).get(column)
        if found is not None:
            return int(found.get("s", "0"))
        line = self._rows.get(row)
        if line is not None and line.get("customFormat") in {"1", "true"}:
            return int(line.get("s", "0"))
        for each in self._columns:
            if int(each.attrib["min"]) <= column + 1 <= int(each.attrib["max"]):
                return int(each.get("style", "0"))
        return 0

    def restyle(self, cells: Mapping[Cell, int]) -> None:
        """Give cells other styles; cells and rows that are not written yet are added.

        Raises:
            UneditableError: a cell would have to be added among others that do not state their place.
        """
        for (row, column), style in sorted(cells.items()):
            here = self._cells(row)
            if column not in here:
                here[column] = self._add_cell(row, column)
            here[column].set("s", str(style))

    def _add_cell(self, row: int, column: int) -> Element:
        if row not in self._rows:
            line = self._new("row", r=str(row + 1))
            _insert(self._data, self._rows, row, line)
            self._rows[row] = line
        new = self._new("c", r=address((row, column)))
        _insert(self._rows[row], self._cells(row), column, new)
        return new

    def deselect(self) -> None:
        """Leave only the sheet in front selected: what is typed into selected sheets goes into all of them."""
        for view in children(self.root.find("{*}sheetViews")):
            view.attrib.pop("tabSelected", None)

    def refer_to_drawing(self, relation: str, office: str) -> None:
        """Refer to the drawing that holds the boxes of comments, at the place that the standard gives it."""
        last = [each for each in children(self.root) if _BEFORE_DRAWING.fullmatch(local_name(each))][-1]
        space = namespace(self.root)
        made = etree.Element(f"{{{space}}}legacyDrawing", {f"{{{office}}}id": relation}, nsmap={"r": office})
        last.addnext(made)

    def serialise(self) -> bytes:
        """Write the part."""
        return serialise(self.root)


def _insert(parent: Element, known: Mapping[int, Element], at: int, new: Element) -> None:
    """Put a row or cell among the others of its parent, by their numbers.

    Raises:
        UneditableError: one of the others does not state its place, which the new one would change.
    """
    if any("r" not in each.attrib for each in known.values()):
        raise UneditableError(str(at))
    after = min((each for each in known if each > at), default=None)
    if after is None:
        parent.append(new)
    else:
        known[after].addprevious(new)


_BEFORE_DRAWING = re.compile(
    "sheetPr|dimension|sheetViews|sheetFormatPr|cols|sheetData|sheetCalcPr|sheetProtection|protectedRanges|scenarios|"
    "autoFilter|sortState|dataConsolidate|customSheetViews|mergeCells|phoneticPr|conditionalFormatting|dataValidations|"
    "hyperlinks|printOptions|pageMargins|pageSetup|headerFooter|rowBreaks|colBreaks|customProperties|cellWatches|"
    "ignoredErrors|smartTags|drawing"
)


def _area(reference: str) -> tuple[Cell, Cell]:
    start_text, _, end_text = reference.partition(":")
    start, end = cell_of(start_text), cell_of(end_text or start_text)
    if start is None or end is None:
        raise UneditableError(reference)
    return start, end
