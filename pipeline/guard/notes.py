"""What the guard tells of a file: why it cannot be read, or what the values of its cells do not tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

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
PASSWORD = "文件已加密（设有打开密码，或设有工作簿保护），读不出；请取消密码和工作簿保护后再报送"  # noqa: S105 - a sentence
TRIM = "请删去表格以外的内容后再报送"
FAR = f"离表格太远；{TRIM}"
SPREAD = f"工作簿里的内容过多或相隔过远；{TRIM}"


class Refused(Exception):  # noqa: N818 - no error of the program: a verdict on a file
    """A file that cannot be read, with the reason and what to do, in Chinese."""


class Passed(Refused):
    """A sheet that is not read: it is no worksheet, or holds more than a form does. The other sheets are."""


Engine = Literal["calamine", "openpyxl", "xlrd"]
"""A reader that pandas knows."""

Range = tuple["Cell", "Cell"]
"""First and last cell of a merged range."""


@dataclass(frozen=True, slots=True)
class SheetNotes:
    """What the values of a sheet do not tell.

    A trouble is an error value as shown (``#DIV/0!``), or "" for a formula without a saved value; ``formats`` are the
    codes of the number formats of the cells with content, where they are not General; ``computed`` are the formulas
    that give a text. ``passed`` says why the sheet is not read, "" for one that is. ``pictures`` are the cells that
    hold a picture of Excel, which are troubles too: to other programs they are errors.
    """

    troubles: Mapping[Cell, str] = field(default_factory=dict)
    formats: Mapping[Cell, str] = field(default_factory=dict)
    hidden: bool = False
    computed: frozenset[Cell] = frozenset()
    merges: tuple[Range, ...] = ()
    passed: str = ""
    pictures: frozenset[Cell] = frozenset()


@dataclass(frozen=True, slots=True)
class Parts:
    """What is looked at closely where a file has runs, struck-through fonts, hidden lines or comments.

    ``texts`` is the table of texts, ``sheets`` the part of each sheet and of its comments (b"" for none) by name, and
    ``struck`` the numbers of the cell styles whose font is struck through.
    """

    texts: bytes
    sheets: Mapping[str, tuple[bytes, bytes]]
    struck: frozenset[int]


@dataclass(frozen=True, slots=True)
class Notes:
    """What the guard found in a file that may be read: its kind ("xlsx" or "xls") and notes by sheet name.

    ``engine`` is the reader that pandas uses; ``manual`` tells a workbook whose formulas are recalculated by hand
    only, ``epoch_1904`` one that counts days from 1904. ``closer`` tells that there are runs, struck-through fonts,
    hidden lines or comments; ``parts`` are what shows them in an .xlsx, and ``unlooked`` tells that an .xls is too
    large to look. ``active`` names what else would run, connect or fetch something by itself, in Chinese.
    """

    kind: str
    sheets: dict[str, SheetNotes]
    macros: bool = False
    external_links: bool = False
    active: tuple[str, ...] = ()
    engine: Engine = "calamine"
    manual: bool = False
    epoch_1904: bool = False
    closer: bool = False
    unlooked: bool = False
    parts: Parts | None = None
