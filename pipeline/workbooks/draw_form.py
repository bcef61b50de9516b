"""One drawing of a form that is laid out, for the blank template, the filled example and the scored copy.

Nothing here reads a value of a department as anything but text or a number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.workbooks.derived_fields import derived_formula, derived_value
from pipeline.workbooks.text_size import LINE_HEIGHT, USUAL, fitting_size, text_height
from pipeline.workbooks.writer import put

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter.worksheet import Worksheet

    from pipeline.reading.workbook import Cell
    from pipeline.workbooks.form_layout import Box, Layout
    from pipeline.workbooks.styles import Styles

_FILED = {"input": "filed", "derived": "filed", "answer": "given"}
"""What cells are of a copy that shows values as filed."""


def draw_form(
    sheet: Worksheet,
    layout: Layout,
    styles: Styles,
    values: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]] = (),
    marks: Mapping[Cell, str] | None = None,
    *,
    filed: bool = False,
) -> None:
    """Draw a form: labels, then the values given; a derived field without a value is a formula, saved with its result.

    ``marks`` gives cells a role of their own (faulty, doubtful, prefilled). A ``filed`` copy shows values as filed: its
    cells are no inputs and nothing is derived. Elsewhere inputs and indicator rows stay open when it is protected.
    """
    widths, marks = layout.form.widths, marks or {}
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    heights: dict[int, float] = {0: 16, 1: 28}
    for box in layout.boxes:
        value = _content(box, values, lines)
        text = str(value or "")
        role = _FILED.get(box.role, box.role) if filed else box.role
        role = marks.get((box.row, box.column), role)
        width = widths[box.column] if box.width == 1 else sum(widths[box.column : box.column + box.width])
        style = styles.get(
            role,
            box.field.kind if box.field else None,
            size=fitting_size(text, width) if box.height == 1 else USUAL,
            unlocked=not filed and (layout.is_open(box) or role in {"prefilled", "known"}),
        )
        derived = box.field.derived if box.field and box.role == "derived" and value is None and not filed else None
        if box.height > 1 or box.width > 1:
            sheet.merge_range(box.row, box.column, box.row + box.height - 1, box.column + box.width - 1, "", style)
        if derived:
            result = derived_value(derived, layout.form, values, lines)
            sheet.write_formula(box.row, box.column, derived_formula(derived, layout), style, result)
        else:
            put(sheet, (box.row, box.column), value, style)
        if box.height == 1:
            least = 60.0 if box.tall and box.role != "note" else LINE_HEIGHT + 4
            heights[box.row] = max(heights.get(box.row, least), text_height(text, width), least)
    if layout.lines:
        sheet.repeat_rows(layout.head)
    # A row can only be deleted from a protected sheet when the cells beyond the form are open too.
    grown = range(0) if filed or not layout.lines else range(layout.head + 1, layout.below)
    for row, height in heights.items():
        sheet.set_row(row, height, styles.get("row", unlocked=True) if row in grown else None)


def _content(box: Box, values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Any:
    if box.field is None:
        return box.text
    if box.line is None:
        return values.get(box.field.name)
    return lines[box.line].get(box.field.name) if box.line < len(lines) else None
