"""Judged indicators and departments → weights, points and scores, all departments at once (method sections 1, 2, 6).

Points are exact fractions until a criterion's are rounded half up; a row's points are never rounded.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.scoring.exact import filled, fraction, fractions, half_up, quotient, quotients, sums_by, sums_of
from pipeline.validation.columns import Columns, numbered
from schemas.enums import EXECUTION, TOTAL, Basis, State
from schemas.rules.predicates import again
from schemas.text.model import Comparison

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.policy import Policy
    from schemas.rules.model import Flags, Numbers, Table, Texts

NONE, FULL = Fraction(0), Fraction(1)


def weigh(judged: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give every row its weight (method section 2).

    Adds ``weight`` (exact), ``weight_basis``, ``filed_sum`` (of the block's filed weights), ``own_ratio`` (self
    points / weight, of the row, its merged cell or its block; missing where there are no self points).
    """
    rows = dict(Columns(judged))
    weights = {each.name: fraction(each.weight) for each in policy.criteria}
    block = numbered(rows["department"], rows["criterion"])
    count = np.bincount(block)
    rows["block_weight"] = fractions(weights.get(name, NONE) for name in rows["criterion"])
    rows["block_rows"] = count[block]
    filed = rows["filed_weight"]
    rows |= _shares(rows, "weight", np.where(filed >= 0, filed, np.nan))  # a negative weight is a finding, and none
    rows |= _shares(rows, "self_points", rows["filed_self_points"])
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


def _left(weight: Fraction, filed: Fraction) -> Fraction:
    """Give what the filed weights of a block leave of its weight."""
    return max(weight - filed, NONE)


def _first(group: Any) -> Any:
    """Give the place of the first row of the group of each row."""
    _, first = np.unique(group, return_index=True)
    return first[group]


def _shares(rows: Table, name: str, filed: Numbers) -> dict[str, Any]:
    """Give each row its share of the cell its value stands in: a merged cell over five rows is shared by five."""
    cell = numbered(rows["department"], rows["sheet"], rows[f"{name}_cell"])
    size = np.bincount(cell)[cell]
    return {
        f"{name}_size": size,
        f"{name}_stated": ~np.isnan(filed),
        f"{name}_share": quotients(map(filled, filed), size),
    }


def _own_ratio(rows: Table, block: Any) -> dict[str, Any]:
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


def give(weighed: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give every row its points (method sections 4 and 5).

    Adds ``points`` (exact) and ``held`` ("low" or "high" where the department's own ratio was held at an edge of the
    band); a qualitative row without self points becomes unjudged.
    """
    rows = Columns(weighed)
    bands = {name: getattr(policy.qualitative, name) for name in ("missed", "partly", "achieved")}
    edges = {name: (fraction(band.low), fraction(band.high)) for name, band in bands.items()}
    qualitative = rows["state"] == State.QUALITATIVE
    state = np.where(qualitative & ~rows["has_ratio"], State.UNJUDGED.value, rows["state"])
    share, held = np.full(len(weighed), NONE, dtype="object"), np.full(len(weighed), "", dtype="object")
    share[state == State.MET] = FULL
    for row in np.flatnonzero(state == State.PARTLY):
        share[row] = _partly(
            *(rows[name][row] for name in ("comparison", "actual_value", "target_value", "target_high"))
        )
    for row in np.flatnonzero(state == State.QUALITATIVE):
        (low, high), own = edges[rows["band"][row]], rows["own_ratio"][row]
        share[row] = min(max(own, low), high)
        held[row] = "low" if own < low else "high" if own > high else ""
    return weighed.assign(state=state, held=held, share=share, points=share * rows["weight"])


def _partly(comparison: str, actual_value: float, target_value: float, target_high: float) -> Fraction:
    """Give the share of a row that fell short, from the figures and not from the rounded attainment."""
    actual, target = filled(actual_value), filled(target_value)
    if not target:
        return NONE
    top = filled(target_high) if comparison == Comparison.BETWEEN else target
    over = comparison in {Comparison.AT_MOST, Comparison.LESS_THAN, Comparison.BETWEEN} and actual > top
    ratio = 1 - quotient(actual - top, top) if over else quotient(actual, target)
    return min(max(ratio, NONE), FULL)


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
    blocks = [each.name for each in policy.criteria if each.name != EXECUTION]
    return pd.concat(
        [_execution(Columns(departments), policy), _blocks(Columns(departments), Columns(rows), blocks, policy)],
        ignore_index=True,
    )


def with_total(table: pd.DataFrame, departments: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Add the rows of the total and the differences to points by criterion; in the order of departments and policy."""
    summed = table.groupby("department", sort=False)[["weight", "unreported_weight", "unjudged_weight"]].sum()
    of = Columns(table)
    points = sums_of(numbered(of["department"]), map(fraction, of["points"]))
    filed = dict(zip(departments["department"], departments["total_points"], strict=True))
    total = summed.reset_index().assign(
        criterion=TOTAL,
        points=list(map(half_up, points)),
        self_points=[filed[name] for name in summed.index],
    )
    order = {name: place for place, name in enumerate([*(each.name for each in policy.criteria), TOTAL])}
    place = {name: number for number, name in enumerate(departments["department"])}
    table = pd.concat([table, total], ignore_index=True)
    at = zip(table["department"], table["criterion"], strict=True)
    rank = [place[department] * len(order) + order[criterion] for department, criterion in at]
    table = table.iloc[np.argsort(rank)].reset_index(drop=True)
    pairs = zip(table["points"], table["self_points"], strict=True)
    difference = [np.nan if np.isnan(own) else float(fraction(given) - fraction(own)) for given, own in pairs]
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


def _execution(departments: Table, policy: Policy) -> pd.DataFrame:
    """Weight × min(全年执行数 / 全年预算数, 1); without a budget it is not computable and its weight unjudged."""
    weight = fraction(policy.weight(EXECUTION))
    budgets, executed = departments["funds_budget"], departments["funds_executed"]
    computable = (budgets > 0) & (executed >= 0)
    points = [
        half_up(min(fraction(spent) / fraction(budget), FULL) * weight) if known else 0.0
        for spent, budget, known in zip(executed, budgets, computable, strict=True)
    ]
    return pd.DataFrame(
        {
            "department": pd.Series(departments["department"], dtype="str"),
            "criterion": EXECUTION,
            "weight": float(weight),
            "points": points,
            "self_points": departments["funds_points"],
            "unreported_weight": 0.0,
            "unjudged_weight": np.where(computable, 0.0, float(weight)),
        }
    )


def _blocks(departments: Table, rows: Table, blocks: Sequence[str], policy: Policy) -> pd.DataFrame:
    """Add up the rows of each block; a block without rows is unreported as a whole."""
    names = departments["department"]
    keys = [(criterion, name) for criterion in blocks for name in names]
    place = {key: at for at, key in enumerate(keys)}
    block = [place.get(key, -1) for key in zip(rows["criterion"], rows["department"], strict=True)]
    at = np.array(block, dtype="int64")
    weights = np.repeat([float(policy.weight(criterion)) for criterion in blocks], len(names))

    def summed(name: str, where: Flags) -> Any:
        return sums_of(at[where], rows[name][where], len(keys))

    unreported, unjudged = (
        summed("weight", (at >= 0) & (rows["state"] == state)).astype("float64")
        for state in (State.UNREPORTED, State.UNJUDGED)
    )
    return pd.DataFrame(
        {
            "department": pd.Series([name for _, name in keys], dtype="str"),
            "criterion": pd.Series([criterion for criterion, _ in keys], dtype="str"),
            "weight": weights,
            "points": list(map(half_up, summed("points", at >= 0))),
            "self_points": np.concatenate([_claimed(rows, names, criterion) for criterion in blocks]),
            "unreported_weight": np.where(np.isin(np.arange(len(keys)), at), unreported, weights),
            "unjudged_weight": unjudged,
        }
    )


def _claimed(rows: Table, names: Texts, criterion: str) -> Numbers:
    """Add up what each department gives itself for the rows of a block; a merged cell counts once."""
    filed = rows["filed_self_points"]
    stated = np.flatnonzero((rows["criterion"] == criterion) & ~np.isnan(filed))
    stated = stated[~again(*(rows[name][stated] for name in ("department", "sheet", "self_points_cell")))]
    sums = sums_by(rows["department"][stated], filed[stated])
    return np.array([float(sums[name]) if name in sums else np.nan for name in names])
