"""Editions of annex 1-2 that other places print: drawn, filled in and read again, each as it was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from pipeline.evaluate import evaluate
from pipeline.reading.read import read
from pipeline.workbooks.form_layout import form_words, lay_out
from schemas import policy as policies
from schemas.forms import VERSIONS
from schemas.forms.annex_1_1 import ANNEX_1_1
from schemas.forms.model import Form, Kind
from tests.support import filed
from tests.support.pages import pages, saved
from tests.support.written import table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pipeline.reading.submission import Submission

EDITIONS = [form for form in VERSIONS[1] if form is not VERSIONS[1][0]]
FILLED: dict[str, dict[str, Any]] = {
    "annex_1_2/national-2020": {
        "funds_initial_budget": 780, "funds_budget": 800, "funds_executed": 780.5, "funds_weight": 10,
        "funds_rate_stated": 0.9756, "funds_points": 9.76,
        "income_fiscal": 700, "spending_fiscal": 690.5, "income_carryover": 60, "spending_carryover": 60,
        "income_other": 40, "spending_other": 30, "total_weight": 100, "total_points": 99.26,
    },
    "annex_1_2/hunan-2020": {
        "funds_initial_budget": 780, "funds_budget": 800, "funds_executed": 780.5, "funds_weight": 10,
        "funds_rate_stated": 0.9756, "funds_points": 9.76,
        "income_general": 650, "income_fund": 50, "income_nontax": 60, "income_other": 40,
        "spending_basic": 480.5, "spending_project": 300, "total_weight": 100, "total_points": 99.26,
    },
    "annex_1_2/chongqing-2020": {
        "funds_initial_budget": 780, "funds_budget": 800, "funds_executed": 780.5, "funds_weight": 10,
        "funds_rate_stated": 0.9756, "funds_points": 9.76, "total_points": 99.26,
    },
}  # fmt: skip
"""The figures typed into each edition: 700 + 60 + 40 = 800 and 690.5 + 60 + 30 = 780.5; 480.5 + 300 = 780.5."""
WORDS = {
    "fiscal_year": "（2021年度）", "department_1_2": "示例县样板局", "goal_planned": "完成年度任务。",
    "goal_achieved": "任务全部完成。", "filled_by": "张三", "telephone": "0000", "signed_by": "李四",
    "reported_on_1_2": "2022年3月1日", "goal_adjusted": "不作调整。",
}  # fmt: skip

TOTAL = {"annex_1_2/chongqing-2020": "自评总分（分）"}
"""What the line of the total is called where it is not 总  分."""


def typed_into(form: Form) -> dict[str, Any]:
    """Give what is typed into an edition, by field."""
    asked = {each.name for each in form.fields()}
    return FILLED[form.key] | {name: words for name, words in WORDS.items() if name in asked}


def has_reasons(form: Form) -> bool:
    """Tell whether an edition prints a column of reasons beside its indicators."""
    columns = form.indicators.columns if form.indicators else ()
    return any(column.name == "reason" for column in columns)


def drawn(form: Form, values: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[tuple[int, int], Any]:
    """Give the cells of a form that is drawn and filled in, from 1."""
    layout = lay_out(form, rows, form_words(policies.load(2021)))
    cells: dict[tuple[int, int], Any] = {}
    for box in layout.boxes:
        line = rows[box.line] if box.line is not None else None
        value = (line or values).get(box.field.name) if box.field else box.text
        if value not in {None, ""}:
            cells[box.row + 1, box.column + 1] = value
    return cells


def sent(form: Form, drop: str = "") -> Submission:
    """Read a workbook of one edition of annex 1-2 beside annex 1-1, as an office fills it in."""
    return read("示例县样板局.xlsx", workbook(form, drop), 2021)


def workbook(form: Form, drop: str = "") -> bytes:
    """Make that workbook, without the rows in which ``drop`` stands."""
    base = filed.load(filed.RETURNS / "clean.toml")
    rows = [row | {"reason": ""} for row in base["indicators"]]
    rows[0] = rows[0] | {"reason": "汛期停工"}
    cells = drawn(form, typed_into(form), rows)
    gone = {row for (row, _), value in cells.items() if drop and value == drop}
    cells = {at: value for at, value in cells.items() if at[0] not in gone}
    first = pages(filed.workbook(base))[ANNEX_1_1.sheet]
    return saved({ANNEX_1_1.sheet: first, form.sheet: (cells, [])})


@pytest.mark.parametrize("form", EDITIONS, ids=lambda form: form.key)
def test_an_edition_drawn_and_filled_in_is_read_whole(form: Form) -> None:
    """Every figure and word typed into the edition is read as it was typed, and nothing is said to be missing."""
    reading = sent(form)
    assert reading.forms == (ANNEX_1_1.key, form.key)
    assert [each.rule for each in reading.findings] == ["other_edition"]
    facts = {fact.field: fact.value for fact in reading.facts}
    typed = typed_into(form)
    asked = {each.name: each.kind for each in form.fields()}
    assert typed.keys() == asked.keys()
    assert {name: facts[name] for name in typed if asked[name].numeric and asked[name] is not Kind.YEAR} == FILLED[
        form.key
    ]
    assert {name: facts[name] for name in ("department_1_2", "goal_achieved", "filled_by")} == {
        name: WORDS[name] for name in ("department_1_2", "goal_achieved", "filled_by")
    }
    assert len(reading.indicators) == 13
    assert [row["reason"] for row in reading.indicators] == ["汛期停工" if has_reasons(form) else "", *[""] * 12]


@pytest.mark.parametrize("form", EDITIONS, ids=lambda form: form.key)
def test_a_line_that_an_edition_lacks_leaves_it_that_edition(form: Form) -> None:
    """Without the line of the total the sheet has the most words of its own edition still, and the line is missed."""
    total = TOTAL.get(form.key, "总  分")
    reading = sent(form, drop=total)
    assert reading.forms == (ANNEX_1_1.key, form.key)
    assert [(each.rule, each.label, each.stated) for each in reading.findings if each.rule != "other_edition"] == [
        ("sections_missing", form.name, f"“{total}”")
    ]


LACKS = {
    "annex_1_1/2018": ("“部门基本支出”、“压缩一般性支出”", "基本支出预决算差异率、基本支出变动率（决算比上年决算）"),
    "annex_1_2/hunan-2020": (
        "“1.人员经费”、“2.公用经费”、“年初结转结余”、“其中：三公经费”、“综合评定等级”",
        "人员经费占基本支出",
    ),
    "annex_1_2/national-2020": (
        "“一般公共预算拨款”、“基本支出”、“政府性基金拨款”、“1.人员经费”、“纳入管理的非税收入拨款”、“2.公用经费”、“其中：三公经费”、“项目支出”等9项",
        "一般公共预算拨款占收入",
    ),
    "annex_1_2/chongqing-2020": (
        "“部门资金（万元）·按收入性质分类”、“一级指标”、“二级指标”、“综合评定等级”、“说明”",
        "产出指标、效益指标、满意度指标、",
    ),
}
"""By edition what of today's form it has no value for, from its declaration, and some of what hangs on that."""


@pytest.mark.parametrize("form", [form for editions in VERSIONS for form in editions[1:]], ids=lambda form: form.key)
def test_another_edition_is_told_in_one_line(form: Form) -> None:
    """The finding says which edition a sheet is, what of today's form it lacks, and what that leaves unjudged."""
    if form.annex == VERSIONS[0][0].annex:
        base = filed.load(filed.RETURNS / "clean.toml")
        layout = lay_out(form, None, form_words(policies.load(2021)))
        cells = drawn(form, {name: base["fields"].get(name, 1) for name in layout.places}, [])
        second = pages(filed.workbook(base))[VERSIONS[1][0].sheet]
        reading = read("某局.xlsx", saved({form.sheet: (cells, []), VERSIONS[1][0].sheet: second}), 2021)
    else:
        reading = sent(form)
    (found,) = [each for each in reading.findings if each.rule == "other_edition"]
    stated, expected = LACKS[form.key]
    assert (found.label, found.sheet, found.stated) == (form.display_name, form.sheet, stated)
    assert expected in found.expected


def test_todays_form_is_no_other_edition() -> None:
    """Of a return on the form that is sent out nothing of the kind is said."""
    reading = read("某局.xlsx", filed.workbook(filed.load(filed.RETURNS / "clean.toml")), 2021)
    assert "other_edition" not in {each.rule for each in reading.findings}


def test_todays_form_without_a_line_is_no_other_edition() -> None:
    """Annex 1-2 of the county without 政府性基金拨款 is that form with a line gone, and no form without such a line."""
    base = filed.load(filed.RETURNS / "clean.toml")
    sheets = pages(filed.workbook(base))
    name = VERSIONS[1][0].sheet
    cells = {at: value for at, value in sheets[name][0].items() if value != "政府性基金拨款"}
    reading = read("某局.xlsx", saved(sheets | {name: (cells, sheets[name][1])}), 2021)
    assert reading.forms == (ANNEX_1_1.key, VERSIONS[1][0].key)
    assert ("row_not_found", "政府性基金拨款") in {(each.rule, each.expected) for each in reading.findings}


@pytest.mark.parametrize("form", EDITIONS, ids=lambda form: form.key)
def test_an_edition_is_evaluated_and_its_scored_copy_has_all_that_was_filed(form: Form, tmp_path: Path) -> None:
    """A return of an edition gets its points; every word typed into a row, reasons too, is in the scored copy."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "示例县样板局.xlsx").write_bytes(workbook(form))
    run = evaluate(tmp_path / "inbox", tmp_path / "out", policies.load(2021))
    # 780.5 of 800 is executed: 9.76 of 10 points; the indicators of the return without a fault have 89.50, as anywhere;
    # those of a flat table, which says of none whether it is an output, have none, and each is told.
    flat = not any(column.name == "level1" for column in form.indicators.columns) if form.indicators else False
    (points,) = run.county_tables.summary["points"]
    assert points == pytest.approx(9.76 if flat else 99.26, abs=0.005)
    assert any(each["rule"] == "level1_unknown" for each in table(run.folder, "findings")) is flat
    book = openpyxl.load_workbook(run.folder / "部门评分" / "示例县样板局.xlsx")
    shown = {cell.value for sheet in book for line in sheet.iter_rows() for cell in line}
    rows = filed.load(filed.RETURNS / "clean.toml")["indicators"]
    assert {row[name] for row in rows for name in ("level3", "target", "actual")} <= shown
    assert ("汛期停工" in shown) == has_reasons(form)
