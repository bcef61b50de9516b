"""The words of a form as they compare with a sheet: its labels, prompts and notes, under all their names."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from schemas.forms.model import Grid, Heads, Indicators, Line, Note, Pairs
from schemas.text.normalise import normal, normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from schemas.forms.model import Column, Form, Head

LONGEST_LABEL = 60
"""Longer texts are answers, not labels."""


@lru_cache(maxsize=64)
def labels(form: Form) -> tuple[Any, ...]:
    """Give the headings and words of a form under which values stand: columns, heads, and words of rows and pairs."""
    found: list[Any] = []
    for section in form.flat():
        match section:
            case Grid(_, columns, rows):
                found += [row.words for row in rows] + list(columns)
            case Heads(heads):
                found += heads
            case Pairs(lines):
                found += [pair.words for line in (*lines, section.optional) for pair in line]
            case Indicators(columns):
                found += columns
            case _:
                pass
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=256)
def names(form: Form, year: int) -> tuple[tuple[str, ...], ...]:
    """Give all names of each label of a form."""
    return tuple(
        form.names_of(label) if isinstance(label, str) else form.heads_of(label, year) for label in labels(form)
    )


@lru_cache(maxsize=256)
def known(form: Form, year: int) -> Mapping[str, tuple[int, ...]]:
    """Give every name of every label of a form as it compares, with the labels it is of by number."""
    found: dict[str, list[int]] = {}
    for number, each in enumerate(names(form, year)):
        for name in set(map(normalise_label, each)):
            found.setdefault(name, []).append(number)
    return {name: tuple(numbers) for name, numbers in found.items()}


@lru_cache(maxsize=4096)
def names_of(form: Form, sought: str | Column | Head, year: int) -> frozenset[str]:
    """Give the names of words or a heading as they compare."""
    names = form.names_of(sought) if isinstance(sought, str) else form.heads_of(sought, year)
    return frozenset(map(normalise_label, names))


_YEARS = {0: ("本年", "本年度", "当年", "当年度"), -1: ("上年", "上年度", "上一年", "上一年度", "去年")}
"""What a year is called by how far it is from the fiscal year."""


def names_of_year(year: int, offset: int) -> frozenset[str]:
    """Give the names of a year as they compare; ``offset`` is how far it is from the fiscal year."""
    return frozenset(map(normalise_label, (f"{year}年", f"{year}年度", str(year), *_YEARS.get(offset, ()))))


@lru_cache(maxsize=64)
def heads_of_indicators(form: Form) -> frozenset[str]:
    """Give the names of the columns of the indicators as they compare."""
    columns = form.indicators.columns if form.indicators else ()
    return frozenset(normalise_label(name) for column in columns for name in form.names_of(column.words))


@lru_cache(maxsize=4096)
def is_label(form: Form, year: int, text: str) -> bool:
    """Tell whether a text is words of the form itself: a label, a prompt or a note."""
    if not text.strip():
        return False
    if len(text) > LONGEST_LABEL:
        return normalise_label(text[:LONGEST_LABEL]).startswith(_notes(form))
    return normalise_label(text) in known(form, year) or bool(_prompts_of(form).match(normal(text)))


_UNIT = "万元|亿元|千元|元|万|亿"
_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_WITH_VALUE = re.compile(
    rf"(?:其中\s*:?\s*)?(?P<words>[^:]*[^\d\s.,:])\s*(?::\s*(?P<value>[^:]*)|\s(?P<amount>{_NUMBER}\s*(?:{_UNIT})))"
)
"""Words and what stands behind their colon, or behind a space an amount with its unit."""


@lru_cache(maxsize=16384)
def words_with_values(text: str) -> tuple[tuple[str, str], ...]:
    """Give the words in a cell with a value behind them, as they compare, and their values: 基本支出：12.5万元.

    Several stand on lines of their own or between semicolons. A unit alone is no value: 基本支出：  万元.
    """
    if not _MAY_HAVE_VALUES.search(text):
        return ()
    parts = (part.strip() for part in re.split(r"[\n;]", unicodedata.normalize("NFKC", text)))
    found = [each for each in map(_WITH_VALUE.fullmatch, parts) if each]
    values = ((each["words"], (each["value"] or each["amount"] or "").strip()) for each in found)
    return tuple((normalise_label(words), "" if re.fullmatch(_UNIT, value) else value) for words, value in values)


_MAY_HAVE_VALUES = re.compile(r"[:：]|\d\s*[万亿千元]")


@lru_cache(maxsize=64)
def _notes(form: Form) -> tuple[str, ...]:
    """Give how the notes of a form begin, normalised."""
    texts = (section.text.partition("{")[0] for section in form.flat() if isinstance(section, Note))
    return tuple(normalise_label(text[:LONGEST_LABEL])[:12] for text in texts)


@lru_cache(maxsize=64)
def _prompts_of(form: Form) -> re.Pattern[str]:
    lines = (section for section in form.flat() if isinstance(section, Line))
    return prompts(
        frozenset(normalise_label(name) for line in lines for part in line.parts for name in form.names_of(part.words))
    )


@lru_cache(maxsize=64)
def prompts(words: frozenset[str]) -> re.Pattern[str]:
    """Give a pattern for prompts in running text: their words, spaced at will, and a colon or the cell's end.

    A short one, 单位 or 部门, has a colon behind it and no other words right before it: 金额单位： is another.
    """
    sealed = r"\s*(?:\((?:盖章|公章|签字|签章)\))?\s*"
    long = _spaced(word for word in words if len(word) > SHORT)
    short = _spaced(word for word in words if len(word) <= SHORT) or "(?!)"
    return re.compile(rf"({long}|(?<![^\W\d_])(?:{short})(?={sealed}:)){sealed}(?::|$)")


SHORT = 2
"""Letters of a prompt that may be a part of other words."""


def _spaced(words: Iterable[str]) -> str:
    """Give a pattern for one of some words, the longest first."""
    return "|".join(r"\s*".join(map(re.escape, word)) for word in sorted(words, key=len, reverse=True))
