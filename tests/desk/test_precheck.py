"""Before sending: what a colleague at a terminal is told of a form, and with which exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pipeline.__main__ import main
from pipeline.cli.check import wrap_text
from pipeline.desk import precheck
from pipeline.desk.precheck_report import WHOLE_FILE, PrecheckReport, group_by_sheet
from pipeline.reading import read
from schemas.enums import EXPECTED, STATED, Severity
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy


def sent(folder: Path, name: str, filled: dict[str, Any]) -> Path:
    """Write a filled form into a folder."""
    path = folder / f"{name}.xlsx"
    path.write_bytes(filed.workbook(filled))
    return path


def told(filled: dict[str, Any], policy: Policy) -> PrecheckReport:
    """Read and check a filled form."""
    return precheck.check_submission(read.read("报表.xlsx", filed.workbook(filled), policy.year), policy)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run `jixiao check` as a command of its own."""
    command = [sys.executable, "-m", "pipeline", "check", *arguments]
    return subprocess.run(command, capture_output=True, check=False, cwd=filed.ROOT, env=os.environ | environment)


def test_the_points_so_far_are_those_of_the_method(seed: dict[str, Any], policy: Policy) -> None:
    """The seed return has 9.62 + 38.40 + 28.00 + 0.00 = 76.02 points; 10 are unreported, and 10 open for 86.02."""
    found = told(seed, policy)
    assert [round(part.points, 2) for part in found.scores] == [9.62, 38.40, 28.00, 0.00, 76.02]
    assert [part.self_points for part in found.scores] == [8, 46, 28, 9, 91]
    # Three of fifteen output indicators have no actual: 3 × 50 ÷ 15 = 10; satisfaction states a bound: 10.
    assert [(part.unreported, part.unjudged) for part in found.scores][-1] == (10, 10)
    assert (found.grade, found.provisional, found.possible, found.self_grade) == ("较差", True, "良好", "优秀")
    assert not found.fit


def test_a_fault_is_told_by_its_cell_what_stands_there_and_what_should(seed: dict[str, Any], policy: Policy) -> None:
    """The seed's three-public budget is 1.08 at C9, where vehicles and reception add up to 2.31 + 8.46 = 10.77."""
    (fault,) = [each for each in told(seed, policy).problems if each.cell == "C9"]
    assert (fault.severity, fault.sheet, fault.stated, fault.expected) == (
        Severity.ERROR,
        "附件1-1 基础数据表",
        "1.08",
        "10.77",
    )
    assert fault.message
    assert fault.remedy


def test_faults_are_gravest_first_and_under_each_sheet_from_top_to_bottom(seed: dict[str, Any], policy: Policy) -> None:
    """Errors come before warnings, warnings before infos; the same faults under sheets are in the order of rows."""
    faults = told(seed, policy).problems
    gravity = [list(Severity).index(fault.severity) for fault in faults]
    assert gravity == sorted(gravity)
    assert set(gravity) == {0, 1, 2}
    under = group_by_sheet(faults)
    assert sorted(at for places in under.values() for at in places) == list(range(len(faults)))
    for places in under.values():
        rows = [int("".join(filter(str.isdigit, faults[at].cell))) for at in places]
        assert rows == sorted(rows)


def test_what_to_correct_first_are_the_errors_with_most_at_stake(seed: dict[str, Any], policy: Policy) -> None:
    """First come three blank actuals and the satisfaction bound (10 points each), then 3 of 5 firms (1.33 points)."""
    found = told(seed, policy)
    assert [found.problems[at].cells for at in found.first] == ["F23、F24、F29", "F41", "F22"]


def test_a_form_without_fault_may_be_sent(
    tmp_path: Path, clean: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """The return without a fault ends with status 0 and says that it can be sent."""
    assert main(["check", str(sent(tmp_path, "样板", clean))]) == 0
    out = capsys.readouterr().out
    assert "99.26 分，优秀" in out
    assert out.endswith("没有错误，可以报送。\n")


def test_a_form_with_an_error_may_not(tmp_path: Path, seed: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """The seed return ends with status 1; each error stands under its heading with cell, figures and remedy."""
    assert main(["check", str(sent(tmp_path, "局", seed))]) == 1
    out = capsys.readouterr().out
    assert (
        out.index("错误 8 处") < out.index("附件1-1 基础数据表 C9") < out.index("提醒 11 处") < out.index("提示 5 处")
    )
    assert "填写：1.08　应填或参考：10.77" in out
    assert "→ 请核对这一格，改正后重新报送。" in out
    assert "未填报 10.00 分，待定 10.00 分" in out
    assert out.endswith("有 8 处错误，请改正后再报送。\n")


def test_a_warning_alone_is_no_reason_to_hold_a_form_back(clean: dict[str, Any], policy: Policy) -> None:
    """A form whose year only its file's name says gets a warning: there is something to look at, it may be sent."""
    content = filed.workbook(filed.changed(clean, {"fields": {"fiscal_year": "（年度）"}}, "示例县样板局"))
    found = precheck.check_submission(read.read("示例县样板局2021年度.xlsx", content, policy.year), policy)
    assert [fault.severity for fault in found.problems] == [Severity.WARNING]
    assert group_by_sheet(found.problems) == {WHOLE_FILE: [0]}
    assert found.fit


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("文字.xlsx", "甲,乙\n1,2\n".encode(), "文本"),
        ("空.xlsx", b"", "文件是空的"),
        ("页.pdf", b"%PDF-1.7", "PDF"),
    ],
)
def test_what_cannot_be_read_is_told_and_not_sent(
    name: str, content: bytes, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is no workbook ends with status 1 and the reason."""
    (tmp_path / name).write_bytes(content)
    assert main(["check", str(tmp_path / name)]) == 1
    assert reason in capsys.readouterr().out


def test_a_form_of_another_year_is_told(
    tmp_path: Path, clean: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """A form whose heading says 2020 is no form of 2021: status 1, and both years are named."""
    old = filed.changed(clean, {"fields": {"fiscal_year": "（2020年度）"}}, "示例县样板局")
    assert main(["check", str(sent(tmp_path, "旧", old)), "--year", "2021"]) == 1
    assert "表内年度为2020年度" in capsys.readouterr().out


def test_one_bad_form_among_good_ones_is_enough(
    tmp_path: Path, clean: dict[str, Any], seed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of two files one has errors: status 1, both are told, and the last line counts them."""
    files = [sent(tmp_path, "甲", clean), sent(tmp_path, "乙", seed)]
    assert main(["check", *map(str, files)]) == 1
    out = capsys.readouterr().out
    assert out.endswith("共检查 2 个文件，1 个没有错误，1 个需要改正。\n")


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that leads nowhere, and a folder, are told as such and end with status 2 before anything is checked."""
    missing = tmp_path / "没有.xlsx"
    for path, told in ((missing, f"没有找到文件：{missing}"), (tmp_path, f"{tmp_path} 是文件夹，不是文件。")):
        assert main(["check", str(path)]) == 2
        said = capsys.readouterr()
        assert said.err.splitlines()[0] == told
        assert not said.out


def test_a_console_with_few_letters_shows_what_it_can(tmp_path: Path, seed: dict[str, Any]) -> None:
    """On a GBK console a department's name with a letter that GBK lacks (𠮷) is shown with a ?, and nothing fails."""
    other = filed.changed(seed, {}, "𠮷祥县科技局")
    ended = run(str(sent(tmp_path, "局", other)), PYTHONUTF8="0", PYTHONIOENCODING="gbk")
    assert ended.returncode == 1
    assert not ended.stderr
    assert "?祥县科技局　2021年度" in ended.stdout.decode("gbk")


def test_nothing_that_a_department_wrote_steers_the_terminal(tmp_path: Path, seed: dict[str, Any]) -> None:
    """An escape code in the name of a file is spelt out, and what looks like markup is text."""
    ended = run(str(sent(tmp_path, "局\x1b[31m甲", filed.changed(seed, {}, "[bold]某局[/bold]"))))
    assert b"\x1b" not in ended.stdout
    assert "局\\x1b[31m甲.xlsx" in ended.stdout.decode().splitlines()[0]
    assert "[bold]某局[/bold]　2021年度" in ended.stdout.decode()


def test_colours_are_for_terminals_and_can_be_refused(tmp_path: Path, seed: dict[str, Any]) -> None:
    """Colours come where a terminal is forced, and not where NO_COLOR asks for none."""
    path = str(sent(tmp_path, "局", seed))
    red = b"\x1b[1;31m"
    assert red in run(path, FORCE_COLOR="1", TERM="xterm-256color").stdout
    assert red not in run(path, FORCE_COLOR="1", TERM="xterm-256color", NO_COLOR="1").stdout


def test_a_narrow_terminal_is_enough(tmp_path: Path, seed: dict[str, Any]) -> None:
    """At 40 columns no line but the file's name is wider than the terminal, and no number is broken in two."""
    out = run(str(sent(tmp_path, "局", seed)), COLUMNS="40").stdout.decode()
    name, *lines = out.splitlines()
    assert name.endswith("局.xlsx")
    assert max(map(cell_len, lines)) <= 40
    assert "999.38" in out
    assert "553.01" in out


@given(st.text(alphabet="甲乙，。（）“” 12.%ab\n", max_size=80), st.integers(min_value=4, max_value=30))
def test_breaking_a_text_loses_nothing(text: str, width: int) -> None:
    """The lines of a broken text are no wider than asked, and hold every letter of it in order."""
    lines = list(wrap_text(text, width))
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_the_page_calls_things_as_the_workbooks_do() -> None:
    """What is stated and what that is held against are called on the page as in workbooks and at the terminal."""
    page = (filed.ROOT / "pipeline" / "web" / "static" / "report.js").read_text(encoding="utf-8")
    assert f'[["{STATED}", problem.stated], ["{EXPECTED}", problem.expected]]' in page
