"""Indicators → what each row is: target and actual as understood, state and attainment (method sections 3-5).

All departments at once: the cells are understood one distinct text at a time, everything else is vectors.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.reading.parse_cell import BARE
from pipeline.scoring.arrays import among, arrays
from pipeline.scoring.bands import band_of
from pipeline.scoring.common_unit import compare
from schemas.enums import State
from schemas.text.answers import has_rate, less_is_better, other_figures, other_way
from schemas.text.model import DOWNWARDS, RATE, UPWARDS, About, Comparison, Day, Sort, Target, same_sense
from schemas.text.normalise import normalise_label
from schemas.text.targets import is_none, parse, parse_actual

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from pipeline.scoring.arrays import Flags, Numbers, Table, Texts
    from schemas.policy import Policy

COST = "cost"
"""The aspect (成本指标) under which an amount of money without a word of comparison is an upper bound."""
WITH_A_YEAR = 10000
"""A day from here on as one number has a year: 20211231, and 1231 has none."""


def judge(indicators: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Judge every indicator row.

    Args:
        indicators: one row per department × indicator row, as read.
        policy: words of the bands and of affirmation.

    Returns:
        The same rows with: ``comparison``, ``target_value``, ``target_high``, ``actual_value``, ``unit`` (base
        units, rates as fractions), ``state``, ``attainment``, ``band``, and how they were read: ``target_sort``,
        ``actual_sort``, ``bound`` (the actual is itself a bound), ``rate_read`` ("fraction" or
        "percent": an actual without % against a rate; "unclear": as likely the other; "over": one that cannot be),
        ``units_differ``, ``affirmed``, ``words_known``, ``words_met``, ``late`` (done after the deadline of the
        target), ``actual_about`` (how an actual is approximate), ``target_unknown`` and ``actual_unknown`` (the words
        for which a text with a number is none).
    """
    table = indicators.reset_index(drop=True)
    rows = arrays(table)
    targets, actuals = (
        [parsed(text, name) for text, name in zip(texts, rows["level3"], strict=True)]
        for texts, parsed in ((rows["target"], parse), (_with_unit(rows), parse_actual))
    )
    read = _understood(targets, "target") | _understood(actuals, "actual")
    alike = [same_sense(target, actual) for target, actual in zip(targets, actuals, strict=True)]
    read["same_sense"] = np.array(alike, dtype=bool)
    read["cost"] = _is_cost(rows, policy)
    for name in ("target", "actual"):
        read[f"{name}_sort"] = np.where(rows[f"{name}_doubtful"], Sort.DOUBTFUL.value, read[f"{name}_sort"])
    # Where none or few are asked for, 无 is an answer and no placeholder.
    few = (read["target_value"] == 0) | among(read["target_comparison"], DOWNWARDS)
    none = few & np.array([is_none(text) for text in rows["actual"]], dtype=bool)
    read["actual_sort"] = np.where(none, Sort.WORDS.value, read["actual_sort"])
    words = policy.at_most_whole.words
    read["at_most_whole"] = np.array([any(word in name for word in words) for name in rows["level3"]], dtype=bool)
    less = policy.less_is_better.words
    read["less_is_better"] = np.array([less_is_better(name, less) for name in rows["level3"]], dtype=bool)
    texts = zip(rows["actual"], rows["target"], read["target_unknown"], strict=True)
    read["band"] = _texts(
        band_of(actual, "" if unknown else target, policy.qualitative).name for actual, target, unknown in texts
    )
    affirmed = [text.strip() in policy.qualitative.affirmed.words for text in rows["actual"]]
    read["affirmed"] = np.array(affirmed, dtype=bool) & (read["target_sort"] == Sort.MEASURE)
    with np.errstate(all="ignore"):  # what cannot be computed is NaN
        read |= compare(rows | read)
        read |= _decide(rows | read, policy.year)
    return table.assign(**read)


def _texts(values: Iterable[str]) -> Texts:
    return np.array(list(values), dtype=object)


def _with_unit(rows: Table) -> list[str]:
    """Give the actuals; a bare number in a form with 度量单位 in a column of its own is in that unit."""
    return [
        text.strip() + unit if unit and BARE.fullmatch(text.strip()) else text
        for text, unit in zip(rows["actual"], rows["actual_unit_given"], strict=True)
    ]


def _is_cost(rows: Table, policy: Policy) -> Flags:
    """Tell where an indicator is one of cost: by the form's 成本指标, or by what the policy calls such a level."""
    words = {normalise_label(word) for word in policy.cost.words}
    levels = zip(rows["aspect"], rows["level1"], rows["level2"], strict=True)
    named = [aspect == COST or not words.isdisjoint(map(_unnumbered, above)) for aspect, *above in levels]
    return np.array(named, dtype=bool)


@lru_cache(maxsize=4096)
def _unnumbered(level: str) -> str:
    """Give the name of a level without its number: 成本指标1."""
    return normalise_label(level).rstrip("0123456789")


def _understood(found: list[Target], name: str) -> dict[str, Any]:
    """Give what each text of a column means, as columns ``<name>_sort`` and so on."""

    def numbers(values: Iterable[object]) -> Numbers:
        return np.array([np.nan if value is None else float(str(value)) for value in values], dtype=float)

    return {
        f"{name}_sort": _texts(target.sort.value for target in found),
        f"{name}_comparison": _texts(target.comparison.value for target in found),
        f"{name}_value": numbers(target.value for target in found),
        f"{name}_high": numbers(target.high for target in found),
        f"{name}_unit": _texts(target.unit for target in found),
        f"{name}_dimension": _texts(target.dimension for target in found),
        f"{name}_scale": numbers(target.scale for target in found),
        f"{name}_change": _texts(target.change for target in found),
        f"{name}_about": _texts(target.about.value for target in found),
        f"{name}_unknown": _texts(target.unknown for target in found),
        f"{name}_stray_dot": np.array([target.stray_dot for target in found], dtype=bool),
        f"{name}_first_day": numbers(_ordered(target.first_day) for target in found),
        f"{name}_last_day": numbers(_ordered(target.last_day) for target in found),
    }


def _ordered(day: Day | None) -> int | None:
    """Give a day as one number in the order of the calendar, 20211231; 1231 where its year is not written."""
    return None if day is None else (day[0] * 100 + day[1]) * 100 + day[2]


def _decide(rows: Table, year: int) -> dict[str, Any]:
    """Decide state and attainment of every row (the table of method section 4)."""
    comparison, target, actual = rows["comparison"], rows["target_value"], rows["actual_value"]
    between = comparison == Comparison.BETWEEN
    top = np.where(between, rows["target_high"], target)
    exact = rows["actual_about"] == ""
    sure = _surely_fulfilled(rows["actual_about"], comparison, actual, target)
    fulfilled = np.where(exact, _fulfilled(comparison, actual, target, top), sure)
    over = (between | among(comparison, DOWNWARDS)) & (actual > top)
    ratio = np.select([between & fulfilled, over], [1.0, 1 - (actual - top) / top], actual / target)

    wordy_actual = among(rows["actual_sort"], [Sort.WORDS, Sort.DEADLINE])
    # A change may be answered in words: 明显下降 for 下降3%.
    wordy_target = among(rows["target_sort"], [Sort.WORDS, Sort.DEADLINE])
    wordy_target |= (rows["target_change"] != "") & (rows["actual_sort"] == Sort.WORDS)
    no_target = among(rows["target_sort"], [Sort.BLANK, Sort.PLACEHOLDER])
    deadline = rows["actual_sort"] == Sort.DEADLINE
    told = (rows["band"] != "") & ~(wordy_target & _unsure(rows))
    measured = (
        (rows["target_sort"] == Sort.MEASURE)
        & (rows["actual_sort"] == Sort.MEASURE)
        & rows["comparable"]
        & (rows["rate_read"] != "over")
        & ~np.isnan(actual)
        & np.isnan(rows["actual_high"])
        & (exact | sure)
    )
    single = ~rows["bound"] & np.isnan(rows["actual_high"])
    full = (rows["actual_unit"] == RATE) & (actual == 1) & exact & (rows["actual_change"] == "")
    of_rate = np.array([has_rate(text) for text in rows["target"]], dtype=bool)
    words_met = wordy_target & single & full & ~of_rate
    states = (
        (among(rows["actual_sort"], [Sort.BLANK, Sort.PLACEHOLDER]), State.UNREPORTED),
        (no_target | rows["bound"], State.UNJUDGED),
        (measured & fulfilled, State.MET),
        (measured, State.PARTLY),
        (words_met, State.MET),
        (rows["affirmed"], State.MET),
        (wordy_target & wordy_actual & (told | deadline), State.QUALITATIVE),
    )
    state = np.select([flags for flags, _ in states], [each.value for _, each in states], State.UNJUDGED.value)
    late = _late(rows, year)
    band = np.select([late, deadline & (rows["band"] == "")], ["missed", "achieved"], rows["band"])
    return {
        "state": state,
        "band": np.where(state == State.QUALITATIVE, band, ""),
        "attainment": np.where(measured & (target != 0) & among(state, [State.MET, State.PARTLY]), ratio, np.nan),
        "words_known": told | deadline,
        "words_met": words_met & (state == State.MET),
        "affirmed": rows["affirmed"] & (state == State.MET),
        "late": late,
    }


def _unsure(rows: Table) -> Flags:
    """Tell where words affirm and may be short all the same: 下降2% of 下降3%, 增加 where 减少 is asked."""
    affirming = (rows["actual_sort"] == Sort.WORDS) & among(rows["band"], ["achieved", "partly"])
    unlike = [
        asked and (other_figures(target, actual) or other_way(target, actual))
        for asked, target, actual in zip(affirming, rows["target"], rows["actual"], strict=True)
    ]
    return np.array(unlike, dtype=bool)


def _late(rows: Table, year: int) -> Flags:
    """Tell where an actual begins after the last day of its target: then it is late, whatever it leaves open.

    A day without a year is of the ``year`` under evaluation, but for an actual beside a target of another year: that is
    not compared, and not late.
    """
    allowed, begun = rows["target_last_day"], rows["actual_first_day"]
    allowed = np.where(allowed < WITH_A_YEAR, allowed + year * WITH_A_YEAR, allowed)
    of_year = (begun >= WITH_A_YEAR) | (allowed // WITH_A_YEAR == year)
    begun = np.where(begun < WITH_A_YEAR, begun + year * WITH_A_YEAR, begun)
    deadlines = (rows["target_sort"] == Sort.DEADLINE) & (rows["actual_sort"] == Sort.DEADLINE)
    late: Flags = deadlines & of_year & (begun > allowed)
    return late


def _surely_fulfilled(about: Texts, comparison: Texts, actual: Numbers, target: Numbers) -> Flags:
    """Tell where an approximate actual does what its target asks, wherever the true number lies on its side.

    200余 is at least 200, and 近200 at most; what 约200 is against any target is not told.
    """
    lower = among(comparison, UPWARDS) | ((comparison == Comparison.EQUAL) & (target != 0))
    over = (about == About.OVER) & lower & (actual >= target)
    sure: Flags = over | ((about == About.UNDER) & among(comparison, DOWNWARDS) & (actual <= target))
    return sure


def _fulfilled(comparison: Texts, actual: Numbers, target: Numbers, top: Numbers) -> Flags:
    """Tell where an actual does what its target asks; ``top`` is the upper end of a range."""
    asked = (
        (comparison == Comparison.AT_LEAST, actual >= target),
        (comparison == Comparison.MORE_THAN, actual > target),
        (comparison == Comparison.AT_MOST, actual <= target),
        (comparison == Comparison.LESS_THAN, actual < target),
        ((comparison == Comparison.EQUAL) & (target == 0), actual <= 0),
        (comparison == Comparison.EQUAL, actual >= target),
        (comparison == Comparison.BETWEEN, (actual >= target) & (actual <= top)),
    )
    return np.select([where for where, _ in asked], [told for _, told in asked], default=False)
