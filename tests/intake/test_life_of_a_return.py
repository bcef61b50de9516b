"""The life of a return over runs: when it came, which version counts, what the bureau decided, and the journal."""

from __future__ import annotations

import csv
import datetime
import io
import os
import shutil
from typing import TYPE_CHECKING, Any

import docx
import openpyxl
import pytest

from pipeline.__main__ import main
from pipeline.intake.journal import BEIJING
from pipeline.workbooks.blank_lists import write_blank_roster
from schemas.lists.reviews import STATE_COLUMNS, STATES
from schemas.lists.roster import COLUMNS, EVERYONE
from tests.support import filed
from tests.support.written import table

if TYPE_CHECKING:
    from pathlib import Path


class Bureau:
    """An inbox, its results, and what the bureau does with them."""

    def __init__(self, folder: Path, base: dict[str, Any]) -> None:
        """Begin with nothing received."""
        self.inbox, self.output, self.base = folder / "inbox", folder / "out", base
        self.year = self.output / "2021"
        self.inbox.mkdir()

    def receive(self, name: str, day: str, office: str = "甲局", **fields: str) -> None:
        """Lay a return into the inbox, last changed at noon of a day in Beijing; no 填报时间 but where one is given."""
        no_days = dict.fromkeys(("reported_on_1_1", "reported_on_1_2"), "")
        path = self.inbox / name
        path.write_bytes(filed.workbook(filed.changed(self.base, {"fields": no_days | fields}, office)))
        time = datetime.datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=BEIJING).timestamp()
        os.utime(path, (time, time))

    def roster(self, *lines: tuple[str, str]) -> None:
        """Lay a roster of (name, deadline) into the inbox."""
        book = openpyxl.load_workbook(io.BytesIO(write_blank_roster()))
        for at, (name, deadline) in enumerate(lines, 3):
            book.worksheets[0].cell(at, 1, name)
            book.worksheets[0].cell(at, list(COLUMNS).index("deadline") + 1, deadline or None)
        book.save(self.inbox / "部门名册.xlsx")

    def decide(self, department: str, state: str, *, reason: str = "属实", by: str = "张三") -> None:
        """Set the state of a department's return on the sheet that the run wrote, and lay it into the inbox."""
        shutil.copy(self.year / "复核意见.xlsx", self.inbox / "复核意见.xlsx")
        book = openpyxl.load_workbook(self.inbox / "复核意见.xlsx")
        sheet, columns = book[STATES], list(STATE_COLUMNS)
        line = next(row for row in sheet.iter_rows(min_row=4) if row[0].value == department)
        typed = {"state": state, "reason": reason, "by": by, "date": "2022-05-01"} if state else {}
        for name in ("state", "reason", "by", "date"):
            line[columns.index(name)].value = typed.get(name)
        book.save(self.inbox / "复核意见.xlsx")

    def run(self) -> dict[str, dict[str, str]]:
        """Evaluate; give the line of each file, and of each department without one."""
        assert main(["evaluate", str(self.inbox), "-o", str(self.output), "--jobs", "1", "--year", "2021"]) == 0
        rows = table(self.year, "submissions")
        return {row["source_file"] or row["department"]: row for row in rows}

    def journal(self) -> list[tuple[str, str, str, str]]:
        """Give time, event, file and words of each line of the journal."""
        text = (self.year / "日志.csv").read_bytes().decode("utf-8-sig")
        rows = csv.DictReader(io.StringIO(text, newline=""))
        return [(row["时间"], row["事项"], row["文件"], row["说明"]) for row in rows]


@pytest.fixture
def bureau(tmp_path: Path, clean: dict[str, Any]) -> Bureau:
    """Give a bureau that has received nothing."""
    return Bureau(tmp_path, clean)


def counting(lines: dict[str, dict[str, str]]) -> str:
    """Give the file that counts for 甲局."""
    return next(name for name, row in lines.items() if row["department"] == "甲局" and row["status"].startswith("acc"))


def test_an_old_file_downloaded_again_does_not_come_back(bureau: Bureau) -> None:
    """F17: a content is as old as its oldest file, now or in earlier runs, when that file is gone too."""
    bureau.receive("甲.xlsx", "2022-03-20")
    assert counting(bureau.run()) == "甲.xlsx"
    (bureau.inbox / "甲.xlsx").unlink()
    bureau.receive("甲（改）.xlsx", "2022-03-21", filled_by="李四")
    assert counting(bureau.run()) == "甲（改）.xlsx"
    bureau.receive("甲(1).xlsx", "2022-03-25")  # the first one again
    lines = bureau.run()
    assert counting(lines) == "甲（改）.xlsx"
    assert (lines["甲(1).xlsx"]["status"], lines["甲(1).xlsx"]["received"]) == ("superseded", "2022-03-20 12:00:00")


def test_what_is_known_of_earlier_runs_is_in_the_journal(bureau: Bureau) -> None:
    """The journal outlives .jixiao; where the results as a whole are deleted, only the times of the files are left."""
    bureau.receive("甲.xlsx", "2022-03-20")
    bureau.run()
    bureau.receive("甲.xlsx", "2022-03-25")
    shutil.rmtree(bureau.output / ".jixiao")
    assert bureau.run()["甲.xlsx"]["received"] == "2022-03-20 12:00:00"
    shutil.rmtree(bureau.output)
    assert bureau.run()["甲.xlsx"]["received"] == "2022-03-25 12:00:00"


def test_the_journal_only_grows_and_is_the_same_for_the_same_inputs(bureau: Bureau, tmp_path: Path) -> None:
    """A second run appends nothing; what is new comes behind what was there; the same steps give the same bytes."""
    bureau.receive("甲.xlsx", "2022-03-20")
    bureau.run()
    first = (bureau.year / "日志.csv").read_bytes()
    (bureau.year / "data" / "summary.csv").unlink()  # so that the run is not passed over
    bureau.run()
    assert (bureau.year / "日志.csv").read_bytes() == first
    bureau.receive("甲（改）.xlsx", "2022-03-21", filled_by="李四")
    bureau.run()
    assert (bureau.year / "日志.csv").read_bytes().startswith(first)
    assert bureau.journal() == [
        ("2022-03-20 12:00:00", "收到", "甲.xlsx", ""),
        ("2022-03-20 12:00:00", "采用", "甲.xlsx", ""),
        ("2022-03-21 12:00:00", "收到", "甲（改）.xlsx", ""),
        ("2022-03-21 12:00:00", "采用", "甲（改）.xlsx", "取代原来采用的报表"),
    ]
    (tmp_path / "other").mkdir()
    other = Bureau(tmp_path / "other", bureau.base)
    other.receive("甲.xlsx", "2022-03-20")
    other.run()
    assert (other.year / "日志.csv").read_bytes() == first


def test_a_damaged_journal_is_not_begun_anew(bureau: Bureau, capsys: pytest.CaptureFixture[str]) -> None:
    """A journal that cannot be read ends the run before anything is replaced, and says what to do."""
    bureau.receive("甲.xlsx", "2022-03-20")
    bureau.run()
    (bureau.year / "日志.csv").write_text("x", encoding="utf-8")
    assert main(["evaluate", str(bureau.inbox), "-o", str(bureau.output), "--jobs", "1", "--year", "2021"]) == 2
    assert "请从备份恢复" in capsys.readouterr().err
    assert (bureau.year / "日志.csv").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize("stated", ["2022年4月30日", "2021年6月1日", "2002年3月1日"])
def test_a_day_that_cannot_be_right_does_not_decide(stated: str, bureau: Bureau) -> None:
    """A 填报时间 after the file's own time, before the year's end or decades off is a finding and decides nothing."""
    bureau.receive("甲.xlsx", "2022-03-20", reported_on_1_2=stated)
    bureau.receive("甲（改）.xlsx", "2022-03-21", filled_by="李四", reported_on_1_2="2022年3月19日")
    assert counting(bureau.run()) == "甲（改）.xlsx"
    (bureau.inbox / "甲（改）.xlsx").unlink()
    bureau.run()
    odd = [row for row in table(bureau.year, "findings") if row["rule"] == "reported_on_odd"]
    assert [(row["severity"], row["cell"], row["stated"]) for row in odd] == [("warning", "F4", stated)]
    assert odd[0]["expected"] == "2021年12月31日之后、文件保存时间（2022-03-20）之前"


def test_an_order_that_cannot_be_told_is_asked_about(bureau: Bureau) -> None:
    """Two returns of the same minute without days: the one that counted before stays, and the clerk is asked."""
    bureau.receive("一.xlsx", "2022-03-20")
    assert counting(bureau.run()) == "一.xlsx"
    bureau.receive("二.xlsx", "2022-03-20", filled_by="李四")
    lines = bureau.run()
    assert counting(lines) == "一.xlsx"
    assert lines["二.xlsx"]["reason"].startswith("与 一.xlsx 的先后不能确定")
    assert "order_unclear" in {row["rule"] for row in table(bureau.year, "findings")}


def test_who_was_late(bureau: Bureau, capsys: pytest.CaptureFixture[str]) -> None:
    """One deadline for all, one of its own; a correction after the deadline does not make a department late."""
    bureau.roster((EVERYONE, "2022-03-20"), ("甲局", ""), ("乙局", "2022年3月25日"), ("丙局", ""), ("丁局", ""))
    bureau.receive("甲.xlsx", "2022-03-23")
    bureau.receive("乙.xlsx", "2022-03-23", office="乙局")
    bureau.receive("丙.xlsx", "2022-03-20", office="丙局")
    bureau.run()
    bureau.receive("丙.xlsx", "2022-04-01", office="丙局", filled_by="李四")
    lines = bureau.run()
    told = {name: lines[name]["timeliness"] for name in ("甲.xlsx", "乙.xlsx", "丙.xlsx", "丁局")}
    assert told == {"甲.xlsx": "迟报3天", "乙.xlsx": "按时", "丙.xlsx": "迟报12天", "丁局": ""}
    of_departments = {row["department"]: (row["timeliness"], row["deadline"]) for row in table(bureau.year, "summary")}
    assert of_departments == {
        "甲局": ("迟报3天", "2022-03-20"),
        "乙局": ("按时", "2022-03-25"),
        "丙局": ("按时", "2022-03-20"),
        "丁局": ("", "2022-03-20"),
    }
    capsys.readouterr()
    assert main(["status", str(bureau.inbox), "-o", str(bureau.output), "--year", "2021"]) == 0
    assert "迟报3天" in capsys.readouterr().out
    assert main(["report", "-o", str(bureau.output), "--year", "2021"]) == 0
    circular = docx.Document(str(bureau.year / "通报" / "全县通报.docx"))
    assert any("迟报的部门1个：甲局（迟报3天）。" in each.text for each in circular.paragraphs)
    sheet = openpyxl.load_workbook(bureau.year / "全县汇总.xlsx")["报送情况"]
    assert "迟报3天" in {cell.value for row in sheet.iter_rows() for cell in row}


def test_a_deadline_above_the_heads_counts_too(bureau: Bureau) -> None:
    """截止日期：2022-03-20 in a line above the heads of the roster is the deadline for all."""
    book = openpyxl.Workbook()
    for row in (("示例县部门名册",), ("截止日期：2022年3月20日",), ("部门名称", "截止日期"), ("甲局", None)):
        book.active.append(row)
    book.save(bureau.inbox / "部门名册.xlsx")
    bureau.receive("甲.xlsx", "2022-03-21")
    assert bureau.run()["甲.xlsx"]["timeliness"] == "迟报1天"


def test_a_locked_return_is_not_replaced(bureau: Bureau) -> None:
    """终审通过 locks: a later file is listed, compared and asked about, and counts once the lock is lifted."""
    bureau.receive("甲.xlsx", "2022-03-20")
    bureau.run()
    bureau.decide("甲局", "终审通过", reason="审核无误")
    assert bureau.run()["甲.xlsx"]["return_state"] == "终审通过"
    bureau.receive("甲（改）.xlsx", "2022-06-01", filled_by="李四")
    lines = bureau.run()
    assert counting(lines) == "甲.xlsx"
    assert lines["甲（改）.xlsx"]["reason"].startswith(
        "该单位的报表 甲.xlsx 已终审通过（张三，2022-05-01），本文件没有采用"
    )
    told = openpyxl.load_workbook(bureau.year / "复核意见.xlsx")[STATES]["I4"].value
    assert told == "已锁定；后来的 甲（改）.xlsx 没有采用，要采用的请改为“退回”"
    change = [row for row in table(bureau.year, "changes") if row["label"] == "填表人"]
    assert [(row["before"], row["after"], row["later_file"]) for row in change] == [("张三", "李四", "甲（改）.xlsx")]
    bureau.decide("甲局", "退回", reason="同意更正")
    lines = bureau.run()
    assert counting(lines) == "甲（改）.xlsx"
    assert [line[1:] for line in bureau.journal()] == [
        ("收到", "甲.xlsx", ""),
        ("采用", "甲.xlsx", ""),
        ("报表状态", "甲.xlsx", "终审通过：审核无误"),
        ("收到", "甲（改）.xlsx", ""),
        ("报表状态", "甲.xlsx", "退回：同意更正"),
        ("采用", "甲（改）.xlsx", "取代原来采用的报表"),
    ]


def test_a_locked_return_that_is_gone_is_asked_for(bureau: Bureau) -> None:
    """Where the locked file is taken away, the later one still does not count: the locked one is asked back."""
    bureau.receive("甲.xlsx", "2022-03-20")
    bureau.receive("乙.xlsx", "2022-03-20", office="乙局")
    bureau.run()
    bureau.decide("甲局", "终审通过")
    bureau.run()
    (bureau.inbox / "甲.xlsx").unlink()
    bureau.receive("甲（改）.xlsx", "2022-06-01", filled_by="李四")
    lines = bureau.run()
    assert lines["甲（改）.xlsx"]["status"] == "superseded"
    assert lines["甲局"]["status"] == "missing"
    assert lines["甲局"]["reason"].startswith("终审通过的报表 甲.xlsx 不在收件夹里，请放回")


def test_a_state_needs_reason_name_and_date(bureau: Bureau) -> None:
    """A state without a reason does not hold, and the sheet says what is missing; what was typed stays."""
    bureau.receive("甲.xlsx", "2022-03-20")
    bureau.run()
    bureau.decide("甲局", "终审通过", reason="")
    assert bureau.run()["甲.xlsx"]["return_state"] == ""
    sheet = openpyxl.load_workbook(bureau.year / "复核意见.xlsx")[STATES]
    line = dict(zip(STATE_COLUMNS, (cell.value for cell in sheet[4]), strict=True))
    assert (line["state"], line["by"], line["told"]) == ("终审通过", "张三", "没有采用：没有填写理由")


def test_reminders(bureau: Bureau, capsys: pytest.CaptureFixture[str]) -> None:
    """A page each for who sent nothing, sent late, has errors or got the return back: what to correct, by when."""
    bureau.roster((EVERYONE, "2022-03-20"), ("甲局", ""), ("乙局", ""), ("丙局", ""), ("丁局", ""), ("戊局", ""))
    bureau.receive("甲.xlsx", "2022-03-23")
    bureau.receive("乙.xlsx", "2022-03-20", office="乙局")
    bureau.receive("丙.xlsx", "2022-03-20", office="丙局", three_public_outturn="999")
    bureau.receive("丁.xlsx", "2022-03-20", office="丁局", filled_by="王五")
    bureau.run()
    bureau.decide("丁局", "退回", reason="附表二漏填")
    bureau.run()
    capsys.readouterr()
    assert main(["report", "--reminders", "-o", str(bureau.output), "--year", "2021", "--by", "2022-05-20"]) == 0
    made = docx.Document(str(bureau.year / "通报" / "催报通知.docx"))
    text = "\n".join(each.text for each in made.paragraphs)
    assert text.count("催报通知") == 4
    assert "乙局" not in text
    for office, told in {
        "戊局": "你单位尚未报送绩效自评报表，截止日期为2022年3月20日。",
        "甲局": "你单位的绩效自评报表迟报3天（截止日期为2022年3月20日）。",
        "丁局": "你单位的报表已退回。退回：附表二漏填",
        "丙局": "请于2022年5月20日前按下表改正，在退回的表上直接修改后重新报送。",
    }.items():
        assert told in text.partition(f"{office}：")[2].partition("催报通知")[0]
    assert any("三公经费" in cell.text for row in made.tables[0].rows for cell in row.cells)
    assert sum(bool(each.paragraph_format.page_break_before) for each in made.paragraphs) == 3
