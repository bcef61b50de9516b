"""The results of a run, put in place as a whole: written apart, and then exchanged for those of the last run.

Whoever looks finds all of the old results or all of the new ones, whenever a run is interrupted and however. A run has
the folder to itself: the lock is the system's, and goes with the process that holds it.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from pipeline.intake.inbox import OWN
from pipeline.output.files import WRITING, OpenedError, aside, earlier, is_mark_of_open, onto_disk, recorded
from schemas.errors import MistakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE and AT_FDCWD of Linux
_UNKNOWN = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}
"""What a file system says that cannot exchange two folders at once."""
_HELD = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
"""What a system says of a lock that somebody else has."""


class BusyError(Exception):
    """Another run has the folder; the message says so, in Chinese."""


def home(folder: Path) -> Path:
    """Give the folder in which the program keeps what it needs for the results in a folder."""
    return folder.parent / OWN / folder.name


@contextmanager
def alone(folder: Path) -> Iterator[Path]:
    """Have the results in a folder to oneself, what an interrupted run left there swept; give their `home`.

    Raises:
        BusyError: another run has them.
        MistakeError: whether another run has them cannot be told.
    """
    own = home(folder)
    own.mkdir(parents=True, exist_ok=True)
    with (own / "lock").open("a+b") as lock:
        if not _locked(lock):
            raise BusyError(f"另一次评价正在写 {folder}；请等它结束后再运行。")
        _sweep(folder)
        yield own


def _locked(lock: BinaryIO) -> bool:
    """Take a lock; it is the system that lets go of it when the process ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - on Windows only

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - not on Windows

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise MistakeError(
            f"{lock.name} 所在的磁盘或网络共享不支持文件锁，不能保证同时只有一次评价；请把结果写到本机的文件夹。"
        ) from error
    return True


def _sweep(folder: Path) -> None:
    """Take away what a run has left, interrupted or not: results it has replaced, or has not come to put in place.

    Results that it had moved aside and not replaced come back. What the bureau has laid among those it has replaced
    while that went on comes along.
    """
    new, old = _new(folder), _old(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)
    for each in home(folder).glob(f"{WRITING}*"):
        each.unlink()
    for left in (new, old):
        written = earlier(left)
        if len(written) > 1:  # whole: of what has no record yet nobody could tell what is the bureau's
            _carry(left, folder, written | earlier(folder), os.replace)
        if left.is_symlink() or left.is_file():
            left.unlink()
        elif left.exists():
            shutil.rmtree(left)


def _new(folder: Path) -> Path:
    return home(folder) / "new"


def _old(folder: Path) -> Path:
    return home(folder) / "old"


class Staged:
    """The results of a run while they are written: ``digests`` are the sha256 of each by its name."""

    def __init__(self, folder: Path) -> None:
        """Begin with none."""
        self.digests: dict[str, str] = {}
        self._taken_over: set[str] = set()
        self._folder = folder
        self._new = _new(folder)
        self._new.mkdir()

    def put(self, name: str, content: bytes) -> str:
        """Write a result, as a whole and onto the disk; give its sha256."""
        with self._made(name).open("xb") as stream:
            stream.write(content)
            _written(stream)
        return self._noted(name, hashlib.sha256(content).hexdigest())

    @contextmanager
    def growing(self, name: str) -> Iterator[Growing]:
        """Write a result bit by bit."""
        with self._made(name).open("xb") as stream:
            grown = Growing(stream)
            yield grown
            _written(stream)
        self._noted(name, grown.digest.hexdigest())

    def keep(self, name: str, sha256: str) -> bool:
        """Take a result of the last run over as it is; tell whether it is still there, with those bytes."""
        path = self._folder / name
        try:
            if path.is_symlink() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                return False
            _linked(path, self._made(name))
        except OSError:
            return False
        self._taken_over.add(name)
        self._noted(name, sha256)
        return True

    def changed(self) -> list[str]:
        """Keep what somebody has changed among the last results under other names; give these.

        A list of decisions that was filled in where it was written would be lost with the results else.
        """
        found = []
        for name, sha256 in recorded(self._folder).items():
            path = self._folder / name
            if name in self._taken_over or path.is_symlink() or not path.is_file():
                continue
            if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                kept = aside(path).relative_to(self._folder).as_posix()
                _linked(path, self._made(kept))
                found.append(kept)
        return found

    def path(self, name: str) -> Path:
        """Give where a result that has been written lies for now."""
        return self._new / name

    def _made(self, name: str) -> Path:
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # taken over, and then made anew after all
        return path

    def _noted(self, name: str, sha256: str) -> str:
        self.digests[name] = sha256
        return sha256


class Growing:
    """A file that is written bit by bit."""

    def __init__(self, stream: BinaryIO) -> None:
        """Begin with an empty one."""
        self.digest = hashlib.sha256()
        self._stream = stream

    def add(self, content: bytes) -> None:
        """Write on."""
        self.digest.update(content)
        self._stream.write(content)


@contextmanager
def staged(folder: Path) -> Iterator[Staged]:
    """Write results apart, and put them in the place of the last run's once all is written; else leave those.

    What the bureau has laid beside the results of the last run stays.
    """
    refuse_open(folder)
    made = Staged(folder)
    try:
        yield made
        _carry(folder, _new(folder), earlier(folder) | earlier(_new(folder)), _linked)
        for each in [path for path in _new(folder).rglob("*") if path.is_dir()] + [_new(folder)]:
            onto_disk(each)
        _exchange(folder)
    finally:
        with suppress(OSError):  # what cannot be taken away now is swept by the next run
            _sweep(folder)


def refuse_open(folder: Path) -> None:
    """Refuse to replace results that somebody has open in an office program, and would save over the new ones.

    Raises:
        OpenedError: a workbook is open; the message names it.
    """
    opened = [each for each in folder.rglob("*") if is_mark_of_open(each.name)] if folder.is_dir() else []
    if opened:
        names = "、".join(sorted(str(each.relative_to(folder)) for each in opened)[:5])
        raise OpenedError(
            f"{folder} 里有工作簿正在 WPS 或 Excel 中打开（{names}）；请关闭后再运行。确实没有人打开的，删去这些文件。"
        )


def _carry(old: Path, new: Path, written: set[str], take: Callable[[Path, Path], object]) -> None:
    """Take over what lies among the old results and is none of them, nor of the new ones; the newer of two."""
    for path in sorted(old.rglob("*")) if old.is_dir() else []:
        name = path.relative_to(old)
        if name.as_posix() in written or (path.is_dir() and not path.is_symlink()):
            continue
        there = new / name
        if not os.path.lexists(there) or path.lstat().st_mtime_ns > there.lstat().st_mtime_ns:
            there.parent.mkdir(parents=True, exist_ok=True)
            take(path, there)


def _linked(old: Path, new: Path) -> None:
    """Give a file another name; a copy of it where the file system knows one name a file."""
    try:
        os.link(old, new, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(old, new, follow_symlinks=False)


def _exchange(folder: Path) -> None:
    """Put the new results in the place of the old ones: in one step where the system can, else in two."""
    new, old = _new(folder), _old(folder)
    if not folder.exists():
        new.rename(folder)
    elif not _exchanged(new, folder):
        folder.rename(old)
        new.rename(folder)
    with suppress(OSError):  # they are in place: whoever is told that they are not would be told wrong
        for each in (folder.parent, home(folder)):
            onto_disk(each)


def _exchanged(first: Path, second: Path) -> bool:
    """Exchange two folders in one step; tell whether the system can."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None or rename(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _EXCHANGE) == 0:
        return rename is not None
    code = ctypes.get_errno()
    if code in _UNKNOWN:
        return False
    raise OSError(code, os.strerror(code), str(second))


def _written(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())
