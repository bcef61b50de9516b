"""Numbers as people type them: figures, thousands in groups, Chinese numerals, and what multiplies them."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_FIGURES = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,40}(?:\.\d+)?"
_NUMERALS = r"[零〇一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟]+(?:点[零〇一二三四五六七八九]+)?"
NUMBER = re.compile(f"{_FIGURES}|{_NUMERALS}")
"""A number wherever it stands; `number` says what it is."""
MULTIPLIERS = {
    "百": Decimal(100),
    "千": Decimal(1000),
    "万": Decimal(10000),
    "百万": Decimal(1000000),
    "千万": Decimal(10000000),
    "亿": Decimal(100000000),
    "万亿": Decimal(1000000000000),
}
FRACTIONS = {"百分之": "%", "千分之": "‰"}
"""Words before a number that stand for a unit behind it."""
MOST_DIGITS = 15
"""What a spreadsheet keeps of a number; zeros before and behind them are not counted."""
TEN = 10
_FULL_FIGURES = re.compile(_FIGURES)


def number(text: str) -> Decimal | None:
    """Read a number in figures (1,055.37) or Chinese numerals (两百, 十五, 二百五, 三点五); None when it is neither."""
    if _FULL_FIGURES.fullmatch(text):
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
