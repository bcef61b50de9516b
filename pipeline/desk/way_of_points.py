"""Say in lines of Chinese how a criterion, and each indicator of it, came to its points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.scoring.decided_by import decided_by
from schemas.enums import EXECUTION, TOTAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from schemas.policy import Policy

Row = dict[str, Any]
"""A row of a table of the results, its figures as numbers or as they were written; "" or None for a blank."""


def show_points(value: Any) -> str:
    """Show points to the cent."""
    return "未填" if value in {"", None} else f"{float(value):.2f}"


def before_rows(score: Row, facts: Mapping[str, Row]) -> Iterator[str]:
    """Say of execution by what it was computed; nothing of a criterion that is the sum of its indicators."""
    if score["criterion"] == EXECUTION:
        budget, executed = (_place(facts.get(name)) for name in ("funds_budget", "funds_executed"))
        yield f"分值 {show_points(score['weight'])} × 全年执行数 {executed} ÷ 全年预算数 {budget}"
        yield "不超过分值，四舍五入到0.01分；全年预算数空白或为零的，分值待定"


def after_rows(score: Row, rows: Sequence[Row]) -> Iterator[str]:
    """Say how the points of the indicators were added up, and what a reviewer decided of the criterion."""
    if rows:
        summed = " + ".join(f"{float(row['points']):.6g}" for row in rows)
        yield f"相加：{summed}，四舍五入到0.01分得 {show_points(score['points'])} 分"
    elif score["criterion"] not in {TOTAL, EXECUTION}:
        yield "没有填写任何指标"
    if score["review"]:
        yield str(score["review"])


def of_row(row: Row, policy: Policy) -> Iterator[str]:
    """Say how an indicator was judged: the explanation, the words that decided, and what a reviewer decided."""
    yield row["explanation"]
    decided = decided_by(row, policy)
    if decided:
        yield decided
    if row["review"]:
        yield f"{row['review']}，得 {float(row['reviewed']):g} 分。"


def quoted(text: str) -> str:
    """Quote what was filed; say where it was left blank."""
    return f"“{text}”" if text else "（空白）"


def _place(fact: Row | None) -> str:
    if fact is None or fact["value"] in {"", None}:
        return "（空白）"
    return f"{_shown(fact['value'])}（{fact['sheet']} {fact['cell']}）"


def _shown(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)
