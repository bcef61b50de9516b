"""Read the files of the inbox in worker processes, or take over what an earlier run kept."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from pipeline.guard import LOST, TOO_LONG, Refused, content
from pipeline.output.cache import cache_key
from pipeline.reading.read import lost, read_packed
from pipeline.reading.submission import Submission, unpacked
from pipeline.workers.hand_out import AHEAD, map_isolated
from schemas.lists.own_files import LISTS, describe_list

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pipeline.intake.inbox import InboxFile
    from pipeline.output.cache import Cache
    from pipeline.workers.pool import WorkerPool
    from schemas.forms.answered import Answers

CLOSED = "文件夹打不开，里面的文件都没有读取；请检查文件夹权限后重新运行"
GONE = "文件在评价开始后被移走或改名；请放回后重新运行"
_BRIEF, _FULL = "brief", "reading"


def _content_and_time(path: Path) -> tuple[bytes, float]:
    """Read a file, and when it was last changed.

    Raises:
        Refused: it cannot be read, or is none.
    """
    try:
        status = path.lstat()
    except FileNotFoundError as error:
        raise Refused(GONE) from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise Refused(TOO_LONG) from error
        raise Refused(f"读不出文件（{error.strerror}）；请检查磁盘和权限后重新运行") from error
    if stat.S_ISDIR(status.st_mode):
        raise Refused(CLOSED)
    try:
        return content(path), status.st_mtime
    except Refused as refusal:
        raise (refusal if os.path.lexists(path) else Refused(GONE)) from refusal


def _read(sent: tuple[str, bytes], year: int, answers: Answers = ()) -> tuple[bytes, bytes]:
    """Read a file, in a worker; one that our own reading fails on costs only itself, like one that ends the worker."""
    try:
        return read_packed(sent, year, answers)
    except Exception:  # noqa: BLE001 - whatever it is, the other files must be read
        return lost(sent)


class _File(NamedTuple):
    """A file that is to be read."""

    name: str
    content: bytes
    sha256: str
    modified: float


@dataclass(frozen=True, slots=True)
class ReceivedFiles:
    """What the files of an inbox hold: every one in brief, in the order of their names; wholes are fetched."""

    readings: list[Submission]
    paths: dict[str, Path]
    year: int
    answers: Answers
    _kept: Cache
    _pool: WorkerPool

    def full(self, of: Submission) -> Submission:
        """Give what a file holds, as intake has named it: its department, and the findings on its names."""
        found = self._kept.take(_FULL, _key(of.sha256, self.year, self.answers))
        if found is None:  # damaged since it was read
            sent = [(of.source_file, content(self.paths[of.source_file]))]
            ((_, found),) = map_isolated(partial(_read, year=self.year, answers=self.answers), sent, lost, self._pool)
        reading = unpacked(found, of.source_file, of.modified)
        found_by_intake = [*reading.findings, *of.findings]
        return replace(reading, department=of.department, fiscal_year=of.fiscal_year, findings=found_by_intake)


def _key(sha256: str, year: int, answers: Answers) -> str:
    """Give the key of what was read of a content: it is another one when the bureau has answered otherwise."""
    return cache_key(sha256, year, answers)


def receive(
    files: Sequence[InboxFile],
    year: int,
    kept: Cache,
    pool: WorkerPool,
    step: Callable[[], None] = lambda: None,
    answers: Answers = (),
) -> ReceivedFiles:
    """Read every return of an inbox, which is never changed.

    Args:
        files: what lies in the inbox and is no file that is passed over.
        year: the fiscal year evaluated, for headings that name years.
        kept: what earlier runs have read; what is read now is added.
        pool: the workers that read.
        step: called after each file.
        answers: what the bureau has said of unknown texts.
    """
    submissions: dict[str, Submission] = {}
    at_a_time = 4 * AHEAD * pool.count
    for at in range(0, len(files), at_a_time):
        unread = []
        for each in files[at : at + at_a_time]:
            opened = _open(each, year, answers, kept)
            if isinstance(opened, _File):
                unread.append(opened)
            else:
                submissions[each.name] = opened
                step()
        sent = [(file.name, file.content) for file in unread]
        results = map_isolated(partial(_read, year=year, answers=answers), sent, lost, pool)
        for file, (brief, full) in zip(unread, results, strict=True):
            submissions[file.name] = _keep(file, brief, full, _key(file.sha256, year, answers), kept)
            step()
    paths = {each.name: each.path for each in files}
    return ReceivedFiles([submissions[each.name] for each in files], paths, year, answers, kept, pool)


def _open(file: InboxFile, year: int, answers: Answers, kept: Cache) -> _File | Submission:
    """Open a file; what an earlier run has read of it, or the reason why it cannot be opened, is its submission."""
    title = LISTS.get(file.path.name.lower())
    if title:  # one that lies in the inbox itself is passed over
        return Submission(file.name, reason=describe_list(title))
    try:
        sent, modified = _content_and_time(file.path)
    except Refused as refusal:
        return Submission(file.name, reason=str(refusal))
    sha256 = hashlib.sha256(sent).hexdigest()
    brief = kept.take(_BRIEF, _key(sha256, year, answers))
    return _File(file.name, sent, sha256, modified) if brief is None else unpacked(brief, file.name, modified)


def _keep(file: _File, brief: bytes, full: bytes, key: str, kept: Cache) -> Submission:
    """Keep what was read of a file; one that could not be read is tried again by the next run."""
    if not brief:
        return Submission(file.name, file.sha256, file.modified, LOST)
    kept.put(_BRIEF, key, brief)
    kept.put(_FULL, key, full)
    return unpacked(brief, file.name, file.modified)
