"""What is written is for eyes: nothing is cut, no number is ####, no list is empty without a word, no page nameless."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import openpyxl
import pytest

from pipeline import text_format
from pipeline.__main__ import main
from pipeline.evaluate import evaluate
from pipeline.output.files import file_names
from pipeline.validation import group
from pipeline.workbooks import write_county
from pipeline.workbooks.blank_lists import write_blank_roster, write_blank_waivers
from pipeline.workbooks.template import workbook as template_workbook
from schemas.forms.model import Kind
from schemas.lists.returned import FAULTY
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

    from schemas.policy import Policy

LONG = "云溪示例县人民政府驻粤港澳大湾区招商引资与承接产业转移及返乡创业就业综合服务工作领导小组办公室"
LONG_FILE = file_names([LONG])[LONG]
"""The name of its workbook, cut so that its path fits every system."""
"""A name of 47 characters, 94 columns wide."""
TEXT = "紧紧围绕县委、县政府的宏伟目标，扎实推进各项工作。" * 32
"""800 characters."""


@pytest.fixture(scope="module")
def books(
    tmp_path_factory: pytest.TempPathFactory, seed: dict[str, Any], clean: dict[str, Any], policy: Policy
) -> dict[str, openpyxl.Workbook]:
    """Give all workbooks of a run over a good return, an ugly one with long texts and huge figures, an empty one."""
    folder = tmp_path_factory.mktemp("looks")
    (folder / "inbox").mkdir()
    ugly = filed.changed(
        seed,
        {
            "rows": {"3": {"level3": TEXT, "actual": ""}, "7": {"level3": TEXT + "二", "target": TEXT}},
            "fields": {"funds_executed": 98765432109.87, "basic_budget": -123456789.5, "goal_planned": TEXT},
        },
        LONG,
    )
    empty = filed.changed(seed, {}, "空白局")
    kept = {"department_1_1", "department_1_2", "fiscal_year"}
    empty["fields"] = {name: value for name, value in empty["fields"].items() if name in kept}
    empty["indicators"] = []
    for name, each in {"好": clean, "长": ugly, "空": empty}.items():
        (folder / "inbox" / f"{name}.xlsx").write_bytes(filed.workbook(each))
    written = evaluate(folder / "inbox", folder / "output", policy).folder
    blanks = {
        "部门名册": write_blank_roster(),
        "豁免": write_blank_waivers(),
        "填报表": template_workbook.write_form(policy),
    }
    for name, content in blanks.items():
        (written / f"{name}.xlsx").write_bytes(content)
    paths = [path for path in written.rglob("*.xlsx") if path.parent.name != "退回修改"]
    return {path.stem: openpyxl.load_workbook(path) for path in paths}


def sheets(books: dict[str, openpyxl.Workbook]) -> Iterator[tuple[str, Worksheet]]:
    """Give every sheet with its name, the hidden one of the form left out."""
    for name, book in books.items():
        yield from ((f"{name} {each.title}", each) for each in book.worksheets if each.sheet_state == "visible")


def wide(text: str) -> int:
    """Give the columns that a text takes."""
    return sum(2 if east_asian_width(letter) in "WFA" else 1 for letter in text)


def cut(sheet: Worksheet) -> Iterator[str]:
    """Give the cells of a sheet whose wrapped text is higher than their row: a line is 1.2 times its letters."""
    merged = {area.coord.split(":")[0]: area for area in sheet.merged_cells.ranges}
    widths: dict[int, float] = {}
    for column in sheet.column_dimensions.values():
        widths |= dict.fromkeys(range(column.min, column.max + 1), column.width)
    for cell in (each for row in sheet.iter_rows() for each in row):
        area = merged.get(cell.coordinate)
        if not isinstance(cell.value, str) or cell.value.startswith("=") or not cell.alignment.wrap_text:
            continue
        if area and area.min_row < area.max_row:
            continue
        last = area.max_col if area else cell.column
        width = sum(widths.get(at, 8.43) for at in range(cell.column, last + 1)) * 10 / cell.font.sz
        needed = sum(max(1, math.ceil(wide(line) / width)) for line in cell.value.split("\n")) * cell.font.sz * 1.2
        if needed > (sheet.row_dimensions[cell.row].height or 15) + 0.5:
            yield f"{cell.coordinate} {cell.value[:30]}"


def test_no_text_is_cut(books: dict[str, openpyxl.Workbook]) -> None:
    """Every row is as high as its highest text, or the text is written smaller."""
    found = {name: list(cut(sheet)) for name, sheet in sheets(books)}
    assert {name: cells for name, cells in found.items() if cells} == {}


def numbers(sheet: Worksheet) -> list[Cell]:
    """Give the cells of a sheet that are numbers or formulas that give one."""
    cells = [cell for row in sheet.iter_rows() for cell in row]
    shown = [cell for cell in cells if isinstance(cell.value, (int, float)) or str(cell.value or "").startswith("=")]
    return [cell for cell in shown if cell.number_format != "General"]


def test_no_number_of_the_county_is_hashes(books: dict[str, openpyxl.Workbook]) -> None:
    """A number of the county's workbook that is wider than its column is written smaller, not as ####."""
    found = [cell for sheet in books["全县汇总"] for cell in numbers(sheet)]
    assert len(found) > 300
    assert [cell.coordinate for cell in found if not cell.alignment.shrink_to_fit or cell.alignment.wrap_text] == []


def test_no_list_is_empty_without_a_word(books: dict[str, openpyxl.Workbook]) -> None:
    """Below the heads of every sheet of the county's workbook something stands, if only that there is nothing."""
    lists = books["全县汇总"].worksheets[1:]
    assert all(sheet["A4"].value for sheet in lists), [sheet.title for sheet in lists if not sheet["A4"].value]
    assert books["全县汇总"]["版本差异"]["A4"].value == "没有"
    assert books["空白局"]["指标完成"]["C2"].value == "没有填写任何指标。"


def test_every_page_of_a_list_says_what_it_is(books: dict[str, openpyxl.Workbook]) -> None:
    """Above the pages of every list stand the names of the workbook and of the sheet; the official forms are as is."""
    unnamed = {
        sheet.title
        for _, sheet in sheets(books)
        if (sheet.oddHeader.left.text, sheet.oddHeader.right.text) != ("&F", "&A")
    }
    assert unnamed == {"总览", "评价结果", "附件1-1 基础数据表", "附件1-2 自评表"}


def test_the_title_of_a_wide_table_is_on_its_first_page(books: dict[str, openpyxl.Workbook]) -> None:
    """三公经费, 30 and 20 × 11 wide, is printed on two pages of 140 with the 30 on both: its title is above A:K."""
    sheet = books["全县汇总"]["三公经费"]
    assert "A1:K1" in {area.coord for area in sheet.merged_cells.ranges}
    assert sheet.page_setup.fitToWidth == 2
    assert "A1:J1" in {area.coord for area in books["全县汇总"]["排名"].merged_cells.ranges}  # one page: all columns


def test_the_heads_of_the_indicators_are_on_every_page(books: dict[str, openpyxl.Workbook]) -> None:
    """附件1-2 is printed on several pages, and the words of the columns stand on each."""
    for name in ("填报表", LONG_FILE):
        sheet = books[name]["附件1-2 自评表"]
        (head,) = (cell.row for row in sheet.iter_rows() for cell in row if cell.value == "三级指标")
        assert sheet.print_title_rows == f"${head}:${head}", name


def test_a_faulty_cell_is_of_one_colour(books: dict[str, openpyxl.Workbook]) -> None:
    """What the form turns red while it is typed has the colour of an error in the file that goes back."""
    rules = books["填报表"]["附件1-2 自评表"].conditional_formatting
    colours = {rule.dxf.fill.bgColor.rgb for each in rules for rule in each.rules}
    assert colours == {FAULTY}


def test_a_long_name_does_not_drown_a_finding(books: dict[str, openpyxl.Workbook]) -> None:
    """A name of 800 characters is quoted by its first 60 in a message, by its first 30 among others in one line."""
    found = [str(row[3].value) for row in books[LONG_FILE]["审核发现"].iter_rows(min_row=2)]
    assert any(f"“{TEXT[:60]}……”" in text for text in found)
    assert max(map(len, found)) < 500
    one = {"rule": "actual_blank", "cell": "F1", "stated": "", "expected": ""}
    told = group._one([one | {"label": TEXT}] * 3)  # noqa: SLF001 - what a line says of many cells
    assert told["message"] == f"实际完成值空白，共 3 处（F1）：{TEXT[:30]}……。"


def test_an_amount_of_many_digits_is_told_as_filed() -> None:
    """98765432109.87 has more digits than a float is sure of beyond the cent, and none of those is told."""
    assert text_format.format_figure(98765432109.87, Kind.AMOUNT) == "98,765,432,109.87"
    assert text_format.format_figure(4.151667, Kind.AMOUNT) == "4.151667"
    assert text_format.format_figure(5.0, Kind.AMOUNT) == "5.00"


def test_small_amounts_of_a_chart_are_not_rounded(books: dict[str, openpyxl.Workbook]) -> None:
    """Above the columns of an amount below 100 stand its cents: 2.31 万元 is not 2; a change has its sign and cents."""
    amounts = {
        series.dLbls.numFmt
        for chart in books["全县汇总"]["总览"]._charts  # noqa: SLF001 - openpyxl tells of charts nowhere else
        for series in chart.series
        if series.dLbls is not None
        and "万元" in str(chart.y_axis.title.tx.rich.p[0].r[0].t if chart.y_axis.title else "")
    }
    assert amounts == {"[=0]0;[<100]0.00;#,##0", '[>0]"+"#,##0.00;;', '[>0]"−"#,##0.00;;'}


def test_a_list_that_is_elsewhere_is_not_told_as_nothing(
    tmp_path: Path, seed: dict[str, Any], policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place of the rows of a list that is too long for a sheet stands where they are, not that there are none."""
    monkeypatch.setattr(write_county, "MOST_LISTED", 5)
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "局.xlsx").write_bytes(filed.workbook(seed))
    folder = evaluate(tmp_path / "inbox", tmp_path / "output", policy).folder
    book = openpyxl.load_workbook(folder / "全县汇总.xlsx")
    for name in ("指标", "部门指标", "审核发现"):
        assert "这里不列；全部在 data/" in str(book[name]["A2"].value)
        assert book[name]["A4"].value == "见上一行的说明"


def test_no_decision_of_the_reviewer_is_cut(tmp_path: Path, seed: dict[str, Any], policy: Policy) -> None:
    """A reviewer's reason of 160 characters is shown whole beside the points that it is about."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "局.xlsx").write_bytes(filed.workbook(seed))
    waiting = evaluate(inbox, tmp_path / "before", policy).folder / "复核意见.xlsx"
    book = openpyxl.load_workbook(waiting)
    asked = book["复核意见"]
    columns = {cell.value: cell.column for cell in asked[3]}
    (line,) = (row[0].row for row in asked.iter_rows(min_row=4) if row[columns["事项"] - 1].value == "产出指标")
    decision = {
        "复核决定": "改按复核得分",
        "复核得分": 40,
        "理由": "现场核实资料齐全，" * 18,
        "复核人": "王某",
        "日期": "2022-06-01",
    }
    for name, value in decision.items():
        asked.cell(line, columns[name]).value = value
    book.save(inbox / "复核意见.xlsx")
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "after"), "--year", str(policy.year)]) == 0
    (scored,) = (tmp_path / "after" / str(policy.year) / "部门评分").iterdir()
    found = openpyxl.load_workbook(scored)["评价结果"]
    assert "现场核实资料齐全" in str(found["J6"].value)
    assert list(cut(found)) == []
