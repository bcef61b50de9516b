"""What is handed out must be readable when it comes back: the guard looks again at what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.guard import guard
from pipeline.guard.ooxml import inspect
from pipeline.guard.xml import sound
from pipeline.guard.zip import MAX_MEMBERS
from pipeline.workbooks.returned.package import BOOK, TYPES, relations_of
from pipeline.workbooks.returned.sheet_xml import sheets_of

if TYPE_CHECKING:
    from pipeline.workbooks.returned.package import Package

_USUAL = 2**20
"""Bytes of all parts together below which none is too large, packed or not, and none has too many tags or cells."""
_STYLES = "xl/styles.xml"
"""Where the guard wants formats to be; of those it needs to know only what is shown as a percentage."""
_PASSED = b"<worksheet/>"
"""What the guard is shown in place of a sheet whose cells it has passed."""


def look(package: Package, made: bytes) -> None:
    """Look at a workbook that was edited; ``made`` is the same, packed.

    The cells of a sheet are looked at where one has another style or a blank one was added; those of the list in front
    are not, we have written them ourselves. What all content spans together is not reckoned again: a workbook that the
    list takes over that bound would be as far over it when transcribed.

    Raises:
        Refused: it could not be read again.
    """
    if package.size > _USUAL or len(package) > MAX_MEMBERS:
        guard(made)
        return
    front, *others = [each.path for each in sheets_of(package)]
    parts = {name.lower(): part for name, part in package.changed().items()}
    for name in (front.lower(), _STYLES):
        if name in parts:
            sound(parts.pop(name))
    parts |= {name.lower(): package[name] for name in (TYPES, BOOK, relations_of(BOOK))}
    parts[front.lower()] = _PASSED
    for path in others:
        if path.lower() not in parts or _cells_stay(package.passed(path), package[path]):
            parts[path.lower()] = _PASSED
    inspect(parts, set(parts))


def _cells_stay(before: bytes, after: bytes) -> bool:
    """Tell whether only what lies before the cells is another than it was."""
    at = after.find(b"sheetData")
    return at >= 0 and before.endswith(after[at:])
