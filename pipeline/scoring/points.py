"""Judged indicators and departments → weights, points and scores, all departments at once (method sections 1, 2, 6).

Points are exact fractions until a criterion's are rounded half up; a row's points are never rounded.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from pipeline.scoring.arrays import arrays
from pipeline.scoring.exact import filled, fraction, quotient
from schemas.enums import State
from schemas.text.model import Comparison

if TYPE_CHECKING:
    import pandas as pd

    from schemas.policy import Policy

NONE, FULL = Fraction(0), Fraction(1)


def award_points(weighed: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give every row its points (method sections 4 and 5).

    Adds ``points`` (exact) and ``held`` ("low" or "high" where the department's own ratio was held at an edge of the
    band); a qualitative row without self points becomes unjudged.
    """
    rows = arrays(weighed)
    bands = {name: getattr(policy.qualitative, name) for name in ("missed", "partly", "achieved")}
    edges = {name: (fraction(band.low), fraction(band.high)) for name, band in bands.items()}
    qualitative = rows["state"] == State.QUALITATIVE
    state = np.where(qualitative & ~rows["has_ratio"], State.UNJUDGED.value, rows["state"])
    share, held = np.full(len(weighed), NONE, dtype=object), np.full(len(weighed), "", dtype=object)
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
