"""The states that the bureau set for returns: which hold, and the sheet on which it sets them, as rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.reading.parse_cell import day
from schemas.lists.reviews import STATE_COLUMNS, STATE_SET, VERSION, ReturnState
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.intake.choose import Choice
    from pipeline.lists.roster import Roster
    from schemas.lists.reviews import StateDecision

Row = dict[str, str]


def mistake(state: StateDecision) -> str:
    """Say what is wrong with a line of the sheet by itself; "" when nothing is."""
    missing = [STATE_COLUMNS[name] for name in STATE_SET if not getattr(state, name)]
    if missing:
        return f"没有填写{'、'.join(missing)}"
    if state.state not in set(ReturnState):
        return f"报表状态“{state.state}”不是{'、'.join(ReturnState)}之一"
    if day(state.date) is None:
        return f"日期“{state.date}”看不出是哪一天，请写成 2022-05-01"
    return "" if state.version else f"没有{STATE_COLUMNS['version']}，请从程序写出的表中填写"


def with_roster_names(states: Iterable[StateDecision], roster: Roster) -> tuple[StateDecision, ...]:
    """Give each line the name under which the roster knows its department; a name it does not know stays."""
    known = ((state, roster.of(state.department)) for state in states)
    return tuple(replace(state, department=member.name) if member else state for state, member in known)


def in_force(states: Sequence[StateDecision]) -> tuple[StateDecision, ...]:
    """Give the states that hold: complete, and one a department and version."""
    keys = [_key(each) for each in states]
    return tuple(each for each in states if not mistake(each) and keys.count(_key(each)) == 1)


def state_of(sha256: str, department: str, states: Iterable[StateDecision]) -> str:
    """Give the state of a content, "" where none is set."""
    name = normalise_label(department)
    return next((each.state for each in states if each.is_of(sha256) and normalise_label(each.department) == name), "")


def rows(choice: Choice, states: Sequence[StateDecision], timeliness: Mapping[str, str]) -> list[Row]:
    """Give the rows of the sheet: one per department evaluated, and one per line set for another version."""
    holding = in_force(states)
    found, told = [], set()
    for department, each in choice.counts.items():
        mine = [
            state
            for state in states
            if state.is_of(each.sha256) and normalise_label(state.department) == normalise_label(department)
        ]
        told |= set(mine)
        known = {
            "department": department,
            "source_file": each.source_file,
            "received": choice.received.get(each.sha256, ""),
            "timeliness": timeliness.get(each.sha256, ""),
            "version": each.sha256[:VERSION],
        }
        later = "、".join(choice.held.get(department, ()))
        found += [known | _set(state) | {"told": _told(state, holding, later=later)} for state in mine] or [known]
    found += [
        _set(state)
        | {"department": state.department, "source_file": state.source_file, "version": state.version}
        | {"told": _told(state, holding, of_another="不是现在采用的版本")}
        for state in states
        if state not in told
    ]
    return [dict.fromkeys(STATE_COLUMNS, "") | row for row in found]


def _set(state: StateDecision) -> Row:
    return {name: getattr(state, name) for name in STATE_SET}


def _told(state: StateDecision, holding: Sequence[StateDecision], later: str = "", of_another: str = "") -> str:
    """Say what became of a line: why it does not hold, or what it does and what is to be decided about it."""
    if state not in holding:
        return f"没有采用：{mistake(state) or '同一报表填写了不止一行'}"
    if state.state != ReturnState.FINAL:
        return of_another or "已采用"
    if of_another:
        return "终审通过的报表不在收件夹里，请放回"
    return f"已锁定；后来的 {later} 没有采用，要采用的请改为“{ReturnState.RETURNED}”" if later else "已锁定"


def _key(state: StateDecision) -> tuple[str, str]:
    return normalise_label(state.department), state.version
