"""Forms that are no annexes are listed as what they are, and returns of no year or of another one are not guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pipeline.__main__ import main
from pipeline.evaluate import evaluate
from pipeline.reading.read import read
from tests.support import filed
from tests.support.pages import pages, saved, where
from tests.support.written import table

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from pipeline.county_tables import CountyTables
    from schemas.policy import Policy

OFFICE = "衡阳县科技和工业信息化局"
TITLE = "部门整体支出绩效自评表"


def project(title: str, *, office: bool = True) -> bytes:
    """Make a form of a project with funds and three met rows, as the entries describe it."""
    rows: list[tuple[object, ...]] = [
        (title,),
        ("填报单位（盖章）：" + OFFICE, "填报时间：2022年5月20日") if office else (),
        ("项目名称", "科普经费"),
        ("主管部门", OFFICE, "实施单位", OFFICE),
        ("项目资金", "全年预算数", "全年执行数", "分值", "执行率", "得分"),
        ("年度资金总额", 30, 30, 10, "100%", 10),
        ("年度总体目标", "年初预期目标", "全年实际完成情况"),
        ("", "办科普活动", "办了科普活动"),
        ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"),
        ("产出指标", "数量指标", "科普活动", "10场", "10场", 50, 50),
        ("效益指标", "社会效益指标", "参加人次", "1000人次", "1000人次", 30, 30),
        ("满意度指标", "服务对象满意度指标", "群众满意度", "≥90%", "95%", 10, 10),
        ("总分", "", "", "", "", 100, 100),
    ]
    cells = {(row, column): value for row, line in enumerate(rows, 1) for column, value in enumerate(line, 1)}
    return saved({"Sheet1": ({at: value for at, value in cells.items() if value != ""}, [])})


def together(tmp_path: Path, policy: Policy, files: dict[str, bytes]) -> CountyTables:
    """Evaluate files beside the seed return."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / f"{OFFICE}.xlsx").write_bytes(filed.workbook(filed.load()))
    for name, content in files.items():
        (inbox / name).write_bytes(content)
    return evaluate(inbox, tmp_path / "out", policy).county_tables


def line(tables: CountyTables, name: str) -> pd.Series:
    """Give the line of a file."""
    rows = tables.submissions
    return rows[rows["source_file"].eq(name)].iloc[0]


def seed_counts(tables: CountyTables) -> None:
    """See that the seed is the one department that is ranked, with its own points."""
    assert tables.summary[["department", "points", "rank"]].to_numpy().tolist() == [[OFFICE, 76.02, 1]]


@pytest.mark.parametrize("office", [True, False], ids=["F004", "F005"])
def test_a_project_is_no_department(*, office: bool, tmp_path: Path, policy: Policy) -> None:
    """F004, F005: a project's self-evaluation supersedes nothing, is no department, and is listed as what it is."""
    files = {"科普经费项目自评表.xlsx": project("项目支出绩效自评表（2021年度）", office=office)}
    tables = together(tmp_path, policy, files)
    seed_counts(tables)
    found = line(tables, "科普经费项目自评表.xlsx")
    assert found["status"] == "rejected"
    assert found["reason"].startswith("这是项目支出绩效自评表，不是部门整体支出绩效自评表")


@pytest.mark.parametrize(
    ("title", "form"),
    [
        ("项目支出绩效自评表", "项目支出绩效自评表"),
        ("2021年度县级专项资金绩效自评表", "项目支出绩效自评表"),
        ("预算项目绩效自评表", "项目支出绩效自评表"),
        ("部门整体支出绩效目标申报表（2021年度）", "绩效目标申报表"),
        ("项目支出绩效目标申报表", "绩效目标申报表"),
        ("2021年部门整体支出绩效运行监控表", "绩效运行监控表"),
        ("绩效监控情况表", "绩效运行监控表"),
        ("部门整体支出绩效目标表", "部门预算绩效目标表"),
        ("2021年部门预算绩效目标表", "部门预算绩效目标表"),
        ("中央对地方转移支付区域绩效自评表", "转移支付区域绩效自评表"),
        ("", "项目支出绩效自评表"),  # by 项目名称 and 主管部门
    ],
)
def test_other_forms_are_told_by_their_titles(title: str, form: str) -> None:
    """A title beats likeness: each of these forms has the labels of annex 1-2 and is told by its name."""
    assert read("甲.xlsx", project(title), 2021).reason.startswith(f"这是{form}，不是部门整体支出绩效自评表")


def test_a_sheet_like_an_annex_without_its_title_is_asked_about(policy: Policy, clean: dict[str, Any]) -> None:
    """Without its title a sheet that is like annex 1-2 is not taken: alone it is refused, beside annex 1-1 an error."""
    found = pages(filed.workbook(clean))
    first, second = list(found)[-2:]
    page = {at: value for at, value in found[second][0].items() if value != TITLE}
    alone = read("甲.xlsx", saved({"表": (page, [])}), policy.year)
    assert alone.reason.startswith(f"工作表“表”像附件1-2，但没有表名“{TITLE}”")
    both = read("甲.xlsx", saved({first: found[first], "表": (page, [])}), policy.year)
    assert "annex_untitled" in {each.rule for each in both.findings}
    assert not both.indicators
    named = read("甲.xlsx", saved({first: found[first], "附件1-2 自评表": (page, [])}), policy.year)
    assert (named.reason, len(named.indicators)) == ("", 13)  # the sheet itself is called so


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("2022年度项目支出绩效自评表", 2022),  # F008
        ("绩效目标自评表\n（2019年度）", 2019),  # F010
        ("2020年度县级专项资金绩效目标自评表", 2020),  # F011
    ],
)
def test_other_forms_of_another_year_say_so(title: str, year: int, tmp_path: Path, policy: Policy) -> None:
    """F008, F010, F011: the year of the title is named, whatever form it is."""
    tables = together(tmp_path, policy, {"乙.xlsx": project(title)})
    seed_counts(tables)
    found = line(tables, "乙.xlsx")
    assert found["status"] == "rejected"
    assert found["reason"].startswith(f"表内年度为{year}年度，本次评价2021年度；")


def with_title(title: str, *, year: str = "") -> bytes:
    """Make the seed return under another title of annex 1-2, with the line of the year given."""
    other = filed.changed(filed.load(), {"fields": {"fiscal_year": year}}, OFFICE)
    found = pages(filed.workbook(other))
    name = list(found)[-1]
    found[name][0][where(found[name], TITLE)] = title
    return saved(found)


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("2022年度部门整体绩效自评表", ""),  # F007
        ("部门（单位）整体支出绩效自评表（2022年度）", ""),  # F013
        (TITLE, "（2022 年 度）"),  # F014
        (TITLE, "评价年度：2022年"),  # F016
    ],
)
def test_a_return_of_another_year_does_not_count(title: str, year: str, tmp_path: Path, policy: Policy) -> None:
    """F007, F013, F014, F016: a later return of another year is refused, and the one of this year counts."""
    tables = together(tmp_path, policy, {"补报.xlsx": with_title(title, year=year)})
    seed_counts(tables)
    assert line(tables, "补报.xlsx")["reason"] == "表内年度为2022年度，本次评价2021年度；请报送2021年度的报表"


def test_a_return_without_a_year_is_asked_about(
    tmp_path: Path, policy: Policy, capsys: pytest.CaptureFixture[str]
) -> None:
    """A return that states no year is an error; one whose file's name does is of that year, and a finding says so."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("甲局.xlsx", "乙局2021年度自评.xlsx", "丙局2022年度自评.xlsx"):
        other = filed.changed(filed.load(), {"fields": {"fiscal_year": ""}}, name[:2])
        (inbox / name).write_bytes(filed.workbook(other))
    done = evaluate(inbox, tmp_path / "out", policy)
    rows = done.county_tables.submissions.set_index("source_file")
    assert rows["fiscal_year"].fillna(0).to_dict() == {
        "甲局.xlsx": 0,
        "乙局2021年度自评.xlsx": 2021,
        "丙局2022年度自评.xlsx": 2022,
    }
    assert rows.loc["丙局2022年度自评.xlsx", "reason"] == (
        "表内没有写明年度，文件名写的是2022年度，本次评价2021年度；请报送2021年度的报表，并在标题下写明年度"
    )
    found = {(row["department"], row["rule"], row["severity"]) for row in table(tmp_path / "out" / "2021", "findings")}
    assert {("甲局", "year_blank", "error"), ("乙局", "year_in_file_name", "warning")} <= found
    assert main(["check", str(inbox / "丙局2022年度自评.xlsx"), "--year", "2021"]) == 1
    assert "文件名写的是2022年度" in capsys.readouterr().out
