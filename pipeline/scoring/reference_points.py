"""Measures → the points that a scoring table in use elsewhere gives for them, and alarms over execution.

Both stand beside the 100 points and never go into them. Points are exact: a rate is divided as a fraction of the
figures that were filed, so that 95% is one whole step of five points below 100%, not a little more or less.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.scoring.exact import fraction, half_up, quotient
from schemas.measures import MEASURE
from schemas.policy import Linear, Lookup, PolicyError, WholeSteps

if TYPE_CHECKING:
    from schemas.policy import Policy, ReferencePoints

PERCENTAGE_POINTS = 100
"""Percentage points in 1."""
NONE = Fraction(0)


def award_reference_points(measures: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give the reference points of every department (policy, ``reference``).

    Args:
        measures: one row per department × measure, as `pipeline.measure.measure` gives it.
        policy: the measures that get points, how many, and the source of each.

    Returns:
        One row per department × measure of the policy, in the order of ``measures``: ``label`` and ``source`` of the
        scoring table, ``value`` (a fraction), ``weight`` and ``points`` (rounded half up to 0.01). Where the measure
        cannot be computed both value and points are blank, never 0, and ``reason`` says why.

    Raises:
        PolicyError: the policy speaks of a measure that there is not.
    """
    known = asked(policy)
    rows = measures[measures["measure"].isin(known.keys())].reset_index(drop=True)
    mine = [known[name] for name in rows["measure"]]
    terms = zip(mine, rows["numerator"], rows["denominator"], strict=True)
    given = [points(each, above, below) for each, above, below in terms]
    return pd.DataFrame(
        {
            "department": rows["department"],
            "measure": rows["measure"],
            "label": pd.Series([each.label for each in mine], dtype=str),
            "value": rows["value"],
            "weight": np.array([each.weight for each in mine], dtype=float),
            "points": np.array([np.nan if each is None else half_up(each) for each in given], dtype=float),
            "reason": rows["reason"],
            "source": pd.Series([each.source for each in mine], dtype=str),
        }
    )


def points(asked: ReferencePoints, numerator: float, denominator: float) -> Fraction | None:
    """Give the exact points for a rate, told by its two terms.

    Args:
        asked: the curve and the weight that points never exceed; they never fall below 0 either.
        numerator: 万元 or a count; a blank is not computable.
        denominator: likewise; what is not above zero is not computable.

    Returns:
        None where the rate is not computable.
    """
    if np.isnan(numerator) or not denominator > 0:
        return None
    return _points(asked, quotient(fraction(numerator), fraction(denominator)))


def asked(policy: Policy) -> dict[str, ReferencePoints]:
    """Give what the policy gives points for by measure, once all of them are known to exist."""
    known = {each.measure: each for each in policy.reference}
    unknown = known.keys() - MEASURE.keys()
    if unknown:
        raise PolicyError(f"政策文件 {policy.file} 的 reference 写了没有的指标：{'、'.join(sorted(unknown))}")
    return known


def _points(asked: ReferencePoints, value: Fraction) -> Fraction:
    weight = fraction(asked.weight)
    match asked.curve:
        case Linear() as curve:
            given = weight - _beyond(curve, value) * PERCENTAGE_POINTS * fraction(curve.per_point)
        case WholeSteps() as curve:
            given = weight - _beyond(curve, value) // fraction(curve.step) * fraction(curve.per_step)
        case Lookup() as curve:
            bands = (band.points for band in curve.bands if abs(value) <= fraction(band.upto))
            given = fraction(next(bands, 0))
    return min(max(given, NONE), weight)


def _beyond(curve: Linear | WholeSteps, value: Fraction) -> Fraction:
    """Give how far a value is on the wrong side of the limit, as a fraction; 0 on the right side."""
    above = value - fraction(curve.limit)
    if curve.direction == "either":
        return abs(above)
    return max(above if curve.direction == "above" else -above, NONE)
