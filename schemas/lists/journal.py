"""日志.csv: what became of the returns over runs. Declares its columns and its events."""

from __future__ import annotations

from enum import StrEnum

COLUMNS: dict[str, str] = {
    "time": "时间",
    "department": "部门名称",
    "event": "事项",
    "file": "文件",
    "by": "姓名",
    "detail": "说明",
    "sha256": "sha256",
}
"""Field → words of its column. Times are those of files (Beijing time) and of decisions, never of a run."""


class Event(StrEnum):
    """What a line of the journal records."""

    RECEIVED = "收到"
    """A content was seen for the first time, or an older file of it turned up."""
    COUNTS = "采用"
    """Another content counts for a department than before."""
    STATE = "报表状态"
    """The bureau set, changed or cleared the state of a return."""
    REVIEW = "复核决定"
    """The reviewer decided something about a return."""
