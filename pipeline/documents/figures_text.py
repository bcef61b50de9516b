"""Figures of a run as documents say them: from the text of a CSV cell, exactly; what is blank is 未填报, never 0."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from pipeline.reading.parse_cell import clean
from schemas.forms import FIELDS
from schemas.forms.model import Kind
from schemas.measures import MEASURE

if TYPE_CHECKING:
    from pipeline.output.read_back import Row

BLANK = "未填报"


def format_decimals(text: str, least: int = 2) -> str:
    """Give a figure with two decimals, or with all it has where it has more."""
    value = Decimal(text)
    cut = value.quantize(Decimal(1).scaleb(-least))
    return f"{cut:f}" if cut == value else f"{value.normalize():f}"


def round_half_up(value: Decimal, digits: int = 2) -> str:
    """Round half up, as a person and a spreadsheet do."""
    return f"{value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"


def format_money(text: str) -> str:
    """Give an amount in 万元 without its unit."""
    return format_decimals(text) if text else BLANK


def format_points(text: str) -> str:
    """Give points: those of a row, a fraction that never ends, to four decimals."""
    return format_decimals(round_half_up(Decimal(text), 4)) if text else BLANK


def format_percent(text: str) -> str:
    """Give a fraction as a percentage, to a hundredth of one."""
    return f"{round_half_up(Decimal(text) * 100)}%"


def format_mean(texts: list[str]) -> str:
    """Give the mean of points; "" where there are none."""
    return round_half_up(sum(map(Decimal, texts), Decimal(0)) / len(texts)) if texts else ""


def describe_fact(row: Row | None) -> str:
    """Say what a field holds, with its unit; what cannot be read is told as it was written."""
    if row is None:
        return BLANK
    kind = FIELDS[row["field"]].kind
    if not row["value"]:
        return f"无法识别（“{row['raw']}”）" if row["raw"] and clean(row["raw"], kind).rule else BLANK
    match kind:
        case Kind.AMOUNT:
            return f"{format_money(row['value'])}万元"
        case Kind.RATE:
            return format_percent(row["value"])
        case Kind.POINTS:
            return f"{format_decimals(row['value'])}分"
        case Kind.COUNT | Kind.YEAR:
            return format_decimals(row["value"], 0)
        case _:
            return row["value"]


def describe_measure(row: Row | None) -> str:
    """Say what a measure comes to, or why it cannot be computed."""
    if row is None or not row["value"]:
        return f"无法计算（{(row or {}).get('reason') or BLANK}）"
    unit = MEASURE[row["measure"]].unit
    return f"{round_half_up(Decimal(row['value']), 4)}{unit}" if unit else format_percent(row["value"])


def describe_change(row: Row | None) -> str:
    """Say a change against last year: by how much (万元) and by what share."""
    if row is None or not row["numerator"]:
        return f"比上年增减{describe_measure(row)}"
    by = Decimal(row["numerator"])
    if not by:
        return "与上年持平"
    words = ("增加", "增长") if by > 0 else ("减少", "下降")
    amount = f"比上年{words[0]}{format_money(str(abs(by)))}万元"
    if not row["value"]:
        return f"{amount}，变动率{describe_measure(row)}"
    return f"{amount}，{words[1]}{format_percent(str(abs(Decimal(row['value']))))}"
