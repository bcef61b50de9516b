"""Tables as Parquet, for analysts: an extra, for which DuckDB must be there (pip install jixiao[parquet])."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path

from schemas.tables import TABLES

_TYPES = {"float64": "DOUBLE", "Int64": "BIGINT", "int64": "BIGINT", "bool": "BOOLEAN"}
_GUARDED = r"^''[=+\-@\t\r]"
"""How a text begins that was guarded against being taken for a formula, its apostrophe as SQL writes one."""


def available() -> bool:
    """Tell whether what it takes is installed."""
    return find_spec("duckdb") is not None


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
    """Write the expression that reads a column as what it is."""
    quoted = _quoted(column)
    kind = _TYPES.get(str(TABLES[name].columns[column].dtype))
    if kind:
        return f"CAST({quoted} AS {kind})"
    return f"CASE WHEN regexp_matches({quoted}, '{_GUARDED}') THEN substr({quoted}, 2) ELSE {quoted} END"


def _quoted(column: str) -> str:
    return f'"{column}"'
