"""Read back what a run wrote: its tables as text, and its record."""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.output.safe_text import one_line
from pipeline.output.sealed import is_whole, what_was_written
from pipeline.output.system_calls import read_regular
from schemas.file_names import RECORD
from schemas.policy import Policy, policy_from
from schemas.policy.mistakes import NOT_IN_FILE
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, str]
_GUARDED = re.compile(r"^'(?=[=+\-@\t\r])")


@dataclass(frozen=True, slots=True)
class Record:
    """What ``run.json`` says.

    Attributes:
        finished: when the run ended, as ISO 8601.
        inputs: the sha256 of each file of the inbox by its name below the inbox, "" for one that was not read.
        outputs: the names of the results below the year's folder.
    """

    finished: str
    inputs: dict[str, str]
    outputs: frozenset[str]


class NoResultsError(ValueError):
    """There are no results, or they cannot be read; the message says what to do, in Chinese."""


def table(folder: Path, name: str) -> list[Row]:
    """Read a table of the year's folder; every cell is text that a terminal may show.

    Raises:
        NoResultsError: it is missing, or is not as it was written.
    """
    file = f"data/{name}.csv"
    text = read_unchanged(folder, file).decode("utf-8-sig", "replace")
    try:
        return [
            {key: one_line(unguarded(value or "")) for key, value in row.items() if key is not None}
            for row in csv.DictReader(io.StringIO(text, newline=""))
        ]
    except csv.Error as error:
        raise NoResultsError(_missing(folder, file)) from error


def read_unchanged(folder: Path, name: str) -> bytes:
    """Read a result of the year's folder, as the record says that it was written.

    Raises:
        NoResultsError: it or the record is missing, or is not as it was written.
    """
    _read_record(folder)
    try:
        content = read_regular(folder / name)
    except OSError as error:
        raise NoResultsError(_missing(folder, name)) from error
    expected = what_was_written(folder).digests.get(name)
    if expected is None:
        raise NoResultsError(_missing(folder, RECORD))
    if hashlib.sha256(content).hexdigest() != expected:
        raise NoResultsError(_changed(folder, name))
    return content


def _read_record(folder: Path) -> dict[str, Any]:
    """Read ``run.json``.

    Raises:
        NoResultsError: it is missing, no record, or not as it was written.
    """
    try:
        content = read_regular(folder / RECORD)
        found = json.loads(content.decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise NoResultsError(_missing(folder, RECORD)) from error
    if not isinstance(found, dict):
        raise NoResultsError(_missing(folder, RECORD))
    if not is_whole(content):
        raise NoResultsError(_changed(folder, RECORD))
    return found


def record(folder: Path) -> Record:
    """Read ``run.json``.

    Raises:
        NoResultsError: it is missing or damaged.
    """
    found = _read_record(folder)
    try:
        inputs = {str(each["source_file"]): str(each["sha256"]) for each in found["inputs"]}
        return Record(str(found["finished"]), inputs, frozenset(map(str, found["outputs"])))
    except (KeyError, TypeError) as error:
        raise NoResultsError(_missing(folder, RECORD)) from error


def policy(folder: Path) -> Policy:
    """Give the policy by which results were made, as the run has kept it: what is changed since does not matter.

    Raises:
        NoResultsError: there are no results, or they do not say by which policy they were made.
    """
    written = _read_record(folder)
    try:
        kept = written["policy"]
        found = policy_from(kept["terms"], **{name: kept[name] for name in NOT_IN_FILE})
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NoResultsError(_missing(folder, RECORD)) from error
    if not isinstance(found, Policy):
        raise NoResultsError(
            f"{folder} 没有写明按什么评分办法评价（结果是旧版程序写出的，或被改动过）；请重新运行 make evaluate。"
        )
    return found


def newest(output: Path) -> int | None:
    """Give the newest fiscal year that has results; None where none has."""
    found = (path.parent.name for path in output.glob(f"[0-9][0-9][0-9][0-9]/{RECORD}"))
    return max(map(int, found), default=None)


def by_policy(folder: Path, policy: Policy) -> None:
    """Refuse results of another year, or from before the policy was changed.

    Raises:
        NoResultsError: the results are of another policy, or do not say of which.
    """
    written = _read_record(folder)
    try:
        year, sha256 = written["policy"]["year"], written["policy"]["sha256"]
    except (KeyError, TypeError) as error:
        raise NoResultsError(_missing(folder, RECORD)) from error
    if (year, sha256) != (policy.year, policy.sha256):
        raise NoResultsError(f"{folder} 是按另一份政策文件评价的（年度不同，或评价后改过）；请重新运行 make evaluate。")


def unguarded(text: str) -> str:
    """Return a cell as it was before `pipeline.output.csv` guarded it against being taken for a formula."""
    return _GUARDED.sub("", text)


def _changed(folder: Path, name: str) -> str:
    return f"结果已被改动：{folder / name} 与评价时写出的不一致；请重新评价（make evaluate 或 jixiao evaluate）。"


def _missing(folder: Path, name: str) -> str:
    return f"{folder} 里没有评价结果（缺少 {name}）；请先运行 make evaluate（或 jixiao evaluate）。"


class AccountError(ValueError):
    """A department that the results do not name; the message names similar ones, in Chinese."""


def own_name(names: list[str], department: str) -> str:
    """Return a department's name as the results write it; spaces and quotes do not matter.

    Raises:
        AccountError: there is none of that name.
    """
    own = next((name for name in names if normalise_label(name) == normalise_label(department)), None)
    if own is not None:
        return own
    near = difflib.get_close_matches(department, names, n=5, cutoff=LIKE) or [n for n in names if department in n][:5]
    raise AccountError(f"结果中没有“{department}”。{'相近的：' + '、'.join(near) if near else '请核对部门全称。'}")


LIKE = 0.4
"""How similar a name must be to be suggested; it is never used in the place of the one asked for."""
