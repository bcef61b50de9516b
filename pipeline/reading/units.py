"""The words of a form that say in what unit its amounts are: 万元, or another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pipeline.reading.labels import LONGEST_LABEL
from schemas.text.normalise import normal
from schemas.text.units import COUNTERS, MEASURING, any_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from pipeline.cells import Cell
    from pipeline.reading.sheet_index import Index, Region

_UNITS = {"元": 1e-4, "十元": 1e-3, "百元": 1e-2, "千元": 0.1, "万元": 1.0, "百万元": 100.0, "亿元": 1e4}
"""Units of money and how much of 万元 one of each is."""
_UNIT = rf"(?:人民币)?\s*(?P<unit>{any_of(_UNITS)})"
_BRACKETED = re.compile(rf"\((?:(?:金额|货币|计量)?单位\s*:?)?\s*{_UNIT}\s*\)\s*(?:\([A-Z/÷*×-]+\))?\s*:?$")
"""决算数（元）(A): the unit at the end of some words, perhaps with the letter of a formula behind it."""
_BY_ITSELF = re.compile(rf"(?:^|[\s(])(?:金额|货币|计量)?单位\s*:\s*{_UNIT}\s*(?:$|[\s)、,/])")
_UNIT_LINE = re.compile(r"(?:金额|货币|计量)单位\s*:|(?<![^\W\d_])单位\s*:(?P<units>.*)")
_AND = re.compile(r"[\s、,;/和及]+")
_MONEY = re.compile(_UNIT)


class StatedUnit(NamedTuple):
    """Words of a form that say in what unit its amounts are, and how much of 万元 one of that unit is."""

    cell: Cell
    words: str
    factor: float


def stated_units(index: Index, region: Region, values: Collection[Cell]) -> list[StatedUnit]:
    """Give the words of a form that name a unit: strips, corners, heads and rows with （元）, lines like 金额单位：元.

    ``values`` are the cells that answers and indicators stand in: 人均成本（元）, filed there, is no unit of the form.
    """
    found = []
    for cell, text in index.texts:
        if "元" in text and len(text) <= LONGEST_LABEL and cell in region and cell not in values:
            words = normal(text)
            named = _BRACKETED.search(words) or _BY_ITSELF.search(words)
            if named:
                found.append(StatedUnit(cell, " ".join(words.split()), _UNITS[named["unit"]]))
    return found


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
