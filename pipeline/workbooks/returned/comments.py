"""Write the comments of a sheet: the department's own stay, ours are added, those of an earlier return go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from pipeline.cells import address, cell_of
from pipeline.text_format import display_width
from pipeline.workbooks.returned.package import SPREADSHEET, Package
from pipeline.workbooks.returned.xml import (
    UneditableError,
    child,
    children,
    fragment,
    namespace,
    parse,
    relation_id,
    remove,
    serialise,
    texts_below,
    writable,
)
from schemas.lists.returned import AUTHOR, MARK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from lxml.etree import _Element as Element

    from pipeline.cells import Cell
    from pipeline.workbooks.returned.sheet_xml import SheetXml

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
_WIDE = 48
"""Columns of a Latin letter that the box of a comment is wide."""
BOX = r"<{v}:shape\s[^<]*+(?:<(?!/?{v}:shape[\s>])[^<]*+)*+</{v}:shape>"
PLACE = r"<{x}:Row>\s*(\d+)\s*</{x}:Row>\s*<{x}:Column>\s*(\d+)"
"""The box of a comment in a drawing, and the cell that it stands at, with the prefixes of the drawing."""
_RUN = '<r><rPr><sz val="9"/><color indexed="81"/><rFont val="宋体"/></rPr><t xml:space="preserve"/></r>'


class Comments:
    """The comments of a sheet."""

    def __init__(self, package: Package, path: str, sheet: SheetXml, number: int) -> None:
        """Find the comments there are, and take those of an earlier return out.

        Args:
            package: the workbook.
            path: the part of the sheet.
            sheet: the same, parsed.
            number: that of the sheet, from 1.
        """
        self._package, self._path, self._sheet, self._number = package, path, sheet, number
        related = package.relations(path)
        self._comments = next((each.path for each in related if each.kind == "comments"), "")
        drawing = sheet.root.find("{*}legacyDrawing")
        wanted = "" if drawing is None else relation_id(drawing)
        self._drawing = next((each.path for each in related if each.id == wanted), "")
        self._root = parse(package[self._comments]) if self._comments else None
        self._own: dict[Cell, Element] = {}
        self._gone: set[Cell] = set()
        self.earlier: set[Cell] = set()
        """The cells on which an earlier return has commented."""
        for comment in children(self._root.find("{*}commentList")) if self._root is not None else []:
            self._take(comment)

    def _take(self, comment: Element) -> None:
        """Tell a comment of the department from ours, and leave ours out."""
        cell = cell_of(comment.attrib["ref"])
        if cell is None:
            raise UneditableError(comment.attrib["ref"])
        texts = list(texts_below(comment))
        before, mark, _ = "".join(each.text or "" for each in texts).partition(MARK)
        if mark:
            self.earlier.add(cell)
        if mark and not before.strip():
            remove(comment)
            self._gone.add(cell)
            return
        self._own[cell] = comment
        if mark:
            _cut(texts, len(before.rstrip(" \t\r\n")))

    def write(self, notes: Mapping[Cell, str]) -> None:
        """Write our comments, below the department's own where there is one."""
        if not notes and not self.earlier:
            return
        root = self._begin() if self._root is None else self._root
        author = _author(child(root, "authors"))
        new = {}
        for cell, note in notes.items():
            if cell in self._own:
                _add(self._own[cell], note)
                continue
            made = fragment("<comment><text/></comment>", namespace(root))
            made.set("ref", address(cell))
            made.set("authorId", str(author))
            child(made, "text").append(_run(note, namespace(root)))
            child(root, "commentList").append(made)
            new[cell] = note
        self._package[self._comments] = serialise(root)
        self._draw(new)

    def _begin(self) -> Element:
        self._comments = self._package.free_path("xl/comments{}.xml")
        self._package.declare(self._comments, f"{SPREADSHEET}.comments+xml")
        self._package.relate(self._path, "comments", self._comments)
        space = namespace(self._sheet.root)
        return parse(f'<comments xmlns="{space}"><authors/><commentList/></comments>'.encode())

    def _draw(self, notes: Mapping[Cell, str]) -> None:
        """Draw the boxes of new comments, and none for those that are gone."""
        if not self._drawing:
            self._drawing = self._package.free_path("xl/drawings/vmlDrawing{}.vml")
            self._package[self._drawing] = _DRAWING.format(self._number).encode()
            self._package.declare(self._drawing, "application/vnd.openxmlformats-officedocument.vmlDrawing")
            relation = self._package.relate(self._path, "vmlDrawing", self._drawing)
            self._sheet.refer_to_drawing(relation, self._package.office)
        self._package[self._drawing] = _drawn(self._package[self._drawing], self._number * 1024, notes, self._gone)


def _author(authors: Element) -> int:
    """Give our number among those who comment; we are added where we are not among them."""
    names = [each.text or "" for each in children(authors)]
    if AUTHOR not in names:
        etree.SubElement(authors, f"{{{namespace(authors)}}}author").text = AUTHOR
        return len(names)
    return names.index(AUTHOR)


def _run(text: str, space: str) -> Element:
    made = fragment(_RUN, space)
    child(made, "t").text = writable(text)
    return made


def _drawn(drawing: bytes, number: int, notes: Mapping[Cell, str], gone: Collection[Cell]) -> bytes:
    """Give a drawing with the boxes of new comments, and without those that are gone.

    It is not read as XML: in drawings of this kind Excel writes what is none.
    """
    prefixes = {}
    for each, name in (("v", "vml"), ("o", "office:office"), ("x", "office:excel")):
        found = re.search(f'xmlns:([\\w.-]+)="{_VML}{name}"'.encode(), drawing)
        if not found:
            raise UneditableError(name)
        prefixes[each] = found[1].decode()
    shapes, place = (re.compile(each.format_map(prefixes).encode(), re.DOTALL) for each in (BOX, PLACE))

    def kept(shape: re.Match[bytes]) -> bytes:
        at = place.search(shape[0])
        return b"" if at and b'"Note"' in shape[0] and (int(at[1]), int(at[2])) in gone else shape[0]

    drawing = shapes.sub(kept, drawing)
    first = max([number, *(int(each) for each in re.findall(rb"_x0000_s([0-9]{1,8})\b", drawing))]) + 1
    new = "".join(_shape(at, cell, note) for at, (cell, note) in enumerate(notes.items(), first))
    if new and b"_x0000_t202" not in shapes.sub(b"", drawing):
        new = _BOX_TYPE + new
    if any(each != ours for ours, each in prefixes.items()):
        new = re.sub(r"(</?|\s)([vox]):", lambda found: f"{found[1]}{prefixes[found[2]]}:", new)
    at = drawing.rindex(b"</xml>")
    return drawing[:at] + new.encode() + drawing[at:]


def _cut(texts: Iterable[Element], kept: int) -> None:
    """Cut a comment, which may be in several runs, after so many characters: there our part of it began."""
    for each in texts:
        text = each.text or ""
        each.text = text[:kept]
        kept = max(kept - len(text), 0)


def _add(comment: Element, note: str) -> None:
    """Add our text below that of the department, which becomes a run where it is none."""
    text = child(comment, "text")
    for each in children(text, "t"):
        run = etree.Element(f"{{{namespace(text)}}}r")
        text.replace(each, run)
        run.append(each)
    text.append(_run(f"\n{note}", namespace(text)))


def _shape(number: int, cell: Cell, note: str) -> str:
    row, column = cell
    lines = sum(max(1, -(-display_width(line) // _WIDE)) for line in note.split("\n"))
    anchor = f"{column + 1}, 15, {max(row - 1, 0)}, 10, {column + 5}, 15, {max(row - 1, 0) + lines + 1}, 4"
    return _SHAPE.format(number=number, anchor=anchor, row=row, column=column)
