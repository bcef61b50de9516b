"""What a run wrote, read back: its tables as text, and its record."""

from __future__ import annotations

import csv
import difflib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.output.files import RECORD
from pipeline.output.safe_text import one_line
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy

Row = dict[str, str]
_GUARDED = re.compile(r"^'(?=[=+\-@\t\r])")


@dataclass(frozen=True, slots=True)
class Record:
    """What a run said of itself.

    Attributes:
        finished: when, as ISO 8601.
        inputs: the hash of each file of the inbox, "" of one that was not read, by its name below the inbox.
        outputs: what was written, by names below the year's folder.
    """

    finished: str
    inputs: dict[str, str]
    outputs: frozenset[str]


class NoResultsError(ValueError):
    """There are no results, or they cannot be read; the message says what to do, in Chinese."""


def table(folder: Path, name: str) -> list[Row]:
    """Read a table of the year's folder, every cell as text that may be shown on a terminal.

    Raises:
        NoResultsError: it is not there or damaged.
    """
    try:
        with (folder / "data" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
            return [
                {key: one_line(unguarded(value or "")) for key, value in row.items() if key is not None}
                for row in csv.DictReader(stream)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise NoResultsError(_told(folder, f"data/{name}.csv")) from error


def record(folder: Path) -> Record:
    """Read what the run said of itself, ``run.json``; `NoResultsError` where it is not there or damaged."""
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        inputs = {str(each["source_file"]): str(each["sha256"]) for each in found["inputs"]}
        return Record(str(found["finished"]), inputs, frozenset(map(str, found["outputs"])))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise NoResultsError(_told(folder, RECORD)) from error


def by_policy(folder: Path, policy: Policy) -> None:
    """Refuse results of another year, or that were made before the policy was changed.

    Raises:
        NoResultsError: they are not of this policy, or do not say of which.
    """
    try:
        made = json.loads((folder / RECORD).read_text(encoding="utf-8"))["policy"]
        year, sha256 = made["year"], made["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoResultsError(_told(folder, RECORD)) from error
    if (year, sha256) != (policy.year, policy.sha256):
        raise NoResultsError(f"{folder} 是按另一份政策文件评价的（年度不同，或评价后改过）；请重新运行 make evaluate。")


def unguarded(text: str) -> str:
    """Give a cell as it was before `pipeline.export.csv` kept it from being taken for a formula."""
    return _GUARDED.sub("", text)


def _told(folder: Path, name: str) -> str:
    return f"{folder} 里没有评价结果（缺少 {name}）；请先运行 make evaluate（或 jixiao evaluate）。"


class AccountError(ValueError):
    """No account can be given of a department; the message names the nearest ones, in Chinese."""


def own_name(names: list[str], department: str) -> str:
    """Give a department's name as the results have it; spaces and quotes do not matter.

    Raises:
        AccountError: there is none of that name; the nearest are told.
    """
    own = next((name for name in names if normalise_label(name) == normalise_label(department)), None)
    if own is not None:
        return own
    near = difflib.get_close_matches(department, names, n=5, cutoff=LIKE) or [n for n in names if department in n][:5]
    raise AccountError(f"结果中没有“{department}”。{'相近的：' + '、'.join(near) if near else '请核对部门全称。'}")


LIKE = 0.4
"""How alike a name must be to be suggested; it is never taken."""
