"""Search one return for the fewest figures whose change makes every relation hold, the likeliest first."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

from pipeline.localisation.changes import Change, describe, find_value, oddness
from pipeline.localisation.composites import COPIED_COLUMN, composites
from pipeline.localisation.constraints import Bounds, Tolerance, applies, constraints, holds, solve
from schemas.relations import LAST, RELATIONS, RelationKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pipeline.localisation.constraints import Constraint, Exact
    from schemas.relations import Relation

    Figures = Mapping[str, Fraction | None]

MOST = 3
"""Figures that one solution may change; more are no slip, but another form."""
CLEAR = 0.12
"""How much likelier the first solution must be than the second to stand alone."""
WEAK = 0.9
"""What it costs a slip over several figures that only an inequality speaks for it: many would do."""
BREAKS, MENDS = 0.5, -0.3
"""What it costs that a change breaks a relation that need not hold, and what it saves that it mends one."""
_RATES = frozenset(each.whole for each in RELATIONS if each.kind is RelationKind.RATIO)
"""Figures that have no unit."""


@dataclass(frozen=True, slots=True)
class _Return:
    """A return that is searched.

    Attributes:
        figures: as they were typed; of them a solution says what they should be.
        known: the relations that can be checked.
        holding: those of them that hold.
        unit: what part of 1 万元 all figures are whole numbers of, as its denominator.
        counted: the figures in that unit, but for rates: integers are as exact as fractions and add up much faster.
        tolerance: in that unit.
    """

    figures: Figures
    known: Sequence[Relation]
    holding: frozenset[Relation]
    unit: int
    counted: Mapping[str, Exact | None]
    tolerance: Tolerance

    def as_typed(self, value: Exact | None) -> Fraction | None:
        """Give a counted value in 万元."""
        return None if value is None else Fraction(value, self.unit)


def _count(figures: Figures, known: Sequence[Relation], tolerance: Tolerance) -> _Return:
    """Give a return with its figures in a unit in which all of them are whole numbers."""
    amounts = {name: value for name, value in figures.items() if value is not None and name not in _RATES}
    unit = math.lcm(tolerance.amount.denominator, *(value.denominator for value in amounts.values()))
    whole = {name: value.numerator * (unit // value.denominator) for name, value in amounts.items()}
    counted = {**figures, **whole}
    within = replace(tolerance, amount=int(tolerance.amount * unit))
    holding = frozenset(each for each in known if holds(each, counted, within))
    return _Return(figures, known, holding, unit, counted, within)


@dataclass(frozen=True, slots=True)
class Solution:
    """Figures that must change, and nothing less, for the relations to hold; ``cost`` is how unlikely that is."""

    changes: tuple[Change, ...]
    cost: float

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that change."""
        return tuple(change.field for change in self.changes)


@dataclass(frozen=True, slots=True)
class Located:
    """What was found of relations broken together.

    Attributes:
        broken: the relations that do not hold.
        solutions: every smallest solution, the likeliest first; none where no solution of `MOST` figures was found.
        holding: the relations that hold as filed.
        follow: broken relations that need not hold and that the first solution mends too, where it is clear.
    """

    broken: tuple[Relation, ...]
    solutions: tuple[Solution, ...]
    holding: tuple[Relation, ...]
    follow: tuple[Relation, ...] = ()

    @property
    def firm(self) -> bool:
        """Whether any of the broken relations must hold."""
        return any(each.firm for each in self.broken)

    @property
    def clear(self) -> bool:
        """Whether the first solution stands out from all others."""
        return bool(self.solutions) and (
            len(self.solutions) == 1 or self.solutions[1].cost - self.solutions[0].cost >= CLEAR
        )


def locate(figures: Figures, unread: Iterable[str], tolerance: Tolerance) -> list[Located]:
    """Locate the wrong figures of one return.

    Args:
        figures: figures by field, in 万元, people or as fractions, None where blank; ``last_<field>`` is last year's.
        unread: fields whose cell could not be read: relations that have them are left out.
        tolerance: how far rounded figures may be apart.

    Returns:
        One entry per group of broken relations that hang together, in the order of the register: first of those that
        must hold, then of those that need not, in the figures as they would be when the first are mended.
    """
    doubtful = frozenset(unread)
    known = [each for each in RELATIONS if applies(each, figures) and not doubtful & set(each.fields)]
    filed = _count(figures, known, tolerance)
    broken = [each for each in known if each.firm and each not in filed.holding]
    holding = tuple(each for each in known if each in filed.holding)
    found = []
    for group in _groups(broken):
        solutions = _smallest(group, filed)
        if not solutions:  # a change that mends one group may break another: then they are one
            found = [(broken, _smallest(broken, filed))]
            break
        found.append((group, solutions))
    firm = [Located(tuple(group), tuple(solutions), holding) for group, solutions in found]
    return _with_soft(_joined(firm), filed, tolerance)


def _joined(found: Sequence[Located]) -> list[Located]:
    """Make one of groups that the same clear slip over several figures explains."""
    joined: dict[object, Located] = {}
    for number, each in enumerate(found):
        first = each.solutions[0] if each.clear else None
        key = first.changes if first and len(first.changes) > 1 else number
        if key in joined:
            same = joined[key]
            joined[key] = replace(same, broken=(*same.broken, *each.broken), solutions=same.solutions[:1])
        else:
            joined[key] = each
    return list(joined.values())


def _with_soft(firm: Sequence[Located], filed: _Return, tolerance: Tolerance) -> list[Located]:
    """Add the broken relations that need not hold: those that a clear solution mends to it, others by themselves.

    One in which a single figure may be wrong needs no search: that figure is in every solution.
    """
    soft = [each for each in filed.known if not each.firm and each not in filed.holding]
    figures, found = dict(filed.figures), []
    for each in firm:
        changes = each.solutions[0].changes if each.clear else ()
        values = {change.field: change.value for change in changes if change.value is not None}
        figures |= values
        follow = tuple(
            one for one in soft
            if not values.keys().isdisjoint(one.fields) and holds(one, {**filed.figures, **values}, tolerance)
        )  # fmt: skip
        found.append(replace(each, follow=follow))
    mended = _count(figures, filed.known, tolerance)
    holding = tuple(each for each in filed.known if each in mended.holding)
    left = [each for each in soft if each not in mended.holding and len(_changeable(each)) > 1]
    for group in _groups(left):
        solutions = _smallest(group, replace(mended, known=(*holding, *group)))
        found.append(Located(tuple(group), tuple(solutions), holding))
    return found


def _groups(broken: Sequence[Relation]) -> Iterator[list[Relation]]:
    """Group relations that share a figure that may change, each with those that it hangs together with."""
    left = list(broken)
    while left:
        group = [left.pop(0)]
        names = set(_changeable(group[0]))
        grown = True
        while grown:
            grown = False
            for each in list(left):
                if names & set(_changeable(each)):
                    left.remove(each)
                    group.append(each)
                    names.update(_changeable(each))
                    grown = True
        yield [each for each in broken if each in group]


def _changeable(relation: Relation) -> tuple[str, ...]:
    """Give the figures of a relation that may be wrong: last year's were accepted then."""
    return tuple(name for name in relation.fields if not name.startswith(LAST))


def _smallest(broken: Sequence[Relation], filed: _Return) -> list[Solution]:
    """Give every solution with the fewest figures, the likeliest first."""
    near = dict.fromkeys(name for each in broken for name in _changeable(each))
    wide = dict.fromkeys(
        name for each in filed.known if set(each.fields) & set(near) for name in _changeable(each)
    )  # a second change mends what the first one breaks
    for size in range(1, MOST + 1):
        names = near if size == 1 else {**near, **wide}
        found = []
        for free in combinations(names, size):
            if not all(set(free) & set(each.fields) for each in broken):
                continue
            touched = [each for each in filed.known if set(free) & set(each.fields)]
            must = [each for each in touched if each.firm or each in broken]
            asked = _asked(must, filed.counted, free, filed.tolerance)
            bounds = None if asked is None else solve(asked, free)
            if asked is not None and bounds is not None:
                may = [each for each in touched if each not in must]
                leaning, closer = _lean(may, asked, bounds, filed, free)
                found.append(_solution(free, closer, touched, filed, leaning))
        # Relations that need not hold speak for no slip over several figures.
        if size == 1 and any(each.firm for each in broken):
            found += _composite_solutions(broken, filed)
        if found:
            return sorted(found, key=lambda each: each.cost)
    return []


def _composite_solutions(broken: Sequence[Relation], filed: _Return) -> Iterator[Solution]:
    """Give the solutions that are one slip over several figures."""
    figures = filed.counted
    others = [each for each in filed.known if each not in broken and (each.firm or each in filed.holding)]
    for values, made in composites(figures, broken):
        after = {**figures, **values}
        open_ = [name for name, value in values.items() if value is None and figures.get(name) is not None]
        touched = (each for each in others if not values.keys().isdisjoint(each.fields))
        asked = _asked((*broken, *touched), after, open_, filed.tolerance)
        if asked is None:
            continue
        if len(open_) > 1 or solve(asked, open_) is not None:
            fields = [name for name in values if any(name in each.fields for each in broken)]
            named = fields if made is COPIED_COLUMN else [name for name in values if values[name] != figures.get(name)]
            changes = tuple(Change(name, filed.as_typed(values[name]), made) for name in named)
            odd = sum(oddness(change, filed.figures) for change in changes) / max(1, len(changes))
            weak = 0 if any(each.kind is RelationKind.EQUAL for each in broken) else WEAK
            yield Solution(changes, made.cost + odd + weak)


def _asked(
    touched: Iterable[Relation], figures: Mapping[str, Exact | None], free: Sequence[str], tolerance: Tolerance
) -> list[Constraint] | None:
    """Give the constraints on the free figures; None as soon as a relation without any of them does not hold."""
    found = []
    for each in touched:
        for one in constraints(each, figures, free, tolerance):
            if one.weights:
                found.append(one)
            elif one.constant > 0:
                return None
    return found


def _lean(
    touched: Iterable[Relation],
    asked: Sequence[Constraint],
    bounds: Mapping[str, Bounds],
    filed: _Return,
    free: Sequence[str],
) -> tuple[float, Mapping[str, Bounds]]:
    """Weigh the relations that need not hold: cheaper where the change mends one, dearer where it breaks one.

    Gives the cost, and the bounds within the constraints and those of the relations that can hold too.
    """
    cost = 0.0
    for each in touched:
        more = _asked([each], filed.counted, free, filed.tolerance)
        fitting = None if more is None else solve([*asked, *more], free)
        held, fits = each in filed.holding, fitting is not None
        cost += BREAKS if held and not fits else MENDS if fits and not held else 0.0
        if more is not None and fitting is not None:
            asked, bounds = [*asked, *more], fitting
    return cost, bounds


def _solution(
    free: Sequence[str], bounds: Mapping[str, Bounds], touched: Sequence[Relation], filed: _Return, leaning: float
) -> Solution:
    """Say what the changes of a solution would be, and by which slips they came about."""
    figures = filed.figures
    typed = {name: Bounds(filed.as_typed(each.low), filed.as_typed(each.high)) for name, each in bounds.items()}
    values = {name: find_value(name, typed[name], touched, free, figures) for name in free}
    changes = tuple(describe(name, values[name], typed[name], figures) for name in free)
    cost = sum(change.slip.cost + oddness(change, figures) for change in changes)
    return Solution(changes, cost + leaning)
