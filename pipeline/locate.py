"""Sheets + Form → where each field stands, found by the words of its row and column, never by its cell."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from schemas.form import Grid, Heads, Indicators, Line, Note, Pairs, YearLine
from schemas.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.workbook import Cell, Sheet
    from schemas.form import Form, Pair, Prompt

LONGEST_LABEL = 60
"""Longer texts are answers, not labels."""
NEAR = 6
"""How many cells below or to the right of its words a value may stand."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of the form that was not found, or found twice: a rule of the register and what was looked for."""

    rule: str
    sought: str
    sheet: str = ""
    cell: Cell | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands; ``text`` is the part of the cell that is the value, where it is not the whole cell."""

    cell: Cell
    text: str | None = None


@dataclass(slots=True)
class Located:
    """A form found on a sheet: the place of each field, the cells of each indicator row, and the problems."""

    form: Form
    sheet: Sheet
    places: dict[str, Place] = field(default_factory=dict)
    rows: list[dict[str, Cell]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


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
    """The short texts of a sheet, normalised, with the cells they stand in."""

    def __init__(self, sheet: Sheet) -> None:
        """Index every short text of a sheet."""
        self.sheet = sheet
        self.cells: dict[str, list[Cell]] = {}
        for cell, text in sheet.texts():
            if len(text) <= LONGEST_LABEL:
                self.cells.setdefault(plain(text), []).append(cell)
        self.extent = Region(0, 0, len(sheet.rows) - 1, max((len(row) for row in sheet.rows), default=0) - 1)

    def find(self, names: Iterable[str], region: Region) -> list[Cell]:
        """Give the cells of a region that hold one of the names, in reading order."""
        found = {cell for name in names for cell in self.cells.get(plain(name), ()) if cell in region}
        return sorted(found)


def locate(sheets: list[Sheet], forms: tuple[Form, ...]) -> tuple[list[Located], list[Problem]]:
    """Find each form somewhere in the sheets, and each of its fields; a form that is nowhere is a problem."""
    indexes = [Index(sheet) for sheet in sheets]
    found, problems = [], []
    for form in forms:
        candidates = sorted(
            ((_likeness(form, index, region), -region.size, number, region))
            for number, index in enumerate(indexes)
            for region in _regions(index, form, forms)
        )
        needed = max(3, len(_labels(form)) // 4)
        if not candidates or candidates[-1][0] < needed:
            problems.append(Problem("annex_missing", f"{form.annex} {form.title}"))
            continue
        _, _, number, region = candidates[-1]
        found.append(_Search(form, indexes[number], region).run())
    return found, problems


def _regions(index: Index, form: Form, forms: tuple[Form, ...]) -> Iterator[Region]:
    """Give the parts of a sheet that may hold a form: from its title to the next title below or beside it."""
    whole = index.extent
    titles = sorted({cell for each in forms for cell in _titles(index, each)})
    own = _titles(index, form)
    for row, column in own:
        below = min((r for r, _ in titles if r > row), default=whole.bottom + 1)
        beside = min((c for _, c in titles if c > column), default=whole.right + 1)
        left = column if any(c < column for _, c in titles) else 0
        yield Region(row, 0, below - 1, whole.right)
        yield Region(row, left, whole.bottom, beside - 1)
    if not own and whole.size > 0:
        yield whole


def _titles(index: Index, form: Form) -> list[Cell]:
    title = plain(form.title)
    return [cell for text, cells in index.cells.items() if title in text for cell in cells]


@lru_cache(maxsize=64)
def _labels(form: Form) -> tuple[str, ...]:
    """Give the words of a form under which values stand, each once."""
    words: list[str] = []
    for section in form.flat():
        match section:
            case Grid(_, columns, rows):
                words += [row.words for row in rows] + [column.words for column in columns]
            case Heads(heads):
                words += [head.words for head in heads]
            case Pairs(lines):
                words += [pair.words for line in lines for pair in line]
            case Indicators(columns):
                words += [column.words for column in columns]
            case _:
                pass
    return tuple(dict.fromkeys(words))


@lru_cache(maxsize=64)
def _known(form: Form) -> frozenset[str]:
    """Give every name of every label of a form, normalised: a cell that holds one is no value."""
    return frozenset(plain(name) for words in _labels(form) for name in form.names_of(words))


def _likeness(form: Form, index: Index, region: Region) -> int:
    return sum(bool(index.find(form.names_of(words), region)) for words in _labels(form))


class _Search:
    """The search for the fields of one form in one region."""

    def __init__(self, form: Form, index: Index, region: Region) -> None:
        self.form, self.index, self.region = form, index, region
        self.sheet = index.sheet
        self.found = Located(form, index.sheet)
        self.points: dict[str, tuple[int, int]] = {}

    def run(self) -> Located:
        """Walk the sections from top to bottom."""
        for section in self.form.flat():
            match section:
                case YearLine():
                    self._year(section)
                case Line():
                    self._line(section)
                case Grid():
                    self._grid(section)
                case Heads():
                    self._heads(section)
                case Pairs():
                    self._pairs(section)
                case Indicators():
                    self._indicators(section)
                case _:
                    pass
        return self.found

    def _problem(self, rule: str, sought: str, cell: Cell | None = None, name: str = "") -> None:
        self.found.problems.append(Problem(rule, sought, self.sheet.name, cell, name))

    def _cells(self, words: str) -> list[Cell]:
        return self.index.find(self.form.names_of(words), self.region)

    def _is_label(self, value: Any) -> bool:
        """Tell whether a cell holds words of the form itself: a label, a prompt or a note, and so no value."""
        if not isinstance(value, str) or not value.strip():
            return False
        if len(value) > LONGEST_LABEL:
            return plain(value[:LONGEST_LABEL]).startswith(_notes(self.form))
        return plain(value) in _known(self.form) or bool(_prompts_of(self.form).match(_shown(value)))

    def _blank(self, cell: Cell) -> bool:
        value = self.sheet.value(cell)
        return (value == "" or (isinstance(value, str) and not value.strip())) and cell not in self.sheet.troubles

    # ------------------------------------------------------------------ running text

    def _year(self, section: YearLine) -> None:
        for cell, text in self.sheet.texts():
            if cell in self.region and cell[0] <= self.region.top + NEAR and len(text) <= LONGEST_LABEL:
                shown = unicodedata.normalize("NFKC", text)
                year = re.search(r"(?<!\d)(20\d\d)\s*(?:年度|年)", shown)
                if year and (re.fullmatch(r"\W*20\d\d\s*年度?\W*", shown) or plain(self.form.title) in plain(text)):
                    self.found.places[section.field.name] = Place(cell, year[1])
                    return

    def _line(self, section: Line) -> None:
        asked = {plain(name): prompt for prompt in section.parts for name in self.form.names_of(prompt.words)}
        pattern = _prompts(tuple(asked))
        for cell, text in self.sheet.texts():
            if cell not in self.region:
                continue
            shown = _shown(text)
            if pattern.match(shown) and (":" in shown or plain(shown) in asked):
                self._answers(asked, pattern, cell, shown)

    def _answers(self, asked: dict[str, Prompt], pattern: re.Pattern[str], cell: Cell, shown: str) -> None:
        matches = list(pattern.finditer(shown))
        ends = [match.start() for match in matches[1:]] + [len(shown)]
        for match, end in zip(matches, ends, strict=True):
            prompt = asked[plain(match[1])]
            if prompt.field.name in self.found.places:
                continue
            text = shown[match.end() : end].strip()
            place = Place(cell, text)
            if not text and match is matches[-1]:
                right = list(self._to_the_right(cell))
                full = [each for each in right if not self._blank(each)]
                place = Place((full or right)[0]) if right else place
            self.found.places[prompt.field.name] = place

    # ------------------------------------------------------------------ tables

    def _header(self, columns: Iterable[tuple[str, str]]) -> dict[str, tuple[Cell, Cell]]:
        """Give first and last cell of each column's words, on the row that holds most of them."""
        places = {name: self._cells(words) for name, words in columns}
        words_of = dict(columns)
        counts = Counter(row for cells in places.values() for row in {row for row, _ in cells})
        if not counts:
            for words in words_of.values():
                self._problem("column_not_found", words)
            return {}
        row = max(counts, key=lambda each: (counts[each], -each))
        header = {}
        for name, cells in places.items():
            here = [cell for cell in cells if cell[0] == row]
            if len(here) == 1:
                header[name] = (here[0], self.sheet.end(here[0]))
            elif here:
                self._problem("column_twice", words_of[name], here[1])
            else:
                self._problem("column_not_found", words_of[name], (row, 0))
        return header

    def _crossing(self, row: int, column: tuple[Cell, Cell]) -> Cell:
        """Give the cell of a row below a column's words: the first that is not blank, where they span several."""
        cells = [(row, each) for each in range(column[0][1], column[1][1] + 1)]
        return self.sheet.anchor(next((cell for cell in cells if not self._blank(cell)), cells[0]))

    def _row(self, words: str, below: int, left_of: int) -> int | None:
        cells = [cell for cell in self._cells(words) if cell[0] > below and cell[1] < left_of]
        if len(cells) == 1:
            return cells[0][0]
        if cells:
            self._problem("row_twice", words.strip(), cells[1])
        else:
            self._problem("row_not_found", words.strip())
        return None

    def _grid(self, section: Grid) -> None:
        header = self._header([(column.name, column.words) for column in section.columns])
        if not header:
            return
        bottom = max(end[0] for _, end in header.values())
        left = min(start[1] for start, _ in header.values())
        for row in section.rows:
            number = self._row(row.words, bottom, left)
            for column in section.columns:
                if number is not None and column.name in header:
                    name = section.field_at(row, column).name
                    self.found.places[name] = Place(self._crossing(number, header[column.name]))

    def _heads(self, section: Heads) -> None:
        header = self._header([(head.field.name, head.words) for head in section.heads])
        for name, (start, end) in header.items():
            cells = [(row, start[1]) for row in range(end[0] + 1, end[0] + 1 + NEAR) if row <= self.region.bottom]
            place = cells[0] if cells else (end[0] + 1, start[1])
            for cell in cells:
                across = [(cell[0], column) for column in range(start[1], end[1] + 1)]
                if any(self._is_label(self.sheet.value(each)) for each in across):
                    break
                full = next((each for each in across if not self._blank(each)), None)
                if full:
                    place = full
                    break
            self.found.places[name] = Place(self.sheet.anchor(place))

    def _to_the_right(self, cell: Cell) -> Iterator[Cell]:
        """Give the cells that follow a cell on its row, merged ranges once, up to the next words of the form."""
        row, column = cell[0], self.sheet.end(cell)[1] + 1
        while column <= self.region.right:
            anchor = self.sheet.anchor((row, column))
            if self._is_label(self.sheet.value(anchor)):
                return
            yield anchor
            column = max(self.sheet.end(anchor)[1], column) + 1

    def _pairs(self, section: Pairs) -> None:
        for pair in (pair for line in section.lines for pair in line if pair.fields):
            cells = self._cells(pair.words)
            if len(cells) != 1:
                rule = "row_twice" if cells else "row_not_found"
                self._problem(rule, pair.words.strip(), cells[1] if cells else None)
                continue
            values = self._under(pair, cells[0])
            if all(self._blank(value) for value in values):
                values = self._values(cells[0], len(pair.fields)) or values
            for asked, value in zip(pair.fields, values, strict=False):
                self.found.places[asked.name] = Place(value)

    def _under(self, pair: Pair, cell: Cell) -> list[Cell]:
        """Give the cells of a line below the columns of the indicators that its values stand in."""
        columns = [self.points[name] for name in pair.under if name in self.points]
        right = [self._crossing(cell[0], ((0, first), (0, last))) for first, last in columns if first > cell[1]]
        return right if len(right) == len(pair.fields) else []

    def _values(self, cell: Cell, count: int) -> list[Cell]:
        right = list(self._to_the_right(cell))
        full = [each for each in right if not self._blank(each)]
        if len(full) > count:
            self._problem("value_ambiguous", str(self.sheet.value(cell)).strip(), full[count])
            return []
        return full if len(full) == count else right[:count]

    def _indicators(self, section: Indicators) -> None:
        header = self._header([(column.name, column.words) for column in section.columns])
        if not header:
            return
        self.points = {name: (start[1], end[1]) for name, (start, end) in header.items()}
        first = max(end[0] for _, end in header.values()) + 1
        left = min(start[1] for start, _ in header.values())
        for row in range(first, self._last(first, left) + 1):
            self.found.rows.append({name: self._crossing(row, column) for name, column in header.items()})

    def _last(self, first: int, left: int) -> int:
        """Give the last row of the indicators: the one above the next words of the form at their left."""
        section = self.form.indicators
        columns = (
            {plain(name) for each in section.columns for name in self.form.names_of(each.words)} if section else ()
        )
        for row in range(first, self.region.bottom + 1):
            for column in range(left + 1):
                value = self.sheet.value((row, column))
                if self._is_label(value) and plain(value) not in columns:
                    return row - 1
        return self.region.bottom


def _shown(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=64)
def _notes(form: Form) -> tuple[str, ...]:
    """Give how the notes of a form begin, normalised."""
    texts = (section.text.partition("{")[0] for section in form.flat() if isinstance(section, Note))
    return tuple(plain(text[:LONGEST_LABEL])[:12] for text in texts)


@lru_cache(maxsize=64)
def _prompts_of(form: Form) -> re.Pattern[str]:
    lines = (section for section in form.flat() if isinstance(section, Line))
    return _prompts(tuple(plain(name) for line in lines for part in line.parts for name in form.names_of(part.words)))


@lru_cache(maxsize=64)
def _prompts(words: tuple[str, ...]) -> re.Pattern[str]:
    """Give a pattern for prompts in running text: their words, spaced at will, and a colon or the cell's end."""
    spaced = (r"\s*".join(map(re.escape, word)) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"({'|'.join(spaced)})\s*(?:[((](?:盖章|公章|签字|签章)[))])?\s*(?::|$)")
