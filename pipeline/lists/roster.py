"""Read the roster from its workbook, and match the names of returns against it."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.lists.sheet_list import ListError, Listing
from schemas.lists.roster import COLUMNS, FILE, HINTS, NO, TITLE, YES, Member
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipeline.lists.sheet_list import Line

LIST = Listing(TITLE, COLUMNS, HINTS, needed=("name",), widths={"name": 34, "also": 34})
OTHERS = ("code", "also", "contact", "telephone")
"""What says that a line is meant for a department, whether or not that is named."""
LIKE = 0.6
"""How alike a name must be to be suggested; it is never taken."""


@dataclass(frozen=True, slots=True)
class Roster:
    """Who must report, in the order of the list. An empty roster knows nobody and expects nobody."""

    members: tuple[Member, ...] = ()
    _named: dict[str, Member] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the members by all their names, normalised."""
        found = {normalise_label(name): member for member in self.members for name in member.also}
        object.__setattr__(self, "_named", found | {normalise_label(member.name): member for member in self.members})

    def of(self, name: str) -> Member | None:
        """Give the member that a name belongs to: its own name or one of its other names, normalised."""
        return self._named.get(normalise_label(name))

    def like(self, name: str) -> tuple[str, ...]:
        """Give the names of members that are near a name, for a message; never taken for it."""
        near = difflib.get_close_matches(normalise_label(name), self._named, n=3, cutoff=LIKE)
        return tuple(dict.fromkeys(self._named[each].name for each in near))


def find(inbox: Path, named: Path | None = None) -> Roster:
    """Read the roster given, or the one in the inbox; an empty one where there is none."""
    path = named or inbox / FILE
    if named is None and not path.is_file():
        return Roster()
    try:
        return read(path.name, path.read_bytes())
    except OSError as error:
        raise ListError(f"读不出{TITLE} {path}（{error.strerror}）。") from error


def read(name: str, content: bytes) -> Roster:
    """Read a roster; `ListError` lists every mistake."""
    unlike = f"里没有找到“{COLUMNS['name']}”这一栏；请用 make templates 生成的空白名册填写。"
    return _members(name, LIST.given(name, content, unlike))


def _members(name: str, lines: Iterable[Line]) -> Roster:
    members: list[Member] = []
    mistakes: list[str] = []
    for line, text in lines:
        if not text["name"]:
            if any(text.get(field) for field in OTHERS):  # 是 alone may have been filled down the column
                mistakes.append(f"  第{line}行：没有填写“{COLUMNS['name']}”")
            continue
        required = text.get("required", "")
        if required not in YES | NO:
            mistakes.append(f"  第{line}行：“{COLUMNS['required']}”填写为“{required}”，应填“是”或“否”")
        also = tuple(filter(None, re.split(r"[、,，;；\s]+", text.get("also", ""))))
        others = {field: text.get(field, "") for field in OTHERS if field != "also"}
        members.append(Member(name=text["name"], also=also, required=required in YES, **others))
    LIST.check(name, mistakes + _twice(members))
    return Roster(tuple(members))


def _twice(members: Iterable[Member]) -> list[str]:
    owner: dict[str, str] = {}
    mistakes = []
    for member in members:
        for each in dict.fromkeys(normalise_label(name) for name in (member.name, *member.also)):
            if each in owner:
                other, own = owner[each], member.name
                mistakes.append(
                    f"  “{own}”列了不止一次，请只保留一行"
                    if normalise_label(other) == normalise_label(own)
                    else f"  名称“{each}”同时属于“{other}”和“{own}”，请只留给其中一个"
                )
            owner[each] = member.name
    return list(dict.fromkeys(mistakes))
