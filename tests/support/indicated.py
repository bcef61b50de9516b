"""Indicator rows made up without a workbook, and what the program makes of them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.reading import tables as reading_tables
from pipeline.reading.submission import Submission
from pipeline.scoring.judge_indicators import judge
from pipeline.scoring.points import award_points
from pipeline.scoring.weights import assign_weights
from schemas.forms import INDICATORS

if TYPE_CHECKING:
    import pandas as pd

    from schemas.policy import Policy

CASES = Path(__file__).parent.parent / "cases"
NUMBERS = ("weight", "self_points")


def cases(name: str) -> Any:
    """Load a file of cases."""
    return tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))


def entry(number: int, **given: Any) -> dict[str, Any]:
    """Give an indicator row as reading gives it: met, of the output block, in cells of its own, but for ``given``.

    ``weight_cell`` and ``self_points_cell`` place a number in a merged cell.
    """
    row = {
        "row": number,
        "criterion": "output",
        "aspect": "quantity",
        "level1": "产出指标",
        "level2": "数量指标",
        "level3": f"指标{number}",
        "target": "1",
        "actual": "1",
        "reason": "",
        "actual_unit_given": "",
        "sheet": "附件1-2",
        "level3_doubtful": False,
        "target_doubtful": False,
        "actual_doubtful": False,
    }
    columns = zip("BCDEFGH", INDICATORS.columns, strict=True)
    row |= {f"{column.name}_cell": f"{letter}{15 + number}" for letter, column in columns}
    row |= {"cell": row["level3_cell"], "raw_weight": "", "raw_self_points": ""}
    numbers = {f"filed_{name}": given.pop(name, None) for name in NUMBERS}
    return row | numbers | given


def scored(departments: dict[str, list[dict[str, Any]]], policy: Policy) -> pd.DataFrame:
    """Judge, weigh and score the rows of several departments at once."""
    readings = [Submission(name, department=name, indicators=rows) for name, rows in departments.items()]
    return award_points(assign_weights(judge(reading_tables.indicators(readings), policy), policy), policy)
