"""Several counties in one run: each as it is alone, and what is above them worked by hand."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from pipeline.__main__ import main
from pipeline.evaluate import evaluate
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy


@pytest.fixture
def inbox(tmp_path: Path, seed: dict[str, Any], clean: dict[str, Any]) -> Path:
    """Give three counties: one with the seed, one with the return without faults, and an empty one."""
    folder = tmp_path / "全市"
    for county, name, returned in (("甲县", "科工局", seed), ("乙县", "样板局", clean)):
        (folder / county).mkdir(parents=True)
        (folder / county / f"{name}.xlsx").write_bytes(filed.workbook(returned))
    (folder / "丙县").mkdir()
    return folder


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """Read a table above the counties."""
    text = (folder / "2021" / "data" / f"{name}.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_what_is_above_the_counties_is_as_worked_by_hand(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Posts 42 + 30, people 40 + 29: 69 / 72 = 95.83% of all; a county without a return says why, and stops nobody."""
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]) == 0
    told = capsys.readouterr().out
    assert "甲县：评价 1 个部门，平均 76.02 分，错误 8 处" in told
    assert "丙县：没有评价。" in told
    counties = {row["county"]: row for row in table(tmp_path / "out", "counties")}
    assert [counties[name]["mean_points"] for name in ("甲县", "乙县", "丙县")] == ["76.02", "99.26", ""]
    assert [counties[name]["evaluated"] for name in ("甲县", "乙县", "丙县")] == ["1", "1", ""]
    rates = {(row["county"], row["measure"]): row for row in table(tmp_path / "out", "rates")}
    assert float(rates["合计", "staffing_control_rate"]["value"]) == pytest.approx(69 / 72)
    assert float(rates["甲县", "staffing_control_rate"]["value"]) == pytest.approx(40 / 42)
    assert rates["合计", "staffing_control_rate"]["departments"] == "2"
    grades = {(row["county"], row["grade"]): row["departments"] for row in table(tmp_path / "out", "grades")}
    assert grades["甲县", "较差"] == "1"
    assert grades["乙县", "优秀"] == "1"


def test_the_readme_tells_every_table_above_the_counties(inbox: Path, tmp_path: Path) -> None:
    """README.md names each data file above the counties with its columns, in their order, and no other."""
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]) == 0
    told = re.findall(
        r"^- `(\w+\.csv)` \((.+?)\)", (filed.ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    written = {
        path.name: path.read_text(encoding="utf-8-sig").splitlines()[0].replace(",", ", ")
        for path in (tmp_path / "out" / "2021" / "data").iterdir()
    }
    assert dict(told) == written


def test_a_county_among_others_is_as_it_is_alone(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    """Each county has the same bytes as in a run of its own, run.json apart, which tells the time."""
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]) == 0
    alone = evaluate(inbox / "甲县", tmp_path / "alone", policy).folder
    together = tmp_path / "out" / "甲县" / "2021"
    names = [path.relative_to(alone) for path in alone.rglob("*") if path.is_file() and path.name != "run.json"]
    assert len(names) > 10
    assert all((alone / name).read_bytes() == (together / name).read_bytes() for name in names)


def test_the_workbook_above_leads_to_each_county(inbox: Path, tmp_path: Path) -> None:
    """各县汇总.xlsx has a line a county, whose name is a link to the county's own workbook, which is there."""
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]) == 0
    path = tmp_path / "out" / "2021" / "各县汇总.xlsx"
    assert openpyxl.load_workbook(path).sheetnames == ["各县情况", "等级分布", "整体指标"]
    with zipfile.ZipFile(path) as package:
        links = package.read("xl/worksheets/_rels/sheet1.xml.rels").decode()
    assert "../甲县/2021/全县汇总.xlsx" in links.replace("\\", "/")
    assert "丙县" not in links  # of which there is none
    assert (path.parent / "../甲县/2021/全县汇总.xlsx").is_file()


def test_folders_that_are_no_counties_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without folders, or with one called as a year is, nothing is evaluated and the message says what to do."""
    (tmp_path / "inbox").mkdir()
    arguments = ["evaluate", str(tmp_path / "inbox"), "-o", str(tmp_path / "out"), "--counties"]
    assert main(arguments) == 2
    assert "每个县（市、区）一个文件夹" in capsys.readouterr().err
    (tmp_path / "inbox" / "2021").mkdir()
    assert main(arguments) == 2
    assert "2021；请改成县名" in capsys.readouterr().err


def test_last_years_results_are_those_of_the_counties(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Last year's results given as for one county, where no county has any, are told and not passed over."""
    arguments = ["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]
    (tmp_path / "last" / "2020" / "data").mkdir(parents=True)
    assert main([*arguments, "--prior", str(tmp_path / "last" / "2020")]) == 2
    told = capsys.readouterr().err
    assert f"{tmp_path / 'last' / '2020'} 里没有各县2020年度的结果；请指定上年的结果夹，里面是 县名/2020。" in told
    assert not (tmp_path / "out").exists()
    (tmp_path / "last" / "乙县" / "2020").mkdir(parents=True)
    assert main([*arguments, "--prior", str(tmp_path / "last")]) == 2
    assert "乙县/2020 里没有 run.json" in capsys.readouterr().err
