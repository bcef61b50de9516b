"""The words of a target, read from `words.toml`: what may stand before a number and behind it, and what each means."""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict

from schemas.text.model import About, Comparison
from schemas.text.normalise import normal
from schemas.text.units import any_of, word_at

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterator

TABLE = Path(__file__).with_name("words.toml")


class Role(StrEnum):
    """What a piece of a target does in it, as people call it."""

    COMPARISON = "比较词"
    REACHED = "达到某一水平"
    LEVEL = "到某一水平"
    HELD = "控制在某一水平"
    KEPT = "保持在某一水平"
    CHANGE = "增减"
    SINCE = "与什么相比"
    WHICH = "哪一个数"
    ABOUT = "约数"
    NAME = "名称"
    FILLER = "不改变意思"
    RATE_FILLER = "比率后不改变意思"
    EACH = "每一个"
    NUMBER = "数"
    TIMES = "倍数"
    UNIT = "单位"
    COUNTED = "数的是什么"
    TO = "到"


class Word(NamedTuple):
    """What a word does, its key in the table, and what it means in Chinese."""

    role: Role
    key: str
    meaning: str


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _List(_Table):
    words: tuple[str, ...]


class _Sides(_Table):
    before: tuple[str, ...]
    behind: tuple[str, ...]


class _Level(_Table):
    reached: tuple[str, ...]
    at_least: tuple[str, ...]
    at_most: tuple[str, ...]
    held: tuple[str, ...]
    kept: tuple[str, ...]


class _Between(_Table):
    before_names: tuple[str, ...]
    fillers: tuple[str, ...]


class _Change(_Table):
    up: tuple[str, ...]
    down: tuple[str, ...]


class _About(_Table):
    over: tuple[str, ...]
    under: tuple[str, ...]
    before: tuple[str, ...]
    behind: tuple[str, ...]


class _Behind(_Table):
    any: dict[str, str]
    rate: dict[str, str]


class Words(_Table):
    """All words of `words.toml`, section by section."""

    comparison: dict[Comparison, _Sides]
    level: _Level
    between: _Between
    change: _Change
    since: dict[str, tuple[str, ...]]
    which: dict[str, tuple[str, ...]]
    about: _About
    nature: dict[str, tuple[str, ...]]
    names: _List
    counted: _List
    none: _List
    fillers: dict[str, str]
    behind: _Behind


WORDS = Words.model_validate(tomllib.loads(TABLE.read_text(encoding="utf-8")))
WHICH = {"new": "新增的", "total": "全部的"}
CHANGES = {"up": "增加了多少", "down": "减少了多少"}
ABOUTS = {About.OVER: "比这个数多一点", About.UNDER: "比这个数少一点", About.EITHER: "多少不定"}


def _lead() -> Iterator[tuple[str, Word]]:
    """Give every word that may stand before a number."""
    level = WORDS.level
    for comparison, sides in WORDS.comparison.items():
        yield from _each(sides.before, Role.COMPARISON, comparison, comparison.label)
    yield from _each(level.reached, Role.REACHED, Comparison.AT_LEAST, Comparison.AT_LEAST.label)
    for comparison, words in ((Comparison.AT_LEAST, level.at_least), (Comparison.AT_MOST, level.at_most)):
        yield from _each(words, Role.LEVEL, comparison, comparison.label)
    yield from _each(level.held, Role.HELD, Comparison.AT_MOST, Comparison.AT_MOST.label)
    yield from _each(level.kept, Role.KEPT, "", "看不出方向")
    for change, words in (("up", WORDS.change.up), ("down", WORDS.change.down)):
        yield from _each(words, Role.CHANGE, change, CHANGES[change])
    for since, words in WORDS.since.items():
        yield from _each(words, Role.SINCE, since, "与之相比")
    for which, words in WORDS.which.items():
        yield from _each(words, Role.WHICH, which, WHICH[which])
    for about, words in ((About.UNDER, WORDS.about.under), (About.EITHER, WORDS.about.before)):
        yield from _each(words, Role.ABOUT, about, ABOUTS[about])
    yield from _each(WORDS.names.words, Role.NAME, "", "说的是什么")
    counted = tuple(word for word in WORDS.counted.words if len(word) > 1)
    yield from _each(counted, Role.NAME, "", "说的是什么")
    yield from ((word, Word(Role.FILLER, "", meaning)) for word, meaning in WORDS.fillers.items())


def _behind() -> Iterator[tuple[str, Word]]:
    """Give every word that may stand behind a number and its unit."""
    for comparison, sides in WORDS.comparison.items():
        yield from _each(sides.behind, Role.COMPARISON, comparison, comparison.label)
    yield from _each(WORDS.about.behind, Role.ABOUT, About.EITHER, ABOUTS[About.EITHER])
    yield from ((word, Word(Role.FILLER, "", meaning)) for word, meaning in WORDS.behind.any.items())
    yield from ((word, Word(Role.RATE_FILLER, "", meaning)) for word, meaning in WORDS.behind.rate.items())


def _each(words: tuple[str, ...], role: Role, key: str, meaning: str) -> Iterator[tuple[str, Word]]:
    for word in words:
        yield word, Word(role, key, meaning)


def _once(words: Iterator[tuple[str, Word]]) -> dict[str, Word]:
    found: dict[str, Word] = {}
    for word, meant in words:
        if found.setdefault(normal(word), meant) != meant:
            message = f"{TABLE.name}: {word} has two meanings"
            raise ValueError(message)
    return found


LEAD: dict[str, Word] = _once(_lead())
BEHIND: dict[str, Word] = _once(_behind())
NATURES: dict[str, str] = {word: nature for nature, words in WORDS.nature.items() for word in words}
_LONGEST = max(map(len, LEAD | BEHIND))
OVER_AT = re.compile(any_of(WORDS.about.over))


def lead_at(text: str, at: int) -> str:
    """Give the longest word of ``LEAD`` that begins at a place of a text, "" where none does."""
    return word_at(LEAD, _LONGEST, text, at)


def behind_at(text: str, at: int) -> str:
    """Give the longest word of ``BEHIND`` that begins at a place of a text, "" where none does."""
    return word_at(BEHIND, _LONGEST, text, at)


def _indivisible(words: Collection[str]) -> set[str]:
    """Give the words that are not others in a row: so a text is made of them in one way, and that is soon found."""
    return {word for word in words if not _divides(word, words)}


def _divides(text: str, words: Container[str]) -> bool:
    """Tell whether a text is made of two words or more."""
    parts = ((text[:at], text[at:]) for at in range(1, len(text)))
    return any(first in words and (rest in words or _divides(rest, words)) for first, rest in parts)


TAIL = re.compile(rf"(?P<noun>.{{0,12}}?)(?:{any_of(_indivisible(BEHIND))})*+$")
"""What is counted, and all known words behind it."""
COMPARING = frozenset({Role.COMPARISON, Role.REACHED, Role.LEVEL, Role.HELD, Role.KEPT})
"""Roles of the words that say which way a number is meant."""
_DECIDING = COMPARING | {Role.ABOUT}
DECIDES = re.compile(
    any_of(word for word, meant in (LEAD | BEHIND).items() if meant.role in _DECIDING and len(word) > 1)
)
"""A word that decides which way a number is meant, wherever it stands."""
TURNS = re.compile("[未不没无非多余超限逾差]")
"""What may not stand before the head of what is counted: 未完成项目 are other things than those that were asked for."""
HEAD = re.compile(rf"(?:{any_of(WORDS.counted.words)})$")
"""The last word of what is counted; in Chinese it says what the thing is, and what stands before only which of them."""
NONE = re.compile(any_of(WORDS.none.words))
