"""Read 填报表对照, the words that the bureau's own forms print: the workbook as it was filled in, or its TOML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.lists.sheet_list import ListError, Listing
from schemas.file_names import LOCAL_WORDS, LOCAL_WORDS_TOML
from schemas.forms.local_words import Entry, as_toml, checked, from_toml
from schemas.forms.printed_words import Label
from schemas.lists.local_words import COLUMNS, KINDS, TICKS, TITLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pipeline.lists.sheet_list import Line
    from schemas.forms.answered import Answers

LIST = Listing(TITLE, COLUMNS, {"annex": "附表"}, needed=("annex", "part", "what", "words", "own", "absent"))
_SEVERAL = re.compile(r"[\n；;]+")
_KIND = {words: what for what, words in KINDS.items()}
HEADING = f"由 {LOCAL_WORDS} 生成：本县填报表上的文字。改动请改 {LOCAL_WORDS} 后重新生成。"


def find(lists: Path) -> Answers:
    """Read what the bureau's forms print, as answers that hold for every department; none where nothing is given.

    Raises:
        ListError: it cannot be read, or the workbook and what was made of it say different things.
        LocalWordsError: something about it is doubtful.
    """
    workbook, toml = LIST.content(lists / LOCAL_WORDS), LIST.content(lists / LOCAL_WORDS_TOML)
    found = [] if toml is None else [checked(from_toml(LOCAL_WORDS_TOML, toml), LOCAL_WORDS_TOML)]
    found += [] if workbook is None else [answers_of(LOCAL_WORDS, workbook)]
    if len(found) > 1 and set(found[0]) != set(found[1]):
        raise ListError(
            f"{LOCAL_WORDS} 和 {LOCAL_WORDS_TOML} 写的不一样，不知道用哪一份。"
            f"请重新执行 jixiao forms --take {LOCAL_WORDS}，或只留一份。"
        )
    return found[0] if found else ()


def answers_of(name: str, content: bytes) -> Answers:
    """Read a filled workbook as the answers that it comes to."""
    return checked(from_toml(name, make_toml(name, content).encode()), name)


def make_toml(name: str, content: bytes) -> str:
    """Make the TOML of a filled workbook.

    Raises:
        ListError: it is no such workbook, or a cell of it cannot be read.
        LocalWordsError: something about it is doubtful; every mistake is listed with its cell.
    """
    lines = LIST.read_given(name, content, f"里没有找到{TITLE}的表头；请用 jixiao forms --new 生成的填写。")
    LIST.check(name, [trouble for line in lines for trouble in _troubles(line)])
    entries = [_entry(line) for line in lines]
    checked(entries, name)
    return as_toml(entries, HEADING)


def _troubles(line: Line) -> Iterator[str]:
    yield from line.troubles.values()
    if line.text["what"] not in _KIND:
        yield f"第{line.number}行“{COLUMNS['what']}”应是{'、'.join(KINDS.values())}之一，请不要改动前四栏"
    if line.text["absent"] not in {*TICKS, ""}:
        yield f"第{line.number}行“{COLUMNS['absent']}”只填“√”，“{line.text['absent']}”看不懂"


def _entry(line: Line) -> Entry:
    text = line.text
    label = Label(text["part"], _KIND[text["what"]], text["words"])
    own = tuple(each.strip() for each in _SEVERAL.split(text["own"]) if each.strip())
    return Entry(f"第{line.number}行“{COLUMNS['own']}”", text["annex"], label, own, bool(text["absent"]))
