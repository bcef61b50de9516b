"""Bytes → guarded sheets of cells, read with pandas. Nothing is parsed before the guard has passed the bytes.

calamine gives ``''`` for error cells and for formulas without a saved value, as for blanks; the guard notes them.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from pipeline.cells import Cell, address
from pipeline.guard import guard
from pipeline.guard.notes import DAMAGED, MAX_COLUMN, Notes, Refused
from pipeline.reading.closer_look import PLAIN, Closer, look_closer
from pipeline.reading.lookalikes import as_seen
from pipeline.reading.number_format import Unknown
from pipeline.reading.parse_cell import as_text
from pipeline.reading.shown_text import Shown, is_plain, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.guard.notes import Engine

__all__ = ["Book", "Cell", "Notes", "Refused", "Sheet", "address", "book", "sheets"]


@dataclass(slots=True)
class Sheet:
    """The cells of one sheet: values by row and column, merged ranges, and what the values do not tell.

    ``formats`` are the codes of number formats that are not General, and ``shows`` what the cells show whose format
    says more than their value; None where that cannot be told. ``closer`` is what else there is to see,
    ``pictures`` the cells that hold a picture of Excel.
    """

    name: str
    rows: list[list[Any]]
    anchors: dict[Cell, Cell] = field(default_factory=dict)
    extents: dict[Cell, Cell] = field(default_factory=dict)
    troubles: Mapping[Cell, str] = field(default_factory=dict)
    formats: Mapping[Cell, str] = field(default_factory=dict)
    shows: dict[Cell, Shown | None] = field(default_factory=dict)
    computed: frozenset[Cell] = frozenset()
    hidden: bool = False
    closer: Closer = PLAIN
    pictures: frozenset[Cell] = frozenset()

    def value(self, cell: Cell) -> Any:
        """Give the value of a cell, that of its merged range where it is in one; "" when blank or outside."""
        row, column = self.anchors.get(cell, cell)
        try:
            return self.rows[row][column]
        except IndexError:
            return ""

    def anchor(self, cell: Cell) -> Cell:
        """Give the first cell of the merged range a cell is in, or the cell itself."""
        return self.anchors.get(cell, cell)

    def end(self, cell: Cell) -> Cell:
        """Give the last cell of the merged range that begins at a cell, or the cell itself."""
        return self.extents.get(cell, cell)

    def texts(self) -> Iterator[tuple[Cell, str]]:
        """Give every cell that shows text."""
        for row, values in enumerate(self.rows):
            for column, value in enumerate(values):
                if value != "":
                    looks = self.shows.get((row, column)) if self.shows else None
                    text = looks.exact if looks else value
                    if isinstance(text, str) and text:
                        yield (row, column), text


class Book(NamedTuple):
    """A workbook: the sheets that are read, in order, and what the guard noted of the file.

    ``looked`` is False where there is more to see than values, and it could not be told.
    """

    sheets: list[Sheet]
    notes: Notes
    looked: bool = True


def sheets(content: bytes) -> list[Sheet]:
    """Read the sheets of a workbook, hidden ones included; addresses are those of the file."""
    return book(content).sheets


def book(content: bytes) -> Book:
    """Guard the bytes of a workbook and read them."""
    notes = guard(content)
    read = [name for name, sheet in notes.sheets.items() if not sheet.passed]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl finds odd is no matter for the user's terminal
            frames = _read(content, notes.engine, read)
            closer = look_closer(content, notes, read)
    except Exception as error:
        # The errors of readers have no common base; whatever they say, this one file cannot be read.
        raise Refused(DAMAGED) from error
    except BaseException as error:
        # Nor is a panic in Rust an Exception; Ctrl-C and the like are not for us.
        if type(error).__name__ != "PanicException":
            raise
        raise Refused(DAMAGED) from error
    made = [_sheet(name, _rows(frames[name]), notes, (closer or {}).get(name, PLAIN)) for name in read]
    return Book(made, notes, looked=closer is not None)


_AS_STORED = np.dtype(object)
"""Not ``object`` itself, which pandas would look up for every column anew."""


def _read(content: bytes, engine: Engine, names: list[str]) -> dict[str, pd.DataFrame]:
    """Read the values of sheets with pandas.

    Cells come as they are stored: no header, nothing taken for missing, and addresses are those of the file.
    """
    if engine == "xlrd":
        from pipeline.reading.old_workbook import read_xls  # noqa: PLC0415 - seldom sent: 3 ms of every start for xlrd

        return read_xls(content, names)
    with io.BytesIO(content) as stream, pd.ExcelFile(stream, engine=engine) as file:
        return pd.read_excel(
            file, sheet_name=names, header=None, dtype=_AS_STORED, keep_default_na=False, na_filter=False
        )


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    """Give the cells of a frame row by row: texts as they are seen, "" for the NaN of an error cell."""
    return [[_value(value) if value else value for value in row] for row in frame.to_numpy().tolist()]


def _value(value: Any) -> Any:
    """Give a value as a person sees it."""
    if type(value) is str:
        return as_seen(value)
    return "" if value != value else value  # noqa: PLR0124 - NaN is not itself


def _sheet(name: str, rows: list[list[Any]], notes: Notes, closer: Closer) -> Sheet:
    noted = notes.sheets[name]
    sheet = Sheet(
        name,
        rows,
        troubles=noted.troubles,
        formats=noted.formats,
        computed=noted.computed,
        hidden=noted.hidden,
        closer=closer,
        pictures=noted.pictures,
    )
    for start, end in noted.merges:
        sheet.extents[start] = end
        # A range may be drawn down to the last row of the sheet: only what holds cells matters.
        down, right = range(start[0], min(end[0], len(rows)) + 1), range(start[1], min(end[1], MAX_COLUMN) + 1)
        covered = dict.fromkeys(product(down, right), start)
        covered.pop(start, None)
        sheet.anchors.update(covered)
    for (row, column), counted in closer.runs.items():
        rows[row][column] = as_seen(counted.text)
    sheet.shows = _shows(sheet, epoch_1904=notes.epoch_1904)
    return sheet


def _shows(sheet: Sheet, *, epoch_1904: bool) -> dict[Cell, Shown | None]:
    """Give what the cells show whose number format says more than their value; None where that cannot be told."""
    found: dict[Cell, Shown | None] = {}
    for cell, code in sheet.formats.items():
        value = "" if is_plain(code) else sheet.value(cell)
        if value == "":
            continue
        try:
            looks = show(value, code, epoch_1904=epoch_1904)
        except Unknown:
            if not isinstance(value, str) or "@" in code:  # a text shows as it is
                found[cell] = None
        else:
            if looks.exact != as_text(value):
                found[cell] = looks
    return found
