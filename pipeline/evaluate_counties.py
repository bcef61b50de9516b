"""Evaluate several counties, of a city or a province: each of them, and then the tables above them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from pipeline.county_tables import counties_tables
from pipeline.evaluate import Run, evaluate, quiet
from pipeline.inputs import NO_INPUTS, Inputs
from pipeline.intake.inbox import NothingToEvaluateError, county_folders
from pipeline.output.csv import csv_files
from pipeline.output.files import RECORD
from pipeline.output.publish import exclusive_lock, publish_results, results_folder
from pipeline.output.sealed import seal
from pipeline.workbooks import counties

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.evaluate import Progress
    from pipeline.workers import WorkerPool
    from schemas.policy import Policy


def evaluate_counties(
    inbox: Path,
    output: Path,
    policy: Policy,
    pool: WorkerPool | None = None,
    progress: Progress = quiet,
    given: Callable[[Path], Inputs] = lambda _: NO_INPUTS,
) -> dict[str, Run | str]:
    """Evaluate a folder of counties, a folder each, and write the workbook and tables above them.

    Each county has its results under ``output/<county>/<year>``, as it would have alone; ``output/<year>`` holds those
    of all of them.

    Args:
        inbox: the folder of the counties' folders.
        output: where results are put.
        policy: the policy of the year.
        pool: as of `evaluate`, for all counties.
        progress: what shows the progress, county after county.
        given: gives what is known beside the returns of the county in a folder.

    Returns:
        By the name of each county its run, or the reason why nothing of it could be evaluated.

    Raises:
        MistakeError: there is no county, or one is called as a year is.
        NothingToEvaluateError: nothing of any of them could be evaluated.
    """
    folders = county_folders(inbox, output)
    done: dict[str, Run | str] = {}
    for name, folder in folders.items():
        try:
            done[name] = evaluate(folder, output / name, policy, pool, _with_county(name, progress), given(folder))
        except NothingToEvaluateError as error:
            done[name] = str(error)
    if all(isinstance(each, str) for each in done.values()):
        raise NothingToEvaluateError("\n".join(f"{name}：{why}" for name, why in done.items()))
    found = {name: each if isinstance(each, str) else each.county_tables for name, each in done.items()}
    tables = counties_tables(found, policy)
    folder = results_folder(output, policy.year)
    with exclusive_lock(folder), publish_results(folder) as results:
        results.write(counties.BOOK, counties.write_counties_workbook(tables, policy))
        results.write_all(csv_files({each.name: getattr(tables, each.name) for each in fields(tables)}))
        results.write(RECORD, seal({"counties": list(found), "outputs": dict(sorted(results.digests.items()))}))
    return done


def _with_county(county: str, progress: Progress) -> Progress:
    """Show the county beside each stage."""
    return lambda stage, steps: progress(f"{county} {stage}", steps)
