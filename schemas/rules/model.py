"""What a rule is: a small vector function with its identity on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from schemas.enums import Severity
    from schemas.policy import Policy

# To a checker of types, what is reckoned with arrays of any kind is Any.
Numbers: TypeAlias = Any
"""A column of floats, NaN where blank, as an array of numpy."""
Flags: TypeAlias = Any
"""A column of bools."""
Texts: TypeAlias = Any
"""A column of texts, None or NaN where blank."""
Table = Mapping[str, Any]
"""What rules read: columns of equal length by name, as `pipeline.validation.columns` gives them."""


class Check(Protocol):
    """A pure function of a table and the policy that gives one value a row, as an array of numpy."""

    def __call__(self, table: Table, policy: Policy, /) -> Any:
        """Give one value a row."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A check of the register.

    Attributes:
        id: what it is called in data; several rules may share one where they check the same of several columns.
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
    check: Check | None = None
    expected: Check | None = None
    cause: Check | None = None
    needs: tuple[str, ...] = ()
    since: int = 0
    until: int | None = None
    trial: bool = False

    def holds_in(self, year: int) -> bool:
        """Tell whether the rule holds for a fiscal year."""
        return self.since <= year and (self.until is None or year <= self.until)
