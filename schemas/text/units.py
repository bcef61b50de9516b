"""Units of measurement and of counting, read from `units.toml`: what a unit measures and how it converts.

A unit of counting (家, 个, 人次) measures nothing but itself. ``每`` and ``/`` make so much for each: 元/人·天.
"""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict

from schemas.text.normalise import normal

if TYPE_CHECKING:
    from collections.abc import Container

TABLE = Path(__file__).with_name("units.toml")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dimension(_Table):
    """What units measure: ``units`` gives for each spelling how many of ``base`` one of them is, exactly."""

    name: str
    base: str
    base_of_each: str = ""
    units: dict[str, Decimal]


class _Counters(_Table):
    characters: str
    words: tuple[str, ...]


class _Per(_Table):
    words: tuple[str, ...]
    same: dict[str, str]
    before: dict[str, str]


class _Units(_Table):
    dimension: tuple[Dimension, ...]
    counters: _Counters
    per: _Per


UNITS = _Units.model_validate(tomllib.loads(TABLE.read_text(encoding="utf-8")))


class Unit(NamedTuple):
    """A unit: what it measures ("" for counting), its base unit, and how many of that it is.

    ``each`` is the base unit, and how many of it, where it is so much for each of another: 元 and not 万元.
    """

    dimension: str
    base: str
    factor: Decimal
    each: tuple[str, Decimal]

    def alike(self, other: Unit) -> bool:
        """Tell whether one may stand for the other in a cell: both count, or both are the same measure."""
        return self.dimension == other.dimension and self.factor == other.factor


def any_of(words: object) -> str:
    """Give a pattern that matches any of some words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))  # type: ignore[call-overload]


def word_at(words: Container[str], longest: int, text: str, at: int) -> str:
    """Give the longest of some words that begins at a place of a text, "" where none does.

    A pattern of hundreds of words finds it no sooner, and takes milliseconds to make.
    """
    begun = text[at : at + longest]
    return next((begun[:end] for end in range(len(begun), 0, -1) if begun[:end] in words), "")


def _measuring() -> dict[str, Unit]:
    found = {}
    for dimension in UNITS.dimension:
        each = dimension.base_of_each or dimension.base
        of_base = dimension.units.get(each, Decimal(1))
        for spelling, factor in dimension.units.items():
            unit = Unit(dimension.name, dimension.base, factor, (each, factor / of_base))
            found[normal(spelling)] = unit
    return found


_ONE = Decimal(1)
MEASURING: dict[str, Unit] = _measuring()
COUNTERS = frozenset(UNITS.counters.characters) | {normal(word) for word in UNITS.counters.words}
WITH_A_NOUN = frozenset(UNITS.counters.characters)
"""The counters behind which may stand what they count."""
POINTS = frozenset({"百分点", "个百分点"})
"""Units that say by how many points a rate has changed, which is not by how many percent."""
_UNITS = {*MEASURING, *COUNTERS}
_LONGEST = max(map(len, _UNITS))
_PER = any_of({*UNITS.per.words, *UNITS.per.same, *COUNTERS})
_EACH = re.compile(rf"(?:每(?:{_PER}))+|{any_of(UNITS.per.before)}")
_FOR = re.compile(rf"(?:/每?|每)(?:{_PER})(?:[·.、,*×及/](?:{_PER}))*")
_NAMED = re.compile(_PER)


def unit_at(text: str, at: int) -> str:
    """Give the unit that begins at a place of a text, the longest one; "" where none does."""
    return word_at(_UNITS, _LONGEST, text, at)


def each_at(text: str, at: int) -> re.Match[str] | None:
    """Find 每人每天 or 人均 at a place of a text."""
    return _EACH.match(text, at)


def for_each_at(text: str, at: int) -> re.Match[str] | None:
    """Find /人·天 or 每亩 at a place of a text."""
    return _FOR.match(text, at)


def things(each: str) -> frozenset[str]:
    """Give for each of what: 每人每天 and /天·人 are both for each 人 and 天."""
    if each in UNITS.per.before:
        return frozenset({UNITS.per.before[each]})
    return frozenset(UNITS.per.same.get(thing, thing) for thing in _NAMED.findall(each.replace("每", "/")))


@lru_cache(maxsize=4096)
def unit_of(spelling: str) -> Unit:
    """Give what a unit is; a unit of counting, with its noun or without, is its own base."""
    return MEASURING.get(spelling) or Unit("", spelling, _ONE, (spelling, _ONE))


def unit_of_each(spelling: str, each: frozenset[str]) -> Unit | None:
    """Give a unit for each of other things, 元 for each 人 and 天; None for a rate of them, which nobody can mean."""
    unit = unit_of(spelling)
    if unit.dimension == "rate":
        return None
    base, factor = unit.each
    named = "·".join(sorted(each))
    return Unit(f"{unit.dimension or base}/{named}", f"{base}/{named}", factor, (base, factor))


@lru_cache(maxsize=8192)
def same_unit(first: str, second: str) -> bool:
    """Tell whether two units of counting are the same, one perhaps with its noun: 个 and 个项目; but 人 is not 人次."""
    shorter, longer = sorted((first, second), key=len)
    with_noun = len(shorter) == 1 and shorter in COUNTERS and shorter != "人" and longer not in {"", *COUNTERS}
    return first == second or (with_noun and longer.startswith(shorter))
