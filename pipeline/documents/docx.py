"""Open a Word document with python-docx after the guard has passed its bytes.

The checks of archives and XML are those for workbooks; the advice in their messages is reworded for documents.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pipeline.guard import xls
from pipeline.guard import zip as guard_zip
from pipeline.guard.notes import DAMAGED, FORM, RESAVE, Refused
from pipeline.guard.xml import sound, untyped

if TYPE_CHECKING:
    from docx.document import Document

MAX_TAGS = 1_500_000
"""The most tags of the main part, as in a workbook; a report of forty pages has some 30,000."""

_RESAVE = "请用 WPS 或 Word 打开、另存为 .docx 后再试"
_AGAIN = "请在本机用 WPS 或 Word 打开、重新保存后再试"
_ADVICE = {
    RESAVE: _RESAVE,
    DAMAGED: f"文件已损坏，打不开；{_AGAIN}",
    guard_zip.PASSWORDED: f"文件设有密码；请取消密码、{_RESAVE.removeprefix('请')}",
    FORM: _RESAVE,
    guard_zip.SHRINK: "请删去图片等附带内容后再试",
}
"""Advice of the workbook guard → the advice for a document."""
_MAIN, _TYPES = "word/document.xml", "[content_types].xml"
_READ = ("word/", "_rels/", "docprops/core", _TYPES)
"""Where the parts are that python-docx parses; all others stay bytes."""


def open_document(content: bytes) -> Document:
    """Open a Word document.

    Raises:
        Refused: it is no Word document, damaged, or written in an unusual way; the message gives the reason and what
            to do, in Chinese.
    """
    try:
        _guard(content)
    except Refused as refusal:
        raise Refused(_advised(str(refusal))) from refusal
    import docx  # noqa: PLC0415 - only these commands pay for it

    try:
        return docx.Document(io.BytesIO(content))
    except Exception as error:
        # python-docx has no error of its own for what it cannot read; whatever it says, this file cannot be read.
        raise Refused(f"不是 Word 文档（.docx），或已损坏；{_AGAIN}") from error


def _guard(content: bytes) -> None:
    if not content:
        raise Refused(f"文件是空的（0字节）；{_AGAIN}")
    if content.startswith(xls.OLE2):
        raise Refused(f"是旧版 Word 文档（.doc），或设有密码；{_RESAVE}")
    if not content.startswith(b"PK\3\4"):
        raise Refused(f"不是 Word 文档（.docx）；{_RESAVE}")
    members = guard_zip.members(content)
    if _MAIN not in members or _TYPES not in members:
        workbook = any(name.startswith("xl/") for name in members)
        raise Refused(
            "是 Excel 工作簿，不是 Word 文档；填报表请直接放入收件夹"
            if workbook
            else f"不是 Word 文档（.docx）；{_RESAVE}"
        )
    if any(name.endswith("vbaproject.bin") for name in members):
        raise Refused(f"是带宏的 Word 文档；{_RESAVE}")
    for name, part in guard_zip.unpack(content, members).items():
        if name.startswith(_READ):
            sound(part)
        else:
            untyped(part)
        if name == _MAIN and part.count(b"<") > MAX_TAGS:
            raise Refused("文档过大；请只保留附件部分后再试")


def _advised(reason: str) -> str:
    """Reword the advice in a reason for a document."""
    for of_workbooks, of_documents in _ADVICE.items():
        reason = reason.replace(of_workbooks, of_documents)
    return reason
