"""Open a workbook as an archive of parts with relations between them, change parts, and pack it again."""

from __future__ import annotations

import io
import posixpath
import zipfile
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from pipeline.workbooks.returned.xml import UneditableError, children, parse, serialise

if TYPE_CHECKING:
    from collections.abc import Iterable

TYPES, BOOK = "[Content_Types].xml", "xl/workbook.xml"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_UNIX = 3
"""The system that every member is said to come from, so that the bytes are the same on all."""
_LEVEL = 3
"""Packs to a tenth more than the usual 6, in six tenths of the time."""
_KEPT = 16
"""Parts of which it is remembered what they say, and become: asked again and again, and alike in many returns."""


class Relation(NamedTuple):
    """A relation of a part: its id, the last word of its type, and the part it leads to.

    An ``external`` one leads out of the package, and ``path`` is its address.
    """

    id: str
    kind: str
    path: str
    external: bool = False


class Package:
    """The parts of a workbook by name; case does not matter in names."""

    def __init__(self, content: bytes) -> None:
        """Unpack a workbook that the guard has passed."""
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            self._parts = {each.filename: archive.read(each) for each in members}
            self._packing = {each.filename: each.compress_type for each in members}
        self._names = {name.lower(): name for name in self._parts}
        kinds = [each.get("Type", "") for each in children(parse(self[relations_path(BOOK)]))]
        self.office = first(kind.removesuffix("/worksheet") for kind in kinds if kind.endswith("/worksheet"))

    def __getitem__(self, name: str) -> bytes:
        """Give a part."""
        return self._parts[self._names[name.lower()]]

    def __setitem__(self, name: str, content: bytes) -> None:
        """Put a part in its place, a new one at the end."""
        self._parts[self._names.setdefault(name.lower(), name)] = content

    def __contains__(self, name: str) -> bool:
        """Tell whether there is such a part."""
        return name.lower() in self._names

    def drop(self, name: str) -> None:
        """Leave a part out; relations that lead to it are left to the caller."""
        if name in self:
            del self._parts[self._names.pop(name.lower())]

    def free_path(self, pattern: str) -> str:
        """Give the first path that no part has; ``{}`` in the pattern stands for a number."""
        return next(path for path in map(pattern.format, range(1, 10**6)) if path not in self)

    def relations(self, name: str, *, external: bool = False) -> list[Relation]:
        """Give the relations of a part to others of the package, and ``external`` ones where asked for."""
        listed = relations_path(name)
        found = _read_relations(self[listed], posixpath.dirname(name)) if listed in self else ()
        return [each for each in found if external or not each.external]

    def relate(self, name: str, kind: str, path: str) -> str:
        """Relate a part to another; give the id of the relation."""
        listed = relations_path(name)
        before = [self[listed]] if listed in self else []
        self[listed], new = _with_relation(*before, kind=f"{self.office}/{kind}", target=f"/{path}")
        return new

    def declare(self, path: str, kind: str) -> None:
        """State the content type of a part."""
        self[TYPES] = _with_type(self[TYPES], f"/{path}", kind)

    def content_type(self, path: str) -> str:
        """Give the content type that is stated for a part; "" where none is."""
        stated = _read_types(self[TYPES])
        return stated.get(f"/{path}".lower(), stated.get(f".{path.lower().rpartition('.')[2]}", ""))

    def names(self) -> list[str]:
        """Give the names of all parts."""
        return list(self._parts)

    def zipped(self) -> bytes:
        """Pack the workbook: the same parts give the same bytes."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, part in self._parts.items():
                member = zipfile.ZipInfo(name)
                member.create_system = _UNIX
                archive.writestr(member, part, self._packing.get(name, zipfile.ZIP_DEFLATED), _LEVEL)
        return stream.getvalue()


@lru_cache(maxsize=_KEPT)
def _read_relations(part: bytes, folder: str) -> tuple[Relation, ...]:
    """Give the relations of a part in this folder."""
    found = []
    for each in children(parse(part)):
        kind = each.attrib["Type"].rpartition("/")[2]
        if each.get("TargetMode", "Internal") == "Internal":
            target = posixpath.join("/", folder, each.attrib["Target"])
            found.append(Relation(each.attrib["Id"], kind, posixpath.normpath(target).lstrip("/")))
        else:
            found.append(Relation(each.attrib["Id"], kind, each.attrib["Target"], external=True))
    return tuple(found)


@lru_cache(maxsize=_KEPT)
def _with_relation(part: bytes = b"", *, kind: str, target: str) -> tuple[bytes, str]:
    """Add a relation to the part that lists them, where there is one; give that part and the id of the relation."""
    root = parse(part) if part else etree.Element(f"{{{_RELATIONS}}}Relationships", nsmap={None: _RELATIONS})
    taken = {each.get("Id") for each in children(root)}
    new = next(each for each in map("rId{}".format, range(1, 10**6)) if each not in taken)
    etree.SubElement(root, f"{{{_RELATIONS}}}Relationship", {"Id": new, "Type": kind, "Target": target})
    return serialise(root), new


@lru_cache(maxsize=_KEPT)
def _with_type(part: bytes, path: str, kind: str) -> bytes:
    """State the content type of a path in the part that lists them."""
    root = parse(part)
    stated = [each for each in children(root, "Override") if each.attrib["PartName"].lower() == path.lower()]
    if stated:
        stated[0].set("ContentType", kind)
    else:
        etree.SubElement(root, f"{{{_CONTENT_TYPES}}}Override", {"PartName": path, "ContentType": kind})
    return serialise(root)


@lru_cache(maxsize=_KEPT)
def _read_types(part: bytes) -> dict[str, str]:
    """Give the content types that are stated, by the name of a part or the ending of names."""
    stated = {}
    for each in children(parse(part)):
        key = each.get("PartName", "").lower() or f".{each.get('Extension', '').lower()}"
        stated[key] = each.get("ContentType", "")
    return stated


def first(found: Iterable[str]) -> str:
    """Give the first of what must be there.

    Raises:
        UneditableError: there is none.
    """
    for each in found:
        return each
    raise UneditableError


def relations_path(name: str) -> str:
    """Give the name of the part that holds the relations of a part."""
    folder, _, last = name.rpartition("/")
    return posixpath.join(folder, "_rels", f"{last}.rels")
