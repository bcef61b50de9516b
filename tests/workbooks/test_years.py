"""The county over the years: results that lie beside each other are read as a chain, and summed up year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl

from pipeline.evaluate import evaluate
from pipeline.inputs import Inputs
from pipeline.lists import prior_year
from pipeline.output.files import prior_files
from schemas import policy as policies
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy

FACTS = "department,field,label,raw,value,sheet,cell,source_file\n"
FINDINGS = "department,rule,severity,sheet,cell,field\n"


def earlier(folder: Path, year: int, three_public: float, points: str) -> Path:
    """Write what a run of an earlier year left: one department with 三公, budget 200 of which half was executed."""
    found = folder / str(year)
    (found / "data").mkdir(parents=True)
    (found / "run.json").write_text(f'{{"policy": {{"year": {year}}}}}', encoding="utf-8")
    facts = {"three_public_outturn": three_public, "funds_budget": 200, "funds_executed": 100}
    lines = "".join(f"示例县甲局,{name},,{value},{value},,,\n" for name, value in facts.items())
    (found / "data" / "facts.csv").write_text(FACTS + lines, encoding="utf-8")
    lines = "示例县甲局,value_blank,error,,,basic_budget\n示例县甲局,economy_blank,info,,,economy_measures\n"
    (found / "data" / "findings.csv").write_text(FINDINGS + lines, encoding="utf-8")
    if points:
        told = f"department,points,reviewed_points\n示例县甲局,{points}\n"
        (found / "data" / "summary.csv").write_text(told, encoding="utf-8")
    return found


def test_results_beside_each_other_are_a_chain(tmp_path: Path) -> None:
    """With 2020, 2019 and 2017 there, 2020 brings 2019 along; 2018 is missing, and so 2017 is not looked at."""
    for year in (2017, 2019, 2020):
        earlier(tmp_path, year, 1.0, "90,")
    found = prior_year.load(tmp_path / "2020", 2021)
    assert (found.year, [each.year for each in found.earlier]) == (2020, [2019])
    assert "2019/data/facts.csv" in found.sha256
    files = {path.relative_to(tmp_path).as_posix() for path in prior_files(tmp_path / "2020", 2021)}
    assert files == {
        f"{year}/{name}"
        for year in (2019, 2020)
        for name in ("run.json", "data/facts.csv", "data/findings.csv", "data/summary.csv")
    }


def test_the_county_workbook_shows_the_years(tmp_path: Path, clean: dict[str, Any], policy: Policy) -> None:
    """三公, execution, points and findings of each year stand side by side; what a year does not know is blank."""
    earlier(tmp_path / "output", 2019, 12.5, "")
    earlier(tmp_path / "output", 2020, 10.0, "88.5,91.25")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "甲.xlsx").write_bytes(filed.workbook(filed.changed(clean, {}, "示例县甲局")))
    given = Inputs(prior=prior_year.load(tmp_path / "output" / "2020", 2021))
    book = openpyxl.load_workbook(evaluate(inbox, tmp_path / "output", policy, given=given).folder / "全县汇总.xlsx")
    lines = [[cell.value for cell in row] for row in book["历年"].iter_rows(min_row=4, max_row=6)]
    assert [line[0] for line in lines] == ["2019年", "2020年", "2021年"]
    assert [line[2] for line in lines[:2]] == [12.5, 10.0]
    assert lines[0][6] is None  # no summary of 2019
    assert lines[1][6] == 91.25  # after review
    assert [line[7] for line in lines[:2]] == [1, 1]  # a notice is no finding that counts
    assert len(book["历年"]._charts) == 4  # noqa: SLF001 - openpyxl tells of charts nowhere else
    heads = [cell.value for cell in book["部门历年"][3]]
    (row,) = ([cell.value for cell in line] for line in book["部门历年"].iter_rows(min_row=4, max_row=4))
    told = dict(zip(heads, row, strict=True))
    assert (told["2019年\n预算\n执行率"], told["2020年\n得分"]) == (0.5, 91.25)
    assert told["2021年\n“三公”\n（万元）"] == clean["fields"]["three_public_outturn"]


def test_a_department_has_its_own_years_in_its_workbook(tmp_path: Path, clean: dict[str, Any], policy: Policy) -> None:
    """甲局 has 2019, 2020 and this year in its scored workbook; 乙局, of which nothing earlier is known, has none."""
    earlier(tmp_path / "output", 2019, 12.5, "")
    earlier(tmp_path / "output", 2020, 10.0, "88.5,91.25")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("甲", "乙"):
        (inbox / f"{name}.xlsx").write_bytes(filed.workbook(filed.changed(clean, {}, f"示例县{name}局")))
    given = Inputs(prior=prior_year.load(tmp_path / "output" / "2020", 2021))
    folder = evaluate(inbox, tmp_path / "output", policy, given=given).folder / "部门评分"
    book = openpyxl.load_workbook(folder / "示例县甲局.xlsx")
    lines = [[cell.value for cell in row] for row in book["历年"].iter_rows(min_row=2, max_row=4)]
    spent, points = clean["fields"]["three_public_outturn"], 99.26
    assert lines[0] == [2019, None, 12.5, 0.5, 1]
    assert lines[1] == [2020, 91.25, 10.0, 0.5, 1]
    assert lines[2][:3] == [2021, points, spent]
    assert "历年" not in openpyxl.load_workbook(folder / "示例县乙局.xlsx").sheetnames


def test_without_earlier_years_there_is_no_such_sheet(tmp_path: Path, clean: dict[str, Any]) -> None:
    """A run that is given no earlier results writes no sheet of years."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "局.xlsx").write_bytes(filed.workbook(clean))
    folder = evaluate(tmp_path / "inbox", tmp_path / "output", policies.load(2021)).folder
    assert "历年" not in openpyxl.load_workbook(folder / "全县汇总.xlsx").sheetnames
