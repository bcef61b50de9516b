"""What the workbook of one department shows, as plain values: what a worker without pandas can use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from schemas.enums import Severity, Standing
from schemas.forms import BY_KEY, FIELDS, FORMS
from schemas.forms.model import Kind

if TYPE_CHECKING:
    from schemas.forms.model import Form


FIRST = 3
"""Findings that are named as what to do first."""
_DECIMALS = 6
"""Decimals of points that tell what more hangs on: CSV keeps not all of 10 ÷ 3, and a tie must stay one."""


@dataclass(slots=True)
class DepartmentReport:
    """All that the workbook of one department shows, as plain values.

    ``findings`` are one a cell, ``lines`` the same as they are listed: one over many cells as one; ``years`` are its
    figures by year, this year's last, none where no earlier year knows it.
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
    years: list[dict[str, Any]] = field(default_factory=list)

    def drawn_forms(self) -> list[Form]:
        """Give the annexes in the versions the department filed, today's for one it did not file."""
        filed = [BY_KEY[key] for key in self.forms]
        return [next((form for form in filed if form.id == today.id), today) for today in FORMS]

    def filed(self) -> dict[str, Any]:
        """Give each field as it is shown: the number understood, else the text as written."""
        return {fact["field"]: _shown(fact) for fact in self.facts}

    def blocks(self) -> dict[str, list[int]]:
        """Give the numbers of the indicator rows of each block by its criterion."""
        found: dict[str, list[int]] = {}
        for number, row in enumerate(self.rows):
            found.setdefault(row["criterion"], []).append(number)
        return found

    def firsts(self, name: str) -> dict[str, int]:
        """Give the number of the first indicator row that has a, perhaps merged, cell, by that cell."""
        return {row[name]: number for number, row in reversed(list(enumerate(self.rows)))}

    def first(self) -> list[dict[str, Any]]:
        """Give the lines to do first: errors before all others, those on which most points hang in front."""
        counted = [each for each in self.lines if each["standing"] == Standing.COUNTED]
        errors = [each for each in counted if each["severity"] == Severity.ERROR]
        rows: dict[tuple[str, str], set[int]] = {}
        for number, row in enumerate(self.rows):
            for cell in (row["target_cell"], row["actual_cell"]):
                rows.setdefault((row["sheet"], cell), set()).add(number)

        def at_stake(line: dict[str, Any]) -> float:
            """Give the points that hang on a line: what its indicators have not been given."""
            found = set[int]().union(*(rows.get((line["sheet"], cell), ()) for cell in line["cells"].split("、")))
            lost = sum(float(self.rows[number]["weight"] - self.rows[number]["points"]) for number in sorted(found))
            return round(lost, _DECIMALS)

        return sorted(errors or counted, key=at_stake, reverse=True)[:FIRST]

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
