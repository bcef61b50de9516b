"""Evaluate returns the straightforward way, as written in an afternoon: ``python -m benchmarks.straightforward``.

File after file: pandas with openpyxl reads it, values are taken from the cells in which the form has them, pandera
validates the one row, points are given where a number meets a number, and the form is filled in again with the points
beside it. It does far less than our program: no other layout, no reasons, no places, no marks, no list of findings, no
second version of a return, no file sent back, no formulas, no county but one table. What a comparison with it shows is
what that way costs.
"""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pandera.pandas as pa

from benchmarks.process import ROOT

TEMPLATE = ROOT / "input_templates" / "部门整体支出绩效自评（2021年度）.xlsx"
_FIRST, _SECOND = "附件1-1 基础数据表", "附件1-2 自评表"
_ITEMS = range(7, 20)
_CELLS = (
    {"department": (_FIRST, "B3"), "posts": (_FIRST, "B5"), "staff": (_FIRST, "C5")}
    | {f"outturn_{row}": (_FIRST, f"B{row}") for row in _ITEMS}
    | {f"budget_{row}": (_FIRST, f"C{row}") for row in _ITEMS}
    | {f"prior_{row}": (_FIRST, f"D{row}") for row in _ITEMS}
    | {"funds_budget": (_SECOND, "D6"), "funds_executed": (_SECOND, "E6"), "funds_points": (_SECOND, "H6")}
)
_ROWS, _EXECUTION, _LAST = 16, 10, "综合评定等级"
_FIGURES = [name for name in _CELLS if name != "department"]
_SCHEMA = pa.DataFrameSchema(
    {"department": pa.Column(str)}
    | {name: pa.Column(float, pa.Check.ge(0), nullable=not name.startswith("funds")) for name in _FIGURES}
)


def evaluate(inbox: Path, output: Path) -> int:
    """Evaluate every return that can be read; give how many there were."""
    output.mkdir(parents=True, exist_ok=True)
    summary = []
    for path in sorted(inbox.glob("*.xlsx")):
        try:
            sheets = pd.read_excel(path, engine="openpyxl", sheet_name=None, header=None)
            filed, rows = _fields(sheets), _rows(sheets[_SECOND])
        except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile):
            continue
        summary.append(_evaluated(filed, rows, output / path.name))
    table = pd.DataFrame(summary).sort_values("points", ascending=False)
    table.to_excel(output / "summary.xlsx", index=False)
    return len(table)


def _evaluated(filed: dict[str, Any], rows: pd.DataFrame, path: Path) -> dict[str, Any]:
    """Validate and score one return, and fill the form in."""
    row = pd.DataFrame([filed]).astype(dict.fromkeys(_FIGURES, float))
    try:
        _SCHEMA.validate(row, lazy=True)
        faults = 0
    except pa.errors.SchemaErrors as found:
        faults = len(found.failure_cases)
    rows["points"] = [_points(*row) for row in zip(rows["target"], rows["actual"], rows["weight"], strict=True)]
    execution = min(filed["funds_executed"] / filed["funds_budget"], 1) * _EXECUTION
    book = openpyxl.load_workbook(TEMPLATE)
    for name, (sheet, cell) in _CELLS.items():
        book[sheet][cell] = filed[name]
    for at, values in enumerate(rows.itertuples(index=False), _ROWS):
        for column, value in zip("DEFGHI", values, strict=True):
            cell = book[_SECOND][f"{column}{at}"]
            if not isinstance(cell, openpyxl.cell.cell.MergedCell):
                cell.value = value
    book.save(path)
    return {
        "department": filed["department"],
        "points": execution + rows["points"].sum(),
        "claimed": rows["claimed"].sum(),
        "faults": faults,
    }


def _fields(sheets: dict[str, pd.DataFrame]) -> dict[str, Any]:
    filed: dict[str, Any] = {}
    for name, (sheet, cell) in _CELLS.items():
        row, column = int(cell[1:]) - 1, ord(cell[0]) - ord("A")
        value = sheets[sheet].iloc[row, column]
        filed[name] = value if name == "department" else _number(value)
    return filed


def _rows(sheet: pd.DataFrame) -> pd.DataFrame:
    """Take the rows of indicators, down to the row of the grade."""
    end = sheet.index[sheet[0].eq(_LAST)][0]
    rows = sheet.iloc[_ROWS - 1 : end, 3:8].copy()
    rows.columns = ["level3", "target", "actual", "weight", "claimed"]
    rows[["weight", "claimed"]] = rows[["weight", "claimed"]].map(_number).ffill()
    return rows


def _number(value: Any) -> float | None:
    found = re.search(r"-?\d+(\.\d+)?", str(value))
    return float(found[0]) if found else None


def _points(target: Any, actual: Any, weight: float) -> float:
    """Give the whole weight where the actual reaches the target, else the share that was reached."""
    wanted, reached = _number(target), _number(actual)
    if not wanted or reached is None or pd.isna(weight):
        return 0.0
    return min(reached / wanted, 1) * weight


if __name__ == "__main__":
    print(evaluate(*map(Path, sys.argv[1:])))
