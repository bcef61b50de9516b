"""What a search found of a form on a sheet: where its values stand, and what of it is not there or there twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pipeline.reading.workbook import Cell, Sheet


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of the form that was not found, or found twice: a rule of the register and what was looked for.

    ``stated`` is what stands in its place, ``label`` what it is about, where that is not what was looked for.
    """

    rule: str
    sought: str
    sheet: str = ""
    cell: Cell | None = None
    stated: str = ""
    label: str = ""


class Place(NamedTuple):
    """Where a value stands; ``text`` is the part of the cell that is the value, where it is not the whole cell."""

    sheet: Sheet
    cell: Cell
    text: str | None = None


@dataclass(slots=True)
class Finds:
    """What was found of a section or a form: places of fields, cells of indicator rows, and problems."""

    places: dict[str, Place] = field(default_factory=dict)
    rows: list[dict[str, Place]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, other: Finds) -> None:
        """Take over what else was found."""
        for name, place in other.places.items():
            self.places.setdefault(name, place)
        self.rows += other.rows
        self.problems += other.problems
