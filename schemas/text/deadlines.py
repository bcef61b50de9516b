"""Deadlines, and the days they name: 2021年12月底前, 上半年, 2021-12-31, 及时."""

from __future__ import annotations

import calendar
import re

from schemas.text.model import Day, Sort, Target
from schemas.text.numerals import number

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
_SPELT = re.compile(r"(?<![零〇一二三四五六七八九十])[零〇一二三四五六七八九十]++(?=[年月日号])")
_SHARED_MONTH = re.compile(r"(?<!\d)(\d{1,2})(?=[-~—–至到]\d{1,2}月)")
_HAS_DATE = re.compile(r"[年月季旬底末初]|\d[-./]\d")
"""One of these is in every date."""
_LEAP = 2020
"""A year that has every day: a date without a year may be 2月29日."""
_PART_OF_MONTH = {"上旬": (1, 10), "初": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "底": (21, 31), "末": (21, 31)}
_AT_THE_END = ("底", "末")


def deadline(shown: str) -> Target | None:
    """Read a deadline with the days it names, from a text without spaces; None where it is no deadline.

    It tells the days it names where it names any (``2021年12月底前``: up to 2021-12-31); 及时 and 按期 name none.
    """
    if _IN_TIME.fullmatch(shown):
        return Target(Sort.DEADLINE)
    if not _HAS_DATE.search(shown):
        return None
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
