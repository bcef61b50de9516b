"""Where the parallel ends of the road run: here, in local processes, or on Dask; one `Executor` in any case.

Files of departments are read in processes of their own: a library that aborts on one, or one that takes too much
time or memory, costs only that file.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections import deque
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import chain, islice
from multiprocessing import active_children, get_context, parent_process
from threading import Thread, current_thread, main_thread
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.kept import program
from schemas.mistake import MistakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from multiprocessing.process import BaseProcess
    from types import TracebackType

WORTH_A_WORKER = 50
"""Below so many returns, starting one process more costs more than it saves."""
CHUNK = 25
"""Files handed to a worker at a time: few enough to share out, enough to forget the hand-over."""
AHEAD = 2
"""Chunks handed out for each worker before the first comes back: enough to keep it busy, few enough to hold."""
PATIENCE = 10
"""Seconds that a scheduler may take to answer."""
SECONDS = 20
"""What reading one file may take: a return takes 10 ms, the largest that the guard lets pass a second."""
MEMORY = 2**30
"""Bytes that reading may take beyond what the libraries themselves hold: ten times what the guard lets unpack."""

_STOPS = (signal.SIGINT, signal.SIGTERM)
"""Signals by which the program is told to end."""

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


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does the work: how many, how they are called, and what they end with when an item has killed one of them.

    ``bounded`` says that each has a process to itself, which may be bounded in time and memory.
    """

    count: int
    start: Callable[[int], Executor]
    broken: tuple[type[BaseException], ...] = (BrokenProcessPool,)
    bounded: bool = True

    def executor(self, items: int, module: str) -> Executor:
        """Give an executor of our own work on so many returns, a module's: this process itself where there are few."""
        return _begun(self.start(self.count), self.count, module) if self.count > 1 and items > CHUNK else Here()


class Processes(ProcessPoolExecutor):
    """Local processes, which end with the work: at once where that is broken off."""

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Hand work over; the first time, workers are started."""
        with _undisturbed():
            return super().submit(fn, *args, **kwargs)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """Wait for what is underway, but not where the program is told to end."""
        if kind is not None and not issubclass(kind, Exception):
            for child in active_children():
                child.terminate()
        return super().__exit__(kind, error, trace)


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


def calm() -> None:
    """Look for garbage seldom: workbooks are many small things that all go at once, and looking takes a tenth."""
    gc.freeze()
    gc.set_threshold(30_000, 10, 10)


@contextmanager
def calmly() -> Iterator[None]:
    """Be `calm` for a while: whoever goes on afterwards, as a watch does, must find its garbage again."""
    before = gc.get_threshold()
    calm()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


_AHEAD_OF_WORK: dict[int, Executor] = {}
"""Executors that were started before there was work for them, by the number of their processes."""


def start_ahead(count: int, module: str) -> None:
    """Start local processes now that `processes` will be asked for: they bring a module in while this one is busy."""
    _AHEAD_OF_WORK[count] = _begun(processes(count), count, module)


def _begun(pool: Executor, count: int, module: str) -> Executor:
    """Start the workers of an executor with bringing a module in, before there is any work for them."""
    for _ in range(count):
        pool.submit(import_module, module)
    return pool


def processes(count: int) -> Executor:
    """Give an executor of local processes, started fresh: nothing of this process is copied into them."""
    return _AHEAD_OF_WORK.pop(count, None) or Processes(count, mp_context=get_context("spawn"), initializer=_begin)


def workers(jobs: int | None, items: int) -> int:
    """Give the number of processes for so many returns: as asked, else as many as there are and the work is worth."""
    return jobs or min(os.cpu_count() or 1, 1 + items // WORTH_A_WORKER)


@contextmanager
def crew(jobs: int | None, items: int, scheduler: str = "") -> Iterator[Crew]:
    """Give who works on so many returns: local processes, or the workers of a Dask scheduler by its address.

    Raises:
        MistakeError: the scheduler cannot be reached, has no workers, or they run another program.
    """
    if not scheduler:
        yield Crew(workers(jobs, items), processes)
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
        yield Crew(
            count,
            lambda _: client.get_executor(pure=False, retries=2),
            (KilledWorker, CancelledError, TimeoutError),
            bounded=False,
        )


def each_apart(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    lost: Callable[[Item], Result],
    who: Crew,
    seconds: int = SECONDS,
) -> Iterator[Result]:
    """Do work on every item in processes and give the results in order; each has so many ``seconds``.

    Items are taken only as fast as they are worked on. When a worker dies, the items of the first chunk without a
    result are tried again one at a time, and the others go on in new processes. An item that kills a process of its
    own is lost; ``lost`` says what its result is.
    """
    every = iter(items)
    waiting = iter(lambda: list(islice(every, CHUNK)), [])
    while (first := next(waiting, None)) is not None:
        handed: deque[list[Item]] = deque()
        try:
            with who.start(who.count) as pool:
                yield from _in_order(pool, work, chain([first], waiting), handed, who, seconds)
        except who.broken:
            yield from _one_by_one(work, handed.popleft(), lost, who, seconds)
            waiting = chain(handed, waiting)


def _in_order(
    pool: Executor,
    work: Callable[[Item], Result],
    chunks: Iterator[list[Item]],
    handed: deque[list[Item]],
    who: Crew,
    seconds: int,
) -> Iterator[Result]:
    """Give the results of every chunk; ``handed`` holds those that were handed out and have no results yet."""
    futures: deque[Future[list[Result]]] = deque()
    while True:
        for chunk in islice(chunks, AHEAD * who.count - len(handed)):
            handed.append(chunk)
            futures.append(_handed(pool, work, chunk, who, seconds))
        if not handed:
            return
        results = futures.popleft().result(timeout=seconds * CHUNK)
        handed.popleft()
        yield from results


def _handed(
    pool: Executor, work: Callable[[Item], Result], chunk: Sequence[Item], who: Crew, seconds: int
) -> Future[list[Result]]:
    if who.bounded:
        return pool.submit(_bounded, work, chunk, seconds)
    return pool.submit(_each, work, chunk)


def _one_by_one(
    work: Callable[[Item], Result], items: Sequence[Item], lost: Callable[[Item], Result], who: Crew, seconds: int
) -> Iterator[Result]:
    """Do work on each item in a process that goes on as long as it lives."""
    left = deque(items)
    while left:
        pool = _alive(who)
        try:
            with pool:
                while left:
                    (result,) = _handed(pool, work, [left[0]], who, seconds).result(timeout=2 * seconds)
                    left.popleft()
                    yield result
        except who.broken:
            yield lost(left.popleft())


def _alive(who: Crew) -> Executor:
    """Give a process of its own that is known to work: one that cannot even start is no fault of a file, and raises."""
    pool = who.start(1)
    pool.submit(os.getpid).result()
    return pool


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
