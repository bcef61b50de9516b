"""The returned workbook: the department's own file, marked, and a list in front that the reader passes over."""

from __future__ import annotations

import datetime
import io
import re
import time
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from pipeline import frames
from pipeline.cells import address
from pipeline.reading.read import read
from pipeline.reading.workbook import book
from pipeline.validation.group import group_findings
from pipeline.workbooks import returned
from pipeline.workbooks.returned import ReturnIdentity
from schemas.forms import FORMS
from schemas.lists.returned import AUTHOR, DOUBTFUL, FAULTY, HEAD, MARK, STAMP, TITLE
from tests.reading.test_versions import with_members
from tests.support import filed, forged
from tests.support import in_memory as support_in_memory
from tests.support.office import converted, needs_office, recalculated
from tests.support.places import cell_of, layouts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from schemas.policy import Policy

FIRST, SECOND = (form.sheet for form in FORMS)
ABOUT = ReturnIdentity("示例局", 2021, "示例局.xlsx")


def opened(content: bytes, *, values: bool = False) -> Any:
    """Open a workbook."""
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values, rich_text=True)


def saved(workbook: Any) -> bytes:
    """Save a workbook."""
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def members(content: bytes) -> dict[str, bytes]:
    """Unpack a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def fault(sheet: str, cell: str, severity: str = "error", **changes: str) -> dict[str, Any]:
    """Give a finding."""
    told = {"message": f"{cell}有误", "remedy": f"请改{cell}", "standing": "counted", "cells": cell}
    return {"severity": severity, "sheet": sheet, "cell": cell} | told | changes


def marked(content: bytes, *faults: dict[str, Any]) -> bytes:
    """Return a workbook with findings, each of them a line."""
    return returned.write_returned_workbook(content, faults, faults, ABOUT)


def sent_back(content: bytes, policy: Policy) -> bytes:
    """Evaluate a return, and return it."""
    tables = support_in_memory.evaluate_in_memory([read("a.xlsx", content, policy.year)], [], policy)
    listed, found = frames.records(group_findings(tables.findings)), frames.records(tables.findings)
    return returned.write_returned_workbook(
        content, listed, found, ReturnIdentity(tables.findings["department"][0], policy.year, "a.xlsx")
    )


def rich() -> bytes:
    """Make a workbook with whatever a department may have put into one."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "基本 情况's"
    sheet.append(["名称", "预算", "决算", "率"])
    sheet.append(["甲", 12.5, 10, "=C2/B2"])
    sheet.append(["乙", 3, datetime.datetime(2021, 3, 1), "=SUM(B2:B3)"])  # noqa: DTZ001 - a cell has no time zone
    sheet["A1"].font, sheet["A1"].fill = Font(name="黑体", bold=True, color="FF123456"), PatternFill("lightUp")
    sheet["B2"].font, sheet["B2"].fill = Font(italic=True), PatternFill("solid", fgColor="FF00FF00")
    sheet["B2"].border, sheet["B2"].alignment = Border(left=Side("thick")), Alignment(textRotation=45)
    sheet["B2"].number_format, sheet["D2"].number_format = "#,##0.000", "0.00%"
    sheet.merge_cells("A5:C6")
    sheet["A5"] = "合并的\n文字"
    sheet.column_dimensions["A"].width, sheet.row_dimensions[2].height = 31, 44
    sheet.column_dimensions["F"].fill = PatternFill("solid", fgColor="FF0000FF")
    sheet.column_dimensions["F"].number_format = "0.0000"
    check = DataValidation("list", '"是,否"', allow_blank=True)
    check.add("C2:C9")
    sheet.add_data_validation(check)
    sheet.conditional_formatting.add(
        "B2:B9", CellIsRule("lessThan", ["0"], fill=PatternFill("solid", fgColor="FFFF0000"))
    )
    sheet["C2"].comment = Comment("自己的批注\n第二行", "张三", 80, 200)
    sheet["A2"].comment = Comment("不动的批注", "李四")
    sheet.freeze_panes, sheet.print_area, sheet.print_title_rows = "B2", "A1:D9", "1:1"
    sheet.page_setup.orientation, sheet.oddFooter.center.text = "landscape", "第&P页"
    sheet.auto_filter.ref = "A1:D3"
    sheet["A3"].hyperlink = "https://example.org/"
    sheet.protection.sheet = True
    hidden = workbook.create_sheet("隐藏")
    hidden["A1"], hidden.sheet_state = "='基本 情况''s'!B2", "hidden"
    workbook.create_sheet("空白")
    workbook.defined_names["预算"] = DefinedName("预算", attr_text="'基本 情况''s'!$B$2:$B$3")
    return saved(workbook)


FAULTS = (
    fault("基本 情况's", "B2"),
    fault("基本 情况's", "C2", "warning"),
    fault("基本 情况's", "B6"),
    fault("基本 情况's", "F2"),
    fault("基本 情况's", "H20"),
    fault("空白", "B2", "warning"),
    fault("基本 情况's", "A1", "info"),
    fault("基本 情况's", "D3", standing="waived"),
    fault("基本 情况's", "D3", standing="trial"),
    fault("", ""),
)
MARKED = {("基本 情况's", cell) for cell in ("B2", "C2", "A5", "F2", "H20")} | {("空白", "B2")}

LOOKS = ("font", "border", "alignment", "number_format", "protection", "hyperlink", "data_type")


def looks(cell: Any) -> list[Any]:
    """Give all of a cell but fill and comment."""
    return [cell.value, *(repr(getattr(cell, name)) for name in LOOKS)]


def rest(sheet: Any) -> dict[str, Any]:
    """Give all of a sheet but its cells and which tab is selected."""
    return {
        "merged": sorted(map(str, sheet.merged_cells.ranges)),
        "columns": {
            name: (each.width, each.hidden, repr(each.fill), each.number_format)
            for name, each in sheet.column_dimensions.items()
        },
        "heights": {row: each.height for row, each in sheet.row_dimensions.items() if each.height},
        "validations": [repr(each) for each in sheet.data_validations.dataValidation],
        "conditional": [
            (str(area.sqref), [repr(rule) for rule in area.rules]) for area in sheet.conditional_formatting
        ],
        "printed": (sheet.print_area, sheet.print_title_rows, repr(sheet.page_setup), repr(sheet.page_margins)),
        "footer": sheet.oddFooter.center.text,
        "shown": (sheet.sheet_state, sheet.freeze_panes, sheet.auto_filter.ref, repr(sheet.protection)),
    }


def fill(sheet: Any, cell: Any) -> str:
    """Give the fill of a cell; one that is not written looks as its column does."""
    return repr((cell if cell.has_style else sheet.column_dimensions[get_column_letter(cell.column)]).fill)


def differing(before: bytes, after: bytes) -> set[tuple[str, str]]:
    """Hold two workbooks against each other, all but our sheet: which cells differ in fill or comment, the only way."""
    old, new = opened(before), opened(after)
    assert [name for name in new.sheetnames if not name.startswith(TITLE)] == old.sheetnames
    assert {name: each.attr_text for name, each in new.defined_names.items()} == {
        name: each.attr_text for name, each in old.defined_names.items()
    }
    found = set()
    for name in old.sheetnames:
        assert rest(new[name]) == rest(old[name])
        size = max(old[name].max_row, new[name].max_row), max(old[name].max_column, new[name].max_column)
        for row in range(1, size[0] + 1):
            for column in range(1, size[1] + 1):
                one, other = old[name].cell(row, column), new[name].cell(row, column)
                if one.has_style or one.value is not None:
                    assert looks(one) == looks(other)
                texts = [each.comment and each.comment.text for each in (one, other)]
                fills = [fill(old[name], one), fill(new[name], other)]
                if fills[0] != fills[1] or texts[0] != texts[1]:
                    found.add((name, one.coordinate))
    return found


def test_the_seed_stays_as_it_is_but_for_the_marks(policy: Policy) -> None:
    """In the example's returned workbook nothing differs from the filed one but fill and comment of faulty cells."""
    content = filed.EXAMPLE.read_bytes()
    tables = support_in_memory.evaluate_in_memory([read("a.xlsx", content, policy.year)], [], policy)
    found = tables.findings.query("severity != 'info' and standing == 'counted' and cell != ''")
    grids = {sheet.name: sheet for sheet in book(content).sheets}
    expected = set()
    for name, cell in zip(found["sheet"], found["cell"], strict=True):
        at = coordinate_from_string(cell)
        place = (at[1] - 1, column_index_from_string(at[0]) - 1)
        expected.add((name, address(grids[name].anchor(place))))
    assert len(expected) > 10
    assert differing(content, sent_back(content, policy)) == expected


def test_whatever_a_workbook_has_stays() -> None:
    """Fonts, formats, merges, sizes, validations, names, comments, protection and print settings stay as they were."""
    assert differing(rich(), marked(rich(), *FAULTS)) == MARKED


def test_parts_that_need_no_change_stay_to_the_byte() -> None:
    """Texts, theme and properties of the file and sheets that are not marked are the same bytes."""
    sent = rich()  # once: it knows the second in which it was made
    before, after = members(sent), members(marked(sent, *FAULTS))
    same = {name for name, part in before.items() if after.get(name) == part}
    assert {"xl/theme/theme1.xml", "docProps/core.xml", "docProps/app.xml", "xl/worksheets/sheet2.xml"} <= same


def test_marks_tell_errors_from_warnings() -> None:
    """A cell with an error is orange, one with a warning yellow; the rest of its format stays, blank cells included."""
    sheet = opened(marked(rich(), *FAULTS))["基本 情况's"]
    assert [sheet[cell].fill.fgColor.rgb for cell in ("B2", "C2", "A5", "H20")] == [FAULTY, DOUBTFUL, FAULTY, FAULTY]
    assert sheet["F2"].number_format == "0.0000"
    assert (sheet["B2"].font.italic, sheet["B2"].border.left.style) == (True, "thick")


def test_comments_say_what_is_wrong_and_what_to_do() -> None:
    """Message and remedy stand in the cell's comment, several findings in one, by 绩效评价."""
    both = (fault("空白", "B2", message="=1+1\x07不对", remedy="<改>"), fault("空白", "B2", "warning"))
    comment = opened(marked(rich(), *both))["空白"]["B2"].comment
    assert comment.text == f"{MARK}\n错误：=1+1不对\n怎样改：<改>\n\n提醒：B2有误\n怎样改：请改B2"
    assert comment.author == AUTHOR


def test_comments_of_the_department_stay_above_ours() -> None:
    """Where the department has a comment its text stays, ours goes below; other comments are left alone."""
    sheet = opened(marked(rich(), *FAULTS))["基本 情况's"]
    assert sheet["C2"].comment.text == f"自己的批注\n第二行\n{MARK}\n提醒：C2有误\n怎样改：请改C2"
    assert sheet["C2"].comment.author == "张三"
    assert sheet["A2"].comment.text == "不动的批注"


def test_the_list_in_front_leads_to_the_cells() -> None:
    """The first, open and only selected sheet lists what counts, with links to cells that are there."""
    workbook = opened(marked(rich(), *FAULTS))
    sheet = workbook.worksheets[0]
    assert (sheet.title, workbook.active.title, sheet.freeze_panes) == (TITLE, TITLE, f"A{HEAD + 1}")
    assert [each.title for each in workbook.worksheets if each.sheet_view.tabSelected] == [TITLE]
    assert str(sheet["A1"].value).startswith(STAMP)
    assert "示例局" in str(sheet["A3"].value)
    assert "错误 5 处，提醒 2 处，提示 1 处" in str(sheet["A3"].value)
    rows = [[cell.value for cell in row[:5]] for row in sheet.iter_rows(min_row=HEAD)]
    assert rows[:2] == [
        ["序号", "程度", "位置", "问题", "怎样改"],
        ["1", "错误", "基本 情况's B2", "B2有误", "请改B2"],
    ]
    assert [row[1] for row in rows[1:]] == ["错误", "提醒", "错误", "错误", "错误", "提醒", "提示", "错误"]
    links = [sheet.cell(row, 3).hyperlink for row in range(HEAD + 1, HEAD + 9)]
    assert [each and each.location for each in links][:1] == ["'基本 情况''s'!B2"]
    assert [bool(each) for each in links] == [True] * 7 + [False]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.print_title_rows == f"${HEAD}:${HEAD}"


def test_text_is_only_ever_text() -> None:
    """A message that looks like a formula is text, and characters that XML cannot hold are left out."""
    odd = fault("空白", "B2", message="=HYPERLINK(1)\x00", remedy="_x0041_&<b>")
    sheet = opened(marked(rich(), odd)).worksheets[0]
    cells = [sheet.cell(HEAD + 1, column) for column in (4, 5)]
    assert [cell.data_type for cell in cells] == ["s", "s"]
    assert cells[0].value == "=HYPERLINK(1)"


def with_formulas() -> bytes:
    """Make a workbook whose formulas have values that no program would compute."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet("表")
    sheet.write_formula("A1", "=1+1", None, 77)
    sheet.write_formula("A2", '="a"&"b"', None, "存的")
    sheet.write_formula("A3", "=1/0", None, "#DIV/0!")
    sheet.write_array_formula("B1:B2", "{=A1:A2*2}", None, 5)
    sheet.write_rich_string("C1", workbook.add_format({"bold": True}), "粗", "细")
    chart = workbook.add_chart({"type": "column"})
    assert chart is not None
    chart.add_series({"values": "=表!$A$1:$A$3"})
    sheet.insert_chart("E5", chart)
    workbook.close()
    return stream.getvalue()


def test_formulas_keep_their_saved_values() -> None:
    """Formulas keep text and saved value, marked or not; text in two fonts and charts stay too."""
    before = with_formulas()
    after = marked(before, fault("表", "A1"), fault("表", "B1"), fault("表", "C1"))
    for cell, formula, value in (("A1", "=1+1", 77), ("A2", '="a"&"b"', "存的"), ("A3", "=1/0", "#DIV/0!")):
        assert opened(after)["表"][cell].value == formula
        assert opened(after, values=True)["表"][cell].value == value
    assert opened(after, values=True)["表"]["B1"].value == 5
    assert opened(after)["表"]["C1"].value == opened(before)["表"]["C1"].value
    assert members(after)["xl/charts/chart1.xml"] == members(before)["xl/charts/chart1.xml"]


def test_the_same_arguments_give_the_same_bytes(policy: Policy) -> None:
    """Two runs write the same file to the byte, edited or transcribe."""
    assert sent_back(filed.EXAMPLE.read_bytes(), policy) == sent_back(filed.EXAMPLE.read_bytes(), policy)
    assert marked(old_book(), fault("表", "A1")) == marked(old_book(), fault("表", "A1"))


def test_sent_again_as_it_is_it_reads_the_same(policy: Policy) -> None:
    """The returned workbook read again gives the facts, rows and findings of the original, nothing else."""
    content = filed.EXAMPLE.read_bytes()
    before, after = (read("a.xlsx", each, policy.year) for each in (content, sent_back(content, policy)))
    assert (after.facts, after.indicators, after.findings) == (before.facts, before.indicators, before.findings)
    assert after.forms == before.forms


def test_a_corrected_value_is_read(clean: dict[str, Any], policy: Policy) -> None:
    """A cell corrected in the returned workbook is read as corrected, and its finding is gone."""
    wrong = filed.changed(clean, {"fields": {"procurement_outturn": "约12"}}, "甲局")
    workbook = opened(sent_back(filed.workbook(wrong), policy), values=True)
    cell = cell_of(layouts(wrong)["1-1"], "procurement_outturn")
    assert workbook[FIRST][cell].comment.text.startswith(MARK)
    workbook[FIRST][cell] = 12
    found = read("a.xlsx", saved(workbook), policy.year)
    assert {fact.field: fact.value for fact in found.facts}["procurement_outturn"] == 12
    assert found.findings == []


def test_returned_twice_only_the_marks_of_today_are_there() -> None:
    """Of a workbook returned before, list, colours and comments are replaced: what was corrected looks as it did."""
    again = marked(marked(rich(), *FAULTS), fault("空白", "A1"))
    assert differing(rich(), again) == {("空白", "A1")}
    assert opened(again).sheetnames[0] == TITLE
    assert len(opened(again).sheetnames) == len(opened(rich()).sheetnames) + 1


@pytest.mark.parametrize("times", [2, 3])
def test_returning_again_and_again_adds_nothing(times: int) -> None:
    """The same findings on a workbook returned before give the same as on the first, but for what it was made from."""
    content = once = marked(rich(), *FAULTS)
    for _ in range(times - 1):
        content = marked(content, *FAULTS)
    assert differing(rich(), content) == MARKED
    assert texts_of(content) == texts_of(once)


def texts_of(content: bytes) -> list[Any]:
    """Give every value, comment and colour of a workbook."""
    return [
        (
            *(sheet.title, cell.coordinate, re.sub("[0-9a-f]{64}$", "", cell.value or "") if front else cell.value),
            *(cell.comment and cell.comment.text, cell.fill.fgColor.rgb),
        )
        for sheet in opened(content).worksheets
        for row in sheet.iter_rows()
        for cell in row
        for front in [str(cell.value).startswith(STAMP)]
    ]


def test_marks_are_undone_after_another_program_saved_it() -> None:
    """Also where another program has written the returned workbook anew, colours and comments of before go."""
    resaved = saved(opened(marked(rich(), *FAULTS)))
    again = opened(marked(resaved, fault("空白", "A1")))
    sheet, before = again["基本 情况's"], opened(rich())["基本 情况's"]
    for cell in ("B2", "C2", "A5", "H20"):
        assert repr(sheet[cell].fill) == repr(before[cell].fill)
    assert sheet["F2"].fill.fgColor.rgb == "FF0000FF"
    texts = {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}
    assert texts == {"A2": "不动的批注", "C2": "自己的批注\n第二行"}


def test_a_sheet_of_that_name_may_be_the_departments() -> None:
    """A sheet 审核意见 that is not ours stays, and the list gets another name."""
    workbook = opened(rich())
    workbook.create_sheet(TITLE)["A1"] = "我们自己的意见"
    after = marked(saved(workbook), *FAULTS)
    assert opened(after).sheetnames == [f"{TITLE}2", "基本 情况's", "隐藏", "空白", TITLE]
    assert opened(after)[TITLE]["A1"].value == "我们自己的意见"
    assert differing_names(after) == {"'基本 情况''s'!$A$1:$D$9"}


def differing_names(content: bytes) -> set[str]:
    """Give the print areas of all sheets, which know their sheet by its place."""
    return {sheet.print_area for sheet in opened(content).worksheets if sheet.print_area}


def test_macros_are_dropped_and_told(clean: dict[str, Any]) -> None:
    """Of a workbook with macros these are left out, it is a plain .xlsx, and the list says so."""
    content = with_members(filed.workbook(clean), {"xl/vbaProject.bin": b"x" * 100})
    parts = members(content)
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    types = parts["[Content_Types].xml"].replace(kind, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    links = parts["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Id="rId99" Target="vbaProject.bin" '
        b'Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject"/></Relationships>',
    )
    content = with_members(content, {"[Content_Types].xml": types, "xl/_rels/workbook.xml.rels": links})
    assert [each.rule for each in read("a.xlsm", content, 2021).findings] == ["macros"]
    after = marked(content, fault(FIRST, "B19"))
    assert not any(b"vbaProject" in part or "vba" in name for name, part in members(after).items())
    assert kind in members(after)["[Content_Types].xml"]
    assert "原文件带有宏" in str(opened(after).worksheets[0]["A4"].value)
    assert read("a.xlsx", after, 2021).findings == []


def old_book() -> bytes:
    """Make a workbook in the old format."""
    return forged.container({"Workbook": forged.xls(forged.XLS_CELLS)}, forged.END)


def values(content: bytes) -> list[tuple[str, list[list[Any]]]]:
    """Give what the reader finds, but our list and blanks at the end."""
    return [
        (sheet.name, [[cell for cell in row if cell != ""] for row in sheet.rows if any(each != "" for each in row)])
        for sheet in book(content).sheets
        if not str(sheet.value((0, 0))).startswith(STAMP)
    ]


def test_an_old_workbook_is_transcribe() -> None:
    """An .xls comes back as an .xlsx with the same values and percentages, marked, and the list says what is lost."""
    after = marked(old_book(), fault("表", "A1"))
    assert values(after) == values(old_book())
    old, new = (next(each for each in book(one).sheets if each.name == "表") for one in (old_book(), after))
    percentages = {cell: looks.exact for cell, looks in old.shows.items() if looks and looks.exact.endswith("%")}
    assert percentages
    assert percentages == {cell: looks.exact for cell, looks in new.shows.items() if looks}
    workbook = opened(after)
    assert "原文件为旧格式，退回的是按其内容转存的 .xlsx" in str(workbook.worksheets[0]["A4"].value)
    assert workbook["表"]["A1"].fill.fgColor.rgb == FAULTY
    assert workbook["表"]["A1"].comment.author == AUTHOR


@needs_office
@pytest.mark.slow
def test_what_an_old_workbook_loses_is_told(tmp_path: Path, policy: Policy) -> None:
    """An .xls with a ledger of 5,001 rows, 4,000 texts and far borders is read; the ledger is lost, and told."""
    workbook = opened(filed.EXAMPLE.read_bytes())
    ledger, texts = workbook.create_sheet("明细账"), workbook.create_sheet("台账")
    for row in range(1, 5002):
        ledger.cell(row, 1, row)
    for row in range(1, 4001):
        texts.cell(row, 1, f"第{row}笔支出")
    for far in ("A60000", "IV30", "IV60000"):
        texts[far].border = Border(bottom=Side(style="thin"))
    path = tmp_path / "某局.xlsx"
    workbook.save(path)
    content = converted(path, "xls", tmp_path).read_bytes()
    old, new = (
        read(each.name, each.read_bytes(), 2021) for each in (tmp_path / "converted" / "某局.xls", filed.EXAMPLE)
    )
    assert {fact.field: fact.value for fact in old.facts} == {fact.field: fact.value for fact in new.facts}
    begun = time.thread_time()
    after = sent_back(content, policy)
    assert time.thread_time() - begun < 20
    sheets = opened(after).worksheets
    assert [each.title for each in sheets[1:]] == [each.title for each in workbook.worksheets if each is not ledger]
    assert "退回的文件没有保留原文件里的工作表“明细账”。" in str(sheets[0]["A4"].value)
    assert opened(after)["台账"]["A4000"].value == "第4000笔支出"


def test_a_sheet_that_was_not_read_is_told_as_lost() -> None:
    """What is transcribed lacks the sheets that were passed over, and the list names each of them."""
    far = forged.number_record((0, 0), 1) + forged.number_record((65_535, 255), 1)
    content = forged.container(
        {"Workbook": forged.xls(forged.number_record((0, 0), 1), more={"台账": far})}, forged.END
    )
    after = marked(content, fault("表", "A1"))
    assert opened(after).sheetnames[1:] == ["表"]
    assert "没有保留原文件里的工作表“台账”。" in str(opened(after).worksheets[0]["A4"].value)


ODD: dict[str, Iterable[tuple[str, str | bytes | None]]] = {
    "no styles": [("xl/styles.xml", None)],
    "styles without fonts": [],  # those of the small workbook
    "cells without addresses": [
        (forged.SHEET, forged.sheet('<row><c><v>1</v></c><c t="str"><v>x</v></c></row>')),
    ],
}


@pytest.mark.parametrize("changes", ODD.values(), ids=list(ODD))
def test_a_workbook_that_cannot_be_edited_is_transcribe(changes: Iterable[tuple[str, str | bytes | None]]) -> None:
    """A workbook that can be read but not edited is transcribe too; the run never fails over it."""
    content = forged.book(changes=dict(changes))
    after = marked(content, fault("表", "A1"), fault("表", "Z9"))
    assert values(after) == values(content)
    assert "原文件的写法不合常规" in str(opened(after).worksheets[0]["A4"].value)


def test_prefixes_are_kept() -> None:
    """A workbook whose tags all have a prefix is edited like any other."""
    before = saved(opened(filed.EXAMPLE.read_bytes()))
    parts = members(before)
    for name in ("xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        parts[name] = prefixed(parts[name])
    content = forged.zipped(dict(parts))
    after = marked(content, fault(FIRST, "B8"))
    assert b'<x:legacyDrawing xmlns:r="' in members(after)["xl/worksheets/sheet1.xml"]
    assert differing(before, after) == {(FIRST, "B8")}


def prefixed(part: bytes) -> bytes:
    """Write the tags of a part with a prefix."""
    part = re.sub(rb"<(/?)(?=[A-Za-z])(?![a-z]+:)", rb"<\1x:", part)
    return part.replace(b"xmlns=", b"xmlns:x=", 1)


def test_only_returns_with_errors_go_back() -> None:
    """A return goes back when it has an error that counts, not for warnings or what is waived or on trial."""
    assert returned.must_go_back([fault("表", "A1")])
    assert not returned.must_go_back([fault("表", "A1", "warning"), fault("表", "A1", standing="waived")])
    assert not returned.must_go_back([fault("表", "A1", standing="trial")])


@needs_office
def test_office_opens_it(policy: Policy, tmp_path: Path) -> None:
    """LibreOffice opens and saves the returned workbooks; read again they are the same, and the marks are known."""
    seed, other = tmp_path / "seed.xlsx", tmp_path / "rich.xlsx"
    seed.write_bytes(sent_back(filed.EXAMPLE.read_bytes(), policy))
    other.write_bytes(marked(rich(), *FAULTS))
    again = [path.read_bytes() for path in recalculated([seed, other], tmp_path)]
    before, after = (read("a.xlsx", each, policy.year) for each in (filed.EXAMPLE.read_bytes(), again[0]))
    assert [fact.value for fact in after.facts] == [fact.value for fact in before.facts]
    assert after.findings == before.findings
    assert opened(again[1])["基本 情况's"]["B2"].comment.text.startswith(MARK)
    third = opened(marked(again[1], fault("空白", "A1")))
    assert third["基本 情况's"]["B2"].comment is None
    assert third["基本 情况's"]["B2"].fill.fgColor.rgb == "FF00FF00"
    assert third["基本 情况's"]["C2"].comment.text == "自己的批注\n第二行"


@needs_office
def test_an_old_return_comes_back_readable(policy: Policy, tmp_path: Path) -> None:
    """The example saved as .xls comes back as an .xlsx of the same facts and rows."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(filed.EXAMPLE.read_bytes())
    old = converted(path, "xls", tmp_path).read_bytes()
    before, after = (read("a.xls", each, policy.year) for each in (old, sent_back(old, policy)))
    assert [fact[:6] for fact in after.facts] == [fact[:6] for fact in before.facts]
    assert after.indicators == before.indicators
