"""Explain on one page how a department's points were worked out, from the data of a run; nothing is evaluated again."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pipeline.output.read_back import own_name, table
from pipeline.scoring.decided_by import decided_by
from schemas.enums import EXECUTION, TOTAL, Severity, Standing, Status
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


def _points(text: str) -> str:
    return f"{float(text):.2f}" if text else "未填"


def _verdict(summary: Row) -> str:
    grade = summary["grade"] + ("（暂定）" if summary["provisional"] == "True" else "")
    claimed = (
        f"自评 {_points(summary['self_points'])} 分，{summary['self_grade']}" if summary["self_points"] else "没有自评"
    )
    told = f"核算 {_points(summary['points'])} 分，{grade}；{claimed}"
    if summary["reviewed_points"]:
        told += f"；复核后 {_points(summary['reviewed_points'])} 分，{summary['reviewed_grade']}"
    return f"{told}；排名第 {summary['rank']}"


def _criterion(score: Row, rows: list[Row], facts: dict[str, Row], policy: Policy) -> Iterator[str]:
    total = score["criterion"] == TOTAL
    label = "合计" if total else policy.label(score["criterion"])
    beside = [f"自评 {_points(score['self_points'])}"]
    beside += [
        f"{words} {_points(score[name])}"
        for name, words in (("unreported_weight", "未填报分值"), ("unjudged_weight", "待定分值"))
        if float(score[name])
    ]
    beside += [f"复核后 {_points(score['reviewed_points'])}"] if score["reviewed_points"] else []
    yield f"【{label}】{_points(score['points'])} / {_points(score['weight'])}（{'，'.join(beside)}）"
    if score["criterion"] == EXECUTION:
        budget, executed = (_place(facts.get(name)) for name in ("funds_budget", "funds_executed"))
        yield f"  分值 {_points(score['weight'])} × 全年执行数 {executed} ÷ 全年预算数 {budget}"
        yield "  不超过分值，四舍五入到0.01分；全年预算数空白或为零的，分值待定"
    for row in rows:
        yield f"  {row['row']}. {row['level3']}（{row['sheet']} {row['cell']}）"
        yield f"     目标{_quoted(row['target'])}，实际{_quoted(row['actual'])}"
        yield f"     {row['explanation']}"
        decided = decided_by(row, policy)
        if decided:
            yield f"     {decided}"
        if row["review"]:
            yield f"     {row['review']}，得 {float(row['reviewed']):g} 分。"
    if rows:
        summed = " + ".join(f"{float(row['points']):.6g}" for row in rows)
        yield f"  相加：{summed}，四舍五入到0.01分得 {_points(score['points'])} 分"
    if not rows and not total and score["criterion"] != EXECUTION:
        yield "  没有填写任何指标"
    if score["review"]:
        yield f"  {score['review']}"


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "（空白）"


def _place(fact: Row | None) -> str:
    if fact is None or not fact["value"]:
        return "（空白）"
    return f"{fact['value']}（{fact['sheet']} {fact['cell']}）"


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
