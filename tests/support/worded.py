"""Word documents made for tests: a return as departments send it, its two annexes as tables inside a report."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import docx

from pipeline.workbooks.form_layout import form_words, lay_out
from schemas import policy as policies
from schemas.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docx.document import Document
    from docx.table import _Cell

    from pipeline.workbooks.form_layout import Box, Layout

REPORT = (
    "衡阳县科技和工业信息化局部门整体绩效自评报告",
    "一、单位基本情况",
    "（一）基本支出",
    "本年支出决算961.44万元，其中：基本支出564.62万元，项目支出396.82万元。",
)
RUNNING = {"annex", "title", "subtitle", "prompt", "answer", "note"}
"""What of a form stands in paragraphs, not in cells."""


def saved(document: Document) -> bytes:
    """Give the bytes of a document."""
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def document(filed: dict[str, Any], split: int = 0, annexes: tuple[int, ...] = (0, 1)) -> bytes:
    """Write a return as the report of a department with its annexes as tables.

    Words in front of the tables and behind them are paragraphs, as in the report in which the seed was filed; all else
    is cells, merged where the form merges them. A block has one cell for its points where only its first row has any.

    Args:
        filed: the return.
        split: the row of the second annex at which its table goes on as another; 0 for one table.
        annexes: which of the two it holds.
    """
    made = docx.Document()
    for text in REPORT:
        made.add_paragraph(text)
    for number in annexes:
        form = FORMS[number]
        words = form_words(policies.load(filed["year"]))
        layout = lay_out(form, filed["indicators"], words)
        made.add_paragraph(form.annex)
        made.add_paragraph(form.title)
        inside = [box.row + box.height for box in layout.boxes if box.role not in RUNNING]
        top = min(box.row for box in layout.boxes if box.role not in RUNNING)
        for row in range(2, top):
            made.add_paragraph(_running(layout, row, filed))
        cuts = [top, *([layout.head + split] if split and layout.lines else []), max(inside)]
        for begin, end in pairwise(cuts):
            _table(made, layout, filed, begin, end)
            made.add_paragraph("")
        for row in range(max(inside), layout.bottom):
            made.add_paragraph(_running(layout, row, filed))
    return saved(made)


def _running(layout: Layout, row: int, filed: dict[str, Any]) -> str:
    boxes = sorted((box for box in layout.boxes if box.row == row), key=lambda box: box.column)
    return "      ".join(filter(None, (_content(box, filed) for box in boxes)))


def _content(box: Box, filed: dict[str, Any]) -> str:
    if box.field is None:
        return box.text
    values = filed["fields"] if box.line is None else filed["indicators"][box.line]
    return str(values.get(box.field.name, ""))


def _table(made: Document, layout: Layout, filed: dict[str, Any], top: int, bottom: int) -> None:
    table = made.add_table(bottom - top, layout.width)
    width = layout.width
    # Taken once: to ask the table for a cell counts all of them anew.
    cells = {divmod(at, width): cell for at, cell in enumerate(table._cells)}  # noqa: SLF001
    for box in _cut(layout, top, bottom):
        start, end = (box.row - top, box.column), (box.row - top + box.height - 1, box.column + box.width - 1)
        cell = cells[start].merge(cells[end]) if start != end else cells[start]
        cell.text = _content(box, filed)
    if layout.lines:
        _merge_points(cells, layout, filed, top, bottom)


def _cut(layout: Layout, top: int, bottom: int) -> Iterator[Box]:
    """Give the boxes of some rows; one that goes over the edge is cut, its words in the upper part only."""
    for box in layout.boxes:
        first, last = max(box.row, top), min(box.row + box.height, bottom)
        if first < last:
            text = box.text if first == box.row else ""
            yield type(box)(first, box.column, last - first, box.width, box.role, text, box.field, box.line)


def _merge_points(
    cells: dict[tuple[int, int], _Cell], layout: Layout, filed: dict[str, Any], top: int, bottom: int
) -> None:
    """Merge the points of each block of which only the first row has any."""
    rows = filed["indicators"]
    for criterion in dict.fromkeys(row["criterion"] for row in rows):
        numbers = [number for number, row in enumerate(rows) if row["criterion"] == criterion]
        for name in ("weight", "self_points"):
            if any(name in rows[number] for number in numbers[1:]):
                continue
            places = [layout.lines[number][name] for number in numbers]
            here = [(row - top, column) for row, column in places if top <= row < bottom]
            if len(here) > 1:
                text = cells[here[0]].text
                cells[here[0]].merge(cells[here[-1]]).text = text
