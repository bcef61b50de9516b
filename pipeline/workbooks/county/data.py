"""What the county workbook shows, as plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.reading.submission import NUMERIC, Submission
from pipeline.workbooks.county.leader_figures import LastYear

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.workbooks.department_years import DepartmentYear
    from schemas.policy import Policy

RANKING, STAFFING, THREE_PUBLIC, FUNDS, RULES = "排名", "人员", "三公经费", "资金与执行", "规则统计"
COMMON = "常见问题"
"""Names of the sheets that the overview takes its figures from."""
MOST_LISTED = 10_000
"""Rows up to which a long list stands in the county workbook: a county of 150 offices has some 5,000. From here on a
sheet opens slowly and nobody reads it; the data files and the workbooks of the departments have every row."""


_AT = {name: at for at, name in enumerate(NUMERIC)}


class FiledFigures(Mapping[str, Any]):
    """The name of a department and the numbers that it filed, by field; None where it filed none.

    They stay in the submission: dictionaries of them would fill the memory of a large county.
    """

    def __init__(self, of: Submission) -> None:
        """Show the figures of a submission."""
        self._of = of

    def __getitem__(self, name: str) -> Any:
        """Give the name or a number."""
        if name == "department":
            return self._of.department
        value = self._of.figures[_AT[name]]
        return None if math.isnan(value) else value

    def __iter__(self) -> Iterator[str]:
        """Name what is known of a department."""
        return iter(("department", *NUMERIC))

    def __len__(self) -> int:
        """Count what is known of a department."""
        return 1 + len(NUMERIC)


@dataclass(frozen=True, slots=True)
class County:
    """All that the county workbook shows: the tables of the run as plain rows.

    ``departments`` are what each has filed, ``lists`` the long lists by name, None for one that is too long, and
    ``listed`` how many rows each has; ``aspects`` are weight and points of the indicators of each aspect and state,
    ``titles`` how many lines of findings of each rule a department has, ``unjudged`` the points of it that wait for a
    decision, ``rules`` how each rule came out, ``rates`` the measures of the county, ``years`` the departments of
    earlier years by normalised name.
    """

    policy: Policy
    summary: list[dict[str, Any]]
    departments: Sequence[Mapping[str, Any]]
    lists: dict[str, list[dict[str, Any]] | None]
    listed: dict[str, int]
    aspects: dict[tuple[str, str], tuple[int, float, float]]
    titles: dict[str, list[tuple[str, int]]]
    rules: list[dict[str, Any]]
    idle_waivers: list[tuple[str, str, str]]
    submissions: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    alarms: list[dict[str, Any]]
    rates: list[dict[str, Any]]
    exempt: list[str]
    with_roster: bool
    links: dict[str, str]
    unjudged: dict[str, float] = field(default_factory=dict)
    last_year: LastYear = field(default_factory=LastYear)
    years: dict[int, dict[str, DepartmentYear]] = field(default_factory=dict)
