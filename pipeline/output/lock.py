"""Lock the results in a folder: one run at a time. The system releases the lock when the process ends."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from pipeline.output import system_calls
from schemas.errors import MistakeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HELD = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
"""Errors of a system where another process holds a lock."""


class BusyError(Exception):
    """Another run has the folder; the message says so, in Chinese."""


@contextmanager
def lock_file(path: Path, folder: Path) -> Iterator[None]:
    """Hold the lock of a file, by which the results in a folder are this run's.

    Raises:
        BusyError: another run holds the lock.
        MistakeError: the disk knows no locks.
    """
    with path.open("a+b") as lock:
        if not _try_lock(lock):
            raise BusyError(f"另一次评价正在写 {folder}；请等它结束后再运行。")
        yield


def _try_lock(lock: BinaryIO) -> bool:
    """Take a lock unless another process holds it; tell whether it was taken."""
    try:
        system_calls.lock(lock)
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise MistakeError(
            f"{lock.name} 所在的磁盘或网络共享不支持文件锁，不能保证同时只有一次评价；请把结果写到本机的文件夹。"
        ) from error
    return True
