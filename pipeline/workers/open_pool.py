"""Open the pool that works on the returns of a run: so many local processes as are worth it, or a Dask scheduler."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from pipeline.workers import local_processes
from pipeline.workers.dask_workers import open_dask_workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from pipeline.workers.local_processes import LocalProcesses
    from pipeline.workers.pool import WorkerPool

RETURNS_PER_WORKER = 50
"""Below so many returns, starting one more process costs more than it saves."""
READING, WRITING = "pipeline.intake.receive", "pipeline.workbooks.write_departments"
"""What processes import that read and write returns: named, since they do so before this process has imported them."""


def count_workers(jobs: int | None, returns: int) -> int:
    """Return the number of processes for so many returns: as asked, else as many as there are and the work is worth."""
    return jobs or min(os.cpu_count() or 1, 1 + returns // RETURNS_PER_WORKER)


def open_processes(jobs: int | None, returns: int, tasks: int = 0) -> LocalProcesses:
    """Set up the local processes for so many returns; of each, a new one after so many tasks, where that is not 0.

    One alone imports only what reads: the workbooks of departments are then written by this process.
    """
    count = count_workers(jobs, returns)
    modules = (READING, WRITING) if count > 1 else (READING,)
    return local_processes.LocalProcesses(count, modules, tasks)


def use_pool(pool: WorkerPool | None, returns: int) -> AbstractContextManager[WorkerPool]:
    """Use a pool that is open, and leave it open; where there is none, open one for so many returns."""
    return nullcontext(pool) if pool else open_pool(None, returns)


@contextmanager
def open_pool(jobs: int | None, returns: int, scheduler: str = "") -> Iterator[WorkerPool]:
    """Open the pool that works on so many returns: local processes, or the workers of a Dask scheduler at an address.

    Local processes start at once and import what they need, while this process goes on.

    Raises:
        MistakeError: the scheduler cannot be reached, has no workers, or they run another program.
    """
    if scheduler:
        with open_dask_workers(scheduler) as cluster:
            yield cluster
    else:
        with open_processes(jobs, returns) as pool:
            pool.start()
            yield pool
