"""Take columns as arrays of numpy, for arithmetic that needs no alignment by index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

Numbers: TypeAlias = NDArray[np.float64]
"""Floats, NaN where blank."""
Flags: TypeAlias = NDArray[np.bool_]
Texts: TypeAlias = NDArray[Any]
"""Texts, None or NaN where blank."""
Table: TypeAlias = Mapping[str, NDArray[Any]]
"""The columns of a table by name, all of one length."""


def arrays(table: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """Give the columns of a table as arrays, by name."""
    return {str(name): table[name].to_numpy() for name in table.columns}


def groups(table: pd.DataFrame, *names: str) -> NDArray[np.int64]:
    """Number the groups of rows that have the same in some columns, from 0 on in order of appearance."""
    return np.asarray(table.groupby(list(names), sort=False, dropna=False).ngroup(), dtype="int64")


def among(values: NDArray[Any], words: Iterable[str]) -> Flags:
    """Tell where one of some words stands."""
    known = set(map(str, words))
    return np.array([value in known for value in values], dtype=bool)


def positive(values: Numbers) -> Numbers:
    """Give the figures above zero, by which others may be divided, and blanks else."""
    return np.where(values > 0, values, np.nan)
