"""The language of 年度指标值 and 实际完成值: ``parse("不低于37家") == Target(MEASURE, AT_LEAST, 37, unit="家")``.

A cell is a measure (comparison, number, unit), a deadline, words, a placeholder or blank (method section 3).
What cannot be read as one of the others is words; nothing is guessed.

Numbers are in the base unit of their dimension: money in 万元, rates as fractions, length in 米, area in 亩,
mass in 吨, time in 天 (a 月 counted as 30 days, our own choice); units of counting stay as they are. A number
before anything else (4G信号全覆盖, 3项未完成, 约50家) is no measure but part of the words, and so is one below zero in
a target; an actual may be below zero.

A deadline tells the days it names where it names any (``2021年12月底前``: up to 2021-12-31); 及时 and 按期 name none.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from schemas.text.normalise import odd_digits, two_numbers


class Sort(StrEnum):
    """What a cell of the column is."""

    MEASURE = "measure"
    DEADLINE = "deadline"
    WORDS = "words"
    PLACEHOLDER = "placeholder"
    BLANK = "blank"
    DOUBTFUL = "doubtful"
    """An error value or a formula without a saved result: something stands there, and it cannot be read."""


class Comparison(StrEnum):
    """How an actual is held against a target. NONE: a bare number."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"
    EQUAL = "equal"
    BETWEEN = "between"
    NONE = ""


Day = tuple[int, int, int]
"""Year, month and day of a deadline; the year is 0 where none is written."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target or an actual as understood.

    ``value`` (and ``high`` of a range) are in the base ``unit`` of the ``dimension``; ``dimension`` is "" for
    units of counting and bare numbers. ``scale`` is what one written unit is in base units, so that a bare
    actual can be read in the unit of its target. ``stray_dot`` tells of a number written like ``7.50.``

    A deadline has the ``last_day`` it allows, and the ``first_day`` it may speak of; None where it names no day, or
    (the first) where 前 leaves the beginning open.
    """

    sort: Sort
    comparison: Comparison = Comparison.NONE
    value: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    dimension: str = ""
    scale: Decimal = Decimal(1)
    stray_dot: bool = False
    first_day: Day | None = None
    last_day: Day | None = None


WORDS_MEANT = "定性"
"""The 指标性质 of a target in words, in forms that split the target."""
RATE = "比率"
"""The unit of rates: the value is a fraction."""

_DIMENSIONS: dict[str, tuple[str, Decimal]] = {
    "money": ("万元", Decimal(1)),
    "rate": (RATE, Decimal(1)),
    "length": ("米", Decimal(1)),
    "area": ("亩", Decimal(1)),
    "mass": ("吨", Decimal(1)),
    "time": ("天", Decimal(1)),
}
_UNITS: dict[str, tuple[str, Decimal]] = {
    "元": ("money", Decimal("0.0001")),
    "块": ("money", Decimal("0.0001")),
    "人民币": ("money", Decimal("0.0001")),
    "%": ("rate", Decimal("0.01")),
    "百分比": ("rate", Decimal("0.01")),
    "百分点": ("rate", Decimal("0.01")),
    "个百分点": ("rate", Decimal("0.01")),
    "‰": ("rate", Decimal("0.001")),
    "米": ("length", Decimal(1)),
    "m": ("length", Decimal(1)),
    "公里": ("length", Decimal(1000)),
    "千米": ("length", Decimal(1000)),
    "km": ("length", Decimal(1000)),
    "亩": ("area", Decimal(1)),
    "公顷": ("area", Decimal(15)),
    "吨": ("mass", Decimal(1)),
    "公斤": ("mass", Decimal("0.001")),
    "千克": ("mass", Decimal("0.001")),
    "kg": ("mass", Decimal("0.001")),
    "克": ("mass", Decimal("0.000001")),
    "天": ("time", Decimal(1)),
    "日": ("time", Decimal(1)),
    "工作日": ("time", Decimal(1)),
    "个工作日": ("time", Decimal(1)),
    "月": ("time", Decimal(30)),
    "个月": ("time", Decimal(30)),
}
# What a number may count. Behind Chinese numerals one of these stands alone: 一次性 and 一般 are no numbers.
_COUNTERS = (
    "家个次人户名件项批辆台套份期场篇条座处所村组站棵株头只例起口面班门间栋艘宗位册本张幅盏支部款种类届轮段片层幢"
    "堂节课步对双副桶箱袋包瓶盒羽尾粒枚根颗架艇岁分倍企乡镇县市区街社学校盘斤单笔卷幕集首版字稿杆井眼园馆店厂点"
)
_COUNTED = frozenset({"", "年", "人次", "户次", "家次", *_COUNTERS})
_COUNTED_WHOLE = frozenset(
    {"周", "小时", "分钟", "平方米", "平方公里", "立方米", "千瓦", "千瓦时", "度", "t", "kw", "mw", "kwh"}
)
_NO_UNIT = re.compile(r"^分之|[未不没无非多余]|左右|上下|延期|逾期|超期")
_VAGUE = ("数", "几", "上")
"""With these before it, 十 or 百 is no number."""
_MULTIPLIERS = {
    "": Decimal(1),
    "百": Decimal(100),
    "千": Decimal(1000),
    "万": Decimal(10000),
    "百万": Decimal(1000000),
    "千万": Decimal(10000000),
    "亿": Decimal(100000000),
}

_BEFORE: dict[Comparison, str] = {
    Comparison.AT_LEAST: "大于等于 大于或等于 不低于 不少于 不小于 不得低于 不得少于 至少 最低 达到 达 ≥ >= ≧ => ⩾ ≮",
    Comparison.MORE_THAN: "大于 超过 高于 多于 >",
    Comparison.AT_MOST: "小于等于 小于或等于 不高于 不超过 不多于 不大于 不得高于 不得超过 至多 最多 控制在 "
    "≤ <= ≦ =< ⩽ ≯",
    Comparison.LESS_THAN: "小于 低于 少于 <",
    Comparison.EQUAL: "等于 =",
}
"""Words before a number."""
_AFTER: dict[Comparison, str] = {
    Comparison.AT_LEAST: "及以上 或以上 以上(含) (含)以上 以上",
    Comparison.AT_MOST: "以内(含) (含)以内 以内 之内 及以下 或以下 以下(含) (含)以下 以下 内",
}
"""Words behind a number and its unit."""
_COMPARISON_OF = {word: comparison for comparison, words in _BEFORE.items() for word in words.split()}
_ENDING_OF = {word: comparison for comparison, words in _AFTER.items() for word in words.split()}


def _any(words: object) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))  # type: ignore[call-overload]


_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,40}(?:\.\d+)?"
_NUMERALS = r"[零〇一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟]+(?:点[零〇一二三四五六七八九]+)?"
_NUMBER = rf"(?:{_DIGITS}|{_NUMERALS})"
_PARTS = {"百分之": "%", "千分之": "‰"}
_SPACES = re.compile(r"\s+")
_REACHED_WHOLE = ("完成", "覆盖", "达标", "合格", "到位")
"""What may follow a rate and changes nothing: 100%完成."""
_UNIT = r"[^\d\s,.;:()<>=≤≥+*/~-]{0,8}?"
_MEASURE = re.compile(
    rf"(?P<lead>[^\d<>=≤≥≧≦≠≈%‰,.;+~−–—-]*?)"
    rf"(?P<before>{_any(_COMPARISON_OF)})?"
    rf"(?P<part>{_any(_PARTS)})?"
    rf"(?P<low>{_NUMBER})(?P<dot>\.?)(?P<low_unit>{_UNIT})"
    rf"(?:(?:-|~|—|–|至|到)(?P<high>{_NUMBER}))?"
    rf"(?P<times>{_any(_MULTIPLIERS)})"
    rf"(?:(?P<unit>%|‰)(?:{_any(_REACHED_WHOLE)})?|(?P<other>{_UNIT}))"
    rf"(?P<after>{_any(_ENDING_OF)})?(?P<end>\.?)"
)
_NONE = "无|暂无|没有"
_PLACEHOLDER = re.compile(rf"[/\\|—–\-…·.。xX×_*?]+|{_NONE}|不涉及|不适用|指标\d+:?")
# ㎡ would become m2, and the brackets are typed for the signs they look like.
_MEANT = str.maketrans({"㎡": "平方米", "㎥": "立方米", "〈": "<", "〉": ">", "\u2329": "<", "\u232a": ">"})
_POINT = (
    r"(?=[\d本当年第]|[一二三四]季|[上下]半)(?:(?P<year>\d{4}年度?|[本当]年度?|年))?"
    r"(?:(?P<month>0?[1-9]|1[0-2])月份?(?:(?P<day>\d{1,2})[日号])?"
    r"|第?(?P<quarter>[一二三四1-4])季度|(?P<half>[上下])半年)?"
    r"年?(?P<part>上旬|中旬|下旬|底|末|初)?"
)
"""A day, a part of a month, a month, a quarter, half a year or a year."""
_PLAIN_POINT = re.sub(r"\?P<\w+>", "?:", _POINT)
_BEFORE_DAY = r"(?:之前|以前|前)"
_DONE = r"(?:(?:[已均]|全部)*(?:完成|完工|竣工)(?:验收)?)?"
_DATED = re.compile(
    rf"(?!年$)(?P<lead>截[至止]到?|已?[于在]|[自从])?(?P<start>{_PLAIN_POINT})"
    rf"(?:[-~—–至到](?P<end>{_PLAIN_POINT}))?(?:(?P<before>{_BEFORE_DAY})|之内|以内|内)?{_DONE}"
)
_IN_TIME = re.compile(rf"[按及]时(?:完成)?|[按如]期(?:完成)?|全年|\d{{1,2}}[日号]{_BEFORE_DAY}{_DONE}")
"""Deadlines that name no day: 及时, 按期, and 15日前 of whatever month."""
# Dates in figures, in Chinese numerals, and months that share one 月, all brought to 2021年12月31日.
_ISO = re.compile(r"(?<!\d)(\d{4})([-./])(\d{1,2})[-./](\d{1,2})(?!\d)")
_ISO_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/](\d{1,2})(?![\d月])")
_SPELT = re.compile(r"[零〇一二三四五六七八九十]+(?=[年月日号])")
_SHARED_MONTH = re.compile(r"(?<!\d)(\d{1,2})(?=[-~—–至到]\d{1,2}月)")
_LEAP = 2020
"""A year that has every day: a date without a year may be 2月29日."""
_PART_OF_MONTH = {"上旬": (1, 10), "初": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "底": (21, 31), "末": (21, 31)}
_AT_THE_END = ("底", "末")
# Words before a number that turn its direction round: what the number measures is then not told by the number.
_TURNS = re.compile(r"[不未无没非]|下降|降低|减少|压缩|节约|缩短|第|每|约|左右|近|(?<!提)前|排名|名列|位居")
LONGEST = 60
"""Longer texts are words, whatever numbers are in them; and reading stays quick."""
MOST_DIGITS = 15
"""What a spreadsheet keeps of a number; zeros before and behind them are not counted."""


_REACHED = re.compile(r"^\s*(?:实际|已)?(?:达到|达|完成|实现)了?(?=\s*[\d０-９])")
_MINUS = re.compile(r"^\s*[-－−](?=\s*[\d０-９])")


def parse_actual(text: str) -> Target:
    """Read one cell of 实际完成值: in an actual, 达到37家 is a measurement and no bound, and -5% is below zero."""
    minus = _MINUS.match(text)
    if not minus:
        return parse(_REACHED.sub("", text))
    found = parse(text[minus.end() :])
    if found.value is None or found.comparison is not Comparison.NONE:
        return Target(Sort.WORDS)
    return replace(found, value=-found.value)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text.translate(_MEANT)).strip()


def _shown(normal: str) -> str:
    return _SPACES.sub("", normal).rstrip("。;")


def says_nothing(text: str) -> bool:
    """Tell whether a cell is blank or holds a placeholder, without reading it as anything else."""
    shown = _shown(_normal(text)) if text else ""
    return not shown or bool(_PLACEHOLDER.fullmatch(shown))


def is_none(text: str) -> bool:
    """Tell whether a cell says that there is none: an answer where none or few are asked for, else a placeholder."""
    return bool(re.fullmatch(_NONE, _shown(_normal(text))))


@lru_cache(maxsize=65536)
def parse(text: str) -> Target:
    """Read one cell of 年度指标值."""
    normal = _normal(text)
    shown = _shown(normal)
    if not shown:
        return Target(Sort.BLANK)
    if _PLACEHOLDER.fullmatch(shown):
        return Target(Sort.PLACEHOLDER)
    if len(shown) > LONGEST or odd_digits(text) or two_numbers(normal):
        return Target(Sort.WORDS)
    found = _MEASURE.fullmatch(shown)
    measure = found and not _TURNS.search(found["lead"]) and _measure(found)
    return _deadline(shown) or measure or Target(Sort.WORDS)


def _deadline(shown: str) -> Target | None:
    """Read a deadline with the days it names; None where the text is no deadline."""
    if _IN_TIME.fullmatch(shown):
        return Target(Sort.DEADLINE)
    text = _SPELT.sub(lambda found: str(number(found[0])), shown)
    text = _ISO_MONTH.sub(r"\1年\2月", _ISO.sub(r"\1年\3月\4日", text))
    dated = _DATED.fullmatch(_SHARED_MONTH.sub(r"\1月", text))
    if not dated:
        return None
    start = _days(dated["start"])
    end = start if dated["end"] is None else _days(dated["end"], start)
    if not start or not end or start[0] > end[1]:
        return Target(Sort.DEADLINE)
    # Done before a day, or counted up to it: when it began is left open.
    begun = not dated["before"] and not (dated["lead"] or "").startswith("截")
    return Target(Sort.DEADLINE, first_day=start[0] if begun else None, last_day=end[1])


def _days(text: str, since: tuple[Day, Day] | None = None) -> tuple[Day, Day] | None:
    """Give the first and the last day that a point in time may be; None where they are not plain.

    The end of a span has the year of its beginning, ``since``, where it names none: 2021年1月至12月.
    """
    point = re.fullmatch(_POINT, text)
    if not point:
        return None
    written = re.match(r"\d{4}", point["year"] or "")
    year = int(written[0]) if written else since[0][0] if since and not point["year"] else 0
    from_month, to_month = _months(point)
    part = point["part"] or ""
    if part not in {"", *_AT_THE_END} and not point["month"]:
        return None  # 年初 ends on no certain day
    first, last = _PART_OF_MONTH.get(part, (1, 31)) if point["month"] else (1, 31)
    length = calendar.monthrange(year or _LEAP, to_month)[1]
    if point["day"]:
        first = last = int(point["day"])
        if not 1 <= last <= length:
            return None
    return (year, from_month, first), (year, to_month, min(last, length))


def _months(point: re.Match[str]) -> tuple[int, int]:
    """Give the first and the last month of a point in time."""
    if point["month"]:
        return int(point["month"]), int(point["month"])
    if point["quarter"]:
        quarter = "一二三四1234".index(point["quarter"]) % 4
        return 3 * quarter + 1, 3 * quarter + 3
    return {"上": (1, 6), "下": (7, 12)}.get(point["half"] or "", (1, 12))


def _measure(found: re.Match[str]) -> Target | None:
    low_unit, written = found["low_unit"], found["unit"] or found["other"]
    if found["high"] is None:
        # Without a range the first unit pattern may hold the words that belong to multiplier and unit.
        times, written = _split(low_unit + found["times"] + written)
    else:
        times = found["times"]
        if low_unit not in {"", times, times + written}:
            return None
    if found["part"] and written not in {"", *_REACHED_WHOLE}:
        return None
    unit = _PARTS.get(found["part"] or "", written)
    numeral = not found["low"][0].isdecimal()
    if (found["lead"] and not (found["before"] or unit)) or not _is_unit(unit, numeral=numeral):
        return None
    dimension, factor = _UNITS.get(unit, ("", Decimal(1)))
    factor *= _MULTIPLIERS[times]
    if found["lead"][-1:] in _VAGUE and found["low"][0] in "十百千":
        return None  # 数十家, 上百人
    low = number(found["low"])
    high = number(found["high"]) if found["high"] else None
    if low is None or (found["high"] and (high is None or high < low)):
        return None
    comparison = _COMPARISON_OF.get(found["before"] or "") or _ENDING_OF.get(found["after"] or "", Comparison.NONE)
    if high is not None:
        if comparison is not Comparison.NONE:
            return None
        comparison = Comparison.BETWEEN
    return Target(
        Sort.MEASURE,
        comparison,
        low * factor,
        None if high is None else high * factor,
        _DIMENSIONS[dimension][0] if dimension else unit,
        dimension,
        factor,
        stray_dot=bool(found["dot"] or found["end"]),
    )


def _is_unit(unit: str, *, numeral: bool) -> bool:
    """Tell whether what follows a number is a unit, or what the number counts; else the cell is words."""
    if unit in _UNITS or unit in _COUNTED:
        return True
    counted = unit[0] in _COUNTERS or unit.lower() in _COUNTED_WHOLE
    return counted and not numeral and not _NO_UNIT.search(unit)


@lru_cache(maxsize=65536)
def same_unit(first: str, second: str) -> bool:
    """Tell whether two units of counting are the same, one perhaps with its noun: 个 and 个项目; but 人 is not 人次."""
    shorter, longer = sorted((first, second), key=len)
    with_noun = (
        len(shorter) == 1 and shorter in _COUNTERS and shorter != "人" and longer not in _COUNTED | _COUNTED_WHOLE
    )
    return first == second or (with_noun and longer.startswith(shorter))


def of_one_kind(first: str, second: str) -> bool:
    """Tell whether two units of counting can be compared as they stand: 家 and 个, but never 小时 and 分钟."""
    return first == second or _COUNTED_WHOLE.isdisjoint({first.lower(), second.lower()})


def _split(rest: str) -> tuple[str, str]:
    """Split what follows a number into multiplier and unit: 万元 is 万 + 元, 百分比 is a unit."""
    if rest in _UNITS:
        return "", rest
    times = next(word for word in sorted(_MULTIPLIERS, key=len, reverse=True) if rest.startswith(word))
    return times, rest[len(times) :]


TEN = 10


def number(text: str) -> Decimal | None:
    """Read a number in figures (1,055.37) or Chinese numerals (两百, 十五, 二百五, 三点五); None when it is neither."""
    if re.fullmatch(_DIGITS, text):
        figures = text.replace(",", "")
        return Decimal(figures) if len(figures.replace(".", "").strip("0")) <= MOST_DIGITS else None
    text, _, behind = text.partition("点")
    section = digit = Decimal(0)
    ten = Decimal(1)  # what a last digit counts: 二百五 is 250, 二百零五 is 205
    for character in text:
        value = 2.0 if character == "两" else unicodedata.numeric(character, -1.0)
        if value < 0:
            return None
        if value < TEN:  # a digit; ten, hundred and thousand multiply what stands before them
            ten = Decimal(1) if value == 0 or digit else ten
            digit = digit * 10 + int(value) if digit else Decimal(int(value))
        else:
            section += (digit or Decimal(1)) * int(value)
            digit, ten = Decimal(0), Decimal(int(value)) / 10
    total = section + digit * ten
    if behind:  # figure by figure
        total += Decimal("0." + "".join(str(int(unicodedata.numeric(figure))) for figure in behind))
    return total if total < TEN**MOST_DIGITS else None


SIGNS = {
    Comparison.AT_LEAST: "≥",
    Comparison.MORE_THAN: "＞",
    Comparison.AT_MOST: "≤",
    Comparison.LESS_THAN: "＜",
    Comparison.EQUAL: "＝",
    Comparison.BETWEEN: "",
    Comparison.NONE: "",
}


def quantity(value: Decimal, unit: str) -> str:
    """Write a number with its unit: 0.022 比率 is 2.2%, 37 家 is 37家."""
    return f"{(value * 100).normalize():f}%" if unit == RATE else f"{value.normalize():f}{unit}"


def show(target: Target) -> str:
    """Write a measure in its shortest form: ``≥37家``, ``2.2%``; "" for everything that is no measure."""
    if target.value is None:
        return ""
    if target.high is not None:
        low = target.value * 100 if target.unit == RATE else target.value
        return f"{quantity(low, '')}-{quantity(target.high, target.unit)}"
    return f"{SIGNS[target.comparison]}{quantity(target.value, target.unit)}"
