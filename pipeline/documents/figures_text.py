"""Write figures of a run as text for documents, exactly, from the text of a CSV cell; a blank is 未填报, never 0."""

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
    """Write a figure with at least two decimals, and with more where it has more."""
    value = Decimal(text)
    cut = value.quantize(Decimal(1).scaleb(-least))
    return f"{cut:f}" if cut == value else f"{value.normalize():f}"


def round_half_up(value: Decimal, digits: int = 2) -> str:
    """Round half away from zero, as spreadsheets do, and write it with so many decimals."""
    return f"{value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"


def format_money(text: str) -> str:
    """Write an amount in 万元, without the unit."""
    return format_decimals(text) if text else BLANK


def format_points(text: str) -> str:
    """Write points, to four decimals where they are a fraction without end."""
    return format_decimals(round_half_up(Decimal(text), 4)) if text else BLANK


def format_percent(text: str) -> str:
    """Write a fraction as a percentage with two decimals."""
    return f"{round_half_up(Decimal(text) * 100)}%"


def format_mean(texts: list[str]) -> str:
    """Write the mean of points; "" where there are none."""
    return round_half_up(sum(map(Decimal, texts), Decimal(0)) / len(texts)) if texts else ""


def describe_fact(row: Row | None) -> str:
    """Write the value of a field with its unit; quote what was filed where it cannot be read."""
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
    """Write the value of a measure, or why it cannot be computed."""
    if row is None or not row["value"]:
        return f"无法计算（{(row or {}).get('reason') or BLANK}）"
    unit = MEASURE[row["measure"]].unit
    return f"{round_half_up(Decimal(row['value']), 4)}{unit}" if unit else format_percent(row["value"])


def describe_change(row: Row | None) -> str:
    """Write a change against last year: the amount in 万元 and the percentage."""
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
