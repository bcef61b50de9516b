"""Provide what commands share: common options, loading the policy, progress bars, messages for system errors."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.parser import parse_int
from pipeline.output.safe_text import legible
from schemas.errors import MistakeError
from schemas.file_names import POLICY, ROSTER

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from pipeline.cli.parser import Parser
    from pipeline.evaluate import Progress
    from schemas.forms.answered import Answers
    from schemas.policy import Policy


INBOX = Path("inbox")
"""Where the returns are, where nothing else is said."""


def add_inbox(parser: Parser) -> None:
    """Add the argument for the inbox."""
    parser.add_argument(
        "inbox", nargs="?", type=Path, default=INBOX, metavar="收件夹", help="各部门报表所在，默认 inbox"
    )


def add_output(parser: Parser, where: str, metavar: str, help_text: str) -> None:
    """Add the option for the folder to write to, or with the results."""
    parser.add_argument(
        "-o", "--output", type=Path, default=Path(where), metavar=metavar, help=f"{help_text}，默认 {where}"
    )


_OTHERWISE = {"inbox": "收件夹中多数报表的年度", "files": "报表的年度", "results": "最近有结果的年度"}


def add_year(parser: Parser, *otherwise: str) -> None:
    """Let a command be told the fiscal year.

    Args:
        parser: of the command.
        otherwise: where the year comes from when it is not told, one after the other; last, the newest policy.
    """
    told = _OTHERWISE[otherwise[0]] if otherwise else "最新的评分办法的年度"
    parser.add_argument("--year", type=parse_int, metavar="年度", help=f"评价年度，默认为{told}")
    parser.set_defaults(otherwise=otherwise)


def add_lists(parser: Parser) -> None:
    """Let a command be told where the bureau's lists are, when departments can write into the inbox."""
    parser.add_argument("--lists", type=Path, metavar="文件夹", help="名册、评分办法、填报表对照等名单所在，默认收件夹")


def add_policy(parser: Parser) -> None:
    """Let a command be told by which policy."""
    parser.add_argument("--policy", type=Path, metavar="评分办法", help=f"默认为收件夹中的 {POLICY}，没有时用自带的")
    add_lists(parser)


def add_roster(parser: Parser, help_text: str = f"部门名册，默认为收件夹中的 {ROSTER}") -> None:
    """Add the option for the roster."""
    parser.add_argument("--roster", type=Path, metavar="名册", help=help_text)


def add_prior(parser: Parser, help_text: str) -> None:
    """Add the option for last year's results."""
    parser.add_argument("--prior", type=Path, metavar="上年结果", help=f"上年度的结果，例如 output/2020，{help_text}")


def choose_year(options: argparse.Namespace) -> int:
    """Give the year asked for; where none is, that of what the command looks at, else of the newest policy."""
    return options.year or default_year(options)[0]


def default_year(options: argparse.Namespace) -> tuple[int, str]:
    """Give the year where none is asked for, and what is said of it: how many returns name it, and other years."""
    from pipeline.lists import policy_file
    from pipeline.output.read_back import newest
    from schemas import policy

    for where in options.otherwise:
        year, told = (newest(options.output), "") if where == "results" else _stated(options, where)
        if year is not None:
            return year, told
    own = policy_file.in_inbox(lists_of(options))
    named = getattr(options, "policy", None) or own
    return policy_file.read(named).since if named else policy.years()[-1], ""


def _stated(options: argparse.Namespace, where: str) -> tuple[int | None, str]:
    """Give the year that most returns name, and how it is told."""
    from pipeline.intake.inbox import InboxFile, list_inbox
    from pipeline.intake.stated_years import year_to_evaluate

    if where == "files":
        return year_to_evaluate(InboxFile(path.name, path, "") for path in options.files)[0], ""
    if not options.inbox.is_dir():
        return None, ""
    year, counts = year_to_evaluate(list_inbox(options.inbox, options.output))
    others = "、".join(f"{other}年度{count}份" for other, count in sorted(counts.items()) if other != year)
    told = f"{counts[year]}份报表写明这一年度" + (f"，另有{others}，不参加这次评价" if others else "") if year else ""
    return year, told


def load_chosen_policy(options: argparse.Namespace) -> Policy:
    """Give the policy of the year asked for: the one named, that of the inbox, or the program's own."""
    from pipeline.lists import policy_file

    return policy_file.find(lists_of(options), getattr(options, "policy", None), choose_year(options))


def load_answers(options: argparse.Namespace) -> Answers:
    """Give what the bureau says of words that the program does not know: 填报表对照, and its answers on 表头对照."""
    from pipeline.intake.inbox import bureau_lists

    lists = lists_of(options)
    if not lists.is_dir() or not bureau_lists(lists):
        return ()
    from pipeline.intake.head_answers import for_reading  # what reads lists imports pandas
    from pipeline.lists import local_words, reviews, roster

    return *local_words.find(lists), *for_reading(reviews.find_answers(lists), roster.find(lists, None))


def inbox_of(options: argparse.Namespace) -> Path:
    """Give the inbox, the usual one where the command is told none."""
    found: Path = getattr(options, "inbox", INBOX)
    return found


def lists_of(options: argparse.Namespace) -> Path:
    """Give the folder of the bureau's lists: the inbox, where no other is asked for.

    Raises:
        MistakeError: the one asked for is not there, or lies in the inbox, where departments can write.
    """
    lists: Path | None = getattr(options, "lists", None)
    if lists and not lists.is_dir():
        raise MistakeError(f"没有找到名单所在的文件夹：{legible(lists)}。")
    if lists and inbox_of(options).resolve() in lists.resolve().parents:
        raise MistakeError(f"名单所在的文件夹 {legible(lists)} 在收件夹里面；请放到部门不能写入的地方。")
    return lists or inbox_of(options)


def settle_year(options: argparse.Namespace) -> str:
    """Hold on to the year of this run, so that it is looked for once; give the line that says which and why.

    Nothing is said where the year was asked for, or there is nothing to look at.
    """
    if options.year or not inbox_of(options).is_dir():
        return ""
    options.year, told = default_year(options)
    why = told or "收件夹里没有写明年度的报表"
    return f"评价年度：{options.year}年度（{why}）。要评价其他年度，用 YEAR=年度 或 --year 年度 指定。"


def announce(line: str) -> None:
    """Say something before the work, which goes on whether or not anybody can hear of it."""
    try:
        print(line, flush=True)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # the reader of our output has seen enough
            print(f"提示写不出来（{error.strerror}），评价照常进行。", file=sys.stderr)


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Show progress bars at a terminal, nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _stage, _steps: lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(TextColumn):
        """The column that shows how many are done a second."""

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
    """Say in Chinese that a file could not be read or written, and what to do."""
    name = error.filename2 or error.filename
    what = f"不能读写 {legible(name)}" if name else "写不了文件"
    if isinstance(error, PermissionError):
        return f"{what}。\n请关闭正在打开它的程序（WPS、Excel）后再运行。"
    why, remedy = _WHY.get(error.errno or 0, (error.strerror or str(error), "请检查磁盘和网络连接后再运行。"))
    return f"{what}（{why}）。\n{remedy}"


NO_MEMORY = "内存不够，没有做完；已有的结果没有改动。\n请关闭其他程序后再运行，或加 JOBS=1（--jobs 1）少用进程。"
_FULL = "请腾出空间，或把结果写到别的磁盘后再运行。"
_WHY = {
    errno.ENOSPC: ("磁盘已满", _FULL),
    getattr(errno, "EDQUOT", -1): ("超过了磁盘配额", _FULL),
    errno.EFBIG: ("文件超过了系统允许的大小", _FULL),
    errno.ENAMETOOLONG: ("名称或路径过长", "请缩短文件夹和文件的名称，或把结果写到路径较短的文件夹。"),
    errno.EROFS: ("磁盘是只读的", "请把结果写到可以写入的文件夹。"),
    errno.EIO: ("磁盘或网络读写出错", "请检查磁盘和网络连接后再运行。"),
    errno.ENOTDIR: ("它所在的不是文件夹", "请换一个结果夹后再运行。"),
    errno.EEXIST: ("这个名称已被一个文件占用", "请移走这个文件，或换一个结果夹后再运行。"),
}
"""Error number → the reason and what to do, in Chinese."""
