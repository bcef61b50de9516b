"""Keep the journal over runs: when each content was first received, which one counted, what the bureau decided.

Its times are those of files (Beijing time, in which the bureau works) and of decisions, never of a run: the same
journal and the same inputs give the same bytes.
"""

from __future__ import annotations

import csv
import datetime
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pipeline.intake.refusal import refusal
from pipeline.output.csv import guarded
from pipeline.output.files import BOM, END
from pipeline.output.read_back import unguarded
from pipeline.output.system_calls import read_regular
from schemas.errors import MistakeError
from schemas.file_names import JOURNAL
from schemas.lists.journal import COLUMNS, Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pipeline.intake.choose import Choice
    from pipeline.reading.submission import Submission
    from schemas.lists.reviews import Decision, StateDecision

BEIJING = datetime.timezone(datetime.timedelta(hours=8))


class JournalError(MistakeError):
    """A journal that cannot be read; the message says what to do, in Chinese."""


class Entry(NamedTuple):
    """A line of the journal, as text; the fields are its columns."""

    time: str
    department: str
    event: str
    file: str
    by: str
    detail: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Journal:
    """What earlier runs recorded, in the order in which they did."""

    entries: tuple[Entry, ...] = ()

    def received(self) -> dict[str, str]:
        """Give the earliest time at which each content was received, by its sha256."""
        times: dict[str, str] = {}
        for each in self._of(Event.RECEIVED):
            times[each.sha256] = min(each.time, times.get(each.sha256, each.time))
        return times

    def first_received(self) -> dict[str, str]:
        """Give the earliest time at which any return of each department was received."""
        times: dict[str, str] = {}
        for each in self._of(Event.RECEIVED):
            if each.department and not each.detail:
                times[each.department] = min(each.time, times.get(each.department, each.time))
        return times

    def counted(self) -> dict[str, str]:
        """Give the sha256 of the content that counted last for each department."""
        return {each.department: each.sha256 for each in self._of(Event.COUNTS)}

    def _of(self, event: Event) -> Iterator[Entry]:
        return (each for each in self.entries if each.event == event)


EMPTY = Journal()


def as_time(modified: float) -> str:
    """Write the time of a file as 2022-03-10 08:15:00, Beijing time; "" for one that is not known."""
    return datetime.datetime.fromtimestamp(int(modified), BEIJING).strftime("%Y-%m-%d %H:%M:%S") if modified else ""


def read_journal(folder: Path) -> Journal:
    """Read the journal in the year's folder of the results; an empty one where there is none.

    Raises:
        JournalError: it is damaged: what it recorded is asked back and never begun anew.
    """
    path = folder / JOURNAL
    try:
        lines = list(csv.reader(io.StringIO(read_regular(path).decode("utf-8-sig"), newline=""), strict=True))
    except FileNotFoundError:
        return Journal()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _damaged(path) from error
    if not lines or lines[0] != list(COLUMNS.values()) or any(len(line) != len(COLUMNS) for line in lines):
        raise _damaged(path)
    return Journal(tuple(Entry(*map(unguarded, line)) for line in lines[1:]))


def _damaged(path: Path) -> JournalError:
    return JournalError(
        f"{path} 被改动过或已损坏，读不出各报表的收到时间和锁定情况；请从备份恢复。确实不要了的，移走它再运行。"
    )


def as_csv(journal: Journal) -> bytes:
    """Write the journal as CSV: UTF-8 with BOM, text only ever text."""
    stream = io.StringIO()
    rows = [list(COLUMNS.values()), *(list(map(guarded, entry)) for entry in journal.entries)]
    csv.writer(stream, lineterminator=END, quoting=csv.QUOTE_ALL).writerows(rows)
    return BOM + stream.getvalue().encode()


def extended(
    journal: Journal,
    readings: Sequence[Submission],
    choice: Choice,
    decisions: Iterable[Decision],
    states: Iterable[StateDecision],
    year: int,
) -> Journal:
    """Add to the journal what is new in this run: contents, versions that count, states and decisions."""
    new = sorted(
        {
            *_received(journal, readings, year),
            *_counting(journal, choice),
            *_states(journal, states),
            *_reviews(journal, decisions),
        }
    )
    return Journal((*journal.entries, *new))


def _received(journal: Journal, readings: Iterable[Submission], year: int) -> Iterator[Entry]:
    """Give a line for each content that is new, or older than was known: that of its oldest file."""
    known, oldest = journal.received(), {}
    for each in sorted(readings, key=lambda reading: (reading.modified, reading.source_file), reverse=True):
        oldest[each.sha256] = each
    for sha256, each in oldest.items():
        time = as_time(each.modified)
        if sha256 and time and time < known.get(sha256, "9"):
            yield Entry(time, each.department, Event.RECEIVED, each.source_file, "", refusal(each, year), sha256)


def _counting(journal: Journal, choice: Choice) -> Iterator[Entry]:
    before = journal.counted()
    for department, each in choice.counts.items():
        if before.get(department) != each.sha256:
            told = "取代原来采用的报表" if department in before else ""
            time = choice.received.get(each.sha256, "")
            yield Entry(time, department, Event.COUNTS, each.source_file, "", told, each.sha256)


def _states(journal: Journal, states: Iterable[StateDecision]) -> Iterator[Entry]:
    """Give a line for each state that is set, changed or cleared."""
    last = {(each.department, each.sha256): each for each in journal.entries if each.event == Event.STATE}
    here = {}
    for each in states:
        entry = Entry(
            each.date,
            each.department,
            Event.STATE,
            each.source_file,
            each.by,
            f"{each.state}：{each.reason}",
            each.version,
        )
        here[each.department, each.version] = entry
        if last.get((each.department, each.version)) != entry:
            yield entry
    for key, entry in last.items():
        if key not in here and entry.detail != _CLEARED:
            yield entry._replace(time="", by="", detail=_CLEARED)


_CLEARED = "撤销"


def _reviews(journal: Journal, decisions: Iterable[Decision]) -> Iterator[Entry]:
    known = set(journal.entries)
    for each in decisions:
        detail = f"{each.item}：{each.verdict}{f' {each.points} 分' if each.points else ''}：{each.reason}"
        entry = Entry(each.date, each.department, Event.REVIEW, "", each.by, detail, each.content)
        if entry not in known:
            yield entry


IN_TIME = "按时"


def timeliness(received: str, deadline: datetime.date | None) -> str:
    """Say whether a time is within a deadline: 按时, 迟报 n 天, "" where either is not known."""
    if deadline is None or not received:
        return ""
    days = (datetime.date.fromisoformat(received[:10]) - deadline).days
    return f"迟报{days}天" if days > 0 else IN_TIME
