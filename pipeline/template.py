"""The blank form that the bureau sends out, and the same form filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.book import Styles, begin, printed
from pipeline.draw import Box, lay_out, paint
from schemas.annexes import FORMS
from schemas.form import STAMP, Kind
from schemas.policy import FULL_MARKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter.worksheet import Worksheet

    from schemas.policy import Policy

LARGEST = 1e9
"""万元: more than any department has; a figure above it was typed in 元 or worse."""


def words(policy: Policy) -> dict[str, str]:
    """Give what the form prints from the policy: the year, the weights, the grades."""
    weights = {criterion.name: f"{criterion.weight:g}" for criterion in policy.criteria}
    return {"year": str(policy.year)} | weights | policy.in_words()


def name(policy: Policy) -> str:
    """Give the file name of the blank form."""
    return f"部门整体支出绩效自评（{policy.year}年度）.xlsx"


def workbook(
    policy: Policy,
    fields: Mapping[str, Any] | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> bytes:
    """Write the form as a workbook: blank, or with these values of fields and indicator rows as filed."""
    book, buffer = begin(name(policy).removesuffix(".xlsx"))
    styles = Styles(book)
    blank = {
        form_field.name: f"（{policy.year}年度）"
        for form in FORMS
        for form_field in form.fields()
        if form_field.kind is Kind.YEAR
    }
    for form in FORMS:
        sheet = book.add_worksheet(form.sheet)
        layout = lay_out(form, rows, words(policy))
        paint(sheet, layout, styles, blank | dict(fields or {}), rows or ())
        for box in layout.boxes:
            if box.field and box.role in {"input", "derived"}:
                _validate(sheet, box, policy)
        printed(sheet)
    _identity(book.add_worksheet(STAMP), policy)
    book.close()
    return buffer.getvalue()


def _validate(sheet: Worksheet, box: Box, policy: Policy) -> None:
    """Let a cell take only what it is for; the message says what is wanted."""
    rules: dict[Kind, dict[str, Any]] = {
        Kind.AMOUNT: {
            "validate": "decimal",
            "criteria": "between",
            "minimum": 0,
            "maximum": LARGEST,
            "error_title": "请填写金额",
            "error_message": "金额以万元为单位，只填不小于0的数字。",
        },
        Kind.COUNT: {
            "validate": "integer",
            "criteria": "between",
            "minimum": 0,
            "maximum": 1000000,
            "error_title": "请填写人数",
            "error_message": "只填不小于0的整数。",
        },
        Kind.POINTS: {
            "validate": "decimal",
            "criteria": "between",
            "minimum": 0,
            "maximum": FULL_MARKS,
            "error_title": "请填写分数",
            "error_message": f"只填0到{FULL_MARKS}之间的数字。",
        },
        Kind.GRADE: {
            "validate": "list",
            "source": [grade.word for grade in policy.grades],
            "error_title": "请选择等级",
            "error_message": "等级由总分确定，请从列表中选择，不填分数。",
        },
    }
    rule = rules.get(box.field.kind) if box.field else None
    if rule:
        sheet.data_validation(box.row, box.column, box.row, box.column, rule)


def _identity(sheet: Worksheet, policy: Policy) -> None:
    """Write on a hidden sheet which form this is, of which version and year."""
    for row, form in enumerate(FORMS):
        sheet.write_string(row, 0, form.id)
        sheet.write_string(row, 1, form.version)
        sheet.write_number(row, 2, policy.year)
    sheet.hide()
