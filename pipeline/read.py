"""A file → its facts, its indicator rows and the first findings. Pure but for `read_file`; runs in workers."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.clean import clean, is_blank, shown
from pipeline.locate import Located, Problem, locate
from pipeline.workbook import Cell, Refused, address, sheets
from schemas.annexes import FIELDS, FORMS
from schemas.form import Column, Field, Form, Kind
from schemas.target import Sort, parse
from schemas.words import plain

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.workbook import Sheet
    from schemas.form import Indicators

_LAST_DIGITS = re.compile(r"\d+分?$")


class Fact(NamedTuple):
    """One field of one return: what was written, what was understood, and where it stands."""

    field: str
    label: str
    raw: str
    value: float | str | None
    sheet: str
    cell: str
    doubtful: bool


class FirstFinding(NamedTuple):
    """What reading itself found: a rule of the register, where, what is stated and what was looked for."""

    rule: str
    field: str
    label: str
    sheet: str
    cell: str
    stated: str
    expected: str


@dataclass(slots=True)
class Reading:
    """What one file holds; ``reason`` says why it could not be read, "" when it could."""

    source_file: str
    sha256: str = ""
    modified: float = 0.0
    reason: str = ""
    department: str = ""
    fiscal_year: int | None = None
    facts: list[Fact] = field(default_factory=list)
    indicators: list[dict[str, Any]] = field(default_factory=list)
    findings: list[FirstFinding] = field(default_factory=list)


def read_file(path: Path, source_file: str) -> Reading:
    """Read one file of the inbox, which is never changed; what stands in the way is the reason of the reading."""
    try:
        if path.is_symlink() or not path.is_file():
            return Reading(source_file, reason="不是普通文件（链接或设备），不予读取；请直接放入文件本身")
        content = path.read_bytes()
        modified = path.stat().st_mtime
    except OSError as error:
        return Reading(source_file, reason=f"读不出文件（{error.strerror}）；请检查文件权限后重试")
    reading = read(source_file, content)
    reading.modified = modified
    return reading


def read(source_file: str, content: bytes, forms: tuple[Form, ...] = FORMS) -> Reading:
    """Read the bytes of one return."""
    reading = Reading(source_file, hashlib.sha256(content).hexdigest())
    try:
        book = sheets(content)
    except Refused as refusal:
        reading.reason = str(refusal)
        return reading
    found, problems = locate(book, forms)
    if not found:
        annexes = "、".join(form.annex for form in forms)
        reading.reason = f"工作簿里没有找到{annexes}中的任何一张表；请用发放的填报表填写后报送"
        return reading
    reading.findings += [_told(problem) for problem in problems]
    for located in found:
        _collect(located, reading)
    _identify(reading)
    return reading


def _told(problem: Problem) -> FirstFinding:
    cell = address(problem.cell) if problem.cell else ""
    return FirstFinding(problem.rule, problem.field, problem.sought, problem.sheet, cell, "", problem.sought)


def _collect(located: Located, reading: Reading) -> None:
    reading.findings += [_told(problem) for problem in located.problems]
    for asked in located.form.fields():
        place = located.places.get(asked.name)
        if place is not None:
            raw = located.sheet.value(place.cell) if place.text is None else place.text
            value, doubtful = _value(asked, raw, located.sheet, place.cell, reading)
            written = _raw(raw, located.sheet, place.cell)
            cell = address(place.cell)
            reading.facts.append(Fact(asked.name, asked.label, written, value, located.sheet.name, cell, doubtful))
    if located.form.indicators:
        reading.indicators += _rows(located, located.form.indicators, reading)


def _raw(raw: Any, sheet: Sheet, cell: Cell) -> str:
    """Give what stands in a cell as text, an error value as it is shown."""
    return sheet.troubles.get(cell) or shown(raw)


UNREAD = frozenset({"value_unreadable", "value_error", "value_unsaved"})
"""Rules by which something stands in a cell that could not be read: it is doubtful, not blank."""


def _value(asked: Field, raw: Any, sheet: Sheet, cell: Cell, reading: Reading) -> tuple[float | str | None, bool]:
    """Understand one value, and say whether it is doubtful; what was odd about it becomes a finding."""
    trouble = sheet.troubles.get(cell)
    if trouble is not None and is_blank(raw):
        rule, value = ("value_error" if trouble else "value_unsaved"), None
    else:
        cleaned = clean(raw, asked.kind)
        rule, value = cleaned.rule, cleaned.value
    if rule:
        understood = "" if value is None else shown(value)
        stated = _raw(raw, sheet, cell)
        reading.findings.append(
            FirstFinding(rule, asked.name, asked.label, sheet.name, address(cell), stated, understood)
        )
    return value, rule in UNREAD


def _rows(located: Located, section: Indicators, reading: Reading) -> list[dict[str, Any]]:
    """Give the indicator rows: levels written once are carried down, the form's own hints are left out."""
    rows: list[dict[str, Any]] = []
    level1 = level2 = level2_cell = block = aspect = ""
    sheet = located.sheet
    columns = {column.name: column for column in section.columns}
    for cells in located.rows:
        text = {name: shown(sheet.value(cell)).strip() for name, cell in cells.items()}
        here1, here2 = text.get("level1", ""), text.get("level2", "")
        if here1 and here1 != level1:
            level1, level2 = here1, ""
            block, aspect = _kind(located.form, section, here1)
        if here2:
            level2, level2_cell = here2, address(cells["level2"])
            inner, aspect = _kind(located.form, section, here2)
            block = block or inner
        if _no_row(located.form, columns, text, cells, sheet):
            continue
        row: dict[str, Any] = {"row": len(rows) + 1, "criterion": block, "aspect": aspect}
        row |= {"level1": level1, "level2": level2}
        row["sheet"], row["cell"] = sheet.name, address(cells.get("level3", next(iter(cells.values()))))
        for column in section.columns[2:]:
            asked = Field(column.name, f"{text.get('level3', '')}·{column.words}", column.kind)
            row |= _entry(asked, cells.get(column.name), sheet, reading)
        for name, cell in cells.items():
            row[f"{name}_cell"] = address(cell)
        row["level2_cell"] = level2_cell
        rows.append(row)
    return rows


def _entry(asked: Field, cell: Cell | None, sheet: Sheet, reading: Reading) -> dict[str, Any]:
    """Read one entry of an indicator row: a number as filed, or the text as written and whether it is doubtful."""
    value, doubtful, written = None, False, ""
    if cell is not None:
        raw = sheet.value(cell)
        value, doubtful = _value(asked, raw, sheet, cell, reading)
        written = _raw(raw, sheet, cell)
    if asked.kind.numeric:
        return {f"filed_{asked.name}": value, f"raw_{asked.name}": written}
    return {asked.name: written, f"{asked.name}_doubtful": doubtful}


def _no_row(form: Form, columns: dict[str, Column], text: dict[str, str], cells: dict[str, Cell], sheet: Sheet) -> bool:
    """Tell whether a line of the table is no indicator: blank, the form's hints, a header again, or one wide text."""
    content = [name for name in list(columns)[2:] if name in cells]
    if len({cells[name] for name in content}) == 1:
        return True
    if any(cells[name] in sheet.troubles for name in content):
        return False
    if all(parse(text[name]).sort in {Sort.BLANK, Sort.PLACEHOLDER} for name in content):
        return True
    level3 = columns["level3"].words
    return plain(text.get("level3", "")) in {plain(name) for name in form.names_of(level3)}


def _kind(form: Form, section: Indicators, words: str) -> tuple[str, str]:
    """Give criterion and aspect of a level-1 or level-2 indicator by its words, "" where it is none of the form's."""
    sought = _LAST_DIGITS.sub("", plain(words))
    for block in section.blocks:
        if sought in {plain(name) for name in form.names_of(block.words)}:
            return block.criterion, ""
        for aspect in block.aspects:
            if sought in {plain(name) for name in form.names_of(aspect.words)}:
                return block.criterion, aspect.name
    return "", ""


def _identify(reading: Reading) -> None:
    """Say whose return it is and of which year, from the annexes themselves."""
    for fact in reading.facts:
        kind = FIELDS[fact.field].kind
        if kind is Kind.OFFICE and fact.value and not reading.department:
            reading.department = str(fact.value)
        if kind is Kind.YEAR and fact.value:
            reading.fiscal_year = int(fact.value)
