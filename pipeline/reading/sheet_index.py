"""A sheet as it is searched: its texts by the words they hold, and the parts it may have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.reading.labels import LONGEST_LABEL, words_with_values
from schemas.text.normalise import normal, normalise_label

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from pipeline.reading.workbook import Cell, Sheet


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a sheet: first and last row and column, both inside."""

    top: int
    left: int
    bottom: int
    right: int

    def __contains__(self, cell: Cell) -> bool:
        """Tell whether a cell is inside."""
        return self.top <= cell[0] <= self.bottom and self.left <= cell[1] <= self.right

    def meets(self, other: Region) -> bool:
        """Tell whether two parts have a cell in common."""
        across = self.left <= other.right and other.left <= self.right
        return across and self.top <= other.bottom and other.top <= self.bottom

    @property
    def size(self) -> int:
        """The number of cells."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)


class Index:
    """The texts of a sheet: the short ones normalised, and all by the letter they begin with, with their cells.

    ``dated`` are the short ones with the word 年, as `normal` gives them: no other says of which year anything is.
    """

    def __init__(self, sheet: Sheet) -> None:
        """Index every text of a sheet."""
        self.sheet = sheet
        self.texts = list(sheet.texts())
        self.cells: dict[str, list[Cell]] = {}
        self.dated: list[tuple[Cell, str]] = []
        self._opening: dict[str, list[tuple[Cell, str]]] = {}
        for cell, text in self.texts:
            words, shown = _worded(text)
            if len(text) <= LONGEST_LABEL:
                self.cells.setdefault(words, []).append(cell)
                if "年" in shown:
                    self.dated.append((cell, shown))
            self._opening.setdefault(shown[:1], []).append((cell, shown))
        self.extent = Region(0, 0, len(sheet.rows) - 1, max((len(row) for row in sheet.rows), default=0) - 1)
        self._titled: dict[str, list[Cell]] = {}
        self._values: dict[str, list[tuple[Cell, str]]] | None = None

    def find(self, names: frozenset[str], region: Region) -> list[Cell]:
        """Give the cells of a region that hold one of the names, which are `plain`, in reading order."""
        cells = self.cells
        return sorted([cell for name in names if name in cells for cell in cells[name] if cell in region])

    def find_with_values(self, names: frozenset[str], region: Region) -> list[tuple[Cell, str]]:
        """Give the cells of a region that hold one of the names with a value behind it, and that value."""
        held = self._with_values()
        return sorted([each for name in names & held.keys() for each in held[name] if each[0] in region])

    def words_with_values(self, names: AbstractSet[str], region: Region) -> set[str]:
        """Give those of the names that stand in a region with a value behind them."""
        held = self._with_values()
        return {name for name in names & held.keys() if any(cell in region for cell, _ in held[name])}

    def _with_values(self) -> dict[str, list[tuple[Cell, str]]]:
        if self._values is None:
            self._values = {}
            for cell, text in self.texts:
                for words, value in words_with_values(text) if len(text) <= LONGEST_LABEL else ():
                    self._values.setdefault(words, []).append((cell, value))
        return self._values

    def opening(self, letters: frozenset[str]) -> list[tuple[Cell, str]]:
        """Give the texts that begin with one of some letters, as `normal` gives them, in reading order."""
        return sorted([each for letter in letters if letter in self._opening for each in self._opening[letter]])

    def titled(self, title: str) -> list[Cell]:
        """Give the cells of the short texts that have a title in them, which is `plain`."""
        if title not in self._titled:
            self._titled[title] = [cell for text, cells in self.cells.items() if title in text for cell in cells]
        return self._titled[title]


@lru_cache(maxsize=4096)
def _worded(text: str) -> tuple[str, str]:
    """Give the words of a text as they compare, "" for a long one, and the text as `normal`."""
    return normalise_label(text) if len(text) <= LONGEST_LABEL else "", normal(text)
