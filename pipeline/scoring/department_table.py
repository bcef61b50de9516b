"""Widen the table of departments by rows, scores, measures and county medians; give the table of blocks."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.reading.submission import NUMERIC
from pipeline.scoring.exact import floats, sums_by
from pipeline.scoring.grades import grades
from schemas.enums import EXECUTION, TOTAL, State
from schemas.forms import INDICATORS
from schemas.rules.tables import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from pipeline.reading.submission import Submission
    from schemas.forms.model import Aspect
    from schemas.policy import Policy

_NO_ROWS: dict[str, Any] = {
    "block_rows": 0, "weight_basis": "", "filed_sum": 0.0, "weight_cell": "", "raw_weight": "", "level1": "",
    "level1_cell": "",
}  # fmt: skip
"""What a block without rows has in common."""


def with_rows(wide: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Add how many indicator rows each department has, and how many are met; blank for one that has none."""
    rows = Counter(judged["department"])
    met = Counter(judged.loc[judged["state"].eq(State.MET), "department"])
    names = wide["department"]
    return wide.assign(
        indicator_rows=np.array([rows.get(name) for name in names], dtype=float),
        indicators_met=np.array([met[name] if name in rows else None for name in names], dtype=float),
    )


def with_scores(wide: pd.DataFrame, scores: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Add what was scored: points of execution and in total, the sum of the self points, the self grade; both apart."""
    keys = list(zip(scores["department"], scores["criterion"], strict=True))
    points = dict(zip(keys, scores["points"], strict=True))
    parts = scores[scores["criterion"].ne(TOTAL)]
    sums = sums_by(parts["department"], parts["self_points"])
    names = wide["department"].tolist()
    total = np.array([points[name, TOTAL] for name in names])
    return wide.assign(
        points_execution=[points[name, EXECUTION] for name in names],
        points_total=total,
        self_sum=[float(sums[name]) for name in names],
        self_grade=grades(wide["total_points"], policy),
        apart=np.abs(total - wide["total_points"]).round(2),
    )


def with_measures(wide: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Add every measure as a column; the measures are those of the same departments in their order."""
    names = list(dict.fromkeys(measures["measure"]))
    values = measures["value"].to_numpy().reshape(len(wide), len(names))
    return pd.concat([wide, pd.DataFrame(values, index=wide.index, columns=names)], axis=1)


def county(readings: Sequence[Submission]) -> pd.DataFrame:
    """Give one row per department of a county: its figures, and what it gives itself for its indicators of how much."""
    table = pd.DataFrame([each.figures for each in readings], columns=list(NUMERIC), dtype=float)
    return table.assign(
        department=pd.Series([each.department for each in readings], dtype=str),
        sent_as=pd.Series([each.source_file for each in readings], dtype=str),
        claimed=[each.claimed for each in readings],
        offered=[each.offered for each in readings],
    )


def with_medians(table: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Add some measures as columns, and ``median_<measure>``, that of the whole county."""
    wide = with_measures(table, measures)
    names = measures["measure"].unique()
    return wide.assign(**{f"median_{name}": wide[name].median() for name in names})


def blocks(wide: pd.DataFrame, rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give one row per department × block of indicators: rows, filed weights, and the cell of the first weight."""
    key = ["department", "criterion"]
    firsts = rows.drop_duplicates(key)[[*key, "sheet", *_NO_ROWS]]
    firsts = firsts.assign(filed_sum=floats(firsts["filed_sum"]))
    first: dict[tuple[str, str], dict[Any, Any]] = {
        (row["department"], row["criterion"]): row for row in firsts.to_dict("records")
    }
    aspects: dict[tuple[str, str], set[str]] = {}
    each_row = (rows[name].tolist() for name in ("department", "criterion", "aspect"))
    for department, criterion, aspect in zip(*each_row, strict=True):
        aspects.setdefault((department, criterion), set()).add(aspect)
    known = set(rows["department"])
    found = [
        (name, sent_as, sheet)
        for name, sent_as, sheet, doubtful in zip(
            wide["department"], wide["sent_as"], wide["indicator_sheet"], wide["total_points_doubtful"], strict=True
        )
        if not doubtful or name in known
    ]
    usual = {block.criterion: block.aspects if block.every else () for block in INDICATORS.blocks}
    return pd.DataFrame(
        [
            {
                "department": name,
                "source_file": sent_as,
                "criterion": criterion,
                "criterion_label": policy.label(criterion),
                "block_weight": float(policy.weight(criterion)),
                "aspects_missing": _aspects_missing(aspects.get((name, criterion), {""}), usual[criterion]),
            }
            | first.get((name, criterion), _NO_ROWS | {"sheet": sheet})
            for name, sent_as, sheet in found
            for criterion in usual
        ],
        columns=list(BLOCKS.columns),
    )


def _aspects_missing(held: Collection[str], usual: Iterable[Aspect]) -> str:
    """Name the aspects under which a block that usually has each of them has no row; a row of none leaves it open."""
    return "" if "" in held else "、".join(each.words for each in usual if each.name not in held)
