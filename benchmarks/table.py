"""Format measurements and goals as a Markdown table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from benchmarks.goals import GOALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.goals import Goal, Size


class Measurement(NamedTuple):
    """A figure in the unit of its goal and how it was worked out.

    A ``breach`` fails the goal whatever the figure; ``otherwise`` says that it is met in the other way that it names.
    """

    figure: float
    of: str = ""
    breach: str = ""
    otherwise: bool = False


def is_met(goal: Goal, measured: Measurement) -> bool:
    """Tell whether a goal is met."""
    within = measured.figure >= goal.limit if goal.least else measured.figure <= goal.limit
    return (within or measured.otherwise) and not measured.breach


def format_table(found: Mapping[str, Measurement], size: Size) -> Iterator[str]:
    """Give the lines of the table; rows that were not measured at this size are left out."""
    yield "| what | measured | goal | met |"
    yield "|---|---|---|---|"
    for key, goal in GOALS.items():
        if key in found:
            measured = found[key]
            told = "; ".join(filter(None, (f"{_shown(measured.figure)}{_unit(goal)}", measured.of, measured.breach)))
            limit = f"{'≥' if goal.least else '≤'} {goal.limit:,g}{_unit(goal)}"
            wanted = ", ".join(filter(None, (limit, goal.note)))
            yield f"| {_what(goal, size)} | {told} | {wanted} | {'yes' if is_met(goal, measured) else 'no'} |"


def _what(goal: Goal, size: Size) -> str:
    return goal.what.format(**{name: f"{count:,}" for name, count in size._asdict().items()})


def _unit(goal: Goal) -> str:
    return f" {goal.unit}" if goal.unit else ""


def _shown(figure: float) -> str:
    """Write three significant figures, and never fewer than the whole number."""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"  # noqa: PLR2004 - three figures
