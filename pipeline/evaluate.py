"""The whole road, on one page: folder → readings → tables → findings and scores → workbooks and data."""

from __future__ import annotations

import platform
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, fields, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline import frames
from pipeline.assess import assess
from pipeline.county_tables import CountyTables, county_tables, with_errors
from pipeline.department_batches import Batch, departments
from pipeline.frames import DepartmentTables, checked
from pipeline.inputs import NO_INPUTS, Inputs
from pipeline.intake.county_view import identify_county
from pipeline.intake.inbox import list_inbox
from pipeline.intake.journal import as_csv, read_journal
from pipeline.intake.receive import receive
from pipeline.intake.version_differences import compare_versions
from pipeline.lists import reviews as list_reviews
from pipeline.output import csv as output_csv
from pipeline.output import files as output_files
from pipeline.output.cache import LIBRARIES, kept
from pipeline.output.parquet import parquet as as_parquet
from pipeline.output.publish import alone, staged
from pipeline.review import decisions as review_decisions
from pipeline.scoring.grades import summarise
from pipeline.scoring.measures import county
from pipeline.stage_seconds import StageSeconds
from pipeline.workbooks.write_county import write_county_workbooks
from pipeline.workers.garbage import calmly
from pipeline.workers.pool import crew
from schemas import tables
from schemas.lists.journal import FILE as JOURNAL
from schemas.lists.returned import FOLDER as RETURNED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pipeline.reading.submission import Submission
    from pipeline.workers.pool import WorkerPool
    from schemas.policy import Policy

    Progress = Callable[[str, int], Callable[[], None]]
    """What is told a stage and its steps, and gives what to call after each step."""

__all__ = ["CountyResult", "Inputs", "Run", "evaluate", "evaluated", "quiet"]


OF_COUNTY = ("submissions", "summary", "changes", "county")
"""The tables of the contract that are of the county as a whole."""


@dataclass(slots=True)
class CountyResult(DepartmentTables):
    """Every table of the contract, in memory."""

    submissions: pd.DataFrame
    summary: pd.DataFrame
    changes: pd.DataFrame
    county: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did: the county as a whole, where it went, what it was given, how many returns go back, seconds.

    ``changed`` are the new names of results of the last run that somebody had changed.
    """

    year: int
    county_tables: CountyTables
    folder: Path
    given: Inputs
    returned: int
    changed: tuple[str, ...]
    seconds: dict[str, float]


def quiet(_stage: str, _steps: int) -> Callable[[], None]:
    """Show no progress."""
    return lambda: None


def evaluate(
    inbox: Path,
    output: Path,
    policy: Policy,
    who: WorkerPool | None = None,
    progress: Progress = quiet,
    given: Inputs = NO_INPUTS,
    *,
    parquet: bool = False,
) -> Run:
    """Evaluate every return of a folder and write the results under ``output/<year>``.

    Args:
        inbox: the folder of the returns; it is never changed.
        output: where the folder of the year is put.
        policy: the policy of the year.
        who: who does the work; where None, as many local processes as are worth it, for this run.
        progress: what shows it.
        given: what else is known.
        parquet: whether the tables are written as Parquet too.

    Raises:
        NothingToEvaluateError: no file could be evaluated.
        BusyError: another run writes these results.
        OSError: the results cannot be written; those of the last run are as they were.
    """
    clock, shown = StageSeconds(), output / str(policy.year)
    folder = output.resolve() / shown.name
    files = list_inbox(inbox, output)
    returns = [each for each in files if not each.passed_over]
    passed_over = [(each.name, each.passed_over) for each in files if each.passed_over]
    beside = nullcontext(who) if who else crew(None, len(returns))
    with calmly(), alone(folder) as own, kept(own) as store, beside as workers:
        with clock.of("read"):
            sent = receive(returns, policy.year, store, workers, progress("读取", len(returns)))
        with clock.of("evaluate"):
            seen = identify_county(sent.readings, passed_over, policy, given, read_journal(folder))
        with clock.of("place"), staged(folder) as new:
            desk = Batch(sent, seen, policy, given, store, new, clock)
            with departments(desk, workers, progress("评价", len(seen.accepted))) as every:
                with clock.of("evaluate"):
                    made = county_tables(seen, [dossier for dossier, _ in every], sent, policy, given)
                with clock.of("write"):
                    for name, content in write_county_workbooks(made, seen, every, store, policy, given):
                        new.put(name, content)
            with clock.of("write"):
                new.put(JOURNAL, as_csv(seen.journal))
                for name in OF_COUNTY:
                    new.put(f"data/{name}.csv", output_csv.csv(getattr(made, name)[tables.COLUMNS[name]]))
                for name in tables.COLUMNS if parquet else ():
                    new.put(f"data/{name}.parquet", as_parquet(new.path(f"data/{name}.csv"), name))
            back = sum(name.startswith(f"{RETURNED}/") for name in new.digests)
            run = Run(policy.year, made, shown, given, back, tuple(new.changed()), clock.seconds)
            new.put(output_files.RECORD, output_files.as_json(record(run, policy, new.digests)))
            store.forget()  # before the results are put in place: after that nothing may fail
    return run


def evaluated(
    readings: Sequence[Submission], passed_over: Sequence[tuple[str, str]], policy: Policy, given: Inputs = NO_INPUTS
) -> CountyResult:
    """Evaluate whole readings all at once, in memory, and write nothing: for a return, or a few."""
    seen = identify_county(readings, passed_over, policy, given)
    names = [each.department for each in seen.accepted]
    mine = replace(given, decisions=list_reviews.about(given.decisions, names))
    found = assess(seen.accepted, seen.compared, policy, mine)
    submissions = with_errors(seen.submissions, found.findings)
    others = review_decisions.idle(given.decisions, names)
    return CountyResult(
        **{each.name: getattr(found, each.name) for each in fields(DepartmentTables) if each.name != "reviews"},
        reviews=pd.concat([found.reviews, others], ignore_index=True),
        submissions=checked(tables.SUBMISSIONS, submissions),
        summary=checked(tables.SUMMARY, summarise(found.conclusions, submissions, seen.reporting)),
        changes=checked(tables.CHANGES, compare_versions(seen.readings, seen.choice)),
        county=checked(tables.COUNTY, county(found.departments)),
    )


def record(run: Run, policy: Policy, outputs: dict[str, str]) -> dict[str, Any]:
    """Give what `run.json` says: versions, policy, inputs, outputs, counts and seconds; it alone knows the time."""
    submissions = frames.records(run.county_tables.submissions)
    files_in = [row for row in submissions if row["source_file"]]
    statuses = Counter(row["status"] for row in submissions)
    return {
        "program": {"jixiao": version("jixiao"), "python": platform.python_version()}
        | {name: version(name) for name in LIBRARIES},
        "policy": {"year": policy.year, "circular": policy.circular, "sha256": policy.sha256},
        "prior": {"year": run.given.prior.year, "sha256": run.given.prior.sha256} if run.given.prior.year else None,
        "waivers": len(run.given.waivers),
        "decisions": len(run.given.decisions),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "inputs": [{name: row[name] for name in ("source_file", "sha256", "status")} for row in files_in],
        "outputs": dict(sorted(outputs.items())),
        "counts": {
            "files": len(files_in),
            **statuses,
            "departments": int(run.county_tables.summary["points"].notna().sum()),
            "findings": int(run.county_tables.rules["places"].sum()),
        },
        "seconds": {stage: round(spent, 3) for stage, spent in run.seconds.items()},
    }
