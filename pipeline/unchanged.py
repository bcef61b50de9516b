"""Whether a run would only give what the last one gave: then nothing is read, evaluated or written. Knows no pandas."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pipeline.guard import Refused, content
from pipeline.intake.inbox import list_inbox
from pipeline.output import files as output_files
from pipeline.output.cache import key
from pipeline.output.publish import home

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LAST = "last.json"


def fingerprint(inbox: Path, output: Path, asked: Iterable[object], others: Iterable[Path]) -> str:
    """Give a key of everything that a run hangs on.

    Args:
        inbox: its folder: name, time and bytes of every file count, the bureau's lists among them.
        output: where it writes.
        asked: what else it was asked.
        others: files outside the inbox that it reads.
    """
    files = [(each.name, each.path) for each in list_inbox(inbox, output)] + [(str(path), path) for path in others]
    return key(str(output), list(asked), [(name, *_state(path)) for name, path in files])


def _state(path: Path) -> tuple[int, str]:
    try:
        return path.lstat().st_mtime_ns, hashlib.sha256(content(path)).hexdigest()
    except (OSError, Refused) as refusal:
        return 0, str(refusal)


def told_before(folder: Path, of: str) -> str | None:
    """Give what the last run said at its end, where it was one of the same things and its results are all there."""
    try:
        last = json.loads((home(folder) / LAST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    same = isinstance(last, dict) and last.get("of") == of and isinstance(last.get("told"), str)
    # Other results may have been put there since, and the inbox be again as it was then.
    return last["told"] if same and last.get("record") == _record(folder) and _intact(folder) else None


def remember(folder: Path, of: str, told: str) -> None:
    """Note what a run was of, and what it said at its end."""
    output_files.place(home(folder) / LAST, output_files.as_json({"of": of, "record": _record(folder), "told": told}))


def _record(folder: Path) -> str:
    """Give the digest of what the run that wrote the results says of itself, "" where nothing does."""
    try:
        return hashlib.sha256((folder / output_files.RECORD).read_bytes()).hexdigest()
    except OSError:
        return ""


def _intact(folder: Path) -> bool:
    """Tell whether every result is there, to the byte."""
    outputs = output_files.recorded(folder)
    try:
        return bool(outputs) and all(
            hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256 for name, sha256 in outputs.items()
        )
    except (OSError, ValueError):
        return False
