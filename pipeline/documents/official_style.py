"""Make documents in the style of official documents (GB/T 9704), draw tables in them, and save them reproducibly."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from pipeline.text_format import display_width
from pipeline.workbooks.writer import MADE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document
    from docx.styles.style import ParagraphStyle

SONG, HEI, KAI, FANG = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312"
LATIN = "Times New Roman"
_INSTEAD = {SONG: "黑体", KAI: "楷体", FANG: "仿宋"}
"""Font → the font to use where a machine does not have it."""
TITLE, HEADING, SECOND, BODY, SIGNED, CAPTION = "通报标题", "通报一级", "通报二级", "通报正文", "通报落款", "通报表题"
"""The names of the styles, by which an office can change the format of all paragraphs of a kind."""
TEXT_WIDTH = 8844
"""Twips between the margins: 156 mm."""
_ZIPPED = (1980, 1, 1, 0, 0, 0)
_SIZE = 21
"""Half points of the letters of a table: 五号."""
_LETTER, _AIR, _LEAST = 106, 160, 4
"""Twips of a Latin letter in a table and of the air in a cell, and letters that any column has room for."""
_WORD = 12
"""Letters up to which the texts of a column read as words."""
_SHORT, _FIRST = 15, 3
"""Rows of a table that stays on one page, and of a longer one those that stay below its heads."""


@dataclass(frozen=True, slots=True)
class DocumentTable:
    """A table: heads, rows of texts, and for each column whether it holds figures, which are aligned right.

    ``empty`` is the text that takes its place where it has no rows.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[bool, ...]
    empty: str = "无。"


def begin_document(title: str) -> Document:
    """Make an empty A4 document with the margins, fonts, styles and page numbers of official documents."""
    made = docx.Document()
    properties = made.core_properties
    properties.title, properties.author, properties.comments = title, "", ""
    properties.created = properties.modified = MADE
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(28)
    _font(made.styles["Normal"], FANG, 16)
    for name, font, size, line in (
        (TITLE, SONG, 22, 36),
        (HEADING, HEI, 16, 28),
        (SECOND, KAI, 16, 28),
        (BODY, FANG, 16, 28),
        (SIGNED, FANG, 16, 28),
        (CAPTION, HEI, 14, 28),
    ):
        style: Any = made.styles.add_style(name, 1)
        style.base_style = made.styles["Normal"]
        style.quick_style = True
        _font(style, font, size)
        looks = style.paragraph_format
        looks.space_before = looks.space_after = Pt(0)
        looks.line_spacing_rule, looks.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
        looks.widow_control = True
        if name in {HEADING, SECOND, BODY}:
            _indented(style)
        if name in {TITLE, CAPTION}:
            looks.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if name in {HEADING, SECOND, CAPTION}:
            looks.keep_with_next = True
        if name == SIGNED:
            looks.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _numbered(made)
    return made


def _font(style: ParagraphStyle | Any, font: str, size: float) -> None:
    style.font.name, style.font.size = LATIN, Pt(size)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _indented(style: Any) -> None:
    """Indent the first line by two characters, whatever their size."""
    indent = style.element.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), "640")


def _numbered(made: Document) -> None:
    """Put the page number into the footer, — 1 —."""
    paragraph = made.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    looks = '<w:rPr><w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/><w:sz w:val="28"/></w:rPr>'
    for run in (
        f"<w:r {nsdecls('w')}>{looks}<w:t xml:space='preserve'>— </w:t></w:r>",
        f"<w:fldSimple {nsdecls('w')} w:instr='PAGE'><w:r>{looks}<w:t>1</w:t></w:r></w:fldSimple>",
        f"<w:r {nsdecls('w')}>{looks}<w:t xml:space='preserve'> —</w:t></w:r>",
    ):
        paragraph._p.append(parse_xml(run))  # noqa: SLF001 - python-docx has no fields


def draw_table(table: DocumentTable) -> Any:
    """Draw a table as an element: ruled, heads repeated on each page, no row split over two pages.

    A short table stays on one page; of a long one, at least the first rows follow the heads on the same page.
    """
    columns = list(zip(table.heads, *table.rows, strict=True))
    widths = _widths(columns)
    sides = ["right" if figures else _side(texts) for figures, texts in zip(table.figures, columns, strict=True)]
    together = len(table.rows) - 1 if len(table.rows) <= _SHORT else _FIRST
    lines = [_row(table.heads, widths, ["center"] * len(widths), head=True, kept=True)]
    lines += [_row(row, widths, sides, head=False, kept=at < together) for at, row in enumerate(table.rows)]
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>"
    )


def _widths(columns: Sequence[Sequence[str]]) -> list[int]:
    """Divide the width of the page among columns: narrow ones get what they need, wide ones wrap."""
    needs = [max(*map(display_width, texts), _LEAST) * _LETTER + _AIR for texts in columns]
    widths = dict.fromkeys(range(len(needs)), 0)
    left = TEXT_WIDTH
    for done, at in enumerate(sorted(widths, key=lambda each: needs[each])):
        widths[at] = min(needs[at], left // (len(needs) - done))
        left -= widths[at]
    return [width + left * width // (TEXT_WIDTH - left) for width in widths.values()]


def _side(texts: Sequence[str]) -> str:
    """Give the alignment of a column of texts: short ones centred, longer ones left."""
    return "left" if max(map(display_width, texts)) > _WORD else "center"


def _row(texts: Sequence[str], widths: Sequence[int], sides: Sequence[str], *, head: bool, kept: bool) -> str:
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f"{_cell(text, side, HEI if head else FANG, kept=kept)}</w:tc>"
        for text, width, side in zip(texts, widths, sides, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>{cells}</w:tr>"


def _cell(text: str, side: str, font: str, *, kept: bool) -> str:
    return (
        f"<w:p><w:pPr>{'<w:keepNext/>' if kept else ''}"
        '<w:spacing w:before="20" w:after="20" w:line="300" w:lineRule="exact"/>'
        f'<w:ind w:firstLineChars="0" w:firstLine="0"/><w:jc w:val="{side}"/></w:pPr>'
        f'<w:r><w:rPr><w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{font}"/><w:sz w:val="{_SIZE}"/>'
        f'<w:szCs w:val="{_SIZE}"/></w:rPr><w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r></w:p>'
    )


def document_bytes(made: Document) -> bytes:
    """Save a document; the same content gives the same bytes at any time."""
    stream, fixed = io.BytesIO(), io.BytesIO()
    _with_other_names(made)
    _without_old_styles(made)
    made.save(stream)
    with zipfile.ZipFile(stream) as written, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in written.infolist():
            entry = zipfile.ZipInfo(each.filename, _ZIPPED)
            entry.create_system, entry.compress_type = 0, zipfile.ZIP_DEFLATED
            archive.writestr(entry, written.read(each.filename))
    return fixed.getvalue()


def _with_other_names(made: Document) -> None:
    """List replacement fonts in the font table, for machines that lack a font."""
    for part in made.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            names = "".join(
                f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
                for name, other in _INSTEAD.items()
            )
            blob = part.blob.decode("utf-8")
            if "altName w:val" not in blob or SONG not in blob:
                part._blob = re.sub(r"</w:fonts>\s*$", f"{names}</w:fonts>", blob).encode()  # noqa: SLF001 - no other way


def _without_old_styles(made: Document) -> None:
    """Leave out the copy of the styles for Word 2007, which the template of python-docx has: it lacks our styles."""
    for relation, each in list(made.part.rels.items()):
        if each.reltype.endswith("/stylesWithEffects"):
            del made.part.rels[relation]
