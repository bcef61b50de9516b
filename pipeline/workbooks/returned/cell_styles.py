"""Add formats to a workbook: those of its own cells with another fill, and a few of our own."""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import TYPE_CHECKING

from lxml import etree

from pipeline.workbooks.returned.package import BOOK, Package, first
from pipeline.workbooks.returned.xml import bare, child, children, fragment, namespace, parse, serialise

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

FILL = '<fill><patternFill patternType="solid"><fgColor rgb="{}"/><bgColor indexed="64"/></patternFill></fill>'
NO_FILL = '<fill><patternFill patternType="none"/></fill>'
_EDGE = '<{0} style="thin"><color rgb="FF7F7F7F"/></{0}>'
_BOX = f"<border>{''.join(map(_EDGE.format, ('left', 'right', 'top', 'bottom')))}<diagonal/></border>"
FONT = '<font>{}<name val="{}"/><charset val="134"/></font>'


class StyleSheet:
    """The formats of a workbook; a style is the number of an entry of ``cellXfs``."""

    def __init__(self, package: Package) -> None:
        """Find the formats that a workbook has."""
        self._package = package
        self._path = first(each.path for each in package.relations(BOOK) if each.kind == "styles")
        self._root = parse(package[self._path])
        self._sections = {name: child(self._root, name) for name in ("fonts", "fills", "borders", "cellXfs")}
        self._sizes = {name: len(children(section)) for name, section in self._sections.items()}
        self._styles = children(self._sections["cellXfs"])
        self._fills = _read_fills(package[self._path])
        self._added: dict[tuple[str, str], int] = {}
        self._filled: dict[tuple[int, str], int] = {}
        self._texts: dict[tuple[str, str, bool, str], int] = {}

    def add(self, section: str, xml: str) -> int:
        """Add an entry to a section, once; give its number."""
        key = (section, xml)
        if key not in self._added:
            self._added[key] = self._append(section, fragment(xml, namespace(self._root)))
        return self._added[key]

    def _append(self, section: str, entry: Element) -> int:
        self._sections[section].append(entry)
        self._sizes[section] += 1
        return self._sizes[section] - 1

    def fill(self, style: int) -> str:
        """Give the fill of a style, as XML without prefixes."""
        return self._fills[int(self._styles[style].get("fillId", "0"))]

    def with_fill(self, style: int, fill: str) -> int:
        """Give a style that differs from another only in its fill."""
        if (style, fill) not in self._filled:
            entry = copy.deepcopy(self._styles[style])
            number = self._fills.index(fill) if fill in self._fills else self.add("fills", fill)
            entry.set("fillId", str(number))
            entry.set("applyFill", "1")
            key = ("cellXfs", etree.tostring(entry, encoding="unicode", with_tail=False))
            if key not in self._added:
                self._added[key] = self._append("cellXfs", entry)
            self._filled[style, fill] = self._added[key]
        return self._filled[style, fill]

    def text_style(self, font: str, *, fill: str = "", box: bool = True, align: str = "left") -> int:
        """Give a style of our own for text that is wrapped."""
        key = (font, fill, box, align)
        if key not in self._texts:
            parts = {
                "fontId": self.add("fonts", font),
                "fillId": self.add("fills", FILL.format(fill)) if fill else 0,
                "borderId": self.add("borders", _BOX) if box else 0,
            }
            shown = " ".join(f'{name}="{number}" apply{name[:-2].title()}="1"' for name, number in parts.items())
            flow = f'<alignment horizontal="{align}" vertical="center" wrapText="1"/>'
            self._texts[key] = self.add("cellXfs", f'<xf numFmtId="0" {shown} xfId="0" applyAlignment="1">{flow}</xf>')
        return self._texts[key]

    def save(self) -> None:
        """Write the formats back into the workbook."""
        for name, section in self._sections.items():
            section.set("count", str(self._sizes[name]))
        self._package[self._path] = serialise(self._root)


@lru_cache(maxsize=4)
def _read_fills(part: bytes) -> tuple[str, ...]:
    """Give the fills of a part with formats, as XML without prefixes: the same in most returns of a county."""
    return tuple(bare(each) for each in children(child(parse(part), "fills")))
