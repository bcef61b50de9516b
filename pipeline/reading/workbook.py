"""Bytes → guarded sheets of cells, read with pandas. Nothing is parsed before the guard has passed the bytes.

calamine gives ``''`` for error cells and for formulas without a saved value, as for blanks; the guard notes them.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from pipeline.cells import Cell, address
from pipeline.guard import guard
from pipeline.guard.notes import DAMAGED, MAX_COLUMN, Notes, Refused, SheetNotes

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Book", "Cell", "Notes", "Refused", "Sheet", "address", "book", "sheets"]

_UNSEEN = re.compile("[\u200b-\u200e\u202a\u202c\u2060\ufeff]")
"""Marks without width that come along with what is copied from a page or a chat; none changes what is seen."""


@dataclass(slots=True)
class Sheet:
    """The cells of one sheet: values by row and column, merged ranges, and what the values do not tell."""

    name: str
    rows: list[list[Any]]
    anchors: dict[Cell, Cell] = field(default_factory=dict)
    extents: dict[Cell, Cell] = field(default_factory=dict)
    troubles: dict[Cell, str] = field(default_factory=dict)
    percents: frozenset[Cell] = frozenset()
    hidden: bool = False

    def value(self, cell: Cell) -> Any:
        """Give the value of a cell, that of its merged range where it is in one; "" when blank or outside."""
        row, column = self.anchors.get(cell, cell)
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return ""

    def anchor(self, cell: Cell) -> Cell:
        """Give the first cell of the merged range a cell is in, or the cell itself."""
        return self.anchors.get(cell, cell)

    def end(self, cell: Cell) -> Cell:
        """Give the last cell of the merged range that begins at a cell, or the cell itself."""
        return self.extents.get(cell, cell)

    def texts(self) -> Iterator[tuple[Cell, str]]:
        """Give every cell that holds text."""
        for row, values in enumerate(self.rows):
            for column, value in enumerate(values):
                if isinstance(value, str) and value:
                    yield (row, column), value


class Book(NamedTuple):
    """A workbook: its sheets in order, and what the guard noted of the file."""

    sheets: list[Sheet]
    notes: Notes


def sheets(content: bytes) -> list[Sheet]:
    """Read the sheets of a workbook, hidden ones included; addresses are those of the file."""
    return book(content).sheets


def book(content: bytes) -> Book:
    """Guard the bytes of a workbook and read them."""
    notes = guard(content)
    frames, merges = _read(content)
    if not frames.keys() <= notes.sheets.keys():
        raise Refused(DAMAGED)
    return Book([_sheet(name, rows, merges[name], notes.sheets[name]) for name, rows in frames.items()], notes)


def _read(content: bytes) -> tuple[dict[str, list[list[Any]]], dict[str, list[tuple[Cell, Cell]]]]:
    """Read the values of each sheet with pandas, and its merged ranges from the same open file.

    Cells come as they are stored: no header, nothing taken for missing, and addresses are those of the file.
    """
    try:
        with io.BytesIO(content) as stream, pd.ExcelFile(stream, engine="calamine") as file:
            frames = pd.read_excel(
                file, sheet_name=None, header=None, dtype=object, keep_default_na=False, na_filter=False
            )
            merges = {name: file.book.get_sheet_by_name(name).merged_cell_ranges or [] for name in frames}
    except Exception as error:
        # calamine's errors have no common base; whatever it says, this one file cannot be read.
        raise Refused(DAMAGED) from error
    except BaseException as error:
        # Nor is a panic in Rust an Exception; Ctrl-C and the like are not for us.
        if type(error).__name__ != "PanicException":
            raise
        raise Refused(DAMAGED) from error
    return {name: _rows(frame) for name, frame in frames.items()}, merges


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    """Give the cells of a frame row by row, texts without unseen marks."""
    return [[_as_seen(value) if value else value for value in row] for row in frame.to_numpy().tolist()]


def _as_seen(value: Any) -> Any:
    """Give a value as a person sees it: a text without marks that have no width."""
    return _UNSEEN.sub("", value) if type(value) is str and not value.isprintable() else value


def _sheet(name: str, rows: list[list[Any]], merges: list[tuple[Cell, Cell]], notes: SheetNotes) -> Sheet:
    sheet = Sheet(name, rows, troubles=notes.troubles, percents=notes.percents, hidden=notes.hidden)
    for start, end in merges:
        sheet.extents[start] = end
        # A range may be drawn down to the last row of the sheet: only what holds cells matters.
        down, right = range(start[0], min(end[0], len(rows)) + 1), range(start[1], min(end[1], MAX_COLUMN) + 1)
        covered = dict.fromkeys(product(down, right), start)
        covered.pop(start, None)
        sheet.anchors.update(covered)
    return sheet
