"""表头对照: texts that stand on departments' sheets and are not known, and what the bureau answers that they are."""

from __future__ import annotations

from dataclasses import dataclass

SHEET = "表头对照"
"""The sheet of 复核意见 on which the program asks and the bureau answers."""
COLUMNS: dict[str, str] = {
    "annex": "附表",
    "words": "表上的文字",
    "proposed": "可能是",
    "asked_by": "哪些部门的表",
    "answer": "是哪一项",
    "department": "只用于哪个部门",
    "by": "姓名",
    "date": "日期",
    "told": "说明",
}
"""Field → words of its column: what stands on a sheet, what it may be, and what the bureau says it is."""
ANSWERED = ("answer", "department", "by", "date")
"""The columns that the bureau fills in."""
KEY = ("annex", "words")
"""What a line is about: several lines on the same may each be answered for a department of its own."""


@dataclass(frozen=True, slots=True)
class HeadAnswer:
    """A line that the bureau filled in, as text; ``line`` is its number on the sheet.

    ``proposed`` and ``asked_by`` are what the program had written on it; ``department`` is "" for every department.
    """

    line: int
    annex: str
    words: str
    proposed: str
    asked_by: str
    answer: str
    department: str
    by: str
    date: str
