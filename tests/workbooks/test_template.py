"""The blank form: what it checks while it is typed, what inserted rows do to it, and the forms made out for each."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter, range_boundaries

from pipeline.__main__ import main
from pipeline.lists.prior_year import Prior, nothing
from pipeline.lists.roster import Roster
from pipeline.reading.read import read
from pipeline.workbooks.form_layout import form_words, lay_out
from pipeline.workbooks.template import workbook as template_workbook
from schemas.forms import FORMS
from schemas.forms.model import STAMP, Grid
from schemas.lists.roster import Member
from tests.support import filed
from tests.support.office import needs_office, recalculated

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.reading.submission import Submission
    from schemas.policy import Policy

FIRST, SECOND = (form.sheet for form in FORMS)
CHECKS = {form.sheet: len(form.widths) + 2 for form in FORMS}
"""The check column of each form, from 1."""
BLOCKS = ("output", "benefit", "satisfaction")
LONGEST_FORMULA = 8192
"""Excel's own limit."""


# ---------------------------------------------------------------------- rows inserted and deleted as Excel does it

_REFERENCE = re.compile(r"('[^']+'!)?(?<![A-Za-z.])\$?([A-Z]{1,2})\$?(\d+)(?::\$?([A-Z]{1,2})\$?(\d+))?(?![\w(])")


def moved(row: int, at: int, count: int) -> int | None:
    """Give where a row goes when rows are inserted before ``at``, or deleted from there on; None: it is gone."""
    if row < at:
        return row
    return None if row < at - count else row + count


def _range(top: int, bottom: int, at: int, count: int) -> tuple[int, int] | None:
    """Give what becomes of a range: it grows by what is inserted inside, and shrinks by what is deleted."""
    kept = [row for each in range(top, bottom + 1) if (row := moved(each, at, count)) is not None]
    return (kept[0], kept[-1]) if kept else None


def adjusted(formula: str, at: int, count: int, *, own: bool, sheet: str) -> str:
    """Give a formula after the change of ``sheet``; ``own`` says that it stands on that sheet itself."""

    def change(found: re.Match[str]) -> str:
        prefix, left, top, right, bottom = found.groups()
        if not (own if prefix is None else prefix == f"'{sheet}'!"):
            return found[0]
        ends = _range(int(top), int(bottom or top), at, count)
        if ends is None:
            return "#REF!"
        return f"{prefix or ''}{left}{ends[0]}" + (f":{right}{ends[1]}" if right else "")

    # Every other part is a text of the formula, in which nothing is a reference.
    parts = re.split(r'("(?:[^"]|"")*")', formula)
    return "".join(part if number % 2 else _REFERENCE.sub(change, part) for number, part in enumerate(parts))


def edited(content: bytes, at: int, count: int, values: dict[str, Any] | None = None) -> bytes:
    """Insert rows into the second annex before a row (deletes them from it on when negative) and type into the first.

    ``values`` are by column letters. An inserted row is blank: Excel takes its formats from above, and no formula.
    """
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        own = sheet.title == SECOND
        for line in sheet.iter_rows():
            for cell in line:
                if cell.data_type == "f":
                    cell.value = adjusted(cell.value, at, count, own=own, sheet=SECOND)
    sheet = book[SECOND]
    areas = [range_boundaries(str(area)) for area in sheet.merged_cells.ranges]
    for left, top, right, bottom in areas:
        sheet.unmerge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    (sheet.insert_rows if count > 0 else sheet.delete_rows)(at, abs(count))
    for left, top, right, bottom in areas:
        ends = _range(top, bottom, at, count)
        if ends and (ends[0] < ends[1] or left < right):
            sheet.merge_cells(start_row=ends[0], start_column=left, end_row=ends[1], end_column=right)
    for letters, value in (values or {}).items():
        sheet[f"{letters}{at}"] = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# ---------------------------------------------------------------------- recalculated forms

Sheets = dict[str, dict[str, Any]]


def computed(folder: Path, books: dict[str, bytes]) -> dict[str, tuple[Sheets, Submission]]:
    """Recalculate workbooks; give the values of each by sheet and cell, and what the reader makes of it."""
    files = [folder / f"{name}.xlsx" for name in books]
    for path, content in zip(files, books.values(), strict=True):
        path.write_bytes(content)
    found = {}
    for name, path in zip(books, recalculated(files, folder), strict=True):
        book = openpyxl.load_workbook(path, data_only=True)
        sheets = {
            sheet.title: {
                c.coordinate: c.value for line in sheet.iter_rows() for c in line if c.value not in {None, ""}
            }
            for sheet in book
        }
        found[name] = (sheets, read(path.name, path.read_bytes(), 2021))
    return found


def checks(sheets: Sheets, form: str) -> list[str]:
    """Give what the check column of a form says, from top to bottom."""
    letter = openpyxl.utils.get_column_letter(CHECKS[form])
    rows = sorted(int(at[1:]) for at in sheets[form] if re.fullmatch(rf"{letter}\d+", at))
    return [sheets[form][f"{letter}{row}"] for row in rows]


def understood(reading: Submission) -> tuple[Any, ...]:
    """Give what a reading says of a return, the addresses of cells apart."""
    facts = {fact.field: (fact.value, fact.doubtful) for fact in reading.facts if fact.value is not None}
    rows = [{k: v for k, v in row.items() if not k.endswith("cell")} for row in reading.indicators]
    return facts, rows, [finding[:3] for finding in reading.findings]


FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "三公": ({"fields": {"three_public_outturn": 99}}, FIRST, r"当年决算数比各分项之和多 [\d.]+ 万元"),
    "用车": ({"fields": {"vehicles_budget": 0.5}}, FIRST, r"当年预算数比各分项之和少 [\d.]+ 万元"),
    "其中": ({"fields": {"general_cut_prior_outturn": 9999}}, FIRST, r"上年决算数的分项比合计多 [\d.]+ 万元"),
    "两表": ({"fields": {"basic_outturn": 2000}}, FIRST, r"当年决算数比附件1-2多 [\d.]+ 万元"),
    "专项": ({"fields": {"project_county_budget": 9999}}, FIRST, r"当年预算数的分项比合计多 [\d.]+ 万元"),
    "收入": ({"fields": {"income_other": 77}}, SECOND, r"全年预算数比收入各项之和少 [\d.]+ 万元"),
    "支出": ({"fields": {"funds_executed": 1}}, SECOND, r"全年执行数比基本、项目之和少 [\d.]+ 万元"),
    "基本": ({"fields": {"spending_personnel": 1}}, SECOND, r"基本支出比人员、公用之和多 [\d.]+ 万元"),
    "文字": ({"fields": {"income_other": "约10"}}, SECOND, "有的数写成了文字，请只填数字"),
    "分值": ({"rows": {"1": {"weight": 1}}}, SECOND, r"产出指标的分值现为 [\d.]+ 分，应为 50 分.*"),
    "执行": ({"fields": {"funds_weight": 20}}, SECOND, "预算执行率的分值现为 20 分，应为 10 分.*"),
    "合计": ({"fields": {"total_weight": 98}}, SECOND, "合计的分值现为 98 分，应为 100 分"),
    "空白": ({"rows": {"2": {"actual": ""}}}, SECOND, "有目标，没有填完成情况"),
    "超过": ({"rows": {"3": {"self_points": 60}}}, SECOND, r"得分比分值多 [\d.]+ 分"),
    "等级": ({"fields": {"grade_stated": "差"}}, SECOND, r"总分 [\d.]+ 分，等级应为“优秀”"),
    "没有填": ({"fields": {"authorised_posts": "", "basic_budget": ""}}, FIRST, "还有 2 项必填未填：编制数、.*"),
}


@pytest.fixture(scope="module")
def forms(
    tmp_path_factory: pytest.TempPathFactory, seed: dict[str, Any], clean: dict[str, Any], policy: Policy
) -> dict[str, tuple[Sheets, Submission]]:
    """Give every form that these tests look at, recalculated in one go."""
    without_totals = {name: value for name, value in clean["fields"].items() if not name.startswith("total_")}
    computing = filed.workbook(clean | {"fields": without_totals})
    top = lay_out(FORMS[1], clean["indicators"], form_words(policy)).head + 2
    count = len(clean["indicators"])
    output = sum(row["criterion"] == "output" for row in clean["indicators"])
    typed = {"D": "新增指标", "E": "10家", "F": "10家", "G": 2, "H": 1.5}
    books = {
        "blank": template_workbook.write_form(policy),
        "seed": filed.workbook(seed),
        "clean": filed.workbook(clean),
        "rounded": filed.workbook(filed.changed(clean, {"fields": {"funds_executed": _near(clean)}}, "示例县局")),
        "middle": edited(computing, top + 1, 1, typed),
        "end of block": edited(computing, top + output, 1, typed),
        "last": edited(computing, top + count, 1, typed),
        "first": edited(computing, top, 1, typed | {"B": "产出指标"}),
        "deleted": edited(computing, top + output, -1),
    }
    books |= {name: filed.workbook(filed.changed(clean, change, "示例县局")) for name, (change, *_) in FAULTS.items()}
    return computed(tmp_path_factory.mktemp("forms"), books)


def _near(clean: dict[str, Any]) -> float:
    """Give an execution that is off its two parts by no more than rounding."""
    return round(float(clean["fields"]["funds_executed"]) + 0.01, 2)


@needs_office
def test_a_return_without_a_fault_may_be_sent(forms: dict[str, tuple[Sheets, Submission]]) -> None:
    """In the form without a fault every check shows ✓, and both sheets say that it may be sent."""
    for name in (FIRST, SECOND):
        first, head, *told = checks(forms["clean"][0], name)
        assert first == "已填齐，可以报送"
        assert head.startswith("自动核对")
        assert len(told) >= 4
        assert all(each.startswith("✓") for each in told)


@needs_office
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_shows_while_it_is_typed(forms: dict[str, tuple[Sheets, Submission]], name: str) -> None:
    """Each fault is told in the check column with its difference, and that sheet may not be sent."""
    _, sheet, message = FAULTS[name]
    told = checks(forms[name][0], sheet)
    assert any(re.fullmatch(message, part, re.DOTALL) for each in told for part in (each, *re.split("；\n?", each))), (
        told
    )
    assert "可以报送" not in told[0]


@needs_office
def test_rounding_is_no_fault(forms: dict[str, tuple[Sheets, Submission]]) -> None:
    """A total that is off its two items by 0.01 万元 is within the rounding of three figures."""
    assert checks(forms["rounded"][0], SECOND)[0] == "已填齐，可以报送"


@needs_office
def test_the_blank_form_lists_what_is_missing(forms: dict[str, tuple[Sheets, Submission]]) -> None:
    """The blank form counts what must be filled in, names five of it, and checks nothing else yet."""
    told = checks(forms["blank"][0], FIRST)
    assert len(told) == 2
    assert told[0].startswith("还有 12 项必填未填：填报单位、编制数、年末实际在职人数、")
    assert told[0].endswith("等")
    assert told[0].count("、") == 4
    assert forms["blank"][1].reason == "报表是空白的，没有填写任何内容；请填写后报送"


@needs_office
@pytest.mark.parametrize("name", ["seed", "clean"])
def test_checks_are_never_read(
    forms: dict[str, tuple[Sheets, Submission]], name: str, request: pytest.FixtureRequest
) -> None:
    """A form saved with all its checks shown is read as the same form without them."""
    before = read("a.xlsx", filed.workbook(request.getfixturevalue(name)), 2021)
    assert understood(forms[name][1]) == understood(before)


# Sums by hand over what `clean` files, and 2 points (of which 1.5 are given) in the row that is put in.
@needs_office
@pytest.mark.parametrize("name", ["middle", "end of block", "last", "first"])
def test_an_inserted_row_counts(forms: dict[str, tuple[Sheets, Submission]], name: str, clean: dict[str, Any]) -> None:
    """A row inserted anywhere among the indicators is in both totals, in its block, and read as an indicator."""
    weights = {each: sum(row["weight"] for row in clean["indicators"] if row["criterion"] == each) for each in BLOCKS}
    points = sum(row["self_points"] for row in clean["indicators"])
    sheets, reading = forms[name]
    row = next(at[1:] for at, value in sheets[SECOND].items() if value == "总  分")
    fields = clean["fields"]
    assert sheets[SECOND][f"G{row}"] == pytest.approx(sum(weights.values()) + fields["funds_weight"] + 2)
    assert sheets[SECOND][f"H{row}"] == pytest.approx(points + fields["funds_points"] + 1.5)
    block = "satisfaction" if name == "last" else "output"
    words = {"output": "产出指标", "satisfaction": "满意度指标"}[block]
    (told,) = (each for each in checks(sheets, SECOND) if "的分值现为" in each)
    assert f"{words}的分值现为 {weights[block] + 2:g} 分" in told
    new = [each for each in reading.indicators if each["level3"] == "新增指标"]
    assert [each["criterion"] for each in new] == [block]
    assert len(reading.indicators) == len(clean["indicators"]) + 1


@needs_office
def test_a_deleted_row_breaks_nothing(forms: dict[str, tuple[Sheets, Submission]]) -> None:
    """The first row of a block can be deleted, which takes the block's name along: no formula shows an error."""
    sheets, _ = forms["deleted"]
    assert not [value for sheet in sheets.values() for value in sheet.values() if str(value).startswith(("#", "Err"))]
    assert any("没有找到效益指标" in each for each in checks(sheets, SECOND))


# ---------------------------------------------------------------------- the workbook itself


@pytest.fixture(scope="module")
def blank(policy: Policy) -> openpyxl.Workbook:
    """Give the blank form."""
    return openpyxl.load_workbook(io.BytesIO(template_workbook.write_form(policy)))


def test_a_sheet_is_protected_without_a_password(blank: openpyxl.Workbook) -> None:
    """Labels, derived cells and checks are locked without a password; rows may be inserted and deleted."""
    for name in (FIRST, SECOND):
        protection = blank[name].protection
        assert protection.sheet
        assert protection.password is None
        assert not protection.insertRows
        assert not protection.deleteRows
        assert not protection.formatCells
        assert not protection.formatColumns
    places = lay_out(FORMS[0], None, {"year": "2021", "total": "100", "weights": "", "grades": ""}).places
    locked = {name: blank[FIRST].cell(row + 1, column + 1).protection.locked for name, (row, column) in places.items()}
    grid = next(section for section in FORMS[0].sections if isinstance(section, Grid))
    sums = {f"{line}_{column.name}" for line in ("three_public", "vehicles") for column in grid.columns}
    assert {name for name, closed in locked.items() if closed} == {"staffing_control_rate_stated", *sums}
    assert blank[FIRST].cell(7, CHECKS[FIRST]).protection.locked


def test_indicator_rows_are_open_throughout(blank: openpyxl.Workbook, policy: Policy) -> None:
    """No cell of an indicator row is locked, for Excel deletes a row of a protected sheet only then."""
    layout = lay_out(FORMS[1], None, form_words(policy))
    sheet = blank[SECOND]
    for row in range(layout.head + 2, layout.below + 1):
        assert not any(
            sheet.cell(row, column).protection.locked for column in range(1, CHECKS[SECOND] + 1) if column != 9
        )
        assert sheet.row_dimensions[row].s
    assert sheet.cell(layout.head + 1, 2).protection.locked
    assert sheet.cell(layout.below + 1, 1).protection.locked


def test_only_the_form_is_printed(blank: openpyxl.Workbook) -> None:
    """A form prints on A4, one page wide, without the check column."""
    for form in FORMS:
        sheet, last = blank[form.sheet], get_column_letter(len(form.widths))
        assert re.fullmatch(rf"'{form.sheet}'!\$A\$1:\${last}\$\d+", sheet.print_area)
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (9, 1, 0)


def test_every_input_says_what_is_wanted(blank: openpyxl.Workbook, policy: Policy) -> None:
    """Every cell for a number or a grade has a Chinese prompt and refuses anything else."""
    for form in FORMS:
        layout = lay_out(form, None, form_words(policy))
        rules = {str(area): rule for rule in blank[form.sheet].data_validations.dataValidation for area in rule.sqref}
        kinds = {asked.name: asked.kind.value for asked in form.fields()}
        for name, (row, column) in layout.places.items():
            if kinds[name] in {"amount", "count", "points", "grade"}:
                rule = rules[blank[form.sheet].cell(row + 1, column + 1).coordinate]
                assert rule.promptTitle
                assert rule.prompt
                assert rule.error
                assert rule.type in {"decimal", "whole", "list", "custom"}


def test_no_formula_is_too_long(blank: openpyxl.Workbook) -> None:
    """Every formula of the form is one that Excel takes."""
    for sheet in blank:
        for line in sheet.iter_rows():
            assert all(len(str(cell.value)) < LONGEST_FORMULA for cell in line)


# ---------------------------------------------------------------------- one for each department

ROSTER = Roster(
    (
        Member("示例县教育局", code="007", also=("教委",)),
        Member("示例县史志办", required=False),
        Member("示例县水利局"),
    )
)
FIGURES = pd.DataFrame(
    {
        "department": ["教委", "示例县水利局"],
        "basic_outturn": [100.5, 7.0],
        "reception_outturn": [1.25, float("nan")],
        "three_public_outturn": [1.25, float("nan")],
        "funds_budget": [300.0, 5.0],
        "funds_executed": [280.5, 6.0],
    }
)


def made_out(policy: Policy, prior: Prior) -> dict[str, Submission]:
    """Make the forms out and read them."""
    return {
        name: read(name, content, 2021)
        for name, content in template_workbook.write_department_forms(policy, ROSTER, prior)
    }


def test_each_department_gets_its_own_form(policy: Policy) -> None:
    """Whoever must report gets a form with its name, last year's figures as 上年决算数, and what was left over."""
    found = made_out(policy, Prior(2020, FIGURES))
    assert list(found) == ["示例县教育局.xlsx", "示例县水利局.xlsx"]
    facts = [{fact.field: fact.value for fact in each.facts if fact.value is not None} for each in found.values()]
    # 300 - 280.5 = 19.5 is left; the water bureau spent more than it had, and nothing is left over from that.
    names = {"department_1_1": "示例县教育局", "department_1_2": "示例县教育局", "fiscal_year": 2021}
    last = {"basic": 100.5, "reception": 1.25, "three_public": 1.25}
    figures = {f"{line}_prior_outturn": value for line, value in last.items()} | {"income_carryover": 19.5}
    figures["funds_budget"] = 19.5  # the form's own sum of the income, so far only what was left over
    assert facts[0] == names | figures
    names = {"department_1_1": "示例县水利局", "department_1_2": "示例县水利局", "fiscal_year": 2021}
    assert facts[1] == names | {"basic_prior_outturn": 7.0}
    assert [finding for each in found.values() for finding in each.findings] == []  # its formulas are saved as blank


def test_derived_cells_are_saved_with_their_results(clean: dict[str, Any]) -> None:
    """A form filled in without its derived fields is read with each of them, computed, and no formula is unsaved."""
    derived = {each.name for form in FORMS for each in form.fields() if each.derived}
    typed = {name: value for name, value in clean["fields"].items() if name not in derived}
    typed |= {"vehicle_purchase_budget": 1.5, "vehicle_running_budget": 2.25, "reception_budget": 0.5}
    typed |= {
        "overseas_budget": 0,
        "authorised_posts": 40,
        "staff_in_post": 30,
        "funds_weight": 10,
        "funds_points": 9.5,
    }
    found = read("a.xlsx", filed.workbook(clean | {"fields": typed}), 2021)
    values = {fact.field: fact.value for fact in found.facts}
    assert values["vehicles_budget"] == 3.75  # 1.5 + 2.25
    assert values["three_public_budget"] == 4.25  # 3.75 + 0.5 + 0: a derived field computed from another
    assert values["staffing_control_rate_stated"] == 0.75  # 30 / 40
    assert values["total_weight"] == sum(row["weight"] for row in clean["indicators"]) + 10
    assert "value_unsaved" not in {finding.rule for finding in found.findings}


@needs_office
def test_saved_results_are_those_of_the_formulas(tmp_path: Path, policy: Policy) -> None:
    """A form made out with last year's figures, recalculated, shows in every derived cell what was saved in it."""
    (_, content), *_ = template_workbook.write_department_forms(policy, ROSTER, Prior(2020, FIGURES))
    path = tmp_path / "made out.xlsx"
    path.write_bytes(content)
    (saved,) = recalculated([path], tmp_path)
    before, after = (openpyxl.load_workbook(each, data_only=True) for each in (path, saved))
    formulas = openpyxl.load_workbook(path)
    compared = 0
    for form in FORMS:
        layout = lay_out(form, None, form_words(policy))
        for row, column in layout.places.values():
            cell = formulas[form.sheet].cell(row + 1, column + 1)
            if cell.data_type == "f":
                values = [book[form.sheet].cell(row + 1, column + 1).value or "" for book in (before, after)]
                assert values[0] == values[1], cell.coordinate
                compared += 1
    assert compared > 5


def test_without_last_year_only_the_name_is_filled_in(policy: Policy) -> None:
    """Where last year is not known the form holds the department's name and nothing else."""
    found = made_out(policy, nothing())["示例县教育局.xlsx"]
    assert {fact.field for fact in found.facts if fact.value is not None} == {
        "department_1_1",
        "department_1_2",
        "fiscal_year",
    }


def test_the_stamp_says_whose_form_it_is(policy: Policy) -> None:
    """The hidden sheet holds form, version, year, department and code, the code as the text it is."""
    _, content = next(template_workbook.write_department_forms(policy, ROSTER, nothing()))
    sheet = openpyxl.load_workbook(io.BytesIO(content))[STAMP]
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert lines == [[form.id, form.version, 2021, "示例县教育局", "007"] for form in FORMS]


def test_what_is_prefilled_is_marked_and_open(policy: Policy) -> None:
    """A prefilled figure has a colour of its own, a prompt that says so, and can be corrected."""
    _, content = next(template_workbook.write_department_forms(policy, ROSTER, Prior(2020, FIGURES)))
    sheet = openpyxl.load_workbook(io.BytesIO(content))[FIRST]
    row, column = lay_out(FORMS[0], None, form_words(policy)).places["three_public_prior_outturn"]
    cell, plain = sheet.cell(row + 1, column + 1), sheet.cell(row + 1, column)
    assert cell.fill.fgColor.rgb != plain.fill.fgColor.rgb
    assert not cell.protection.locked
    (rule,) = (each for each in sheet.data_validations.dataValidation if cell.coordinate in each.sqref)
    assert rule.promptTitle == "已预填"


def test_a_list_that_was_filled_in_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A roster in the way of a blank one is kept under another name, which is told; the same again is left alone."""
    assert main(["templates", "-o", str(tmp_path)]) == 0
    (tmp_path / "部门名册.xlsx").write_bytes(b"filled in")
    capsys.readouterr()
    assert main(["templates", "-o", str(tmp_path)]) == 0
    assert "部门名册.xlsx（原有的文件改名为 部门名册（旧1）.xlsx）" in capsys.readouterr().out
    assert (tmp_path / "部门名册（旧1）.xlsx").read_bytes() == b"filled in"
    assert [path.name for path in tmp_path.glob("*（旧*")] == ["部门名册（旧1）.xlsx"]
