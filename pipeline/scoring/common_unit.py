"""The target and the actual of each indicator, brought to one unit: how each is read, and whether they compare.

What method section 3 says of units, rates and bare numbers, over all rows at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.reading.parse_cell import DIGITS
from pipeline.scoring.arrays import among, positive
from schemas.text.model import DOWNWARDS, RATE, UPWARDS, Comparison, Sort
from schemas.text.units import same_unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.scoring.arrays import Flags, Numbers, Table, Texts

WAN = 10000.0
"""A number with a 万 of its own, or a higher multiplier: 90万 under 成本指标 is money, though no 元 says so."""
FULL = 1.0
HUNDRED = 100.0
YUAN = 0.0001
"""One 元 in 万元."""
FAR = 100.0
"""How many times its target a bare actual must be, or the other way round, to be doubted: units are 10,000 apart."""
NEARER = 10.0
"""How many times its target a bare rate must be to be doubted: the other reading, 100 apart, is then as near."""
PER_MILLE = 0.001

_BOUNDS = (*UPWARDS, *DOWNWARDS)


def compare(rows: Table) -> dict[str, Any]:
    """Bring actuals and targets to one unit, and settle the comparison where no word tells it.

    Args:
        rows: one row per department × indicator row, with target and actual as parsed by
            `pipeline.scoring.judge_indicators`.

    Returns:
        Columns of the same length: ``actual_value``, ``target_value``, ``target_high`` and ``unit`` (base units, rates
        as fractions), ``comparison``, ``comparable``, ``bound`` (the actual is itself a bound), ``rate_read`` and
        ``units_differ``.
    """
    measures = rows["target_sort"] == Sort.MEASURE
    bound = (rows["actual_sort"] == Sort.MEASURE) & among(rows["actual_comparison"], _BOUNDS)
    single = ~bound & np.isnan(rows["actual_high"])
    bare = (rows["actual_dimension"] == "") & (rows["actual_unit"] == "")
    bare_target = (rows["target_dimension"] == "") & (rows["target_unit"] == "")
    counted = (rows["target_dimension"] == "") & (rows["actual_dimension"] == "")
    dimension: Texts = np.where(bare_target, rows["actual_dimension"], rows["target_dimension"])
    rate_read = _rate_read(rows, bare & single)
    value = np.where(rate_read == "percent", rows["actual_value"] / HUNDRED, rows["actual_value"])
    in_unit = bare & (rows["target_unit"] != RATE)
    value = np.where(in_unit, rows["actual_value"] * _in_unit_of(rows, "target"), value)
    in_wan = _in_wan(rows, bare & bare_target & single)
    value = np.where(in_wan, rows["actual_value"] / WAN, value)
    targets = {name: rows[name] for name in ("target_value", "target_high")}
    top = np.where(np.isnan(targets["target_high"]), targets["target_value"], targets["target_high"])
    rates = rows["actual_unit"] == RATE
    to_unit = np.where(rates, np.where(top <= FULL, 1.0, 1 / HUNDRED), _in_unit_of(rows, "actual"))
    moved = bare_target & (rows["actual_dimension"] != "")
    money = _of_money(dimension) | (bare & bare_target & (rows["target_scale"] >= WAN)) | in_wan
    less = (money & rows["cost"]) | rows["less_is_better"]
    change = rows["target_change"] != ""
    default = np.select(
        [less & ~change, (rows["target_value"] == 0) & ~change],
        [Comparison.AT_MOST.value, Comparison.EQUAL.value],
        default=Comparison.AT_LEAST.value,
    )
    # 投诉率增长2%: whether the rise is wanted or borne with is not told.
    either_way = less & among(rows["target_change"], ["up", "up_points"]) & (rows["target_comparison"] == "")
    differ = single & counted & ~bare & (rows["target_unit"] != "") & ~_pairs(rows, same_unit)
    named = np.where(rows["target_comparison"] != "", rows["target_comparison"], default)
    return {
        "actual_value": _typed(value),
        **{name: _typed(np.where(moved, each * to_unit, each)) for name, each in targets.items()},
        "rate_read": rate_read,
        "units_differ": differ,
        "comparable": (bare | bare_target | (rows["target_dimension"] == rows["actual_dimension"]))
        & ~(in_unit & _in_another_unit(rows, value))
        & (rate_read != "unclear")
        & rows["same_sense"]
        & ~either_way,
        "comparison": np.where(measures, named, ""),
        "unit": np.select([rows["target_unit"] != "", in_wan], [rows["target_unit"], "万元"], rows["actual_unit"]),
        "bound": bound,
    }


def _of_money(dimension: Texts) -> Flags:
    """Tell where a number is an amount of money, in all or for each of something (元/人)."""
    return np.array([each.partition("/")[0] == "money" for each in dimension], dtype=bool)


def _pairs(rows: Table, alike: Callable[[str, str], bool]) -> Flags:
    """Tell where the units of target and actual are alike."""
    pairs = zip(rows["target_unit"], rows["actual_unit"], strict=True)
    return np.array([alike(target, actual) for target, actual in pairs], dtype=bool)


def _in_another_unit(rows: Table, value: Numbers) -> Flags:
    """Tell a bare actual that is hardly in its target's unit: 40000 against 4亿元 may be 万元, and is asked about."""
    several = (rows["target_scale"] != 1) | (rows["target_dimension"] == "money")  # 万元 is the base, and beside it 元
    multiplied: Flags = several & (rows["actual_scale"] == 1)
    times = np.where(value > 0, value / positive(rows["target_value"]), np.nan)
    return multiplied & ((times >= FAR) | (times <= 1 / FAR))


def _in_wan(rows: Table, bare: Flags) -> Flags:
    """Tell a cost of 62.73万 held against a bare 62.73: the 万 is that of the form's 万元, where that alone is near."""
    both: Flags = bare & rows["cost"] & (rows["actual_scale"] >= WAN) & (rows["target_scale"] == 1)
    low = positive(rows["target_value"])
    as_written, as_money = rows["actual_value"] / low, rows["actual_value"] / WAN / low
    return both & (as_written >= FAR) & (as_money > 1 / FAR) & (as_money < FAR)


def _rate_read(rows: Table, bare: Flags) -> Texts:
    """Say how a bare actual is read against a rate, by its size; 0 is 0 either way.

    A rate of part of a whole (满意度, 合格率) that is over 100%, with its % or without, is "over" too. One whose other
    reading is as near to the target is "unclear": 0.8 against 1%, 1.05 against 100%; so is 4 against 5‰.
    """
    size = np.abs(rows["actual_value"])
    rates = (rows["target_unit"] == RATE) & (size > 0)
    whole = rows["at_most_whole"] & (rows["target_value"] <= FULL)
    impossible = whole & (rows["actual_unit"] == RATE) & (size > FULL)
    low = positive(rows["target_value"])
    top: Numbers = np.where(np.isnan(rows["target_high"]), low, rows["target_high"])
    percent = size > FULL
    far = np.where(percent, size / HUNDRED <= low / NEARER, size >= top * NEARER)
    unclear = far | (percent & (rows["target_scale"] == PER_MILLE))
    return np.select(
        [rates & impossible, ~bare | ~rates, size > HUNDRED, unclear & (rows["actual_value"] > 0), percent],
        ["over", "", "over", "unclear", "percent"],
        "fraction",
    ).astype(object)


def _in_unit_of(rows: Table, other: str) -> Numbers:
    """Give what a bare number on one side is multiplied by: it is in the other side's unit as written.

    A number with 万 or 亿 of its own has been multiplied; against money it is in 元.
    """
    this = "actual" if other == "target" else "target"
    own = rows[f"{this}_scale"] != 1
    money = rows[f"{other}_dimension"] == "money"
    return np.select([own & money, own], [YUAN, 1.0], rows[f"{other}_scale"])


def _typed(values: Numbers) -> Numbers:
    """Take the binary noise of a conversion away: 57.3 / 100 is 0.573."""
    return np.array([float(f"{value:.{DIGITS}g}") for value in values], dtype=float)
