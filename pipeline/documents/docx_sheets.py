"""Turn the blocks of a document into sheets with one annex each, so that the search for fields can read them.

A document is cut at its headings (附件1-1, or the title of a form). What comes before the first heading is the report
itself and is left out, except a table that has no heading. A table that is continued after a page break as a table of
its own is joined to the first: by columns where their number is the same, else by the position of their edges.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, pairwise

from pipeline.documents.docx_blocks import DocxTable
from pipeline.guard.notes import MAX_COLUMN, MAX_SHEETS, Refused
from pipeline.reading.labels import LONGEST_LABEL, names
from pipeline.reading.workbook import Cell, Sheet
from schemas.forms.model import Form, Note
from schemas.text.normalise import normal, normalise_label

Forms = tuple[Form, ...]

BEFORE, AFTER = 3, 10
"""Paragraphs that belong to a table that has no heading, and to an annex behind its last table."""
NEAR = 120
"""Twips (2 mm) by which two edges of columns may differ and still be one."""
SAME_WIDTH = 0.05
"""The share by which the widths of two parts of one table may differ."""
_BRACKETED = re.compile(r"[(（][^)）]*(?P<closed>[)）])?")
_HEADING = re.compile(r"附\s*[件表]\s*[一二三四五六七八九十\d]")
_MANY = "文档里的表格过多，不像填报表；请只保留附件部分后再试"
_LONGEST_PREFIX = 20
"""The most letters before the title of a form in a heading: a county and a year. A sentence about it has more."""


@dataclass(slots=True)
class AnnexSheet:
    """A part of a document as a sheet, named after its first table.

    ``part`` is the same for all sheets below one heading; ``origins`` says for each row where it is in the document.
    Words of the form that are a paragraph of their own are left out: the search would take them for labels of a row.
    """

    sheet: Sheet
    part: int
    origins: list[str] = field(default_factory=list)

    def where(self, cell: Cell) -> str:
        """Say where a cell is in the document, in Chinese."""
        return self.origins[cell[0]]


@dataclass(slots=True)
class _Part:
    """Blocks below one heading, while the document is being cut."""

    headed: bool = False
    only_headings: bool = True
    blocks: list[str | DocxTable] = field(default_factory=list)
    tables: list[DocxTable] = field(default_factory=list)
    trailing: int = 0
    """The paragraphs after the last table, 0 where there is no table."""

    def add(self, block: str | DocxTable, *, heading: bool = False) -> None:
        """Add a block at the end."""
        self.blocks.append(block)
        self.only_headings &= heading
        if isinstance(block, DocxTable):
            self.tables.append(block)
            self.trailing = 0
        elif self.tables:
            self.trailing += 1


def cut_into_sheets(blocks: list[str | DocxTable], year: int, forms: Forms) -> tuple[list[AnnexSheet], list[str]]:
    """Cut a document into sheets; give them, and the paragraphs of the report that are in none.

    ``year`` is the fiscal year that headings may name; ``forms`` are all editions that may be in it.

    Raises:
        Refused: there are more tables that fit no other than a workbook may have sheets.
    """
    report: list[str] = []
    parts: list[_Part] = []
    for block in blocks:
        current = parts[-1] if parts else None
        if isinstance(block, DocxTable):
            _take(block, parts, report, forms)
        elif _is_heading(block, forms):
            if current is None or not (current.headed and current.only_headings):
                current = _Part(headed=True)
                parts.append(current)
            current.add(block, heading=True)
        elif block.strip():
            if current and _goes_with(current, block, forms):
                current.add(block)
            else:
                report.append(block)
    found: list[AnnexSheet] = []
    for number, part in enumerate(parts):
        if part.tables:
            found += _sheets(part, year, number, forms)
            if len(found) > MAX_SHEETS:
                raise Refused(_MANY)
        else:
            report += [block for block in part.blocks if isinstance(block, str)]
    return found, report


def _take(table: DocxTable, parts: list[_Part], report: list[str], forms: Forms) -> None:
    """Add a table to the part it belongs to, or begin a part with the few short paragraphs above it."""
    begins = any(is_title(box.text, forms) for box in table.boxes if box.row == 0)
    if parts and (not begins or not parts[-1].tables) and not _is_closed(parts[-1]):
        parts[-1].add(table)
        return
    above: list[str] = []
    while report and len(above) < BEFORE and len(report[-1]) <= LONGEST_LABEL:
        above.insert(0, report.pop())
    parts.append(_Part())
    for text in above:
        parts[-1].add(text, heading=_is_heading(text, forms))
    parts[-1].add(table)


def _goes_with(part: _Part, text: str, forms: Forms) -> bool:
    """Tell whether a paragraph belongs to an annex: before its first table, or among the few after the last."""
    if not part.tables:
        return True
    return not _is_closed(part) and (len(text) <= LONGEST_LABEL or _is_note(text, forms) or part.trailing == 0)


def _is_closed(part: _Part) -> bool:
    return part.trailing >= AFTER


def _is_heading(text: str, forms: Forms) -> bool:
    shown = normal(text)
    return len(shown) <= LONGEST_LABEL and "续" not in shown and bool(_HEADING.match(shown) or is_title(shown, forms))


def is_title(text: str, forms: Forms) -> bool:
    """Tell whether a text is the title of a form, with or without county and year, not a sentence about the form."""
    begin = text[: 2 * LONGEST_LABEL]
    words = normalise_label(_BRACKETED.sub(lambda found: "" if found["closed"] else found[0], begin))
    titles = {normalise_label(name) for form in forms for name in form.names_of(form.title)}
    return any(words.endswith(title) and len(words) <= len(title) + _LONGEST_PREFIX for title in titles)


def _is_continued(text: str, forms: Forms) -> bool:
    """Tell whether a text is the title above a continued part of a form （续表）, which begins no other annex."""
    words = normalise_label(text)
    return "续" in text and any(normalise_label(name) in words for form in forms for name in form.names_of(form.title))


def _is_note(text: str, forms: Forms) -> bool:
    shown = normalise_label(text)
    notes = (section.text for form in forms for section in form.flat() if isinstance(section, Note))
    return any(shown.startswith(normalise_label(note.partition("{")[0])[:6]) for note in notes)


# ---------------------------------------------------------------------- sheets


def _sheets(part: _Part, year: int, number: int, forms: Forms) -> list[AnnexSheet]:
    """Put the blocks of a part below each other; a table whose columns fit no other becomes a sheet of its own."""
    first = max(part.tables, key=lambda table: len(table.boxes))
    columns = _join(part.tables, first)
    own = [table for table in part.tables if table.number not in columns]
    known = _form_words(year, forms)
    piece = _blank(next(table for table in part.tables if table.number in columns), number)
    for block in part.blocks:
        if isinstance(block, DocxTable):
            if block.number in columns:
                _lay(piece, block, columns[block.number])
        elif normalise_label(block) not in known and not _is_continued(block, forms):
            piece.sheet.rows.append([block])
            piece.origins.append("表格外的文字")
    found = [piece]
    for table in own:
        found.append(_blank(table, number))
        _lay(found[-1], table, list(range(table.columns + 1)))
    return found


@lru_cache(maxsize=4)
def _form_words(year: int, forms: Forms) -> frozenset[str]:
    """Give the labels of all forms, normalised."""
    return frozenset(normalise_label(name) for form in forms for each in names(form, year) for name in each)


def _join(tables: list[DocxTable], first: DocxTable) -> dict[int, list[int]]:
    """Give the tables that continue each other, by number, and the sheet column of each of their edges.

    Where the edges of all that fit cannot be told apart, only those with as many columns as the first are joined.
    """
    alike = {table.number: list(range(table.columns + 1)) for table in tables if table.columns == first.columns}
    fitting = [table for table in tables if table.number in alike or _fits(table, first)]
    if len(fitting) == len(alike):
        return alike
    edges = _edges(fitting)
    columns = {table.number: _columns(table, edges) for table in fitting}
    return columns if len(edges) <= MAX_COLUMN and all(columns.values()) else alike


def _blank(table: DocxTable, part: int) -> AnnexSheet:
    return AnnexSheet(Sheet(f"第{table.number}个表格", []), part)


def _fits(table: DocxTable, first: DocxTable) -> bool:
    """Tell whether a table is as wide as another, so that it may continue it with some columns merged."""
    if len(table.widths) != table.columns or len(first.widths) != first.columns:
        return False
    width, other = sum(table.widths), sum(first.widths)
    return abs(width - other) <= SAME_WIDTH * other and _columns(table, _edges([first, table])) != []


def _edges(tables: list[DocxTable]) -> list[int]:
    """Give the column edges of several tables, in twips; edges close together count as one."""
    every = sorted(edge for table in tables for edge in accumulate(table.widths, initial=0))
    starts = every[:1] + [after for before, after in pairwise(every) if after - before > NEAR]
    return sorted(starts)


def _columns(table: DocxTable, edges: list[int]) -> list[int]:
    """Give the sheet column of each edge of a table; empty where that cannot be told, or two would be one column."""
    own = list(accumulate(table.widths, initial=0))
    at = [max(bisect_right(edges, each) - 1, 0) for each in own]
    return at if len(set(at)) == table.columns + 1 else []


def _lay(piece: AnnexSheet, table: DocxTable, columns: list[int]) -> None:
    """Add a table below the rows of a sheet."""
    sheet, top = piece.sheet, len(piece.sheet.rows)
    sheet.rows += [[""] * columns[-1] for _ in range(table.rows)]
    piece.origins += [f"第{table.number}个表格第{row + 1}行" for row in range(table.rows)]
    for box in table.boxes:
        left, right = columns[box.column], columns[box.column + box.width] - 1
        start, end = (top + box.row, left), (top + box.row + box.height - 1, right)
        sheet.rows[start[0]][left] = box.text
        if start != end:
            sheet.extents[start] = end
            for row in range(start[0], end[0] + 1):
                for column in range(left, right + 1):
                    if (row, column) != start:
                        sheet.anchors[row, column] = start
