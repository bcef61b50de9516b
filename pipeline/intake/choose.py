"""Choose the return that counts for each department: of several the one that was made last, unless one is locked."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.intake.journal import as_time
from pipeline.intake.refusal import refusal
from pipeline.reading.parse_cell import day
from schemas.forms import FIELDS
from schemas.forms.model import Kind
from schemas.lists.reviews import ReturnState
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.intake.journal import Journal
    from pipeline.reading.submission import Fact, Submission
    from schemas.lists.reviews import StateDecision

APART = datetime.timedelta(minutes=1)
"""Files that were made within so little time of each other were copied together: their times tell no order."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which return counts for each department, and why.

    Attributes:
        counts: the return that counts, by department.
        received: when each content was first received, by its sha256.
        unclear: the departments of which the order of the returns cannot be told.
        locks: the decision that locks a department's return, by department.
        absent: the departments whose locked return is not in the inbox.
        held: the files that do not count because of a lock, by department.
    """

    counts: dict[str, Submission] = field(default_factory=dict)
    received: dict[str, str] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()
    locks: dict[str, StateDecision] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    held: dict[str, list[str]] = field(default_factory=dict)


def received_times(readings: Iterable[Submission], journal: Journal) -> dict[str, str]:
    """Give when each content was first received: a content is as old as the oldest file that ever held it."""
    times = journal.received()
    for each in readings:
        time = as_time(each.modified)
        if time:
            times[each.sha256] = min(time, times.get(each.sha256, time))
    return times


def choose_returns(
    readings: Sequence[Submission], year: int, journal: Journal, states: Iterable[StateDecision]
) -> Choice:
    """Choose among the returns of each department.

    One that was made from another, which had gone back to be corrected, counts before that. Else the one with the later
    填报时间 counts, where both have one that can be right; else the one received later. Where
    the order cannot be told, the one that counted in the last run stays. One that is 终审通过 is not replaced.

    Args:
        readings: every file, each under its department.
        year: the fiscal year evaluated.
        journal: what earlier runs recorded.
        states: the states that hold (`pipeline.intake.return_states`).
    """
    received, counted = received_times(readings, journal), journal.counted()
    final = {normalise_label(each.department): each for each in states if each.state == ReturnState.FINAL}
    sent: dict[str, list[Submission]] = {}
    for each in readings:
        if not refusal(each, year):
            sent.setdefault(each.department, []).append(each)
    counts, locks, held = {}, {}, {}
    unclear, absent = set(), set()
    for department, returns in sent.items():
        contents = _oldest_files(returns)
        lock = final.get(normalise_label(department))
        if lock:
            locks[department] = lock
            locked = [each for each in contents if lock.is_of(each.sha256)]
            held[department] = [each.source_file for each in contents if not lock.is_of(each.sha256)]
            if locked:
                counts[department] = locked[0]
            else:
                absent.add(department)
            continue
        made_from = {each.sha256: each.made_from for each in contents}
        last = [
            each
            for each in contents
            if not any(_is_later(other, each, received, year, made_from) for other in contents)
        ]
        if len(last) != 1:
            unclear.add(department)
        counts[department] = _stays(last or contents, counted.get(department, ""), received)
    return Choice(counts, received, frozenset(unclear), locks, frozenset(absent), held)


def _oldest_files(returns: Iterable[Submission]) -> list[Submission]:
    """Give one file of each content: the oldest."""
    oldest: dict[str, Submission] = {}
    for each in sorted(returns, key=lambda reading: (reading.modified, reading.source_file)):
        oldest.setdefault(each.sha256, each)
    return list(oldest.values())


def _stays(returns: Sequence[Submission], counted: str, received: Mapping[str, str]) -> Submission:
    """Give the return that counted before, else the last by time and name: the same one in every run."""
    before = [each for each in returns if each.sha256 == counted]
    return before[0] if before else max(returns, key=lambda each: (received.get(each.sha256, ""), each.source_file))


def _is_later(
    first: Submission, second: Submission, received: Mapping[str, str], year: int, made_from: Mapping[str, str]
) -> bool:
    """Tell whether a return was surely made after another one: corrected from it, or by day or time."""
    if first.sha256 == second.sha256:
        return False
    earlier = _predecessors(first.sha256, made_from)
    if second.sha256 in earlier or first.sha256 in _predecessors(second.sha256, made_from):
        return second.sha256 in earlier
    days = [_reported(each, received.get(each.sha256, ""), year) for each in (first, second)]
    if days[0] and days[1] and days[0] != days[1]:
        return days[0] > days[1]
    times = [received.get(each.sha256, "") for each in (first, second)]
    if not all(times):
        return False
    one, other = map(datetime.datetime.fromisoformat, times)
    return one - other > APART


def _predecessors(sha256: str, made_from: Mapping[str, str]) -> set[str]:
    """Give the contents that one was made from, by way of all that went back and were corrected."""
    found: set[str] = set()
    while made_from.get(sha256) and made_from[sha256] not in found:
        sha256 = made_from[sha256]
        found.add(sha256)
    return found


def _reported(reading: Submission, received: str, year: int) -> datetime.date | None:
    """Give the day on which a return says it was filled in, where that can be right."""
    days = (day(fact.raw) for fact in date_facts(reading))
    return max((each for each in days if each and can_be(each, received, year)), default=None)


def date_facts(reading: Submission) -> list[Fact]:
    """Give the facts of a return that say when it was filled in."""
    return [fact for fact in reading.facts if FIELDS[fact.field].kind is Kind.DATE]


def can_be(reported: datetime.date, received: str, year: int) -> bool:
    """Tell whether a return of a fiscal year may be filled in on a day: after the year's end, not after its file."""
    return reported > datetime.date(year, 12, 31) and (
        not received or reported <= datetime.date.fromisoformat(received[:10])
    )
