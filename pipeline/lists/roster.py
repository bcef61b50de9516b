"""Read the roster from its workbook, and match the names of returns against it."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.lists.sheet_list import ListError, Listing
from pipeline.output.safe_text import legible
from pipeline.reading.parse_cell import day
from schemas.file_names import ROSTER
from schemas.lists.roster import COLUMNS, EVERYONE, HINTS, NO, TITLE, YES, Member
from schemas.text.normalise import normal, normalise_label

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pipeline.lists.sheet_list import Line

LIST = Listing(TITLE, COLUMNS, HINTS, needed=("name",), widths={"name": 34, "also": 34, "deadline": 26})
OTHERS = ("code", "also", "contact", "telephone")
"""What says that a line is meant for a department, whether or not that is named."""
ASIDE = {"code", "contact", "telephone"}
"""What a department can do without: what cannot be read of it is told, and stops nothing."""
_HEAD = normalise_label(COLUMNS["name"])
"""The head of the names: on a line below it is that of another page."""
LIKE = 0.6
"""How alike a name must be to be suggested; it is never taken."""
_NO_DEPARTMENT = re.compile(
    r"(?:合|总|小|共)\s*计.*|共\s*\d+.*|[^:\n]*[::].*|(?:备|附)?注|.*说明|[\d\s.、()]*|第?[一二三四五六七八九十]+[、.].*|\([一二三四五六七八九十]+\).*"
)
"""Lines of a list that name no department: sums, notes and anything with a colon, bare numbers, numbered headings."""
_NUMBER = re.compile(r"^(?:\d{1,3}\s*[、.．)）]|[(（]\d{1,3}[)）])\s*(?=\D)")
_LONGEST_LEFT_OUT = 20


@dataclass(frozen=True, slots=True)
class Roster:
    """Who must report, in the order of the list. An empty roster knows nobody and expects nobody.

    ``deadline`` is the day by which all must report, None where there is none; ``left_out`` are the lines of the list
    that name no department, ``unread`` what else of it is not used, in words.
    """

    members: tuple[Member, ...] = ()
    deadline: datetime.date | None = None
    left_out: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    _named: dict[str, Member] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the members by all their names, normalised."""
        found = {normalise_label(name): member for member in self.members for name in member.also}
        object.__setattr__(self, "_named", found | {normalise_label(member.name): member for member in self.members})

    def of(self, name: str) -> Member | None:
        """Give the member that a name belongs to: its own name or one of its other names, normalised."""
        return self._named.get(normalise_label(name))

    def near_names(self, name: str) -> tuple[str, ...]:
        """Give the names of members that are near a name, for a message; never taken for it."""
        near = difflib.get_close_matches(normalise_label(name), self._named, n=3, cutoff=LIKE)
        return tuple(dict.fromkeys(self._named[each].name for each in near))

    def deadline_of(self, name: str) -> datetime.date | None:
        """Give the day by which a department must report: its own, else the one for all."""
        member = self.of(name)
        return (member.deadline if member else None) or self.deadline

    def describe_unused(self) -> str:
        """Say what of the list is not used, in Chinese; "" where all of it is."""
        lines = [f"{'、'.join(self.left_out)}不是部门，没有采用"] if self.left_out else []
        return "；".join([*lines, *self.unread])


def find(inbox: Path, named: Path | None = None) -> Roster:
    """Read the roster given, or the one in the inbox; an empty one where there is none."""
    path = named or inbox / ROSTER
    sent = LIST.content(path)
    if sent is None and named:
        raise ListError(f"没有找到{TITLE}：{legible(path)}。")
    return Roster() if sent is None else read(path.name, sent)


def read(name: str, content: bytes) -> Roster:
    """Read a roster; `ListError` lists every mistake."""
    unlike = f"里没有找到“{COLUMNS['name']}”这一栏；请用 make templates 生成的空白名册填写。"
    lines = LIST.read_given(name, content, unlike)
    hidden = [f"隐藏的工作表“{sheet}”没有采用" for sheet in LIST.hidden(content)]
    return _roster(name, lines, LIST.texts_above(content), hidden)


def _roster(name: str, lines: Sequence[Line], above: Iterable[str], hidden: Iterable[str]) -> Roster:
    mistakes = [f"  {told}" for line in lines for field, told in line.troubles.items() if field not in ASIDE]
    unread = [f"{told}，没有采用" for line in lines for field, told in line.troubles.items() if field in ASIDE]
    members, left_out = [], []
    everyone = [text for text in above if COLUMNS["deadline"] in text]
    for line, shown, troubles in lines:
        text = shown | dict.fromkeys(ASIDE & troubles.keys(), "")
        called = normal(text["name"])
        if troubles.keys() - ASIDE:
            continue  # told above
        if normalise_label(called) == EVERYONE:
            everyone.append(text.get("deadline", ""))
        elif called and (_NO_DEPARTMENT.fullmatch(called) or normalise_label(called) == _HEAD):
            left_out.append(f"第{line}行“{_short(text['name'])}”")
        elif called:
            members.append(_member(line, text, mistakes))
        elif any(text.get(field) for field in OTHERS):  # 是 alone may have been filled down the column
            mistakes.append(f"  第{line}行：没有填写“{COLUMNS['name']}”")
    deadline = _deadline(next(filter(None, everyone), ""), EVERYONE, mistakes)
    LIST.check(name, mistakes + _twice(members))
    return Roster(tuple(members), deadline, tuple(left_out), (*hidden, *unread))


def _member(line: int, text: dict[str, str], mistakes: list[str]) -> Member:
    required = text.get("required", "")
    if required not in YES | NO:
        mistakes.append(f"  第{line}行：“{COLUMNS['required']}”填写为“{required}”，应填“是”或“否”")
    return Member(
        name=_NUMBER.sub("", text["name"]),
        code=text.get("code", ""),
        also=tuple(filter(None, re.split(r"[、,，;；\s]+", text.get("also", "")))),
        required=required in YES,
        contact=text.get("contact", ""),
        telephone=text.get("telephone", ""),
        deadline=_deadline(text.get("deadline", ""), f"第{line}行", mistakes),
    )


def _deadline(text: str, where: str, mistakes: list[str]) -> datetime.date | None:
    found = day(text)
    if text and found is None:
        mistakes.append(f"  {where}：“{COLUMNS['deadline']}”填写为“{text}”，看不出是哪一天，请写成 2022-04-30")
    return found


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LEFT_OUT else line[: _LONGEST_LEFT_OUT - 1] + "…"


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
