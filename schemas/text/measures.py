"""Reads a text as a measure, piece by piece, and only where every piece of it is known."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.text.model import About, Part, Sort, Target
from schemas.text.numerals import FRACTIONS, MULTIPLIERS, NUMBER, number
from schemas.text.senses import Said, UnknownError, about_of, change_of, comparison_of, which_of
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
    COMPARING,
    DECIDES,
    HEAD,
    LEAD,
    OVER_AT,
    TAIL,
    TURNS,
    WORDS,
    Role,
    Word,
    behind_at,
    lead_at,
)

_TIMES = re.compile(any_of(MULTIPLIERS))
_FRACTION = re.compile(any_of(FRACTIONS))
_MORE = Word(Role.ABOUT, About.OVER, ABOUTS[About.OVER])
_OWN = Word(Role.NAME, "", "指标自己的名称")
_TO = re.compile("[-~—–至到]")
_NUMERAL = re.compile("[\\d零〇一二两三四五六七八九十百千万亿]")
_VAGUE = frozenset("数几上")
"""With these before it, 十 or 百 is no number."""
_ALONE = re.compile("(?<![近约超逾达增减降余多内])[近约超逾达增减降余多内]++$")
"""Words of one character that decide where they stand before a number, at the end of a name."""


def read_measure(text: str, name: str, *, actual: bool) -> Target:
    """Read a text without spaces as a measure; ``name`` is what the indicator is called, "" for none.

    Raises:
        UnknownError: a piece of it is not known, or contradicts another.
    """
    return _Reader(text, name, actual=actual).read()


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
    """Reads a text from left to right, piece by piece; `UnknownError` at the first that it does not know.

    What was read is kept by what it does: ``said`` has the words of each role, and ``open`` the last word that compares
    and whose number is still to come.
    """

    text: str
    name: str
    actual: bool
    at: int = 0
    dot: bool = False
    open: str = ""
    parts: list[Part] = field(default_factory=list)
    said: Said = field(default_factory=dict)
    each: set[str] = field(default_factory=set)

    def read(self) -> Target:
        """Read the whole text as a measure."""
        part = self._lead()
        low = self._number()
        high = self._high(low)
        last = high or low
        self._counted(last, part)
        if part and last.behind:
            raise UnknownError(last.behind)
        unit = self._unit(part or last.spelling)
        self._tail(unit)
        comparison = comparison_of(self.said, between=high is not None, actual=self.actual)
        factor = MULTIPLIERS.get(last.times, Decimal(1)) * unit.factor
        if high and high.value < low.value:
            raise UnknownError(self.text)
        change, since = change_of(self.said, in_points=last.spelling in POINTS)
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
            which_of(self.said),
            about_of(self.said, comparison, actual=self.actual),
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
            own, word = self._own_end(), lead_at(self.text, self.at)
            each = each_at(self.text, self.at)
            fraction = _FRACTION.match(self.text, self.at)
            if fraction:
                part = FRACTIONS[fraction[0]]
                self._take(fraction.end(), Role.UNIT, part)
            elif word and self.at + len(word) > own:
                self._say_before_number(self.at + len(word), LEAD[word])
            elif own > self.at:
                self._say_before_number(own, _OWN)
            elif each:
                self.each |= things(each[0])
                self._take(each.end(), Role.EACH)
            elif NUMBER.match(self.text, self.at):
                break
            else:
                raise UnknownError(self._until_known())
        return part

    def _say_before_number(self, end: int, word: Word) -> None:
        """Take a word before the number; a word that compares must stand close to it: 高于标准5% is not above 5%."""
        taken = self.text[self.at : end]
        if self.open and word.role not in COMPARING | {Role.ABOUT} and taken not in WORDS.between.fillers:
            raise UnknownError(self.open + taken)
        if word.role in COMPARING and taken not in WORDS.between.before_names:
            self.open = taken
        self._say(end, word)

    def _own_end(self) -> int:
        """Find the end of a piece of the indicator's own name that begins here; here where there is none.

        Its own words say no more of the number than the name says of every number under it. Words that decide are
        none of its own, and a piece of one character is none.
        """
        start = self.at
        if not self.name:
            return start
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
        end = next((at for at in places if lead_at(self.text, at) or NUMBER.match(self.text, at)), len(self.text))
        return self.text[self.at : end]

    def _number(self) -> _Number:
        """Read a number, with the multiplier and the unit behind it."""
        found = NUMBER.match(self.text, self.at)
        value = number(found[0]) if found else None
        if not found or value is None:
            raise UnknownError(self.text[self.at :])
        if found[0][0] in "十百千" and self.text[self.at - 1 : self.at] in _VAGUE:
            raise UnknownError(self.text[self.at - 1] + found[0])
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
            read.spelling = self._take(self.at + len(unit), Role.UNIT)
            self._in_brackets(read.spelling)
        return read

    def _over(self) -> None:
        """Read 余 or 多 behind a number."""
        found = OVER_AT.match(self.text, self.at)
        if found:
            self._say(found.end(), _MORE)

    def _in_brackets(self, spelling: str) -> None:
        """Read a unit written a second time in brackets, %(百分比), or another of counting, 台(套)."""
        if not self.text.startswith("(", self.at):
            return
        again = unit_at(self.text, self.at + 1)
        end = self.at + 1 + len(again)
        if again and self.text.startswith(")", end) and unit_of(again).alike(unit_of(spelling)):
            self._take(end + 1, Role.UNIT, "同一单位")

    def _high(self, low: _Number) -> _Number | None:
        """Read the upper end of a range; the unit may stand at its end only."""
        to = _TO.match(self.text, self.at)
        if not to or not NUMBER.match(self.text, to.end()):
            return None
        self._take(to.end(), Role.TO)
        high = self._number()
        if low.behind not in {"", high.times, high.behind}:
            raise UnknownError(self.text)
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
            raise UnknownError("·".join(sorted(self.each)))
        return unit

    def _tail(self, unit: Unit) -> None:
        """Read what stands behind number and unit."""
        while self.at < len(self.text):
            found = behind_at(self.text, self.at)
            if not found or not _may_follow(found, unit):
                raise UnknownError(self.text[self.at :])
            self.dot |= found == "."
            self._say(self.at + len(found), BEHIND[found])


def _may_follow(word: str, unit: Unit) -> bool:
    """Tell whether a word may stand behind a unit: 覆盖 behind rates only, and 内 not where 5个村内 may be a place."""
    if BEHIND[word].role is Role.RATE_FILLER:
        return unit.dimension == "rate"
    return word != "内" or unit.dimension != ""
