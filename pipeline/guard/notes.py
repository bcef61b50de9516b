"""What the guard tells of a file: why it cannot be read, or what the values of its cells do not tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.cells import Cell

MAX_ROW = 5000
"""Where content may lie: 500 indicator rows and room. Blank formatted cells may lie anywhere, they cost nothing."""
MAX_COLUMN = 300
"""The forms have some ten columns. calamine fills the rectangle around all content and aborts on A1 and XFD1048576."""
MAX_AREA = 500_000
"""Cells that the rectangles around the content of all sheets may hold: some seconds and 100 MB as Python objects."""
MAX_SHEETS = 100
"""A county's collected workbook may have one sheet a department; every sheet is read."""
MAX_TEXT = 64 * 2**20
"""Characters of all text cells together. A text kept once and shown in 100,000 cells is read 100,000 times."""

FORM = "请用发放的填报表填写后报送 .xlsx 文件"
RESAVE = "请用 WPS 或 Excel 打开、另存为 .xlsx 后再报送"
DAMAGED = "文件已损坏，打不开；请在本机打开、重新保存后再报送"
PASSWORD = "文件设有打开密码，请取消密码后再报送"  # noqa: S105 - a sentence
TRIM = "请删去表格以外的内容后再报送"
FAR = f"离表格太远；{TRIM}"
SPREAD = f"工作簿里的内容过多或相隔过远；{TRIM}"


class Refused(Exception):  # noqa: N818 - no error of the program: a verdict on a file
    """A file that cannot be read, with the reason and what to do, in Chinese."""


@dataclass(frozen=True, slots=True)
class SheetNotes:
    """What the values of a sheet do not tell.

    A trouble is an error value as shown (``#DIV/0!``), or "" for a formula without a saved value; ``percents`` are
    the cells whose number format shows a percentage.
    """

    troubles: dict[Cell, str]
    percents: frozenset[Cell]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Notes:
    """What the guard found in a file that may be read: its kind ("xlsx" or "xls") and notes by sheet name."""

    kind: str
    sheets: dict[str, SheetNotes]
    macros: bool = False
    external_links: bool = False


def shows_percent(code: str) -> bool:
    """Tell whether a number format shows a percentage: a ``%`` neither quoted nor escaped, no padding, no colour."""
    skip = False
    quoted = bracketed = False
    for letter in code:
        if skip:
            skip = False
        elif quoted or bracketed:
            quoted, bracketed = quoted and letter != '"', bracketed and letter != "]"
        elif letter == "%":
            return True
        else:
            skip, quoted, bracketed = letter in "\\_*", letter == '"', letter == "["
    return False


PERCENT_FORMATS = frozenset({9, 10})
"""The built-in number formats ``0%`` and ``0.00%``."""
