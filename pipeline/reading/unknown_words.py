"""What stands where a head or a row of the form was not found: texts that are unknown, and what they probably are.

What is probable is asked and never taken: a text counts when the form has it among its other names, or the bureau has
answered (`schemas.forms.answered`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.reading.labels import is_label, names_of
from pipeline.reading.places import Finds, Problem
from schemas.forms.model import Column, Grid, Head, Heads, Indicators, Pairs, Strip
from schemas.text.normalise import has_chinese, normalise_label, odd_digits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.reading.find_fields import Search
    from pipeline.reading.workbook import Cell
    from schemas.forms.model import Form, Section

HEAD, ROW = "head_asked", "row_asked"
"""The rules by which a text is asked about."""
ASKED = frozenset({HEAD, ROW})
_NOT_FOUND = {"column_not_found": HEAD, "row_not_found": ROW}
LONGEST = 24
"""Letters of a text that may be a head or a row's words; longer ones are answers."""
MOST_TOLD = 5
"""Unknown texts that a finding names."""
MOST_TEXTS = 400
"""Texts of a sheet that are looked at for a section of which nothing is known."""
NOTHING_ELSE = "无"
"""What is told where no unknown text stands in the place of a word that is missing."""
LIKE, NEXT_TO = 0.5, 0.3
"""From which likeness on a text is probably a name; less is enough where it stands where the column must be."""

_Sought = str | Column | Head


class _Text(NamedTuple):
    """An unknown text of a sheet: its cell, the text as it stands, and as it compares."""

    cell: Cell
    shown: str
    words: str


def ask(search: Search, section: Section, finds: Finds) -> Finds:
    """Name in each problem of a section what stands in the place of the words that were not found."""
    missing = [each for each in finds.problems if each.rule in _NOT_FOUND]
    if not missing:
        return finds
    others = [each for each in finds.problems if each.rule not in _NOT_FOUND]
    asked: list[Problem] = []
    heads = [each for each in missing if _NOT_FOUND[each.rule] == HEAD]
    if heads:
        row = next((each.cell[0] for each in heads if each.cell), None)
        asked += _heads(search, section, heads, [] if row is None else _around(search, section, row))
    rows = [each for each in missing if _NOT_FOUND[each.rule] == ROW]
    if rows:
        texts, filled = _beside_rows(search, section, finds)
        asked += _named(search, rows, texts, {}, filled)
    order = {id(each): at for at, each in enumerate(finds.problems)}
    told = dict(zip(map(id, [*heads, *rows]), asked, strict=True))
    kept = sorted([*others, *missing], key=lambda each: order[id(each)])
    return Finds(finds.places, finds.rows, [told.get(id(each), each) for each in kept])


def ask_of_lacking(search: Search, section: Section) -> list[Problem]:
    """Give the problems of a section of which no word is known, where texts like its words stand together."""
    heads = _columns(section)
    pairs = [pair.words for line in section.lines for pair in line if pair.fields] if isinstance(section, Pairs) else []
    if not heads and not pairs:
        return []
    texts = [text for cell, _ in search.index.texts if (text := _unknown(search, cell))][:MOST_TEXTS]
    if pairs:
        rows = [Problem("row_not_found", words.strip(), search.sheet.name) for words in pairs]
        asked = _named(search, rows, texts, {}, range(0))
        return asked if sum(each.rule in ASKED for each in asked) > len(pairs) / 2 else []
    by_row: dict[int, list[_Text]] = {}
    for text in texts:
        by_row.setdefault(text.cell[0], []).append(text)
    best: list[Problem] = []
    for row, here in by_row.items():
        known = [head for head in heads if any(line == row for line, _ in _cells(search, head))]
        missing = [
            Problem("column_not_found", head.words.strip(), search.sheet.name, (row, 0))
            for head in heads
            if head not in known
        ]
        asked = _heads(search, section, missing, here)
        count = sum(each.rule in ASKED for each in asked)
        if len(known) + count > len(heads) / 2 and count > sum(each.rule in ASKED for each in best):
            best = asked
    return best


# ---------------------------------------------------------------------- which texts are unknown


def _unknown(search: Search, cell: Cell) -> _Text | None:
    """Give the text of a cell if it is unknown; None for values, labels, titles, and what is outside the region."""
    value = search.sheet.value(cell)
    if not isinstance(value, str) or cell not in search.region:
        return None
    words = normalise_label(value)
    if not 1 < len(words) <= LONGEST or not has_chinese(words) or _SENTENCE.search(words) or odd_digits(value):
        return None
    also = search.form.also
    known = words in _strips(search.form) or words in also.not_ours or is_label(search.form, search.year, value)
    return None if known else _Text(cell, " ".join(value.split()), words)


_SENTENCE = re.compile("[。;:,]")


@lru_cache(maxsize=64)
def _strips(form: Form) -> frozenset[str]:
    """Give the words of the form that no value stands by: vertical labels, corners, its titles."""
    found = [section.words for section in form.sections if isinstance(section, Strip)]
    found += [section.corner for section in form.flat() if isinstance(section, Grid)]
    return frozenset(map(normalise_label, (*found, *form.names_of(form.title), form.annex)))


def _around(search: Search, section: Section, row: int) -> list[_Text]:
    """Give the unknown texts among the heads of a section: on a row, and on those next to it that hold heads too."""
    heads = {line for head in _columns(section) for line, _ in _cells(search, head)}
    rows = [row, *(each for each in (row - 1, row + 1) if each in heads)]
    across = range(search.region.left, search.region.right + 1)
    cells = dict.fromkeys(search.sheet.anchor((line, column)) for line in rows for column in across)
    return [text for cell in cells if (text := _unknown(search, cell))]


def _beside_rows(search: Search, section: Section, finds: Finds) -> tuple[list[_Text], range]:
    """Give the unknown texts where the words of a section's rows stand, and the rows from the first to the last.

    Those just above and below may be of the section too, but only what is like one of its words is asked about there.
    """
    match section:
        case Grid(_, columns, rows):
            words = [row.words for row in rows]
            heads = [cell for column in columns for cell in _cells(search, column)]
            lines = [row for row, _ in heads]
            top = max(lines, key=lambda row: (lines.count(row), -row), default=0)
            right = min((column for row, column in heads if row == top), default=0) - 1
        case Pairs(lines_of_pairs):
            words = [pair.words for line in lines_of_pairs for pair in line]
            top, right = -1, search.region.right
        case _:
            return [], range(0)
    found = [cell for each in words for cell in _cells(search, each) if cell[0] > top]
    filled = range(min((row for row, _ in found), default=top + 1), max((row for row, _ in found), default=top) + 1)
    values = {place.cell for place in finds.places.values()}
    cells = (
        (row, column)
        for row in range(max(filled.start - 1, top + 1), filled.stop + 1)
        for column in range(search.region.left, right + 1)
    )
    return [text for cell in cells if (text := _unknown(search, cell)) and cell not in values], filled


def _columns(section: Section) -> tuple[Column | Head, ...]:
    """Give what stands over the values of a section, in the order in which the form prints it."""
    match section:
        case Grid(_, columns) | Indicators(columns):
            return columns
        case Heads(heads):
            return heads
        case _:
            return ()


def _cells(search: Search, sought: _Sought) -> list[Cell]:
    return search.index.find(names_of(search.form, sought, search.year), search.region)


# ---------------------------------------------------------------------- what they probably are


def _heads(search: Search, section: Section, missing: Sequence[Problem], texts: Sequence[_Text]) -> list[Problem]:
    """Name what stands in the place of each missing head of a section, texts of one row."""
    order = _columns(section)
    rows = range(
        min((text.cell[0] for text in texts), default=0) - 1, max((text.cell[0] for text in texts), default=0) + 2
    )
    at = {
        head.words.strip(): next((column for line, column in _cells(search, head) if line in rows), None)
        for head in order
    }
    names = [head.words.strip() for head in order]
    room: dict[str, tuple[int, int]] = {}
    for each in missing:
        place = names.index(each.sought)
        before = [column for name in names[:place] if (column := at[name]) is not None]
        behind = [column for name in names[place + 1 :] if (column := at[name]) is not None]
        room[each.sought] = (max(before, default=-1), min(behind, default=search.region.right + 1))
    return _named(search, missing, texts, room)


def _named(
    search: Search,
    missing: Sequence[Problem],
    texts: Sequence[_Text],
    room: Mapping[str, tuple[int, int]],
    told_of: range | None = None,
) -> list[Problem]:
    """Give each problem with the text that is probably meant, the likest first; else with all that are left.

    ``room`` are the columns between which a head must stand, by its words: the one text in the room of one head is
    asked about whatever it says. ``told_of`` are the rows whose other texts are named; all where None.
    """
    rest = list(texts)
    chosen: dict[str, _Text] = {}
    pairs = sorted(
        (
            (_score(search, each.sought, text, room), -at, each.sought, text)
            for at, each in enumerate(missing)
            for text in rest
        ),
        key=lambda pair: pair[:2],
        reverse=True,
    )
    for score, _, sought, text in pairs:
        if score > 0 and sought not in chosen and text in rest:
            chosen[sought] = text
            rest.remove(text)
    for each in missing:
        alone = [text for text in rest if each.sought in room and _is_in(text, room[each.sought])]
        rivals = [
            other for other in missing if other.sought not in chosen and room.get(other.sought) == room.get(each.sought)
        ]
        if each.sought not in chosen and len(alone) == len(rivals) == 1:
            chosen[each.sought] = alone[0]
            rest.remove(alone[0])
    left = list(dict.fromkeys(text.shown for text in rest if told_of is None or text.cell[0] in told_of))
    told = "、".join(f"“{shown}”" for shown in left[:MOST_TOLD]) or NOTHING_ELSE
    return [
        replace(each, rule=_NOT_FOUND[each.rule], cell=chosen[each.sought].cell, stated=chosen[each.sought].shown)
        if each.sought in chosen
        else replace(each, stated=told)
        for each in missing
    ]


def _score(search: Search, sought: str, text: _Text, room: Mapping[str, tuple[int, int]]) -> float:
    """Give how like a text is to the words that are sought, 0 where it is not like enough to be asked about."""
    like = max(_likeness(name, text.words) for name in names_of(search.form, sought, search.year))
    inside = sought in room and _is_in(text, room[sought])
    return like + 0.25 * inside if like >= (NEXT_TO if inside else LIKE) else 0.0


def _is_in(text: _Text, room: tuple[int, int]) -> bool:
    return room[0] < text.cell[1] < room[1]


@lru_cache(maxsize=8192)
def _likeness(name: str, words: str) -> float:
    """Give the share of letters that two texts have in common in the same order; who holds a name is like it."""
    if not set(name) & set(words):
        return 0.0
    shared = SequenceMatcher(None, name, words, autojunk=False).ratio()
    return max(shared, LIKE) if name in words else shared
