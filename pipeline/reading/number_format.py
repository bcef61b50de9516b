"""A number format's code → its sections of tokens, by the grammar that Excel, WPS and LibreOffice share.

A code is up to four sections parted by ``;``: for positive numbers, negative ones, zero and text, or for numbers
that meet a condition. ``!`` escapes a letter as a backslash does: so WPS writes it.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Token(NamedTuple):
    """One piece of a section: what it is, and its text."""

    kind: str
    text: str


class Unknown(ValueError):  # noqa: N818 - a verdict on a code, no error of the program
    """A code, or a part of one, whose meaning is not known."""


@dataclass(frozen=True, slots=True)
class NumberSection:
    """One section of a code. ``numerals`` is ``DBNum1`` … where digits show as Chinese numerals."""

    tokens: tuple[Token, ...]
    condition: tuple[str, float] | None = None
    numerals: str = ""

    def has(self, *kinds: str) -> bool:
        """Tell whether the section has a token of one of these kinds."""
        return any(token.kind in kinds for token in self.tokens)

    def meets(self, value: float) -> bool:
        """Tell whether a number meets the condition of the section."""
        return self.condition is None or _OPERATORS[self.condition[0]](value, self.condition[1])


DIGIT, POINT, COMMA, PERCENT, LITERAL, GENERAL, TEXT = (
    "digit",
    "point",
    "comma",
    "percent",
    "literal",
    "general",
    "text",
)
EXPONENT, SLASH, DATE, SPACE = "exponent", "slash", "date", "space"

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_TOKENS = re.compile(
    r"""
    "(?P<quoted>[^"]*)"                                  # "万元"
    | [\\!](?P<escaped>.)
    | _(?P<space>.)                                      # as wide as that letter
    | \*(?P<fill>.)                                      # that letter, as often as there is room
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General|G/通用格式)
    | (?P<date>AM/PM|A/P|上午/下午|y+|m+|d+|h+|s+(?:\.0+)?|a{3,4}|e+(?![+-]))
    | (?P<exponent>E[+-])
    | (?P<digit>[0\#?])
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<percent>[%‰％])
    | (?P<slash>/)
    | (?P<text>@)
    | (?P<literal>[-\s$+():^&'~{}<>=]|[1-9]+[0-9]*|[^\x00-\x7f])
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_COLOUR = re.compile(
    r"(?i)black|blue|cyan|green|magenta|red|white|yellow|colou?r ?\d+|[黑蓝绿红白黄]色?|蓝绿色?|洋红色?|颜色 ?\d+"
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_CURRENCY = re.compile(r"\$([^-]*)(?:-([0-9A-Fa-f,]+))?(?:\s*)")
_LONG_DATE, _LONG_TIME = "F800", "F400"
_SYSTEM = {_LONG_DATE: 'yyyy"年"m"月"d"日"', _LONG_TIME: "h:mm:ss"}
"""What Windows shows in Chinese for the formats that follow the system."""
MOST_SECTIONS = 4
LONGEST_CODE = 255
"""What Excel allows; and reading a code stays quick."""


@lru_cache(maxsize=4096)
def sections(code: str) -> tuple[NumberSection, ...]:
    """Read the sections of a code.

    Raises:
        Unknown: the code has a part whose meaning is not known.
    """
    if len(code) > LONGEST_CODE:
        raise Unknown(code)
    found = tuple(_section(part) for part in _parts(code))
    if len(found) > MOST_SECTIONS:
        raise Unknown(code)
    return found


def _parts(code: str) -> list[str]:
    """Part a code at each ``;`` that is neither quoted, escaped nor in brackets."""
    pieces = re.findall(r'"[^"]*"?|\[[^\]]*\]?|[\\!_*].|;|[^;]', code, re.DOTALL)
    parts = [""]
    for piece in pieces:
        if piece == ";":
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _section(code: str) -> NumberSection:
    tokens: list[Token] = []
    condition: tuple[str, float] | None = None
    numerals, at = "", 0
    while at < len(code):
        found = _TOKENS.match(code, at)
        if not found:
            raise Unknown(code)
        at = found.end()
        kind, text = found.lastgroup or "", found[found.lastgroup or 0]
        if kind == "bracket":
            compared = _CONDITION.fullmatch(text)
            if compared:
                condition = (compared[1], float(compared[2]))
            elif re.fullmatch(r"(?i)DBNum[123]", text):
                numerals = text[-1]
            else:
                system = _of_bracket(text, tokens)
                if system:  # what else the code has is not looked at
                    return NumberSection(_section(_SYSTEM[system]).tokens)
        elif kind != "fill":
            tokens.append(_token(kind, text))
    return NumberSection(_dated(tuple(tokens)), condition, numerals)


def _of_bracket(text: str, tokens: list[Token]) -> str:
    """Take over a currency or an elapsed time; give the name of a format that follows the system, else ""."""
    currency = _CURRENCY.fullmatch(text)
    if currency:
        if currency[1]:
            tokens.append(Token(LITERAL, currency[1]))
        return (currency[2] or "").upper() if (currency[2] or "").upper() in _SYSTEM else ""
    if re.fullmatch(r"(?i)h+|m+|s+", text):
        tokens.append(Token(DATE, f"[{text.lower()}]"))
    elif not _COLOUR.fullmatch(text):
        raise Unknown(text)
    return ""


def _token(kind: str, text: str) -> Token:
    if kind in {"quoted", "escaped"}:
        return Token(LITERAL, text)
    if kind == DATE:
        return Token(DATE, text.lower())
    return Token(kind, "％" if text == "％" else text)


def _dated(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Take points, commas and slashes between the parts of a date for the letters they are."""
    if not any(token.kind == DATE for token in tokens):
        return tokens
    if any(token.kind in {DIGIT, PERCENT, EXPONENT, GENERAL, TEXT} for token in tokens):
        raise Unknown("".join(token.text for token in tokens))
    return tuple(Token(LITERAL, t.text) if t.kind in {POINT, COMMA, SLASH} else t for t in tokens)
