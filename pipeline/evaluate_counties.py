"""Evaluate several counties, of a city or a province: each of them, and then the tables above them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING

from pipeline.county_tables import counties_tables
from pipeline.evaluate import Run, evaluate, quiet
from pipeline.garbage import relax_gc
from pipeline.inputs import NO_INPUTS, Inputs
from pipeline.intake.inbox import NothingToEvaluateError, list_counties
from pipeline.output.csv import csv_files
from pipeline.output.lock import BusyError
from pipeline.output.publish import exclusive_lock, publish_results, results_folder
from pipeline.output.sealed import seal
from pipeline.unchanged import fingerprint_inputs
from pipeline.workbooks import counties
from pipeline.workers.pool import WorkerPool
from schemas.errors import MistakeError
from schemas.file_names import COUNTIES_WORKBOOK, RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from pipeline.county_tables import CountyTables
    from pipeline.evaluate import Progress
    from pipeline.unchanged import Fingerprint
    from schemas.policy import Policy

SECONDS, SECONDS_A_RETURN = 60, 1
"""Seconds that a county may take a worker, and for each of its returns; a return takes 25 ms."""


@dataclass(frozen=True, slots=True)
class CountiesRun:
    """What became of each county: its run, or the error for which it has no new results; and of what is above them.

    ``left_out`` is what lies beside the counties' folders and is not evaluated, with the reason; ``above`` is the error
    for which the workbook and tables above the counties could not be written, None where they were.
    """

    counties: dict[str, Run | Exception]
    left_out: list[tuple[str, str]]
    above: Exception | None = None


def evaluate_counties(
    inbox: Path,
    output: Path,
    policy: Policy,
    pool: WorkerPool | None = None,
    progress: Progress = quiet,
    given: Callable[[Path], Inputs] = lambda _: NO_INPUTS,
    describe: Callable[[Exception], str] = str,
) -> CountiesRun:
    """Evaluate a folder of counties, a folder each, and write the workbook and tables above them.

    Each county has its results under ``output/<county>/<year>``, as it would have alone; ``output/<year>`` holds those
    of all of them. What stops one county (nothing to evaluate, a mistake in its lists, an open workbook, a folder that
    cannot be written) stops no other one.

    Args:
        inbox: the folder of the counties' folders.
        output: where results are put.
        policy: the policy of the year.
        pool: as of `evaluate`, for all counties.
        progress: what shows the progress, county after county.
        given: gives what is known beside the returns of the county in a folder.
        describe: says in Chinese what has stopped a county.

    Raises:
        MistakeError: there is no county, or one is called as a year is.
        NothingToEvaluateError: nothing of any of them could be evaluated.
    """
    listed = list_counties(inbox, output)
    handed = _hand_out_counties(listed.folders, output, policy, pool, given) if pool else {}
    step = progress("评价各县", len(handed)) if handed else None
    done: dict[str, Run | Exception] = {}
    for name, folder in listed.folders.items():
        try:
            run = handed[name]() if name in handed else None
            done[name] = run or evaluate(
                folder, output / name, policy, pool, _with_county(name, progress), given(folder)
            )
        except (NothingToEvaluateError, MistakeError, BusyError, OSError) as error:
            done[name] = error
        if step:
            step()
    if all(isinstance(each, NothingToEvaluateError) for each in done.values()):
        raise NothingToEvaluateError("\n".join(f"{name}：{why}" for name, why in done.items()))
    if all(isinstance(each, Exception) for each in done.values()):
        return CountiesRun(done, listed.left_out)
    found = {name: describe(each) if isinstance(each, Exception) else each.county_tables for name, each in done.items()}
    try:
        _write_above(output, policy, found)
    except (MistakeError, BusyError, OSError) as error:
        return CountiesRun(done, listed.left_out, error)
    return CountiesRun(done, listed.left_out)


def _hand_out_counties(
    folders: Mapping[str, Path], output: Path, policy: Policy, pool: WorkerPool, given: Callable[[Path], Inputs]
) -> dict[str, Callable[[], Run | None]]:
    """Hand out whole counties where every worker has the folders; none where not.

    Returns:
        By county what waits for its run, and gives None where it is to be evaluated here after all: the worker found
        other files in the folder than there are, was ended, or took too long.
    """
    if not pool.shares(output):
        return {}
    handed: dict[str, Callable[[], Run | None]] = {}
    for name, folder in folders.items():
        with suppress(MistakeError, OSError):  # told when it is evaluated here
            where = folder.resolve(), (output / name).resolve()
            expected = fingerprint_inputs(*where, (), ())
            future = pool.submit(_evaluate_in_worker, *where, policy, given(folder), expected)
            seconds = SECONDS + len(expected.returns) * SECONDS_A_RETURN
            handed[name] = partial(_wait_for_run, future, pool, seconds, output / name / str(policy.year))
    return handed


def _evaluate_in_worker(folder: Path, output: Path, policy: Policy, given: Inputs, expected: Fingerprint) -> Run | None:
    """Evaluate a county, in a worker; None where it finds other files there."""
    relax_gc()
    if fingerprint_inputs(folder, output, (), ()) != expected:
        return None
    return evaluate(folder, output, policy, WorkerPool(), given=given)


def _wait_for_run(future: Future[Run | None], pool: WorkerPool, seconds: float, folder: Path) -> Run | None:
    """Wait for the run of a county, whose results lie in a folder, as it was asked for."""
    try:
        run = future.result(timeout=seconds)
    except pool.fatal:
        future.cancel()
        return None
    return run and replace(run, folder=folder)


def _write_above(output: Path, policy: Policy, found: dict[str, CountyTables | str]) -> None:
    """Write the workbook and tables above the counties."""
    tables = counties_tables(found, policy)
    folder = results_folder(output, policy.year)
    with exclusive_lock(folder), publish_results(folder) as results:
        results.write(COUNTIES_WORKBOOK, counties.write_counties_workbook(tables, policy))
        results.write_all(csv_files({each.name: getattr(tables, each.name) for each in fields(tables)}))
        results.write(RECORD, seal({"counties": list(found), "outputs": dict(sorted(results.digests.items()))}))


def _with_county(county: str, progress: Progress) -> Progress:
    """Show the county beside each stage."""
    return lambda stage, steps: progress(f"{county} {stage}", steps)
