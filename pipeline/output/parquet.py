"""Write tables as Parquet, for analysts: an extra that needs DuckDB (pip install jixiao[parquet])."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.tables import COLUMNS, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TYPES = {"float64": "DOUBLE", "Int64": "BIGINT", "int64": "BIGINT", "bool": "BOOLEAN"}
_GUARDED = r"^''[=+\-@\t\r]"
"""The beginning of a text that was guarded against being taken for a formula, in the quotes of SQL."""


def available() -> bool:
    """Tell whether DuckDB is installed."""
    return find_spec("duckdb") is not None


def parquet_files(path: Callable[[str], Path], *, wanted: bool) -> Iterator[tuple[str, bytes]]:
    """Yield every table of the contract as Parquet where that is wanted; ``path`` gives where its CSV file lies."""
    for name in COLUMNS if wanted else ():
        yield f"data/{name}.parquet", parquet(path(f"data/{name}.csv"), name)


def parquet(csv: Path, name: str) -> bytes:
    """Write a table of the contract from its CSV file: text as text, numbers as numbers, blanks as nulls.

    The same file gives the same bytes. A column of numbers and text together (``value`` of the facts) is text.
    """
    import duckdb  # noqa: PLC0415 - an extra

    columns = ", ".join(f"{_read(name, column)} AS {_quoted(column)}" for column in TABLES[name].columns)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        connection = duckdb.connect(config={"threads": 1})
        table = connection.read_csv(str(csv), header=True, all_varchar=True, encoding="utf-8", parallel=False)
        table.project(columns).write_parquet(str(path))
        connection.close()
        return path.read_bytes()


def _read(name: str, column: str) -> str:
    """Write the SQL expression that reads a column with its type."""
    quoted = _quoted(column)
    kind = _TYPES.get(str(TABLES[name].columns[column].dtype))
    if kind:
        return f"CAST({quoted} AS {kind})"
    return f"CASE WHEN regexp_matches({quoted}, '{_GUARDED}') THEN substr({quoted}, 2) ELSE {quoted} END"


def _quoted(column: str) -> str:
    return f'"{column}"'
