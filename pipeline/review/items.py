"""What may be decided about departments by a reviewer, with the evidence: rows, criteria and findings."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.scoring.exact import fraction
from schemas.enums import EXECUTION, TOTAL, Standing, State
from schemas.lists.reviews import Kind
from schemas.rules import RULE
from schemas.rules.predicates import NOISE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import pandas as pd

    from schemas.policy import Policy

_COMPUTED = "核算 {points:.2f} 分；未填报分值 {unreported_weight:.2f}，待定分值 {unjudged_weight:.2f}"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a reviewer may decide: a row, a criterion or a finding, with the evidence.

    ``at`` is the row's number, the criterion's name, or the finding's place in the table of findings; ``weight`` and
    ``points`` are what it is worth and what the program gives; ``why`` is "" where nothing asks for a decision.
    """

    kind: Kind
    department: str
    item: str
    at: Any
    about: str
    filed: str
    computed: str
    why: str = ""
    weight: Fraction = Fraction(0)
    points: Fraction = Fraction(0)


def items(
    rows: pd.DataFrame, scores: pd.DataFrame, findings: pd.DataFrame, policy: Policy, also: Collection[str]
) -> list[Item]:
    """Give what waits for a decision, and whatever else may be decided about the departments of ``also``.

    Args:
        rows: one row per department × indicator row, scored and explained.
        scores: one row per department × criterion.
        findings: one row per breach.
        policy: labels, and from how many points on a difference is looked at.
        also: departments about which something was decided.
    """
    return [
        *_rows(rows.loc[rows["state"].eq(State.UNJUDGED) | rows["department"].isin(also), _OF_ROW]),
        *_criteria(scores, policy, also),
        *_findings(findings, also),
    ]


_OF_ROW = [
    "department", "row", "level3", "sheet", "cell", "target", "actual", "filed_self_points", "explanation", "state",
    "weight", "points",
]  # fmt: skip


def _rows(rows: pd.DataFrame) -> Iterator[Item]:
    for row in rows.to_dict("records"):
        claimed = "" if np.isnan(row["filed_self_points"]) else f"；自评 {row['filed_self_points']:g} 分"
        yield Item(
            Kind.ROW,
            row["department"],
            f"指标{row['row']}",
            row["row"],
            f"{row['level3']}（{row['sheet']} {row['cell']}）",
            f"目标：{row['target'].strip() or '空白'}；实际：{row['actual'].strip() or '空白'}{claimed}",
            row["explanation"],
            "程序判断不出，暂不计分，待定分值可能影响等级" if row["state"] == State.UNJUDGED else "",
            row["weight"],
            row["points"],
        )


def _criteria(scores: pd.DataFrame, policy: Policy, also: Collection[str]) -> Iterator[Item]:
    far = scores["difference"].abs().ge(policy.alerts.self_difference - NOISE)
    total = scores["criterion"].eq(TOTAL)
    far_in_all = scores["department"].isin(scores.loc[total & far, "department"])
    # What hangs on rows that wait themselves is decided there.
    far &= (scores["difference"].abs() - scores["unjudged_weight"]).ge(policy.alerts.self_difference - NOISE) | total
    whole = scores["unjudged_weight"].eq(scores["weight"]) & scores["weight"].gt(0)
    rowless = whole & scores["criterion"].eq(EXECUTION)
    table = scores.assign(apart=far & far_in_all, open=rowless)[~total]
    for row in table[table["apart"] | table["open"] | table["department"].isin(also)].to_dict("records"):
        claimed = "没有自评得分" if np.isnan(row["self_points"]) else f"自评 {row['self_points']:g} 分"
        side = "低" if row["difference"] > 0 else "高"
        apart = f"自评比核算{side} {abs(row['difference']):.2f} 分" if row["apart"] else ""
        yield Item(
            Kind.CRITERION,
            row["department"],
            policy.label(row["criterion"]),
            row["criterion"],
            f"{policy.label(row['criterion'])}，满分 {row['weight']:g} 分",
            claimed,
            _COMPUTED.format_map(row),
            "全年预算数空白或为零，无法计分" if row["open"] else apart,
            fraction(row["weight"]),
            fraction(row["points"]),
        )


def _findings(findings: pd.DataFrame, also: Collection[str]) -> Iterator[Item]:
    errors = findings["severity"].eq("error") & findings["standing"].eq(Standing.COUNTED) & findings["cell"].ne("")
    chosen = findings[errors | findings["department"].isin(also)]
    for at, row in zip(chosen.index, chosen.to_dict("records"), strict=True):
        place = f"{row['sheet']} {row['cell']}".strip()
        yield Item(
            Kind.FINDING,
            row["department"],
            f"{RULE[row['rule']].title}（{place}）" if place else RULE[row["rule"]].title,
            at,
            row["label"],
            row["stated"],
            row["message"],
            "错误，属实的退回改正；经核实不是问题的可以不计" if errors[at] else "",
        )
