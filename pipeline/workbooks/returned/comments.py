"""The comments of a sheet, ours added to those of the department."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from pipeline.cells import cell_of
from pipeline.guard.xml import sound
from pipeline.reading.workbook import address
from pipeline.text_format import display_width
from pipeline.workbooks.returned.package import SPREADSHEET, XML, Package
from pipeline.workbooks.returned.xml import Element, OddError, Part, xml_text
from schemas.lists.returned import AUTHOR, MARK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pipeline.cells import Cell
    from pipeline.workbooks.returned.sheet_xml import Grid

_VML = "urn:schemas-microsoft-com:"
_BOX_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_DRAWING = (
    f'<xml xmlns:v="{_VML}vml" xmlns:o="{_VML}office:office" xmlns:x="{_VML}office:excel"><o:shapelayout v:ext="edit">'
    '<o:idmap v:ext="edit" data="{}"/></o:shapelayout></xml>'
)
_SHAPE = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;visibility:hidden" '
    'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
    '<v:path o:connecttype="none"/><v:textbox><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_SPACE_AT_END = re.compile(rb"(?:\s|&#(?:10|13|x[AaDd]);)+$")
_WIDE = 48
"""Columns of a Latin letter that the box of a comment is wide."""
_RUN = '<r><rPr><sz val="9"/><color indexed="81"/><rFont val="宋体"/></rPr><t xml:space="preserve">{}</t></r>'


class Comments:
    """The comments of a sheet: the department's own stay, those of an earlier return go."""

    def __init__(self, package: Package, path: str, grid: Grid, number: int) -> None:
        """Find the comments there are; ``number`` is that of the sheet, from 1."""
        self._package, self._sheet, self._grid, self._number = package, path, grid, number
        related = package.relations(path)
        self._path = next((each.path for each in related if each.kind == "comments"), "")
        drawing = grid.part.root.find("legacyDrawing")
        wanted = {value for name, value in drawing.attributes.items() if name.endswith(":id")} if drawing else set()
        self._drawing = next((each.path for each in related if each.id in wanted), "")
        if self._path:
            # The guard has not looked into it.
            sound(package[self._path])
        self._part = Part(package[self._path]) if self._path else None
        self._own: dict[Cell, Element] = {}
        self._gone: set[Cell] = set()
        self.earlier: set[Cell] = set()
        if self._part:
            self._take(self._part)

    def _take(self, part: Part) -> None:
        """Tell the department's comments from ours, and leave ours out."""
        for comment in part.root.get("commentList").all("comment"):
            cell = cell_of(comment.attributes["ref"])
            if cell is None:
                raise OddError(comment.attributes["ref"])
            texts = list(comment.under("t"))
            whole = b"".join(part.content[each.inner : each.close] for each in texts)
            mine = whole.find(MARK.encode())
            if mine >= 0:
                self.earlier.add(cell)
            if mine >= 0 and not whole[:mine].strip():
                part.drop(comment)
                self._gone.add(cell)
                continue
            self._own[cell] = comment
            if mine >= 0:
                _cut(part, texts, len(_SPACE_AT_END.sub(b"", whole[:mine])))

    def write(self, notes: Mapping[Cell, str]) -> None:
        """Write our comments, below the department's own where there is one."""
        if not notes and not self.earlier:
            return
        part = self._part or self._begin()
        authors = part.root.get("authors")
        names = [unescape(part.content[each.inner : each.close].decode()) for each in authors.children]
        if AUTHOR not in names:
            part.append(authors, f"<author>{AUTHOR}</author>")
            names.append(AUTHOR)
        new = {}
        for cell, note in notes.items():
            if cell in self._own:
                _add(part, self._own[cell], note)
                continue
            head = f'<comment ref="{address(cell)}" authorId="{names.index(AUTHOR)}">'
            part.append(part.root.get("commentList"), f"{head}<text>{_RUN.format(xml_text(note))}</text></comment>")
            new[cell] = note
        self._package[self._path] = part.done()
        self._draw(new)

    def _begin(self) -> Part:
        main = self._grid.part.root
        space = main.attributes[f"xmlns:{main.prefix[:-1]}" if main.prefix else "xmlns"]
        self._path = self._package.free("xl/comments{}.xml")
        self._package[self._path] = f'{XML}<comments xmlns="{space}"><authors/><commentList/></comments>'
        self._package.declare(self._path, f"{SPREADSHEET}.comments+xml")
        self._package.relate(self._sheet, "comments", self._path)
        return Part(self._package[self._path])

    def _draw(self, notes: Mapping[Cell, str]) -> None:
        """Draw the boxes of new comments, and none for those that are gone."""
        if not self._drawing:
            self._drawing = self._package.free("xl/drawings/vmlDrawing{}.vml")
            self._package[self._drawing] = _DRAWING.format(self._number)
            self._package.declare(self._drawing, "application/vnd.openxmlformats-officedocument.vmlDrawing")
            self._grid.draw(self._package.relate(self._sheet, "vmlDrawing", self._drawing), self._package.office)
        self._package[self._drawing] = _drawn(self._package[self._drawing], self._number * 1024, notes, self._gone)


def _drawn(drawing: bytes, number: int, notes: Mapping[Cell, str], gone: Collection[Cell]) -> bytes:
    """Give a drawing with the boxes of new comments, and without those that are gone.

    It is not read as XML: in drawings of this kind Excel writes what is none.
    """
    prefixes = {}
    for each, name in (("v", "vml"), ("o", "office:office"), ("x", "office:excel")):
        found = re.search(f'xmlns:([\\w.-]+)="{_VML}{name}"'.encode(), drawing)
        if not found:
            raise OddError(name)
        prefixes[each] = found[1].decode()
    shapes = re.compile(r"<{v}:shape\s.*?</{v}:shape>".format_map(prefixes).encode(), re.DOTALL)
    place = re.compile(r"<{x}:Row>\s*(\d+)\s*</{x}:Row>\s*<{x}:Column>\s*(\d+)".format_map(prefixes).encode())

    def kept(shape: re.Match[bytes]) -> bytes:
        at = place.search(shape[0])
        return b"" if at and b'"Note"' in shape[0] and (int(at[1]), int(at[2])) in gone else shape[0]

    drawing = shapes.sub(kept, drawing)
    first = max([number, *(int(each) for each in re.findall(rb"_x0000_s([0-9]{1,8})\b", drawing))]) + 1
    new = "".join(_shape(at, cell, note) for at, (cell, note) in enumerate(notes.items(), first))
    if new and b"_x0000_t202" not in shapes.sub(b"", drawing):
        new = _BOX_TYPE + new
    new = re.sub(r"(</?|\s)([vox]):", lambda found: f"{found[1]}{prefixes[found[2]]}:", new)
    at = drawing.rindex(b"</xml>")
    return drawing[:at] + new.encode() + drawing[at:]


def _cut(part: Part, texts: Iterable[Element], kept: int) -> None:
    """Cut a comment, which may be in several runs, after so many bytes: there our part of it began."""
    for each in texts:
        size = each.close - each.inner
        if kept < size:
            part.replace(each.inner + kept, each.close, b"")
        kept = max(kept - size, 0)


def _add(part: Part, comment: Element, note: str) -> None:
    """Add our text below that of the department, which becomes a run where it is none."""
    text = comment.get("text")
    for each in text.all("t"):
        part.before(each, "<r>")
        part.after(each, "</r>")
    part.append(text, _RUN.format(xml_text(f"\n{note}")))


def _shape(number: int, cell: Cell, note: str) -> str:
    row, column = cell
    lines = sum(max(1, -(-display_width(line) // _WIDE)) for line in note.split("\n"))
    anchor = f"{column + 1}, 15, {max(row - 1, 0)}, 10, {column + 5}, 15, {max(row - 1, 0) + lines + 1}, 4"
    return _SHAPE.format(number=number, anchor=anchor, row=row, column=column)
