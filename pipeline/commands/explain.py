"""``jixiao explain``: how one department came to each of its points."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pipeline.commands.shared import NOTHING, chosen_policy, with_output, with_year

if TYPE_CHECKING:
    import argparse

    from pipeline.commands.shared import Commands


def add(commands: Commands) -> None:
    """Add the command to the others."""
    parser = commands.add_parser("explain", help="说明一个部门的每一分怎样得来")
    parser.add_argument("department", metavar="部门", help="部门名称")
    with_output(parser, "output", "结果夹", "评价结果在这里")
    with_year(parser)
    parser.set_defaults(command=_run)


def _run(options: argparse.Namespace) -> int:
    from pipeline.account import AccountError, account

    chosen = chosen_policy(options)
    try:
        print(account(options.output / str(chosen.year), options.department, chosen))
    except AccountError as error:
        print(error, file=sys.stderr)
        return NOTHING
    return 0
