"""The command line: help, errors that say what to do, exit statuses, and consoles that cannot show every character."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from pipeline.__main__ import main, parsers
from pipeline.cli import COMMANDS
from pipeline.pages import commands as page_commands
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

FRONT, PARSERS = parsers()
HELPS = {each.prog: each.format_help() for each in (FRONT, *PARSERS.values())}
SCREEN = 80
"""Columns of the narrowest terminal in use."""


def wrong(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Give what wrong usage is told; it ends with status 2 and prints nothing else."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


@pytest.mark.parametrize("prog", HELPS)
def test_help_is_chinese_has_examples_and_fits_the_screen(prog: str) -> None:
    """Every help has its headings in Chinese, examples, exit statuses, and no line wider than a terminal."""
    text = HELPS[prog]
    for heading in ("用法：", "\n选项：\n", "\n示例：\n", "\n退出状态：\n"):
        assert heading in text
    for english in ("usage", "positional", "options", "show this help", "optional"):
        assert english not in text
    assert max(cell_len(line) for line in text.splitlines()) <= SCREEN
    for status in (0, 1, 2, 130):
        assert any(line.split()[:1] == [str(status)] for line in text.splitlines())


def test_the_front_page_lists_every_command() -> None:
    """Each command stands in `jixiao --help` with what it does."""
    for name, parser in PARSERS.items():
        assert f"  {name}" in HELPS["jixiao"]
        assert parser.summary in HELPS["jixiao"]
    assert len(PARSERS) == len(COMMANDS)


def test_examples_are_understood() -> None:
    """Each example of each help is a line that the command takes."""
    for text in HELPS.values():
        lines = text.partition("\n示例：\n")[2].partition("\n\n")[0].splitlines()
        assert lines
        for line in lines:
            program, name, *rest = line.split()
            assert program == "jixiao"
            assert PARSERS[name].parse_every(rest).command


def test_help_is_the_same_on_every_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The width of the terminal changes nothing, so that the page in docs/ is the same wherever it is made."""
    pages = set()
    for columns in ("40", "80", "300"):
        monkeypatch.setenv("COLUMNS", columns)
        pages.add(page_commands.make_page())
    assert len(pages) == 1


def test_the_page_of_commands_is_current() -> None:
    """The page in docs/ is what the commands say today; `make docs` writes it."""
    assert page_commands.PAGE.read_text(encoding="utf-8") == page_commands.make_page()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("evalute inbox", "没有命令 evalute，是不是 evaluate？"),
        ("zzzz", "没有命令 zzzz，共有：evaluate、"),
        ("evaluate inbox --ouput x", "没有选项 --ouput，是不是 --output？"),
        ("evaluate inbox --outpot=x", "没有选项 --outpot=x，是不是 --output？"),
        ("evaluate inbox --out x", "没有选项 --out，是不是 --output？"),
        ("evaluate one two", "多余的内容：two。"),
        ("evaluate --year 二〇二一", "选项 --year：应为整数，填写的是“二〇二一”。"),
        ("evaluate --year", "选项 --year 后面要写明内容。"),
        ("policy --check=yes", "选项 --check 后面不用写内容：'yes'。"),
        ("explain", "缺少：部门。"),
        ("--vresion", "没有选项 --vresion，是不是 --version？"),
    ],
)
def test_wrong_usage_says_what_to_do(line: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is told in Chinese with the nearest command or option, and where to read more."""
    first, second = wrong(line.split(), capsys).splitlines()
    assert first.startswith(told)
    assert second.startswith("用法见：jixiao")
    assert second.endswith("--help")


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """`jixiao` alone is wrong usage and shows the whole help."""
    assert wrong([], capsys) == HELPS["jixiao"]


@pytest.mark.parametrize("arguments", [["--help"], ["evaluate", "-h"], ["--version"]])
def test_help_and_version_end_well(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Help and version go to standard output, with status 0."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith(("用法：", "jixiao "))


def test_help_waits_for_no_library() -> None:
    """`jixiao --help` imports neither pandas nor what writes and reads workbooks."""
    code = """
import sys
from pipeline.__main__ import main
try:
    main(["evaluate", "--help"])
except SystemExit:
    pass
heavy = {"pandas", "numpy", "pandera", "pydantic", "xlsxwriter", "openpyxl", "python_calamine", "watchfiles"}
sys.exit(" ".join(heavy & set(sys.modules)) or 0)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=filed.ROOT, capture_output=True, check=False)
    assert done.stderr == b""
    assert done.returncode == 0


def test_help_takes_a_fifth_of_a_second() -> None:
    """`jixiao --help` takes at most 0.2 s of a processor, whatever else the machine does."""
    spent = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, "-m", "pipeline", "--help"], cwd=filed.ROOT, capture_output=True, check=True)
        after = os.times()
        spent.append(after.children_user + after.children_system - before.children_user - before.children_system)
    assert min(spent) <= 0.2


@pytest.mark.parametrize("buffered", [False, True])
@pytest.mark.parametrize("command", ["policy", "evaluate"])
def test_a_reader_that_has_seen_enough_is_no_failure(command: str, tmp_path: Path, *, buffered: bool) -> None:
    """Where nobody reads what a command says, as behind `| head`, it ends with 0 and tells of no failure."""
    nobody, ours = os.pipe()
    os.close(nobody)
    arguments = ["inbox", "-o", str(tmp_path / "out")] if command == "evaluate" else []
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", command, *arguments],
        cwd=filed.ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "" if buffered else "1"},
        stdout=ours,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(ours)
    assert (done.returncode, done.stderr) == (0, b"")
    assert command == "policy" or (tmp_path / "out" / "2021" / "run.json").is_file()


def test_a_gbk_console_does_not_crash() -> None:
    """What GBK cannot write is shown as a question mark: the command goes on, in its words and in names."""
    name = "县𠮷林局🙂"
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "evaluate", f"/nowhere/{name}"],
        cwd=filed.ROOT,
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0"},
    )
    assert done.returncode == 2
    assert f"没有找到收件夹：{os.sep}nowhere{os.sep}县?林局?" in done.stderr.decode("gbk")


def test_an_open_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a result cannot be replaced because it is open elsewhere, this is told with what to do, and status 4."""

    def held(*_: object) -> None:
        raise PermissionError(13, "Permission denied", ".writing-1", None, "部门名册.xlsx")

    monkeypatch.setattr("pipeline.output.files.write_file", held)
    assert main(["templates", "-o", str(tmp_path)]) == 4
    assert capsys.readouterr().err == "不能读写 部门名册.xlsx。\n请关闭正在打开它的程序（WPS、Excel）后再运行。\n"


def test_ctrl_c_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A command that is stopped says so on one line and ends with status 130."""

    def stopped() -> list[int]:
        raise KeyboardInterrupt

    monkeypatch.setattr("schemas.policy.years", stopped)
    assert main(["policy"]) == 130
    assert capsys.readouterr().err == "已中断。\n"


def test_streams_that_are_no_console_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller may put another kind of stream in the place of standard output."""
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert main(["policy", "--check"]) == 0
