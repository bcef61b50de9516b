"""Hand out work on items to a pool; an item that ends its process or takes too long costs only itself."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Generic, NamedTuple

from pipeline.workers.local_processes import NO_PROCESS
from pipeline.workers.pool import Item, Packed, Result
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
    handout = Handout(work, lost, pool, seconds)
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
    handout = Handout(work, lost, pool, seconds)
    for item in items:
        handout.put(item)
    return handout.results()


def _groups(items: Iterable[Item], pool: WorkerPool) -> Iterator[list[Item]]:
    """Yield items in the groups in which a pool is given them."""
    left = iter(items)
    return iter(lambda: list(islice(left, pool.items_per_task)), [])


def _work_on_each(work: Callable[[Item], Result], packed: Packed[Item]) -> list[Result]:
    """Work on a group of items, as one task."""
    return [work(item) for item in packed()]


class _Task(NamedTuple, Generic[Item, Result]):
    """A group of items, packed, that a pool works on, how many they are, and their results."""

    packed: Packed[Item]
    size: int
    future: Future[list[Result]]


class Handout(Generic[Item, Result]):
    """Items that a pool works on, and their results in the order in which they were handed out.

    Of what is handed out to another process only its bytes are kept.
    """

    def __init__(
        self, work: Callable[[Item], Result], lost: Callable[[Item], Result], pool: WorkerPool, seconds: int = SECONDS
    ) -> None:
        """Begin with nothing; `map_isolated` says what the arguments are."""
        self.running: deque[_Task[Item, Result]] = deque()
        self._work = partial(_work_on_each, work)
        self._lost = lost
        self._pool = pool
        self._seconds = seconds
        self._group: list[Item] = []

    def put(self, item: Item) -> None:
        """Hand out an item, once there are so many as the pool is given at a time."""
        self._group.append(item)
        if len(self._group) == self._pool.items_per_task:
            self._add_group()

    def results(self) -> Iterator[Result]:
        """Hand out what is left, and give the results of all that was put."""
        if self._group:
            self._add_group()
        return (result for _ in range(len(self.running)) for result in self.take())

    def _add_group(self) -> None:
        group, self._group = self._group, []
        self.add(group)

    def add(self, group: list[Item]) -> None:
        """Hand out a group of items as one task."""
        packed = self._pool.pack(group)
        self.running.append(_Task(packed, len(group), self._submit(packed, len(group))))

    def _submit(self, packed: Packed[Item], size: int) -> Future[list[Result]]:
        return self._pool.submit_limited(self._seconds * size, self._work, packed)

    def take(self) -> list[Result]:
        """Give the results of the first group."""
        task = self.running.popleft()
        try:
            return task.future.result(timeout=AHEAD * self._seconds)
        except self._pool.fatal as error:
            self._settle(task.future, 0 if isinstance(error, BrokenProcessPool) else STANDSTILL)
            return [self._try_again(item) for item in task.packed()]

    def _settle(self, ended: Future[list[Result]], patience: int) -> None:
        """Wait until tasks have ended; where for so many seconds none ends, replace the workers, hand out what is left.

        A process that is killed while it takes a task leaves the others waiting for ever: they share one pipe and its
        lock.
        """
        left = {ended, *(task.future for task in self.running)}
        while left:
            done, left = wait(left, timeout=patience, return_when=FIRST_COMPLETED)
            if not done:
                break
        if not left:
            return
        for each in left:
            each.cancel()
        self._pool.restart()
        again = [
            task._replace(future=self._submit(task.packed, task.size)) if task.future in left else task
            for task in self.running
        ]
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
                future = single.submit_limited(self._seconds, self._work, single.pack([item]))
                (result,) = future.result(timeout=2 * self._seconds)
            except single.fatal:
                return self._lost(item)
            return result
