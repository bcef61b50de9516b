"""Put the tables of a county together from the records of its departments, and those above several counties."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.assess import as_compared
from pipeline.frames import checked
from pipeline.intake.version_differences import compare_versions
from pipeline.lists import waivers
from pipeline.review import decisions as review_decisions
from pipeline.scoring import department_table
from pipeline.scoring.grades import summarise
from pipeline.scoring.measures import county
from pipeline.validation import waivers as validation_waivers
from pipeline.validation.outcomes import count_by_rule, find_not_applicable, not_in_last_year, where_rules_apply
from schemas import tables
from schemas.enums import EVALUATED, Standing, Status
from schemas.rules.outliers import TABLE as COMPARED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipeline.department_record import DepartmentRecord
    from pipeline.inputs import Inputs
    from pipeline.intake.county_view import CountyView
    from pipeline.reading.submission import Submission
    from schemas.lists.waivers import Waiver
    from schemas.policy import Policy


@dataclass(frozen=True, slots=True)
class CountyTables:
    """The tables of a county.

    ``submissions``, ``summary``, ``reviews``, ``changes`` and ``county`` are those of the contract; ``rules`` has one
    row per rule of the register; ``idle`` are the waivers without effect, each with the reason.
    """

    submissions: pd.DataFrame
    summary: pd.DataFrame
    reviews: pd.DataFrame
    changes: pd.DataFrame
    county: pd.DataFrame
    rules: pd.DataFrame
    idle: list[tuple[Waiver, str]]

    def contract(self) -> dict[str, pd.DataFrame]:
        """Return the tables of the contract that have no rows of departments alone, with its columns."""
        return {
            name: getattr(self, name)[tables.COLUMNS[name]] for name in ("submissions", "summary", "changes", "county")
        }

    def counts(self) -> dict[str, int]:
        """Count the departments evaluated and the places of findings."""
        return {
            "departments": int(self.summary["points"].notna().sum()),
            "findings": int(self.rules["places"].sum()),
        }


def county_tables(
    view: CountyView,
    records: Sequence[DepartmentRecord],
    full: Callable[[Submission], Submission],
    policy: Policy,
    given: Inputs,
) -> CountyTables:
    """Put the tables of the county together.

    Args:
        view: every file of the inbox.
        records: one per department, in the order of the returns.
        full: gives the full submission of a brief one.
        policy: the policy of the year.
        given: what is known beside the returns.
    """
    found = pd.DataFrame(
        [(each.department, *finding) for each in records for finding in each.found],
        columns=["department", "rule", "severity", "standing"],
        dtype=str,
    )
    conclusions = pd.DataFrame([each.conclusion for each in records]).astype(
        dict.fromkeys(("points", "self_points", "difference", "reviewed_points"), "float64")
    )
    submissions = with_errors(view.submissions, found)
    filed = department_table.county(view.accepted)
    beside = {COMPARED: as_compared(filed)}
    of_county = find_not_applicable(beside, where_rules_apply(beside, policy), filed["department"], policy)
    not_applicable = [
        *((each.department, rule) for each in records for rule in each.not_applicable),
        *((name, rule) for name, rules in of_county.items() for rule in rules),
        *not_in_last_year(filed["department"], given.prior),
    ]
    wide = filed.assign(
        indicators_met=[float(each.met) for each in records], indicator_rows=[float(each.rows) for each in records]
    )
    reviews = pd.DataFrame([row for each in records for row in each.reviews], columns=tables.COLUMNS["reviews"])
    others = review_decisions.idle(given.decisions, [each.department for each in records])
    named = waivers.named(given.waivers, given.roster)
    return CountyTables(
        submissions=checked(tables.SUBMISSIONS, submissions),
        summary=checked(tables.SUMMARY, summarise(conclusions, submissions, view.reporting)),
        reviews=checked(tables.REVIEWS, pd.concat([reviews.astype(str), others], ignore_index=True)),
        changes=checked(tables.CHANGES, _changes(view, full)),
        county=checked(tables.COUNTY, county(wide)),
        rules=checked(tables.RULE_COUNTS, count_by_rule(found, not_applicable, len(records), policy)),
        idle=validation_waivers.list_idle_waivers(named, found, policy.year),
    )


def with_errors(submissions: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Mark the accepted submissions of departments with errors that count."""
    errors = findings["severity"].eq("error") & findings["standing"].eq(Standing.COUNTED)
    faulty = submissions["department"].isin(findings.loc[errors, "department"])
    status = submissions["status"].mask(submissions["status"].eq("accepted") & faulty, "accepted_with_errors")
    return submissions.assign(status=status)


def _changes(view: CountyView, full: Callable[[Submission], Submission]) -> pd.DataFrame:
    """Compare superseded returns with those that count; only these are needed in full."""
    readable = [each for each in view.readings if not each.reason]
    times = Counter(each.department for each in readable)
    versions = {each.source_file: full(each) for each in readable if times[each.department] > 1}
    counts = {name: versions[each.source_file] for name, each in view.choice.counts.items() if times[name] > 1}
    return compare_versions(list(versions.values()), replace(view.choice, counts=counts))


ALL = "合计"
"""Stands for the name of a county in the rates of all counties together."""


@dataclass(frozen=True, slots=True)
class CountiesTables:
    """The tables above several counties.

    ``counties`` has one row per county, ``grades`` one per county × grade, ``rates`` one per county × measure and one
    per measure of all counties together, which is the rate of the sums.
    """

    counties: pd.DataFrame
    grades: pd.DataFrame
    rates: pd.DataFrame


def counties_tables(found: Mapping[str, CountyTables | str], policy: Policy) -> CountiesTables:
    """Put the tables above several counties together.

    Args:
        found: by the name of each county its tables, or the reason why nothing of it could be evaluated; one at least
            has tables.
        policy: the policy of the year, for its grades.
    """
    evaluated = {name: each for name, each in found.items() if not isinstance(each, str)}
    counties = pd.DataFrame(
        [_county(name, each) for name, each in found.items()], columns=list(tables.COUNTIES.columns)
    )
    numbers = [name for name, column in tables.COUNTIES.columns.items() if str(column.dtype) == "float64"]
    grades = [
        (name, grade.word, int(_final_grades(each).eq(grade.word).sum()))
        for name, each in evaluated.items()
        for grade in policy.grades
    ]
    rates = [each.county.assign(county=name) for name, each in evaluated.items()]
    return CountiesTables(
        counties=checked(tables.COUNTIES, counties.astype(dict.fromkeys(numbers, "float64"))),
        grades=checked(tables.GRADES, pd.DataFrame(grades, columns=list(tables.GRADES.columns))),
        rates=checked(tables.RATES, pd.concat([_sum_rates(rates), *rates], ignore_index=True)),
    )


def _final_grades(tables: CountyTables) -> pd.Series[str]:
    """Return the grade of each department: after the reviewer's decisions where there are any."""
    summary = tables.summary
    return summary["grade"].where(summary["reviewed_points"].isna(), summary["reviewed_grade"])


def _county(name: str, tables: CountyTables | str) -> dict[str, Any]:
    """Return the row of one county; one that could not be evaluated has only the reason."""
    if isinstance(tables, str):
        return {"county": name, "reason": " ".join(tables.split())}
    status, summary = tables.submissions["status"], tables.summary
    points = summary["reviewed_points"].fillna(summary["points"])
    return {
        "county": name,
        "files": int(tables.submissions["source_file"].ne("").sum()),
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


def _sum_rates(rates: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the rates of all counties together: sum of numerators over sum of denominators, like a county's own."""
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
