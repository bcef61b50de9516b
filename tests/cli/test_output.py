"""What is printed may get lost; what was done is done, and said so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.__main__ import main
from pipeline.output.safe_text import legible
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")


@pytest.fixture
def evaluation(tmp_path: Path, clean: dict[str, Any]) -> list[str]:
    """Give the command that evaluates one return."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.xlsx").write_bytes(filed.workbook(clean))
    folders = [str(tmp_path / "inbox"), "-o", str(tmp_path / "out"), "--jobs", "1"]
    return [sys.executable, "-m", "pipeline", "evaluate", *folders]


def results(folder: Path) -> bool:
    """Tell whether a whole run is in place."""
    return bool(json.loads((folder / "out" / "2021" / "run.json").read_text(encoding="utf-8"))["outputs"])


@needs_full
@pytest.mark.slow
def test_a_full_screen_is_told_and_the_results_are_there(tmp_path: Path, evaluation: list[str]) -> None:
    """Where stdout is full the results are in place, the status says done, and one line says what was not shown."""
    with FULL.open("w", encoding="utf-8") as full:
        done = subprocess.run(
            evaluation, stdout=full, stderr=subprocess.PIPE, text=True, encoding="utf-8", check=False, cwd=filed.ROOT
        )
    assert done.returncode == 0
    assert done.stderr.startswith("屏幕上的说明没有写完")
    assert "命令本身已经做完" in done.stderr
    assert "Traceback" not in done.stderr
    assert results(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="a shell of Unix closes them")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "| true"])
@pytest.mark.slow
def test_closed_streams_stop_nothing(tmp_path: Path, evaluation: list[str], closed: str) -> None:
    """With stdout or stderr closed, or a reader that has gone, the results are in place and nothing is traced."""
    command = f'set -o pipefail 2>/dev/null; "$@" {closed}'
    done = subprocess.run(
        ["bash", "-c", command, "bash", *evaluation],
        capture_output=True, text=True, encoding="utf-8", check=False, cwd=filed.ROOT,
    )  # fmt: skip
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert results(tmp_path)


ODD = "a\x1b[31m红\n第二行\u202e.docx"


@pytest.mark.skipif(os.name == "nt", reason="no such name can be made there")
@pytest.mark.parametrize(
    "command",
    [
        lambda path: ["import", str(path)],
        lambda path: ["check", str(path)],
        lambda path: ["check", str(path.with_name(f"{path.name}没有"))],
        lambda path: ["report", "--template", str(path)],
        lambda path: ["evaluate", str(path), "-o", str(path.parent / "out")],
        lambda path: ["status", str(path), "-o", str(path.parent / "out")],
    ],
    ids=["import", "check", "missing", "report", "evaluate", "status"],
)
def test_names_are_shown_escaped(
    command: Callable[[Path], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The name of a document or folder makes no line of its own, and nothing in it steers the terminal."""
    path = tmp_path / ODD
    path.write_bytes(b"x")
    main([*command(path), *(["--year", "2021"])])
    told = capsys.readouterr()
    for text in (told.out, told.err):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert not any(line.startswith("第二行") for line in text.splitlines())


def test_what_cannot_be_seen_is_spelt_out() -> None:
    """Controls, directions and halves of letters become what they are written as; everything else stays."""
    assert legible(Path("甲 乙/a\x1b\u202e\udcff\n")) == "甲 乙/a\\x1b\\u202e\\udcff\\n"


@pytest.mark.skipif(os.name == "nt", reason="names are bounded otherwise there")
def test_a_name_that_is_too_long_is_a_message(
    tmp_path: Path, clean: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Results below a path that is too long for the system are told in Chinese, without a traceback."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.xlsx").write_bytes(filed.workbook(clean))
    long = tmp_path.joinpath(*["长" * 80] * 20)
    assert main(["evaluate", str(tmp_path / "inbox"), "-o", str(long), "--jobs", "1"]) == 4
    assert "名称或路径过长" in capsys.readouterr().err
