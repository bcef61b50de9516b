"""The tables that a run wrote, read back: every cell as the text it was before it was guarded, on one line."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING

from pipeline.export import RECORD

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy

GUARDED = re.compile(r"^'(?=[=+\-@\t\r])")
"""The apostrophe that `pipeline.export.csv` puts before a text that a program could take for a formula."""

Row = dict[str, str]


class NoResultsError(ValueError):
    """There are no results, or they are damaged; the message says which file and what to do, in Chinese."""


def table(folder: Path, name: str) -> list[Row]:
    """Read a table of a run.

    Args:
        folder: the year's folder of the results, ``output/2021``.
        name: the table, ``summary``.

    Returns:
        A dictionary a row; a blank is "".

    Raises:
        NoResultsError: it is not there or no table.
    """
    try:
        with (folder / "data" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
            return [
                {key: one_line(GUARDED.sub("", value or "")) for key, value in row.items() if key is not None}
                for row in csv.DictReader(stream)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NoResultsError(f"{folder} 里没有评价结果（缺少 data/{name}.csv）；请先运行 make evaluate。") from error


def by_policy(folder: Path, policy: Policy) -> None:
    """Refuse results of another year, or that were made before the policy was changed.

    Raises:
        NoResultsError: they are not of this policy, or do not say of which.
    """
    try:
        made = json.loads((folder / RECORD).read_text(encoding="utf-8"))["policy"]
        year, sha256 = made["year"], made["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoResultsError(f"{folder} 里没有评价结果（缺少 {RECORD}）；请先运行 make evaluate。") from error
    if (year, sha256) != (policy.year, policy.sha256):
        raise NoResultsError(f"{folder} 是按另一份政策文件评价的（年度不同，或评价后改过）；请重新运行 make evaluate。")


def one_line(text: str) -> str:
    """Give a text on one line, without anything that steers a terminal or breaks a document."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
