"""Filed returns kept as data, and the workbooks made from them. `python tests/filed.py` writes the one in inbox/."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pipeline import template
from schemas import policy
from schemas.annexes import INDICATORS
from schemas.words import plain

ROOT = Path(__file__).parent.parent
RETURNS = Path(__file__).parent / "returns"
SEED = RETURNS / "hengyang-keji-gongxin-2021.toml"
EXAMPLE = ROOT / "inbox" / "衡阳县科技和工业信息化局.xlsx"


def load(path: Path = SEED) -> dict[str, Any]:
    """Load a return: year, fields by name, and the indicator rows with their levels carried down."""
    filed = tomllib.loads(path.read_text(encoding="utf-8"))
    level1 = level2 = mark = criterion = ""
    for number, row in enumerate(filed["indicators"]):
        if "level1" in row:
            level1 = row["level1"]
            criterion = next(b.criterion for b in INDICATORS.blocks if plain(b.words) == plain(level1))
        if "level2" in row:
            level2, mark = row["level2"], str(number)
        row |= {"level1": level1, "level2": level2, "level2_cell": mark, "criterion": criterion}
    return filed


def workbook(filed: dict[str, Any]) -> bytes:
    """Make the workbook of a return, as the template would be filled in."""
    return template.workbook(policy.load(filed["year"]), filed["fields"], filed["indicators"])


if __name__ == "__main__":
    EXAMPLE.parent.mkdir(exist_ok=True)
    EXAMPLE.write_bytes(workbook(load()))
