"""Words as people type them, normalised so that the same words compare equal."""

import re
import unicodedata
from functools import lru_cache

_TYPED = frozenset("0123456789０１２３４５６７８９")
_CIRCLED = re.compile(r"[①-⑳]")
_LEFT_OUT = re.compile(r"[\s“”\"'‘’《》:*]+")
_ASIDES = re.compile(r"[(](?:单位)?(?:万元|元|人|[A-Z](?:[/÷*×-][A-Z])*|\d+分)[)]")
_NUMBERING = re.compile(r"^(?:其中|[一二三四五六七八九十]+[、.]|\d{1,2}[、.](?!\d)|[(][一二三四五六七八九十\d]+[)])+")


def normal(text: str) -> str:
    """Give a text with every letter in its usual form (NFKC: Ａ is A, ： is :), without spaces around."""
    return unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=8192)
def normalise_label(words: str) -> str:
    """Give words without spaces, quotes, numbering (一、 1. （一） 其中：) and asides such as （万元） or (A)."""
    text = _LEFT_OUT.sub("", unicodedata.normalize("NFKC", _CIRCLED.sub("", words)))
    text = _ASIDES.sub("", text)
    return _NUMBERING.sub("", text) or text


def odd_digits(text: str) -> bool:
    """Tell whether a text holds digits that no keyboard here types, ٣ or ² or ①: they are never read as numbers."""
    return any(character.isdigit() and character not in _TYPED for character in text)


def has_chinese(text: str) -> bool:
    """Tell whether a text holds a Chinese character."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


_TWO_NUMBERS = re.compile(r"\d[^\S\r\n]*[\r\n]\s*\d|\d\s+(?!\d{3}(?!\d))\d")


def two_numbers(text: str) -> bool:
    """Tell whether digits stand one below the other, or apart in other groups than thousands: 37⏎24, 2 85."""
    return bool(_TWO_NUMBERS.search(text))
