"""Keep what lies among old results and is not proven to be one of them, when new results take their place.

People lay files of every kind there, fill in what a run wrote, and close folders to others. Only what is, to the byte,
what the record says the run wrote may be replaced.
"""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from pipeline.output.files import free_name, free_names
from pipeline.output.sealed import same_entry, what_was_written
from pipeline.output.system_calls import give_owner, link_or_copy
from schemas.file_names import RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_CANNOT = (OSError, NotImplementedError, RecursionError)
"""What a folder or file raises that cannot be taken over: closed, on a disk that is full, nested too deep."""


def link_others(old: Path, new: Path) -> list[str]:
    """Give what is not proven a result of the last run a second name among the new results, which are not in place yet.

    Modes, times and extended attributes stay, those of folders too. What cannot be taken over so (a folder closed to
    us) is left for `move_others`.

    Returns:
        The names below ``new`` of what could not keep its own: a changed result, or a file whose name a result takes.
    """
    keeping = _Keeping(old, new, link_or_copy)
    keeping.folder(old, new, "")
    return keeping.renamed


def move_others(old: Path, new: Path) -> list[str]:
    """Move what is not proven a result from old results that were replaced to the new ones, and remove the others.

    What is there already is only removed; of two versions of a file of the same name the newer one gets it. What
    cannot be moved stays where it is.

    Returns:
        As `link_others`.
    """
    new.mkdir(parents=True, exist_ok=True)
    keeping = _Keeping(old, new, _move)
    keeping.empty(old, new, "")
    return keeping.renamed


def holds_others(folder: Path) -> bool:
    """Tell whether anything in a folder of results, or a folder that cannot be opened, is not proven to be of them."""
    written, waiting = what_was_written(folder), [(folder, "")]
    while waiting:
        here, name = waiting.pop()
        try:
            below = list(_entries(here, name))
        except OSError:
            return True
        if any(not _is_folder(path) and not written.proves(path, each) for path, each in below):
            return True
        if not below and name and name not in written.folders():
            return True
        waiting += [each for each in below if _is_folder(each[0])]
    return False


class _Keeping:
    """What is known of both folders while files are taken over from the one to the other."""

    def __init__(self, old: Path, new: Path, take: Callable[[Path, Path], None]) -> None:
        self.renamed: list[str] = []
        self._old = what_was_written(old)
        self._results = {RECORD, *self._old.digests, *what_was_written(new).digests}
        self._folders = self._old.folders()
        self._new = new
        self._take = take

    def folder(self, old: Path, new: Path, name: str) -> None:
        """Take over what is in a folder, and how the folder looks; the old one stays as it is."""
        own = bool(name) and name not in self._folders
        new = self._free_folder(new) if own else new
        was_there = new.exists()
        try:
            if own:
                new.mkdir(exist_ok=True)
            for path, below in _entries(old, name):
                if _is_folder(path):
                    self.folder(path, new / path.name, below)
                elif not _is_taken_over(path, new / path.name) and not self._old.proves(path, below):
                    with suppress(*_CANNOT):
                        new.mkdir(parents=True, exist_ok=True)
                        self._keep(path, new / path.name, below)
            if new.exists():
                _copy_looks(old, new, times=own)
        except _CANNOT:
            if own and not was_there:
                with suppress(*_CANNOT):
                    remove_tree(new)

    def empty(self, old: Path, new: Path, name: str) -> None:
        """Move what is in a folder, and remove the folder."""
        with suppress(*_CANNOT):
            if name and name not in self._folders:
                new = self._free_folder(new)
                if not new.exists():
                    _move(old, new)
                    return
            for path, below in _entries(old, name):
                with suppress(*_CANNOT):
                    if below == RECORD and len(list(old.iterdir())) > 1:
                        continue  # by it the next run tells what of these is whose
                    if _is_folder(path):
                        self.empty(path, new / path.name, below)
                    elif _is_taken_over(path, new / path.name) or self._old.proves(path, below):
                        _unlink(path)
                    else:
                        new.mkdir(parents=True, exist_ok=True)
                        self._keep(path, new / path.name, below)
            _remove_folder(old)

    def _keep(self, path: Path, target: Path, name: str) -> None:
        """Take a file over under its own name where that is free, else under one that says that it is the older."""
        is_result = name in self._results
        if same_entry(path, target):
            return self._leave(path)
        newer = self._take is _move and not is_result and not _is_folder(target) and _is_newer(path, target)
        if newer:
            older = free_name(target)
            target.rename(older)
            self._told(older)
        for each in free_names(target) if is_result else chain([target], free_names(target)):
            if os.path.lexists(each):
                if not same_entry(path, each):
                    continue
                self._leave(path)
            else:
                self._take(path, each)
            if each != target:
                self._told(each)
            return None
        return None

    def _free_folder(self, folder: Path) -> Path:
        """Return the name for a folder: its own, unless a file has that."""
        free = next(
            each for each in chain([folder], free_names(folder)) if not os.path.lexists(each) or _is_folder(each)
        )
        if free != folder:
            self._told(free)
        return free

    def _leave(self, path: Path) -> None:
        """Do without a file that is there already."""
        if self._take is _move:
            _unlink(path)

    def _told(self, path: Path) -> None:
        self.renamed.append(path.relative_to(self._new).as_posix())


def _entries(folder: Path, name: str) -> Iterator[tuple[Path, str]]:
    """Give what is in a folder, and what it is called below the results: in the order of names, the record last.

    A record that is removed first, before a kill, would leave results of which nobody can tell whose they are.
    """
    for path in sorted(folder.iterdir(), key=lambda each: (each.name == RECORD, each.name)):
        yield path, f"{name}/{path.name}" if name else path.name


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _is_taken_over(path: Path, target: Path) -> bool:
    """Tell whether a file has a second name at its new place already, as results have that did not change."""
    try:
        return os.path.samestat(path.lstat(), target.lstat())
    except OSError:
        return False


def _is_newer(first: Path, second: Path) -> bool:
    return os.path.lexists(second) and first.lstat().st_mtime_ns > second.lstat().st_mtime_ns


def _copy_looks(old: Path, new: Path, *, times: bool) -> None:
    """Give a folder the owner, mode and extended attributes of another, as far as the system allows; its times too."""
    give_owner(new, old.stat())
    shutil.copystat(old, new)
    if not times:
        os.utime(new)


def _move(old: Path, new: Path) -> None:
    """Move a file or folder; one that we own needs no right to write for it."""
    try:
        old.rename(new)
    except PermissionError:
        mode = stat.S_IMODE(old.lstat().st_mode)
        old.parent.chmod(0o700)
        if not _is_folder(old):
            old.rename(new)
            return
        old.chmod(mode | stat.S_IRWXU)
        try:
            old.rename(new)
        finally:
            (new if new.exists() else old).chmod(mode)


def _unlink(path: Path) -> None:
    try:
        path.unlink()
    except PermissionError:
        path.parent.chmod(0o700)
        path.unlink()


def _remove_folder(folder: Path) -> None:
    try:
        folder.rmdir()
    except PermissionError:
        folder.parent.chmod(0o700)
        folder.rmdir()


def remove_tree(folder: Path) -> None:
    """Remove a folder with all that is in it, also where its owner may not write in it."""
    waiting, folders = [folder], []
    while waiting:
        here = waiting.pop()
        here.chmod(0o700)
        folders.append(here)
        for path in here.iterdir():
            if _is_folder(path):
                waiting.append(path)
            else:
                path.unlink()
    for each in reversed(folders):
        each.rmdir()
