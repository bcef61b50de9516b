"""Raise alarms over budget execution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.scoring.exact import fraction, sums_by
from pipeline.scoring.measures import compute_measures
from pipeline.text_format import format_figure
from schemas.enums import EXECUTION, TOTAL, Alarm
from schemas.forms.model import Kind
from schemas.measures import MEASURE

if TYPE_CHECKING:
    from fractions import Fraction

    from schemas.policy import Alarms, Policy


def raise_alarms(departments: pd.DataFrame, scores: pd.DataFrame, policy: Policy) -> pd.DataFrame:
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
    execution = compute_measures(departments, [MEASURE["budget_execution_rate"]])
    blocks = scores[~scores["criterion"].isin([EXECUTION, TOTAL])]
    given, whole = (sums_by(blocks["department"], blocks[name]) for name in ("points", "weight"))
    share = {department: given[department] / whole[department] for department in given}
    terms = zip(execution["department"], execution["numerator"], execution["denominator"], strict=True)
    told = [_told(share[name], executed, budget, policy.alarms) for name, executed, budget in terms]
    unknown = [f"{reason}，不能判断是否预警。" if reason else "" for reason in execution["reason"]]
    return pd.DataFrame(
        {
            "department": execution["department"],
            "alarm": pd.Series([next(iter(each), Alarm.NONE).value for each in told], dtype=str),
            "reason": pd.Series(
                ["".join(each.values()) or why for each, why in zip(told, unknown, strict=True)], dtype=str
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
    return format_figure(float(value), Kind.AMOUNT)


def _rate(value: Fraction | float) -> str:
    return format_figure(float(value), Kind.RATE)
