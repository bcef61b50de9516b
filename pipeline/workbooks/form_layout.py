"""A form laid out: the cells of its words, fields and indicator rows, before anything is drawn. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.reading.workbook import address
from schemas.forms.model import Field, Grid, Heads, Indicators, Line, Note, Pairs, Strip, YearLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.reading.workbook import Cell
    from schemas.forms.model import Form, Section
    from schemas.policy import Policy


class Box(NamedTuple):
    """A cell or merged range: where, how large, what it is for, and its text or field."""

    row: int
    column: int
    height: int
    width: int
    role: str
    text: str = ""
    field: Field | None = None
    line: int | None = None
    tall: bool = False


@dataclass(slots=True)
class Layout:
    """A form laid out: its boxes, and the cell of every field and of every value of an indicator row."""

    form: Form
    boxes: list[Box] = field(default_factory=list)
    places: dict[str, Cell] = field(default_factory=dict)
    lines: list[dict[str, Cell]] = field(default_factory=list)
    head: int = 0
    bottom: int = 0

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.form.widths)

    @property
    def below(self) -> int:
        """The row below the indicators."""
        return self.head + 1 + len(self.lines)

    def column(self, name: str) -> str:
        """Write a column of the indicators as a range that grows and shrinks with the rows between head and total.

        A plain range would not take in a row that is inserted at its end. This one hangs on the head and on the first
        cell of the row below, which both stay; it never refers to the total itself, which stands in that row too.
        """
        return f"OFFSET({address((self.head, self.lines[0][name][1]))},1,0,{self.count()},1)"

    def count(self) -> str:
        """Write how many rows the indicators have, inserted ones too, as a formula."""
        return f"ROW({address((self.below, 0))})-ROW({address((self.head, 0))})-1"

    def is_open(self, box: Box) -> bool:
        """Tell whether a box may be changed and deleted by whoever fills the form in: inputs, and whole indicator rows.

        A row of a protected sheet can only be deleted when none of its cells is locked, the labels at its left too.
        """
        grows = self.lines and self.head < box.row + box.height - 1 and box.row < self.below
        return bool(grows) or box.role in {"input", "answer"}


def form_words(policy: Policy) -> dict[str, str]:
    """Give what the form prints from the policy: the year, the weights, the grades."""
    weights = {criterion.name: f"{criterion.weight:g}" for criterion in policy.criteria}
    return {"year": str(policy.year)} | weights | policy.in_words()


def lay_out(form: Form, rows: Sequence[Mapping[str, Any]] | None, words: Mapping[str, str]) -> Layout:
    """Lay a form out with these indicator rows, or with the blank rows of the template when there are none given.

    A row needs ``criterion``, ``level1``, ``level2`` and ``level2_cell``; ``words`` fill in titles and notes.
    """
    layout = Layout(form)
    layout.boxes.append(Box(0, 0, 1, layout.width, "annex", form.annex))
    layout.boxes.append(Box(1, 0, 1, layout.width, "title", form.title))
    top = 2
    for section in form.sections:
        top = _lay(layout, section, top, 0, rows, words)
    layout.bottom = top
    return layout


def _lay(  # noqa: C901 - one case for each kind of section
    layout: Layout,
    section: Section,
    top: int,
    left: int,
    rows: Sequence[Mapping[str, Any]] | None,
    words: Mapping[str, str],
) -> int:
    """Lay one section out from a row and column on; give the row below it."""
    match section:
        case YearLine(asked):
            _put(layout, Box(top, 0, 1, layout.width, "subtitle", field=asked))
            return top + 1
        case Line(parts, spans):
            cells: list[tuple[str, str | Field]] = []
            for part in parts:
                cells += [("prompt", f"{part.words}："), ("answer", part.field)]
            return _across(layout, top, left, spans, cells)
        case Grid():
            return _lay_grid(layout, section, top, left)
        case Heads(heads, spans, tall):
            below = _across(layout, top, left, spans, [("head", head.words) for head in heads])
            return _across(layout, below, left, spans, [("input", head.field) for head in heads], tall=tall)
        case Pairs(lines, spans, tall):
            for line in lines:
                cells = []
                for pair in line:
                    cells.append(("label" if pair.fields else "head", pair.words))
                    cells += [("input", asked) for asked in pair.fields]
                wide = spans if any(pair.fields for pair in line) else _joined(spans)
                top = _across(layout, top, left, wide, cells, tall=tall)
            return top
        case Indicators():
            return _lay_indicators(layout, section, top, left, rows, words)
        case Strip(text, sections):
            bottom = top
            for inner in sections:
                bottom = _lay(layout, inner, bottom, left + 1, rows, words)
            layout.boxes.append(Box(top, left, bottom - top, 1, "strip", text))
            return bottom
        case Note(text):
            layout.boxes.append(
                Box(top, 0, 1, layout.width, "note", text.format(**words) if "{" in text else text, tall=True)
            )
            return top + 1


def _joined(spans: tuple[int, ...]) -> tuple[int, ...]:
    """Give the widths of headings that stand over words and values together."""
    return tuple(label + value for label, value in zip(spans[::2], spans[1::2], strict=True))


def _put(layout: Layout, box: Box) -> None:
    layout.boxes.append(box)
    if box.field:
        layout.places[box.field.name] = (box.row, box.column)


def _across(
    layout: Layout,
    row: int,
    left: int,
    spans: Sequence[int],
    cells: Sequence[tuple[str, str | Field]],
    *,
    tall: bool = False,
) -> int:
    """Put cells side by side; give the row below."""
    column = left
    for (role, content), width in zip(cells, spans, strict=True):
        if isinstance(content, Field):
            shown = "derived" if content.derived and role == "input" else role
            _put(layout, Box(row, column, 1, width, shown, field=content, tall=tall))
        else:
            _put(layout, Box(row, column, 1, width, role, content))
        column += width
    return row + 1


def _lay_grid(layout: Layout, section: Grid, top: int, left: int) -> int:
    heads: list[tuple[str, str | Field]] = [("head", section.corner)]
    heads += [("head", column.words) for column in section.columns]
    top = _across(layout, top, left, section.spans, heads)
    for row in section.rows:
        cells: list[tuple[str, str | Field]] = [("label", row.words)]
        cells += [("input", section.field_at(row, column)) for column in section.columns]
        top = _across(layout, top, left, section.spans, cells)
    return top


def blank_rows(section: Indicators) -> list[dict[str, Any]]:
    """Give the rows of the blank form: a few for each aspect."""
    return [
        {
            "criterion": block.criterion,
            "level1": block.words,
            "level2": aspect.words,
            "level2_cell": aspect.name,
        }
        for block in section.blocks
        for aspect in block.aspects
        for _ in range(aspect.rows)
    ]


def _lay_indicators(
    layout: Layout,
    section: Indicators,
    top: int,
    left: int,
    rows: Sequence[Mapping[str, Any]] | None,
    words: Mapping[str, str],
) -> int:
    layout.head = top
    top = _across(layout, top, left, section.spans, [("head", column.words) for column in section.columns])
    lines = blank_rows(section) if rows is None else list(rows)
    own = [Field(column.name, column.words, column.kind) for column in section.own_columns]
    for number, _ in enumerate(lines):
        cells = {column.name: (top + number, left + at) for at, column in enumerate(section.columns)}
        layout.lines.append(cells)
        layout.boxes += [Box(*cells[asked.name], 1, 1, "input", field=asked, line=number) for asked in own]
    at = {column.name: left + number for number, column in enumerate(section.columns)}
    numbered = list(enumerate(lines))
    for _, same in groupby(numbered, key=lambda each: (each[1]["criterion"], each[1]["level1"])):
        group = list(same)
        first = group[0][1]
        weight = words.get(str(first["criterion"])) if rows is None else None
        text = f"{first['level1']}\n（{weight}分）" if weight else str(first["level1"])
        if "level1" in at:
            layout.boxes.append(Box(top + group[0][0], at["level1"], len(group), 1, "strip", text))
        for _, inner in groupby(group, key=lambda each: (each[1]["level2"], each[1]["level2_cell"])):
            part = list(inner)
            if "level2" in at:
                box = Box(top + part[0][0], at["level2"], len(part), 1, "aspect", str(part[0][1]["level2"]))
                layout.boxes.append(box)
    return top + len(lines)
