"""A file that somebody has open in an office program is not replaced, whatever command would write it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pipeline.__main__ import main
from pipeline.desk import call_list
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with an inbox of the seed and its results in out."""
    folder = tmp_path_factory.mktemp("open")
    (folder / "inbox").mkdir()
    (folder / "inbox" / "seed.xlsx").write_bytes(filed.workbook(filed.load()))
    assert main(["evaluate", str(folder / "inbox"), "-o", str(folder / "out"), "--jobs", "1"]) == 0
    return folder


def marks(name: str) -> list[str]:
    """Give what Excel, Word (for long names), LibreOffice and WPS leave beside a file while it is open."""
    return [f"~${name}", f"~${name[2:]}", f".~lock.{name}#", f".~{name}"]


COMMANDS = {
    "out/2021/全县汇总.xlsx": "evaluate inbox -o out --jobs 1 --year 2021",
    "out/2021年度电话名单.xlsx": "status inbox -o out --year 2021",
    "out/2021/通报/全县通报.docx": "report -o out --year 2021",
    "out/2021/通报/催报通知.docx": "report --reminders -o out --year 2021",
    "blank/部门名册.xlsx": "templates -o blank --year 2021",
}


@pytest.mark.parametrize("at", range(4), ids=["excel", "word", "libreoffice", "wps"])
@pytest.mark.parametrize(("file", "command"), COMMANDS.items())
def test_an_open_file_is_not_replaced(
    at: int,
    file: str,
    command: str,
    evaluated: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """F19, F20: status 4, the file is named, and what stands there is as it was."""
    monkeypatch.chdir(evaluated)
    path = evaluated / file
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(call_list.write_call_list([], 2021) if "电话" in file else b"open")
    before = path.read_bytes()
    os.utime(evaluated / "inbox" / "seed.xlsx", (at + 2e9, at + 2e9))  # so that evaluate has something to do
    mark = path.parent / marks(path.name)[at]
    mark.touch()
    try:
        assert main(command.split()) == 4
        assert mark.name in capsys.readouterr().err
        assert path.read_bytes() == before
    finally:
        mark.unlink()
