"""Check that a second run writes no workbooks but those of the department whose return changed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pipeline.demo.county import draw_returns
from schemas.file_names import RETURNED

if TYPE_CHECKING:
    from pathlib import Path

_BOOKS = ("部门评分", RETURNED)
"""The folders with one file a department; everything else is the county's."""


class FileState(NamedTuple):
    """The state of a file; one that was written again has another inode or time even if its bytes are the same."""

    identity: int
    modified: int
    sha256: str


def file_states(folder: Path) -> dict[str, FileState]:
    """Give the state of every file below a folder, by its name there."""
    return {
        path.relative_to(folder).as_posix(): FileState(
            path.stat().st_ino, path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def find_breach(before: dict[str, FileState], after: dict[str, FileState], department: str = "") -> str:
    """Say which workbooks of other departments were written, or that the department's own was not; "" where neither is.

    Args:
        before: the state of the results before the run.
        after: the same after it.
        department: whose return was changed; "" when no return was.
    """
    books = [name for name in {**before, **after} if any(f"{folder}/" in name for folder in _BOOKS)]
    own = [name for name in books if name.endswith(f"/{department}.xlsx")]
    others = [name for name in books if name not in own and before.get(name) != after.get(name)]
    told = [f"{len(others):,} books of other departments touched"] if others else []
    if department and not any(_content(before, name) != _content(after, name) for name in own):
        told.append("the changed return's own books are as before")
    return ", ".join(told)


def _content(states_: dict[str, FileState], name: str) -> str:
    return states_[name].sha256 if name in states_ else ""


def change_one_return(inbox: Path, year: int, seed: int, count: int, more: float = 1) -> str:
    """Raise one figure in the return of the first department that sent only one file; give the department."""
    for made in draw_returns(year, seed, count):
        name = made.office.name
        figure = made.fields["procurement_outturn"]
        if len(list(inbox.glob(f"{name}*"))) == 1 and isinstance(figure, (int, float)):
            fields = made.fields | {"procurement_outturn": round(figure + more, 2)}
            (inbox / f"{name}.xlsx").write_bytes(replace(made, fields=fields).workbook())
            return name
    raise ValueError(f"{inbox} holds no return that could be changed")
