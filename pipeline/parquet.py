"""Tables as Parquet, for analysts: an extra, for which DuckDB must be there (pip install jixiao[parquet])."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def available() -> bool:
    """Tell whether what it takes is installed."""
    return find_spec("duckdb") is not None


def parquet(table: pd.DataFrame) -> bytes:
    """Write a table: text as text, numbers as numbers, blanks as nulls; the same table gives the same bytes.

    A column of numbers and text together (``value`` of the facts) is text.
    """
    import duckdb  # noqa: PLC0415 - an extra

    mixed = {str(name): table[name].map(str, na_action="ignore") for name in table if table[name].dtype == object}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        connection = duckdb.connect(config={"threads": 1})
        connection.from_df(table.assign(**mixed)).write_parquet(str(path))
        connection.close()
        return path.read_bytes()
