"""Readings → every table about their departments alone: findings, weights, points, measures, all of them at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.lists import waivers
from pipeline.lists.prior_year import Prior, nothing, repeated, with_last_year
from pipeline.lists.roster import Roster
from pipeline.reading import tables as reading_tables
from pipeline.review import apply
from pipeline.review import decisions as review_decisions
from pipeline.scoring.exact import floats
from pipeline.scoring.explain import explain
from pipeline.scoring.grades import conclude
from pipeline.scoring.judge_indicators import judge
from pipeline.scoring.measures import measure
from pipeline.scoring.points import give, score, weigh
from pipeline.scoring.reference_points import alarms, reference
from pipeline.validation.goals import goals_of_departments, goals_of_rows
from pipeline.validation.run_rules import added, against_county, validate
from schemas import tables
from schemas.measures import MEASURE
from schemas.rules.compared_with_county import COMPARED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandera.pandas import DataFrameSchema

    from pipeline.reading.submission import Reading
    from schemas.lists.reviews import Decision
    from schemas.lists.waivers import Waiver
    from schemas.policy import Policy


@dataclass(frozen=True, slots=True)
class Given:
    """What a run is given beside the returns: who must report, what is waived or decided, and last year's outputs."""

    roster: Roster = field(default_factory=Roster)
    waivers: tuple[Waiver, ...] = ()
    decisions: tuple[Decision, ...] = ()
    prior: Prior = field(default_factory=nothing)


BARE = Given()
"""Nothing beside the returns."""


@dataclass(slots=True)
class Assessed:
    """The tables about some departments, as the contract names them, the wide one behind them, and more about each.

    ``conclusions`` are the rows of the summary but for what the others decide, the rank; ``forms`` the versions of
    the annexes that each department used, ``stamps`` those of what its return says.
    """

    facts: pd.DataFrame
    departments: pd.DataFrame
    indicators: pd.DataFrame
    measures: pd.DataFrame
    scores: pd.DataFrame
    findings: pd.DataFrame
    conclusions: pd.DataFrame
    reviews: pd.DataFrame
    reference: pd.DataFrame
    alarms: pd.DataFrame
    forms: dict[str, tuple[str, ...]]
    stamps: dict[str, str]


def compared(readings: Sequence[Reading], policy: Policy) -> pd.DataFrame:
    """Compare the departments of a whole county with each other; the readings may be in brief.

    Returns:
        One row per breach of a rule on a department against the county.
    """
    wide = reading_tables.county(readings)
    measures = measure(wide, [MEASURE[name] for name in COMPARED])
    return against_county(reading_tables.with_medians(wide, measures), reading_tables.facts(readings), policy)


def assess(readings: Sequence[Reading], county: pd.DataFrame, policy: Policy, given: Given = BARE) -> Assessed:
    """Turn the returns that count into every table about their departments.

    Args:
        readings: one whole return a department, each under its department.
        county: what comparing these departments with the county has found (`compared`).
        policy: the policy of the year.
        given: what else is known of them; decisions are about these departments.
    """
    facts = reading_tables.facts(readings)
    wide = reading_tables.departments(readings)
    rows = give(weigh(judge(reading_tables.indicators(readings), policy), policy), policy)
    reasons = dict(zip(wide["department"], wide["deviation_reasons"], strict=True))
    rows = rows.assign(deviation_reasons=pd.Series([reasons[name] for name in rows["department"]], dtype="object"))
    scores = score(wide, rows, policy)
    wide = reading_tables.with_scores(reading_tables.with_rows(wide, rows), scores, policy)
    measures = measure(wide)
    read = {
        "departments": reading_tables.with_measures(
            goals_of_departments(with_last_year(wide, given.prior), rows), measures
        ),
        "indicators": goals_of_rows(rows, wide),
        "blocks": reading_tables.blocks(wide, rows, policy),
    }
    findings = validate(read, reading_tables.first_findings(readings), facts, policy, county)
    findings = added(findings, repeated(findings, given.prior), wide["department"], policy)
    findings = waivers.applied(findings, waivers.named(given.waivers, given.roster), policy.year)
    stamps = review_decisions.stamps(readings)
    rows = rows.assign(explanation=pd.Series(explain(rows, policy), index=rows.index, dtype="str"))
    decided = apply.applied(given.decisions, stamps, wide, rows, scores, findings, policy)
    found = checked(tables.FINDINGS, decided.findings.astype("str"))
    return Assessed(
        facts=checked(tables.FACTS, facts),
        departments=wide,
        indicators=checked(tables.INDICATORS, _as_indicators(decided.rows)),
        measures=checked(tables.MEASURES, measures),
        scores=checked(tables.SCORES, decided.scores),
        findings=found,
        conclusions=conclude(decided.scores, found, policy),
        reviews=checked(tables.REVIEWS, review_decisions.table(decided.lines, stamps)),
        reference=checked(tables.REFERENCE, reference(measures, policy)),
        alarms=checked(tables.ALARMS, alarms(wide, apply.as_decided(decided.scores), policy)),
        forms={each.department: each.forms for each in readings},
        stamps=stamps,
    )


def checked(schema: DataFrameSchema, table: pd.DataFrame) -> pd.DataFrame:
    """Hold a table against its declaration, its contract's columns first; a breach is a mistake of this program."""
    first = list(schema.columns)
    return schema.validate(table[first + [name for name in table.columns if name not in first]])


def _as_indicators(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the judged rows as the contract has them: weights and points as floats, self points as filed."""
    exact = {name: floats(rows[name]) for name in ("block_weight", "filed_sum", "weight_share", "own_ratio")}
    table = rows.assign(self_points=rows["filed_self_points"], **exact)
    reviewed = rows["reviewed"].map(float, na_action="ignore").astype("float64")
    return table.assign(weight=floats(rows["weight"]), points=floats(rows["points"]), reviewed=reviewed).drop(
        columns=["share", "self_points_share", "deviation_reasons"]
    )
