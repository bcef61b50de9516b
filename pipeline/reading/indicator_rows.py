"""The lines found of the indicators → indicator rows: levels carried down, the form's own hints left out."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pipeline.reading.entries import NOTHING, ReadingFinding, doubt_shared_cells, entry, reading_finding, text
from pipeline.reading.labels import heads_of_indicators
from pipeline.reading.seen_beside import is_struck, left_out
from pipeline.reading.workbook import address
from schemas.forms import INDICATORS
from schemas.forms.printed_words import SUMS
from schemas.text.normalise import normalise_label
from schemas.text.split_targets import put_together
from schemas.text.targets import says_nothing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.reading.entries import Entry
    from pipeline.reading.places import Place
    from schemas.forms.model import Column, Form

_LAST_DIGITS = re.compile(r"(?<!\d)\d++分?$")
HINT = re.compile(r"指标\d+[:：]?|[….·。]{2,}|[xX×]{1,3}[%％]?")
"""What a blank form has in its rows of indicators, and nobody filed: 指标1：, ……, X."""
_HINTS_BEGIN = ("指标", *"….·。xX×")
"""What every hint begins with: most texts do not, and no expression need be asked."""
_HINT_BEFORE = re.compile(r"指标\d+[:：]")


def indicator_rows(form: Form, lines: list[dict[str, Place]]) -> tuple[list[dict[str, Any]], list[ReadingFinding]]:
    """Give the indicator rows of a form and the findings on their entries.

    A level written once holds for the rows below it; a level-2 name keeps the cell in which it was written, so that
    one written twice can be told.
    """
    columns = _columns(form)
    rows: list[dict[str, Any]] = []
    odd: list[ReadingFinding] = []
    level1 = level2 = level2_cell = outer = criterion = aspect = ""
    for line in (each for each in lines if not _is_sum(each)):
        here1, here2 = (text(line[name]).strip() if name in line else "" for name in ("level1", "level2"))
        if here1 and here1 != level1:
            level1, level2, level2_cell = here1, "", ""
            outer, aspect = _kind(form, here1)
            criterion = outer
        if here2:
            level2, level2_cell = here2, address(line["level2"].cell)
            inner, aspect = _kind(form, here2)
            criterion = outer or inner or criterion
        struck = is_struck(line)
        here = [each for each in columns if each.name in line]
        entries = doubt_shared_cells(
            {each.name: entry(each.kind, line[each.name], struck_counts=struck) for each in here}, line
        )
        if _is_row(form, line, entries):
            row = _row(columns, line, entries)
            row |= {"level1": level1, "level2": level2, "level2_cell": level2_cell}
            rows.append(row | {"row": len(rows) + 1, "criterion": criterion, "aspect": aspect})
            odd += _odd(columns, line, entries)
            odd += _struck(line, entries) if struck else ()
        odd += _hint(columns, line, entries)
    return rows, odd


def _columns(form: Form) -> tuple[Column, ...]:
    """Give the columns of each row: those that the form prints, and those of today's form that it does not."""
    own = form.indicators.own_columns if form.indicators else ()
    names = {column.name for column in own}
    return (*own, *(column for column in INDICATORS.own_columns if column.name not in names))


def claimed(rows: list[dict[str, Any]]) -> float:
    """Give the points that a department gives itself for its indicators, a merged cell once; NaN for none."""
    return _sum_of("self_points", rows)


def offered(rows: list[dict[str, Any]]) -> float:
    """Give the points that the indicators of a department are worth as filed; NaN where one has no weight."""
    weights = [row["filed_weight"] for row in rows if row["criterion"]]
    weighed = all(weight is not None and weight >= 0 for weight in weights)
    return _sum_of("weight", rows) if weighed else math.nan


def _sum_of(name: str, rows: list[dict[str, Any]]) -> float:
    given = {
        (row["criterion"], row["sheet"], row.get(f"{name}_cell", "")): row[f"filed_{name}"]
        for row in rows
        if row["criterion"] and row[f"filed_{name}"] is not None
    }
    return math.fsum(given.values()) if given else math.nan


def _row(columns: tuple[Column, ...], line: dict[str, Place], entries: dict[str, Entry]) -> dict[str, Any]:
    """Give the entries of one row: numbers as filed, texts as written, and the cell of each.

    What stands in a column that was not found cannot be told: it is doubtful, not blank.
    """
    anchor = line.get("level3") or next(iter(line.values()))
    row: dict[str, Any] = {"sheet": anchor.sheet.name, "cell": address(anchor.cell)}
    for name, place in line.items():
        row[f"{name}_cell"] = address(place.cell)
    for column in columns:
        name, found = column.name, entries.get(column.name, NOTHING)
        if column.kind.numeric:
            row[f"filed_{name}"], row[f"raw_{name}"] = found.value, found.written
        else:
            row[name], row[f"{name}_doubtful"] = found.written, found.doubtful or name not in entries
    said = ("sign", "unit", "reason", "remedy")
    sign, unit, *reasons = (text(line[name]).strip() if name in line else "" for name in said)
    row["target"], row["actual_unit_given"] = put_together(row["target"], sign, unit)
    row["reason"] = "；".join(filter(None, reasons))
    return row


def _odd(columns: tuple[Column, ...], line: dict[str, Place], entries: dict[str, Entry]) -> Iterator[ReadingFinding]:
    """Tell what was odd about the entries of a row."""
    for column in columns:
        found = entries.get(column.name, NOTHING)
        if found.rule:
            label = f"{entries['level3'].written.strip() if 'level3' in line else ''}·{column.words}"
            yield reading_finding(found, line[column.name], column.name, label)
        if column.name in line:
            yield from left_out(line[column.name], column.name, column.words, found)


def _struck(line: dict[str, Place], entries: dict[str, Entry]) -> Iterator[ReadingFinding]:
    """Tell that a row is struck through as a whole, and counts all the same."""
    place = line.get("level3") or next(iter(line.values()))
    name = entries["level3"].written.strip() if "level3" in entries else ""
    yield ReadingFinding("row_struck", "", name, place.sheet.name, address(place.cell), name, "")


def _hint(columns: tuple[Column, ...], line: dict[str, Place], entries: dict[str, Entry]) -> list[ReadingFinding]:
    """Tell where a line still holds a hint of the form (指标1：, ……, X): one finding a line, at the first."""
    for column in columns:
        written = entries.get(column.name, NOTHING).written.strip()
        if not written.startswith(_HINTS_BEGIN):
            continue
        left = (
            column.name == "level3"
            and _HINT_BEFORE.match(written)
            and all(says_nothing(entries.get(name, NOTHING).written) for name in ("target", "actual"))
        )
        if left or HINT.fullmatch(written):
            place = line[column.name]
            where = (place.sheet.name, address(place.cell))
            return [ReadingFinding("hints_left", column.name, column.words, *where, written, "")]
    return []


def _is_sum(line: dict[str, Place]) -> bool:
    """Tell a line that only adds up others: 小计 where a level stands, and nothing that could be measured."""
    words = {name: text(line[name]) for name in ("level1", "level2", "level3", "target", "actual") if name in line}
    sums = {name for name, each in words.items() if "计" in each and normalise_label(each) in SUMS}
    said = (name for name in ("level3", "target", "actual") if not says_nothing(words.get(name, "")))
    return bool(sums) and sums.issuperset(said)


def _is_row(form: Form, line: dict[str, Place], entries: dict[str, Entry]) -> bool:
    """Tell an indicator from a blank line, the form's hints, its heads again, or one wide text."""
    places = [line[name] for name in entries]
    if len({place.cell for place in places}) == 1:
        return False
    if any(place.cell in place.sheet.troubles for place in places):
        return True
    texts = {found.written for found in entries.values()}
    if all(map(says_nothing, texts)):
        return False
    return not {normalise_label(text) for text in texts if text.strip()} <= heads_of_indicators(form)


@lru_cache(maxsize=1024)
def _kind(form: Form, words: str) -> tuple[str, str]:
    """Give criterion and aspect of a level-1 or level-2 indicator by its words, "" where it is none of the form's."""
    sought = _LAST_DIGITS.sub("", normalise_label(words))
    for block in form.indicators.blocks if form.indicators else ():
        if sought in {normalise_label(name) for name in form.names_of(block.words)}:
            return block.criterion, ""
        for aspect in block.aspects:
            if sought in {normalise_label(name) for name in form.names_of(aspect.words)}:
                return block.criterion, aspect.name
    return "", ""
