"""The road over several counties, of a city or a province: each of them, and then what is above them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from pipeline import county_tables
from pipeline.evaluate import Run, evaluate, quiet
from pipeline.inputs import NO_INPUTS, Inputs
from pipeline.intake.inbox import NothingToEvaluateError, county_folders
from pipeline.output import csv as output_csv
from pipeline.output import files as output_files
from pipeline.output.publish import alone, staged
from pipeline.workbooks import counties

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.evaluate import Progress
    from pipeline.workers.pool import WorkerPool
    from schemas.policy import Policy


def evaluate_counties(
    inbox: Path,
    output: Path,
    policy: Policy,
    who: WorkerPool | None = None,
    progress: Progress = quiet,
    given: Callable[[Path], Inputs] = lambda _: NO_INPUTS,
) -> dict[str, Run | str]:
    """Evaluate a folder of counties, a folder each, and write what is above them.

    Each county has its results under ``output/<county>/<year>``, as it would have alone; ``output/<year>`` holds the
    workbook and the tables of all of them.

    Args:
        inbox: the folder of the counties' folders.
        output: where results are put.
        policy: the policy of the year.
        who: as of `evaluate`, for all counties.
        progress: what shows it, county after county.
        given: what is known beside the returns of the county in a folder.

    Returns:
        By the name of each county its run, or why nothing of it could be evaluated.

    Raises:
        MistakeError: there is no county, or one is called as a year is.
        NothingToEvaluateError: nothing of any of them could be evaluated.
    """
    folders = county_folders(inbox, output)
    done: dict[str, Run | str] = {}
    for name, folder in folders.items():
        try:
            done[name] = evaluate(folder, output / name, policy, who, _of(name, progress), given(folder))
        except NothingToEvaluateError as error:
            done[name] = str(error)
    if all(isinstance(each, str) for each in done.values()):
        raise NothingToEvaluateError("\n".join(f"{name}：{why}" for name, why in done.items()))
    found = {name: each if isinstance(each, str) else each.county_tables for name, each in done.items()}
    made = county_tables.counties_tables(found, policy)
    folder = output.resolve() / str(policy.year)
    with alone(folder), staged(folder) as new:
        new.put(counties.BOOK, counties.write_counties_workbook(made, policy))
        for each in fields(made):
            new.put(f"data/{each.name}.csv", output_csv.csv(getattr(made, each.name)))
        new.put(
            output_files.RECORD,
            output_files.as_json({"counties": list(found), "outputs": dict(sorted(new.digests.items()))}),
        )
    return done


def _of(county: str, progress: Progress) -> Progress:
    return lambda stage, steps: progress(f"{county} {stage}", steps)
