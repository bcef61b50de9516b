"""What tests share: the policy, the filed returns, and evaluating many made-up departments in one run."""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import in_memory

# Where hypothesis is there, pandera imports it and it its plugins, of which one starts a program. None of it comes with
# the program itself, and runs that tests start are to be as that is.
os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"

from pipeline import workers
from pipeline.reading import read
from schemas import policy as policies
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from schemas.policy import Policy


@pytest.fixture(scope="session")
def one_worker() -> Iterator[workers.LocalProcesses]:
    """Give a pool of one process that stays alive for all tests: importing pandas takes most of a small run."""
    with workers.LocalProcesses(1, workers.MODULES) as pool:
        yield pool


@pytest.fixture(autouse=True)
def warm_worker(
    request: pytest.FixtureRequest, one_worker: workers.LocalProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let runs of this process that need one worker use the one that is alive; tests in own_processes start theirs."""
    if "own_processes" in request.keywords:
        return
    opened = workers.open_pool

    def open_pool(jobs: int | None, returns: int, scheduler: str = "") -> AbstractContextManager[workers.WorkerPool]:
        alone = not scheduler and workers.count_workers(jobs, returns) == 1
        return nullcontext(one_worker) if alone else opened(jobs, returns, scheduler)

    monkeypatch.setattr(workers, "open_pool", open_pool)


@pytest.fixture(scope="session")
def policy() -> Policy:
    """Give the policy of the seed's year."""
    return policies.load(2021)


@pytest.fixture(scope="session")
def seed() -> dict[str, Any]:
    """Give the real return as filed."""
    return filed.load()


@pytest.fixture(scope="session")
def clean() -> dict[str, Any]:
    """Give the made-up return without a fault."""
    return filed.load(filed.RETURNS / "clean.toml")


def evaluated(returns: dict[str, dict[str, Any]], policy: Policy) -> in_memory.CountyResult:
    """Write the workbook of each return, read it, and evaluate all of them at once; keys are file names."""
    return evaluated_files({name: filed.workbook(each) for name, each in returns.items()}, policy)


def evaluated_files(books: dict[str, bytes], policy: Policy) -> in_memory.CountyResult:
    """Read workbooks and evaluate all of them at once; keys are file names."""
    readings = [read.read(f"{name}.xlsx", content, policy.year) for name, content in books.items()]
    return in_memory.evaluate_in_memory(readings, [], policy)
