"""What is filed below a value, in lines of its own: a text goes on there, and a second number is asked about.

A goal is often written as 目标1, 目标2 and 目标3, each in a row that was inserted for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.reading.entries import text
from pipeline.reading.labels import is_label
from pipeline.reading.parse_cell import is_blank
from pipeline.reading.places import Finds, Place, Problem
from schemas.forms.model import Heads, Pairs, fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.reading.find_fields import Search
    from pipeline.reading.workbook import Cell
    from schemas.forms.model import Section


def add_continuation_lines(search: Search, section: Section, finds: Finds) -> Finds:
    """Give what was found of a section with what is filed in the lines below each value."""
    if not isinstance(section, (Heads, Pairs)):
        return finds
    asked = {each.name: each for each in fields_of(section)}
    left = min((place.cell[1] for place in finds.places.values()), default=0)
    more = Finds(dict(finds.places), finds.rows, list(finds.problems))
    lines: dict[int, list[Cell]] = {}
    for name, place in finds.places.items():
        following = list(_following(search, place, left, lines)) if place.text is None else []
        if following and asked[name].kind.numeric:
            del more.places[name]
            more.problems.append(Problem("value_ambiguous", asked[name].label, place.sheet.name, following[0]))
        elif following:
            texts = [text(each) for each in (place, *(Place(place.sheet, cell) for cell in following))]
            more.places[name] = place._replace(text="\n".join(filter(str.strip, texts)))
    return more


def _following(search: Search, place: Place, left: int, lines: dict[int, list[Cell]]) -> Iterator[Cell]:
    """Give the filled cells below a value, down to a line that does not go on; ``lines`` are those looked at so far."""
    (_, first), (bottom, last) = place.cell, search.sheet.end(place.cell)
    for row in range(bottom + 1, search.region.bottom + 1):
        if row not in lines:
            lines[row] = _going_on(search, row, left)
        if not lines[row]:
            return
        yield from (cell for cell in lines[row] if first <= cell[1] <= last)


def _going_on(search: Search, row: int, left: int) -> list[Cell]:
    """Give the filled cells of a line; none where it has words of its own before the values.

    ``left`` is the first column of the section's values: what stands before it in a line is what the line is about.
    """
    sheet, region = search.sheet, search.region
    line = dict.fromkeys(sheet.anchor((row, column)) for column in range(region.left, region.right + 1))
    filled = []
    for cell in line:
        if cell[0] == row and (not is_blank(sheet.value(cell)) or cell in sheet.troubles):
            if cell[1] < left or _is_label(search, cell):
                return []
            filled.append(cell)
    return filled


def _is_label(search: Search, cell: Cell) -> bool:
    value = search.sheet.value(cell)
    return isinstance(value, str) and is_label(search.form, search.year, value)
