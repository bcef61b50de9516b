"""What commands share: exit statuses, options, the policy they ask for, and how they show progress."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from schemas.policy import Policy

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no other name

NOTHING, WRONG_USAGE, BUSY, UNWRITTEN, INTERRUPTED, TERMINATED = 1, 2, 3, 4, 130, 143
"""Exit statuses beside 0, a finished run: nothing could be evaluated; wrong usage; another run is at work; the results
could not be written; interrupted (Ctrl-C); terminated by the system. After all of these the old results are there."""


def with_output(parser: argparse.ArgumentParser, where: str, metavar: str, told: str) -> None:
    """Let a command be told where to write, or where the results are."""
    parser.add_argument("-o", "--output", type=Path, default=Path(where), metavar=metavar, help=f"{told}，默认 {where}")


def with_year(parser: argparse.ArgumentParser) -> None:
    """Let a command be told the fiscal year."""
    parser.add_argument("--year", type=int, metavar="年度", help="评价年度，默认为最新的政策年度")


def chosen_year(options: argparse.Namespace) -> int:
    """Give the year asked for, the newest one with a policy where none is."""
    from schemas import policy

    return options.year or policy.years()[-1]


def chosen_policy(options: argparse.Namespace) -> Policy:
    """Give the policy of the year asked for."""
    from schemas import policy

    return policy.load(chosen_year(options))


@contextmanager
def progress() -> Iterator[Callable[[str, int], Callable[[], None]]]:
    """Show progress bars to a person at a terminal; be silent in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _stage, _steps: lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:

        def start(stage: str, steps: int) -> Callable[[], None]:
            task = shown.add_task(stage, total=steps)
            return lambda: shown.advance(task)

        yield start
