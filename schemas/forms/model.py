"""The vocabulary in which a form of the circular is declared, once for template, reader and scored copy.

A form is a title and a tuple of sections from top to bottom. Each section says by which *words* its values
are found; where they stand on a sheet is for `pipeline.reading.find_annexes` (reading) and
`pipeline.workbooks.form_layout` (writing).

=============  ==========================================================================
Line           prompts and values in running text: ``填报单位：…　填报时间：…``
Grid           values at the crossing of a row's and a column's words
Heads          values below their words
Pairs          values to the right of their words
Indicators     the growing table of indicators, one row per third-level indicator
Strip          sections that share one vertical label at their left
Note           text of the form without values
=============  ==========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


STAMP = "_form"
"""The hidden sheet on which a blank form says what it is: a line a form, with its id, version and fiscal year."""


class Kind(StrEnum):
    """What a value is: how it is read, checked and shown."""

    OFFICE = "office"
    """The name of the department whose return it is."""
    NAME = "name"
    """Name or number of a person."""
    TEXT = "text"
    """Running text."""
    DATE = "date"
    """A date as written: kept as text."""
    YEAR = "year"
    """A fiscal year, four digits."""
    COUNT = "count"
    """A number of people or things: whole, not negative."""
    AMOUNT = "amount"
    """Money in 万元, not negative."""
    RATE = "rate"
    """A rate as a fraction: 95% is 0.95."""
    POINTS = "points"
    """Weights and points of the self-evaluation, not negative."""
    GRADE = "grade"
    """A word of the grading scale."""

    @property
    def numeric(self) -> bool:
        """Whether values of this kind are numbers."""
        return self in _NUMERIC


NOT_NEGATIVE, WHOLE = "value_negative", "value_not_whole"
"""The rules that hold for numbers by their kind: none is negative, a count is whole."""
_NUMERIC = frozenset({Kind.YEAR, Kind.COUNT, Kind.AMOUNT, Kind.RATE, Kind.POINTS})


@dataclass(frozen=True, slots=True)
class Ratio:
    """A derived value: ``numerator / denominator``, blank where it cannot be computed."""

    numerator: str
    denominator: str


@dataclass(frozen=True, slots=True)
class Sum:
    """A derived value: the sum of the named fields, blank where all of them are."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PointsTotal:
    """A derived value: the sum of one column of the indicators and of the named fields."""

    column: str
    parts: tuple[str, ...]


Derived = Ratio | Sum | PointsTotal


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a form.

    ``name`` is item + column (``three_public_outturn``), ``label`` the words people know it by,
    ``derived`` how the blank form computes it while it is typed.
    """

    name: str
    label: str
    kind: Kind
    derived: Derived | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """Words in running text and the field they ask for."""

    words: str
    field: Field


@dataclass(frozen=True, slots=True)
class Line:
    """One line of prompts; ``spans`` are the widths of words and answers in turn."""

    parts: tuple[Prompt, ...]
    spans: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class YearLine:
    """The line ``（2021年度）`` below a title."""

    field: Field


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a `Grid` or of `Indicators`: its name, its words, and the kind of its values.

    ``dated`` are the words behind a year and how far that year is from the fiscal year, where headings name years:
    ("决算数", -1) is ``2020年决算数`` in a form of 2021.
    """

    name: str
    words: str
    kind: Kind
    dated: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a `Grid`: its prefix in field names, the words as printed, and what it is called in messages.

    ``parts`` are the rows whose sum the blank form shows here.
    """

    name: str
    words: str
    label: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """Values at the crossing of rows and columns. ``spans`` are the widths of corner and columns.

    ``optional`` columns stand in some forms only: they are read where they are, and never drawn or missed.
    """

    corner: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    spans: tuple[int, ...]
    derived: Mapping[str, Derived] = field(default_factory=lambda: MappingProxyType({}))
    optional: tuple[Column, ...] = ()

    def __post_init__(self) -> None:
        """Refuse sums and derived fields of rows and fields that the grid does not have; widths are for `check_form`.

        Raises:
            ValueError: a name is of no row and no field.
        """
        rows, fields = {row.name for row in self.rows}, {self.name_at(r, c) for r in self.rows for c in self.columns}
        unknown = {part for row in self.rows for part in row.parts} - rows | set(self.derived) - fields
        if unknown:
            raise ValueError(f"Grid “{self.corner}”: there is no row or field {', '.join(sorted(unknown))}")

    @staticmethod
    def name_at(row: Row, column: Column) -> str:
        """Give the name of the field at a crossing."""
        return f"{row.name}_{column.name}"

    def field_at(self, row: Row, column: Column) -> Field:
        """Give the field at a crossing."""
        name = self.name_at(row, column)
        derived = self.derived.get(name)
        if row.parts and derived is None:
            derived = Sum(tuple(f"{part}_{column.name}" for part in row.parts))
        return Field(name, f"{row.label}·{column.words}", column.kind, derived)


@dataclass(frozen=True, slots=True)
class Head:
    """Words and the field whose value stands below them; ``dated`` as with `Column`."""

    words: str
    field: Field
    dated: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Heads:
    """Values below their words; ``tall`` for running text.

    ``unless`` is the column of the indicators that some forms have in the place of this section.
    """

    heads: tuple[Head, ...]
    spans: tuple[int, ...]
    tall: bool = False
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Words and the fields whose values stand to the right of them.

    ``under`` names the columns, of the indicators or of a grid above, that the values stand in, where they do.
    """

    words: str
    fields: tuple[Field, ...] = ()
    under: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pairs:
    """Lines of words with their values to the right; ``spans`` are the widths of all cells of a line.

    ``optional`` pairs stand in some forms only: they are read where they are, and never drawn or missed.
    """

    lines: tuple[tuple[Pair, ...], ...]
    spans: tuple[int, ...]
    tall: bool = False
    optional: tuple[Pair, ...] = ()

    def pairs(self) -> tuple[Pair, ...]:
        """Give the pairs that have values, from the top down, those last that stand in some forms only."""
        return tuple(pair for line in (*self.lines, self.optional) for pair in line if pair.fields)


@dataclass(frozen=True, slots=True)
class Aspect:
    """A second-level indicator (数量指标 …) and how many blank rows the template gives it."""

    name: str
    words: str
    rows: int = 2


@dataclass(frozen=True, slots=True)
class Block:
    """A first-level indicator (产出指标 …), which is a criterion of the policy, and its aspects.

    ``every`` says that indicators are usual under each of the aspects.
    """

    criterion: str
    words: str
    aspects: tuple[Aspect, ...]
    every: bool = False


@dataclass(frozen=True, slots=True)
class Indicators:
    """The growing table of indicators. ``columns`` are in the order the form prints them.

    ``optional`` columns stand in some forms only: a target split into its ``sign``, its ``value`` and its ``unit``,
    and a ``reason`` at the end of each row, or a ``reason`` and a ``remedy``.
    """

    columns: tuple[Column, ...]
    blocks: tuple[Block, ...]
    spans: tuple[int, ...]
    optional: tuple[Column, ...] = ()

    @property
    def own_columns(self) -> tuple[Column, ...]:
        """The columns in which each row has an entry of its own: all but the levels that several rows share."""
        return tuple(column for column in self.columns if column.name not in _SHARED_LEVELS)


_SHARED_LEVELS = frozenset({"level1", "level2"})


@dataclass(frozen=True, slots=True)
class Strip:
    """Sections that share one vertical label at their left, which is a column of its own."""

    words: str
    sections: tuple[Grid | Heads | Pairs | Indicators, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Text of the form; ``{execution}`` and the like are filled in from the policy."""

    text: str


Section = Line | YearLine | Grid | Heads | Pairs | Indicators | Strip | Note


@dataclass(frozen=True, slots=True)
class OtherNames:
    """Other names under which the words of a form are known to stand.

    ``file`` is where they are declared; ``title`` other titles; ``sections`` by what of the form they are (prompts,
    heads, rows, levels) the words as they compare (`normalise_label`) → their other names. ``not_ours`` are words, as
    they compare, that are known to be none of the form's: nobody is asked about them.
    """

    file: str = ""
    title: tuple[str, ...] = ()
    sections: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=lambda: MappingProxyType({}))
    not_ours: frozenset[str] = frozenset()

    def of(self, words: str) -> tuple[str, ...]:
        """Give the other names of words, whatever they are of.

        What one edition prints in the place of another's words has the names of those, and the words themselves.
        """
        sought = normalise_label(words)
        own = tuple(name for listed in self.sections.values() for name in listed.get(sought, ()))
        return own or tuple(
            name
            for listed in self.sections.values()
            for other, names in listed.items()
            if sought in map(normalise_label, names)
            for name in (other, *names)
            if normalise_label(name) != sought
        )


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A form of the circular.

    ``name`` is what people call this edition where it is another than the annex of a year; ``made_from`` the key of
    the edition on which results are drawn, where this one is only read.
    ``also`` gives other names under which its title and its words are known to stand; ``widths`` are the widths of
    the columns of a sheet, in characters.
    """

    id: str
    version: str
    annex: str
    title: str
    sheet: str
    widths: tuple[float, ...]
    sections: tuple[Section, ...]
    also: OtherNames = field(default_factory=OtherNames)
    name: str = ""
    made_from: str = ""

    @property
    def display_name(self) -> str:
        """What people call this edition."""
        return self.name or f"{self.annex}（{self.version}年的表）"

    @property
    def key(self) -> str:
        """What tells this version of the form from all others."""
        return f"{self.id}/{self.version}"

    def flat(self) -> Iterator[Section]:
        """Give the sections from top to bottom, those inside a strip in its place."""
        for section in self.sections:
            if isinstance(section, Strip):
                yield from section.sections
            else:
                yield section

    def fields(self) -> tuple[Field, ...]:
        """Give every field of the form, indicators apart, from top to bottom."""
        return _fields(self)

    @property
    def indicators(self) -> Indicators | None:
        """The table of indicators, where the form has one."""
        return _indicators(self)

    def names_of(self, words: str) -> tuple[str, ...]:
        """Give the words themselves and their other names."""
        return (words, *(self.also.title if words == self.title else self.also.of(words)))

    def heads_of(self, head: Column | Head, year: int) -> tuple[str, ...]:
        """Give every name of a heading, those that name years of a form of this fiscal year among them."""
        if head.dated is None:
            return self.names_of(head.words)
        words, offset = head.dated
        return (*self.names_of(head.words), f"{year + offset}年{words}", f"{year + offset}年度{words}")


@cache
def _fields(form: Form) -> tuple[Field, ...]:
    return tuple(found for section in form.flat() for found in fields_of(section))


@cache
def _indicators(form: Form) -> Indicators | None:
    return next((section for section in form.flat() if isinstance(section, Indicators)), None)


def fields_of(section: Section) -> tuple[Field, ...]:
    """Give the fields of one section in reading order."""
    match section:
        case Line(parts, _):
            return tuple(part.field for part in parts)
        case YearLine(found):
            return (found,)
        case Grid(_, columns, rows):
            return tuple(section.field_at(row, column) for row in rows for column in (*columns, *section.optional))
        case Heads(heads):
            return tuple(head.field for head in heads)
        case Pairs():
            return tuple(found for pair in section.pairs() for found in pair.fields)
        case Strip(_, sections):
            return tuple(found for inner in sections for found in fields_of(inner))
        case Indicators() | Note():
            return ()
