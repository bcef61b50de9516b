"""The relations declared in schemas.relations: each says something of its own, and all of them can hold together."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from pipeline.localisation.constraints import Constraint, Tolerance, applies, constraints, holds, solve
from schemas.forms import FIELDS
from schemas.relations import LAST, RELATIONS, Relation, RelationKind
from schemas.rules import RULE
from tests.localisation.planted import consistent

TOLERANCE = Tolerance(Fraction("0.005"), Fraction("0.005"))
FAR = Fraction(1)
"""万元 by which a relation is broken, far more than rounding."""


def _named(relation: Relation) -> str:
    return f"{relation.rule} {' '.join(relation.fields)}"


def _broken(relation: Relation, names: list[str], figures: dict[str, Fraction | None]) -> list[Constraint]:
    """Ask that a relation is broken: the parts come to more than the whole by far."""
    weights = {relation.whole: Fraction(1), **{part: Fraction(-1) for part in relation.parts}}
    fixed = sum((w * (figures.get(name) or 0) for name, w in weights.items() if name not in names), Fraction(0))
    return [Constraint(tuple((name, weight) for name, weight in weights.items() if name in names), fixed + FAR)]


LINEAR = [relation for relation in RELATIONS if relation.kind is not RelationKind.RATIO]


def test_all_relations_can_hold_together() -> None:
    """There are returns, with last year's figures, in which every relation applies and holds."""
    figures = consistent(Random(1), last_year=True)
    figures |= {"staffing_control_rate_stated": figures["staff_in_post"] / figures["authorised_posts"]}  # type: ignore[operator]
    figures |= {"funds_rate_stated": figures["funds_executed"] / figures["funds_budget"]}  # type: ignore[operator]
    assert all(applies(relation, figures) and holds(relation, figures, TOLERANCE) for relation in RELATIONS)


@pytest.mark.parametrize("relation", LINEAR, ids=_named)
def test_each_relation_can_be_broken_alone(relation: Relation) -> None:
    """Some return breaks this relation and no other, so none follows from the others and no two say the same."""
    figures = consistent(Random(1), last_year=True)
    names = [name for name in relation.fields if not name.startswith(LAST)]
    # The figures above may have to follow: a part above its whole raises the whole's own total.
    for more in (names, *([*names, other] for other in _neighbours(names))):
        others = [each for each in RELATIONS if each is not relation and set(each.fields) & set(more)]
        asked = [one for each in others for one in constraints(each, figures, more, TOLERANCE)]
        if solve([*asked, *_broken(relation, more, figures)], more) is not None:
            return
    pytest.fail(f"{_named(relation)} cannot be broken alone")


def _neighbours(names: list[str]) -> list[str]:
    near = (name for each in RELATIONS if set(each.fields) & set(names) for name in each.fields)
    return [name for name in dict.fromkeys(near) if name not in names and not name.startswith(LAST)]


def test_every_relation_is_a_rule_on_fields_of_the_forms() -> None:
    """Each relation names a rule of the register, and fields that the forms have."""
    for relation in RELATIONS:
        assert relation.rule in RULE
        assert {name.removeprefix(LAST) for name in relation.fields} <= FIELDS.keys()
