"""Sheets + Form → which part of which sheet holds each annex, in which version, and where each field stands."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from pipeline.reading.continuation_lines import onward
from pipeline.reading.entries import text
from pipeline.reading.find_fields import Search
from pipeline.reading.labels import known, labels
from pipeline.reading.places import Finds, Problem
from pipeline.reading.sheet_index import Index, Region
from pipeline.reading.units import other_units
from schemas.forms.model import Grid, Heads, Indicators, Pairs, YearLine
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.reading.workbook import Cell, Sheet
    from schemas.forms.model import Form, Section

ENOUGH = 0.25
"""The share of a form's labels that a part of a sheet must have to be taken for the form."""


@dataclass(slots=True)
class Located:
    """An annex found on a sheet, from ``top`` on, and what was found; ``lacking`` are sections of which nothing was."""

    form: Form
    sheet: Sheet
    top: Cell
    finds: Finds
    lacking: list[Section]
    right: int = 0
    """The last column of the part of the sheet it was found in."""

    def is_filled(self) -> bool:
        """Tell whether anything is filled in, the year apart, which the form prints itself."""
        years = {section.field.name for section in self.form.flat() if isinstance(section, YearLine)}
        values = [place for name, place in self.finds.places.items() if name not in years]
        values += [line[name] for line in self.finds.rows for name in ("level3", "target", "actual") if name in line]
        return any(text(place).strip() if place.text is None else place.text for place in values)


def locate(
    sheets: list[Sheet], versions: tuple[tuple[Form, ...], ...], year: int
) -> tuple[list[Located], list[Problem]]:
    """Find each annex somewhere in the sheets, in the version it is most like, and each of its fields.

    ``year`` is the fiscal year of headings that name years, where no annex says its own. An annex that is nowhere is
    a problem, and so is one that is filled in twice.
    """
    indexes = [Index(sheet) for sheet in sheets]
    titles = _titles(indexes, tuple(form for annex in versions for form in annex))
    year = _year(indexes, versions, titles) or year
    found, problems = [], []
    for annex in versions:
        candidates = _candidates(indexes, annex, titles, year)
        if not candidates:
            problems.append(Problem("annex_missing", f"{annex[0].annex} {annex[0].title}"))
            continue
        filled = [each for each in candidates if each.is_filled()] or candidates
        found.append(filled[0])
        if len(filled) > 1 and filled[0].is_filled():
            twice = "、".join(dict.fromkeys(each.sheet.name for each in filled))
            problems.append(Problem("annex_twice", f"{annex[0].annex}（{twice}）", filled[1].sheet.name, filled[1].top))
    claimed = {each.sheet.name for each in found}
    spare = [index for index in indexes if index.sheet.name not in claimed]
    for each in found:
        _complete(each, spare, year)
        problems += each.finds.problems
    return found, problems


def _candidates(indexes: list[Index], annex: tuple[Form, ...], titles: list[list[Cell]], year: int) -> list[Located]:
    """Search each sheet for an annex, in the version and the parts of the sheet that are most like it; likest first."""
    best: list[tuple[float, int, Form, Region]] = []
    for number, index in enumerate(indexes):
        options = [
            (_likeness(form, index, region, year), -region.size, -at, form, region)
            for at, form in enumerate(annex)
            for region in dict.fromkeys(_regions(index, form, titles[number]))  # one title gives the same twice
        ]
        for likeness, _, _, form, region in sorted(options, key=lambda option: option[:3], reverse=True):
            if likeness >= ENOUGH and not any(number == other[1] and region.meets(other[3]) for other in best):
                best.append((likeness, number, form, region))
    best.sort(key=lambda each: (-each[0], each[1], each[3].top, each[3].left))
    # A sheet that holds a few of the sections is no second copy of an annex: it may be the rest of the first.
    whole = [each for each in best if each[0] >= 0.75 * best[0][0]]
    return [_searched(form, indexes[number], region, year) for _, number, form, region in whole]


def _searched(form: Form, index: Index, region: Region, year: int) -> Located:
    search = Search(form, index, region, year)
    located = Located(form, index.sheet, (region.top, region.left), Finds(), [], region.right)
    for section in form.flat():
        finds = search.find(section)
        if finds is None:
            located.lacking.append(section)
        else:
            located.finds.add(onward(search, section, finds))
    located.finds.problems += other_units(index, region, _cells(located.finds))
    return located


def _cells(finds: Finds) -> set[Cell]:
    """Give the cells that values stand in."""
    places = [*finds.places.values(), *(place for line in finds.rows for place in line.values())]
    return {place.cell for place in places}


def _complete(located: Located, spare: list[Index], year: int) -> None:
    """Look on the sheets that hold no annex for the rest of a form split over two, and say what is nowhere."""
    for index in spare:
        search = Search(located.form, index, index.extent, year)
        for section in located.form.flat():
            lacking = any(section is each for each in located.lacking)
            if lacking or isinstance(section, Indicators):
                finds = search.find(section)
                if finds is not None and (lacking or _goes_on(finds, index)):
                    located.finds.add(onward(search, section, finds))
                    located.lacking = [each for each in located.lacking if each is not section]
    for section in located.lacking:
        located.finds.problems += _missing(section, located.sheet.name)


def _missing(section: Section, sheet: str) -> list[Problem]:
    """Say of a section that is nowhere what was looked for; running text is not missed."""
    match section:
        case Grid(_, columns) | Indicators(columns):
            return [Problem("column_not_found", column.words, sheet) for column in columns]
        case Heads(heads):
            return [Problem("column_not_found", head.words, sheet) for head in heads]
        case Pairs(lines):
            return [
                Problem("row_not_found", pair.words.strip(), sheet) for line in lines for pair in line if pair.fields
            ]
        case _:
            return []


def _goes_on(finds: Finds, index: Index) -> bool:
    """Tell whether a sheet begins with the heads of the indicators, and so is no other form that has some too."""
    top = min(row for (row, _), _ in index.texts)
    return bool(finds.rows) and all(place.cell[0] <= top + 2 for place in finds.rows[0].values())


def _year(indexes: list[Index], versions: tuple[tuple[Form, ...], ...], titles: list[list[Cell]]) -> int | None:
    """Give the fiscal year that an annex says it is of."""
    for form in chain.from_iterable(versions):
        for section in form.flat():
            if isinstance(section, YearLine):
                for index, named in zip(indexes, titles, strict=True):
                    for region in _regions(index, form, named):
                        finds = Search(form, index, region, 0).find(section)
                        if finds and finds.places:
                            return int(finds.places[section.field.name].text or 0)
    return None


def _regions(index: Index, form: Form, titles: list[Cell]) -> Iterator[Region]:
    """Give the parts of a sheet that may hold a form: from its title to the next title below or beside it."""
    whole = index.extent
    own = [cell for cell in index.titled(normalise_label(form.title)) if cell in titles]
    for row, column in own:
        below = min((r for r, _ in titles if r > row), default=whole.bottom + 1)
        beside = min((c for _, c in titles if c > column), default=whole.right + 1)
        left = column if any(c < column for _, c in titles) else 0
        yield Region(row, 0, below - 1, whole.right)
        yield Region(row, left, whole.bottom, beside - 1)
    if not own and whole.size > 0:
        yield whole


def _titles(indexes: list[Index], forms: tuple[Form, ...]) -> list[list[Cell]]:
    """Give the cells of each sheet that hold the title of a form."""
    found = []
    for index in indexes:
        named = sorted({cell for each in forms for cell in index.titled(normalise_label(each.title))})
        found.append([cell for cell in named if _stands_alone(index, cell, named)])
    return found


def _stands_alone(index: Index, cell: Cell, titles: list[Cell]) -> bool:
    """Tell a title from an indicator that speaks of the form: beside a title stand at most other titles and 附件1."""
    row = cell[0]
    others = [(row, column) for column, value in enumerate(index.sheet.rows[row]) if str(value).strip()]
    texts = [str(index.sheet.value(other)) for other in others if other not in titles]
    return all(len(text) <= len("附件1-1") + 2 and "附件" in text for text in texts)


def _likeness(form: Form, index: Index, region: Region, year: int) -> float:
    """Give the share of a form's labels that a part of a sheet has, under any of their names."""
    names = known(form, year)
    there = (name for name in names.keys() & index.cells.keys() if any(cell in region for cell in index.cells[name]))
    return len({number for name in there for number in names[name]}) / len(labels(form))
