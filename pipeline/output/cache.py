"""What earlier runs have made, kept to be used again: each by what it was made from, and checked when it is taken out.

Kept beside the results and never in the inbox; to delete it is always safe. A wrong reuse is worse than a slow run: the
key of a thing names everything that it was made from, this program and its libraries first.
"""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import sqlite3
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = "kept.sqlite"
LIBRARIES = ("pandas", "pandera", "python-calamine", "xlsxwriter", "openpyxl")
"""What the results hang on beside the program itself."""
_TABLE = "CREATE TABLE IF NOT EXISTS kept (kind TEXT, key TEXT, digest BLOB, content BLOB, PRIMARY KEY (kind, key))"


@lru_cache(maxsize=1)
def program() -> str:
    """Give the digest of this program: every line of it, its policies, and the versions of what it is built on."""
    from importlib.metadata import version  # noqa: PLC0415 - readers, who bring this in, never ask

    versions = [platform.python_version(), *(version(name) for name in LIBRARIES)]
    digest = hashlib.sha256("\0".join(versions).encode())
    for folder in (Path(__file__).parent.parent, Path(str(schemas.__file__)).parent):
        for path in sorted(each for ending in ("py", "toml") for each in folder.rglob(f"*.{ending}")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def key(*ingredients: object) -> str:
    """Give the key of what is made from some things, and by this program."""
    return hashlib.sha256("\0".join([program(), *map(repr, ingredients)]).encode("utf-8", "surrogatepass")).hexdigest()


class Cache:
    """What is kept: contents by kind and key. A file that turns out to be damaged is thrown away, whenever it does."""

    def __init__(self, path: Path) -> None:
        """Open what is kept, with nothing used so far."""
        self._path = path
        self._used: set[tuple[str, str]] = set()
        self._connection = _opened(path)

    def take(self, kind: str, of: str) -> bytes | None:
        """Give what was kept; None where nothing was, or what there is was damaged."""
        try:
            asked = "SELECT digest, content FROM kept WHERE kind = ? AND key = ?"
            digest, content = self._connection.execute(asked, (kind, of)).fetchone() or (b"", b"")
        except sqlite3.DatabaseError:
            self._anew()
            return None
        if not isinstance(content, bytes) or digest != _digest(kind, of, content):
            return None
        self._used.add((kind, of))
        return content

    def put(self, kind: str, of: str, content: bytes) -> None:
        """Keep something."""
        line = (kind, of, _digest(kind, of, content), content)
        try:
            self._connection.execute(_PUT, line)
        except sqlite3.OperationalError:  # a full disk, and the like
            raise
        except sqlite3.DatabaseError:
            self._anew()
            self._connection.execute(_PUT, line)
        self._used.add((kind, of))

    def forget(self) -> None:
        """Forget what was neither kept nor taken out since the beginning: returns that are gone or have changed."""
        try:
            every = self._connection.execute("SELECT kind, key FROM kept").fetchall()
            gone = [each for each in every if tuple(each) not in self._used]
            self._connection.executemany("DELETE FROM kept WHERE kind = ? AND key = ?", gone)
        except sqlite3.DatabaseError:
            self._anew()

    def close(self) -> None:
        """Close the file; what cannot be written any more is made again by the next run."""
        with suppress(sqlite3.Error):
            self._connection.commit()
        self._connection.close()

    def _anew(self) -> None:
        self._connection.close()
        self._path.unlink(missing_ok=True)
        self._connection = _opened(self._path)


_ERRORS = {"FULL": errno.ENOSPC, "READONLY": errno.EROFS, "CANTOPEN": errno.EACCES, "BUSY": errno.EACCES}
"""What SQLite says, as the system says it; all else is an error of the disk."""
_PUT = "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)"


def _digest(kind: str, of: str, content: bytes) -> bytes:
    return hashlib.sha256(f"{kind}\0{of}\0".encode() + content).digest()


@contextmanager
def kept(folder: Path) -> Iterator[Cache]:
    """Open what is kept in a folder, which only this run uses.

    Raises:
        OSError: it cannot be written.
    """
    try:
        with closing(Cache(folder / FILE)) as found:
            yield found
    except sqlite3.Error as error:
        code = _ERRORS.get(getattr(error, "sqlite_errorname", "").removeprefix("SQLITE_"), errno.EIO)
        raise OSError(code, os.strerror(code), str(folder / FILE)) from error


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file; one that is no database, or a damaged one, is thrown away."""
    connection = sqlite3.connect(path)
    try:
        return _prepared(connection)
    except sqlite3.DatabaseError:
        connection.close()
        path.unlink(missing_ok=True)
        return _prepared(sqlite3.connect(path))


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    # Nobody else uses it, and after a crash it is only a slow run: no journal on disk, no waiting for it.
    for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = MEMORY", "synchronous = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(_TABLE)
    # Damage must show now: what is found in the middle of a run takes with it what this run has kept.
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError
    return connection
