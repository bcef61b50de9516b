"""Find the fiscal year that a text, or the head of a form, says it is of."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.reading.labels import known
from pipeline.reading.parse_cell import as_text
from pipeline.reading.places import Place
from schemas.text.normalise import normal, normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.reading.sheet_index import Index, Region
    from pipeline.reading.workbook import Cell
    from schemas.forms.model import Form

BELOW, ABOVE = 6, 2
"""How many rows below and above a title its year may stand."""
_NUMERALS = str.maketrans("〇○零OＯ一二三四五六七八九", "00000123456789")
_FIGURES = r"(?<![\d〇零一二三四五六七八九])([2二][0〇○零OＯ][\d〇○零OＯ一二三四五六七八九]{2})"
_YEAR = re.compile(rf"{_FIGURES}\s*年\s*(度)?(?!\s*[\d一二三四五六七八九十]{{1,3}}\s*月)")
_RANGE = re.compile(r"\d{4}\s*年?\s*度?\s*[-—–~至到]\s*$")
"""What stands before the last year of several: 2021-2023年."""
_ONLY_YEAR = re.compile(rf"\W*{_FIGURES}\s*年\s*度?\W*")
_LABELLED = re.compile(rf"\W*\w{{0,4}}年\s*[度份]\s*[::]?\s*{_FIGURES}\s*年?\s*度?\W*")
_LABEL = re.compile(r"\W*\w{0,4}年\s*[度份]\s*[::]?\W*")
_VALUE = re.compile(rf"\W*{_FIGURES}(?:\.0)?\s*年?\s*度?\W*")


def years_in(text: str) -> tuple[int, ...]:
    """Give the years that a text names, in order: those called 年度 where there are any, else those called 年.

    2021年, 2022 年 度 and 二〇二二年度 are years; a date (2022年3月) and a range (2021-2023年) are none.
    """
    plain = normal(text)
    found = [each for each in _YEAR.finditer(plain) if not _RANGE.search(plain[: each.start()])]
    chosen = [each for each in found if each[2]] or found
    return tuple(dict.fromkeys(_figure(each[1]) for each in chosen))


def stated_years(index: Index, region: Region, form: Form, titles: list[Cell]) -> Iterator[Place]:
    """Give the places where the head of a form says of which fiscal year it is, each with the year as its text.

    Those are titles that name one year, lines of nothing but a year (（2021年度）) and lines that name it
    (评价年度：2022年), from a little above the title on.

    Args:
        index: the sheet.
        region: the part of it that holds the form.
        form: the form, whose labels are no such lines.
        titles: the cells of the sheet that hold a title.
    """
    for cell, text in index.dated:
        if cell[0] > region.top + BELOW:
            return
        if cell[0] < region.top - ABOVE or not region.left <= cell[1] <= region.right:
            continue
        place = _in_a_title(index, cell, text) if cell in titles else _in_a_line(index, cell, text, form)
        if place and (cell[0] >= region.top or cell not in titles):
            yield place


def _in_a_title(index: Index, cell: Cell, text: str) -> Place | None:
    years = years_in(text)
    return Place(index.sheet, cell, str(years[0])) if len(years) == 1 else None


def _in_a_line(index: Index, cell: Cell, plain: str, form: Form) -> Place | None:
    year, asks = _line(plain)
    if year:
        return None if _beside_labels(index, cell, form) else Place(index.sheet, cell, year)
    if not asks:
        return None
    right = index.sheet.end(cell)[1] + 1
    value = _VALUE.fullmatch(normal(as_text(index.sheet.value((cell[0], right)))))
    return Place(index.sheet, index.sheet.anchor((cell[0], right)), str(_figure(value[1]))) if value else None


@lru_cache(maxsize=1024)
def _line(plain: str) -> tuple[str, bool]:
    """Give the year that a line says, "" for none, and whether it asks for one, which then stands right of it."""
    found = _ONLY_YEAR.fullmatch(plain) or _LABELLED.fullmatch(plain)
    return (str(_figure(found[1])) if found else "", bool(_LABEL.fullmatch(plain)))


def _beside_labels(index: Index, cell: Cell, form: Form) -> bool:
    """Tell whether a cell stands among the heads of the form: the year above a column is not that of the form."""
    others = (value for at, value in enumerate(index.sheet.rows[cell[0]]) if at != cell[1] and isinstance(value, str))
    return any(normalise_label(value) in known(form, 0) for value in others if value.strip())


def _figure(text: str) -> int:
    return int(text.translate(_NUMERALS))
