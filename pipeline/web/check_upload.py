"""A workbook that was dropped on the page → what is told of it, in a process of its own, with bounds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from pipeline.desk import precheck
from pipeline.intake.identify import refused_alone
from pipeline.output import files as output_files
from pipeline.reading import read
from pipeline.reading.submission import LOST
from pipeline.workbooks import returned
from pipeline.workbooks.scored import workbook as scored_workbook
from pipeline.workers.isolated import SECONDS, each_apart
from pipeline.workers.pool import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.workbooks.scored.data import DepartmentReport
    from schemas.policy import Policy


class Upload(NamedTuple):
    """A file as it was dropped: its name, for messages, and its bytes."""

    name: str
    content: bytes


class Examined(NamedTuple):
    """What is told of an upload, and the workbooks to take along: what each is, its file name and its bytes."""

    told: precheck.Told
    books: tuple[tuple[str, str, bytes], ...] = ()


def examine(upload: Upload, policy: Policy) -> Examined:
    """Read and evaluate an upload, and make its workbooks; all in memory."""
    reading = read.read(upload.name, upload.content, policy.year)
    if refused_alone(reading, policy.year):
        return Examined(precheck.check(reading, policy))
    case = precheck.alone(reading, policy)
    return Examined(precheck.told(case), tuple(_books(case, upload.content)))


def _books(case: DepartmentReport, content: bytes) -> list[tuple[str, str, bytes]]:
    name = output_files.file_names([case.department])[case.department]
    books = [("评分工作簿", f"{name}（评分）.xlsx", scored_workbook.workbook(case))]
    if any(returned.counted(case.findings)):
        about = returned.About(case.department, case.year, case.source_file)
        marked = returned.workbook(content, case.lines, case.findings, about)
        books.insert(0, ("标明问题的报表", f"{name}（审核意见）.xlsx", marked))
    return books


def apart(
    upload: Upload, policy: Policy, seconds: int = SECONDS, work: Callable[[Upload, Policy], Examined] = examine
) -> Examined:
    """Examine an upload in a process of its own: one that ends or fills its process costs only itself."""
    # The bound on memory begins after the first item of a process: that one is nothing, and brings the libraries in.
    items = [None, upload]
    given, lost = partial(_given, policy=policy, work=work), partial(_lost, policy)
    with WorkerPool(1) as one:
        return list(each_apart(given, items, lost, one, seconds))[-1]


def _given(upload: Upload | None, policy: Policy, work: Callable[[Upload, Policy], Examined]) -> Examined:
    try:
        return work(upload, policy) if upload else _lost(policy, upload)
    except MemoryError:
        return _lost(policy, upload)


def _lost(policy: Policy, upload: Upload | None) -> Examined:
    name = upload.name if upload else ""
    return Examined(precheck.Told(name, policy.year, LOST))
