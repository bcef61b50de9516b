"""What a sheet of another edition lacks: its sections in one finding, with what cannot be worked out without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.reading.places import Problem
from schemas.forms.model import Grid, Heads, Indicators, Pairs, fields_of
from schemas.forms.printed_words import called
from schemas.measures import MEASURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.reading.find_annexes import Located
    from schemas.forms.model import Section

MOST_NAMED = 4
"""Measures that a finding names; of more it gives the number."""
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


def unjudged(missed: Sequence[Section]) -> list[str]:
    """Name the blocks of indicators and the measures that cannot be worked out without some sections."""
    blocks = [block.words for section in missed if isinstance(section, Indicators) for block in section.blocks]
    fields = {each.name for section in missed for each in fields_of(section)}
    measures = [each.label for each in MEASURES if fields.intersection(each.fields())]
    more = [f"等{len(measures)}项"] if len(measures) > MOST_NAMED else []
    return [*blocks, "、".join(measures[:MOST_NAMED]) + "".join(more)] if measures else blocks
