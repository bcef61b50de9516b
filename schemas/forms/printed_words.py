"""The words that a form prints and that may stand on a sheet under other names, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemas.forms.model import Grid, Heads, Indicators, Line, Pairs, Strip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.forms.model import Form, Section

SUMS = frozenset({"小计", "合计", "总计", "共计"})
"""What a line that adds up the lines above it is called."""


def printed_words(section: Section, *, optional: bool = True) -> Iterator[tuple[str, str]]:
    """Give the words of a section that may have other names, and what each is, as the file of the names calls it.

    ``optional`` says that columns which stand in some forms only are given too: beside them a word means another thing.
    """
    match section:
        case Line(parts):
            yield from (("prompts", part.words) for part in parts)
        case Grid(_, columns, rows):
            yield from (("heads", column.words) for column in (*columns, *(section.optional if optional else ())))
            yield from (("rows", row.words) for row in rows)
        case Heads(heads):
            yield from (("heads", head.words) for head in heads)
        case Pairs(lines):
            yield from (("rows", pair.words) for line in lines for pair in line)
            yield from (("rows", pair.words) for pair in (section.optional if optional else ()))
        case Indicators(columns, blocks):
            yield from (("heads", column.words) for column in (*columns, *(section.optional if optional else ())))
            yield from (("levels", block.words) for block in blocks)
            yield from (("levels", aspect.words) for block in blocks for aspect in block.aspects)
        case _:
            return


class Label(NamedTuple):
    """Words that a form prints: in which part, as people call it ("" for the title), what they are, and the words."""

    part: str
    what: str
    words: str


def labels_of(form: Form) -> list[Label]:
    """Give the title of a form and the words under which values stand, from top to bottom."""
    found = [Label("", "title", form.title)]
    for section in form.flat():
        valueless = (
            {pair.words for line in section.lines for pair in line if not pair.fields}
            if isinstance(section, Pairs)
            else set()
        )
        found += [
            Label(called(form, section), what, words.strip())
            for what, words in printed_words(section)
            if words not in valueless
        ]
    return list(dict.fromkeys(found))


def called(form: Form, section: Section) -> str:
    """Give what people call a section: the words at its left, and its own first words where others share these."""
    own = _first_words(section)
    for strip in form.sections:
        if isinstance(strip, Strip) and any(section is inner for inner in strip.sections):
            return strip.words if len(strip.sections) == 1 else f"{strip.words}·{own}"
    return own


def _first_words(section: Section) -> str:
    match section:
        case Line(parts):
            return parts[0].words
        case Grid(corner, _, rows):
            return corner or rows[0].words.strip()
        case Heads(heads):
            return heads[0].words
        case Pairs(lines):
            return lines[0][0].words.strip()
        case Indicators(columns):
            return columns[0].words
        case _:
            return ""
