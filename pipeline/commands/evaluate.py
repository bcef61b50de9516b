"""``jixiao evaluate``: every return of a folder → scored workbooks, the county's, and data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.shared import NOTHING, chosen_policy, chosen_year, progress, with_output, with_year
from pipeline.inbox import PRIOR_FILES
from schemas.mistake import MistakeError

if TYPE_CHECKING:
    import argparse

    from pipeline.commands.shared import Commands


def add(commands: Commands) -> None:
    """Add the command to the others."""
    parser = commands.add_parser("evaluate", help="评价收件夹中的全部报表")
    parser.add_argument("inbox", type=Path, metavar="收件夹", help="存放各部门报表的文件夹")
    with_output(parser, "output", "结果夹", "结果写到这里")
    with_year(parser)
    parser.add_argument("--roster", type=Path, metavar="名册", help="部门名册，默认为收件夹中的 部门名册.xlsx")
    parser.add_argument(
        "--prior", type=Path, metavar="上年结果", help="上年度的评价结果，例如 output/2020，用来核对上年数"
    )
    parser.add_argument("--parquet", action="store_true", help="数据另存一份 Parquet 格式，供分析软件使用")
    parser.add_argument(
        "--scheduler",
        default="",
        metavar="地址",
        help="用 Dask 集群评价，例如 tcp://10.0.0.5:8786（需另装 jixiao[dask]）",
    )
    parser.add_argument("--jobs", type=int, metavar="进程数", help="同时使用的进程数，默认自动")
    parser.set_defaults(command=_run)


def _run(options: argparse.Namespace) -> int:
    if not options.inbox.is_dir():
        raise MistakeError(f"没有找到收件夹：{options.inbox}\n请新建这个文件夹，放入各部门报送的 .xlsx 文件后再运行。")
    if options.jobs is not None and options.jobs < 1:
        raise MistakeError("进程数应不小于1。")
    from pipeline import again, inbox

    if options.parquet:
        from pipeline import parquet

        if not parquet.available():
            raise MistakeError("写 Parquet 需要另装一个组件：.venv/bin/python -m pip install duckdb")
    if all(each.passed_over for each in inbox.lying(options.inbox, options.output)):
        print(f"收件夹 {options.inbox} 里没有报表。\n请放入各部门报送的 .xlsx 文件后再运行。", file=sys.stderr)
        return NOTHING
    folder = options.output / str(chosen_year(options))
    now = _fingerprint(options)
    told = again.told_before(folder.resolve(), now)
    if told is not None:
        print(f"{told}\n（收件夹、名单和程序都没有变化，结果是上次的。）")
        return 0
    told = _evaluated(options)
    if told is None:
        return NOTHING
    if _fingerprint(options) == now:
        again.remember(folder.resolve(), now, told)
    print(told)
    return 0


def _fingerprint(options: argparse.Namespace) -> str:
    from pipeline.again import fingerprint

    before = [options.prior / name for name in PRIOR_FILES] if options.prior else []
    others = [*before, *([options.roster] if options.roster else [])]
    return fingerprint(options.inbox, options.output, (chosen_year(options), options.parquet), others)


def _evaluated(options: argparse.Namespace) -> str | None:
    """Evaluate, and give what there is to say at the end; None where nothing could be evaluated."""
    from pipeline import prior, review, roster, waivers
    from pipeline.commands.closing import closing
    from pipeline.run import Given, NothingToEvaluateError, evaluate

    chosen = chosen_policy(options)
    given = Given(
        roster.find(options.inbox, options.roster),
        waivers.find(options.inbox),
        review.find(options.inbox),
        prior.load(options.prior, chosen.year) if options.prior else prior.nothing(),
    )
    try:
        with progress() as shown:
            run = evaluate(
                options.inbox, options.output, chosen, options.jobs, shown, given, options.scheduler,
                parquet=options.parquet,
            )  # fmt: skip
    except NothingToEvaluateError as error:
        print(error, file=sys.stderr)
        return None
    return closing(run)
