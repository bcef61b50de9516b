"""Readings → every table about their departments alone: findings, weights, points, measures, all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.frames import DepartmentTables, checked
from pipeline.inputs import NO_INPUTS
from pipeline.lists import waivers
from pipeline.reading import tables as reading_tables
from pipeline.review import apply
from pipeline.review import decisions as review_decisions
from pipeline.scoring import department_table
from pipeline.scoring.alarms import raise_alarms
from pipeline.scoring.criteria import score_criteria
from pipeline.scoring.exact import floats
from pipeline.scoring.explain import explain
from pipeline.scoring.grades import conclude
from pipeline.scoring.judge_indicators import judge
from pipeline.scoring.measures import compute_measures
from pipeline.scoring.points import award_points
from pipeline.scoring.reference_points import award_reference_points
from pipeline.scoring.weights import assign_weights
from pipeline.validation import waivers as validation_waivers
from pipeline.validation.goals import add_goals_of_departments, add_goals_of_rows
from pipeline.validation.group import group_findings
from pipeline.validation.outcomes import find_not_applicable, where_rules_apply
from pipeline.validation.prior_year import find_repeated, with_last_year
from pipeline.validation.run_rules import add_findings, compare_with_county, no_findings, validate
from pipeline.validation.wrong_figures import point_to_wrong_figures
from schemas import tables
from schemas.measures import MEASURE
from schemas.rules.outliers import COMPARED, are_enough

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.inputs import Inputs
    from pipeline.reading.submission import Submission
    from schemas.policy import Policy


def compared(readings: Sequence[Submission], policy: Policy) -> pd.DataFrame:
    """Compare the departments of a whole county with each other; the readings may be in brief.

    Returns:
        One row per breach of a rule on a department against the county; none where they are too few to be compared.
    """
    if not are_enough(len(readings), policy):
        return no_findings()
    table = as_compared(department_table.county(readings))
    return compare_with_county(table, reading_tables.facts(readings), policy)


def as_compared(wide: pd.DataFrame) -> pd.DataFrame:
    """Widen the departments of a whole county by what they are compared by, and the median of each."""
    return department_table.with_medians(wide, compute_measures(wide, [MEASURE[name] for name in COMPARED]))


def assess(
    readings: Sequence[Submission], county: pd.DataFrame, policy: Policy, given: Inputs = NO_INPUTS
) -> DepartmentTables:
    """Turn the returns that count into every table about their departments.

    Args:
        readings: one whole return a department, each under its department.
        county: what comparing these departments with the county has found (`compared`).
        policy: the policy of the year.
        given: what else is known of them; decisions are about these departments.
    """
    facts = reading_tables.facts(readings)
    wide = reading_tables.departments(readings)
    rows = award_points(assign_weights(judge(reading_tables.indicators(readings), policy), policy), policy)
    reasons = dict(zip(wide["department"], wide["deviation_reasons"], strict=True))
    rows = rows.assign(deviation_reasons=pd.Series([reasons[name] for name in rows["department"]], dtype=str))
    scores = score_criteria(wide, rows, policy)
    wide = department_table.with_scores(department_table.with_rows(wide, rows), scores, policy)
    measures = compute_measures(wide)
    read = {
        "departments": department_table.with_measures(
            add_goals_of_departments(with_last_year(wide, given.prior), rows), measures
        ),
        "indicators": add_goals_of_rows(rows, wide),
        "blocks": department_table.blocks(wide, rows, policy),
    }
    applies = where_rules_apply(read, policy)
    findings = validate(read, applies, reading_tables.first_findings(readings), facts, policy, county)
    findings = add_findings(findings, find_repeated(findings, given.prior), wide["department"], policy)
    findings = validation_waivers.apply_waivers(findings, waivers.named(given.waivers, given.roster), policy.year)
    findings = point_to_wrong_figures(findings, read["departments"], facts, policy)
    stamps = review_decisions.stamps(readings)
    rows = rows.assign(explanation=pd.Series(explain(rows, policy), index=rows.index, dtype=str))
    decided = apply.applied(given.decisions, stamps, wide, rows, scores, findings, policy)
    found = checked(tables.FINDINGS, decided.findings.astype(str))
    return DepartmentTables(
        facts=checked(tables.FACTS, facts),
        departments=wide,
        indicators=checked(tables.INDICATORS, _as_indicators(decided.rows)),
        measures=checked(tables.MEASURES, measures),
        scores=checked(tables.SCORES, decided.scores),
        findings=found,
        lines=group_findings(found),
        conclusions=conclude(decided.scores, found, policy),
        reviews=checked(tables.REVIEWS, review_decisions.table(decided.lines, stamps)),
        reference=checked(tables.REFERENCE, award_reference_points(measures, policy)),
        alarms=checked(tables.ALARMS, raise_alarms(wide, apply.as_decided(decided.scores), policy)),
        forms={each.department: each.forms for each in readings},
        stamps=stamps,
        not_applicable=find_not_applicable(read, applies, wide["department"], policy),
    )


def _as_indicators(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the judged rows as the contract has them: weights and points as floats, self points as filed."""
    exact = {name: floats(rows[name]) for name in ("block_weight", "filed_sum", "weight_share", "own_ratio")}
    table = rows.assign(self_points=rows["filed_self_points"], **exact)
    reviewed = rows["reviewed"].map(float, na_action="ignore").astype(float)
    return table.assign(weight=floats(rows["weight"]), points=floats(rows["points"]), reviewed=reviewed).drop(
        columns=["share", "self_points_share", "deviation_reasons"]
    )
