"""Check returns before they are sent, in processes that are bounded in time and memory and stay for the next one."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from pipeline.desk.precheck_report import PrecheckReport
from pipeline.guard import LOST
from pipeline.workers.hand_out import SECONDS, map_isolated
from pipeline.workers.local_processes import LocalProcesses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from pipeline.workers.pool import WorkerPool
    from schemas.forms.answered import Answers
    from schemas.policy import Policy

MODULE = "pipeline.desk.precheck"
"""What the processes import when they start, and this one does not."""
UPLOADS = 100
"""Uploads that a process checks before another takes its place: what libraries gather in it is bounded."""

Result = TypeVar("Result")
Workbooks = tuple[tuple[str, str, bytes], ...]
"""Workbooks to download: what each is, its file name and its bytes."""


class Upload(NamedTuple):
    """A file to be checked: its name, for messages, its bytes, and what the bureau has said of unknown words."""

    name: str
    content: bytes
    answers: Answers = ()


class CheckProcesses:
    """Processes that check uploads, each one upload at a time, and stay for the next.

    One that an upload ends, or that takes too long, costs only that upload: another starts in its place.
    """

    def __init__(self, count: int) -> None:
        """Set up so many; they start with `start` or with their first upload."""
        self._every = [LocalProcesses(1, [MODULE], UPLOADS) for _ in range(count)]
        self._free: SimpleQueue[LocalProcesses] = SimpleQueue()
        for each in self._every:
            self._free.put(each)

    def start(self) -> None:
        """Start every process, so that the first upload need not wait for imports."""
        for each in self._every:
            each.start()

    @contextmanager
    def borrow(self) -> Iterator[WorkerPool]:
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


def _check(upload: Upload, policy: Policy) -> PrecheckReport:
    from pipeline.desk.precheck import check_upload  # noqa: PLC0415 - only the processes need pandas

    return check_upload(upload, policy)


def _write(upload: Upload, policy: Policy) -> Workbooks:
    from pipeline.desk.precheck_workbooks import write_workbooks  # noqa: PLC0415 - a check needs none of it

    return write_workbooks(upload, policy)


def check_isolated(
    upload: Upload,
    policy: Policy,
    processes: CheckProcesses,
    seconds: int = SECONDS,
    work: Callable[[Upload, Policy], PrecheckReport] = _check,
) -> PrecheckReport:
    """Check an upload in one of the processes; a report without results says that it could not be done."""
    lost = PrecheckReport(upload.name, policy.year, LOST)
    return _isolated(work, upload, policy, processes, seconds) or lost


def write_isolated(upload: Upload, policy: Policy, processes: CheckProcesses, seconds: int = SECONDS) -> Workbooks:
    """Write the workbooks about an upload in one of the processes; none where that could not be done."""
    return _isolated(_write, upload, policy, processes, seconds) or ()


def _isolated(
    work: Callable[[Upload, Policy], Result], upload: Upload, policy: Policy, processes: CheckProcesses, seconds: int
) -> Result | None:
    """Work on an upload in one of the processes; None where it ended or filled its process, or took too long."""
    with processes.borrow() as process:
        (result,) = map_isolated(partial(_attempt, work, policy), [upload], _give_up, process, seconds)
        return result


def _attempt(work: Callable[[Upload, Policy], Result], policy: Policy, upload: Upload) -> Result | None:
    try:
        return work(upload, policy)
    except MemoryError:
        return None


def _give_up(_: Upload) -> None:
    return None
