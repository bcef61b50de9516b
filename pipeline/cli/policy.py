"""``jixiao policy``: the policy of a year in words, or whether its file is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.options import add_year, load_chosen_policy
from pipeline.cli.parser import Parser

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """Give the parser of the command."""
    made = Parser(
        "policy",
        "列出一个年度的分值、等级、容差、提醒线及其依据",
        examples=("policy", "policy --year 2021 --check"),
    )
    add_year(made)
    made.add_argument("--check", action="store_true", help="只检查政策文件有没有错误")
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    from pipeline.workbooks.county.policy_text import policy_terms

    chosen = load_chosen_policy(options)
    lines = policy_terms(chosen)
    if options.check:
        print(f"政策文件 {chosen.year}.toml 没有错误。")
        return 0
    for what, holds, source in lines:
        print(f"{what}：{holds}（{source}）")
    return 0
