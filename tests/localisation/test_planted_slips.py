"""The search for wrong figures, on random returns whose figures agree and in which slips are planted."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING

import pytest

from pipeline.localisation.constraints import Tolerance, applies, holds
from pipeline.localisation.search import Located, locate
from schemas.relations import LAST, RELATIONS, RelationKind
from tests.localisation.planted import SLIPS, consistent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from schemas.relations import Relation

TOLERANCE = Tolerance(Fraction("0.005"), Fraction("0.005"))
FIRM = [relation for relation in RELATIONS if relation.firm]
ROUNDING = 0.03
"""More than the rounding of any relation of the form, less than any slip that is planted."""


@dataclass(frozen=True)
class Case:
    """A slip planted, and what was found of it."""

    slip: str
    planted: tuple[str, ...]
    figures: Mapping[str, Fraction | None]
    found: list[Located]


def planted(count: int, *, twice: bool = False) -> Iterator[Case]:
    """Plant each kind of slip (twice: and another one) in so many returns, every other one with last year's report."""
    for number in range(count):
        for name, plant in SLIPS.items():
            random = Random(f"{number} {name}")
            figures = consistent(random, last_year=number % 2 == 0)
            cells = plant(random, figures)
            if cells and twice:
                second = random.choice(list(SLIPS.values()))(random, figures)
                cells = () if not second or set(second) & set(cells) else (*cells, *second)
            if cells and any(_broken(relation, figures) for relation in FIRM):
                yield Case(name, cells, dict(figures), locate(figures, (), TOLERANCE))


def _broken(relation: Relation, figures: Mapping[str, Fraction | None]) -> bool:
    """Say in floats, apart from the program, whether a relation does not hold; a ratio is never planted."""
    values = {name: figures.get(name) for name in relation.fields}
    if relation.kind is RelationKind.RATIO or values[relation.whole] is None:
        return False
    parts = [values[part] for part in relation.parts]
    if all(part is None for part in parts):
        return False
    left = float(values[relation.whole] or 0) - sum(float(part or 0) for part in parts)
    return left < -ROUNDING if relation.kind is RelationKind.AT_MOST else abs(left) > ROUNDING


def _mended_by_one(figures: Mapping[str, Fraction | None], relations: Iterable[Relation]) -> set[str]:
    """Try every figure alone, apart from the program: which could be changed so that all of some relations hold."""
    asked = list(relations)
    broken = [relation for relation in asked if _broken(relation, figures)]
    found = set()
    for name in figures:
        if name.startswith(LAST) or not all(name in relation.fields for relation in broken):
            continue
        for relation in broken:
            known = (figures.get(part) or Fraction(0) for part in relation.parts if part != name)
            left = sum(known, Fraction(0))
            value = left if name == relation.whole else (figures[relation.whole] or Fraction(0)) - left
            if value >= 0 and not any(_broken(each, {**figures, name: value}) for each in asked):
                found.add(name)
    return found


def _told(case: Case) -> bool:
    """Say whether the relations of the form, or last year's figures and the budget with them, leave one figure."""
    return len(_mended_by_one(case.figures, FIRM)) <= 1 or len(_mended_by_one(case.figures, RELATIONS)) == 1


def _first(case: Case) -> set[str]:
    return {name for located in case.found for solution in located.solutions[:1] for name in solution.fields}


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """Give single slips: 42 kinds, each in five returns."""
    return list(planted(5))


def test_forty_kinds_of_slip_are_planted() -> None:
    """At least forty kinds of slip are planted."""
    assert len(SLIPS) >= 40


def test_consistent_figures_are_left_alone() -> None:
    """Nothing is located in a return whose figures agree."""
    for number in range(20):
        assert locate(consistent(Random(number), last_year=number % 2 == 0), (), TOLERANCE) == []


def test_the_planted_cell_is_named_first_where_it_can_be_told(cases: list[Case]) -> None:
    """Where one figure alone could be wrong, or several are by one slip, it is named first in 95 of 100 cases."""
    told = [case for case in cases if _told(case)]
    right = [case for case in told if _first(case) and _first(case) <= set(case.planted)]
    assert len(told) > 50
    assert len(right) >= 0.95 * len(told), [(c.slip, c.planted, _first(c)) for c in told if c not in right]


def test_what_cannot_be_told_is_listed(cases: list[Case]) -> None:
    """Where several figures could each be the wrong one, the planted one is among the candidates."""
    untold = [case for case in cases if not _told(case) and len(case.planted) == 1]
    assert len(untold) > 10
    for case in untold:
        listed = {name for each in case.found for solution in each.solutions for name in solution.fields}
        assert set(case.planted) <= listed, (case.slip, case.planted)


def test_what_stands_alone_is_right(cases: list[Case]) -> None:
    """Where one solution stands out, it is the planted slip in 95 of 100 cases."""
    clear = [case for case in cases if case.found and all(each.clear for each in case.found)]
    assert len(clear) > 60
    assert sum(_first(case) <= set(case.planted) for case in clear) >= 0.95 * len(clear)


def test_two_slips_are_named_first() -> None:
    """Of two slips, the cells named first are planted ones in 90 of 100 cases in which one solution stands out."""
    found = [case for case in planted(3, twice=True) if case.found and all(each.clear for each in case.found)]
    assert len(found) > 30
    assert sum(_first(case) <= set(case.planted) for case in found) >= 0.9 * len(found)


def test_a_solution_mends_everything(cases: list[Case]) -> None:
    """A solution whose figures are all proposed makes every relation that was broken hold."""
    proposed = 0
    for case in cases:
        for located in case.found:
            for solution in located.solutions:
                if any(change.value is None for change in solution.changes):
                    continue
                after = {**case.figures, **{change.field: change.value for change in solution.changes}}
                assert all(holds(relation, after, TOLERANCE) for relation in located.broken), (case.slip, solution)
                proposed += 1
    assert proposed > 50


def test_what_holds_is_told_to_the_exact_figure() -> None:
    """Beside a slip, each relation holds that does in fractions of 万元, a rate of seven decimals within 0.005 too.

    Three returns: the rate as it is, at the very edge of what is allowed, and by the least beyond it.
    """
    for beyond, held in ((Fraction(0), True), (TOLERANCE.rate, True), (TOLERANCE.rate + Fraction(1, 10**7), False)):
        figures = consistent(Random(3), last_year=True)
        figures |= {"funds_executed": Fraction(600), "funds_budget": Fraction(640)}  # 0.9375
        figures |= {"three_public_outturn": Fraction(9999), "funds_rate_stated": Fraction("0.9375") + beyond}
        filed = [each for each in RELATIONS if applies(each, figures)]
        (first, *_) = locate(figures, (), TOLERANCE)
        assert list(first.holding) == [each for each in filed if holds(each, figures, TOLERANCE)]
        assert ("funds_rate_stated" in {each.whole for each in first.holding}) is held


def test_only_minimal_changes_are_named(cases: list[Case]) -> None:
    """No cell is named that could be left as it is: each change of a solution of several figures is needed."""
    for case in cases:
        for located in case.found:
            for solution in located.solutions:
                if len(solution.changes) == 1:
                    (change,) = solution.changes
                    assert any(change.field in relation.fields for relation in located.broken)


@pytest.mark.slow
def test_the_planted_cell_is_named_first_in_many_returns() -> None:
    """The same holds over 42 kinds of slip in thirty returns each: 95 of 100 for one slip, 90 for two."""
    single = [case for case in planted(30) if _told(case)]
    assert sum(bool(_first(case)) and _first(case) <= set(case.planted) for case in single) >= 0.95 * len(single)
    double = [case for case in planted(15, twice=True) if case.found and all(each.clear for each in case.found)]
    assert sum(_first(case) <= set(case.planted) for case in double) >= 0.9 * len(double)
