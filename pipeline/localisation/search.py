"""Search one return for the fewest figures whose change makes every relation hold, the likeliest first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

from pipeline.localisation.composites import COPIED_COLUMN, composites
from pipeline.localisation.constraints import applies, constraints, holds, solve
from pipeline.localisation.slips import COPIED, HAND_SUM, LEFT_OUT, UNKNOWN, Slip, slip
from schemas.relations import COLUMNS, LAST, RELATIONS, RelationKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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
ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Change:
    """One figure that a solution changes: to ``value`` where the relations or a slip give one, else None."""

    field: str
    value: Fraction | None
    slip: Slip


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
    """

    broken: tuple[Relation, ...]
    solutions: tuple[Solution, ...]
    holding: tuple[Relation, ...]

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
        One entry per group of broken firm relations that hang together, in the order of the register.
    """
    doubtful = frozenset(unread)
    known = [each for each in RELATIONS if applies(each, figures) and not doubtful & set(each.fields)]
    broken = [each for each in known if each.firm and not holds(each, figures, tolerance)]
    holding = [each for each in known if holds(each, figures, tolerance)]
    found = []
    for group in _groups(broken):
        solutions = _smallest(group, known, figures, tolerance)
        if solutions:
            found.append((group, solutions))
        else:  # a change that mends one group may break another: then they are one
            return [_located(broken, _smallest(broken, known, figures, tolerance), holding)] if broken else []
    return [_located(group, solutions, holding) for group, solutions in found]


def _located(broken: Sequence[Relation], solutions: list[Solution], holding: Sequence[Relation]) -> Located:
    return Located(tuple(broken), tuple(solutions), tuple(holding))


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
            asked = _asked((each for each in touched if each.firm), figures, free, tolerance)
            bounds = None if asked is None else solve(asked, free)
            if asked is not None and bounds is not None:
                leaning, asked = _lean(touched, asked, figures, free, tolerance)
                found.append(_solution(free, solve(asked, free) or bounds, touched, figures, leaning))
        if size == 1:
            found += _composite_solutions(broken, known, figures, tolerance)
        if found:
            return sorted(found, key=lambda each: each.cost)
    return []


def _composite_solutions(
    broken: Sequence[Relation], known: Sequence[Relation], figures: Figures, tolerance: Tolerance
) -> Iterator[Solution]:
    """Give the solutions that are one slip over several figures."""
    others = [each for each in known if each not in broken and (each.firm or holds(each, figures, tolerance))]
    for values, made in composites(figures):
        if any(values.keys().isdisjoint(each.fields) for each in broken):
            continue
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
            odd = sum(_oddness(change, figures) for change in changes) / max(1, len(changes))
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
        if each.firm:
            continue
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
    values = {name: _value(name, bounds[name], touched, free, figures) for name in free}
    changes = tuple(_change(name, values[name], bounds[name], figures) for name in free)
    cost = sum(change.slip.cost + _oddness(change, figures) for change in changes)
    return Solution(changes, cost + leaning)


def _value(
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


def _change(name: str, value: Fraction | None, bounds: Bounds, figures: Figures) -> Change:
    filed = figures.get(name)
    if value is not None:
        made = slip(filed, value)
        if made is UNKNOWN and _elsewhere(name, filed, figures):
            made = COPIED
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


def _oddness(change: Change, figures: Figures) -> float:
    """Give how much odder a figure would be than the one filed, beside the others of its line; below 0 if less odd."""
    near, filed = _typical(change.field, figures), figures.get(change.field)
    if near is None or change.value is None or not near > 0:
        return 0.0
    was, would = (_distance(each, near) for each in (filed or ZERO, change.value))
    return max(-0.4, min(0.4, 0.25 * (would - was)))


def _distance(value: Fraction, near: Fraction) -> float:
    return abs(math.log(float(value) / float(near))) if value > 0 else 3.0
