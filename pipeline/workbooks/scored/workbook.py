"""The scored workbook of one department: the form as filed, beside it what was computed, and what to correct.

Runs in workers and so knows no pandas: a `Case` holds plain values. Every derived figure is a formula over the
filed figures of the same workbook, written with the value that the program computed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.workbooks.draw_form import draw_form
from pipeline.workbooks.scored import list_sheets
from pipeline.workbooks.scored.computed_columns import ComputedColumns, first_column, last_printed
from pipeline.workbooks.scored.data import severity, waived
from pipeline.workbooks.scored.forms import DrawnForms
from pipeline.workbooks.scored.result_sheet import ResultSheet
from pipeline.workbooks.styles import Styles
from pipeline.workbooks.text_size import text_height
from pipeline.workbooks.writer import begin_workbook, set_up_page
from schemas.enums import Standing
from schemas.lists.own_files import RESULT, TITLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlsxwriter.worksheet import Worksheet

    from pipeline.reading.workbook import Cell
    from pipeline.workbooks.scored.data import DepartmentReport


def write_scored_workbook(case: DepartmentReport) -> bytes:
    """Write the scored workbook of a department."""
    book, buffer = begin_workbook(f"{case.department}{case.year}{TITLE}")
    drawn = DrawnForms(case, Styles(book))
    first = book.add_worksheet(RESULT)
    forms = {form.sheet: book.add_worksheet(form.sheet) for form in drawn.annexes}
    _annexes(forms, drawn)
    ResultSheet(first, drawn).write()
    for name, write in (
        (list_sheets.FINDINGS, list_sheets.write_findings),
        (list_sheets.INDICATORS, list_sheets.write_indicators),
        (list_sheets.MEASURES, list_sheets.write_measures),
        *([(list_sheets.YEARS, list_sheets.write_years)] if case.years else []),
    ):
        write(book.add_worksheet(name), drawn)
    book.close()
    return buffer.getvalue()


def _annexes(sheets: Mapping[str, Worksheet], drawn: DrawnForms) -> None:
    """Draw the annexes as filed, with what was computed beside them, marks and notes, and links to the lists."""
    marks = _marks(drawn)
    beside = ComputedColumns(drawn.case, drawn.styles, drawn.layouts, drawn.filed)
    lines = [_line(row) for row in drawn.case.rows]
    for form in drawn.annexes:
        layout, sheet = drawn.layouts[form.id], sheets[form.sheet]
        draw_form(sheet, layout, drawn.styles, drawn.filed, lines, marks.get(form.sheet), filed=True)
        beside.rates(sheet, layout)
        if form.indicators:
            beside.judged(sheet, layout)
        for at, name in enumerate((list_sheets.FINDINGS, RESULT)):
            cell = (at, first_column(layout))
            sheet.write_url(*cell, f"internal:'{name}'!A1", drawn.styles.get("back"), f"← {name}")
        set_up_page(sheet, landscape=True)
        sheet.print_area(0, 0, layout.bottom - 1, last_printed(layout, reviewed=drawn.case.reviewed))
        sheet.set_margins(left=0.3, right=0.3, top=0.5, bottom=0.6)
    _notes(sheets, drawn)


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give an indicator row as filed: numbers as understood, else as written."""
    numbers = {
        name: row[f"raw_{name}"] if row[f"filed_{name}"] is None else row[f"filed_{name}"]
        for name in ("weight", "self_points")
    }
    return {**row, **numbers}


def _marks(drawn: DrawnForms) -> dict[str, dict[Cell, str]]:
    """Give the role of each cell that a counted error or warning points to, by sheet."""
    marks: dict[str, dict[Cell, str]] = {}
    roles = {"error": "faulty", "warning": "doubtful"}
    for finding in reversed(drawn.case.findings):
        place = drawn.place(finding)
        if place and finding["severity"] in roles and finding["standing"] == Standing.COUNTED:
            marks.setdefault(place[0], {})[place[1]] = roles[finding["severity"]]
    return marks


def _notes(sheets: Mapping[str, Worksheet], drawn: DrawnForms) -> None:
    """Write at each cell what was found there and what to do."""
    told: dict[tuple[str, Cell], list[str]] = {}
    for finding in drawn.case.findings:
        place = drawn.place(finding)
        if place:
            grave = severity(finding).replace("\n", "")
            text = f"【{grave}】{finding['message']}{waived(finding)}\n{finding['remedy']}"
            told.setdefault(place, []).append(text)
    for (name, (row, column)), texts in told.items():
        text = "\n".join(texts)
        height = max(60, int(text_height(text, 40) * 1.4))
        sheets[name].write_comment(row, column, text, {"width": 280, "height": height, "author": "绩效评价"})
