"""Lists that the bureau has filled in keep their looks where blank ones are written, and are brought up to date."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from lxml import etree
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from pipeline.__main__ import main
from pipeline.lists import prior_year, roster, waivers
from pipeline.lists.prior_year import Prior
from pipeline.workbooks.blank_lists import rule_rows, write_blank_roster, write_blank_waivers
from pipeline.workbooks.edit_list import EditedWorkbook, UneditableError
from pipeline.workbooks.update_lists import update_list, update_roster, update_waivers

if TYPE_CHECKING:
    from pathlib import Path

PINK = "FFFFC0CB"


def filled_roster() -> bytes:
    """Give a roster of two departments, formatted by hand: a wide column, a pink line, a comment."""
    book = openpyxl.load_workbook(io.BytesIO(write_blank_roster()))
    sheet = book.worksheets[0]
    sheet["A3"], sheet["C3"] = "甲局", "甲部"
    sheet["A4"], sheet["D4"] = "乙局", "否"
    for cell in sheet[4]:
        cell.fill = PatternFill("solid", fgColor=PINK)
    sheet["A3"].comment = Comment("牵头单位", "张某")
    sheet.column_dimensions["A"].width = 55
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_departments_of_last_year_come_below_in_the_same_looks() -> None:
    """Of 甲部 (a name of 甲局), 乙局 and 丙局 only the last is missing; it stands below, pink as the line above."""
    content, added = update_roster(filled_roster(), ["甲部", "乙局", "=丙局"])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert added == ["=丙局"]
    assert (sheet["A5"].value, sheet["A5"].data_type) == ("=丙局", "s")
    assert sheet["A5"].fill.fgColor.rgb == PINK
    assert sheet.column_dimensions["A"].width == 55
    assert sheet["A3"].comment.text == "牵头单位"
    assert [each.name for each in roster.read("a", content).members] == ["甲局", "乙局", "=丙局"]
    assert content == update_roster(filled_roster(), ["=丙局"])[0]


def test_a_roster_that_lacks_nobody_is_given_back_to_the_byte() -> None:
    """Where every department of last year is on the roster nothing is written anew."""
    own = filled_roster()
    assert update_roster(own, ["甲局", "乙局"]) == (own, [])


def test_the_rules_of_a_list_of_waivers_are_those_of_today() -> None:
    """A list with an old rule on its sheet of rules gets today's, and its list to choose from all of them."""
    book = openpyxl.load_workbook(io.BytesIO(write_blank_waivers()))
    title = rule_rows()[0][0]
    for column, value in enumerate(("甲局", title, "县里批准", "局长", 2030), 1):
        book.worksheets[0].cell(3, column).value = value
    sheet = book[waivers.REGISTER]
    sheet["A2"] = "一条已取消的规则"
    sheet.delete_rows(30, 50)
    stream = io.BytesIO()
    book.save(stream)
    found = openpyxl.load_workbook(io.BytesIO(update_waivers(stream.getvalue())))
    shown = [tuple(cell.value for cell in row[:4]) for row in found[waivers.REGISTER].iter_rows(min_row=2)]
    assert shown == rule_rows()
    (rule,) = found.worksheets[0].data_validations.dataValidation
    assert rule.formula1.endswith(f"$A${len(rule_rows()) + 1}")
    assert found.worksheets[0]["C3"].value == "县里批准"


def test_what_is_no_list_is_not_edited() -> None:
    """A blank roster, another file and bytes that are no workbook are left to whoever writes the blank one."""
    assert update_list("部门名册.xlsx", write_blank_roster(), []) is None
    assert update_list("通报模板.docx", b"x", []) is None
    assert update_list("部门名册.xlsx", b"x", []) is None
    with pytest.raises(UneditableError):
        EditedWorkbook(b"x")


@pytest.mark.parametrize(
    ("printed", "area"),
    [((0, 0, 1048575, 11), "$A:$L"), ((0, 0, 8, 16383), "$1:$9"), ((0, 0, 8, 11), "$A$1:$L$9")],
)
@pytest.mark.parametrize("title", ["复核意见", "我的'名册 二"])
def test_what_is_printed_of_a_sheet_stays(title: str, printed: tuple[int, int, int, int], area: str) -> None:
    """An area to print of whole columns, of whole rows or of cells is the same after a list was edited, twice too."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    book.add_worksheet("另一张")
    book.add_worksheet(title).print_area(*printed)
    book.close()
    edited = EditedWorkbook(EditedWorkbook(stream.getvalue()).save()).save()
    with zipfile.ZipFile(io.BytesIO(edited)) as parts:
        names = etree.fromstring(parts.read("xl/workbook.xml")).findall("{*}definedNames/{*}definedName")
    found = [(each.get("name"), each.get("localSheetId"), str(each.text).rpartition("!")[2]) for each in names]
    assert found == [("_xlnm.Print_Area", "1", area)]


def test_templates_keep_a_roster_that_is_filled_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`jixiao templates` leaves a filled-in roster where it is; with last year's results it adds who is missing."""
    path = tmp_path / "部门名册.xlsx"
    own = filled_roster()
    path.write_bytes(own)
    assert main(["templates", "-o", str(tmp_path)]) == 0
    assert "部门名册.xlsx（保持不变）" in capsys.readouterr().out
    assert path.read_bytes() == own
    before = Prior(2020, pd.DataFrame({"department": ["丁局"], "basic_outturn": [1.0]}))
    monkeypatch.setattr(prior_year, "load", lambda _folder, _year: before)
    assert main(["templates", "-o", str(tmp_path), "--prior", str(tmp_path), "--year", "2021"]) == 0
    told = capsys.readouterr().out
    assert "末尾加了上年报送、名册中没有的：丁局" in told
    assert "原有的文件改名为 部门名册（旧1）.xlsx" in told
