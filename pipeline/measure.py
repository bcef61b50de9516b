"""Departments → measures: every rate of every department, or why it cannot be computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from schemas.measures import MEASURES, Measure, name_of, total

if TYPE_CHECKING:
    from collections.abc import Iterable


def measure(departments: pd.DataFrame, measures: Iterable[Measure] = MEASURES) -> pd.DataFrame:
    """Compute every measure.

    Args:
        departments: one row per department, a column per field, with ``indicators_met`` and ``indicator_rows``.
        measures: what to compute.

    Returns:
        One row per department × measure: ``numerator``, ``denominator``, ``value`` (a fraction, or 万元 a head),
        blank with a ``reason`` where a figure is missing or the denominator is not above zero.
    """
    tables = [_one(departments, each) for each in measures]
    table = pd.concat(tables, ignore_index=True)
    place = table["department"].map({name: at for at, name in enumerate(departments["department"])})
    return table.iloc[np.argsort(place.to_numpy(), kind="stable")].reset_index(drop=True)


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
    table = measure(departments, asked)
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


def _one(departments: pd.DataFrame, each: Measure) -> pd.DataFrame:
    above, below = total(each.numerator, departments), total(each.denominator, departments)
    blank = departments[list(each.fields())].isna()
    labels = [name_of(name) for name in each.fields()]
    missing = [
        "、".join(label for label, is_blank in zip(labels, row, strict=True) if is_blank)
        for row in blank.itertuples(index=False)
    ]
    reason = np.where(
        blank.any(axis=1), [f"未填写：{names}" for names in missing], np.where(below.le(0), "分母为零", "")
    )
    return pd.DataFrame(
        {
            "department": departments["department"],
            "measure": each.name,
            "label": each.label,
            "numerator": above.round(6),
            "denominator": below.round(6),
            "value": (above / below.where(below.gt(0))).where(reason == ""),
            "reason": reason,
        }
    )
