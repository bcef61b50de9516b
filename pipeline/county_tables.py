"""What is kept of every department → the tables and workbooks of the county as a whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.frames import checked
from pipeline.intake.version_differences import compare_versions
from pipeline.lists import waivers
from pipeline.review import decisions as review_decisions
from pipeline.scoring import department_table
from pipeline.scoring.grades import summarise
from pipeline.scoring.measures import county
from pipeline.validation import waivers as validation_waivers
from pipeline.validation.group import by_rule
from schemas import tables
from schemas.enums import EVALUATED, Standing, Status
from schemas.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.inputs import Inputs
    from pipeline.intake.county_view import CountyView
    from pipeline.intake.receive import ReceivedFiles
    from pipeline.output.department_record import DepartmentRecord
    from schemas.lists.waivers import Waiver
    from schemas.policy import Policy


@dataclass(frozen=True, slots=True)
class CountyTables:
    """The county as a whole: its tables of the contract, and the waivers that had no effect, with the reason."""

    submissions: pd.DataFrame
    summary: pd.DataFrame
    reviews: pd.DataFrame
    changes: pd.DataFrame
    county: pd.DataFrame
    rules: pd.DataFrame
    idle: list[tuple[Waiver, str]]


def county_tables(
    seen: CountyView, every: Sequence[DepartmentRecord], sent: ReceivedFiles, policy: Policy, given: Inputs
) -> CountyTables:
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
    wide = department_table.county(seen.accepted).assign(
        indicators_met=[float(each.met) for each in every], indicator_rows=[float(each.rows) for each in every]
    )
    reviews = pd.DataFrame([row for each in every for row in each.reviews], columns=tables.COLUMNS["reviews"])
    others = review_decisions.idle(given.decisions, [each.department for each in every])
    named = waivers.named(given.waivers, given.roster)
    return CountyTables(
        submissions=checked(tables.SUBMISSIONS, submissions),
        summary=checked(tables.SUMMARY, summarise(conclusions, submissions, seen.reporting)),
        reviews=checked(tables.REVIEWS, pd.concat([reviews.astype("str"), others], ignore_index=True)),
        changes=checked(tables.CHANGES, _changes(seen, sent)),
        county=checked(tables.COUNTY, county(wide)),
        rules=checked(tables.RULE_COUNTS, by_rule(found, len(every), RULES)),
        idle=validation_waivers.idle(named, found, policy.year),
    )


def with_errors(submissions: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Say of the returns that count which have errors that count."""
    errors = findings["severity"].eq("error") & findings["standing"].eq(Standing.COUNTED)
    faulty = submissions["department"].isin(findings.loc[errors, "department"])
    status = submissions["status"].mask(submissions["status"].eq("accepted") & faulty, "accepted_with_errors")
    return submissions.assign(status=status)


def _changes(seen: CountyView, sent: ReceivedFiles) -> pd.DataFrame:
    """Compare superseded returns with those that count; only of these departments are wholes needed."""
    readable = [each for each in seen.readings if not each.reason]
    times = Counter(each.department for each in readable)
    wholes = {each.source_file: sent.full(each) for each in readable if times[each.department] > 1}
    counts = {name: wholes[each.source_file] for name, each in seen.choice.counts.items() if times[name] > 1}
    return compare_versions(list(wholes.values()), replace(seen.choice, counts=counts))


ALL = "合计"
"""What stands in the place of a county's name in the rates of all of them."""


@dataclass(frozen=True, slots=True)
class CountiesTables:
    """The tables above some counties.

    ``counties`` is one row per county, ``grades`` one per county × grade, ``rates`` one per county × measure, and per
    measure of all counties together: the rate of the sums.
    """

    counties: pd.DataFrame
    grades: pd.DataFrame
    rates: pd.DataFrame


def counties_tables(found: Mapping[str, CountyTables | str], policy: Policy) -> CountiesTables:
    """Put counties together.

    Args:
        found: by name each county as a whole, or why nothing of it could be evaluated; of one at least something was.
        policy: the policy of the year, for its grades.
    """
    evaluated = {name: each for name, each in found.items() if not isinstance(each, str)}
    counties = pd.DataFrame(
        [_county(name, each) for name, each in found.items()], columns=list(tables.COUNTIES.columns)
    )
    numbers = [name for name, column in tables.COUNTIES.columns.items() if str(column.dtype) == "float64"]
    grades = [
        (name, grade.word, int(_final(each).eq(grade.word).sum()))
        for name, each in evaluated.items()
        for grade in policy.grades
    ]
    rates = [each.county.assign(county=name) for name, each in evaluated.items()]
    return CountiesTables(
        counties=checked(tables.COUNTIES, counties.astype(dict.fromkeys(numbers, "float64"))),
        grades=checked(tables.GRADES, pd.DataFrame(grades, columns=list(tables.GRADES.columns))),
        rates=checked(tables.RATES, pd.concat([_together(rates), *rates], ignore_index=True)),
    )


def _final(county_tables: CountyTables) -> pd.Series[str]:
    """Give the grade of each department, after the reviewer's decisions where there are any."""
    summary = county_tables.summary
    return summary["grade"].where(summary["reviewed_points"].isna(), summary["reviewed_grade"])


def _county(name: str, county_tables: CountyTables | str) -> dict[str, Any]:
    if isinstance(county_tables, str):
        return {"county": name, "reason": " ".join(county_tables.split())}
    status, summary = county_tables.submissions["status"], county_tables.summary
    points = summary["reviewed_points"].fillna(summary["points"])
    return {
        "county": name,
        "files": int(county_tables.submissions["source_file"].ne("").sum()),
        "evaluated": int(status.isin(EVALUATED).sum()),
        "missing": int(status.eq(Status.MISSING).sum()),
        "rejected": int(status.eq(Status.REJECTED).sum()),
        "mean_points": points.mean(),
        "median_points": points.median(),
        "mean_self_points": summary["self_points"].mean(),
        "provisional": int(summary["provisional"].sum()),
        "errors": int(summary["errors"].sum()),
        "warnings": int(summary["warnings"].sum()),
        "reason": "",
    }


def _together(rates: list[pd.DataFrame]) -> pd.DataFrame:
    """Give the rates of all counties together: sums over sums, as a county's own are."""
    every = pd.concat(rates, ignore_index=True)
    by = every.groupby("measure", sort=False)
    table = by[["numerator", "denominator"]].sum(min_count=1).round(6)
    table = table.assign(
        county=ALL,
        label=by["label"].first(),
        value=table["numerator"] / table["denominator"],
        departments=by["departments"].sum(),
    )
    reason = table["value"].isna().map({True: "没有部门可以计算", False: ""})
    return table.assign(reason=reason).reset_index()
