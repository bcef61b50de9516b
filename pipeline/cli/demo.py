"""``jixiao demo``: make up a county and evaluate it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.options import add_output, add_year, show_progress
from pipeline.cli.parser import Parser, parse_int
from pipeline.output.safe_text import legible
from schemas.errors import MistakeError

if TYPE_CHECKING:
    import argparse


def make_parser() -> Parser:
    """Make the parser of the command."""
    made = Parser(
        "demo",
        "生成一个虚构的县并评价，供试用",
        detail="有错误的、迟报的、未报的、读不出的都有一些，另有部门名册和上年结果。",
        examples=("demo", "demo -o 试用 --count 20"),
    )
    add_output(made, "demo", "文件夹", "写到这里")
    made.add_argument("--count", type=parse_int, default=100, metavar="部门数", help="部门的个数，默认100，不小于10")
    add_year(made)
    made.add_argument("--seed", type=parse_int, default=2021, metavar="种子", help="同一种子生成同一个县，默认2021")
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    from pipeline import demo
    from pipeline.cli.summary_text import summarise_run
    from pipeline.demo.county import LEAST
    from schemas import policy as policies

    if options.count < LEAST:
        raise MistakeError(f"部门数应不小于{LEAST}。")
    with show_progress() as shown:
        run = demo.run_demo(
            options.output, policies.load(options.year or policies.years()[-1]).year, options.seed, options.count, shown
        )
    print(f"虚构的报表：{legible(options.output / demo.INBOX)}，上年结果：{legible(options.output / demo.PRIOR)}")
    print(summarise_run(run))
    return 0
