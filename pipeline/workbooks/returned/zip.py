"""The zip archive of a workbook: a member that stays as it was is taken over as it is packed.

Packing again what nobody has changed would cost as much as all the editing. ``zipfile`` reads the directory, and
cannot write a member that is packed already.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOCAL = struct.Struct("<4s5H3L2H")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION = 20
"""2.0 of the format: deflate."""
_UNIX = 3 << 8
_MODE = 0o600 << 16
_UTF8 = 0x800
_FIRST_DAY = 1 << 5 | 1
"""1980-01-01, the first day that the format knows; its midnight is 0."""
_LEVEL = 3
"""Packs to a tenth more than the usual 6, in six tenths of the time."""


@dataclass(frozen=True)
class Packed:
    """A member as it is packed."""

    method: int
    checksum: int
    size: int
    content: bytes

    @cached_property
    def unpacked(self) -> bytes:
        """What it holds; the guard has held it to size and checksum."""
        return self.content if self.method == zipfile.ZIP_STORED else zlib.decompress(self.content, -zlib.MAX_WBITS)


def members(content: bytes) -> dict[str, Packed]:
    """Give the members of an archive that the guard has passed or that we have made, in its order."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for each in archive.infolist():
            *_, name, extra = _LOCAL.unpack_from(content, each.header_offset)
            start = each.header_offset + _LOCAL.size + name + extra
            packed = content[start : start + each.compress_size]
            found[each.filename] = Packed(each.compress_type, each.CRC, each.file_size, packed)
    return found


def archive(parts: Mapping[str, Packed | bytes]) -> bytes:
    """Pack members in their order: the same parts give the same bytes."""
    pieces, directory, at = [], [], 0
    for name, part in parts.items():
        packed = part if isinstance(part, Packed) else _packed(part)
        raw = name.encode()
        told = (
            *(_VERSION, 0 if name.isascii() else _UTF8, packed.method, 0, _FIRST_DAY),
            *(packed.checksum, len(packed.content), packed.size, len(raw), 0),
        )
        pieces += [_LOCAL.pack(b"PK\3\4", *told), raw, packed.content]
        directory += [_ENTRY.pack(b"PK\1\2", _UNIX | _VERSION, *told, 0, 0, 0, _MODE, at), raw]
        at += _LOCAL.size + len(raw) + len(packed.content)
    listed = b"".join(directory)
    end = _END.pack(b"PK\5\6", 0, 0, len(parts), len(parts), len(listed), at, 0)
    return b"".join([*pieces, listed, end])


def _packed(part: bytes) -> Packed:
    packed = zlib.compress(part, _LEVEL, -zlib.MAX_WBITS)
    return Packed(zipfile.ZIP_DEFLATED, zlib.crc32(part), len(part), packed)
