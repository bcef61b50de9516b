"""The OLE2 container of old Office files: which streams it holds, and the bytes of one, every chain bounded.

calamine follows the chains of sectors without a bound and reserves what the header claims: a chain that bites its
tail fills the memory. So each chain it will follow is followed here first.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from pipeline.guard.notes import DAMAGED, Refused

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_MINI_TABLE = 256
"""Sectors of the table of small sectors, one for 8 KB: small streams are few. calamine reserves 256 KB for each."""

_HEADER = 512
_SPECIAL = 0xFFFF_FFFA
"""Sector numbers from here on are marks: end of chain, free, table."""
_NO_PLACE = 0xFFFF_FFFC
_END = 0xFFFF_FFFE
_SMALL, _MINI = 4096, 64
_NONE = 0xFFFF_FFFF


class _Entry(NamedTuple):
    """One entry of the directory."""

    name: str
    left: int
    right: int
    child: int
    start: int
    size: int


class Container:
    """The directory of a container, and its streams."""

    def __init__(self, content: bytes) -> None:
        """Read header, sector table and directory; a container that contradicts itself is refused as damaged."""
        if len(content) < _HEADER or not content.startswith(SIGNATURE):
            raise Refused(DAMAGED)
        version, shift, mini_shift = struct.unpack_from("<H2xHH", content, 26)
        if (version, shift) not in {(3, 9), (4, 12)} or mini_shift != 6:  # noqa: PLR2004 - 2**6 is 64
            raise Refused(DAMAGED)
        self._content = content
        self._size = 1 << shift
        self._sectors = -(-(len(content) - self._size) // self._size)
        directories, tables, start = struct.unpack_from("<3I", content, 40)
        mini_start, mini_tables, more = struct.unpack_from("<3I", content, 60)
        if max(directories, tables) > self._sectors or mini_tables > MAX_MINI_TABLE or mini_start >> 16 not in _HIGH:
            raise Refused(DAMAGED)
        self._table = self._sector_table(more)
        directory = self._chain(start)
        size = "<I" if version == 3 else "<Q"  # noqa: PLR2004 - the older version
        self.entries = [_entry(directory[at : at + 128], size) for at in range(0, len(directory) - 127, 128)]
        if not self.entries or (mini_tables and self.entries[0].size > len(content)):
            raise Refused(DAMAGED)
        self._mini = self._chain(self.entries[0].start) if mini_tables else b""
        raw = self._chain(mini_start) if mini_tables else b""
        self._mini_table = struct.unpack(f"<{len(raw) // 4}I", raw)

    def _sector(self, number: int) -> bytes:
        if number >= self._sectors:
            raise Refused(DAMAGED)
        return self._content[(number + 1) * self._size : (number + 2) * self._size]

    def _numbers(self, sector: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])

    def _sector_table(self, more: int) -> list[int]:
        """Join the sectors of the table that says which sector follows which."""
        places = list(struct.unpack_from("<109I", self._content, 76))
        for _ in range(self._sectors // 127 + 1):
            if more >= _SPECIAL:
                break
            numbers = self._numbers(self._sector(more))
            if not numbers:  # half a sector at the end of the file
                raise Refused(DAMAGED)
            *found, more = numbers
            places += found
        places = [place for place in places if place < _NO_PLACE]
        # Twice what a file of this size needs.
        if more < _SPECIAL or len(places) > self._sectors // 64 + 2:
            raise Refused(DAMAGED)
        return [number for place in places for number in self._numbers(self._sector(place))]

    def _chain(self, number: int) -> bytes:
        found: list[bytes] = []
        while number != _END:
            if number >= len(self._table) or len(found) > self._sectors:
                raise Refused(DAMAGED)
            found.append(self._sector(number))
            number = self._table[number]
        return b"".join(found)

    def _mini_chain(self, number: int) -> bytes:
        found: list[bytes] = []
        while number != _END:
            if number >= len(self._mini_table) or len(found) > len(self._mini_table):
                raise Refused(DAMAGED)
            found.append(self._mini[number * _MINI : (number + 1) * _MINI])
            number = self._mini_table[number]
        return b"".join(found)

    def names(self) -> set[str]:
        """Give the names at the top: what lies in embedded objects does not tell what the file is."""
        found: set[int] = set()
        waiting = [self.entries[0].child]
        while waiting:
            number = waiting.pop()
            if number != _NONE and number not in found:
                if number >= len(self.entries):
                    raise Refused(DAMAGED)
                found.add(number)
                waiting += [self.entries[number].left, self.entries[number].right]
        return {self.entries[number].name for number in found}

    def stream(self, name: str) -> bytes:
        """Give the bytes of the first stream of a name, the one that calamine takes."""
        entry = next(each for each in self.entries if each.name == name)
        if entry.size > len(self._content):
            raise Refused(DAMAGED)
        found = self._mini_chain(entry.start) if entry.size < _SMALL else self._chain(entry.start)
        if len(found) < entry.size:
            raise Refused(DAMAGED)
        return found[: entry.size] if entry.size else found


_HIGH = {0, 0xFFFF}
"""Upper half of a sector number in a file of 20 MB, or of a mark."""


def _entry(raw: bytes, size: str) -> _Entry:
    name = raw[:64].decode("utf-16-le", "replace").partition("\0")[0]
    left, right, child = struct.unpack_from("<3I", raw, 68)
    return _Entry(
        name, left, right, child, struct.unpack_from("<I", raw, 116)[0], struct.unpack_from(size, raw, 120)[0]
    )
