"""The tables about departments → the workbooks of each: the scored one, and its own file where it goes back."""

from __future__ import annotations

import hashlib
from itertools import chain
from typing import TYPE_CHECKING

from pipeline.guard import Refused, content
from pipeline.output import files as output_files
from pipeline.workbooks import returned
from pipeline.workbooks.department_reports import department_reports
from pipeline.workbooks.scored import workbook as scored_workbook
from pipeline.workers.hand_out import Handout
from schemas.file_names import RETURNED, SCORED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pipeline.frames import DepartmentTables
    from pipeline.workbooks.department_years import DepartmentYear
    from pipeline.workbooks.scored.data import DepartmentReport
    from pipeline.workers.pool import WorkerPool
    from schemas.policy import Policy


def write_department_workbooks(
    pool: WorkerPool,
    found: DepartmentTables,
    policy: Policy,
    names: Mapping[str, str],
    sent: Mapping[str, tuple[Path, str]],
    earlier: Mapping[int, Mapping[str, DepartmentYear]],
) -> Iterator[tuple[str, str, bytes]]:
    """Write the workbooks of departments: whose each is, its name below the year's folder, and its bytes.

    All are handed out at once, and given as they come. One whose worker ends is written again, with nothing beside it;
    where that fails too, or takes too much time or memory, its bytes are b"".

    Args:
        pool: where they are written.
        found: the tables about the departments.
        policy: the policy of the year.
        names: the file name of each department.
        sent: the file of each department as it was sent, and its sha256 when it was read.
        earlier: the departments of earlier years, by year and normalised name.
    """
    scores, backs = Handout(_score, _nothing, pool), Handout(_give_back, _nothing, pool)
    scored, sent_back = [], []
    for case in department_reports(found, policy, earlier):
        scores.put(case)
        scored.append(case.department)
        if not returned.must_go_back(case.findings):
            continue
        file = _unchanged(*sent[case.department])
        if file is not None:
            backs.put((case, file))
            sent_back.append(case.department)
    return chain(_named(SCORED, scored, names, scores.results()), _named(RETURNED, sent_back, names, backs.results()))


def _score(case: DepartmentReport) -> bytes:
    """Write the scored workbook of a department, in a worker; b"" where memory does not suffice."""
    try:
        return scored_workbook.write_scored_workbook(case)
    except MemoryError:
        return b""


def _give_back(due: tuple[DepartmentReport, bytes]) -> bytes:
    """Write the workbook that goes back to a department, in a worker; b"" where memory does not suffice."""
    case, file = due
    about = returned.ReturnIdentity(case.department, case.year, case.source_file)
    try:
        return returned.write_returned_workbook(file, case.lines, case.findings, about)
    except MemoryError:
        return b""


def _nothing(_: object) -> bytes:
    """Give what comes of a workbook that cannot be written."""
    return b""


def _named(
    folder: str, departments: Sequence[str], names: Mapping[str, str], made: Iterator[bytes]
) -> Iterator[tuple[str, str, bytes]]:
    for department, book in zip(departments, made, strict=True):
        yield department, f"{folder}/{names[department]}.xlsx", book


def file_names(departments: list[str]) -> dict[str, str]:
    """Give each department the file name of its workbooks, whatever the order they come in."""
    return output_files.file_names(sorted(departments))


def _unchanged(path: Path, sha256: str) -> bytes | None:
    """Read a file again; None for one that was changed or taken away while the run went on."""
    try:
        found = content(path)
    except Refused:
        return None
    return found if hashlib.sha256(found).hexdigest() == sha256 else None
