"""Write weights, attainment and points as formulas over the cells in which a department filed its own."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.reading.workbook import Cell, address
from schemas.enums import Basis, State
from schemas.text.model import Comparison

if TYPE_CHECKING:
    from pipeline.workbooks.form_layout import Layout
    from pipeline.workbooks.scored.data import DepartmentReport

MOST_ARGUMENTS = 255
"""Arguments of a function that Excel takes."""


class BlockPoints(NamedTuple):
    """What formulas say of the rows of one block: sums of what was filed, how many rows, and how many blank.

    ``stated`` is the sum of the shares of weight that were filed.
    """

    weights: str
    self_points: str
    size: int
    unstated: int
    stated: float


class FiledPoints(NamedTuple):
    """Where weights and points were filed, by block and by the cell that a department wrote them into."""

    blocks: dict[str, BlockPoints]
    weights: dict[str, str]
    self_points: dict[str, str]

    @classmethod
    def of(cls, case: DepartmentReport, layout: Layout) -> FiledPoints:
        """Look at every row of a department once."""
        blocks = {}
        for criterion, numbers in case.blocks().items():
            rows = [case.rows[number] for number in numbers]
            cells = [layout.lines[number] for number in numbers]
            blocks[criterion] = BlockPoints(
                sum_filed([each["weight"] for each in cells]),
                sum_of([each["self_points"] for each in cells]),
                len(rows),
                sum(not row["weight_stated"] for row in rows),
                sum(float(row["weight_share"]) for row in rows),
            )
        weights, points = (
            {cell: address(layout.lines[number][column]) for cell, number in case.firsts(f"{column}_cell").items()}
            for column in ("weight", "self_points")
        )
        return cls(blocks, weights, points)


def weight_formula(row: dict[str, Any], filed: FiledPoints) -> str:
    """Write a row's weight as a formula over the filed ones (method section 2)."""
    basis, size, mates = row["weight_basis"], int(row["weight_size"]), filed.blocks[row["criterion"]]
    own = filed.weights[row["weight_cell"]]
    share = own if size == 1 else f"{own}/{size}"
    block = f"{row['block_weight']:.15g}"
    if basis == Basis.BLOCK:
        return f"={block}/{mates.size}"
    if basis == Basis.LEFT:
        own = share if row["weight_stated"] else f"MAX({block}-({mates.weights}),0)/{mates.unstated}"
        return f"=({own})*{block}/MAX({block},{mates.weights})" if mates.stated > row["block_weight"] else f"={own}"
    scaled = basis == Basis.SCALED and row["filed_sum"]
    return f"={share}*{block}/({mates.weights})" if scaled else f"={share}"


def attainment_formula(row: dict[str, Any], target: str, actual: str) -> str:
    """Write actual / target, or how far an upper bound was passed, over the cells that show both."""
    comparison, value = row["comparison"], row["actual_value"]
    top = row["target_high"] if comparison == Comparison.BETWEEN else row["target_value"]
    if comparison in {Comparison.AT_MOST, Comparison.LESS_THAN, Comparison.BETWEEN} and value > top:
        high = target if comparison != Comparison.BETWEEN else f"{top:.15g}"
        return f"=1-({actual}-{high})/{high}"
    if comparison == Comparison.BETWEEN and row["state"] == State.MET:
        return f"={actual}/{actual}" if value else "=1"
    return f"={actual}/{target}"


def runs(rows: list[int]) -> list[tuple[int, int]]:
    """Give runs of consecutive rows as first and last."""
    starts = [rows[0], *(after for before, after in pairwise(rows) if after != before + 1)]
    ends = [*(before for before, after in pairwise(rows) if after != before + 1), rows[-1]]
    return list(zip(starts, ends, strict=True))


def sum_filed(cells: list[Cell]) -> str:
    """Write the sum of the weights that were filed in cells of one column; a negative one counts as none."""
    return "+".join(f'SUMIF({each},">0")' for each in ranges(cells).split(","))


def sum_of(cells: list[Cell], sheet: str = "") -> str:
    """Write the sum of cells of one column, in as many sums as it takes: a function has 255 arguments at most."""
    parts = ranges(cells, sheet).split(",")
    sums = [f"SUM({','.join(parts[at : at + MOST_ARGUMENTS])})" for at in range(0, len(parts), MOST_ARGUMENTS)]
    return sums[0] if len(sums) == 1 else f"({'+'.join(sums)})"


def ranges(cells: list[Cell], sheet: str = "") -> str:
    """Write cells of one column as ranges."""
    column = cells[0][1]
    found = runs([row for row, _ in cells])
    return ",".join(f"{sheet}{address((top, column))}:{address((bottom, column))}" for top, bottom in found)
