"""Run a command and measure seconds and memory, those of all processes that it started included."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
STOPPING = 30
"""Seconds that a command which goes on may take to end."""
_EVERY = 0.05
"""Seconds between two looks at the memory."""


class RunCost(NamedTuple):
    """What a command cost: wall and CPU seconds, peak megabytes of itself and of its largest child, and its output."""

    wall: float
    cpu: float
    parent: float
    worker: float
    output: str


def python(*arguments: str | Path, status: int = 0) -> RunCost:
    """Run our Python with arguments, in the project's folder; another status is raised, with all that it said.

    CPU seconds are those of the whole tree: a process counts once its parent has waited for it.
    """
    with _as_installed() as environment:
        before = cpu_of_children()
        began = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env=environment,
        ) as process:
            with _MemoryWatch(process.pid) as watch:
                told, _ = process.communicate()
            wall = time.perf_counter() - began
        cpu = cpu_of_children() - before
    if process.returncode != status:
        raise RuntimeError(f"{' '.join(map(str, arguments))} ended with {process.returncode}:\n{told}")
    held = watch.held
    parent = held.pop(process.pid, 0.0)
    return RunCost(wall, cpu, parent, max(held.values(), default=0.0), told)


def program(*arguments: str | Path, status: int = 0) -> RunCost:
    """Run the command ``jixiao``, which ends with a status."""
    return python("-m", "pipeline", *arguments, status=status)


def cpu_of_children() -> float:
    """Give the CPU seconds of all processes that this one has waited for, those that they started included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def serving(*arguments: str | Path) -> Iterator[Iterator[str]]:
    """Run a command of ``jixiao`` that goes on; give its lines, and end it."""
    with (
        _as_installed() as environment,
        subprocess.Popen(
            [sys.executable, "-m", "pipeline", *map(str, arguments)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - it is piped
        try:
            yield iter(process.stdout)
        finally:
            process.terminate()  # an interrupt does not reach what a shell has put into the background
            try:
                process.wait(STOPPING)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@contextmanager
def _as_installed() -> Iterator[dict[str, str]]:
    """Give an environment like that of the bureau, which has no tools for tests, and keeps what Python has compiled.

    pandera brings Hypothesis in where it finds it, and pytest with that: a quarter of a second in every run.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "hypothesis.py").write_text("raise ImportError", encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        yield kept | {"PYTHONPATH": folder}


class _MemoryWatch:
    """Looks at the peak memory of a process and all below it until it is left; ``held`` is in megabytes, by process.

    The system keeps the peak itself (VmHWM), and the last look at a process counts: in the moment between its birth and
    the start of its own program, a child shows the memory of its parent.
    """

    def __init__(self, process: int) -> None:
        self.held: dict[int, float] = {}
        self._process = process
        self._over = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_EVERY):
            for process in _tree(self._process):
                peak = _peak(process)
                if peak:
                    self.held[process] = peak


def _tree(process: int) -> Iterator[int]:
    """Give a process and all that it and its children started; those that end meanwhile are left out."""
    yield process
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            with suppress(OSError):
                for child in (task / "children").read_text(encoding="ascii").split():
                    yield from _tree(int(child))


def _peak(process: int) -> float:
    """Give the most memory that a process held so far, in megabytes; 0 when it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0
