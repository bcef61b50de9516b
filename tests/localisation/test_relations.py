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


def _filed() -> dict[str, Fraction | None]:
    """Draw a return in which every relation applies, the sources of funds that other editions ask for among them."""
    figures = consistent(Random(1), last_year=True)
    sources = [figures[name] or Fraction(0) for name in ("income_general", "income_fund", "income_nontax")]
    return figures | {"income_fiscal": sum(sources, Fraction(0)), "spending_fiscal": figures["funds_executed"]}


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
    figures = _filed()
    figures |= {"staffing_control_rate_stated": figures["staff_in_post"] / figures["authorised_posts"]}  # type: ignore[operator]
    figures |= {"funds_rate_stated": figures["funds_executed"] / figures["funds_budget"]}  # type: ignore[operator]
    assert all(applies(relation, figures) and holds(relation, figures, TOLERANCE) for relation in RELATIONS)


@pytest.mark.parametrize("relation", LINEAR, ids=_named)
def test_each_relation_can_be_broken_alone(relation: Relation) -> None:
    """Some return breaks this relation and no other, so none follows from the others and no two say the same.

    Last year's figures follow this year's prior outturns, unless they are what is broken. That 三公经费 is part of
    基本支出
    follows from annex 1-2 where that is filled in, so returns without its spending are looked at too.
    """
    full = _filed()
    without = {name: None if name.startswith("spending_") else value for name, value in full.items()}
    assert any(_can_be_broken_alone(relation, figures) for figures in (full, without))


def _can_be_broken_alone(relation: Relation, figures: dict[str, Fraction | None]) -> bool:
    of_last_year = [name for name in relation.fields if name.startswith(LAST)]
    names = of_last_year or list(relation.fields)
    for more in (names, *([*names, other] for other in _neighbours(names))):
        others = [
            each for each in RELATIONS
            if each is not relation and set(each.fields) & set(more) and applies(each, figures)
            and (of_last_year or not any(name.startswith(LAST) for name in each.fields))
        ]  # fmt: skip
        asked = [one for each in others for one in constraints(each, figures, more, TOLERANCE)]
        if solve([*asked, *_broken(relation, more, figures)], more) is not None:
            return True
    return False


def _neighbours(names: list[str]) -> list[str]:
    near = (name for each in RELATIONS if set(each.fields) & set(names) for name in each.fields)
    return [name for name in dict.fromkeys(near) if name not in names and not name.startswith(LAST)]


@pytest.mark.parametrize("relation", [each for each in RELATIONS if each not in LINEAR], ids=_named)
def test_each_rate_can_be_broken_alone(relation: Relation) -> None:
    """A rate stated twice as high as it is breaks its own relation and no other."""
    figures = _filed()
    numerator, denominator = (figures[part] for part in relation.parts)
    assert numerator is not None
    assert denominator
    figures[relation.whole] = 2 * numerator / denominator
    broken = [each for each in RELATIONS if applies(each, figures) and not holds(each, figures, TOLERANCE)]
    assert broken == [relation]


def test_no_two_relations_say_the_same() -> None:
    """Each relation is of its own kind and figures, whichever side they stand on."""
    assert len({(each.kind, frozenset(each.fields)) for each in RELATIONS}) == len(RELATIONS)


def test_every_relation_is_a_rule_on_fields_of_the_forms() -> None:
    """Each relation names a rule of the register, and fields that the forms have."""
    for relation in RELATIONS:
        assert relation.rule in RULE
        assert {name.removeprefix(LAST) for name in relation.fields} <= FIELDS.keys()
