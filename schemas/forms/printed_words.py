"""The words that a form prints and that may stand on a sheet under other names, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.forms.model import Grid, Heads, Indicators, Line, Pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.forms.model import Section


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
