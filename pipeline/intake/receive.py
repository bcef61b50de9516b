"""Read the files of the inbox in worker processes, or take over what an earlier run kept."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import deque
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from pipeline.guard import Refused, content
from pipeline.output.cache import key
from pipeline.reading.read import lost, read_packed
from pipeline.reading.submission import LOST, Submission, unpacked
from pipeline.workers.isolated import each_apart
from pipeline.workers.pool import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pipeline.intake.inbox import InboxFile
    from pipeline.output.cache import Cache

CLOSED = "文件夹打不开，里面的文件都没有读取；请检查文件夹权限后重新运行"
GONE = "文件在评价开始后被移走或改名；请放回后重新运行"
_BRIEF, _WHOLE = "brief", "reading"


def _taken(path: Path) -> tuple[bytes, float]:
    """Read a file, and when it was last changed.

    Raises:
        Refused: it cannot be read, or is none.
    """
    try:
        status = path.lstat()
    except FileNotFoundError as error:
        raise Refused(GONE) from error
    except OSError as error:
        raise Refused(f"读不出文件（{error.strerror}）；请检查磁盘和权限后重新运行") from error
    if stat.S_ISDIR(status.st_mode):
        raise Refused(CLOSED)
    try:
        return content(path), status.st_mtime
    except Refused as refusal:
        raise (refusal if os.path.lexists(path) else Refused(GONE)) from refusal


def _read(sent: tuple[str, bytes], year: int) -> tuple[bytes, bytes]:
    """Read a file, in a worker; one that our own reading fails on costs only itself, like one that ends the worker."""
    try:
        return read_packed(sent, year)
    except Exception:  # noqa: BLE001 - whatever it is, the other files must be read
        return lost(sent)


class _File(NamedTuple):
    """A file that is being read."""

    name: str
    sha256: str
    modified: float


@dataclass(frozen=True, slots=True)
class ReceivedFiles:
    """What the files of an inbox hold: every one in brief, in the order of their names; wholes are fetched."""

    readings: list[Submission]
    paths: dict[str, Path]
    year: int
    _kept: Cache
    _who: WorkerPool

    def full(self, of: Submission) -> Submission:
        """Give what a file holds, as intake has named it: its department, and the findings on its names."""
        found = self._kept.take(_WHOLE, key(of.sha256, self.year))
        if found is None:  # damaged since it was read
            sent = [(of.source_file, content(self.paths[of.source_file]))]
            with self._who.one() as one:
                ((_, found),) = each_apart(partial(_read, year=self.year), sent, lost, one)
        reading = unpacked(found, of.source_file, of.modified)
        found_by_intake = [*reading.findings, *of.findings]
        return replace(reading, department=of.department, fiscal_year=of.fiscal_year, findings=found_by_intake)


def receive(
    files: Sequence[InboxFile], year: int, kept: Cache, who: WorkerPool, step: Callable[[], None] = lambda: None
) -> ReceivedFiles:
    """Read every return of an inbox, which is never changed.

    Args:
        files: what lies in the inbox and is no file that is passed over.
        year: the fiscal year evaluated, for headings that name years.
        kept: what earlier runs have read; what is read now is added.
        who: who reads.
        step: called after each file.
    """
    known: dict[str, Submission] = {}
    underway: deque[_File] = deque()

    def unread() -> Iterator[tuple[str, bytes]]:
        """Give the files that must be read; what is known of the others is noted."""
        for each in files:
            try:
                sent, modified = _taken(each.path)
            except Refused as refusal:
                known[each.name] = Submission(each.name, reason=str(refusal))
                step()
                continue
            file = _File(each.name, hashlib.sha256(sent).hexdigest(), modified)
            found = kept.take(_BRIEF, key(file.sha256, year))
            if found is None:
                underway.append(file)
                yield each.name, sent
            else:
                known[each.name] = unpacked(found, each.name, modified)
                step()

    for brief, whole in each_apart(partial(_read, year=year), unread(), lost, who):
        file = underway.popleft()
        if brief:
            known[file.name] = unpacked(brief, file.name, file.modified)
            kept.put(_BRIEF, key(file.sha256, year), brief)
            kept.put(_WHOLE, key(file.sha256, year), whole)
        else:  # not kept: another time there may be room for it
            known[file.name] = Submission(file.name, file.sha256, file.modified, LOST)
        step()
    return ReceivedFiles(
        [known[each.name] for each in files], {each.name: each.path for each in files}, year, kept, who
    )


def read_one(path: Path, year: int) -> Submission:
    """Read one file as a whole, in a process of its own."""
    name = path.as_posix()
    try:
        sent = content(path)
    except Refused as refusal:
        return Submission(name, reason=str(refusal))
    with WorkerPool(1) as one:
        ((_, whole),) = each_apart(partial(read_packed, year=year), [(name, sent)], lost, one)
    return unpacked(whole, name, path.stat().st_mtime) if whole else Submission(name, reason=LOST)
