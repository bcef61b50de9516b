"""One table on a sheet of the county workbook: heads, a line a row, and a total, each derived figure a formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.house_style import BLUE, GREY, RATE
from pipeline.reading.workbook import address
from pipeline.text_format import display_width
from pipeline.workbooks.text_size import USUAL, fitting_size, text_height
from pipeline.workbooks.writer import add_page_header, put, set_up_page
from schemas.measures import MEASURE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xlsxwriter.worksheet import Worksheet

    from pipeline.workbooks.styles import Styles

TEXT = ""
"""The number format of a column of words."""
SHORT = 12
"""Width up to which a column of words has its words in the middle: grades, states, severities."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table.

    ``key`` names the value in a row; ``formula`` writes it from the cells of its line (``{n}`` is the line, other
    names in braces are the letters of columns by their key), ``total`` does so for the total (``{a}`` and ``{z}``
    are the first and last line). ``whole`` is the total's value, where the sum of the column is not.
    ``number_of`` names the value of a row that is its own number format. ``bars`` draws each value as a bar too.
    """

    title: str
    key: str
    width: float
    number_format: str = TEXT
    formula: str = ""
    total: str = ""
    whole: Callable[[Sequence[dict[str, Any]]], Any] | None = None
    number_of: str = ""
    bars: bool = False


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """Where a table stands that was written: what formulas of other sheets take their addresses from.

    ``letters`` are the letters of its columns by their key, ``count`` is how many lines it has.
    """

    sheet: str
    letters: Mapping[str, str]
    count: int

    def column(self, key: str) -> str:
        """Write the lines of a column as a range; of a table without lines the one that says so."""
        column_letter = self.letters[key]
        return f"'{self.sheet}'!{column_letter}{TOP + 2}:{column_letter}{TOP + 1 + max(self.count, 1)}"

    def cell(self, key: str, line: int) -> str:
        """Write the address of a column's cell in a line, counted from 0."""
        return f"'{self.sheet}'!{self.letters[key]}{TOP + 2 + line}"


SUM = '=IF(COUNT({self}{a}:{self}{z})=0,"",SUM({self}{a}:{self}{z}))'
BAR = {"type": "data_bar", "bar_color": BLUE, "bar_solid": True, "bar_negative_color": GREY}
TOP = 2
"""The row of the heads, below title and unit; lines follow."""
_LINE = "\0"
"""What stands in a formula for the number of its line, until that is known."""


WIDE = 230
"""Characters across from which on a table is printed two pages wide, the first column on both."""


def number_format(measure: str) -> str:
    """Give the number format of a measure's values: a rate, or an amount a head."""
    return "0.0000" if MEASURE[measure].unit else RATE


def column_letter(column: int) -> str:
    """Write a column as a spreadsheet does."""
    return address((0, column)).rstrip("1")


def rate_formula(numerator: str, denominator: str) -> str:
    """Write a rate over cells: blank where a figure is missing or the base is not above zero."""
    return f'=IF(COUNT({numerator},{denominator})<2,"",IF({denominator}<=0,"",{numerator}/{denominator}))'


def change_formula(now: str, before: str) -> str:
    """Write by how much one cell is above another, as a part of it: blank as with `rate`."""
    return f'=IF(COUNT({now},{before})<2,"",IF({before}<=0,"",({now}-{before})/{before}))'


def rate_of_sums(numerators: str, denominators: str, *, change: bool = False) -> str:
    """Write the rate of the sums of two ranges, over the lines of which the rate can be computed."""
    known = f"ISNUMBER({numerators})*ISNUMBER({denominators})*({denominators}>0)"
    above, below = (f"SUMPRODUCT({known},{each})" for each in (numerators, denominators))
    return f'=IF({below}<=0,"",({above}{f"-{below}" if change else ""})/{below})'


def sums_with_rate(rows: Sequence[Mapping[str, Any]], numerator: str, denominator: str) -> tuple[float, float]:
    """Add up numerators and denominators of the rows that have a rate: both are filed, the base is above 0."""
    known = [
        (row[numerator], row[denominator])
        for row in rows
        if row[numerator] is not None and row[denominator] is not None and row[denominator] > 0
    ]
    return sum(above for above, _ in known), sum(below for _, below in known)


def write_table(
    sheet: Worksheet,
    styles: Styles,
    title: str,
    unit: str,
    columns: Sequence[TableColumn],
    rows: Sequence[dict[str, Any]],
    links: dict[str, str] | None = None,
    nothing: str = "没有",
) -> WrittenTable:
    """Write a table; give where it stands.

    ``links`` gives texts of the first department column a relative address; ``nothing`` stands where there is no row.
    """
    last = len(columns) - 1
    across = _first_page(columns)
    sheet.merge_range(0, 0, 0, max(across, 1), "", styles.get("title"))
    put(sheet, (0, 0), title, styles.get("title"))
    sheet.set_row(0, 30)
    put(sheet, (1, 0), unit, styles.get("plain"))
    letters = {column.key: column_letter(at) for at, column in enumerate(columns)}
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width)
        put(sheet, (TOP, at), column.title, styles.get("computed_head"))
    sheet.set_row(TOP, max(32.0, *(text_height(column.title, column.width) for column in columns)))
    formulas = [
        column.formula.format(n=_LINE, a=TOP + 2, z=TOP + 1 + len(rows), self=column_letter(at), **letters)
        for at, column in enumerate(columns)
    ]
    for number_format, row in enumerate(rows):
        _line(sheet, styles, TOP + 1 + number_format, columns, formulas, row, links or {})
    if not rows:
        put(sheet, (TOP + 1, 0), nothing, styles.get("filed"))
    if rows and any(column.total for column in columns):
        _total(sheet, styles, TOP + 1 + len(rows), columns, letters, rows)
    for at, column in enumerate(columns):
        if column.bars and rows:
            sheet.conditional_format(TOP + 1, at, TOP + len(rows), at, BAR)
    sheet.freeze_panes(TOP + 1, 1)
    sheet.autofilter(TOP, 0, max(TOP + len(rows), TOP + 1), last)
    sheet.repeat_rows(TOP)
    set_up_page(sheet, landscape=True)
    add_page_header(sheet)
    if across < last:
        sheet.fit_to_pages(2, 0)
        sheet.repeat_columns("A:A")
    return WrittenTable(str(sheet.name), letters, len(rows))


def _first_page(columns: Sequence[TableColumn]) -> int:
    """Give the last column of the first printed page: the last of all, or where a wide table is cut in two."""
    widths = [column.width for column in columns]
    if sum(widths) <= WIDE:
        return len(columns) - 1
    page = (sum(widths) + widths[0]) / 2
    return max(at for at in range(1, len(widths)) if at == 1 or sum(widths[: at + 1]) <= page)


def _line(
    sheet: Worksheet,
    styles: Styles,
    at: int,
    columns: Sequence[TableColumn],
    formulas: Sequence[str],
    row: dict[str, Any],
    links: dict[str, str],
) -> None:
    height = 20.0
    for place, (column, formula) in enumerate(zip(columns, formulas, strict=True)):
        value = row.get(column.key)
        number_format = row[column.number_of] if column.number_of else column.number_format
        size: float = USUAL
        if isinstance(value, str) and display_width(value) > column.width:
            height = max(height, text_height(value, column.width))
            size = fitting_size(value, column.width)
        role = "computed" if formula else "filed"
        if not number_format and column.width <= SHORT:
            role = "computed_word" if formula else "word"
        style = styles.get(role, None, number_format, size=size)
        if formula:
            text = formula.replace(_LINE, str(at + 1))
            sheet.write_formula(at, place, text, style, "" if value is None else value)
        elif column.key == "department" and value in links:
            sheet.write_url(at, place, links[value], styles.get("link", size=size), str(value))
        else:
            put(sheet, (at, place), value, style)
    sheet.set_row(at, height)


def _total(
    sheet: Worksheet,
    styles: Styles,
    at: int,
    columns: Sequence[TableColumn],
    letters: dict[str, str],
    rows: Sequence[dict[str, Any]],
) -> None:
    for place, column in enumerate(columns):
        style = styles.get("total", None, column.number_format) if column.number_format else styles.get("total")
        if not column.total:
            put(sheet, (at, place), "合计" if place == 0 else None, style)
            continue
        text = column.total.format(n=at + 1, a=TOP + 2, z=at, self=column_letter(place), **letters)
        numbers = [row[column.key] for row in rows if isinstance(row.get(column.key), (int, float))]
        value = column.whole(rows) if column.whole else sum(numbers) if numbers else None
        sheet.write_formula(at, place, text, style, "" if value is None else value)
