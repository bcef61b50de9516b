"""Write files whole, with names that are safe on every system."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import stat
import time
import unicodedata
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any

from pipeline.output.safe_text import visible
from pipeline.output.system_calls import sync_folder
from schemas.errors import MistakeError
from schemas.file_names import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


_UNSAFE = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\.|$)|~\$")
"""Names that are devices on Windows, and the beginning of the files that mark others as open."""
LONGEST_NAME = 120
"""Bytes of a file name before its ending: below a folder of 100 letters, paths stay within the 260 of Windows."""
WRITING = ".writing-"
"""How the name of a file begins while it is being written."""
ABANDONED = 3600
"""Seconds after which a file with such a name was left by an interrupted run."""
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


def write_file(path: Path, content: bytes) -> None:
    """Write a file as a whole: the old one stays until the new one is complete and on disk.

    Raises:
        OpenedError: somebody has the old one open in an office program.
    """
    refuse_open(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent)
    beside = path.parent / f"{WRITING}{secrets.token_hex(8)}"  # its mode is by the umask, as of any file
    try:
        with beside.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except BaseException:
        with suppress(OSError):  # the next run removes it
            beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _sweep(folder: Path) -> None:
    """Remove files that runs have left which were killed while writing here."""
    for each in folder.glob(f"{WRITING}*"):
        with suppress(OSError):
            if time.time() - each.lstat().st_mtime > ABANDONED:
                each.unlink()


def free_names(path: Path) -> Iterator[Path]:
    """Yield the names for a file that is in the way of a new one: 复核意见（旧1）.xlsx and so on."""
    return (path.with_stem(f"{path.stem}（旧{number}）") for number in count(1))


def free_name(path: Path) -> Path:
    """Return the first free name for a file that is in the way of a new one."""
    return next(each for each in free_names(path) if not os.path.lexists(each))


def write_file_keeping_old(path: Path, content: bytes) -> Path | None:
    """Write a document that people go on writing in; keep another one that stands there under a new name.

    Returns:
        The new name of what stood there: 全县通报（旧1）.docx; None where nothing did, or the very same.
    """
    if not os.path.lexists(path):
        write_file(path, content)
        return None
    if _holds(path, content):
        return None
    refuse_open(path)
    old = free_name(path)
    path.rename(old)
    write_file(path, content)
    return old


def _holds(path: Path, content: bytes) -> bool:
    """Tell whether a file holds this; a pipe, which would be waited for, a folder and a link to nothing do not."""
    with suppress(OSError):
        status = path.stat()
        return stat.S_ISREG(status.st_mode) and status.st_size == len(content) and path.read_bytes() == content
    return False


def file_names(departments: Iterable[str]) -> dict[str, str]:
    """Return a file name for each department, all different and valid on every system."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for department in departments:
        name = next(each for each in _candidates(department) if _fold(each) not in taken)
        taken.add(_fold(name))
        names[department] = name
    return names


def _candidates(department: str) -> Iterator[str]:
    """Yield file names for a department: its own where it is not too long, then with ever more of its digest."""
    safe = _UNSAFE.sub("_", visible(unicodedata.normalize("NFC", department))).strip(" .") or "_"
    safe = f"_{safe}" if _RESERVED.match(safe) else safe
    if len(safe.encode()) <= LONGEST_NAME:
        yield safe
    digest = hashlib.sha256(department.encode()).hexdigest()
    for length in range(8, len(digest) + 1):
        beginning = safe.encode()[: LONGEST_NAME - 1 - length].decode(errors="ignore")
        yield f"{beginning}-{digest[:length]}"


def _fold(name: str) -> str:
    """Return what is equal for names that some system takes for the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).upper().casefold())


_IN_LINKS = str.maketrans({each: f"%{ord(each):02X}" for each in " \"#%&'+;?<>[]^`{|}"})


def relative_link(name: str) -> str:
    """Write a file's name, with the folders before it, as a relative link: what means something else is escaped."""
    return name.translate(_IN_LINKS)


def to_json(content: dict[str, Any]) -> bytes:
    """Write a dictionary as JSON that people can read: Chinese unescaped, two spaces of indent."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


OWN = ".jixiao"
"""The folder beside the results in which the program keeps its own files; nothing is lost with it."""


def swap_folder(folder: Path) -> Path:
    """Return the folder beside results in which new ones wait to be exchanged for them; it is there while a run writes.

    It is none of those that the program keeps: after a run that was killed, work of people may be nowhere else.
    """
    return folder.parent / f".{folder.name}{_SWAP}"


def is_own_folder(name: str) -> bool:
    """Tell whether a folder beside results is one of the program's, by its name."""
    return name == OWN or (name.startswith(".") and name.endswith(_SWAP))


_SWAP = "-swap"


PRIOR_FILES = (RECORD, "data/facts.csv", "data/findings.csv")
"""The files of last year's results that are read."""
PRIOR_SUMMARY = "data/summary.csv"
"""What of earlier results gives scores; of results without it no scores are known."""
MOST_YEARS = 4
"""Years before last year that are looked for."""


def earlier_folders(folder: Path, year: int) -> dict[int, Path]:
    """Give the results of the years before last year's that lie beside those: year → folder, the latest first.

    Args:
        folder: last year's, ``output/2020``.
        year: the fiscal year that is being evaluated; the chain ends before the first year that is not there.
    """
    found: dict[int, Path] = {}
    for each in range(year - 2, year - 2 - MOST_YEARS, -1):
        beside = folder.resolve().parent / str(each)
        if not all((beside / name).is_file() for name in PRIOR_FILES):
            break
        found[each] = beside
    return found


def prior_files(folder: Path, year: int) -> list[Path]:
    """Give the files of earlier years that a run reads, whether or not each is there."""
    folders = [folder, *earlier_folders(folder, year).values()]
    return [each / name for each in folders for name in (*PRIOR_FILES, PRIOR_SUMMARY)]
