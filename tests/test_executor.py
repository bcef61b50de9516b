"""Reading apart: what kills a process, or takes too long, costs only the item that did it."""

from __future__ import annotations

import gc
import os
import sys
import time

import pytest

from pipeline.executor import CHUNK, Crew, Here, calmly, each_apart, processes, start_ahead, workers


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
    assert list(each_apart(double, items, gone, Crew(2, processes))) == expected


def test_an_item_that_never_ends_costs_only_itself() -> None:
    """An item that takes longer than it may is lost; those before and after it are not."""
    assert list(each_apart(double, [16, 17, 18], gone, Crew(1, processes), seconds=1)) == [32, -17, 36]


def test_nothing_is_nothing() -> None:
    """No items, no results, and no process."""
    assert list(each_apart(double, [], gone, Crew(1, processes))) == []


def test_few_files_need_no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own work on few returns is done here; many get as many processes as there are processors."""
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert isinstance(Crew(4, processes).executor(3, "json"), Here)
    assert workers(None, 1000) == 4
    assert workers(2, 3) == 2
    with Here() as pool:
        assert list(pool.map(double, [1, 2])) == [2, 4]


def test_processes_started_ahead_are_the_ones_that_work() -> None:
    """Processes that were started ahead are given once to who asks for as many, with the module; others are new."""
    start_ahead(1, "statistics")
    with processes(1) as ahead:
        assert ahead.submit(_brought_in, "statistics").result()
    with processes(1) as new:
        assert not new.submit(_brought_in, "statistics").result()


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
