"""``jixiao demo``: a county that does not exist, evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.commands.shared import chosen_policy, progress, with_output, with_year
from schemas.mistake import MistakeError

if TYPE_CHECKING:
    import argparse

    from pipeline.commands.shared import Commands


def add(commands: Commands) -> None:
    """Add the command to the others."""
    parser = commands.add_parser("demo", help="生成一个虚构的县并评价，供试用")
    with_output(parser, "demo", "文件夹", "写到这里")
    parser.add_argument("--count", type=int, default=100, metavar="部门数", help="部门的个数，默认100，不小于10")
    with_year(parser)
    parser.add_argument("--seed", type=int, default=2021, metavar="种子", help="同一种子生成同一个县，默认2021")
    parser.set_defaults(command=_run)


def _run(options: argparse.Namespace) -> int:
    from pipeline import demo
    from pipeline.commands.closing import closing

    if options.count < demo.LEAST:
        raise MistakeError(f"部门数应不小于{demo.LEAST}。")
    with progress() as shown:
        run = demo.run(options.output, chosen_policy(options).year, options.seed, options.count, shown)
    print(f"虚构的报表：{options.output / demo.INBOX}，上年结果：{options.output / demo.PRIOR}")
    print(closing(run))
    return 0
