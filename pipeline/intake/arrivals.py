"""Compare the inbox with what the last run read, and wait until new files are completely copied."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pipeline.guard import Refused, content
from pipeline.intake.inbox import bureau_lists, list_inbox, passed_over
from pipeline.output.read_back import record
from pipeline.output.safe_text import one_line
from schemas.file_names import RECORD
from schemas.lists.own_files import LISTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Snapshot = dict[str, tuple[int, int]]
"""What stands in the inbox: size and time of change (ns) of each file that a run reads, by its name below it."""

NOTHING: Snapshot = {}
QUIET = 1.0
"""Seconds for which nothing may change before a file is taken to have come whole."""
FEW = 20
"""Up to so many workbooks are read to see whether they are complete; of more, the wait is shorter."""
MOST_UNPACKED = 50 * 2**20
"""Bytes up to which a workbook is unpacked to be sure of it."""
PATIENCE = 10.0
"""Seconds that a workbook which does not open is waited for: after that it is damaged, and the run says so."""
_PACKED = (".xlsx", ".xlsm")
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Since:
    """How the inbox differs from what the last run read; names below the inbox, in order."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Tell of it, in Chinese; "" where nothing differs."""
        parts = (("新到", self.new), ("改动", self.changed), ("移走", self.gone))
        return "；".join(f"{word} {len(names)} 个（{_named(names)}）" for word, names in parts if names)


def compare_with_last_run(folder: Path, inbox: Path, output: Path, lists: Path | None = None) -> Since:
    """Hold the inbox against the record of the last run.

    Returns are told apart by their bytes. The bureau's own lists, whose bytes the record does not know, have changed
    where they are newer than the record.

    Args:
        folder: the year's folder of the results.
        inbox: the folder of the returns.
        output: where results are written, no part of the inbox.
        lists: the folder of the bureau's lists, where that is not the inbox.

    Raises:
        NoResultsError: there is no record.
    """
    read = record(folder).inputs
    recorded = (folder / RECORD).stat().st_mtime_ns
    here = {name: path for name, path in _files(inbox, output) if lists is None or not passed_over(PurePosixPath(name))}
    changed = [name for name, path in here.items() if name in read and _differs(path, read[name], recorded)]
    if lists is not None:
        changed += [path.name for path in bureau_lists(lists) if _differs(path, "", recorded)]
    gone = (name for name in read if name not in here and not passed_over(PurePosixPath(name)))
    return Since(tuple(name for name in here if name not in read), tuple(changed), tuple(gone))


def take_snapshot(inbox: Path, output: Path) -> Snapshot:
    """Look at the inbox: every file that a run reads, without what office programs leave while they work."""
    found = {}
    for name, path in _files(inbox, output):
        try:
            status = path.stat()
        except OSError:  # gone while we looked
            continue
        found[name] = (status.st_size, status.st_mtime_ns)
    return found


def take_snapshot_of_lists(lists: Path | None) -> Snapshot:
    """Look at the bureau's lists where they lie in a folder of their own."""
    try:
        found = [(str(path), path.stat()) for path in bureau_lists(lists)] if lists else []
    except OSError:  # away for a moment
        return {}
    return {name: (status.st_size, status.st_mtime_ns) for name, status in found}


def wait_until_settled(inbox: Path, output: Path, pause: Callable[[float], None], seen: Snapshot = NOTHING) -> Snapshot:
    """Wait until whatever has come, changed or gone since it was seen last is complete; give what then stands there.

    A few workbooks all of whose parts match their checksums are complete at once. Else nothing may change for a while,
    and every workbook must open, or will not.
    """
    before, waited = take_snapshot(inbox, output), 0.0
    while True:
        arrived = [path for name, path in _files(inbox, output) if name in before and before[name] != seen.get(name)]
        at_once = len(arrived) <= FEW and seen.keys() <= before.keys() and all(map(_is_complete, arrived))
        if at_once or waited >= PATIENCE or (waited and all(map(_opens, arrived))):
            return before
        pause(QUIET)
        now = take_snapshot(inbox, output)
        before, waited = now, waited + QUIET if now == before else 0.0


def is_read(path: Path) -> bool:
    """Tell whether a run reads a file: a return, or a list of the bureau's."""
    return not passed_over(path) or path.name.lower() in LISTS


def _files(inbox: Path, output: Path) -> Iterator[tuple[str, Path]]:
    return ((each.name, each.path) for each in list_inbox(inbox, output) if is_read(each.path))


def _differs(path: Path, sha256: str, recorded: int) -> bool:
    if path.name.lower() in LISTS:
        return path.stat().st_mtime_ns > recorded
    try:
        return hashlib.sha256(content(path)).hexdigest() != sha256
    except Refused:
        return sha256 != ""


def _opens(path: Path) -> bool:
    """Tell whether a workbook opens: a half-copied one has no table of contents yet."""
    return path.suffix.lower() not in _PACKED or _is_archive(path, lambda _: True)


def _is_complete(path: Path) -> bool:
    """Tell whether every part of a workbook matches its checksum; a large one, and what is no workbook, may not be."""
    return path.suffix.lower() in _PACKED and _is_archive(path, _parts_match)


def _is_archive(path: Path, holds: Callable[[zipfile.ZipFile], bool]) -> bool:
    """Tell whether a file is an archive of which something holds; what the guard does not open will not change."""
    try:
        sent = content(path)
    except Refused:
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(sent)) as archive:
            return holds(archive)
    except Exception:  # noqa: BLE001 - whatever its bytes are, it is not complete
        return False


def _parts_match(archive: zipfile.ZipFile) -> bool:
    return sum(part.file_size for part in archive.infolist()) <= MOST_UNPACKED and archive.testzip() is None


def _named(names: tuple[str, ...]) -> str:
    return "、".join(map(one_line, names[:_NAMED])) + ("等" if len(names) > _NAMED else "")
