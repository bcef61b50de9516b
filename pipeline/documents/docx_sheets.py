"""Blocks of a document → sheets as a workbook would have them, each with one annex, for the search by words.

A document is cut at its headings (附件1-1, or the title of a form). What lies before the first heading is the report
itself and is left alone, but for a table that stands there without one. A table that goes on after a page, as a table
of its own, is joined to the first: by its columns where they are as many, else by where their edges lie on the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from pipeline.documents.docx_blocks import DocxTable
from pipeline.reading.labels import LONGEST_LABEL, names
from pipeline.reading.workbook import Cell, Sheet
from schemas.forms import VERSIONS
from schemas.forms.model import Note
from schemas.text.normalise import normal, normalise_label

FORMS = tuple(form for annex in VERSIONS for form in annex)
BEFORE, AFTER = 3, 10
"""Paragraphs that belong to a table that has no heading, and to an annex behind its last table."""
NEAR = 120
"""Twips (2 mm) by which two edges of columns may differ and still be one."""
SAME_WIDTH = 0.05
"""The share by which the widths of two parts of one table may differ."""
_HEADING = re.compile(r"附\s*[件表]\s*[一二三四五六七八九十\d]")
_LONGEST_PREFIX = 20
"""Letters before the title of a form in a heading: a county and a year. A sentence that speaks of it has more."""


@dataclass(slots=True)
class AnnexSheet:
    """A part of a document as a sheet, named for its first table.

    ``part`` is the same for all below one heading; ``origins`` say for each row where in the document it stands.
    Words of the form that stand alone in running text are left out: the search would take them for a row's.
    """

    sheet: Sheet
    part: int
    origins: list[str] = field(default_factory=list)

    def where(self, cell: Cell) -> str:
        """Say where a cell stands, as a person would look for it."""
        return self.origins[cell[0]]


@dataclass(slots=True)
class _Part:
    """Blocks that belong together while a document is cut up."""

    blocks: list[str | DocxTable] = field(default_factory=list)
    headed: bool = False

    @property
    def tables(self) -> list[DocxTable]:
        return [block for block in self.blocks if isinstance(block, DocxTable)]


def cut_into_sheets(blocks: list[str | DocxTable], year: int) -> tuple[list[AnnexSheet], list[str]]:
    """Cut a document up; give its pieces, and the paragraphs of the report that are in none.

    ``year`` is the fiscal year that headings may name.
    """
    report: list[str] = []
    parts: list[_Part] = []
    for block in blocks:
        current = parts[-1] if parts else None
        if isinstance(block, DocxTable):
            _take(block, parts, report)
        elif _is_heading(block):
            bare = current and current.headed and all(_is_heading(str(each)) for each in current.blocks)
            if current and bare:
                current.blocks.append(block)
            else:
                parts.append(_Part([block], headed=True))
        elif block.strip():
            (current.blocks if current and _goes_with(current, block) else report).append(block)
    found: list[AnnexSheet] = []
    for number, part in enumerate(parts):
        if part.tables:
            found += _sheets(part, year, number)
        else:
            report += [block for block in part.blocks if isinstance(block, str)]
    return found, report


def _take(table: DocxTable, parts: list[_Part], report: list[str]) -> None:
    """Put a table into the part it belongs to, or begin one with the few short paragraphs above it."""
    begins = any(is_title(box.text) for box in table.boxes if box.row == 0)
    if parts and (not begins or not parts[-1].tables) and not _is_closed(parts[-1]):
        parts[-1].blocks.append(table)
        return
    above: list[str] = []
    while report and len(above) < BEFORE and len(report[-1]) <= LONGEST_LABEL:
        above.insert(0, report.pop())
    parts.append(_Part([*above, table]))


def _goes_with(part: _Part, text: str) -> bool:
    """Tell whether a paragraph still belongs to an annex: before its first table, or among the few behind it."""
    if not part.tables:
        return True
    return not _is_closed(part) and (len(text) <= LONGEST_LABEL or _is_note(text) or _trailing(part) == 0)


def _is_closed(part: _Part) -> bool:
    return _trailing(part) >= AFTER


def _trailing(part: _Part) -> int:
    """Count the paragraphs behind the last table, where there is one."""
    tables = [number for number, block in enumerate(part.blocks) if isinstance(block, DocxTable)]
    return len(part.blocks) - 1 - tables[-1] if tables else 0


def _is_heading(text: str) -> bool:
    shown = normal(text)
    return len(shown) <= LONGEST_LABEL and "续" not in shown and bool(_HEADING.match(shown) or is_title(shown))


def is_title(text: str) -> bool:
    """Tell the title of a form, perhaps with county and year around it, from a text that speaks of the form."""
    words = normalise_label(re.sub(r"[(（][^)）]*[)）]", "", text[: 2 * LONGEST_LABEL]))
    return any(
        words.endswith(normalise_label(form.title)) and len(words) <= len(normalise_label(form.title)) + _LONGEST_PREFIX
        for form in FORMS
    )


def _is_continued(text: str) -> bool:
    """Tell the title of a form above a part of it that goes on, （续表）: it begins no other."""
    return "续" in text and any(normalise_label(form.title) in normalise_label(text) for form in FORMS)


def _is_note(text: str) -> bool:
    shown = normalise_label(text)
    notes = (section.text for form in FORMS for section in form.flat() if isinstance(section, Note))
    return any(shown.startswith(normalise_label(note.partition("{")[0])[:6]) for note in notes)


# ---------------------------------------------------------------------- sheets


def _sheets(part: _Part, year: int, number: int) -> list[AnnexSheet]:
    """Lay the blocks of a part below each other; a table whose columns fit no other is a sheet of its own."""
    first = max(part.tables, key=lambda table: len(table.boxes))
    own = [table for table in part.tables if table.columns != first.columns and not _fits(table, first)]
    joined = [table for table in part.tables if not any(table is each for each in own)]
    edges = _edges(joined) if any(table.columns != first.columns for table in joined) else None
    known = {normalise_label(name) for form in FORMS for each in names(form, year) for name in each}
    piece = _blank(joined[0], number)
    for block in part.blocks:
        if isinstance(block, DocxTable):
            if any(block is each for each in joined):
                _lay(piece, block, _columns(block, edges))
        elif normalise_label(block) not in known and not _is_continued(block):
            piece.sheet.rows.append([block])
            piece.origins.append("表格外的文字")
    found = [piece]
    for table in own:
        found.append(_blank(table, number))
        _lay(found[-1], table, list(range(table.columns + 1)))
    return found


def _blank(table: DocxTable, part: int) -> AnnexSheet:
    return AnnexSheet(Sheet(f"第{table.number}个表格", []), part)


def _fits(table: DocxTable, first: DocxTable) -> bool:
    """Tell whether a table is as wide as another, and so may be its continuation with other columns merged."""
    if len(table.widths) != table.columns or len(first.widths) != first.columns:
        return False
    width, other = sum(table.widths), sum(first.widths)
    return abs(width - other) <= SAME_WIDTH * other and _columns(table, _edges([first, table])) != []


def _edges(tables: list[DocxTable]) -> list[int]:
    """Give the edges of the columns of several tables, in twips; those that lie together are one."""
    every = sorted(edge for table in tables for edge in accumulate(table.widths, initial=0))
    starts = every[:1] + [after for before, after in pairwise(every) if after - before > NEAR]
    return sorted(starts)


def _columns(table: DocxTable, edges: list[int] | None) -> list[int]:
    """Give the column of a sheet that each edge of a table stands at; none where two of them would be one."""
    if edges is None:
        return list(range(table.columns + 1))
    own = list(accumulate(table.widths, initial=0))
    at = [max(number for number, edge in enumerate(edges) if edge <= each) for each in own]
    return at if len(set(at)) == len(at) else []


def _lay(piece: AnnexSheet, table: DocxTable, columns: list[int]) -> None:
    """Put a table below what a sheet holds already."""
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
