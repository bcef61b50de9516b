"""``jixiao schemas``: what is valid: every table with its columns, types and checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.parser import Parser, suggest

if TYPE_CHECKING:
    import argparse


def make_parser() -> Parser:
    """Make the parser of the command."""
    made = Parser(
        "schemas",
        "列出各表的栏目、类型和校验，供其他系统对接",
        examples=("schemas", "schemas annex_1_1/2021", "schemas summary --json"),
    )
    made.add_argument("name", metavar="表", nargs="?", help="只列这张表，例如 summary；不写则列出全部")
    made.add_argument("--json", action="store_true", help="按 pandera 的 JSON 格式输出")
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    from pipeline.desk.table_schemas import all_schemas, as_json, lines
    from schemas.errors import MistakeError

    every = all_schemas()
    if options.name and options.name not in every:
        raise MistakeError(
            f"没有“{options.name}”这张表{suggest(options.name, every) or '；有的是：' + '、'.join(every)}"
        )
    chosen = {options.name: every[options.name]} if options.name else every
    print(as_json(chosen) if options.json else lines(chosen))
    return 0
