"""Run work in processes of this machine that have limits of time and memory."""

from __future__ import annotations

import os
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessPool

from pipeline.garbage import relax_gc
from pipeline.output.system_calls import block_interrupts, limit_memory
from pipeline.workers.pool import WorkerPool, pack_for_others
from schemas.errors import NoProcessError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from contextlib import AbstractContextManager
    from multiprocessing.process import BaseProcess

    from pipeline.workers.pool import Item, Result

MEMORY = 2**30
"""Bytes that a worker may take beyond what its libraries hold: ten times what the guard lets unpack."""
NO_PROCESS = (
    "启动不了工作进程（内存不够，或系统限制了进程数），没有做完；已有的结果没有改动。\n"
    "请关闭其他程序后再运行，或加 JOBS=1（--jobs 1）少用进程。"
)
"""What is said where the system refuses a process."""


class LocalProcesses(WorkerPool):
    """Processes on this machine, each with a limit of memory; they start with the first task.

    ``modules`` are imported when a process starts, and do not count towards its limit of memory. After so many
    ``tasks`` a process is replaced, where that is not 0.
    """

    fatal = (ProcessExpired, BrokenProcessPool, CancelledError, TimeoutError)

    def __init__(self, count: int, modules: Iterable[str] = (), tasks: int = 0) -> None:
        """Set up a pool without processes."""
        self.count = count
        self._modules = tuple(modules)
        self._tasks = tasks
        self._pool: ProcessPool | None = None

    def start(self) -> ProcessPool:
        """Start the processes unless they run, and return their pool.

        They start from a thread of their own: an exception that a signal raises cannot leave one half started.

        Raises:
            NoProcessError: the system refuses a process or a thread.
        """
        if self._pool is None or not self._pool.active:
            self.restart()
            self._pool = ProcessPool(
                self.count, self._tasks, initializer=_begin, initargs=(self._modules,), context=get_context("spawn")
            )
            failures: list[Exception] = []
            starting = Thread(target=_start, args=(self._pool, failures))
            try:
                starting.start()
            except RuntimeError as error:  # so Python says that there is no thread
                raise NoProcessError(NO_PROCESS) from error
            starting.join()
            if failures:
                raise NoProcessError(NO_PROCESS) from failures[0]
        return self._pool

    pack = staticmethod(pack_for_others)

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Hand out a call to the processes."""
        return self.start().schedule(fn, args, kwargs)

    def submit_limited(self, seconds: int, work: Callable[[Item], Result], item: Item) -> Future[Result]:
        """Hand out work on one item; its process is ended after so many seconds."""
        return self.start().schedule(work, (item,), timeout=seconds)

    def open_separate(self) -> AbstractContextManager[WorkerPool]:
        """Open a pool of one new process."""
        return LocalProcesses(1, self._modules)

    def restart(self) -> None:
        """End the processes at once; the next task starts new ones."""
        self.shutdown()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002
        """End the processes at once: whoever needs a result takes it before."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        pool.stop()  # type: ignore[no-untyped-call]
        # One that is still starting when its pool closes would complain of that on the screen.
        for process in list(pool._pool_manager.worker_manager.workers.values()):  # noqa: SLF001
            process.terminate()
        pool.join()


def _start(pool: ProcessPool, failures: list[Exception]) -> None:
    """Start the processes of a pool, which Ctrl-C does not reach: a terminal sends it to all processes of a program.

    Threads and processes inherit which signals are blocked.
    """
    block_interrupts()
    try:
        pool.schedule(os.getpid)
    except (RuntimeError, OSError, MemoryError) as error:  # no thread or process to be had, or stopped meanwhile
        failures.append(error)


def _begin(modules: Iterable[str]) -> None:
    """Prepare this process to work: import what it needs, limit its memory, end it with the program."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()
    relax_gc()
    for module in modules:
        import_module(module)
    limit_memory(MEMORY)


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
