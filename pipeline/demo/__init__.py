"""Make up a county and write it to disk: an inbox with returns, roster and odd files, and last year's results.

`write_demo` writes it, `run_demo` evaluates it as well. The same seed gives the same county on every machine. Each
department has a random generator of its own, so that it is the same in a larger and in a smaller county.
"""

from __future__ import annotations

import datetime
import json
import os
from typing import TYPE_CHECKING

from pipeline.demo import county, prior_year
from pipeline.demo.oddities import SentFile, odd_files
from pipeline.evaluate import evaluate, quiet
from pipeline.inputs import Inputs
from pipeline.lists import prior_year as list_prior_year
from pipeline.lists import roster as rosters
from pipeline.output import files as output_files
from schemas import policy as policies
from schemas.errors import MistakeError
from schemas.file_names import RECORD, ROSTER

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

    from pipeline.evaluate import Progress, Run

SEED, COUNT = 2021, 100
INBOX, PRIOR, OUTPUT = "inbox", "prior", "output"
_MARK = "demo"


class OccupiedError(MistakeError):
    """The folder has files that no demo wrote; the message says what to do, in Chinese."""


def write_demo(folder: Path, year: int, seed: int = SEED, count: int = COUNT) -> None:
    """Write the inbox of a county and last year's results below a folder; files of an earlier demo are replaced.

    Args:
        folder: where ``inbox`` and ``prior`` are put.
        year: the fiscal year of the returns.
        seed: which county.
        count: how many departments it has.

    Raises:
        OccupiedError: the folder has an inbox that no demo wrote.
    """
    _make_way(folder)
    made = county.draw_returns(year, seed, count)
    files = [SentFile(county.file_name(each.office), each.workbook(), county.sent_at(each)) for each in made]
    called = datetime.datetime(year + 1, 2, 1, county.HOURS[0], tzinfo=county.CHINA)
    files += [*odd_files(year, seed, count), SentFile(ROSTER, county.write_roster(seed, count), called)]
    results = {
        f"{PRIOR}/{name}": content for name, content in prior_year.write_prior_results(year, seed, count).items()
    }
    names = [*(f"{INBOX}/{each.name}" for each in files), *results]
    record = {_MARK: {"seed": seed, "count": count, "year": year}, "outputs": names}
    _remove_recorded(folder, names)
    output_files.write_file(folder / RECORD, output_files.to_json(record))
    (folder / INBOX).mkdir(parents=True, exist_ok=True)
    for each in files:
        path = folder / INBOX / each.name
        path.write_bytes(each.content)
        os.utime(path, (each.modified.timestamp(),) * 2)
    for name, content in results.items():
        output_files.write_file(folder / name, content)


def run_demo(
    folder: Path,
    year: int,
    seed: int = SEED,
    count: int = COUNT,
    progress: Progress = quiet,
) -> Run:
    """Write a county below a folder and evaluate it into ``output`` there, with its roster and last year's results."""
    write_demo(folder, year, seed, count)
    inbox = folder / INBOX
    given = Inputs(rosters.find(inbox), prior=list_prior_year.load(folder / PRIOR, year))
    return evaluate(inbox, folder / OUTPUT, policies.load(year), progress=progress, given=given)


def _remove_recorded(folder: Path, written: Container[str]) -> None:
    """Remove what an earlier demo wrote here and this one does not; only files that its record names."""
    try:
        names = json.loads((folder / RECORD).read_text(encoding="utf-8"))["outputs"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    for name in map(str, names):
        path = folder / name
        if name not in written and path.resolve().is_relative_to(folder.resolve()) and path.is_file():
            path.unlink()


def _make_way(folder: Path) -> None:
    """Raise `OccupiedError` where the folder has files that no demo wrote."""
    path = folder / RECORD
    if path.is_file():
        ours = f'"{_MARK}"' in path.read_text(encoding="utf-8", errors="replace")
    else:
        ours = not any((folder / name).exists() for name in (INBOX, PRIOR, OUTPUT))
    if not ours:
        raise OccupiedError(f"{folder} 里已有其他文件，演示数据不能写在一起；请用 -o 指定另一个文件夹。")
