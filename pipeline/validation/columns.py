"""A table as columns of plain arrays: what rules read, without what each look at a column of pandas costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


class Columns(Mapping[str, "NDArray[Any]"]):
    """The columns of a table by name, as `schemas.rule.Table` says; each is taken once, when it is first asked for."""

    def __init__(self, table: pd.DataFrame) -> None:
        """Take the columns of a table, which must not be changed afterwards."""
        self._table = table
        self._taken: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Give a column."""
        if name not in self._taken:
            self._taken[name] = self._table[name].to_numpy()
        return self._taken[name]

    def __iter__(self) -> Iterator[str]:
        """Give the names of the columns."""
        return map(str, self._table)

    def __len__(self) -> int:
        """Give how many columns there are."""
        return len(self._table.columns)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a column of that name."""
        return name in self._table


def numbered(*columns: NDArray[Any]) -> NDArray[np.int64]:
    """Number the groups of rows that have the same in all of some columns, from 0 on; give each row its group."""
    known: dict[tuple[Any, ...], int] = {}
    return np.array([known.setdefault(key, len(known)) for key in zip(*columns, strict=True)], dtype="int64")
