"""Explain on one page how a department's points were worked out, from the data of a run; nothing is evaluated again."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pipeline.desk.way_of_points import after_rows, before_rows, of_row, quoted, show_points
from pipeline.output.read_back import own_name, table
from schemas.enums import TOTAL, Severity, Standing, Status
from schemas.lists.reviews import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.output.read_back import Row
    from schemas.policy import Policy

TABLES = ("summary", "scores", "indicators", "facts", "findings", "submissions", "reviews")


def explain_department(folder: Path, department: str, policy: Policy) -> str:
    """Explain how a department's points were worked out.

    Args:
        folder: the year's folder of the results, ``output/2021``.
        department: its name; spaces and quotation marks do not matter.
        policy: the policy by which it was evaluated.

    Raises:
        NoResultsError: there are no results.
        AccountError: there is no such department; the message suggests similar names.
    """
    tables = {name: table(folder, name) for name in TABLES}
    own = own_name([row["department"] for row in tables["summary"]], department)
    mine = {name: [row for row in rows if row["department"] == own] for name, rows in tables.items()}
    return "\n".join(_page(mine, policy))


def _page(mine: dict[str, list[Row]], policy: Policy) -> Iterator[str]:
    (summary,) = mine["summary"]
    yield f"{summary['department']}　{policy.year}年度部门整体支出绩效评价"
    if not mine["scores"]:
        why = next((row["reason"] for row in mine["submissions"]), "")
        yield f"{Status(summary['status']).label}：{why}"
        return
    sent = next(row for row in mine["submissions"] if row["status"].startswith("accepted"))
    yield f"来源文件：{sent['source_file']}（{Status(sent['status']).label}）"
    yield _verdict(summary)
    rows = defaultdict(list)
    for row in mine["indicators"]:
        rows[row["criterion"]].append(row)
    facts = {row["field"]: row for row in mine["facts"]}
    for score in mine["scores"]:
        yield ""
        yield from _criterion(score, rows[score["criterion"]], facts, policy)
    yield ""
    yield from _findings(mine["findings"])
    yield from _reviews(mine["reviews"])


def _verdict(summary: Row) -> str:
    grade = summary["grade"] + ("（暂定）" if summary["provisional"] == "True" else "")
    own = show_points(summary["self_points"])
    claimed = f"自评 {own} 分，{summary['self_grade']}" if summary["self_points"] else "没有自评"
    told = f"核算 {show_points(summary['points'])} 分，{grade}；{claimed}"
    if summary["reviewed_points"]:
        told += f"；复核后 {show_points(summary['reviewed_points'])} 分，{summary['reviewed_grade']}"
    return f"{told}；排名第 {summary['rank']}"


def _criterion(score: Row, rows: list[Row], facts: dict[str, Row], policy: Policy) -> Iterator[str]:
    total = score["criterion"] == TOTAL
    label = "合计" if total else policy.label(score["criterion"])
    beside = [f"自评 {show_points(score['self_points'])}"]
    beside += [
        f"{words} {show_points(score[name])}"
        for name, words in (("unreported_weight", "未填报分值"), ("unjudged_weight", "待定分值"))
        if float(score[name])
    ]
    beside += [f"复核后 {show_points(score['reviewed_points'])}"] if score["reviewed_points"] else []
    yield f"【{label}】{show_points(score['points'])} / {show_points(score['weight'])}（{'，'.join(beside)}）"
    yield from (f"  {line}" for line in before_rows(score, facts))
    for row in rows:
        yield f"  {row['row']}. {row['level3']}（{row['sheet']} {row['cell']}）"
        yield f"     目标{quoted(row['target'])}，实际{quoted(row['actual'])}"
        yield from (f"     {line}" for line in of_row(row, policy))
    yield from (f"  {line}" for line in after_rows(score, rows))


def _findings(findings: list[Row]) -> Iterator[str]:
    yield f"审核发现 {len(findings)} 处：" if findings else "审核没有发现问题。"
    for row in findings:
        standing = Standing(row["standing"]).label
        mark = Severity(row["severity"]).label + (f"，{standing}" if standing else "")
        place = f"{row['sheet']} {row['cell']}".strip()
        yield f"  [{mark}] {place}：{row['message']}{row['remedy']}{row['waiver']}"


def _reviews(reviews: list[Row]) -> Iterator[str]:
    counts = {effect: sum(row["effect"] == effect for row in reviews) for effect in Effect}
    told = "，".join(f"{effect.label} {count} 项" for effect, count in counts.items() if count)
    if told:
        yield f"复核：{told}。"
