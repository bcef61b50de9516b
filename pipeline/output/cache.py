"""Keep what a run has made for the next ones: in one file, by a key of everything it was made from.

The file lies beside the results and never in the inbox; to delete it is always safe. A wrong reuse is worse than a slow
run: every key covers this program and its libraries, and contents are checked against their digests.
"""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import shutil
import sqlite3
from contextlib import closing, contextmanager, suppress
from functools import lru_cache, wraps
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import schemas

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

_P = ParamSpec("_P")
_R = TypeVar("_R")
FILE = "kept.sqlite"
LIBRARIES = ("pandas", "pandera", "python-calamine", "xlsxwriter", "openpyxl")
"""Libraries that the results depend on beside the program itself."""
_SOURCE = (".py", ".toml")
_TABLE = "CREATE TABLE IF NOT EXISTS kept (kind TEXT, key TEXT, digest BLOB, content BLOB, PRIMARY KEY (kind, key))"


@lru_cache(maxsize=1)
def program_digest() -> str:
    """Return the digest of this program: its source, its policies, and the versions of its libraries."""
    versions = [platform.python_version(), *(version(name) for name in LIBRARIES)]
    digest = hashlib.sha256("\0".join(versions).encode())
    for folder in (Path(__file__).parent.parent, Path(str(schemas.__file__)).parent):
        files = (Path(at, name) for at, _, names in os.walk(folder) for name in names if name.endswith(_SOURCE))
        for path in sorted(files):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def cache_key(*ingredients: object) -> str:
    """Return the key of what this program makes from some ingredients."""
    text = "\0".join([program_digest(), *map(repr, ingredients)])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class LostError(Exception):
    """What this run has kept is not there any more: the file was damaged meanwhile."""


def again_if_lost(run: Callable[_P, _R]) -> Callable[_P, _R]:
    """Have a run begin anew, once, where what it had kept was lost: the damaged file is gone then."""

    @wraps(run)
    def run_again(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return run(*args, **kwargs)
        except LostError:
            return run(*args, **kwargs)

    return run_again


class Cache:
    """Contents by kind and key, in an SQLite file; a damaged file is thrown away whenever that shows."""

    def __init__(self, path: Path) -> None:
        """Open the file, with nothing used so far."""
        self._path = path
        self._used: set[tuple[str, str]] = set()
        self._connection = _open(path)

    def take(self, kind: str, key: str) -> bytes | None:
        """Return what was kept; None where nothing was, or it is damaged."""
        try:
            query = "SELECT digest, content FROM kept WHERE kind = ? AND key = ?"
            digest, content = self._connection.execute(query, (kind, key)).fetchone() or (b"", b"")
        except sqlite3.DatabaseError:
            self._restart()
            return None
        if not isinstance(content, bytes) or digest != _digest(kind, key, content):
            return None
        self._used.add((kind, key))
        return content

    def keys_with(self, kinds: Collection[str], keys: Iterable[str]) -> set[str]:
        """Return the keys under which contents of all these kinds were kept; such a content may be damaged.

        They count as used by this run.
        """
        try:
            there = set(self._connection.execute("SELECT kind, key FROM kept"))
        except sqlite3.DatabaseError:
            self._restart()
            return set()
        wanted = {key: {(kind, key) for kind in kinds} for key in keys}
        found = {key for key, contents in wanted.items() if contents <= there}
        self._used.update(*(wanted[key] for key in found))
        return found

    def take_again(self, kind: str, key: str) -> bytes:
        """Return what this run has put, or seen to be there.

        Raises:
            LostError: it is there no more.
        """
        content = self.take(kind, key)
        if content is None:
            raise LostError
        return content

    def put(self, kind: str, key: str, content: bytes) -> None:
        """Keep a content."""
        line = (kind, key, _digest(kind, key, content), content)
        try:
            self._connection.execute(_PUT, line)
        except sqlite3.OperationalError:  # a full disk, and the like
            raise
        except sqlite3.DatabaseError:
            self._restart()
            self._connection.execute(_PUT, line)
        self._used.add((kind, key))

    def forget(self) -> None:
        """Delete what was neither put nor taken since the file was opened: its returns are gone or changed."""
        try:
            every = self._connection.execute("SELECT kind, key FROM kept").fetchall()
            gone = [each for each in every if tuple(each) not in self._used]
            self._connection.executemany("DELETE FROM kept WHERE kind = ? AND key = ?", gone)
        except sqlite3.DatabaseError:
            self._restart()

    def close(self) -> None:
        """Close the file; the next run makes again what cannot be written any more."""
        with suppress(sqlite3.Error):
            self._connection.commit()
        self._connection.close()

    def _restart(self) -> None:
        """Throw the file away and begin a new one."""
        self._connection.close()
        _discard(self._path)
        self._connection = _open(self._path)


_ERRORS = {"FULL": errno.ENOSPC, "READONLY": errno.EROFS, "CANTOPEN": errno.EACCES, "BUSY": errno.EACCES}
"""Errors of the system for those of SQLite; all others are errors of the disk."""
_PUT = "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)"


def _digest(kind: str, key: str, content: bytes) -> bytes:
    return hashlib.sha256(f"{kind}\0{key}\0".encode() + content).digest()


@contextmanager
def open_cache(folder: Path) -> Iterator[Cache]:
    """Open the cache of a folder, which only this run uses.

    Raises:
        OSError: it cannot be written.
    """
    try:
        with closing(Cache(folder / FILE)) as cache:
            yield cache
    except LostError:
        _discard(folder / FILE)
        raise
    except sqlite3.Error as error:
        code = _ERRORS.get(getattr(error, "sqlite_errorname", "").removeprefix("SQLITE_"), errno.EIO)
        raise OSError(code, os.strerror(code), str(folder / FILE)) from error


def _open(path: Path) -> sqlite3.Connection:
    """Open the file; throw away one that is damaged or no database."""
    connection = sqlite3.connect(path)
    try:
        return _prepare(connection)
    except sqlite3.DatabaseError:
        connection.close()
        _discard(path)
        return _prepare(sqlite3.connect(path))


def _discard(path: Path) -> None:
    """Remove the file, or whatever has come to stand in its place."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _prepare(connection: sqlite3.Connection) -> sqlite3.Connection:
    # Nobody else uses it, and its loss only costs time: no journal on disk, no waiting for the disk.
    for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = MEMORY", "synchronous = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(_TABLE)
    # Damage must show now, that of the index too: found later it would cost what this run has kept until then.
    if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError
    return connection
