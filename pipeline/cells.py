"""Convert between the place of a cell (row and column from 0) and its address (A1)."""

from __future__ import annotations

import re
from functools import lru_cache

Cell = tuple[int, int]
"""Row and column, from 0."""


@lru_cache(maxsize=16384)
def address(cell: Cell) -> str:
    """Return the address of a cell: (0, 0) is A1."""
    row, column = cell
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@lru_cache(maxsize=4096)
def cell_of(reference: str) -> Cell | None:
    """Return the place of an address; None for what is no address of one cell."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1
