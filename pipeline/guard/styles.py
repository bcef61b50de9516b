"""The cell styles of an .xlsx: their number formats, and which are struck through."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.guard.built_in_formats import BUILT_IN
from pipeline.guard.xml import walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.guard.xml import Attributes


class Styles(NamedTuple):
    """The number formats by style, b"" for cells without one, and the styles whose font is struck through."""

    formats: Mapping[bytes, str]
    struck: frozenset[int]


@lru_cache(maxsize=16)
def read_styles(part: bytes) -> Styles:
    """Give what the styles of cells say: their number formats but for General, and fonts that are struck through."""
    codes = {str(number): code for number, code in BUILT_IN.items()}
    styles: list[tuple[str, str]] = []
    struck: set[int] = set()
    fonts, section = -1, ""

    def each(name: str, attributes: Attributes) -> None:
        nonlocal fonts, section
        if name in _SECTIONS:
            section = name
        elif name == "numFmt" and section == "numFmts":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif section == "fonts":
            fonts += name == "font"
            if name == "strike" and attributes.get("val", "1") not in {"0", "false"}:
                struck.add(fonts)
        elif name == "xf" and section == "cellXfs":
            styles.append((attributes.get("numFmtId", "0"), attributes.get("fontId", "0")))

    walk(part, each)
    formats = {str(number).encode(): codes.get(kind, "") for number, (kind, _) in enumerate(styles)}
    formats = {number: code for number, code in formats.items() if code not in {"", "General"}}
    if b"0" in formats:  # the default style holds for cells without a style of their own
        formats[b""] = formats[b"0"]
    fonts_struck = {number for number, (_, font) in enumerate(styles) if font.isdecimal() and int(font) in struck}
    return Styles(formats, frozenset(fonts_struck))


_SECTIONS = {"numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles"}
