"""Write the workbooks of the county: summary and review list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipeline import frames
from pipeline.department_batches import LISTS as KEPT_LISTS
from pipeline.output.data_files import LISTS
from pipeline.scoring import department_table
from pipeline.workbooks import review_list
from pipeline.workbooks.county import workbook as county_workbook
from pipeline.workbooks.county.data import MOST_LISTED, County
from pipeline.workbooks.county.leader_figures import last_year
from pipeline.workbooks.write_departments import SCORED, file_names
from schemas.enums import State
from schemas.lists.reviews import FILE as REVIEWS
from schemas.rules import RULE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.county_tables import CountyTables
    from pipeline.inputs import Inputs
    from pipeline.intake.county_view import CountyView
    from pipeline.output.cache import Cache
    from pipeline.output.department_record import DepartmentRecord
    from schemas.policy import Policy


COUNTY_BOOK = "全县汇总.xlsx"


def write_county_workbooks(
    made: CountyTables,
    seen: CountyView,
    every: Sequence[tuple[DepartmentRecord, str]],
    kept: Cache,
    policy: Policy,
    given: Inputs,
) -> Iterator[tuple[str, bytes]]:
    """Write the county workbook and the list of what waits for a reviewer: names and bytes."""
    stamps = {dossier.department: dossier.stamp for dossier, _ in every}
    yield REVIEWS, review_list.write_review_list(frames.records(made.reviews), stamps, policy.year, given.review_list)
    yield COUNTY_BOOK, county_workbook.write_county_workbook(_county(made, seen, every, kept, policy, given))


def _county(
    made: CountyTables,
    seen: CountyView,
    every: Sequence[tuple[DepartmentRecord, str]],
    kept: Cache,
    policy: Policy,
    given: Inputs,
) -> County:
    """Give what the county workbook shows, departments by rank."""
    dossiers = {dossier.department: (dossier, key) for dossier, key in every}
    evaluated = [name for name in made.summary["department"] if name in dossiers]
    wide = {row["department"]: row for row in frames.records(department_table.county(seen.accepted))}
    listed = {name: sum(dossier.listed[name] for dossier, _ in every) for name in LISTS}
    names = file_names([dossier.department for dossier, _ in every])
    return County(
        policy=policy,
        summary=frames.records(made.summary),
        departments=[wide[name] for name in evaluated],
        lists=_lists(every, listed, kept),
        listed=listed,
        aspects=_aspects(every),
        titles={dossier.department: dossier.titles for dossier, _ in every},
        rules=frames.records(made.rules),
        idle_waivers=[(each.department, RULE[each.rule].title, why) for each, why in made.idle],
        submissions=frames.records(made.submissions),
        changes=frames.records(made.changes),
        alarms=[dossier.alarm for dossier, _ in every],
        rates=frames.records(made.county),
        exempt=[each.name for each in given.roster.members if not each.required and each.name not in dossiers],
        with_roster=bool(given.roster.members),
        unjudged={dossier.department: _unjudged(dossier) for dossier, _ in every},
        last_year=last_year(given.prior),
        links={name: f"external:{SCORED}/{file}.xlsx" for name, file in names.items()},
    )


def _unjudged(dossier: DepartmentRecord) -> float:
    """Give the weight of the indicators that cannot be judged from what is written."""
    return sum(weight for _, state, weight, _ in dossier.aspects if state == State.UNJUDGED)


def _lists(
    every: Sequence[tuple[DepartmentRecord, str]], listed: Mapping[str, int], kept: Cache
) -> dict[str, list[dict[str, Any]] | None]:
    """Give the rows of the long lists, as kept for each department; None for a list that is too long."""
    lists: dict[str, list[dict[str, Any]] | None] = {
        name: [] if count <= MOST_LISTED else None for name, count in listed.items()
    }
    if any(rows is not None for rows in lists.values()):
        for _, key in every:
            for name, rows in json.loads(kept.take(KEPT_LISTS, key) or b"{}").items():
                found = lists[name]
                if found is not None:
                    found += rows
    return lists


def _aspects(every: Sequence[tuple[DepartmentRecord, str]]) -> dict[tuple[str, str], tuple[int, float, float]]:
    """Add up the indicators of each aspect and state: how many, weight, points."""
    found: dict[tuple[str, str], tuple[int, float, float]] = {}
    for dossier, _ in every:
        for aspect, state, weight, points in dossier.aspects:
            count, weights, given = found.get((aspect, state), (0, 0.0, 0.0))
            found[aspect, state] = (count + 1, weights + weight, given + points)
    return found
