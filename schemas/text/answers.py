"""What the words of an answer say beside what was asked: other figures, the other way round, less is better."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from schemas.text.normalise import normalise_label
from schemas.text.targets import says_nothing

_FIGURE = re.compile(r"(?P<date>\d+)(?P<of>[年月日号])|\d+(?:\.\d+)?")


@lru_cache(maxsize=8192)
def _figures(text: str) -> dict[str, frozenset[Decimal]]:
    """Give the figures of a text, those of years, months and days apart, all others under ""."""
    found: dict[str, set[Decimal]] = {}
    typed = re.sub(r"(?<=\d),(?=\d{3})", "", unicodedata.normalize("NFKC", text))
    for each in _FIGURE.finditer(re.sub(r"\s+", "", typed)):
        found.setdefault(each["of"] or "", set()).add(Decimal(each["date"] or each[0]))
    return {of: frozenset(figures) for of, figures in found.items()}


def other_figures(asked: str, told: str) -> bool:
    """Tell whether a text has a figure that the one it answers has not, where that has figures too: 下降2%, 下降3%."""
    wanted, given = _figures(asked), _figures(told)
    return any(not given[of] <= wanted[of] for of in wanted.keys() & given.keys())


_NO_REASON = re.compile("(?:无|没有|不存在|未发生|未出现)(?:任何|重大)?(?:偏差|偏离)?(?:原因|情况|问题)?")


@lru_cache(maxsize=8192)
def explains_nothing(text: str) -> bool:
    """Tell whether a text that should give a reason gives none: blank, /, 无, 0, 100%, 无偏差."""
    words = normalise_label(text)
    return says_nothing(text) or not re.search(r"[^\W\d_]", words) or bool(_NO_REASON.fullmatch(words.rstrip("。;")))


_RISE = re.compile("增加|增长|增大|上升|上涨|提高|提升|扩大")
_FALL = re.compile("减少|减小|降低|下降|下滑|缩短|缩小|压减|压缩")
_DEGREE = "有所|明显|显著|大幅度?|持续|不断|逐步|逐年|稳步|进一步|有效|较大|得到|了"
_ONLY_RISE = re.compile(rf"(?:{_DEGREE})*(?:{_RISE.pattern})(?:{_DEGREE})*")
_ONLY_FALL = re.compile(rf"(?:{_DEGREE})*(?:{_FALL.pattern})(?:{_DEGREE})*")


@lru_cache(maxsize=8192)
def other_way(asked: str, told: str) -> bool:
    """Tell whether a text says 增加 and no more, where the one it answers speaks of 减少, or the other way round."""
    answer = normalise_label(told).rstrip("。;")
    rise, fall = bool(_RISE.search(asked)), bool(_FALL.search(asked))
    if rise == fall:
        return False
    return bool(_ONLY_FALL.fullmatch(answer) if rise else _ONLY_RISE.fullmatch(answer))


def has_rate(text: str) -> bool:
    """Tell whether a text holds a rate: 上浮5%, of which 100% is no fulfilment, as it would be of words alone."""
    return bool(re.search("[%‰％﹪]|[百千]分[之比点]", text))


@lru_cache(maxsize=8192)
def less_is_better(name: str, endings: tuple[str, ...]) -> bool:
    """Tell whether the name of an indicator ends as one of which less is better: 投诉率; but not 降低投诉率."""
    named = normalise_label(name)
    return named.endswith(endings) and not re.search("[降减压缩]", named)
