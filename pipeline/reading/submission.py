"""What one file holds, as a whole and in brief, and how it is packed: for other processes, and for the next run."""

from __future__ import annotations

import json
import math
from array import array
from dataclasses import dataclass, field, fields, replace
from itertools import chain
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.reading.entries import ReadingFinding
from schemas.forms import FIELDS
from schemas.forms.model import Kind
from schemas.rules.outliers import POINTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NUMERIC = tuple(name for name, asked in FIELDS.items() if asked.kind.numeric)
"""The fields that are numbers, in the order of `Reading.figures`."""
_IN_BRIEF = {name for name, asked in FIELDS.items() if asked.kind in {Kind.OFFICE, Kind.DATE}} | {*POINTED.values()}


class Fact(NamedTuple):
    """One field of one return: what the cell holds, what was understood, where it stands, and what it shows.

    ``shown`` has every digit of the number, however the format rounds it, and nothing that does not count.
    """

    field: str
    label: str
    raw: str
    value: float | str | None
    sheet: str
    cell: str
    doubtful: bool
    shown: str


@dataclass(slots=True)
class Submission:
    """What one file holds; ``reason`` says why it could not be read, "" when it could.

    ``forms`` are the keys of the versions of the annexes it holds; ``offices`` the names of the department as its
    annexes have them: whose return it is, intake decides. ``asked`` are the unknown texts that the bureau is asked
    about: of which annex, the text, and the words of the form that it probably stands for. ``figures`` are the numbers
    among the facts in the order of `NUMERIC`, NaN where there is none, ``claimed`` the points that the department gives
    itself for its indicators, and ``offered`` what these are worth by the weights that it filed. ``made_from`` is the
    sha256 of the return that the file was made from, where a run wrote it to be corrected.
    """

    source_file: str
    sha256: str = ""
    modified: float = 0.0
    reason: str = ""
    department: str = ""
    offices: tuple[str, ...] = ()
    fiscal_year: int | None = None
    forms: tuple[str, ...] = ()
    asked: tuple[tuple[str, str, str], ...] = ()
    facts: list[Fact] = field(default_factory=list)
    indicators: list[dict[str, Any]] = field(default_factory=list)
    findings: list[ReadingFinding] = field(default_factory=list)
    figures: Sequence[float] = ()
    claimed: float = math.nan
    offered: float = math.nan
    made_from: str = ""


def figures(facts: Iterable[Fact]) -> list[float]:
    """Give the numbers among the facts of a return in the order of `NUMERIC`."""
    values = {fact.field: fact.value for fact in facts}
    found = (values.get(name) for name in NUMERIC)
    return [float(value) if isinstance(value, (int, float)) else math.nan for value in found]


def count_characters(reading: Submission) -> int:
    """Count the characters of all that a return says, and of what reading found in it."""
    texts = chain(
        (fact.raw for fact in reading.facts),
        chain.from_iterable(row.values() for row in reading.indicators),
        chain.from_iterable(reading.findings),
    )
    return sum(len(text) for text in texts if isinstance(text, str))


def brief(reading: Submission) -> Submission:
    """Give what must be known of every file at once: a county's returns as wholes would fill the memory."""
    kept = [fact for fact in reading.facts if fact.field in _IN_BRIEF]
    return replace(reading, facts=kept, indicators=[], findings=[])


def packed(reading: Submission) -> bytes:
    """Pack what a file holds; what it is called and when it was changed belong to the file and not to its content."""
    content = {each.name: getattr(reading, each.name) for each in fields(Submission)[3:]}
    return json.dumps(content | {"sha256": reading.sha256}, ensure_ascii=False, separators=(",", ":")).encode()


def _shared(fact: list[Any]) -> list[Any]:
    """Let what is the same in most returns, name and place of a field, be in memory once and not in every return."""
    name, label, raw, value, sheet, cell, doubtful, shown = fact
    return [intern(name), intern(label), raw, value, intern(sheet), intern(cell), doubtful, shown]


def unpacked(content: bytes, source_file: str, modified: float) -> Submission:
    """Unpack what a file holds."""
    found = json.loads(content)
    found["facts"] = [Fact(*_shared(each)) for each in found["facts"]]
    found["figures"] = array("d", found["figures"])
    found["findings"] = [ReadingFinding(*each) for each in found["findings"]]
    found |= {name: tuple(found[name]) for name in ("offices", "forms")}
    found["asked"] = tuple(map(tuple, found["asked"]))
    return Submission(source_file=source_file, modified=modified, **found)
