"""``jixiao explain``: how one department came to each of its points."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pipeline.cli.options import add_output, add_year, choose_year
from pipeline.cli.parser import NOTHING, Parser

if TYPE_CHECKING:
    import argparse


def make_parser() -> Parser:
    """Make the parser of the command."""
    made = Parser(
        "explain",
        "说明一个部门的每一分怎样得来",
        detail="读的是上次评价写出的数据，不重新评价。",
        examples=("explain 县科技和工业信息化局", "explain 县水利局 -o 结果 --year 2021"),
        ends={NOTHING: "还没有评价结果，或者没有这个部门（列出名称相近的）"},
    )
    made.add_argument("department", metavar="部门", help="部门全称，空格和引号不计")
    add_output(made, "output", "结果夹", "评价结果在这里")
    add_year(made, "results")
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    from pipeline.desk.explain_department import explain_department
    from pipeline.output.read_back import AccountError, NoResultsError, policy

    folder = options.output / str(choose_year(options))
    try:
        print(explain_department(folder, options.department, policy(folder)))
    except (AccountError, NoResultsError) as error:
        print(error, file=sys.stderr)
        return NOTHING
    return 0
