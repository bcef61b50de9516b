"""One place of a sheet → what was written there and what it means; what was odd about it becomes a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.clean import DIGITS, clean, is_blank, shown
from pipeline.workbook import address
from schemas.form import Kind

if TYPE_CHECKING:
    from pipeline.search import Place
    from schemas.form import Field

UNREAD = frozenset({"value_unreadable", "value_error", "value_unsaved"})
"""Rules by which something stands in a cell that could not be read: it is doubtful, not blank."""
_PERCENT_MEANT = frozenset({Kind.RATE, Kind.TEXT})
"""Kinds of which a number formatted as a percentage is one: 0.95 shown as 95%."""


class FirstFinding(NamedTuple):
    """What reading itself found: a rule of the register, where, what is stated and what was looked for."""

    rule: str
    field: str
    label: str
    sheet: str
    cell: str
    stated: str
    expected: str


class Entry(NamedTuple):
    """A value as written and as understood; ``doubtful`` when something stands there that could not be read."""

    written: str
    value: float | str | None
    doubtful: bool
    finding: FirstFinding | None


def raw(place: Place, kind: Kind) -> Any:
    """Give what stands at a place, a percentage as its text; "" for a blank."""
    if place.text is not None:
        return place.text
    value = place.sheet.value(place.cell)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if number and kind in _PERCENT_MEANT and place.cell in place.sheet.percents:
        return f"{value * 100:.{DIGITS}g}%"
    return value


def text(place: Place) -> str:
    """Give what stands at a place as text, an error value as it is shown."""
    return place.sheet.troubles.get(place.cell) or shown(raw(place, Kind.TEXT))


def entry(asked: Field, place: Place) -> Entry:
    """Understand what stands at a place as a value of a field."""
    content = raw(place, asked.kind)
    trouble = place.sheet.troubles.get(place.cell)
    written = trouble or shown(content)
    if trouble is not None and is_blank(content):
        rule, value = ("value_error" if trouble else "value_unsaved"), None
    else:
        cleaned = clean(content, asked.kind)
        rule, value = cleaned.rule, cleaned.value
    finding = None
    if rule:
        understood = "" if value is None else shown(value)
        where = (place.sheet.name, address(place.cell))
        finding = FirstFinding(rule, asked.name, asked.label, *where, written, understood)
    return Entry(written, value, rule in UNREAD, finding)
