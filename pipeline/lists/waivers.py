"""Read the waivers from their workbook.

A waived finding stays in every list; it only no longer counts (`pipeline.validation.waivers`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.lists.sheet_list import Listing
from schemas.file_names import WAIVERS
from schemas.lists.waivers import COLUMNS, HINTS, TITLE, Waiver
from schemas.rules import RULES
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pipeline.lists.roster import Roster
    from pipeline.lists.sheet_list import Line

_WIDTHS = {"department": 34, "rule": 34, "reason": 50, "until": 26}
LIST = Listing(TITLE, COLUMNS, HINTS, needed=tuple(COLUMNS), widths=_WIDTHS)
REGISTER = "规则"
"""The sheet of the blank workbook that lists the rules."""
EXPIRED = "已过截止年度"
UNMATCHED = "没有对应的审核发现"

_RULES = {normalise_label(words): rule.id for rule in RULES for words in (rule.title, rule.id)}
_YEAR = re.compile(r"([0-9]{4})(?:年度?)?")


# ---------------------------------------------------------------------- reading


def find(inbox: Path) -> tuple[Waiver, ...]:
    """Read the waivers of the inbox; none where it has no such file.

    Raises:
        ListError: the file cannot be read, or has mistakes.
    """
    content = LIST.content(inbox / WAIVERS)
    return () if content is None else read(WAIVERS, content)


def read(name: str, content: bytes) -> tuple[Waiver, ...]:
    """Read waivers, in the order of the list; their rules may be given by id or by title.

    Raises:
        ListError: the workbook cannot be read, or has mistakes; all are listed, by line.
    """
    heads = "、".join(f"“{words}”" for words in COLUMNS.values())
    lines = LIST.read_given(name, content, f"里没有一页有{heads}各栏；请用 make templates 生成的空白{TITLE}表填写。")
    LIST.check(name, list(_mistakes(lines)))
    return tuple(_waiver(line.text) for line in lines)


def _mistakes(lines: Iterable[Line]) -> Iterator[str]:
    first: dict[tuple[str, str], int] = {}
    for number, text, troubles in lines:
        yield from (f"  {told}" for told in troubles.values())
        yield from (f"  第{number}行：{wrong}" for wrong in _wrong(text))
        key = normalise_label(text["department"]), _RULES.get(normalise_label(text["rule"]), "")
        if all(key) and first.setdefault(key, number) != number:
            yield f"  第{number}行：与第{first[key]}行重复，同一部门的同一规则只填一行"


def _wrong(text: dict[str, str]) -> Iterator[str]:
    yield from (f"没有填写“{words}”" for field, words in COLUMNS.items() if not text[field])
    rule, until = text["rule"], text["until"]
    if rule and normalise_label(rule) not in _RULES:
        yield f"没有“{rule}”这条规则；规则的名称和代号见空白{TITLE}表的“{REGISTER}”一页"
    if until and _year(until) is None:
        yield f"“{COLUMNS['until']}”填写为“{until}”，应填四位数的年度，如2023"


def _year(text: str) -> int | None:
    found = _YEAR.fullmatch(normalise_label(text))
    return int(found[1]) if found else None


def _waiver(text: dict[str, str]) -> Waiver:
    year = _year(text["until"])
    assert year is not None  # noqa: S101 - a line without a year was refused
    return Waiver(text["department"], _RULES[normalise_label(text["rule"])], text["reason"], text["by"], year)


def named(waivers: Iterable[Waiver], roster: Roster) -> tuple[Waiver, ...]:
    """Give each waiver the name under which the roster knows its department; a name it does not know stays."""
    known = ((waiver, roster.of(waiver.department)) for waiver in waivers)
    return tuple(replace(waiver, department=member.name) if member else waiver for waiver, member in known)
