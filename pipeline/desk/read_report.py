"""Read the report on one department back from the results of a run, as if its return were checked again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline import frames
from pipeline.desk.precheck import to_report
from pipeline.desk.precheck_report import PrecheckReport
from pipeline.output.read_back import own_name, table
from pipeline.validation.group import group_findings
from pipeline.workbooks.form_layout import form_words
from pipeline.workbooks.scored.data import DepartmentReport
from schemas.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.output.read_back import Row
    from schemas.policy import Policy

_TABLES = ("facts", "indicators", "measures", "scores", "findings", "reference", "alarms", "submissions")


def read_report(folder: Path, department: str, policy: Policy) -> PrecheckReport:
    """Read the report on a department; one that was not evaluated has the reason and no results.

    Args:
        folder: the year's folder of the results, ``output/2021``.
        department: its name; spaces and quotation marks do not matter.
        policy: the policy by which it was evaluated.

    Raises:
        NoResultsError: there are no results.
        AccountError: there is no such department; the message suggests similar names.
    """
    summary = table(folder, "summary")
    own = own_name([row["department"] for row in summary], department)
    part = {name: _typed(name, _of(table(folder, name), own)) for name in _TABLES}
    (conclusion,) = _typed("summary", _of(summary, own))
    if not part["scores"]:
        why = next((row["reason"] for row in part["submissions"] if row["reason"]), "没有报送")
        return PrecheckReport("", policy.year, why, own)
    return to_report(_case(conclusion, part, policy), policy)


def _case(conclusion: dict[str, Any], part: dict[str, list[dict[str, Any]]], policy: Policy) -> DepartmentReport:
    findings = pd.DataFrame(part["findings"], columns=list(TABLES["findings"].columns), dtype=str)
    return DepartmentReport(
        department=conclusion["department"],
        year=policy.year,
        source_file=part["facts"][0]["source_file"] if part["facts"] else "",
        forms=(),  # nothing is drawn
        words=form_words(policy),
        criteria=[(each.name, each.label, each.weight) for each in policy.criteria],
        grades=[(each.word, each.points_from) for each in policy.grades],
        bands={},
        summary=conclusion,
        scores=part["scores"],
        facts=part["facts"],
        rows=part["indicators"],
        measures=part["measures"],
        findings=part["findings"],
        lines=frames.records(group_findings(findings)),
        reference={row["measure"]: row for row in part["reference"]},
        alarm=part["alarms"][0],
    )


def _of(rows: list[Row], department: str) -> list[Row]:
    return [row for row in rows if row["department"] == department]


def _typed(name: str, rows: list[Row]) -> list[dict[str, Any]]:
    """Give rows of a table with the types that it declares; blanks of numbers are None."""
    read = {column: _READ.get(str(each.dtype), str) for column, each in TABLES[name].columns.items()}
    return [{column: read[column](text) for column, text in row.items() if column in read} for row in rows]


def _number(text: str) -> float | None:
    return float(text) if text else None


_READ: dict[str, Callable[[str], Any]] = {
    "float64": _number,
    "int64": int,
    "Int64": lambda text: int(text) if text else None,
    "bool": lambda text: text == "True",
}
