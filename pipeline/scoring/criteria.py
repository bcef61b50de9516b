"""Sum points by criterion and in total (method sections 1 and 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.scoring.arrays import arrays, groups
from pipeline.scoring.exact import fraction, half_up, sums_by, sums_of
from pipeline.scoring.points import FULL
from schemas.enums import EXECUTION, TOTAL, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.scoring.arrays import Flags, Numbers
    from schemas.policy import Policy


def score_criteria(departments: pd.DataFrame, rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
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
        [_execution(departments, policy), _blocks(departments["department"], rows, blocks, policy)],
        ignore_index=True,
    )


def with_total(table: pd.DataFrame, departments: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Add the rows of the total and the differences to points by criterion; in the order of departments and policy."""
    summed = table.groupby("department", sort=False)[["weight", "unreported_weight", "unjudged_weight"]].sum()
    points = sums_of(groups(table, "department"), map(fraction, table["points"]))
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


def _execution(departments: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Weight × min(全年执行数 / 全年预算数, 1); without a budget it is not computable and its weight unjudged."""
    weight = fraction(policy.weight(EXECUTION))
    budgets, executed = (departments[name].to_numpy() for name in ("funds_budget", "funds_executed"))
    computable = (budgets > 0) & (executed >= 0)
    points = [
        half_up(min(fraction(spent) / fraction(budget), FULL) * weight) if known else 0.0
        for spent, budget, known in zip(executed, budgets, computable, strict=True)
    ]
    return pd.DataFrame(
        {
            "department": departments["department"],
            "criterion": EXECUTION,
            "weight": float(weight),
            "points": points,
            "self_points": departments["funds_points"],
            "unreported_weight": 0.0,
            "unjudged_weight": np.where(computable, 0.0, float(weight)),
        }
    )


def _blocks(names: pd.Series[str], indicators: pd.DataFrame, blocks: Sequence[str], policy: Policy) -> pd.DataFrame:
    """Add up the rows of each block; a block without rows is unreported as a whole."""
    rows = arrays(indicators)
    keys = [(criterion, name) for criterion in blocks for name in names]
    place = {key: at for at, key in enumerate(keys)}
    block = [place.get(key, -1) for key in zip(rows["criterion"], rows["department"], strict=True)]
    at = np.array(block, dtype="int64")
    weights = np.repeat([float(policy.weight(criterion)) for criterion in blocks], len(names))

    def summed(name: str, where: Flags) -> Any:
        return sums_of(at[where], rows[name][where], len(keys))

    unreported, unjudged = (
        summed("weight", (at >= 0) & (rows["state"] == state)).astype(float)
        for state in (State.UNREPORTED, State.UNJUDGED)
    )
    return pd.DataFrame(
        {
            "department": pd.Series([name for _, name in keys], dtype=str),
            "criterion": pd.Series([criterion for criterion, _ in keys], dtype=str),
            "weight": weights,
            "points": list(map(half_up, summed("points", at >= 0))),
            "self_points": np.concatenate([_claimed(indicators, names, criterion) for criterion in blocks]),
            "unreported_weight": np.where(np.isin(np.arange(len(keys)), at), unreported, weights),
            "unjudged_weight": unjudged,
        }
    )


def _claimed(indicators: pd.DataFrame, names: pd.Series[str], criterion: str) -> Numbers:
    """Add up what each department gives itself for the rows of a block; a merged cell counts once."""
    columns = indicators[["criterion", "department", "sheet", "self_points_cell", "filed_self_points"]]
    stated = columns[columns["criterion"].eq(criterion) & columns["filed_self_points"].notna()]
    stated = stated.drop_duplicates(["department", "sheet", "self_points_cell"])
    sums = sums_by(stated["department"], stated["filed_self_points"])
    return np.array([float(sums[name]) if name in sums else np.nan for name in names])
