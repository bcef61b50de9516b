"""What is written: files put in place whole, CSV tables, and names that are safe on every system."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tempfile
import time
import unicodedata
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.output.safe_text import visible
from schemas.errors import MistakeError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator


_UNSAFE = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\.|$)|~\$")
"""Names that are devices on Windows, and how a file begins that says of another one that it is open."""
RECORD = "run.json"
"""What a run says of itself: the last file it puts in place."""
LONGEST_NAME = 200
"""Bytes of a file name before its ending: file systems end at 255."""
WRITING = ".writing-"
"""How a file is called while it is being written."""
ABANDONED = 3600
"""Seconds after which a file that is still called so is what an interrupted run has left."""
BOM, END = b"\xef\xbb\xbf", "\r\n"


class OpenedError(MistakeError):
    """Somebody has a file open in an office program; the message names it, in Chinese."""


def is_mark_of_open(name: str) -> bool:
    """Tell whether a file is one that an office program leaves beside a document while it is open.

    Excel and Word write ~$name (Word leaves the first two letters of a long name out), LibreOffice .~lock.name#, WPS
    .~name.
    """
    return name.startswith(("~$", ".~"))


def refuse_open(path: Path) -> None:
    """Refuse to replace a file that somebody has open in an office program, and would save over the new one.

    Raises:
        OpenedError: it is open; the message names it.
    """
    marks = (f"~${path.name}", f"~${path.name[2:]}", f".~lock.{path.name}#", f".~{path.name}")
    if any(os.path.lexists(path.parent / mark) for mark in marks):
        raise OpenedError(
            f"{path} 正在 WPS 或 Office 中打开；请关闭后再运行。确实没有人打开的，删去同一文件夹中的 "
            f"{'、'.join(mark for mark in marks if os.path.lexists(path.parent / mark))}。"
        )


def place(path: Path, content: bytes) -> None:
    """Put a file in place as a whole: the old one stays until the new one is complete and on disk.

    Raises:
        OpenedError: somebody has the old one open in an office program.
    """
    refuse_open(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _swept(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=WRITING)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):  # swept another time
            Path(name).unlink(missing_ok=True)
        raise
    onto_disk(path.parent)


def onto_disk(folder: Path) -> None:
    """Write a folder's own entries onto the disk, where the system has such a thing."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swept(folder: Path) -> None:
    """Take away what runs have left that were killed while they wrote a file here."""
    for each in folder.glob(f"{WRITING}*"):
        with suppress(OSError):
            if time.time() - each.lstat().st_mtime > ABANDONED:
                each.unlink()


def earlier(folder: Path) -> set[str]:
    """Give the names of what an earlier run wrote here, by its own record, and of that record."""
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))["outputs"]
    except (OSError, ValueError, KeyError, TypeError):
        return {RECORD}
    return {RECORD, *map(str, found)}


def recorded(folder: Path) -> dict[str, str]:
    """Give the sha256 of what an earlier run wrote here by its name, by its own record; nothing without a whole one."""
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))["outputs"]
        return {str(name): str(sha256) for name, sha256 in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def aside(path: Path) -> Path:
    """Give the first free name for what stands in the way of something new: 复核意见（旧1）.xlsx."""
    names = (path.with_stem(f"{path.stem}（旧{number}）") for number in count(1))
    return next(each for each in names if not os.path.lexists(each))


def place_keeping_old(path: Path, content: bytes) -> Path | None:
    """Put a document that people go on writing in in place; another one that stands there is kept under a new name.

    Returns:
        The new name of what stood there: 全县通报（旧1）.docx; None where nothing did, or the very same.
    """
    try:
        if path.read_bytes() == content:
            return None
    except FileNotFoundError:
        place(path, content)
        return None
    refuse_open(path)
    old = aside(path)
    path.rename(old)
    place(path, content)
    return old


def clear(folder: Path, written: Container[str]) -> None:
    """Remove what was written here earlier and is not now; only files that the earlier record names are touched."""
    for name in earlier(folder) - {RECORD}:
        path = folder / name
        if name not in written and path.resolve().is_relative_to(folder.resolve()) and path.is_file():
            path.unlink()


def file_names(departments: Iterable[str]) -> dict[str, str]:
    """Give each department a file name of its own that every system can hold."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for department in departments:
        name = next(each for each in _candidates(department) if _folded(each) not in taken)
        taken.add(_folded(name))
        names[department] = name
    return names


def _candidates(department: str) -> Iterator[str]:
    """Give file names for a department: the plain one where it is not too long, then ever longer ones of its own."""
    safe = _UNSAFE.sub("_", visible(unicodedata.normalize("NFC", department))).strip(" .") or "_"
    safe = f"_{safe}" if _RESERVED.match(safe) else safe
    if len(safe.encode()) <= LONGEST_NAME:
        yield safe
    digest = hashlib.sha256(department.encode()).hexdigest()
    for length in range(8, len(digest) + 1):
        short = safe.encode()[: LONGEST_NAME - 1 - length].decode(errors="ignore")
        yield f"{short}-{digest[:length]}"


def _folded(name: str) -> str:
    """Give what names have in common that some system takes for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).upper().casefold())


_IN_LINKS = str.maketrans({each: f"%{ord(each):02X}" for each in " \"#%&'+;?<>[]^`{|}"})


def relative_link(name: str) -> str:
    """Write a file's name, with the folders before it, as a relative link: what means something else is escaped."""
    return name.translate(_IN_LINKS)


def as_json(content: dict[str, Any]) -> bytes:
    """Write a dictionary as JSON for people: Chinese as it is, two spaces."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
