"""Indicators → what each row is: target and actual as understood, state and attainment (method sections 3-5).

All departments at once: the cells are understood one distinct text at a time, everything else is vectors.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.clean import DIGITS
from schemas.states import State
from schemas.target import RATE, Comparison, Day, Sort, Target, parse, parse_actual

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemas.policy import Policy, Qualitative

COST = "cost"
"""The aspect (成本指标) under which an amount of money without a word of comparison is an upper bound."""
WAN = 10000.0
"""A number with a 万 of its own, or a higher multiplier: 90万 under 成本指标 is money, though no 元 says so."""
FULL = 1.0
HUNDRED = 100.0
YUAN = 0.0001
"""One 元 in 万元."""

WITH_A_YEAR = 10000
"""A day from here on as one number has a year: 20211231, and 1231 has none."""
FAR = 100.0
"""How many times its target a bare actual must be, or the other way round, to be doubted: units are 10,000 apart."""

_UPPER = (Comparison.AT_MOST, Comparison.LESS_THAN)
_BOUNDS = (Comparison.AT_LEAST, Comparison.MORE_THAN, *_UPPER)


def judge(indicators: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Judge every indicator row.

    Args:
        indicators: one row per department × indicator row, as read.
        policy: words of the bands and of affirmation.

    Returns:
        The same rows with: ``comparison``, ``target_value``, ``target_high``, ``actual_value``, ``unit`` (base
        units, rates as fractions), ``state``, ``attainment``, ``band``, and how they were read: ``target_sort``,
        ``actual_sort``, ``bound`` (the actual is itself a bound), ``rate_read`` ("fraction" or
        "percent": an actual without % against a rate; "over": one that cannot be), ``units_differ``, ``affirmed``,
        ``words_known``, ``words_met``, ``late`` (done after the deadline of the target).
    """
    table = indicators.reset_index(drop=True)
    table = table.join(_understood(table["target"], parse, "target"))
    table = table.join(_understood(_with_unit(table), parse_actual, "actual"))
    for name in ("target", "actual"):
        table[f"{name}_sort"] = table[f"{name}_sort"].mask(table[f"{name}_doubtful"], Sort.DOUBTFUL)
    shares = "|".join(map(re.escape, policy.at_most_whole.words))
    table = _compare(table.assign(at_most_whole=table["level3"].str.contains(shares)))
    table = table.assign(band=[_band(text, policy.qualitative) for text in table["actual"]])
    affirmed = table["actual"].str.strip().isin(policy.qualitative.affirmed.words)
    return _decide(table.assign(affirmed=affirmed & table["target_sort"].eq(Sort.MEASURE)))


def _with_unit(table: pd.DataFrame) -> pd.Series[str]:
    """Give the actuals; a bare number in a form with 度量单位 in a column of its own is in that unit."""
    bare = table["actual"].str.strip().str.fullmatch(r"\d+(?:\.\d+)?") & table["actual_unit_given"].ne("")
    return table["actual"].where(~bare, table["actual"].str.strip() + table["actual_unit_given"])


def _understood(texts: pd.Series[str], read: Callable[[str], Target], name: str) -> pd.DataFrame:
    """Give what each text of a column means, as columns ``<name>_sort`` and so on."""
    found = [read(text) for text in texts]

    def numbers(values: list[object]) -> pd.Series[float]:
        return pd.Series([np.nan if value is None else float(str(value)) for value in values], dtype="float64")

    return pd.DataFrame(
        {
            f"{name}_sort": pd.Series([target.sort.value for target in found], dtype="str"),
            f"{name}_comparison": pd.Series([target.comparison.value for target in found], dtype="str"),
            f"{name}_value": numbers([target.value for target in found]),
            f"{name}_high": numbers([target.high for target in found]),
            f"{name}_unit": pd.Series([target.unit for target in found], dtype="str"),
            f"{name}_dimension": pd.Series([target.dimension for target in found], dtype="str"),
            f"{name}_scale": numbers([target.scale for target in found]),
            f"{name}_stray_dot": pd.Series([target.stray_dot for target in found], dtype="bool"),
            f"{name}_first_day": numbers([_ordered(target.first_day) for target in found]),
            f"{name}_last_day": numbers([_ordered(target.last_day) for target in found]),
        },
        index=texts.index,
    )


def _ordered(day: Day | None) -> int | None:
    """Give a day as one number in the order of the calendar, 20211231; 1231 where its year is not written."""
    return None if day is None else (day[0] * 100 + day[1]) * 100 + day[2]


def _compare(table: pd.DataFrame) -> pd.DataFrame:
    """Bring actuals and targets to one unit, and settle the comparison where no word tells it."""
    bound = table["actual_sort"].eq(Sort.MEASURE) & table["actual_comparison"].isin(_BOUNDS)
    single = ~bound & table["actual_high"].isna()
    bare = table["actual_dimension"].eq("") & table["actual_unit"].eq("")
    bare_target = table["target_dimension"].eq("") & table["target_unit"].eq("")
    counted = table["target_dimension"].eq("") & table["actual_dimension"].eq("")
    dimension = table["target_dimension"].where(~bare_target, table["actual_dimension"])
    rate_read = _rate_read(table, bare & single)
    value = table["actual_value"].where(rate_read != "percent", table["actual_value"] / HUNDRED)
    value = value.where(~bare | table["target_unit"].eq(RATE), table["actual_value"] * _in_unit_of(table, "target"))
    targets = {name: table[name] for name in ("target_value", "target_high")}
    top = targets["target_high"].fillna(targets["target_value"])
    to_unit = _in_unit_of(table, "actual").mask(table["actual_unit"].eq(RATE), 1 / HUNDRED)
    to_unit = to_unit.mask(table["actual_unit"].eq(RATE) & top.le(FULL), 1.0)
    moved = bare_target & ~table["actual_dimension"].eq("")
    money = dimension.eq("money") | (bare & bare_target & table["target_scale"].ge(WAN))
    default = np.select(
        [money & table["aspect"].eq(COST), table["target_value"].eq(0)],
        [Comparison.AT_MOST, Comparison.EQUAL],
        default=Comparison.AT_LEAST,
    )
    named = table["target_comparison"].where(table["target_comparison"].ne(""), pd.Series(default, index=table.index))
    return table.assign(
        actual_value=_typed(value),
        **{name: _typed(each.where(~moved, each * to_unit)) for name, each in targets.items()},
        rate_read=rate_read,
        units_differ=single
        & counted
        & ~bare
        & table["target_unit"].ne("")
        & table["target_unit"].ne(table["actual_unit"]),
        comparable=(bare | bare_target | table["target_dimension"].eq(table["actual_dimension"]))
        & ~(bare & ~table["target_unit"].eq(RATE) & _in_another_unit(table, value)),
        comparison=named.where(table["target_sort"].eq(Sort.MEASURE), "").astype("str"),
        unit=table["target_unit"].where(table["target_unit"].ne(""), table["actual_unit"]),
        bound=bound,
    )


def _in_another_unit(table: pd.DataFrame, value: pd.Series[float]) -> pd.Series[bool]:
    """Tell a bare actual that is hardly in its target's unit: 40000 against 4亿元 may be 万元, and is asked about."""
    multiplied = table["target_scale"].ne(1) & table["actual_scale"].eq(1)
    times = (value / table["target_value"].where(table["target_value"].gt(0))).where(value.gt(0))
    return multiplied & (times.ge(FAR) | times.le(1 / FAR))


def _rate_read(table: pd.DataFrame, bare: pd.Series[bool]) -> pd.Series[str]:
    """Say how a bare actual is read against a rate, by its size; 0 is 0 either way.

    A rate of part of a whole (满意度, 合格率) that is over 100%, with its % or without, is "over" too.
    """
    size = table["actual_value"].abs()
    rates = table["target_unit"].eq(RATE) & size.gt(0)
    impossible = table["at_most_whole"] & table["actual_unit"].eq(RATE) & size.gt(FULL) & table["target_value"].le(FULL)
    told = np.select(
        [rates & impossible, ~bare | ~rates, size.le(FULL), size.le(HUNDRED)],
        ["over", "", "fraction", "percent"],
        "over",
    )
    return pd.Series(told, index=table.index, dtype="str")


def _in_unit_of(table: pd.DataFrame, other: str) -> pd.Series[float]:
    """Give what a bare number on one side is multiplied by: it is in the other side's unit as written.

    A number with 万 or 亿 of its own has been multiplied; against money it is in 元.
    """
    this = "actual" if other == "target" else "target"
    own = table[f"{this}_scale"].ne(1)
    money = table[f"{other}_dimension"].eq("money")
    return table[f"{other}_scale"].mask(own, 1.0).mask(own & money, YUAN)


def _typed(values: pd.Series[float]) -> pd.Series[float]:
    """Take the binary noise of a conversion away: 57.3 / 100 is 0.573."""
    return pd.Series([float(f"{value:.{DIGITS}g}") for value in values], index=values.index, dtype="float64")


def _decide(table: pd.DataFrame) -> pd.DataFrame:
    """Decide state and attainment of every row (the table of method section 4)."""
    comparison, target, actual = table["comparison"], table["target_value"], table["actual_value"]
    top = table["target_high"].where(comparison.eq(Comparison.BETWEEN), target)
    fulfilled = _fulfilled(comparison, actual, target, top)
    over = comparison.isin([*_UPPER, Comparison.BETWEEN]) & actual.gt(top)
    ratio = (actual / target).mask(over, 1 - (actual - top) / top)
    ratio = ratio.mask(comparison.eq(Comparison.BETWEEN) & fulfilled, FULL)

    wordy_target = table["target_sort"].isin([Sort.WORDS, Sort.DEADLINE])
    wordy_actual = table["actual_sort"].isin([Sort.WORDS, Sort.DEADLINE])
    no_target = table["target_sort"].isin([Sort.BLANK, Sort.PLACEHOLDER])
    measured = (
        table["target_sort"].eq(Sort.MEASURE)
        & table["actual_sort"].eq(Sort.MEASURE)
        & table["comparable"]
        & table["rate_read"].ne("over")
        & actual.notna()
        & table["actual_high"].isna()
    )
    single = ~table["bound"] & table["actual_high"].isna()
    words_met = wordy_target & single & table["actual_unit"].eq(RATE) & actual.eq(FULL)
    state = np.select(
        [
            table["actual_sort"].isin([Sort.BLANK, Sort.PLACEHOLDER]),
            no_target | table["bound"],
            measured & fulfilled,
            measured,
            words_met,
            table["affirmed"],
            wordy_target & wordy_actual & (table["band"].ne("") | table["actual_sort"].eq(Sort.DEADLINE)),
        ],
        [State.UNREPORTED, State.UNJUDGED, State.MET, State.PARTLY, State.MET, State.MET, State.QUALITATIVE],
        default=State.UNJUDGED,
    )
    states = pd.Series(state, index=table.index, dtype="str")
    late = _late(table)
    band = table["band"].mask(table["actual_sort"].eq(Sort.DEADLINE) & table["band"].eq(""), "achieved")
    band = band.mask(late, "missed")
    attainment = ratio.where(measured & target.ne(0) & states.isin([State.MET, State.PARTLY]))
    return table.assign(
        state=states,
        band=band.where(states.eq(State.QUALITATIVE), "").astype("str"),
        attainment=attainment,
        words_known=table["band"].ne("") | table["actual_sort"].eq(Sort.DEADLINE),
        words_met=words_met & states.eq(State.MET),
        affirmed=table["affirmed"] & states.eq(State.MET),
        late=late,
    )


def _late(table: pd.DataFrame) -> pd.Series[bool]:
    """Tell where an actual begins after the last day of its target: then it is late, whatever it leaves open.

    Both name a year, or neither does; everything else cannot be compared and is not late.
    """
    begun, allowed = table["actual_first_day"], table["target_last_day"]
    deadlines = table["target_sort"].eq(Sort.DEADLINE) & table["actual_sort"].eq(Sort.DEADLINE)
    alike = begun.ge(WITH_A_YEAR) == allowed.ge(WITH_A_YEAR)
    return deadlines & alike & begun.gt(allowed)


def _fulfilled(
    comparison: pd.Series[str], actual: pd.Series[float], target: pd.Series[float], top: pd.Series[float]
) -> pd.Series[bool]:
    """Tell where an actual does what its target asks; ``top`` is the upper end of a range."""
    told = np.select(
        [
            comparison.eq(Comparison.AT_LEAST),
            comparison.eq(Comparison.MORE_THAN),
            comparison.eq(Comparison.AT_MOST),
            comparison.eq(Comparison.LESS_THAN),
            comparison.eq(Comparison.EQUAL) & target.eq(0),
            comparison.eq(Comparison.EQUAL),
            comparison.eq(Comparison.BETWEEN),
        ],
        [
            actual.ge(target),
            actual.gt(target),
            actual.le(target),
            actual.lt(target),
            actual.le(0),
            actual.ge(target),
            actual.between(target, top),
        ],
        default=False,
    )
    return pd.Series(told, index=actual.index).astype(bool)


@lru_cache(maxsize=65536)
def _band(text: str, qualitative: Qualitative) -> str:
    """Give the band an actual's words belong to, "" when they are known to no list; a negation wins over all."""
    for word in qualitative.set_aside:
        text = text.replace(word, "")
    for name, band in (
        ("missed", qualitative.missed),
        ("partly", qualitative.partly),
        ("achieved", qualitative.achieved),
    ):
        if any(word in text for word in band.words):
            return name
    return ""
