"""The zip archive of a workbook: its directory checked, every member unpacked once with sizes and checksum counted.

Not ``zipfile``: what is refused here is whatever two unzippers could understand differently (a second directory,
another name in an extra field, members over each other), since calamine will unpack the same bytes again.
"""

from __future__ import annotations

import re
import struct
import zlib
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from pipeline.guard.notes import DAMAGED, RESAVE, Refused

MAX_MEMBERS = 1000
"""A workbook of 100 sheets with drawings and comments has some 500."""
MAX_UNPACKED = 100 * 2**20
"""What all members may hold together, pictures included, and a bound on time: a tenth of a second a 20 MB."""
MAX_KEPT = 20 * 2**20
"""XML kept for checking, and a bound on memory. The seed has 0.07 MB; 5000 rows of thirty columns have 10 MB."""
MAX_RATIO = 200
"""Times a member may grow. Blank formatted rows reach 100; deflate can do 1000."""
RATIO_FROM = 2**20
"""Smaller members cannot hurt, whatever their ratio."""
MAX_REMEMBERED = 2**15
"""Bytes of a member that is remembered: styles, theme and the like are the same in the returns of many departments."""

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x2041  # bits 0, 6 and 13: encrypted, strongly, directory too
_UTF8 = 0x800
_STORED, _DEFLATED = 0, 8
_ZIP64, _OTHER_NAME = 0x0001, 0x7075
"""Extra fields: sizes and places too large for the directory, and another name, which not every unzipper minds."""
_IN_EXTRA = 0xFFFF_FFFF
"""What the directory states in the place of a number that stands in the extra field."""
_MAX_COMMENT = 0xFFFF
SHRINK = "不像填报表；请删去表格以外的行列和图片，或用发放的填报表重新填写"
_BIG = f"文件解开后过大，{SHRINK}"
_ODD = f"文件的压缩方式不合常规；{RESAVE}"
_UNSAFE = re.compile(r'[\x00-\x1f:*?"<>|]')


class Member(NamedTuple):
    """One member as the directory states it, and where its packed bytes lie."""

    name: str
    method: int
    checksum: int
    packed: int
    size: int
    start: int
    encrypted: bool


def members(content: bytes) -> dict[str, Member]:
    """Read the directory; names, sizes and places are checked, and nothing is unpacked."""
    end = content.rfind(b"PK\5\6", max(len(content) - _END.size - _MAX_COMMENT, 0))
    if not 0 <= end <= len(content) - _END.size:
        raise Refused(DAMAGED)
    _, disk, first, here, total, size, offset, comment = _END.unpack_from(content, end)
    # Two ends would be two directories: programs differ in which one they take.
    several = content.find(b"PK\5\6") != end and (comment or end + _END.size != len(content))
    if not several and end + _END.size + comment != len(content):
        raise Refused(DAMAGED)
    if several or disk or first or here != total or offset + size != end:
        raise Refused(_ODD)
    if total > MAX_MEMBERS:
        raise Refused(_BIG)
    found: dict[str, Member] = {}
    spans: list[tuple[int, int]] = []
    at = offset
    for _ in range(total):
        member, local, at = _entry(content, at, offset)
        # calamine looks names up without regard to case: two that differ only in case are one name twice.
        if found.setdefault(member.name.lower(), member) is not member:
            raise Refused(_ODD)
        spans.append((local, member.start + member.packed))
    spans.sort()
    if (
        at != offset + size
        or (spans and spans[0][0] != 0)
        or any(here[1] > after[0] for here, after in pairwise(spans))
    ):
        raise Refused(_ODD)
    _bound(found)
    return found


def _entry(content: bytes, at: int, end: int) -> tuple[Member, int, int]:
    """Read one entry of the directory and the local header it points to; give also where these lie and end."""
    if at + _ENTRY.size > len(content):
        raise Refused(DAMAGED)
    entry = _ENTRY.unpack_from(content, at)
    magic, flags, method, checksum = entry[0], entry[3], entry[4], entry[7]
    name_length, extra_length, comment_length = entry[10:13]
    name = content[at + _ENTRY.size : at + _ENTRY.size + name_length]
    extra = content[at + _ENTRY.size + name_length :][:extra_length]
    size, packed, local = _numbers(extra, entry[9], entry[8], entry[16])
    if magic != b"PK\1\2" or local + _LOCAL.size > end:
        raise Refused(DAMAGED)
    header = _LOCAL.unpack_from(content, local)
    start = local + _LOCAL.size + header[9] + header[10]
    if header[0] != b"PK\3\4" or start + packed > end:
        raise Refused(DAMAGED)
    if content[local + _LOCAL.size :][: header[9]] != name or header[3] != method:
        raise Refused(_ODD)
    member = Member(_name(name, flags), method, checksum, packed, size, start, bool(flags & _ENCRYPTED))
    return member, local, at + _ENTRY.size + name_length + extra_length + comment_length


def _numbers(extra: bytes, *stated: int) -> list[int]:
    """Give size, packed size and place of a member, those that the directory leaves to the extra field from there."""
    at, large = 0, b""
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == _OTHER_NAME or (kind == _ZIP64 and large):
            raise Refused(_ODD)
        if kind == _ZIP64:
            large = extra[at + 4 : at + 4 + length]
        at += 4 + length
    if at != len(extra):
        raise Refused(_ODD)
    found = list(stated)
    for number, each in enumerate(stated):
        if large and each == _IN_EXTRA:
            if len(large) < 8:  # noqa: PLR2004 - each takes eight bytes
                raise Refused(_ODD)
            found[number], large = int.from_bytes(large[:8], "little"), large[8:]
    return found


def _name(raw: bytes, flags: int) -> str:
    try:
        # Some writers of Windows part the folders of a name by backslashes, and readers take them for slashes.
        return raw.decode("utf-8" if flags & _UTF8 else "cp437").replace("\\", "/")
    except UnicodeDecodeError:
        raise Refused(_ODD) from None


def _bound(found: dict[str, Member]) -> None:
    if sum(member.size for member in found.values()) > MAX_UNPACKED:
        raise Refused(_BIG)
    if any(member.size > RATIO_FROM and member.size > member.packed * MAX_RATIO for member in found.values()):
        raise Refused(_BIG)


def unpack(content: bytes, found: dict[str, Member]) -> dict[str, bytes]:
    """Unpack every member once, counting; give those that hold XML, by name in lower case.

    A name that leads out of the archive, or that systems read differently, is refused.
    """
    if any({"", ".", ".."} & set(name.removesuffix("/").split("/")) or _UNSAFE.search(name) for name in found):
        raise Refused(f"文件内部的文件名不合常规；{RESAVE}")
    parts: dict[str, bytes] = {}
    kept = 0
    for name, member in found.items():
        if member.encrypted:
            raise Refused(PASSWORDED)
        packed = content[member.start : member.start + member.packed]
        unpacked = _unpacked if member.size <= MAX_REMEMBERED else _unpacked.__wrapped__
        part = unpacked(packed, member.method, member.size, member.checksum)
        if name.endswith((".xml", ".rels")) or part[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            kept += len(part)
            if kept > MAX_KEPT:
                raise Refused(_BIG)
            parts[name] = part
    return parts


@lru_cache(maxsize=32)
def _unpacked(packed: bytes, method: int, size: int, checksum: int) -> bytes:
    part = packed
    if method == _DEFLATED:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            part = inflater.decompress(packed, size + 1)
        except zlib.error:
            raise Refused(DAMAGED) from None
        if not inflater.eof or inflater.unused_data:
            raise Refused(DAMAGED)
    elif method != _STORED:
        raise Refused(_ODD)
    if len(part) != size or zlib.crc32(part) != checksum:
        raise Refused(DAMAGED)
    return part


PASSWORDED = "压缩包设有密码；请直接报送其中的 .xlsx 文件"
