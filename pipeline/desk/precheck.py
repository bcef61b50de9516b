"""Check one return before it is sent."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from pipeline.assess import assess
from pipeline.desk.precheck_report import CriterionScore, Entry, IndicatorScore, PrecheckReport, Problem
from pipeline.desk.way_of_points import after_rows, before_rows, of_row
from pipeline.inputs import NO_INPUTS
from pipeline.intake.county_view import identify_county
from pipeline.intake.identify import refused_alone
from pipeline.output.safe_text import one_line
from pipeline.reading.read import read
from pipeline.text_format import shorten
from pipeline.validation.findings import UNNAMED
from pipeline.validation.wrong_figures import place_of
from pipeline.workbooks.department_reports import department_reports
from schemas.enums import TOTAL, Severity, Standing, State
from schemas.forms import INDICATORS
from schemas.rules import RULE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.desk.check_processes import Upload
    from pipeline.reading.submission import Submission
    from pipeline.workbooks.scored.data import DepartmentReport
    from schemas.policy import Policy


def check_upload(upload: Upload, policy: Policy) -> PrecheckReport:
    """Read and evaluate an upload."""
    return check_submission(read_upload(upload, policy), policy)


def read_upload(upload: Upload, policy: Policy) -> Submission:
    """Read an upload as a return of the policy's year."""
    return read(upload.name, upload.content, policy.year, upload.answers)


def check_submission(reading: Submission, policy: Policy) -> PrecheckReport:
    """Evaluate one return alone and say what its sender should know."""
    reason = refused_alone(reading, policy.year)
    return (
        PrecheckReport(reading.source_file, policy.year, reason)
        if reason
        else to_report(evaluate_one(reading, policy), policy)
    )


def evaluate_one(reading: Submission, policy: Policy) -> DepartmentReport:
    """Evaluate one return that is not refused, as if it were the whole county."""
    view = identify_county([reading], [], policy, NO_INPUTS)
    (case,) = department_reports(assess(view.accepted, view.compared, policy), policy)
    return case


def to_report(case: DepartmentReport, policy: Policy) -> PrecheckReport:
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
        problems=tuple(_problem(line, case.lines) for line in case.lines),
        first=tuple(places[id(line)] for line in case.first()),
        indicators=tuple(_indicator_score(row, policy) for row in case.rows),
        entries=tuple(_entries(case)),
        reviewed_points=None if case.summary["reviewed_points"] is None else float(case.summary["reviewed_points"]),
        reviewed_grade=case.summary["reviewed_grade"],
    )


def _criterion_score(row: dict[str, Any], case: DepartmentReport) -> CriterionScore:
    labels = {name: label for name, label, _ in case.criteria} | {TOTAL: "合计"}
    facts = {fact["field"]: fact for fact in case.facts}
    rows = [each for each in case.rows if each["criterion"] == row["criterion"]]
    return CriterionScore(
        name=row["criterion"],
        label=labels[row["criterion"]],
        weight=float(row["weight"]),
        points=float(row["points"]),
        self_points=None if row["self_points"] is None else float(row["self_points"]),
        unreported=float(row["unreported_weight"]),
        unjudged=float(row["unjudged_weight"]),
        reviewed_points=None if row["reviewed_points"] is None else float(row["reviewed_points"]),
        before=tuple(before_rows(row, facts)),
        after=tuple(after_rows(row, rows)),
    )


def _problem(line: dict[str, Any], lines: list[dict[str, Any]]) -> Problem:
    above = (at for at, each in enumerate(lines) if each is not line and line["follows_from"] == place_of(each))
    return Problem(
        title=RULE[line["rule"]].title,
        severity=Severity(line["severity"]),
        standing=Standing(line["standing"]).label,
        follows_from=next(above, None) if line["follows_from"] else None,
        **{name: line[name] for name in ("rule", "sheet", "cell", "message", "remedy")},
        **{name: shorten(line[name]) for name in ("cells", "label", "stated", "expected")},
    )


def _indicator_score(row: dict[str, Any], policy: Policy) -> IndicatorScore:
    return IndicatorScore(
        criterion=row["criterion"],
        cell=row["cell"],
        name=one_line(row["level3"]),
        target=one_line(row["target"]),
        actual=one_line(row["actual"]),
        state=State(row["state"]).label,
        weight=float(row["weight"]),
        points=float(row["points"]),
        reviewed=None if row["reviewed"] is None else float(row["reviewed"]),
        way=tuple(of_row(row, policy)),
    )


_COLUMNS = {"target": "target_cell", "actual": "actual_cell", "filed_weight": "cell", "self_points": "cell"}
"""Columns of an indicator whose entries are compared beside its name, and what has their cell."""
_WORDS = {column.name: column.words for column in INDICATORS.columns}


def _entries(case: DepartmentReport) -> Iterator[Entry]:
    """Give what was written in each cell; an indicator goes by its name, so that a row put in between moves none."""
    for fact in case.facts:
        yield Entry(fact["label"], fact["cell"], one_line(fact["raw"]))
    seen = Counter[str]()
    for row in case.rows:
        name = shorten(one_line(row["level3"])) or UNNAMED
        seen[name] += 1
        which = name if seen[name] == 1 else f"{name}（第 {seen[name]} 个）"
        yield Entry(which, row["cell"], name)
        for column, cell in _COLUMNS.items():
            text = row[column]
            shown = "" if text is None else f"{text:g}" if isinstance(text, float) else one_line(text)
            yield Entry(f"{which}·{_WORDS[column.removeprefix('filed_')]}", row[cell], shown)
