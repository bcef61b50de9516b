"""What systems do each in their own way, and what is done where Windows lacks it: its calls are replaced here."""

from __future__ import annotations

import errno
import os
import re
import signal
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pipeline.output import publish, system_calls
from pipeline.output.lock import BusyError, lock_file
from pipeline.output.sealed import seal
from schemas.errors import MistakeError

ASKING = re.compile(r"sys\.platform|os\.name\b|platform\.system|fcntl|msvcrt|import resource|os\.(link|chown|fork)\b")
"""Words by which a module asks which system it runs on, or calls what not every system has."""


class Locks(ModuleType):
    """The locks of Windows, as its Python has them."""

    LK_NBLCK = 2

    def __init__(self) -> None:
        """Begin with no lock."""
        super().__init__("msvcrt")
        self.held: set[int] = set()
        self.error = errno.EACCES

    def locking(self, number: int, mode: int, size: int) -> None:
        """Lock the beginning of a file, which is refused where it is locked."""
        assert (mode, size) == (self.LK_NBLCK, 1)
        inode = os.fstat(number).st_ino
        if inode in self.held:
            raise OSError(self.error, "locked")
        self.held.add(inode)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Locks:
    """Let the program take this system for Windows; its locks are returned."""
    locks = Locks()
    monkeypatch.setitem(sys.modules, "msvcrt", locks)
    monkeypatch.setattr(system_calls.sys, "platform", "win32")  # type: ignore[attr-defined]
    return locks


def test_windows_locks_the_beginning_of_a_file(windows: Locks, tmp_path: Path) -> None:
    """Of two runs at once the second says so there, too; a disk without locks is told as such."""
    with lock_file(tmp_path / "lock", tmp_path):
        assert len(windows.held) == 1
        with pytest.raises(BusyError, match="另一次评价正在写"), lock_file(tmp_path / "lock", tmp_path):
            pass
        windows.error = errno.ENOSYS
        with pytest.raises(MistakeError, match="不支持文件锁"), lock_file(tmp_path / "lock", tmp_path):
            pass


def test_windows_places_results_by_two_renames(windows: Locks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where folders are neither exchanged nor synced results are published whole, and what people laid there stays."""
    monkeypatch.setattr(os, "fsync", _only_files)
    folder = tmp_path / "2021"
    for text in (b"first", b"second"):
        with publish.exclusive_lock(folder), publish.publish_results(folder) as results:
            results.write("a.txt", text)
        windows.held.clear()  # as the system does when a file is closed
        if text == b"first":
            (folder / "mine.txt").write_text("x", encoding="utf-8")
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "a（旧1）.txt", "mine.txt"]
    assert (folder / "a.txt").read_bytes() == b"second"
    assert not (tmp_path / ".2021-swap").exists()


@pytest.mark.parametrize("error", [OSError(errno.EPERM, "no links"), NotImplementedError("link")], ids=repr)
def test_without_hard_links_and_owners_files_are_copied(
    windows: Locks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """On a disk without hard links, and a system without owners, files that stay are copied, with their times."""

    def refuse(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.delattr(os, "chown")
    folder = tmp_path / "2021"
    own = folder / "我的" / "意见.txt"
    digest = ""
    for number in range(2):
        with publish.exclusive_lock(folder), publish.publish_results(folder) as results:
            if number:
                assert results.reuse("a.txt", digest)
            else:
                digest = results.write("a.txt", b"first")
            results.write("run.json", seal({"outputs": dict(results.digests)}))
        windows.held.clear()
        if not number:
            own.parent.mkdir()
            own.write_text("已阅", encoding="utf-8")
            os.utime(own, (1_600_000_000, 1_600_000_000))
    assert (own.read_text(encoding="utf-8"), own.stat().st_mtime) == ("已阅", 1_600_000_000)
    assert (folder / "a.txt").read_bytes() == b"first"
    assert {path.name for path in folder.iterdir()} == {"a.txt", "run.json", "我的"}


def _only_files(number: int) -> None:
    """Sync nothing; Windows cannot open a folder to sync it."""
    assert not os.path.isdir(f"/proc/self/fd/{number}")  # noqa: PTH112 - a handle has no path of its own


@pytest.mark.usefixtures("windows")
def test_what_windows_lacks_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Limits of memory and blocked signals are not asked for there, and names need no other mode of Python."""

    def refuse(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(signal, "pthread_sigmask", refuse)
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "gbk")
    system_calls.limit_memory(1)
    system_calls.block_interrupts()
    assert system_calls.takes_every_name()
    assert not system_calls.try_exchange(tmp_path, tmp_path)


def test_only_one_module_asks_which_system_it_is() -> None:
    """What differs between systems stands in one module."""
    root = system_calls.__file__.rpartition("/pipeline/")[0]
    asking = [
        f"{folder}/{name}"
        for package in ("pipeline", "schemas")
        for folder, _, names in os.walk(f"{root}/{package}")
        for name in names
        if name.endswith(".py") and ASKING.search(Path(folder, name).read_text(encoding="utf-8"))
    ]
    assert asking == [system_calls.__file__]
