"""Sheets + Form → which part of which sheet holds each annex, in which version, and where each field stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.reading.amount_units import settle_units
from pipeline.reading.continuation_lines import add_continuation_lines
from pipeline.reading.entries import text
from pipeline.reading.find_fields import Search
from pipeline.reading.fiscal_year import stated_years
from pipeline.reading.labels import known, labels
from pipeline.reading.lacking_sections import lacking_sections, other_edition
from pipeline.reading.places import Finds, Problem
from pipeline.reading.sheet_index import Index, Region
from pipeline.reading.titles import find_titles
from pipeline.reading.units import stated_units
from pipeline.reading.unknown_words import ask, ask_of_lacking
from schemas.forms.model import Indicators, YearLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.reading.places import Place
    from pipeline.reading.titles import Titles
    from pipeline.reading.units import StatedUnit
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
    year: int = 0
    """The fiscal year that its headings may name."""
    stated: list[StatedUnit] = field(default_factory=list)
    """The words of the form that name a unit of money."""
    units: dict[str, float] = field(default_factory=dict)
    """By field what an amount without a unit of its own is multiplied by to be 万元, where that is not 1."""

    def is_filled(self) -> bool:
        """Tell whether anything is filled in, the year apart, which the form prints itself."""
        years = {section.field.name for section in self.form.flat() if isinstance(section, YearLine)}
        values = [place for name, place in self.finds.places.items() if name not in years]
        values += [line[name] for line in self.finds.rows for name in ("level3", "target", "actual") if name in line]
        return any(text(place).strip() if place.text is None else place.text for place in values)


@dataclass(slots=True)
class Found:
    """What a workbook holds.

    Attributes:
        annexes: each annex that was found.
        problems: annexes that are nowhere, twice, or without their title, and years that differ.
        year: the fiscal year that the workbook says it is of; None where it says none.
        other: the name of another form that it holds, "" for none.
        untitled: what is like an annex and has neither its title nor its name; it is not taken for it.
    """

    annexes: list[Located]
    problems: list[Problem]
    year: int | None
    other: str
    untitled: list[Located]

    def with_untitled(self) -> tuple[list[Located], list[Problem]]:
        """Give the annexes with those that have no title, for a person who looks at them, and the other problems."""
        gone = {f"{each.form.annex} {each.form.title}" for each in self.untitled}
        problems = [each for each in self.problems if each.sought not in gone]
        more = [problem for each in self.untitled for problem in each.finds.problems]
        return self.annexes + self.untitled, problems + more


def locate(sheets: list[Sheet], versions: tuple[tuple[Form, ...], ...], year: int) -> Found:
    """Find each annex somewhere in the sheets, in the version it is most like, and each of its fields.

    A title beats any likeness: a sheet that has the title of another form is none of the annexes, and one that is
    like an annex without having its title or its name is not taken for it.

    ``year`` is the fiscal year evaluated: that of headings that name years, where no annex says its own. An annex
    that is nowhere is a problem, and so is one that is filled in twice.
    """
    forms = tuple(form for annex in versions for form in annex)
    indexes = [Index(sheet) for sheet in sheets]
    titles = [find_titles(index, forms) for index in indexes]
    stated = _stated_years(indexes, forms, titles)
    own_year = _one_year(stated, year)
    found = Found([], _different_years(stated), own_year, next((each.other for each in titles if each.other), ""), [])
    for annex in versions:
        candidates = _candidates(indexes, annex, titles, own_year or year)
        words = f"{annex[0].annex} {annex[0].title}"
        untitled = not any(each.has(form) for each in titles for form in annex)
        if untitled and any(each.is_filled() for each in candidates):
            like = next(each for each in candidates if each.is_filled())
            found.untitled.append(like)
            found.problems.append(Problem("annex_untitled", words, like.sheet.name, like.top))
            continue
        if untitled or not candidates:
            found.problems.append(Problem("annex_missing", words))
            continue
        filled = [each for each in candidates if each.is_filled()] or candidates
        found.annexes.append(filled[0])
        if len(filled) > 1 and filled[0].is_filled():
            twice = "、".join(dict.fromkeys(each.sheet.name for each in filled))
            problem = Problem("annex_twice", f"{annex[0].annex}（{twice}）", filled[1].sheet.name, filled[1].top)
            found.problems.append(problem)
    claimed = {each.sheet.name for each in found.annexes + found.untitled}
    spare = [
        index for index, each in zip(indexes, titles, strict=True) if index.sheet.name not in claimed and not each.other
    ]
    for located in found.annexes + found.untitled:
        _complete(located, spare, own_year or year)
        _take_year(located, stated, own_year)
        located.finds.problems += [each for annex in versions for each in other_edition(located, annex[0])]
    settle_units(found.annexes + found.untitled)
    found.problems += [problem for located in found.annexes for problem in located.finds.problems]
    return found


def _stated_years(indexes: list[Index], forms: tuple[Form, ...], titles: list[Titles]) -> list[Place]:
    """Give each place where a form, or another sheet of the workbook, says of which fiscal year it is."""
    found: dict[tuple[str, Cell], Place] = {}
    asked = sorted(forms, key=lambda form: not any(isinstance(section, YearLine) for section in form.flat()))
    for form in asked:
        for index, named in zip(indexes, titles, strict=True):
            regions = list(_regions(index, form, named)) or ([index.extent] if named.other else [])
            for region in regions:
                for place in stated_years(index, region, form, named.cells):
                    found.setdefault((place.sheet.name, place.cell), place)
    return list(found.values())


def _one_year(stated: list[Place], asked: int) -> int | None:
    """Give the year that is stated; of several the one asked for, else the first."""
    years = [int(place.text or 0) for place in stated]
    return asked if asked in years else next(iter(years), None)


def _different_years(stated: list[Place]) -> list[Problem]:
    years = list(dict.fromkeys(f"{place.text}年度" for place in stated))
    if len(years) <= 1:
        return []
    other = next(place for place in stated if f"{place.text}年度" == years[1])
    return [Problem("years_differ", "、".join(years), other.sheet.name, other.cell)]


def _take_year(located: Located, stated: list[Place], year: int | None) -> None:
    """Give the annex that asks for the year the place where the workbook says it, its own sheet first."""
    places = [place for place in stated if int(place.text or 0) == year]
    places.sort(key=lambda place: place.sheet is not located.sheet)
    for section in located.form.flat():
        if isinstance(section, YearLine) and places:
            located.finds.places[section.field.name] = places[0]


def _candidates(indexes: list[Index], annex: tuple[Form, ...], titles: list[Titles], year: int) -> list[Located]:
    """Search each sheet for an annex, in the version and the parts of the sheet that are most like it; likest first."""
    best: list[tuple[float, int, Form, Region]] = []
    for number, index in enumerate(indexes):
        options = [
            (_words_there(form, index, region, year), -region.size, -at, form, region)
            for at, form in enumerate(annex)
            for region in dict.fromkeys(_regions(index, form, titles[number]))  # one title gives the same twice
        ]
        for count, _, _, form, region in sorted(options, key=_by_words, reverse=True):
            likeness = count / len(labels(form))
            if likeness >= ENOUGH and not any(number == other[1] and region.meets(other[3]) for other in best):
                best.append((likeness, number, form, region))
    best.sort(key=lambda each: (-each[0], each[1], each[3].top, each[3].left))
    # A sheet that holds a few of the sections is no second copy of an annex: it may be the rest of the first.
    whole = [each for each in best if each[0] >= 0.75 * best[0][0]]
    return [_searched(form, indexes[number], region, year) for _, number, form, region in whole]


def _searched(form: Form, index: Index, region: Region, year: int) -> Located:
    search = Search(form, index, region, year)
    located = Located(form, index.sheet, (region.top, region.left), Finds(), [], region.right, year)
    for section in form.flat():
        finds = search.find(section)
        asked = ask_of_lacking(search, section) if finds is None else []
        if finds is not None:
            located.finds.add(add_continuation_lines(search, section, ask(search, section, finds)))
        elif asked:
            located.finds.problems += asked
        else:
            located.lacking.append(section)
    located.stated = stated_units(index, region, _cells(located.finds))
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
                    located.finds.add(add_continuation_lines(search, section, finds))
                    located.lacking = [each for each in located.lacking if each is not section]
    located.finds.problems += lacking_sections(located)


def _goes_on(finds: Finds, index: Index) -> bool:
    """Tell whether a sheet begins with the heads of the indicators, and so is no other form that has some too."""
    top = min(row for (row, _), _ in index.texts)
    return bool(finds.rows) and all(place.cell[0] <= top + 2 for place in finds.rows[0].values())


def _regions(index: Index, form: Form, titles: Titles) -> Iterator[Region]:
    """Give the parts of a sheet that may hold a form: from its title to the next title below or beside it.

    A sheet without that title may hold it as a whole, unless it has the title of another form.
    """
    whole = index.extent
    for row, column in titles.own[form.key]:
        below = min((r for r, _ in titles.edges if r > row), default=whole.bottom + 1)
        beside = min((c for _, c in titles.edges if c > column), default=whole.right + 1)
        left = column if any(c < column for _, c in titles.edges) else 0
        yield Region(row, 0, below - 1, whole.right)
        yield Region(row, left, whole.bottom, beside - 1)
    if not titles.own[form.key] and not titles.other and whole.size > 0:
        yield whole


def _words_there(form: Form, index: Index, region: Region, year: int) -> int:
    """Count the labels of a form that a part of a sheet has, under any of their names."""
    names = known(form, year)
    there = {name for name in names.keys() & index.cells.keys() if any(map(region.__contains__, index.cells[name]))}
    there |= index.words_with_values(names.keys(), region)
    return len({number for name in there for number in names[name]})


def _by_words(option: tuple[int, int, int, Form, Region]) -> tuple[int, float, int, int]:
    """Order editions by how many of their words are there, and not by the share: a short one is no better for lacking.

    A sheet without one line of its edition has the most words of that one still.
    """
    count, size, at, form, _ = option
    return count, count / len(labels(form)), size, at
