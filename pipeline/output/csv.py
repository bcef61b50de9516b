"""Write tables as CSV, for people and programs."""

from __future__ import annotations

import io
import math
from csv import writer
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from pipeline.output.files import BOM, END

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd


def csv(table: pd.DataFrame) -> bytes:
    """Write a table as CSV: UTF-8 with BOM, dots as decimal points, text guarded against being taken for a formula."""
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
    stream = io.StringIO()
    writer(stream, lineterminator=END).writerows(_rows(table))
    return stream.getvalue()


def lines_by(table: pd.DataFrame, name: str) -> dict[str, str]:
    """Write the rows of a table as CSV, grouped by the values of a column in which equal ones stand together."""
    streams: dict[str, io.StringIO] = {}
    rows = iter(_rows(table))
    for key, same in groupby(table[name].tolist()):
        stream = streams.setdefault(key, io.StringIO())
        writer(stream, lineterminator=END).writerows(islice(rows, len(list(same))))
    return {key: stream.getvalue() for key, stream in streams.items()}


def _rows(table: pd.DataFrame) -> Iterable[tuple[Any, ...]]:
    return zip(*(_column(table[name]) for name in table), strict=True)


def _column(values: pd.Series[Any]) -> list[Any]:
    """Return the values of a column as they are written."""
    if values.dtype == "Int64":
        values = values.astype("object").where(values.notna(), None)
    return [guarded(value) if isinstance(value, str) else _plain(value) for value in values.tolist()]


def guarded(text: str) -> str:
    """Keep a text from being taken for a formula."""
    return f"'{text}" if text[:1] in _STARTS_FORMULA else text


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.12g}"
    return "" if value is None else value


_STARTS_FORMULA = frozenset("=+-@\t\r")
