"""What commands share: exit statuses, options, the policy they ask for, and how they show progress."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from typing import TextIO

    from schemas.policy import Policy

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - it has no other name

NOTHING, WRONG_USAGE = 1, 2
"""Exit statuses: nothing could be evaluated, and wrong usage; 0 is a finished run."""


def with_output(parser: argparse.ArgumentParser, where: str, metavar: str, told: str) -> None:
    """Let a command be told where to write, or where the results are."""
    parser.add_argument("-o", "--output", type=Path, default=Path(where), metavar=metavar, help=f"{told}，默认 {where}")


def with_year(parser: argparse.ArgumentParser) -> None:
    """Let a command be told the fiscal year."""
    parser.add_argument("--year", type=int, metavar="年度", help="评价年度，默认为最新的政策年度")


def chosen_policy(options: argparse.Namespace) -> Policy:
    """Give the policy of the year asked for, the newest one where none is."""
    from schemas import policy

    return policy.load(options.year or policy.years()[-1])


def lenient(stream: TextIO) -> None:
    """Let a console show a ? for a letter that its encoding lacks (GBK, say), rather than end the command."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")


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
