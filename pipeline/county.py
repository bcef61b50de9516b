"""What the county workbook shows, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from schemas.policy import Policy

ITEMS = (
    ("three_public", "三公经费"),
    ("vehicles", "公务用车"),
    ("reception", "公务接待"),
    ("overseas", "出国（境）"),
)
"""The three public expenses in all and one by one: how their fields begin, and their short names."""


@dataclass(frozen=True, slots=True)
class County:
    """All that the county workbook shows: the tables of the run as plain rows.

    ``lines`` are the findings, the same over many cells as one; ``rules`` how often each rule was found;
    ``reference`` the reference points by department and measure; ``rates`` the measures of the whole county.
    """

    policy: Policy
    summary: list[dict[str, Any]]
    departments: list[dict[str, Any]]
    indicators: list[dict[str, Any]]
    measures: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    idle_waivers: list[tuple[str, str, str]]
    submissions: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    reference: dict[tuple[str, str], dict[str, Any]]
    alarms: list[dict[str, Any]]
    rates: list[dict[str, Any]]
    exempt: list[str]
    with_roster: bool
    links: dict[str, str]
