"""Decide what needs all files of a county: whose each is, which one counts, and who is unlike the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.assess import compared
from pipeline.intake import identify
from pipeline.intake.inbox import NothingToEvaluateError
from pipeline.output.safe_text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from pipeline.lists.roster import Roster
    from pipeline.reading.submission import Submission
    from schemas.policy import Policy


@dataclass(frozen=True, slots=True)
class CountyView:
    """Every file of an inbox, seen together.

    ``readings`` are all files, ``accepted`` the return that counts of each department; ``submissions`` is one row per
    file, and per department that sent none; ``compared`` what comparing the departments with each other has found.
    """

    readings: list[Submission]
    accepted: list[Submission]
    counts: dict[str, Submission]
    submissions: pd.DataFrame
    compared: pd.DataFrame


def identify_county(
    readings: Sequence[Submission], passed_over: Sequence[tuple[str, str]], policy: Policy, roster: Roster
) -> CountyView:
    """Identify the department of every file and choose the return that counts; the readings may be in brief.

    Raises:
        NothingToEvaluateError: none of them can be evaluated.
    """
    named = identify.identify_departments(readings, roster)
    submissions = identify.list_submissions(named, passed_over, policy.year, roster)
    counts = identify.choose_returns(named, policy.year)
    accepted = [each for each in named if counts.get(each.department) is each]
    if not accepted:
        raise NothingToEvaluateError(_why(submissions))
    return CountyView(named, accepted, counts, submissions, compared(accepted, policy))


def _why(submissions: pd.DataFrame) -> str:
    refused = submissions[submissions["status"].eq("rejected")]
    lines = [f"  {row.source_file}：{row.reason}" for row in refused.itertuples()]
    return "\n".join(["收件夹里没有可以评价的报表。", *map(visible, lines)])
