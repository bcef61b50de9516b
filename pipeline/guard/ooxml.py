"""The parts of an .xlsx workbook: content type, sheets by name, texts, number formats, found as calamine finds them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.guard.active_parts import LINKS, MACROS, OLD_MACROS, find_active
from pipeline.guard.cell_pictures import pictured_values
from pipeline.guard.closer_parts import closer_parts
from pipeline.guard.notes import (
    DAMAGED,
    FORM,
    MAX_AREA,
    MAX_SHEETS,
    MAX_TEXT,
    SPREAD,
    TRIM,
    Notes,
    Refused,
    SheetNotes,
)
from pipeline.guard.sheet_fast import scan
from pipeline.guard.styles import Styles, read_styles
from pipeline.guard.xml import ODD, sound, untyped, walk

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pipeline.guard.sheet_cells import Sheet
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
_TEXT_END = re.compile(rb"</(?:[\w.-]+:)?si\s*>|<(?:[\w.-]+:)?si(?:\s[^<>]*)?/>")


class _Named(NamedTuple):
    """A sheet as the workbook lists it."""

    name: str
    relation: str
    hidden: bool


class _Listed(NamedTuple):
    """What the workbook itself says."""

    sheets: tuple[_Named, ...]
    manual: bool
    epoch_1904: bool


def inspect(parts: dict[str, bytes], names: set[str]) -> Notes:
    """Check the parts that will be read and note what they hold; ``names`` are those of all members, in lower case.

    A sheet that holds more than a form does, or that is no worksheet, is passed over, as long as another one is read.
    """
    if not {_TYPES, _BOOK, _RELATIONS} <= parts.keys():
        raise Refused(ODD if _TYPES in parts else _NOT_A_BOOK)
    for part in parts.values():
        untyped(part)
    wide = [name for name, part in parts.items() if part.startswith(_WIDE)]
    parts = parts | {name: _narrow(parts[name]) for name in wide}
    kind = _content_type(parts[_TYPES])
    book, targets = _listed(parts[_BOOK]), _targets(parts[_RELATIONS])
    paths = {each.name: targets.get(each.relation, ("", ""))[1] for each in book.sheets}
    if len(paths) != len(book.sheets) or not book.sheets:
        raise Refused(ODD)
    if len(book.sheets) > MAX_SHEETS:
        raise Refused(f"工作簿有{len(book.sheets)}张工作表，不像填报表；{FORM}")
    read = ({_TYPES, _BOOK, _RELATIONS, _TEXTS, _STYLES} | set(paths.values())) & parts.keys()
    if sum(len(parts[name]) for name in read) > MAX_TAGS and sum(parts[name].count(b"<") for name in read) > MAX_TAGS:
        raise Refused(f"工作簿过大，不像填报表；{FORM}")
    styles = read_styles(parts[_STYLES]) if _STYLES in parts else Styles({}, frozenset())
    seen: dict[str, Sheet | str] = {}
    for each in book.sheets:
        seen[each.name] = _sheet(each, targets, parts, styles, [paths[name] for name in seen])
    _bound_area(seen)
    found = {name: sheet for name, sheet in seen.items() if not isinstance(sheet, str)}
    if not found:
        raise Refused(next(iter(seen.values())))
    odd_texts = _texts(parts.get(_TEXTS), [text for sheet in found.values() for text in sheet.strings])
    strange = any(targets.get(each.relation, ("", ""))[0] not in _KNOWN_SHEETS for each in book.sheets)
    odd = wide or strange or odd_texts or any(sheet.new_errors for sheet in found.values())
    pictured = pictured_values(parts, targets.values()) if any(sheet.rich for sheet in found.values()) else ()
    active = find_active(parts[_TYPES], parts, names)
    closer = closer_parts({name: paths[name] for name in found}, parts, parts.get(_TEXTS, b""), styles.struck)
    return Notes(
        "xlsx",
        {each.name: _notes(seen[each.name], pictured, hidden=each.hidden) for each in book.sheets},
        macros="macro" in kind.lower() or bool({MACROS, OLD_MACROS} & set(active)),
        external_links=LINKS in active,
        active=tuple(each for each in active if each not in {MACROS, LINKS}),
        engine="openpyxl" if odd else "calamine",
        manual=book.manual,
        epoch_1904=book.epoch_1904,
        closer=closer is not None,
        parts=closer,
    )


def _notes(seen: Sheet | str, pictured: Collection[int], *, hidden: bool) -> SheetNotes:
    """Give the notes of a sheet, or why it is passed over."""
    return SheetNotes(passed=seen) if isinstance(seen, str) else seen.notes(pictured, hidden=hidden)


_WIDE = (b"\xff\xfe", b"\xfe\xff")
_KNOWN_SHEETS = {"worksheet", "chartsheet", "dialogsheet"}
"""What calamine knows; with any other sheet it does not take the file for a workbook."""
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")


def _narrow(part: bytes) -> bytes:
    """Write a part in UTF-16 as UTF-8, without the declaration that says otherwise."""
    try:
        return _DECLARED.sub("", part.decode("utf-16")).encode()
    except UnicodeError as error:
        raise Refused(DAMAGED) from error


def _sheet(
    named: _Named,
    targets: Mapping[str, tuple[str, str]],
    parts: Mapping[str, bytes],
    styles: Styles,
    taken: Collection[str],
) -> Sheet | str:
    """Look at one sheet; say why it is passed over where it is."""
    kind, path = targets.get(named.relation, ("", ""))
    if kind not in {"worksheet", ""} or not named.relation:
        return f"工作表“{named.name}”是宏表、图表或对话框，不是表格"
    if path not in parts:
        return f"文件已损坏：缺少工作表“{named.name}”的内容；请在本机打开、重新保存后再报送"
    if path in taken:
        raise Refused(ODD)
    try:
        return scan(parts[path], styles.formats)
    except Refused as refusal:
        return f"工作表“{named.name}”：{refusal}"


def _bound_area(seen: dict[str, Sheet | str]) -> None:
    """Pass the largest sheets over until the rectangles around the content of the others are moderate together."""
    areas = sorted((sheet.area, name) for name, sheet in seen.items() if not isinstance(sheet, str))
    while sum(area for area, _ in areas) > MAX_AREA:
        _, name = areas.pop()
        seen[name] = f"工作表“{name}”：{SPREAD}"


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
def _listed(part: bytes) -> _Listed:
    found: list[_Named] = []
    flags = {"manual": False, "epoch_1904": False}

    def each(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            relations = [value for key, value in attributes.items() if key.endswith(":id")]
            if len(relations) != 1 or attributes.get("state", "visible") not in {"visible", *_HIDDEN}:
                raise Refused(ODD)
            found.append(_Named(attributes.get("name", ""), relations[0], attributes.get("state") in _HIDDEN))
        elif name == "calcPr":
            flags["manual"] = attributes.get("calcMode") == "manual"
        elif name == "workbookPr":
            flags["epoch_1904"] = attributes.get("date1904") in {"1", "true", "on"}

    walk(part, each)
    return _Listed(tuple(found), **flags)


@lru_cache(maxsize=_KEPT)
def _targets(part: bytes) -> dict[str, tuple[str, str]]:
    """Give kind and target of every relation of the workbook, as calamine resolves it."""
    found: dict[str, tuple[str, str]] = {}

    def each(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "").replace("\\", "/")
            inside = attributes.get("TargetMode", "Internal") == "Internal"
            path = (target[1:] if target.startswith("/") else f"xl/{target}").lower()
            relation, kind = attributes.get("Id", ""), attributes.get("Type", "").rpartition("/")[2]
            # calamine looks for texts and styles at home only, and keeps the last of two relations.
            if relation in found or _HOMES.get(kind, path) != path:
                raise Refused(ODD)
            found[relation] = (kind, path if inside else "")

    walk(part, each)
    return found


def _texts(part: bytes | None, strings: list[bytes]) -> bool:
    """Bound the table of texts, and what it comes to in all the cells that show its texts; tell whether it lies."""
    if part is None:
        return False
    attributes, plain = sound(part)
    if len(part) * len(strings) > MAX_TEXT:
        lengths = [len(text) for text in _TEXT_END.split(part)]
        total = sum(lengths[number] for number in map(int, strings) if number < len(lengths))
        # A comment or CDATA could pretend an end.
        if total > MAX_TEXT or not plain:
            raise Refused(f"工作簿里的文字过多；{TRIM}")
    stated = [value for name, value in attributes.items() if name in {"count", "uniqueCount"}]
    return not all(re.fullmatch("[0-9]{1,7}", value) and int(value) <= MAX_TEXTS for value in stated)
