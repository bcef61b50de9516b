"""A value and the number format of its cell → the text that the cell shows, where it is wide enough.

Source: ECMA-376 part 1, 18.8.31 (numFmts), and what Excel, WPS and LibreOffice were seen to show.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.reading.number_format import DATE, SPACE, TEXT, NumberSection, Unknown, sections
from pipeline.reading.shown_date import show_date
from pipeline.reading.shown_number import DIGITS, show_number

if TYPE_CHECKING:
    from collections.abc import Sequence


class Shown(NamedTuple):
    """What a cell shows. ``exact`` has every digit of the stored value: ≤12.54万元 where ≤12.5万元 shows."""

    text: str
    exact: str


def show(value: Any, code: str, *, epoch_1904: bool = False) -> Shown:
    """Give what a cell with this value and number format shows.

    Raises:
        Unknown: it cannot be told, or the sign of a number does not show.
    """
    if isinstance(value, bool):
        text = "TRUE" if value else "FALSE"
        return Shown(text, text)
    found = sections(code)
    if isinstance(value, str):
        return _show_text(value, found)
    if not isinstance(value, (int, float)):
        return Shown(*show_date(value, _date_section(found), epoch_1904=epoch_1904))
    number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{DIGITS}g}")
    section, signed = _choose([each for each in found[:3] if not _is_of_text(each)] or found[:1], number)
    if section.has(DATE):
        return Shown(*show_date(value, section, epoch_1904=epoch_1904))
    return Shown(*show_number(number, section, signed=signed))


def is_known(code: str) -> bool:
    """Tell whether a number format can be read: whatever a file holds for one, only such a one is written."""
    try:
        return bool(sections(code))
    except Unknown:
        return False


@lru_cache(maxsize=4096)
def is_plain(code: str) -> bool:
    """Tell whether a format shows every number as itself, texts as they are: only rounded, grouped or padded."""
    try:
        return all(show(value, code).exact == str(value) for value in _SAMPLES)
    except Unknown:
        return False


_SAMPLES = (0, 1, -1, 12.5, -12.5, 1234567.5, 0.25, "字")


def _is_of_text(section: NumberSection) -> bool:
    return section.has(TEXT)


def _show_text(value: str, found: Sequence[NumberSection]) -> Shown:
    """Show a text by the section for texts: the fourth, or the last one with ``@``; as it is where there is none."""
    section = found[3] if len(found) > 3 else found[-1]  # noqa: PLR2004 - the section for texts
    if len(found) <= 3 and not _is_of_text(section):  # noqa: PLR2004
        return Shown(value, value)
    text = "".join(value if t.kind == TEXT else t.text for t in section.tokens if t.kind != SPACE)
    return Shown(text, text)


def _date_section(found: Sequence[NumberSection]) -> NumberSection:
    section = found[0]
    if not section.has(DATE):
        raise Unknown
    return section


def _choose(found: Sequence[NumberSection], number: Decimal) -> tuple[NumberSection, bool]:
    """Give the section for a number, and whether a minus stands before what it shows of a negative one."""
    negative = number < 0
    if not any(section.condition for section in found):
        if len(found) == 1:
            return found[0], negative
        place = 1 if negative else 2 if number == 0 and len(found) > 2 else 0  # noqa: PLR2004 - the third is for zero
        return found[place], False
    for place, section in enumerate(found):
        implied = place == len(found) - 1 or (number > 0 if place == 0 else negative)
        if section.meets(float(number)) if section.condition else implied:
            return section, False  # programs differ in whether a minus stands before what no condition on signs shows
    raise Unknown
