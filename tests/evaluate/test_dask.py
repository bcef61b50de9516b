"""The same work on Dask: a real scheduler and its workers on this machine, and one of them killed in mid-run."""

from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.cluster import start_cluster
from pipeline import demo
from pipeline.__main__ import main
from pipeline.evaluate import Run, evaluate
from pipeline.evaluate_counties import evaluate_counties
from pipeline.workers import dask_workers
from pipeline.workers.hand_out import map_isolated
from pipeline.workers.open_pool import open_pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from schemas.policy import Policy

pytest.importorskip("distributed", reason="the extra `dask` is not installed")
pytestmark = pytest.mark.slow

COUNT = 60


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
    with start_cluster(tmp_path, 2) as (address, processes):
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


def test_whole_counties_are_the_same_bytes(tmp_path: Path, policy: Policy) -> None:
    """A county that a worker evaluates has the bytes of a run of its own, also when a worker is killed in mid-run."""
    folders = [tmp_path / "province" / name for name in ("甲县", "乙县", "丙县")]
    for seed, folder in enumerate(folders):
        demo.write_demo(tmp_path / folder.name, policy.year, seed, 12)
        shutil.copytree(tmp_path / folder.name / demo.INBOX, folder)
    alone = {each.name: contents(evaluate(each, tmp_path / "alone" / each.name, policy).folder) for each in folders}
    with start_cluster(tmp_path, 2) as (address, processes):
        told: list[str] = []

        def progress(stage: str, _: int) -> Callable[[], None]:
            told.append(stage)

            def step() -> None:
                if processes[0].poll() is None:
                    processes[0].send_signal(signal.SIGKILL)
                    processes[0].wait()

            return step

        with open_pool(None, COUNT, address) as pool:
            assert pool.shares(tmp_path / "out")
            assert not list((tmp_path / "out").iterdir())
            assert not pool.shares(folders[0] / "部门名册.xlsx")  # which is no folder
            done = evaluate_counties(folders[0].parent, tmp_path / "out", policy, pool, progress)
    assert told == ["评价各县"]
    runs = {name: run for name, run in done.counties.items() if isinstance(run, Run)}
    assert {name: contents(run.folder) for name, run in runs.items()} == alone


def _doubled(item: int) -> int:
    """Double a number; 13 ends its process, as a library may."""
    if item == 13:
        os._exit(1)
    return 2 * item


def _gone(item: int) -> int:
    return -item


def test_an_item_that_ends_its_worker_costs_only_itself(tmp_path: Path) -> None:
    """On Dask too an item that ends the worker that takes it is lost, and all others have their results."""
    with start_cluster(tmp_path, 2, restarted=True) as (address, _), open_pool(None, 20, address) as pool:
        assert pool.count == 2
        expected = [-13 if item == 13 else 2 * item for item in range(20)]
        assert list(map_isolated(_doubled, range(20), _gone, pool)) == expected


def test_a_scheduler_that_is_not_there_is_told(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a scheduler at the address nothing is evaluated, and the address is named."""
    monkeypatch.setattr(dask_workers, "DASK_TIMEOUT", 1)
    arguments = ["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--scheduler", "tcp://127.0.0.1:9"]
    assert main(arguments) == 2
    assert "tcp://127.0.0.1:9" in capsys.readouterr().err
