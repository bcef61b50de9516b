"""Search one return for the fewest figures whose change makes every relation hold, the likeliest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from pipeline.localisation.changes import Change, describe, find_value, oddness
from pipeline.localisation.composites import COPIED_COLUMN, composites
from pipeline.localisation.constraints import applies, constraints, holds, solve
from schemas.relations import LAST, RELATIONS, RelationKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from fractions import Fraction

    from pipeline.localisation.constraints import Bounds, Constraint, Tolerance
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
    broken = [each for each in known if each.firm and not holds(each, figures, tolerance)]
    holding = [each for each in known if holds(each, figures, tolerance)]
    found = []
    for group in _groups(broken):
        solutions = _smallest(group, known, figures, tolerance)
        if not solutions:  # a change that mends one group may break another: then they are one
            found = [(broken, _smallest(broken, known, figures, tolerance))]
            break
        found.append((group, solutions))
    firm = [Located(tuple(group), tuple(solutions), tuple(holding)) for group, solutions in found]
    return _with_soft(_joined(firm), known, figures, tolerance)


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


def _with_soft(
    firm: Sequence[Located], known: Sequence[Relation], figures: Figures, tolerance: Tolerance
) -> list[Located]:
    """Add the broken relations that need not hold: those that a clear solution mends to it, others by themselves.

    One in which a single figure may be wrong needs no search: that figure is in every solution.
    """
    soft = [each for each in known if not each.firm and not holds(each, figures, tolerance)]
    mended, found = dict(figures), []
    for each in firm:
        changes = each.solutions[0].changes if each.clear else ()
        values = {change.field: change.value for change in changes if change.value is not None}
        mended |= values
        follow = tuple(
            one for one in soft
            if not values.keys().isdisjoint(one.fields) and holds(one, {**figures, **values}, tolerance)
        )  # fmt: skip
        found.append(replace(each, follow=follow))
    holding = [each for each in known if holds(each, mended, tolerance)]
    left = [each for each in soft if each not in holding and len(_changeable(each)) > 1]
    for group in _groups(left):
        solutions = _smallest(group, [*holding, *group], mended, tolerance)
        found.append(Located(tuple(group), tuple(solutions), tuple(holding)))
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


def _smallest(
    broken: Sequence[Relation], known: Sequence[Relation], figures: Figures, tolerance: Tolerance
) -> list[Solution]:
    """Give every solution with the fewest figures, the likeliest first."""
    near = dict.fromkeys(name for each in broken for name in _changeable(each))
    wide = dict.fromkeys(
        name for each in known if set(each.fields) & set(near) for name in _changeable(each)
    )  # a second change mends what the first one breaks
    for size in range(1, MOST + 1):
        names = near if size == 1 else {**near, **wide}
        found = []
        for free in combinations(names, size):
            if not all(set(free) & set(each.fields) for each in broken):
                continue
            touched = [each for each in known if set(free) & set(each.fields)]
            must = [each for each in touched if each.firm or each in broken]
            asked = _asked(must, figures, free, tolerance)
            bounds = None if asked is None else solve(asked, free)
            if asked is not None and bounds is not None:
                may = [each for each in touched if each not in must]
                leaning, asked = _lean(may, asked, figures, free, tolerance)
                found.append(_solution(free, solve(asked, free) or bounds, touched, figures, leaning))
        # Relations that need not hold speak for no slip over several figures.
        if size == 1 and any(each.firm for each in broken):
            found += _composite_solutions(broken, known, figures, tolerance)
        if found:
            return sorted(found, key=lambda each: each.cost)
    return []


def _composite_solutions(
    broken: Sequence[Relation], known: Sequence[Relation], figures: Figures, tolerance: Tolerance
) -> Iterator[Solution]:
    """Give the solutions that are one slip over several figures."""
    others = [each for each in known if each not in broken and (each.firm or holds(each, figures, tolerance))]
    for values, made in composites(figures, broken):
        after = {**figures, **values}
        open_ = [name for name, value in values.items() if value is None and figures.get(name) is not None]
        touched = (each for each in others if not values.keys().isdisjoint(each.fields))
        asked = _asked((*broken, *touched), after, open_, tolerance)
        if asked is None:
            continue
        if len(open_) > 1 or solve(asked, open_) is not None:
            fields = [name for name in values if any(name in each.fields for each in broken)]
            named = fields if made is COPIED_COLUMN else [name for name in values if values[name] != figures.get(name)]
            changes = tuple(Change(name, values[name], made) for name in named)
            odd = sum(oddness(change, figures) for change in changes) / max(1, len(changes))
            weak = 0 if any(each.kind is RelationKind.EQUAL for each in broken) else WEAK
            yield Solution(changes, made.cost + odd + weak)


def _asked(
    touched: Iterable[Relation], figures: Figures, free: Sequence[str], tolerance: Tolerance
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
    touched: Iterable[Relation], asked: list[Constraint], figures: Figures, free: Sequence[str], tolerance: Tolerance
) -> tuple[float, list[Constraint]]:
    """Weigh the relations that need not hold: cheaper where the change mends one, dearer where it breaks one.

    Gives the cost, and the constraints with those of the relations that can hold too.
    """
    cost = 0.0
    for each in touched:
        more = _asked([each], figures, free, tolerance)
        fits = more is not None and solve([*asked, *more], free) is not None
        held = holds(each, figures, tolerance)
        cost += BREAKS if held and not fits else MENDS if fits and not held else 0.0
        asked = [*asked, *more] if fits and more else asked
    return cost, asked


def _solution(
    free: Sequence[str], bounds: Mapping[str, Bounds], touched: Sequence[Relation], figures: Figures, leaning: float
) -> Solution:
    """Say what the changes of a solution would be, and by which slips they came about."""
    values = {name: find_value(name, bounds[name], touched, free, figures) for name in free}
    changes = tuple(describe(name, values[name], bounds[name], figures) for name in free)
    cost = sum(change.slip.cost + oddness(change, figures) for change in changes)
    return Solution(changes, cost + leaning)
