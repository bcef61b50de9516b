"""Other forms and other habits: earlier versions, split targets, headings with years, forms over several sheets."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.pages import accepted_spellings
from pipeline.reading.read import read
from pipeline.workbooks.template import workbook as template_workbook
from schemas import policy as policies
from schemas.forms import FORMS
from tests.conftest import evaluated
from tests.reading.test_layouts import facts, rows
from tests.support import filed, in_memory
from tests.support.office import converted, needs_office
from tests.support.pages import Page, moved, pages, saved, where

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy

FIRST, SECOND = (form.sheet for form in FORMS)


def laid_out(clean: dict[str, Any]) -> dict[str, Page]:
    """Give the clean return's sheets as cells and merged ranges."""
    return pages(filed.workbook(clean))


def test_headings_may_name_years(clean: dict[str, Any]) -> None:
    """In a form of 2021, 2021年决算数, 2021年预算数 and 2020年决算数 are outturn, budget and prior outturn."""
    expected = facts(read("a.xlsx", filed.workbook(clean), 2021))
    sheets = laid_out(clean)
    dated = {
        "当年决算数": "2021年决算数",
        "当年预算数": "2021年度预算数",
        "上年决算数": "2020年决算数",
        "年末实际在职人数": "2021年实际在职人数",
    }
    cells, merges = sheets[FIRST]
    sheets[FIRST] = ({at: dated.get(str(value), value) for at, value in cells.items()}, merges)
    found = read("a.xlsx", saved(sheets), 2021)
    assert facts(found) == expected
    assert found.findings == []


def test_headings_follow_the_year_of_the_form(clean: dict[str, Any]) -> None:
    """A form of 2020 with headings of 2019 and 2020 is read as one of 2020, whatever year is evaluated."""
    sheets = laid_out(filed.changed(clean, {"fields": {"fiscal_year": "（2020年度）"}}, "甲局"))
    dated = {"当年决算数": "2020年决算数", "当年预算数": "2020年预算数", "上年决算数": "2019年决算数"}
    cells, merges = sheets[FIRST]
    sheets[FIRST] = ({at: dated.get(str(value), value) for at, value in cells.items()}, merges)
    found = read("a.xlsx", saved(sheets), 2021)
    assert found.fiscal_year == 2020
    assert facts(found)["basic_prior_outturn"] == 470
    assert facts(found)["basic_outturn"] == 480.5


SPLIT = {
    "不低于200人次": ("≥", 200, "人次", 220),
    "≥100户": ("≥", 100, "户", 100),
    "≥95%": ("≥", 95, "%", 98),
    "100%": ("＝", 100, "%", 100),
    "不低于98%": ("≥", 98, "%", 99),
    "≤20万元": ("≤", 20, "万元", 18.5),
    "不高于0.1万元": ("≤", 0.1, "万元", 0.09),
    "50人以上": ("≥", 50, "人", 52),
    "≥90%": ("≥", 90, "%", 93),
}
"""Target → 指标性质, 指标值, 度量单位, and the bare actual of the clean return."""


def split_targets(page: Page) -> Page:
    """Split 年度指标值 into three columns, as newer forms do; the actuals become bare numbers."""
    cells, merges = page
    head, target = where(page, "年度指标值")
    end = where(page, "综合评定等级")[0]
    split: dict[tuple[int, int], Any] = {}
    for (row, column), value in cells.items():
        inside = head <= row < end
        place = (row, column + 2 if inside and column > target else column)
        split[place] = value
        if inside and column == target and value in SPLIT:
            sign, number, unit, _ = SPLIT[value]
            split |= {(row, target): sign, (row, target + 1): number, (row, target + 2): unit}
        elif inside and column == target and row != head:
            split |= {(row, target): "定性", (row, target + 1): value}
    split |= {(head, target): "指标性质", (head, target + 1): "指标值", (head, target + 2): "度量单位"}
    actuals = {(sign, number, unit): actual for sign, number, unit, actual in SPLIT.values()}
    for row in range(head + 1, end):
        parts = tuple(split.get((row, target + part)) for part in range(3))
        if parts in actuals:
            split[row, target + 3] = actuals[parts]
    total = where((split, merges), "总  分")[0]
    for column in (target + 2, target + 3):
        if (total, column) in split:
            split[total, column + 2] = split.pop((total, column))
    return split, [area for area in merges if not head <= area[0] < end or area[3] <= target]


def test_a_split_target_is_put_together(clean: dict[str, Any], policy: Policy) -> None:
    """A target over 指标性质, 指标值 and 度量单位 with a bare actual is judged as the same target in one cell."""
    sheets = laid_out(clean)
    sheets[SECOND] = split_targets(sheets[SECOND])
    found = read("a.xlsx", saved(sheets), 2021)
    targets = [row["target"] for row in found.indicators]
    assert targets[:6] == ["≥200人次", "≥100户", "≥95%", "＝100%", "≥98%", "2021年12月31日前"]
    assert [row["actual"] for row in found.indicators][:4] == ["220", "100", "98", "100"]
    assert found.findings == []
    tables = in_memory.evaluate_in_memory([found], [], policy)
    assert tables.findings.empty
    assert tables.summary["points"].tolist() == [99.26]


@pytest.mark.parametrize(
    ("level1", "level2"),
    [
        ("产出指标（50分）", "经济成本指标"),
        ("产出指标（50分）", "成本"),
        ("成本指标", "经济成本指标"),
        ("成本", "社会成本指标"),
        ("成本指标", "生态环境成本指标1"),
    ],
)
def test_cost_is_cost_under_its_newer_names(clean: dict[str, Any], policy: Policy, level1: str, level2: str) -> None:
    """An amount of money under another name of 成本指标 is an upper bound, and its row counts as output."""
    named = {"level1": level1, "level2": level2}
    rows = {"7": {**named, "target": "20万元", "actual": "18万元"}, "8": named}
    found = read("a.xlsx", filed.workbook(filed.changed(clean, {"rows": rows}, "甲局")), 2021)
    tables = in_memory.evaluate_in_memory([found], [], policy)
    row = tables.indicators[tables.indicators["target"].eq("20万元")].iloc[0]
    assert (row["level1"], row["level2"], row["criterion"]) == (level1, level2, "output")
    assert (row["comparison"], row["state"]) == ("at_most", "met")


@pytest.mark.parametrize(
    ("split", "actual", "target", "comparison", "state"),
    [
        (("反向", 5, "天"), 3, "≤5天", "at_most", "met"),
        (("定量指标", 92, "%"), "90%", "92%", "at_least", "partly"),
        ((">=", 98, "%（百分比）"), "90%", ">=98%（百分比）", "at_least", "partly"),
    ],
)
def test_the_nature_in_a_column_of_its_own_decides(
    clean: dict[str, Any],
    policy: Policy,
    split: tuple[Any, ...],
    actual: Any,
    target: str,
    comparison: str,
    state: str,
) -> None:
    """反向 of 5天 is an upper bound, 定量指标 is no part of the number, and a unit may be written twice."""
    sheets = laid_out(clean)
    sheets[SECOND] = split_targets(sheets[SECOND])
    cells, _ = sheets[SECOND]
    row, column = where(sheets[SECOND], "≥")
    for offset, value in enumerate((*split, actual)):
        cells[row, column + offset] = value
    found = in_memory.evaluate_in_memory([read("a.xlsx", saved(sheets), 2021)], [], policy).indicators.iloc[0]
    assert (found["target"], found["comparison"], found["state"]) == (target, comparison, state)


def test_a_reason_at_the_end_of_the_row_is_a_reason(clean: dict[str, Any], policy: Policy) -> None:
    """偏差原因分析及改进措施 in a column of its own explains a missed row, and the finding is not made."""
    change = {"fields": {"deviation_reasons": ""}, "rows": {"1": {"actual": "150人次", "self_points": 7.5}}}
    short = filed.changed(clean, change, "甲局")
    short["fields"]["total_points"] = 96.76  # 99.26 − 2.5
    sheets = laid_out(short)
    cells, merges = sheets[SECOND]
    head, points = where(sheets[SECOND], "三级指标")[0], 8
    reasons = {(head, points + 1): "偏差原因分析及改进措施", (head + 1, points + 1): "培训班因疫情取消一期，今年补办"}
    sheets[SECOND] = (cells | reasons, merges)
    explained = read("a.xlsx", saved(sheets), 2021)
    assert in_memory.evaluate_in_memory([explained], [], policy).findings.empty
    assert evaluated({"b": short}, policy).findings["rule"].tolist() == ["missed_without_reason"]


def test_a_form_over_two_sheets_is_one(clean: dict[str, Any]) -> None:
    """Annex 1-2 with its indicators and what follows on a sheet of their own is read as one form."""
    expected = read("a.xlsx", filed.workbook(clean), 2021)
    sheets = laid_out(clean)
    cells, merges = sheets[SECOND]
    cut = where(sheets[SECOND], "一级指标")[0]
    upper = ({at: v for at, v in cells.items() if at[0] < cut}, [area for area in merges if area[2] < cut])
    lower = ({at: v for at, v in cells.items() if at[0] >= cut}, [area for area in merges if area[0] >= cut])
    found = read("a.xlsx", saved({FIRST: sheets[FIRST], "第一页": upper, "第二页": moved(lower, 2 - cut, 0)}), 2021)
    assert facts(found) == facts(expected)
    assert rows(found) == rows(expected)
    assert found.findings == []


def test_rows_that_go_on_on_another_sheet_are_read(clean: dict[str, Any]) -> None:
    """Indicator rows that go on on a second sheet under the same heads are rows of the same form."""
    sheets = laid_out(clean)
    page = sheets[SECOND]
    head = where(page, "一级指标")[0]
    more = {at: v for at, v in page[0].items() if at[0] == head}
    texts = ("效益指标", "社会效益指标", "新增指标", "1项", "1项")
    more |= {(head + 1, column): text for column, text in enumerate(texts, 2)}
    found = read("a.xlsx", saved(sheets | {"续表": moved((more, []), 1 - head, 0)}), 2021)
    assert [(row["level3"], row["sheet"], row["cell"]) for row in found.indicators[-1:]] == [("新增指标", "续表", "D2")]
    assert len(found.indicators) == 14


def test_an_indicator_may_speak_of_the_form(clean: dict[str, Any]) -> None:
    """An indicator whose words hold the form's title is no title, and what follows it is still read."""
    spoken = filed.changed(clean, {"rows": {"6": {"level3": "按时报送部门整体支出绩效自评表"}}}, "甲局")
    found = read("a.xlsx", filed.workbook(spoken), 2021)
    assert facts(found)["total_points"] == 99.26
    assert len(found.indicators) == 13


def test_other_forms_in_the_workbook_are_left_alone(clean: dict[str, Any]) -> None:
    """A project's own self-evaluation form, which has the same heads, is no part of the department's."""
    sheets = laid_out(clean)
    head = where(sheets[SECOND], "一级指标")[0]
    other = {(1, 1): "项目支出绩效自评表", (2, 1): "项目名称", (2, 2): "培训项目"}
    other |= {(at[0] - head + 4, at[1]): v for at, v in sheets[SECOND][0].items() if head <= at[0] <= head + 3}
    found = read("a.xlsx", saved({"项目表": (other, []), **sheets}), 2021)
    assert len(found.indicators) == 13
    assert found.findings == []


def test_an_annex_filled_in_twice_is_told(clean: dict[str, Any]) -> None:
    """Two filled copies of annex 1-2 in one workbook are an error; a blank copy beside the filled one is none."""
    sheets = laid_out(clean)
    found = read("a.xlsx", saved(sheets | {"副本": sheets[SECOND]}), 2021)
    assert [(each.rule, each.sheet) for each in found.findings] == [("annex_twice", "副本")]
    printed = cells_of_blank()
    blank = {at: v for at, v in sheets[SECOND][0].items() if at in printed}
    again = read("a.xlsx", saved({"空表": (blank, []), **sheets}), 2021)
    assert again.findings == []
    assert facts(again)["funds_budget"] == 800


def cells_of_blank() -> set[tuple[int, int]]:
    """Give the cells of annex 1-2 that hold the form's own words."""
    policy = policies.load(2021)
    lines = filed.load(filed.RETURNS / "clean.toml")["indicators"]
    bare = [{name: row[name] for name in ("criterion", "level1", "level2", "level2_cell")} for row in lines]
    cells, _ = pages(template_workbook.write_form(policy, {}, bare))[SECOND]
    return {at for at, value in cells.items() if not str(value).startswith("=")}


def test_five_hundred_rows_are_read(clean: dict[str, Any]) -> None:
    """A form with 500 indicator rows is read whole."""
    long = filed.changed(clean, {}, "甲局")
    first, *others = long["indicators"]
    long["indicators"] = [first | {"level3": f"指标{number}"} for number in range(1, 489)] + others
    found = read("a.xlsx", filed.workbook(long), 2021)
    assert len(found.indicators) == 500
    assert found.indicators[487]["level3"] == "指标488"


EARLIER: dict[tuple[int, int], Any] = {
    (1, 1): "部门整体支出绩效评价基础数据表",
    (2, 1): "填报单位：示例县样板局",
    (3, 1): "财政供养人员情况", (3, 2): "编制数", (3, 3): "2021年实际在职人数", (3, 4): "控制率",
    (4, 2): 30, (4, 3): 29, (4, 4): "96.67%",
    (5, 1): "经费控制情况", (5, 2): "2020年决算数", (5, 3): "2021年预算数", (5, 4): "2021年决算数",
    (6, 1): "三公经费", (6, 2): 4.5, (6, 3): 4.3, (6, 4): 4,
    (7, 1): "1、公务用车购置和维护经费", (7, 2): 3.3, (7, 3): 3.2, (7, 4): 3,
    (8, 1): "其中：公车购置", (8, 2): 0, (8, 3): 0, (8, 4): 0,
    (9, 1): "公车运行维护", (9, 2): 3.3, (9, 3): 3.2, (9, 4): 3,
    (10, 1): "2、出国经费", (10, 2): 0, (10, 3): 0, (10, 4): 0,
    (11, 1): "3、公务接待", (11, 2): 1.2, (11, 3): 1.1, (11, 4): 1,
    (12, 1): "项目支出：", (12, 2): 290, (12, 3): 310, (12, 4): 300,
    (13, 1): "1、业务工作专项", (13, 2): 95, (13, 3): 100, (13, 4): 100,
    (14, 1): "2、运行维护专项", (14, 2): 80, (14, 3): 80, (14, 4): 80,
    (15, 1): "3、省级专项资金", (15, 2): 115, (15, 3): 130, (15, 4): 120,
    (16, 1): "公用经费", (16, 2): 78, (16, 3): 80, (16, 4): 80.5,
    (17, 1): "其中：办公经费", (17, 2): 20, (17, 3): 20, (17, 4): 21,
    (18, 1): "水费、电费、差旅费", (18, 2): 30, (18, 3): 30, (18, 4): 29.5,
    (19, 1): "会议费、培训费", (19, 2): 10, (19, 3): 10, (19, 4): 9,
    (20, 1): "政府采购金额", (20, 2): 45, (20, 3): 55, (20, 4): 50,
    (21, 1): "部门整体支出预算调整", (21, 4): 5,
    (22, 1): "楼堂馆所控制情况", (22, 2): "批复规模（㎡）", (22, 3): "实际规模（㎡）", (22, 4): "规模控制率",
    (22, 5): "预算投资（万元）", (22, 6): "实际投资（万元）", (22, 7): "投资概算控制率",
    (24, 1): "厉行节约保障措施", (24, 2): "严格公务接待审批。",
}  # fmt: skip
"""The earlier Hunan form as an office filled it, figures of the clean return; 2020 is last year."""


def test_the_earlier_form_is_read_by_its_own_words(clean: dict[str, Any], policy: Policy) -> None:
    """In the earlier form 2020年决算数 is the prior outturn, 2、出国经费 overseas, and operating expenses are kept."""
    found = read("a.xlsx", saved({"基础数据表": (EARLIER, []), SECOND: laid_out(clean)[SECOND]}), 2021)
    assert found.forms == ("annex_1_1/2018", "annex_1_2/2021")
    assert [each.rule for each in found.findings] == ["other_edition"]
    value = facts(found)
    today = facts(read("b.xlsx", filed.workbook(clean), 2021))
    shared = {name for name in value if name in today} - {"department_1_1", "reported_on_1_1", "economy_measures"}
    assert {name: value[name] for name in shared} == {name: today[name] for name in shared}
    assert {"three_public_prior_outturn", "overseas_budget", "staff_in_post"} <= shared
    assert value["building_approved_area"] is None  # what stands below it belongs to 厉行节约保障措施
    kept = ("operating_outturn", "utilities_travel_outturn", "budget_adjustment_outturn")
    assert [value[name] for name in kept] == [80.5, 29.5, 5]
    tables = in_memory.evaluate_in_memory([found], [], policy)
    # 基本支出 is not in that form: what needs it is silent or not computable, and nothing is made up.
    assert tables.findings["rule"].tolist() == ["other_edition"]
    reasons = tables.measures.set_index("measure")["reason"]
    assert reasons["basic_change_rate"].startswith("未填写：部门基本支出")
    assert reasons["three_public_change_rate"] == ""


@pytest.mark.parametrize("words", ["三公经费", "全年预算数"])
def test_words_that_are_gone_are_told(words: str, clean: dict[str, Any]) -> None:
    """A row or column whose words were changed is a finding that names what was looked for; nothing is guessed.

    别的 stands where 全年预算数 must be, and is asked about; it is like no row, and is only named.
    """
    sheets = laid_out(clean)
    changed = {
        name: ({at: "别的" if words in str(v) else v for at, v in cells.items()}, merges)
        for name, (cells, merges) in sheets.items()
    }
    found = read("a.xlsx", saved(changed), 2021)
    sought = {(each.rule, each.expected) for each in found.findings}
    if words == "全年预算数":
        assert sought == {("head_asked", "全年预算数")}
        assert "funds_budget" not in facts(found)
    else:
        assert sought == {("row_not_found", "2、三公经费"), ("row_not_found", "其中：三公经费")}
        assert {each.stated for each in found.findings} == {"“别的”"}


def test_the_page_of_what_is_accepted_is_current() -> None:
    """The page in docs/ is what the declarations and the reader say today."""
    assert accepted_spellings.PAGE.read_text(encoding="utf-8") == accepted_spellings.make_page()


def with_members(content: bytes, members: dict[str, str | bytes]) -> bytes:
    """Give a workbook with further members, or others in their place."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, members.pop(name, old.read(name)))
        for name, text in members.items():
            new.writestr(name, text)
    return stream.getvalue()


@needs_office
def test_an_old_workbook_is_read(clean: dict[str, Any], tmp_path: Path) -> None:
    """The same return saved in the old format (.xls) gives the same facts and rows, with an info that it is old."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(filed.workbook(clean))
    found = read("a.xls", converted(path, "xls", tmp_path).read_bytes(), 2021)
    expected = read("a.xlsx", path.read_bytes(), 2021)
    filled = clean["fields"].keys()
    assert {name: facts(found)[name] for name in filled} == {name: facts(expected)[name] for name in filled}
    assert rows(found) == rows(expected)
    assert [each.rule for each in found.findings] == ["old_format"]
