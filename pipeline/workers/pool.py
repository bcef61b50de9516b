"""Who does the work at the parallel ends of the road: this process, local processes, or Dask; one `Executor` each."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import active_children, get_context, parent_process
from threading import Thread, current_thread, main_thread
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pipeline.output.cache import program
from pipeline.workers.garbage import calm
from schemas.errors import MistakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.process import BaseProcess
    from types import TracebackType

WORTH_A_WORKER = 50
"""Below so many returns, starting one process more costs more than it saves."""
CHUNK = 25
"""Files handed to a worker at a time: few enough to share out, enough to forget the hand-over."""
PATIENCE = 10
"""Seconds that a scheduler may take to answer."""

_STOPS = (signal.SIGINT, signal.SIGTERM)
"""Signals by which the program is told to end."""

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


class Processes(ProcessPoolExecutor):
    """Local processes, which end with the work: at once where that is broken off."""

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Hand work over; the first time, workers are started."""
        with _undisturbed():
            return super().submit(fn, *args, **kwargs)

    def kill(self) -> None:
        """End them at once, whatever they do."""
        for process in list((self._processes or {}).values()):
            process.kill()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is underway, but not where the program is told to end; after a failure nothing more begins."""
        if kind is not None and not issubclass(kind, Exception):
            for child in active_children():
                child.terminate()
        self.shutdown(cancel_futures=kind is not None)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait: one that came while a worker is being started would leave that one behind.

    Workers begin with Ctrl-C shut out, which comes to every process of a terminal.
    """
    if current_thread() is not main_thread():
        yield
        return
    came: list[int] = []
    before = {each: signal.signal(each, lambda number, _: came.append(number)) for each in _STOPS}
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        for each, handler in before.items():
            signal.signal(each, signal.SIG_DFL if handler is None else handler)
    for number in came:
        signal.raise_signal(number)


def _begin() -> None:
    """Begin as a worker: Ctrl-C is for the program itself to mind, and nobody works on when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()
    calm()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def processes(count: int) -> Executor:
    """Give an executor of local processes, started fresh: nothing of this process is copied into them."""
    return Processes(count, mp_context=get_context("spawn"), initializer=_begin)


class WorkerPool:
    """Who works beside this process: so many, in one executor, which starts when it is first needed.

    ``broken`` is what work ends with when an item has killed one of them, or holds it for ever; ``bounded`` says that
    each has a process to itself, which may be bounded in time and memory.
    """

    def __init__(
        self,
        count: int,
        start: Callable[[int], Executor] = processes,
        broken: tuple[type[BaseException], ...] = (BrokenProcessPool, TimeoutError),
        *,
        bounded: bool = True,
    ) -> None:
        """Begin with nobody."""
        self.count = count
        self.broken = broken
        self.bounded = bounded
        self._start = start
        self._pool: Executor | None = None

    def __enter__(self) -> Self:
        """Have them, until the end of the work."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let them go, once what is underway is done."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.__exit__(kind, error, trace)

    @property
    def pool(self) -> Executor:
        """Where the work runs."""
        if self._pool is None:
            self._pool = self._start(self.count)
        return self._pool

    def ahead(self, *modules: str) -> None:
        """Let them come to life before there is any work, and bring in what they will need for it."""
        for _ in range(self.count if self.bounded else 0):
            self.pool.submit(_bring_in, modules)

    def ours(self, items: int) -> Executor:
        """Give where our own work on so many returns runs: in this process itself where there are few."""
        return self.pool if self.count > 1 and items > CHUNK else Here()

    def anew(self) -> None:
        """Let those go of whom one has died, or does not come back; others come when they are needed."""
        if isinstance(self._pool, Processes):
            self._pool.kill()
        self.__exit__(None, None, None)

    def one(self) -> WorkerPool:
        """Give one of the same kind, apart from them."""
        return WorkerPool(1, self._start, self.broken, bounded=self.bounded)


def _bring_in(modules: tuple[str, ...]) -> None:
    for module in modules:
        import_module(module)


def workers(jobs: int | None, items: int) -> int:
    """Give the number of processes for so many returns: as asked, else as many as there are and the work is worth."""
    return jobs or min(os.cpu_count() or 1, 1 + items // WORTH_A_WORKER)


@contextmanager
def crew(jobs: int | None, items: int, scheduler: str = "") -> Iterator[WorkerPool]:
    """Give who works on so many returns: local processes, or the workers of a Dask scheduler by its address.

    Raises:
        MistakeError: the scheduler cannot be reached, has no workers, or they run another program.
    """
    if not scheduler:
        with WorkerPool(workers(jobs, items)) as who:
            yield who
        return
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
        from distributed.scheduler import KilledWorker  # noqa: PLC0415
    except ImportError as error:
        raise MistakeError("用 Dask 需要另装组件：.venv/bin/python -m pip install 'jixiao[dask]'") from error
    try:
        client = Client(scheduler, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise MistakeError(f"连接不上 Dask 调度器 {scheduler}；请检查地址和网络后重试。") from error
    with client:
        versions = set(client.run(program).values())
        if versions != {program()}:
            told = "运行的是另一个版本的程序" if versions else "还没有启动"
            raise MistakeError(f"Dask 调度器 {scheduler} 的工作进程{told}；请检查各台机器后重试。")
        count = sum(client.nthreads().values())
        fatal = KilledWorker, CancelledError, TimeoutError
        with WorkerPool(count, lambda _: client.get_executor(pure=False, retries=2), fatal, bounded=False) as who:
            yield who
