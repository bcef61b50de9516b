"""Find the heads of a table, which stand on one row or on up to three, and the columns that each has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pipeline.reading.labels import LONGEST_LABEL
from pipeline.reading.parse_cell import is_blank
from pipeline.reading.places import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pipeline.reading.sheet_index import Region
    from pipeline.reading.workbook import Cell, Sheet

MOST_ROWS = 3
"""How many rows the heads of one table stand on at most."""
APART = 2
"""How far two rows of heads are apart at most: some offices leave a blank row between."""

Span = tuple["Cell", "Cell"]
"""First and last cell of the words of a column."""


class Wanted(NamedTuple):
    """A head that is looked for: its words in the form, and the cells in which one of its names stands."""

    words: str
    cells: Sequence[Cell]
    optional: bool = False


class TableHeads(NamedTuple):
    """The heads of a table: first and last cell of each, the rows they stand on, and what of them is odd."""

    spans: dict[str, Span]
    rows: range
    problems: list[Problem]


def find_heads(sheet: Sheet, region: Region, wanted: Mapping[str, Wanted]) -> TableHeads:
    """Find the heads of a table on the row that holds most of those it must have, and on the rows next to it.

    A head that stands above others belongs to the columns that it spans. Where two names of a column stand one above
    the other, the lower one is meant: 年度指标值 over 指标性质, 指标值 and 度量单位 is the column of 指标值.
    """
    rows = [row for each in wanted.values() if not each.optional for row in {row for row, _ in each.cells}]
    if not rows:
        return TableHeads({}, range(0), [])
    seed = max(set(rows), key=lambda each: (rows.count(each), -each))
    cells = [cell for each in wanted.values() for cell in each.cells]
    band = _band(sheet, region, seed, cells)
    spans: dict[str, Span] = {}
    problems: list[Problem] = []
    for name, each in sorted(wanted.items(), key=lambda item: item[1].optional):
        taken = {start for start, _ in spans.values()}
        found = _meant(sheet, region, [cell for cell in each.cells if cell[0] in band and cell not in taken], seed)
        if len(found) == 1:
            spans[name] = (found[0], sheet.end(found[0]))
        elif not each.optional:
            rule = "column_twice" if found else "column_not_found"
            where = found[1] if found else (seed, 0)
            problems.append(Problem(rule, each.words.strip(), sheet.name, where))
    own = {name: _own(sheet, span, band, spans.values()) for name, span in spans.items()}
    for name in [name for name, span in own.items() if span is None]:
        del own[name]
        problems.append(Problem("column_twice", wanted[name].words.strip(), sheet.name, spans[name][0]))
    return TableHeads({name: span for name, span in own.items() if span}, band, problems)


def _band(sheet: Sheet, region: Region, seed: int, cells: Sequence[Cell]) -> range:
    """Give the rows of heads around one of them."""
    top, bottom = seed, max(sheet.end(cell)[0] for cell in cells if cell[0] == seed)
    for step in (1, -1):
        while bottom - top + 1 < MOST_ROWS:
            edge = bottom if step > 0 else top
            near = range(edge + step, edge + step * (APART + 1), step)
            row = next((row for row in near if any(_filled(sheet, region, row))), None)
            if row is None or not _are_heads(sheet, region, row, range(top, bottom + 1), cells):
                break
            top, bottom = min(top, row), max(bottom, row, *(sheet.end(cell)[0] for cell in cells if cell[0] == row))
    return range(top, bottom + 1)


def _filled(sheet: Sheet, region: Region, row: int) -> Iterator[Cell]:
    """Give the cells of a row that hold something of their own; none for a row outside the region."""
    inside = region.top <= row <= region.bottom
    for column in range(region.left, region.right + 1) if inside else ():
        cell = (row, column)
        if sheet.anchor(cell) == cell and not is_blank(sheet.value(cell)):
            yield cell


def _are_heads(sheet: Sheet, region: Region, row: int, band: range, cells: Sequence[Cell]) -> bool:
    """Tell whether a row next to heads holds heads too.

    It holds short words only, some of them wanted; and where one stands in the columns of another, the upper one spans
    more columns than the lower.
    """
    mine = [cell for cell in cells if cell[0] == row]
    values = (sheet.value(cell) for cell in _filled(sheet, region, row))
    if not mine or not all(isinstance(value, str) and len(value) <= LONGEST_LABEL for value in values):
        return False
    pairs = [sorted((cell, other)) for cell in mine for other in cells if other[0] in band]
    return all(
        _is_over(sheet, region, upper, lower) or not _meets(sheet, region, upper, lower) for upper, lower in pairs
    )


def _extent(sheet: Sheet, region: Region, cell: Cell) -> range:
    """Give the columns of a head above others: those of its merged range, or without one the blank ones right of it."""
    row, column = cell
    last = sheet.end(cell)[1]
    if cell not in sheet.extents:
        while last < region.right and is_blank(sheet.value((row, last + 1))):
            last += 1
    return range(column, last + 1)


def _meets(sheet: Sheet, region: Region, upper: Cell, lower: Cell) -> bool:
    wide = _extent(sheet, region, upper)
    return wide.start <= sheet.end(lower)[1] and lower[1] < wide.stop


def _is_over(sheet: Sheet, region: Region, upper: Cell, lower: Cell) -> bool:
    """Tell whether a head spans more columns than one below it, and that one's among them."""
    wide, (_, right) = _extent(sheet, region, upper), sheet.end(lower)
    inside = wide.start <= lower[1] and right < wide.stop
    return upper[0] < lower[0] and inside and len(wide) > right - lower[1] + 1


def _meant(sheet: Sheet, region: Region, cells: list[Cell], seed: int) -> list[Cell]:
    """Give the cells among those with names of one column that are meant, one where that is plain."""
    lowest = [cell for cell in cells if not any(_is_over(sheet, region, cell, other) for other in cells)]
    here = [cell for cell in lowest if cell[0] == seed]
    return here if len(here) == 1 else lowest


def _own(sheet: Sheet, span: Span, band: range, spans: Iterable[Span]) -> Span | None:
    """Give the columns of a head without those of other heads below it; None where words below it divide them."""
    (top, left), (bottom, right) = span
    others = {start[1] for start, _ in spans if start[0] > bottom and left <= start[1] <= right}
    columns = [column for column in range(left, right + 1) if column not in others]
    below = dict.fromkeys(_words_below(sheet, columns, range(bottom + 1, band.stop)))
    if len(below) > 1:
        return None
    if below or (others and columns):
        column = next(iter(below))[1] if below else columns[0]
        return (top, column), (bottom, column if below else columns[-1])
    return span if columns else None


def _words_below(sheet: Sheet, columns: Sequence[int], rows: range) -> Iterator[Cell]:
    for row in rows:
        for column in columns:
            cell = sheet.anchor((row, column))
            if cell[0] in rows and not is_blank(sheet.value(cell)):
                yield cell
