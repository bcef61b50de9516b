"""The cells of one sheet part, as calamine will see them.

Nearly all sheets are written in one plain manner, and one compiled expression finds their cells in a tenth of the
time. It must account for every tag of the rows; where it cannot, every element is looked at.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.guard.notes import Passed, Refused
from pipeline.guard.sheet_cells import ADDRESS, MAX_CELLS, MAX_ROWS, RANGE, TOO_MANY, Sheet
from pipeline.guard.sheet_exact import exact
from pipeline.guard.xml import MAX_DEPTH, formed, is_plain, is_shallow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.guard.sheet_cells import WrittenRange

MAX_REMEMBERED = 2**16
"""Bytes around the rows that are remembered."""

_CELL = re.compile(
    rb'<c r="' + ADDRESS + rb'"(?: s="([0-9]+)")?(?: t="([A-Za-z]+)")?'
    rb"(?:/>|>(<f[^>]*>(?:(?<=/>)|[^<]*</f>))?"
    rb"(?:(<v>[^<&]*|<is>)(?:</v>|<t(?: xml:space=\"preserve\")?>[^<]*</t></is>))?</c>)"
)
"""A value that ends as a text does, or a text that ends as a value, is found too: neither is well-formed."""
_BLANK, _NO_VALUE = b"<v/>", b"<v></v>"
"""The same, written in two ways."""
_IN_PLACE = b"\1"
"""A byte that no XML holds, in the place of a cell."""
_ROW = re.compile(rb"<row(?: [^<>]*)?(?:/>|>[\s\x01]*</row>)")
"""A row and the places of its cells, and nothing else."""
_DATA, _DATA_END = b"<sheetData>", b"</sheetData>"
_ASCII = re.compile(rb"[^>]*encoding\s*=\s*[\"'](?!utf-8)", re.IGNORECASE)
"""The beginning of a part whose letters do not mean in every piece of it what they mean in the whole."""
_DEPTH_OF_DATA = 3
"""Below the data lie row, cell and value."""
_MERGE = re.compile(rb'<mergeCell ref="' + RANGE + rb'"')


def scan(part: bytes, style_formats: Mapping[bytes, str]) -> Sheet:
    """Look at every cell and merged range of a part, refusing one that is not `sound`."""
    return _fast(part, style_formats) or exact(part, style_formats)


def _fast(part: bytes, style_formats: Mapping[bytes, str]) -> Sheet | None:
    """Scan a sound part written in the usual manner; None when this cannot be sure of having seen everything.

    Between the first ``<sheetData>`` and the last ``</sheetData>`` there must be rows of cells and nothing else, and
    around them only tags. So each of the two is a tag, every cell tag of the part has been found, and the part is
    well-formed when the data and what lies around them are.
    """
    begin, end = part.find(_DATA), part.rfind(_DATA_END)
    if not 0 <= begin < end:
        return None
    around = part[: begin + len(_DATA)] + part[end:]
    merges = (_merges if len(around) <= MAX_REMEMBERED else _merges.__wrapped__)(around)
    # Six groups of each cell, and before, between and behind the cells what is none of them.
    found = _CELL.split(part[begin + len(_DATA) : end].replace(_BLANK, _NO_VALUE))
    rest, rows = _ROW.subn(b"", _IN_PLACE.join(found[::7]))
    if merges is None or rest.strip() or not _is_formed(part[begin : end + len(_DATA_END)]):
        return None
    if len(found) > 7 * MAX_CELLS + 7 or rows > MAX_ROWS:
        raise Passed(TOO_MANY)
    sheet = Sheet(style_formats)
    sheet.take(zip(*(found[at::7] for at in range(1, 7)), strict=True))
    sheet.merge(merges)
    return sheet


@lru_cache(maxsize=16)
def _merges(around: bytes) -> list[WrittenRange] | None:
    """Give the merged ranges of a part of which rows and cells are left out; None when this cannot be sure of them.

    Remembered: columns, formats by condition and what may be typed are the same in the returns of many departments.
    """
    found = _MERGE.findall(around)
    sure = (
        _is_formed(around)
        and not _ASCII.match(around)
        and is_plain(around)
        and is_shallow(around, MAX_DEPTH - _DEPTH_OF_DATA)
        and around.count(b"sheetData") == 2  # noqa: PLR2004 - begin and end
        and around.count(b"mergeCell") == len(found) + around.count(b"mergeCells")
    )
    return found if sure else None


def _is_formed(part: bytes) -> bool:
    try:
        formed(part)
    except Refused:
        return False
    return True
