"""``jixiao evaluate``: evaluate all returns of a folder; write scored workbooks, the county workbook and data."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.cli.evaluation_options import (
    add_evaluation_options,
    check_options,
    count_returns,
    pool_for,
    read_inputs,
    run_evaluation,
)
from pipeline.cli.options import (
    announce,
    choose_year,
    describe_os_error,
    load_chosen_policy,
    settle_year,
    show_progress,
)
from pipeline.cli.parser import BUSY, NOTHING, UNWRITTEN, WRONG_USAGE, Parser
from pipeline.intake.inbox import NothingToEvaluateError, bureau_lists, list_counties
from pipeline.output.files import OpenedError, prior_files
from pipeline.output.lock import BusyError
from pipeline.output.safe_text import legible, visible
from schemas.errors import MistakeError
from schemas.file_names import COUNTIES_WORKBOOK

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from pipeline.evaluate import Run
    from pipeline.inputs import Inputs
    from pipeline.unchanged import Fingerprint


def make_parser() -> Parser:
    """Make the parser of the command."""
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
    add_evaluation_options(made)
    made.add_argument("--counties", action="store_true", help="每个子文件夹是一个县，分别评价，另写各县汇总")
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    said = settle_year(options)
    if said:
        announce(said)
    try:
        if options.counties:
            return _counties(options)
        told = _county(options)
    except NothingToEvaluateError as error:
        print(error, file=sys.stderr)
        return NOTHING
    except OSError as error:
        print(f"{describe_os_error(error)}\n这次的结果没有写成，上次的结果没有改动。", file=sys.stderr)
        return UNWRITTEN
    print(told)  # the results are in place by now, even if this cannot be printed
    return 0


def _counties(options: argparse.Namespace) -> int:
    """Evaluate a folder of counties and say one line about each; give the exit status of what went worst."""
    from pipeline.lists import policy_file

    check_options(options)
    chosen = load_chosen_policy(options)
    if options.roster:
        raise MistakeError("评价多个县时，名册放在各县的文件夹里，不用 --roster。")

    def before(folder: Path) -> Path | None:
        found = options.prior / folder.name / str(chosen.year - 1) if options.prior else None
        return found if found and found.is_dir() else None

    def lists(folder: Path) -> Path:
        return options.lists / folder.name if options.lists else folder

    def given(folder: Path) -> Inputs:
        found = read_inputs(lists(folder), None, before(folder), chosen.year)
        return replace(found, lists=options.lists and lists(folder))

    folders = list_counties(options.inbox, options.output).folders.values()
    own = [str(path) for path in map(policy_file.in_inbox, map(lists, folders)) if path]
    if own:
        told = "各县一起评价时按同一份评分办法，它放在各县文件夹的外面；请移出："
        raise MistakeError(told + "、".join(map(legible, own)))
    if options.prior and not any(map(before, folders)):
        last = chosen.year - 1
        missing = f"{legible(options.prior)} 里没有各县{last}年度的结果"
        raise MistakeError(f"{missing}；请指定上年的结果夹，里面是 县名/{last}。")
    with pool_for(options, sum(count_returns(options, each) for each in folders)) as pool, show_progress() as shown:
        from pipeline.evaluate_counties import evaluate_counties

        done = evaluate_counties(options.inbox, options.output, chosen, pool, shown, given, _describe)
    lines = [line for name, run in done.counties.items() for line in _told(legible(name), run)]
    lines += [f"没有评价：{name} {why}" for name, why in done.left_out]
    evaluated = any(not isinstance(each, Exception) for each in done.counties.values())
    if done.above:
        lines.append(f"各县汇总没有写成，上次的各县汇总没有改动；各县自己的结果如上。{_describe(done.above)}")
    elif evaluated:
        lines.append(f"各县汇总　{legible(options.output / str(chosen.year) / COUNTIES_WORKBOOK)}")
    if evaluated:
        lines.append(f"各县结果　{legible(options.output / '县名' / str(chosen.year))}")
    stopped = [each for each in (*done.counties.values(), done.above) if isinstance(each, Exception)]
    print("\n".join(lines), file=sys.stdout if evaluated else sys.stderr)
    return max(map(_status, stopped), default=0)


def _told(name: str, run: Run | Exception) -> list[str]:
    """Summarise the result of a county on one line; why it has none; and what of people's files there was renamed."""
    if isinstance(run, NothingToEvaluateError):
        return [f"{name}：没有评价。{visible(str(run))}"]
    if isinstance(run, Exception):
        return [f"{name}：这次的结果没有写成，这个县上次的结果没有改动。{visible(_describe(run))}"]
    from pipeline.cli.summary_text import tell_renamed

    summary = run.county_tables.summary
    told = f"评价 {int(summary['points'].notna().sum())} 个部门，平均 {summary['points'].mean():.2f} 分"
    return [f"{name}：{told}，错误 {summary['errors'].sum()} 处", *(f"  {line}" for line in tell_renamed(run))]


def _describe(error: Exception) -> str:
    """Say in Chinese what has stopped a county."""
    told = describe_os_error(error) if isinstance(error, OSError) else str(error)
    return " ".join(line.strip() for line in told.splitlines())


def _status(error: Exception) -> int:
    """Give the exit status for what has stopped a county; one without returns is none."""
    if isinstance(error, NothingToEvaluateError):
        return 0
    if isinstance(error, (OpenedError, OSError)):
        return UNWRITTEN
    return BUSY if isinstance(error, BusyError) else WRONG_USAGE


def _county(options: argparse.Namespace) -> str:
    """Evaluate the returns of a county; give the closing message."""
    from pipeline import unchanged

    check_options(options)
    folder = (options.output / str(choose_year(options))).resolve()
    now = _fingerprint(options)
    told = unchanged.last_message(folder, now)
    if told is not None:
        return f"{told}\n（收件夹、名单和程序都没有变化，结果是上次的。）"
    run = run_evaluation(options, new=unchanged.count_new(folder, now))
    from pipeline.cli.summary_text import summarise_run

    told = summarise_run(run)
    with suppress(OSError):  # what could not be remembered, or looked at again, is only evaluated again
        if _fingerprint(options) == now and not run.unwritten:
            unchanged.remember(folder, now, told)
    return told


def _fingerprint(options: argparse.Namespace) -> Fingerprint:
    from pipeline.unchanged import fingerprint_inputs

    before = prior_files(options.prior, choose_year(options)) if options.prior else []
    lists = bureau_lists(options.lists) if options.lists else []
    others = [*before, *lists, *filter(None, (options.roster, options.policy))]
    return fingerprint_inputs(options.inbox, options.output, (choose_year(options), options.parquet), others)
