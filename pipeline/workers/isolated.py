"""Work on files of departments, each apart from the others, in processes beside this one.

A library that aborts on one, or one that takes too much time or memory, costs only that file.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

from pipeline.workers.pool import CHUNK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from pipeline.workers.pool import WorkerPool

AHEAD = 2
"""Chunks handed out for each worker before the first comes back: enough to keep it busy, few enough to hold."""
SECONDS = 20
"""What reading one file may take: a return takes 10 ms, the largest that the guard lets pass a second."""
MEMORY = 2**30
"""Bytes that reading may take beyond what the libraries themselves hold: ten times what the guard lets unpack."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def each_apart(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    lost: Callable[[Item], Result],
    who: WorkerPool,
    seconds: int = SECONDS,
) -> Iterator[Result]:
    """Do work on every item in processes and give the results in order; each has so many ``seconds``.

    Items are taken only as fast as they are worked on. When a worker dies, or does not come back in time, the items of
    the first chunk without a result are tried again one at a time, and the others go on in new processes. An item that
    kills a process of its own, or holds it, is lost; ``lost`` says what its result is.
    """
    every = iter(items)
    waiting = iter(lambda: list(islice(every, CHUNK)), [])
    while (first := next(waiting, None)) is not None:
        handed: deque[list[Item]] = deque()
        try:
            yield from _in_order(work, chain([first], waiting), handed, who, seconds)
        except who.broken:
            who.anew()
            yield from _one_by_one(work, handed.popleft(), lost, who, seconds)
            waiting = chain(handed, waiting)


def _in_order(
    work: Callable[[Item], Result],
    chunks: Iterator[list[Item]],
    handed: deque[list[Item]],
    who: WorkerPool,
    seconds: int,
) -> Iterator[Result]:
    """Give the results of every chunk; ``handed`` holds those that were handed out and have no results yet."""
    futures: deque[Future[list[Result]]] = deque()
    while True:
        for chunk in islice(chunks, AHEAD * who.count - len(handed)):
            handed.append(chunk)
            futures.append(_handed(who.pool, work, chunk, who, seconds))
        if not handed:
            return
        results = futures.popleft().result(timeout=seconds * CHUNK)
        handed.popleft()
        yield from results


def _handed(
    pool: Executor, work: Callable[[Item], Result], chunk: Sequence[Item], who: WorkerPool, seconds: int
) -> Future[list[Result]]:
    if who.bounded:
        return pool.submit(_bounded, work, chunk, seconds)
    return pool.submit(_each, work, chunk)


def _one_by_one(
    work: Callable[[Item], Result], items: Sequence[Item], lost: Callable[[Item], Result], who: WorkerPool, seconds: int
) -> Iterator[Result]:
    """Do work on each item in a process that goes on as long as it lives."""
    left = deque(items)
    while left:
        with who.one() as single:
            single.pool.submit(os.getpid).result()  # one that cannot even start is no fault of a file, and raises
            try:
                while left:
                    (result,) = _handed(single.pool, work, [left[0]], who, seconds).result(timeout=2 * seconds)
                    left.popleft()
                    yield result
            except who.broken:
                single.anew()
                yield lost(left.popleft())


def _each(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return [work(item) for item in items]


def _bounded(work: Callable[[Item], Result], items: Sequence[Item], seconds: int) -> list[Result]:
    """Do work on items one after the other, each within its bounds of time and memory; a breach ends the process."""
    if sys.platform == "win32":
        return _each(work, items)
    import resource  # noqa: PLC0415 - not on Windows

    # The work has come here with the libraries that it needs: from here on only the files themselves cost memory.
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(ValueError, OSError):  # a system with a lower bound of its own, or none to set
        resource.setrlimit(resource.RLIMIT_AS, (_held() + MEMORY, hard))
    results = []
    for item in items:
        signal.alarm(seconds)  # not caught: it ends the process even inside a library
        results.append(work(item))
        signal.alarm(0)
    return results


def _held() -> int:
    """Give the bytes of address space that this process holds."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123 - no file of anyone's
            return int(stream.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 8 * MEMORY
