"""Draw what follows from a finding beneath it: numbered below its number, its words set in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas.enums import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

BENEATH = "└ "
"""What stands before the words of a finding that follows from the one above."""


def number_lines(lines: Iterable[dict[str, Any]]) -> list[int | str]:
    """Number findings as they are listed: 1, 2, 3, and 2.1 for the first that follows from the second."""
    numbers: list[int | str] = []
    cause = below = 0
    for line in lines:
        if follows(line):
            below += 1
            numbers.append(f"{cause}.{below}")
        else:
            cause, below = cause + 1, 0
            numbers.append(cause)
    return numbers


def follows(line: dict[str, Any]) -> bool:
    """Tell whether a finding follows from the one above."""
    return bool(line["standing"] == Standing.FOLLOWS)


def set_in(line: dict[str, Any]) -> str:
    """Give the message of a finding as a list shows it."""
    return f"{BENEATH}{line['message']}" if follows(line) else str(line["message"])
