"""Hand out work on items to a pool; an item that ends its process or takes too long costs only itself."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Generic

from pipeline.workers.local_processes import NO_PROCESS
from pipeline.workers.pool import Item, Result
from schemas.errors import NoProcessError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pipeline.workers.pool import WorkerPool

AHEAD = 8
"""Items handed out per worker before the first comes back: enough to keep it busy, few enough to hold in memory."""
SECONDS = 20
"""Seconds that reading one file may take: a return takes 20 ms, the largest that the guard lets pass a second."""
STANDSTILL = 5
"""Seconds without any result after which processes, one of which has ended, are taken to wait for ever."""


def map_isolated(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    lost: Callable[[Item], Result],
    pool: WorkerPool,
    seconds: int = SECONDS,
) -> Iterator[Result]:
    """Yield the result of work on every item, in order.

    Items are taken only as fast as they are worked on. An item whose process ends, or that takes longer than so many
    seconds, is tried again with nothing beside it; where that fails too, its result is what ``lost`` gives.
    """
    handout = _Handout(work, lost, pool, seconds)
    groups = _groups(items, pool)
    while True:
        for group in islice(groups, AHEAD * pool.count - len(handout.running)):
            handout.add(group)
        if not handout.running:
            return
        yield from handout.take()


def hand_out(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    lost: Callable[[Item], Result],
    pool: WorkerPool,
    seconds: int = SECONDS,
) -> Iterator[Result]:
    """Hand out work on every item at once, and give their results as `map_isolated` does, while other work goes on."""
    handout = _Handout(work, lost, pool, seconds)
    for group in _groups(items, pool):
        handout.add(group)
    return (result for _ in range(len(handout.running)) for result in handout.take())


def _groups(items: Iterable[Item], pool: WorkerPool) -> Iterator[list[Item]]:
    """Yield items in the groups in which a pool is given them."""
    left = iter(items)
    return iter(lambda: list(islice(left, pool.items_per_task)), [])


def _work_on_each(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Work on a group of items, as one task."""
    return [work(item) for item in items]


class _Handout(Generic[Item, Result]):
    """Groups of items that a pool works on, and their results, the first group first."""

    def __init__(
        self, work: Callable[[Item], Result], lost: Callable[[Item], Result], pool: WorkerPool, seconds: int
    ) -> None:
        self.running: deque[tuple[list[Item], Future[list[Result]]]] = deque()
        self._work = partial(_work_on_each, work)
        self._lost = lost
        self._pool = pool
        self._seconds = seconds

    def add(self, group: list[Item]) -> None:
        """Hand out a group."""
        self.running.append((group, self._submit(group)))

    def _submit(self, group: list[Item]) -> Future[list[Result]]:
        return self._pool.submit_limited(self._seconds * len(group), self._work, group)

    def take(self) -> list[Result]:
        """Give the results of the first group."""
        group, future = self.running.popleft()
        try:
            return future.result(timeout=AHEAD * self._seconds)
        except self._pool.fatal as error:
            self._settle(future, 0 if isinstance(error, BrokenProcessPool) else STANDSTILL)
            return [self._try_again(item) for item in group]

    def _settle(self, ended: Future[list[Result]], patience: int) -> None:
        """Wait until tasks have ended; where for so many seconds none ends, replace the workers, hand out what is left.

        A process that is killed while it takes a task leaves the others waiting for ever: they share one pipe and its
        lock.
        """
        left = {ended, *(future for _, future in self.running)}
        while left:
            done, left = wait(left, timeout=patience, return_when=FIRST_COMPLETED)
            if not done:
                break
        if not left:
            return
        for each in left:
            each.cancel()
        self._pool.restart()
        again = [(group, self._submit(group) if future in left else future) for group, future in self.running]
        self.running.clear()
        self.running.extend(again)

    def _try_again(self, item: Item) -> Result:
        """Work on an item with nothing beside it.

        Raises:
            NoProcessError: no process can be started, which is no fault of the item.
        """
        with self._pool.open_separate() as single:
            try:
                single.submit(os.getpid).result()
            except BrokenProcessPool as error:
                raise NoProcessError(NO_PROCESS) from error
            try:
                (result,) = single.submit_limited(self._seconds, self._work, [item]).result(timeout=2 * self._seconds)
            except single.fatal:
                return self._lost(item)
            return result
