"""Write the call list (电话名单): which departments to call, what to tell each, and columns to fill in.

What the clerk has filled in is read back and kept whenever the list is written again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.lists.sheet_list import Listing
from pipeline.output import files as output_files
from pipeline.reading.workbook import Refused
from pipeline.workbooks import table_sheet
from pipeline.workbooks.styles import Styles
from pipeline.workbooks.table_sheet import TOP, TableColumn
from pipeline.workbooks.writer import begin_workbook, put
from schemas.enums import EVALUATED, Status
from schemas.errors import MistakeError
from schemas.file_names import RETURNED
from schemas.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from pipeline.desk.department_status import DepartmentStatus
    from pipeline.lists.roster import Roster

TITLE = "电话名单"
_COLUMNS = {
    "department": "部门",
    "situation": "情况",
    "contact": "联系人",
    "telephone": "联系电话",
    "told": "告知事项",
    "file": "请部门改的文件",
    "outcome": "联系结果",
    "day": "日期",
    "remark": "备注",
}
_WIDTHS = {"department": 26, "situation": 10, "contact": 10, "telephone": 18, "told": 56, "file": 34, "outcome": 12}
_WIDTH = 11
_TICKED = ("outcome", "day", "remark")
_OUTCOMES = ("已告知", "无人接听", "号码不对", "已答应重报")
_NOBODY = "没有要联系的部门"
_LIST = Listing(TITLE, _COLUMNS, {"department": _NOBODY}, needed=tuple(_COLUMNS))
SOLVED = "不用再联系"


@dataclass(frozen=True, slots=True)
class Call:
    """A line of the call list; the fields are its columns."""

    department: str
    situation: str = ""
    contact: str = ""
    telephone: str = ""
    told: str = ""
    file: str = ""
    outcome: str = ""
    day: str = ""
    remark: str = ""


class CallListError(MistakeError):
    """The file to be replaced by the list is not a call list or cannot be read; the message is Chinese."""


def file_name(year: int) -> str:
    """Give the file name of the list of a year; it is put beside the year's folder, which only the program writes."""
    return f"{year}年度{TITLE}.xlsx"


def list_calls(offices: Iterable[DepartmentStatus], roster: Roster, outputs: Collection[str]) -> list[Call]:
    """Give a line for each department that must be contacted, in the order of the departments.

    Args:
        offices: the status of each department.
        roster: contacts and telephone numbers.
        outputs: the files that the run wrote, as names below the year's folder, returned workbooks among them.
    """
    offices = list(offices)
    names = output_files.file_names(sorted(each.department for each in offices if each.status in EVALUATED))
    lines = []
    for office in filter(lambda each: each.must_be_contacted, offices):
        member = roster.of(office.department)
        back = f"{RETURNED}/{names.get(office.department)}.xlsx"
        lines.append(
            Call(
                department=office.department,
                situation=office.situation,
                contact=member.contact if member else "",
                telephone=member.telephone if member else "",
                told=_message(office),
                file=back if back in outputs else office.source_file if office.errors else "",
            )
        )
    return lines


def _message(office: DepartmentStatus) -> str:
    """Write the message for a department, on one line."""
    told = [f"报来的 {each}。" for each in office.unread]
    if office.errors and not office.passed:
        told.insert(0, f"有 {office.errors} 处错误：{office.frequent_problems}。请改正后重新报送。")
    if office.returned:
        told.insert(0, f"报表已退回：{office.returned}。")
    if office.late:
        told.insert(0, f"{office.late}。")
    if office.status is Status.MISSING and not told:
        until = f"截止日期 {office.deadline}，" if office.deadline else ""
        told.append(f"还没有报送{'、'.join(form.annex for form in FORMS)}，{until}请尽快报送。")
    return "".join(told)


def read_earlier_list(path: Path) -> list[Call]:
    """Read the list that an earlier run wrote; empty where there is no file.

    Raises:
        CallListError: the file cannot be read or is not a call list; it must not be overwritten.
    """
    try:
        sent = _LIST.content(path)
        lines = [] if sent is None else _LIST.lines(sent)
    except Refused as refusal:
        raise CallListError(f"读不出原来的电话名单 {path}：{refusal}\n请改名或移走后再运行。") from refusal
    if lines is None:
        raise CallListError(f"{path} 不是电话名单，不覆盖它；请用 --calls 指定另一个文件名。")
    return [Call(**line.text) for line in lines]


def keep_ticked(new: Sequence[Call], old: Iterable[Call]) -> list[Call]:
    """Take over what was filled in earlier; departments that need no call any more come last."""
    ticked = {each.department: each for each in old if any(getattr(each, name) for name in _TICKED)}
    lines = [_ticked(each, ticked.pop(each.department, each)) for each in new]
    return lines + [replace(each, situation=SOLVED) for each in ticked.values()]


def _ticked(line: Call, old: Call) -> Call:
    return replace(line, outcome=old.outcome, day=old.day, remark=old.remark)


def write_call_list(lines: Sequence[Call], year: int) -> bytes:
    """Write the list as a workbook."""
    book, buffer = begin_workbook(TITLE)
    styles = Styles(book)
    sheet = book.add_worksheet(TITLE)
    columns = [TableColumn(words, name, _WIDTHS.get(name, _WIDTH)) for name, words in _COLUMNS.items()]
    rows = [{name: getattr(line, name) for name in _COLUMNS} for line in lines]
    unit = "未报送的在前，其余错误多的在前；黄色栏由打电话的人填写，下次写出时保留"
    table_sheet.write_table(sheet, styles, f"{year}年度绩效自评报表{TITLE}", unit, columns, rows, nothing=_NOBODY)
    for at, row in enumerate(rows, TOP + 1):
        for column, name in enumerate(_COLUMNS):
            if name in _TICKED:
                put(sheet, (at, column), row[name], styles.get("input"))
    if rows:
        column = list(_COLUMNS).index("outcome")
        offered = {"validate": "list", "source": list(_OUTCOMES), "error_type": "information"}
        sheet.data_validation(TOP + 1, column, TOP + len(rows), column, offered)
    book.close()
    return buffer.getvalue()
