"""Publish the results of a run as a whole: write them apart, and then exchange them for those of the last run.

Whoever looks finds all of the old results or all of the new ones, whenever and however a run is interrupted. One run at
a time has the folder: the lock is the system's, which releases it when the process ends.
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

from pipeline.output.files import (
    OWN,
    WRITING,
    OpenedError,
    free_name,
    is_mark_of_open,
    recorded_digests,
    recorded_names,
    sync_folder,
)
from schemas.errors import MistakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE and AT_FDCWD of Linux
_UNKNOWN = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}
"""Errors of a file system that cannot exchange two folders at once."""
_HELD = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
"""Errors of a system where another process holds a lock."""


class BusyError(Exception):
    """Another run has the folder; the message says so, in Chinese."""


def state_folder(folder: Path) -> Path:
    """Return the folder in which the program keeps its own files for the results in a folder."""
    return folder.parent / OWN / folder.name


@contextmanager
def exclusive_lock(folder: Path) -> Iterator[Path]:
    """Lock the results in a folder for this run and remove what an interrupted one left; give their `state_folder`.

    Raises:
        BusyError: another run holds the lock.
        MistakeError: the disk knows no locks.
    """
    state = state_folder(folder)
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("a+b") as lock:
        if not _try_lock(lock):
            raise BusyError(f"另一次评价正在写 {folder}；请等它结束后再运行。")
        _sweep(folder)
        yield state


def _try_lock(lock: BinaryIO) -> bool:
    """Take a lock unless another process holds it; tell whether it was taken."""
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
    """Remove what a run has left, interrupted or not: results it has replaced, or has not published.

    Results that it had moved aside and not replaced come back. What the bureau has put among the replaced ones while
    that went on is carried over.
    """
    new, old = _new(folder), _old(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)
    for each in state_folder(folder).glob(f"{WRITING}*"):
        each.unlink()
    for left in (new, old):
        written = recorded_names(left)
        if len(written) > 1:  # whole: of what has no record yet nobody could tell what is the bureau's
            _carry_over(left, folder, written | recorded_names(folder), os.replace)
        if left.is_symlink() or left.is_file():
            left.unlink()
        elif left.exists():
            shutil.rmtree(left)


def _new(folder: Path) -> Path:
    return state_folder(folder) / "new"


def _old(folder: Path) -> Path:
    return state_folder(folder) / "old"


class StagedResults:
    """The results of a run before they are published: ``digests`` are the sha256 of each by its name."""

    def __init__(self, folder: Path) -> None:
        """Create the folder in which they are written."""
        self.digests: dict[str, str] = {}
        self._reused: set[str] = set()
        self._folder = folder
        self._new = _new(folder)
        self._new.mkdir()

    def write(self, name: str, content: bytes) -> str:
        """Write a result onto the disk; return its sha256."""
        with self._prepare(name).open("xb") as stream:
            stream.write(content)
            _sync(stream)
        self.digests[name] = hashlib.sha256(content).hexdigest()
        return self.digests[name]

    def write_all(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write results by name, each before the next is made."""
        for name, content in files:
            self.write(name, content)

    @contextmanager
    def growing(self, name: str) -> Iterator[GrowingFile]:
        """Open a result that is written piece by piece."""
        with self._prepare(name).open("xb") as stream:
            file = GrowingFile(stream)
            yield file
            _sync(stream)
        self.digests[name] = file.digest.hexdigest()

    def reuse(self, name: str, sha256: str) -> bool:
        """Take a result of the last run over as it is; tell whether it was still there, with those bytes."""
        path = self._folder / name
        try:
            if path.is_symlink() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                return False
            _link_or_copy(path, self._prepare(name))
        except OSError:
            return False
        self._reused.add(name)
        self.digests[name] = sha256
        return True

    def keep_changed(self) -> list[str]:
        """Keep what somebody has changed among the last results, under other names; return these.

        A list of decisions that was filled in where it was written would otherwise be lost with the results.
        """
        names = []
        for name, sha256 in recorded_digests(self._folder).items():
            path = self._folder / name
            if name in self._reused or path.is_symlink() or not path.is_file():
                continue
            if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                name_kept = free_name(path).relative_to(self._folder).as_posix()
                _link_or_copy(path, self._prepare(name_kept))
                names.append(name_kept)
        return names

    def path(self, name: str) -> Path:
        """Return where a result lies until it is published."""
        return self._new / name

    def _prepare(self, name: str) -> Path:
        """Return the path of a result that is to be written, its folder made."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # reused, and then made again after all
        return path


class GrowingFile:
    """A file that is written piece by piece."""

    def __init__(self, stream: BinaryIO) -> None:
        """Begin with an empty file."""
        self.digest = hashlib.sha256()
        self._stream = stream

    def add(self, content: bytes) -> None:
        """Append to the file."""
        self.digest.update(content)
        self._stream.write(content)


@contextmanager
def publish_results(folder: Path) -> Iterator[StagedResults]:
    """Publish the results that are written inside, in the place of the last run's; after an error those stay.

    What the bureau has put beside the results of the last run stays.

    Raises:
        OpenedError: a result of the last run is open in an office program.
    """
    refuse_open(folder)
    results = StagedResults(folder)
    try:
        yield results
        _carry_over(folder, _new(folder), recorded_names(folder) | recorded_names(_new(folder)), _link_or_copy)
        for each in [path for path in _new(folder).rglob("*") if path.is_dir()] + [_new(folder)]:
            sync_folder(each)
        _exchange(folder)
    finally:
        with suppress(OSError):  # the next run removes what cannot be removed now
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


def _carry_over(old: Path, new: Path, written: set[str], take: Callable[[Path, Path], object]) -> None:
    """Carry over what lies among the old results and is none of them, nor of the new ones; of two the newer."""
    for path in sorted(old.rglob("*")) if old.is_dir() else []:
        name = path.relative_to(old)
        if name.as_posix() in written or (path.is_dir() and not path.is_symlink()):
            continue
        there = new / name
        if not os.path.lexists(there) or path.lstat().st_mtime_ns > there.lstat().st_mtime_ns:
            there.parent.mkdir(parents=True, exist_ok=True)
            take(path, there)


def _link_or_copy(old: Path, new: Path) -> None:
    """Give a file another name; copy it where a file system has no links."""
    try:
        os.link(old, new, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(old, new, follow_symlinks=False)


def _exchange(folder: Path) -> None:
    """Exchange the old results for the new ones: in one step where the system can, else in two."""
    new, old = _new(folder), _old(folder)
    if not folder.exists():
        new.rename(folder)
    elif not _try_exchange(new, folder):
        folder.rename(old)
        new.rename(folder)
    with suppress(OSError):  # they are in place, and an error would say that they are not
        for each in (folder.parent, state_folder(folder)):
            sync_folder(each)


def _try_exchange(first: Path, second: Path) -> bool:
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


def _sync(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())
