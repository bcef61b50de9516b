"""The unit that a form says its amounts are in, where it is not the 万元 that they are read in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.reading.labels import LONGEST_LABEL
from pipeline.reading.places import Problem
from schemas.text.normalise import normal
from schemas.text.units import COUNTERS, MEASURING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pipeline.cells import Cell
    from pipeline.reading.sheet_index import Index, Region

_OTHER = r"(?:人民币)?\s*[十百千亿]?元"
_BRACKETED = re.compile(rf"\((?:(?:金额|货币|计量)?单位\s*:?)?\s*{_OTHER}\s*\)\s*(?:\([A-Z/÷*×-]+\))?\s*:?$")
"""决算数（元）(A): the unit at the end of some words, perhaps with the letter of a formula behind it."""
_BY_ITSELF = re.compile(rf"(?:^|[\s(])(?:金额|货币|计量)?单位\s*:\s*{_OTHER}\s*(?:$|[\s)、,/])")
_UNIT_LINE = re.compile(r"(?:金额|货币|计量)单位\s*:|(?<![^\W\d_])单位\s*:(?P<units>.*)")
_AND = re.compile(r"[\s、,;/和及]+")
_MONEY = re.compile(rf"{_OTHER}|万元|亿元")


def other_units(index: Index, region: Region, values: Collection[Cell]) -> Iterator[Problem]:
    """Tell the words of a form that say 元: strips, corners and heads with （元）, and lines like 金额单位：元.

    ``values`` are the cells that answers and indicators stand in: 人均成本（元）, filed there, is no unit of the form.
    """
    for cell, text in index.texts:
        if cell in region and "元" in text and len(text) <= LONGEST_LABEL and cell not in values:
            words = normal(text)
            if _BRACKETED.search(words) or _BY_ITSELF.search(words):
                yield Problem("unit_differs", " ".join(words.split()), index.sheet.name, cell)


def names_unit(text: str) -> bool:
    """Tell whether a text is a line that names the unit of a form: 金额单位：万元, 单位：人、万元; not 单位：某局."""
    found = _UNIT_LINE.search(normal(text))
    named = _AND.split((found["units"] or "").strip(" ()")) if found else []
    return bool(found) and all(
        not each or _MONEY.fullmatch(each) or each in MEASURING or each in COUNTERS for each in named
    )


def before_unit(text: str) -> str:
    """Give a text up to where a line that names the unit of a form goes on in it."""
    return re.split(r"\s(?=\(?(?:金额|货币|计量)?单位\s*:)", text)[0].strip()
