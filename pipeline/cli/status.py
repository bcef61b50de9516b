"""``jixiao status``: list who has sent, whose return has errors and who is missing; write the call list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.options import add_inbox, add_lists, add_output, add_roster, add_year, choose_year, lists_of
from pipeline.cli.parser import NOTHING, Parser
from pipeline.output.safe_text import legible
from schemas.file_names import ROSTER

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from rich.console import Console

    from pipeline.desk.department_status import DepartmentStatus

_HEADS = {"部门": False, "情况": False, "错误": True, "提醒": True, "得分": True, "说明": False}
"""The columns of the table, and whether they hold figures, which are never folded."""
_WIDEST = 10_000
"""The width of the table in a pipe, in columns: as wide as any line takes."""


def make_parser() -> Parser:
    """Make the parser of the command."""
    made = Parser(
        "status",
        "列出谁报送了、谁有错误、谁没有报送，并写出电话名单",
        detail="读的是上次评价写出的数据，不重新评价；收件夹有变化的会提示。\n"
        "电话名单里填过的联系结果、日期、备注，再次写出时保留。",
        examples=("status", "status 收件夹 -o 结果", "status 收件夹 -o 结果 --calls 电话名单.xlsx"),
        ends={NOTHING: "还没有评价结果"},
    )
    add_inbox(made)
    add_output(made, "output", "结果夹", "评价结果在这里")
    add_year(made, "inbox", "results")
    add_roster(made)
    add_lists(made)
    made.add_argument(
        "--calls", type=Path, metavar="文件", help="电话名单写到这里，默认为结果夹中的 …年度电话名单.xlsx"
    )
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    from rich.console import Console

    from pipeline.desk import call_list, department_status
    from pipeline.intake.arrivals import compare_with_last_run
    from pipeline.lists import roster
    from pipeline.output import files as output_files
    from pipeline.output.read_back import NoResultsError, record

    year = choose_year(options)
    folder = options.output / str(year)
    try:
        offices, ran = department_status.read_statuses(folder), record(folder)
        differs = (
            str(compare_with_last_run(folder, options.inbox, options.output, options.lists))
            if options.inbox.is_dir()
            else ""
        )
    except NoResultsError as error:
        print(error, file=sys.stderr)
        return NOTHING
    members = roster.find(lists_of(options), options.roster)
    # Untrusted names: no markup. A pipe is as wide as any line takes.
    console = Console(markup=False, emoji=False, width=None if sys.stdout.isatty() else _WIDEST)
    print(f"{year}年度：{count_statuses(offices)}")
    print(f"上次评价：{ran.finished[:16].replace('T', ' ')}")
    if not options.inbox.is_dir():
        print(f"没有找到收件夹：{legible(options.inbox)}，不能核对有没有新到的报表。")
    if differs:
        print(f"收件夹在这以后有变化：{differs}。")
        print("请重新评价（make evaluate）。")
    if not members.members:
        print(f"没有填好的部门名册（收件夹里的 {ROSTER}），不知道哪些部门应报未报，也没有电话号码。")
    print_statuses(offices, console)
    path = options.calls or options.output / call_list.file_name(year)
    lines = call_list.keep_ticked(
        call_list.list_calls(offices, members, ran.outputs), call_list.read_earlier_list(path)
    )
    output_files.write_file(path, call_list.write_call_list(lines, year))
    print(f"电话名单（{sum(each.must_be_contacted for each in offices)} 个部门）：{legible(path)}")
    return 0


def count_statuses(offices: Sequence[DepartmentStatus]) -> str:
    """Say on one line how many departments sent, have errors and are missing."""
    from schemas.enums import EVALUATED, Status

    sent = [each for each in offices if each.status in EVALUATED]
    missing = sum(each.status is Status.MISSING for each in offices)
    unread = sum(len(each.unread) for each in offices)
    return (
        f"已报送 {len(sent)} 个部门，其中有错误的 {sum(each.errors > 0 for each in sent)} 个；"
        f"未报送 {missing} 个；没有读取的文件 {unread} 个。"
    )


def print_statuses(offices: Sequence[DepartmentStatus], console: Console) -> None:
    """Print the table: fitted and coloured at a terminal, full width and plain in a pipe."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    frame = box.SIMPLE_HEAD if console.is_terminal else None
    table = Table(box=frame)
    for head, figure in _HEADS.items():
        table.add_column(head, justify="right" if figure else "left", no_wrap=figure, overflow="fold")
    for office in offices:
        evaluated = office.points is not None
        cells = (
            office.department,
            office.situation,
            str(office.errors) if evaluated else "",
            str(office.warnings) if evaluated else "",
            f"{office.points:.2f}" if evaluated else "",
            office.why,
        )
        table.add_row(*map(Text, cells), style=_colour(office))
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as drawn:
        console.print(table)
    print("\n".join(line.rstrip() for line in drawn.get().splitlines()), file=console.file)


def _colour(office: DepartmentStatus) -> str:
    return "" if not office.must_be_contacted else "yellow" if office.points is not None else "red"
