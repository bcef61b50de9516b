"""Keep of one department what the county needs of it, and its rows as they are written.

The tables of all departments of a county together would fill the memory; and what has not changed since the last run is
not made again.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline import frames
from pipeline.frames import RowsByDepartment
from pipeline.output import csv as output_csv
from pipeline.output.data_files import LISTS
from schemas.enums import Standing, State
from schemas.tables import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.frames import DepartmentTables

OF_DEPARTMENTS = ("facts", "indicators", "findings", "measures", "scores", "reviews", "reference", "alarms")
"""The tables of the contract that have rows of departments, in the order of departments."""
KEPT_RECORD, KEPT_ROWS = "record", "rows"
KEPT_LISTS = {name: f"rows of {name}" for name in LISTS}
"""What the cache keeps of a department: its record, its rows of the data files, its rows of each long list."""
_BEHIND = b"\n"


@dataclass(slots=True)
class DepartmentRecord:
    """What the county needs of one department.

    Attributes:
        department: its name.
        key: under which more of it is kept.
        stamp: the version of what its return says.
        conclusion: its row of the summary but for the rank.
        met: how many of its indicators are met.
        rows: how many indicators it has.
        alarm: its row of the alarms.
        found: rule, severity and standing of each finding.
        not_applicable: the rules that could not be checked of its return; those on the whole county apart.
        titles: how many lines of findings each rule has.
        aspects: aspect, state, weight and points of each indicator.
        reviews: its rows of the reviews.
        listed: how many rows each long list of the county workbook has of it.
        books: the sha256 of each of its workbooks by name.
    """

    department: str
    key: str
    stamp: str
    conclusion: dict[str, Any]
    met: int
    rows: int
    alarm: dict[str, Any]
    found: list[tuple[str, str, str]]
    not_applicable: tuple[str, ...]
    titles: list[tuple[str, int]]
    aspects: list[tuple[str, str, float, float]]
    reviews: list[dict[str, Any]]
    listed: dict[str, int]
    books: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hold what many departments have alike in memory once."""
        self.found, self.titles, self.aspects = (
            [_shared(tuple(row)) for row in rows] for rows in (self.found, self.titles, self.aspects)
        )
        self.not_applicable = _shared(tuple(self.not_applicable))

    def packed(self) -> bytes:
        """Return the record as JSON."""
        about = {each.name: getattr(self, each.name) for each in fields(self)}
        return json.dumps(about, ensure_ascii=False).encode()


Row = TypeVar("Row", bound=tuple[Any, ...])


@lru_cache(maxsize=16384)
def _shared(row: Row) -> Row:
    return row


@dataclass(slots=True)
class DepartmentRows:
    """The rows of one department, which are only written: as CSV by table, and as rows of the long lists."""

    csv: dict[str, str]
    lists: dict[str, list[dict[str, Any]]]

    def packed_csv(self) -> bytes:
        """Return the CSV of all tables, behind a line that says how many bytes each has.

        They are most of what is kept, and are copied to files as they are; as JSON they would be parsed each time.
        """
        lines = [self.csv[name].encode() for name in OF_DEPARTMENTS]
        return json.dumps(list(map(len, lines))).encode() + _BEHIND + b"".join(lines)


def unpack_record(content: bytes) -> DepartmentRecord:
    """Return the record that `DepartmentRecord.packed` has written."""
    return DepartmentRecord(**json.loads(content))


def unpack_csv(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield each table and its CSV from what `DepartmentRows.packed_csv` has written."""
    sizes, _, lines = content.partition(_BEHIND)
    begin = 0
    for name, size in zip(OF_DEPARTMENTS, json.loads(sizes), strict=True):
        yield name, lines[begin : begin + size]
        begin += size


def department_records(
    tables: DepartmentTables, keys: Mapping[str, str]
) -> Iterator[tuple[DepartmentRecord, DepartmentRows]]:
    """Take apart the tables of some departments: yield record and rows of each, in the order of the tables.

    ``keys`` are by department.
    """
    csv = {name: output_csv.lines_by(getattr(tables, name)[COLUMNS[name]], "department") for name in OF_DEPARTMENTS}
    reference = tables.reference.set_index(["department", "measure"])[["weight", "points"]]
    long = {
        "indicators": tables.indicators,
        "measures": tables.measures.join(reference, on=["department", "measure"]),
        "lines": tables.lines,
    }
    lists = {name: RowsByDepartment(table[LISTS[name]]) for name, table in long.items()}
    findings = RowsByDepartment(tables.findings[["department", "rule", "severity", "standing"]])
    lines = tables.lines.loc[tables.lines["standing"].eq(Standing.COUNTED), ["department", "rule"]]
    counted = RowsByDepartment(lines)
    indicators = RowsByDepartment(tables.indicators[["department", "aspect", "state", "weight", "points"]])
    alarms, reviews = RowsByDepartment(tables.alarms), RowsByDepartment(tables.reviews)
    for conclusion in frames.records(tables.conclusions):
        name = conclusion["department"]
        own = indicators.get(name, [])
        listed = {of: rows.get(name, []) for of, rows in lists.items()}
        record = DepartmentRecord(
            department=name,
            key=keys[name],
            stamp=tables.stamps[name],
            conclusion=conclusion,
            met=sum(row["state"] == State.MET for row in own),
            rows=len(own),
            alarm=alarms[name][0],
            found=[(each["rule"], each["severity"], each["standing"]) for each in findings.get(name, [])],
            not_applicable=tables.not_applicable[name],
            titles=list(Counter(each["rule"] for each in counted.get(name, [])).items()),
            aspects=[(row["aspect"], row["state"], row["weight"], row["points"]) for row in own],
            reviews=reviews.get(name, []),
            listed={of: len(rows) for of, rows in listed.items()},
        )
        yield record, DepartmentRows({table: texts.get(name, "") for table, texts in csv.items()}, listed)
