"""A list of decisions that the bureau has filled in and formatted comes back with its looks and the new lines."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill

from pipeline.__main__ import main
from pipeline.evaluate import evaluate
from pipeline.inputs import Inputs
from schemas.lists.reviews import COLUMNS, STAMPS, TITLE
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

    from schemas.policy import Policy

NAME = f"{TITLE}.xlsx"
PURPLE, GREEN = "FF7030A0", "FFC6EFCE"


def at(sheet: Worksheet) -> dict[str, int]:
    """Give the column of each field."""
    words = {cell.value: cell.column for cell in sheet[3]}
    return {field: words[word] for field, word in COLUMNS.items()}


def formatted(content: bytes) -> bytes:
    """Give the list as a reviewer fills it in: the first line decided by a formula, everything dressed up."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet, columns = book[TITLE], at(book[TITLE])
    line = next(row for row in range(4, sheet.max_row + 1) if sheet.cell(row, columns["item"]).value == "产出指标")
    said = {"verdict": "改按复核得分", "points": 40, "reason": "现场核实", "by": "王某", "date": "2022-06-01"}
    for field, value in said.items():
        sheet.cell(line, columns[field]).value = value
    sheet.cell(line, columns["reason"]).font = Font(name="楷体", color=PURPLE, bold=True)
    sheet.cell(line, columns["item"]).comment = Comment("请李科长再看", "张某")
    sheet.cell(3, 15).value, sheet.cell(line, 15).value = "本局备注", "已电话核对"
    sheet.column_dimensions["D"].width = 61
    rule = CellIsRule(operator="equal", formula=['"认定完成"'], fill=PatternFill(bgColor=GREEN))
    letter = sheet.cell(4, columns["verdict"]).column_letter
    sheet.conditional_formatting.add(f"{letter}4:{letter}{sheet.max_row}", rule)
    sheet.print_area = f"A1:L{sheet.max_row}"
    book.create_sheet("本局统计")["A1"] = "=1+1"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def lists(
    tmp_path_factory: pytest.TempPathFactory, seed: dict[str, Any], clean: dict[str, Any], policy: Policy
) -> tuple[bytes, Path]:
    """Give the list as the reviewer laid it into the inbox, and the one written after another return came in."""
    folder = tmp_path_factory.mktemp("reviews")
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / "科工局.xlsx").write_bytes(filed.workbook(seed))
    first = evaluate(inbox, folder / "first", policy).folder / NAME
    own = formatted(first.read_bytes())
    (inbox / NAME).write_bytes(own)
    other = filed.changed(clean, {"rows": {"1": {"actual": "=SUM(1,2)基本完成"}}}, "示例县后报局")
    (inbox / "后报局.xlsx").write_bytes(filed.workbook(other))
    for run in ("second", "again"):
        assert main(["evaluate", str(inbox), "-o", str(folder / run), "--year", str(policy.year)]) == 0
    return own, folder


def written(lists: tuple[bytes, Path], run: str = "second") -> bytes:
    """Give the list that a run wrote."""
    (path,) = (lists[1] / run).rglob(NAME)
    return path.read_bytes()


def test_the_looks_of_the_bureau_survive(lists: tuple[bytes, Path]) -> None:
    """Width, font, comment, a column and a sheet of the bureau's own are as they were."""
    sheet = openpyxl.load_workbook(io.BytesIO(written(lists)))[TITLE]
    before = openpyxl.load_workbook(io.BytesIO(lists[0]))[TITLE]
    line = next(row for row in range(4, before.max_row + 1) if before.cell(row, 15).value == "已电话核对")
    columns = at(sheet)
    assert sheet.column_dimensions["D"].width == 61
    assert sheet.cell(line, columns["reason"]).font.color.rgb == PURPLE
    assert sheet.cell(line, columns["reason"]).font.name == "楷体"
    comment = sheet.cell(line, columns["item"]).comment
    assert comment is not None
    assert comment.text == "请李科长再看"
    assert (sheet.cell(3, 15).value, sheet.cell(line, 15).value) == ("本局备注", "已电话核对")
    assert openpyxl.load_workbook(io.BytesIO(written(lists)))["本局统计"]["A1"].value == "=1+1"
    assert sheet.cell(line, columns["told"]).value == "已采用"
    assert sheet.cell(line, columns["points"]).value == 40


def test_new_lines_stand_below_in_the_same_looks(lists: tuple[bytes, Path]) -> None:
    """What waits of the return that came later stands below, with the list to choose from and the mark by condition."""
    sheet = openpyxl.load_workbook(io.BytesIO(written(lists)))[TITLE]
    before = openpyxl.load_workbook(io.BytesIO(lists[0]))[TITLE]
    columns = at(sheet)
    new = range(before.max_row + 1, sheet.max_row + 1)
    assert len(new) >= 1
    assert {sheet.cell(row, columns["department"]).value for row in new} == {"示例县后报局"}
    letter = sheet.cell(4, columns["verdict"]).column_letter
    last = f"{letter}{sheet.max_row}"
    assert any(last in rule.sqref for rule in sheet.data_validations.dataValidation)
    assert any(last in str(area.sqref) or last in area.sqref for area in sheet.conditional_formatting)
    assert sheet.auto_filter.ref.endswith(str(sheet.max_row))
    assert sheet.print_area == f"'{TITLE}'!$A$1:$L${sheet.max_row}"
    pattern = sheet.cell(before.max_row, columns["about"])
    assert sheet.cell(new[0], columns["about"]).border.left.style == pattern.border.left.style == "thin"
    assert str(sheet["A2"].value).startswith(f"待复核 {sheet.max_row - 4} 项，已采用 1 项")  # 3 rows above, 1 decided


def test_text_of_a_return_stays_text(lists: tuple[bytes, Path]) -> None:
    """A department's text that begins with = is a text in the edited list too."""
    book = openpyxl.load_workbook(io.BytesIO(written(lists)))
    formulas = [(s.title, c.coordinate) for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]
    assert formulas == [("本局统计", "A1")]
    told = [cell.value for row in book[TITLE].iter_rows() for cell in row]
    assert any("=SUM(1,2)基本完成" in str(value) for value in told)


def test_the_same_inputs_give_the_same_bytes(lists: tuple[bytes, Path]) -> None:
    """Two runs write the edited list to the byte alike, and its stamps name both departments."""
    assert written(lists) == written(lists, "again")
    stamps = openpyxl.load_workbook(io.BytesIO(written(lists)))[STAMPS]
    assert {stamps.cell(row, 1).value for row in (2, 3)} == {"衡阳县科技和工业信息化局", "示例县后报局"}


def test_what_openpyxl_cannot_edit_is_drawn_anew(tmp_path: Path, seed: dict[str, Any], policy: Policy) -> None:
    """In the place of bytes that are no workbook the list is drawn as on the first run."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "局.xlsx").write_bytes(filed.workbook(seed))
    first = evaluate(tmp_path / "inbox", tmp_path / "a", policy).folder / NAME
    other = evaluate(tmp_path / "inbox", tmp_path / "b", policy, given=Inputs(review_list=b"no workbook")).folder / NAME
    assert first.read_bytes() == other.read_bytes()
