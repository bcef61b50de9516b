"""The year's goals in running text against what became of them and against the indicator rows.

One text at a time is understood (`schemas.text.goals`); nothing is said where more than one reading is possible.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from schemas.text.goals import Goal, direction, goals, mean_the_same, mentioned, reached, same_kind, unread
from schemas.text.model import Sort, Target
from schemas.text.targets import KEPT, parse

if TYPE_CHECKING:
    from collections.abc import Iterable


class _Row(NamedTuple):
    """An indicator row as goals are held against it: the words that may name it, its target, and all it says."""

    names: tuple[str, ...]
    target: Target
    text: str

    def measures_goal(self, goal: Goal) -> bool:
        """Tell whether the row surely measures what a goal names, in numbers that can be compared."""
        return same_kind(goal.target, self.target) and any(mean_the_same(goal.words, name) for name in self.names)


class _Told(NamedTuple):
    """What is said of the goals of one department; "" where nothing is."""

    goals_without_row: str = ""
    goals_left_out: str = ""
    goals_missed: str = ""


class _Set(NamedTuple):
    """What is said of the target of one row."""

    goal_passage: str = ""
    goal_set: str = ""


def add_goals_of_departments(departments: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Say which goals no row takes up, which the report leaves out, and which it misses.

    Args:
        departments: one row per department, with ``department``, ``goal_planned`` and ``goal_achieved`` (texts or
            blank).
        rows: one row per department × indicator row, with ``department``, ``level3`` and ``target``.

    Returns:
        The departments with ``goals_without_row``, ``goals_left_out`` (passages quoted, joined by 、) and
        ``goals_missed`` (“goal”实际“passage”, joined by ；); "" where there are none. A department without rows has
        no goals without a row, one without 全年实际完成情况 none left out or missed.
    """
    of_department = _by_department(rows)
    texts = zip(
        departments["department"],
        _texts(departments["goal_planned"]),
        _texts(departments["goal_achieved"]),
        strict=True,
    )
    told = [_told(goals(planned), achieved, of_department.get(name, [])) for name, planned, achieved in texts]
    return _joined(departments, told, _Told._fields)


def add_goals_of_rows(rows: pd.DataFrame, departments: pd.DataFrame) -> pd.DataFrame:
    """Say which rows set a goal of the running text with another number.

    Args:
        rows: one row per department × indicator row, with ``department``, ``level3`` and ``target``.
        departments: one row per department, with ``department`` and ``goal_planned`` (text or blank).

    Returns:
        The rows with ``goal_passage``, the goal that the row takes up with another number, and ``goal_set``: "lower"
        where the row asks less than the goal, "higher" where it asks more; both "" else.
    """
    planned = dict(zip(departments["department"], _texts(departments["goal_planned"]), strict=True))
    of_department = _by_department(rows)
    sets = {name: iter(_sets(read, goals(planned.get(name, "")))) for name, read in of_department.items()}
    return _joined(rows, [next(sets[name]) for name in rows["department"]], _Set._fields)


def _joined(table: pd.DataFrame, told: list[_Told] | list[_Set], names: tuple[str, ...]) -> pd.DataFrame:
    """Add what is said of each row of a table, a column a name."""
    columns = {name: pd.Series([getattr(each, name) for each in told], index=table.index, dtype=str) for name in names}
    return table.assign(**columns)


def _texts(values: pd.Series[str]) -> list[str]:
    return [value if isinstance(value, str) else "" for value in values.tolist()]


def _by_department(rows: pd.DataFrame) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = {}
    names, of_rows, targets = rows["department"].tolist(), _texts(rows["level3"]), _texts(rows["target"])
    for name, level3, target in zip(names, of_rows, targets, strict=True):
        found.setdefault(name, []).append(_row(level3, target))
    return found


def _row(level3: str, target: str) -> _Row:
    """Read a row; what is read of a long one is not kept in memory."""
    return (_read_row if len(level3) + len(target) <= KEPT else _read_row.__wrapped__)(level3, target)


@lru_cache(maxsize=8192)
def _read_row(level3: str, target: str) -> _Row:
    """Read a row; words within its target (工业税收不低于3亿元) belong to its name."""
    within = goals(target)
    asked = within[0].target if len(within) == 1 else parse(target)
    names = (level3, level3 + within[0].words) if len(within) == 1 else (level3,)
    return _Row(names, asked if asked.sort is Sort.MEASURE else Target(Sort.WORDS), f"{level3}{target}")


def _told(planned: tuple[Goal, ...], achieved: str, rows: list[_Row]) -> _Told:
    """Say what became of the goals of one department."""
    without_row = [goal.passage for goal in planned if rows and not _has_row(goal, rows)]
    if not achieved.strip():
        return _Told(_quoted(without_row))
    left_out = [goal.passage for goal in planned if not _is_reported(goal, achieved)]
    missed = {goal.passage: _shortfall(goal, planned, achieved) for goal in planned}
    return _Told(
        _quoted(without_row),
        _quoted(left_out),
        "；".join(f"“{goal}”实际“{actual}”" for goal, actual in missed.items() if actual),
    )


def _quoted(passages: list[str]) -> str:
    return "、".join(f"“{passage}”" for passage in dict.fromkeys(passages))


def _has_row(goal: Goal, rows: list[_Row]) -> bool:
    """Tell whether a row takes a goal up, or at least speaks of the same."""
    return any(
        mentioned(goal.words, row.text) or any(mean_the_same(goal.words, name) for name in row.names) for row in rows
    )


def _is_reported(goal: Goal, achieved: str) -> bool:
    return mentioned(goal.words, achieved) or any(mean_the_same(goal.words, each.words) for each in goals(achieved))


def _shortfall(goal: Goal, planned: tuple[Goal, ...], achieved: str) -> str:
    """Give the one passage of the report that falls short of a goal; "" where none does or it is not plain."""
    reports = [each for each in goals(achieved) if _is_about(goal, each)]
    if _one_value(reports) is None or any(mentioned(goal.words, clause) for clause in unread(achieved)):
        return ""
    report = reports[0]
    side = direction(goal.words, goal.target)
    if not reached(report.target) or _one_value([each for each in planned if _is_about(each, report)]) is None:
        return ""
    return report.passage if side * _difference(report.target, goal.target) < 0 else ""


def _is_about(first: Goal, second: Goal) -> bool:
    return same_kind(first.target, second.target) and mean_the_same(first.words, second.words)


def _one_value(found: Iterable[Goal | _Row]) -> object | None:
    """Give the value that all have; None where there are several, or nothing."""
    values = {each.target.value for each in found}
    return values.pop() if len(values) == 1 else None


def _difference(first: Target, second: Target) -> int:
    """Say whether one number is above (1), equal to (0) or below (-1) another."""
    assert first.value is not None  # noqa: S101 - only measures of the same kind are compared
    assert second.value is not None  # noqa: S101
    return (first.value > second.value) - (first.value < second.value)


def _sets(rows: list[_Row], planned: tuple[Goal, ...]) -> list[_Set]:
    """Hold the target of each row of a department against the one goal that it takes up."""
    taken_up = [(goal, [row.measures_goal(goal) for row in rows]) for goal in planned]
    plain = [_one_value(compress(rows, by)) is not None for _, by in taken_up]
    found = []
    for number, row in enumerate(rows):
        meant = [at for at, (_, by) in enumerate(taken_up) if by[number]]
        one = meant and plain[meant[0]] and _one_value(planned[at] for at in meant) is not None
        found.append(_set(row, planned[meant[0]]) if one else _Set())
    return found


def _set(row: _Row, goal: Goal) -> _Set:
    asked = direction(goal.words, goal.target, row.target) * _difference(row.target, goal.target)
    return _Set(goal.passage, "higher" if asked > 0 else "lower") if asked else _Set()
