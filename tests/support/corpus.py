"""What departments send: one file a case, each with the outcome that it must have.

A case changes one thing about the return without faults; what it must come to is written beside it, by hand.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import openpyxl
from openpyxl.utils import get_column_letter

from pipeline.workbooks.template import workbook as template_workbook
from schemas.forms import FORMS
from tests.reading import test_layouts
from tests.support import filed
from tests.support.pages import Page, pages, saved, where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemas.policy import Policy

FIRST, SECOND = (form.sheet for form in FORMS)
UNREADABLE, CLEANED = "value_unreadable", "value_cleaned"
BLANK = None


@dataclass(frozen=True, slots=True)
class Case:
    """One file and what must become of it.

    ``reason`` are words of the reason of a refusal; ``values`` what fields must hold, ``rows`` how many indicators
    there must be, ``findings`` every finding by rule, sheet and cell.
    """

    name: str
    content: bytes
    status: str = "accepted"
    reason: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    rows: int = 13
    findings: frozenset[tuple[str, str, str]] = frozenset()
    ending: str = "xlsx"


# Each line: what is typed, what is understood, the rules that report it.
AMOUNTS: list[tuple[Any, Any, tuple[str, ...]]] = [
    (12, 12, ()),
    (12.5, 12.5, ()),
    (0, 0, ()),
    ("12", 12, ()),
    ("12.50", 12.5, ()),
    ("１２．５", 12.5, ()),
    ("12.5\u3000", 12.5, ()),
    ("\u300012.5", 12.5, ()),
    (" 12.5\n", 12.5, ()),
    ("1,055.37", 1055.37, ()),
    ("１，０５５．３７", 1055.37, ()),
    ("12万元", 12, (CLEANED,)),
    ("12 万元", 12, (CLEANED,)),
    ("120000元", 12, (CLEANED,)),
    ("0.0012亿元", 12, (CLEANED,)),  # 0.0012 × 10,000
    ("￥12", 12, (CLEANED,)),
    ("12.50.", 12.5, (CLEANED,)),
    ("（1.2）", -1.2, (CLEANED, "value_negative")),
    (-3, -3, ("value_negative",)),
    ("-3", -3, ("value_negative",)),
    ("", BLANK, ()),
    ("\u3000", BLANK, ()),
    ("/", BLANK, ()),
    ("—", BLANK, ()),
    ("——", BLANK, ()),
    ("无", BLANK, ()),
    ("……", BLANK, ()),
    ("2,85", BLANK, (UNREADABLE,)),
    ("1 2", BLANK, (UNREADABLE,)),
    ("1.2.3", BLANK, (UNREADABLE,)),
    ("约12", BLANK, (UNREADABLE,)),
    ("十二", BLANK, (UNREADABLE,)),
    ("12人", BLANK, (UNREADABLE,)),
    ("12%", BLANK, (UNREADABLE,)),
    ("见附表", BLANK, (UNREADABLE,)),
    ("inf", BLANK, (UNREADABLE,)),
    ("nan", BLANK, (UNREADABLE,)),
    ("1e309", BLANK, (UNREADABLE,)),
    ("٣", BLANK, (UNREADABLE,)),
    ("１２a", BLANK, (UNREADABLE,)),
    (True, BLANK, (UNREADABLE,)),
    (datetime.datetime(2021, 3, 1), BLANK, (UNREADABLE,)),  # noqa: DTZ001 - a cell has no time zone
]
RATES: list[tuple[Any, Any, tuple[str, ...]]] = [
    ("96.67%", 0.9667, ()),
    ("９６．６７％", 0.9667, ()),
    ("97%", 0.97, ()),
    (0.9667, 0.9667, ()),
    ("0.9667", 0.9667, ()),
    (96.67, 0.9667, (CLEANED,)),
    ("96.67", 0.9667, (CLEANED,)),
    ("96.67％\u3000", 0.9667, ()),
    ("", BLANK, ()),
    ("正常", BLANK, (UNREADABLE,)),
]
COUNTS: list[tuple[Any, Any, tuple[str, ...]]] = [
    ("29", 29, ()),
    ("29人", 29, (CLEANED,)),
    ("２９ 人", 29, (CLEANED,)),
    (29.0, 29, ()),
    ("29名", 29, (CLEANED,)),
]
TYPED = (
    ("procurement_outturn", "B19", AMOUNTS),
    ("staffing_control_rate_stated", "D5", RATES),
    ("staff_in_post", "C5", COUNTS),
)
"""Field, its cell in the form, and what is typed there."""


def typed(clean: dict[str, Any]) -> Iterator[Case]:
    """Numbers as people type them, one in each file."""
    for name, cell, spellings in TYPED:
        for number, (raw, value, rules) in enumerate(spellings):
            content = _set(filed.workbook(_named(clean, f"{name}{number}")), FIRST, cell, raw)
            findings = frozenset((rule, FIRST, cell) for rule in rules)
            yield Case(f"{name} {raw!r}", content, _status(rules), values={name: value}, findings=findings)


def _status(rules: tuple[str, ...]) -> str:
    return "accepted_with_errors" if set(rules) - {CLEANED} else "accepted"


def _named(clean: dict[str, Any], name: str, change: dict[str, Any] | None = None) -> dict[str, Any]:
    return filed.changed(clean, change or {}, f"示例县{name}局")


def _set(content: bytes, sheet: str, cell: str, value: Any) -> bytes:
    """Type a value into a cell of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    book[sheet][cell] = value
    if not isinstance(value, datetime.datetime):
        book[sheet][cell].number_format = "General"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def layouts(clean: dict[str, Any]) -> Iterator[Case]:
    """The same return in other layouts: the same values, nothing reported."""
    expected = {"three_public_budget": 4.3, "funds_executed": 780.5, "total_points": 99.26, "authorised_posts": 30}
    for layout in test_layouts.LAYOUTS:
        sheets = pages(filed.workbook(_named(clean, layout.__name__)))
        yield Case(layout.__name__, saved(layout(sheets)), values=expected)


def _relabelled(words: str, other: str) -> Callable[[dict[str, Page]], dict[str, Page]]:
    def change(sheets: dict[str, Page]) -> dict[str, Page]:
        return {
            name: ({at: other if value == words else value for at, value in cells.items()}, merges)
            for name, (cells, merges) in sheets.items()
        }

    return change


OTHER_WORDS = (
    ("编制数", "编制人数"),
    ("年末实际在职人数", "在职人数"),
    ("当年决算数", "2021年决算数"),
    ("当年预算数", "2021年度预算数"),
    ("上年决算数", "2020年决算数"),
    ("          2、三公经费", "（二）“三公”经费"),
    ("    公务用车购置和维护经费", "公务用车购置及运行维护费"),
    ("    公务接待", "①公务接待费"),
    ("    出国（境）经费", "因公出国(境)费用"),
    ("二、部门项目支出", "二、项目支出（万元）"),
    ("全年预算数", "全年预算数(A)"),
    ("全年执行数", "全年执行数（B）"),
    ("预算执行率", "执行率(B/A)"),
    ("年度资金总额", "年度资金总额："),
    ("实际完成值", "全年实际值"),
    ("年度指标值", "年初\n指标值"),
    ("分值", "权重"),
    ("总  分", "总分"),
    ("综合评定等级", "综合评价等级"),
    ("偏差及原因分析", "偏差原因分析"),
    ("产出指标（50分）", "一、产出指标"),
    ("产出指标（50分）", "产出\n指标\n(50分)"),
    ("效益指标（30分）", "效益"),
    ("满意度指标（10分）", "（三）满意度指标 10分"),
    ("数量指标", "1.数量指标"),
    ("时效指标", "时效指标2"),
    ("三级指标", "三级\n指标　"),
    ("人员经费", "（1）人员经费"),
)
"""Words of the form, and how other offices write them."""


def words(clean: dict[str, Any]) -> Iterator[Case]:
    """Labels in other words that mean the same."""
    for number, (ours, theirs) in enumerate(OTHER_WORDS):
        sheets = pages(filed.workbook(_named(clean, f"用语{number}")))
        expected = {"three_public_budget": 4.3, "funds_executed": 780.5, "reception_prior_outturn": 1.2}
        yield Case(f"{ours.strip()} as {theirs!r}", saved(_relabelled(ours, theirs)(sheets)), values=expected)


GONE = (
    # words of a row or column that are gone, what is reported, the field that is then unknown
    ("          2、三公经费", "row_not_found", FIRST, "three_public_outturn"),
    ("年末实际在职人数", "head_asked", FIRST, "staff_in_post"),
    ("全年执行数", "head_asked", SECOND, "funds_executed"),
    ("一般公共预算拨款", "row_not_found", SECOND, "income_general"),
)


def gone(clean: dict[str, Any]) -> Iterator[Case]:
    """Labels that mean nothing known: asked about, never guessed."""
    for number, (ours, rule, sheet, name) in enumerate(GONE):
        sheets = pages(filed.workbook(_named(clean, f"缺项{number}")))
        row, column = where(sheets[sheet], ours)
        # The words in the place of a head are asked about, at their own cell.
        cell = f"{get_column_letter(column)}{row}" if rule == "head_asked" else ""
        follows = {("self_difference", SECOND, "H29")} if name == "funds_executed" else set()  # 10 points unjudged
        yield Case(
            f"{ours.strip()} gone",
            saved(_relabelled(ours, "某项")(sheets)),
            "accepted_with_errors",
            values={name: "absent"},
            findings=frozenset({(rule, sheet, cell), *follows}),
        )


def _edited(content: bytes, edit: Callable[[openpyxl.Workbook], object]) -> bytes:
    """Change a workbook in a way in which the form cannot be filled in."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _formatted(sheet: str, cell: str, value: Any, style: str) -> Callable[[openpyxl.Workbook], object]:
    def edit(book: openpyxl.Workbook) -> None:
        book[sheet][cell] = value
        book[sheet][cell].number_format = style

    return edit


def _hidden(book: openpyxl.Workbook) -> None:
    book[FIRST].sheet_state = "hidden"


def _hints(book: openpyxl.Workbook) -> None:
    """Leave a line of the form's hints, and a blank one, among the indicators."""
    sheet = book[SECOND]
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(area))
    sheet.insert_rows(18, 2)
    sheet["D18"], sheet["E18"], sheet["F18"] = "指标2：", "……", "X"


def _emptied(book: openpyxl.Workbook) -> None:
    """Leave a workbook that holds something else."""
    book.create_sheet("通讯录").append(["姓名", "电话"])
    del book[FIRST], book[SECOND]


def _without(sheet: str) -> Callable[[openpyxl.Workbook], object]:
    return lambda book: book.remove(book[sheet])


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a workbook and what it must come to."""

    name: str
    change: Callable[[openpyxl.Workbook], object]
    values: dict[str, Any]
    findings: tuple[tuple[str, str, str], ...] = ()
    status: str = "accepted"


def _beside(book: openpyxl.Workbook) -> None:
    book.create_sheet("通讯录", 0).append(["姓名", "电话"])


_RATE, _CUT = "staffing_control_rate_stated", "general_cut_outturn"
_ERRORS = "accepted_with_errors"
EDITS = (
    Edit("0.9667 shown as a percentage", _formatted(FIRST, "D5", 0.9667, "0.00%"), {_RATE: 0.9667}),
    # Shown as 600%, 6 is six and not six per cent; 29/30 is 96.67%.
    Edit(
        "6 as 600%", _formatted(FIRST, "D5", 6, "0%"), {_RATE: 6.0}, (("staffing_rate_stated", FIRST, "D5"),), _ERRORS
    ),
    Edit("an actual of 0.98 shown as 98%", _formatted(SECOND, "F18", 0.98, "0%"), {"funds_budget": 800}),
    Edit(
        "an error", _formatted(FIRST, "B8", "#REF!", "General"), {_CUT: BLANK}, (("value_error", FIRST, "B8"),), _ERRORS
    ),
    Edit(
        "unsaved", _formatted(FIRST, "B8", "=6*2", "General"), {_CUT: BLANK}, (("value_unsaved", FIRST, "B8"),), _ERRORS
    ),
    Edit("a hidden sheet", _hidden, {"three_public_budget": 4.3}, (("sheet_hidden", FIRST, "A1"),)),
    Edit("lines of hints and blanks", _hints, {"total_points": 99.26}, (("hints_left", SECOND, "D18"),)),
    Edit("no annex 1-1", _without(FIRST), {"authorised_posts": "absent"}, (("annex_missing", "", ""),), _ERRORS),
    Edit("other sheets beside", _beside, {"funds_budget": 800}),
)


def edited(clean: dict[str, Any]) -> Iterator[Case]:
    """Workbooks changed as the form cannot be filled in."""
    for number, edit in enumerate(EDITS):
        content = _edited(filed.workbook(_named(clean, f"改动{number}")), edit.change)
        yield Case(edit.name, content, edit.status, values=edit.values, findings=frozenset(edit.findings))


def _package(**members: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name, text in members.items():
            package.writestr(name, text)
    return stream.getvalue()


def _other(clean: dict[str, Any], fields: dict[str, Any]) -> bytes:
    return filed.workbook(_named(clean, "他年", {"fields": fields}))


def refused(clean: dict[str, Any], policy: Policy) -> Iterator[Case]:
    """Files that are no return of this year, with what a clerk is told."""
    good = filed.workbook(_named(clean, "损坏"))
    directory = _package(**{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"})
    others: tuple[tuple[str, str, bytes, str], ...] = (
        ("an empty file", "xlsx", b"", "空的"),
        ("half a file", "xlsx", good[: len(good) // 2], "损坏"),
        ("a file whose end is missing", "xlsx", good[:-30], "损坏"),
        ("a Word document", "docx", directory, "Word"),
        ("a Word document named .xlsx", "xlsx", directory, "Word"),
        ("an archive", "zip", _package(**{"表.txt": "x"}), "压缩包"),
        ("a RAR archive", "rar", b"Rar!\x1a\x07\x01\x00" + bytes(64), "压缩包"),
        ("a PDF", "pdf", b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", "PDF"),
        ("a picture", "png", b"\x89PNG\r\n\x1a\n" + bytes(64), "图片"),
        ("a photograph", "jpg", b"\xff\xd8\xff\xe0" + bytes(64), "图片"),
        ("a page named .xls", "xls", "<html><table><tr><td>编制数</td></tr></table></html>".encode(), "网页"),
        ("a CSV file", "csv", "编制数,在职人数\n42,40\n".encode(), "xlsx"),
        ("an OpenDocument sheet", "ods", _package(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "xlsx"),
        ("a binary workbook", "xlsb", _package(**{"[Content_Types].xml": "<Types/>", "xl/workbook.bin": "x"}), "xlsx"),
        ("plain words", "txt", "已报送".encode(), "xlsx"),
        ("an encrypted workbook", "xlsx", _OLE2 + "EncryptedPackage".encode("utf-16-le") + bytes(512), "密码"),
        ("another workbook", "xlsx", _edited(good, _emptied), "没有找到附件1-1、附件1-2"),
        ("the blank form", "xlsx", template_workbook.write_form(policy), "空白"),
        ("last year's", "xlsx", _other(clean, {"fiscal_year": "（2020年度）"}), "2020年度，本次评价2021年度"),
    )  # fmt: skip
    for name, ending, content, reason in others:
        yield Case(name, content, "rejected", reason, ending=ending)


_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def cases(clean: dict[str, Any], policy: Policy) -> list[Case]:
    """Give every case of the corpus."""
    returns = (*typed(clean), *layouts(clean), *words(clean), *gone(clean), *edited(clean))
    return [*returns, *refused(clean, policy)]
