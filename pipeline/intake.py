"""Which files of the inbox are returns, whose, and which one counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.read import Reading

_IGNORED_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_IGNORED_ENDS = (".tmp", ".part", ".crdownload", ".bak")
_PLAIN_WORDS = (".md", ".txt")


def files(inbox: Path) -> list[Path]:
    """Give every file of the inbox and its folders, in the order of their names."""
    return sorted(path for path in inbox.rglob("*") if path.is_symlink() or not path.is_dir())


def ignored(path: Path) -> str:
    """Say why a file is passed over without being read; "" for one that must be read."""
    name = path.name.lower()
    if name.startswith(("~$", ".~")):
        return "办公软件打开文件时留下的临时文件"
    if name in _IGNORED_NAMES or name.startswith(".") or name.endswith(_IGNORED_ENDS):
        return "系统或临时文件"
    return "说明文字" if name.endswith(_PLAIN_WORDS) else ""


def named(readings: Sequence[Reading]) -> list[Reading]:
    """Give each reading a department: the one it names, else its file's name, plainly marked."""
    return [
        each
        if each.department or each.reason
        else replace(each, department=f"（未填单位）{PurePosixPath(each.source_file).stem}")
        for each in readings
    ]


def settle(readings: Sequence[Reading], passed_over: Sequence[tuple[str, str]], year: int) -> pd.DataFrame:
    """Decide what becomes of every file.

    Of several returns of one department the file changed last counts; the same bytes again are a duplicate.

    Returns:
        One row per file of the inbox: department, fiscal_year, source_file, sha256, status, reason.
    """
    counts: dict[str, Reading] = {}
    for each in sorted(readings, key=lambda reading: (reading.modified, reading.source_file)):
        if not _refusal(each, year):
            counts[each.department] = each
    rows = [
        (each.department, each.fiscal_year, each.source_file, each.sha256, *_status(each, counts, year))
        for each in readings
    ]
    rows += [("", None, name, "", "ignored", reason) for name, reason in passed_over]
    table = pd.DataFrame(rows, columns=["department", "fiscal_year", "source_file", "sha256", "status", "reason"])
    texts = dict.fromkeys(("department", "source_file", "sha256", "status", "reason"), "str")
    return table.astype(texts | {"fiscal_year": "Int64"}).sort_values("source_file").reset_index(drop=True)


def _refusal(reading: Reading, year: int) -> str:
    if reading.reason:
        return reading.reason
    if reading.fiscal_year not in {None, year}:
        return f"表内年度为{reading.fiscal_year}年度，本次评价{year}年度；请报送{year}年度的报表"
    return ""


def _status(reading: Reading, counts: dict[str, Reading], year: int) -> tuple[str, str]:
    refusal = _refusal(reading, year)
    if refusal:
        return "rejected", refusal
    chosen = counts[reading.department]
    if chosen is reading:
        return "accepted", ""
    if chosen.sha256 == reading.sha256:
        return "duplicate", f"与 {chosen.source_file} 完全相同"
    return "superseded", f"同一单位有较新的报表 {chosen.source_file}，以其为准"
