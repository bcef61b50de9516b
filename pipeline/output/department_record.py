"""What a run keeps of one department: its rows of every table as they are written, and what the county needs of it.

A county's tables as a whole would fill the memory, and what has not changed since the last run is not made again.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline import frames
from pipeline.frames import grouped
from pipeline.output import csv
from pipeline.output.data_files import LISTS
from pipeline.validation.group import lines
from schemas.enums import Standing, State
from schemas.tables import COLUMNS

if TYPE_CHECKING:
    from pipeline.frames import DepartmentTables

OF_DEPARTMENTS = ("facts", "indicators", "findings", "measures", "scores", "reviews", "reference", "alarms")
"""The tables of the contract that have rows of departments, in the order of departments."""


@dataclass(slots=True)
class DepartmentRecord:
    """What is kept of one department.

    ``found`` are rule, severity and standing of each finding, ``titles`` how many lines of findings each rule has,
    ``aspects`` aspect, state, weight and points of each indicator, ``listed`` how many rows the long lists of the
    county workbook have of it, ``books`` the sha256 of each of its workbooks by name.
    """

    department: str
    stamp: str
    conclusion: dict[str, Any]
    met: int
    rows: int
    alarm: dict[str, Any]
    found: list[tuple[str, str, str]]
    titles: list[tuple[str, int]]
    aspects: list[tuple[str, str, float, float]]
    reviews: list[dict[str, Any]]
    listed: dict[str, int]
    books: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let what many departments have alike be in memory once."""
        self.found, self.titles, self.aspects = (
            [_shared(tuple(row)) for row in rows] for rows in (self.found, self.titles, self.aspects)
        )

    def packed(self) -> bytes:
        """Pack it, to be kept."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()


Row = TypeVar("Row", bound=tuple[Any, ...])


@lru_cache(maxsize=16384)
def _shared(row: Row) -> Row:
    return row


@dataclass(slots=True)
class Bulk:
    """What of a department is only written and not looked at: its rows as CSV by table, and as rows of long lists."""

    blocks: dict[str, str]
    lists: dict[str, list[dict[str, Any]]]


def unpacked(content: bytes) -> DepartmentRecord:
    """Unpack what was kept."""
    return DepartmentRecord(**json.loads(content))


def department_records(found: DepartmentTables) -> dict[str, tuple[DepartmentRecord, Bulk]]:
    """Give what is kept of each department."""
    blocks = {name: csv.lines_by(getattr(found, name)[COLUMNS[name]], "department") for name in OF_DEPARTMENTS}
    listed = lines(found.findings)
    reference = found.reference.set_index(["department", "measure"])[["weight", "points"]]
    long = {
        "indicators": found.indicators,
        "measures": found.measures.join(reference, on=["department", "measure"]),
        "lines": listed,
    }
    lists = {name: grouped(table[LISTS[name]]) for name, table in long.items()}
    breaches = grouped(found.findings[["department", "rule", "severity", "standing"]])
    counted = grouped(listed.loc[listed["standing"].eq(Standing.COUNTED), ["department", "rule"]])
    rows = grouped(found.indicators[["department", "aspect", "state", "weight", "points"]])
    alarms, reviews = grouped(found.alarms), grouped(found.reviews)
    made = {}
    for conclusion in frames.records(found.conclusions):
        name = conclusion["department"]
        mine = rows.get(name, [])
        dossier = DepartmentRecord(
            name,
            found.stamps[name],
            conclusion,
            sum(row["state"] == State.MET for row in mine),
            len(mine),
            alarms[name][0],
            [(each["rule"], each["severity"], each["standing"]) for each in breaches.get(name, [])],
            list(Counter(each["rule"] for each in counted.get(name, [])).items()),
            [(row["aspect"], row["state"], row["weight"], row["points"]) for row in mine],
            reviews.get(name, []),
            {of: len(rows_of.get(name, [])) for of, rows_of in lists.items()},
        )
        made[name] = (
            dossier,
            Bulk(
                {table: texts.get(name, "") for table, texts in blocks.items()},
                {of: rows_of.get(name, []) for of, rows_of in lists.items()},
            ),
        )
    return made
