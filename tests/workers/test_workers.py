"""Worker processes: what ends a process, takes too long or too much memory costs only the item that did it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import weakref
from functools import partial
from multiprocessing import active_children
from pathlib import Path
from typing import TYPE_CHECKING, Never

import pytest

from pipeline.workers.hand_out import AHEAD, Handout, hand_out, map_isolated
from pipeline.workers.local_processes import LocalProcesses
from pipeline.workers.open_pool import READING, WRITING, count_workers, open_processes
from pipeline.workers.pool import FEW, WorkerPool
from schemas.errors import NoProcessError
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from multiprocessing.process import BaseProcess

    from pebble import ProcessPool


def started() -> set[BaseProcess]:
    """Give the processes that tests of this module have started and that are alive; another may run for all tests."""
    return set(active_children()) - _others


_others: set[BaseProcess] = set()


@pytest.fixture(autouse=True)
def _note_others() -> None:
    _others.update(active_children())


def double(item: int) -> int:
    """Double a number; 13 aborts the process, as a library may, and 17 never ends."""
    if item == 13:
        os.abort()
    if item == 17:
        time.sleep(60)
    return item * 2


def gone(item: int) -> int:
    """Return what stands for an item that has ended its process."""
    return -item


@pytest.mark.parametrize("count", [1, 2])
def test_an_item_that_aborts_costs_only_itself(count: int) -> None:
    """Of 60 items one aborts its process: it is lost, the others have their results, in order."""
    items = [item for item in range(60) if item != 17]
    assert len(items) > 2 * AHEAD * count
    expected = [-13 if item == 13 else item * 2 for item in items]
    with LocalProcesses(count) as pool:
        assert list(map_isolated(double, items, gone, pool)) == expected


class Heavy:
    """What takes memory, as the tables of a department do."""


def length(item: Heavy) -> int:
    """Do work on it."""
    return len(vars(item))


@pytest.mark.parametrize("open_pool", [WorkerPool, partial(LocalProcesses, 1)])
def test_what_is_handed_out_is_not_kept(open_pool: Callable[[], WorkerPool]) -> None:
    """Of items that wait for a worker, or for their results to be taken, nothing stays in memory but their bytes."""
    with open_pool() as pool:
        handout = Handout(length, lambda _: -1, pool)
        items = [Heavy() for _ in range(3)]
        left = [weakref.ref(item) for item in items]
        while items:
            handout.put(items.pop())
        assert not any(each() for each in left)
        assert list(handout.results()) == [0, 0, 0]


class InGroups(LocalProcesses):
    """Processes that are given items as the workers of a cluster are: several with each task."""

    items_per_task = 4


@pytest.mark.parametrize("give", [map_isolated, hand_out])
def test_items_of_one_task_are_lost_apart(give: Callable[..., Iterator[int]]) -> None:
    """Of ten items that go out by four, one aborts its process: those beside it in its task have their results."""
    items = [1, 2, 13, 4, 5, 6, 7, 8, 9, 10]
    with InGroups(1) as one:
        assert list(give(double, items, gone, one)) == [2, 4, -13, 8, 10, 12, 14, 16, 18, 20]
        assert list(give(double, [], gone, one)) == []


@pytest.mark.slow
def test_items_that_abort_together_cost_only_themselves() -> None:
    """Of items that abort processes side by side each is lost, and none between them."""
    with LocalProcesses(2) as two:
        assert list(map_isolated(double, [1, 13, 13, 2, 13, 3], gone, two)) == [2, -13, -13, 4, -13, 6]


def test_an_item_that_never_ends_costs_only_itself() -> None:
    """An item that takes longer than it may is lost; those before and after it are not."""
    with LocalProcesses(1) as one:
        assert list(map_isolated(double, [16, 17, 18], gone, one, seconds=1)) == [32, -17, 36]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals to be ignored")
def test_an_item_that_no_signal_ends_costs_only_itself() -> None:
    """An item whose process heeds no signal is lost too, and the process with it."""
    began = time.monotonic()
    with LocalProcesses(1) as one:
        assert list(map_isolated(deaf, [16, 17, 18], gone, one, seconds=1)) == [32, -17, 36]
    assert time.monotonic() - began < 30
    assert not started()


def deaf(item: int) -> int:
    """Double a number, and ignore the signals that end a process or a wait."""
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return double(item)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited as Linux does")
def test_memory_is_limited() -> None:
    """A task has a GiB beyond the libraries; what it asks for beyond is refused, and its process goes on."""
    with LocalProcesses(1, ["statistics"]) as one:
        assert list(map_isolated(allocated, [2**20, 2**31, 2**21], gone, one)) == [2**20, 0, 2**21]


def allocated(size: int) -> int:
    """Allocate so many bytes; give 0 where that is refused."""
    try:
        return len(bytearray(size))
    except MemoryError:
        return 0


def test_an_error_of_the_work_is_raised() -> None:
    """What the work itself raises is no lost item: it is raised where the results are taken."""
    with LocalProcesses(1) as one, pytest.raises(ValueError, match="7"):
        list(map_isolated(failing, [7], gone, one))


def failing(item: int) -> Never:
    """Raise an error that names the item."""
    raise ValueError(item)


def test_a_process_that_cannot_start_is_an_error() -> None:
    """Where no process can start, that is raised: no item is lost for it."""
    with LocalProcesses(1, ["there_is_no_such_module"]) as one, pytest.raises(NoProcessError, match="启动不了工作进程"):
        list(map_isolated(double, [1, 2], gone, one))
    assert not started()


def test_nothing_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No items, no results, and no process."""
    monkeypatch.setattr(LocalProcesses, "start", _nobody)
    assert list(map_isolated(double, [], gone, LocalProcesses(1))) == []


def _nobody(pool: LocalProcesses) -> ProcessPool:
    raise AssertionError(f"{pool.count} processes were started")


def test_few_returns_need_no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks of few returns are written in this process; many get as many processes as there are processors."""
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(LocalProcesses, "start", _nobody)
    with LocalProcesses(4).pool_for(3) as pool:
        assert list(hand_out(double, [1, 2], gone, pool)) == [2, 4]
    assert count_workers(None, 1000) == 4
    assert count_workers(2, 3) == 2


@pytest.mark.own_processes
def test_one_process_imports_only_what_reads() -> None:
    """One process imports only what reads, since this one writes for it; each of two imports both."""
    for count, writes in ((1, False), (2, True)):
        with open_processes(count, 60) as pool:
            assert pool.submit(_imported, READING).result()
            assert pool.submit(_imported, WRITING).result() is writes


def test_processes_started_ahead_do_the_work() -> None:
    """Processes that were started ahead are the ones that read and write, with the modules they were to import."""
    with LocalProcesses(2, ["colorsys"]) as two:
        two.start()
        alive = {process.pid for process in started()}
        assert len(alive) == 2
        tasks = [pool.submit(os.getpid) for pool in (two, two.pool_for(FEW + 1)) for _ in range(20)]
        assert {each.result() for each in tasks} <= alive
        assert two.submit(_imported, "colorsys").result()
    assert not started()


def _imported(module: str) -> bool:
    return module in sys.modules


def test_what_has_not_begun_is_dropped_after_a_failure() -> None:
    """Where a run fails, nothing begins any more that was handed out."""

    def broken() -> None:
        with LocalProcesses(1) as one:
            tasks.extend(one.submit(time.sleep, 0.2) for _ in range(50))
            raise OSError("disk full")

    tasks: list[Future[None]] = []
    began = time.monotonic()
    with pytest.raises(OSError, match="disk full"):
        broken()
    assert sum(each.done() for each in tasks) < 10
    assert time.monotonic() - began < 5
    assert not started()


STOPPED = """
from pipeline import __main__, cli
class Command:
    @staticmethod
    def command(_):
        exec("raise KeyboardInterrupt")
__main__._parse = lambda _: Command
__main__.command()
"""


def test_ctrl_c_during_an_import_ends_with_its_status(tmp_path: Path) -> None:
    """Ctrl-C ends the program with status 130 also where it comes while Python runs code made of a text.

    That happens when dataclasses and named tuples are declared, as most modules do. Python remembers such an interrupt
    though it was handled, and at its own end would be killed by it.
    """
    (tmp_path / "stopped.py").write_text(STOPPED, encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path), str(filed.ROOT)])
    command = [sys.executable, "-m", "stopped"]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (130, "已中断。\n")


THREADS = """
import os
from pipeline import __main__
def main():
    import numpy
    print(len(os.listdir("/proc/self/task")))
    return 0
__main__.main = main
__main__.command()
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the threads of a process are counted in /proc")
@pytest.mark.skipif((os.cpu_count() or 1) == 1, reason="one processor has one thread anyway")
@pytest.mark.parametrize(("asked", "threads"), [("", 1), ("2", 2)])
def test_no_thread_waits_for_linear_algebra(asked: str, threads: int, tmp_path: Path) -> None:
    """A command has one thread once numpy is there, or as many as the person at the machine asks of its library."""
    (tmp_path / "threads.py").write_text(THREADS, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    environment |= {"OPENBLAS_NUM_THREADS": asked} if asked else {}
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(filed.ROOT)])
    done = subprocess.run([sys.executable, "-m", "threads"], env=environment, capture_output=True, check=True)
    assert int(done.stdout) == threads
