"""Publish the results of a run as a whole: write them apart, and then exchange them for those of the last run.

Whoever looks finds all of the old results or all of the new ones, whenever and however a run is interrupted. In the
swap folder beside the results, ``new`` is being written, ``ready`` is whole and waits for the exchange, after which it
holds the last results; where the system cannot exchange two folders, ``old`` is the last results moved aside.
"""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from pipeline.output.files import (
    OWN,
    WRITING,
    OpenedError,
    free_name,
    is_mark_of_open,
    swap_folder,
)
from pipeline.output.keep_others import holds_others, link_others, move_others, remove_tree
from pipeline.output.lock import lock_file
from pipeline.output.sealed import digest_of
from pipeline.output.system_calls import link_or_copy, sync_folder, try_exchange
from schemas.errors import MistakeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class LockedFolder(NamedTuple):
    """A folder of results that is this run's: where the program keeps its own files for it, and what was recovered.

    ``renamed`` is what an interrupted run had left of people's files, by the names under which they are kept.
    """

    state: Path
    renamed: list[str]


def results_folder(output: Path, year: int) -> Path:
    """Return the folder of a year's results below an output folder; the one that it leads to where it is a link.

    Raises:
        MistakeError: it is a link that leads to no folder.
    """
    folder = output.resolve() / str(year)
    if not folder.is_symlink():
        return folder
    if not folder.is_dir():
        raise MistakeError(
            f"{folder} 是一个链接，指向的 {folder.readlink()} 不是文件夹；请修好或移走这个链接后再运行。"
        )
    return folder.resolve()


def state_folder(folder: Path) -> Path:
    """Return the folder in which the program keeps its own files for the results in a folder."""
    return folder.parent / OWN / folder.name


@contextmanager
def exclusive_lock(folder: Path) -> Iterator[LockedFolder]:
    """Lock the results in a folder for this run, and finish what an interrupted one left.

    Raises:
        BusyError: another run holds the lock.
        MistakeError: the disk knows no locks.
    """
    state = state_folder(folder)
    state.mkdir(parents=True, exist_ok=True)
    with lock_file(state / "lock", folder):
        for each in state.glob(f"{WRITING}*"):
            each.unlink()
        yield LockedFolder(state, _recover(folder))


def _recover(folder: Path) -> list[str]:
    """Finish what a run has left in the swap folder, interrupted or not; give what of people's files was renamed.

    What was being written goes. Results that were moved aside and not replaced come back. What is not proven to be the
    program's among results that were replaced is taken over; what of it cannot be moved (a folder that is closed to us)
    stays in them, and they then stay as a whole, beside the new ones.
    """
    swap, renamed = swap_folder(folder), []
    if os.path.lexists(swap / "old") and not os.path.lexists(folder):
        (swap / "old").rename(folder)
    if (swap / "new").is_dir():
        remove_tree(swap / "new")
    for left in [*swap.glob("ready*"), *swap.glob("old")]:
        renamed += move_others(left, folder)
        if left.exists() and holds_others(left):
            beside = free_name(folder)
            left.rename(beside)
            renamed.append(f"../{beside.name}")
    if swap.is_dir():
        with suppress(OSError):
            swap.rmdir()
    return renamed


class StagedResults:
    """The results of a run before they are published.

    ``digests`` are the sha256 of each by its name. ``renamed``, complete when they are published, are the names of what
    is not proven to be a result of the last run and could not keep its own name: changed results, and files whose name
    a result takes; one that begins with ``../`` is the name beside the results.
    """

    def __init__(self, folder: Path) -> None:
        """Create the folder in which they are written."""
        self.digests: dict[str, str] = {}
        self.renamed: list[str] = []
        self._folder = folder
        self._made: set[Path] = set()  # the folders that are there
        self._new = swap_folder(folder) / "new"
        self._new.mkdir(parents=True)

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
            if path.is_symlink() or digest_of(path) != sha256:
                return False
            link_or_copy(path, self._prepare(name))
        except OSError:
            return False
        self.digests[name] = sha256
        return True

    def path(self, name: str) -> Path:
        """Return where a result lies until it is published."""
        return self._new / name

    def _prepare(self, name: str) -> Path:
        """Return the path of a result that is to be written, its folder made."""
        path = self.path(name)
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
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

    Whatever is not, to the byte, what the last run wrote stays too.

    Raises:
        OpenedError: a result of the last run is open in an office program.
        FileExistsError: a file has the name of the folder.
    """
    if os.path.lexists(folder) and not folder.is_dir():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))
    refuse_open(folder)
    results = StagedResults(folder)
    new = results.path("")
    try:
        yield results
        if folder.is_dir():
            results.renamed += link_others(folder, new)
        for each in [*_below(new), new]:
            if each.is_dir() and not each.is_symlink():
                sync_folder(each)
        _exchange(folder, new)
    finally:
        with suppress(OSError):  # the next run finishes what cannot be finished now
            results.renamed += [name for name in _recover(folder) if name not in results.renamed]


def refuse_open(folder: Path) -> None:
    """Refuse to replace results that somebody has open in an office program, and would save over the new ones.

    Raises:
        OpenedError: a workbook is open; the message names it.
    """
    opened = [each for each in _below(folder) if is_mark_of_open(each.name)]
    if opened:
        names = "、".join(sorted(str(each.relative_to(folder)) for each in opened)[:5])
        raise OpenedError(
            f"{folder} 里有工作簿正在 WPS 或 Excel 中打开（{names}）；请关闭后再运行。确实没有人打开的，删去这些文件。"
        )


def _below(folder: Path) -> Iterator[Path]:
    """Yield what is in a folder and those below it, as far as they can be opened; links are not followed."""
    waiting = [folder]
    while waiting:
        with suppress(OSError):
            for path in waiting.pop().iterdir():
                yield path
                if path.is_dir() and not path.is_symlink():
                    waiting.append(path)


def _exchange(folder: Path, new: Path) -> None:
    """Exchange the old results for the new ones: in one step where the system can, else in two."""
    if not folder.exists():
        new.rename(folder)
    else:
        ready = free_name(new.with_name("ready"))  # another one holds what an earlier run could not move
        new.rename(ready)
        if not try_exchange(ready, folder):
            folder.rename(new.with_name("old"))
            ready.rename(folder)
    with suppress(OSError):  # they are in place, and an error would say that they are not
        for each in (folder.parent, new.parent):
            sync_folder(each)


def _sync(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())
