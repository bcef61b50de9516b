"""The unit that a form says its amounts are in, where it is not the 万元 that they are read in."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.reading.labels import LONGEST_LABEL, known
from pipeline.reading.places import Problem
from schemas.forms.model import Grid, Strip
from schemas.text.normalise import normal, normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.reading.sheet_index import Index, Region
    from schemas.forms.model import Form

_BEHIND_WORDS = re.compile(r"\((?:单位\s*:?)?\s*元\s*\)")
_BY_ITSELF = re.compile(r"(?:^|[\s(])(?:金额|货币|计量)?单位\s*:\s*(?:人民币)?\s*(?:[百千亿]元|元)\s*(?:$|[\s)])")


def other_units(form: Form, index: Index, region: Region, year: int) -> Iterator[Problem]:
    """Tell the words of a form that say 元, 当年决算数（元）, and the lines that do, 金额单位：元."""
    for cell, text in index.texts:
        if cell in region and "元" in text and len(text) <= LONGEST_LABEL:
            shown = normal(text)
            behind = _BEHIND_WORDS.search(shown) and normalise_label(text) in (known(form, year).keys() | _heads(form))
            if behind or _BY_ITSELF.search(shown):
                yield Problem("unit_differs", " ".join(shown.split()), index.sheet.name, cell)


@lru_cache(maxsize=64)
def _heads(form: Form) -> frozenset[str]:
    """Give the words that stand over or beside whole tables, which are no label of one value."""
    strips = {section.words for section in form.sections if isinstance(section, Strip)}
    return frozenset(
        map(normalise_label, strips | {section.corner for section in form.flat() if isinstance(section, Grid)})
    )
