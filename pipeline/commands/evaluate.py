"""``jixiao evaluate``: every return of a folder → scored workbooks, the county's, and data."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.commands.evaluation import checked, crew_for, evaluated, given_in, returns_in, with_evaluation
from pipeline.commands.parser import NOTHING, UNWRITTEN, Parser
from pipeline.commands.shared import chosen_year, progress, unreachable
from pipeline.inbox import PRIOR_FILES
from schemas.mistake import MistakeError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from pipeline.run import Given


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
        with crew_for(options, sum(returns_in(options, each) for each in folders)) as who, progress() as shown:
            from pipeline import counties
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
    print(f"各县汇总　{options.output / str(chosen.year) / counties.BOOK}")
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
