"""Check a workbook that was dropped on the page, in a process that is bounded in time and memory and already runs."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from pipeline.desk import precheck
from pipeline.intake.identify import refused_alone
from pipeline.output import files as output_files
from pipeline.reading import read
from pipeline.reading.submission import LOST
from pipeline.workbooks import returned
from pipeline.workbooks.scored import workbook as scored_workbook
from pipeline.workers import SECONDS, LocalProcesses, map_isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from pipeline.workers import WorkerPool
    from schemas.policy import Policy

UPLOADS = 100
"""Uploads that a process checks before another takes its place: what libraries gather in it is bounded."""

Result = TypeVar("Result")
Workbooks = tuple[tuple[str, str, bytes], ...]
"""Workbooks to download: what each is, its file name and its bytes."""


class Upload(NamedTuple):
    """A file as it was dropped: its name, for messages, and its bytes."""

    name: str
    content: bytes


def check_upload(upload: Upload, policy: Policy) -> precheck.PrecheckReport:
    """Read and evaluate an upload."""
    return precheck.check_submission(read.read(upload.name, upload.content, policy.year), policy)


def write_workbooks(upload: Upload, policy: Policy) -> Workbooks:
    """Write the workbooks about an upload, in memory; none where it is no return of the year."""
    reading = read.read(upload.name, upload.content, policy.year)
    if refused_alone(reading, policy.year):
        return ()
    report = precheck.evaluate_one(reading, policy)
    name = output_files.file_names([report.department])[report.department]
    scored = ("评分工作簿", f"{name}（评分）.xlsx", scored_workbook.write_scored_workbook(report))
    if not any(returned.select_counted(report.findings)):
        return (scored,)
    about = returned.ReturnIdentity(report.department, report.year, report.source_file)
    marked = returned.write_returned_workbook(upload.content, report.lines, report.findings, about)
    return (("标明问题的报表", f"{name}（审核意见）.xlsx", marked), scored)


class CheckProcesses:
    """Processes that check uploads, each one upload at a time, and stay for the next.

    One that an upload ends, or that takes too long, costs only that upload: another starts in its place.
    """

    def __init__(self, count: int) -> None:
        """Set up so many; they start with `start` or with their first upload."""
        self._every = [LocalProcesses(1, [__name__], UPLOADS) for _ in range(count)]
        self._free: SimpleQueue[LocalProcesses] = SimpleQueue()
        for each in self._every:
            self._free.put(each)

    def start(self) -> None:
        """Start every process, so that the first upload need not wait for imports."""
        for each in self._every:
            each.start()

    @contextmanager
    def one(self) -> Iterator[WorkerPool]:
        """Take the process that has been free for longest: where it was replaced, the new one has started."""
        process = self._free.get()
        try:
            yield process
        finally:
            self._free.put(process)

    def __enter__(self) -> Self:
        """Begin to use them."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End every process."""
        for each in self._every:
            each.shutdown()


def check_isolated(
    upload: Upload,
    policy: Policy,
    processes: CheckProcesses,
    seconds: int = SECONDS,
    work: Callable[[Upload, Policy], precheck.PrecheckReport] = check_upload,
) -> precheck.PrecheckReport:
    """Check an upload in one of the processes; a report without results says that it could not be done."""
    lost = precheck.PrecheckReport(upload.name, policy.year, LOST)
    return _isolated(work, upload, policy, processes, seconds) or lost


def write_isolated(upload: Upload, policy: Policy, processes: CheckProcesses, seconds: int = SECONDS) -> Workbooks:
    """Write the workbooks about an upload in one of the processes; none where that could not be done."""
    return _isolated(write_workbooks, upload, policy, processes, seconds) or ()


def _isolated(
    work: Callable[[Upload, Policy], Result], upload: Upload, policy: Policy, processes: CheckProcesses, seconds: int
) -> Result | None:
    """Work on an upload in one of the processes; None where it ended or filled its process, or took too long."""
    with processes.one() as one:
        (result,) = map_isolated(partial(_attempt, work, policy), [upload], _give_up, one, seconds)
        return result


def _attempt(work: Callable[[Upload, Policy], Result], policy: Policy, upload: Upload) -> Result | None:
    try:
        return work(upload, policy)
    except MemoryError:
        return None


def _give_up(_: Upload) -> None:
    return None
