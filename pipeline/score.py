"""Judged indicators and departments → weights, points and scores, all departments at once (method sections 1, 2, 6).

Points are exact fractions until a criterion's are rounded half up; a row's points are never rounded.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.exact import divided, exact, floats, half_up, rounded
from schemas.states import EXECUTION, TOTAL, Basis, State

if TYPE_CHECKING:
    from schemas.policy import Policy

NONE = Fraction(0)


def weigh(judged: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give every row its weight (method section 2).

    Adds ``weight`` (exact), ``weight_basis``, ``filed_sum`` (of the block's filed weights), ``own_ratio`` (self
    points / weight, of the row, its merged cell or its block; missing where there are no self points).
    """
    table = judged.assign(
        block_weight=exact(judged["criterion"].map({each.name: each.weight for each in policy.criteria})),
        block_rows=judged.groupby(["department", "criterion"])["row"].transform("size"),
    )
    table = _shares(table, "weight").pipe(_shares, "self_points")
    by_block = table.groupby(["department", "criterion"], sort=False)
    stated = by_block["weight_stated"].transform("sum")
    only_first = stated.eq(1) & by_block["weight_stated"].transform("first") & table["block_rows"].gt(1)
    filed_sum = by_block["weight_share"].transform("sum")
    left = (table["block_weight"] - filed_sum).map(lambda value: max(value, NONE))
    missing = (table["block_rows"] - stated).astype(int)
    equal = divided(table["block_weight"], table["block_rows"])
    table = table.assign(
        filed_sum=filed_sum,
        weight_basis=np.select(
            [only_first | stated.eq(0), stated.lt(table["block_rows"]), filed_sum.ne(table["block_weight"])],
            [Basis.BLOCK, Basis.LEFT, Basis.SCALED],
            default=np.where(table["weight_size"].gt(1), Basis.SHARED, Basis.OWN),
        ),
    )
    basis, filed = table["weight_basis"], table["weight_share"]
    weight = filed.where(~basis.eq(Basis.BLOCK), equal)
    weight = weight.where(~(basis.eq(Basis.LEFT) & ~table["weight_stated"]), divided(left, missing))
    table = table.assign(weight=weight)
    whole = table.groupby(["department", "criterion"], sort=False)["weight"].transform("sum")
    uneven = whole.ne(table["block_weight"])
    scaled = divided(table.loc[uneven, "weight"] * table.loc[uneven, "block_weight"], whole[uneven])
    return _own_ratio(table.assign(weight=weight.mask(uneven, scaled)))


def _shares(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Give each row its share of the cell its value stands in: a merged cell over five rows is shared by five."""
    cells = ["department", "sheet", f"{name}_cell"]
    size = table.groupby(cells, dropna=False)["row"].transform("size")
    filed = table[f"filed_{name}"]
    if name == "weight":
        filed = filed.where(filed.ge(0))  # a negative weight is a finding, and none
    stated = filed.notna()
    return table.assign(
        **{
            f"{name}_size": size,
            f"{name}_stated": stated,
            f"{name}_share": divided(exact(filed), size),
        }
    )


def _own_ratio(table: pd.DataFrame) -> pd.DataFrame:
    """Give the department's own ratio of points to weight, by row where it filed both, else by block."""
    by_block = table.groupby(["department", "criterion"], sort=False)
    points = by_block["self_points_stated"].transform("sum")
    block = points.eq(1) & table["block_rows"].gt(1) & by_block["self_points_stated"].transform("first")
    of_row = divided(
        table["self_points_share"],
        table["weight_share"].where(table["weight_stated"] & table["weight_basis"].ne(Basis.BLOCK), table["weight"]),
    )
    filed_block = table["filed_sum"].where(
        table["weight_basis"].eq(Basis.BLOCK) & table["filed_sum"].ne(0), table["block_weight"]
    )
    of_block = divided(by_block["self_points_share"].transform("sum"), filed_block)
    return table.assign(
        own_ratio=of_block.where(block, of_row),
        has_ratio=block | table["self_points_stated"],
        ratio_of=np.select([block, table["self_points_stated"]], ["block", "row"], default=""),
    )


def give(weighed: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give every row its points (method sections 4 and 5).

    Adds ``points`` (exact) and ``held`` ("low" or "high" where the department's own ratio was held at an edge of the
    band); a qualitative row without self points becomes unjudged.
    """
    bands = policy.qualitative
    low = weighed["band"].map({name: getattr(bands, name).low for name in ("missed", "partly", "achieved")})
    high = weighed["band"].map({name: getattr(bands, name).high for name in ("missed", "partly", "achieved")})
    low_edge, high_edge = exact(low.astype("float64")), exact(high.astype("float64"))
    qualitative = weighed["state"].eq(State.QUALITATIVE)
    state = weighed["state"].mask(qualitative & ~weighed["has_ratio"], State.UNJUDGED)
    below, above = weighed["own_ratio"] < low_edge, weighed["own_ratio"] > high_edge
    held = np.select([state.ne(State.QUALITATIVE), below, above], ["", "low", "high"], default="")
    kept = weighed["own_ratio"].mask(below, low_edge).mask(above, high_edge)
    share = pd.Series(NONE, index=weighed.index, dtype="object")
    share = (
        share.mask(state.eq(State.MET), Fraction(1))
        .mask(state.eq(State.PARTLY), _partly(weighed[state.eq(State.PARTLY)]))
        .mask(state.eq(State.QUALITATIVE), kept)
    )
    return weighed.assign(state=state, held=held, share=share, points=share * weighed["weight"])


def _partly(weighed: pd.DataFrame) -> pd.Series[Any]:
    """Give the share of each row that fell short, from the figures and not from the rounded attainment."""
    actual, target, high = (exact(weighed[name]) for name in ("actual_value", "target_value", "target_high"))
    top = high.where(weighed["comparison"].eq("between"), target)
    over = weighed["comparison"].isin(["at_most", "less_than", "between"]) & (actual > top)
    ratio = divided(actual, target).mask(over, 1 - divided(actual - top, top))
    held = ratio.map(lambda value: min(max(value, NONE), Fraction(1)))
    return held.where(weighed["target_value"].ne(0), NONE)


def score(departments: pd.DataFrame, rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Add the rows up by criterion.

    Returns:
        One row per department × criterion and one for the total: ``weight``, ``points`` (rounded half up to 0.01; the
        total is the sum of the rounded), ``self_points`` as filed, ``difference``, ``unreported_weight``,
        ``unjudged_weight``.
    """
    return with_total(by_criterion(departments, rows, policy), departments, policy)


def by_criterion(departments: pd.DataFrame, rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Add the rows up: one row per department × criterion, without difference and total."""
    parts = [_execution(departments, policy)]
    parts += [_block(departments, rows, each.name, policy) for each in policy.criteria if each.name != EXECUTION]
    return pd.concat(parts, ignore_index=True)


def with_total(table: pd.DataFrame, departments: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Add the rows of the total and the differences to points by criterion; in the order of departments and policy."""
    total = table.groupby("department", sort=False, as_index=False)[
        ["weight", "points", "unreported_weight", "unjudged_weight"]
    ].sum()
    total = total.assign(
        criterion=TOTAL,
        points=[
            half_up(sum(map(Fraction, map(repr, group)), NONE))
            for _, group in table.groupby("department", sort=False)["points"]
        ],
        self_points=total["department"].map(departments.set_index("department")["total_points"]),
    )
    order = {name: place for place, name in enumerate([*(each.name for each in policy.criteria), TOTAL])}
    place = {name: number for number, name in enumerate(departments["department"])}
    table = pd.concat([table, total], ignore_index=True)
    table = table.iloc[np.lexsort((table["criterion"].map(order), table["department"].map(place)))].reset_index(
        drop=True
    )
    self_exact, points = exact(table["self_points"]), exact(table["points"])
    difference = floats(points - self_exact).where(table["self_points"].notna())
    return table.assign(difference=difference)[
        [
            "department",
            "criterion",
            "weight",
            "points",
            "self_points",
            "difference",
            "unreported_weight",
            "unjudged_weight",
        ]
    ]


def _execution(departments: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Weight × min(全年执行数 / 全年预算数, 1); without a budget it is not computable and its weight unjudged."""
    weight = Fraction(repr(float(policy.weight(EXECUTION))))
    computable = departments["funds_budget"].gt(0) & departments["funds_executed"].ge(0)
    ratio = divided(exact(departments["funds_executed"]), exact(departments["funds_budget"]))
    held = ratio.map(lambda value: min(value, Fraction(1)))
    return pd.DataFrame(
        {
            "department": departments["department"],
            "criterion": EXECUTION,
            "weight": float(weight),
            "points": rounded(held * weight).where(computable, 0.0),
            "self_points": departments["funds_points"],
            "unreported_weight": 0.0,
            "unjudged_weight": np.where(computable, 0.0, float(weight)),
        }
    )


def _block(departments: pd.DataFrame, rows: pd.DataFrame, criterion: str, policy: Policy) -> pd.DataFrame:
    """Add up the rows of one block; a block without rows is unreported as a whole."""
    weight = float(policy.weight(criterion))
    names = departments["department"]
    mine = rows[rows["criterion"].eq(criterion)]

    def summed(values: pd.Series[Any]) -> pd.Series[Any]:
        sums = values.groupby(mine["department"]).sum()
        return names.map(sums).where(names.isin(sums.index), NONE)

    empty = ~names.isin(mine["department"])
    weights = mine["weight"]
    stated = mine.loc[mine["filed_self_points"].notna()].drop_duplicates(["department", "sheet", "self_points_cell"])
    return pd.DataFrame(
        {
            "department": names,
            "criterion": criterion,
            "weight": weight,
            "points": rounded(summed(mine["points"])),
            "self_points": names.map(stated.groupby("department")["filed_self_points"].sum()),
            "unreported_weight": floats(summed(weights.where(mine["state"].eq(State.UNREPORTED), NONE))).where(
                ~empty, weight
            ),
            "unjudged_weight": floats(summed(weights.where(mine["state"].eq(State.UNJUDGED), NONE))),
        }
    )
