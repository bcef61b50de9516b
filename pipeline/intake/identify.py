"""Decide whose return each file is, and which one of a department counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.output.safe_text import one_line
from pipeline.reading.entries import ReadingFinding
from pipeline.reading.parse_cell import day
from schemas.enums import Status
from schemas.forms import FIELDS
from schemas.forms.model import Kind
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Sequence

    from pipeline.lists.roster import Roster
    from pipeline.reading.submission import Fact, Submission

# ---------------------------------------------------------------------- whose return it is


def identify_departments(readings: Sequence[Submission], roster: Roster) -> list[Submission]:
    """Give each reading its department, and the findings on its names.

    The name filed counts: one that the roster knows before one it does not, that of the last annex before the
    others; a file that names nobody goes under its own name, plainly marked. Nothing is matched by likeness.
    """
    named = [each if each.reason else _named(each, roster) for each in readings]
    alike: dict[str, str] = {}
    named = [
        replace(each, department=alike.setdefault(normalise_label(each.department), each.department)) for each in named
    ]
    known = {normalise_label(name): member.name for member in roster.members for name in (member.name, *member.also)}
    known |= {normalise_label(each.department): each.department for each in named if each.department and each.offices}
    return [each if each.reason else _with_findings(each, roster, known) for each in named]


def _named(reading: Submission, roster: Roster) -> Submission:
    members = [member for member in map(roster.of, reversed(reading.offices)) if member]
    if members:
        return replace(reading, department=members[0].name)
    stem = PurePosixPath(reading.source_file).stem
    names = list(filter(None, map(one_line, reading.offices)))
    return replace(reading, department=names[-1] if names else f"（单位名称空白）{stem}")


def _with_findings(reading: Submission, roster: Roster, known: dict[str, str]) -> Submission:
    place = next((fact for fact in reversed(reading.facts) if FIELDS[fact.field].kind is Kind.OFFICE), None)
    found = []
    if place and roster.members and reading.offices and roster.of(reading.department) is None:
        found.append(_finding("department_unknown", place, "、".join(roster.like(reading.department)) or "无"))
    stem = normalise_label(PurePosixPath(reading.source_file).stem)
    if place and reading.offices and normalise_label(reading.department) not in stem:
        others = {name for words, name in known.items() if words in stem and name != reading.department}
        found += [_finding("file_name_differs", place, "、".join(sorted(others)))] if others else []
    return replace(reading, findings=[*reading.findings, *found])


def _finding(rule: str, place: Fact, expected: str) -> ReadingFinding:
    return ReadingFinding(rule, place.field, place.label, place.sheet, place.cell, place.raw.strip(), expected)


# ---------------------------------------------------------------------- which one counts


def choose_returns(readings: Iterable[Submission], year: int) -> dict[str, Submission]:
    """Give the return that counts for each department: of several, the one reported last.

    The dates of 填报时间 decide where both returns have one and they differ; else the times of the files.
    """
    counts: dict[str, Submission] = {}
    for each in readings:
        if not refusal(each, year):
            current = counts.get(each.department)
            counts[each.department] = each if current is None or _later(each, current) else current
    return counts


def _later(first: Submission, second: Submission) -> bool:
    reported = _reported(first), _reported(second)
    if None not in reported and reported[0] != reported[1]:
        return reported[0] > reported[1]  # type: ignore[operator]
    return (first.modified, first.source_file) > (second.modified, second.source_file)


def _reported(reading: Submission) -> datetime.date | None:
    days = (day(fact.raw) for fact in reading.facts if FIELDS[fact.field].kind is Kind.DATE)
    return max(filter(None, days), default=None)


def refusal(reading: Submission, year: int) -> str:
    """Say why a file is no return of this year; "" when it is one."""
    if reading.reason:
        return reading.reason
    if reading.fiscal_year not in {None, year}:
        return f"表内年度为{reading.fiscal_year}年度，本次评价{year}年度；请报送{year}年度的报表"
    return ""


def list_submissions(
    readings: Sequence[Submission], passed_over: Sequence[tuple[str, str]], year: int, roster: Roster
) -> pd.DataFrame:
    """Decide what becomes of every file, and name the departments that sent none.

    Returns:
        One row per file of the inbox, and one per department of the roster that must report and has not:
        department, fiscal_year, source_file, sha256, status, reason.
    """
    counts = choose_returns(readings, year)
    rows = [
        (each.department, each.fiscal_year, each.source_file, each.sha256, *_status(each, counts, year))
        for each in readings
    ]
    rows += [("", None, name, "", Status.IGNORED, reason) for name, reason in passed_over]
    rows += [
        (member.name, None, "", "", Status.MISSING, _why_missing(member.name, readings))
        for member in roster.members
        if member.required and member.name not in counts
    ]
    table = pd.DataFrame(rows, columns=["department", "fiscal_year", "source_file", "sha256", "status", "reason"])
    texts = dict.fromkeys(("department", "source_file", "sha256", "status", "reason"), "str")
    ordered = table.astype(texts | {"fiscal_year": "Int64"}).sort_values(["source_file", "department"], kind="stable")
    return ordered.reset_index(drop=True)


def _status(reading: Submission, counts: dict[str, Submission], year: int) -> tuple[str, str]:
    refused = refusal(reading, year)
    if refused:
        return Status.REJECTED, refused
    counting = counts[reading.department]
    if counting is reading:
        return Status.ACCEPTED, ""
    if counting.sha256 == reading.sha256:
        return Status.DUPLICATE, f"与 {counting.source_file} 完全相同"
    return Status.SUPERSEDED, f"同一单位有较新的报表 {counting.source_file}，以其为准；改动见“版本差异”"


def _why_missing(name: str, readings: Sequence[Submission]) -> str:
    sent = [each.source_file for each in readings]
    own = {each.source_file for each in readings if each.department == name}
    refused = [file for file in sent if file in own or normalise_label(name) in normalise_label(file)]
    return f"收到的 {'、'.join(refused)} 没有读取" if refused else "尚未报送"
