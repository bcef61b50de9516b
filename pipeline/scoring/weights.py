"""Assign a weight to every indicator row (method section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.scoring.arrays import arrays, groups
from pipeline.scoring.exact import filled, fraction, fractions, quotients, sums_of
from pipeline.scoring.points import NONE
from schemas.enums import Basis

if TYPE_CHECKING:
    from fractions import Fraction

    import pandas as pd

    from pipeline.scoring.arrays import Flags, Numbers
    from schemas.policy import Policy


def assign_weights(judged: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give every row its weight (method section 2).

    Adds ``weight`` (exact), ``weight_basis``, ``filed_sum`` (of the block's filed weights), ``own_ratio`` (self
    points / weight, of the row, its merged cell or its block; missing where there are no self points).
    """
    rows = arrays(judged)
    weights = {each.name: fraction(each.weight) for each in policy.criteria}
    block = groups(judged, "department", "criterion")
    count = np.bincount(block)
    rows["block_weight"] = fractions(weights.get(name, NONE) for name in rows["criterion"])
    rows["block_rows"] = count[block]
    filed: Numbers = np.where(_of_the_one_above(judged, block), 0.0, rows["filed_weight"])
    rows |= _shares(judged, "weight", np.where(filed >= 0, filed, np.nan))  # a negative weight is a finding, and none
    rows |= _shares(judged, "self_points", rows["filed_self_points"])
    stated = np.bincount(block, rows["weight_stated"])[block].astype("int64")
    only_first = (stated == 1) & rows["weight_stated"][_first(block)] & (rows["block_rows"] > 1)
    sums = sums_of(block, rows["weight_share"])
    rows["filed_sum"] = sums[block]
    basis = np.select(
        [
            only_first | (stated == 0),
            stated < rows["block_rows"],
            rows["filed_sum"] != rows["block_weight"],
            rows["weight_size"] > 1,
        ],
        [Basis.BLOCK.value, Basis.LEFT.value, Basis.SCALED.value, Basis.SHARED.value],
        default=Basis.OWN.value,
    )
    rows["weight_basis"] = basis
    left = fractions(map(_left, rows["block_weight"], rows["filed_sum"]))
    weight = np.select(
        [basis == Basis.BLOCK, (basis == Basis.LEFT) & ~rows["weight_stated"]],
        [quotients(rows["block_weight"], rows["block_rows"]), quotients(left, rows["block_rows"] - stated)],
        rows["weight_share"],
    )
    whole = sums_of(block, weight)[block]
    uneven = whole != rows["block_weight"]
    weight[uneven] = quotients(weight[uneven] * rows["block_weight"][uneven], whole[uneven])
    rows["weight"] = weight
    rows |= _own_ratio(rows, block)
    return judged.assign(**{name: values for name, values in rows.items() if name not in judged})


def _of_the_one_above(rows: pd.DataFrame, block: Any) -> Flags:
    """Tell the rows 其中… without a weight: each belongs to the one above, and weighs nothing by itself."""
    part = (rows["filed_weight"].isna() & rows["level3"].str.strip().str.startswith(PART)).to_numpy("bool")
    others: Flags = np.bincount(block, ~part)[block] > 0
    return part & others


PART = "其中"
"""How a row begins that is a part of the one above."""


def _left(weight: Fraction, filed: Fraction) -> Fraction:
    """Give what the filed weights of a block leave of its weight."""
    return max(weight - filed, NONE)


def _first(group: Any) -> Any:
    """Give the place of the first row of the group of each row."""
    _, first = np.unique(group, return_index=True)
    return first[group]


def _shares(judged: pd.DataFrame, name: str, filed: Numbers) -> dict[str, Any]:
    """Give each row its share of the cell its value stands in: a merged cell over five rows is shared by five."""
    cell = groups(judged, "department", "sheet", f"{name}_cell")
    size = np.bincount(cell)[cell]
    return {
        f"{name}_size": size,
        f"{name}_stated": ~np.isnan(filed),
        f"{name}_share": quotients(map(filled, filed), size),
    }


def _own_ratio(rows: dict[str, Any], block: Any) -> dict[str, Any]:
    """Give the department's own ratio of points to weight, by row where it filed both, else by block."""
    of_block, stated = rows["weight_basis"] == Basis.BLOCK, rows["self_points_stated"]
    points = np.bincount(block, stated)[block]
    whole = (points == 1) & (rows["block_rows"] > 1) & stated[_first(block)]
    own_weight = np.where(rows["weight_stated"] & ~of_block, rows["weight_share"], rows["weight"])
    filed_block = np.where(of_block & (rows["filed_sum"] != 0), rows["filed_sum"], rows["block_weight"])
    points_of_block = sums_of(block, rows["self_points_share"])[block]
    numerator = np.where(whole, points_of_block, rows["self_points_share"])
    return {
        "own_ratio": quotients(numerator, np.where(whole, filed_block, own_weight)),
        "has_ratio": whole | stated,
        "ratio_of": np.select([whole, stated], ["block", "row"], default=""),
    }
