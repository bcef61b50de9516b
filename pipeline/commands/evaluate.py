"""``jixiao evaluate``: every return of a folder → scored workbooks, the county's, and data."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from pipeline.commands.parser import NOTHING, UNWRITTEN, Parser, whole
from pipeline.commands.shared import (
    chosen_policy,
    chosen_year,
    progress,
    unreachable,
    with_inbox,
    with_output,
    with_prior,
    with_roster,
    with_year,
)
from pipeline.inbox import PRIOR_FILES
from schemas.mistake import MistakeError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.executor import Crew
    from pipeline.run import Given, Run
    from schemas.policy import Policy


def parser() -> Parser:
    """Give the parser of the command."""
    made = Parser(
        "evaluate",
        "评价收件夹中的全部报表",
        detail="每个部门写出一份评分工作簿，全县一份汇总；部门报来的文件不改动。",
        examples=(
            "evaluate",
            "evaluate 收件夹 -o 结果 --year 2021",
            "evaluate 收件夹 -o 结果 --prior 结果/2020",
            "evaluate 全市 -o 结果 --counties",
        ),
        ends={0: "评价完成，不论报表有没有错误", NOTHING: "没有可以评价的报表"},
    )
    with_evaluation(made)
    made.add_argument("--counties", action="store_true", help="每个子文件夹是一个县，分别评价，另写各县汇总")
    made.set_defaults(command=_run)
    return made


def with_evaluation(parser: Parser) -> None:
    """Let a command be told all that an evaluation takes: what `evaluated` looks for."""
    with_inbox(parser)
    with_output(parser, "output", "结果夹", "结果写到这里")
    with_year(parser)
    with_roster(parser)
    with_prior(parser, "用来核对上年数")
    parser.add_argument("--parquet", action="store_true", help="数据另存一份 Parquet 格式，供分析软件使用")
    parser.add_argument("--scheduler", default="", metavar="地址", help="用 Dask 集群，例如 tcp://10.0.0.5:8786")
    parser.add_argument("--jobs", type=whole, metavar="进程数", help="同时使用的进程数，默认自动")


def checked(options: argparse.Namespace) -> Policy:
    """Give the policy asked for; `MistakeError` where an option cannot be used, whatever the inbox holds."""
    if not options.inbox.is_dir():
        raise MistakeError(f"没有找到收件夹：{options.inbox}\n请新建这个文件夹，放入各部门报送的 .xlsx 文件后再运行。")
    if options.jobs is not None and options.jobs < 1:
        raise MistakeError("进程数应不小于1。")
    if options.parquet:
        from pipeline import parquet

        if not parquet.available():
            raise MistakeError("写 Parquet 需要另装一个组件：.venv/bin/python -m pip install duckdb")
    return chosen_policy(options)


def evaluated(options: argparse.Namespace) -> Run:
    """Evaluate what the options name.

    Raises:
        MistakeError: something given cannot be used.
        NothingToEvaluateError: there is no return that can be evaluated.
        BusyError: another run writes the results.
        OSError: the results cannot be written; those of the last run are as they were.
    """
    chosen = checked(options)
    from pipeline.inbox import NothingToEvaluateError

    returns = _returns(options, options.inbox)
    if not returns:
        raise NothingToEvaluateError(f"收件夹里没有报表：{options.inbox}\n请放入各部门报送的 .xlsx 文件后再运行。")
    with _crew(options, returns) as who:
        from pipeline.run import evaluate

        given = given_in(options.inbox, options.roster, options.prior, chosen.year)
        with progress() as shown:
            return evaluate(options.inbox, options.output, chosen, who, shown, given, parquet=options.parquet)


@contextmanager
def _crew(options: argparse.Namespace, returns: int) -> Iterator[Crew]:
    """Give who works on so many returns: they come to life while pandas is brought in, which they know nothing of."""
    from pipeline import received, scored
    from pipeline.executor import crew

    with crew(options.jobs, returns, options.scheduler) as who:
        who.ahead(received.__name__, *([scored.__name__] if who.count > 1 else []))
        yield who


def _returns(options: argparse.Namespace, inbox: Path) -> int:
    """Count the returns of an inbox."""
    from pipeline.inbox import lying

    return sum(not each.passed_over for each in lying(inbox, options.output))


def given_in(inbox: Path, members: Path | None, before: Path | None, year: int) -> Given:
    """Read what is given beside the returns of an inbox: the bureau's lists in it, and last year's results."""
    from pipeline import prior, review, roster, waivers
    from pipeline.run import Given

    return Given(
        roster.find(inbox, members),
        waivers.find(inbox),
        review.find(inbox),
        prior.load(before, year) if before else prior.nothing(),
    )


def _run(options: argparse.Namespace) -> int:
    try:
        return _counties(options) if options.counties else _county(options)
    except OSError as error:
        print(f"{unreachable(error)}\n这次的结果没有写成，上次的结果没有改动。", file=sys.stderr)
        return UNWRITTEN


def _counties(options: argparse.Namespace) -> int:
    """Evaluate a folder of counties and say what became of each."""
    chosen = checked(options)
    if options.roster:
        raise MistakeError("评价多个县时，名册放在各县的文件夹里，不用 --roster。")
    from pipeline.inbox import NothingToEvaluateError, county_folders

    def given(folder: Path) -> Given:
        before = options.prior / folder.name / str(chosen.year - 1) if options.prior else None
        return given_in(folder, None, before if before and before.is_dir() else None, chosen.year)

    try:
        folders = county_folders(options.inbox, options.output).values()
        with _crew(options, sum(_returns(options, each) for each in folders)) as who, progress() as shown:
            from pipeline.province import evaluate_counties

            done = evaluate_counties(options.inbox, options.output, chosen, who, shown, given)
    except NothingToEvaluateError as error:
        print(error, file=sys.stderr)
        return NOTHING
    for name, run in done.items():
        if isinstance(run, str):
            print(f"{name}：没有评价。{run}")
            continue
        summary = run.whole.summary
        told = f"评价 {int(summary['points'].notna().sum())} 个部门，平均 {summary['points'].mean():.2f} 分"
        print(f"{name}：{told}，错误 {summary['errors'].sum()} 处")
    print(f"各县汇总　{options.output / str(chosen.year) / '各县汇总.xlsx'}")
    print(f"各县结果　{options.output / '县名' / str(chosen.year)}")
    return 0


def _county(options: argparse.Namespace) -> int:
    from pipeline import again
    from pipeline.inbox import NothingToEvaluateError

    folder = (options.output / str(checked(options).year)).resolve()
    now = _fingerprint(options)
    told = again.told_before(folder, now)
    if told is not None:
        print(f"{told}\n（收件夹、名单和程序都没有变化，结果是上次的。）")
        return 0
    try:
        run = evaluated(options)
    except NothingToEvaluateError as error:
        print(error, file=sys.stderr)
        return NOTHING
    from pipeline.commands.closing import closing

    told = closing(run)
    with suppress(OSError):  # what could not be remembered, or looked at again, is only evaluated again
        if _fingerprint(options) == now:
            again.remember(folder, now, told)
    print(told)
    return 0


def _fingerprint(options: argparse.Namespace) -> str:
    from pipeline.again import fingerprint

    before = [options.prior / name for name in PRIOR_FILES] if options.prior else []
    others = [*before, *([options.roster] if options.roster else [])]
    return fingerprint(options.inbox, options.output, (chosen_year(options), options.parquet), others)
