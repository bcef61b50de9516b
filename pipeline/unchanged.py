"""Recognise a run that would give what the last one gave, and how many returns are new to one that would not."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

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


class Fingerprint(NamedTuple):
    """Everything that the results of a run depend on, in brief.

    Attributes:
        returns: the key of each return by its name.
        others: the key of all else: the program, what it was asked, the bureau's lists.
    """

    returns: dict[str, str]
    others: str


def fingerprint_inputs(inbox: Path, output: Path, asked: Iterable[object], others: Iterable[Path]) -> Fingerprint:
    """Give the fingerprint of what a run depends on.

    Args:
        inbox: the folder of the returns and of the bureau's lists: name, time and bytes of every file count.
        output: where the run writes.
        asked: what else it was asked.
        others: files outside the inbox that it reads.
    """
    files = list_inbox(inbox, output)
    returns = {each.name: _state(each.path) for each in files if not each.passed_over}
    lists = [(each.name, _state(each.path)) for each in files if each.passed_over]
    beside = [(str(path), _state(path)) for path in others]
    return Fingerprint(returns, cache_key(str(output), list(asked), lists, beside))


def _state(path: Path) -> str:
    """Give the time and the digest of a file, or why it cannot be read."""
    try:
        return f"{path.lstat().st_mtime_ns} {hashlib.sha256(content(path)).hexdigest()}"
    except (OSError, Refused) as refusal:
        return str(refusal)


def last_message(folder: Path, fingerprint: Fingerprint) -> str | None:
    """Return the closing message of the last run; None unless its inputs are the same and its results all there.

    Where a run that came after it was interrupted, the next is to finish that.
    """
    if swap_folder(folder).exists():
        return None
    last = _last(folder)
    # Other results may have been put there since, and the inbox be again as it was then.
    same = last.get("of") == fingerprint._asdict() and last.get("record") == _record_digest(folder)
    return str(last["message"]) if same and _intact(folder) else None


def count_new(folder: Path, fingerprint: Fingerprint) -> int:
    """Count the returns that the last run did not read as they are.

    All of them where anything else is another than then: a list, the program, or the record of the last run.
    """
    last = _last(folder)
    read = last.get("of")
    there = last.get("record") == _record_digest(folder)
    if not there or not isinstance(read, dict) or read.get("others") != fingerprint.others:
        return len(fingerprint.returns)
    return len(fingerprint.returns.items() - read["returns"].items())


def remember(folder: Path, fingerprint: Fingerprint, message: str) -> None:
    """Note the inputs and the closing message of a run."""
    content = {"of": fingerprint._asdict(), "record": _record_digest(folder), "message": message}
    write_file(state_folder(folder) / LAST, seal(content))


def _last(folder: Path) -> dict[str, Any]:
    """Read what was noted of the last run; nothing where that is not there or damaged."""
    try:
        return unseal(read_regular(state_folder(folder) / LAST))
    except (OSError, DamagedError):
        return {}


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
