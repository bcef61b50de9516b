"""The formats of a workbook: those of its cells with another fill, and a few of our own."""

from __future__ import annotations

from typing import Any

from pipeline.workbooks.returned.package import BOOK, Package, only
from pipeline.workbooks.returned.xml import Element, Part

FILL = '<fill><patternFill patternType="solid"><fgColor rgb="{}"/><bgColor indexed="64"/></patternFill></fill>'
NO_FILL = '<fill><patternFill patternType="none"/></fill>'
_EDGE = '<{0} style="thin"><color rgb="FF7F7F7F"/></{0}>'
_BOX = f"<border>{''.join(map(_EDGE.format, ('left', 'right', 'top', 'bottom')))}<diagonal/></border>"
FONT = '<font>{}<name val="{}"/><charset val="134"/></font>'


class Looks:
    """The formats of the workbook, to which ours are added."""

    def __init__(self, package: Package) -> None:
        """Find the formats there are."""
        self._package = package
        self._path = only(each.path for each in package.relations(BOOK) if each.kind == "styles")
        self._part = Part(package[self._path])
        root = self._part.root
        self._sections = {name: root.get(name) for name in ("fonts", "fills", "borders", "cellXfs")}
        self._sizes = {name: len(section.children) for name, section in self._sections.items()}
        self._styles = self._sections["cellXfs"].children
        self._fills = [self._bare(each) for each in self._sections["fills"].children]
        self._known: dict[Any, int] = {}
        self._filled: dict[tuple[int, str], int] = {}

    def _bare(self, element: Element) -> str:
        """Give an element without its prefix, as it can be written anywhere."""
        raw = self._part.raw(element).decode()
        return raw.replace(f"<{element.prefix}", "<").replace(f"</{element.prefix}", "</") if element.prefix else raw

    def add(self, section: str, xml: str | bytes) -> int:
        """Add an entry to a section, once; give its number."""
        key = (section, xml)
        if key not in self._known:
            self._part.append(self._sections[section], xml)
            self._known[key] = self._sizes[section]
            self._sizes[section] += 1
        return self._known[key]

    def fill(self, style: int) -> str:
        """Give the fill of a style."""
        return self._fills[int(self._styles[style].attributes.get("fillId", "0"))]

    def filled(self, style: int, fill: str) -> int:
        """Give a style that differs from another only in its fill."""
        if (style, fill) not in self._filled:
            self._filled[style, fill] = self._made(style, fill)
        return self._filled[style, fill]

    def _made(self, style: int, fill: str) -> int:
        number = self._fills.index(fill) if fill in self._fills else self.add("fills", fill)
        part = Part(self._part.raw(self._styles[style]))
        part.set(part.root, "fillId", str(number))
        part.set(part.root, "applyFill", "1")
        return self.add("cellXfs", part.done())

    def make(self, font: str, *, fill: str = "", box: bool = True, align: str = "left") -> int:
        """Give a style of our own for text that is wrapped."""
        parts = {
            "fontId": self.add("fonts", font),
            "fillId": self.add("fills", FILL.format(fill)) if fill else 0,
            "borderId": self.add("borders", _BOX) if box else 0,
        }
        told = " ".join(f'{name}="{number}" apply{name[:-2].title()}="1"' for name, number in parts.items())
        flow = f'<alignment horizontal="{align}" vertical="center" wrapText="1"/>'
        return self.add("cellXfs", f'<xf numFmtId="0" {told} xfId="0" applyAlignment="1">{flow}</xf>')

    def save(self) -> None:
        """Write the formats back."""
        for name, section in self._sections.items():
            self._part.set(section, "count", str(self._sizes[name]))
        self._package[self._path] = self._part.done()
