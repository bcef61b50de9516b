"""Read the lists that the bureau fills in (roster, waivers, decisions) by the words of their heads."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
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

    from pipeline.reading.workbook import Book, Sheet


class ListError(MistakeError):
    """A list that cannot be used; the message says why, with all its mistakes, in Chinese."""


class Line(NamedTuple):
    """A line of a list: its number on the sheet, from 1, and the text of each column that was found.

    ``troubles`` say of columns that show an error, or a formula that was never calculated, what is there, in Chinese.
    The text of the former is the error as it is shown, of the latter "".
    """

    number: int
    text: dict[str, str]
    troubles: Mapping[str, str] = MappingProxyType({})


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
        """Give the bytes of a list; None where there is no such file. The case of its name does not matter.

        Raises:
            ListError: there is one and it cannot be read, or there are two.
        """
        names = _same_name(path)
        if len(names) > 1:
            raise ListError(
                f"{self.title}有{len(names)}份，不知道用哪一份：{'、'.join(map(legible, names))}；请只留一份。"
            )
        path = names[0] if names else path
        try:
            return content(path) if names else None
        except Refused as refusal:
            raise ListError(f"读不出{self.title} {legible(path)}：{refusal}。") from refusal

    def read_given(self, name: str, content: bytes, unlike: str) -> list[Line]:
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
        """Read a list from the sheet of a workbook that has its heads; one that is hidden does not count.

        Returns:
            The lines below the heads, without blank ones and the line of hints; None where no sheet has the heads.

        Raises:
            Refused: the bytes are no workbook that may be read, or cannot be read in one way only.
        """
        read = _read(content)
        found = self._find(read)
        if found:
            return self._below(*found)
        passed = next(filter(None, (sheet.passed for sheet in read.notes.sheets.values())), "")
        if passed:
            raise Refused(passed)
        return None

    def texts_above(self, content: bytes) -> list[str]:
        """Give the texts of the rows above the heads, a text a row; none where no sheet has the heads."""
        found = self._find(_read(content))
        if found is None:
            return []
        sheet, head, _ = found
        return [" ".join(as_text(value).strip() for value in row if value) for row in sheet.rows[:head]]

    def hidden(self, content: bytes) -> list[str]:
        """Give the names of the hidden sheets that have the heads, which are not read."""
        return [sheet.name for sheet in _read(content).sheets if sheet.hidden and self._header(sheet)]

    def _find(self, read: Book) -> tuple[Sheet, int, dict[str, int]] | None:
        """Find the one sheet that has the heads, the row of these and the columns; None where none has.

        Raises:
            Refused: two sheets that are not hidden have them, or hidden ones only, or a head is there twice.
        """
        found = [(sheet, header) for sheet in read.sheets if (header := self._header(sheet))]
        shown = [each for each in found if not each[0].hidden]
        names = "、".join(f"“{sheet.name}”" for sheet, _ in shown or found)
        if len(shown) > 1:
            raise Refused(f"{names}都有表头，不知道用哪一页；请只留一页")
        if found and not shown:
            raise Refused(f"有表头的{names}是隐藏的工作表，不予采用；要采用的，请取消隐藏后保存")
        for sheet, (head, columns) in shown:
            words = [normalise_label(str(value)) for value in sheet.rows[head]]
            twice = [self.columns[name] for name in columns if words.count(normalise_label(self.columns[name])) > 1]
            if twice:
                raise Refused(f"第{head + 1}行有不止一栏“{'”“'.join(twice)}”，不知道用哪一栏；请只留一栏")
            return sheet, head, columns
        return None

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
        last = max([len(sheet.rows), *(row + 1 for row, _ in sheet.troubles)])  # rows end with the last value
        for at in range(head + 1, last):
            text = {name: as_text(sheet.value((at, column))).strip() for name, column in columns.items()}
            shown = {name: sheet.troubles.get(sheet.anchor((at, column))) for name, column in columns.items()}
            troubles = {
                name: f"第{at + 1}行“{self.columns[name]}”"
                + (f"是错误值 {error}" if error else "是公式，没有计算结果（请在 Excel 或 WPS 里打开、保存一次）")
                for name, error in shown.items()
                if error is not None
            }
            text |= {name: error for name, error in shown.items() if error}
            if (any(text.values()) or troubles) and text[first] != self.hints[first]:
                found.append(Line(at + 1, text, troubles))
        return found


@lru_cache(maxsize=1)
def _read(content: bytes) -> Book:
    """Read a workbook once for all that is asked of it: its lines, what stands above them, its hidden sheets."""
    return book(content)


def _same_name(path: Path) -> list[Path]:
    """Give what a folder holds under a name, whatever its case: 部门名册.XLSX is 部门名册.xlsx."""
    if not path.parent.is_dir():
        return []
    return sorted(each for each in path.parent.iterdir() if each.name.lower() == path.name.lower())
