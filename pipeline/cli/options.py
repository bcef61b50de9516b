"""What commands share: their options, the policy they ask for, and how they show progress."""

from __future__ import annotations

import errno
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.parser import parse_int
from schemas.lists.roster import FILE as ROSTER

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from pipeline.cli.parser import Parser
    from pipeline.evaluate import Progress
    from schemas.policy import Policy


def add_inbox(parser: Parser) -> None:
    """Let a command be told where the returns are."""
    parser.add_argument(
        "inbox", nargs="?", type=Path, default=Path("inbox"), metavar="收件夹", help="各部门报表所在，默认 inbox"
    )


def add_output(parser: Parser, where: str, metavar: str, told: str) -> None:
    """Let a command be told where to write, or where the results are."""
    parser.add_argument("-o", "--output", type=Path, default=Path(where), metavar=metavar, help=f"{told}，默认 {where}")


def add_year(parser: Parser) -> None:
    """Let a command be told the fiscal year."""
    parser.add_argument("--year", type=parse_int, metavar="年度", help="评价年度，默认为最新的政策年度")


def add_roster(parser: Parser, told: str = f"部门名册，默认为收件夹中的 {ROSTER}") -> None:
    """Let a command be told who must report."""
    parser.add_argument("--roster", type=Path, metavar="名册", help=told)


def add_prior(parser: Parser, told: str) -> None:
    """Let a command be told where last year's results are."""
    parser.add_argument("--prior", type=Path, metavar="上年结果", help=f"上年度的结果，例如 output/2020，{told}")


def choose_year(options: argparse.Namespace) -> int:
    """Give the year asked for, the newest one with a policy where none is."""
    from schemas import policy

    return options.year or policy.years()[-1]


def load_chosen_policy(options: argparse.Namespace) -> Policy:
    """Give the policy of the year asked for."""
    from schemas import policy

    return policy.load(choose_year(options))


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Show progress bars to a person at a terminal; be silent in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _stage, _steps: lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(TextColumn):
        """How many are done in a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.0f} 个/秒" if task.speed else "")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(""),
        TextColumn("剩余"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:

        def start(stage: str, steps: int) -> Callable[[], None]:
            task = shown.add_task(stage, total=steps)
            return lambda: shown.advance(task)

        yield start


def describe_os_error(error: OSError) -> str:
    """Say that a file could not be read or written, and what to do."""
    name = error.filename2 or error.filename
    what = f"不能读写 {name}" if name else "写不了文件"
    if isinstance(error, PermissionError):
        return f"{what}。\n请关闭正在打开它的程序（WPS、Excel）后再运行。"
    why, remedy = _WHY.get(error.errno or 0, (error.strerror or str(error), "请检查磁盘和网络连接后再运行。"))
    return f"{what}（{why}）。\n{remedy}"


_FULL = "请腾出空间，或把结果写到别的磁盘后再运行。"
_WHY = {
    errno.ENOSPC: ("磁盘已满", _FULL),
    getattr(errno, "EDQUOT", -1): ("超过了磁盘配额", _FULL),
    errno.EFBIG: ("文件超过了系统允许的大小", _FULL),
    errno.EROFS: ("磁盘是只读的", "请把结果写到可以写入的文件夹。"),
    errno.EIO: ("磁盘或网络读写出错", "请检查磁盘和网络连接后再运行。"),
    errno.ENOTDIR: ("它所在的不是文件夹", "请换一个结果夹后再运行。"),
    errno.EEXIST: ("这个名称已被一个文件占用", "请移走这个文件，或换一个结果夹后再运行。"),
}
"""Why the system could not, in Chinese, and what to do."""
