"""``jixiao watch``: evaluate again whenever returns arrive or change, and say what changed."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.evaluation_options import add_evaluation_options, check_options, count_returns, run_evaluation
from pipeline.cli.options import choose_year, describe_os_error, load_chosen_policy, settle_year
from pipeline.cli.parser import Parser
from pipeline.output.safe_text import legible, visible
from schemas.errors import MistakeError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pipeline.desk.department_status import DepartmentStatus
    from pipeline.intake.arrivals import Snapshot
    from pipeline.workers.local_processes import LocalProcesses

ROUND = 1000
"""Milliseconds after which the watch wakes without an event, to see whether it was stopped or must try again."""
BETWEEN = 2000
"""Milliseconds between two checks of a folder that must be polled."""
TASKS = 1000
"""Files that a process reads or writes before another takes its place."""
RETRY = 30.0
"""Seconds after which a failed evaluation is tried again: the file that was open may have been closed."""


def make_parser() -> Parser:
    """Make the parser of the command."""
    made = Parser(
        "watch",
        "守着收件夹，有报表送到或改动就重新评价，并说明变化",
        detail="开始时先评价一次。文件复制完整以后才读取。按 Ctrl-C 结束。",
        examples=("watch", "watch 收件夹 -o 结果", "watch 收件夹 -o 结果 --poll"),
        ends={0: "按 Ctrl-C 结束"},
    )
    add_evaluation_options(made)
    made.add_argument("--poll", action="store_true", help="逐个查看文件；收件夹在网络共享上时使用")
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    check_options(options)
    load_chosen_policy(options)  # its mistakes are told now, not when a return has come
    try:
        _watch(options)
    except KeyboardInterrupt:
        print("已停止值守，结果以最后一次评价为准。")
    return 0


def _watch(options: argparse.Namespace) -> None:
    """Evaluate again and again, until interrupted.

    The first evaluation begins when the watch is already at work, so that nothing that arrives meanwhile is missed. A
    folder that goes away, or is replaced by another of that name, is watched anew when it is back.
    """
    print(f"正在值守 {legible(options.inbox)}，有报表送到或改动就重新评价。按 Ctrl-C 结束。", flush=True)
    with _readers(options) as pool:
        _go_on(options, _Watch(options, pool))


def _go_on(options: argparse.Namespace, state: _Watch) -> None:
    """Look at the inbox whenever something happens in it."""
    import watchfiles

    from pipeline.intake.arrivals import is_read

    while True:
        folder = _wait_for(options.inbox)
        for changes in watchfiles.watch(
            options.inbox,
            watch_filter=lambda _, path: is_read(Path(path)),
            force_polling=options.poll or None,
            poll_delay_ms=BETWEEN,
            rust_timeout=ROUND,
            yield_on_timeout=True,
        ):
            if _identity(options.inbox) != folder:
                break
            state.look(changes)
        state.again_at = 0.0


@contextmanager
def _readers(options: argparse.Namespace) -> Iterator[LocalProcesses | None]:
    """Keep the processes that read and write from one evaluation to the next; a Dask cluster keeps its own."""
    from pipeline.workers.open_pool import open_processes

    if options.scheduler:
        yield None
        return
    with open_processes(options.jobs, count_returns(options, options.inbox), TASKS) as pool:
        pool.start()
        yield pool


def _identity(folder: Path) -> tuple[int, int] | None:
    """Give what tells a folder from another of the same name; None where there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _wait_for(folder: Path) -> tuple[int, int]:
    """Wait until a folder is there, and say once that it is not."""
    told = False
    while (found := _identity(folder)) is None:
        if not told:
            print(f"收件夹 {legible(folder)} 暂时打不开，等它恢复后继续值守。", file=sys.stderr, flush=True)
            told = True
        time.sleep(ROUND / 1000)
    return found


class _Watch:
    """What a watch remembers from one round to the next.

    Attributes:
        again_at: when to look at the inbox though nothing has happened, by the monotonic clock.
    """

    def __init__(self, options: argparse.Namespace, pool: LocalProcesses | None) -> None:
        """Begin with nothing seen."""
        self._options = options
        self._pool = pool
        self._seen: Snapshot | None = None
        self._lists: object = None
        self._told = ""
        self.again_at = 0.0

    def look(self, changes: Collection[object]) -> None:
        """Evaluate if the inbox is other than it was seen last; events only wake, what the inbox holds decides."""
        from pipeline.intake.arrivals import take_snapshot_of_lists, wait_until_settled

        lists = take_snapshot_of_lists(self._options.lists)
        if not changes and lists == self._lists and time.monotonic() < self.again_at:
            return
        now, failure = None, ""
        try:
            now = wait_until_settled(self._options.inbox, self._options.output, time.sleep, self._seen or {})
        except OSError as error:
            failure = describe_os_error(error)
        if failure or now != self._seen or lists != self._lists:
            failure = failure or _evaluate(self._options, self._pool)
            if failure and (changes or failure != self._told):
                print(f"{failure}\n继续值守，稍后再试。", file=sys.stderr, flush=True)
            self._told, self._lists, self._seen = failure, lists, None if failure else now
        self.again_at = time.monotonic() + RETRY if self._seen is None else float("inf")


def _evaluate(options: argparse.Namespace, pool: LocalProcesses | None) -> str:
    """Evaluate and print what changed; give the reason in Chinese where it could not be done, else ""."""
    from pipeline.cli.status import count_statuses
    from pipeline.desk import department_status
    from pipeline.desk.what_changed import describe_changes
    from pipeline.intake.inbox import NothingToEvaluateError
    from pipeline.output.lock import BusyError

    options = argparse.Namespace(**vars(options))
    try:
        settle_year(options)  # what has come may be of another year
        folder = options.output / str(choose_year(options))
        before = _read_statuses(folder)
        run_evaluation(options, pool)
    except (MistakeError, NothingToEvaluateError, BusyError) as error:
        return str(error)
    except OSError as error:
        return describe_os_error(error)
    after = department_status.read_statuses(folder)
    print(f"{time.strftime('%H:%M')} 已评价{options.year}年度：{count_statuses(after)}")
    for line in describe_changes(before, after) if before else ():
        print(f"  {visible(line)}")
    sys.stdout.flush()
    return ""


def _read_statuses(folder: Path) -> list[DepartmentStatus]:
    """Read the status of the departments; empty where there are no results yet."""
    from pipeline.desk import department_status
    from pipeline.output.read_back import NoResultsError

    try:
        return department_status.read_statuses(folder)
    except NoResultsError:
        return []
