"""Evaluate the departments of a county in batches; write their workbooks and their rows of the data files.

What an earlier run made of a department from the same things is taken over as it is.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from pipeline.assess import assess
from pipeline.department_record import (
    KEPT_LISTS,
    KEPT_RECORD,
    KEPT_ROWS,
    OF_DEPARTMENTS,
    DepartmentRecord,
    department_records,
    unpack_csv,
    unpack_record,
)
from pipeline.frames import RowsByDepartment
from pipeline.lists import reviews, waivers
from pipeline.output import csv as output_csv
from pipeline.output import files as output_files
from pipeline.output.cache import cache_key
from pipeline.reading.submission import count_characters
from pipeline.workbooks.department_years import earlier_years
from pipeline.workbooks.write_departments import file_names, write_department_workbooks
from schemas.file_names import RETURNED
from schemas.forms.answered import holding_for
from schemas.tables import COLUMNS
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pipeline.inputs import Inputs
    from pipeline.intake.county_view import CountyView
    from pipeline.intake.receive import ReceivedFiles
    from pipeline.output.cache import Cache
    from pipeline.output.publish import StagedResults
    from pipeline.reading.submission import Submission
    from pipeline.stage_seconds import StageSeconds
    from pipeline.workers.pool import WorkerPool
    from schemas.lists.reviews import Decision
    from schemas.lists.waivers import Waiver
    from schemas.policy import Policy

BATCH = 240
"""Departments whose tables are in memory at a time: every batch takes an eighth of a second, however small it is."""
MOST_CHARACTERS = 10_000_000
"""Characters of all that these departments say; two hundred forms have two million."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """What the departments of a run are evaluated with, and where their results are kept and written.

    ``unwritten`` are the workbooks that could not be written, each with its department.
    """

    received: ReceivedFiles
    view: CountyView
    policy: Policy
    given: Inputs
    cache: Cache
    results: StagedResults
    seconds: StageSeconds
    unwritten: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EvaluatedDepartments:
    """Departments that were evaluated, of which workers still write some workbooks.

    ``records`` are one per department, in the order of the returns; those whose workbooks are still written know of
    none. ``finish`` waits for these workbooks.
    """

    records: list[DepartmentRecord]
    finish: Callable[[], object]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Departments that are evaluated: the record of each, and the workbooks that workers write of them."""

    records: dict[str, DepartmentRecord]
    workbooks: Iterator[tuple[str, str, bytes]]


def evaluate_departments(
    run: RunContext, workers: WorkerPool, step: Callable[[], None] = lambda: None
) -> EvaluatedDepartments:
    """Evaluate every return that counts, write its rows of the data files, and have its workbooks written.

    While workers write the workbooks of a batch, the next one is evaluated; those of the last are still being written
    when this is done.

    Args:
        run: what the departments are evaluated with.
        workers: the workers that write workbooks.
        step: called after each department.
    """
    names = file_names([each.department for each in run.view.accepted])
    keys = _cache_keys(run, names)
    records = dict(_kept_records(run, keys))
    for _ in records:
        step()
    left = [each for each in run.view.accepted if each.department not in records]
    pool = workers.pool_for(len(left))
    # Packed until the last batch is there: small objects among those of a batch would keep its memory from being freed.
    packed: dict[str, bytes] = {}
    last = _Batch({}, iter(()))
    for submissions in _batches(map(run.received.full, left)):
        batch = _evaluate(run, submissions, keys, names, pool)
        packed.update(_write_workbooks(run, last, step))
        last = batch
    records |= {name: unpack_record(content) for name, content in packed.items()} | last.records
    _write_rows(run, keys.values())
    return EvaluatedDepartments([records[name] for name in keys], partial(_write_workbooks, run, last, step))


def _batches(submissions: Iterable[Submission]) -> Iterator[list[Submission]]:
    """Yield returns in batches that are bounded in number and in what they say."""
    batch: list[Submission] = []
    characters = 0
    for each in submissions:
        batch.append(each)
        characters += count_characters(each)
        if len(batch) == BATCH or characters > MOST_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _cache_keys(run: RunContext, names: Mapping[str, str]) -> dict[str, str]:
    """Return by department the key of what is made of its return: it names everything that goes into its results."""
    given = run.given
    about_all = run.policy.model_dump_json(), sorted(given.prior.sha256.items())
    of_county = RowsByDepartment(run.view.compared)
    waived = _by_department(waivers.named(given.waivers, given.roster))
    decided = _by_department(given.decisions)
    keys = {}
    for submission in run.view.accepted:
        name = submission.department
        of_it = (submission.sha256, submission.source_file, name, names[name], submission.findings)
        label = normalise_label(name)
        answers = holding_for(run.received.answers, map(normalise_label, submission.offices))
        keys[name] = cache_key(*about_all, *of_it, of_county.get(name), waived.get(label), decided.get(label), answers)
    return keys


def _by_department(entries: Iterable[Waiver | Decision]) -> dict[str, list[Waiver | Decision]]:
    """Group entries of a list of the bureau by the department they name."""
    found: dict[str, list[Waiver | Decision]] = {}
    for entry in entries:
        found.setdefault(normalise_label(entry.department), []).append(entry)
    return found


def _kept_records(run: RunContext, keys: Mapping[str, str]) -> Iterator[tuple[str, DepartmentRecord]]:
    """Yield the departments of which an earlier run has kept everything, and take their workbooks over."""
    with_rows = run.cache.keys_with((KEPT_ROWS, *KEPT_LISTS.values()), keys.values())
    for department, key in keys.items():
        content = run.cache.take(KEPT_RECORD, key) if key in with_rows else None
        if content is None:
            continue
        record = unpack_record(content)
        if all(run.results.reuse(name, sha256) for name, sha256 in record.books.items()):
            yield department, record


def _evaluate(
    run: RunContext,
    submissions: Sequence[Submission],
    keys: Mapping[str, str],
    names: Mapping[str, str],
    pool: WorkerPool,
) -> _Batch:
    """Evaluate returns, keep the rows of their departments, and hand out the writing of their workbooks."""
    departments = [each.department for each in submissions]
    with run.seconds.of("evaluate"):
        given = replace(run.given, decisions=reviews.about(run.given.decisions, departments))
        compared = run.view.compared[run.view.compared["department"].isin(departments)]
        tables = assess(submissions, compared, run.policy, given)
    files = {each.department: (run.received.paths[each.source_file], each.sha256) for each in submissions}
    with run.seconds.of("write"):
        workbooks = write_department_workbooks(pool, tables, run.policy, names, files, earlier_years(run.given.prior))
        records = {}
        for record, rows in department_records(tables, keys):
            records[record.department] = record
            run.cache.put(KEPT_ROWS, record.key, rows.packed_csv())
            for name, kind in KEPT_LISTS.items():
                run.cache.put(kind, record.key, json.dumps(rows.lists[name], ensure_ascii=False).encode())
    return _Batch(records, workbooks)


def _write_workbooks(run: RunContext, batch: _Batch, step: Callable[[], None]) -> list[tuple[str, bytes]]:
    """Write the workbooks of a batch as the workers finish them.

    Returns:
        Each department of the batch and its record, packed, which is kept for the next run too where it is complete.
    """
    packed: list[tuple[str, bytes]] = []
    with run.seconds.of("write"):
        for department, name, content in batch.workbooks:
            if content:
                batch.records[department].books[name] = run.results.write(name, content)
            else:
                run.unwritten[name] = department
            if not name.startswith(RETURNED):
                step()
        for name, record in batch.records.items():
            content = record.packed()
            packed.append((name, content))
            # Where the file of a return that goes back has changed meanwhile, the next run must look again.
            back = any(book.startswith(RETURNED) for book in record.books)
            if bool(record.conclusion["errors"]) == back and len(record.books) == 1 + back:
                run.cache.put(KEPT_RECORD, record.key, content)
    return packed


def _write_rows(run: RunContext, keys: Iterable[str]) -> None:
    """Write the data files that have rows of departments, department by department."""
    with run.seconds.of("write"), ExitStack() as stack:
        files = {name: stack.enter_context(run.results.growing(f"data/{name}.csv")) for name in OF_DEPARTMENTS}
        for name, file in files.items():
            file.add(output_files.BOM + output_csv.head(COLUMNS[name]).encode())
        for key in keys:
            for name, lines in unpack_csv(run.cache.take_again(KEPT_ROWS, key)):
                files[name].add(lines)
