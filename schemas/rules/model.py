"""Define a rule: a function over a whole table, with its identity, its texts and the cell it points to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from schemas.enums import Severity
    from schemas.policy import Policy

Breaches: TypeAlias = "Callable[[pd.DataFrame, Policy], pd.Series[bool]]"
"""A pure function of a table and the policy: one flag a row, True for a breach, with the index of the table."""
Expected: TypeAlias = "Callable[[pd.DataFrame, Policy], pd.Series[Any]]"
"""A pure function of a table and the policy: what should stand there, one value a row, with the index of the table."""
Applies: TypeAlias = "NDArray[np.bool_]"
"""Where a rule can be checked: one flag a row of its table."""
Cause: TypeAlias = "Callable[[pd.DataFrame, Policy], pd.Series[str]]"
"""A pure function of a table and the policy: the probable cause in Chinese, one text a row; "" where none is plain."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the register.

    Attributes:
        id: its name in the data; several rules share one where they check the same of several columns.
        severity: error, warning or info.
        title: what it is called in lists, in Chinese.
        reference: what it rests on.
        message: what is wrong, in plain Chinese; ``{stated}``, ``{expected}``, ``{cause}`` and any column of the
            table stand for the figures.
        remedy: what to do about it, in Chinese.
        table: the table it reads: departments, indicators, blocks or county; "" for what reading itself finds.
        at: the field (departments, county) or column (indicators, blocks) whose cell the finding points to.
        check: gives True for a breach, False for none, where a figure is blank too. None where reading or the schema
            finds it.
        expected: gives what should stand there.
        cause: gives the probable cause in Chinese, "" where none is plain.
        needs: columns that must hold a value; a blank silences the rule.
        where: gives True where the rule can be checked at all; None: wherever ``needs`` hold a value.
        since: the first fiscal year it holds for; 0: from the beginning.
        until: the last fiscal year it holds for; None: it still does.
        trial: whether it is new and only tried: its findings are reported and not counted.
    """

    id: str
    severity: Severity
    title: str
    reference: str
    message: str
    remedy: str
    table: str = ""
    at: str = ""
    check: Breaches | None = None
    expected: Expected | None = None
    cause: Cause | None = None
    needs: tuple[str, ...] = ()
    where: Breaches | None = None
    since: int = 0
    until: int | None = None
    trial: bool = False

    @property
    def name(self) -> str:
        """Name this rule as a check of its table: ``<id>:<at>``, unique over the register."""
        return f"{self.id}:{self.at}"

    def breaches(self, table: pd.DataFrame, policy: Policy, applies: Applies) -> pd.Series[bool]:
        """Run the rule over all rows of its table.

        Args:
            table: what it reads.
            policy: tolerances and thresholds.
            applies: where it can be checked, as the method of that name tells.

        Returns:
            One flag a row, True for a breach; False wherever the rule does not apply, and for a rule without check.

        Raises:
            TypeError: the check leaves a row open.
        """
        if self.check is None or not applies.any():
            return pd.Series(np.zeros(len(table), dtype=bool), index=table.index, dtype=bool)
        breach = self.check(table, policy)
        if breach.dtype != bool:
            raise TypeError(f"rule {self.name} gives {breach.dtype} and not one flag a row")
        return pd.Series(breach.to_numpy() & applies, index=table.index, dtype=bool)

    def applies(self, table: pd.DataFrame, policy: Policy) -> Applies:
        """Tell of each row whether the rule can be checked there: broken or kept, and not just silent.

        It cannot where one of ``needs`` is blank, ``where`` does not hold, or a figure that should stand there is
        not known.
        """
        applies = np.ones(len(table), dtype=bool)
        for name in self.needs:  # a column a time: to take several out of so wide a table is far dearer
            applies &= _known(table[name])
        if self.where:
            applies &= self.where(table, policy).to_numpy()
        expected = self.expected(table, policy) if self.expected else None
        if expected is not None and pd.api.types.is_float_dtype(expected):
            applies &= _known(expected)
        return applies

    def holds_in(self, year: int) -> bool:
        """Tell whether the rule holds for a fiscal year."""
        return self.since <= year and (self.until is None or year <= self.until)


def _known(values: pd.Series[Any]) -> Applies:
    """Tell where a column holds a value: as `notna` does, in a tenth of its time."""
    return np.logical_not(pd.isna(values.to_numpy()))
