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
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from schemas.text.deadlines import deadline
from schemas.text.model import DOWNWARDS, UPWARDS, About, Comparison, Part, Sort, Target
from schemas.text.normalise import normal, odd_digits, plain, two_numbers
from schemas.text.numerals import FRACTIONS, MULTIPLIERS, NUMBER, number
from schemas.text.units import (
    POINTS,
    WITH_A_NOUN,
    Unit,
    any_of,
    each_at,
    for_each_at,
    things,
    unit_at,
    unit_of,
    unit_of_each,
)
from schemas.text.vocabulary import (
    ABOUTS,
    BEHIND,
    BEHIND_AT,
    DECIDES,
    HEAD,
    LEAD,
    LEAD_AT,
    NONE,
    TAIL,
    TURNS,
    WORDS,
    Role,
    Word,
)

LONGEST = 60
"""Longer texts are words, whatever numbers are in them; and reading stays quick."""
_SPACES = re.compile(r"\s+")
_PLACEHOLDER = re.compile(rf"[/\\|—–\-…·.。xX×_*?]+|{NONE.pattern}|不涉及|不适用|指标\d+:?")
# ㎡ would become m2 and ³ a digit; the brackets are typed for the signs they look like.
_MEANT = str.maketrans(
    {"㎡": "平方米", "㎥": "立方米", "〈": "<", "〉": ">", "\u2329": "<", "\u232a": ">", "μ": "μ", "µ": "μ"}
)
_RAISED = re.compile("(?<=[mMk米])([²³])")
_MINUS = re.compile(r"^\s*[-－−](?=\s*[\d０-９])")
_TIMES = re.compile(any_of(MULTIPLIERS))
_TO = re.compile("[-~—–至到]")
_NUMERAL = re.compile("[\\d零〇一二两三四五六七八九十百千万亿]")
_VAGUE = frozenset("数几上")
"""With these before it, 十 or 百 is no number."""
_ALONE = re.compile("[近约超逾达增减降余多内]+$")
"""Words of one character that decide where they stand before a number, at the end of a name."""


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


def is_none(text: str) -> bool:
    """Tell whether a cell says that there is none: an answer where none or few are asked for, else a placeholder."""
    return bool(NONE.fullmatch(_shown(_normal(text))))


def _parse(text: str, name: str, *, actual: bool) -> Target:
    """Read a cell; its indicator's name only where it can matter, so that each text is read once for all indicators."""
    found = _read(text, "", actual=actual)
    unclear = found.sort is Sort.WORDS and NUMBER.search(text)
    return _read(text, name, actual=actual) if name and (unclear or found.change or "/" in found.dimension) else found


@lru_cache(maxsize=65536)
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
        return _Reader(shown, _own(name), actual=actual).read()
    except _UnknownError as unknown:
        return Target(Sort.WORDS, unknown=unknown.words if re.search(r"\d", shown) else "")


@lru_cache(maxsize=4096)
def _own(name: str) -> str:
    """Give the indicator's name as its words may stand in a target; "" for a text that is no name."""
    return plain(name) if len(name) <= LONGEST else ""


class _UnknownError(Exception):
    """A piece of a text that no table knows, or that contradicts another."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(slots=True)
class _Number:
    """A number of a text with what multiplies it and its unit, as written."""

    value: Decimal
    numeral: bool
    times: str = ""
    spelling: str = ""

    @property
    def behind(self) -> str:
        return self.times + self.spelling


@dataclass(slots=True)
class _Reader:
    """Reads a text from left to right, piece by piece; `_UnknownError` at the first that it does not know.

    What was read is kept by what it does: ``said`` has the words of each role.
    """

    text: str
    name: str
    actual: bool
    at: int = 0
    dot: bool = False
    parts: list[Part] = field(default_factory=list)
    said: dict[Role, list[tuple[str, Word]]] = field(default_factory=dict)
    each: set[str] = field(default_factory=set)

    def read(self) -> Target:
        """Read the whole text as a measure."""
        part = self._lead()
        low = self._number()
        high = self._high(low)
        last = high or low
        self._counted(last, part)
        if part and last.behind:
            raise _UnknownError(last.behind)
        unit = self._unit(part or last.spelling)
        self._tail(unit)
        comparison = self._comparison(between=high is not None)
        factor = MULTIPLIERS.get(last.times, Decimal(1)) * unit.factor
        if high and high.value < low.value:
            raise _UnknownError(self.text)
        change, since = self._change(last.spelling)
        return Target(
            Sort.MEASURE,
            comparison,
            low.value * factor,
            high.value * factor if high else None,
            unit.base,
            unit.dimension,
            factor,
            self.dot,
            change,
            since,
            self._which(),
            self._about(comparison),
            parts=tuple(self.parts),
        )

    # ------------------------------------------------------------------ pieces

    def _take(self, end: int, role: Role, meaning: str = "") -> str:
        taken = self.text[self.at : end]
        self.parts.append(Part(taken, role.value, meaning))
        self.at = end
        return taken

    def _say(self, end: int, word: Word) -> None:
        taken = self._take(end, word.role, word.meaning)
        self.said.setdefault(word.role, []).append((taken, word))

    def _lead(self) -> str:
        """Read what stands before the number; give the unit that 百分之 stands for, "" for none."""
        part = ""
        while not part:
            own, word = self._own_end(), LEAD_AT.match(self.text, self.at)
            each = each_at(self.text, self.at)
            fraction = next((each for each in FRACTIONS if self.text.startswith(each, self.at)), "")
            if fraction:
                part = FRACTIONS[fraction]
                self._take(self.at + len(fraction), Role.UNIT, part)
            elif word and word.end() > own:
                self._say(word.end(), LEAD[word[0]])
            elif own > self.at:
                self._take(own, Role.NAME, "指标自己的名称")
            elif each:
                self.each |= things(each[0])
                self._take(each.end(), Role.EACH)
            elif NUMBER.match(self.text, self.at):
                break
            else:
                raise _UnknownError(self._until_known())
        return part

    def _own_end(self) -> int:
        """Find the end of a piece of the indicator's own name that begins here; here where there is none.

        Its own words say no more of the number than the name says of every number under it. Words that decide are
        none of its own, and a piece of one character is none.
        """
        start = self.at
        if len(self.name) > 1 and self.text.startswith(self.name, start):
            end = start + len(self.name)
        else:
            end = start
            while end < len(self.text) and self.text[start : end + 1] in self.name:
                end += 1
            numeral = _NUMERAL.search(self.text, start, end)
            end = numeral.start() if numeral else end
        decides = DECIDES.search(self.text, start, end)
        end = decides.start() if decides else end
        alone = _ALONE.search(self.text[start:end])
        end = start + alone.start() if alone else end
        return end if end - start > 1 and end < len(self.text) else start

    def _until_known(self) -> str:
        """Give the words from here to the next that are known."""
        places = range(self.at + 1, len(self.text))
        end = next((at for at in places if LEAD_AT.match(self.text, at) or NUMBER.match(self.text, at)), len(self.text))
        return self.text[self.at : end]

    def _number(self) -> _Number:
        """Read a number, with the multiplier and the unit behind it."""
        found = NUMBER.match(self.text, self.at)
        value = number(found[0]) if found else None
        if not found or value is None:
            raise _UnknownError(self.text[self.at :])
        if found[0][0] in "十百千" and self.text[self.at - 1 : self.at] in _VAGUE:
            raise _UnknownError(self.text[self.at - 1] + found[0])
        read = _Number(value, numeral=not found[0][0].isdecimal())
        self._take(found.end(), Role.NUMBER)
        if self.text.startswith(".", self.at):
            self.dot = True
            self._take(self.at + 1, Role.FILLER, "多余的点")
        self._over()
        unit = unit_at(self.text, self.at)
        times = None if unit else _TIMES.match(self.text, self.at)
        if times:
            read.times = self._take(times.end(), Role.TIMES)
            self._over()
            unit = unit_at(self.text, self.at)
        if unit:
            read.spelling = self._take(unit.end(), Role.UNIT)
            self._in_brackets(read.spelling)
        return read

    def _over(self) -> None:
        """Read 余 or 多 behind a number."""
        for word in WORDS.about.over:
            if self.text.startswith(word, self.at):
                self._say(self.at + len(word), Word(Role.ABOUT, About.OVER, ABOUTS[About.OVER]))
                return

    def _in_brackets(self, spelling: str) -> None:
        """Read a unit written a second time in brackets: %(百分比)."""
        if not self.text.startswith("(", self.at):
            return
        again = unit_at(self.text, self.at + 1)
        if again and self.text.startswith(")", again.end()) and unit_of(again[0])[:3] == unit_of(spelling)[:3]:
            self._take(again.end() + 1, Role.UNIT, "同一单位")

    def _high(self, low: _Number) -> _Number | None:
        """Read the upper end of a range; the unit may stand at its end only."""
        to = _TO.match(self.text, self.at)
        if not to or not NUMBER.match(self.text, to.end()):
            return None
        self._take(to.end(), Role.TO)
        high = self._number()
        if low.behind not in {"", high.times, high.behind}:
            raise _UnknownError(self.text)
        return high

    def _counted(self, last: _Number, part: str) -> None:
        """Read what is counted behind a counter (个项目).

        This is the one open class of the language, and a safe one: what a Chinese noun is called ends in what it is,
        so that words which end in a known thing only say which of those things are meant. They become part of the
        unit, are shown and are compared with those of the other side. Behind a Chinese numeral there is no such noun:
        一次性活动 is no number.
        """
        if part or last.spelling not in WITH_A_NOUN or last.numeral:
            return
        found = TAIL.match(self.text, self.at)
        noun = found["noun"] if found else ""
        if noun and self._is_thing(noun):
            last.spelling += self._take(self.at + len(noun), Role.COUNTED)

    def _is_thing(self, noun: str) -> bool:
        if DECIDES.search(noun) or re.search(r"\d", noun):
            return False
        head = HEAD.search(noun)
        return (len(noun) > 1 and noun in self.name) or bool(head and not TURNS.search(noun, 0, head.start()))

    def _unit(self, spelling: str) -> Unit:
        """Give the unit of a number, with what it is for each of."""
        found = for_each_at(self.text, self.at)
        if found:
            self.each |= things(found[0])
            self._take(found.end(), Role.EACH)
        if not self.each:
            return unit_of(spelling)
        unit = unit_of_each(spelling, frozenset(self.each))
        if unit is None:
            raise _UnknownError("·".join(sorted(self.each)))
        return unit

    def _tail(self, unit: Unit) -> None:
        """Read what stands behind number and unit."""
        while self.at < len(self.text):
            found = BEHIND_AT.match(self.text, self.at)
            if not found or (BEHIND[found[0]].role is Role.RATE_FILLER and unit.dimension != "rate"):
                raise _UnknownError(self.text[self.at :])
            self.dot |= found[0] == "."
            self._say(found.end(), BEHIND[found[0]])

    # ------------------------------------------------------------------ what they come to

    def _words(self, role: Role) -> list[str]:
        return [text for text, _ in self.said.get(role, ())]

    def _only(self, role: Role) -> Word | None:
        """Give the one word of a role; two of them are not understood."""
        found = self.said.get(role, [])
        if len(found) > 1:
            raise _UnknownError("、".join(self._words(role)))
        return found[0][1] if found else None

    def _comparison(self, *, between: bool) -> Comparison:
        """Give the one comparison that all words come to; words that contradict each other are not understood."""
        named = [Comparison(word.key) for _, word in self.said.get(Role.COMPARISON, ())]
        words = self._words(Role.COMPARISON)
        if "以" in self._words(Role.FILLER) and not any(word.startswith("为") for word in words):
            raise _UnknownError("以")
        if named:
            if between or not (set(named) <= set(UPWARDS) or set(named) <= set(DOWNWARDS) or len(named) == 1):
                raise _UnknownError("、".join(words))
            return named[0]
        if between:
            return Comparison.BETWEEN
        level, held, kept = (self._only(role) for role in (Role.LEVEL, Role.HELD, Role.KEPT))
        if kept:
            raise _UnknownError(self._words(Role.KEPT)[0])
        if held:
            return Comparison(held.key)
        return Comparison(level.key) if level and not self.actual else Comparison.NONE

    def _change(self, spelling: str) -> tuple[str, str]:
        """Say whether the number tells a change, and from when; by points is another change than by percent."""
        change, since = self._only(Role.CHANGE), self._only(Role.SINCE)
        if not change:
            if since:
                raise _UnknownError(self._words(Role.SINCE)[0])
            return "", ""
        return change.key + ("_points" if spelling in POINTS else ""), since.key if since else ""

    def _which(self) -> str:
        keys = {word.key for _, word in self.said.get(Role.WHICH, ())}
        return "total" if "total" in keys else "new" if keys else ""

    def _about(self, comparison: Comparison) -> About:
        """Say how an actual is approximate; an approximate target, or a bound that is approximate, is not understood."""
        about = self._only(Role.ABOUT)
        if about and (not self.actual or comparison is not Comparison.NONE):
            raise _UnknownError(self._words(Role.ABOUT)[0])
        return About(about.key) if about else About.NONE
