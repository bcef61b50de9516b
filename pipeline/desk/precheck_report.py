"""What checking one return comes to: points so far, and what is wrong at which cell. Does not import pandas."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.cells import cell_of
from schemas.enums import Severity

WHOLE_FILE = "整个文件"
"""The heading of findings that belong to no sheet."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding in words; one line where the same is found in many cells of a sheet.

    Attributes:
        severity: error, warning or info.
        standing: "" where it counts, else why it does not, in Chinese.
        sheet: the sheet, "" for the whole file.
        cell: the first cell.
        cells: all cells in one text.
        label: the field.
        stated: what was filed, shortened where it is long.
        expected: what it should be, shortened likewise.
        message: what is wrong; may quote what was filed in full.
        remedy: what to do.
    """

    severity: Severity
    standing: str
    sheet: str
    cell: str
    cells: str
    label: str
    stated: str
    expected: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class CriterionScore:
    """The points of a criterion, or of the total; ``self_points`` is None where none were filed."""

    label: str
    weight: float
    points: float
    self_points: float | None
    unreported: float
    unjudged: float


@dataclass(frozen=True, slots=True)
class IndicatorScore:
    """The points of an indicator and how they were worked out."""

    cell: str
    name: str
    target: str
    actual: str
    state: str
    weight: float
    points: float
    explanation: str


@dataclass(frozen=True, slots=True)
class PrecheckReport:
    """The result of checking one return.

    Attributes:
        source_file: the name of the file.
        year: the fiscal year.
        reason: why the file is no return of that year, in Chinese; all that follows is then empty.
        department: the name of the department.
        grade: the grade as things stand.
        provisional: whether open points could change the grade.
        possible: the grade if all open points were given.
        self_grade: the grade that was filed.
        scores: the points by criterion, the total last.
        counts: how many cells have findings that count, by severity.
        trial: how many cells have findings of rules on trial.
        problems: the findings, gravest first.
        first: the positions in ``problems`` of what to correct first.
        indicators: the points of each indicator.
    """

    source_file: str
    year: int
    reason: str = ""
    department: str = ""
    grade: str = ""
    provisional: bool = False
    possible: str = ""
    self_grade: str = ""
    scores: tuple[CriterionScore, ...] = ()
    counts: dict[Severity, int] = field(default_factory=dict)
    trial: int = 0
    problems: tuple[Problem, ...] = ()
    first: tuple[int, ...] = ()
    indicators: tuple[IndicatorScore, ...] = ()

    @property
    def fit(self) -> bool:
        """Whether the return can be sent: it is a return of the year, and has no error that counts."""
        return not self.reason and not self.counts.get(Severity.ERROR)


def group_by_sheet(problems: tuple[Problem, ...]) -> dict[str, list[int]]:
    """Give the positions of problems by sheet: the whole file first, each sheet from top to bottom."""
    found: dict[str, list[int]] = {WHOLE_FILE: []}
    for at, problem in enumerate(problems):
        found.setdefault(problem.sheet or WHOLE_FILE, []).append(at)
    return {sheet: sorted(own, key=lambda at: _place(problems[at])) for sheet, own in found.items() if own}


def _place(problem: Problem) -> tuple[int, int]:
    return cell_of(problem.cell) or (-1, -1)
