"""What follows from the decisions in force: rows, scores and findings, the program's own result beside the decided."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.review.decisions import match_decisions
from pipeline.review.items import items
from pipeline.scoring.criteria import by_criterion, with_total
from pipeline.scoring.exact import half_up
from schemas.enums import Standing, State
from schemas.lists.reviews import Decision, Effect, Kind, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pipeline.review.decisions import Line
    from schemas.policy import Policy


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Rows, scores and findings with what was decided about them, and every line of the list."""

    rows: pd.DataFrame
    scores: pd.DataFrame
    findings: pd.DataFrame
    lines: list[Line]


def applied(
    decisions: Sequence[Decision],
    stamp: Mapping[str, str],
    departments: pd.DataFrame,
    rows: pd.DataFrame,
    scores: pd.DataFrame,
    findings: pd.DataFrame,
    policy: Policy,
) -> Reviewed:
    """Hold the decisions against what may be decided, and apply those in force.

    Args:
        decisions: what the reviewer filled in.
        stamp: the content stamp of each department's return.
        departments: one row per department.
        rows: one row per department × indicator row, scored and explained.
        scores: one row per department × criterion, as the program computed them.
        findings: one row per breach, with ``standing`` and ``waiver``.
        policy: labels, weights, and from how many points on a difference is looked at.
    """
    also = {each.department for each in decisions}
    lines = match_decisions(decisions, items(rows, scores, findings, policy, also), stamp)
    decided = _rows(rows, lines)
    return Reviewed(
        decided,
        _scores(scores, departments, decided, lines, policy),
        _findings(findings, lines),
        lines,
    )


def _rows(rows: pd.DataFrame, lines: Iterable[Line]) -> pd.DataFrame:
    """Add what was decided: ``reviewed`` (exact points, missing where nothing was) and ``review`` (its words)."""
    made = {(line.item.department, line.item.at): line for line in _in_force(lines, Kind.ROW)}
    found = [made.get(key) for key in zip(rows["department"], rows["row"], strict=True)]
    return rows.assign(
        reviewed=pd.Series([_points(line) if line else None for line in found], index=rows.index, dtype=object),
        review=pd.Series([_words(line) if line else "" for line in found], index=rows.index, dtype=str),
    )


def _scores(
    scores: pd.DataFrame, departments: pd.DataFrame, rows: pd.DataFrame, lines: Sequence[Line], policy: Policy
) -> pd.DataFrame:
    """Add to the scores what they are after the decisions, those in ``rows`` (`_rows`) and those on a criterion itself.

    ``reviewed_points`` are missing for a department about whose points nothing was decided; ``open_weight`` is
    unjudged weight about which nothing was decided; ``review`` are the words of a decision on the criterion itself.
    """
    if not any(line.effect is Effect.IN_FORCE for line in lines):
        return scores.assign(
            reviewed_points=np.nan,
            open_weight=scores["unjudged_weight"],
            review=pd.Series("", index=scores.index, dtype=str),
        )
    decided = rows["reviewed"].notna()
    points = rows["points"].where(~decided, rows["reviewed"])
    state = rows["state"].mask(decided & rows["state"].isin([State.UNJUDGED, State.UNREPORTED]), State.PARTLY)
    final = by_criterion(departments, rows.assign(points=points, state=state), policy)
    made = {(line.item.department, line.item.at): line for line in _in_force(lines, Kind.CRITERION)}
    found = [made.get(key) for key in zip(final["department"], final["criterion"], strict=True)]
    given = pd.Series([half_up(_points(line)) if line else np.nan for line in found], index=final.index)
    final = final.assign(
        points=given.fillna(final["points"]), unjudged_weight=final["unjudged_weight"].where(given.isna(), 0.0)
    )
    final = with_total(final, departments, policy)
    words = {key: _words(line) for key, line in made.items()}
    touched = {line.item.department for kind in (Kind.ROW, Kind.CRITERION) for line in _in_force(lines, kind)}
    keys = zip(scores["department"], scores["criterion"], strict=True)
    return scores.assign(
        reviewed_points=final["points"].where(scores["department"].isin(touched)),
        open_weight=final["unjudged_weight"],
        review=pd.Series([words.get(key, "") for key in keys], index=scores.index, dtype=str),
    )


def as_decided(scores: pd.DataFrame) -> pd.DataFrame:
    """Give reviewed scores with the points that count: those after the decisions, where there are any."""
    return scores.assign(points=scores["reviewed_points"].fillna(scores["points"]))


def _findings(findings: pd.DataFrame, lines: Iterable[Line]) -> pd.DataFrame:
    """Take the findings that the reviewer dismissed out of the count; ``waiver`` says who decided and why."""
    made = {line.item.at: _words(line) for line in _in_force(lines, Kind.FINDING) if _verdict(line) is Verdict.DISMISS}
    words = pd.Series([made.get(at, "") for at in findings.index], index=findings.index, dtype=str)
    dismissed = words.ne("")
    return findings.assign(
        standing=findings["standing"].mask(dismissed, Standing.WAIVED.value),
        waiver=findings["waiver"].mask(dismissed, words),
    )


def _in_force(lines: Iterable[Line], kind: Kind) -> Iterator[Line]:
    return (line for line in lines if line.effect is Effect.IN_FORCE and line.item.kind is kind)


def _verdict(line: Line) -> Verdict:
    assert line.decision is not None  # noqa: S101 - a line in force has a decision
    return Verdict(line.decision.verdict)


def _words(line: Line) -> str:
    return f"复核：{line.decision.words()}" if line.decision else ""


def _points(line: Line) -> Fraction:
    """Give the points after a decision on a row or a criterion."""
    assert line.decision is not None  # noqa: S101 - a line in force has a decision
    return line.decision.final(line.item.points, line.item.weight, Fraction(line.decision.points or 0))
