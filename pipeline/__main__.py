"""The commands: ``jixiao evaluate``, ``demo``, ``explain``, ``policy``, ``templates`` and ``rules``."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas import policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.run import Run

NOTHING, WRONG_USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run a command; give its exit status: 0 finished, 1 nothing could be evaluated, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except policy.PolicyError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jixiao", description="部门整体支出绩效评价")
    commands = parser.add_subparsers(required=True, metavar="命令")
    evaluate = commands.add_parser("evaluate", help="评价收件夹中的全部报表")
    evaluate.add_argument("inbox", type=Path, metavar="收件夹", help="存放各部门报表的文件夹")
    evaluate.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("output"),
        metavar="结果夹",
        help="结果写到这里，默认 output",
    )
    evaluate.add_argument("--year", type=int, metavar="年度", help="评价年度，默认为最新的政策年度")
    evaluate.add_argument("--roster", type=Path, metavar="名册", help="部门名册，默认为收件夹中的 部门名册.xlsx")
    evaluate.add_argument(
        "--prior", type=Path, metavar="上年结果", help="上年度的评价结果，例如 output/2020，用来核对上年数"
    )
    evaluate.add_argument("--parquet", action="store_true", help="数据另存一份 Parquet 格式，供分析软件使用")
    evaluate.add_argument("--jobs", type=int, metavar="进程数", help="同时使用的进程数，默认自动")
    evaluate.set_defaults(command=_evaluate)
    templates = commands.add_parser("templates", help="生成空白填报表")
    templates.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("input_templates"),
        metavar="文件夹",
        help="写到这里，默认 input_templates",
    )
    templates.add_argument("--year", type=int, metavar="年度", help="年度，默认为最新的政策年度")
    templates.add_argument("--roster", type=Path, metavar="名册", help="部门名册；给出时另为每个部门生成一份")
    templates.add_argument("--prior", type=Path, metavar="上年结果", help="上年度的评价结果，用来预填上年数")
    templates.set_defaults(command=_templates)
    demo = commands.add_parser("demo", help="生成一个虚构的县并评价，供试用")
    demo.add_argument("-o", "--output", type=Path, default=Path("demo"), metavar="文件夹", help="写到这里，默认 demo")
    demo.add_argument("--count", type=int, default=100, metavar="部门数", help="部门的个数，默认100，不小于10")
    demo.add_argument("--year", type=int, metavar="年度", help="年度，默认为最新的政策年度")
    demo.add_argument("--seed", type=int, default=2021, metavar="种子", help="同一种子生成同一个县，默认2021")
    demo.set_defaults(command=_demo)
    explain = commands.add_parser("explain", help="说明一个部门的每一分怎样得来")
    explain.add_argument("department", metavar="部门", help="部门名称")
    explain.add_argument("-o", "--output", type=Path, default=Path("output"), metavar="结果夹", help="默认 output")
    explain.add_argument("--year", type=int, metavar="年度", help="评价年度，默认为最新的政策年度")
    explain.set_defaults(command=_explain)
    shown = commands.add_parser("policy", help="列出一个年度的分值、等级、容差、提醒线及其依据")
    shown.add_argument("--year", type=int, metavar="年度", help="年度，默认为最新的政策年度")
    shown.add_argument("--check", action="store_true", help="只检查政策文件有没有错误")
    shown.set_defaults(command=_show_policy)
    rules = commands.add_parser("rules", help="列出全部审核规则")
    rules.set_defaults(command=_rules)
    return parser


def _policy(options: argparse.Namespace) -> policy.Policy:
    return policy.load(options.year or policy.years()[-1])


def _templates(options: argparse.Namespace) -> int:
    from pipeline import export, prior, roster, template, waivers
    from schemas.roster import FILE as ROSTER
    from schemas.waiver import FILE as WAIVERS

    chosen = _policy(options)
    try:
        members = roster.find(options.output, options.roster) if options.roster else roster.Roster()
        before = prior.load(options.prior, chosen.year) if options.prior else prior.nothing()
    except (roster.RosterError, prior.PriorError) as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    blanks = {template.name(chosen): template.workbook(chosen), ROSTER: roster.blank(), WAIVERS: waivers.blank()}
    for name, content in blanks.items():
        export.place(options.output / name, content)
        print(f"已生成：{options.output / name}")
    folder = options.output / template.FOLDER
    own = list(template.for_departments(chosen, members, before))
    for name, content in own:
        export.place(folder / name, content)
    if own:
        print(f"已生成各部门的填报表 {len(own)} 份：{folder}")
    return 0


def _demo(options: argparse.Namespace) -> int:
    from pipeline import demo

    if options.count < demo.LEAST:
        print(f"部门数应不小于{demo.LEAST}。", file=sys.stderr)
        return WRONG_USAGE
    try:
        with _progress() as progress:
            run = demo.run(options.output, _policy(options).year, options.seed, options.count, progress)
    except demo.OccupiedError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    print(f"虚构的报表：{options.output / demo.INBOX}，上年结果：{options.output / demo.PRIOR}")
    print(_closing(run))
    return 0


def _explain(options: argparse.Namespace) -> int:
    from pipeline.account import AccountError, account

    chosen = _policy(options)
    try:
        print(account(options.output / str(chosen.year), options.department, chosen))
    except AccountError as error:
        print(error, file=sys.stderr)
        return NOTHING
    return 0


def _show_policy(options: argparse.Namespace) -> int:
    from pipeline.terms import terms

    chosen = _policy(options)
    lines = terms(chosen)
    if options.check:
        print(f"政策文件 {chosen.year}.toml 没有错误。")
        return 0
    for what, holds, source in lines:
        print(f"{what}：{holds}（{source}）")
    return 0


def _rules(_: argparse.Namespace) -> int:
    from pipeline.register import entries, named, told

    for rule, places in entries():
        print(f"[{rule.severity.label}] {named(rule)} {rule.id}")
        print(f"    {''.join(told(rule, places))}")
        print(f"    {'查：' + '、'.join(places) + '。' if places else ''}依据：{rule.reference}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    if not options.inbox.is_dir():
        print(
            f"没有找到收件夹：{options.inbox}\n请新建这个文件夹，放入各部门报送的 .xlsx 文件后再运行。",
            file=sys.stderr,
        )
        return WRONG_USAGE
    if options.jobs is not None and options.jobs < 1:
        print("进程数应不小于1。", file=sys.stderr)
        return WRONG_USAGE
    chosen = _policy(options)
    from pipeline import intake, parquet, prior, review, roster, waivers
    from pipeline.results import CSV
    from pipeline.run import Given, NothingToEvaluateError, evaluate

    if options.parquet and not parquet.available():
        print("写 Parquet 需要另装一个组件：.venv/bin/python -m pip install duckdb", file=sys.stderr)
        return WRONG_USAGE
    formats = dict(CSV) | ({"parquet": parquet.parquet} if options.parquet else {})

    if not any(not intake.ignored(path) for path in intake.files(options.inbox, options.output)):
        print(f"收件夹 {options.inbox} 里没有报表。\n请放入各部门报送的 .xlsx 文件后再运行。", file=sys.stderr)
        return NOTHING
    try:
        given = Given(
            roster.find(options.inbox, options.roster),
            waivers.find(options.inbox),
            review.find(options.inbox),
            prior.load(options.prior, chosen.year) if options.prior else prior.nothing(),
        )
        with _progress() as progress:
            run = evaluate(options.inbox, options.output, chosen, options.jobs, progress, given, formats)
    except (roster.RosterError, waivers.WaiverError, review.ReviewError, prior.PriorError) as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    except NothingToEvaluateError as error:
        print(error, file=sys.stderr)
        return NOTHING
    print(_closing(run))
    return 0


def _closing(run: Run) -> str:
    """Say what was read, what was refused, and where the results are."""
    from pipeline import tabulate, waivers
    from schemas.returned import FOLDER as RETURNED

    submissions, summary = run.tables.submissions, run.tables.summary
    counts = submissions["status"].value_counts()
    summary = summary[summary["points"].notna()]
    evaluated = len(summary)
    lines = [f"收到 {int(submissions['source_file'].ne('').sum())} 个文件，评价 {evaluated} 个部门。"]
    lines += [_line(row) for row in tabulate.records(summary.head(SHOWN))]
    if evaluated > SHOWN:
        lines.append(f"  ……其余 {evaluated - SHOWN} 个部门见全县汇总。")
    if counts.get("ignored"):
        lines.append(f"略过 {counts['ignored']} 个文件（部门名册、临时文件等，见“报送情况”）。")
    for status, word in (
        ("rejected", "没有读取"),
        ("duplicate", "重复"),
        ("superseded", "已被较新的报表替代"),
    ):
        if counts.get(status):
            lines.append(f"{word}（{counts[status]} 个）：")
            lines += [
                f"  {row.source_file}：{row.reason}"
                for row in submissions[submissions["status"].eq(status)].itertuples()
            ]
    missing = submissions.loc[submissions["status"].eq("missing"), "department"]
    if not run.given.roster.members:
        lines.append("没有部门名册，不知道哪些部门应报未报。")
    if len(missing):
        lines.append(f"应报未报（{len(missing)} 个）：{'、'.join(missing)}")
    if run.given.waivers:
        lines.append(f"豁免：{int(run.tables.summary['waived'].sum())} 处审核发现不计数，见各部门的“审核发现”。")
        named = waivers.named(run.given.waivers, run.given.roster)
        for waiver, why in waivers.idle(named, run.tables.findings, run.year):
            lines.append(f"  没有生效：{waiver.department}，{waiver.rule}（{why}）")
    lines += _reviewed(run)
    lines += [
        "结果：",
        f"  全县汇总　{run.folder / '全县汇总.xlsx'}",
        f"  部门评分　{run.folder / '部门评分'}",
        *([f"  退回修改　{run.folder / RETURNED}"] if run.returned else []),
        f"  复核意见　{run.folder / '复核意见.xlsx'}",
        f"  数据　　　{run.folder / 'data'}",
    ]
    return "\n".join(lines)


def _reviewed(run: Run) -> list[str]:
    """Say what waits for a decision, what was decided, and which lines were not taken."""
    from schemas.review import Effect

    reviews = run.tables.reviews
    counts = {effect: int(reviews["effect"].eq(effect).sum()) for effect in Effect}
    told = [f"{effect.label} {count} 项" for effect, count in counts.items() if count]
    refused = reviews[reviews["effect"].eq(Effect.REFUSED)]
    return [f"复核：{'，'.join(told)}。" if told else "复核：没有需要复核的事项。"] + [
        f"  {row.department} {row.item}：{row.told}" for row in refused.itertuples()
    ]


def _line(row: dict[str, Any]) -> str:
    claimed = "未填" if row["self_points"] is None else f"{row['self_points']:.2f} 分"
    grade = row["grade"] + ("（暂定）" if row["provisional"] else "")
    if row["reviewed_points"] is not None:
        grade += f"，复核后 {row['reviewed_points']:.2f} 分，{row['reviewed_grade']}"
    counts = f"错误 {row['errors']} 处，提醒 {row['warnings']} 处"
    return f"  {row['department']}：{row['points']:.2f} 分，{grade}；自评 {claimed}；{counts}"


SHOWN = 10
"""Departments that the closing message lists; a county's hundred are in the workbook."""


@contextmanager
def _progress() -> Iterator[Callable[[str, int], Callable[[], None]]]:
    """Show progress bars to a person at a terminal; be silent in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _stage, _steps: lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:

        def start(stage: str, steps: int) -> Callable[[], None]:
            task = shown.add_task(stage, total=steps)
            return lambda: shown.advance(task)

        yield start


if __name__ == "__main__":
    sys.exit(main())
