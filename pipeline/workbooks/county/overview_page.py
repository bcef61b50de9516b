"""The page of the county's first sheet while it is written: a grid, and beside it what its charts are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline import house_style as house
from pipeline.text_format import display_width
from pipeline.workbooks.writer import put

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

    from pipeline.workbooks.county.data import County
    from pipeline.workbooks.styles import Styles
    from pipeline.workbooks.table_sheet import WrittenTable

COLUMNS, WIDTH = 24, 7
"""The page is a grid of so many columns, each so wide."""
DATA = COLUMNS + 1
"""The first column of what charts are drawn from: beside the page, not printed."""
LABELS_WIDE = 24
"""Width of the column of the labels of charts."""


class Figure(NamedTuple):
    """A figure of the overview: its formula, the value it gives, and its number format."""

    formula: str
    value: Any
    number: str


@dataclass(slots=True)
class OverviewPage:
    """The sheet while it is written."""

    book: xlsxwriter.Workbook
    sheet: Worksheet
    styles: Styles
    county: County
    tables: Mapping[str, WrittenTable]
    data_row: int = 3

    def span(self, sheet: str, key: str) -> str:
        """Write a column of another sheet as a range, by the name of the sheet and the key of the column."""
        return self.tables[sheet].column(key)

    def text(self, row: int, column: int, width: int, value: Any, role: str) -> None:
        """Write a text over so many columns."""
        style = self.styles.get(role)
        self.sheet.merge_range(row, column, row, column + width - 1, "", style)
        put(self.sheet, (row, column), value, style)

    def formula(self, row: int, column: int, width: int, figure: Figure, role: str) -> None:
        """Write a figure over so many columns."""
        style = self.styles.get(role, None, figure.number)
        if width > 1:
            self.sheet.merge_range(row, column, row, column + width - 1, "", style)
        self.sheet.write_formula(row, column, figure.formula, style, "" if figure.value is None else figure.value)

    def section(self, row: int, column: int, width: int, title: str) -> None:
        """Write the heading of a part of the page."""
        self.text(row, column, width, title, "section")
        self.sheet.set_row(row, 21)

    def data(
        self, heads: Sequence[str], rows: Sequence[tuple[str, Sequence[Figure | float | None]]]
    ) -> tuple[int, int]:
        """Write what a chart is drawn from, beside the page; give its first and last row."""
        for column, text in enumerate(heads, DATA):
            put(self.sheet, (self.data_row, column), text, self.styles.get("computed_head"))
        for at, (label, values) in enumerate(rows, self.data_row + 1):
            put(self.sheet, (at, DATA), cut(label, LABELS_WIDE), self.styles.get("filed"))
            for column, value in enumerate(values, DATA + 1):
                if isinstance(value, Figure):
                    self.formula(at, column, 1, value, "computed")
                else:
                    put(self.sheet, (at, column), value, self.styles.get("filed", None, house.MONEY))
        first = self.data_row + 1
        self.data_row += len(rows) + 2
        return first, first + len(rows) - 1


def cut(text: str, width: float, lines: int = 1) -> str:
    """Give a text as far as it fits on so many lines of small type."""
    room, shown = (width * house.BODY / house.SMALL - 2) * lines, ""
    if display_width(text) <= room:
        return text
    for letter in text:
        if display_width(shown + letter) > room - 2:
            break
        shown += letter
    return f"{shown}…"
