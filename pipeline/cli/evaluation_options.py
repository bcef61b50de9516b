"""Run an evaluation as the command line asks: options, lists beside the returns, and worker processes."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.cli.options import (
    add_inbox,
    add_output,
    add_policy,
    add_prior,
    add_roster,
    add_year,
    lists_of,
    load_chosen_policy,
    show_progress,
)
from pipeline.cli.parser import parse_int
from pipeline.intake.inbox import NothingToEvaluateError, list_inbox
from pipeline.output.safe_text import legible
from schemas.errors import MistakeError
from schemas.file_names import REVIEWS

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pipeline.cli.parser import Parser
    from pipeline.evaluate import Run
    from pipeline.inputs import Inputs
    from pipeline.workers.pool import WorkerPool


def add_evaluation_options(parser: Parser) -> None:
    """Add all options of an evaluation, those that `run_evaluation` reads."""
    add_inbox(parser)
    add_output(parser, "output", "结果夹", "结果写到这里")
    add_year(parser, "inbox")
    add_policy(parser)
    add_roster(parser)
    add_prior(parser, "用来核对上年数")
    parser.add_argument("--parquet", action="store_true", help="数据另存一份 Parquet 格式，供分析软件使用")
    parser.add_argument("--scheduler", default="", metavar="地址", help="用 Dask 集群，例如 tcp://10.0.0.5:8786")
    parser.add_argument("--jobs", type=parse_int, metavar="进程数", help="同时使用的进程数，默认自动")


def check_options(options: argparse.Namespace) -> None:
    """Check the options, but for what the files hold that they name; raise `MistakeError` where one cannot be used."""
    if not options.inbox.is_dir():
        raise MistakeError(
            f"没有找到收件夹：{legible(options.inbox)}\n请新建这个文件夹，放入各部门报送的 .xlsx 文件后再运行。"
        )
    lists_of(options)
    if options.jobs is not None and options.jobs < 1:
        raise MistakeError("进程数应不小于1。")
    if options.parquet:
        from pipeline.output import parquet

        if not parquet.available():
            raise MistakeError("写 Parquet 需要另装一个组件：.venv/bin/python -m pip install duckdb")


def run_evaluation(options: argparse.Namespace, pool: WorkerPool | None = None, new: int | None = None) -> Run:
    """Evaluate the inbox that the options name, with the workers of a pool or those of its own.

    Args:
        options: the command's.
        pool: its workers, where there are any.
        new: how many returns the last run did not read as they are, where that is known; where it is not, all are taken
            to be new. The number of processes goes by it.

    Raises:
        MistakeError: something given cannot be used.
        NothingToEvaluateError: there is no return that can be evaluated.
        BusyError: another run writes the results.
        OSError: the results cannot be written; those of the last run are as they were.
    """
    check_options(options)
    returns = count_returns(options, options.inbox)
    if not returns:
        load_chosen_policy(options)  # a policy that cannot be used is told first, as where there are returns
        remedy = "请放入各部门报送的 .xlsx 文件后再运行。"
        raise NothingToEvaluateError(f"收件夹里没有报表：{legible(options.inbox)}\n{remedy}")
    with nullcontext(pool) if pool else pool_for(options, returns if new is None else new) as workers:
        chosen = load_chosen_policy(options)  # as late as here: the processes start meanwhile
        from pipeline.evaluate import evaluate

        given = read_inputs(lists_of(options), options.roster, options.prior, chosen.year)
        given = replace(given, lists=options.lists)
        with show_progress() as shown:
            return evaluate(options.inbox, options.output, chosen, workers, shown, given, parquet=options.parquet)


def pool_for(options: argparse.Namespace, returns: int) -> AbstractContextManager[WorkerPool]:
    """Open the pool that works on so many returns: its processes import what they need while this one does."""
    from pipeline.workers.open_pool import open_pool

    return open_pool(options.jobs, returns, options.scheduler)


def count_returns(options: argparse.Namespace, inbox: Path) -> int:
    """Count the returns of an inbox."""
    return sum(not each.passed_over for each in list_inbox(inbox, options.output))


def read_inputs(lists: Path, members: Path | None, before: Path | None, year: int) -> Inputs:
    """Read what is given beside the returns: the bureau's lists in a folder, and last year's results."""
    from pipeline.inputs import Inputs
    from pipeline.lists import local_words, prior_year, reviews, roster, waivers

    return Inputs(
        roster.find(lists, members),
        waivers.find(lists),
        reviews.find(lists),
        reviews.find_states(lists),
        prior_year.load(before, year) if before else prior_year.nothing(),
        reviews.LIST.content(lists / REVIEWS),
        reviews.find_answers(lists),
        local_words.find(lists),
    )
