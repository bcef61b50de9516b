"""What tests share: the policy, the filed returns, and evaluating many made-up departments in one run."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import in_memory

# hypothesis imports its plugins, of which one starts a program.
os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"

import hypothesis  # noqa: F401 - before it is hidden

from pipeline.desk import check_processes
from pipeline.reading import read
from pipeline.workers import local_processes, open_pool
from pipeline.workers.local_processes import LocalProcesses
from schemas import policy as policies
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from pipeline.workers.pool import WorkerPool
    from schemas.policy import Policy


def pytest_configure(config: pytest.Config) -> None:
    """Hide hypothesis from the processes that tests start: none of it comes with the program.

    pandera imports it where a schema is written as JSON, which costs as much as a third of pandas. This process has
    imported it, and goes on with it.
    """
    if config.getoption("numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ:
        return  # the processes that this one starts are those that run the tests
    hidden = tempfile.TemporaryDirectory()
    config.add_cleanup(hidden.cleanup)
    (Path(hidden.name) / "hypothesis.py").write_text("raise ImportError", encoding="utf-8")
    sys.path.insert(0, hidden.name)
    os.environ["PYTHONPATH"] = hidden.name


class LastingProcess(LocalProcesses):
    """One process that whoever is done with it leaves alive: importing pandas takes most of a small run."""

    modules = (open_pool.READING, open_pool.WRITING, check_processes.MODULE)

    def __init__(self) -> None:
        """Set up the process with all that tests let processes import."""
        super().__init__(1, self.modules)

    def open_separate(self) -> AbstractContextManager[WorkerPool]:
        """Open a pool of one new process, as all pools do."""
        return LOCAL_PROCESSES(1, self._modules)

    def restart(self) -> None:
        """End the process at once; the next task starts a new one."""
        super().shutdown()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:  # noqa: FBT001, FBT002
        """Leave the process to the next test."""


LOCAL_PROCESSES = LocalProcesses


@pytest.fixture(scope="session")
def one_worker() -> Iterator[LastingProcess]:
    """Give a pool of one process that stays alive for all tests."""
    pool = LastingProcess()
    yield pool
    pool.restart()


@pytest.fixture(autouse=True)
def warm_worker(request: pytest.FixtureRequest, one_worker: LastingProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what needs one worker use the one that is alive; tests in own_processes start theirs."""
    if "own_processes" in request.keywords:
        return

    def one_or_more(count: int, modules: Sequence[str] = (), tasks: int = 0) -> LocalProcesses:
        alive = count == 1 and bool(modules) and set(modules) <= set(one_worker.modules)
        return one_worker if alive else LOCAL_PROCESSES(count, modules, tasks)

    monkeypatch.setattr(local_processes, "LocalProcesses", one_or_more)
    monkeypatch.setattr(check_processes, "LocalProcesses", one_or_more)


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
