"""Targets that a form splits into 指标性质, 指标值 and 度量单位, put together as one text."""

from __future__ import annotations

import re

from schemas.text.model import DOWNWARDS, SIGNS, UPWARDS, Comparison, Sort
from schemas.text.normalise import normalise_label
from schemas.text.targets import parse
from schemas.text.vocabulary import NATURES

_BARE = re.compile(r"\d+(?:\.\d+)?")


def put_together(value: str, nature: str, unit: str) -> tuple[str, str]:
    """Give the target as one text and the unit of a bare actual beside it, "" for a target in words.

    反向 makes a number without a word of comparison an upper bound (≤), 正向 a lower one (≥), and 定量 nothing; ≥ and
    the like are written before the number. A nature that contradicts the number's own words (正向 ≤5), or is not
    known, stays before it, so that the target is left to a person.
    """
    known = NATURES.get(normalise_label(nature), "")
    shown = value.strip()
    if not shown or known == "words" or not (nature or unit):
        return value, ""
    text = f"{shown}{unit}" if _BARE.fullmatch(shown) else shown
    if known == "number":
        return text, unit
    if known:
        return _directed(text, nature, Comparison(known)), unit
    return f"{nature}{text}", unit


def _directed(text: str, nature: str, comparison: Comparison) -> str:
    """Give a target with the direction that its nature tells."""
    found = parse(text)
    if found.sort is not Sort.MEASURE:
        return text
    if found.comparison is Comparison.NONE:
        return f"{SIGNS[comparison]}{text}"
    against = DOWNWARDS if comparison is Comparison.AT_LEAST else UPWARDS
    return f"{nature}{text}" if found.comparison in against else text
