"""What is kept of every department → the tables and workbooks of the county as a whole."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.assess import checked
from pipeline.department_batches import LISTS as KEPT_LISTS
from pipeline.intake.version_differences import changes
from pipeline.lists import waivers
from pipeline.output.data_files import LISTS
from pipeline.reading import tables as reading_tables
from pipeline.review import decisions as review_decisions
from pipeline.scoring.grades import summarise
from pipeline.scoring.measures import county
from pipeline.validation.group import by_rule
from pipeline.workbooks import review_list
from pipeline.workbooks.county import workbook as county_workbook
from pipeline.workbooks.county.data import MOST_LISTED, County
from pipeline.workbooks.write_departments import SCORED, file_names
from schemas import tables
from schemas.enums import Standing
from schemas.lists.reviews import FILE as REVIEWS
from schemas.rules import RULE, RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.assess import Given
    from pipeline.intake.county_view import Together
    from pipeline.intake.receive import Received
    from pipeline.output.cache import Kept
    from pipeline.output.department_record import Dossier
    from schemas.lists.waivers import Waiver
    from schemas.policy import Policy

COUNTY_BOOK = "全县汇总.xlsx"


@dataclass(frozen=True, slots=True)
class Whole:
    """The county as a whole: its tables of the contract, and the waivers that had no effect, with the reason."""

    submissions: pd.DataFrame
    summary: pd.DataFrame
    reviews: pd.DataFrame
    changes: pd.DataFrame
    county: pd.DataFrame
    rules: pd.DataFrame
    idle: list[tuple[Waiver, str]]


def whole(seen: Together, every: Sequence[Dossier], sent: Received, policy: Policy, given: Given) -> Whole:
    """Put together what is kept of each department, in the order of the returns."""
    found = pd.DataFrame(
        [(each.department, *breach) for each in every for breach in each.found],
        columns=["department", "rule", "severity", "standing"],
        dtype="str",
    )
    conclusions = pd.DataFrame([each.conclusion for each in every]).astype(
        dict.fromkeys(("points", "self_points", "difference", "reviewed_points"), "float64")
    )
    submissions = with_errors(seen.submissions, found)
    wide = reading_tables.county(seen.accepted).assign(
        indicators_met=[float(each.met) for each in every], indicator_rows=[float(each.rows) for each in every]
    )
    reviews = pd.DataFrame([row for each in every for row in each.reviews], columns=list(tables.REVIEWS.columns))
    others = review_decisions.idle(given.decisions, [each.department for each in every])
    named = waivers.named(given.waivers, given.roster)
    return Whole(
        submissions=checked(tables.SUBMISSIONS, submissions),
        summary=checked(tables.SUMMARY, summarise(conclusions, submissions)),
        reviews=checked(tables.REVIEWS, pd.concat([reviews.astype("str"), others], ignore_index=True)),
        changes=checked(tables.CHANGES, _changes(seen, sent)),
        county=checked(tables.COUNTY, county(wide)),
        rules=by_rule(found, len(every), RULES),
        idle=waivers.idle(named, found, policy.year),
    )


def with_errors(submissions: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Say of the returns that count which have errors that count."""
    errors = findings["severity"].eq("error") & findings["standing"].eq(Standing.COUNTED)
    faulty = submissions["department"].isin(findings.loc[errors, "department"])
    status = submissions["status"].mask(submissions["status"].eq("accepted") & faulty, "accepted_with_errors")
    return submissions.assign(status=status)


def _changes(seen: Together, sent: Received) -> pd.DataFrame:
    """Compare superseded returns with those that count; only of these departments are wholes needed."""
    readable = [each for each in seen.readings if not each.reason]
    times = Counter(each.department for each in readable)
    wholes = {each.source_file: sent.whole(each) for each in readable if times[each.department] > 1}
    counts = {name: wholes[each.source_file] for name, each in seen.counts.items() if times[name] > 1}
    return changes(list(wholes.values()), counts)


def workbooks(
    made: Whole, seen: Together, every: Sequence[tuple[Dossier, str]], kept: Kept, policy: Policy, given: Given
) -> Iterator[tuple[str, bytes]]:
    """Write the county workbook and the list of what waits for a reviewer: names and bytes."""
    stamps = {dossier.department: dossier.stamp for dossier, _ in every}
    yield REVIEWS, review_list.workbook(reading_tables.records(made.reviews), stamps, policy.year)
    yield COUNTY_BOOK, county_workbook.workbook(_county(made, seen, every, kept, policy, given))


def _county(
    made: Whole, seen: Together, every: Sequence[tuple[Dossier, str]], kept: Kept, policy: Policy, given: Given
) -> County:
    """Give what the county workbook shows, departments by rank."""
    dossiers = {dossier.department: (dossier, key) for dossier, key in every}
    evaluated = [name for name in made.summary["department"] if name in dossiers]
    wide = {row["department"]: row for row in reading_tables.records(reading_tables.county(seen.accepted))}
    listed = {name: sum(dossier.listed[name] for dossier, _ in every) for name in LISTS}
    names = file_names([dossier.department for dossier, _ in every])
    return County(
        policy=policy,
        summary=reading_tables.records(made.summary),
        departments=[wide[name] for name in evaluated],
        lists=_lists(every, listed, kept),
        listed=listed,
        aspects=_aspects(every),
        titles={dossier.department: dossier.titles for dossier, _ in every},
        rules=reading_tables.records(made.rules),
        idle_waivers=[(each.department, RULE[each.rule].title, why) for each, why in made.idle],
        submissions=reading_tables.records(made.submissions),
        changes=reading_tables.records(made.changes),
        alarms=[dossier.alarm for dossier, _ in every],
        rates=reading_tables.records(made.county),
        exempt=[each.name for each in given.roster.members if not each.required and each.name not in dossiers],
        with_roster=bool(given.roster.members),
        links={name: f"external:{SCORED}/{file}.xlsx" for name, file in names.items()},
    )


def _lists(
    every: Sequence[tuple[Dossier, str]], listed: Mapping[str, int], kept: Kept
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


def _aspects(every: Sequence[tuple[Dossier, str]]) -> dict[tuple[str, str], tuple[int, float, float]]:
    """Add up the indicators of each aspect and state: how many, weight, points."""
    found: dict[tuple[str, str], tuple[int, float, float]] = {}
    for dossier, _ in every:
        for aspect, state, weight, points in dossier.aspects:
            count, weights, given = found.get((aspect, state), (0, 0.0, 0.0))
            found[aspect, state] = (count + 1, weights + weight, given + points)
    return found
