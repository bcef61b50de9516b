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


def test_a_total_rate_leaves_out_who_has_only_one_figure(tmp_path: Path, clean: dict[str, Any], policy: Policy) -> None:
    """29 of 30 posts and 39 of 42 are 68/72; 30 posts without a figure of staff add nothing, nor do their funds.

    68/102 = 66.67% would be the people of two departments over the posts of three.
    """
    changes = {
        "甲局": {},
        "乙局": {"authorised_posts": 42, "staff_in_post": 39, "staffing_control_rate_stated": "92.86%"},
        "丙局": {"staff_in_post": "", "funds_executed": "", "three_public_prior_outturn": ""},
    }
    (tmp_path / "inbox").mkdir()
    for name, fields in changes.items():
        office = filed.changed(clean, {"fields": fields}, name)
        (tmp_path / "inbox" / f"{name}.xlsx").write_bytes(filed.workbook(office))
    path = evaluate(tmp_path / "inbox", tmp_path / "output", policy).folder / "全县汇总.xlsx"
    book = openpyxl.load_workbook(path, data_only=True)
    staffing, three_public, funds = (totals(book[name]) for name in ("人员", "三公经费", "资金与执行"))
    assert staffing["控制率（核算）"] == 68 / 72
    assert staffing["编制数"] == 102  # the sum itself is of all three
    assert three_public["三公经费\n变动率"] == (8 - 9) / 9  # 4 of 4.50 last year at two departments
    assert round(funds["预算执行率"], 12) == round(1561 / 1600, 12)  # 780.50 of 800 at two departments
    page = book[OVERVIEW]
    card, *_ = (cell for row in page for cell in row if cell.value == "全县预算执行率")
    assert round(page.cell(card.row + 1, card.column).value, 12) == round(1561 / 1600, 12)


def totals(sheet: Any) -> dict[str, Any]:
    """Give the last row of a table by the heads of its columns."""
    heads = [cell.value for cell in sheet[TOP + 1]]
    return dict(zip(heads, [cell.value for cell in sheet[sheet.max_row]], strict=True))
