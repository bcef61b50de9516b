"""Findings as people read them: the same finding over many cells is one line, and rules are counted over the county."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from schemas.rules import RULE
from schemas.states import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemas.rule import Rule

MANY = 3
"""From so many cells on, the same finding is one line."""
MOST_LABELS = 12
"""Names that such a line lists before it says 等."""
_SAME = ["department", "rule", "severity", "sheet", "remedy", "source_file", "standing", "waiver"]


def lines(findings: pd.DataFrame) -> pd.DataFrame:
    """Put the same finding over many cells into one line.

    The same is the same rule with the same remedy on one sheet of one return.

    Args:
        findings: one row per breach, in the order in which they are listed.

    Returns:
        One row per line in that order: the columns of findings, ``cell`` being the first, and ``cells``, all
        of them in one text.
    """
    size = findings.groupby(_SAME, sort=False, dropna=False)["cell"].transform("size")
    single = findings[size.lt(MANY)]
    single = single.assign(cells=single["cell"])
    many = findings[size.ge(MANY)]
    joined = [_one(group) for _, group in many.groupby(_SAME, sort=False, dropna=False)]
    table = pd.concat([single, *joined]) if joined else single
    return table.sort_index(kind="stable").reset_index(drop=True)


def _one(group: pd.DataFrame) -> pd.DataFrame:
    """Give one line for all findings of a group, at the place of the first."""
    title = RULE[group["rule"].iloc[0]].title
    labels = list(dict.fromkeys(filter(None, group["label"])))
    told = "、".join(labels[:MOST_LABELS]) + ("等" if len(labels) > MOST_LABELS else "")
    cells = "、".join(dict.fromkeys(group["cell"]))
    return group.head(1).assign(
        message=f"{title}，共 {len(group)} 处（{cells}）{'：' if told else ''}{told}。",
        stated="；".join(dict.fromkeys(filter(None, group["stated"]))),
        expected="；".join(dict.fromkeys(filter(None, group["expected"]))),
        cells=cells,
    )


def by_rule(findings: pd.DataFrame, departments: int, rules: Iterable[Rule]) -> pd.DataFrame:
    """Count each rule over the county, so that one nobody can meet shows.

    Returns:
        One row per rule that was found, most departments first: ``title``, ``rule``, ``severity``, ``departments``
        that have it, their ``share`` (fraction) of all that were evaluated, ``places``, and of those ``waived``
        and on ``trial``.
    """
    by = findings.groupby("rule")
    table = pd.DataFrame(
        {
            "severity": by["severity"].first(),
            "departments": by["department"].nunique(),
            "places": by.size(),
            "waived": findings["standing"].eq(Standing.WAIVED).groupby(findings["rule"]).sum(),
            "trial": findings["standing"].eq(Standing.TRIAL).groupby(findings["rule"]).sum(),
        }
    ).reset_index()
    order = {name: at for at, name in enumerate(dict.fromkeys(rule.id for rule in rules))}
    table = table.assign(
        title=[RULE[name].title for name in table["rule"]],
        share=table["departments"] / max(departments, 1),
        place=[order.get(name, len(order)) for name in table["rule"]],
    )
    return table.sort_values(["departments", "place"], ascending=[False, True]).reset_index(drop=True)
