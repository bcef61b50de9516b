"""Decide whose return each file is, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.intake.choose import can_be, date_facts
from pipeline.intake.journal import timeliness
from pipeline.intake.refusal import BY_NAME, refusal
from pipeline.intake.return_states import state_of
from pipeline.output.safe_text import one_line
from pipeline.reading.entries import ReadingFinding
from pipeline.reading.fiscal_year import years_in
from pipeline.reading.parse_cell import day
from schemas.enums import Status
from schemas.file_names import ROSTER
from schemas.forms import BY_KEY, FIELDS
from schemas.forms.model import Kind
from schemas.tables import COLUMNS
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.intake.choose import Choice
    from pipeline.lists.roster import Roster
    from pipeline.reading.submission import Fact, Submission
    from schemas.lists.reviews import StateDecision

_YEAR = next(field for field in FIELDS.values() if field.kind is Kind.YEAR)

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
    return [each if each.reason else _with_findings(with_year(each), roster, known) for each in named]


def _named(reading: Submission, roster: Roster) -> Submission:
    members = [member for member in map(roster.of, reversed(reading.offices)) if member]
    if members:
        return replace(reading, department=members[0].name)
    stem = PurePosixPath(reading.source_file).stem
    names = list(filter(None, map(one_line, reading.offices)))
    return replace(reading, department=names[-1] if names else f"（单位名称空白）{stem}")


def with_year(reading: Submission) -> Submission:
    """Take the year of the file's name for a return that states none, and say so; else ask for it."""
    if reading.reason or reading.fiscal_year is not None:
        return reading
    years = years_in(PurePosixPath(reading.source_file).name)
    if len(years) != 1:
        if not any(_YEAR in BY_KEY[key].fields() for key in reading.forms):
            return reading  # the annex that asks for it is missing, and that is asked about
        asked = ReadingFinding("year_blank", _YEAR.name, _YEAR.label, "", "", "", "")
        return replace(reading, findings=[*reading.findings, asked])
    told = ReadingFinding(BY_NAME, _YEAR.name, _YEAR.label, "", "", "", f"{years[0]}年度")
    return replace(reading, fiscal_year=years[0], findings=[*reading.findings, told])


def refused_alone(reading: Submission, year: int) -> str:
    """Say why a file that is looked at alone is no return of a year; "" when it is one."""
    return refusal(with_year(reading), year)


def _with_findings(reading: Submission, roster: Roster, known: dict[str, str]) -> Submission:
    place = next((fact for fact in reversed(reading.facts) if FIELDS[fact.field].kind is Kind.OFFICE), None)
    found = []
    if place and roster.members and reading.offices and roster.of(reading.department) is None:
        found.append(_finding("department_unknown", place, "、".join(roster.near_names(reading.department)) or "无"))
    stem = normalise_label(PurePosixPath(reading.source_file).stem)
    if place and reading.offices and normalise_label(reading.department) not in stem:
        others = {name for words, name in known.items() if words in stem and name != reading.department}
        found += [_finding("file_name_differs", place, "、".join(sorted(others)))] if others else []
    return replace(reading, findings=[*reading.findings, *found])


def _finding(rule: str, place: Fact, expected: str) -> ReadingFinding:
    return ReadingFinding(rule, place.field, place.label, place.sheet, place.cell, place.shown.strip(), expected)


# ---------------------------------------------------------------------- what becomes of each file


def with_doubts(reading: Submission, choice: Choice, year: int) -> Submission:
    """Add what is to be asked about the time of a return: days that cannot be right, an order that cannot be told."""
    received = choice.received.get(reading.sha256, "")
    odd = [
        _finding("reported_on_odd", fact, as_told(received, year))
        for fact in date_facts(reading)
        if (reported := day(fact.raw)) and not can_be(reported, received, year)
    ]
    counting = choice.counts.get(reading.department)
    unclear = reading.department in choice.unclear and counting is not None and counting.sha256 == reading.sha256
    asked = ReadingFinding("order_unclear", "", "", "", "", reading.source_file, "") if unclear else None
    return replace(reading, findings=[*reading.findings, *odd, *([asked] if asked else [])])


def as_told(received: str, year: int) -> str:
    """Say between which days a return of a fiscal year can be filled in."""
    return f"{year}年12月31日之后" + (f"、文件保存时间（{received[:10]}）之前" if received else "")


def list_submissions(
    readings: Sequence[Submission],
    passed_over: Sequence[tuple[str, str]],
    choice: Choice,
    year: int,
    roster: Roster,
    states: Sequence[StateDecision],
) -> pd.DataFrame:
    """Decide what becomes of every file, and name the departments that sent none.

    Returns:
        One row per file of the inbox, and one per department of the roster that must report and has not:
        department, fiscal_year, source_file, sha256, status, reason, received (Beijing time), timeliness, state.
    """
    rows = [
        (
            *(each.department, each.fiscal_year, each.source_file, each.sha256),
            *_status(each, choice, year),
            *_life(each, choice, year, roster, states),
        )
        for each in readings
    ]
    nothing = ("", "", "")
    rows += [
        ("", None, name, "", Status.IGNORED, _with_left_out(name, why, roster), *nothing) for name, why in passed_over
    ]
    missing = {member.name for member in roster.members if member.required and member.name not in choice.counts}
    rows += [
        (name, None, "", "", Status.MISSING, _why_missing(name, readings, choice), *nothing)
        for name in dict.fromkeys([*(member.name for member in roster.members), *sorted(choice.absent)])
        if name in missing | choice.absent
    ]
    table = pd.DataFrame(rows, columns=COLUMNS["submissions"])
    texts = {name: str for name in COLUMNS["submissions"] if name != "fiscal_year"}
    ordered = table.astype(texts | {"fiscal_year": "Int64"}).sort_values(["source_file", "department"], kind="stable")
    return ordered.reset_index(drop=True)


def _status(reading: Submission, choice: Choice, year: int) -> tuple[str, str]:
    refused = refusal(reading, year)
    if refused:
        return Status.REJECTED, refused
    counting = choice.counts.get(reading.department)
    if counting is reading:
        return Status.ACCEPTED, ""
    if counting and counting.sha256 == reading.sha256:
        return Status.DUPLICATE, f"与 {counting.source_file} 完全相同"
    if reading.department in choice.locks:
        lock = choice.locks[reading.department]
        return Status.SUPERSEDED, (
            f"该单位的报表 {lock.source_file} 已终审通过（{lock.by}，{lock.date}），本文件没有采用；"
            "要采用的，请先在复核意见的“报表状态”中改为“退回”"
        )
    assert counting is not None  # noqa: S101 - of a department with a return that is not locked one counts
    if reading.department in choice.unclear:
        return Status.SUPERSEDED, f"与 {counting.source_file} 的先后不能确定，暂以后者为准；请核对，移走不用的一份"
    return Status.SUPERSEDED, f"同一单位有较新的报表 {counting.source_file}，以其为准；改动见“版本差异”"


def _life(
    reading: Submission, choice: Choice, year: int, roster: Roster, states: Sequence[StateDecision]
) -> tuple[str, str, str]:
    """Give when the content of a file was first received, whether that was in time, and its state."""
    received = choice.received.get(reading.sha256, "") if reading.sha256 else ""
    if refusal(reading, year):
        return received, "", ""
    in_time = timeliness(received, roster.deadline_of(reading.department))
    return received, in_time, state_of(reading.sha256, reading.department, states)


def _with_left_out(name: str, why: str, roster: Roster) -> str:
    told = roster.describe_unused() if name.lower() == ROSTER else ""
    return f"{why}；{told}" if told else why


def _why_missing(name: str, readings: Sequence[Submission], choice: Choice) -> str:
    if name in choice.absent:
        return f"终审通过的报表 {choice.locks[name].source_file} 不在收件夹里，请放回；或先在复核意见中撤销终审"
    sent = [each.source_file for each in readings]
    own = {each.source_file for each in readings if each.department == name}
    refused = [file for file in sent if file in own or normalise_label(name) in normalise_label(file)]
    return f"收到的 {'、'.join(refused)} 没有读取" if refused else "尚未报送"
