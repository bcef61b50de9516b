"""Readings → tables, and tables → the wide ones that formulas are read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.reading.submission import NUMERIC
from schemas.forms import FIELDS, FORMS, INDICATORS
from schemas.policy import FULL_MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.reading.submission import Submission

_ROW_TEXTS = (
    "criterion", "aspect", "level1", "level2", "level3", "target", "actual", "sheet", "cell",
    "raw_weight", "raw_self_points", "reason", "actual_unit_given",
    *(f"{column.name}_cell" for column in INDICATORS.columns),
)  # fmt: skip
_ROW_NUMBERS = ("filed_weight", "filed_self_points")
_ROW_FLAGS = ("level3_doubtful", "target_doubtful", "actual_doubtful")
_FACTS = ("field", "label", "raw", "value", "sheet", "cell", "doubtful", "shown")
_FIRST = ("rule", "field", "label", "sheet", "cell", "stated", "expected")


_BESIDE_INDICATORS = {each.name for form in FORMS if form.indicators for each in form.fields()}
"""The fields of the annex that has the indicators."""


def facts(readings: Sequence[Submission]) -> pd.DataFrame:
    """Give one row per department × field."""
    rows = [(each.department, *fact, each.source_file) for each in readings for fact in each.facts]
    table = _columns(rows, ("department", *_FACTS, "source_file"))
    kinds: dict[str, type] = {"value": object, "doubtful": bool}
    return pd.DataFrame({name: pd.Series(values, dtype=kinds.get(name, str)) for name, values in table.items()})


def indicators(readings: Sequence[Submission]) -> pd.DataFrame:
    """Give one row per department × indicator row."""
    rows = [row for each in readings for row in each.indicators]
    whose = [(each.department, each.source_file) for each in readings for _ in each.indicators]
    texts = _columns(whose, ("department", "source_file"))
    texts |= {name: [row.get(name) or "" for row in rows] for name in _ROW_TEXTS}
    return pd.DataFrame(
        {name: pd.Series(values, dtype=str) for name, values in texts.items()}
        | {"row": np.array([row["row"] for row in rows], dtype="int64")}
        | {name: np.array([row.get(name) for row in rows], dtype=float) for name in _ROW_NUMBERS}
        | {name: np.array([row[name] for row in rows], dtype=bool) for name in _ROW_FLAGS}
    )


def first_findings(readings: Sequence[Submission]) -> pd.DataFrame:
    """Give one row per finding of reading itself."""
    rows = [(each.department, *finding, each.source_file) for each in readings for finding in each.findings]
    table = _columns(rows, ("department", *_FIRST, "source_file"))
    return pd.DataFrame({name: pd.Series(values, dtype=str) for name, values in table.items()})


def _columns(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Give rows by column."""
    return dict(zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True))


def departments(readings: Sequence[Submission]) -> pd.DataFrame:
    """Give one row per department, a column per field, and ``<field>_doubtful`` beside it.

    A field that was not found at all counts as doubtful: the finding that it is missing has been made.
    """
    found = [{fact.field: fact for fact in each.facts} for each in readings]
    values = {name: [of[name].value if name in of else None for of in found] for name in FIELDS}
    doubtful = {f"{name}_doubtful": [name not in of or of[name].doubtful for of in found] for name in FIELDS}
    numbers = {name: values.pop(name) for name in NUMERIC}
    parts = [_wide(numbers, "float64"), _wide(values, "object").astype(str), _wide(doubtful, "bool")]
    wide = pd.concat(parts, axis=1)
    return wide.assign(
        department=pd.Series([each.department for each in readings], dtype=str),
        sent_as=pd.Series([each.source_file for each in readings], dtype=str),
        indicator_sheet=pd.Series([_indicator_sheet(each) for each in readings], dtype=str),
        full_marks=float(FULL_MARKS),
        **{f"{item}_of_budget": wide[f"{item}_outturn"] / wide[f"{item}_budget"] for item in ("basic", "project")},
    )


def _indicator_sheet(reading: Submission) -> str:
    """Give the sheet on which the annex with the indicators stands; "" where none is there."""
    places = [row["sheet"] for row in reading.indicators]
    places += [fact.sheet for fact in reading.facts if fact.field in _BESIDE_INDICATORS]
    return next(iter(places), "")


def _wide(columns: dict[str, list[Any]], kind: str) -> pd.DataFrame:
    """Give many columns of one kind, as one block of memory."""
    return pd.DataFrame(np.array(list(columns.values()), dtype=kind).T, columns=list(columns))
