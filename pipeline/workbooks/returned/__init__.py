"""Write the workbook that goes back to a department: its own file, faulty cells marked, the list of findings in front.

The file's XML is edited where it must change; all else of it stays: saved values of formulas, pictures, text boxes and
whatever else a library that reads and writes workbooks would lose. A file that cannot be edited so is transcribed
first: its values only.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from pipeline.guard import Refused, guard
from pipeline.guard.active_parts import LINKS, MACROS
from pipeline.workbooks.returned.about import Finding, ReturnIdentity, select_counted, select_listed
from pipeline.workbooks.returned.allowed_parts import keep_allowed_parts
from pipeline.workbooks.returned.cell_styles import StyleSheet
from pipeline.workbooks.returned.findings_sheet import findings_sheet, put_in_front
from pipeline.workbooks.returned.mark_cells import findings_by_cell, former_fills, mark_all
from pipeline.workbooks.returned.package import BOOK, SPREADSHEET, Package
from pipeline.workbooks.returned.sheet_xml import free_name, is_findings_sheet, list_sheets
from pipeline.workbooks.returned.transcribe import transcribe
from pipeline.workbooks.returned.xml import UneditableError, namespace, parse
from schemas.enums import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["ReturnIdentity", "must_go_back", "select_counted", "write_returned_workbook"]

_OLD = "原文件为旧格式，退回的是按其内容转存的 .xlsx，格式和公式没有保留。"
_UNUSUAL = "原文件的写法不合常规，退回的是按其内容转存的 .xlsx，格式和公式没有保留。"
_LOST = "退回的文件没有保留原文件里的{}。"
_LINKS = "引用其他文件的公式，退回的文件里只留下数值。"
_MACROS = "原文件带有宏，退回的文件已去掉宏。"
_CANNOT_EDIT = (
    UneditableError,
    Refused,
    LookupError,
    ValueError,
    etree.XMLSyntaxError,
    NotImplementedError,  # of zipfile: a way of packing that it does not know
    zipfile.BadZipFile,
    zlib.error,
)
"""What may be raised while an unusual file is edited."""


def must_go_back(findings: Iterable[Finding]) -> bool:
    """Tell whether a return goes back to its department: it has an error that counts."""
    return any(each["severity"] == Severity.ERROR for each in select_counted(findings))


def write_returned_workbook(
    content: bytes, lines: Sequence[Finding], findings: Sequence[Finding], about: ReturnIdentity
) -> bytes:
    """Mark a department's own file and put the list of its findings in front.

    Args:
        content: the file as it was sent, which the guard passed when it was read.
        lines: its findings as they are listed (`pipeline.validation.group`).
        findings: the same, one a cell.
        about: whose return it is.

    Returns:
        An .xlsx file that the guard has passed; the same arguments give the same bytes.
    """
    about = replace(about, sha256=hashlib.sha256(content).hexdigest())
    if content.startswith(b"PK"):
        try:
            made = _edit(content, lines, findings, about, [])
            _check(made, content)
        except _CANNOT_EDIT:
            unedited = _UNUSUAL
        else:
            return made
    else:
        unedited = _OLD
    notes = guard(content)
    losses = [_MACROS, unedited] if notes.macros else [unedited]
    unread = [f"工作表“{name}”" for name, sheet in notes.sheets.items() if sheet.passed]
    losses += [_LOST.format("、".join(unread))] if unread else []
    return _edit(transcribe(content), lines, findings, about, losses)


def _describe(lost: Sequence[str]) -> list[str]:
    """Say in Chinese what was left out of a workbook."""
    others = [each for each in lost if each != MACROS]
    found = [_MACROS] if MACROS in lost else []
    found += [_LOST.format("、".join(others))] if others else []
    return [*found, *([_LINKS] if LINKS in lost else [])]


def _check(made: bytes, content: bytes) -> None:
    """Refuse an edited workbook that the guard does not pass, or of which it reads a sheet less than before."""
    unread = {name: sheet.passed for name, sheet in guard(made).sheets.items() if sheet.passed}
    before = guard(content).sheets if unread else {}
    for name, reason in unread.items():
        if name not in before or not before[name].passed:
            raise Refused(reason)


def _edit(
    content: bytes,
    lines: Sequence[Finding],
    findings: Sequence[Finding],
    about: ReturnIdentity,
    losses: Sequence[str],
) -> bytes:
    package = Package(content)
    lost = keep_allowed_parts(package)
    package.declare(BOOK, f"{SPREADSHEET}.sheet.main+xml")
    losses = [*losses, *_describe(lost)]
    listed = list_sheets(package)
    front = next((sheet for sheet in listed if is_findings_sheet(content, sheet.name)), None)
    own = {sheet.name: sheet.path for sheet in listed if sheet is not front}
    styles = StyleSheet(package)
    records = mark_all(package, styles, own, findings_by_cell(findings), former_fills(content, front))
    name = front.name if front else free_name({sheet.name.casefold() for sheet in listed})
    counted = list(select_listed(lines)), list(select_counted(findings))
    space = namespace(parse(package[BOOK]))
    put_in_front(package, front, name, findings_sheet(styles, *counted, about, losses, own.keys(), records, space))
    styles.save()
    return package.zipped()
