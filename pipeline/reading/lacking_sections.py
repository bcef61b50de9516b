"""What a sheet of another edition lacks: its sections in one finding, with what cannot be worked out without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.reading.places import Problem
from schemas.forms.model import Grid, Heads, Indicators, Pairs, fields_of
from schemas.forms.printed_words import called
from schemas.measures import MEASURES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pipeline.reading.find_annexes import Located
    from schemas.forms.model import Form, Section

MOST_NAMED = 4
"""Measures that a finding names; of more it gives the number."""
MOST_LACKING = 8
"""Words of today's form that a finding on another edition names; of more it gives the number."""
NOTHING = "无"


def lacking_sections(located: Located) -> list[Problem]:
    """Say in one problem which sections of the edition a sheet lacks; none where it has all that hold values.

    Reasons in a box of their own are not missed where each indicator row has its own.
    """
    rows = located.finds.rows
    missed = [
        section
        for section in located.lacking
        if isinstance(section, (Grid, Heads, Pairs, Indicators))
        and not (isinstance(section, Heads) and any(section.unless in line for line in rows))
    ]
    if not missed:
        return []
    form = located.form
    names = "、".join(f"“{called(form, section)}”" for section in missed)
    told = "、".join(unjudged(missed)) or NOTHING
    return [Problem("sections_missing", told, located.sheet.name, located.top, names, form.display_name)]


def other_edition(located: Located, today: Form) -> list[Problem]:
    """Say in one problem that a sheet is another edition than today's: which, what it does not have, what that leaves.

    Nothing is said of an edition that the bureau has declared to be its own.
    """
    form = located.form
    if form.id != today.id or form.key == today.key or form.made_from:
        return []
    lacking = list(dict.fromkeys(words for section in today.flat() for words in _not_in(form, today, section)))
    names = "、".join(f"“{words}”" for words in lacking[:MOST_LACKING]) or NOTHING
    more = f"等{len(lacking)}项" if len(lacking) > MOST_LACKING else ""
    blocks = [block.words for block in form.indicators.blocks] if form.indicators and not _has_levels(form) else []
    told = "、".join([*blocks, *_measures(_fields(today) - _fields(form))]) or NOTHING
    return [Problem("other_edition", told, located.sheet.name, located.top, names + more, form.display_name)]


def _fields(form: Form) -> set[str]:
    return {each.name for each in form.fields()}


def _columns(form: Form) -> set[str]:
    return {column.name for column in form.indicators.columns} if form.indicators else set()


def _has_levels(form: Form) -> bool:
    return bool(_columns(form) & {"level1", "level2"})


def _not_in(form: Form, today: Form, section: Section) -> list[str]:
    """Give the words of a section of today's form that another edition has no value for; all of it by its name."""
    has = _fields(form)
    match section:
        case Grid(_, columns, rows):
            own = {row.label: {section.name_at(row, column) for column in columns} for row in rows}
            own |= {column.words: {section.name_at(row, column) for row in rows} for column in columns}
        case Heads(heads):
            own = {head.words: {head.field.name} for head in heads} if section.unless not in _columns(form) else {}
        case Pairs():
            own = {pair.words.strip(): {each.name for each in pair.fields} for line in section.lines for pair in line}
        case Indicators(columns):
            return [column.words for column in columns if column.name not in _columns(form)]
        case _:
            return []
    gone = [words for words, names in own.items() if names and not names & has]
    return [called(today, section)] if gone and len(gone) == sum(map(bool, own.values())) else gone


def unjudged(missed: Sequence[Section]) -> list[str]:
    """Name the blocks of indicators and the measures that cannot be worked out without some sections."""
    blocks = [block.words for section in missed if isinstance(section, Indicators) for block in section.blocks]
    fields = {each.name for section in missed for each in fields_of(section)}
    return [*blocks, *_measures(fields)]


def _measures(fields: Collection[str]) -> list[str]:
    """Name the measures that need some fields; of many the first and the number."""
    found = [each.label for each in MEASURES if set(fields).intersection(each.fields())]
    more = f"等{len(found)}项" if len(found) > MOST_NAMED else ""
    return ["、".join(found[:MOST_NAMED]) + more] if found else []
