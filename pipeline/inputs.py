"""Hold what a run is given beside the returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.lists.prior_year import Prior, nothing
from pipeline.lists.roster import Roster

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.forms.answered import Answers
    from schemas.lists.head_answers import HeadAnswer
    from schemas.lists.reviews import Decision, StateDecision
    from schemas.lists.waivers import Waiver


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run is given beside the returns: the roster, waivers, the reviewer's decisions, last year's results.

    ``review_list`` is the workbook of the decisions as the bureau has filled it in; ``answers`` are what it says of
    unknown texts on departments' sheets; ``local_words`` what its own forms print; ``lists`` is the folder that all of
    these are taken from, None where it is the inbox.
    """

    roster: Roster = field(default_factory=Roster)
    waivers: tuple[Waiver, ...] = ()
    decisions: tuple[Decision, ...] = ()
    states: tuple[StateDecision, ...] = ()
    prior: Prior = field(default_factory=nothing)
    review_list: bytes | None = None
    answers: tuple[HeadAnswer, ...] = ()
    local_words: Answers = ()
    lists: Path | None = None

    def record(self) -> dict[str, Any]:
        """Return what ``run.json`` says of them."""
        prior = {"year": self.prior.year, "sha256": self.prior.sha256} if self.prior.year else None
        given = ("waivers", "decisions", "answers", "local_words")
        lists = {name: len(getattr(self, name)) for name in given}
        return {"prior": prior, **lists}


NO_INPUTS = Inputs()
"""Nothing beside the returns."""
