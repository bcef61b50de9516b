"""The roster: which of its lines name departments, and by when they must report."""

from __future__ import annotations

import datetime
import io
from typing import TYPE_CHECKING

import openpyxl
import pytest

from pipeline.__main__ import main
from pipeline.lists import roster
from pipeline.lists.sheet_list import ListError
from pipeline.workbooks.blank_lists import write_blank_roster
from tests.support import filed
from tests.support.written import table

if TYPE_CHECKING:
    from pathlib import Path


def made(*rows: tuple[object, ...]) -> bytes:
    """Make a roster of rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "line",
    [
        "合计", "合　计", "总计：12个", "小计", "共 12 个单位", "注：以上单位均应报送", "备注", "说明", "填表人：张三",
        "12", "1.", "一、党群部门", "（二）政府部门",
    ],
)  # fmt: skip
def test_lines_that_name_no_department_are_told(line: str) -> None:
    """F33: sums, notes, bare numbers and numbered headings are no departments; each is told with its line."""
    found = roster.read("部门名册.xlsx", made(("部门名称",), ("示例县甲局",), (line,), (None,), ("示例县乙局",)))
    assert [each.name for each in found.members] == ["示例县甲局", "示例县乙局"]
    assert found.left_out == (f"第3行“{' '.join(line.split())}”",)


@pytest.mark.parametrize("name", ["示例县统计局", "县注册中心", "第一中学", "县总工会", "一二三农场", "共青团示例县委"])
def test_names_with_such_words_are_departments(name: str) -> None:
    """统计, 注册, 总, 共 and numerals inside a name make no sum, note or heading of it."""
    found = roster.read("部门名册.xlsx", made(("部门名称",), (name,)))
    assert ([each.name for each in found.members], found.left_out) == ([name], ())


def test_a_number_before_a_name_is_no_part_of_it() -> None:
    """1、示例县甲局 is 示例县甲局."""
    found = roster.read("部门名册.xlsx", made(("部门名称",), ("1、示例县甲局",), ("（2）示例县乙局",)))
    assert [each.name for each in found.members] == ["示例县甲局", "示例县乙局"]


def test_the_sum_and_the_note_are_not_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """F33: with 合计 and 注 below the names one department is missing, and the run says what it left out."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    lines = ("部门名称",), ("衡阳县科技和工业信息化局",), ("示例县乙局",), ("合计",), ("注：以上单位均应报送",)
    (inbox / "部门名册.xlsx").write_bytes(made(*lines))
    (inbox / "seed.xlsx").write_bytes(filed.workbook(filed.load()))
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--jobs", "1", "--year", "2021"]) == 0
    rows = table(tmp_path / "out" / "2021", "submissions")
    assert [row["department"] for row in rows if row["status"] == "missing"] == ["示例县乙局"]
    told = "第4行“合计”、第5行“注：以上单位均应报送”不是部门，没有采用"
    assert [row["reason"] for row in rows if row["source_file"] == "部门名册.xlsx"] == [f"部门名册，不是报表；{told}"]
    assert f"部门名册：{told}。" in capsys.readouterr().out


def test_the_write_blank_roster_asks_for_the_deadline_of_all() -> None:
    """The first line of the blank roster is that of all departments; without a day there is no deadline."""
    found = roster.read("部门名册.xlsx", write_blank_roster())
    assert (found.members, found.deadline, found.left_out) == ((), None, ())


@pytest.mark.parametrize("day", ["2022-04-30", "2022年4月30日", "2022.4.30", datetime.datetime(2022, 4, 30)])  # noqa: DTZ001 - as a cell holds it
def test_a_deadline_is_a_day(day: object) -> None:
    """A deadline may be typed in any usual way or be a date; 4月30日 without a year is asked about."""
    head = ("部门名称", "截止日期")
    found = roster.read("部门名册.xlsx", made(head, ("全部单位", day), ("甲局", None), ("乙局", "2022-05-31")))
    days = [found.deadline_of(name) for name in ("甲局", "乙局", "不在名册的局")]
    assert days == [datetime.date(2022, 4, 30), datetime.date(2022, 5, 31), datetime.date(2022, 4, 30)]
    with pytest.raises(ListError, match="第2行：“截止日期”填写为“4月30日”"):
        roster.read("部门名册.xlsx", made(head, ("甲局", "4月30日")))
