"""The blank form that the bureau sends out, and the same form filled in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pipeline.output.files import file_names
from pipeline.workbooks.draw_form import draw_form
from pipeline.workbooks.form_layout import form_words, lay_out
from pipeline.workbooks.styles import Styles
from pipeline.workbooks.template.input_rules import InputRules
from pipeline.workbooks.template.live_checks import LiveChecks
from pipeline.workbooks.writer import begin_workbook, set_up_page
from schemas.forms import FIELDS, FORMS
from schemas.forms.model import STAMP, Kind
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlsxwriter.worksheet import Worksheet

    from pipeline.lists.prior_year import Prior
    from pipeline.lists.roster import Roster
    from schemas.lists.roster import Member
    from schemas.policy import Policy

NAMES = ("department_1_1", "department_1_2")
_BEFORE = "_prior_outturn"
_OPEN = (
    "format_cells",
    "format_columns",
    "format_rows",
    "insert_rows",
    "delete_rows",
    "insert_hyperlinks",
    "select_locked_cells",
    "select_unlocked_cells",
)
"""What stays allowed on a protected sheet. The protection has no password: who must, lifts it."""


def file_name(policy: Policy) -> str:
    """Give the file name of the blank form."""
    return f"部门整体支出绩效自评（{policy.year}年度）.xlsx"


def write_form(
    policy: Policy,
    fields: Mapping[str, Any] | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> bytes:
    """Write the form as a workbook: blank, or with these values of fields and indicator rows as filed."""
    return _written(policy, fields or {}, rows)


def write_department_forms(policy: Policy, roster: Roster, prior: Prior) -> Iterator[tuple[str, bytes]]:
    """Write the form for each department that must report: its name, its code and last year's figures filled in.

    Args:
        policy: of the year that is asked for.
        roster: the departments; those that are exempt get none.
        prior: last year; what it does not know stays blank.

    Yields:
        File name and workbook, in the order of the roster.
    """
    members = [member for member in roster.members if member.required]
    files = file_names(member.name for member in members)
    last = {normalise_label(str(row["department"])): row for row in prior.figures.to_dict("records")}
    for member in members:
        names = map(normalise_label, (member.name, *member.also))
        known = next((last[each] for each in names if each in last), {})
        fields = dict.fromkeys(NAMES, member.name) | fields_from_last_year(known)
        yield f"{files[member.name]}.xlsx", _written(policy, fields, None, member)


def fields_from_last_year(figures: Mapping[Any, Any]) -> dict[str, float]:
    """Give what last year's figures of a department say of this year's form.

    Each 上年决算数 is last year's 当年决算数; 年初结转结余 is what was left of last year's budget (万元), where it was
    not overspent.
    """
    before = {
        asked: figures.get(f"{asked.removesuffix(_BEFORE)}_outturn", math.nan)
        for asked in FIELDS
        if asked.endswith(_BEFORE)
    }
    left = figures.get("funds_budget", math.nan) - figures.get("funds_executed", math.nan)
    if left >= 0:
        before["income_carryover"] = round(left, 6)
    return {asked: float(value) for asked, value in before.items() if not math.isnan(value)}


def _written(
    policy: Policy,
    fields: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]] | None,
    member: Member | None = None,
) -> bytes:
    """Write the form; with a ``member`` the fields are its own, prefilled, and marked as such."""
    book, buffer = begin_workbook(file_name(policy).removesuffix(".xlsx"))
    styles = Styles(book)
    blank = {
        form_field.name: f"（{policy.year}年度）"
        for form in FORMS
        for form_field in form.fields()
        if form_field.kind is Kind.YEAR
    }
    layouts = [lay_out(form, rows, form_words(policy)) for form in FORMS]
    live = LiveChecks(book, layouts, styles, policy)
    for layout in layouts:
        sheet = book.add_worksheet(layout.form.sheet)
        prefilled = {at: fields[asked] for asked, at in layout.places.items() if member and asked in fields}
        marks = {at: "known" if isinstance(value, str) else "prefilled" for at, value in prefilled.items()}
        draw_form(sheet, layout, styles, blank | dict(fields), rows or (), marks)
        live.write(sheet, layout, prefilled=bool(marks))
        InputRules(policy, sheet, layout, marks).write()
        set_up_page(sheet)
        sheet.print_area(0, 0, layout.bottom - 1, layout.width - 1)
        sheet.protect("", dict.fromkeys(_OPEN, True))
    _identity(book.add_worksheet(STAMP), policy, member)
    book.close()
    return buffer.getvalue()


def _identity(sheet: Worksheet, policy: Policy, member: Member | None) -> None:
    """Write on a hidden sheet which form this is, of which version and year, and whose it is."""
    for row, form in enumerate(FORMS):
        sheet.write_string(row, 0, form.id)
        sheet.write_string(row, 1, form.version)
        sheet.write_number(row, 2, policy.year)
        if member:
            sheet.write_string(row, 3, member.name)
            sheet.write_string(row, 4, member.code)
    sheet.hide()
