"""A file → its facts, its indicator rows and the first findings. Pure but for `read_file`; runs in workers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.clean import shown
from pipeline.entry import FirstFinding, entry
from pipeline.guard import content
from pipeline.locate import Located, locate
from pipeline.rows import indicator_rows
from pipeline.workbook import Refused, address, book
from schemas import returned
from schemas.annexes import BY_KEY, FIELDS, VERSIONS
from schemas.form import STAMP, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.guard import Notes
    from pipeline.search import Problem
    from pipeline.workbook import Sheet


class Fact(NamedTuple):
    """One field of one return: what was written, what was understood, and where it stands."""

    field: str
    label: str
    raw: str
    value: float | str | None
    sheet: str
    cell: str
    doubtful: bool


@dataclass(slots=True)
class Reading:
    """What one file holds; ``reason`` says why it could not be read, "" when it could.

    ``forms`` are the keys of the versions of the annexes it holds; ``offices`` the names of the department as its
    annexes have them: whose return it is, intake decides.
    """

    source_file: str
    sha256: str = ""
    modified: float = 0.0
    reason: str = ""
    department: str = ""
    offices: tuple[str, ...] = ()
    fiscal_year: int | None = None
    forms: tuple[str, ...] = ()
    facts: list[Fact] = field(default_factory=list)
    indicators: list[dict[str, Any]] = field(default_factory=list)
    findings: list[FirstFinding] = field(default_factory=list)


def read_file(item: tuple[Path, str], year: int) -> Reading:
    """Read one file of the inbox, which is never changed; what stands in the way is the reason of the reading.

    ``item`` is the file and what it is called in messages; ``year`` the year evaluated.
    """
    path, source_file = item
    try:
        modified = path.lstat().st_mtime
        reading = read(source_file, content(path), year)
    except Refused as refusal:
        return Reading(source_file, reason=str(refusal))
    except OSError as error:
        return Reading(source_file, reason=f"读不出文件（{error.strerror}）；请检查文件权限后重试")
    except MemoryError:
        return lost(item)
    reading.modified = modified
    return reading


def lost(item: tuple[Path, str]) -> Reading:
    """Give the reading of a file that ended the process which read it, or took too much of its time or memory."""
    return Reading(item[1], reason="文件内容异常，读取时出错或占用过大；请用发放的填报表重新填写后报送")


def read(source_file: str, sent: bytes, year: int) -> Reading:
    """Read the bytes of one return; ``year`` is the one evaluated, for headings that name years."""
    reading = Reading(source_file, hashlib.sha256(sent).hexdigest())
    try:
        sheets, notes = book(sent)
    except Refused as refusal:
        reading.reason = str(refusal)
        return reading
    # Sent back once and corrected: our list in front is no part of the return.
    sheets = [sheet for sheet in sheets if not str(sheet.value((0, 0))).startswith(returned.STAMP)]
    stamp = next((sheet for sheet in sheets if sheet.name == STAMP), None)
    found, problems = locate(sheets, VERSIONS, year)
    if not found:
        annexes = "、".join(annex[0].annex for annex in VERSIONS)
        reading.reason = f"工作簿里没有找到{annexes}中的任何一张表；请用发放的填报表填写后报送"
        return reading
    if not any(located.is_filled() for located in found):
        reading.reason = "报表是空白的，没有填写任何内容；请填写后报送"
        return reading
    reading.forms = tuple(located.form.key for located in found)
    reading.findings += [*_of_the_book(notes, found), *_of_the_stamp(stamp), *map(_told, problems)]
    for located in found:
        collect(located, reading)
    _identify(reading)
    return reading


def _of_the_book(notes: Notes, found: list[Located]) -> Iterator[FirstFinding]:
    """Tell what is odd about the workbook as such: its format, what it brings along, and what it hides."""
    odd = {"old_format": notes.kind != "xlsx", "macros": notes.macros, "external_links": notes.external_links}
    for rule in (name for name, holds in odd.items() if holds):
        yield FirstFinding(rule, "", "", "", "", f".{notes.kind}", "")
    for located in found:
        if located.sheet.hidden:
            yield FirstFinding("sheet_hidden", "", "", located.sheet.name, "A1", located.sheet.name, "")


def _of_the_stamp(stamp: Sheet | None) -> Iterator[FirstFinding]:
    """Tell of a form that says of itself to be of a version that is none of ours."""
    for row in stamp.rows if stamp else []:
        form, version = (shown(value).strip() for value in [*row, "", ""][:2])
        known = [each.version for each in BY_KEY.values() if each.id == form]
        if form and f"{form}/{version}" not in BY_KEY:
            yield FirstFinding("form_unknown", "", "", "", "", f"{form}/{version}"[:60], "、".join(known) or "无")


def _told(problem: Problem) -> FirstFinding:
    cell = address(problem.cell) if problem.cell else ""
    return FirstFinding(problem.rule, "", problem.sought, problem.sheet, cell, "", problem.sought)


def collect(located: Located, reading: Reading) -> None:
    """Take the facts and indicator rows of one annex over into the reading."""
    finds = located.finds
    for asked in located.form.fields():
        place = finds.places.get(asked.name)
        if place is not None:
            found = entry(asked, place)
            where = (place.sheet.name, address(place.cell))
            reading.facts.append(Fact(asked.name, asked.label, found.written, found.value, *where, found.doubtful))
            reading.findings += [found.finding] if found.finding else []
    if located.form.indicators:
        reading.indicators, odd = indicator_rows(located.form, located.form.indicators, finds.rows)
        reading.findings += odd


def _identify(reading: Reading) -> None:
    """Say by what names the annexes call the department, and of which year they are."""
    for fact in reading.facts:
        kind = FIELDS[fact.field].kind
        if kind is Kind.OFFICE and fact.value:
            reading.offices = (*reading.offices, str(fact.value))
        if kind is Kind.YEAR and fact.value:
            reading.fiscal_year = int(fact.value)
