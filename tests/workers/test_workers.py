"""Reading apart: what kills a process, or takes too long, costs only the item that did it."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from multiprocessing import active_children
from typing import TYPE_CHECKING

import pytest

from pipeline.workers import isolated
from pipeline.workers.garbage import calmly
from pipeline.workers.isolated import each_apart
from pipeline.workers.pool import CHUNK, Here, WorkerPool, workers

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future


def double(item: int) -> int:
    """Double a number; 13 aborts the process, as a library may, and 17 never ends."""
    if item == 13:
        os.abort()
    if item == 17:
        time.sleep(60)
    return item * 2


def gone(item: int) -> int:
    """Say what an item that killed its process comes to."""
    return -item


def test_an_item_that_aborts_costs_only_itself() -> None:
    """Of 60 items in three chunks one aborts its process: it is lost, the others have their results, in order."""
    items = [item for item in range(60) if item != 17]
    assert len(items) > 2 * CHUNK
    expected = [-13 if item == 13 else item * 2 for item in items]
    with WorkerPool(2) as two:
        assert list(each_apart(double, items, gone, two)) == expected


def test_an_item_that_never_ends_costs_only_itself() -> None:
    """An item that takes longer than it may is lost; those before and after it are not."""
    with WorkerPool(1) as one:
        assert list(each_apart(double, [16, 17, 18], gone, one, seconds=1)) == [32, -17, 36]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no alarms to be ignored")
def test_an_item_that_no_alarm_ends_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """An item whose process heeds no alarm is lost after twice its time, and the process with it."""
    monkeypatch.setattr(isolated, "CHUNK", 2)
    began = time.monotonic()
    with WorkerPool(1) as one:
        assert list(each_apart(deaf, [16, 17, 18], gone, one, seconds=1)) == [32, -17, 36]
    assert time.monotonic() - began < 30
    assert not active_children()


def deaf(item: int) -> int:
    """Double a number, and shut an alarm out."""
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    return double(item)


def test_nothing_is_nothing() -> None:
    """No items, no results, and no process."""
    assert list(each_apart(double, [], gone, WorkerPool(1, _nobody))) == []


def _nobody(count: int) -> Executor:
    raise AssertionError(f"{count} processes were started")


def test_few_files_need_no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own work on few returns is done here; many get as many processes as there are processors."""
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert isinstance(WorkerPool(4, _nobody).ours(3), Here)
    assert workers(None, 1000) == 4
    assert workers(2, 3) == 2
    with Here() as pool:
        assert list(pool.map(double, [1, 2])) == [2, 4]


def test_who_is_there_ahead_of_the_work_does_it() -> None:
    """Processes that came to life ahead are the ones that read and write, with what they were to bring in."""
    with WorkerPool(2) as two:
        two.ahead("statistics")
        alive = {process.pid for process in active_children()}
        assert len(alive) == 2
        workers_ = [pool.submit(os.getpid) for pool in (two.pool, two.ours(CHUNK + 1)) for _ in range(20)]
        assert {each.result() for each in workers_} <= alive
    assert not active_children()
    with WorkerPool(1) as one:
        one.ahead("statistics", "colorsys")
        assert one.pool.submit(_brought_in, "colorsys").result()


def test_what_has_not_begun_is_dropped_after_a_failure() -> None:
    """Where a run fails, nothing begins any more that was handed out; what is underway comes to its end."""

    def broken() -> None:
        with WorkerPool(1) as one:
            done.extend(one.pool.submit(time.sleep, 0.2) for _ in range(50))
            raise OSError("disk full")

    done: list[Future[None]] = []
    began = time.monotonic()
    with pytest.raises(OSError, match="disk full"):
        broken()
    assert sum(each.cancelled() for each in done) > 40
    assert time.monotonic() - began < 5


def _brought_in(module: str) -> bool:
    return module in sys.modules


def test_garbage_is_found_again_after_a_run() -> None:
    """While a run lasts nothing that there was is looked through; afterwards it is as before, however the run ends."""
    before = gc.get_threshold(), gc.get_freeze_count()

    def broken_off() -> None:
        with calmly():
            assert gc.get_freeze_count() > before[1]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert (gc.get_threshold(), gc.get_freeze_count()) == before
