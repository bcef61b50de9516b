"""Say what the change of one figure would be: to which value, by which slip it came about, and how odd it would be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from pipeline.localisation.slips import COPIED, HAND_SUM, LEFT_OUT, UNKNOWN, WITH_ANOTHER, Slip, slip
from schemas.relations import COLUMNS, LAST, RELATIONS, RelationKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.localisation.constraints import Bounds
    from schemas.relations import Relation

    Figures = Mapping[str, Fraction | None]

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that a solution changes: to ``value`` where the relations or a slip give one, else None."""

    field: str
    value: Fraction | None
    slip: Slip


def find_value(
    name: str, bounds: Bounds, touched: Sequence[Relation], free: Sequence[str], figures: Figures
) -> Fraction | None:
    """Give the one value that an equation asks of a figure, where it does; within the rounding of others else."""
    for each in touched:
        others = [other for other in each.fields if other != name]
        if each.kind is not RelationKind.EQUAL or name not in each.fields or set(others) & set(free):
            continue
        known = [figures.get(other) or ZERO for other in others if other != each.whole]
        value = sum(known, ZERO) if name == each.whole else (figures[each.whole] or ZERO) - sum(known, ZERO)
        if _within(value, bounds):
            return value
    low, high = bounds.low, bounds.high
    if low is not None and high is not None and high - low <= Fraction(1, 10):
        return Fraction(round((low + high) / 2 * 100), 100)
    return None


def _within(value: Fraction, bounds: Bounds) -> bool:
    return (bounds.low is None or value >= bounds.low) and (bounds.high is None or value <= bounds.high)


def describe(name: str, value: Fraction | None, bounds: Bounds, figures: Figures) -> Change:
    """Say by which slip a figure would have come about; where no value is given, propose one within the bounds."""
    filed = figures.get(name)
    if value is not None:
        made = slip(filed, value)
        if made is UNKNOWN and _elsewhere(name, filed, figures):
            made = COPIED
        if made is UNKNOWN and _with_another(name, filed, value, figures):
            made = WITH_ANOTHER
        if made is UNKNOWN and _is_sum(name):
            made = LEFT_OUT if _left_out(name, filed, value, figures) else HAND_SUM
        return Change(name, value, made)
    # An inequality bounds a figure without giving it: a slip that lands within the bounds is a proposal.
    for candidate in _candidates(filed):
        if _within(candidate, bounds):
            near = _typical(name, figures)
            if near is None or (near and Fraction(1, 5) <= candidate / near <= 5):  # noqa: PLR2004 - as large as its line
                return Change(name, candidate, slip(filed, candidate))
    return Change(name, None, UNKNOWN)


def _candidates(filed: Fraction | None) -> Iterator[Fraction]:
    if filed:
        yield from (abs(filed), filed / 10000, filed / 10, filed / 100, filed * 10, filed * 100)


def _is_sum(name: str) -> bool:
    return any(each.kind is RelationKind.EQUAL and each.whole == name and len(each.parts) > 1 for each in RELATIONS)


def _left_out(name: str, filed: Fraction | None, value: Fraction, figures: Figures) -> bool:
    """Tell whether a total misses one of its items, or has it twice."""
    parts = [each.parts for each in RELATIONS if each.whole == name and each.kind is RelationKind.EQUAL]
    items = {figures.get(part) for names in parts for part in names}
    return filed is not None and bool(filed - value) and abs(filed - value) in items


def _with_another(name: str, filed: Fraction | None, value: Fraction, figures: Figures) -> bool:
    """Tell whether an item has the figure of another item of the same total in it."""
    others = {
        figures.get(part)
        for each in RELATIONS
        if each.kind is RelationKind.EQUAL and name in each.parts
        for part in each.parts
        if part != name
    }
    return filed is not None and filed > value and filed - value in others


@cache
def _line(name: str) -> tuple[str, list[str]]:
    """Give the line of a figure and the names of the others on it."""
    for column in COLUMNS:
        line = name.removesuffix(f"_{column}")
        if line != name:
            return line, [f"{line}_{each}" for each in COLUMNS if each != column] + [f"{LAST}{line}_outturn"]
    return name, []


def _elsewhere(name: str, filed: Fraction | None, figures: Figures) -> bool:
    """Tell whether the figure filed is that of another column of its line, or of another line of its column."""
    if not filed:
        return False
    column = next((each for each in ("prior_outturn", "outturn", "budget") if name.endswith(f"_{each}")), "")
    others = set(_line(name)[1])
    if column:
        others |= {each for each in figures if each.endswith(f"_{column}") and each != name}
    return any(figures.get(each) == filed for each in others)


def _typical(name: str, figures: Figures) -> Fraction | None:
    """Give what a figure is about as large as: the largest of the other figures of its line, last year's among them."""
    others = [value for each in _line(name)[1] if (value := figures.get(each))]
    return max(others) if others else None


def oddness(change: Change, figures: Figures) -> float:
    """Give how much odder a figure would be than the one filed, beside the others of its line; below 0 if less odd."""
    if change.value is None:
        return 0.0
    near, filed = _typical(change.field, figures), figures.get(change.field)
    if near is None or not near > 0:
        return 0.0
    was, would = (_distance(each, near) for each in (filed or ZERO, change.value))
    return max(-0.4, min(0.4, 0.25 * (would - was)))


def _distance(value: Fraction, near: Fraction) -> float:
    return abs(math.log(float(value) / float(near))) if value > 0 else 3.0
