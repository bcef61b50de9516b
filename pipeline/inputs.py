"""Hold what a run is given beside the returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.lists.prior_year import Prior, nothing
from pipeline.lists.roster import Roster

if TYPE_CHECKING:
    from schemas.lists.reviews import Decision
    from schemas.lists.waivers import Waiver


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run is given beside the returns: who must report, what is waived or decided, and last year's outputs.

    ``review_list`` is the workbook of the decisions as the bureau has filled it in.
    """

    roster: Roster = field(default_factory=Roster)
    waivers: tuple[Waiver, ...] = ()
    decisions: tuple[Decision, ...] = ()
    prior: Prior = field(default_factory=nothing)
    review_list: bytes | None = None


NO_INPUTS = Inputs()
"""Nothing beside the returns."""
