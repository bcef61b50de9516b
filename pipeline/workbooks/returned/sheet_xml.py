"""The sheets of a workbook, and the cells of one as XML."""

from __future__ import annotations

import io
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from python_calamine import CalamineWorkbook

from pipeline.cells import cell_of
from pipeline.reading.workbook import address
from pipeline.workbooks.returned.package import BOOK, Package, only
from pipeline.workbooks.returned.xml import Element, OddError, Part
from schemas.lists.returned import STAMP, TITLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.cells import Cell


class Listed(NamedTuple):
    """A sheet as the workbook lists it, and its part."""

    name: str
    path: str


def sheets_of(package: Package) -> list[Listed]:
    """Give the sheets of a workbook in their order."""
    targets = {each.id: each.path for each in package.relations(BOOK)}
    found = []
    for sheet in Part(package[BOOK]).root.get("sheets").all("sheet"):
        relation = only(value for name, value in sheet.attributes.items() if name.endswith(":id"))
        found.append(Listed(sheet.attributes["name"], targets[relation]))
    return found


def is_ours(content: bytes, name: str) -> bool:
    """Tell whether a sheet is the list that an earlier run put in front."""
    return name.startswith(TITLE) and any(str(row[0]).startswith(STAMP) for row in cells_of(content, name)[:1] if row)


def cells_of(content: bytes, name: str) -> list[list[Any]]:
    """Give the values of a sheet, row by row."""
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name).to_python(skip_empty_area=False)


def free_name(taken: set[str]) -> str:
    """Give the list in front a name that no sheet has; ``taken`` are in lower case."""
    names = (f"{TITLE}{number or ''}" for number in (0, *range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


class Grid:
    """The cells of a sheet's part, and their styles."""

    def __init__(self, content: bytes) -> None:
        """Find what the sheet consists of; rows and cells only where they are asked for."""
        self.part = Part(content)
        self._data = self.part.root.get("sheetData")
        self._found: dict[int, dict[int, Element]] = {}

    @cached_property
    def _rows(self) -> dict[int, Element]:
        found = {}
        row = -1
        for each in self._data.children:
            row = int(each.attributes.get("r", row + 2)) - 1
            found[row] = each
        return found

    @cached_property
    def _merged(self) -> list[tuple[Cell, Cell]]:
        merged = self.part.root.find("mergeCells")
        return [_area(each.attributes["ref"]) for each in merged.children] if merged else []

    @cached_property
    def _columns(self) -> list[Element]:
        columns = self.part.root.find("cols")
        return columns.children if columns else []

    def anchor(self, cell: Cell) -> Cell:
        """Give the first cell of the merged range a cell is in, or the cell itself."""
        inside = (
            start for start, end in self._merged if start[0] <= cell[0] <= end[0] and start[1] <= cell[1] <= end[1]
        )
        return next(inside, cell)

    def _cells(self, row: int) -> dict[int, Element]:
        if row not in self._found:
            found = self._found[row] = dict[int, Element]()
            column = -1
            for each in self._rows[row].children if row in self._rows else []:
                place = cell_of(each.attributes.get("r", address((row, column + 1))))
                column = place[1] if place else column + 1
                found[column] = each
        return self._found[row]

    def style(self, cell: Cell) -> int:
        """Give the style of a cell; one that is not written has that of its row or column."""
        row, column = cell
        found = self._cells(row).get(column)
        if found is not None:
            return int(found.attributes.get("s", "0"))
        line = self._rows[row].attributes if row in self._rows else {}
        if line.get("customFormat") in {"1", "true"}:
            return int(line.get("s", "0"))
        for each in self._columns:
            if int(each.attributes["min"]) <= column + 1 <= int(each.attributes["max"]):
                return int(each.attributes.get("style", "0"))
        return 0

    def restyle(self, cells: Mapping[Cell, int]) -> None:
        """Give cells other styles."""
        made: dict[int, list[str]] = {}
        for (row, column), style in sorted(cells.items()):
            here = self._cells(row)
            if column in here:
                self.part.set(here[column], "s", str(style))
                continue
            # Between cells that do not tell their place another one would move them.
            if any("r" not in each.attributes for each in here.values()):
                raise OddError(address((row, column)))
            new = f'<c r="{address((row, column))}" s="{style}"/>'
            after = next((here[each] for each in sorted(here) if each > column), None)
            if after:
                self.part.before(after, new)
            elif row in self._rows:
                self.part.append(self._rows[row], new)
            else:
                made.setdefault(row, []).append(new)
        for row, new_cells in made.items():
            self._insert(row, "".join(new_cells))

    def _insert(self, row: int, cells: str) -> None:
        if any("r" not in each.attributes for each in self._rows.values()):
            raise OddError(str(row))
        after = next((self._rows[each] for each in sorted(self._rows) if each > row), None)
        new = f'<row r="{row + 1}">{cells}</row>'
        if after:
            self.part.before(after, new)
        else:
            self.part.append(self._data, new)

    def deselect(self) -> None:
        """Leave only the sheet in front selected: what is typed into selected sheets goes into all of them."""
        views = self.part.root.find("sheetViews")
        for view in views.children if views else []:
            if "tabSelected" in view.attributes:
                self.part.set(view, "tabSelected", None)

    def draw(self, relation: str, office: str) -> None:
        """Refer to the drawing that holds the boxes of comments, at the place where the form wants it."""
        last = [each for each in self.part.root.children if _BEFORE_DRAWING.fullmatch(each.name)][-1]
        self.part.after(last, f'<legacyDrawing xmlns:r="{office}" r:id="{relation}"/>')


_BEFORE_DRAWING = re.compile(
    "sheetPr|dimension|sheetViews|sheetFormatPr|cols|sheetData|sheetCalcPr|sheetProtection|protectedRanges|scenarios|"
    "autoFilter|sortState|dataConsolidate|customSheetViews|mergeCells|phoneticPr|conditionalFormatting|dataValidations|"
    "hyperlinks|printOptions|pageMargins|pageSetup|headerFooter|rowBreaks|colBreaks|customProperties|cellWatches|"
    "ignoredErrors|smartTags|drawing"
)


def _area(reference: str) -> tuple[Cell, Cell]:
    first, _, last = reference.partition(":")
    start, end = cell_of(first), cell_of(last or first)
    if start is None or end is None:
        raise OddError(reference)
    return start, end
