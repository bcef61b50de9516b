"""Hold the tables about departments, check them against their declarations, give rows as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pandera.pandas import DataFrameSchema


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a table as plain values, blanks as None: what a worker without pandas can use."""
    names = [str(name) for name in table]
    return [dict(zip(names, row, strict=True)) for row in zip(*(_plain(table[name]) for name in table), strict=True)]


def _plain(column: pd.Series[Any]) -> list[Any]:
    """Give a column as plain values, blanks as None."""
    blank = pd.isna(column.to_numpy())
    values = column.tolist()
    if not blank.any():
        return values
    return [None if is_blank else value for value, is_blank in zip(values, blank, strict=True)]


@dataclass(slots=True)
class DepartmentTables:
    """The tables about some departments, as the contract names them, the wide one behind them, and more about each.

    ``lines`` are the findings as people read them, the same one over many cells in one line.
    ``conclusions`` are the rows of the summary but for what the others decide, the rank; ``forms`` the versions of
    the annexes that each department used, ``stamps`` those of what its return says, ``not_applicable`` the rules that
    could not be checked of it.
    """

    facts: pd.DataFrame
    departments: pd.DataFrame
    indicators: pd.DataFrame
    measures: pd.DataFrame
    scores: pd.DataFrame
    findings: pd.DataFrame
    lines: pd.DataFrame
    conclusions: pd.DataFrame
    reviews: pd.DataFrame
    reference: pd.DataFrame
    alarms: pd.DataFrame
    forms: dict[str, tuple[str, ...]]
    stamps: dict[str, str]
    not_applicable: dict[str, tuple[str, ...]]


def checked(schema: DataFrameSchema, table: pd.DataFrame) -> pd.DataFrame:
    """Validate a table of ours against its declaration; what does not hold is a mistake of this program.

    Returns:
        The table with the declared columns first, in the order of the declaration.

    Raises:
        SchemaError: a column is missing, or a type, a key or a value is not as declared.
    """
    first = list(schema.columns)
    table = table[first + [name for name in table.columns if name not in first]]
    if table.empty:  # without a value pandas cannot tell the type of a column
        table = table.astype({name: column.dtype.type for name, column in schema.columns.items()})
    return schema.validate(table)


class RowsByDepartment(Mapping[str, list[dict[str, Any]]]):
    """The rows of a table as plain values, by department; those of one are made when they are asked for.

    The rows of all departments at once would take more memory than the table.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        """Take the columns of a table that has a column ``department``."""
        self._names = [str(name) for name in table]
        self._columns = [_plain(table[name]) for name in table]
        self._places: dict[str, list[int]] = {}
        for place, name in enumerate(table["department"].tolist()):
            self._places.setdefault(name, []).append(place)

    def __getitem__(self, department: str) -> list[dict[str, Any]]:
        """Give the rows of a department in the order of the table."""
        places = self._places[department]
        first, behind = places[0], places[-1] + 1
        if behind - first == len(places):  # they stand together, as in most tables
            columns = [column[first:behind] for column in self._columns]
        else:
            columns = [[column[place] for place in places] for column in self._columns]
        return [dict(zip(self._names, row, strict=True)) for row in zip(*columns, strict=True)]

    def __iter__(self) -> Iterator[str]:
        """Give the departments that have rows."""
        return iter(self._places)

    def __len__(self) -> int:
        """Count the departments that have rows."""
        return len(self._places)
