"""`jixiao status`: who has sent, whose return has errors, who is missing, what came since, and whom to telephone."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from rich.cells import cell_len
from rich.console import Console

from pipeline.__main__ import main
from pipeline.cli.status import count_statuses, print_statuses
from pipeline.desk import call_list, department_status
from pipeline.desk.department_status import DepartmentStatus, UnreadFile
from pipeline.desk.what_changed import describe_changes
from pipeline.intake.arrivals import PATIENCE, QUIET, Since, compare_with_last_run, wait_until_settled
from pipeline.lists import roster
from pipeline.lists.roster import Roster
from pipeline.output.read_back import NoResultsError
from pipeline.workbooks.blank_lists import FIRST, add_blank_list
from pipeline.workbooks.styles import Styles
from pipeline.workbooks.writer import begin_workbook, put
from schemas.enums import Status
from schemas.lists.roster import COLUMNS, Member
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

SEED, GOOD, SILENT, WORD = "衡阳县科技和工业信息化局", "示例县样板局", "示例县未报局", "示例县文档局"
LIST = "2021年度电话名单.xlsx"
NOBODY = "（不知是哪个部门）无名.xlsx"


def members(lines: list[dict[str, str]]) -> bytes:
    """Write a roster."""
    book, buffer = begin_workbook("部门名册")
    styles = Styles(book)
    sheet = add_blank_list(roster.LIST, book, styles, len(lines))
    for at, line in enumerate(lines, FIRST):
        for field, value in line.items():
            put(sheet, (at, list(COLUMNS).index(field)), value, styles.get("input"))
    book.close()
    return buffer.getvalue()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, seed: dict[str, Any], clean: dict[str, Any]) -> Path:
    """Give an evaluated county: one with errors, one without, one silent, one of Word, and a stray file."""
    folder = tmp_path_factory.mktemp("county")
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / "科工局.xlsx").write_bytes(filed.workbook(seed))
    (inbox / "样板局.xlsx").write_bytes(filed.workbook(clean))
    (inbox / f"{WORD}.xlsx").write_bytes(b"PK\x03\x04no workbook")
    (inbox / "无名.xlsx").write_bytes(b"")
    (inbox / "~$科工局.xlsx").write_bytes(b"lock")
    lines = [{"name": name} for name in (SEED, GOOD, WORD)]
    lines.append({"name": SILENT, "contact": "张三", "telephone": "0734-1234567"})
    (inbox / "部门名册.xlsx").write_bytes(members(lines))
    assert main(["evaluate", str(inbox), "-o", str(folder / "out")]) == 0
    return folder


@pytest.fixture
def county(made: Path, tmp_path: Path) -> Path:
    """Give a copy of the county that a test may change."""
    return shutil.copytree(made, tmp_path / "county")


def status(county: Path, *more: str) -> int:
    """Run the command."""
    return main(["status", str(county / "inbox"), "-o", str(county / "out"), *more])


def test_who_is_missing_comes_first_then_who_has_most_errors(made: Path) -> None:
    """Missing, unread of an unknown department, with errors, without: each with why, errors and points."""
    found = {each.department: each for each in department_status.read_statuses(made / "out" / "2021")}
    assert list(found) == [SILENT, WORD, NOBODY, SEED, GOOD] or list(found) == [WORD, SILENT, NOBODY, SEED, GOOD]
    assert [found[name].situation for name in (SILENT, WORD, NOBODY, SEED, GOOD)] == [
        "未报送",
        "未报送",
        "未读取",
        "有错误",
        "已报送",
    ]
    assert found[SILENT].why == "尚未报送"
    assert found[WORD].why.startswith(f"{WORD}.xlsx 没有读取：")
    assert found[NOBODY].why.startswith("无名.xlsx 没有读取：文件是空的")
    assert (found[SEED].errors, found[SEED].warnings, found[SEED].points) == (8, 11, 76.02)
    assert found[SEED].source_file == "科工局.xlsx"
    assert "等级栏填了分数" in found[SEED].problems
    assert (found[GOOD].errors, found[GOOD].why, found[GOOD].must_be_contacted) == (0, "", False)


def test_an_older_draft_that_was_not_read_stays_with_its_department(county: Path, clean: dict[str, Any]) -> None:
    """A department that was evaluated and sent another file that was not read is told so, and must be called."""
    last_year = filed.changed(clean, {"fields": {"fiscal_year": "（2020年度）"}}, GOOD)
    (county / "inbox" / "去年.xlsx").write_bytes(filed.workbook(last_year))
    assert main(["evaluate", str(county / "inbox"), "-o", str(county / "out")]) == 0
    found = {each.department: each for each in department_status.read_statuses(county / "out" / "2021")}
    assert found[GOOD].situation == "另有未读"
    assert found[GOOD].must_be_contacted
    assert "去年.xlsx 没有读取：表内年度为2020年度" in found[GOOD].why


def test_counts_come_first_and_the_table_is_plain_in_a_pipe(county: Path) -> None:
    """In a pipe: the counts, then a line a department without colours or frames, names aligned by their width."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "status", str(county / "inbox"), "-o", str(county / "out")],
        cwd=filed.ROOT,
        capture_output=True,
        check=True,
        encoding="utf-8",
        env=os.environ | {"COLUMNS": "40"},
    )
    lines = done.stdout.splitlines()
    assert lines[0] == "2021年度：已报送 2 个部门，其中有错误的 1 个；未报送 2 个；没有读取的文件 2 个。"
    assert "\x1b" not in done.stdout
    assert not set("─━│┃") & set(done.stdout)
    rows = [line for line in lines if line.startswith((f" {SEED}", f" {SILENT}"))]
    assert len(rows) == 2
    assert {
        cell_len(line[: line.index(word)]) for line, word in zip(sorted(rows), ("未报送", "有错误"), strict=True)
    } == {cell_len(f" {SEED}") + 2 + cell_len(NOBODY) - cell_len(SEED)}
    assert "收件夹在这以后有变化" not in done.stdout
    assert lines[-1] == f"电话名单（4 个部门）：{county / 'out' / LIST}"


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_table_fits_the_terminal(made: Path, width: int) -> None:
    """No line is wider than the terminal, and no character of a name or a reason is lost."""
    stream = io.StringIO()
    found = department_status.read_statuses(made / "out" / "2021")
    print_statuses(found, Console(file=stream, force_terminal=True, width=width, no_color=True, markup=False))
    text = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    assert max(cell_len(line) for line in text.splitlines()) <= width
    told = "".join(office.department + office.situation + office.why for office in found)
    assert Counter(told.replace(" ", "")) <= Counter(text)


def test_a_terminal_shows_colours_and_no_markup() -> None:
    """Missing is red, errors are yellow; a name in brackets is a name."""
    stream = io.StringIO()
    evil = DepartmentStatus(
        "[bold]示例县[/]局", Status.ACCEPTED_WITH_ERRORS, 50.0, errors=3, problems=("[red]总分[/red]",)
    )
    print_statuses(
        [DepartmentStatus("某局", Status.MISSING), evil],
        Console(file=stream, force_terminal=True, width=120, markup=False),
    )
    text = stream.getvalue()
    assert "[bold]示例县[/]局" in text
    assert "[red]总分[/red]" in text
    missing, errors = (next(line for line in text.splitlines() if name in line) for name in ("某局", "示例县"))
    assert "\x1b[31m" in missing
    assert "\x1b[33m" in errors


def test_a_gbk_pipe_does_not_crash(county: Path) -> None:
    """The table is written to a console of GBK too."""
    command = [sys.executable, "-m", "pipeline", "status", str(county / "inbox"), "-o", str(county / "out")]
    env = os.environ | {"PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0"}
    done = subprocess.run(command, cwd=filed.ROOT, capture_output=True, check=True, env=env)
    assert SEED in done.stdout.decode("gbk")


def test_without_a_run_the_way_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No results: status 1, what to do, and nothing written; so of a year that was asked for."""
    assert main(["status", str(tmp_path), "-o", str(tmp_path / "out")]) == 1
    assert "请先运行 make evaluate" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main(["status", str(tmp_path), "--year", "1999", "-o", str(tmp_path / "out")]) == 1


@pytest.mark.parametrize("damage", ["[]", "{", '{"inputs": 3}', '{"inputs": [1]}'])
def test_a_damaged_record_is_told(county: Path, damage: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A run.json that this program did not write so is no result, and no traceback."""
    (county / "out" / "2021" / "run.json").write_text(damage, encoding="utf-8")
    assert status(county) == 1
    assert "run.json" in capsys.readouterr().err


# ---------------------------------------------------------------------- what came since


def test_nothing_differs_right_after_a_run(made: Path) -> None:
    """The inbox that was evaluated is the inbox of the record, lock files and unreadable files included."""
    assert compare_with_last_run(made / "out" / "2021", made / "inbox", made / "out") == Since()


def test_what_came_changed_or_went_is_told(county: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A new file, a changed return, a changed list and a file that is gone are each named, and what to do."""
    inbox = county / "inbox"
    shutil.copy(inbox / "科工局.xlsx", inbox / "新来.xlsx")
    (inbox / "科工局.xlsx").write_bytes((inbox / "样板局.xlsx").read_bytes())
    (inbox / "无名.xlsx").unlink()
    later = (county / "out" / "2021" / "run.json").stat().st_mtime + 5
    os.utime(inbox / "部门名册.xlsx", (later, later))
    assert compare_with_last_run(county / "out" / "2021", inbox, county / "out") == Since(
        ("新来.xlsx",), ("科工局.xlsx", "部门名册.xlsx"), ("无名.xlsx",)
    )
    assert status(county) == 0
    told = capsys.readouterr().out
    assert "有变化：新到 1 个（新来.xlsx）；改动 2 个（科工局.xlsx、部门名册.xlsx）；移走 1 个（无名.xlsx）。" in told
    assert "请重新评价（make evaluate）。\n" in told


def test_the_name_of_a_file_never_steers_the_terminal() -> None:
    """Escapes and line breaks in names of files are shown as blanks, and many names are cut short."""
    assert str(Since(new=("a\x1b[31m\nb.xlsx",))) == "新到 1 个（a [31m b.xlsx）"
    assert str(Since(gone=tuple("abcdefg"))) == "移走 7 个（a、b、c、d、e等）"


def test_an_inbox_that_is_not_there_is_told(county: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the inbox the table is printed all the same, and nothing is said to have gone."""
    assert main(["status", str(county / "nowhere"), "-o", str(county / "out")]) == 0
    told = capsys.readouterr().out
    assert "没有找到收件夹" in told
    assert "有变化" not in told
    assert SEED in told


def test_a_touched_return_has_not_changed(county: Path) -> None:
    """A return with the same bytes and another time is the same return."""
    os.utime(county / "inbox" / "科工局.xlsx", (1, 1))
    assert compare_with_last_run(county / "out" / "2021", county / "inbox", county / "out") == Since()


def test_a_half_copied_workbook_is_waited_for(tmp_path: Path, seed: dict[str, Any]) -> None:
    """The inbox has settled only when each part of a file matches its checksum, and then at once."""
    whole = filed.workbook(seed)
    path = tmp_path / "科工局.xlsx"
    path.write_bytes(whole[:1000])
    middle = bytes([*whole[:5000], *bytes(len(whole) - 5200), *whole[-200:]])
    parts = iter([whole[:1000], middle, whole])
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        content = next(parts)
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)

    look = wait_until_settled(tmp_path, tmp_path / "out", pause)
    assert look["科工局.xlsx"][0] == len(whole)
    assert len(pauses) == 3  # 1000 (quiet, does not open), with a hole (changed), whole


def test_a_complete_workbook_is_not_waited_for(tmp_path: Path, seed: dict[str, Any]) -> None:
    """A workbook that has come whole is taken at once; what cannot be proven whole, or is gone, after a second."""
    pauses: list[float] = []
    (tmp_path / "科工局.xlsx").write_bytes(filed.workbook(seed))
    look = wait_until_settled(tmp_path, tmp_path / "out", pauses.append)
    assert (list(look), pauses) == (["科工局.xlsx"], [])
    (tmp_path / "甲.xls").write_bytes(b"old")
    more = wait_until_settled(tmp_path, tmp_path / "out", pauses.append, look)
    assert (len(more), pauses) == (2, [QUIET])
    (tmp_path / "甲.xls").unlink()  # it may be on its way to another name
    assert wait_until_settled(tmp_path, tmp_path / "out", pauses.append, more) == look
    assert pauses == [QUIET] * 2


def test_a_damaged_workbook_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """What does not open and does not change is given to the run after a while, which says what is wrong."""
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04half")
    (tmp_path / "~$坏.xlsx").write_bytes(b"lock")
    pauses: list[float] = []
    assert list(wait_until_settled(tmp_path, tmp_path / "out", pauses.append)) == ["坏.xlsx"]
    assert sum(pauses) == PATIENCE


# ---------------------------------------------------------------------- whom to telephone


def rows(path: Path) -> list[dict[str, Any]]:
    """Read the list by its heads."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    at = next(number for number, line in enumerate(lines) if line[0] == "部门")
    return [dict(zip(lines[at], line, strict=True)) for line in lines[at + 1 :] if line[0]]


def test_the_list_names_number_reason_and_file(county: Path) -> None:
    """Missing first with telephone and what to say; then errors with the file to correct; who is fine is not there."""
    assert status(county) == 0
    found = {row["部门"]: row for row in rows(county / "out" / LIST)}
    assert set(list(found)[:2]) == {SILENT, WORD}
    assert list(found)[2:] == [NOBODY, SEED]
    assert found[SILENT]["联系人"] == "张三"
    assert found[SILENT]["联系电话"] == "0734-1234567"
    assert found[SILENT]["告知事项"] == "还没有报送附件1-1、附件1-2，请尽快报送。"
    assert found[WORD]["告知事项"].startswith(f"报来的 {WORD}.xlsx 没有读取：")
    assert found[SEED]["告知事项"].startswith("有 8 处错误：")
    assert found[SEED]["告知事项"].endswith("等。请改正后重新报送。")
    assert found[SEED]["请部门改的文件"] == f"退回修改/{SEED}.xlsx"
    assert (county / "out" / "2021" / str(found[SEED]["请部门改的文件"])).exists()
    assert found[SEED]["联系结果"] is None


def test_what_was_ticked_off_is_kept(county: Path) -> None:
    """Outcome, date and remark stay when the list is written again, also of a department that is solved since."""
    path = county / "电话.xlsx"
    assert status(county, "--calls", str(path)) == 0
    assert not (county / "out" / LIST).exists()
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    at = {cell.value: cell.column for cell in sheet[3]}
    for line in range(4, 8):
        if sheet.cell(line, 1).value == SILENT:
            for head, value in {"联系结果": "已告知", "日期": "2022-03-01", "备注": "=1+1"}.items():
                sheet.cell(line, at[head]).value = value
                sheet.cell(line, at[head]).data_type = "s"
    book.save(path)
    assert status(county, "--calls", str(path)) == 0
    kept = {row["部门"]: row for row in rows(path)}[SILENT]
    assert (kept["联系结果"], kept["日期"], kept["备注"]) == ("已告知", "2022-03-01", "=1+1")
    solved = call_list.keep_ticked([call_list.Call("甲局", "有错误")], call_list.read_earlier_list(path))
    assert [(each.department, each.situation, each.outcome) for each in solved] == [
        ("甲局", "有错误", ""),
        (SILENT, call_list.SOLVED, "已告知"),
    ]


@pytest.mark.parametrize("content", [b"no workbook", None])
def test_another_file_is_never_written_over(
    county: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the list shall go stands a roster or something unreadable: it stays, and status 2 says what to do."""
    path = county / "inbox" / "部门名册.xlsx" if content is None else county / "x.xlsx"
    path.write_bytes(content or path.read_bytes())
    before = path.read_bytes()
    assert status(county, "--calls", str(path)) == 2
    assert "电话名单" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_the_same_run_gives_the_same_list() -> None:
    """Same offices, same bytes; a name that begins like a formula is text."""
    office = DepartmentStatus(
        "=1+1局", Status.ACCEPTED_WITH_ERRORS, 50.0, errors=2, problems=("总分",), source_file="a.xlsx"
    )
    lines = call_list.list_calls([office], Roster((Member("=1+1局", telephone="@1"),)), ())
    assert lines == [
        call_list.Call("=1+1局", "有错误", "", "@1", "有 2 处错误：总分。请改正后重新报送。", "a.xlsx"),
    ]
    content = call_list.write_call_list(lines, 2021)
    assert content == call_list.write_call_list(lines, 2021)
    cell = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["A4"]
    assert (cell.value, cell.data_type) == ("=1+1局", "s")


def test_an_empty_list_can_be_written_and_read(tmp_path: Path) -> None:
    """A county in which nobody need be called has a list without lines."""
    path = tmp_path / LIST
    path.write_bytes(call_list.write_call_list([], 2021))
    assert call_list.read_earlier_list(path) == []
    assert count_statuses([]) == "已报送 0 个部门，其中有错误的 0 个；未报送 0 个；没有读取的文件 0 个。"


# ---------------------------------------------------------------------- what a run changed


def test_news_tells_what_came_was_corrected_and_went() -> None:
    """New, corrected, changed by a decision, gone, unread and fewer missing are a line each, with before → after."""
    ok = Status.ACCEPTED
    before = [
        DepartmentStatus("甲局", Status.MISSING),
        DepartmentStatus("乙局", Status.MISSING),
        DepartmentStatus("丙局", ok, 70.0, errors=8, sha256="1"),
        DepartmentStatus("丁局", ok, 80.0, sha256="1"),
        DepartmentStatus("戊局", ok, 90.0, sha256="1"),
        DepartmentStatus("己局", ok, 95.5, errors=1, sha256="1"),
        DepartmentStatus("庚局", ok, 60.0, sha256="1"),
    ]
    unread = UnreadFile("甲.doc", "是 Word 文档")
    after = [
        DepartmentStatus("甲局", Status.MISSING, unread=(unread,)),
        DepartmentStatus("乙局", ok, 88.0, errors=2, sha256="2"),
        DepartmentStatus("丙局", ok, 76.02, errors=2, sha256="3"),
        DepartmentStatus("丁局", ok, 81.0, sha256="1"),
        DepartmentStatus("己局", ok, 95.5, errors=1, sha256="4"),
        DepartmentStatus("庚局", ok, 60.0, sha256="1"),
    ]
    assert list(describe_changes(before, after)) == [
        "新报送：乙局，88.00 分，错误 2 处",
        "重新报送：丙局，得分 70.00 → 76.02，错误 8 → 2",
        "结果变化：丁局，得分 80.00 → 81.00",
        "重新报送：己局，得分 95.50、错误 1 都没有变",
        "不再有：戊局",
        "甲.doc 没有读取：是 Word 文档",
        "未报送：2 → 1 个",
    ]
    assert list(describe_changes(after, after)) == []


def test_results_that_are_not_there_are_told(tmp_path: Path) -> None:
    """Reading how departments stand without a run says that one must be made first."""
    with pytest.raises(NoResultsError, match="没有评价结果"):
        department_status.read_statuses(tmp_path)
