"""Say what a returned workbook is about: whose return it is, and which findings count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemas.enums import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


Finding = dict[str, Any]
"""A row of findings.csv, by column."""


@dataclass(frozen=True, slots=True)
class ReturnIdentity:
    """Whose return it is: department, fiscal year, and the name and sha256 of its file in the inbox."""

    department: str
    year: int
    source_file: str
    sha256: str = ""


def select_listed(lines: Iterable[Finding]) -> Iterator[Finding]:
    """Give the lines that count against the department, and beneath each what follows from it."""
    above = False
    for each in lines:
        if each["standing"] != Standing.FOLLOWS:
            above = each["standing"] == Standing.COUNTED
        if above:
            yield each


def select_counted(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Give the findings that count against the department: neither waived nor of a rule on trial."""
    return (each for each in findings if each["standing"] == Standing.COUNTED)
