"""The waivers: read from a workbook, applied to findings, told where they have no effect, and written blank.

A waived finding stays in every list; it only no longer counts.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.lists.sheet_list import FIRST, Listing
from pipeline.workbooks.styles import Styles, begin, headed, printed, put, text_height
from schemas.lists.waivers import COLUMNS, FILE, HINTS, TITLE, Waiver
from schemas.rules import RULES
from schemas.rules.texts import entries, told
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from xlsxwriter import Workbook

    from pipeline.lists.roster import Roster
    from pipeline.lists.sheet_list import Line

_WIDTHS = {"department": 34, "rule": 34, "reason": 50, "until": 26}
LIST = Listing(TITLE, COLUMNS, HINTS, needed=tuple(COLUMNS), widths=_WIDTHS)
LINES = 40
"""What the blank workbook has room for."""
REGISTER = "规则"
"""The sheet of the blank workbook that lists the rules."""
EXPIRED = "已过截止年度"
UNMATCHED = "没有对应的审核发现"

_HEADS = {"规则": 34, "代号": 26, "轻重": 8, "问题": 80}
_RULES = {normalise_label(words): rule.id for rule in RULES for words in (rule.title, rule.id)}
_YEAR = re.compile(r"([0-9]{4})(?:年度?)?")


# ---------------------------------------------------------------------- reading


def find(inbox: Path) -> tuple[Waiver, ...]:
    """Read the waivers of the inbox; none where it has no such file.

    Raises:
        ListError: the file cannot be read, or has mistakes.
    """
    content = LIST.content(inbox / FILE)
    return () if content is None else read(FILE, content)


def read(name: str, content: bytes) -> tuple[Waiver, ...]:
    """Read waivers, in the order of the list; their rules may be given by id or by title.

    Raises:
        ListError: the workbook cannot be read, or has mistakes; all are listed, by line.
    """
    heads = "、".join(f"“{words}”" for words in COLUMNS.values())
    lines = LIST.given(name, content, f"里没有一页有{heads}各栏；请用 make templates 生成的空白{TITLE}表填写。")
    LIST.check(name, list(_mistakes(lines)))
    return tuple(_waiver(text) for _, text in lines)


def _mistakes(lines: Iterable[Line]) -> Iterator[str]:
    first: dict[tuple[str, str], int] = {}
    for number, text in lines:
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


# ---------------------------------------------------------------------- what they do


# ---------------------------------------------------------------------- the blank workbook


def blank() -> bytes:
    """Write the blank workbook: the list to fill in, and the rules that its column of rules offers."""
    book, buffer = begin(TITLE)
    styles = Styles(book)
    sheet = LIST.blank(book, styles, LINES)
    count = _register(book, styles)
    rule = list(COLUMNS).index("rule")
    offered = {
        "validate": "list",
        "source": f"='{REGISTER}'!$A$2:$A${count + 1}",
        "error_type": "warning",  # an id is not in the list of titles and yet is right
        "error_title": REGISTER,
        "error_message": f"不是规则的名称。也可以填规则的代号，见“{REGISTER}”一页。",
    }
    sheet.data_validation(FIRST, rule, FIRST + LINES - 1, rule, offered)
    book.close()
    return buffer.getvalue()


def _register(book: Workbook, styles: Styles) -> int:
    """Add the sheet of the rules; give how many there are."""
    sheet = book.add_worksheet(REGISTER)
    for column, (words, width) in enumerate(_HEADS.items()):
        sheet.set_column(column, column, width)
        put(sheet, (0, column), words, styles.get("head"))
    rows = [(rule.title, rule.id, rule.severity.label, told(rule, places)[0]) for rule, places in entries()]
    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values):
            put(sheet, (row, column), value, styles.get("filed"))
        sheet.set_row(row, max(map(text_height, values, _HEADS.values())))
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    printed(sheet, landscape=True)
    headed(sheet)
    return len(rows)
