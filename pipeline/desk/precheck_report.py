"""What checking one return comes to: points so far, and what is wrong at which cell. Does not import pandas."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.cells import cell_of
from schemas.enums import Severity

WHOLE_FILE = "整个文件"
"""The heading of findings that belong to no sheet."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding in words; one line where the same is found in many cells of a sheet.

    Attributes:
        rule: the rule that it breaks.
        title: what that rule is called.
        severity: error, warning or info.
        standing: "" where it counts, else why it does not, in Chinese.
        sheet: the sheet, "" for the whole file.
        cell: the first cell.
        cells: all cells in one text.
        label: the field.
        stated: what was filed, shortened where it is long.
        expected: what it should be, shortened likewise.
        follows_from: the position, among the problems, of the one that this is a consequence of; None for none.
        message: what is wrong; may quote what was filed in full.
        remedy: what to do.
    """

    rule: str
    title: str
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
    follows_from: int | None = None


@dataclass(frozen=True, slots=True)
class CriterionScore:
    """The points of a criterion, or of the total; ``self_points`` is None where none were filed.

    ``before`` and ``after`` are lines on how its points came about: by what they were computed, and how those of its
    indicators were added up.
    """

    name: str
    label: str
    weight: float
    points: float
    self_points: float | None
    unreported: float
    unjudged: float
    reviewed_points: float | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndicatorScore:
    """The points of an indicator of a criterion; ``way`` says in lines how they were worked out."""

    criterion: str
    cell: str
    name: str
    target: str
    actual: str
    state: str
    weight: float
    points: float
    reviewed: float | None
    way: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What was written in a cell of a form: under what words, in which cell, and the text."""

    label: str
    cell: str
    text: str


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
        entries: what was written in each cell, so that two returns can be compared.
        reviewed_points: the points after the reviewer's decisions; None where nothing was decided.
        reviewed_grade: the grade after them.
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
    entries: tuple[Entry, ...] = ()
    reviewed_points: float | None = None
    reviewed_grade: str = ""

    @property
    def fit(self) -> bool:
        """Whether the return can be sent: it is a return of the year, and has no error that counts."""
        return not self.reason and not self.counts.get(Severity.ERROR)


def as_plain(report: PrecheckReport) -> dict[str, Any]:
    """Give a report as plain values for JSON, with what each problem counts as, and the problems by sheet."""
    problems = [asdict(each) | {"word": each.standing or each.severity.label} for each in report.problems]
    return asdict(report) | {
        "fit": report.fit,
        "problems": problems,
        "sheets": [{"name": name, "problems": places} for name, places in group_by_sheet(report.problems).items()],
    }


def group_by_sheet(problems: tuple[Problem, ...]) -> dict[str, list[int]]:
    """Give the positions of problems by sheet: the whole file first, each sheet from top to bottom."""
    found: dict[str, list[int]] = {WHOLE_FILE: []}
    for at, problem in enumerate(problems):
        found.setdefault(problem.sheet or WHOLE_FILE, []).append(at)
    return {sheet: sorted(own, key=lambda at: _place(problems[at])) for sheet, own in found.items() if own}


def _place(problem: Problem) -> tuple[int, int]:
    return cell_of(problem.cell) or (-1, -1)
