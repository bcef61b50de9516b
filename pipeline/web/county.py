"""Give the results of a run to the page: the leader's page, the departments by rank, and one department alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipeline.desk.precheck_report import as_plain
from pipeline.output.read_back import read_unchanged, record, table
from schemas.enums import EVALUATED, Status
from schemas.file_names import LEADER_PAGE

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.output.read_back import Row
    from schemas.policy import Policy


def county_overview(folder: Path, policy: Policy) -> dict[str, Any]:
    """Give the county as plain values for JSON: what the leader's page says, and every department by rank.

    Args:
        folder: the year's folder of the results, ``output/2021``.
        policy: the policy of that year, which gives the order of the grades.

    Raises:
        NoResultsError: there are no results; the message says what to do, in Chinese.
    """
    departments = [_department(row) for row in table(folder, "summary")]
    page = _leader_page(folder)
    del page["department_years"]  # a department shows its own
    return page | {
        "year": policy.year,
        "finished": finished(folder),
        "departments": departments,
        "rejected": [
            {"file": row["source_file"], "reason": row["reason"]}
            for row in table(folder, "submissions")
            if row["status"] == Status.REJECTED
        ],
    }


def department_overview(folder: Path, department: str, policy: Policy) -> dict[str, Any]:
    """Give the report on a department as plain values for JSON, with its figures of each year that is known.

    Raises:
        NoResultsError: there are no results.
        AccountError: there is no such department; the message suggests similar names.
    """
    from pipeline.desk.read_report import read_report  # noqa: PLC0415 - pandas, not before somebody asks

    report = read_report(folder, department, policy)
    years = _leader_page(folder)["department_years"].get(report.department, [])
    return as_plain(report) | {"finished": finished(folder), "years": years}


def finished(folder: Path) -> str:
    """Give when the last run ended, to the minute."""
    return record(folder).finished[:16].replace("T", " ")


def _leader_page(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(read_unchanged(folder, LEADER_PAGE))
    return found


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
