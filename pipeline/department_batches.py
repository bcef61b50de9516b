"""The returns that count → what is written of each department, some hundreds of them at a time.

What was made in an earlier run from the same things is taken over as it is.
"""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipeline.assess import assess
from pipeline.frames import grouped
from pipeline.lists import reviews, waivers
from pipeline.output import csv as output_csv
from pipeline.output import files as output_files
from pipeline.output.cache import key
from pipeline.output.department_record import OF_DEPARTMENTS, DepartmentRecord, department_records, unpacked
from pipeline.workbooks.write_departments import file_names, write_department_workbooks
from schemas.lists.returned import FOLDER as RETURNED
from schemas.tables import COLUMNS
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from pipeline.inputs import Inputs
    from pipeline.intake.county_view import CountyView
    from pipeline.intake.receive import ReceivedFiles
    from pipeline.output.cache import Cache
    from pipeline.output.publish import Growing, Staged
    from pipeline.reading.submission import Submission
    from pipeline.stage_seconds import StageSeconds
    from pipeline.workers.pool import WorkerPool
    from schemas.policy import Policy

BATCH = 200
"""Departments whose tables are in memory at a time."""
DOSSIER, BLOCKS, LISTS = "dossier", "blocks", "lists"
"""What is kept of a department: what is known of it, its rows of the data files, and of long lists."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What the departments' results are made with: what is known of all of them, and where things are kept and put."""

    sent: ReceivedFiles
    seen: CountyView
    policy: Policy
    given: Inputs
    kept: Cache
    new: Staged
    clock: StageSeconds


@dataclass(frozen=True, slots=True)
class _Asked:
    """A return, the key of what is made of it, and what was kept under that key, None where nothing was."""

    reading: Submission
    key: str
    dossier: DepartmentRecord | None


@dataclass(frozen=True, slots=True)
class _Underway:
    """Returns that are evaluated, what is known of each, and their workbooks, which are being written."""

    asked: Sequence[_Asked]
    made: dict[str, DepartmentRecord]
    books: Iterator[tuple[str, str, bytes]]


@contextmanager
def departments(
    desk: Batch, who: WorkerPool, step: Callable[[], None] = lambda: None
) -> Iterator[list[tuple[DepartmentRecord, str]]]:
    """Evaluate every department and write its workbooks and data.

    Gives what is known of each, and the key under which more is kept, in the order of the returns: all are evaluated
    then, and the last workbooks are still being written. On leaving, everything is written.
    """
    names = file_names([each.department for each in desk.seen.accepted])
    asked = list(_asked(desk, names))
    made = {each.reading.department: each.dossier for each in asked if each.dossier}
    for _ in made:
        step()
    fresh = [each for each in asked if not each.dossier]
    pool = who.ours(len(fresh))
    underway: _Underway | None = None
    for at in range(0, len(fresh), BATCH):  # while the workbooks of some are written, the next are evaluated
        begun = _begun(desk, fresh[at : at + BATCH], names, pool)
        if underway:
            _finish(desk, underway, step)
        made |= begun.made
        underway = begun
    yield [(made[each.reading.department], each.key) for each in asked]
    if underway:
        _finish(desk, underway, step)
    with ExitStack() as stack:
        files = {name: stack.enter_context(desk.new.growing(f"data/{name}.csv")) for name in OF_DEPARTMENTS}
        for name, file in files.items():
            file.add(output_files.BOM + output_csv.head(COLUMNS[name]).encode())
        for each in asked:
            _add(files, desk.kept.take(BLOCKS, each.key))


def _add(files: Mapping[str, Growing], blocks: bytes | None) -> None:
    assert blocks is not None  # noqa: S101 - put, or seen to be there, in this run
    for name, block in json.loads(blocks).items():
        files[name].add(block.encode())


def _asked(desk: Batch, names: Mapping[str, str]) -> Iterator[_Asked]:
    """Ask what was kept of each return: the key names everything that goes into its results."""
    given = desk.given
    about_all = desk.policy.model_dump_json(), sorted(given.prior.sha256.items())
    of_county = grouped(desk.seen.compared)
    waived: dict[str, list[Any]] = {}
    for each in waivers.named(given.waivers, given.roster):
        waived.setdefault(normalise_label(each.department), []).append(each)
    decided: dict[str, list[Any]] = {}
    for decision in given.decisions:
        decided.setdefault(normalise_label(decision.department), []).append(decision)
    for reading in desk.seen.accepted:
        name = reading.department
        of_it = (reading.sha256, reading.source_file, name, names[name], reading.findings)
        others = (of_county.get(name), waived.get(normalise_label(name)), decided.get(normalise_label(name)))
        own = key(*about_all, *of_it, *others)
        yield _Asked(reading, own, _as_before(desk, own))


def _as_before(desk: Batch, own: str) -> DepartmentRecord | None:
    """Take over what an earlier run has made of a return; None unless all of it is there, to the byte."""
    found = desk.kept.take(DOSSIER, own)
    if found is None or any(desk.kept.take(kind, own) is None for kind in (BLOCKS, LISTS)):
        return None
    dossier = unpacked(found)
    return dossier if all(desk.new.keep(name, sha256) for name, sha256 in dossier.books.items()) else None


def _begun(desk: Batch, asked: Sequence[_Asked], names: Mapping[str, str], pool: Executor) -> _Underway:
    """Evaluate returns, keep their rows and hand their workbooks out to be written."""
    offices = [each.reading.department for each in asked]
    with desk.clock.of("evaluate"):
        given = replace(desk.given, decisions=reviews.about(desk.given.decisions, offices))
        county = desk.seen.compared[desk.seen.compared["department"].isin(offices)]
        found = assess([desk.sent.full(each.reading) for each in asked], county, desk.policy, given)
    sources = {
        each.reading.department: (desk.sent.paths[each.reading.source_file], each.reading.sha256) for each in asked
    }
    with desk.clock.of("write"):
        every = write_department_workbooks(pool, found, desk.policy, names, sources)
    with desk.clock.of("evaluate"):
        made = department_records(found)
        for each in asked:
            bulk = made[each.reading.department][1]
            desk.kept.put(BLOCKS, each.key, json.dumps(bulk.blocks, ensure_ascii=False).encode())
            desk.kept.put(LISTS, each.key, json.dumps(bulk.lists, ensure_ascii=False).encode())
    return _Underway(asked, {name: dossier for name, (dossier, _) in made.items()}, every)


def _finish(desk: Batch, underway: _Underway, step: Callable[[], None]) -> None:
    """Take the workbooks as they come, and keep what is known of their departments."""
    with desk.clock.of("write"):
        for department, name, content in underway.books:
            underway.made[department].books[name] = desk.new.put(name, content)
            if not name.startswith(RETURNED):
                step()
        for each in underway.asked:
            dossier = underway.made[each.reading.department]
            # Where the file of a return that goes back has changed meanwhile, the next run must look again.
            if bool(dossier.conclusion["errors"]) == any(name.startswith(RETURNED) for name in dossier.books):
                desk.kept.put(DOSSIER, each.key, dossier.packed())
