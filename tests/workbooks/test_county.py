"""The county workbook: its overview finds its figures wherever the other sheets have their columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import openpyxl

from pipeline.evaluate import evaluate
from pipeline.workbooks import table_sheet
from pipeline.workbooks.table_sheet import TOP, TableColumn
from schemas.lists.own_files import OVERVIEW
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from schemas.policy import Policy

_REFERENCE = re.compile(r"'([^']+)'!\$?([A-Z]+)\$?\d+")


def heads_used(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Give for each formula of the overview the sheets it refers to and the words above the columns it takes."""
    book = openpyxl.load_workbook(path)
    formulas = {cell.coordinate: cell.value for row in book[OVERVIEW] for cell in row if cell.data_type == "f"}
    return {
        at: [(name, book[name][f"{letters}{TOP + 1}"].value) for name, letters in _REFERENCE.findall(formula)]
        for at, formula in formulas.items()
    }


def test_a_column_more_leaves_the_overview_as_it_is(
    tmp_path: Path, seed: dict[str, Any], policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a column put into every sheet of the county behind its first, each formula still takes the same columns."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "局.xlsx").write_bytes(filed.workbook(seed))
    before = evaluate(tmp_path / "inbox", tmp_path / "before", policy).folder / "全县汇总.xlsx"
    write = table_sheet.write_table

    def with_one_more(sheet: Any, styles: Any, title: str, unit: str, columns: Any, *rest: Any) -> Any:
        first, *others = columns
        return write(sheet, styles, title, unit, (first, TableColumn("试插的一列", "none", 12), *others), *rest)

    monkeypatch.setattr(table_sheet, "write_table", with_one_more)
    after = evaluate(tmp_path / "inbox", tmp_path / "after", policy).folder / "全县汇总.xlsx"
    assert openpyxl.load_workbook(after)["排名"]["B3"].value == "试插的一列"
    found = heads_used(after)
    assert found == heads_used(before)
    assert sum(map(len, found.values())) > 30
