"""Decide what needs all files of a county: whose each is, which one counts, and who is unlike the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.assess import compared
from pipeline.intake import head_answers, identify, return_states
from pipeline.intake.choose import choose_returns
from pipeline.intake.inbox import NothingToEvaluateError
from pipeline.intake.journal import EMPTY, extended, timeliness
from pipeline.intake.return_states import in_force, with_roster_names
from pipeline.output.safe_text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from pipeline.inputs import Inputs
    from pipeline.intake.choose import Choice
    from pipeline.intake.journal import Journal
    from pipeline.reading.submission import Submission
    from schemas.policy import Policy


@dataclass(frozen=True, slots=True)
class CountyView:
    """Every file of an inbox, seen together.

    Attributes:
        readings: all files.
        accepted: the return that counts of each department, in the order of the files.
        choice: which return counts for each department, and why.
        submissions: one row per file, and per department that sent none.
        compared: what comparing the departments with each other has found.
        journal: that of the earlier runs with what is new in this one.
        reporting: ``timeliness``: whether the first return of each department came in time, ``deadline``: the day by
            which it must report, each by department; "" where that cannot be told.
        states: the rows of the sheet on which the bureau sets the states of returns.
        answers: the rows of the sheet on which it says what unknown texts are.
    """

    readings: list[Submission]
    accepted: list[Submission]
    choice: Choice
    submissions: pd.DataFrame
    compared: pd.DataFrame
    journal: Journal
    reporting: dict[str, dict[str, str]]
    states: list[dict[str, str]]
    answers: list[dict[str, str]]


def identify_county(
    readings: Sequence[Submission],
    passed_over: Sequence[tuple[str, str]],
    policy: Policy,
    given: Inputs,
    journal: Journal = EMPTY,
) -> CountyView:
    """Identify the department of every file and choose the return that counts; the readings may be in brief.

    Raises:
        NothingToEvaluateError: none of them can be evaluated.
    """
    roster, year = given.roster, policy.year
    decided = with_roster_names(given.states, roster)
    states = in_force(decided)
    named = identify.identify_departments(readings, roster)
    choice = choose_returns(named, year, journal, states)
    named = [identify.with_doubts(each, choice, year) if not each.reason else each for each in named]
    by_file = {each.source_file: each for each in named}
    counts = {department: by_file[each.source_file] for department, each in choice.counts.items()}
    choice = replace(choice, counts=counts)
    submissions = identify.list_submissions(named, passed_over, choice, year, roster, states)
    accepted = [each for each in named if counts.get(each.department) is each]
    if not accepted:
        raise NothingToEvaluateError(_why(submissions))
    now = extended(journal, named, choice, given.decisions, states, year)
    by_content = dict(zip(submissions["sha256"], submissions["timeliness"], strict=True))
    rows = return_states.rows(choice, decided, by_content)
    days = {name: roster.deadline_of(name) for name in submissions["department"]}
    reporting = {
        "timeliness": {name: timeliness(time, roster.deadline_of(name)) for name, time in now.first_received().items()},
        "deadline": {name: day.isoformat() if day else "" for name, day in days.items()},
    }
    asked = head_answers.rows(accepted, given.answers)
    return CountyView(named, accepted, choice, submissions, compared(accepted, policy), now, reporting, rows, asked)


def _why(submissions: pd.DataFrame) -> str:
    refused = submissions[submissions["status"].eq("rejected")]
    lines = [f"  {row.source_file}：{row.reason}" for row in refused.itertuples()]
    return "\n".join(["收件夹里没有可以评价的报表。", *map(visible, lines)])
