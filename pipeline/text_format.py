"""Format figures and texts as messages and workbooks show them."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache
from typing import Any
from unicodedata import east_asian_width

from schemas.forms.model import Kind

CENTS = 2
"""Fewest decimals of an amount."""


def format_figure(value: Any, kind: Kind | None) -> str:
    """Format a value for messages: amounts to the cent or finer, rates in percent, blanks as an empty text."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value.strip()
    if kind is Kind.RATE:
        return f"{value:.2%}"
    if kind is Kind.AMOUNT:
        exact = f"{Decimal(repr(float(value))):,.6f}".rstrip("0")  # by repr: a float has more digits than were stated
        return f"{value:,.2f}" if len(exact.partition(".")[2]) < CENTS else exact
    return f"{float(value):.6g}"


LONGEST = 60
"""Characters of a text of a department that a list of findings shows; the form shows all of it."""


def shorten(text: str, most: int = LONGEST) -> str:
    """Shorten a long text to its beginning and an ellipsis."""
    return text if len(text) <= most else f"{text[:most]}……"


@lru_cache(maxsize=16384)
def display_width(text: str) -> int:
    """Return the width of a text in columns of a terminal or sheet: a Chinese character takes two."""
    return len(text) if text.isascii() else len(text) + sum([east_asian_width(letter) in "WFA" for letter in text])
