"""Fill the placeholders of a template document, such as {{年度}}. A template cannot contain code.

{{名称}} is replaced by text anywhere; where it is alone in a paragraph and the text has several lines, the paragraph is
repeated for each line. {{表：名称}} must be alone in its paragraph and is replaced by a table. Text takes the format of
the letters where the placeholder begins.
"""

from __future__ import annotations

import copy
import difflib
import re
from typing import TYPE_CHECKING, Any

from docx.enum.text import WD_LINE_SPACING
from docx.opc.part import XmlPart
from docx.oxml.ns import qn
from docx.shared import Pt

from pipeline.documents.docx import open_document
from pipeline.documents.official_style import document_bytes, draw_table
from schemas.errors import MistakeError
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.documents.official_style import DocumentTable

_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_RUNNING = re.compile(r"/word/(header|footer)\d*\.xml")
_TABLE = "表"
LIKE = 0.4
"""How similar a name must be to be suggested; a suggestion is never used by itself."""


class TemplateError(MistakeError):
    """A template has an unknown placeholder, or one in a wrong position; the message is in Chinese."""


def fill_template(template: bytes, values: Mapping[str, str], tables: Mapping[str, DocumentTable], title: str) -> bytes:
    """Fill in a template.

    Args:
        template: a Word document.
        values: the text of each placeholder; names are compared by `schemas.text.normalise.normalise_label`.
        tables: the table of each table placeholder.
        title: the title in the properties of the document.

    Raises:
        TemplateError: a placeholder is unknown, or that of a table is not alone in its paragraph.
        pipeline.guard.Refused: it is no Word document.
    """
    made = open_document(template)
    made.core_properties.title = title
    known = {normalise_label(name): value for name, value in values.items()}
    drawings = {normalise_label(f"{_TABLE}{name}"): table for name, table in tables.items()}
    parts = [part for part in made.part.package.iter_parts() if _RUNNING.match(str(part.partname))]
    roots = [made.element.body, *(part.element for part in parts if isinstance(part, XmlPart))]
    paragraphs = [each for root in roots for each in root.iter(qn("w:p"))]
    _check(paragraphs, {*known, *drawings}, [*values, *(f"{_TABLE}：{name}" for name in tables)])
    for paragraph in paragraphs:
        _fill(paragraph, known, drawings)
    return document_bytes(made)


def _check(paragraphs: list[Any], known: set[str], names: list[str]) -> None:
    """Raise `TemplateError` with all mistakes of a template, before anything is written."""
    mistakes: list[str] = []
    for paragraph in paragraphs:
        text = "".join(each.text or "" for each in _letters(paragraph))
        for name in _PLACEHOLDER.findall(text):
            if normalise_label(name) not in known:
                near = difflib.get_close_matches(name, names, n=3, cutoff=LIKE)
                hint = f"，相近的有：{'、'.join(near)}" if near else ""
                mistakes.append(f"没有“{{{{{name.strip()}}}}}”这个占位符{hint}")
        rest = _PLACEHOLDER.sub("", text)
        if "{{" in rest or "}}" in rest:
            mistakes.append(f"占位符没有写完整：“{rest.strip()[:40]}”")
        if re.search(rf"\{{\{{\s*{_TABLE}[:：]", text) and not _PLACEHOLDER.fullmatch(text.strip()):
            mistakes.append(f"表的占位符要单独成为一段：“{text.strip()[:40]}”")
    if mistakes:
        raise TemplateError("模板有误：\n" + "\n".join(f"  {each}。" for each in dict.fromkeys(mistakes)))


def _letters(paragraph: Any) -> list[Any]:
    """Give the text elements of a paragraph, without those of text boxes in it."""
    return [each for each in paragraph.iter(qn("w:t")) if next(each.iterancestors(qn("w:p"))) is paragraph]


def _fill(paragraph: Any, known: Mapping[str, str], drawings: Mapping[str, DocumentTable]) -> None:
    letters = _letters(paragraph)
    text = "".join(each.text or "" for each in letters)
    alone = _PLACEHOLDER.fullmatch(text.strip())
    if alone and normalise_label(alone[1]) in drawings:
        table = drawings[normalise_label(alone[1])]
        if table.rows:
            _put_table(paragraph, table)
        else:
            _replace(letters, {normalise_label(alone[1]): table.empty})
        return
    lines = known[normalise_label(alone[1])].split("\n") if alone else []
    for line in lines[:-1]:
        twin = copy.deepcopy(paragraph)
        paragraph.addprevious(twin)
        _replace(_letters(twin), {normalise_label(alone[1]): line} if alone else {})
    _replace(letters, {normalise_label(alone[1]): lines[-1]} if alone else known)


def _put_table(paragraph: Any, table: DocumentTable) -> None:
    """Put a table in the place of a paragraph; a small empty paragraph follows it, as Word requires in a cell."""
    paragraph.addprevious(draw_table(table))
    for run in _letters(paragraph):
        run.text = ""
    looks = paragraph.get_or_add_pPr()
    looks.spacing_line, looks.spacing_lineRule = Pt(10), WD_LINE_SPACING.EXACTLY


def _replace(letters: list[Any], known: Mapping[str, str]) -> None:
    """Replace placeholders by values; of one that is spread over several runs, the first run gets the value."""
    text = "".join(each.text or "" for each in letters)
    for found in reversed(list(_PLACEHOLDER.finditer(text))):
        value = " ".join(known[normalise_label(found[1])].split("\n"))
        at = 0
        for each in letters:
            own = each.text or ""
            begin, end = max(found.start() - at, 0), min(found.end() - at, len(own))
            if begin < end:
                each.text = own[:begin] + (value if found.start() >= at else "") + own[end:]
                each.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            at += len(own)
