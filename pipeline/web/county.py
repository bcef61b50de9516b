"""Summarise the results of a run for the county page: who has sent, points, grades and counts of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.output.read_back import record, table
from schemas.enums import EVALUATED, Status

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.output.read_back import Row
    from schemas.policy import Policy


def county_overview(folder: Path, policy: Policy) -> dict[str, Any]:
    """Give the summary as plain values for JSON.

    Args:
        folder: the year's folder of the results, ``output/2021``.
        policy: the policy of that year, which gives the order of the grades.

    Raises:
        NoResultsError: there are no results; the message says what to do, in Chinese.
    """
    departments = [_department(row) for row in table(folder, "summary")]
    evaluated = [row for row in departments if row["points"] is not None]
    points = [row["points"] for row in evaluated]
    return {
        "year": policy.year,
        "finished": record(folder).finished[:16].replace("T", " "),
        "sent": len(evaluated),
        "missing": [row["department"] for row in departments if row["points"] is None],
        "mean": sum(points) / len(points) if points else None,
        "errors": sum(row["errors"] for row in departments),
        "warnings": sum(row["warnings"] for row in departments),
        "faulty": sum(row["errors"] > 0 for row in departments),
        "provisional": sum(row["provisional"] for row in departments),
        "grades": [
            {"word": each.word, "count": sum(row["grade"] == each.word for row in evaluated)} for each in policy.grades
        ],
        "departments": departments,
        "rejected": [
            {"file": row["source_file"], "reason": row["reason"]}
            for row in table(folder, "submissions")
            if row["status"] == Status.REJECTED
        ],
    }


def _department(row: Row) -> dict[str, Any]:
    """Give the row of a department; points and grade are those after review where it was reviewed."""
    reviewed = "reviewed_" if row["reviewed_points"] else ""
    return {
        "rank": int(row["rank"]) if row["rank"] else None,
        "department": row["department"],
        "status": "已报送" if row["status"] in EVALUATED else Status(row["status"]).label,
        "points": _number(row[f"{reviewed}points"]),
        "grade": row[f"{reviewed}grade"],
        "reviewed": bool(reviewed),
        "provisional": row["provisional"] == "True",
        "self_points": _number(row["self_points"]),
        "errors": int(row["errors"]),
        "warnings": int(row["warnings"]),
    }


def _number(text: str) -> float | None:
    return float(text) if text else None
