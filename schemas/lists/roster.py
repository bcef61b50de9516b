"""部门名册: who must report. Declares its columns for the blank roster and the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime

TITLE = "部门名册"

COLUMNS: dict[str, str] = {
    "name": "部门名称",
    "code": "部门编码",
    "also": "其他名称",
    "required": "是否应报",
    "contact": "联系人",
    "telephone": "联系电话",
    "deadline": "截止日期",
}
"""Field → words of its column."""
EVERYONE = "全部单位"
"""The name on the line that says by when all departments must report."""
HINTS: dict[str, str] = {
    "name": "全称，与填报单位一致",
    "code": "可不填",
    "also": "简称、曾用名，用顿号隔开",
    "required": "填“是”或“否”，不填为“是”",
    "contact": "可不填",
    "telephone": "可不填",
    "deadline": f"如2022-04-30；“{EVERYONE}”一行填全县的，另有期限的单位在本行填",
}
YES = frozenset({"", "是", "应报", "需要"})
NO = frozenset({"否", "免报", "不报", "不需要"})


@dataclass(frozen=True, slots=True)
class Member:
    """A department of the roster. One that is not ``required`` is exempt from reporting.

    ``deadline`` is the day by which it must report, where that differs from the one for all.
    """

    name: str
    code: str = ""
    also: tuple[str, ...] = ()
    required: bool = True
    contact: str = ""
    telephone: str = ""
    deadline: datetime.date | None = None
