"""A cell as written → number or text, or why not. Nothing is guessed: what is doubtful stays unread, with a reason."""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import Any, NamedTuple

from schemas.forms.model import Kind
from schemas.text.normalise import odd_digits, two_numbers

_BLANK = re.compile(r"[/\\|—–\-_…·.]*|无|暂无|不涉及")
_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<figure>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?P<dot>\.?)")
_BRACKETED = re.compile(r"\((?P<figure>[\d.,]+)\)")
_MONEY = {"万元": 1.0, "万": 1.0, "元": 1e-4, "亿元": 1e4, "亿": 1e4, "千元": 0.1}
_COUNTED = ("人", "名", "个", "辆")
_POINTS = ("分",)
BARE = re.compile(r"\d+(?:\.\d+)?")
"""A number without sign, unit or word."""
DIGITS = 15
"""What a spreadsheet keeps of a number; more digits are binary noise."""
LARGEST = 10.0**DIGITS
"""From here on a number is a slip or a joke, and sums of such would break."""


class Cleaned(NamedTuple):
    """A value as understood, None where there is none.

    ``rule`` names the rule of the register that tells what was odd: ``value_unreadable`` (not understood, the
    value is None) or ``value_cleaned`` (understood, though not written as a plain number); "" when nothing was.
    """

    value: float | str | None
    rule: str = ""


_DAY = re.compile(r"(20\d\d)\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})")


def day(text: str) -> datetime.date | None:
    """Read the day that a text names, 2022年3月10日 or 2022-03-10; None where it names none that there is."""
    found = _DAY.search(text)
    try:
        return datetime.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def as_text(raw: Any) -> str:
    """Give a cell as text, as a person would read it: 42.0 is 42, dates are ISO."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        return f"{raw:.{DIGITS}g}"
    if isinstance(raw, datetime.datetime) and raw.time() == datetime.time.min:
        return raw.date().isoformat()
    return str(raw)


def is_blank(raw: Any) -> bool:
    """Tell whether a cell holds nothing but spaces."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


def clean(raw: Any, kind: Kind, unit: float = 1.0) -> Cleaned:
    """Read a cell as a value of its kind; ``unit`` is how much of 万元 an amount of 1 without a unit is."""
    if is_blank(raw):
        return Cleaned(None)
    if kind is Kind.GRADE:
        return Cleaned(_ticked(unicodedata.normalize("NFKC", as_text(raw)).strip()))
    if not kind.numeric:
        return Cleaned(as_text(raw).strip())
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        return Cleaned(None, "value_unreadable")
    if isinstance(raw, str):
        return _from_text(raw, kind, unit)
    if not abs(raw) < LARGEST:
        return Cleaned(None, "value_unreadable")
    # A whole number below `LARGEST` has no more digits than are kept.
    value = float(raw) if isinstance(raw, int) else float(f"{raw:.{DIGITS}g}")
    if kind is Kind.RATE and abs(value) > PERCENT_FROM:
        return Cleaned(value / 100, "value_cleaned")
    return Cleaned(_in_wan(value, unit) if kind is Kind.AMOUNT else value)


def _in_wan(value: float, unit: float) -> float:
    return value if unit == 1 else float(f"{value * unit:.{DIGITS}g}")


_CHOICE = re.compile(r"([☑☒√✓✔■□☐○●])\s*([^\s☑☒√✓✔■□☐○●]+)")
_TICKS = "☑☒√✓✔■●"


def _ticked(text: str) -> str:
    """Give the word that is ticked, ☑优秀 □良好; the text itself where none is, or more than one."""
    choices = _CHOICE.findall(text)
    ticked = [word for box, word in choices if box in _TICKS]
    return ticked[0] if len(ticked) == 1 else text


PERCENT_FROM = 5
"""A rate written as a number above this is meant in percent: 95 is 95%, while 1.05 is 105%."""


def _from_text(raw: str, kind: Kind, bare: float) -> Cleaned:
    normal = unicodedata.normalize("NFKC", raw).strip()
    if odd_digits(raw) or two_numbers(normal):
        return Cleaned(None, "value_unreadable")
    typed = re.sub(r"\s+", "", normal).removesuffix("。")
    text = typed.removeprefix("¥")
    if _BLANK.fullmatch(text):
        return Cleaned(None)
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed:
        text = f"-{bracketed['figure']}"
    found = _NUMBER.match(text)
    if not found:
        return Cleaned(None, "value_unreadable")
    factor = _factor(text[found.end() :], kind, bare)
    if factor is None:
        return Cleaned(None, "value_unreadable")
    value = float(f"{float(found['sign'] + found['figure'].replace(',', '')) * factor:.{DIGITS}g}")
    if not abs(value) < LARGEST:
        return Cleaned(None, "value_unreadable")
    unit = text[found.end() :]
    if kind is Kind.RATE and not unit and abs(value) > PERCENT_FROM:
        return Cleaned(value / 100, "value_cleaned")
    odd = bool(bracketed or text != typed or found["dot"] or (unit and kind is not Kind.RATE))
    return Cleaned(value, "value_cleaned" if odd else "")


def _factor(unit: str, kind: Kind, bare: float) -> float | None:
    """Give what a figure with this unit behind it is multiplied by, ``bare`` an amount without one.

    None is for a unit that does not belong here.
    """
    if not unit:
        return bare if kind is Kind.AMOUNT else 1.0
    if kind is Kind.AMOUNT:
        return _MONEY.get(unit)
    if kind is Kind.RATE:
        return {"%": 0.01, "‰": 0.001}.get(unit)
    if kind is Kind.COUNT:
        return 1.0 if unit in _COUNTED else None
    return 1.0 if kind is Kind.POINTS and unit in _POINTS else None
