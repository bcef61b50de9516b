"""Read back the program's own outputs of the fiscal year before: figures and findings of each department."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.output.files import PRIOR_FILES, PRIOR_SUMMARY, earlier_folders
from pipeline.output.read_back import unguarded
from pipeline.output.sealed import what_was_written
from pipeline.output.system_calls import read_regular
from schemas.enums import Severity
from schemas.errors import MistakeError
from schemas.forms import FIELDS
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from pathlib import Path

RECORD, FACTS, FINDINGS = PRIOR_FILES
_COLUMNS = {
    FACTS: ("department", "field", "value"),
    FINDINGS: ("department", "rule", "severity", "field"),
    PRIOR_SUMMARY: ("department", "points", "reviewed_points"),
}
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]\d+)?", re.ASCII)
_GRAVE = (Severity.ERROR.value, Severity.WARNING.value)
_PLACE = ["department", "field", "sheet", "cell", "source_file"]
_SHOWN = 10
"""Mistakes that a message lists: a file damaged throughout would fill the screen."""
_WIDTH = 30
_AGAIN = "请不要改动程序写出的文件；可从备份恢复，或重新评价该年度后再用"


class PriorError(MistakeError):
    """Outputs of last year that cannot be used; the message says what is wrong and what to do, in Chinese."""


def _no_figures() -> pd.DataFrame:
    return pd.DataFrame({"department": []}, dtype=str)


def _no_findings() -> pd.DataFrame:
    return pd.DataFrame(columns=list(_COLUMNS[FINDINGS]), dtype=str)


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """What the program wrote for the fiscal year before. An empty one knows no department.

    Attributes:
        year: the fiscal year it is of; 0 where there is none.
        figures: one row per department, ``department`` and a float column for each numeric field of the forms that
            was found, in the units of the forms (万元, people, rates as fractions); NaN where it was blank.
        findings: findings.csv as it was written, all of it text.
        sha256: the hash of each file that was read, by its name below the folder; of an earlier year with the year
            in front.
        scores: the final points by department, those after the reviewer's decisions where there are any; empty where
            the results do not have them.
        earlier: the years before, the latest first, as far as their results lie beside these.
    """

    year: int = 0
    figures: pd.DataFrame = field(default_factory=_no_figures)
    findings: pd.DataFrame = field(default_factory=_no_findings)
    sha256: dict[str, str] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    earlier: tuple[Prior, ...] = ()


def nothing() -> Prior:
    """Give the prior of a run that has none: every rule on last year is silent."""
    return Prior()


def load(folder: Path, year: int) -> Prior:
    """Read what the program wrote for the year before, and for the years before that which lie beside it.

    Args:
        folder: the year's folder, ``output/2020``: run.json, data/facts.csv and data/findings.csv are read, and
            data/summary.csv where it is there.
        year: the fiscal year that is being evaluated.

    Returns:
        The figures and findings of ``year - 1``, with the earlier years.

    Raises:
        PriorError: a file is missing or damaged, or a folder is of another year.
    """
    last = _load(folder, year)
    earlier = tuple(_load(found, each + 1) for each, found in earlier_folders(folder, year).items())
    hashes = {f"{each.year}/{name}": sha256 for each in earlier for name, sha256 in each.sha256.items()}
    return replace(last, sha256=last.sha256 | hashes, earlier=earlier)


def _load(folder: Path, year: int) -> Prior:
    """Read the results of the year before one."""
    contents = {name: _content(folder, name, year) for name in (RECORD, FACTS, FINDINGS)}
    written = _year(folder, contents[RECORD])
    if written != year - 1:
        raise PriorError(
            f"{folder} 是{written}年度的评价结果；评价{year}年度须与{year - 1}年度比较，请指定{year - 1}年度的结果。"
        )
    if (folder / PRIOR_SUMMARY).is_file():
        contents[PRIOR_SUMMARY] = _content(folder, PRIOR_SUMMARY, year)
    return Prior(
        written,
        _figures(folder, _table(folder, FACTS, contents[FACTS])),
        _table(folder, FINDINGS, contents[FINDINGS]),
        {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
        _scores(folder, contents.get(PRIOR_SUMMARY)),
    )


# ---------------------------------------------------------------------- reading back


def _content(folder: Path, name: str, year: int) -> bytes:
    """Read a file; where the record says how it was written, it must be so."""
    try:
        content = read_regular(folder / name)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PriorError(
            f"上年度评价结果 {folder} 里没有 {name}；请指定{year - 1}年度评价写出的整个文件夹，例如 output/{year - 1}。"
        ) from error
    except OSError as error:
        raise PriorError(f"读不出上年度评价结果 {folder / name}（{error.strerror}）；请检查文件夹的权限。") from error
    written = what_was_written(folder)
    expected = written.digests.get(name)
    changed = (name == RECORD and written.digests and not written.whole) or (
        expected is not None and hashlib.sha256(content).hexdigest() != expected
    )
    if changed:
        raise PriorError(f"上年度评价结果已被改动：{folder / name} 与评价时写出的不一致。{_AGAIN}。")
    return content


def _damaged(folder: Path, name: str, why: str) -> PriorError:
    return PriorError(f"上年度评价结果 {folder / name} 已损坏：{why}。{_AGAIN}。")


def _year(folder: Path, content: bytes) -> int:
    try:
        year = json.loads(content.decode("utf-8-sig"))["policy"]["year"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(folder, RECORD, "没有写明年度") from error
    if type(year) is not int:  # true is an int to Python
        raise _damaged(folder, RECORD, "年度不是整数")
    return year


def _table(folder: Path, name: str, content: bytes) -> pd.DataFrame:
    """Read a CSV file that `pipeline.export.csv` wrote: every cell as the text it was before it was guarded."""
    try:
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        lines = [[unguarded(cell) for cell in line] for line in csv.reader(text, strict=True)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _damaged(folder, name, "不是 UTF-8 编码的 CSV 文件，或内容不完整") from error
    head = lines[0] if lines else []
    missing = [column for column in _COLUMNS[name] if column not in head]
    if missing:
        raise _damaged(folder, name, f"缺少 {'、'.join(missing)} 列")
    if len(set(head)) != len(head) or any(len(line) != len(head) for line in lines):
        raise _damaged(folder, name, "各行的列数不同，或有两列同名")
    return pd.DataFrame(lines[1:], columns=head, dtype=str)


def _figures(folder: Path, facts: pd.DataFrame) -> pd.DataFrame:
    """Widen the numbers among the facts; fields that no form has any more are left out."""
    numeric = [name for name, asked in FIELDS.items() if asked.kind.numeric]
    facts = facts[facts["field"].isin(numeric)]
    facts = facts.assign(
        key=facts["department"].map(normalise_label), number=[_number(value) for value in facts["value"]]
    )
    unread = facts[facts["number"].isna() & facts["value"].ne("")]
    if len(unread):
        raise _damaged(folder, FACTS, f"{_named(unread)} 不是数")
    twice = facts[facts.duplicated(["key", "field"])]
    if len(twice):
        raise _damaged(folder, FACTS, f"{_named(twice)} 出现了两次")
    wide = facts.pivot(index="key", columns="field", values="number")
    found = wide.reindex(columns=[name for name in numeric if name in wide]).astype(float)
    found.insert(0, "department", facts.drop_duplicates("key").set_index("key")["department"])
    return found.reset_index(drop=True).rename_axis(columns=None)


def _scores(folder: Path, content: bytes | None) -> dict[str, float]:
    """Read the final points of each department; those that had none are left out."""
    if content is None:
        return {}
    rows = _table(folder, PRIOR_SUMMARY, content)
    points = [_number(row["reviewed_points"] or row["points"]) for row in rows.to_dict("records")]
    return {name: value for name, value in zip(rows["department"], points, strict=True) if not math.isnan(value)}


def _number(text: str) -> float:
    """Give the number of a cell; NaN for a blank, and for what this program does not write as a number."""
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else math.nan


def _named(facts: pd.DataFrame) -> str:
    """Name the cells that are wrong, each with what stands there."""
    cells = zip(facts["department"], facts["field"], facts["value"], strict=True)
    names = [f"{_short(name)} {at}“{_short(value)}”" for name, at, value in cells]
    return "、".join(names[:_SHOWN]) + (f"等共{len(names)}处" if len(names) > _SHOWN else "")


def _short(text: str) -> str:
    return " ".join(text.split())[:_WIDTH]
