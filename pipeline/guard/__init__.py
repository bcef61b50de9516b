"""The guard: what a file's bytes are and whether they may be read, before any library sees them.

Told apart by content, never by name. calamine aborts the whole process on some of what is refused here.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import TYPE_CHECKING

from pipeline.cells import Cell
from pipeline.guard import ooxml, xls
from pipeline.guard import zip as guard_zip
from pipeline.guard.notes import FORM, RESAVE, Notes, Refused, SheetNotes

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LOST", "MAX_BYTES", "TOO_LONG", "Cell", "Notes", "Refused", "SheetNotes", "content", "guard"]

MAX_BYTES = 20 * 2**20
"""A return is some 20 KB; with pictures pasted in, a few MB."""
LOST = "文件内容异常，读取时出错或占用过大；请用发放的填报表重新填写后报送"
"""Why nothing is known of a file that ended the process which read it, or took too much of its time or memory."""

TOO_LONG = "所在的文件夹层数过多、路径过长，读不出来；请移到上层的文件夹后重新运行"

# Without blocking on a pipe, without following a link, without end-of-line conversion: as far as the system knows them.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_BINARY"))


def content(path: Path) -> bytes:
    """Read the bytes of a regular file, once; a link, pipe or device is refused unopened, a large file unread."""
    try:
        _regular(path.lstat())
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            # Again, of what was opened: it may have been replaced in between.
            status = os.fstat(file.fileno())
            _regular(status)
            _moderate(status.st_size)
            found = file.read(MAX_BYTES + 1)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise Refused(TOO_LONG) from error
        raise Refused(f"读不出文件（{error.strerror}）；请关闭打开它的程序、检查文件权限后重试") from error
    _moderate(len(found))
    return found


def _regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Refused("不是普通文件（文件夹、链接或设备），不予读取；请直接放入文件本身")


def _moderate(size: int) -> None:
    if size > MAX_BYTES:
        raise Refused(f"文件有{size / 2**20:.0f} MB，超过{MAX_BYTES // 2**20} MB；请删去图片等附带内容后再报送")


def guard(content: bytes) -> Notes:
    """Refuse bytes that are no plain, moderate workbook; note what its values do not tell."""
    if not content:
        raise Refused("文件是空的（0字节），请重新保存后再报送")
    _moderate(len(content))
    if content.startswith(b"PK\3\4"):
        members = guard_zip.members(content)
        _archive(content, set(members))
        return ooxml.inspect(guard_zip.unpack(content, members), set(members))
    if content.startswith(xls.OLE2):
        return xls.inspect(content)
    raise Refused(_other(content))


_KINDS = {
    "word/document.xml": f"是 Word 文档，不是 Excel 工作簿；{FORM}",
    "ppt/presentation.xml": f"是演示文稿，不是 Excel 工作簿；{FORM}",
    "xl/workbook.bin": f"是二进制工作簿（.xlsb），不能直接读取；{RESAVE}",
    "index/document.iwa": "是苹果 Numbers 等程序的文件，不能直接读取；请导出为 .xlsx 后再报送",
}
_ARCHIVE = "是压缩包，不是 Excel 工作簿；请解压后报送其中的 .xlsx 文件"


def _archive(content: bytes, names: set[str]) -> None:
    """Refuse a zip archive that is something else than an .xlsx workbook."""
    for name, reason in _KINDS.items():
        if name in names:
            raise Refused(reason)
    if "mimetype" in names and b"opendocument" in content[:200]:
        text = b"opendocument.spreadsheet" not in content[:200]
        raise Refused(
            f"是文字文档等（OpenDocument），不是 Excel 工作簿；{FORM}"
            if text
            else f"是 OpenDocument 表格（.ods），不能直接读取；{RESAVE}"
        )
    if not any(name.startswith(("xl/", "[content_types]")) for name in names):
        raise Refused(_ARCHIVE)


_MAGIC = (
    (rb"%PDF-|\xef\xbb\xbf%PDF-", f"是 PDF 文件，读不出数据；{FORM}"),
    (
        rb"\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0{4}|RIFF.{4}WEBP|II\*\0|MM\0\*|.{4}ftyphei[cx]",
        f"是图片，读不出数据；{FORM}",
    ),
    (rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\x1f\x8b|BZh|\xfd7zXZ\0|MSCF|PK|.{257}ustar", _ARCHIVE),
    (rb"\{\\rtf", f"是 Word（RTF）文档，不是 Excel 工作簿；{FORM}"),
    (rb"\x09[\0\2\4\x08]..[\0\1]\0|\x09\x08\x08\0", f"是 Excel 4.0 或更早的文件，不能直接读取；{RESAVE}"),
    (rb"(?i)MIME-Version:|From:.{0,400}MIME-Version:", f"是网页格式的表格（单个文件网页），不能直接读取；{RESAVE}"),
    (
        rb".{0,2000}(urn:schemas-microsoft-com:office:spreadsheet|<Workbook)",
        f"是 XML 格式的表格，不能直接读取；{RESAVE}",
    ),
    (rb"(?i).{0,2000}(<html|<!doctype html|<table|<head|<meta)", f"是网页格式的表格，不是真正的 Excel 文件；{RESAVE}"),
    (rb"\s*<\?xml", f"是 XML 文件，不是 Excel 工作簿；{FORM}"),
    (rb".{0,64}E-SafeNet", "文件被单位的加密软件加密；请解密后再报送"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")


def _other(content: bytes) -> str:
    """Tell what a file is that is no workbook, and what to do."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    begin = content[:4096].decode("utf-16", "replace").encode() if wide else content[:4096]
    for magic, reason in _MAGIC:
        if re.match(magic, begin, re.DOTALL):
            return reason
    if _is_text(content[:65536], wide=wide):
        return f"不是 Excel 工作簿，而是文本（如 CSV）；{RESAVE}"
    return f"不是 Excel 工作簿，或已损坏、被加密软件加密；{FORM}"


def _is_text(begin: bytes, *, wide: bool) -> bool:
    for encoding in ("utf-16",) if wide else ("utf-8", "gb18030"):
        # The end of what is looked at may cut a letter.
        text = begin.decode(encoding, "ignore")
        if len(text.encode(encoding, "ignore")) >= len(begin) - 8 and not _CONTROL.search(text):
            return True
    return False
