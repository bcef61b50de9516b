"""What of an .xlsx would run, connect or fetch something by itself, known by relation and content type, never by name.

A VBA project is one also where it is stored as ``xl/media/image9.bin``. Nothing of it is opened or executed here.
"""

from __future__ import annotations

import posixpath
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.guard.notes import Refused
from pipeline.guard.xml import walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pipeline.guard.xml import Attributes

MACROS, LINKS = "宏", "对其他文件的链接"
OLD_MACROS = "Excel 4.0 宏表"
_DDE, CONNECTION, _REFRESHED = "DDE 链接", "数据连接", "打开时自动刷新的数据连接"
ACTIVE = {
    "vbaProject": MACROS,
    "xlMacrosheet": OLD_MACROS,
    "xlIntlMacrosheet": OLD_MACROS,
    "externalLink": LINKS,
    "connections": CONNECTION,
    "queryTable": CONNECTION,
    "oleObject": "嵌入的对象",
    "package": "嵌入的对象",
    "control": "控件",
    "activeXControlBinary": "控件",
    "ctrlProp": "控件",
    "extensibility": "自定义菜单",
    "attachedToolbars": "自定义菜单",
    "webextension": "网页加载项",
    "webextensiontaskpanes": "网页加载项",
}
"""Last word of a relation's type → what its part is, in Chinese."""
ELSEWHERE = {"image": "链接到别处的图片", "attachedTemplate": "链接到别处的模板"}
"""Last word of the type of a relation that leads out of the workbook → what is fetched from there."""
_OTHER_ELSEWHERE = "链接到别处的内容"
_TYPES = {
    "vbaproject": MACROS,
    "macrosheet": OLD_MACROS,
    "externallink": LINKS,
    ".connections+": CONNECTION,
    "querytable": CONNECTION,
    "oleobject": "嵌入的对象",
    "activex": "控件",
    "controlproperties": "控件",
    "webextension": "网页加载项",
}
"""Piece of a content type, in lower case → what its part is."""


class _Relation(NamedTuple):
    """A relation: the last word of its type, its target, and whether that lies outside the workbook."""

    kind: str
    target: str
    external: bool


def find_active(types: bytes, parts: Mapping[str, bytes], names: Collection[str]) -> tuple[str, ...]:
    """Give what kinds of active contents a workbook has, in Chinese, each once.

    Args:
        types: the part of the content types.
        parts: the parts in XML by their names in lower case.
        names: the names of all parts, in lower case.
    """
    return tuple(dict.fromkeys([*_by_relation(parts), *_by_type(types, names)]))


def _by_relation(parts: Mapping[str, bytes]) -> Iterator[str]:
    for name in (each for each in parts if each.endswith(".rels")):
        folder = posixpath.dirname(posixpath.dirname(name))
        for kind, target, external in _relations(parts[name]):
            if external:
                if kind != "hyperlink":  # which does nothing until somebody follows it
                    yield ELSEWHERE.get(kind, LINKS if "externallink" in folder else _OTHER_ELSEWHERE)
            elif kind in ACTIVE:
                path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/").lower()
                yield from _within(ACTIVE[kind], parts.get(path, b""))


def _within(active: str, part: bytes) -> Iterator[str]:
    """Say more exactly what a part is, by what stands in it."""
    if active == LINKS and b"ddeLink" in part:
        yield _DDE
    yield _REFRESHED if active == CONNECTION and _is_refreshed(part) else active


def _is_refreshed(part: bytes) -> bool:
    found = False

    def each(_: str, attributes: Attributes) -> None:
        nonlocal found
        found = found or attributes.get("refreshOnLoad") in {"1", "true", "on"}

    with suppress(Refused):  # a part that nobody reads may be odd
        walk(part, each)
    return found


@lru_cache(maxsize=64)
def _relations(part: bytes) -> tuple[_Relation, ...]:
    """Give the relations of a part; remembered, since those of the returns of many departments are the same."""
    found: list[_Relation] = []

    def each(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            kind = attributes.get("Type", "").rstrip("/").rpartition("/")[2]
            external = attributes.get("TargetMode", "Internal") != "Internal"
            found.append(_Relation(kind, attributes.get("Target", "").replace("\\", "/"), external))

    with suppress(Refused):
        walk(part, each)
    return tuple(found)


def _by_type(types: bytes, names: Collection[str]) -> Iterator[str]:
    for where, kind in _active_types(types):
        if where in names or (where.startswith(".") and any(name.endswith(where) for name in names)):
            yield kind


@lru_cache(maxsize=16)
def _active_types(part: bytes) -> tuple[tuple[str, str], ...]:
    """Give the parts, or endings of parts, that are stated to be active, and what they are."""
    found: list[tuple[str, str]] = []

    def each(_: str, attributes: Attributes) -> None:
        stated = attributes.get("ContentType", "").lower()
        where = attributes.get("PartName", "").lower().lstrip("/") or f".{attributes.get('Extension', '').lower()}"
        found.extend((where, kind) for piece, kind in _TYPES.items() if piece in stated)

    with suppress(Refused):
        walk(part, each)
    return tuple(found)
