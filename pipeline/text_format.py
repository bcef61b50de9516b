"""Write figures and texts as messages and workbooks show them."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache
from typing import Any
from unicodedata import east_asian_width

from schemas.forms.model import Kind

CENTS = 2
"""Decimals that an amount is shown with at least."""


def figure(value: Any, kind: Kind | None) -> str:
    """Write a value as a message shows it: money to the cent or finer, rates in percent, blanks as nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value.strip()
    if kind is Kind.RATE:
        return f"{value:.2%}"
    if kind is Kind.AMOUNT:
        exact = f"{Decimal(repr(float(value))):,.6f}".rstrip("0")  # a float of many digits has others behind them
        return f"{value:,.2f}" if len(exact.partition(".")[2]) < CENTS else exact
    return f"{float(value):.6g}"


LONGEST = 60
"""Characters of a filed text that a list of findings shows; the text itself stands on the form."""


def short(text: str, most: int = LONGEST) -> str:
    """Give what was filed as a list of findings shows it: a long text is told by its beginning."""
    return text if len(text) <= most else f"{text[:most]}……"


@lru_cache(maxsize=16384)
def display_width(text: str) -> int:
    """Give the width of a text in columns of a Latin letter: a Chinese character takes two."""
    return len(text) if text.isascii() else len(text) + sum([east_asian_width(letter) in "WFA" for letter in text])
