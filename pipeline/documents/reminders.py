"""Write the reminders (催报通知): a page for each department that sent nothing, sent late or must correct."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pipeline.desk.department_status import read_statuses
from pipeline.documents.official_style import (
    BODY,
    CAPTION,
    SIGNED,
    TITLE,
    DocumentTable,
    begin_document,
    document_bytes,
    draw_table,
)
from pipeline.output.read_back import own_name, table
from schemas.enums import EVALUATED, Severity, Standing, Status
from schemas.forms import FORMS

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence
    from pathlib import Path

    from docx.document import Document

    from pipeline.desk.department_status import DepartmentStatus
    from pipeline.output.read_back import Row

MOST = 5
"""Errors that a page has room for; the others are in the returned workbook."""
_LONGEST = 60


def write_reminders(folder: Path, year: int, only: Sequence[str] = (), by: datetime.date | None = None) -> bytes:
    """Write the reminders of a run: one page for each department that must be reminded, most urgent first.

    Args:
        folder: the year's folder of the results, ``output/2021``.
        year: its fiscal year.
        only: the departments to write to; all that must be reminded where there is none.
        by: the day by which to answer; where None, that of the roster.

    Raises:
        NoResultsError: there are no results.
        AccountError: a department is not in the results.
    """
    every = read_statuses(folder)
    names = {own_name([each.department for each in every], name) for name in only}
    due = [each for each in every if (each.department in names if only else is_due(each))]
    errors: dict[str, list[Row]] = defaultdict(list)
    for row in table(folder, "findings"):
        if row["severity"] == Severity.ERROR and row["standing"] == Standing.COUNTED:
            errors[row["department"]].append(row)
    made = begin_document(f"{year}年度绩效自评催报通知")
    for number, office in enumerate(due):
        title = made.add_paragraph(f"关于报送{year}年度部门整体支出", TITLE)
        title.paragraph_format.page_break_before = number > 0
        made.add_paragraph("绩效自评报表的催报通知", TITLE)
        mine = [] if office.passed else errors[office.department]
        _page(made, office, mine, str(by or office.deadline))
    if not due:
        made.add_paragraph("没有需要催报的部门。", BODY)
    return document_bytes(made)


def is_due(office: DepartmentStatus) -> bool:
    """Tell whether a department must be reminded: it sent nothing or nothing that can be read, late, or with errors."""
    return office.must_be_contacted or bool(office.late)


def _page(made: Document, office: DepartmentStatus, errors: list[Row], by: str) -> None:
    made.add_paragraph("", BODY)
    made.add_paragraph(f"{office.department}：", BODY).paragraph_format.first_line_indent = 0
    for text in _situation(office):
        made.add_paragraph(text, BODY)
    until = f"请于{_day(by)}前" if by else "请尽快"
    if errors:
        made.add_paragraph(f"{until}按下表改正，在退回的表上直接修改后重新报送。", BODY)
        made.add_paragraph("需要改正的内容", CAPTION)
        rows = tuple(
            (str(number), f"{row['sheet']} {row['cell']}".strip(), _short(row["message"]), _short(row["remedy"]))
            for number, row in enumerate(errors[:MOST], 1)
        )
        heads = ("序号", "位置", "问题", "怎样改")
        place = made.add_paragraph("", BODY)
        place._p.addprevious(draw_table(DocumentTable(heads, rows, (True, False, False, False))))  # noqa: SLF001 - no other way to insert it
        if len(errors) > MOST:
            made.add_paragraph(f"共{len(errors)}处，其余见退回的表中的“审核意见”。", BODY)
    elif office.status not in EVALUATED:
        annexes = "、".join(f"{form.annex}（{form.title}）" for form in FORMS)
        made.add_paragraph(f"{until}报送{annexes}，两张表放在同一个工作簿内。", BODY)
    elif not office.must_be_contacted:
        made.add_paragraph("今后请按时报送。", BODY)
    else:
        made.add_paragraph(f"{until}改正后重新报送。", BODY)
    made.add_paragraph("", BODY)
    for text in ("　　　　财政局　　　　", "　　年　　月　　日　　"):
        made.add_paragraph(text, SIGNED)


def _situation(office: DepartmentStatus) -> list[str]:
    """Say how the department stands, a sentence a paragraph."""
    told = []
    if office.status is Status.MISSING:
        told.append(
            "你单位尚未报送绩效自评报表" + (f"，截止日期为{_day(office.deadline)}。" if office.deadline else "。")
        )
    if office.late:
        told.append(
            f"你单位的绩效自评报表{office.late}"
            + (f"（截止日期为{_day(office.deadline)}）。" if office.deadline else "。")
        )
    if office.returned:
        told.append(f"你单位的报表已退回。{office.returned}")
    if office.errors and not office.passed:
        told.append(f"你单位报送的报表有{office.errors}处错误。")
    told += [f"你单位报送的文件{each}。" for each in office.unread]
    return told


def _day(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{year}年{int(month)}月{int(day)}日"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
