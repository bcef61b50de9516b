"""Filed returns kept as data, and the workbooks made from them.

`python -m tests.support.filed` writes the one in inbox/.
"""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

from pipeline.workbooks.template import workbook as template_workbook
from schemas import policy
from schemas.forms import INDICATORS
from schemas.text.normalise import normalise_label

ROOT = Path(__file__).parent.parent.parent
RETURNS = Path(__file__).parent.parent / "returns"
SEED = RETURNS / "hengyang-keji-gongxin-2021.toml"
EXAMPLE = ROOT / "inbox" / "衡阳县科技和工业信息化局.xlsx"


def load(path: Path = SEED) -> dict[str, Any]:
    """Load a return: year, fields by name, and the indicator rows with their levels carried down."""
    filed = tomllib.loads(path.read_text(encoding="utf-8"))
    levels(filed["indicators"])
    return filed


def workbook(filed: dict[str, Any]) -> bytes:
    """Make the workbook of a return, as the template would be filled in."""
    return template_workbook.write_form(policy.load(filed["year"]), filed["fields"], filed["indicators"])


def levels(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Carry the levels of indicator rows down, as the template draws them."""
    level1 = level2 = mark = criterion = ""
    for number, row in enumerate(rows):
        if "level1" in row:
            level1 = row["level1"]
            criterion = next(
                (b.criterion for b in INDICATORS.blocks if normalise_label(b.words) == normalise_label(level1)), ""
            )
        if "level2" in row:
            level2, mark = row["level2"], str(number)
        row |= {"level1": level1, "level2": level2, "level2_cell": mark, "criterion": criterion}
    return rows


def changed(base: dict[str, Any], change: dict[str, Any], department: str) -> dict[str, Any]:
    """Give a copy of a return under another name, with changes.

    ``fields`` are set ("" blanks one), ``rows`` changed by their number from 1, and rows of ``drop`` left out.
    """
    filed = copy.deepcopy(base)
    filed["fields"] |= {"department_1_1": department, "department_1_2": department} | change.get("fields", {})
    for number, values in change.get("rows", {}).items():
        filed["indicators"][int(number) - 1] |= values
    dropped = set(change.get("drop", ()))
    filed["indicators"] = [row for number, row in enumerate(filed["indicators"], 1) if number not in dropped]
    return filed


if __name__ == "__main__":
    EXAMPLE.parent.mkdir(exist_ok=True)
    EXAMPLE.write_bytes(workbook(load()))
