"""``jixiao check``: whether a form is right, asked by the colleague who is about to send it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.options import add_policy, add_year, load_chosen_policy
from pipeline.cli.parser import WRONG_USAGE, Parser
from schemas.enums import EXPECTED, STATED
from schemas.errors import MistakeError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from rich.console import Console

    from pipeline.desk.precheck import CriterionScore, PrecheckReport, Problem

FAULTY = 1
"""Exit status: a form has an error, or is none."""
COLOURS = {"error": "bold red", "warning": "yellow", "info": "cyan"}
LONGEST = 200
"""Characters of a message that are shown: a text that was filed may be quoted in it, whole."""

_UNIT = re.compile(r"[（“《【≥≤→]*\s?(?:[!-~]+|.)[，。、；：？！）”》】]*")
"""What a line does not break: a number or word with the marks that belong to it."""

_INSIDE = " " * 5


def parser() -> Parser:
    """Give the parser of the command."""
    made = Parser(
        "check",
        "报送前检查报表：哪一格有问题，目前得几分",
        examples=("check 某某局.xlsx", "check 收件夹/*.xlsx"),
        ends={0: "没有错误", FAULTY: "有错误，或不能读取", WRONG_USAGE: "没有这个文件"},
    )
    made.add_argument("files", type=Path, nargs="+", metavar="报表", help="填好的 .xlsx 文件，可以写几个")
    add_year(made, "files")
    add_policy(made)
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    for path in options.files:
        if not path.is_file():
            what = f"{path} 是文件夹，不是文件。" if path.is_dir() else f"没有找到文件：{path}"
            raise MistakeError(f"{what}\n请写明报表的文件名，例如 jixiao check 某某局.xlsx")
    chosen = load_chosen_policy(options)
    from rich.console import Console

    from pipeline.desk.precheck import check_submission
    from pipeline.intake.receive import read_one

    console = Console(highlight=False, markup=False, emoji=False)
    fit: list[bool] = []
    for path in options.files:
        told = check_submission(read_one(path, chosen.year), chosen)
        if fit:
            console.print()
        _show(console, told)
        fit.append(told.fit)
    if len(fit) > 1:
        console.print()
        _print(console, f"共检查 {len(fit)} 个文件，{sum(fit)} 个没有错误，{len(fit) - sum(fit)} 个需要改正。")
    return 0 if all(fit) else FAULTY


def _show(console: Console, told: PrecheckReport) -> None:
    """Print what is told of one file."""
    _print(console, told.source_file, "bold")
    if told.reason:
        _print(console, f"不能作为{told.year}年度的报表读取：{told.reason}。", COLOURS["error"])
        return
    _print(console, f"{told.department}　{told.year}年度")
    console.print()
    _score(console, told)
    number = 0
    for title, style, faults in _groups(told):
        console.print()
        _print(console, title, style)
        for fault in faults:
            number += 1
            _fault(console, number, fault)
    console.print()
    _print(console, _conclusion(told), "bold green" if told.fit else COLOURS["error"])


def _print(console: Console, text: str, style: str = "", lead: str = "") -> None:
    """Print a text as text, on lines that begin below the end of its lead."""
    from rich.cells import cell_len
    from rich.text import Text

    for line in wrap_text(text, console.width - cell_len(lead)):
        console.print(Text(lead).append(line, style), soft_wrap=True)
        lead = " " * cell_len(lead)


def wrap_text(text: str, width: int) -> Iterator[str]:
    """Break a text into lines of so many cells, as Chinese is broken: anywhere but inside numbers and at marks.

    Nothing of what a department wrote steers the terminal.
    """
    from rich.cells import cell_len, chop_cells

    plain = "".join(mark if mark.isprintable() or mark == "　" else " " for mark in text)
    line = ""
    for unit in _UNIT.findall(plain):
        if cell_len((line + unit).rstrip()) <= width:
            line += unit
            continue
        yield line.rstrip()
        *full, line = chop_cells(unit.lstrip(), width) or [""]
        yield from full
    yield line.rstrip()


def _score(console: Console, told: PrecheckReport) -> None:
    from rich.cells import cell_len, set_cell_size

    total = told.parts[-1]
    more = f"（暂定），另有 {total.unjudged:.2f} 分待定，全部得到则为{told.possible}" if told.provisional else ""
    _print(console, f"目前得分 {total.points:.2f} 分，{told.grade}{more}。", "bold")
    width = max(cell_len(part.label) for part in told.parts)
    for part in told.parts:
        claimed = "未填" if part.self_points is None else f"{part.self_points:g}"
        text = f"{part.points:6.2f} / {part.weight:<3g}  自评 {claimed}{_open(part)}"
        _print(console, text, "", f"  {set_cell_size(part.label, width)} ")


def _open(part: CriterionScore) -> str:
    """Say how much of a part is unreported or unjudged."""
    named = (("未填报", part.unreported), ("待定", part.unjudged))
    return "".join(f"，{word} {weight:.2f} 分" for word, weight in named if weight)


def _groups(told: PrecheckReport) -> Iterator[tuple[str, str, list[Problem]]]:
    """Give the lines by gravity, with a heading and its style; those of rules on trial come last."""
    for severity, count in told.counts.items():
        own = [each for each in told.faults if each.severity == severity and not each.standing]
        if own:
            yield f"{severity.label} {count} 处", COLOURS[severity], own
    trial = [each for each in told.faults if each.standing]
    if trial:
        yield f"试行 {told.trial} 处（新规则，供参考，不计数）", "dim", trial


def _fault(console: Console, number: int, fault: Problem) -> None:
    from pipeline.desk.precheck import WHOLE_FILE

    place = " ".join(filter(None, (fault.sheet or WHOLE_FILE, fault.cells)))
    _print(console, f"{place}{'　' if fault.label else ''}{fault.label}", "bold", f"{number:3}. ")
    held = [f"{word}：{text}" for word, text in ((STATED, fault.stated), (EXPECTED, fault.expected)) if text]
    if held:
        _print(console, "　".join(held), "", _INSIDE)
    _print(console, fault.message if len(fault.message) <= LONGEST else f"{fault.message[:LONGEST]}……", "", _INSIDE)
    _print(console, fault.remedy, "", f"{_INSIDE}→ ")


def _conclusion(told: PrecheckReport) -> str:
    errors, warnings, _ = told.counts.values()
    if errors:
        return f"有 {errors} 处错误，请改正后再报送。"
    return f"没有错误，可以报送；请先核对 {warnings} 处提醒。" if warnings else "没有错误，可以报送。"
