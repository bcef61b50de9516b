"""The tables as Parquet: the same figures and texts as in the CSV files."""

from __future__ import annotations

import csv
import io
import shutil
from typing import TYPE_CHECKING

import pytest

from pipeline.__main__ import main
from pipeline.output import parquet
from schemas.tables import COLUMNS
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

duckdb = pytest.importorskip("duckdb", reason="the extra `parquet` is not installed")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the data of a run over the real return with `--parquet`."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "inbox").mkdir()
    shutil.copy2(filed.EXAMPLE, folder / "inbox")
    assert main(["evaluate", str(folder / "inbox"), "-o", str(folder / "out"), "--parquet"]) == 0
    return folder / "out" / "2021" / "data"


@pytest.mark.parametrize("name", COLUMNS)
def test_parquet_holds_what_csv_holds(name: str, data: Path) -> None:
    """Every column and cell is there: numbers as numbers, blanks as nulls or empty texts."""
    result = duckdb.read_parquet(str(data / f"{name}.parquet"))
    heads, rows = result.columns, result.fetchall()
    written = list(csv.reader(io.StringIO((data / f"{name}.csv").read_bytes().decode("utf-8-sig"), newline="")))
    assert heads == written[0]
    assert len(rows) == len(written) - 1
    for row, line in zip(rows, written[1:], strict=True):
        for value, text in zip(row, line, strict=True):
            if isinstance(value, float):
                assert value == pytest.approx(float(text), rel=1e-11)
            else:
                assert _text(value) == text.removeprefix("'") or float(str(value)) == float(text)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def test_the_same_table_gives_the_same_bytes(data: Path, tmp_path: Path) -> None:
    """A second run writes the same Parquet files to the byte."""
    (tmp_path / "inbox").mkdir()
    shutil.copy2(filed.EXAMPLE, tmp_path / "inbox")  # with its time: results tell when a return was received
    assert main(["evaluate", str(tmp_path / "inbox"), "-o", str(tmp_path / "out"), "--parquet"]) == 0
    for name in COLUMNS:
        again = tmp_path / "out" / "2021" / "data" / f"{name}.parquet"
        assert again.read_bytes() == (data / f"{name}.parquet").read_bytes()


def test_without_duckdb_the_way_to_get_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the extra is not installed, `--parquet` is wrong usage and nothing is evaluated."""
    monkeypatch.setattr(parquet, "available", lambda: False)
    shutil.copy(filed.EXAMPLE, tmp_path)
    assert main(["evaluate", str(tmp_path), "-o", str(tmp_path / "out"), "--parquet"]) == 2
    assert "duckdb" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
