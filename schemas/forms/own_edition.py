"""Make an edition of a form that lacks some words of a declared one: the form as a bureau prints it, for reading."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from schemas.forms.model import Grid, Heads, Indicators, Kind, Line, Pairs, Strip
from schemas.forms.printed_words import called
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Collection

    from schemas.forms.model import Form, Pair, Section
    from schemas.forms.printed_words import Label

VERSION = "own"
"""What tells a bureau's own edition from those that are declared."""
NAME = "本县自己的"
_JUDGED = frozenset({"level3", "target", "actual"})
"""The columns without which no indicator can be judged."""

Absent = tuple[tuple[str, str], ...]
"""Words that a form does not print: in which part (`called`), and the words."""


def own_edition(form: Form, absent: Absent) -> Form:
    """Give the edition of a form that does not print some of its words; it is read, and never drawn."""
    gone = {(part, normalise_label(words)) for part, words in absent}
    sections: list[Section] = []
    for section in form.sections:
        if isinstance(section, Strip):
            inner = (_without(each, _of(gone, called(form, each))) for each in section.sections)
            left = tuple(each for each in inner if isinstance(each, (Grid, Heads, Pairs, Indicators)))
            sections += [replace(section, sections=left)] if left else []
        else:
            found = _without(section, _of(gone, called(form, section)))
            sections += [found] if found else []
    return replace(form, version=VERSION, name=f"{NAME}{form.title}", made_from=form.key, sections=tuple(sections))


def may_be_absent(form: Form, label: Label) -> bool:
    """Tell whether a form can be read and judged without some words: not without the office or what is judged."""
    if label.what in {"title", "levels"}:
        return False
    section = next(each for each in form.flat() if called(form, each) == label.part)
    match section:
        case Line(parts):
            return all(part.field.kind is not Kind.OFFICE for part in parts if part.words.strip() == label.words)
        case Indicators(columns):
            return all(each.name not in _JUDGED for each in columns if each.words.strip() == label.words)
        case _:
            return True


def _of(gone: Collection[tuple[str, str]], part: str) -> frozenset[str]:
    return frozenset(words for where, words in gone if where == part)


def _without(section: Section, gone: frozenset[str]) -> Section | None:
    """Give a section without some of its words, as they compare; None where nothing is left of it."""
    if not gone:
        return section

    def stays(words: str) -> bool:
        return normalise_label(words) not in gone

    match section:
        case Line(parts):
            parts = tuple(each for each in parts if stays(each.words))
            return replace(section, parts=parts) if parts else None
        case Heads(heads):
            heads = tuple(each for each in heads if stays(each.words))
            return replace(section, heads=heads) if heads else None
        case Indicators(columns):
            columns, optional = (
                tuple(each for each in some if stays(each.words)) for some in (columns, section.optional)
            )
            return replace(section, columns=columns, optional=optional)
        case Pairs(lines):
            kept = [tuple(pair for pair in line if stays(pair.words)) for line in (*lines, section.optional)]
            return replace(section, lines=tuple(kept[:-1]), optional=kept[-1]) if _any_field(kept) else None
        case Grid():
            return _grid(section, gone)
        case _:
            return section


def _any_field(lines: list[tuple[Pair, ...]]) -> bool:
    return any(pair.fields for line in lines for pair in line)


def _grid(section: Grid, gone: frozenset[str]) -> Grid | None:
    """Give a grid without some of its rows and columns, and without the sums that would need them."""
    columns, optional = (
        tuple(each for each in some if normalise_label(each.words) not in gone)
        for some in (section.columns, section.optional)
    )
    rows = tuple(each for each in section.rows if normalise_label(each.words) not in gone)
    if not columns or not rows:
        return None
    names = {row.name for row in rows}
    rows = tuple(replace(row, parts=row.parts if names.issuperset(row.parts) else ()) for row in rows)
    return replace(section, columns=columns, optional=optional, rows=rows, derived=MappingProxyType({}))
