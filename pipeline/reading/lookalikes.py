"""Letters that look like others, and marks that cannot be seen: a text as a person sees it.

PDF readers and converters put the radicals of Chinese letters in the place of the letters themselves (⻋ for 车), and
what is copied from a page or a chat brings marks along that have no width.
"""

from __future__ import annotations

import re

# Source: Unicode 14.0, EquivalentUnifiedIdeograph.txt, the CJK radicals that NFKC does not give as letters anyway.
_RADICALS = (
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲"
    "⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢"
    "⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲"
)
_LETTERS = (
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒"
    "㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马"
    "骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀"
)
_AS_LETTERS = str.maketrans(_RADICALS, _LETTERS)
# Source: Unicode 15.1, general category Cf, without signs of Arabic, Syriac and Kaithi that are seen, and without
# `_REORDERING`; and the marks that choose between the looks of a letter.
_UNSEEN = re.compile(
    "[\u00ad\u180e\u200b-\u200e\u202a\u202c\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\ufe00-\ufe0f]"
)
"""Marks that are not seen."""
_REORDERING = frozenset("\u061c\u200f\u202b\u202d\u202e\u2066\u2067\u2068\u2069")
"""Format characters that change in which order letters are seen: no text says the same without them."""


def as_seen(text: str) -> str:
    """Give a text as a person sees it: radicals as the letters they look like, without marks that are not seen."""
    if text.isprintable() and not _ODD.search(text):
        return text
    return _UNSEEN.sub("", text).translate(_AS_LETTERS)


_ODD = re.compile("[\u2e80-\u2fdf\ufe00-\ufe0f]")
"""Radicals, and the marks that choose between the looks of a letter."""


def has_unseen_marks(text: str) -> bool:
    """Tell whether a text has marks that cannot be seen and change how it is seen."""
    return not _REORDERING.isdisjoint(text)
