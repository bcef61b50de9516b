"""Turn relations between known figures into linear constraints on the figures that may change, and solve these.

All arithmetic is exact: fractions made from the decimals that were typed, or integers where all are given in a unit so
small that there are no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from schemas.relations import RelationKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from schemas.relations import Relation

    Exact = Fraction | int
    Figures = Mapping[str, Exact | None]


@dataclass(frozen=True, slots=True)
class Constraint:
    """``sum(weights[field] * field) + constant <= 0``."""

    weights: tuple[tuple[str, Exact], ...]
    constant: Exact


@dataclass(frozen=True, slots=True)
class Bounds:
    """The values that a figure may take: from ``low`` to ``high``, each None where there is no bound."""

    low: Fraction | None
    high: Fraction | None


def applies(relation: Relation, figures: Figures) -> bool:
    """Tell whether a relation can be checked: its whole and at least one part are filed, all of them for a ratio.

    What it needs beyond that must be filed too.
    """
    if any(figures.get(name) is None for name in relation.needs):
        return False
    parts = [figures.get(part) is not None for part in relation.parts]
    held = all(parts) if relation.kind is RelationKind.RATIO else any(parts)
    return figures.get(relation.whole) is not None and held


def holds(relation: Relation, figures: Figures, tolerance: Tolerance) -> bool:
    """Tell whether a relation that applies holds, to the rounding of its figures."""
    return all(each.constant <= 0 for each in constraints(relation, figures, (), tolerance))


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far figures may be apart: ``amount`` 万元 for each amount that is rounded, ``rate`` as a fraction."""

    amount: Exact
    rate: Exact


def constraints(relation: Relation, figures: Figures, free: Sequence[str], tolerance: Tolerance) -> list[Constraint]:
    """Give what a relation asks of the free figures while all others stay as they are."""
    if relation.kind is RelationKind.RATIO:
        return _ratio(relation, figures, free, tolerance.rate)
    constant: Exact = 0
    rounded = 0
    open_: list[tuple[str, Exact]] = []
    for name in relation.fields:
        whole, value = name == relation.whole, figures.get(name)
        if name in free:
            open_.append((name, 1 if whole else -1))
        elif value:
            constant = constant + value if whole else constant - value
        if name in free or value:
            rounded += 1
    slack = max(rounded, 2) * tolerance.amount if relation.kind is RelationKind.AT_MOST else rounded * tolerance.amount
    negative = tuple((name, -weight) for name, weight in open_)
    at_most = Constraint(negative, -constant - slack)  # parts - whole <= slack
    if relation.kind is RelationKind.AT_MOST:
        return [at_most]
    return [at_most, Constraint(tuple(open_), constant - slack)]


def _ratio(relation: Relation, figures: Figures, free: Sequence[str], tolerance: Exact) -> list[Constraint]:
    """Write ``|rate - numerator / denominator| <= tolerance`` without a division; a free rate can always be met."""
    rate, (numerator, denominator) = figures.get(relation.whole), relation.parts
    if relation.whole in free or rate is None:
        return []
    found = []
    for sign in (1, -1):  # sign * (numerator - rate * denominator) - tolerance * denominator <= 0
        weights = {numerator: sign, denominator: -sign * rate - tolerance}
        constant = sum((w * (figures[name] or 0) for name, w in weights.items() if name not in free), 0)
        found.append(Constraint(tuple((name, w) for name, w in weights.items() if name in free), constant))
    return found


def solve(asked: Iterable[Constraint], names: Sequence[str]) -> dict[str, Bounds] | None:
    """Give the bounds of each figure within all constraints, by Fourier-Motzkin elimination; None where none fits.

    Every figure is at least 0: no amount and no count of a form is negative.
    """
    system = [*asked, *(Constraint(((name, -1),), 0) for name in names)]
    found = {}
    for name in names:
        alone = system
        for other in names:
            if other != name:
                alone = _eliminated(alone, other)
        bounds = _bounds(alone, name)
        if bounds is None:
            return None
        found[name] = bounds
    return found


def _eliminated(system: list[Constraint], name: str) -> list[Constraint]:
    weighed = [(each, dict(each.weights).get(name, 0)) for each in system]
    out = [each for each, weight in weighed if not weight]
    for upper, a in ((each, weight) for each, weight in weighed if weight > 0):
        for lower, b in ((each, weight) for each, weight in weighed if weight < 0):
            weights: dict[str, Exact] = {}
            for constraint, by in ((upper, -b), (lower, a)):
                for other, weight in constraint.weights:
                    weights[other] = weights.get(other, 0) + weight * by
            left = tuple((other, weight) for other, weight in weights.items() if weight and other != name)
            out.append(Constraint(left, upper.constant * -b + lower.constant * a))
    return list(dict.fromkeys(out))


def _bounds(system: Iterable[Constraint], name: str) -> Bounds | None:
    low: Fraction | None = None
    high: Fraction | None = None
    for each in system:
        weight = dict(each.weights).get(name, 0)
        if not weight:
            if each.constant > 0:
                return None
            continue
        edge = Fraction(-each.constant, weight)
        if weight > 0:
            high = edge if high is None else min(high, edge)
        else:
            low = edge if low is None else max(low, edge)
    return None if low is not None and high is not None and low > high else Bounds(low, high)
