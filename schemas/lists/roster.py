"""部门名册: who must report. Declares its columns for the blank roster and the reader."""

from __future__ import annotations

from dataclasses import dataclass

TITLE = "部门名册"
FILE = f"{TITLE}.xlsx"

COLUMNS: dict[str, str] = {
    "name": "部门名称",
    "code": "部门编码",
    "also": "其他名称",
    "required": "是否应报",
    "contact": "联系人",
    "telephone": "联系电话",
}
"""Field → words of its column."""
HINTS: dict[str, str] = {
    "name": "全称，与填报单位一致",
    "code": "可不填",
    "also": "简称、曾用名，用顿号隔开",
    "required": "填“是”或“否”，不填为“是”",
    "contact": "可不填",
    "telephone": "可不填",
}
YES = frozenset({"", "是", "应报", "需要"})
NO = frozenset({"否", "免报", "不报", "不需要"})


@dataclass(frozen=True, slots=True)
class Member:
    """A department of the roster. One that is not ``required`` is exempt from reporting."""

    name: str
    code: str = ""
    also: tuple[str, ...] = ()
    required: bool = True
    contact: str = ""
    telephone: str = ""
