"""What each system does in its own way: locks, folders on disk and exchanged, hard links, owners, memory, signals.

Windows lacks the exchange of two folders in one step, the sync of a folder, owners, limits of memory and blocked
signals: there two renames, nothing, and the limit of time stand in their place; on a disk without hard links, a copy.
How a file is opened without following a link is asked of the system in the guard, which does it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import signal
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE and AT_FDCWD of Linux
_UNKNOWN = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}
"""Errors of a file system that cannot exchange two folders at once."""


def lock(file: BinaryIO) -> None:
    """Lock an open file for this process, without waiting.

    Raises:
        OSError: another process holds the lock, or the disk knows no locks.
    """
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - on Windows only

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def open_regular(path: Path) -> BufferedReader:
    """Open a file for reading; a pipe or a device in its place is an error and is not waited for.

    Raises:
        OSError: it cannot be opened, or is no regular file.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "不是普通文件", str(path))
    return os.fdopen(handle, "rb")


def read_regular(path: Path) -> bytes:
    """Read a file as `open_regular` opens it."""
    with open_regular(path) as file:
        return file.read()


def sync_folder(folder: Path) -> None:
    """Write the entries of a folder onto the disk, where the system can."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def try_exchange(first: Path, second: Path) -> bool:
    """Exchange two folders in one step; tell whether the system can."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None or rename(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _EXCHANGE) == 0:
        return rename is not None
    code = ctypes.get_errno()
    if code in _UNKNOWN:
        return False
    raise OSError(code, os.strerror(code), str(second))


def link_or_copy(old: Path, new: Path) -> None:
    """Give a file another name; copy it where a file system has no links.

    Raises:
        OSError: it cannot be read, or is neither file nor link.
    """
    try:
        os.link(old, new, follow_symlinks=False)
    except (OSError, NotImplementedError):
        mode = old.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
            raise
        try:
            shutil.copy2(old, new, follow_symlinks=False)
        except OSError:
            new.unlink(missing_ok=True)
            raise


def give_owner(path: Path, status: os.stat_result) -> None:
    """Give a file or folder the owner and group of another, or its group alone, where the system can."""
    for owner in (status.st_uid, -1):
        with suppress(OSError, AttributeError):
            os.chown(path, owner, status.st_gid)
            break


def limit_memory(more: int) -> None:
    """Limit the address space of this process to what it holds now and so many bytes more, where the system can."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    with suppress(ValueError, OSError):  # no /proc, or a lower limit set by the system
        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123 - no file of anyone's
            held = int(stream.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (held + more, hard))


def block_interrupts() -> None:
    """Keep Ctrl-C from this thread and the processes that it starts, where the system can.

    The resource tracker, where it starts later, unblocks them.
    """
    if sys.platform == "win32":
        return
    from multiprocessing import resource_tracker  # noqa: PLC0415 - not on Windows

    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def takes_every_name() -> bool:
    """Tell whether files may have any name as Python writes it: under Windows names are always Unicode."""
    return sys.platform == "win32" or sys.getfilesystemencoding() == "utf-8"
