"""Readings → tables, and tables → the wide ones that formulas are read from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.reading.submission import NUMERIC
from pipeline.scoring.exact import sums_by
from pipeline.scoring.grades import grades
from pipeline.validation.columns import Columns
from schemas.enums import EXECUTION, TOTAL, State
from schemas.forms import FIELDS, FORMS, INDICATORS
from schemas.policy import FULL_MARKS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from pipeline.reading.submission import Reading
    from schemas.forms.model import Aspect
    from schemas.policy import Policy

_ROW_TEXTS = (
    "criterion", "aspect", "level1", "level2", "level3", "target", "actual", "sheet", "cell",
    "raw_weight", "raw_self_points", "reason", "actual_unit_given",
    *(f"{column.name}_cell" for column in INDICATORS.columns),
)  # fmt: skip
_ROW_NUMBERS = ("filed_weight", "filed_self_points")
_ROW_FLAGS = ("level3_doubtful", "target_doubtful", "actual_doubtful")
_FACTS = ("field", "label", "raw", "value", "sheet", "cell", "doubtful")
_FIRST = ("rule", "field", "label", "sheet", "cell", "stated", "expected")


def facts(readings: Sequence[Reading]) -> pd.DataFrame:
    """Give one row per department × field."""
    rows = [(each.department, *fact, each.source_file) for each in readings for fact in each.facts]
    table = _columns(rows, ("department", *_FACTS, "source_file"))
    kinds = {"value": "object", "doubtful": "bool"}
    return pd.DataFrame({name: pd.Series(values, dtype=kinds.get(name, "str")) for name, values in table.items()})


def indicators(readings: Sequence[Reading]) -> pd.DataFrame:
    """Give one row per department × indicator row."""
    rows = [row for each in readings for row in each.indicators]
    whose = [(each.department, each.source_file) for each in readings for _ in each.indicators]
    texts = _columns(whose, ("department", "source_file"))
    texts |= {name: [row.get(name) or "" for row in rows] for name in _ROW_TEXTS}
    return pd.DataFrame(
        {name: pd.Series(values, dtype="str") for name, values in texts.items()}
        | {"row": np.array([row["row"] for row in rows], dtype="int64")}
        | {name: np.array([row.get(name) for row in rows], dtype="float64") for name in _ROW_NUMBERS}
        | {name: np.array([row[name] for row in rows], dtype="bool") for name in _ROW_FLAGS}
    )


def first_findings(readings: Sequence[Reading]) -> pd.DataFrame:
    """Give one row per finding of reading itself."""
    rows = [(each.department, *finding, each.source_file) for each in readings for finding in each.findings]
    table = _columns(rows, ("department", *_FIRST, "source_file"))
    return pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in table.items()})


def _columns(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Give rows by column."""
    return dict(zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True))


def departments(readings: Sequence[Reading]) -> pd.DataFrame:
    """Give one row per department, a column per field, and ``<field>_doubtful`` beside it.

    A field that was not found at all counts as doubtful: the finding that it is missing has been made.
    """
    found = [{fact.field: fact for fact in each.facts} for each in readings]
    values = {name: [of[name].value if name in of else None for of in found] for name in FIELDS}
    doubtful = {f"{name}_doubtful": [name not in of or of[name].doubtful for of in found] for name in FIELDS}
    numbers = {name: values.pop(name) for name in NUMERIC}
    parts = [_wide(numbers, "float64"), _wide(values, "object"), _wide(doubtful, "bool")]
    wide = pd.concat(parts, axis=1)
    return wide.assign(
        department=pd.Series([each.department for each in readings], dtype="str"),
        sent_as=pd.Series([each.source_file for each in readings], dtype="str"),
        full_marks=float(FULL_MARKS),
        **{f"{item}_of_budget": wide[f"{item}_outturn"] / wide[f"{item}_budget"] for item in ("basic", "project")},
    )


def _wide(columns: dict[str, list[Any]], kind: str) -> pd.DataFrame:
    """Give many columns of one kind, as one block of memory."""
    return pd.DataFrame(np.array(list(columns.values()), dtype=kind).T, columns=list(columns))


def with_rows(wide: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Add how many indicator rows each department has, and how many are met; blank for one that has none."""
    rows = Counter(judged["department"])
    met = Counter(judged.loc[judged["state"].eq(State.MET), "department"])
    names = wide["department"]
    return wide.assign(
        indicator_rows=np.array([rows.get(name) for name in names], dtype="float64"),
        indicators_met=np.array([met[name] if name in rows else None for name in names], dtype="float64"),
    )


def with_scores(wide: pd.DataFrame, scores: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Add what was scored: points of execution and in total, the sum of the self points, the self grade."""
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
        difference=(total - wide["total_points"]).round(2),
    )


def with_measures(wide: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Add every measure as a column; the measures are those of the same departments in their order."""
    names = list(dict.fromkeys(measures["measure"]))
    values = measures["value"].to_numpy().reshape(len(wide), len(names))
    return pd.concat([wide, pd.DataFrame(values, index=wide.index, columns=names)], axis=1)


def county(readings: Sequence[Reading]) -> pd.DataFrame:
    """Give one row per department of a county: its figures, and what it gives itself for its indicators."""
    table = pd.DataFrame([each.figures for each in readings], columns=list(NUMERIC), dtype="float64")
    return table.assign(
        department=pd.Series([each.department for each in readings], dtype="str"),
        sent_as=pd.Series([each.source_file for each in readings], dtype="str"),
        claimed=[each.claimed for each in readings],
    )


def with_medians(table: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Add some measures as columns, and ``median_<measure>``, that of the whole county."""
    wide = with_measures(table, measures)
    names = measures["measure"].unique()
    return wide.assign(**{f"median_{name}": wide[name].median() for name in names})


def blocks(wide: pd.DataFrame, rows: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Give one row per department × block of indicators: rows, filed weights, and the cell of the first weight."""
    of, asked = Columns(rows), Columns(wide)
    first: dict[tuple[str, str], int] = {}
    aspects: dict[tuple[str, str], set[str]] = {}
    for row, key in enumerate(zip(of["department"], of["criterion"], strict=True)):
        first.setdefault(key, row)
        aspects.setdefault(key, set()).add(of["aspect"][row])
    known = {name for name, _ in first}
    found = [
        (name, sent_as)
        for name, sent_as, doubtful in zip(
            asked["department"], asked["sent_as"], asked["total_points_doubtful"], strict=True
        )
        if not doubtful or name in known
    ]
    sheet = next(form.sheet for form in FORMS if form.indicators)
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
            | (_of_block(of, first[name, criterion]) if (name, criterion) in first else _NO_BLOCK | {"sheet": sheet})
            for name, sent_as in found
            for criterion in usual
        ],
        columns=_BLOCK,
    )


_NO_BLOCK: dict[str, Any] = {
    "block_rows": 0, "weight_basis": "", "filed_sum": 0.0, "weight_cell": "", "raw_weight": "", "level1": "",
    "level1_cell": "",
}  # fmt: skip
_BLOCK = [
    "department", "source_file", "criterion", "criterion_label", "block_weight", "aspects_missing", "sheet", *_NO_BLOCK,
]  # fmt: skip


def _of_block(rows: Columns, first: int) -> dict[str, Any]:
    """Give what all rows of a block have in common, from its first."""
    return {name: rows[name][first] for name in ("sheet", *_NO_BLOCK)} | {"filed_sum": float(rows["filed_sum"][first])}


def _aspects_missing(held: Collection[str], usual: Iterable[Aspect]) -> str:
    """Name the aspects under which a block that usually has each of them has no row; a row of none leaves it open."""
    return "" if "" in held else "、".join(each.words for each in usual if each.name not in held)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a table as plain values, blanks as None: what a worker without pandas can use."""
    names = [str(name) for name in table]
    return [dict(zip(names, row, strict=True)) for row in zip(*(_plain(table[name]) for name in table), strict=True)]


def _plain(column: pd.Series[Any]) -> list[Any]:
    """Give a column as plain values, blanks as None."""
    blank = column.isna().to_numpy()
    values = column.tolist()
    if not blank.any():
        return values
    return [None if is_blank else value for value, is_blank in zip(values, blank, strict=True)]
