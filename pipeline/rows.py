"""The lines found of the indicators → indicator rows: levels carried down, the form's own hints left out."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from pipeline.entry import FirstFinding, entry, text
from pipeline.workbook import address
from schemas.form import Field
from schemas.target import WORDS_MEANT, Sort, parse
from schemas.words import plain

if TYPE_CHECKING:
    from pipeline.search import Place
    from schemas.form import Form, Indicators

_LAST_DIGITS = re.compile(r"\d+分?$")
HINT = re.compile(r"指标\d+[:：]?|[….·。]{2,}|[xX×]{1,3}[%％]?")
"""What a blank form has in its rows of indicators, and nobody filed: 指标1：, ……, X."""
_HINT_BEFORE = re.compile(r"指标\d+[:：]")
_BARE = re.compile(r"\d+(?:\.\d+)?")


def indicator_rows(
    form: Form, section: Indicators, lines: list[dict[str, Place]]
) -> tuple[list[dict[str, Any]], list[FirstFinding]]:
    """Give the indicator rows of a form and the findings on their entries.

    A level written once holds for the rows below it; a level-2 name keeps the cell in which it was written, so that
    one written twice can be told.
    """
    rows: list[dict[str, Any]] = []
    findings: list[FirstFinding] = []
    level1 = level2 = level2_cell = criterion = aspect = ""
    for line in lines:
        here1, here2 = (text(line[name]).strip() if name in line else "" for name in ("level1", "level2"))
        if here1 and here1 != level1:
            level1, level2, level2_cell = here1, "", ""
            criterion, aspect = _kind(form, section, here1)
        if here2:
            level2, level2_cell = here2, address(line["level2"].cell)
            inner, aspect = _kind(form, section, here2)
            criterion = criterion or inner
        if _is_row(form, section, line):
            row, odd = _row(section, line)
            row |= {"level1": level1, "level2": level2, "level2_cell": level2_cell}
            rows.append(row | {"row": len(rows) + 1, "criterion": criterion, "aspect": aspect})
            findings += odd
        findings += _hint(section, line)
    return rows, findings


def claimed(rows: list[dict[str, Any]]) -> float:
    """Give the points that a department gives itself for its indicators, a merged cell once; NaN for none."""
    given = {
        (row["criterion"], row["sheet"], row.get("self_points_cell", "")): row["filed_self_points"]
        for row in rows
        if row["criterion"] and row["filed_self_points"] is not None
    }
    return math.fsum(given.values()) if given else math.nan


def _row(section: Indicators, line: dict[str, Place]) -> tuple[dict[str, Any], list[FirstFinding]]:
    """Read the entries of one row: numbers as filed, texts as written, and the cell of each."""
    name = text(line["level3"]).strip() if "level3" in line else ""
    anchor = line.get("level3") or next(iter(line.values()))
    row: dict[str, Any] = {"sheet": anchor.sheet.name, "cell": address(anchor.cell)}
    row |= {f"{each}_cell": address(place.cell) for each, place in line.items()}
    findings = []
    for column in section.columns[2:]:
        found = None
        if column.name in line:
            found = entry(Field(column.name, f"{name}·{column.words}", column.kind), line[column.name])
            findings += [found.finding] if found.finding else []
        written = found.written if found else ""
        if column.kind.numeric:
            row |= {f"filed_{column.name}": found.value if found else None, f"raw_{column.name}": written}
        else:
            row |= {column.name: written, f"{column.name}_doubtful": bool(found and found.doubtful)}
    row["target"], row["actual_unit_given"] = _whole_target(row["target"], line)
    row["reason"] = text(line["reason"]).strip() if "reason" in line else ""
    return row, findings


def _whole_target(value: str, line: dict[str, Place]) -> tuple[str, str]:
    """Put a target together that the form splits into 指标性质, 指标值 and 度量单位; give its unit beside it."""
    sign, unit = (text(line[name]).strip() if name in line else "" for name in ("sign", "unit"))
    if not value.strip() or sign == WORDS_MEANT:
        return value, ""
    shown = value.strip()
    bare = bool(_BARE.fullmatch(shown))
    return (f"{sign}{shown}{unit if bare else ''}" if sign or unit else value), unit


def _hint(section: Indicators, line: dict[str, Place]) -> list[FirstFinding]:
    """Tell where a line still holds a hint of the form (指标1：, ……, X): one finding a line, at the first."""
    for column in section.columns[2:]:
        written = text(line[column.name]).strip() if column.name in line else ""
        if HINT.fullmatch(written) or (column.name == "level3" and _HINT_BEFORE.match(written)):
            place = line[column.name]
            where = (place.sheet.name, address(place.cell))
            return [FirstFinding("hints_left", column.name, column.words, *where, written, "")]
    return []


def _is_row(form: Form, section: Indicators, line: dict[str, Place]) -> bool:
    """Tell an indicator from a blank line, the form's hints, its heads again, or one wide text."""
    content = [line[column.name] for column in section.columns[2:] if column.name in line]
    if len({place.cell for place in content}) == 1:
        return False
    if any(place.cell in place.sheet.troubles for place in content):
        return True
    if all(parse(text(place)).sort in {Sort.BLANK, Sort.PLACEHOLDER} for place in content):
        return False
    heads = {plain(name) for column in section.columns for name in form.names_of(column.words)}
    return not {plain(text(place)) for place in content if text(place).strip()} <= heads


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
