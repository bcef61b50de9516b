"""Measures → the points that a scoring table in use elsewhere gives for them, and alarms over execution.

Both stand beside the 100 points and never go into them. Points are exact: a rate is divided as a fraction of the
figures that were filed, so that 95% is one whole step of five points below 100%, not a little more or less.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.scoring.exact import fraction, half_up, quotient, sums_by
from pipeline.scoring.measures import measure
from pipeline.validation.findings import figure
from schemas.enums import EXECUTION, TOTAL, Alarm
from schemas.forms.model import Kind
from schemas.measures import MEASURE
from schemas.policy import Linear, Lookup, PolicyError, WholeSteps

if TYPE_CHECKING:
    from schemas.policy import Alarms, Policy, ReferencePoints

PERCENTAGE_POINTS = 100
"""Percentage points in 1."""
NONE = Fraction(0)


def reference(measures: pd.DataFrame, policy: Policy) -> pd.DataFrame:
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
            "label": pd.Series([each.label for each in mine], dtype="str"),
            "value": rows["value"],
            "weight": np.array([each.weight for each in mine], dtype="float64"),
            "points": np.array([np.nan if each is None else half_up(each) for each in given], dtype="float64"),
            "reason": rows["reason"],
            "source": pd.Series([each.source for each in mine], dtype="str"),
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
        raise PolicyError(f"政策文件 {policy.year}.toml 的 reference 写了没有的指标：{'、'.join(sorted(unknown))}")
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


def alarms(departments: pd.DataFrame, scores: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Raise the alarms of every department (policy, ``alarms``).

    Red: the execution rate lags behind the share of the indicators' points (computed points / weight of all criteria
    but execution; what is unjudged counts as not obtained) by more of that share than the policy allows. Yellow: more
    of the budget is unspent than it allows, or there is no budget. Red wins, and both reasons are told.

    Args:
        departments: one row per department, with ``funds_budget`` and ``funds_executed`` (万元).
        scores: one row per department × criterion, with ``points`` and ``weight``.
        policy: the limits.

    Returns:
        One row per department in the order of ``departments``: ``alarm`` (an `Alarm`) and ``reason``, a sentence with
        the figures for each alarm; without an alarm "", or which figure is missing to tell.
    """
    execution = measure(departments, [MEASURE["budget_execution_rate"]])
    blocks = scores[~scores["criterion"].isin([EXECUTION, TOTAL])]
    given, whole = (sums_by(blocks["department"], blocks[name]) for name in ("points", "weight"))
    share = {department: given[department] / whole[department] for department in given}
    terms = zip(execution["department"], execution["numerator"], execution["denominator"], strict=True)
    told = [_told(share[name], executed, budget, policy.alarms) for name, executed, budget in terms]
    unknown = [f"{reason}，不能判断是否预警。" if reason else "" for reason in execution["reason"]]
    return pd.DataFrame(
        {
            "department": execution["department"],
            "alarm": pd.Series([next(iter(each), Alarm.NONE).value for each in told], dtype="str"),
            "reason": pd.Series(
                ["".join(each.values()) or why for each, why in zip(told, unknown, strict=True)], dtype="str"
            ),
        }
    )


def _told(share: Fraction, executed: float, budget: float, limits: Alarms) -> dict[Alarm, str]:
    """Give the reason of each alarm that is raised, gravest first; blank figures raise none."""
    if budget <= 0:
        return {Alarm.YELLOW: f"全年预算数为{_amount(budget)}万元。"}
    if np.isnan(executed) or np.isnan(budget):
        return {}
    rate = fraction(executed) / fraction(budget)
    found = {Alarm.RED: _lagging(share, rate, limits), Alarm.YELLOW: _unspent(executed, budget, limits)}
    return {alarm: reason for alarm, reason in found.items() if reason}


def _lagging(share: Fraction, rate: Fraction, limits: Alarms) -> str:
    # Where no indicator has points nothing lags behind them, not even an execution below zero.
    if not share or share - rate <= fraction(limits.red_lag) * share:
        return ""
    return (
        f"指标得分率{_rate(share)}，预算执行率{_rate(rate)}，执行率落后于得分率的部分占得分率的"
        f"{_rate((share - rate) / share)}，超过{_rate(limits.red_lag)}。"
    )


def _unspent(executed: float, budget: float, limits: Alarms) -> str:
    left = fraction(budget) - fraction(executed)
    if left <= fraction(limits.yellow_unspent) * fraction(budget):
        return ""
    return (
        f"全年预算{_amount(budget)}万元，未使用{_amount(left)}万元，占{_rate(left / fraction(budget))}，"
        f"超过{_rate(limits.yellow_unspent)}。"
    )


def _amount(value: Fraction | float) -> str:
    return figure(float(value), Kind.AMOUNT)


def _rate(value: Fraction | float) -> str:
    return figure(float(value), Kind.RATE)
