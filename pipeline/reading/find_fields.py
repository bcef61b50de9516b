"""One form in one part of a sheet → where its fields stand, section by section, by the words of row and column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.reading.labels import (
    heads_of_indicators,
    is_label,
    known,
    names_of,
    names_of_year,
    prompts,
    words_with_values,
)
from pipeline.reading.parse_cell import as_text, clean, is_blank
from pipeline.reading.places import Finds, Place, Problem
from pipeline.reading.table_heads import Wanted, find_heads
from pipeline.reading.units import before_unit, names_unit
from schemas.forms.model import Column, Grid, Heads, Indicators, Kind, Line, Pairs
from schemas.forms.printed_words import SUMS
from schemas.text.normalise import normalise_label
from schemas.text.targets import says_nothing

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Mapping

    from pipeline.reading.sheet_index import Index, Region
    from pipeline.reading.table_heads import Span, TableHeads
    from pipeline.reading.workbook import Cell
    from schemas.forms.model import Form, Head, Pair, Prompt, Section

NEAR = 6
"""How many cells below its words a value may stand."""


class Search:
    """The search for the sections of one form in one region; ``year`` is the one that headings may name."""

    def __init__(self, form: Form, index: Index, region: Region, year: int) -> None:
        """Begin."""
        self.form, self.index, self.region, self.year = form, index, region, year
        self.sheet = index.sheet
        self.columns: dict[str, Span] = {}
        self.amounts: frozenset[str] = frozenset()
        self.heads_of_rows = range(0)

    def find(self, section: Section) -> Finds | None:
        """Find one section; None where nothing of it is there, and no place to say what is missing of it."""
        match section:
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
        """Give the cells that hold a name; in the heads of the indicators it is that of one of their columns."""
        found = self.index.find(names_of(self.form, sought, self.year), self.region)
        return [cell for cell in found if cell[0] not in self.heads_of_rows] if self.heads_of_rows else found

    def _place(self, cell: Cell, text: str | None = None) -> Place:
        return Place(self.sheet, cell, text)

    def _is_label(self, value: Any) -> bool:
        """Tell whether a cell holds words of the form itself: a label, a prompt or a note, and so no value."""
        return isinstance(value, str) and value != "" and is_label(self.form, self.year, value)

    def _blank(self, cell: Cell) -> bool:
        return is_blank(self.sheet.value(cell)) and cell not in self.sheet.troubles

    # ------------------------------------------------------------------ running text

    def _line(self, section: Line) -> Finds | None:
        asked = {name: prompt for prompt in section.parts for name in names_of(self.form, prompt.words, self.year)}
        pattern = prompts(frozenset(asked))
        finds = Finds()
        for cell, shown in self.index.opening(frozenset(name[:1] for name in asked)):
            if cell in self.region and pattern.match(shown) and (":" in shown or normalise_label(shown) in asked):
                finds.add(self._answers(asked, pattern, cell, shown))
        return finds if finds.places else None

    def _answers(self, asked: Mapping[str, Prompt], pattern: re.Pattern[str], cell: Cell, shown: str) -> Finds:
        """Find the answers to the prompts of one cell: the text behind each, or the cell right of the last."""
        matches = list(pattern.finditer(shown))
        ends = [match.start() for match in matches[1:]] + [len(shown)]
        finds = Finds()
        for match, end in zip(matches, ends, strict=True):
            text = before_unit(shown[match.end() : end])
            if names_unit(f"{match[0]}{text}"):
                continue
            place = self._place(cell, text)
            if not text and match is matches[-1]:
                right = list(self._to_the_right(cell))
                full = [each for each in right if not self._blank(each)]
                place = self._place((full or right)[0]) if right else place
            finds.places.setdefault(asked[normalise_label(match[1])].field.name, place)
        return finds

    # ------------------------------------------------------------------ tables

    def _header(self, must: Iterable[Column | Head], may: Iterable[Column] = ()) -> TableHeads:
        """Find the heads of a table: those that it must have, and those that it may have."""
        asked = [(each, False) for each in must] + [(each, True) for each in may]
        wanted = {_name(head): Wanted(head.words, self._head(head), optional) for head, optional in asked}
        return find_heads(self.sheet, self.region, wanted)

    def _head(self, head: Column | Head) -> list[Cell]:
        """Give the cells of a head; where it stands more than once, those below its year: 决算数 below 2020年."""
        found = self._cells(head)
        if head.dated is None or len(found) == 1:
            return found
        words, offset = head.dated
        below = self.index.find(frozenset({normalise_label(words)}), self.region)
        years = names_of_year(self.year + offset, offset)
        return [cell for cell in below if self._above(cell) in years] or found

    def _above(self, cell: Cell) -> str:
        """Give the words that stand over a cell on the row above, as they compare: in a range, or left of blanks."""
        row, column = cell[0] - 1, cell[1]
        while column > self.region.left and self._blank((row, column)):
            column -= 1
        return normalise_label(as_text(self.sheet.value((row, column)))) if row >= self.region.top else ""

    def _crossing(self, row: int, column: Span) -> Cell:
        """Give the cell of a row below a column's words: the first that is not blank, where they span several."""
        (_, left), (_, right) = column
        cell = (row, left)
        if left != right and self._blank(cell):
            cells = ((row, each) for each in range(left + 1, right + 1))
            cell = next((each for each in cells if not self._blank(each)), cell)
        return self.sheet.anchors.get(cell, cell)

    def _grid(self, section: Grid) -> Finds | None:
        header, band, problems = self._header(section.columns, section.optional)
        if not header:
            return None
        finds = Finds(problems=problems)
        bottom = band[-1]
        self.columns = header
        self.amounts = frozenset(
            each.name for each in (*section.columns, *section.optional) if each.kind is Kind.AMOUNT
        )
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
        header, _, problems = self._header(section.heads)
        if not header:
            return None
        problems = [] if section.unless in self.columns else problems
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
            if self._is_label(self.sheet.value(anchor)) or self._has_words(self.sheet.value(anchor)):
                return
            yield anchor
            column = max(self.sheet.end(anchor)[1], column) + 1

    def _has_words(self, value: Any) -> bool:
        """Tell whether a cell holds words of the form with their values behind them."""
        found = words_with_values(value) if isinstance(value, str) else ()
        return any(words in known(self.form, self.year) for words, _ in found)

    def _pairs(self, section: Pairs) -> Finds | None:
        pairs = section.pairs()
        cells = [self._cells(pair.words) for pair in pairs]
        inside = [[] if found else self._with_values(pair) for pair, found in zip(pairs, cells, strict=True)]
        if not any(cells) and not any(inside):
            return None
        finds = Finds()
        for pair, found, within in zip(pairs, cells, inside, strict=True):
            if len(found) == 1:
                finds.add(self._pair(pair, found[0]))
            elif len(within) == 1:
                cell, value = within[0]
                finds.add(Finds({pair.fields[0].name: self._place(cell, value)}) if value else self._pair(pair, cell))
            elif found or within or pair not in section.optional:
                finds.problems.append(self._not_one("row", pair.words, found or [cell for cell, _ in within]))
        return finds

    def _with_values(self, pair: Pair) -> list[tuple[Cell, str]]:
        """Give the cells that hold the words of a pair and its value behind them."""
        names = names_of(self.form, pair.words, self.year)
        found = self.index.find_with_values(names, self.region) if len(pair.fields) == 1 else []
        return [each for each in found if each[0][0] not in self.heads_of_rows]

    def _pair(self, pair: Pair, cell: Cell) -> Finds:
        """Find the values of one pair: below the columns they belong to, else to the right of the words."""
        values = self._under(pair, cell)
        if all(self._blank(value) for value in values):
            right = list(self._to_the_right(cell))
            full = self._filled(pair, cell, right)
            count = len(pair.fields)
            if len(full) > count or (0 < len(full) < count and len(right) != count):
                return Finds(problems=[self._problem("value_ambiguous", pair.words, full[min(count, len(full) - 1)])])
            values = full if len(full) == len(pair.fields) else values or right[: len(pair.fields)]
        return Finds({asked.name: self._place(value) for asked, value in zip(pair.fields, values, strict=False)})

    def _filled(self, pair: Pair, words: Cell, right: list[Cell]) -> list[Cell]:
        """Give the cells right of some words that may be their values.

        What stands next to the words of one value is meant, unless it stands below a column of other amounts; else each
        number, if there is one: a dash is none, nor is a remark, nor what stands below a column of another value.
        """
        full = [each for each in right if not self._blank(each)]
        single = len(pair.fields) == 1
        columns = {name: span for name, span in self.columns.items() if single and pair.under and span[0][1] > words[1]}
        others = {name: self._crossing(words[0], span) for name, span in columns.items() if name not in pair.under}
        amounts = {cell for name, cell in others.items() if name in self.amounts}
        if single and full[:1] == right[:1] and not amounts.intersection(full[:1]):
            return full[:1]
        if not all(asked.kind.numeric for asked in pair.fields):
            return full
        # Words right of the column that their values stand in have nothing to do with the heads above them.
        elsewhere = set(others.values()) if columns.keys() & set(pair.under) else amounts
        numbers = [each for each in full if self._is_number(each)]
        own = [self.columns[name][0][1] for name in columns.keys() & set(pair.under)]
        if len(numbers) == 1 and (own or numbers[0] not in amounts) and all(numbers[0][1] < column for column in own):
            return numbers  # the one amount of a line without one in its own column, which is further right
        here = [each for each in numbers if each not in elsewhere]
        unread = [each for each in full if each not in elsewhere and not says_nothing(as_text(self.sheet.value(each)))]
        return here or unread

    def _is_number(self, cell: Cell) -> bool:
        return cell in self.sheet.troubles or clean(self.sheet.value(cell), Kind.AMOUNT).value is not None

    def _under(self, pair: Pair, cell: Cell) -> list[Cell]:
        """Give the cells of a line below the columns that its values stand in, before the next words of the form."""
        spans = [self.columns[name] for name in pair.under if name in self.columns]
        crossings = [self._crossing(cell[0], span) for span in spans if span[0][1] > cell[1]]
        right = set(self._to_the_right(cell)) if crossings else set()
        found = [each for each in crossings if each in right]
        return found if len(found) == len(pair.fields) else []

    # ------------------------------------------------------------------ the indicators

    def _indicators(self, section: Indicators) -> Finds | None:
        header, band, problems = self._header(section.columns, section.optional)
        if len(header.keys() & {column.name for column in section.columns}) <= len(section.columns) // 2:
            return None
        self.heads_of_rows = band
        first, left = band[-1] + 1, min(start[1] for start, _ in header.values())
        if "value" in header:  # the target is split: its number stands below its own heading
            header["target"] = header.pop("value")
            problems = [each for each in problems if each.sought != _words(section, "target")]
        self.columns = header
        rows = [
            {name: Place(self.sheet, self._crossing(row, span)) for name, span in header.items()}
            for row in range(first, self._last(first, left) + 1)
            if not self._adds_up(row, left)
        ]
        return Finds(rows=rows, problems=problems)

    def _adds_up(self, row: int, left: int) -> bool:
        """Tell a line that only adds up those above it by its words at the left of the indicators: 合计."""
        cells = ((row, column) for column in range(self.region.left, left))
        return any(normalise_label(as_text(self.sheet.value(cell))) in SUMS for cell in cells)

    def _last(self, first: int, left: int) -> int:
        """Give the last row of the indicators: the one above the next words of the form at their left."""
        own = heads_of_indicators(self.form)
        for row in range(first, self.region.bottom + 1):
            for column in range(left + 1):
                value = self.sheet.value((row, column))
                if self._is_label(value) and normalise_label(value) not in own:
                    return row - 1
        return self.region.bottom


def _name(head: Column | Head) -> str:
    """Give the name under which a head is kept: a column's own, or that of the field below a heading."""
    return head.name if isinstance(head, Column) else head.field.name


def _words(section: Indicators, name: str) -> str:
    return next(column.words for column in section.columns if column.name == name)
