"""The parts of a workbook and their relations: read, changed one by one, and packed again."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.guard.xml import sound
from pipeline.workbooks.returned.xml import OddError, Part
from pipeline.workbooks.returned.zip import Packed, archive, members

if TYPE_CHECKING:
    from collections.abc import Iterator


TYPES, BOOK = "[Content_Types].xml", "xl/workbook.xml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RUNS = re.compile(r"vbaproject|vbadata|^_xmlsignatures/|^xl/calcchain\.xml$")
"""Macros; signatures, which no longer hold; and the order of calculation, which every program makes anew."""

_KEPT = 32
"""Relations that are remembered: those of most returns of a county are the same."""


class Relation(NamedTuple):
    """A relation of a part: its id, the last word of its type, and the part it leads to."""

    id: str
    kind: str
    path: str


class Package:
    """The parts of a workbook by name; names are one whatever their case."""

    def __init__(self, content: bytes) -> None:
        """Unpack a workbook."""
        self._passed = {name: part for name, part in members(content).items() if not name.endswith("/")}
        self._parts: dict[str, Packed | bytes] = {**self._passed}
        self._names = {name.lower(): name for name in self._parts}
        if any(name.startswith("xl/macrosheets/") for name in self._names):
            raise OddError("macrosheets")
        kinds = [each.attributes.get("Type", "") for each in Part(self[relations_of(BOOK)]).root.children]
        self.office = only(kind.removesuffix("/worksheet") for kind in kinds if kind.endswith("/worksheet"))

    def __getitem__(self, name: str) -> bytes:
        """Give a part."""
        part = self._parts[self._names[name.lower()]]
        return part.unpacked if isinstance(part, Packed) else part

    def __setitem__(self, name: str, content: bytes | str) -> None:
        """Put a part in its place, a new one at the end."""
        known = self._names.setdefault(name.lower(), name)
        written = content.encode() if isinstance(content, str) else content
        before = self._parts.get(known)
        if not (isinstance(before, Packed) and before.unpacked == written):
            self._parts[known] = written

    def __contains__(self, name: str) -> bool:
        """Tell whether there is such a part."""
        return name.lower() in self._names

    def __len__(self) -> int:
        """Count the parts."""
        return len(self._parts)

    def drop(self, name: str) -> None:
        """Leave a part out; what leads to it is left to the caller."""
        if name in self:
            del self._parts[self._names.pop(name.lower())]

    def free(self, pattern: str) -> str:
        """Give the first name that no part has."""
        return next(name for name in map(pattern.format, range(1, 10**6)) if name not in self)

    def relations(self, name: str) -> tuple[Relation, ...]:
        """Give the relations of a part to others of the package."""
        listed = relations_of(name)
        return _relations(posixpath.dirname(name), self[listed]) if listed in self else ()

    def relate(self, name: str, kind: str, path: str) -> str:
        """Relate a part to another; give the id of the relation."""
        listed = relations_of(name)
        if listed not in self:
            self[listed] = f'{XML}<Relationships xmlns="{_PACKAGE}"/>'
        part = Part(self[listed])
        taken = {each.attributes.get("Id") for each in part.root.children}
        new = next(each for each in map("rId{}".format, range(1, 10**6)) if each not in taken)
        part.append(part.root, f'<Relationship Id="{new}" Type="{self.office}/{kind}" Target="/{path}"/>')
        self[listed] = part.done()
        return new

    def declare(self, path: str, kind: str) -> None:
        """State the content type of a part."""
        part = Part(self[TYPES])
        for each in part.root.all("Override"):
            if each.attributes["PartName"].lower() == f"/{path}".lower():
                part.set(each, "ContentType", kind)
                break
        else:
            part.append(part.root, f'<Override PartName="/{path}" ContentType="{kind}"/>')
        self[TYPES] = part.done()

    def drop_what_runs(self) -> None:
        """Leave macros out, and what does not hold once the workbook is changed; it becomes a plain workbook."""
        gone = {name for name in self._names if _RUNS.search(name)}
        for name in (BOOK, ""):
            listed = relations_of(name)
            dead = {each.id for each in self.relations(name) if each.path.lower() in gone}
            part = Part(self[listed])
            for each in part.root.children:
                if each.attributes["Id"] in dead:
                    part.drop(each)
            self[listed] = part.done()
        part = Part(self[TYPES])
        for each in part.root.all("Override"):
            if each.attributes["PartName"].lower().lstrip("/") in gone:
                part.drop(each)
        self[TYPES] = part.done()
        for name in gone:
            self.drop(name)
        self.declare(BOOK, f"{SPREADSHEET}.sheet.main+xml")

    @property
    def size(self) -> int:
        """The bytes of all parts together; of one that is longer packed than unpacked, those."""
        return sum(
            max(part.size, len(part.content)) if isinstance(part, Packed) else len(part)
            for part in self._parts.values()
        )

    def changed(self) -> dict[str, bytes]:
        """Give the parts that are new or another than in the workbook as it was sent."""
        return {name: part for name, part in self._parts.items() if isinstance(part, bytes)}

    def passed(self, name: str) -> bytes:
        """Give a part as it was sent."""
        return self._passed[self._names[name.lower()]].unpacked

    def zipped(self) -> bytes:
        """Pack the workbook: the same parts give the same bytes."""
        return archive(self._parts)


@lru_cache(maxsize=_KEPT)
def _relations(folder: str, part: bytes) -> tuple[Relation, ...]:
    # The guard has not looked into those of sheets.
    sound(part)
    found = []
    for each in Part(part).root.children:
        if each.attributes.get("TargetMode", "Internal") == "Internal":
            target = posixpath.join("/", folder, each.attributes["Target"])
            kind = each.attributes["Type"].rpartition("/")[2]
            found.append(Relation(each.attributes["Id"], kind, posixpath.normpath(target).lstrip("/")))
    return tuple(found)


def only(found: Iterator[str]) -> str:
    """Give the first of what must be there."""
    for each in found:
        return each
    raise OddError


def relations_of(name: str) -> str:
    """Give the name of the part that holds the relations of a part."""
    folder, _, last = name.rpartition("/")
    return posixpath.join(folder, "_rels", f"{last}.rels")
