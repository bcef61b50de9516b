"""Read the status of every department from the last run: who has sent a return, whose has errors, who is missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.intake.journal import IN_TIME, read_journal
from pipeline.output.read_back import read_unchanged, table
from pipeline.output.safe_text import one_line
from schemas.enums import EVALUATED, Severity, Standing, Status
from schemas.file_names import JOURNAL
from schemas.lists.journal import Event
from schemas.lists.reviews import VERSION, ReturnState
from schemas.rules import RULE
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pipeline.output.read_back import Row

_UNKNOWN = "（不知是哪个部门）"
_NOT_SENT = "尚未报送"
MAX_NAMED = 4
"""The most kinds of errors that are named before 等."""


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file that could not be read, and the reason."""

    source_file: str
    reason: str

    def __str__(self) -> str:
        """Describe it, in Chinese."""
        return f"{self.source_file} 没有读取：{self.reason}"


@dataclass(frozen=True, slots=True)
class DepartmentStatus:
    """The status of one department.

    Attributes:
        department: its name; a file that names no department counts as a department of its own.
        status: evaluated, missing, or rejected where only unreadable files came and the roster does not list it.
        points: after review where it was reviewed; None where nothing was evaluated.
        errors: the number of errors that count.
        warnings: the number of warnings that count.
        problems: the titles of its errors, most frequent first.
        source_file: the file that was evaluated, "" for none.
        sha256: its hash.
        unread: files of this department that were not read.
        late: how late its first return was, in Chinese; "" for one in time, or without a deadline.
        deadline: the day by which it must report, as ISO 8601; "" without one.
        state: the state that the bureau set for the return, "" for none.
        returned: why the bureau gave the return back, in Chinese; "" where it did not.
    """

    department: str
    status: Status
    points: float | None = None
    errors: int = 0
    warnings: int = 0
    problems: tuple[str, ...] = ()
    source_file: str = ""
    sha256: str = ""
    unread: tuple[UnreadFile, ...] = ()
    late: str = ""
    deadline: str = ""
    state: str = ""
    returned: str = ""

    @property
    def must_be_contacted(self) -> bool:
        """Whether the department must be contacted."""
        return self.status not in EVALUATED or bool(self.returned or (self.errors and not self.passed) or self.unread)

    @property
    def passed(self) -> bool:
        """Whether the bureau has passed its return: errors in it are not asked about any more."""
        return self.state in {ReturnState.PASSED, ReturnState.FINAL}

    @property
    def situation(self) -> str:
        """The status in one word, in Chinese."""
        if self.status in EVALUATED:
            return self.state or ("有错误" if self.errors else "另有未读" if self.unread else "已报送")
        return self.status.label

    @property
    def frequent_problems(self) -> str:
        """The most frequent kinds of errors, in Chinese, "" where there are none."""
        return "、".join(self.problems[:MAX_NAMED]) + ("等" if len(self.problems) > MAX_NAMED else "")

    @property
    def why(self) -> str:
        """What is wrong, in Chinese, "" where nothing is."""
        told = [str(each) for each in self.unread]
        if self.status is Status.MISSING and not told:
            return _NOT_SENT
        return "；".join(filter(None, [self.late, self.returned, self.frequent_problems, *told]))


def read_statuses(folder: Path) -> list[DepartmentStatus]:
    """Read the status of every department from the year's folder of the results, ``output/2021``.

    Returns:
        Departments that sent nothing, then those that sent only unreadable files, then those with errors, most errors
        first, then the others by rank.

    Raises:
        NoResultsError: there are no results yet.
    """
    summary, submissions, findings = (table(folder, name) for name in ("summary", "submissions", "findings"))
    owners = [row["department"] for row in summary]
    unread: dict[str, list[UnreadFile]] = defaultdict(list)
    for row in submissions:
        if row["status"] == Status.REJECTED:
            unread[_owner(row, owners)].append(UnreadFile(row["source_file"], row["reason"]))
    sent = {row["department"]: row for row in submissions if row["status"] in EVALUATED}
    problems = _problems(findings)
    reasons = _reasons(folder)
    known = [
        _status(row, sent.get(row["department"], {}), problems, tuple(unread.pop(row["department"], ())), reasons)
        for row in summary
    ]
    others = [DepartmentStatus(name, Status.REJECTED, unread=tuple(files)) for name, files in unread.items()]
    return sorted([*known, *others], key=_urgency)


def _owner(row: Row, departments: Iterable[str]) -> str:
    """Give the department of an unread file: the stated one, else the one in its name (`pipeline.intake.identify`)."""
    if row["department"]:
        return row["department"]
    named = [name for name in departments if normalise_label(name) in normalise_label(row["source_file"])]
    return max(named, key=len, default=f"{_UNKNOWN}{row['source_file']}")


def _problems(findings: Iterable[Row]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in findings:
        if row["severity"] == Severity.ERROR and row["standing"] == Standing.COUNTED:
            rule = RULE.get(row["rule"])
            counts[row["department"]][rule.title if rule else row["rule"]] += 1
    return counts


def _reasons(folder: Path) -> dict[tuple[str, str], str]:
    """Give what the bureau last wrote of the state of each version, by department and version."""
    read_unchanged(folder, JOURNAL)
    entries = read_journal(folder).entries
    return {(each.department, each.sha256): each.detail for each in entries if each.event == Event.STATE}


def _status(
    row: Row,
    sent: Row,
    problems: dict[str, Counter[str]],
    unread: tuple[UnreadFile, ...],
    reasons: Mapping[tuple[str, str], str],
) -> DepartmentStatus:
    points = row["reviewed_points"] or row["points"]
    state, late = sent.get("return_state", ""), row.get("timeliness", "")
    why = reasons.get((row["department"], sent.get("sha256", "")[:VERSION]), "")
    return DepartmentStatus(
        department=row["department"],
        status=Status(row["status"]),
        points=float(points) if points else None,
        errors=int(row["errors"]),
        warnings=int(row["warnings"]),
        problems=tuple(title for title, _ in problems[row["department"]].most_common()),
        source_file=sent.get("source_file", ""),
        sha256=sent.get("sha256", ""),
        unread=unread,
        late=late if late != IN_TIME else "",
        deadline=row.get("deadline", ""),
        state=state,
        returned=(one_line(why) or state) if state == ReturnState.RETURNED else "",
    )


def _urgency(office: DepartmentStatus) -> tuple[int, int]:
    if office.status in EVALUATED:
        return (2 if office.errors or office.returned else 3 if office.unread else 4), -office.errors
    return (0 if office.status is Status.MISSING else 1), 0
