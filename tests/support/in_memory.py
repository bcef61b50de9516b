"""Evaluate submissions in memory, with the same two steps as a run: the departments, then the county."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from pipeline.assess import assess
from pipeline.county_tables import county_tables
from pipeline.department_record import department_records
from pipeline.frames import DepartmentTables
from pipeline.inputs import NO_INPUTS
from pipeline.intake.county_view import identify_county
from pipeline.lists import reviews

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from pipeline.inputs import Inputs
    from pipeline.reading.submission import Submission
    from schemas.policy import Policy


@dataclass(slots=True)
class CountyResult(DepartmentTables):
    """Every table of the contract; ``reviews`` are those of the county."""

    submissions: pd.DataFrame
    summary: pd.DataFrame
    changes: pd.DataFrame
    county: pd.DataFrame


def evaluate_in_memory(
    submissions: Sequence[Submission],
    passed_over: Sequence[tuple[str, str]],
    policy: Policy,
    given: Inputs = NO_INPUTS,
) -> CountyResult:
    """Evaluate full submissions all at once and write nothing."""
    view = identify_county(submissions, passed_over, policy, given)
    names = [each.department for each in view.accepted]
    own = replace(given, decisions=reviews.about(given.decisions, names))
    found = assess(view.accepted, view.compared, policy, own)
    records = [record for record, _ in department_records(found, dict.fromkeys(names, ""))]
    made = county_tables(view, records, lambda each: each, policy, given)
    of_departments = {each.name: getattr(found, each.name) for each in fields(DepartmentTables)}
    of_county = {name: getattr(made, name) for name in ("submissions", "summary", "changes", "county", "reviews")}
    return CountyResult(**of_departments | of_county)
