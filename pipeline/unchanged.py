"""Recognise a run that would give what the last one gave: then nothing is read, evaluated or written."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pipeline.guard import Refused, content
from pipeline.intake.inbox import list_inbox
from pipeline.output.cache import cache_key
from pipeline.output.files import swap_folder, write_file
from pipeline.output.publish import state_folder
from pipeline.output.sealed import DamagedError, seal, unseal, what_was_written
from pipeline.output.system_calls import read_regular
from schemas.file_names import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LAST = "last.json"


def fingerprint_inputs(inbox: Path, output: Path, asked: Iterable[object], others: Iterable[Path]) -> str:
    """Return a key of everything that the results of a run depend on.

    Args:
        inbox: the folder of the returns and of the bureau's lists: name, time and bytes of every file count.
        output: where the run writes.
        asked: what else it was asked.
        others: files outside the inbox that it reads.
    """
    files = [(each.name, each.path) for each in list_inbox(inbox, output)] + [(str(path), path) for path in others]
    return cache_key(str(output), list(asked), [(name, *_state(path)) for name, path in files])


def _state(path: Path) -> tuple[int, str]:
    try:
        return path.lstat().st_mtime_ns, hashlib.sha256(content(path)).hexdigest()
    except (OSError, Refused) as refusal:
        return 0, str(refusal)


def last_message(folder: Path, fingerprint: str) -> str | None:
    """Return the closing message of the last run; None unless its inputs are the same and its results all there.

    Where a run that came after it was interrupted, the next is to finish that.
    """
    if swap_folder(folder).exists():
        return None
    try:
        last = unseal(read_regular(state_folder(folder) / LAST))
    except (OSError, DamagedError):
        return None
    # Other results may have been put there since, and the inbox be again as it was then.
    same = last.get("of") == fingerprint and last.get("record") == _record_digest(folder)
    return str(last["message"]) if same and _intact(folder) else None


def remember(folder: Path, fingerprint: str, message: str) -> None:
    """Note the inputs and the closing message of a run."""
    content = {"of": fingerprint, "record": _record_digest(folder), "message": message}
    write_file(state_folder(folder) / LAST, seal(content))


def _record_digest(folder: Path) -> str:
    """Return the digest of ``run.json``, "" where there is none."""
    try:
        return hashlib.sha256(read_regular(folder / RECORD)).hexdigest()
    except OSError:
        return ""


def _intact(folder: Path) -> bool:
    """Tell whether every result is there with its bytes."""
    written = what_was_written(folder)
    return (
        written.whole and bool(written.digests) and all(written.proves(folder / name, name) for name in written.digests)
    )
