"""Describe what a run changed, from the status of the departments before and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.enums import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.desk.department_status import DepartmentStatus


def describe_changes(before: Iterable[DepartmentStatus], after: Iterable[DepartmentStatus]) -> Iterator[str]:
    """Describe changes in Chinese, one a line: returns that came, were corrected or were removed, and files not read.

    Args:
        before: the status of the departments after the previous run.
        after: their status now.
    """
    old, new = ({each.department: each for each in offices} for offices in (before, after))
    for name, office in new.items():
        yield from _describe_one(old.get(name), office)
    yield from (f"不再有：{name}" for name, office in old.items() if office.points is not None and name not in new)
    known = {file for office in old.values() for file in office.unread}
    yield from (str(file) for office in new.values() for file in office.unread if file not in known)
    missing = [sum(office.status is Status.MISSING for office in offices.values()) for offices in (old, new)]
    if old and missing[0] != missing[1]:
        yield f"未报送：{missing[0]} → {missing[1]} 个"


def _describe_one(old: DepartmentStatus | None, new: DepartmentStatus) -> Iterator[str]:
    """Describe the changes of one department."""
    if old is None or old.points is None:
        if new.points is not None:
            yield f"新报送：{new.department}，{new.points:.2f} 分，错误 {new.errors} 处"
    elif new.points is None:
        yield f"不再有：{new.department}"
    else:
        again = old.sha256 != new.sha256
        told = [*_change("得分", f"{old.points:.2f}", f"{new.points:.2f}"), *_change("错误", old.errors, new.errors)]
        if again or told:
            how = "，".join(told) or f"得分 {new.points:.2f}、错误 {new.errors} 都没有变"
            yield f"{'重新报送' if again else '结果变化'}：{new.department}，{how}"


def _change(word: str, before: object, after: object) -> Iterator[str]:
    if before != after:
        yield f"{word} {before} → {after}"
