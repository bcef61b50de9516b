"""Measure the floor: reading the same bytes and writing the same workbooks with the libraries alone.

Two commands, each to be run in a process of its own: ``record`` evaluates an inbox and keeps the calls of XlsxWriter,
``seconds`` reads the inbox with python-calamine, plays the calls again and prints the CPU seconds of both.

What 退回修改 holds is not written by XlsxWriter: the department's own file is edited. It is one of the workbooks, so
the floor writes it too, but only its bare values: without the formats, widths, comments and merged ranges it has.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter import Workbook

from benchmarks import tape
from pipeline.output.files import OWN
from schemas.file_names import RETURNED

if TYPE_CHECKING:
    from collections.abc import Iterator


def record(inbox: Path, output: Path, tapes: Path) -> None:
    """Evaluate an inbox in this process alone, whose calls are kept, and keep a tape of each workbook."""
    from pipeline.__main__ import main  # noqa: PLC0415 - what plays the tapes needs no program
    from pipeline.evaluate import evaluate  # noqa: F401, PLC0415 - whatever classes it has must be known
    from pipeline.workers import open_pool, pool  # noqa: PLC0415

    vars(open_pool)["open_pool"] = lambda *_: pool.WorkerPool()
    tapes.mkdir(parents=True, exist_ok=True)
    with tape.recording(tapes):
        status = main(["evaluate", str(inbox), "-o", str(output), "--jobs", "1"])
    if status:
        raise SystemExit(status)


def seconds(inbox: Path, output: Path, tapes: Path) -> dict[str, float]:
    """Give the CPU seconds of reading an inbox and of writing what the recorded run wrote below ``output``.

    ``county`` is the part of ``write`` that goes into workbooks of the county; ``pandas`` is reading by pandas, which
    stands beside the floor and is no part of it.

    Raises:
        ValueError: a workbook of the run cannot be played again to the same bytes.
    """
    returned = sum(_bare(path) for path in _workbooks(output) if RETURNED in path.parts)
    departments, county = _written(output, tapes)
    return {
        "read": sum(map(_read, sorted(inbox.glob("*.xlsx")))),
        "pandas": sum(map(_read_with_pandas, sorted(inbox.glob("*.xlsx")))),
        "write": departments + county,
        "returned": returned,
        "county": county,
    }


def _read(path: Path) -> float:
    """Read every cell of a file; of an unreadable one, measure the attempt."""
    content = path.read_bytes()
    began = time.process_time()
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError:
        pass
    return time.process_time() - began


def _read_with_pandas(path: Path) -> float:
    """Read every sheet of a file as the program lets pandas read it; of an unreadable one, measure the attempt."""
    content = path.read_bytes()
    began = time.process_time()
    with suppress(CalamineError, ValueError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pd.read_excel(
            io.BytesIO(content),
            engine="calamine",
            sheet_name=None,
            header=None,
            dtype=object,
            keep_default_na=False,
            na_filter=False,
        )
    return time.process_time() - began


def _written(output: Path, tapes: Path) -> tuple[float, float]:
    """Replay all tapes; give the seconds for workbooks of departments, and for the county's.

    Only workbooks whose bytes the run wrote count; others were intermediate steps, as for 退回修改.
    """
    wanted = {_digest(path.read_bytes()): path for path in _workbooks(output) if RETURNED not in path.parts}
    departments = county = 0.0
    for each in sorted(tapes.glob(f"*{tape.ENDING}")):
        content, took = tape.replay(each)
        path = wanted.pop(_digest(content), None)
        if path and path.parent.parent == output:  # beside the folders of departments' workbooks
            county += took
        elif path:
            departments += took
    if wanted:
        example = next(iter(wanted.values()))
        raise ValueError(f"XlsxWriter alone does not write the same bytes: {len(wanted)} workbooks, one is {example}")
    return departments, county


def _workbooks(output: Path) -> Iterator[Path]:
    return (path for path in output.rglob("*.xlsx") if OWN not in path.parts)


def _bare(path: Path) -> float:
    """Write the bare values of a workbook; reading them is not measured."""
    book = CalamineWorkbook.from_path(path)
    sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    began = time.process_time()
    with Workbook(io.BytesIO(), {"in_memory": True}) as made:
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, str) and value:
                        sheet.write_string(at, column, value)
                    elif value != "":
                        sheet.write(at, column, value)
    return time.process_time() - began


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    what, *where = sys.argv[1:]
    if what == "record":
        record(*map(Path, where))
    else:
        print(json.dumps(seconds(*map(Path, where))))
