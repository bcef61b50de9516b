"""Where the parallel ends of the road run: here or in local processes, one `Executor` either way."""

from __future__ import annotations

import os
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

WORTH_A_WORKER = 50
"""Below so many returns, starting a process costs more than it saves."""
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


def executor(jobs: int | None, files: int) -> Executor:
    """Give an executor for so many files: ``jobs`` processes, or as many as the machine has and the work is worth."""
    worth = min(os.cpu_count() or 1, 1 + files // WORTH_A_WORKER)
    workers = jobs or worth
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn")) if workers > 1 else Here()
