"""What a run has written, read back as tables: numbers as numbers, text as it was before it was guarded."""

from __future__ import annotations

import csv
import io
import math
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd

from schemas.forms import FIELDS
from schemas.tables import COLUMNS, TABLES

if TYPE_CHECKING:
    from pathlib import Path


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """Read one of the CSV files below a year's folder."""
    text = (folder / "data" / f"{name}.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def tables(folder: Path) -> SimpleNamespace:
    """Read every table of the contract below a year's folder."""
    return SimpleNamespace(**{name: _typed(name, folder) for name in COLUMNS})


def _typed(name: str, folder: Path) -> pd.DataFrame:
    found = pd.DataFrame(table(folder, name), columns=COLUMNS[name], dtype="object")
    declared = TABLES[name].columns
    for column in COLUMNS[name]:
        kind: Any = str(declared[column].dtype)
        if kind in {"float64", "Int64", "int64"}:
            numbers = [float(text) if text else math.nan for text in found[column]]
            found[column] = pd.Series(numbers, dtype="float64").astype(kind)
        elif kind == "bool":
            found[column] = found[column].eq("True")
        elif name == "facts" and column == "value":
            found[column] = [_value(*each) for each in zip(found["field"], found["value"], strict=True)]
        else:
            found[column] = pd.Series([re.sub(r"^'(?=[=+\-@\t\r])", "", text) for text in found[column]], dtype="str")
    return found


def _value(field: str, text: str) -> Any:
    if not text:
        return None
    return float(text) if FIELDS[field].kind.numeric else text
