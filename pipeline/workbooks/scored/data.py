"""What the workbook of one department shows, as plain values: what a worker without pandas can use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemas.enums import Severity, Standing
from schemas.forms import BY_KEY, FIELDS, FORMS
from schemas.forms.model import Kind

if TYPE_CHECKING:
    from schemas.forms.model import Form


FIRST = 3
"""Findings that are named as what to do first."""


@dataclass(slots=True)
class DepartmentReport:
    """All that the workbook of one department shows, as plain values.

    ``findings`` are one a cell, ``lines`` the same as they are listed: one over many cells as one.
    """

    department: str
    year: int
    source_file: str
    forms: tuple[str, ...]
    words: dict[str, str]
    criteria: list[tuple[str, str, float]]
    grades: list[tuple[str, float]]
    bands: dict[str, tuple[float, float]]
    summary: dict[str, Any]
    scores: list[dict[str, Any]]
    facts: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    measures: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    reference: dict[str, dict[str, Any]]
    alarm: dict[str, Any]

    def drawn_forms(self) -> list[Form]:
        """Give the annexes in the versions the department filed, today's for one it did not file."""
        filed = [BY_KEY[key] for key in self.forms]
        return [next((form for form in filed if form.id == today.id), today) for today in FORMS]

    def filed(self) -> dict[str, Any]:
        """Give each field as it is shown: the number understood, else the text as written."""
        return {fact["field"]: _shown(fact) for fact in self.facts}

    def mates(self, row: dict[str, Any]) -> list[int]:
        """Give the numbers of the indicator rows of the same block as a row."""
        return [number for number, each in enumerate(self.rows) if each["criterion"] == row["criterion"]]

    def first_of(self, name: str, row: dict[str, Any]) -> int:
        """Give the number of the first indicator row that shares a, perhaps merged, cell with a row."""
        return next(number for number, each in enumerate(self.rows) if each[name] == row[name])

    def first(self) -> list[dict[str, Any]]:
        """Give the lines to do first: errors before all others, those on which most points hang in front."""
        counted = [each for each in self.lines if each["standing"] == Standing.COUNTED]
        errors = [each for each in counted if each["severity"] == Severity.ERROR]
        return sorted(errors or counted, key=self._at_stake, reverse=True)[:FIRST]

    def _at_stake(self, line: dict[str, Any]) -> float:
        """Give the points that hang on a line: what its indicators have not been given."""
        cells = set(line["cells"].split("、"))
        return sum(
            float(row["weight"] - row["points"])
            for row in self.rows
            if line["sheet"] == row["sheet"] and cells & {row["target_cell"], row["actual_cell"]}
        )

    @property
    def reviewed(self) -> bool:
        """Whether the reviewer decided anything about its points."""
        return self.summary["reviewed_points"] is not None

    def grade(self, points: float) -> str:
        """Give the grade of a score."""
        return next((word for word, cut in self.grades if points >= cut), "")


def severity(finding: dict[str, Any]) -> str:
    """Give how grave a finding is, and whether it counts."""
    standing = Standing(finding["standing"]).label
    return Severity(finding["severity"]).label + (f"\n（{standing}）" if standing else "")


def waived(finding: dict[str, Any]) -> str:
    """Give what a finding's message goes on with where it is waived: why, and who decided."""
    return f"【不计，{finding['waiver']}】" if finding["waiver"] else ""


def _shown(fact: dict[str, Any]) -> Any:
    if fact["value"] is None:
        return fact["shown"]
    return f"（{fact['value']:.0f}年度）" if FIELDS[fact["field"]].kind is Kind.YEAR else fact["value"]
