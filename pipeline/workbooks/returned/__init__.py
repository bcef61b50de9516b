"""The workbook that goes back to a department: its own file, faulty cells marked and commented, the list in front.

The file is edited tag by tag where it must change: every other byte of its parts stays, saved values of formulas,
pictures and whatever else a library would lose. What cannot be edited so is transcribed first: its values only.
"""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING
from xml.parsers import expat

from pipeline.guard import Refused, guard
from pipeline.workbooks.returned.about import About, Finding, counted
from pipeline.workbooks.returned.cell_styles import Looks
from pipeline.workbooks.returned.findings_sheet import front_sheet, put_in_front
from pipeline.workbooks.returned.mark_cells import faults_by_cell, former_fills, mark_all
from pipeline.workbooks.returned.package import Package
from pipeline.workbooks.returned.readable import look
from pipeline.workbooks.returned.sheet_xml import free_name, is_ours, sheets_of
from pipeline.workbooks.returned.transcribe import transcribed
from pipeline.workbooks.returned.xml import OddError
from schemas.enums import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["About", "counted", "due", "workbook"]

_OLD = "原文件为旧格式，退回的是按其内容转存的 .xlsx，格式和公式没有保留。"
_UNUSUAL = "原文件的写法不合常规，退回的是按其内容转存的 .xlsx，格式和公式没有保留。"
_MACROS = "原文件带有宏，退回的文件已去掉宏。"
_CANNOT = (OddError, Refused, LookupError, ValueError, expat.ExpatError, zipfile.BadZipFile, zlib.error)
"""What an unusual file may come to while it is edited."""


def due(findings: Iterable[Finding]) -> bool:
    """Tell whether a return goes back: it has an error that counts."""
    return any(each["severity"] == Severity.ERROR for each in counted(findings))


def workbook(content: bytes, lines: Sequence[Finding], findings: Sequence[Finding], about: About) -> bytes:
    """Mark a department's own file and put the list of its faults in front.

    Args:
        content: the file as it was sent, which the guard passed when it was read.
        lines: its findings as they are listed (`pipeline.validation.group`).
        findings: the same, one a cell.
        about: whose return it is.

    Returns:
        An .xlsx file; the same arguments give the same bytes.
    """
    told = [_MACROS] if _macros(content) else []
    if content.startswith(b"PK"):
        try:
            package = _edited(content, lines, findings, about, told)
            made = package.zipped()
            look(package, made)
        except _CANNOT:
            told = [*told, _UNUSUAL]
        else:
            return made
    else:
        told = [*told, _OLD]
    return _edited(transcribed(content), lines, findings, about, told).zipped()


def _macros(content: bytes) -> bool:
    """Tell whether a workbook has macros: the directory of an archive is not packed, whatever its members are."""
    if not content.startswith(b"PK"):
        return guard(content).macros
    names = content.lower()
    return b"vbaproject.bin" in names or b"xl/macrosheets/" in names


def _edited(
    content: bytes, lines: Sequence[Finding], findings: Sequence[Finding], about: About, told: Sequence[str]
) -> Package:
    package = Package(content)
    package.drop_what_runs()
    listed = sheets_of(package)
    front = next((sheet for sheet in listed if is_ours(content, sheet.name)), None)
    own = {sheet.name: sheet.path for sheet in listed if sheet is not front}
    faults = faults_by_cell(findings)
    looks = Looks(package)
    records = mark_all(package, looks, own, faults, former_fills(content, front))
    name = front.name if front else free_name({sheet.name.casefold() for sheet in listed})
    part = front_sheet(looks, list(counted(lines)), list(counted(findings)), about, told, own.keys(), records)
    put_in_front(package, front, name, part)
    looks.save()
    return package
