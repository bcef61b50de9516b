"""List the texts of the annexes in a document that are neither taken over nor words of the form itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.documents.docx_sheets import is_title
from pipeline.reading.indicator_rows import HINT
from pipeline.reading.labels import names
from pipeline.reading.workbook import address
from schemas.forms import INDICATORS
from schemas.forms.model import Grid, Indicators, Line, Note, Strip
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.documents.docx_sheets import AnnexSheet
    from pipeline.reading.find_annexes import Located
    from pipeline.reading.submission import Submission
    from schemas.forms.model import Form

_WORDS_BEGIN = 8
"""The number of letters by which a note of the form is recognised."""
_BEGINS = 30
"""The number of letters quoted of a table that is no annex."""


def find_unplaced(
    cut: list[AnnexSheet], located: list[Located], taken: Submission, year: int
) -> Iterator[tuple[str, str]]:
    """Give place and text: words of the annexes neither taken over nor the form's own, and tables that are no annex."""
    used = {(fact.sheet, fact.cell) for fact in taken.facts}
    cells = [f"{column.name}_cell" for column in (*INDICATORS.columns, *INDICATORS.optional) if column.name != "reason"]
    used |= {(row["sheet"], row[name]) for row in taken.indicators for name in cells if name in row}
    long = [f"\n{fact.raw}\n" for fact in taken.facts if "\n" in fact.raw]  # some go on in cells below their own
    sheets = {each.sheet.name for each in located} | {sheet for sheet, _ in used}
    annexes = {piece.part for piece in cut if piece.sheet.name in sheets}
    forms = tuple(each.form for each in located)
    known, notes = _words(forms, year)
    for piece in cut:
        sheet = piece.sheet
        left = [
            (piece.where(cell), text)
            for cell, text in sheet.texts()
            if text.strip()
            and (sheet.name, address(cell)) not in used
            and not _is_form(text, known, notes)
            and not is_title(text, forms)
            if not any(f"\n{text}\n" in each for each in long)
        ]
        if piece.part in annexes:
            yield from left
        elif any(text.strip() for _, text in sheet.texts()):
            yield sheet.name, _no_annex(piece)


def _no_annex(piece: AnnexSheet) -> str:
    begin = " ".join(" ".join(text.split()) for _, text in piece.sheet.texts() if text.strip())[:_BEGINS]
    return f"（不是附件，或附件已从别处读取，整个没有读取；开头是：{begin}……）"


def _words(forms: tuple[Form, ...], year: int) -> tuple[set[str], tuple[str, ...]]:
    """Give all words of the forms, normalised, and the beginnings of their notes and prompts."""
    known, begin = set(), []
    for form in forms:
        known |= {normalise_label(name) for each in names(form, year) for name in each}
        known |= {normalise_label(form.annex), normalise_label(form.title), normalise_label(form.annex + form.title)}
        for section in (*form.sections, *form.flat()):
            match section:
                case Strip(words):
                    known.add(normalise_label(words))
                case Grid(corner):
                    known |= {normalise_label(corner), normalise_label(corner.partition("（")[0])}
                case Indicators(_, blocks):
                    known |= {normalise_label(name) for block in blocks for name in form.names_of(block.words)}
                    aspects = (aspect for block in blocks for aspect in block.aspects)
                    known |= {normalise_label(name) for aspect in aspects for name in form.names_of(aspect.words)}
                case Note(text):
                    begin += [normalise_label(line.partition("{")[0])[:_WORDS_BEGIN] for line in text.split("\n")]
                case Line(parts):
                    known |= {normalise_label(name) for part in parts for name in form.names_of(part.words)}
                case _:
                    pass
    return known | {""}, tuple(filter(None, begin))


def _is_form(text: str, known: set[str], notes: tuple[str, ...]) -> bool:
    """Tell whether a text belongs to the form itself: a label, a note, a hint."""
    words = normalise_label(text)
    return (
        words in known
        or re.sub(r"(?<!\d)\d++分?$|[(]\d+分[)]$", "", words) in known
        or words.startswith(notes)
        or bool(HINT.fullmatch(text.strip()))
    )
