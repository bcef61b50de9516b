"""A number and the section of a number format → the text that the cell shows, and its figure to the last digit."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from pipeline.reading.number_format import (
    COMMA,
    DIGIT,
    EXPONENT,
    GENERAL,
    LITERAL,
    PERCENT,
    POINT,
    SLASH,
    SPACE,
    TEXT,
    NumberSection,
    Token,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

DIGITS = 15
"""What a spreadsheet keeps of a number."""
_GENERAL_DIGITS = 11
"""What the format General shows of a number; from 1e11 on it shows powers of ten."""
_FIGURE = "figure"
_DASHES = re.compile(r"[\s\-–—－]*")


def show_number(number: Decimal, section: NumberSection, *, signed: bool) -> tuple[str, str]:
    """Give what a cell with a number shows, and the same with every digit of the number: ≤12.54万元 for ≤12.5万元.

    The second is the first where the figure is no plain number (0001-2345); a zero shown as nothing or a dash is 0.
    ``signed`` says that a minus stands before what a negative number shows.

    Raises:
        Unknown: what is negative does not show it.
    """
    tokens = _with_commas_told(section.tokens)
    size = abs(number)
    for token in tokens:
        if token.kind == PERCENT:
            size *= 1000 if token.text == "‰" else 100
        elif token.kind == _SCALE:
            size /= 1000
    pieces, size = _pieces(size, tokens)
    if section.numerals:
        pieces = [(kind, _chinese(text, section) if kind == _FIGURE else text) for kind, text in pieces]
    text = "".join(text for _, text in pieces)
    figures = [place for place, (kind, _) in enumerate(pieces) if kind == _FIGURE]
    minus = "-" if signed and text.strip() else ""
    seen = ("" if figures and not re.search(r"[^\W0]", text) else minus) + text  # -0.001 shows as 0.00
    if minus and not figures:
        raise Unknown(text)  # programs differ in whether a minus stands before words
    if not figures or (number == 0 and _DASHES.fullmatch(text)):
        return seen, "0" if number == 0 and _DASHES.fullmatch(text) else seen.strip()
    before, inner, behind = _around(pieces, figures)
    if number < 0 and not signed:
        minus, before, behind = _sign(before, behind)
    between = "".join(text for kind, text in inner if kind != _FIGURE)
    if between not in {"", "."}:
        return seen, seen.strip()
    if between:
        size /= 10 ** len("".join(text for _, text in inner).partition(".")[2])
    return seen, f"{minus}{before}{plain_figure(size)}{behind}".strip()


def plain_figure(number: Decimal) -> str:
    """Write a number without a power of ten or zeros at its end, to the digits that a spreadsheet keeps."""
    kept = Decimal(f"{number:.{DIGITS}g}")
    return f"{kept.normalize():f}" if kept else "0"


def _around(pieces: list[tuple[str, str]], figures: list[int]) -> tuple[str, list[tuple[str, str]], str]:
    """Give what stands before the figure, the figure with what is in it, and what stands behind."""
    first, last = figures[0], figures[-1]
    before, behind = pieces[:first], pieces[last + 1 :]
    words = ["".join(text for kind, text in part if kind != SPACE).strip() for part in (before, behind)]
    return words[0], pieces[first : last + 1], words[1]


def _sign(before: str, behind: str) -> tuple[str, str, str]:
    """Find the sign that a section for negative numbers writes: a minus, or brackets as accountants do."""
    if before.endswith("(") and behind.startswith(")"):
        return "-", before[:-1], behind[1:]
    if before.endswith("（") and behind.startswith("）"):
        return "-", before[:-1], behind[1:]
    if re.search(r"[-－−负▲△]", before):
        minus = "-" if re.search(r"[-－−]", before) else ""
        return minus, re.sub(r"[-－−]", "", before), behind
    raise Unknown  # what is negative does not show it


_SCALE = "scale"


def _with_commas_told(tokens: Sequence[Token]) -> list[Token]:
    """Tell the commas that group thousands (between digits), those that divide by them (behind) and other ones."""
    told: list[Token] = []
    for place, token in enumerate(tokens):
        if token.kind != COMMA:
            told.append(token)
            continue
        before = any(each.kind == DIGIT for each in tokens[:place])
        rest = [each.kind for each in tokens[place + 1 :]]
        to_point = rest[: rest.index(POINT)] if POINT in rest else rest
        after = DIGIT in to_point
        told.append(Token(COMMA if before and after else _SCALE if before else LITERAL, ","))
    return told


def _pieces(size: Decimal, tokens: list[Token]) -> tuple[list[tuple[str, str]], Decimal]:
    """Give the pieces of what a number shows, by kind, and the number that its figure stands for."""
    kinds = [token.kind for token in tokens]
    if GENERAL in kinds or TEXT in kinds:
        general = _general(size)
        return [(_FIGURE, general) if t.kind in {GENERAL, TEXT} else _as_is(t) for t in tokens], size
    if SLASH in kinds and DIGIT in kinds:
        return _fraction(size, tokens), size
    if EXPONENT in kinds:
        return _power(size, tokens), size
    return _decimal(size, tokens), size


def _as_is(token: Token) -> tuple[str, str]:
    if token.kind == SPACE:
        return SPACE, " "
    return LITERAL, "" if token.kind in {_SCALE, COMMA} else token.text


def _general(size: Decimal) -> str:
    if size and not Decimal("1e-9") <= size < Decimal("1e11"):
        mantissa, _, power = f"{size:.5e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}E{power[0]}{power[1:]:0>2}"
    whole = len(f"{size:.0f}")
    return plain_figure(size.quantize(Decimal(1).scaleb(-max(_GENERAL_DIGITS - 1 - whole, 0)), ROUND_HALF_UP))


def _decimal(size: Decimal, tokens: list[Token]) -> list[tuple[str, str]]:
    """Lay the digits of a number out over the places of a section, literals between them where the section has any."""
    point = next((place for place, token in enumerate(tokens) if token.kind == POINT), len(tokens))
    places = [token.text for token in tokens[point:] if token.kind == DIGIT]
    rounded = size.quantize(Decimal(1).scaleb(-len(places)), ROUND_HALF_UP)
    whole, _, behind = f"{rounded:f}".partition(".")
    pieces = _whole("" if whole == "0" else whole, tokens[:point], pointed=point < len(tokens))
    kept = behind.rstrip("0")
    for token in tokens[point:]:
        if token.kind == DIGIT:
            number = len(behind) - len(places)
            digit, places = behind[number], places[1:]
            beyond = number >= len(kept)
            pieces.append(
                (_FIGURE, {"0": digit, "#": "" if beyond else digit, "?": " " if beyond else digit}[token.text])
            )
        else:
            pieces.append((_FIGURE, ".") if token.kind == POINT else _as_is(token))
    return pieces


def _whole(digits: str, tokens: list[Token], *, pointed: bool) -> list[tuple[str, str]]:
    """Lay out the digits before the point, from the right; what is left over stands at the first place."""
    grouped = any(token.kind == COMMA for token in tokens)
    count = sum(token.kind == DIGIT for token in tokens)
    pieces: list[tuple[str, str]] = []
    if not count and digits and pointed:
        tokens = [*tokens, Token(DIGIT, "#")]
        count = 1
    seen = 0
    for token in reversed(tokens):
        if token.kind != DIGIT:
            pieces.append(_as_is(token))
            continue
        here = seen
        seen += 1
        last = seen == count
        mine = digits[: len(digits) - here] if last else digits[max(len(digits) - here - 1, 0) : len(digits) - here]
        mine = mine if here < len(digits) else {"0": "0", "?": " ", "#": ""}[token.text]
        pieces.append((_FIGURE, _grouped(mine, here) if grouped else mine))
    return pieces[::-1]


def _grouped(digits: str, behind: int) -> str:
    """Write digits with a comma before each third one; ``behind`` digits follow."""
    found = ""
    for place, digit in enumerate(reversed(digits), behind):
        comma = "," if place and place % 3 == 0 and digit.isdigit() else ""
        found = digit + comma + found
    return found


def _power(size: Decimal, tokens: list[Token]) -> list[tuple[str, str]]:
    """Show a number with a power of ten: 1.23E+04."""
    at = next(place for place, token in enumerate(tokens) if token.kind == EXPONENT)
    places, before = tokens[:at], True
    width = behind = 0
    for token in places:
        before = before and token.kind != POINT
        width += before and token.kind == DIGIT
        behind += not before and token.kind == DIGIT
    power = size.adjusted() // max(width, 1) * max(width, 1) if size else 0
    mantissa = size.scaleb(-power)
    if f"{mantissa.quantize(Decimal(1).scaleb(-behind), ROUND_HALF_UP):f}".partition(".")[0] == "1" + "0" * width:
        power += max(width, 1)
        mantissa = size.scaleb(-power)
    digits = sum(token.kind == DIGIT for token in tokens[at:])
    sign = "-" if power < 0 else "+" if tokens[at].text.endswith("+") else ""
    shown_power = f"E{sign}{abs(power):0{digits}d}"
    rest = [_as_is(token) for token in tokens[at + 1 :] if token.kind != DIGIT]
    return [*_decimal(mantissa, places), (_FIGURE, shown_power), *rest]


def _fraction(size: Decimal, tokens: list[Token]) -> list[tuple[str, str]]:
    """Show a number as a fraction: 12 1/2, or 25/2 where the section has no place for the whole."""
    text = "".join(token.text if token.kind in {DIGIT, SLASH, LITERAL} else "" for token in tokens)
    found = re.search(r"(?<![0#?])(?P<whole>[0#?]++\s+)?(?P<above>[0#?]++)/(?P<below>[0#?]+|[1-9]\d*)", text)
    if not found:
        raise Unknown(text)
    whole = int(size) if found["whole"] else 0
    below = found["below"]
    exact = Fraction(size) - whole
    if below.isdigit() and below.strip("0"):
        above, under = round(exact * int(below)), int(below)
    else:
        near = exact.limit_denominator(10 ** len(below) - 1)
        above, under = near.numerator, near.denominator
    if found["whole"] and above == under:
        whole, above = whole + 1, 0
    part = f"{above}/{under}" if above or not found["whole"] else ""
    figure = " ".join(filter(None, (str(whole) if found["whole"] and (whole or not part) else "", part)))
    return [(LITERAL, text[: found.start()]), (_FIGURE, figure), (LITERAL, text[found.end() :])]


_NUMERALS = {"1": "〇一二三四五六七八九", "2": "零壹贰叁肆伍陆柒捌玖", "3": "０１２３４５６７８９"}
_UNITS = {"1": ("千", "百", "十", ""), "2": ("仟", "佰", "拾", ""), "3": ("千", "百", "十", "")}


def _chinese(figure: str, section: NumberSection) -> str:
    """Write a figure in Chinese numerals: as a number for General, digit by digit for places."""
    numerals = _NUMERALS[section.numerals]
    if not section.has(GENERAL) or not figure.isdecimal():
        return figure.translate({ord("0") + digit: numeral for digit, numeral in enumerate(numerals)})
    return chinese_number(int(figure), section.numerals)


def chinese_number(number: int, style: str = "1") -> str:
    """Write a whole number in Chinese numerals: 一百二十, 壹佰贰拾."""
    numerals, units = _NUMERALS[style], _UNITS[style]
    zero = numerals[0]
    if number == 0:
        return zero
    found, skipped = "", False
    for group, name in ((100_000_000, "亿"), (10_000, "万"), (1, "")):
        part = number // group % 10_000
        if not part:
            skipped = bool(found)
            continue
        text, gap = "", skipped or (bool(found) and part < 1000)  # noqa: PLR2004
        for unit, word in zip((1000, 100, 10, 1), units, strict=True):
            digit = part // unit % 10
            if digit:
                text += (zero if gap and (text or found) else "") + numerals[digit] + word
                gap = False
            else:
                gap = gap or bool(text)
        found, skipped = found + text + name, False
    return found.removeprefix("一") if style == "1" and found.startswith("一十") else found
