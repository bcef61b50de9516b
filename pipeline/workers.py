"""Run work in processes with limits of time and memory: local ones, or those of a Dask scheduler."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from functools import partial
from importlib import import_module
from itertools import islice
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pebble import ProcessExpired, ProcessPool

from pipeline.garbage import relax_gc
from pipeline.output.cache import program_digest
from pipeline.output.system_calls import block_interrupts, limit_memory
from schemas.errors import MistakeError, NoProcessError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from multiprocessing.process import BaseProcess

    from distributed import Client

RETURNS_PER_WORKER = 50
"""Below so many returns, starting one more process costs more than it saves."""
FEW = 25
"""Up to so many returns, writing their workbooks in this process costs less than handing them to others."""
AHEAD = 8
"""Items handed out per worker before the first comes back: enough to keep it busy, few enough to hold in memory."""
SECONDS = 20
"""Seconds that reading one file may take: a return takes 20 ms, the largest that the guard lets pass a second."""
STANDSTILL = 5
"""Seconds without any result after which processes, one of which has ended, are taken to wait for ever."""
MEMORY = 2**30
"""Bytes that a worker may take beyond what its libraries hold: ten times what the guard lets unpack."""
MODULES = ("pipeline.intake.receive", "pipeline.workbooks.write_departments")
"""What processes import that read and write returns: named, since they do so before this process has imported them."""
DASK_TIMEOUT = 10
"""Seconds that a Dask scheduler may take to answer."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class WorkerPool(Executor):
    """Runs work in this process; the pools of worker processes extend it.

    ``count`` is the number of workers. ``fatal`` are the errors with which a task ends whose worker was ended by it, or
    by a task beside it; other errors are those of the work itself.
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

    def pool_for(self, returns: int) -> WorkerPool:
        """Return the pool that writes the workbooks of so many returns: this process itself where they are few."""
        return self if self.count > 1 and returns > FEW else WorkerPool()

    def open_separate(self) -> AbstractContextManager[WorkerPool]:
        """Open a pool of the same kind in which one item harms nothing else."""
        return nullcontext(self)

    def restart(self) -> None:
        """Replace workers that do not answer."""


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
                raise NoProcessError(_NO_PROCESS) from error
            starting.join()
            if failures:
                raise NoProcessError(_NO_PROCESS) from failures[0]
        return self._pool

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


_NO_PROCESS = (
    "启动不了工作进程（内存不够，或系统限制了进程数），没有做完；已有的结果没有改动。\n"
    "请关闭其他程序后再运行，或加 JOBS=1（--jobs 1）少用进程。"
)


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


class DaskWorkers(WorkerPool):
    """The workers of a Dask scheduler; their limits are those of the cluster.

    A task costs scheduler and client some milliseconds, whatever it is.
    """

    items_per_task = 8

    def __init__(self, client: Client) -> None:
        """Use the workers of a client's scheduler."""
        from distributed.scheduler import KilledWorker  # noqa: PLC0415 - an extra

        self.count = sum(client.nthreads().values())
        self.fatal = (KilledWorker, CancelledError, TimeoutError)
        self._executor = client.get_executor(pure=False, retries=2)

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Hand out a call to the workers."""
        future: Future[Result] = self._executor.submit(fn, *args, **kwargs)
        return future


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
                raise NoProcessError(_NO_PROCESS) from error
            try:
                (result,) = single.submit_limited(self._seconds, self._work, [item]).result(timeout=2 * self._seconds)
            except single.fatal:
                return self._lost(item)
            return result


def count_workers(jobs: int | None, returns: int) -> int:
    """Return the number of processes for so many returns: as asked, else as many as there are and the work is worth."""
    return jobs or min(os.cpu_count() or 1, 1 + returns // RETURNS_PER_WORKER)


def use_pool(pool: WorkerPool | None, returns: int) -> AbstractContextManager[WorkerPool]:
    """Use a pool that is open, and leave it open; where there is none, open one for so many returns."""
    return nullcontext(pool) if pool else open_pool(None, returns)


@contextmanager
def open_pool(jobs: int | None, returns: int, scheduler: str = "") -> Iterator[WorkerPool]:
    """Open the pool that works on so many returns: local processes, or the workers of a Dask scheduler at an address.

    Local processes start at once and import `MODULES`, while this process goes on; where it writes the few workbooks
    itself, only what reads.

    Raises:
        MistakeError: the scheduler cannot be reached, has no workers, or they run another program.
    """
    if not scheduler:
        with LocalProcesses(count_workers(jobs, returns), MODULES if returns > FEW else MODULES[:1]) as pool:
            pool.start()
            yield pool
        return
    with _connect(scheduler) as client:
        versions = set(client.run(program_digest).values())
        if versions != {program_digest()}:
            problem = "运行的是另一个版本的程序" if versions else "还没有启动"
            raise MistakeError(f"Dask 调度器 {scheduler} 的工作进程{problem}；请检查各台机器后重试。")
        yield DaskWorkers(client)


def _connect(scheduler: str) -> Client:
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MistakeError("用 Dask 需要另装组件：.venv/bin/python -m pip install 'jixiao[dask]'") from error
    try:
        return Client(scheduler, timeout=DASK_TIMEOUT)
    except (OSError, ValueError) as error:
        raise MistakeError(f"连接不上 Dask 调度器 {scheduler}；请检查地址和网络后重试。") from error
