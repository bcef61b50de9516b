"""CSV: whatever a department wrote stands in one pair of quotes, and programs read the table as it was."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from pipeline.intake.journal import Entry, Journal, as_csv, read_journal
from pipeline.output.csv import csv, lines, lines_by
from pipeline.output.read_back import unguarded
from schemas.file_names import JOURNAL

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = ("甲局", "甲局;=1+1", "a\t=1+1", '他说"好",=1', "=1+1", "第一行\n=1+1", "a,b", "-", " ", "1", "1.50")
_CELL = re.compile(r'(?:^|(?<=,))(?:"(?:[^"]|"")*"|[^",\r\n]*)(?=,|\r\n)')


def table() -> pd.DataFrame:
    """Give a table of texts beside figures of each type, with blanks."""
    count = len(TEXTS)
    return pd.DataFrame(
        {
            "department": pd.Series(TEXTS, dtype="str"),
            "points": [99.26, float("nan"), *(0.1 + 0.2 for _ in range(count - 2))],
            "errors": pd.Series([None, *range(1, count)], dtype="Int64"),
            "remark": pd.Series(["", *TEXTS[1:]], dtype="str"),
        }
    )


def test_every_text_stands_in_quotes() -> None:
    """Text never becomes more than text: raw, each text of a CSV file stands in quotes, whatever is in it."""
    for line in re.split(r"\r\n(?=[^\r])", lines(table()).removesuffix("\r\n")):
        department, points, errors, remark = _CELL.findall(f"{line}\r\n")
        assert department[0] == department[-1] == '"'
        assert remark == "" or remark[0] == remark[-1] == '"'
        assert '"' not in points + errors


def test_pandas_reads_what_was_written() -> None:
    """Read with pandas, texts, figures and blanks are those of the table, but for the guard before formulas."""
    read = pd.read_csv(io.BytesIO(csv(table())), keep_default_na=False, na_values={"points": [""], "errors": [""]})
    assert [unguarded(text) for text in read["department"]] == list(TEXTS)
    assert [unguarded(text) for text in read["remark"]] == ["", *TEXTS[1:]]
    assert read["points"].tolist()[0] == 99.26
    assert read["points"].isna().tolist() == [False, True] + [False] * (len(TEXTS) - 2)
    assert read["points"].tolist()[2] == 0.3  # twelve digits, as before
    assert read["errors"].tolist()[1:] == list(range(1, len(TEXTS)))


def test_rows_by_department_are_those_of_the_whole() -> None:
    """The lines by a column, put together again, are the lines of the table."""
    found = lines_by(table(), "department")
    assert list(found) == list(TEXTS)
    assert "".join(found.values()) == lines(table())


@pytest.mark.parametrize("name", TEXTS)
def test_the_journal_is_quoted_and_read_back(name: str, tmp_path: Path) -> None:
    """The journal quotes every cell, and what is read back of it is what was written."""
    entry = Entry("2022-03-10 08:00:00", name, "收到", name, name, name, "0" * 64)
    written = as_csv(Journal((entry,)))
    rows = written[3:].removesuffix(b"\r\n").split(b"\r\n")
    assert all(line[:1] == line[-1:] == b'"' for line in rows)
    (tmp_path / JOURNAL).write_bytes(written)
    assert read_journal(tmp_path).entries == (entry,)
