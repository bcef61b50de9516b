"""What a clerk sees of a return is what is read of it, or it is asked about: each kind by one change of the form.

A row of indicators stands in the row of the sheet that is 15 more than its number: row 2 in row 17.
"""

from __future__ import annotations

import base64
import datetime
import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font

from pipeline import frames
from pipeline.reading import closer_look
from pipeline.reading.read import read
from pipeline.validation.group import group_findings
from pipeline.workbooks.returned import ReturnIdentity, write_returned_workbook
from schemas.forms import FORMS
from schemas.lists.returned import MARK
from schemas.text.split_targets import put_together
from tests.conftest import evaluated_files
from tests.guard.test_readable import packed, rezipped
from tests.reading.test_ugly import changed
from tests.support import filed

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

    from pipeline.reading.submission import Submission
    from schemas.policy import Policy

FIRST, SECOND = (form.sheet for form in FORMS)
STRUCK, RAISED = InlineFont(strike=True), InlineFont(vertAlign="superscript")
DAY = datetime.date

Change = dict[str, tuple[Any, str]]
"""Cells, each with a value and a number format."""


def filled(base: dict[str, Any], sheet: str, cells: Change) -> bytes:
    """Give a return with some cells set to values with number formats."""

    def change(book: Workbook) -> None:
        for cell, (value, code) in cells.items():
            book[sheet][cell] = value
            if code:
                book[sheet][cell].number_format = code

    return changed(base, change)


def reading_of(content: bytes) -> Submission:
    """Read a return."""
    return read("某局.xlsx", content, 2021)


def told(reading: Submission) -> list[tuple[str, str, str]]:
    """Give what reading tells: rule, cell, and what is stated."""
    return sorted((found.rule, found.cell, found.stated) for found in reading.findings)


# --- number formats --------------------------------------------------------------------------------------------------

AMOUNTS = [
    # value, format, what is read in 万元 (None: asked about), the rule that tells
    (500000, '0\\.0,"万元"', 50, "value_cleaned"),
    (125000, '0!.0,"万元"', 12.5, "value_cleaned"),
    (125400, '0!.0,"万元"', 12.54, "value_cleaned"),  # 12.5万元 shows, and no digit is lost
    (12.5, '0.0"万元"', 12.5, "value_cleaned"),
    (0.5, '0.0"亿元"', 5000, "value_cleaned"),
    (125000, '#,##0"元"', 12.5, "value_cleaned"),
    (12.5, '"¥"0.00', 12.5, "value_cleaned"),
    (12.5, "#,##0.00_ ", 12.5, ""),
    (12.5, "# ?/?", 12.5, ""),  # shows 12 1/2
    (0, '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', 0, ""),  # shows a dash
    (123, "[DBNum1]General", 123, ""),  # shows 一百二十三
    (50000, "0.0,", 50, "value_cleaned"),
    (12.5, "0%", None, "value_unreadable"),  # 1250% is no amount
    (12.5, ";;;", None, "value_hidden"),
    (12.5, '0.0"户"', None, "value_unreadable"),
    (12.5, '"已拨付"', None, "value_unreadable"),
    (12.5, "0.0 kg", None, "value_unreadable"),  # no format that there is
    (DAY(2021, 12, 20), "yyyy/m/d", None, "value_unreadable"),
]


@pytest.mark.parametrize(("value", "code", "amount", "rule"), AMOUNTS, ids=str)
def test_an_amount_is_what_its_cell_shows(
    clean: dict[str, Any], value: Any, code: str, amount: float | None, rule: str
) -> None:
    """An amount with a number format is read in the unit and the scale that show, and told; else it is asked about."""
    found = reading_of(filled(clean, FIRST, {"C19": (value, code)}))
    (fact,) = (each for each in found.facts if each.field == "procurement_budget")
    assert fact.value == amount
    assert [each.rule for each in found.findings] == [rule] * bool(rule)
    assert fact.doubtful == (amount is None)


def test_the_stored_number_and_what_shows_are_both_kept(clean: dict[str, Any], policy: Policy) -> None:
    """The table of facts has what the cell holds, what it shows, and what was understood, side by side."""
    content = filled(clean, FIRST, {"B19": (500000, '0\\.0,"万元"'), "C19": (550000, '0\\.0,"万元"')})
    facts = evaluated_files({"某局": content}, policy).facts.set_index("field")
    kept = facts.loc[["procurement_outturn", "procurement_budget"], ["raw", "shown", "value"]].to_numpy().tolist()
    assert kept == [["500000", "50万元", 50.0], ["550000", "55万元", 55.0]]
    assert (facts.loc["basic_outturn", "raw"], facts.loc["basic_outturn", "shown"]) == ("480.5", "480.5")


ROWS = [
    # row, target, actual, state, share of the points
    (7, (20, '"≤"0"万元"'), (18.5, '0.0"万元"'), "met", 1.0),
    (7, (20, '"≤"0"万元"'), (25, '0.0"万元"'), "partly", 0.75),  # 1 - (25 - 20) / 20
    (2, (4, '0"亿元"'), (3000, '0"万元"'), "partly", 0.075),  # 3000 of 40000万元
    (2, (100, '"≥"0"户"'), (100, '0"户"'), "met", 1.0),
    (2, (100, "[DBNum1]General"), (90, "0"), "partly", 0.9),
    (3, (0.95, '"≥"0%'), (0.98, "0%"), "met", 1.0),
    # 2021年12月 typed into a cell is stored as its first day, 12月20日 with the year in which it was typed.
    (6, (DAY(2021, 12, 1), 'yyyy"年"m"月"'), (DAY(2021, 12, 20), 'yyyy"年"m"月"d"日"'), "qualitative", 1.0),
    (6, ("12月底前", ""), (DAY(2022, 12, 20), 'm"月"d"日"'), "qualitative", 1.0),
    (6, (DAY(2021, 12, 1), 'yyyy"年"m"月"'), (DAY(2022, 1, 20), 'yyyy"年"m"月"d"日"'), "qualitative", 0.6),  # late
]


@pytest.mark.parametrize(("row", "target", "actual", "state", "share"), ROWS, ids=str)
def test_a_target_is_what_its_cell_shows(
    clean: dict[str, Any], policy: Policy, row: int, target: Any, actual: Any, state: str, share: float
) -> None:
    """Units, signs and parts of a date that a number format shows are those of the target and the actual."""
    content = filled(clean, SECOND, {f"E{row + 15}": target, f"F{row + 15}": actual})
    judged = evaluated_files({"某局": content}, policy).indicators.set_index("row")
    assert judged["state"][row] == state
    assert judged["points"][row] / judged["weight"][row] == pytest.approx(share)


def test_a_finding_quotes_the_day_that_shows(clean: dict[str, Any], policy: Policy) -> None:
    """A message speaks of 2021年12月, and not of the day that the cell holds."""
    cells = {"E21": (DAY(2021, 12, 1), 'yyyy"年"m"月"'), "F21": (DAY(2022, 1, 20), 'yyyy"年"m"月"d"日"')}
    found = evaluated_files({"某局": filled(clean, SECOND, cells)}, policy)
    said = [*found.findings["message"], found.indicators.set_index("row").loc[6, "explanation"]]
    assert any("2022年1月20日" in each for each in found.findings["message"])
    assert any("2021年12月，" in each for each in said)
    assert not any("-01-20" in each or "2021-12" in each for each in said)


def test_a_label_may_be_made_by_a_number_format(clean: dict[str, Any]) -> None:
    """The year of a return may be a number that shows as （2021年度）."""
    found = reading_of(filled(clean, SECOND, {"A3": (2021, '"（"0"年度）"')}))
    assert found.fiscal_year == 2021


# --- runs of one cell ------------------------------------------------------------------------------------------------

RUNS = [
    # the runs, what is read, what is told as left out ("" for nothing)
    (("55", TextBlock(RAISED, "1")), 55, "1"),
    (("55", TextBlock(RAISED, "①")), 55, "①"),
    (("55", TextBlock(RAISED, "注1")), 55, "注1"),
    ((TextBlock(STRUCK, "50"), "55"), 55, "50"),
    ((TextBlock(STRUCK, "50"), "55", TextBlock(RAISED, "2")), 55, "50”、“2"),
    (("5", TextBlock(InlineFont(b=True), "5")), 55, ""),  # bold is no matter
    (("5×10", TextBlock(RAISED, "3")), None, ""),  # a power: asked about
    (("55m", TextBlock(RAISED, "2")), None, ""),  # a unit of area is no amount
]


@pytest.mark.parametrize(("runs", "amount", "left"), RUNS, ids=str)
def test_marks_of_notes_and_struck_figures_do_not_count(
    clean: dict[str, Any], runs: tuple[Any, ...], amount: float | None, left: str
) -> None:
    """A raised mark is no digit and a struck figure does not count: what is left is read, and what is left out told."""

    def change(book: Workbook) -> None:
        book[FIRST]["C19"] = CellRichText(*runs)

    found = reading_of(changed(clean, change))
    (fact,) = (each for each in found.facts if each.field == "procurement_budget")
    assert (fact.value, fact.doubtful) == (amount, amount is None)
    expected = [("text_left_out", "C19", left)] if left else []
    assert [each for each in told(found) if each[0] == "text_left_out"] == expected
    assert fact.raw == "".join(map(str, runs)) or not left


def test_an_area_is_read_with_its_raised_two(clean: dict[str, Any]) -> None:
    """100m² typed with a raised 2 is an area of 100, and no 1002."""

    def change(book: Workbook) -> None:
        for cell in ("E17", "F17"):
            book[SECOND][cell] = CellRichText("100m", TextBlock(RAISED, "2"))

    assert [row["target"] for row in reading_of(changed(clean, change)).indicators][1] == "100m²"


def test_a_cell_struck_through_as_a_whole_is_asked_about(clean: dict[str, Any]) -> None:
    """Whether a struck figure with nothing beside it still counts cannot be told."""

    def change(book: Workbook) -> None:
        book[FIRST]["C19"].font = Font(strike=True)

    found = reading_of(changed(clean, change))
    assert told(found) == [("value_struck", "C19", "55")]


def test_a_row_struck_through_as_a_whole_counts_and_is_told(clean: dict[str, Any], policy: Policy) -> None:
    """An indicator is not dropped for a line through it: it counts, with a hint."""

    def change(book: Workbook) -> None:
        for column in "DEFGH":
            book[SECOND][f"{column}17"].font = Font(strike=True)

    found = evaluated_files({"某局": changed(clean, change)}, policy)
    assert list(zip(found.findings["rule"], found.findings["cell"], strict=True)) == [("row_struck", "D17")]
    assert found.indicators.set_index("row").loc[2, "points"] == 10


# --- what is there is told -------------------------------------------------------------------------------------------


def test_hidden_rows_and_columns_are_told_once(clean: dict[str, Any]) -> None:
    """What a hidden row or column holds counts, and each is told once, at its first cell."""

    def change(book: Workbook) -> None:
        book[SECOND].row_dimensions[17].hidden = True
        book[SECOND].row_dimensions[60].hidden = True  # holds nothing
        book[FIRST].column_dimensions["D"].hidden = True

    assert told(reading_of(changed(clean, change))) == [
        ("line_hidden", "D17", "第17行"),
        ("line_hidden", "D3", "D列"),
    ]


def test_words_beside_a_row_and_comments_are_its_reason(clean: dict[str, Any], policy: Policy) -> None:
    """A reason beside the table, or in a comment, is told and quoted, and no reason is called missing."""

    def missed(book: Workbook) -> None:
        book[SECOND]["F16"] = "150人次"

    def beside(book: Workbook) -> None:
        missed(book)
        book[SECOND]["K16"] = "受疫情影响，第四季度培训取消。"

    def comment(book: Workbook) -> None:
        missed(book)
        book[SECOND]["F16"].comment = Comment("受疫情影响，第四季度培训取消。", "某局")

    def ours(book: Workbook) -> None:
        missed(book)
        book[SECOND]["F16"].comment = Comment(f"{MARK}\n没有完成，请说明原因", "程序")

    clean = filed.changed(clean, {"fields": {"deviation_reasons": ""}}, "某局")
    files = {"甲局": missed, "乙局": beside, "丙局": comment, "丁局": ours}
    found = {name: evaluated_files({name: changed(clean, change)}, policy).findings for name, change in files.items()}
    rules = {name: set(each["rule"]) for name, each in found.items()}
    assert [name for name in files if "missed_without_reason" in rules[name]] == ["甲局", "丁局"]
    assert [name for name in files if "words_beside" in rules[name]] == ["乙局", "丙局"]
    for name in ("乙局", "丙局"):
        assert any("受疫情影响" in each for each in found[name]["message"])


def test_a_workbook_recalculated_by_hand_is_told(clean: dict[str, Any]) -> None:
    """Saved results of a workbook on manual calculation may be old."""

    def change(book: Workbook) -> None:
        book.calculation.calcMode = "manual"

    assert [rule for rule, *_ in told(reading_of(changed(clean, change)))] == ["manual_calculation"]


def test_a_picture_in_a_cell_is_told_and_a_signature_is_one(clean: dict[str, Any]) -> None:
    """A picture cannot be read as an actual; one where a person signs is a signature."""
    picture = '=DISPIMG("ID_5A1B2C3D4E5F60718293A4B5C6D7E8F9",1)'

    def change(book: Workbook) -> None:
        for cell in ("F17", "G32"):
            book[SECOND][cell].value = picture
            book[SECOND][cell].data_type = "s"

    found = reading_of(changed(clean, change))
    assert told(found) == [("value_picture", "F17", "（图片）")]
    assert next(fact.value for fact in found.facts if fact.field == "signed_by") == "（图片）"


SHEET_OF_SECOND = "xl/worksheets/sheet2.xml"


def with_excel_picture(content: bytes, cells: tuple[str, ...], structure: str = "_localImage") -> bytes:
    """Put a picture into cells of annex 1-2 as Excel does, with the parts that XlsxWriter makes of one."""
    pixel = io.BytesIO(
        base64.b64decode(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        )
    )
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet().embed_image("A1", "pixel.png", {"image_data": pixel})
    made = rezipped(stream.getvalue(), dict)
    at = "xl/richData/rdrichvaluestructure.xml"
    made[at] = made[at].replace(b"_localImage", structure.encode())

    def change(members: dict[str, bytes]) -> None:
        members.update({name: part for name, part in made.items() if "richData" in name or "media" in name})
        members["xl/metadata.xml"] = made["xl/metadata.xml"]
        for name, ends in (("[Content_Types].xml", b"</Types>"), ("xl/_rels/workbook.xml.rels", b"</Relationships>")):
            wanted = rb"<(?:Default|Override|Relationship) [^>]*(?:richData|metadata|png)[^>]*/>"
            added = b"".join(re.findall(wanted, made[name]))
            added = re.sub(rb'Id="rId', b'Id="rIdPicture', added)
            members[name] = members[name].replace(ends, added + ends)
        for cell in cells:
            old = rb'<c r="%s"( s="\d+")?[^>]*?(?:/>|>.*?</c>)' % cell.encode()
            new = rb'<c r="%s"\1 t="e" vm="1"><v>#VALUE!</v></c>' % cell.encode()
            members[SHEET_OF_SECOND], count = re.subn(old, new, members[SHEET_OF_SECOND])
            assert count == 1

    return packed(rezipped(content, change))


def test_a_picture_of_excel_is_told_as_one(clean: dict[str, Any], policy: Policy) -> None:
    """Excel keeps a picture in a cell as #VALUE! with a rich value: it is told as a picture, and goes back as one."""

    def beside(book: Workbook) -> None:
        book[SECOND]["K20"] = "图"

    content = with_excel_picture(changed(clean, beside), ("F17", "G32", "K20"))
    found = reading_of(content)
    assert told(found) == [("value_picture", "F17", "（图片）")]  # K20, beside the form, is no error
    assert next(fact.value for fact in found.facts if fact.field == "signed_by") == "（图片）"
    row = next(row for row in found.indicators if row["cell"].endswith("17"))
    assert row["actual_doubtful"]  # not blank
    findings = evaluated_files({"某局": content}, policy).findings
    lines, found_at = frames.records(group_findings(findings)), frames.records(findings)
    about = ReturnIdentity("某局", 2021, "某局.xlsx")
    back = write_returned_workbook(content, lines, found_at, about)
    assert [found for found in told(reading_of(back)) if found[0] == "value_picture"] == told(found)
    with zipfile.ZipFile(io.BytesIO(back)) as archive:
        assert {name for name in archive.namelist() if "media" in name}


def test_a_rich_value_that_is_no_picture_is_an_error(clean: dict[str, Any]) -> None:
    """Another rich value, as of an error that older programs do not know, stays an error value."""
    found = reading_of(with_excel_picture(filed.workbook(clean), ("F17",), "_error"))
    assert told(found) == [("value_error", "F17", "#VALUE!")]


@pytest.mark.parametrize("part", ["xl/metadata.xml", "xl/richData/rdrichvalue.xml"])
def test_rich_values_that_contradict_themselves_are_errors(clean: dict[str, Any], part: str) -> None:
    """A part that is damaged tells of no picture, and refuses nothing."""
    content = with_excel_picture(filed.workbook(clean), ("F17",))
    broken = packed(rezipped(content, lambda members: members.update({part: b"<a>"})))
    assert told(reading_of(broken)) == [("value_error", "F17", "#VALUE!")]


# --- look-alikes -----------------------------------------------------------------------------------------------------


def test_radicals_in_the_place_of_letters_are_read_as_these(clean: dict[str, Any]) -> None:
    """Labels that came by way of a PDF, 部⻔ and 公⻋, are found as 部门 and 公车."""

    def change(book: Workbook) -> None:
        for row in book[FIRST].iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = cell.value.translate(str.maketrans("门车见长", "⻔⻋⻅⻓"))

    assert told(reading_of(changed(clean, change))) == []


@pytest.mark.parametrize("mark", ["\u200b", "\u00ad", "\u2063", "\ufeff", "\u200e", "\ufe0f"])
def test_marks_that_nobody_sees_are_dropped(clean: dict[str, Any], mark: str) -> None:
    """A mark without width in a number or a label changes nothing."""
    found = reading_of(filled(clean, FIRST, {"C19": (f"5{mark}5", ""), "A19": (f"政府{mark}采购金额", "")}))
    assert told(found) == []


def test_a_mark_that_turns_letters_round_is_named(clean: dict[str, Any]) -> None:
    """A number with a mark by which 55.01 shows as 10.55 is not read, and the message says why."""
    found = reading_of(filled(clean, FIRST, {"C19": ("\u202e55.01", "")}))
    assert told(found) == [("value_unreadable", "C19", "\u202e55.01（其中有看不见的字符）")]


# --- units and numbers of the form -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("A5", "项目资金（元）"),
        ("A5", "项目资金\n（元）"),
        ("A5", "年度预算申请（元）"),
        ("B5", "资金构成（元）"),
        ("A5", "部门资金（单位：元）"),
        ("A5", "部门资金（千元）"),
    ],
)
def test_a_strip_or_corner_that_says_yuan_is_asked_about(clean: dict[str, Any], cell: str, words: str) -> None:
    """元 in brackets behind any words of the form, whatever they are and over line breaks, is reported."""

    def change(book: Workbook) -> None:
        book[SECOND][cell] = words

    found = [each for each in told(reading_of(changed(clean, change))) if each[0] == "unit_differs"]
    assert [each[:2] for each in found] == [("unit_differs", cell)]


def test_income_stands_below_the_budget_of_the_whole_year(clean: dict[str, Any]) -> None:
    """A row of funds with a figure for 年初 and one for 全年 is read below 全年预算数."""

    def change(book: Workbook) -> None:
        sheet = book[SECOND]
        for area in ("B5:C5", "B12:C12"):
            sheet.unmerge_cells(area)
        for cell, value in {"C5": "年初预算数", "B12": "其他资金", "C12": 50, "D12": 80}.items():
            sheet[cell] = value

    facts = {fact.field: (fact.value, fact.cell) for fact in reading_of(changed(clean, change)).facts}
    found = [facts[name] for name in ("income_carryover", "income_other")]
    assert found == [(20, "D11"), (80, "D12")]


def test_a_target_may_say_which_way_is_better() -> None:
    """指标性质 反向 is at most, 正向 at least, in forms that split the target."""
    assert [put_together("5", sign, "天") for sign in ("反向", "正向", "≤")] == [
        ("≤5天", "天"), ("≥5天", "天"), ("≤5天", "天"),
    ]  # fmt: skip


def test_a_part_of_the_row_above_weighs_nothing(clean: dict[str, Any], policy: Policy) -> None:
    """其中… without a weight has none: the row above keeps the whole of it."""

    def change(book: Workbook) -> None:
        book[SECOND]["D17"] = "其中：走访特困家庭"
        book[SECOND]["G17"], book[SECOND]["H17"] = None, None
        book[SECOND]["G16"] = 20  # 10 + 10: the block still comes to 50

    judged = evaluated_files({"某局": changed(clean, change)}, policy).indicators.set_index("row")
    assert judged["weight"].tolist()[:3] == [20, 0, 5]


def test_a_cost_in_wan_is_held_against_a_bare_target(clean: dict[str, Any], policy: Policy) -> None:
    """62.73万 under 成本指标 against a bare ≤62.73: the 万 is that of the form's 万元."""
    content = filled(clean, SECOND, {"E22": ("<=62.73", ""), "F22": ("62.73万", "")})
    judged = evaluated_files({"某局": content}, policy).indicators.set_index("row")
    assert judged.loc[7, "state"] == "met"


def test_looks_that_cannot_be_told_are_told(clean: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is more to see than values and it cannot be read, a finding says so, and the values are read."""

    def change(book: Workbook) -> None:
        book[FIRST]["C19"] = CellRichText(TextBlock(STRUCK, "50"), "55")

    monkeypatch.setattr(closer_look, "_of_xlsx", lambda *_: 1 / 0)
    assert "looks_unread" in {rule for rule, *_ in told(reading_of(changed(clean, change)))}
