"""Scored indicator rows → how each got its points, in one Chinese sentence a row."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from schemas.enums import Basis, State
from schemas.text.model import SIGNS, Comparison, Sort, quantity

if TYPE_CHECKING:
    import pandas as pd

    from schemas.policy import Policy

BANDS = {"achieved": "达成", "partly": "部分达成", "missed": "未达成"}
_WEIGHTS = {
    Basis.BLOCK: "{block_weight}分由{block_rows}个指标均分",
    Basis.SHARED: "合并的分值由{weight_size}个指标均分",
    Basis.LEFT: "没有填分值的指标均分余下的分值",
    Basis.SCALED: "各指标分值之和为{filed_sum}分，按比例折算为{block_weight}分",
}


_READ = [
    "state", "words_met", "affirmed", "unit", "target", "actual", "comparison", "target_value", "target_high",
    "actual_value", "attainment", "band", "late", "own_ratio", "ratio_of", "held", "bound", "target_sort",
    "actual_sort", "rate_read", "comparable", "same_sense", "actual_about", "target_unknown", "actual_unknown",
    "words_known", "weight", "points", "weight_basis", "weight_size",
    "block_rows", "block_weight", "filed_sum",
]  # fmt: skip
"""What a sentence is made of."""


def explain(rows: pd.DataFrame, policy: Policy) -> list[str]:
    """Explain every row; ``rows`` are those of `pipeline.score.give`."""
    read = zip(*(rows[name].tolist() for name in _READ), strict=True)
    return [_sentence(dict(zip(_READ, row, strict=True)), policy) for row in read]


def _quantity(value: float, unit: str) -> str:
    return quantity(Decimal(repr(float(value))), unit)


@lru_cache(maxsize=8192)
def points(value: Any) -> str:
    """Write points to the fourth decimal at most."""
    return f"{float(value):.4f}".rstrip("0").rstrip(".")


def _sentence(row: dict[Any, Any], policy: Policy) -> str:
    weight = f"分值{points(row['weight'])}"
    basis = _WEIGHTS.get(row["weight_basis"])
    if basis:
        figures = {name: points(row[name]) for name in ("block_weight", "filed_sum")}
        counts = {name: str(int(row[name])) for name in ("block_rows", "weight_size")}
        weight += f"（{basis.format(**figures, **counts)}）"
    return f"{_judgement(row, policy)}；{weight}，得{points(row['points'])}分。"


def _judgement(row: dict[Any, Any], policy: Policy) -> str:
    state = row["state"]
    if state == State.UNREPORTED:
        return "没有填写实际完成值，不得分"
    if state == State.UNJUDGED:
        return f"{_doubt(row)}，暂不计分，留待复核"
    if row["words_met"]:
        return "目标是文字，实际为100%，按完成计"
    if row["affirmed"]:
        return "实际只写“完成”，按完成计"
    if state == State.QUALITATIVE:
        return _band(row, policy)
    target, actual = _target(row), _quantity(row["actual_value"], row["unit"])
    if state == State.MET:
        return f"目标{target}，实际{actual}，完成，得满分"
    blank = math.isnan(row["attainment"])
    ratio = "超过目标，不得分" if blank else f"完成率{row['attainment']:.2%}，按比例得分"
    return f"目标{target}，实际{actual}，未完成，{ratio}"


def _target(row: dict[Any, Any]) -> str:
    if row["comparison"] == Comparison.BETWEEN:
        return f"{_quantity(row['target_value'], row['unit'])}至{_quantity(row['target_high'], row['unit'])}"
    return SIGNS[Comparison(row["comparison"])] + _quantity(row["target_value"], row["unit"])


def _band(row: dict[Any, Any], policy: Policy) -> str:
    band = getattr(policy.qualitative, row["band"])
    words = _lateness(row) + "，" if row["late"] else "按文字"
    own = f"{float(row['own_ratio']):.2%}"
    whose = "该部分自评得分占分值" if row["ratio_of"] == "block" else "自评得分占分值"
    span = f"{BANDS[row['band']]}（{band.high:.0%}-{band.low:.0%}）"
    if row["held"]:
        edge = band.high if row["held"] == "high" else band.low
        return f"定性，{words}属于{span}，{whose}{own}，不在此档内，按{edge:.0%}计"
    return f"定性，{words}属于{span}，{whose}{own}，按此比例得分"


def _lateness(row: dict[Any, Any]) -> str:
    target, actual = ("".join(str(row[name]).split()) for name in ("target", "actual"))
    return f"目标期限{target}，实际{actual}，逾期"


def _doubt(row: dict[Any, Any]) -> str:
    if row["bound"]:
        return "实际完成值是界限，不是实际数"
    if row["target_sort"] in {Sort.BLANK, Sort.PLACEHOLDER}:
        return "没有年度指标值"
    if Sort.DOUBTFUL in {row["target_sort"], row["actual_sort"]}:
        return "单元格出错或公式没有结果"
    if row["rate_read"] == "over":
        return "目标是比率，实际超过100%"
    if not row["comparable"]:
        return "目标与实际的单位不同或不明" if row["same_sense"] else "目标与实际，一个是增减或新增，另一个不是同样的数"
    if row["target_sort"] == Sort.MEASURE:
        return "实际是约数，看不出是否达到目标" if row["actual_about"] else f"目标是数，实际是文字或范围{_unknown(row)}"
    if row["actual_sort"] == Sort.MEASURE:
        return f"目标是文字，实际是数{_unknown(row)}"
    late = f"{_lateness(row)}，" if row["late"] else ""
    return f"{late}没有自评得分" if row["words_known"] else f"文字看不出是否完成{_unknown(row)}"


def _unknown(row: dict[Any, Any]) -> str:
    """Name the words of target and actual for which a text with a number could not be read as one."""
    words = dict.fromkeys(filter(None, (row["target_unknown"], row["actual_unknown"])))
    return f"（其中{'、'.join(f'“{each}”' for each in words)}不能确定）" if words else ""
