"""Evaluate the returns of one county, stage by stage: receive, identify, evaluate, put together, write, publish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.county_tables import CountyTables, county_tables
from pipeline.department_batches import RunContext, evaluate_departments
from pipeline.inputs import NO_INPUTS, Inputs
from pipeline.intake.county_view import identify_county
from pipeline.intake.head_answers import for_reading
from pipeline.intake.inbox import list_inbox, with_lists_elsewhere
from pipeline.intake.journal import as_csv, read_journal
from pipeline.intake.receive import receive
from pipeline.intake.returned_copies import refuse_untouched
from pipeline.output.cache import again_if_lost, open_cache
from pipeline.output.csv import csv_files
from pipeline.output.parquet import parquet_files
from pipeline.output.publish import exclusive_lock, publish_results, results_folder
from pipeline.output.run_record import run_record
from pipeline.stage_seconds import StageSeconds
from pipeline.workbooks.write_county import begin_review_list, write_county_workbook
from pipeline.workers.open_pool import use_pool
from schemas.file_names import JOURNAL, RETURNED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.workers.pool import WorkerPool
    from schemas.policy import Policy

    Progress = Callable[[str, int], Callable[[], None]]
    """Is told a stage and its steps, and returns what to call after each step."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did: the tables of the county, its folder, what it was given, how many returns go back, seconds.

    ``folder`` is as it was asked for; ``renamed`` are the new names of what lay among the last results and is not, to
    the byte, what the last run wrote, where it could not keep its own; ``seconds`` are by stage; ``unwritten`` are the
    workbooks of departments that could not be written.
    """

    policy: Policy
    county_tables: CountyTables
    folder: Path
    given: Inputs
    returned: int
    renamed: tuple[str, ...]
    seconds: dict[str, float]
    unwritten: tuple[str, ...] = ()


def quiet(_stage: str, _steps: int) -> Callable[[], None]:
    """Show no progress."""
    return lambda: None


@again_if_lost
def evaluate(
    inbox: Path,
    output: Path,
    policy: Policy,
    pool: WorkerPool | None = None,
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
        pool: the workers; where None, as many local processes as are worth it, for this run.
        progress: what shows the progress.
        given: what is known beside the returns.
        parquet: whether the tables are written as Parquet too.

    Raises:
        NothingToEvaluateError: no file could be evaluated.
        BusyError: another run writes these results.
        OSError: the results cannot be written; those of the last run are as they were.
    """
    folder, seconds = results_folder(output, policy.year), StageSeconds()
    files = list_inbox(inbox, output)
    returns = [each for each in files if not each.passed_over]
    passed_over = [(each.name, with_lists_elsewhere(each, given.lists)) for each in files if each.passed_over]
    with exclusive_lock(folder) as locked, open_cache(locked.state) as cache, use_pool(pool, len(returns)) as workers:
        with seconds.of("read"):
            answers = (*given.local_words, *for_reading(given.answers, given.roster))
            received = receive(returns, policy.year, cache, workers, progress("读取", len(returns)), answers)
        with seconds.of("evaluate"):
            readings = refuse_untouched(received.readings, folder)
            view = identify_county(readings, passed_over, policy, given, read_journal(folder))
        with seconds.of("place"), publish_results(folder) as results:
            context = RunContext(received, view, policy, given, cache, results, seconds)
            departments = evaluate_departments(context, workers, progress("评价", len(view.accepted)))
            with seconds.of("evaluate"):
                tables = county_tables(view, departments.records, received.full, policy, given)
            with seconds.of("write"):
                of_county = tables, view, departments.records
                review_list = begin_review_list(*of_county, policy, given, workers)
                results.write_all(write_county_workbook(*of_county, context.unwritten, cache, policy, given))
                results.write_all(csv_files(tables.contract()))
                results.write(JOURNAL, as_csv(view.journal))
            departments.finish()
            with seconds.of("write"):
                if context.unwritten:  # perhaps known only now
                    results.write_all(write_county_workbook(*of_county, context.unwritten, cache, policy, given))
                results.write_all(review_list)
                results.write_all(parquet_files(results.path, wanted=parquet))
            about = given.record(), tables.submissions, tables.counts()
            results.write_all(run_record(policy, *about, results.digests, seconds.seconds))
            cache.forget()  # before the results are published: after that nothing may fail
    returned = sum(name.startswith(f"{RETURNED}/") for name in results.digests)
    renamed = *locked.renamed, *results.renamed
    unwritten = tuple(sorted(context.unwritten))
    return Run(policy, tables, output / str(policy.year), given, returned, renamed, seconds.seconds, unwritten)
