"""The language of 年度指标值 and 实际完成值: ``parse("不低于37家") == Target(MEASURE, AT_LEAST, 37, unit="家")``.

A cell is a measure (comparison, number, unit), a deadline, words, a placeholder or blank (method section 3). The
language is closed: a measure is read only where every piece of the text is known, by `words.toml`, by `units.toml` or
as a piece of the indicator's own name. A text with a number and one word more is words, and says which word it was.

Numbers are in the base unit of their dimension: money in 万元, rates as fractions, length in 米, area in 亩,
mass in 吨, time in 天; units of counting stay as they are. A number below zero is words in a target; an actual may be
below zero.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from schemas.text.deadlines import deadline
from schemas.text.measures import read_measure
from schemas.text.model import Comparison, Part, Sort, Target
from schemas.text.normalise import normal, normalise_label, odd_digits, two_numbers
from schemas.text.numerals import NUMBER
from schemas.text.senses import UnknownError
from schemas.text.units import any_of
from schemas.text.vocabulary import COMPARING, LEAD, NONE

LONGEST = 60
"""Longer texts are words, whatever numbers are in them; and reading stays quick."""
KEPT = 200
"""Longer cells are not kept in memory once they are read: they are words, or blanks."""
_SPACES = re.compile(r"\s+")
_PLACEHOLDER = re.compile(rf"[/\\|—–\-…·.。xX×_*?]+|{NONE.pattern}|不涉及|不适用|指标\d+:?")
# ㎡ would become m2 and ³ a digit; the brackets are typed for the signs they look like.
_MEANT = str.maketrans(
    {"㎡": "平方米", "㎥": "立方米", "〈": "<", "〉": ">", "\u2329": "<", "\u232a": ">", "μ": "μ", "µ": "μ"}
)
_RAISED = re.compile("(?<=[mMk米])([²³])")
_COMPARING_WORD = re.compile(any_of(word for word, meant in LEAD.items() if meant.role in COMPARING))
_MINUS = re.compile(r"^\s*[-－−](?=\s*[\d０-９])")


def parse(text: str, name: str = "") -> Target:
    """Read one cell of 年度指标值; the words of the indicator's own ``name`` are known in it."""
    return _parse(text, name, actual=False)


def parse_actual(text: str, name: str = "") -> Target:
    """Read one cell of 实际完成值: in an actual, 达到37家 is a measurement and no bound, and -5% is below zero.

    An actual may be approximate (200余人): `Target.about` says on which side the true number lies.
    """
    minus = _MINUS.match(text)
    if not minus:
        return _parse(text, name, actual=True)
    found = _parse(text[minus.end() :], name, actual=True)
    if found.value is None or found.comparison is not Comparison.NONE or found.about or found.change:
        return Target(Sort.WORDS)
    return replace(found, value=-found.value, parts=(Part("-", "负号"), *found.parts))


def _normal(text: str) -> str:
    raised = _RAISED.sub(lambda found: "23"["²³".index(found[1])], text)
    return normal(raised.translate(_MEANT))


def _shown(normal_text: str) -> str:
    return _SPACES.sub("", normal_text).rstrip("。;")


def says_nothing(text: str) -> bool:
    """Tell whether a cell is blank or holds a placeholder, without reading it as anything else."""
    shown = _shown(_normal(text)) if text else ""
    return not shown or bool(_PLACEHOLDER.fullmatch(shown))


def compares(words: str) -> bool:
    """Tell whether words before a number can say which way it is meant: 不低于 is in them, or its like."""
    return bool(_COMPARING_WORD.search(_shown(_normal(words))))


def is_none(text: str) -> bool:
    """Tell whether a cell says that there is none: an answer where none or few are asked for, else a placeholder."""
    return bool(NONE.fullmatch(_shown(_normal(text))))


def _parse(text: str, name: str, *, actual: bool) -> Target:
    """Read a cell; its indicator's name only where it can matter, so that each text is read once for all indicators."""
    if len(text) > KEPT:
        return Target(Sort.WORDS) if _is_long(text) else _read.__wrapped__(text, "", actual=actual)
    found = _read(text, "", actual=actual)
    unclear = found.sort is Sort.WORDS and NUMBER.search(text)
    return _read(text, name, actual=actual) if name and (unclear or found.change or "/" in found.dimension) else found


def _is_long(text: str) -> bool:
    """Tell by its beginning that a text is too long to be read; False where it may be blank or a placeholder."""
    begin = _shown(_normal("".join(text.split())[:KEPT]))
    return len(begin) > LONGEST + 1 and not _PLACEHOLDER.fullmatch(begin)


@lru_cache(maxsize=8192)
def _read(text: str, name: str, *, actual: bool) -> Target:
    typed = _normal(text)
    shown = _shown(typed)
    if not shown:
        return Target(Sort.BLANK)
    if _PLACEHOLDER.fullmatch(shown):
        return Target(Sort.PLACEHOLDER)
    if len(shown) > LONGEST or odd_digits(_RAISED.sub("", text)) or two_numbers(typed):
        return Target(Sort.WORDS)
    found = deadline(shown)
    if found:
        return replace(found, parts=(Part(shown, "期限"),))
    try:
        return read_measure(shown, _own(name), actual=actual)
    except UnknownError as unknown:
        return Target(Sort.WORDS, unknown=unknown.words if re.search(r"\d", shown) else "")


@lru_cache(maxsize=4096)
def _own(name: str) -> str:
    """Give the indicator's name as its words may stand in a target; "" for a text that is no name."""
    return normalise_label(name) if len(name) <= LONGEST else ""
