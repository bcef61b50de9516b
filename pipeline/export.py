"""What is written: files put in place whole, CSV tables, and names that are safe on every system."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import re
import tempfile
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    import pandas as pd

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
RECORD = "run.json"
"""What a run says of itself: the last file it puts in place."""
LONGEST_NAME = 200
"""Bytes of a file name before its ending: file systems end at 255."""
_FORMULA = re.compile(r"^[=+\-@\t\r]")


def place(path: Path, content: bytes) -> None:
    """Put a file in place as a whole: the old one stays until the new one is complete and on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def clear(folder: Path, written: Container[str]) -> None:
    """Remove what an earlier run wrote here and this one did not: a book of a department that is gone would mislead.

    Only files that the earlier run's own record names, below its folder, are touched.
    """
    try:
        earlier = json.loads((folder / RECORD).read_text(encoding="utf-8"))["outputs"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    for name in earlier:
        path = folder / str(name)
        if name not in written and path.resolve().is_relative_to(folder.resolve()) and path.is_file():
            path.unlink()


def file_names(departments: Iterable[str]) -> dict[str, str]:
    """Give each department a file name of its own that every system can hold."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for department in departments:
        safe = _UNSAFE.sub("_", unicodedata.normalize("NFC", department)).strip(" .") or "_"
        safe = f"_{safe}" if _RESERVED.match(safe) else safe
        if len(safe.encode()) > LONGEST_NAME or unicodedata.normalize("NFKC", safe).casefold() in taken:
            short = safe.encode()[: LONGEST_NAME - 9].decode(errors="ignore")
            safe = f"{short}-{hashlib.sha256(department.encode()).hexdigest()[:8]}"
        taken.add(unicodedata.normalize("NFKC", safe).casefold())
        names[department] = safe
    return names


def csv(table: pd.DataFrame) -> bytes:
    """Write a table as CSV for people and programs: UTF-8 with BOM, dots as decimal points, text only ever text."""
    table = table.copy()
    for name in table.columns:
        if table[name].dtype in ("object", "str"):
            table[name] = [_text(value) for value in table[name]]
    stream = io.StringIO()
    table.to_csv(stream, index=False, float_format="%.12g", lineterminator="\r\n")
    return stream.getvalue().encode("utf-8-sig")


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    if isinstance(value, float):
        return None if math.isnan(value) else f"{value:.12g}"
    return value


def as_json(content: dict[str, Any]) -> bytes:
    """Write a dictionary as JSON for people: Chinese as it is, two spaces."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
