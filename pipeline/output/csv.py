"""Write tables as CSV, for people and programs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pipeline.output.files import BOM, END

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd


def csv(table: pd.DataFrame) -> bytes:
    """Write a table as CSV: UTF-8 with BOM, dots as decimal points, text in quotes and no formula."""
    return BOM + (head(table.columns) + lines(table)).encode()


def csv_files(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, bytes]]:
    """Yield the data file of each table: its name below the year's folder, and its bytes."""
    for name, table in tables.items():
        yield f"data/{name}.csv", csv(table)


def head(columns: Iterable[str]) -> str:
    """Write the line of the columns' names."""
    return ",".join(columns) + END


def lines(table: pd.DataFrame) -> str:
    """Write the rows of a table as CSV, a line each."""
    return "".join(_lines(table))


def lines_by(table: pd.DataFrame, name: str) -> dict[str, str]:
    """Write the rows of a table as CSV, grouped by the values of a column in which equal ones stand together."""
    found: dict[str, list[str]] = {}
    for key, line in zip(table[name].tolist(), _lines(table), strict=True):
        found.setdefault(key, []).append(line)
    return {key: "".join(same) for key, same in found.items()}


def _lines(table: pd.DataFrame) -> Iterator[str]:
    return (",".join(cells) + END for cells in zip(*(_column(table[name]) for name in table), strict=True))


def _column(values: pd.Series[Any]) -> list[str]:
    """Return the cells of a column as they are written."""
    if values.dtype == "Int64":
        values = values.astype(object).where(values.notna(), None)
    cells = values.tolist()
    if values.dtype == "str":  # most texts stand in many rows
        written = {value: _cell(value) for value in set(cells)}
        return [written[value] for value in cells]
    return [_cell(value) for value in cells]


def _cell(value: Any) -> str:
    return _quoted(value) if isinstance(value, str) else _plain(value)


def _quoted(text: str) -> str:
    """Write a text in quotes, whatever stands in it, so that no program parts it at another separator than ours."""
    return f'"{guarded(text).replace(_QUOTE, _QUOTE * 2)}"' if text else ""


def guarded(text: str) -> str:
    """Keep a text from being taken for a formula."""
    return f"'{text}" if text[:1] in _STARTS_FORMULA else text


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.12g}"
    return "" if value is None else str(value)


_QUOTE = '"'
_STARTS_FORMULA = frozenset("=+-@\t\r")
