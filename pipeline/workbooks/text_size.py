"""Compute how high a text stands in a column of a sheet, and at which size of letters it fits."""

from __future__ import annotations

import math
from functools import lru_cache

from pipeline import house_style
from pipeline.text_format import display_width

LINE_HEIGHT = 16.0
"""Points a line of 10-point Chinese text takes."""


TALLEST = 400.0
"""Excel ends at 409; a longer text is written smaller."""


USUAL, SMALLEST, TITLE = house_style.BODY, 4, house_style.TITLE
"""Font sizes in points: of what is written, of the longest texts, and of the title of a sheet."""


@lru_cache(maxsize=4096)
def text_height(text: str, width: float) -> float:
    """Give the height in points of a text wrapped into a width in characters.

    Kept: most texts of a form are the same in every return.
    """
    return min(TALLEST, _height(text, width, USUAL))


def title_height(text: str, width: float) -> float:
    """Give the height in points of a title wrapped into a width in characters of the usual size."""
    return min(TALLEST, _height(text, width, TITLE))


def _height(text: str, width: float, size: float) -> float:
    """Give the height of a text in letters of a size."""
    across = max(width - 1, 1) * USUAL / size
    lines = sum([max(1, math.ceil(display_width(line) * 1.05 / across)) for line in text.rstrip().split("\n")])
    lines += any(word.isascii() and len(word) > across for word in text.split(" ")[1:])  # it begins a line of its own
    return lines * LINE_HEIGHT * size / USUAL + 4


def fitting_size(text: str, width: float) -> float:
    """Give the font size at which a text fits the tallest row there is: the usual one, where it can."""
    if text_height(text, width) < TALLEST:
        return USUAL
    sizes = (USUAL - half / 2 for half in range(2 * (USUAL - SMALLEST)))
    return next((size for size in sizes if _height(text, width, size) <= TALLEST), SMALLEST)
