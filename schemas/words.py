"""Words of rows and columns, normalised so that the same words compare equal."""

import re
import unicodedata
from functools import lru_cache

_CIRCLED = re.compile(r"[①-⑳]")
_LEFT_OUT = re.compile(r"[\s“”\"'‘’《》:*]+")
_ASIDES = re.compile(r"[(](?:单位)?(?:万元|元|人|[A-Z](?:[/÷*×-][A-Z])*|\d+分)[)]")
_NUMBERING = re.compile(r"^(?:其中|[一二三四五六七八九十]+[、.]|\d{1,2}[、.](?!\d)|[(][一二三四五六七八九十\d]+[)])+")


@lru_cache(maxsize=65536)
def plain(words: str) -> str:
    """Give words without spaces, quotes, numbering (一、 1. （一） 其中：) and asides such as （万元） or (A)."""
    text = _LEFT_OUT.sub("", unicodedata.normalize("NFKC", _CIRCLED.sub("", words)))
    text = _ASIDES.sub("", text)
    return _NUMBERING.sub("", text) or text
