"""Whether an .xlsx has more to see than values and number formats, and the parts that show it."""

from __future__ import annotations

import posixpath
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.guard.notes import Parts, Refused
from pipeline.guard.xml import walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.guard.xml import Attributes

_RUNS = (b"vertAlign", b"strike")
_LINES = (b'hidden="', b"hidden='", b' ht="0', b' width="0')
_HIDDEN_LINE = re.compile(rb"hidden=[\"'](?:1|true)|\s(?:ht|width)=[\"']0(?:\.0*)?[\"']")


def _has_runs(part: bytes) -> bool:
    return any(mark in part for mark in _RUNS)


def _hides_lines(part: bytes) -> bool:
    # A plain search finds nothing in most parts, and is ten times as fast as an expression.
    return any(mark in part for mark in _LINES) and bool(_HIDDEN_LINE.search(part))


def closer_parts(
    paths: Mapping[str, str], parts: Mapping[str, bytes], texts: bytes, struck: frozenset[int]
) -> Parts | None:
    """Give the parts to look closer at: None where there are no runs, struck fonts, hidden lines or comments.

    ``paths`` are the parts of the sheets by their names, ``texts`` the table of texts, ``struck`` the styles whose font
    is struck through.
    """
    comments = {name: _comments(path, parts) for name, path in paths.items()}
    plain = not (
        struck
        or any(comments.values())
        or _has_runs(texts)
        or any(_has_runs(parts[path]) or _hides_lines(parts[path]) for path in paths.values())
    )
    if plain:
        return None
    return Parts(texts, {name: (parts[path], comments[name]) for name, path in paths.items()}, struck)


def _comments(path: str, parts: Mapping[str, bytes]) -> bytes:
    """Give the part with the comments of a sheet, b"" where it has none."""
    folder, _, name = path.rpartition("/")
    relations = parts.get(f"{folder}/_rels/{name}.rels")
    if relations is None or b"/comments" not in relations:
        return b""
    found: list[str] = []

    def each(element: str, attributes: Attributes) -> None:
        if element == "Relationship" and attributes.get("Type", "").endswith("/comments"):
            target = attributes.get("Target", "")
            found.append(posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/").lower())

    with suppress(Refused):  # a part that nobody reads for values may be odd
        walk(relations, each)
    return next((parts[each] for each in found if each in parts), b"")
