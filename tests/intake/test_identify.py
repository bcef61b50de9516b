"""Whose return a file is, which one counts, and who has sent none."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from pipeline import evaluate as pipeline_evaluate
from pipeline.__main__ import main
from pipeline.inputs import Inputs
from pipeline.lists import roster
from pipeline.lists.sheet_list import ListError
from pipeline.reading.read import read
from pipeline.workbooks.blank_lists import write_blank_roster, write_blank_waivers
from schemas.lists.roster import COLUMNS
from tests.support import filed, in_memory

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.county_tables import CountyTables
    from schemas.policy import Policy


def members(*lines: tuple[str, ...]) -> roster.Roster:
    """Make a roster of (name, other names, must report) through its own workbook, and read it."""
    book = openpyxl.load_workbook(io.BytesIO(write_blank_roster()))
    sheet = book.worksheets[0]
    for at, (name, also, required) in enumerate(lines, 3):
        for field, value in {"name": name, "also": also, "required": required}.items():
            sheet.cell(at, list(COLUMNS).index(field) + 1, value)
    stream = io.BytesIO()
    book.save(stream)
    return roster.read("部门名册.xlsx", stream.getvalue())


ROSTER = (
    ("示例县民政局", "民政局、县民政", "是"),
    ("示例县教育局", "", ""),
    ("示例县水利局", "", "是"),
    ("示例县档案馆", "", "否"),
)


LAID_DOWN, DAY = 1650000000.0, 86400.0
"""15 April 2022, after the days on which the returns were filled in; each is laid down a day after the last."""


def evaluated(
    returns: dict[str, dict[str, Any]], policy: Policy, known: roster.Roster, **times: float
) -> in_memory.CountyResult:
    """Evaluate returns under their file names, changed so many days after the first."""
    readings = []
    for number, (name, each) in enumerate(returns.items()):
        reading = read(f"{name}.xlsx", filed.workbook(each), 2021)
        reading.modified = LAID_DOWN + DAY * times.get(name, float(number))
        readings.append(reading)
    return in_memory.evaluate_in_memory(readings, [], policy, Inputs(known))


def statuses(tables: in_memory.CountyResult | CountyTables) -> dict[str, str]:
    """Give the status of each file, or of each department without one."""
    table = tables.submissions
    keys = table["source_file"].where(table["source_file"].ne(""), table["department"])
    return dict(zip(keys, table["status"], strict=True))


def test_the_roster_says_who_is_missing(policy: Policy, clean: dict[str, Any]) -> None:
    """A department that must report and sent nothing is missing, without points; an exempt one is not."""
    returns = {"a": filed.changed(clean, {}, "县民政")}
    tables = evaluated(returns, policy, members(*ROSTER))
    assert statuses(tables) == {"a.xlsx": "accepted", "示例县教育局": "missing", "示例县水利局": "missing"}
    summary = tables.summary.set_index("department")
    assert summary.loc["示例县民政局", "points"] == 99.26
    assert summary.loc[["示例县教育局", "示例县水利局"], ["points", "rank"]].isna().all(axis=None)


def test_another_name_of_the_roster_is_the_department(policy: Policy, clean: dict[str, Any]) -> None:
    """民政局 and 县民政 are listed names of one department: the later return counts, the other is superseded."""
    returns = {
        "一": filed.changed(clean, {}, "民政局"),
        "二": filed.changed(clean, {"fields": {"filled_by": "王五"}}, "县民政"),
    }
    tables = evaluated(returns, policy, members(*ROSTER))
    assert statuses(tables)["一.xlsx"] == "superseded"
    assert statuses(tables)["二.xlsx"] == "accepted"
    change = tables.changes
    person = change[change["label"].eq("填表人")]
    assert (person["before"].tolist(), person["after"].tolist()) == (["张三"], ["王五"])
    assert set(change["label"]) == {"填表人", "填报单位（附件1-1）", "填报单位（附件1-2）"}
    assert change["department"].unique().tolist() == ["示例县民政局"]


def test_a_near_name_is_only_suggested(policy: Policy, clean: dict[str, Any]) -> None:
    """示例县教育体育局 is not in the roster: it stays itself, 示例县教育局 is suggested and still missing."""
    tables = evaluated({"a": filed.changed(clean, {}, "示例县教育体育局")}, policy, members(*ROSTER))
    assert tables.summary["department"].iloc[0] == "示例县教育体育局"
    row = tables.findings[tables.findings["rule"].eq("department_unknown")].iloc[0]
    assert (row["stated"], row["cell"]) == ("示例县教育体育局", "C4")
    assert "示例县教育局" in row["expected"]
    assert statuses(tables)["示例县教育局"] == "missing"


def test_names_in_file_and_annexes(policy: Policy, clean: dict[str, Any]) -> None:
    """Two names in the annexes and a third in the file name are findings; the name of annex 1-2 counts."""
    odd = filed.changed(clean, {}, "示例县民政局")
    odd["fields"]["department_1_1"] = "示例县教育局"
    tables = evaluated({"示例县水利局2021": odd}, policy, members(*ROSTER))
    assert tables.summary["department"].iloc[0] == "示例县民政局"
    found = tables.findings.set_index("rule")
    assert set(found.index) == {"department_names_differ", "file_name_differs"}
    assert found.loc["file_name_differs", "expected"] == "示例县水利局"


def test_a_return_without_a_name_goes_under_its_file(policy: Policy, clean: dict[str, Any]) -> None:
    """A return that names nobody is evaluated under its file's name, plainly marked, with an error."""
    tables = evaluated({"无名": filed.changed(clean, {}, "")}, policy, members())
    assert tables.summary["department"].tolist() == ["（单位名称空白）无名"]
    assert tables.findings["rule"].tolist() == ["department_blank"]


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        ("2022年3月10日", "2022年3月9日", "一.xlsx"),  # reported later, though the file is older
        ("2022.3.9", "2022-03-10", "二.xlsx"),
        ("2022年3月9日", "", "二.xlsx"),  # one has no date: the later file counts
        ("2022年3月9日", "2022年3月9日", "二.xlsx"),
        ("2022年13月9日", "2022年3月9日", "二.xlsx"),  # no date at all
    ],
)
def test_the_later_return_counts(first: str, second: str, counts: str, policy: Policy, clean: dict[str, Any]) -> None:
    """Of two different returns the one reported later counts; without two dates, the file changed later."""
    returns = {}
    for name, date in (("一", first), ("二", second)):
        fields = {"reported_on_1_1": date, "reported_on_1_2": date, "filled_by": name}
        returns[name] = filed.changed(clean, {"fields": fields}, "甲局")
    found = statuses(evaluated(returns, policy, members(), 一=1.0, 二=2.0))
    assert found.pop(counts) == "accepted"
    assert list(found.values()) == ["superseded"]


def test_names_alike_but_for_spaces_are_one_department(policy: Policy, clean: dict[str, Any]) -> None:
    """示例县 甲局 and 示例县甲局 are one department, with or without a roster."""
    other = filed.changed(clean, {"fields": {"telephone": "1"}}, "示例县甲局")
    returns = {"一": filed.changed(clean, {}, "示例县 甲局"), "二": other}
    assert sorted(statuses(evaluated(returns, policy, members())).values()) == ["accepted", "superseded"]


def test_a_roster_lists_all_its_mistakes() -> None:
    """A name that belongs to two departments and a word neither 是 nor 否 are both told; the roster is refused."""
    with pytest.raises(ListError) as error:
        members(("甲局", "丙", "是"), ("乙局", "丙", "不一定"))
    told = str(error.value)
    assert "2处错误" in told
    assert "第4行：“是否应报”填写为“不一定”" in told
    assert "名称“丙”同时属于“甲局”和“乙局”，请只留给其中一个" in told


def test_no_line_of_the_roster_is_lost() -> None:
    """A line with a telephone and no department, and a department on two lines, are told; 是 alone is a blank line."""
    book = openpyxl.load_workbook(io.BytesIO(write_blank_roster()))
    sheet = book.worksheets[0]
    lines = (("甲局", "", "甲"), ("", "", "", "", "", "0734-1"), ("甲 局", "", "甲"), ("", "", "", "是"))
    for at, line in enumerate(lines, 3):
        for column, text in enumerate(line, 1):
            sheet.cell(at, column, text or None)
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(ListError) as error:
        roster.read("部门名册.xlsx", stream.getvalue())
    assert str(error.value).splitlines()[1:] == [
        "  第4行：没有填写“部门名称”",
        "  “甲 局”列了不止一次，请只保留一行",
    ]


def test_the_roster_of_the_inbox_is_no_return(
    tmp_path: Path, policy: Policy, clean: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """部门名册.xlsx in the inbox is used as the roster and listed as ignored; the run says who has not reported."""
    book = openpyxl.load_workbook(io.BytesIO(write_blank_roster()))
    book.worksheets[0].cell(3, 1, "示例县样板局")
    book.worksheets[0].cell(4, 1, "示例县未报局")
    book.save(tmp_path / "部门名册.xlsx")
    (tmp_path / "样板局.xlsx").write_bytes(filed.workbook(clean))
    assert main(["evaluate", str(tmp_path), "-o", str(tmp_path / "out")]) == 0
    assert "应报未报（1 个）：示例县未报局" in capsys.readouterr().out
    done = pipeline_evaluate.evaluate(tmp_path, tmp_path / "out", policy, given=Inputs(roster.find(tmp_path)))
    assert statuses(done.county_tables) == {
        "样板局.xlsx": "accepted",
        "部门名册.xlsx": "ignored",
        "示例县未报局": "missing",
    }


def test_a_return_of_another_year_is_no_earlier_version(policy: Policy, clean: dict[str, Any]) -> None:
    """What changed since last year's return is nobody's correction: it is refused, and not compared."""
    last_year = filed.changed(clean, {"fields": {"fiscal_year": "（2020年度）"}}, "示例县甲局")
    returns = {"今年": filed.changed(clean, {}, "示例县甲局"), "去年": last_year}
    found = evaluated(returns, policy, members())
    assert statuses(found)["去年.xlsx"] == "rejected"
    assert found.changes.empty


def test_results_and_lists_among_the_returns_are_none(policy: Policy, clean: dict[str, Any], tmp_path: Path) -> None:
    """Scored and county workbooks and lists renamed or in a folder are refused with what to do, change no points."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "甲局.xlsx").write_bytes(filed.workbook(filed.changed(clean, {}, "甲局")))
    before = pipeline_evaluate.evaluate(inbox, tmp_path / "out", policy)
    for name, copy in {
        "部门评分/甲局.xlsx": "甲局评分.xlsx",  # later than the return: it would count in its place
        "全县汇总.xlsx": "全县汇总.xlsx",
        "复核意见.xlsx": "复核意见 - 副本.xlsx",
    }.items():
        shutil.copy(before.folder / name, inbox / copy)
    (inbox / "名册2021.xlsx").write_bytes(write_blank_roster())
    (inbox / "名单").mkdir()
    (inbox / "名单" / "部门名册.xlsx").write_bytes(write_blank_roster())
    (inbox / "豁免（定稿）.xlsx").write_bytes(write_blank_waivers())
    after = pipeline_evaluate.evaluate(inbox, tmp_path / "out", policy).county_tables
    assert after.summary["points"].tolist() == before.county_tables.summary["points"].tolist() == [99.26]
    refused = after.submissions[after.submissions["status"].eq("rejected")]
    told = {name: why.partition("；") for name, why in zip(refused["source_file"], refused["reason"], strict=True)}
    assert {name: (what, todo) for name, (what, _, todo) in told.items()} == {
        "甲局评分.xlsx": ("是程序写出的评分工作簿，不是报表", "请在填报表或“退回修改”的文件上填写、修改后报送"),
        "全县汇总.xlsx": ("是程序写出的全县汇总，不是报表", "请移出收件夹"),
        "复核意见 - 副本.xlsx": ("是复核意见，不是报表", "要叫 复核意见.xlsx、直接放在收件夹里才会采用"),
        "名册2021.xlsx": ("是部门名册，不是报表", "要叫 部门名册.xlsx、直接放在收件夹里才会采用"),
        "豁免（定稿）.xlsx": ("是豁免，不是报表", "要叫 豁免.xlsx、直接放在收件夹里才会采用"),
        "名单/部门名册.xlsx": ("是部门名册，不是报表", "要叫 部门名册.xlsx、直接放在收件夹里才会采用"),
    }
