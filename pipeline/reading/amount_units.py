"""In what unit the amounts of the annexes are read: in 万元, or in the one that a form says of itself.

A form that says 元 of its amounts, and nothing else of them, is read so. Where what it says cannot be so, because it
says both, because the other annex has the same figures in 万元 or because a whole department would have spent less than
万元 1, its amounts stay as they are and the unit is asked about.
"""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, NamedTuple

from pipeline.reading.entries import raw
from pipeline.reading.labels import known, labels
from pipeline.reading.parse_cell import clean
from pipeline.reading.places import Problem
from schemas.forms.model import Kind
from schemas.relations import RELATIONS, RelationKind
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.reading.find_annexes import Located
    from pipeline.reading.places import Place
    from pipeline.reading.units import StatedUnit

LEAST = 1.0
"""万元 that the largest amount of a department comes to at least: one that spends less in a year there is not."""
_SAME = tuple(
    (each.whole, each.parts[0])
    for each in RELATIONS
    if each.kind is RelationKind.EQUAL and each.firm and len(each.parts) == 1
)
"""The amounts that both annexes have."""


class _Read(NamedTuple):
    """The amounts of an annex by field: as they are filed, and how much of 万元 one of their unit is as stated."""

    amounts: dict[str, float]
    factors: dict[str, float]

    def value(self, name: str) -> float:
        return self.amounts[name] * self.factors.get(name, 1.0)


def settle_units(annexes: Sequence[Located]) -> None:
    """Give each annex the units of its amounts, and the problems that tell of them."""
    if all(stated.factor == 1 for each in annexes for stated in each.stated):  # as nearly always
        return
    read = [_read(each) for each in annexes]
    for at, (located, own) in enumerate(zip(annexes, read, strict=True)):
        others = [other for number, other in enumerate(read) if number != at]
        holds = bool(own.factors) and _is_possible(own) and not any(_contradicts(own, other) for other in others)
        located.units = own.factors if holds else {}
        for stated in located.stated:
            if stated.factor != 1:
                rule = "unit_converted" if holds and _is_used(located, stated) else "unit_differs"
                located.finds.problems.append(Problem(rule, stated.words, located.sheet.name, stated.cell))


def _read(located: Located) -> _Read:
    """Give the amounts that bear no unit of their own, and the units that are stated of them without contradiction."""
    asked = {each.name for each in located.form.fields() if each.kind is Kind.AMOUNT}
    places = {name: place for name, place in located.finds.places.items() if name in asked}
    found = {name: clean(raw(place), Kind.AMOUNT).value for name, place in places.items()}
    amounts = {name: float(value) for name, value in found.items() if isinstance(value, (int, float))}
    units = {
        name: {stated.factor for stated in located.stated if _is_about(located, stated, place)}
        for name, place in places.items()
    }
    if any(len(of_one) > 1 for of_one in units.values()):  # what a form says twice is not known
        return _Read(amounts, {})
    return _Read(amounts, {name: of_one.pop() for name, of_one in units.items() if of_one - {1.0}})


def _is_about(located: Located, stated: StatedUnit, place: Place) -> bool:
    """Tell whether words that name a unit are about an amount: those of its column or of its row, or of the form."""
    if place.sheet is not located.sheet:
        return False
    numbers = known(located.form, located.year).get(normalise_label(stated.words), ())
    heads = [labels(located.form)[number] for number in numbers]
    (top, left), (_, right) = stated.cell, located.sheet.end(stated.cell)
    if not heads:
        return True
    if isinstance(heads[0], str):  # the words of a row
        return place.cell[0] == top
    return place.cell[0] > top and left <= place.cell[1] <= right


def _is_used(located: Located, stated: StatedUnit) -> bool:
    places = (located.finds.places[name] for name in located.units)
    return any(_is_about(located, stated, place) for place in places)


def _is_possible(own: _Read) -> bool:
    """Tell whether the amounts could be a department's in the units that are stated."""
    return max((own.value(name) for name in own.factors if name in own.amounts), default=LEAST) >= LEAST


def _contradicts(own: _Read, other: _Read) -> bool:
    """Tell whether an amount is nearer to what the other annex has of it without the unit that this one states."""
    return any(
        abs(log10(own.amounts[mine] / other.value(its))) < abs(log10(own.value(mine) / other.value(its)))
        for mine, its in _pairs(own, other)
    )


def _pairs(own: _Read, other: _Read) -> Iterator[tuple[str, str]]:
    """Give the amounts in a stated unit that the other annex has too, none of them 0."""
    for first, second in _SAME:
        for mine, its in ((first, second), (second, first)):
            if mine in own.factors and own.amounts.get(mine, 0) > 0 and other.amounts.get(its, 0) > 0:
                yield mine, its
