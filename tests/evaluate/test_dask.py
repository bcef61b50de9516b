"""The same work on Dask: a real scheduler and its workers on this machine, and one of them killed in mid-run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from pipeline import demo, workers
from pipeline.__main__ import main
from pipeline.evaluate import evaluate
from pipeline.workers import map_isolated, open_pool
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemas.policy import Policy

distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")
pytestmark = pytest.mark.slow

COUNT = 60


@contextmanager
def cluster(folder: Path, nanny: str = "--no-nanny") -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a scheduler and two workers on the loopback, each a process of its own; give address and workers.

    With a nanny a worker that has ended is started again; an item that has ended one is not tried a second time.
    """
    environment = os.environ | {
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0" if nanny == "--nanny" else "3",
        "PYTHONPATH": str(filed.ROOT),
    }
    told = folder / "scheduler.json"
    here = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(told)]
    alone = ["--nthreads", "1", "--death-timeout", "60", "--local-directory", str(folder), nanny]
    scheduler = _started("dask_scheduler", [*here, "--port", "0", "--no-show"], environment)
    processes = [_started("dask_worker", [*here, *alone], environment) for _ in range(2)]
    started = [scheduler, *processes]
    try:
        while not told.exists():
            time.sleep(0.1)
        with distributed.Client(scheduler_file=str(told), timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
            yield client.scheduler.address, processes
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()


def _started(what: str, arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.{what}", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)


@pytest.fixture
def inbox(tmp_path: Path, policy: Policy) -> Path:
    """Give an inbox of some sixty returns and the odd things among them."""
    demo.write_demo(tmp_path / "county", policy.year, 7, COUNT)
    return tmp_path / "county" / demo.INBOX


def contents(folder: Path) -> dict[str, bytes]:
    """Give every result by its name, run.json apart, which tells the time."""
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name != "run.json"}


def test_all_ways_to_work_give_the_same_bytes(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    """In one process, in two, and on Dask, also when a worker is killed in mid-run, the results are the same bytes."""
    one = contents(evaluate(inbox, tmp_path / "one", policy).folder)
    with open_pool(2, COUNT) as two:
        assert contents(evaluate(inbox, tmp_path / "two", policy, two).folder) == one
    with cluster(tmp_path) as (address, processes):
        with open_pool(None, COUNT, address) as pool:
            dask = evaluate(inbox, tmp_path / "dask", policy, pool)
        assert contents(dask.folder) == one
        steps = iter(range(10_000))

        def progress(stage: str, _: int) -> Any:
            def step() -> None:
                if stage == "评价" and next(steps) == 0:
                    processes[0].send_signal(signal.SIGKILL)

            return step

        with open_pool(None, COUNT, address) as pool:
            killed = evaluate(inbox, tmp_path / "killed", policy, pool, progress)
        assert contents(killed.folder) == one
        assert processes[0].wait() == -signal.SIGKILL


def _doubled(item: int) -> int:
    """Double a number; 13 ends its process, as a library may."""
    if item == 13:
        os._exit(1)
    return 2 * item


def _gone(item: int) -> int:
    return -item


def test_an_item_that_ends_its_worker_costs_only_itself(tmp_path: Path) -> None:
    """On Dask too an item that ends the worker that takes it is lost, and all others have their results."""
    with cluster(tmp_path, "--nanny") as (address, _), open_pool(None, 20, address) as pool:
        assert pool.count == 2
        expected = [-13 if item == 13 else 2 * item for item in range(20)]
        assert list(map_isolated(_doubled, range(20), _gone, pool)) == expected


def test_a_scheduler_that_is_not_there_is_told(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a scheduler at the address nothing is evaluated, and the address is named."""
    monkeypatch.setattr(workers, "DASK_TIMEOUT", 1)
    arguments = ["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--scheduler", "tcp://127.0.0.1:9"]
    assert main(arguments) == 2
    assert "tcp://127.0.0.1:9" in capsys.readouterr().err
