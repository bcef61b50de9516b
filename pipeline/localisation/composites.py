"""Propose the slips that change several figures at once: two cells exchanged, a column copied, lines shifted."""

from __future__ import annotations

from itertools import chain, combinations, pairwise
from typing import TYPE_CHECKING

from pipeline.localisation.slips import Slip
from schemas.relations import COLUMNS, LINES, RELATIONS, RelationKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pipeline.localisation.constraints import Exact
    from schemas.relations import Relation

    Figures = Mapping[str, Exact | None]

EXCHANGED = Slip("两格的数填反了", 0.2)
COPIED_COLUMN = Slip("整列抄成了另一列的数", 0.1)
OTHER_ANNEX = Slip("抄成了附件1-1另一栏的数", 0.1)
OTHER_ANNEX_WHOLE = Slip(OTHER_ANNEX.words, 0.15)
"""The same with the figures that go with these: less likely where those alone explain it."""
SHIFTED = Slip("从这一行起填错了一行", 0.2)
_LEAST = 3
"""Lines that must be alike, or shifted, before that is no chance."""
PAIRS = (("spending_basic", "spending_personnel", "spending_operating", "spending_three_public", "spending_project"),
         ("income_general", "income_fund", "income_nontax", "income_carryover", "income_other"),
         ("funds_budget", "funds_executed"), ("authorised_posts", "staff_in_post"))  # fmt: skip
"""Figures beyond the table of expenses of which two may be exchanged, since they stand beside or below each other."""


def composites(figures: Figures, broken: Sequence[Relation]) -> Iterator[tuple[dict[str, Exact | None], Slip]]:
    """Give each composite slip that may have happened and has to do with every one of some relations.

    With each, what the figures then are; None where that is not known.
    """
    asked = [frozenset(each.fields) for each in broken]
    yield from _exchanges(figures, asked)
    for values, made in chain(_copies(figures), _copied_between_annexes(figures)):
        if _meets(values, asked):
            yield values, made
    yield from _shifts(figures, asked)


def _meets(names: Iterable[str], asked: Sequence[frozenset[str]]) -> bool:
    """Tell whether there is a figure of every relation among some."""
    return not any(each.isdisjoint(names) for each in asked)


def _exchanges(figures: Figures, asked: Sequence[frozenset[str]]) -> Iterator[tuple[dict[str, Exact | None], Slip]]:
    lines = [tuple(f"{line}_{column}" for column in COLUMNS) for line in LINES]
    columns = [tuple(f"{line}_{column}" for line in LINES) for column in COLUMNS]
    for group in (*lines, *columns, *PAIRS):
        # What no pair of a group can meet is not looked for pair by pair: most groups are of other relations.
        for pair in combinations(group, 2) if _meets(group, asked) else ():
            first, second = pair
            a, b = figures.get(first), figures.get(second)
            if a is not None and b is not None and _meets(pair, asked) and a != b:
                yield {first: b, second: a}, EXCHANGED


def _copies(figures: Figures) -> Iterator[tuple[dict[str, Exact | None], Slip]]:
    for column in COLUMNS:
        for other in COLUMNS:
            mine = {line: figures.get(f"{line}_{column}") for line in LINES}
            alike = [line for line, value in mine.items() if value and value == figures.get(f"{line}_{other}")]
            filled = [line for line, value in mine.items() if value]
            if other != column and len(alike) >= _LEAST and len(alike) >= len(filled) - 1:
                yield {f"{line}_{column}": None for line in filled}, COPIED_COLUMN


BOTH = {
    each.parts[0]: each.whole.removesuffix("_outturn")
    for each in RELATIONS
    if each.kind is RelationKind.EQUAL and len(each.parts) == 1 and each.whole.endswith("_outturn") and each.firm
}
"""Figures of 附件1-2 that are outturns of 附件1-1 → their lines there."""
DEPENDENT = ("funds_executed", "spending_personnel", "spending_operating")
"""Figures of 附件1-2 that go with these."""


def _copied_between_annexes(figures: Figures) -> Iterator[tuple[dict[str, Exact | None], Slip]]:
    """Give figures of 附件1-2 that are another column of 附件1-1: those that stand in both, and what goes with them."""
    for column in COLUMNS[1:]:
        alike = [
            name for name, line in BOTH.items()
            if figures.get(name) and figures[name] == figures.get(f"{line}_{column}") != figures.get(f"{line}_outturn")
        ]  # fmt: skip
        if len(alike) > 1:
            values = {name: figures.get(f"{BOTH[name]}_outturn") for name in alike}
            yield values, OTHER_ANNEX
            yield values | dict.fromkeys(DEPENDENT), OTHER_ANNEX_WHOLE


def _shifts(figures: Figures, asked: Sequence[frozenset[str]]) -> Iterator[tuple[dict[str, Exact | None], Slip]]:
    for column in COLUMNS:
        names = [f"{line}_{column}" for line in LINES]
        for start in range(len(names) - _LEAST) if _meets(names, asked) else ():
            for stop in range(start + _LEAST, len(names) + 1):
                part = names[start:stop]
                if not _meets(part, asked) or len({value for name in part if (value := figures.get(name))}) <= _LEAST:
                    continue
                up: dict[str, Exact | None] = {upper: figures.get(lower) for upper, lower in pairwise(part)}
                down: dict[str, Exact | None] = {lower: figures.get(upper) for upper, lower in pairwise(part)}
                yield up | {part[-1]: None}, SHIFTED
                yield down | {part[0]: None}, SHIFTED
