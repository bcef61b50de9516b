"""What is to be seen of an annex beside its values: hidden lines, struck-through rows, words beside it, comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cells import address
from pipeline.reading.entries import ReadingFinding, is_picture, text
from pipeline.reading.units import names_unit
from schemas.forms.live_checks import CHECK_HEAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pipeline.cells import Cell
    from pipeline.reading.entries import Entry
    from pipeline.reading.find_annexes import Located
    from pipeline.reading.places import Place

LONGEST = 200
"""Letters of words beside an annex that a finding quotes."""
_COUNTED = ("level3", "target", "actual")
"""The entries of an indicator row that make it one."""


def left_out(place: Place, name: str, label: str, found: Entry) -> Iterator[ReadingFinding]:
    """Tell what of a cell's text does not count: parts struck through, and the marks of notes."""
    runs = place.sheet.closer.runs
    counted = runs.get(place.sheet.anchor(place.cell)) if runs and place.text is None else None
    if counted and counted.left_out:
        where = (place.sheet.name, address(place.cell))
        yield ReadingFinding("text_left_out", name, label, *where, "”、“".join(counted.left_out), found.written.strip())


def is_struck(line: Mapping[str, Place]) -> bool:
    """Tell whether an indicator row is struck through as a whole."""
    places = [line[name] for name in _COUNTED if name in line]
    if not any(place.sheet.closer.struck for place in places):
        return False
    filled = [place for place in places if text(place).strip()]
    return bool(filled) and all(place.sheet.anchor(place.cell) in place.sheet.closer.struck for place in filled)


def hidden_lines(located: Located) -> Iterator[ReadingFinding]:
    """Tell each hidden row and each hidden column that holds something filed, once, at the first cell of it."""
    sheet, told = located.sheet, set[tuple[str, int]]()
    if not sheet.closer.hidden_rows and not sheet.closer.hidden_columns:
        return
    for label, place in _filled(located):
        (row, column), where = place.cell, (place.sheet.name, address(place.cell))
        if place.sheet is sheet and row in sheet.closer.hidden_rows and ("row", row) not in told:
            told.add(("row", row))
            yield ReadingFinding("line_hidden", "", label, *where, f"第{row + 1}行", "")
        if place.sheet is sheet and column in sheet.closer.hidden_columns and ("column", column) not in told:
            told.add(("column", column))
            yield ReadingFinding("line_hidden", "", label, *where, f"{address((0, column))[:-1]}列", "")


def _filled(located: Located) -> Iterator[tuple[str, Place]]:
    """Give the places of an annex at which something stands, and what people know it by."""
    for each in located.form.fields():
        place = located.finds.places.get(each.name)
        if place and text(place).strip():
            yield each.label, place
    for line in located.finds.rows:
        label = text(line["level3"]).strip() if "level3" in line else ""
        for name, place in line.items():
            if name not in {"level1", "level2"} and text(place).strip():
                yield label, place


def words_beside(located: Located) -> dict[Cell, str]:
    """Give the words right of an annex on its rows, and the comments on its cells, by cell."""
    sheet = located.sheet
    places = [place for place in _places(located) if place.sheet is sheet]
    if not places:
        return {}
    lines = {row for place in places for row in range(place.cell[0], sheet.end(place.cell)[0] + 1)}
    edge = max(sheet.end(place.cell)[1] for place in places)
    texts = [(cell, words.strip()) for cell, words in sheet.texts() if cell[1] > edge]
    checks = {cell[1] for cell, words in texts if words.startswith(CHECK_HEAD)} | {
        column for _, column in sheet.computed
    }
    found = {
        cell: words
        for cell, words in texts
        if words
        and not is_picture(words)
        and cell[0] in lines
        and cell[1] <= located.right
        and cell[1] not in checks
        and not names_unit(words)
    }
    for cell, comment in sheet.closer.comments.items():
        if located.top[0] <= cell[0] <= max(lines) and located.top[1] <= cell[1] <= located.right:
            found[cell] = f"{found[cell]}；{comment}" if cell in found else comment
    return found


def _places(located: Located) -> Iterable[Place]:
    yield from located.finds.places.values()
    for line in located.finds.rows:
        yield from line.values()


def errors_beside(located: Located) -> Iterator[ReadingFinding]:
    """Tell the cells that show an error and that nothing of the annex is read from."""
    read = {place.cell for place in _places(located)} | located.sheet.pictures
    for cell, error in sorted(located.sheet.troubles.items()):
        if error and cell not in read and located.top[0] <= cell[0] and located.top[1] <= cell[1] <= located.right:
            yield ReadingFinding("error_beside", "", "", located.sheet.name, address(cell), error, "")


def told_beside(located: Located, words: Mapping[Cell, str]) -> Iterator[ReadingFinding]:
    """Tell the words that stand beside an annex and in comments."""
    for cell, said in sorted(words.items()):
        yield ReadingFinding("words_beside", "", "", located.sheet.name, address(cell), said[:LONGEST], "")
