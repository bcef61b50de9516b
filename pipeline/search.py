"""One form in one part of a sheet → where its fields stand, section by section, by the words of row and column."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from schemas.form import Grid, Heads, Indicators, Line, Note, Pairs, YearLine
from schemas.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.workbook import Cell, Sheet
    from schemas.form import Column, Form, Head, Pair, Prompt, Section

LONGEST_LABEL = 60
"""Longer texts are answers, not labels."""
NEAR = 6
"""How many cells below its words a value may stand."""
_YEAR = re.compile(r"(?<!\d)(20\d\d)\s*年")
_ONLY_YEAR = re.compile(r"\W*20\d\d\s*年度?\W*")

Span = tuple["Cell", "Cell"]
"""First and last cell of the words of a column."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of the form that was not found, or found twice: a rule of the register and what was looked for."""

    rule: str
    sought: str
    sheet: str = ""
    cell: Cell | None = None


class Place(NamedTuple):
    """Where a value stands; ``text`` is the part of the cell that is the value, where it is not the whole cell."""

    sheet: Sheet
    cell: Cell
    text: str | None = None


@dataclass(slots=True)
class Finds:
    """What was found of a section or a form: places of fields, cells of indicator rows, and problems."""

    places: dict[str, Place] = field(default_factory=dict)
    rows: list[dict[str, Place]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, other: Finds) -> None:
        """Take over what else was found."""
        for name, place in other.places.items():
            self.places.setdefault(name, place)
        self.rows += other.rows
        self.problems += other.problems


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a sheet: first and last row and column, both inside."""

    top: int
    left: int
    bottom: int
    right: int

    def __contains__(self, cell: Cell) -> bool:
        """Tell whether a cell is inside."""
        return self.top <= cell[0] <= self.bottom and self.left <= cell[1] <= self.right

    @property
    def size(self) -> int:
        """The number of cells."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)


class Index:
    """The texts of a sheet: the short ones normalised, and all by the letter they begin with, with their cells."""

    def __init__(self, sheet: Sheet) -> None:
        """Index every text of a sheet."""
        self.sheet = sheet
        self.texts = list(sheet.texts())
        self.cells: dict[str, list[Cell]] = {}
        self._opening: dict[str, list[tuple[Cell, str]]] = {}
        for cell, text in self.texts:
            words, shown = _worded(text)
            if len(text) <= LONGEST_LABEL:
                self.cells.setdefault(words, []).append(cell)
            self._opening.setdefault(shown[:1], []).append((cell, shown))
        self.extent = Region(0, 0, len(sheet.rows) - 1, max((len(row) for row in sheet.rows), default=0) - 1)
        self._titled: dict[str, list[Cell]] = {}

    def find(self, names: frozenset[str], region: Region) -> list[Cell]:
        """Give the cells of a region that hold one of the names, which are `plain`, in reading order."""
        cells = self.cells
        return sorted([cell for name in names if name in cells for cell in cells[name] if cell in region])

    def opening(self, letters: frozenset[str]) -> list[tuple[Cell, str]]:
        """Give the texts that begin with one of some letters, NFKC and without spaces around, in reading order."""
        return sorted([each for letter in letters if letter in self._opening for each in self._opening[letter]])

    def titled(self, title: str) -> list[Cell]:
        """Give the cells of the short texts that have a title in them, which is `plain`."""
        if title not in self._titled:
            self._titled[title] = [cell for text, cells in self.cells.items() if title in text for cell in cells]
        return self._titled[title]


class Search:
    """The search for the sections of one form in one region; ``year`` is the one that headings may name."""

    def __init__(self, form: Form, index: Index, region: Region, year: int) -> None:
        """Begin."""
        self.form, self.index, self.region, self.year = form, index, region, year
        self.sheet = index.sheet
        self.points: dict[str, Span] = {}

    def find(self, section: Section) -> Finds | None:
        """Find one section; None where nothing of it is there, and no place to say what is missing of it."""
        match section:
            case YearLine():
                return self._year(section)
            case Line():
                return self._line(section)
            case Grid():
                return self._grid(section)
            case Heads():
                return self._heads(section)
            case Pairs():
                return self._pairs(section)
            case Indicators():
                return self._indicators(section)
            case _:
                return Finds()

    # ------------------------------------------------------------------ the small steps

    def _problem(self, rule: str, sought: str, cell: Cell | None = None) -> Problem:
        return Problem(rule, sought.strip(), self.sheet.name, cell)

    def _cells(self, sought: str | Column | Head) -> list[Cell]:
        return self.index.find(_names_of(self.form, sought, self.year), self.region)

    def _place(self, cell: Cell, text: str | None = None) -> Place:
        return Place(self.sheet, cell, text)

    def _is_label(self, value: Any) -> bool:
        """Tell whether a cell holds words of the form itself: a label, a prompt or a note, and so no value."""
        return isinstance(value, str) and value != "" and _is_label(self.form, self.year, value)

    def _blank(self, cell: Cell) -> bool:
        value = self.sheet.value(cell)
        return (value == "" or (isinstance(value, str) and not value.strip())) and cell not in self.sheet.troubles

    # ------------------------------------------------------------------ running text

    def _year(self, section: YearLine) -> Finds:
        for cell, text in self.index.texts:
            if cell[0] > self.region.top + NEAR:
                break
            if cell in self.region and len(text) <= LONGEST_LABEL:
                shown = _shown(text)
                year = _YEAR.search(shown)
                if year and (_ONLY_YEAR.fullmatch(shown) or plain(self.form.title) in plain(text)):
                    return Finds({section.field.name: self._place(cell, year[1])})
        return Finds()

    def _line(self, section: Line) -> Finds | None:
        asked = {name: prompt for prompt in section.parts for name in _names_of(self.form, prompt.words, self.year)}
        pattern = _prompts(frozenset(asked))
        finds = Finds()
        for cell, shown in self.index.opening(frozenset(name[:1] for name in asked)):
            if cell in self.region and pattern.match(shown) and (":" in shown or plain(shown) in asked):
                finds.add(self._answers(asked, pattern, cell, shown))
        return finds if finds.places else None

    def _answers(self, asked: Mapping[str, Prompt], pattern: re.Pattern[str], cell: Cell, shown: str) -> Finds:
        """Find the answers to the prompts of one cell: the text behind each, or the cell right of the last."""
        matches = list(pattern.finditer(shown))
        ends = [match.start() for match in matches[1:]] + [len(shown)]
        finds = Finds()
        for match, end in zip(matches, ends, strict=True):
            text = shown[match.end() : end].strip()
            place = self._place(cell, text)
            if not text and match is matches[-1]:
                right = list(self._to_the_right(cell))
                full = [each for each in right if not self._blank(each)]
                place = self._place((full or right)[0]) if right else place
            finds.places.setdefault(asked[plain(match[1])].field.name, place)
        return finds

    # ------------------------------------------------------------------ tables

    def _header(self, heads: Mapping[str, Column | Head]) -> tuple[dict[str, Span], list[Problem]]:
        """Give first and last cell of each column's words, on the row that holds most of them."""
        cells = {name: self._cells(head) for name, head in heads.items()}
        rows = [row for found in cells.values() for row in {row for row, _ in found}]
        if not rows:
            return {}, []
        row = max(set(rows), key=lambda each: (rows.count(each), -each))
        header, problems = {}, []
        for name, found in cells.items():
            here = [cell for cell in found if cell[0] == row]
            if len(here) == 1:
                header[name] = (here[0], self.sheet.end(here[0]))
            elif here:
                problems.append(self._problem("column_twice", heads[name].words, here[1]))
            else:
                problems.append(self._problem("column_not_found", heads[name].words, (row, 0)))
        return header, problems

    def _optional(self, columns: tuple[Column, ...], header: dict[str, Span], bottom: int) -> dict[str, Span]:
        """Find the words of the columns that some forms have, from the top of the other heads down to a row."""
        top = min(start[0] for start, _ in header.values())
        taken = {start for start, _ in header.values()}
        found = {}
        for column in columns:
            cells = [cell for cell in self._cells(column.words) if top <= cell[0] <= bottom and cell not in taken]
            if len(cells) == 1:
                found[column.name] = (cells[0], self.sheet.end(cells[0]))
        return found

    def _crossing(self, row: int, column: Span) -> Cell:
        """Give the cell of a row below a column's words: the first that is not blank, where they span several."""
        (_, left), (_, right) = column
        cell = (row, left)
        if left != right and self._blank(cell):
            cells = ((row, each) for each in range(left + 1, right + 1))
            cell = next((each for each in cells if not self._blank(each)), cell)
        return self.sheet.anchors.get(cell, cell)

    def _grid(self, section: Grid) -> Finds | None:
        header, problems = self._header({column.name: column for column in section.columns})
        if not header:
            return None
        finds = Finds(problems=problems)
        bottom = max(end[0] for _, end in header.values())
        header |= self._optional(section.optional, header, bottom)
        left = min(start[1] for start, _ in header.values())
        for row in section.rows:
            cells = [cell for cell in self._cells(row.words) if cell[0] > bottom and cell[1] < left]
            if len(cells) != 1:
                finds.problems.append(self._not_one("row", row.words, cells))
                continue
            for column in (*section.columns, *section.optional):
                if column.name in header:
                    value = self._crossing(cells[0][0], header[column.name])
                    finds.places[section.name_at(row, column)] = self._place(value)
        return finds

    def _not_one(self, what: str, words: str, cells: list[Cell]) -> Problem:
        return self._problem(f"{what}_twice" if cells else f"{what}_not_found", words, cells[1] if cells else None)

    def _heads(self, section: Heads) -> Finds | None:
        header, problems = self._header({head.field.name: head for head in section.heads})
        if not header:
            return None
        return Finds({name: self._place(self._below(span)) for name, span in header.items()}, problems=problems)

    def _below(self, span: Span) -> Cell:
        """Give the cell below a heading: the first that is not blank, before a line that has words of the form."""
        (_, left), (bottom, right) = span
        for row in range(bottom + 1, min(bottom + NEAR, self.region.bottom) + 1):
            across = [(row, column) for column in range(left, right + 1)]
            if any(self._is_label(self.sheet.value((row, column))) for column in range(self.region.left, right + 1)):
                break
            full = next((cell for cell in across if not self._blank(cell)), None)
            if full:
                return self.sheet.anchor(full)
        return self.sheet.anchor((bottom + 1, left))

    # ------------------------------------------------------------------ words with values to the right

    def _to_the_right(self, cell: Cell) -> Iterator[Cell]:
        """Give the cells that follow a cell on its row, merged ranges once, up to the next words of the form."""
        row, column = cell[0], self.sheet.end(cell)[1] + 1
        while column <= self.region.right:
            anchor = self.sheet.anchor((row, column))
            if self._is_label(self.sheet.value(anchor)):
                return
            yield anchor
            column = max(self.sheet.end(anchor)[1], column) + 1

    def _pairs(self, section: Pairs) -> Finds | None:
        pairs = [pair for line in section.lines for pair in line if pair.fields]
        cells = [self._cells(pair.words) for pair in pairs]
        if not any(cells):
            return None
        finds = Finds()
        for pair, found in zip(pairs, cells, strict=True):
            if len(found) == 1:
                finds.add(self._pair(pair, found[0]))
            else:
                finds.problems.append(self._not_one("row", pair.words, found))
        return finds

    def _pair(self, pair: Pair, cell: Cell) -> Finds:
        """Find the values of one pair: below the columns they belong to, else to the right of the words."""
        values = self._under(pair, cell)
        if all(self._blank(value) for value in values):
            right = list(self._to_the_right(cell))
            full = [each for each in right if not self._blank(each)]
            if len(pair.fields) == 1 and right and not self._blank(right[0]):
                full = right[:1]  # what stands next to the words is meant
            if len(full) > len(pair.fields):
                return Finds(problems=[self._problem("value_ambiguous", pair.words, full[len(pair.fields)])])
            values = full if len(full) == len(pair.fields) else values or right[: len(pair.fields)]
        return Finds({asked.name: self._place(value) for asked, value in zip(pair.fields, values, strict=False)})

    def _under(self, pair: Pair, cell: Cell) -> list[Cell]:
        """Give the cells of a line below the columns of the indicators that its values stand in."""
        spans = [self.points[name] for name in pair.under if name in self.points]
        right = [self._crossing(cell[0], span) for span in spans if span[0][1] > cell[1]]
        return right if len(right) == len(pair.fields) else []

    # ------------------------------------------------------------------ the indicators

    def _indicators(self, section: Indicators) -> Finds | None:
        header, problems = self._header({column.name: column for column in section.columns})
        if len(header) <= len(section.columns) // 2:
            return None
        first = max(end[0] for _, end in header.values()) + 1
        left = min(start[1] for start, _ in header.values())
        optional = self._optional(section.optional, header, first)
        first = max(first, *(start[0] + 1 for start, _ in optional.values()), 0)
        header |= optional
        if "value" in header:  # the target is split: its number stands below its own heading
            header["target"] = header.pop("value")
            problems = [each for each in problems if each.sought != _words(section, "target")]
        self.points = header
        rows = [
            {name: Place(self.sheet, self._crossing(row, span)) for name, span in header.items()}
            for row in range(first, self._last(first, left) + 1)
        ]
        return Finds(rows=rows, problems=problems)

    def _last(self, first: int, left: int) -> int:
        """Give the last row of the indicators: the one above the next words of the form at their left."""
        own = heads_of_indicators(self.form)
        for row in range(first, self.region.bottom + 1):
            for column in range(left + 1):
                value = self.sheet.value((row, column))
                if self._is_label(value) and plain(value) not in own:
                    return row - 1
        return self.region.bottom


def missing(section: Section, sheet: str) -> list[Problem]:
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


def _words(section: Indicators, name: str) -> str:
    return next(column.words for column in section.columns if column.name == name)


@lru_cache(maxsize=4096)
def _names_of(form: Form, sought: str | Column | Head, year: int) -> frozenset[str]:
    """Give the names of words or a heading as they compare."""
    names = form.names_of(sought) if isinstance(sought, str) else form.heads_of(sought, year)
    return frozenset(map(plain, names))


@lru_cache(maxsize=64)
def heads_of_indicators(form: Form) -> frozenset[str]:
    """Give the names of the columns of the indicators as they compare."""
    columns = form.indicators.columns if form.indicators else ()
    return frozenset(plain(name) for column in columns for name in form.names_of(column.words))


@lru_cache(maxsize=4096)
def _worded(text: str) -> tuple[str, str]:
    """Give the words of a text as they compare, "" for a long one, and the text as NFKC without spaces around."""
    return plain(text) if len(text) <= LONGEST_LABEL else "", _shown(text)


def _shown(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=64)
def labels(form: Form) -> tuple[Any, ...]:
    """Give the headings and words of a form under which values stand: columns, heads, and words of rows and pairs."""
    found: list[Any] = []
    for section in form.flat():
        match section:
            case Grid(_, columns, rows):
                found += [row.words for row in rows] + list(columns)
            case Heads(heads):
                found += heads
            case Pairs(lines):
                found += [pair.words for line in lines for pair in line]
            case Indicators(columns):
                found += columns
            case _:
                pass
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=256)
def names(form: Form, year: int) -> tuple[tuple[str, ...], ...]:
    """Give all names of each label of a form."""
    return tuple(
        form.names_of(label) if isinstance(label, str) else form.heads_of(label, year) for label in labels(form)
    )


@lru_cache(maxsize=256)
def known(form: Form, year: int) -> Mapping[str, tuple[int, ...]]:
    """Give every name of every label of a form as it compares, with the labels it is of by number."""
    found: dict[str, list[int]] = {}
    for number, each in enumerate(names(form, year)):
        for name in set(map(plain, each)):
            found.setdefault(name, []).append(number)
    return {name: tuple(numbers) for name, numbers in found.items()}


@lru_cache(maxsize=4096)
def _is_label(form: Form, year: int, text: str) -> bool:
    """Tell whether a text is words of the form itself: a label, a prompt or a note."""
    if not text.strip():
        return False
    if len(text) > LONGEST_LABEL:
        return plain(text[:LONGEST_LABEL]).startswith(_notes(form))
    return plain(text) in known(form, year) or bool(_prompts_of(form).match(_shown(text)))


@lru_cache(maxsize=64)
def _notes(form: Form) -> tuple[str, ...]:
    """Give how the notes of a form begin, normalised."""
    texts = (section.text.partition("{")[0] for section in form.flat() if isinstance(section, Note))
    return tuple(plain(text[:LONGEST_LABEL])[:12] for text in texts)


@lru_cache(maxsize=64)
def _prompts_of(form: Form) -> re.Pattern[str]:
    lines = (section for section in form.flat() if isinstance(section, Line))
    return _prompts(
        frozenset(plain(name) for line in lines for part in line.parts for name in form.names_of(part.words))
    )


@lru_cache(maxsize=64)
def _prompts(words: frozenset[str]) -> re.Pattern[str]:
    """Give a pattern for prompts in running text: their words, spaced at will, and a colon or the cell's end."""
    spaced = (r"\s*".join(map(re.escape, word)) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"({'|'.join(spaced)})\s*(?:[((](?:盖章|公章|签字|签章)[))])?\s*(?::|$)")
