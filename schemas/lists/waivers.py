"""豁免: findings that the bureau decides not to count. Declares its columns for the blank list and the reader."""

from __future__ import annotations

from dataclasses import dataclass

TITLE = "豁免"

COLUMNS: dict[str, str] = {
    "department": "部门名称",
    "rule": "规则",
    "reason": "理由",
    "by": "批准人",
    "until": "截止年度",
}
"""Field → words of its column."""
HINTS: dict[str, str] = {
    "department": "全称，与填报单位一致",
    "rule": "从下拉列表中选择，或填代号",
    "reason": "为什么不计",
    "by": "谁决定的",
    "until": "最后适用的年度，如2023",
}


@dataclass(frozen=True, slots=True)
class Waiver:
    """A decision that the findings of one rule, named by its id, do not count for one department.

    It holds through the fiscal year ``until``; ``by`` says who decided it.
    """

    department: str
    rule: str
    reason: str
    by: str
    until: int
