"""The body of a Word document → paragraphs and tables in reading order, and what of it is neither. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.documents.docx_styles import TextStyles, W
from pipeline.documents.docx_text import local, read_paragraph
from pipeline.guard.notes import MAX_AREA, MAX_COLUMN, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docx.document import Document

_WRAPPERS = {"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"}
"""What may lie around a paragraph, table, row or cell without changing what it is."""
_NUMBER = re.compile("[0-9]{1,6}")
_ODD = "文档里的表格写法不合常规；请用 WPS 或 Word 打开、另存为 .docx 后再试"


@dataclass(slots=True)
class TableCell:
    """A table cell with all cells merged into it: position (from 0), size, and text."""

    row: int
    column: int
    height: int
    width: int
    text: str


@dataclass(slots=True)
class DocxTable:
    """A table: its number in the document (from 1), its cells, and the column widths that it states, in twips."""

    number: int
    boxes: list[TableCell]
    rows: int
    columns: int
    widths: tuple[int, ...]


@dataclass(slots=True)
class DocumentBody:
    """The content of a document.

    ``strays`` are texts that lie apart: in text boxes, comments and notes, in tables inside a cell, in the hidden part
    of a merged cell. ``left_out`` is what lies in cells and does not count: struck through, hidden, marks of notes.
    ``styles`` are those by which it was read.
    """

    styles: TextStyles
    blocks: list[str | DocxTable] = field(default_factory=list)
    strays: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    pictures: int = 0
    revised: bool = False
    numbered: bool = False


def read_body(document: Document) -> DocumentBody:
    """Read the body of a document.

    Raises:
        Refused: a table is written as no office program writes one.
    """
    root = document.element.body
    found = DocumentBody(
        TextStyles(_part(document, "styles")),
        pictures=sum(1 for each in root.iter() if local(each) in {"drawing", "pict"} and _has_picture(each)),
        revised=any(local(each) in {"ins", "del", "moveFrom", "moveTo"} for each in root.iter()),
    )
    number = 0
    for element in _inside(root, ("p", "tbl")):
        if local(element) == "p":
            found.blocks.append(_text(element, found))
        else:
            number += 1
            found.blocks.append(_table(element, number, found))
    for box in root.iter(f"{W}txbxContent"):
        if not any(local(each) == "Fallback" for each in box.iterancestors()):
            found.strays.append(("文本框", "\n".join(_text(each, found) for each in box.iter(f"{W}p"))))
    found.strays += _apart(document, found)
    found.strays = [(where, text.strip()) for where, text in found.strays if text.strip()]
    return found


def _inside(parent: Any, names: tuple[str, ...]) -> Iterator[Any]:
    """Give the child elements of these names, also those inside wrappers."""
    for child in parent:
        name = local(child)
        if name in names:
            yield child
        elif name in _WRAPPERS:
            yield from _inside(child, names)


def _text(paragraph: Any, found: DocumentBody) -> str:
    return read_paragraph(paragraph, found.styles).text


def _part(document: Document, kind: str) -> Any:
    """Give the root of the part of a kind that a document relates to; None where there is none."""
    from docx.oxml.parser import parse_xml  # noqa: PLC0415 - only documents pay for it

    for relation in document.part.rels.values():
        if relation.reltype.rpartition("/")[2] == kind and not relation.is_external:
            return parse_xml(relation.target_part.blob)
    return None


_PARTS = {"comments": ("批注", "comment"), "footnotes": ("脚注", "footnote"), "endnotes": ("尾注", "endnote")}
"""Parts of a document that hold texts of their own: what each is called, and the element of a text."""


def _apart(document: Document, found: DocumentBody) -> Iterator[tuple[str, str]]:
    """Give the comments and notes of a document; the separators of notes have a type."""
    for kind, (what, name) in _PARTS.items():
        part = _part(document, kind)
        for each in () if part is None else part.iter(f"{W}{name}"):
            if each.get(f"{W}type") in {None, "normal"}:
                yield what, "\n".join(_text(line, found) for line in each.iter(f"{W}p"))


def _has_picture(element: Any) -> bool:
    if any(local(each) == "Fallback" for each in element.iterancestors()):
        return False
    return any(local(each) in {"blip", "imagedata", "OLEObject"} for each in element.iter())


# ---------------------------------------------------------------------- tables


def _table(element: Any, number: int, found: DocumentBody) -> DocxTable:
    """Read a table; a merged cell, in whichever of the three ways it is merged, is one `TableCell`."""
    boxes: list[TableCell] = []
    above: dict[int, TableCell] = {}
    rows = columns = 0
    for line in _inside(element, ("tr",)):
        properties = _property(line, "trPr")
        if _property(properties, "del") is not None:
            continue
        column = _number(_property(properties, "gridBefore"), 0)
        here: dict[int, TableCell] = {}
        last: TableCell | None = None
        for cell in _inside(line, ("tc",)):
            looks = _property(cell, "tcPr")
            width = max(_number(_property(looks, "gridSpan"), 1), 1)
            text = _cell(cell, f"第{number}个表格第{rows + 1}行", found)
            upper = above.get(column)
            if last is not None and _merge(looks, "hMerge") == "continue":
                last.width += width
                _hidden(text, number, rows, found)
            elif upper is not None and upper.width == width and _merge(looks, "vMerge") == "continue":
                upper.height += 1
                last = here[column] = upper
                _hidden(text, number, rows, found)
            else:
                last = TableCell(rows, column, 1, width, text)
                boxes.append(last)
                if _merge(looks, "vMerge"):
                    here[column] = last
            column += width
            if column > MAX_COLUMN:
                raise Refused(_ODD)
        above = here
        rows, columns = rows + 1, max(columns, column)
        if rows * columns > MAX_AREA:
            raise Refused("文档里的表格过大，不像填报表；请只保留附件部分后再试")
    grid = _property(element, "tblGrid")
    stated = [str(each.get(f"{W}w", "")) for each in _inside(grid, ("gridCol",))] if grid is not None else []
    widths = tuple(map(int, stated)) if all(map(_NUMBER.fullmatch, stated)) else ()
    return DocxTable(number, boxes, rows, columns, widths)


def _cell(cell: Any, where: str, found: DocumentBody) -> str:
    """Give the text of a cell, one line for each paragraph; nested tables are strays."""
    paragraphs = list(_inside(cell, ("p",)))
    found.numbered |= any(_property(_property(each, "pPr"), "numPr") is not None for each in paragraphs)
    for inner in _inside(cell, ("tbl",)):
        found.strays.append((f"{where}，格内的小表格", "\n".join(_text(each, found) for each in inner.iter(f"{W}p"))))
    read = [read_paragraph(each, found.styles) for each in paragraphs]
    found.left_out += [(where, f"{what}“{text}”") for each in read for what, text in each.left_out]
    return "\n".join(each.text for each in read).strip("\n")


def _hidden(text: str, number: int, row: int, found: DocumentBody) -> None:
    if text.strip():
        found.strays.append((f"第{number}个表格第{row + 1}行，合并后看不见的文字", text))


def _property(element: Any, name: str) -> Any:
    return None if element is None else element.find(f"{W}{name}")


def _merge(looks: Any, name: str) -> str:
    """Say how a cell takes part in a merge: "restart", "continue", or "" where it does not."""
    found = _property(looks, name)
    return "" if found is None else str(found.get(f"{W}val", "continue"))


def _number(element: Any, default: int) -> int:
    written = None if element is None else element.get(f"{W}val")
    if written is None:
        return default
    if not _NUMBER.fullmatch(written):
        raise Refused(_ODD)
    return int(written)
