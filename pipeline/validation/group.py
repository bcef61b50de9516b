"""Findings as people read them: the same finding over many cells is one line."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline import frames
from pipeline.text_format import shorten
from schemas.enums import Standing
from schemas.rules import RULE

MANY = 3
"""From so many cells on, the same finding is one line."""
MOST_LABELS = 12
"""Names that such a line lists before it says 等."""
LONGEST_LABEL = 30
"""Characters of a name that such a line shows."""
_SAME = ["department", "rule", "severity", "sheet", "remedy", "source_file", "standing", "waiver", "follows_from"]


def group_findings(findings: pd.DataFrame) -> pd.DataFrame:
    """Put the same finding over many cells into one line.

    The same is the same rule with the same remedy on one sheet of one return. A finding from which others follow is a
    line of its own, and so is each of these, directly beneath it.

    Args:
        findings: one row per breach, in the order in which they are listed.

    Returns:
        One row per line in that order: the columns of findings, ``cell`` being the first, and ``cells``, all
        of them in one text.
    """
    rows = frames.records(findings)
    same: dict[tuple[str, ...], list[dict[Any, str]]] = {}
    follows = [row["standing"] == Standing.FOLLOWS for row in rows]
    apart = [mine or below for mine, below in zip(follows, [*follows[1:], False], strict=False)]
    for row, alone in zip(rows, apart, strict=True):
        if not alone:
            same.setdefault(tuple(row[name] for name in _SAME), []).append(row)
    listed = []
    for row, alone in zip(rows, apart, strict=True):
        group = [] if alone else same[tuple(row[name] for name in _SAME)]
        if len(group) < MANY:
            listed.append(row | {"cells": row["cell"]})
        elif row is group[0]:
            listed.append(_one(group))
    return pd.DataFrame(listed, columns=[*findings.columns, "cells"], dtype=str)


def _one(group: list[dict[Any, str]]) -> dict[Any, str]:
    """Give one line for all findings of a group, at the place of the first."""

    def all_of(name: str) -> list[str]:
        return list(dict.fromkeys(row[name] for row in group if row[name]))

    labels, cells = all_of("label"), "、".join(dict.fromkeys(row["cell"] for row in group))
    named = "、".join(shorten(label, LONGEST_LABEL) for label in labels[:MOST_LABELS])
    told = named + ("等" if len(labels) > MOST_LABELS else "")
    return group[0] | {
        "message": f"{RULE[group[0]['rule']].title}，共 {len(group)} 处（{cells}）{'：' if told else ''}{told}。",
        "stated": "；".join(all_of("stated")),
        "expected": "；".join(all_of("expected")),
        "cells": cells,
    }
