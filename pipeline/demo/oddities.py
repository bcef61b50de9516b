"""Make the odd files of the inbox: those that are no return, or a return that does not count."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pipeline.demo.county import choose_members, draw_filed, file_name, sent_at
from pipeline.demo.returns import random_for
from schemas import policy as policies

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator

    from pipeline.demo.returns import Return

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date in an archive, so that its bytes are the same whenever it is made."""


class SentFile(NamedTuple):
    """A file of the inbox: its name, its bytes, and when it was sent."""

    name: str
    content: bytes
    modified: datetime.datetime


def odd_files(year: int, seed: int, count: int) -> Iterator[SentFile]:
    """Make the odd files.

    A copy, a first draft with other figures, a return of the year before, an incomplete upload, a letter renamed to a
    workbook, and the lock file of an office program.
    """
    policy = policies.load(year)
    known = choose_members(seed, count)
    copied, drafted, outdated, failed, opened = random_for(seed, "odd").sample(known.sending, 5)
    made = {office.number: office for office in (copied, drafted, outdated)}
    found = {at: draw_filed(seed, office, policy) for at, office in made.items()}
    yield SentFile(f"{copied.name} - 副本.xlsx", found[copied.number].workbook(), sent_at(found[copied.number]))
    draft = _draft(found[drafted.number])
    yield SentFile(f"{drafted.name}（初稿）.xlsx", draft.workbook(), sent_at(draft))
    before = found[outdated.number]
    before = replace(before, fields=before.fields | {"fiscal_year": f"（{year - 1}年度）"})
    yield SentFile(f"{outdated.name}（{year - 1}年度）.xlsx", before.workbook(), sent_at(before))
    yield SentFile(f"{failed.name}（上传未完成）.xlsx", b"", sent_at(before))
    yield SentFile(file_name(known.absent[0]), _letter(known.absent[0].name), sent_at(before))
    yield SentFile(f"~${opened.name}.xlsx", "示例用户".encode("utf-16-le").ljust(165, b"\0"), sent_at(before))


def _draft(made: Return) -> Return:
    """Make an earlier version of a return: sent in February, with another figure and a row without actual."""
    date = re.sub(r"3月(\d+)日", r"2月\1日", made.fields["reported_on_1_2"])
    fields = made.fields | {"reported_on_1_1": date, "reported_on_1_2": date, "procurement_outturn": 0, "remedies": ""}
    first, *others = made.lines
    return replace(made, fields=fields, lines=[replace(first, actual=""), *others])


def _letter(name: str) -> bytes:
    """Write a Word document, as small as can be."""
    stream = io.BytesIO()
    text = f"{name}关于报送绩效自评表的说明（表格另行报送）。"
    body = f"<w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body>"
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
        ),
        "word/document.xml": f'<w:document xmlns:w="{space}">{body}</w:document>',
    }
    with zipfile.ZipFile(stream, "w") as archive:
        for part, content in parts.items():
            archive.writestr(zipfile.ZipInfo(part, _LONG_AGO), content)
    return stream.getvalue()
