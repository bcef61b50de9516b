"""Draw the departments of the county: which of them report, the return of each, and the roster."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.demo.faults import plant_faults
from pipeline.demo.returns import Return, draw_honest, random_for
from pipeline.demo.words import DemoDepartment, list_departments
from pipeline.lists import roster as rosters
from pipeline.workbooks.blank_lists import FIRST, add_blank_list
from pipeline.workbooks.styles import Styles
from pipeline.workbooks.writer import begin_workbook, put
from schemas import policy as policies
from schemas.lists.roster import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.policy import Policy

LEAST = 10
"""The smallest county that has one of everything."""
_ABSENT, _EXEMPT = 0.05, 0.02
_LEAST_ABSENT = 2
"""Of the departments without a return, the first sends an unreadable file, the second sends nothing."""
HOURS = (9, 17)
"""The hours of the day between which returns are sent."""
CHINA = datetime.timezone(datetime.timedelta(hours=8))


class Members(NamedTuple):
    """The departments that send a return, those that should and do not, and those that need not."""

    sending: list[DemoDepartment]
    absent: list[DemoDepartment]
    exempt: list[DemoDepartment]


@lru_cache(maxsize=8)
def choose_members(seed: int, count: int) -> Members:
    """Choose who sends a return; the leading bureaus always do."""
    known = list_departments(count)
    absent, exempt = max(_LEAST_ABSENT, round(_ABSENT * count)), max(1, round(_EXEMPT * count))
    silent = random_for(seed, count, "silent").sample(known[count // 4 :], absent + exempt)
    return Members([each for each in known if each not in set(silent)], silent[:absent], silent[absent:])


def file_name(office: DemoDepartment) -> str:
    """Give the file name of a department's return."""
    return f"{office.name}.xlsx"


def draw_faultless(seed: int, office: DemoDepartment, policy: Policy) -> Return:
    """Draw the return of a department without faults."""
    return draw_honest(random_for(seed, policy.year, office.number), office, policy)


def draw_filed(seed: int, office: DemoDepartment, policy: Policy) -> Return:
    """Draw the return of a department as it is filed, with faults."""
    made = draw_faultless(seed, office, policy)
    plant_faults(made, random_for(seed, policy.year, office.number, "faults"))
    return made


def sent_at(made: Return) -> datetime.datetime:
    """Draw the time at which a return was sent: in office hours of the date in it."""
    day = [int(number) for number in re.findall(r"\d+", made.fields["reported_on_1_2"])]
    random = random_for(made.office.name, *day)
    hour, minute, second = random.randint(*HOURS), random.randint(0, 59), random.randint(0, 59)
    return datetime.datetime(day[0], day[1], day[2], hour, minute, second, tzinfo=CHINA)


def draw_returns(year: int, seed: int, count: int) -> Iterator[Return]:
    """Draw the returns of a county one at a time, with their faults.

    Args:
        year: the fiscal year, one that has a policy.
        seed: which county.
        count: how many departments it has, `LEAST` or more; a few of them send nothing.
    """
    policy = policies.load(year)
    for office in choose_members(seed, count).sending:
        yield draw_filed(seed, office, policy)


def write_roster(seed: int, count: int) -> bytes:
    """Write the roster: all departments, also those that send nothing and those that need not."""
    exempt = set(choose_members(seed, count).exempt)
    book, buffer = begin_workbook(rosters.LIST.title)
    styles = Styles(book)
    sheet = add_blank_list(rosters.LIST, book, styles, count)
    for at, office in enumerate(list_departments(count), FIRST):
        entries = {"name": office.name, "code": f"{office.number + 1:05}", "also": office.short}
        entries |= {"required": "否" if office in exempt else "是", "telephone": f"0000-{office.number:07}"}
        for field, value in entries.items():
            put(sheet, (at, list(COLUMNS).index(field)), value, styles.get("input"))
    book.close()
    return buffer.getvalue()
