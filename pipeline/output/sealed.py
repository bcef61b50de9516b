"""Seal a record with a digest of itself, and tell by the digests in a record what a run wrote."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.output.files import BOM, to_json
from pipeline.output.system_calls import open_regular, read_regular
from schemas.file_names import RECORD

SEAL = "sha256"
"""The last field of a sealed record: the digest of the record without it."""


class DamagedError(ValueError):
    """A record that is not as it was written."""


_END = b"\n}\n"
"""How a dictionary ends that `to_json` has written."""


def seal(content: dict[str, Any]) -> bytes:
    """Write a dictionary, which must not be empty, as JSON, with the digest of these bytes as its last field."""
    return _sealed(to_json(content))


def _sealed(written: bytes) -> bytes:
    """Add the digest of a dictionary's JSON to it."""
    return written.removesuffix(_END) + f',\n  "{SEAL}": "{hashlib.sha256(written).hexdigest()}"'.encode() + _END


def unseal(content: bytes) -> dict[str, Any]:
    """Read a sealed record.

    Raises:
        DamagedError: it is no record, or a byte of it is not as it was written.
    """
    found = _as_dictionary(content)
    before, _, _ = content.rpartition(b",")
    if SEAL not in found or _sealed(before + _END) != content:
        raise DamagedError
    return found


def _as_dictionary(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DamagedError from error
    if not isinstance(found, dict):
        raise DamagedError
    return found


class Written(NamedTuple):
    """What ``run.json`` of a folder says was written there.

    Attributes:
        digests: the sha256 of each result by its name.
        whole: whether the record itself is as it was written; one without a seal, of an earlier version of the program,
            is taken to be.
    """

    digests: dict[str, str]
    whole: bool

    def proves(self, path: Path, name: str) -> bool:
        """Tell whether a file is, to the byte, the result of that name that the run wrote."""
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                return False
            return self.whole if name == RECORD else digest_of(path) == self.digests.get(name)
        except OSError:
            return False

    def folders(self) -> set[str]:
        """Return the names of the folders in which results were written."""
        nearest = {name.rpartition("/")[0] for name in self.digests}
        return {each.as_posix() for name in nearest for each in (Path(name), *Path(name).parents)} - {"."}


def what_was_written(folder: Path) -> Written:
    """Read what the record of a folder says was written there; nothing where there is none that can be read."""
    try:
        return _what_was_written(read_regular(folder / RECORD))
    except OSError:
        return Written({}, whole=False)


@lru_cache(maxsize=4)
def _what_was_written(content: bytes) -> Written:
    try:
        found = _as_dictionary(content)
        digests = {str(name): str(sha256) for name, sha256 in found["outputs"].items()}
    except (DamagedError, KeyError, AttributeError):
        return Written({}, whole=False)
    return Written(digests, is_whole(content))


def is_whole(content: bytes) -> bool:
    """Tell whether a record is as it was written, as far as it is sealed: earlier versions of the program did not."""
    try:
        found = _as_dictionary(content)
    except DamagedError:
        return False
    if SEAL not in found:
        return not content.startswith(BOM)  # an editor has saved it
    try:
        return bool(unseal(content))
    except DamagedError:
        return False


def digest_of(path: Path) -> str:
    """Return the sha256 of a file."""
    with open_regular(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def same_entry(first: Path, second: Path) -> bool:
    """Tell whether two names stand for the same file, or for files or links with the same content."""
    try:
        one, other = first.lstat(), second.lstat()
        if os.path.samestat(one, other):
            return True
        if stat.S_ISLNK(one.st_mode) and stat.S_ISLNK(other.st_mode):
            return first.readlink() == second.readlink()
        both = stat.S_ISREG(one.st_mode) and stat.S_ISREG(other.st_mode) and one.st_size == other.st_size
        return both and digest_of(first) == digest_of(second)
    except OSError:
        return False
