"""A date or time and the section of a number format → the text that the cell shows, and the day that it names."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

from pipeline.reading.number_format import DATE, SPACE, NumberSection, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

_WEEKDAYS = "一二三四五六日"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DIGITS = "〇一二三四五六七八九"
_LAST_SERIAL = 2_958_466
"""The day after 9999-12-31: a spreadsheet shows ##### from here on, and below 0."""
_SECONDS = 86_400


def show_date(value: Any, section: NumberSection, *, epoch_1904: bool = False) -> tuple[str, str]:
    """Give what a cell with a date, a time or their serial number shows, and the same in a form that a reader knows.

    The second is the first where year, month and day stand in this order in figures (2021年12月, 2021/12/20); else
    the parts of the day that show as ``2021年12月20日``: a month is a month, and a day without a year has none.
    """
    moment, days = _moment(value, epoch_1904=epoch_1904)
    kinds = _kinds([token.text for token in section.tokens if token.kind == DATE])
    parts = iter(kinds)
    twelve = any(kind in {"am/pm", "a/p", "上午/下午"} for kind in kinds)
    chinese = bool(section.numerals)
    text = ""
    for token in section.tokens:
        if token.kind == DATE:
            text += _part(next(parts), moment, days, twelve=twelve, chinese=chinese)
        else:
            text += " " if token.kind == SPACE else token.text
    return text.strip(), _named(text.strip(), kinds, moment)


def _moment(value: Any, *, epoch_1904: bool) -> tuple[datetime.datetime, float]:
    """Give a value as a moment, and as days since the epoch."""
    if isinstance(value, datetime.datetime):
        return value, (value - datetime.datetime(1899, 12, 30)).total_seconds() / _SECONDS  # noqa: DTZ001
    if isinstance(value, datetime.date):
        return _moment(datetime.datetime.combine(value, datetime.time()), epoch_1904=epoch_1904)
    if isinstance(value, datetime.time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return datetime.datetime.combine(datetime.date(1900, 1, 1), value), seconds / _SECONDS
    days = value.total_seconds() / _SECONDS if isinstance(value, datetime.timedelta) else value
    if not isinstance(days, (int, float)) or not 0 <= days < _LAST_SERIAL:
        raise Unknown
    first = datetime.datetime(1904, 1, 1) if epoch_1904 else datetime.datetime(1899, 12, 30)  # noqa: DTZ001
    if not epoch_1904 and days < 60:  # noqa: PLR2004 - spreadsheets know a 1900-02-29
        first += datetime.timedelta(1)
    return first + datetime.timedelta(seconds=round(days * _SECONDS)), days


def _kinds(parts: Sequence[str]) -> list[str]:
    """Tell minutes from months: an ``m`` behind hours or before seconds is a minute, called ``n`` here."""
    found = list(parts)
    clocks = [place for place, part in enumerate(found) if part not in {"am/pm", "a/p", "上午/下午"}]
    for number, place in enumerate(clocks):
        before = found[clocks[number - 1]] if number else ""
        after = found[clocks[number + 1]] if number + 1 < len(clocks) else ""
        if found[place] in {"m", "mm"} and (before.strip("[]")[:1] == "h" or after.strip("[]")[:1] == "s"):
            found[place] = found[place].replace("m", "n")
    return found


def _part(kind: str, moment: datetime.datetime, days: float, *, twelve: bool, chinese: bool) -> str:
    """Show one part of a date or time."""
    if kind.startswith("["):
        whole = {"h": 24, "m": 1440, "s": _SECONDS}[kind[1]]
        return f"{int(round(days * _SECONDS) * whole // _SECONDS):0{len(kind) - 2}d}"
    if kind[0] in "ye":
        year = f"{moment.year % 100:02d}" if kind in {"y", "yy"} else str(moment.year)
        return _digit_by_digit(year) if chinese else year
    if kind in {"mmm", "mmmm", "mmmmm"}:
        return {3: _MONTHS[moment.month - 1][:3], 4: _MONTHS[moment.month - 1]}.get(
            len(kind), _MONTHS[moment.month - 1][0]
        )
    if kind in {"ddd", "dddd"}:
        return _DAYS[moment.weekday()][: 3 if kind == "ddd" else None]
    if kind in {"aaa", "aaaa"}:
        return ("星期" if kind == "aaaa" else "") + _WEEKDAYS[moment.weekday()]
    if kind in {"am/pm", "a/p", "上午/下午"}:
        first, second = kind.upper().split("/")
        return first if moment.hour < 12 else second  # noqa: PLR2004 - noon
    if "." in kind:
        return f"{moment.second:02d}.{'0' * (len(kind) - kind.index('.') - 1)}"
    hour = (moment.hour + 11) % 12 + 1 if twelve else moment.hour
    number = {"m": moment.month, "d": moment.day, "h": hour, "n": moment.minute, "s": moment.second}.get(kind[0])
    if number is None or len(kind) > 2:  # noqa: PLR2004 - dd
        raise Unknown(kind)
    return _spelt(number) if chinese else f"{number:0{len(kind)}d}"


def _digit_by_digit(figures: str) -> str:
    return "".join(_DIGITS[int(figure)] for figure in figures)


def _spelt(number: int) -> str:
    """Write a number below a hundred in Chinese numerals."""
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _DIGITS[tens]) + ("十" if tens else "") + (_DIGITS[ones] if ones or not tens else "")  # noqa: PLR2004


_IN_ORDER = (["y"], ["y", "m"], ["y", "m", "d"], ["m", "d"])
_AS_READ = re.compile(r"(?:\d{4}年)?\d{1,2}月(?:\d{1,2}[日号])?|\d{4}年|\d{4}[-/]\d{1,2}(?:[-/]\d{1,2})?")


def _named(text: str, kinds: Sequence[str], moment: datetime.datetime) -> str:
    """Give the parts of the day that show in a form that a reader knows; the text itself where it is in one."""
    letters = ["y" if kind[0] == "e" else kind[0] for kind in kinds if re.fullmatch("y+|e+|m+|d{1,2}", kind)]
    if not letters or (letters in _IN_ORDER and len(letters) == len(kinds) and _AS_READ.fullmatch(text)):
        return text
    year = f"{moment.year}年" if "y" in letters else ""
    month = f"{moment.month}月" if "m" in letters else ""
    return year + month + (f"{moment.day}日" if "d" in letters else "")
