"""Write the workbooks of the county: summary and review list."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from pipeline import frames
from pipeline.department_record import KEPT_LISTS
from pipeline.output.data_files import LISTS
from pipeline.output.files import relative_link
from pipeline.workbooks.county import leader_page
from pipeline.workbooks.county import workbook as county_workbook
from pipeline.workbooks.county.data import MOST_LISTED, County, FiledFigures
from pipeline.workbooks.county.leader_figures import last_year
from pipeline.workbooks.department_years import earlier_years
from pipeline.workbooks.review_list import ReviewList, write_review_list
from pipeline.workbooks.write_departments import file_names
from pipeline.workers.hand_out import hand_out
from pipeline.workers.pool import FEW
from schemas.enums import State
from schemas.file_names import COUNTY_WORKBOOK, LEADER_PAGE, REVIEWS, SCORED
from schemas.rules import RULE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from pipeline.county_tables import CountyTables
    from pipeline.department_record import DepartmentRecord
    from pipeline.inputs import Inputs
    from pipeline.intake.county_view import CountyView
    from pipeline.output.cache import Cache
    from pipeline.workers.pool import WorkerPool
    from schemas.policy import Policy

SECONDS = 120
"""Seconds that the list may take a worker; that of a thousand departments takes a few, filled in by the bureau."""
MANY = 2_000
"""Up to so many departments a worker writes the list; of more it would fill the memory of both processes."""


def begin_review_list(
    tables: CountyTables,
    view: CountyView,
    records: Sequence[DepartmentRecord],
    policy: Policy,
    given: Inputs,
    pool: WorkerPool,
) -> Iterator[tuple[str, bytes]]:
    """Have the list of what waits for a reviewer written; the iterator gives its name and, once there, its bytes.

    A worker writes it while this process does other work, unless departments are few or very many: then it is written
    here, when it is asked for.
    """
    shown = partial(_review_list, tables, view, records, policy, given)
    if FEW < len(records) <= MANY:
        written = hand_out(write_review_list, [shown()], write_review_list, pool, SECONDS)
    else:
        written = _write_when_asked(shown)
    return ((REVIEWS, content) for content in written)


def _review_list(
    tables: CountyTables, view: CountyView, records: Sequence[DepartmentRecord], policy: Policy, given: Inputs
) -> ReviewList:
    """Return what the list of what waits for a reviewer shows."""
    stamps = {each.department: each.stamp for each in records}
    reviews = frames.records(tables.reviews)
    return ReviewList(reviews, stamps, view.states, policy.year, given.review_list, view.answers)


def _write_when_asked(shown: Callable[[], ReviewList]) -> Iterator[bytes]:
    yield write_review_list(shown())


def write_county_workbook(
    tables: CountyTables,
    view: CountyView,
    records: Sequence[DepartmentRecord],
    unwritten: Collection[str],
    cache: Cache,
    policy: Policy,
    given: Inputs,
) -> Iterator[tuple[str, bytes]]:
    """Yield the county workbook, and its first page as data: name and bytes.

    ``unwritten`` are the workbooks of departments that could not be written, to which nothing may lead.
    """
    county = _county(tables, view, records, unwritten, cache, policy, given)
    yield COUNTY_WORKBOOK, county_workbook.write_county_workbook(county)
    yield LEADER_PAGE, leader_page.leader_page(county)


def _county(
    tables: CountyTables,
    view: CountyView,
    records: Sequence[DepartmentRecord],
    unwritten: Collection[str],
    cache: Cache,
    policy: Policy,
    given: Inputs,
) -> County:
    """Return what the county workbook shows, departments by rank."""
    with_record = {each.department for each in records}
    evaluated = [name for name in tables.summary["department"] if name in with_record]
    filed = {each.department: FiledFigures(each) for each in view.accepted}
    listed = {name: sum(each.listed[name] for each in records) for name in LISTS}
    names = file_names([each.department for each in records])
    return County(
        policy=policy,
        summary=frames.records(tables.summary),
        departments=[filed[name] for name in evaluated],
        lists=_lists(records, listed, cache),
        listed=listed,
        aspects=_aspects(records),
        titles={each.department: each.titles for each in records},
        rules=frames.records(tables.rules),
        idle_waivers=[(each.department, RULE[each.rule].title, why) for each, why in tables.idle],
        submissions=frames.records(tables.submissions),
        changes=frames.records(tables.changes),
        alarms=[each.alarm for each in records],
        rates=frames.records(tables.county),
        exempt=[each.name for each in given.roster.members if not each.required and each.name not in with_record],
        with_roster=bool(given.roster.members),
        unjudged={each.department: _unjudged(each) for each in records},
        last_year=last_year(given.prior),
        years=earlier_years(given.prior),
        links={
            each.department: f"external:{relative_link(name)}"
            for each in records
            if (name := f"{SCORED}/{names[each.department]}.xlsx") not in unwritten
        },
    )


def _unjudged(dossier: DepartmentRecord) -> float:
    """Give the weight of the indicators that cannot be judged from what is written."""
    return sum(weight for _, state, weight, _ in dossier.aspects if state == State.UNJUDGED)


def _lists(
    records: Sequence[DepartmentRecord], listed: Mapping[str, int], cache: Cache
) -> dict[str, list[dict[str, Any]] | None]:
    """Return the rows of the long lists, as kept for each department; None for a list that is too long."""

    def rows(name: str) -> list[dict[str, Any]]:
        return [row for each in records for row in json.loads(cache.take_again(KEPT_LISTS[name], each.key))]

    return {name: rows(name) if count <= MOST_LISTED else None for name, count in listed.items()}


def _aspects(records: Sequence[DepartmentRecord]) -> dict[tuple[str, str], tuple[int, float, float]]:
    """Add up the indicators of each aspect and state: how many, weight, points."""
    found: dict[tuple[str, str], tuple[int, float, float]] = {}
    for record in records:
        for aspect, state, weight, points in record.aspects:
            count, weights, given = found.get((aspect, state), (0, 0.0, 0.0))
            found[aspect, state] = (count + 1, weights + weight, given + points)
    return found
