"""The inbox: each thing in it ends in one line, whatever it is and however it is called, and none of it is changed."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pipeline import guard
from pipeline.evaluate import evaluate
from pipeline.intake import receive
from pipeline.intake.inbox import list_inbox
from pipeline.output.safe_text import spelt
from tests.support import filed, hostile
from tests.support.runner import Runner
from tests.support.written import table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemas.policy import Policy

if sys.platform != "linux":
    pytest.skip("file names of any bytes, pipes, sockets and mounts as Linux has them", allow_module_level=True)

NAMES = (
    b"\xe5\x89\xaf\xe6\x9c\xac\n\xe7\xac\xac\xe4\xba\x8c\xe8\xa1\x8c.xlsx",  # 副本, a new line, 第二行
    b"\x1b[31mred\x07.xlsx",
    b"tab\there.xlsx",
    b"back\\slash.xlsx",
    b"back\\\\slash.xlsx",
    b"back\\nslash.xlsx",  # a backslash and n, beside the one with a new line
    b"back\nslash.xlsx",
    "甲局.xlsx".encode("gbk"),  # as an archive made on Windows unpacks: no UTF-8
    b"\xff\xfe.xlsx",
    "\u202exslx.exe".encode(),
    "\u200b.xlsx".encode(),
    "e\u0301.xlsx".encode(),
    "é.xlsx".encode(),
    b"=1+1.xlsx",
    b"'=1+1.xlsx",
    b"@SUM(A1).xlsx",
    b"-.xlsx",
    b"--help",
    b" .xlsx",
    b"\xe3\x80\x80.xlsx",
    b"a,b;c\"d'e.xlsx",
    b"http:!!x.test!.xlsx",
    b"no ending",
    b".hidden.xlsx",
    b"~$owner.xlsx",
    b"CON.xlsx",
    "局".encode() * 83 + b".xlsx",  # 254 of 255 bytes
)
"""Names that a file may have on Linux."""


@pytest.fixture
def odd(tmp_path: Path, clean: dict[str, Any]) -> Path:
    """Give an inbox of a good return and of every odd thing that a folder may hold."""
    inbox = tmp_path / "inbox"
    deep = inbox / "一" / "二" / "三"
    deep.mkdir(parents=True)
    (deep / "样板局.xlsx").write_bytes(filed.workbook(clean))
    for name in NAMES:
        with open(os.fsencode(inbox) + b"/" + name, "wb") as file:  # noqa: PTH123 - a Path is no bytes
            file.write(b"nothing" + name)
    for case in hostile.CASES.values():
        (inbox / "一" / f"{case.name}.xlsx").write_bytes(case.make())
    (inbox / "link\n.xlsx").symlink_to(inbox / os.fsdecode(b"\xff\xfe.xlsx"))
    (inbox / "loop").symlink_to(inbox)
    (inbox / "nowhere.xlsx").symlink_to("/nowhere")
    os.link(deep / "样板局.xlsx", inbox / "same.xlsx")
    os.mkfifo(inbox / "pipe.xlsx")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(inbox / "s.xlsx"))
    (inbox / "空文件夹").mkdir()
    return inbox


def walked(inbox: Path) -> list[str]:
    """Give everything in a folder that is no folder, by a walk of our own, as the program spells it."""
    found = []
    for folder, below, names in os.walk(os.fsencode(inbox)):
        links = [name for name in below if os.path.islink(os.path.join(folder, name))]  # noqa: PTH114, PTH118 - bytes
        for name in (*names, *links):
            path = os.path.relpath(os.path.join(folder, name), os.fsencode(inbox))  # noqa: PTH118 - bytes
            found.append(spelt(os.fsdecode(path)))
    return sorted(found)


def lines(folder: Path) -> list[str]:
    """Give the file of each line of submissions.csv, without what keeps it from being taken for a formula."""
    names = [line["source_file"] for line in table(folder, "submissions")]
    return sorted(name[1:] if name[:2] in {"'=", "'+", "'-", "'@"} and name != "'=1+1.xlsx" else name for name in names)


def test_every_file_has_one_line(odd: Path, tmp_path: Path, policy: Policy) -> None:
    """One bad file never stops the others: every file of the inbox ends in exactly one line of submissions.csv.

    Whatever its name, its kind and its content: held against a walk of the folder.
    """
    run = evaluate(odd, tmp_path / "out", policy)
    names = walked(odd)
    assert len(set(names)) == len(names) == len(NAMES) + len(hostile.CASES) + 7
    # A name that begins like a formula has an apostrophe before it, so that "'=1+1.xlsx" stands there twice.
    assert sorted(name.removeprefix("'") for name in lines(run.folder)) == sorted(
        name.removeprefix("'") for name in names
    )
    statuses = {line["source_file"]: line["status"] for line in table(run.folder, "submissions")}
    assert sorted([statuses["一/二/三/样板局.xlsx"], statuses["same.xlsx"]]) == ["accepted", "duplicate"]
    assert all(status in {"rejected", "ignored", "accepted", "duplicate"} for status in statuses.values())


def test_a_name_is_spelt_so_that_two_stay_two() -> None:
    """One bad file never stops the others: a name that cannot be written is spelt out, and two stay two."""
    assert spelt("甲局　（副本） é𠮷🙂.xlsx") == "甲局　（副本） é𠮷🙂.xlsx"
    assert spelt("a\nb\x1b[m\udcff\u202e\\.xlsx") == "a\\nb\\x1b[m\\udcff\\u202e\\\\.xlsx"
    names = [os.fsdecode(name) for name in NAMES]
    assert len({spelt(name) for name in names}) == len(names)
    assert all(spelt(name).encode() for name in names)


def test_a_file_that_vanishes_has_its_line(
    tmp_path: Path, policy: Policy, clean: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bad file never stops the others: one that goes between being seen and being read is told as gone."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("甲", "乙"):
        (inbox / f"{name}.xlsx").write_bytes(filed.workbook(filed.changed(clean, {}, f"示例县{name}局")))
    content = guard.content

    def read(path: Path) -> bytes:
        (inbox / "乙.xlsx").unlink(missing_ok=True)
        return content(path)

    monkeypatch.setattr(receive, "content", read)
    found = {
        line["source_file"]: line for line in table(evaluate(inbox, tmp_path / "out", policy).folder, "submissions")
    }
    assert (found["乙.xlsx"]["status"], found["乙.xlsx"]["reason"]) == ("rejected", receive.GONE)
    assert found["甲.xlsx"]["status"] == "accepted"


def broken(*_: object) -> tuple[bytes, bytes]:
    """Fail as a fault of our own would."""
    raise ZeroDivisionError


def test_a_fault_of_reading_costs_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad file never stops the others: also one on which our own reading fails is told as unreadable."""
    monkeypatch.setattr(receive, "read_packed", broken)
    assert receive._read(("a.xlsx", b"x"), 2021) == (b"", b"")  # noqa: SLF001 - runs in a worker


def test_a_closed_folder_is_told(odd: Path, tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad file never stops the others: a folder that cannot be opened is a line that says so, not passed over."""
    scandir = os.scandir

    def closed(path: str) -> Any:
        if str(path).endswith("三"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    run = evaluate(odd, tmp_path / "out", policy)
    monkeypatch.undo()
    (line,) = [line for line in table(run.folder, "submissions") if line["source_file"] == "一/二/三"]
    assert (line["status"], line["reason"]) == ("rejected", receive.CLOSED)


@pytest.mark.parametrize("where", ["inbox", "inbox/结果", "link/结果"])
def test_results_are_no_returns(where: str, tmp_path: Path, policy: Policy, clean: dict[str, Any]) -> None:
    """One bad file never stops the others: what a run wrote is no return, in the inbox or behind a link to it."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "inbox")
    (tmp_path / "inbox" / "样板局.xlsx").write_bytes(filed.workbook(clean))
    inbox = tmp_path / where.partition("/")[0]
    for _ in range(2):
        evaluate(inbox, tmp_path / where, policy)
        assert [each.name for each in list_inbox(inbox, tmp_path / where)] == ["样板局.xlsx"]


# ---------------------------------------------------------------------- never changed


State = dict[str, tuple[Any, ...]]


def state(folder: Path) -> State:
    """Give all that can be known of everything in a folder: kind and mode, times, links, owner, and bytes."""
    found: State = {}
    for path in [folder, *folder.rglob("*")]:
        status = path.lstat()
        what = path.read_bytes() if stat.S_ISREG(status.st_mode) else str(path.readlink()) if path.is_symlink() else b""
        times = (status.st_mtime_ns, status.st_ctime_ns)
        found[os.fsdecode(path)] = (status.st_mode, *times, status.st_nlink, status.st_ino, status.st_uid, what)
    return found


def test_inputs_are_never_changed(odd: Path, tmp_path: Path, policy: Policy) -> None:
    """Inputs are never changed: bytes, mode, times and links of everything in the inbox are the same after a run."""
    before = state(odd)
    evaluate(odd, tmp_path / "out", policy)
    evaluate(odd, tmp_path / "out", policy)
    assert state(odd) == before


@pytest.fixture
def read_only(odd: Path) -> Iterator[Path]:
    """Mount the inbox read-only; skip where that is not allowed."""
    how = ["mount", "--bind", "-o", "ro", str(odd), str(odd)]
    if not shutil.which("mount") or subprocess.run(how, capture_output=True, check=False).returncode != 0:
        pytest.skip("`mount` is not allowed on this machine")
    yield odd
    subprocess.run(["umount", str(odd)], check=True)


def test_a_read_only_inbox_is_enough(read_only: Path, tmp_path: Path) -> None:
    """Inputs are never changed: the command runs over an inbox to which it could not write."""
    with pytest.raises(OSError, match="Read-only"):
        (read_only / "new.xlsx").write_bytes(b"")
    with Runner() as runner:
        done = runner.run("evaluate", read_only, "-o", tmp_path / "out")
    assert done.status == 0, done.told
    assert "评价 1 个部门" in done.told


def _nest(inbox: Path, name: str, levels: int, sent: bytes) -> None:
    """Put a return below so many folders in each other, step by step: no system takes such a path at once."""
    here = os.open(inbox, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    with os.fdopen(os.open("报表.xlsx", os.O_WRONLY | os.O_CREAT, dir_fd=here), "wb") as file:
        file.write(sent)
    os.close(here)


def _unnest(inbox: Path, name: str) -> None:
    """Move the folders out of each other, since what clears up goes down level by level and would end too."""
    number = 0
    while (inbox / name / name).exists():
        number += 1
        (inbox / name / name).rename(inbox / f"{number}")
        (inbox / name).rename(inbox / f"{number} above")
        (inbox / f"{number}").rename(inbox / name)


@pytest.mark.parametrize(
    ("name", "levels", "status", "told"),
    [("a", 1100, "accepted", ""), ("文件夹" * 20, 25, "rejected", "路径过长")],  # 25 × 181 bytes are over 4,095
)
def test_folders_however_deep_are_lines(
    name: str, levels: int, status: str, told: str, tmp_path: Path, policy: Policy, clean: dict[str, Any]
) -> None:
    """One bad file never stops the others: below 1,100 folders one is read; a path that no system opens is told."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "别的.xlsx").write_bytes(b"")
    _nest(inbox, name, levels, filed.workbook(clean))
    (inbox / "直接.xlsx").write_bytes(filed.workbook(filed.changed(clean, {}, "乙局")))
    try:
        run = evaluate(inbox, tmp_path / "out", policy)
        (deep,) = (line for line in table(run.folder, "submissions") if "/" in line["source_file"])
    finally:
        _unnest(inbox, name)
    assert deep["status"] == status
    assert told in deep["reason"]
    assert len(table(run.folder, "submissions")) == 3
