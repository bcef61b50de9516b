"""Read the lists that the bureau fills in (roster, waivers, decisions) by the words of their heads."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pipeline.guard import content
from pipeline.output.safe_text import legible
from pipeline.reading.parse_cell import as_text
from pipeline.reading.workbook import Refused, book
from schemas.errors import MistakeError
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from pipeline.reading.workbook import Sheet


class ListError(MistakeError):
    """A list that cannot be used; the message says why, with all its mistakes, in Chinese."""


class Line(NamedTuple):
    """A line of a list: its number on the sheet, from 1, and the text of each column that was found."""

    number: int
    text: dict[str, str]


@dataclass(frozen=True, slots=True)
class Listing:
    """The form of a list.

    Attributes:
        title: what its sheet is called.
        columns: field → words of its column.
        hints: field → what to fill in; a line whose first column holds the hint is the line of hints.
        needed: the fields whose words make a row the heads; the first column is one of them.
        widths: field → width of its column in the blank list, in characters, where it is not narrow.
    """

    title: str
    columns: Mapping[str, str]
    hints: Mapping[str, str]
    needed: Collection[str]
    widths: Mapping[str, float] = field(default_factory=dict)

    def content(self, path: Path) -> bytes | None:
        """Give the bytes of a list; None where there is no such file.

        Raises:
            ListError: there is one and it cannot be read.
        """
        try:
            return content(path) if os.path.lexists(path) else None
        except Refused as refusal:
            raise ListError(f"读不出{self.title} {legible(path)}：{refusal}。") from refusal

    def given(self, name: str, content: bytes, unlike: str) -> list[Line]:
        """Read a list as `lines` does, that is to be used or refused.

        Args:
            name: what the file is called in messages.
            content: its bytes.
            unlike: what is said where no sheet has the heads.

        Raises:
            ListError: it is no such list, or no workbook that may be read.
        """
        try:
            found = self.lines(content)
        except Refused as refusal:
            raise ListError(f"{self.title} {name}：{refusal}") from refusal
        if found is None:
            raise ListError(f"{self.title} {name} {unlike}")
        return found

    def check(self, name: str, mistakes: Sequence[str]) -> None:
        """Refuse a list that has mistakes, each told in a line."""
        if mistakes:
            raise ListError("\n".join([f"{self.title} {name} 有{len(mistakes)}处错误：", *mistakes]))

    def lines(self, content: bytes) -> list[Line] | None:
        """Read a list from the first sheet of a workbook that has its heads.

        Returns:
            The lines below the heads, without blank ones and the line of hints; None where no sheet has the heads.

        Raises:
            Refused: the bytes are no workbook that may be read.
        """
        read = book(content)
        for sheet in read.sheets:
            header = self._header(sheet)
            if header:
                return self._below(sheet, *header)
        passed = next(filter(None, (sheet.passed for sheet in read.notes.sheets.values())), "")
        if passed:
            raise Refused(passed)
        return None

    def above(self, content: bytes) -> list[str]:
        """Give the texts of the rows above the heads, a text a row; none where no sheet has the heads."""
        for sheet in book(content).sheets:
            header = self._header(sheet)
            if header:
                return [" ".join(as_text(value).strip() for value in row if value) for row in sheet.rows[: header[0]]]
        return []

    def _header(self, sheet: Sheet) -> tuple[int, dict[str, int]] | None:
        wanted = {normalise_label(words): name for name, words in self.columns.items()}
        for at, values in enumerate(sheet.rows):
            words = [normalise_label(str(value)) for value in values]
            found = {wanted[word]: column for column, word in enumerate(words) if word in wanted}
            if found.keys() >= set(self.needed):
                return at, found
        return None

    def _below(self, sheet: Sheet, head: int, columns: Mapping[str, int]) -> list[Line]:
        first = next(iter(self.columns))
        found = []
        for at in range(head + 1, len(sheet.rows)):
            text = {name: as_text(sheet.value((at, column))).strip() for name, column in columns.items()}
            if any(text.values()) and text[first] != self.hints[first]:
                found.append(Line(at + 1, text))
        return found
