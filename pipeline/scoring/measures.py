"""Departments → measures: every rate of every department, or why it cannot be computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from schemas.measures import MEASURES, Measure, name_of, total

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.scoring.arrays import Numbers, Texts


def compute_measures(departments: pd.DataFrame, measures: Iterable[Measure] = MEASURES) -> pd.DataFrame:
    """Compute every measure.

    Args:
        departments: one row per department, a column per field, with ``indicators_met`` and ``indicator_rows``.
        measures: what to compute.

    Returns:
        One row per department × measure: ``numerator``, ``denominator``, ``value`` (a fraction, or 万元 a head),
        blank with a ``reason`` where a figure is missing or the denominator is not above zero.
    """
    asked = tuple(measures)
    with np.errstate(all="ignore"):  # what cannot be computed is NaN, with its reason
        found = [_one(departments, each) for each in asked]
    names, count = departments["department"], len(departments)
    # An array per measure, side by side: read row by row they are the measures of one department after the other.
    numerator, denominator, value, reason = (np.stack(of_all, axis=1).ravel() for of_all in zip(*found, strict=True))
    return pd.DataFrame(
        {
            "department": names.repeat(len(asked)).reset_index(drop=True),
            "measure": pd.Series([each.name for each in asked] * count, dtype=str),
            "label": pd.Series([each.label for each in asked] * count, dtype=str),
            "numerator": numerator,
            "denominator": denominator,
            "value": value,
            "reason": pd.Series(reason, dtype=str),
        }
    )


def county(departments: pd.DataFrame, measures: Iterable[Measure] = MEASURES) -> pd.DataFrame:
    """Compute every measure of the county as a whole.

    The county's rate is the rate of the sums, not the mean of the rates; both are shown and named. A department for
    which a measure cannot be computed (a figure is missing, or its denominator is not above zero) is left out of
    both sums, of the mean and of the median: one term alone would put its money above or below the line only.

    Args:
        departments: one row per department, as for `measure`.
        measures: what to compute.

    Returns:
        One row per measure: ``numerator`` and ``denominator`` (the sums, 万元 or a count), ``value`` (the rate of the
        sums), ``mean`` and ``median`` (of the departments' rates), ``departments`` (how many are computable); where
        there are none, all figures are blank with a ``reason``.
    """
    asked = tuple(measures)
    table = compute_measures(departments, asked)
    by_measure = table[table["reason"].eq("")].groupby("measure")
    found = by_measure[["numerator", "denominator"]].sum().round(6)
    found = found.assign(
        value=found["numerator"] / found["denominator"],
        mean=by_measure["value"].mean(),
        median=by_measure["value"].median(),
        departments=by_measure.size(),
    )
    labels = pd.DataFrame({"measure": [each.name for each in asked], "label": [each.label for each in asked]})
    whole = labels.join(found, on="measure")
    counts = whole["departments"].fillna(0).astype("int64")
    return whole.assign(departments=counts, reason=np.where(counts.eq(0), "没有部门可以计算", ""))


def _one(departments: pd.DataFrame, each: Measure) -> tuple[Numbers, Numbers, Numbers, Texts]:
    """Give numerator, denominator, value and reason of a measure of every department."""
    above, below = (total(terms, departments).to_numpy() for terms in (each.numerator, each.denominator))
    reason = np.select([below == 0, below < 0], ["分母为零", "分母为负数"], "").astype(object)
    blank = [(name_of(name), departments[name].isna().to_numpy()) for name in each.fields()]
    for row in np.flatnonzero(np.logical_or.reduce([is_blank for _, is_blank in blank])):
        reason[row] = "未填写：" + "、".join(label for label, is_blank in blank if is_blank[row])
    return np.round(above, 6), np.round(below, 6), np.where(reason == "", above / below, np.nan), reason
