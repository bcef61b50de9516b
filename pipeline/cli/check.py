"""``jixiao check``: check a form before it is sent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.options import add_policy, add_year, load_answers, load_chosen_policy
from pipeline.cli.parser import WRONG_USAGE, Parser
from pipeline.output.safe_text import legible
from schemas.enums import EXPECTED, STATED
from schemas.errors import MistakeError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from rich.console import Console

    from pipeline.desk.check_processes import CheckProcesses
    from pipeline.desk.precheck_report import CriterionScore, PrecheckReport, Problem
    from schemas.forms.answered import Answers
    from schemas.policy import Policy

FAULTY = 1
"""Exit status: a form has an error, or is not a form."""
COLOURS = {"error": "bold red", "warning": "yellow", "info": "cyan"}
LONGEST = 200
"""The most characters of a message that are shown; it may quote a long text in full."""

_UNIT = re.compile(r"[（“《【≥≤→]*\s?(?:[!-~]+|.)[，。、；：？！）”》】]*")
"""What is not broken over two lines: a number or word with its punctuation."""

_INSIDE = " " * 5


def make_parser() -> Parser:
    """Make the parser of the command."""
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
            shown = legible(path)
            what = f"{shown} 是文件夹，不是文件。" if path.is_dir() else f"没有找到文件：{shown}"
            raise MistakeError(f"{what}\n请写明报表的文件名，例如 jixiao check 某某局.xlsx")
    from pipeline.desk.check_processes import CheckProcesses

    with CheckProcesses(1) as processes:
        processes.start()  # it imports pandas while the policy is read
        chosen, answers = load_chosen_policy(options), load_answers(options)
        from rich.console import Console

        console = Console(highlight=False, markup=False, emoji=False)
        fit: list[bool] = []
        for path in options.files:
            report = _check(path, chosen, answers, processes)
            if fit:
                console.print()
            _print_report(console, report)
            fit.append(report.fit)
    if len(fit) > 1:
        console.print()
        _print(console, f"共检查 {len(fit)} 个文件，{sum(fit)} 个没有错误，{len(fit) - sum(fit)} 个需要改正。")
    return 0 if all(fit) else FAULTY


def _check(path: Path, policy: Policy, answers: Answers, processes: CheckProcesses) -> PrecheckReport:
    """Check a file; one that cannot be opened has a report that says so."""
    from pipeline.desk.check_processes import Upload, check_isolated
    from pipeline.desk.precheck_report import PrecheckReport
    from pipeline.guard import Refused, content

    name = path.as_posix()
    try:
        sent = content(path)
    except Refused as refusal:
        return PrecheckReport(name, policy.year, str(refusal))
    return check_isolated(Upload(name, sent, answers), policy, processes)


def _print_report(console: Console, report: PrecheckReport) -> None:
    """Print the report on one file; its name stays on one line, so that it can be found and copied whole."""
    from rich.text import Text

    console.print(Text(legible(report.source_file), "bold"), soft_wrap=True)
    if report.reason:
        _print(console, f"不能作为{report.year}年度的报表读取：{report.reason}。", COLOURS["error"])
        return
    _print(console, f"{report.department}　{report.year}年度")
    console.print()
    _print_score(console, report)
    number = 0
    for title, style, problems in _groups(report):
        console.print()
        _print(console, title, style)
        for problem in problems:
            number += 1
            _print_problem(console, number, problem)
    console.print()
    _print(console, _conclusion(report), "bold green" if report.fit else COLOURS["error"])


def _print(console: Console, text: str, style: str = "", lead: str = "") -> None:
    """Print a text without interpreting it, its lines indented below the end of its lead."""
    from rich.cells import cell_len
    from rich.text import Text

    for line in wrap_text(text, console.width - cell_len(lead)):
        console.print(Text(lead).append(line, style), soft_wrap=True)
        lead = " " * cell_len(lead)


def wrap_text(text: str, width: int) -> Iterator[str]:
    """Break a text into lines of so many terminal cells: anywhere except inside numbers and before punctuation.

    Control characters in what a department wrote do not reach the terminal.
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


def _print_score(console: Console, report: PrecheckReport) -> None:
    from rich.cells import cell_len, set_cell_size

    total = report.scores[-1]
    more = f"（暂定），另有 {total.unjudged:.2f} 分待定，全部得到则为{report.possible}" if report.provisional else ""
    _print(console, f"目前得分 {total.points:.2f} 分，{report.grade}{more}。", "bold")
    width = max(cell_len(score.label) for score in report.scores)
    for score in report.scores:
        claimed = "未填" if score.self_points is None else f"{score.self_points:g}"
        text = f"{score.points:6.2f} / {score.weight:<3g}  自评 {claimed}{_open(score)}"
        _print(console, text, "", f"  {set_cell_size(score.label, width)} ")


def _open(score: CriterionScore) -> str:
    """Say how many points of a criterion are unreported or unjudged."""
    named = (("未填报", score.unreported), ("待定", score.unjudged))
    return "".join(f"，{word} {weight:.2f} 分" for word, weight in named if weight)


def _groups(report: PrecheckReport) -> Iterator[tuple[str, str, list[Problem]]]:
    """Group problems by severity, each group with its heading and style; those of rules on trial come last."""
    for severity, count in report.counts.items():
        own = [each for each in report.problems if each.severity == severity and not each.standing]
        if own:
            yield f"{severity.label} {count} 处", COLOURS[severity], own
    trial = [each for each in report.problems if each.standing]
    if trial:
        yield f"试行 {report.trial} 处（新规则，供参考，不计数）", "dim", trial


def _print_problem(console: Console, number: int, problem: Problem) -> None:
    from pipeline.desk.precheck_report import WHOLE_FILE

    place = " ".join(filter(None, (problem.sheet or WHOLE_FILE, problem.cells)))
    _print(console, f"{place}{'　' if problem.label else ''}{problem.label}", "bold", f"{number:3}. ")
    held = [f"{word}：{text}" for word, text in ((STATED, problem.stated), (EXPECTED, problem.expected)) if text]
    if held:
        _print(console, "　".join(held), "", _INSIDE)
    _print(
        console, problem.message if len(problem.message) <= LONGEST else f"{problem.message[:LONGEST]}……", "", _INSIDE
    )
    _print(console, problem.remedy, "", f"{_INSIDE}→ ")


def _conclusion(report: PrecheckReport) -> str:
    errors, warnings, _ = report.counts.values()
    if errors:
        return f"有 {errors} 处错误，请改正后再报送。"
    return f"没有错误，可以报送；请先核对 {warnings} 处提醒。" if warnings else "没有错误，可以报送。"
