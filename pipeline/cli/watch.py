"""``jixiao watch``: evaluates again whenever returns arrive or change, and says what that changed."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.evaluation_options import add_evaluation_options, check_options, run_evaluation
from pipeline.cli.options import describe_os_error, settle_year
from pipeline.cli.parser import Parser
from schemas.errors import MistakeError

if TYPE_CHECKING:
    from pipeline.desk.department_status import DepartmentStatus

ROUND = 1000
"""Milliseconds after which the watch looks up, if only at whether it was stopped or something failed a while ago."""
BETWEEN = 2000
"""Milliseconds between two looks at a folder that must be polled."""
RETRY = 30.0
"""Seconds after which an evaluation that failed is tried again: the file that was open may be closed."""


def parser() -> Parser:
    """Give the parser of the command."""
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
    try:
        _watch(options)
    except KeyboardInterrupt:
        print("已停止值守，结果以最后一次评价为准。")
    return 0


def _watch(options: argparse.Namespace) -> None:
    """Evaluate what has come, for ever.

    The first round comes when nothing happened for a while: the watch is at work by then, and what arrives during
    the first evaluation is not missed. Events only wake; what the inbox holds decides.
    """
    import watchfiles

    from pipeline.intake.arrivals import is_read, wait_until_settled

    print(f"正在值守 {options.inbox}，有报表送到或改动就重新评价。按 Ctrl-C 结束。", flush=True)
    rounds = watchfiles.watch(
        options.inbox,
        watch_filter=lambda _, path: is_read(Path(path)),
        force_polling=options.poll or None,
        poll_delay_ms=BETWEEN,
        rust_timeout=ROUND,
        yield_on_timeout=True,
    )
    seen, told, again_at = None, "", 0.0
    for changes in rounds:
        if not changes and time.monotonic() < again_at:
            continue
        now = wait_until_settled(options.inbox, options.output, time.sleep)
        if now != seen:
            failure = _evaluate(options)
            if failure and (changes or failure != told):
                print(f"{failure}\n继续值守，稍后再试。", file=sys.stderr, flush=True)
            told, seen = failure, None if failure else now
        again_at = time.monotonic() + RETRY if seen is None else float("inf")


def _evaluate(options: argparse.Namespace) -> str:
    """Evaluate and print what that changed; give why it could not be done, "" where it was."""
    from pipeline.cli.status import count_statuses
    from pipeline.desk import department_status
    from pipeline.desk.what_changed import describe_changes
    from pipeline.intake.inbox import NothingToEvaluateError

    options = argparse.Namespace(**vars(options))
    settle_year(options)  # what has come may be of another year
    folder = options.output / str(check_options(options).year)
    before = _offices(folder)
    try:
        run_evaluation(options)
    except (MistakeError, NothingToEvaluateError) as error:
        return str(error)
    except OSError as error:
        return describe_os_error(error)
    after = department_status.read_statuses(folder)
    print(f"{time.strftime('%H:%M')} 已评价{options.year}年度：{count_statuses(after)}")
    for line in describe_changes(before, after) if before else ():
        print(f"  {line}")
    sys.stdout.flush()
    return ""


def _offices(folder: Path) -> list[DepartmentStatus]:
    """Give how the departments stand, none where there are no results yet."""
    from pipeline.desk import department_status
    from pipeline.output.read_back import NoResultsError

    try:
        return department_status.read_statuses(folder)
    except NoResultsError:
        return []
