"""Where the parallel ends of the road run: here or in local processes, one `Executor` either way.

Files of departments are read in processes of their own: a library that aborts on one, or one that takes too much
time or memory, costs only that file.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WORTH_A_WORKER = 50
"""Below so many returns, starting one process more costs more than it saves."""
CHUNK = 25
"""Files handed to a worker at a time: few enough to share out, enough to forget the hand-over."""
SECONDS = 20
"""What reading one file may take: a return takes 10 ms, the largest that the guard lets pass a second."""
MEMORY = 2**30
"""Bytes that reading may take beyond what the libraries themselves hold: ten times what the guard lets unpack."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Here(Executor):
    """Runs every call at once, in this process."""

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Call, and give the future of what came of it."""
        future: Future[Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future carries whatever its call raised
            future.set_exception(error)
        return future


def workers(jobs: int | None, items: int) -> int:
    """Give the number of processes for so many returns: as asked, else as many as there are and the work is worth."""
    return jobs or min(os.cpu_count() or 1, 1 + items // WORTH_A_WORKER)


def executor(jobs: int | None, items: int) -> Executor:
    """Give an executor of our own work on so many returns."""
    count = workers(jobs, items)
    return processes(count) if count > 1 else Here()


def processes(count: int) -> Executor:
    """Give an executor of local processes, started fresh: nothing of this process is copied into them."""
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


def each_apart(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    lost: Callable[[Item], Result],
    count: int,
    seconds: int = SECONDS,
) -> Iterator[Result]:
    """Do work on every item in processes and give the results in order; each has so many ``seconds``.

    When a worker dies, the items of the first chunk without a result are tried again one at a time, and the others
    go on in new processes. An item that kills a process of its own is lost; ``lost`` says what its result is.
    """
    chunks = [items[at : at + CHUNK] for at in range(0, len(items), CHUNK)]
    done = 0
    while done < len(chunks):
        with processes(count) as pool:
            try:
                for future in [pool.submit(_bounded, work, chunk, seconds) for chunk in chunks[done:]]:
                    yield from future.result()
                    done += 1
            except BrokenProcessPool:
                pass
        if done < len(chunks):
            yield from _one_by_one(work, chunks[done], lost, seconds)
            done += 1


def _one_by_one(
    work: Callable[[Item], Result], items: Sequence[Item], lost: Callable[[Item], Result], seconds: int
) -> Iterator[Result]:
    """Do work on each item in a process that goes on as long as it lives."""
    pool = _alive()
    try:
        for item in items:
            try:
                yield pool.submit(_bounded, work, [item], seconds).result()[0]
            except BrokenProcessPool:
                pool.shutdown(wait=False)
                pool = _alive()
                yield lost(item)
    finally:
        pool.shutdown()


def _alive() -> Executor:
    """Give a process of its own that is known to work: one that cannot even start is no fault of a file, and raises."""
    pool = processes(1)
    pool.submit(os.getpid).result()
    return pool


def _bounded(work: Callable[[Item], Result], items: Sequence[Item], seconds: int) -> list[Result]:
    """Do work on items one after the other, each within its bounds of time and memory; a breach ends the process."""
    if sys.platform == "win32":
        return [work(item) for item in items]
    import resource  # noqa: PLC0415 - not on Windows
    import signal  # noqa: PLC0415 - its alarm is not on Windows

    results = []
    for item in items:
        signal.alarm(seconds)  # not caught: it ends the process even inside a library
        results.append(work(item))
        signal.alarm(0)
        if len(results) == 1:
            # The first item has brought the libraries in; from here on only the files themselves cost memory.
            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            with suppress(ValueError, OSError):  # a system with a lower bound of its own, or none to set
                resource.setrlimit(resource.RLIMIT_AS, (_held() + MEMORY, hard))
    return results


def _held() -> int:
    """Give the bytes of address space that this process holds."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123 - no file of anyone's
            return int(stream.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 8 * MEMORY
