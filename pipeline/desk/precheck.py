"""One return → what its sender is told before sending: points so far, and what is wrong at which cell."""

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
"""Where a finding stands that belongs to no sheet."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of what was found, in words; over many cells of a sheet where it is the same in all.

    ``standing`` is "" for one that counts; ``cells`` are the addresses in one text, ``cell`` the first. What was
    filed is told by its beginning where it is long; only ``message`` may quote it whole.
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
    """A part of the hundred points; the total is the last. ``self_points`` is None where none were filed."""

    label: str
    weight: float
    points: float
    self_points: float | None
    unreported: float
    unjudged: float


@dataclass(frozen=True, slots=True)
class IndicatorScore:
    """An indicator and how it came to its points."""

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
    """What the sender of a return is told.

    ``reason`` says why the file is no return of the year; all that follows is then blank. ``faults`` are gravest
    first, ``first`` the places in it of what to correct first; ``possible`` is the grade if all that is open were
    given. ``counts`` hold the places, not the lines, that count by severity; ``trial`` those of rules on trial.
    """

    source_file: str
    year: int
    reason: str = ""
    department: str = ""
    grade: str = ""
    provisional: bool = False
    possible: str = ""
    self_grade: str = ""
    parts: tuple[CriterionScore, ...] = ()
    counts: dict[Severity, int] = field(default_factory=dict)
    trial: int = 0
    faults: tuple[Problem, ...] = ()
    first: tuple[int, ...] = ()
    indicators: tuple[IndicatorScore, ...] = ()

    @property
    def fit(self) -> bool:
        """Whether the return may be sent: it is one, and no error in it counts."""
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
    """Put a case in words."""
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
        parts=tuple(_criterion_score(row, case) for row in case.scores),
        counts={each: sum(found["severity"] == each for found in counted) for each in Severity},
        trial=sum(found["standing"] == Standing.TRIAL for found in case.findings),
        faults=tuple(map(_problem, case.lines)),
        first=tuple(places[id(line)] for line in case.first()),
        indicators=tuple(map(_indicator_score, case.rows)),
    )


def group_by_sheet(faults: tuple[Problem, ...]) -> dict[str, list[int]]:
    """Give the places of faults under their sheets: those of the whole file first, each sheet from top to bottom."""
    found: dict[str, list[int]] = {WHOLE_FILE: []}
    for at, fault in enumerate(faults):
        found.setdefault(fault.sheet or WHOLE_FILE, []).append(at)
    return {sheet: sorted(own, key=lambda at: _place(faults[at])) for sheet, own in found.items() if own}


def _place(fault: Problem) -> tuple[int, int]:
    return cell_of(fault.cell) or (-1, -1)


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
