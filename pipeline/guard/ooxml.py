"""The parts of an .xlsx workbook: content type, sheets by name, texts, number formats, found as calamine finds them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.guard.notes import (
    FORM,
    MAX_AREA,
    MAX_SHEETS,
    MAX_TEXT,
    PERCENT_FORMATS,
    SPREAD,
    TRIM,
    Notes,
    Refused,
    shows_percent,
)
from pipeline.guard.sheet_fast import scan
from pipeline.guard.xml import ODD, sound, untyped, walk

if TYPE_CHECKING:
    from pipeline.guard.xml import Attributes

_TYPES, _BOOK = "[content_types].xml", "xl/workbook.xml"
_RELATIONS, _TEXTS, _STYLES = "xl/_rels/workbook.xml.rels", "xl/sharedstrings.xml", "xl/styles.xml"
_HOMES = {"sharedStrings": _TEXTS, "styles": _STYLES}
_HIDDEN = {"hidden", "veryHidden"}
MAX_TEXTS = 2_000_000
"""What the table of texts may claim to hold: calamine reserves room for it unseen, and aborts when there is none."""

_KEPT = 16
"""Parts of which it is remembered what they say: but for the sheets, the returns of a county are mostly the same."""
MAX_TAGS = 1_500_000
"""Tags of all parts: 5000 rows of thirty filled columns have 600,000; two seconds' work for the slow way."""

_NOT_A_BOOK = f"不是 Excel 工作簿，或缺少内容类型说明；{FORM}"
_KIND = re.compile(
    r"application/vnd\.(openxmlformats-officedocument\.spreadsheetml|ms-excel)\.(sheet|template)(\.macroEnabled)?"
    r"\.main\+xml"
)
_TEXT_END = re.compile(rb"</(?:[\w.-]+:)?si\s*>|<(?:[\w.-]+:)?si(?:\s[^>]*)?/>")


class _Named(NamedTuple):
    """A sheet as the workbook lists it."""

    name: str
    relation: str
    hidden: bool


def inspect(parts: dict[str, bytes], names: set[str]) -> Notes:
    """Check the parts that will be read and note what they hold; ``names`` are those of all members, in lower case."""
    read = {_TYPES, _BOOK, _RELATIONS, _TEXTS, _STYLES}
    if not {_TYPES, _BOOK, _RELATIONS} <= parts.keys():
        raise Refused(ODD if _TYPES in parts else _NOT_A_BOOK)
    kind = _content_type(parts[_TYPES])
    listed, targets = _listed(parts[_BOOK]), _targets(parts[_RELATIONS])
    paths = {each.name: _path(each, targets, parts) for each in listed}
    if len(paths) != len(listed) or len(set(paths.values())) != len(listed) or not listed:
        raise Refused(ODD)
    if len(listed) > MAX_SHEETS:
        raise Refused(f"工作簿有{len(listed)}张工作表，不像填报表；{FORM}")
    read |= set(paths.values())
    for name in parts.keys() - read:
        untyped(parts[name])
    read &= parts.keys()
    if sum(len(parts[name]) for name in read) > MAX_TAGS and sum(parts[name].count(b"<") for name in read) > MAX_TAGS:
        raise Refused(f"工作簿过大，不像填报表；{FORM}")
    percent_styles = _percent_styles(parts[_STYLES]) if _STYLES in parts else frozenset()
    sheets, area, strings = {}, 0, list[bytes]()
    for each in listed:
        sheet = scan(parts[paths[each.name]], percent_styles)
        area += sheet.area
        strings += sheet.strings
        sheets[each.name] = sheet.notes(hidden=each.hidden)
    if area > MAX_AREA:
        raise Refused(SPREAD)
    _texts(parts.get(_TEXTS), strings)
    macros = "macro" in kind.lower() or any(name.endswith("vbaproject.bin") for name in names)
    macros = macros or any(name.startswith("xl/macrosheets/") for name in names)
    links = any(name.startswith("xl/externallinks/") or name == "xl/connections.xml" for name in names)
    return Notes("xlsx", sheets, macros=macros, external_links=links)


@lru_cache(maxsize=_KEPT)
def _content_type(part: bytes) -> str:
    """Give the content type of the workbook, which must be one that holds sheets."""
    found = {"": ""}

    def each(name: str, attributes: Attributes) -> None:
        if name == "Override" and attributes.get("PartName", "").lower() == f"/{_BOOK}":
            found["override"] = attributes.get("ContentType", "")
        elif name == "Default" and attributes.get("Extension", "").lower() == "xml":
            found[""] = attributes.get("ContentType", "")

    walk(part, each)
    kind = found.get("override", found[""])
    if not _KIND.fullmatch(kind):
        raise Refused(_NOT_A_BOOK)
    return kind


@lru_cache(maxsize=_KEPT)
def _listed(part: bytes) -> tuple[_Named, ...]:
    found: list[_Named] = []

    def each(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            relations = [value for key, value in attributes.items() if key.endswith(":id")]
            if len(relations) != 1 or attributes.get("state", "visible") not in {"visible", *_HIDDEN}:
                raise Refused(ODD)
            found.append(_Named(attributes.get("name", ""), relations[0], attributes.get("state") in _HIDDEN))

    walk(part, each)
    return tuple(found)


@lru_cache(maxsize=_KEPT)
def _targets(part: bytes) -> dict[str, str]:
    """Give the target of every relation of the workbook, as calamine resolves it."""
    found: dict[str, str] = {}

    def each(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "")
            inside = attributes.get("TargetMode", "Internal") == "Internal"
            path = (target[1:] if target.startswith("/") else f"xl/{target}").lower()
            relation = attributes.get("Id", "")
            # calamine looks for texts and styles at home only, and keeps the last of two relations.
            if relation in found or _HOMES.get(attributes.get("Type", "").rpartition("/")[2], path) != path:
                raise Refused(ODD)
            found[relation] = path if inside else ""

    walk(part, each)
    return found


def _path(sheet: _Named, targets: dict[str, str], parts: dict[str, bytes]) -> str:
    path = targets.get(sheet.relation, "")
    if path not in parts:
        raise Refused(f"文件已损坏：缺少工作表“{sheet.name}”的内容；请在本机打开、重新保存后再报送")
    return path


@lru_cache(maxsize=_KEPT)
def _percent_styles(part: bytes) -> frozenset[bytes]:
    """Give the numbers of the cell styles whose number format shows a percentage; "" stands for style 0."""
    formats = dict.fromkeys(map(str, PERCENT_FORMATS), True)
    styles: list[str] = []
    section = ""

    def each(name: str, attributes: Attributes) -> None:
        nonlocal section
        if name in _SECTIONS:
            section = name
        elif name == "numFmt" and section == "numFmts":
            formats[attributes.get("numFmtId", "")] = shows_percent(attributes.get("formatCode", ""))
        elif name == "xf" and section == "cellXfs":
            styles.append(attributes.get("numFmtId", ""))

    walk(part, each)
    found = {str(number).encode() for number, style in enumerate(styles) if formats.get(style)}
    return frozenset(found | {b""} if b"0" in found else found)


_SECTIONS = {"numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles"}


def _texts(part: bytes | None, strings: list[bytes]) -> None:
    """Bound the table of texts, and what it comes to in all the cells that show its texts."""
    if part is None:
        return
    attributes, plain = sound(part)
    for name, value in attributes.items():
        if name in {"count", "uniqueCount"} and not (re.fullmatch("[0-9]{1,7}", value) and int(value) <= MAX_TEXTS):
            raise Refused(ODD)
    if len(part) * len(strings) > MAX_TEXT:
        lengths = [len(text) for text in _TEXT_END.split(part)]
        total = sum(lengths[number] for number in map(int, strings) if number < len(lengths))
        # A comment or CDATA could pretend an end.
        if total > MAX_TEXT or not plain:
            raise Refused(f"工作簿里的文字过多；{TRIM}")
