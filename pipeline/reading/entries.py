"""One place of a sheet → what was written there and what it means; what was odd about it becomes a finding."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.reading.parse_cell import DIGITS, as_text, clean, is_blank
from pipeline.reading.workbook import address
from schemas.forms.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.reading.places import Place

_SHARED = "value_shared"
UNREAD = frozenset({"value_unreadable", "value_error", "value_unsaved", _SHARED})
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
    """A value as written and as understood; ``rule`` tells what was odd about it, "" when nothing was."""

    written: str
    value: float | str | None
    rule: str

    @property
    def doubtful(self) -> bool:
        """Tell whether something stands there that could not be read."""
        return self.rule in UNREAD


def raw(place: Place, kind: Kind) -> Any:
    """Give what stands at a place, a percentage as its text; "" for a blank."""
    sheet, cell, part = place
    if part is not None:
        return part
    value = sheet.value(cell)
    if cell in sheet.percents and kind in _PERCENT_MEANT:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return f"{value * 100:.{DIGITS}g}%" if number else value
    return value


def text(place: Place) -> str:
    """Give what stands at a place as text, an error value as it is shown."""
    return place.sheet.troubles.get(place.cell) or shown(raw(place, Kind.TEXT))


NOTHING = Entry("", None, "")
"""What a blank is understood as."""


def entry(kind: Kind, place: Place) -> Entry:
    """Understand what stands at a place as a value of a kind."""
    content = raw(place, kind)
    trouble = place.sheet.troubles.get(place.cell)
    if trouble is not None and is_blank(content):
        return Entry(trouble or shown(content), None, "value_error" if trouble else "value_unsaved")
    if content == "":  # most of a form
        return NOTHING
    value, rule = clean(content, kind)
    return Entry(trouble or shown(content), value, rule)


def apart(found: Mapping[str, Entry], places: Mapping[str, Place]) -> dict[str, Entry]:
    """Doubt values that stand in one merged cell, for it cannot be told whose each is; a 0 or a blank is everyone's."""
    cells = {name: (places[name].sheet.name, places[name].cell) for name in found}
    if len(set(cells.values())) == len(cells):  # as nearly always
        return dict(found)
    shared = Counter(cells[name] for name, each in found.items() if each.value not in {None, 0, ""})
    return {
        name: Entry(each.written, None, _SHARED) if shared[cells[name]] > 1 else each for name, each in found.items()
    }


def told(found: Entry, place: Place, name: str, label: str) -> FirstFinding:
    """Tell what was odd about an entry, by the name of its field and the words people know it by."""
    understood = "" if found.value is None else shown(found.value)
    where = (place.sheet.name, address(place.cell))
    return FirstFinding(found.rule, name, label, *where, found.written, understood)
