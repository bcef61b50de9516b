"""The tables about departments → what the workbook of each shows; nothing is written here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pipeline import frames
from pipeline.frames import RowsByDepartment
from pipeline.workbooks.department_years import DepartmentYear, years_of
from pipeline.workbooks.form_layout import form_words
from pipeline.workbooks.scored.data import DepartmentReport

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.frames import DepartmentTables
    from schemas.policy import Policy


def department_reports(
    found: DepartmentTables, policy: Policy, earlier: Mapping[int, Mapping[str, DepartmentYear]] = MappingProxyType({})
) -> Iterator[DepartmentReport]:
    """Give what the workbook of each department shows."""
    parts = {
        name: RowsByDepartment(getattr(found, name))
        for name in ("facts", "indicators", "measures", "scores", "findings", "lines", "reference", "alarms")
    }
    sources = dict(zip(found.departments["department"], found.departments["sent_as"], strict=True))
    bands = policy.qualitative
    for conclusion in frames.records(found.conclusions):
        department = conclusion["department"]
        part = {name: rows.get(department, []) for name, rows in parts.items()}
        yield DepartmentReport(
            department=department,
            year=policy.year,
            source_file=sources[department],
            forms=found.forms[department],
            words=form_words(policy),
            criteria=[(each.name, each.label, each.weight) for each in policy.criteria],
            grades=[(each.word, each.points_from) for each in policy.grades],
            bands={
                name: (getattr(bands, name).low, getattr(bands, name).high) for name in ("missed", "partly", "achieved")
            },
            summary=conclusion,
            scores=part["scores"],
            facts=part["facts"],
            rows=part["indicators"],
            measures=part["measures"],
            findings=part["findings"],
            lines=part["lines"],
            reference={row["measure"]: row for row in part["reference"]},
            alarm=part["alarms"][0],
            years=_years(conclusion, part["facts"], earlier, policy.year),
        )


def _years(
    conclusion: dict[str, Any],
    facts: list[dict[str, Any]],
    earlier: Mapping[int, Mapping[str, DepartmentYear]],
    year: int,
) -> list[dict[str, Any]]:
    """Give the figures of a department by year, this year's last; none where no earlier year knows it."""
    found = years_of(earlier, conclusion["department"])
    filed = {fact["field"]: fact["value"] for fact in facts}
    final = conclusion["points"] if conclusion["reviewed_points"] is None else conclusion["reviewed_points"]
    spent, budget, executed = (filed.get(name) for name in ("three_public_outturn", "funds_budget", "funds_executed"))
    now = DepartmentYear(spent, budget, executed, final, conclusion["errors"] + conclusion["warnings"])
    return [*found, now.as_row(year)] if found else []
