"""What work is handed to: this process; the pools of worker processes extend it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

FEW = 25
"""Up to so many returns, writing their workbooks in this process costs less than handing them to others."""

Item = TypeVar("Item")
Result = TypeVar("Result")
Packed: TypeAlias = Callable[[], list[Item]]
"""Items as they are handed out: a call gives them."""


def pack_for_others(items: list[Item]) -> Packed[Item]:
    """Pack items for another process: what waits for one then is their bytes, a fraction of what the items take."""
    return partial(pickle.loads, pickle.dumps(items))


def _give_once(items: list[Item]) -> list[Item]:
    """Take all items out of a list, and give them."""
    given = items.copy()
    items.clear()
    return given


class WorkerPool(Executor):
    """Runs work in this process.

    ``count`` is the number of workers. ``items_per_task`` is on how many items one task works. ``fatal`` are the errors
    with which a task ends whose worker was ended by it, or by a task beside it; other errors are those of the work.
    """

    count = 1
    items_per_task = 1
    fatal: tuple[type[BaseException], ...] = ()

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Call a function; the future holds its result or error."""
        future: Future[Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future carries whatever its call raised
            future.set_exception(error)
        return future

    def submit_limited(self, seconds: int, work: Callable[[Item], Result], item: Item) -> Future[Result]:  # noqa: ARG002
        """Hand out work on one item, which may take so many seconds where the pool can end a task."""
        return self.submit(work, item)

    def pack(self, items: list[Item]) -> Packed[Item]:
        """Pack items that work is handed out on; here it is done at once, and they are not kept behind it."""
        return partial(_give_once, items)

    def pool_for(self, returns: int) -> WorkerPool:
        """Return the pool that writes the workbooks of so many returns: this process itself where they are few."""
        return self if self.count > 1 and returns > FEW else WorkerPool()

    def shares(self, folder: Path) -> bool:  # noqa: ARG002
        """Tell whether work on many files in a folder can be handed out as one task, since each worker has that folder.

        Local processes are given files one by one: each file has its limits of time and memory.
        """
        return False

    def open_separate(self) -> AbstractContextManager[WorkerPool]:
        """Open a pool of the same kind in which one item harms nothing else."""
        return nullcontext(self)

    def restart(self) -> None:
        """Replace workers that do not answer."""
