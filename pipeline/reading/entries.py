"""One place of a sheet → what was written there and what it means; what was odd about it becomes a finding."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.reading.lookalikes import has_unseen_marks
from pipeline.reading.parse_cell import as_text, clean, is_blank
from pipeline.reading.workbook import address
from schemas.forms.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.reading.places import Place
_SHARED = "value_shared"
_HIDDEN, _STRUCK, _PICTURE = "value_hidden", "value_struck", "value_picture"
UNREAD = frozenset({"value_unreadable", "value_error", "value_unsaved", _SHARED, _HIDDEN, _STRUCK, _PICTURE})
"""Rules by which something stands in a cell that could not be read: it is doubtful, not blank."""
_IN_CELL_PICTURE = re.compile(r"=(?:_xlfn\.)?DISPIMG\(", re.IGNORECASE)
"""How WPS stores a picture that lies in a cell; Excel stores one apart (`Sheet.pictures`)."""
PICTURE = "（图片）"
"""What is quoted of such a cell."""


def _is_picture(place: Place, content: Any) -> bool:
    """Tell whether a cell holds a picture, as WPS or Excel keeps one."""
    if place.sheet.pictures and place.sheet.anchor(place.cell) in place.sheet.pictures:
        return True
    return is_picture(content)


def is_picture(content: Any) -> bool:
    """Tell whether what a cell holds is a picture, as WPS writes one."""
    return isinstance(content, str) and content[:1] == "=" and bool(_IN_CELL_PICTURE.match(content))


class ReadingFinding(NamedTuple):
    """What reading itself found: a rule of the register, where, what is stated and what was looked for."""

    rule: str
    field: str
    label: str
    sheet: str
    cell: str
    stated: str
    expected: str


class Entry(NamedTuple):
    """A value as it shows, to the last digit, and as understood; ``rule`` tells what was odd about it, "" for nothing.

    ``stored`` is what the cell holds where that is not what it shows.
    """

    written: str
    value: float | str | None
    rule: str
    stored: str = ""

    @property
    def raw(self) -> str:
        """What the cell holds, as text."""
        return self.stored or self.written

    @property
    def doubtful(self) -> bool:
        """Tell whether something stands there that could not be read."""
        return self.rule in UNREAD


def raw(place: Place) -> Any:
    """Give what stands at a place: what it shows where its number format says more than its value; "" for a blank."""
    if place.text is not None:
        return place.text
    sheet = place.sheet
    looks = sheet.shows.get(sheet.anchor(place.cell)) if sheet.shows else None
    return looks.exact if looks else sheet.value(place.cell)


def text(place: Place) -> str:
    """Give what stands at a place as text, an error value as it is shown, and a picture as one."""
    content = raw(place)
    if _is_picture(place, content):
        return PICTURE
    return place.sheet.troubles.get(place.cell) or as_text(content)


NOTHING = Entry("", None, "")
"""What a blank is understood as."""


def entry(kind: Kind, place: Place, unit: float = 1.0, *, struck_counts: bool = False) -> Entry:
    """Understand what stands at a place as a value of a kind.

    ``unit`` is how much of 万元 an amount of 1 is that has no unit of its own: such an amount is written in 万元, and
    stored as it is filed. ``struck_counts`` says that a cell counts though it is struck through as a whole.
    """
    content = raw(place)
    trouble = place.sheet.troubles.get(place.cell)
    if _is_picture(place, content):
        signed = kind is Kind.NAME
        return Entry(PICTURE, PICTURE if signed else None, "" if signed else _PICTURE, trouble or as_text(content))
    if trouble is not None and is_blank(content):
        return Entry(trouble or as_text(content), None, "value_error" if trouble else "value_unsaved")
    is_plain = _is_plain(place)
    unread = "" if is_plain else _unread(place, content, struck_counts=struck_counts)
    if unread:
        stored = as_text(place.sheet.value(place.cell))
        return Entry(stored, None, unread, stored)
    if content == "":  # most of a form
        return NOTHING
    value, rule = clean(content, kind, unit)
    if unit != 1 and value != clean(content, kind).value:
        return Entry(as_text(value), value, rule, as_text(content))
    stored = "" if is_plain else _stored(place)
    scaled = stored and place.sheet.shows.get(place.sheet.anchor(place.cell))  # 50 shows where 50000 is stored
    if scaled and not rule and isinstance(value, float) and value != clean(stored, kind, unit).value:
        rule = "value_cleaned"
    return Entry(trouble or as_text(content), value, rule, stored)


def _is_plain(place: Place) -> bool:
    """Tell whether a cell shows what it holds, and all of it counts; a part of a cell is taken as it stands."""
    sheet = place.sheet
    if place.text is not None or not (sheet.shows or sheet.closer.struck or sheet.closer.runs):
        return True
    cell = sheet.anchor(place.cell)
    return not (cell in sheet.shows or cell in sheet.closer.struck or cell in sheet.closer.runs)


def _unread(place: Place, content: Any, *, struck_counts: bool) -> str:
    """Give the rule by which a cell cannot be read whatever its value is: hidden by its format, or struck."""
    sheet, cell = place.sheet, place.sheet.anchor(place.cell)
    if cell in sheet.shows and content == "":
        return _HIDDEN
    if cell in sheet.closer.struck and content != "" and not struck_counts:
        return _STRUCK
    return "value_unreadable" if cell in sheet.shows and sheet.shows[cell] is None else ""


def _stored(place: Place) -> str:
    """Give what a cell holds where that is neither what it shows nor the same as a percentage; else ""."""
    sheet, cell = place.sheet, place.sheet.anchor(place.cell)
    if cell in sheet.closer.runs:
        return sheet.closer.runs[cell].whole
    looks = sheet.shows.get(cell)
    return as_text(sheet.value(cell)) if looks and not _PERCENTAGE.fullmatch(looks.exact) else ""


_PERCENTAGE = re.compile(r"-?\d+(?:\.\d+)?%")


def doubt_shared_cells(found: Mapping[str, Entry], places: Mapping[str, Place]) -> dict[str, Entry]:
    """Doubt values that stand in one merged cell, for it cannot be told whose each is; a 0 or a blank is everyone's.

    A part of a cell that has its own words before it is of one value only.
    """
    cells = {name: (places[name].sheet.name, places[name].cell, name if places[name].text else "") for name in found}
    if len(set(cells.values())) == len(cells):  # as nearly always
        return dict(found)
    shared = Counter(cells[name] for name, each in found.items() if each.value not in {None, 0, ""})
    return {
        name: each._replace(value=None, rule=_SHARED) if shared[cells[name]] > 1 else each
        for name, each in found.items()
    }


def reading_finding(found: Entry, place: Place, name: str, label: str) -> ReadingFinding:
    """Tell what was odd about an entry, by the name of its field and the words people know it by."""
    understood = "" if found.value is None else as_text(found.value)
    where = (place.sheet.name, address(place.cell))
    stated = f"{found.written}（其中有看不见的字符）" if has_unseen_marks(found.written) else found.written
    return ReadingFinding(found.rule, name, label, *where, stated, understood)
