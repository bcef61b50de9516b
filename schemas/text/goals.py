"""The language of quantified goals in running text: ``实现工业税收3亿元以上`` is words, a number and its unit.

年初预期目标 and 全年实际完成情况 are prose. A goal is found where one clause holds one measure and the measure ends
it; the number is in digits, and number and unit are read by `schemas.text.targets`. Everything else is no goal: what a
clause means that is built otherwise is not guessed. All of this errs towards silence: fewer findings, none wrong.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from schemas.text.model import Comparison, Sort, Target
from schemas.text.targets import compares, parse
from schemas.text.vocabulary import LEAD, Role

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Goal:
    """A measure as running text sets or reports it.

    Attributes:
        passage: the clause from its beginning to the end of the measure, as quoted: 实现工业税收3亿元以上.
        words: what stands before the measure: 实现工业税收.
        target: the measure, in base units as `schemas.text.targets` has them; 达到 before it is no bound, since text
            says so of what was reached.
    """

    passage: str
    words: str
    target: Target


LONGEST = 80
"""Longer clauses are not read: no clerk writes one, and reading stays quick."""
MOST = 100
"""A text with more measures than that is a table put into a cell; none of them is read."""

# ---------------------------------------------------------------------- clauses

# A comma within a number (1,055.37) parts nothing, and 其中： belongs to what follows it.
_SENTENCE = re.compile(r"[。；！？;!?\r\n\v\f\x85\u2028\u2029]")
_BREAK = re.compile(r"，|(?<!\d),|,(?!\d{3})|(?<!其中)[：:]")
_NUMBERING = re.compile(
    r"^[\s“”\"]*(?:(?:[（(]?[0-9０-９]{1,2}[）)]|[0-9０-９]{1,2}[、.．](?![0-9０-９])|[（(]?[一二三四五六七八九十]+[）)、]"
    r"|[①-⑳])\s*)*"
)
_FIGURE = r"[0-9０-９]"
_FIGURES = re.compile(rf"{_FIGURE}|[一二两三四五六七八九十百千]")
_BEFORE_FIGURE = r"(?<![A-Za-z0-9０-９.．,~～－—–-])"
_MEASURE = re.compile(rf"(?P<words>.*?)(?P<measure>{_BEFORE_FIGURE}{_FIGURE}[\d.．,]*[^\d]{{1,12}})")
_YEAR = re.compile(r"(?<!\d)(\d{4})年")
_YEAR_FIRST = re.compile(r"(?:力争|确保|计划|预计)?(?:截[至止]|[到至自在])?(\d{4})年")
# The whole year and its end; every other month is part of a year, and so another time.
_END_OF_YEAR = r"12月(?:份|底|末|31[日号])?"
_DATE = re.compile(
    rf"(?:截[至止]|[到至在])?(?<!\d)(?:\d{{4}}年(?:度|底|末|内)?(?:{_END_OF_YEAR})?|{_END_OF_YEAR})(?:之前|以前|前|止)?"
)
_NAME_WITH_FIGURES = re.compile(r"[A-Za-z&]++(?:-?\d+(?:\.\d+)?)?|(?<!\d)\d++(?:\.\d+)?[A-Za-z]+")

# With these a number is a rank, a share, an estimate, a part, of another time, or set and not reached.
_NOT_PLAIN = re.compile(
    r"[不未没无每]|[第前近约的足余差]$|排名|名列|位[居列次]|跻身|挺进|进入|^其中|目标|任务|年初"
    r"|[去上前]年(?!度?增长)|往年|历年|同期|半年|季度|[\d一二三四五六七八九十]月|五[”\"]?(?:规划|期间|时期)|三年|五年|[首一二三]批|[一二三]期|阶段"
)
# A clause that begins so makes the rest of its sentence tell of a part, or of another time.
_ELSEWHERE = re.compile(
    r"其中|[去上前]年|往年|历年|.{0,8}(?:半年|季度|[\d一二三四五六七八九十]月|\d{4}[-~—至到]\d{2,4}年)"
)
_AFFIRMED = re.compile(r"完成|覆盖|达标|合格|到位")
_TIMES = frozenset({"年", "周", "小时", "岁", "点", "度", "届"})
_PASSED = re.compile(r"(?:超|突破|逾)$")
_REACHED = frozenset(word for word, meant in LEAD.items() if meant.role in {Role.REACHED, Role.LEVEL})
_LONGEST_BEFORE = max(len(word) for word, meant in LEAD.items() if meant.role is Role.COMPARISON)
"""小于或者等于."""


@lru_cache(maxsize=4096)
def goals(text: str) -> tuple[Goal, ...]:
    """Find the quantified goals of a running text, in its order; every ``passage`` is a part of the text."""
    found = tuple(goal for _, goal in _read(text) if goal)
    return found if len(found) <= MOST else ()


@lru_cache(maxsize=4096)
def unread(text: str) -> tuple[str, ...]:
    """Give the clauses of a text that hold figures and were not read: what they tell remains open."""
    return tuple(clause for clause, goal in _read(text) if not goal and _FIGURES.search(clause))


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[tuple[str, Goal | None], ...]:
    """Give every clause and the goal in it; a text that tells of several years is not read at all."""
    sentences = _sentences(text)
    years = {found[1] for clauses in sentences for clause in clauses if (found := _YEAR_FIRST.match(clause))}
    read: list[tuple[str, Goal | None]] = []
    for clauses in sentences:
        elsewhere = len(years) > 1
        for clause in clauses:
            elsewhere |= bool(_ELSEWHERE.match(_without_dates(_normal(clause))))
            of_another_year = bool(years) and not years.issuperset(_YEAR.findall(clause))
            if elsewhere or of_another_year or len(clause) > LONGEST:
                read.append((clause, None))
            else:
                read += _of_clause(clause)
    return tuple(read)


def _sentences(text: str) -> list[list[str]]:
    """Part a text into sentences, and these into clauses without numbering."""
    parted = [[_NUMBERING.sub("", part).strip() for part in _BREAK.split(each)] for each in _SENTENCE.split(text)]
    return [[clause for clause in clauses if clause] for clauses in parted]


def _of_clause(clause: str) -> Iterator[tuple[str, Goal | None]]:
    """Read a clause as one goal, or as several joined by 、 where each has words and a number of its own."""
    parts = [part.strip() for part in clause.split("、")]
    found = [_goal(part) for part in parts]
    first = found[0]
    if len(parts) == 1 or first is None or None in found:
        yield clause, first if len(parts) == 1 else _goal(clause)
        return
    for part, goal in zip(parts, found, strict=True):
        yield part, goal if goal is first or (goal and _stands_alone(goal.words, first.words)) else None


def _stands_alone(words: str, first: str) -> bool:
    """Tell whether the words of a later measure are whole: 新增 of the first may be meant for all of them."""
    return bool(qualifier(words)) or (not qualifier(first) and len(core(words)) >= _LEAST)


def _goal(clause: str) -> Goal | None:
    """Read a clause that is nothing but words and one measure behind them."""
    found = _MEASURE.fullmatch(clause)
    if not found or not _is_counted(parse(found["measure"])) or _AFFIRMED.search(found["measure"]):
        return None
    words, target = _compared(found["words"], found["measure"])
    if not _is_plain(words):
        return None
    if _PASSED.search(words) and target.comparison is Comparison.NONE:
        target = replace(target, comparison=Comparison.MORE_THAN)
    return Goal(clause, words, target)


def _is_plain(words: str) -> bool:
    """Tell whether words name one thing, and nothing in them turns the meaning of the number."""
    typed = _without_dates(_normal(words))
    bracketed = typed.count("(") != typed.count(")")
    figures = _FIGURE_LEFT.search(_NAME_WITH_FIGURES.sub("", typed))
    return not (bracketed or figures or _NOT_PLAIN.search(typed)) and _names_something(core(words))


_FIGURE_LEFT = re.compile(r"\d")


def _is_counted(target: Target) -> bool:
    """Tell whether a measure has a unit of its own: money, a rate, a length ..., or what is counted, without a noun."""
    if target.sort is not Sort.MEASURE or target.value is None or target.high is not None:
        return False
    if target.dimension:
        return target.dimension != "time"
    return _is_whole(target.unit) and target.unit not in _TIMES


def _is_whole(unit: str) -> bool:
    """Tell a unit (家, 平方米) from one with the noun behind it (家企业): behind a Chinese numeral only 家 is one."""

    def counts(word: str) -> bool:
        return parse(f"十{word}").sort is Sort.MEASURE

    return unit != "" and (counts(unit) or not counts(unit[0]))


def _compared(words: str, measure: str) -> tuple[str, Target]:
    """Take the words of comparison before a number (不低于, ≥) from the words to the measure; 达到 stays with them."""
    bare = parse(measure)
    if bare.comparison is not Comparison.NONE or not compares(words[-_LONGEST_BEFORE:]):
        return words, bare
    lengths = range(1, min(_LONGEST_BEFORE, len(words)) + 1)
    read = {length: parse(words[-length:] + measure) for length in lengths}
    bounds = {length: target for length, target in read.items() if target.comparison is not Comparison.NONE}
    if not bounds:
        return words, bare
    # 不低于 is also 低于: the longest reading is right, and its shortest spelling is the comparison alone.
    whole = bounds[max(bounds)]
    length = min(length for length, target in bounds.items() if target.comparison is whole.comparison)
    return (words, bare) if words[-length:] in _REACHED else (words[:-length], bounds[length])


# ---------------------------------------------------------------------- words

_SAME = (
    (re.compile(r"规模以上|规上"), "规模"),
    (re.compile(r"高企"), "高新技术企业"),
    (re.compile(r"(?:同比|(?:[比较]|相比)?[上去]年度?(?:同期)?)?(?:增长速度|增长率|增速|增幅|增长)"), "增长"),
    (re.compile(r"固投"), "固定资产投资"),
    (re.compile(r"地区生产总值|生产总值"), "GDP"),
)
"""What is written in two ways."""
_NEW = r"净增加?|增设|(?<![创高更革])新(?:增加?|建)"
_TOTAL = r"累计|总计|共计|总数|共有|拥有"
_QUALIFIERS = re.compile(f"{_NEW}|{_TOTAL}")
# Not within other words: 安全市场, 健全年度, 正确保护, 青年内部.
_FILLERS = re.compile(
    r"力争|力求|(?<![正准明])确保|(?<![安健完齐])全(?:[县市区]|年)|[我本][县市区局]|(?<![青少成中老])年内|预计|实现|完成(?!率|及时|时)"
)
_LEADING = re.compile(
    r"^(?:计划|拟|组织|争取|努力|积极|预期|至少|各类|创建|举办|开展|召开|全部|基本|实际|同时|并|已|共|将|使)+"
)
_TRAILING = re.compile(
    r"(?:(?:提高|提升|增加|增长|上升|扩大|降低|下降|减少|压减|[增降升达])?[到至]|达标?|(?:稳定|保持|控制|维持)在|完成"
    r"|数量|(?<![人次户分指系基])数|为|是|超过?|突破|逾|共)$"
)
_MARKS = re.compile(r"[^\w&]|_")
_CHANGE = r"同比|环比|增长|增加|下降|提高|提升|降低|减少|上升|压减|压缩|节约|增"
_VERBS = re.compile(r"^(?:引进|培育|建设|建成|打造|新修|申报|发放|推进|争创)")
_CHANGED = re.compile(rf"(?:{_CHANGE})$")
_LONGEST_LAST = 3
"""Characters of the longest word of these two."""
_NOTHING = re.compile(
    rf"(?:{_CHANGE}|占GDP|比重|比例|[占比较]|[去上]年|企业|项目|资金|面积|人[数员]?|收入|支出|投资|经费|工作|活动|培训|次数?"
    r"|金额|总额|平均|年均|人均|达|等|其他|合计|小计|分别)*+"
)
"""Words that name no thing by themselves: they hang on the clause before."""
_SCOPES = re.compile(
    r"[非外除率额乡镇村]|街道|社区|公司|园区|以下|城市|[国省市县区乡镇村]级|民营|国有|重点|小微|中小|小型|大型|[小中大高]学|出口|进口|在建"
    r"|贫困|人均|户均|亩均|占|比重|增长|下降|[A-Z0-9]+"
)
"""What makes another thing of the same words: 农村, 非, 5G; both must have the same of them."""
_LEAST = 4
_SHARE = 0.6
_MOST_OF = 0.75
"""The share of a thing's characters with which a clause speaks of it: 转移农村劳动力 of 农村劳动力转移就业."""
_HEAD = 2


def _normal(words: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", words))


def _without_dates(normal: str) -> str:
    return _DATE.sub("", normal)


@lru_cache(maxsize=8192)
def core(words: str) -> str:
    """Give words without years, fillers and the verbs around the thing they name: 力争2021年全县实现税收 is 税收."""
    text = _without_dates(_normal(words)).upper()
    for same, word in _SAME:
        text = same.sub(word, text)
    text = _MARKS.sub("", _FILLERS.sub("", text))
    text = _LEADING.sub("", _QUALIFIERS.sub("", _LEADING.sub("", text)))
    return _without_last(_TRAILING, text)


def _without_last(words: re.Pattern[str], text: str) -> str:
    """Take the words of a pattern from the end of a text, one after the other."""
    end = len(text)
    while found := words.search(text, max(0, end - _LONGEST_LAST), end):
        end = found.start()
    return text[:end]


@lru_cache(maxsize=8192)
def qualifier(words: str) -> str:
    """Say which number of a thing is meant: "total", "new", or "" where no word tells; 累计新增 is a total too."""
    normal = _normal(words)
    if re.search(_TOTAL, normal):
        return "total"
    return "new" if re.search(_NEW, normal) else ""


def _names_something(named: str) -> bool:
    return len(named) >= _HEAD and not _NOTHING.fullmatch(named)


@lru_cache(maxsize=8192)
def mean_the_same(first: str, second: str) -> bool:
    """Tell whether two wordings surely mean the same thing.

    They do with the same qualifier and scope, if their cores are equal, or the shorter is most of the longer in its
    order and both end in the same head noun: 工业税收 and 规模工业税收.
    """
    shorter, longer = sorted((core(first), core(second)), key=len)
    if qualifier(first) != qualifier(second) or not _names_something(shorter):
        return False
    if shorter == longer:
        return True
    return (
        len(shorter) >= max(_LEAST, _SHARE * len(longer))
        and shorter[-_HEAD:] == longer[-_HEAD:]
        and set(_SCOPES.findall(shorter)) == set(_SCOPES.findall(longer))
        and _within(shorter, longer)
    )


def mentioned(words: str, text: str) -> bool:
    """Tell whether a text speaks at all of what words name, however it puts it.

    It does where a clause holds the last four characters of the core together, or most of its characters in whatever
    order; of a shorter core the first two are enough. The verb, and whether the thing rose or fell, are left out.
    """
    named = core(words)
    named = _VERBS.sub("", _without_last(_CHANGED, named)) or named
    telling = named[-_LEAST:] if len(named) >= _LEAST else named[:_HEAD]
    return any(
        telling in clause or sum(character in clause for character in named) >= _MOST_OF * len(named)
        for clause in _cores(text)
    )


@lru_cache(maxsize=4096)
def _cores(text: str) -> tuple[str, ...]:
    """Give the clauses of a text without fillers; figures stay, a 5G must be found."""
    return tuple(core(clause) for clauses in _sentences(text) for clause in clauses)


def _within(shorter: str, longer: str) -> bool:
    """Tell whether all characters of one word are in another in their order."""
    rest = iter(longer)
    return all(character in rest for character in shorter)


# ---------------------------------------------------------------------- measures against each other

_UP = (Comparison.AT_LEAST, Comparison.MORE_THAN)
_DOWN = (Comparison.AT_MOST, Comparison.LESS_THAN)
_OPEN = (Comparison.NONE, Comparison.EQUAL)
_THINGS = frozenset("个家户项座处所件")
"""Units in which the same things are counted by one writer and the next."""
# Less of these is better, or it is not plain which way is: without a word of comparison nothing is said of them.
_DOUBTFUL_SIDE = re.compile(
    r"[降减压控]|缩短|支出|经费|费用|成本|能耗|消耗|用[电水]量|排放|死亡|事故|发生|发病|案[件发]|失业|投诉|债务|负债|信访|上访|违[法规]|空置|闲置|浪费|结余|结转"
)


def same_kind(first: Target, second: Target) -> bool:
    """Tell whether two single numbers can be held against each other: one dimension, and what is counted alike."""
    if None in {first.value, second.value} or first.high is not None or second.high is not None:
        return False
    units = {first.unit, second.unit}
    return first.dimension == second.dimension and (len(units - {""}) <= 1 or units <= _THINGS)


def direction(words: str, *targets: Target) -> int:
    """Say which way targets for the thing that words name go: 1 at least, -1 at most, 0 where that is not plain."""
    sides = {1 if target.comparison in _UP else -1 for target in targets if target.comparison in {*_UP, *_DOWN}}
    if not sides:
        return 0 if _DOUBTFUL_SIDE.search(words) else 1
    return sides.pop() if len(sides) == 1 else 0


def reached(target: Target) -> bool:
    """Tell whether a measure in a report says what was reached, and not only a bound of it."""
    return target.comparison in _OPEN
