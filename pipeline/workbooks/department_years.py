"""The figures of departments by year, of this year and of earlier ones, as workbooks show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemas.rules.prior_year import FOUND
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.lists.prior_year import Prior

_GRAVE = ("error", "warning")


@dataclass(frozen=True, slots=True)
class DepartmentYear:
    """A department in one year; None where a figure is not known. 三公 in 万元, execution as a fraction."""

    three_public: float | None
    budget: float | None
    executed: float | None
    points: float | None
    findings: int

    @property
    def execution(self) -> float | None:
        """What was executed of the budget."""
        return None if self.executed is None or not self.budget or self.budget < 0 else self.executed / self.budget

    def as_row(self, year: int) -> dict[str, Any]:
        """Give the figures that are shown of a year."""
        shown = {name: getattr(self, name) for name in ("points", "three_public", "execution", "findings")}
        return {"year": year, **shown}


def earlier_years(prior: Prior) -> dict[int, dict[str, DepartmentYear]]:
    """Give the departments of each earlier year, the earliest year first, by their normalised names."""
    years = [prior, *prior.earlier] if prior.year else []
    return {each.year: _departments(each) for each in reversed(years)}


def _departments(prior: Prior) -> dict[str, DepartmentYear]:
    grave = prior.findings[prior.findings["severity"].isin(_GRAVE) & prior.findings["rule"].ne(FOUND.id)]
    counts = grave["department"].map(normalise_label).value_counts()
    scores = {normalise_label(name): points for name, points in prior.scores.items()}
    found = {}
    for row in prior.figures.to_dict("records"):
        name = normalise_label(str(row["department"]))
        spent, budget, executed = (
            _figure(row, each) for each in ("three_public_outturn", "funds_budget", "funds_executed")
        )
        found[name] = DepartmentYear(spent, budget, executed, scores.get(name), int(counts.get(name, 0)))
    return found


def _figure(row: dict[Any, Any], name: str) -> float | None:
    value = row.get(name)
    return None if value is None or value != value else float(value)  # noqa: PLR0124 - NaN is what is not itself


def years_of(years: Mapping[int, Mapping[str, DepartmentYear]], department: str) -> list[dict[str, Any]]:
    """Give the figures of a department by year, of the years that know it."""
    name = normalise_label(department)
    return [departments[name].as_row(year) for year, departments in years.items() if name in departments]
