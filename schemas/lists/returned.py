"""审核意见: the sheet in front of a workbook that goes back to its department, and how it is recognised again."""

import re

TITLE = "审核意见"
"""The name of the sheet; a number follows where the department has a sheet of that name."""
STAMP = "〔本表由绩效评价程序生成，再次报送时不读取〕"
"""How the text of its first cell begins; a sheet that begins so is ours, whatever it is called."""
_ORIGIN = "原报表 "


def stamp(sha256: str) -> str:
    """Give the text of the first cell, which names the return that the workbook was made from."""
    return f"{STAMP}{_ORIGIN}{sha256}"


def origin(text: str) -> str:
    """Give the sha256 of the return that a workbook was made from, by its first cell; "" where that does not tell."""
    sha256 = text.removeprefix(STAMP).strip().removeprefix(_ORIGIN).strip()
    return sha256 if re.fullmatch("[0-9a-f]{64}", sha256) else ""


AUTHOR = "绩效评价"
"""Who comments."""
MARK = "【绩效评价审核】"
"""How our part of a comment begins."""
FAULTY, DOUBTFUL = "FFF8CBAD", "FFFFE699"
"""Colours of a cell with an error and of one with a warning: those of the scored workbook."""

COLUMNS: dict[str, float] = {"序号": 6, "程度": 8, "位置": 24, "问题": 54, "怎样改": 46}
"""Words of the columns and their widths."""
HEAD = 5
"""The row of the heads, from 1."""
RECORDS = 7
"""The first of three hidden columns, from 1: sheet, cell and former fill of what is marked, to undo it."""
