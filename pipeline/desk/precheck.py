"""Check one return before it is sent: points so far, and what is wrong at which cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.assess import assess
from pipeline.cells import cell_of
from pipeline.inputs import NO_INPUTS
from pipeline.intake.county_view import identify_county
from pipeline.intake.identify import refused_alone
from pipeline.text_format import shorten
from pipeline.workbooks.write_departments import department_reports
from schemas.enums import TOTAL, Severity, Standing, State

if TYPE_CHECKING:
    from pipeline.reading.submission import Submission
    from pipeline.workbooks.scored.data import DepartmentReport
    from schemas.policy import Policy

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


def check_submission(reading: Submission, policy: Policy) -> PrecheckReport:
    """Evaluate one return alone and say what its sender should know."""
    reason = refused_alone(reading, policy.year)
    return (
        PrecheckReport(reading.source_file, policy.year, reason) if reason else to_report(evaluate_one(reading, policy))
    )


def evaluate_one(reading: Submission, policy: Policy) -> DepartmentReport:
    """Evaluate one return that is not refused, as if it were the whole county."""
    view = identify_county([reading], [], policy, NO_INPUTS)
    (case,) = department_reports(assess(view.accepted, view.compared, policy), policy)
    return case


def to_report(case: DepartmentReport) -> PrecheckReport:
    """Put the evaluation of a department in words."""
    total = case.scores[-1]
    counted = [each for each in case.findings if each["standing"] == Standing.COUNTED]
    places = {id(line): at for at, line in enumerate(case.lines)}
    return PrecheckReport(
        source_file=case.source_file,
        year=case.year,
        department=case.department,
        grade=case.summary["grade"],
        provisional=case.summary["provisional"],
        possible=case.grade(total["points"] + total["unjudged_weight"]),
        self_grade=case.summary["self_grade"],
        scores=tuple(_criterion_score(row, case) for row in case.scores),
        counts={each: sum(found["severity"] == each for found in counted) for each in Severity},
        trial=sum(found["standing"] == Standing.TRIAL for found in case.findings),
        problems=tuple(map(_problem, case.lines)),
        first=tuple(places[id(line)] for line in case.first()),
        indicators=tuple(map(_indicator_score, case.rows)),
    )


def group_by_sheet(problems: tuple[Problem, ...]) -> dict[str, list[int]]:
    """Give the positions of problems by sheet: the whole file first, each sheet from top to bottom."""
    found: dict[str, list[int]] = {WHOLE_FILE: []}
    for at, problem in enumerate(problems):
        found.setdefault(problem.sheet or WHOLE_FILE, []).append(at)
    return {sheet: sorted(own, key=lambda at: _place(problems[at])) for sheet, own in found.items() if own}


def _place(problem: Problem) -> tuple[int, int]:
    return cell_of(problem.cell) or (-1, -1)


def _criterion_score(row: dict[str, Any], case: DepartmentReport) -> CriterionScore:
    labels = {name: label for name, label, _ in case.criteria} | {TOTAL: "合计"}
    return CriterionScore(
        label=labels[row["criterion"]],
        weight=float(row["weight"]),
        points=float(row["points"]),
        self_points=None if row["self_points"] is None else float(row["self_points"]),
        unreported=float(row["unreported_weight"]),
        unjudged=float(row["unjudged_weight"]),
    )


def _problem(line: dict[str, Any]) -> Problem:
    return Problem(
        severity=Severity(line["severity"]),
        standing=Standing(line["standing"]).label,
        **{name: line[name] for name in ("sheet", "cell", "message", "remedy")},
        **{name: shorten(line[name]) for name in ("cells", "label", "stated", "expected")},
    )


def _indicator_score(row: dict[str, Any]) -> IndicatorScore:
    return IndicatorScore(
        cell=row["cell"],
        name=row["level3"],
        target=row["target"],
        actual=row["actual"],
        state=State(row["state"]).label,
        weight=float(row["weight"]),
        points=float(row["points"]),
        explanation=row["explanation"],
    )
