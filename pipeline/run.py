"""The whole road, on one page: folder → readings → tables → findings and scores → workbooks and data."""

from __future__ import annotations

import platform
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline import export, intake, review, tabulate, waivers
from pipeline.changes import changes
from pipeline.exact import floats
from pipeline.executor import each_apart, executor, workers
from pipeline.explain import explain
from pipeline.goals import goals_of_departments, goals_of_rows
from pipeline.grade import SUMMARY, summarise
from pipeline.judge import judge
from pipeline.measure import county, measure
from pipeline.prior import Prior, nothing, repeated, with_last_year
from pipeline.read import Reading, lost, read_file
from pipeline.reference import alarms, reference
from pipeline.results import CSV, data, workbooks
from pipeline.roster import Roster
from pipeline.score import give, score, weigh
from pipeline.validate import added, validate
from schemas import tables
from schemas.returned import FOLDER as RETURNED
from schemas.states import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pandera.pandas import DataFrameSchema

    from schemas.policy import Policy
    from schemas.review import Decision
    from schemas.waiver import Waiver

LIBRARIES = ("pandas", "pandera", "python-calamine", "xlsxwriter", "openpyxl")


class NothingToEvaluateError(Exception):
    """No file of the inbox could be evaluated; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a run is given beside the returns: who must report, what is waived or decided, and last year's outputs."""

    roster: Roster = field(default_factory=Roster)
    waivers: tuple[Waiver, ...] = ()
    decisions: tuple[Decision, ...] = ()
    prior: Prior = field(default_factory=nothing)


@dataclass(slots=True)
class Tables:
    """The tables of a run, as the contract names them, the wide one behind them, and the forms each department used."""

    submissions: pd.DataFrame
    facts: pd.DataFrame
    departments: pd.DataFrame
    indicators: pd.DataFrame
    measures: pd.DataFrame
    scores: pd.DataFrame
    findings: pd.DataFrame
    summary: pd.DataFrame
    changes: pd.DataFrame
    reviews: pd.DataFrame
    reference: pd.DataFrame
    alarms: pd.DataFrame
    county: pd.DataFrame
    forms: dict[str, tuple[str, ...]]
    stamps: dict[str, str]


@dataclass(slots=True)
class Run:
    """What a run did: its tables, where they went, what it was given, how many returns go back, and the seconds."""

    year: int
    tables: Tables
    folder: Path
    given: Given
    returned: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


def quiet(_stage: str, _steps: int) -> Callable[[], None]:
    """Show no progress: a progress is told a stage and its steps, and gives what to call after each."""
    return lambda: None


def evaluate(
    inbox: Path,
    output: Path,
    policy: Policy,
    jobs: int | None = None,
    progress: Callable[[str, int], Callable[[], None]] = quiet,
    given: Given = Given(),
    formats: Mapping[str, Callable[[pd.DataFrame], bytes]] = CSV,
) -> Run:
    """Evaluate every return of a folder and write the results under ``output/<year>``.

    ``formats`` are how the tables are written, by the ending of their files.
    """
    seconds: dict[str, float] = {}
    paths = intake.files(inbox, output)
    passed_over = [(_name(path, inbox), intake.ignored(path)) for path in paths if intake.ignored(path)]
    returns = [path for path in paths if not intake.ignored(path)]
    with _timed(seconds, "read"):
        readings = _read(returns, inbox, policy.year, jobs, progress("读取", len(returns)))
    with _timed(seconds, "evaluate"):
        found = evaluated(readings, passed_over, policy, given)
    folder = output / str(policy.year)
    with _timed(seconds, "write"), executor(jobs, len(found.summary)) as pool:
        files = workbooks(
            pool, found, policy, given, inbox, progress("写出", len(found.scores["department"].unique()))
        ) | data(found, formats)
    with _timed(seconds, "place"):
        for name, made in files.items():
            export.place(folder / name, made)
        export.clear(folder, files)
    back = [name for name in files if name.startswith(f"{RETURNED}/")]
    run = Run(policy.year, found, folder, given, len(back), seconds)
    export.place(folder / export.RECORD, export.as_json(record(run, policy, sorted(files))))
    return run


def evaluated(
    readings: list[Reading],
    passed_over: list[tuple[str, str]],
    policy: Policy,
    given: Given = Given(),
) -> Tables:
    """Turn readings into every table of the run, all departments at once."""
    readings = intake.identified(readings, given.roster)
    submissions = intake.settle(readings, passed_over, policy.year, given.roster)
    counts = intake.chosen(readings, policy.year)
    accepted = [each for each in readings if counts.get(each.department) is each]
    if not accepted:
        raise NothingToEvaluateError(_why_nothing(submissions))
    facts = tabulate.facts(accepted)
    wide = tabulate.departments(accepted, facts)
    rows = give(weigh(judge(tabulate.indicators(accepted), policy), policy), policy)
    rows = rows.merge(wide[["department", "deviation_reasons"]], on="department", how="left")
    scores = score(wide, rows, policy)
    wide = tabulate.with_scores(tabulate.with_rows(wide, rows), scores, policy)
    measures = measure(wide)
    compared = tabulate.with_measures(goals_of_departments(with_last_year(wide, given.prior), rows), measures)
    read = {
        "departments": compared,
        "indicators": goals_of_rows(rows, wide),
        "blocks": tabulate.blocks(wide, rows, policy),
    }
    findings = validate(read, tabulate.first_findings(accepted), facts, policy)
    findings = added(findings, repeated(findings, given.prior), wide["department"], policy)
    findings = waivers.applied(findings, waivers.named(given.waivers, given.roster), policy.year)
    stamps = review.stamps(accepted)
    rows = rows.assign(explanation=pd.Series(explain(rows, policy), index=rows.index, dtype="str"))
    decided = review.applied(given.decisions, stamps, wide, rows, scores, findings, policy)
    submissions = _with_errors(submissions, decided.findings)
    return Tables(
        submissions=_checked(tables.SUBMISSIONS, submissions),
        facts=_checked(tables.FACTS, facts),
        departments=wide,
        indicators=_checked(tables.INDICATORS, _as_indicators(decided.rows)),
        measures=_checked(tables.MEASURES, measures),
        scores=_checked(tables.SCORES, decided.scores),
        findings=_checked(tables.FINDINGS, decided.findings.astype("str")),
        summary=_checked(tables.SUMMARY, summarise(submissions, decided.scores, decided.findings, policy))[SUMMARY],
        changes=_checked(tables.CHANGES, changes(readings, counts)),
        reviews=_checked(tables.REVIEWS, review.table(decided.lines, stamps)),
        reference=_checked(tables.REFERENCE, reference(measures, policy)),
        alarms=_checked(tables.ALARMS, alarms(wide, review.in_force(decided.scores), policy)),
        county=_checked(tables.COUNTY, county(wide)),
        forms={each.department: each.forms for each in accepted},
        stamps=stamps,
    )


def _name(path: Path, inbox: Path) -> str:
    return path.relative_to(inbox).as_posix()


def _read(paths: list[Path], inbox: Path, year: int, jobs: int | None, step: Callable[[], None]) -> list[Reading]:
    """Read every return in processes of their own: what kills one costs only its file."""
    items = [(path, _name(path, inbox)) for path in paths]
    readings = []
    for reading in each_apart(partial(read_file, year=year), items, lost, workers(jobs, len(items))):
        readings.append(reading)
        step()
    return readings


def _with_errors(submissions: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    errors = findings["severity"].eq("error") & findings["standing"].eq(Standing.COUNTED)
    faulty = findings.loc[errors, "source_file"]
    status = submissions["status"].mask(
        submissions["status"].eq("accepted") & submissions["source_file"].isin(faulty), "accepted_with_errors"
    )
    return submissions.assign(status=status)


def _checked(schema: DataFrameSchema, table: pd.DataFrame) -> pd.DataFrame:
    """Hold a table against its declaration, its contract's columns first; a breach is a mistake of this program."""
    first = list(schema.columns)
    return schema.validate(table[first + [name for name in table.columns if name not in first]])


def _as_indicators(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the judged rows as the contract has them: weights and points as floats, self points as filed."""
    exact = {name: floats(rows[name]) for name in ("block_weight", "filed_sum", "weight_share", "own_ratio")}
    table = rows.assign(self_points=rows["filed_self_points"], **exact)
    reviewed = rows["reviewed"].map(float, na_action="ignore").astype("float64")
    return table.assign(weight=floats(rows["weight"]), points=floats(rows["points"]), reviewed=reviewed).drop(
        columns=["share", "self_points_share", "deviation_reasons"]
    )


def _why_nothing(submissions: pd.DataFrame) -> str:
    refused = submissions[submissions["status"].eq("rejected")]
    lines = [f"  {row.source_file}：{row.reason}" for row in refused.itertuples()]
    return "\n".join(["收件夹里没有可以评价的报表。", *lines])


def record(run: Run, policy: Policy, files: list[str]) -> dict[str, Any]:
    """Give what `run.json` says: versions, policy, inputs, counts and seconds; the one output that knows the time."""
    submissions = tabulate.records(run.tables.submissions)
    files_in = [row for row in submissions if row["source_file"]]
    return {
        "program": {"jixiao": version("jixiao"), "python": platform.python_version()}
        | {name: version(name) for name in LIBRARIES},
        "policy": {"year": policy.year, "circular": policy.circular, "sha256": policy.sha256},
        "prior": {"year": run.given.prior.year, "sha256": run.given.prior.sha256} if run.given.prior.year else None,
        "waivers": len(run.given.waivers),
        "decisions": len(run.given.decisions),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "inputs": [{name: row[name] for name in ("source_file", "sha256", "status")} for row in files_in],
        "outputs": files,
        "counts": {
            "files": len(files_in),
            **{str(name): int(count) for name, count in run.tables.submissions["status"].value_counts().items()},
            "departments": run.tables.facts["department"].nunique(),
            "findings": len(run.tables.findings),
        },
        "seconds": {stage: round(spent, 3) for stage, spent in run.seconds.items()},
    }


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - began
