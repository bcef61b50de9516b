"""The bundle for offices without internet: what goes in for each system, how it starts, and that it runs unplugged."""

from __future__ import annotations

import csv
import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from typing import TYPE_CHECKING

import pytest

from bundle import __main__ as making
from bundle import start
from bundle.__main__ import FILES, PROGRAM, _own_wheel, render_file
from bundle.embedded import NotEmbeddableError, embed, sha256_of, version_of
from bundle.target import PLATFORMS, PYTHONS, Target, needed_entries
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TARGETS = [Target(platform, python) for platform in PLATFORMS for python in PYTHONS]
LOCK = """# made by make lock
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:aa \\
    --hash=sha256:bb
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:cc
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:dd
uvloop==1.0 ; platform_machine == 'aarch64' and os_name == 'posix' \\
    --hash=sha256:ee
"""


@pytest.mark.parametrize(
    ("target", "entries"),
    [
        ("win-amd64 3.11", ["colorama==0.4.6 aa bb", "numpy==2.4.6 cc"]),
        ("win-amd64 3.12", ["colorama==0.4.6 aa bb", "numpy==2.5.5 dd"]),
        ("linux-x86_64 3.13", ["numpy==2.5.5 dd"]),
        ("linux-aarch64 3.11", ["numpy==2.4.6 cc", "uvloop==1.0 ee"]),
    ],
)
def test_markers_are_answered_for_the_system_that_the_bundle_is_for(target: str, entries: list[str]) -> None:
    """Whatever Python makes the bundle, each system gets its own entries of the lock, with all their hashes."""
    found = list(needed_entries(LOCK, Target(*target.split())))
    told = [" ".join([entry.split(" ")[0], *re.findall(r"sha256:(\w+)", entry)]) for entry in found]
    assert told == entries
    assert not any(";" in entry for entry in found)


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_every_system_gets_each_library_once(target: Target) -> None:
    """Of the real lock, no library is missing and none comes in two versions."""
    lock = (filed.ROOT / "requirements.lock").read_text(encoding="utf-8")
    names = [entry.partition("==")[0] for entry in needed_entries(lock, target)]
    assert len(names) == len(set(names))
    assert {"pandas", "numpy", "python-calamine", "xlsxwriter", "watchfiles"} <= set(names)


def test_the_start_for_windows_is_what_windows_reads() -> None:
    """CRLF throughout, only ASCII before the code page is set and in every command, no label that cmd could miss."""
    content = render_file("start.bat", TARGETS)
    assert content.count(b"\n") == content.count(b"\r\n")
    lines = content.decode().split("\r\n")
    assert lines[:2] == ["@echo off", '"%SystemRoot%\\System32\\chcp.com" 65001 >nul']
    assert not content.startswith(b"\xef\xbb\xbf")  # cmd would read it as part of the first command
    assert all(line.isascii() or " echo " in line for line in lines)
    assert not any(line.startswith(":") or "goto" in line for line in lines)
    assert "for %%V in (3.14 3.13 3.12 3.11) do" in content.decode()
    assert lines[-3:-1] == ["pause", "exit /b %STATUS%"]


def test_the_start_for_windows_runs_nothing_that_lies_beside_it() -> None:
    """Each program is called by its full path, also where Python is looked for; a py.bat in the folder is not run."""
    content = render_file("start.bat", TARGETS).decode()
    built_in = {"@echo", "rem", "setlocal", "set", "pushd", "popd", "if", "for", "echo", "pause", "exit"}
    for line in filter(None, content.split("\r\n")):
        assert line.split()[0] in built_in or line.startswith('"%SystemRoot%\\'), line
        for run in re.findall(
            r"(?:\bdo|exist \S+|not defined FOUND|if defined FOUND) (?!if\b|for\b|echo\b|set\b)(\S+)", line
        ):
            assert run.startswith(('"', "%%L", "%FOUND%")), line
    assert 'set "NoDefaultCurrentDirectoryInExePath=1"' in content
    assert "where.exe $PATH:python.exe" in content  # not the current folder, as where does by itself
    assert '"%~dp0program\\start.py"' in content


def test_the_start_for_linux_is_a_plain_script(tmp_path: Path) -> None:
    """LF throughout and good shell; without a Python it says what to install and ends with 1."""
    content = render_file("start.sh", TARGETS)
    assert b"\r" not in content
    script = tmp_path / "评价.sh"
    script.write_bytes(content)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "dirname").symlink_to(shutil.which("dirname") or "")
    done = subprocess.run(
        [shutil.which("sh") or "", str(script)], env={"PATH": str(tmp_path / "bin")}, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert "没有找到 Python。请安装 Python 3.14、3.13、3.12、3.11 中的一种" in done.stderr.decode()


def test_what_is_to_be_read_first_names_what_is_there() -> None:
    """先读我.txt opens in any editor of Windows, names both starts, both folders and the versions of Python."""
    text = render_file("read-me.txt", TARGETS)
    assert text.startswith(b"\xef\xbb\xbf")
    assert text.count(b"\n") == text.count(b"\r\n")
    words = text.decode()
    for each in (FILES["start.bat"], FILES["start.sh"], start.INBOX, start.OUTPUT, "3.14、3.13、3.12、3.11", PROGRAM):
        assert each in words
    assert "http" not in words
    assert "@" not in words


# ---------------------------------------------------------------------- a Python that comes along


def embeddable(folder: Path, **changes: str) -> Path:
    """Make an archive as that of an embeddable Python."""
    path = folder / "python-3.12.4-embed-amd64.zip"
    members = {
        "python.exe": "MZ",
        "python312.zip": "PK",
        "python312._pth": "python312.zip\r\n.\r\n\r\n#import site\r\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (members | changes).items():
            archive.writestr(name, content)
    return path


def test_a_python_comes_along_with_its_libraries(tmp_path: Path) -> None:
    """The embeddable Python lies in the bundle, knows its libraries, and has those of the lock by their hashes."""
    program = tmp_path / "program"
    (program / "wheels").mkdir(parents=True)
    own = _own_wheel(program / "wheels")
    lock = f"jixiao=={own.name.split('-')[1]} \\\n    --hash=sha256:{sha256_of(own)}\n"
    embed(embeddable(tmp_path), program, lock)
    assert (program / "python" / "python.exe").read_text(encoding="ascii") == "MZ"
    paths = (program / "python" / "python312._pth").read_bytes()
    assert paths.split(b"\r\n") == [b"python312.zip", b".", b"", b"Lib\\site-packages", b""]
    assert (program / "python" / "Lib" / "site-packages" / "pipeline" / "__main__.py").is_file()
    own.write_bytes(own.read_bytes() + b"x")
    shutil.rmtree(program / "python")
    with pytest.raises(subprocess.CalledProcessError):
        embed(embeddable(tmp_path), program, lock)


def test_the_version_of_a_python_that_comes_along_is_known(tmp_path: Path) -> None:
    """It is a target like any other: Windows, and the version that the archive is of."""
    assert version_of(embeddable(tmp_path)) == Target("win-amd64", "3.12")


@pytest.mark.parametrize("changes", [{"../a.dll": "x"}, {"C:/a.dll": "x"}, {"python311._pth": "x"}], ids=str)
def test_another_archive_does_not_come_along(tmp_path: Path, changes: dict[str, str]) -> None:
    """An archive with names that lead out of it, of two versions, or of something else is refused."""
    with pytest.raises(NotEmbeddableError):
        version_of(embeddable(tmp_path, **changes))
    (tmp_path / "x.zip").write_bytes(b"x")
    with pytest.raises(NotEmbeddableError):
        version_of(tmp_path / "x.zip")


def test_the_hash_of_a_python_that_comes_along_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who makes the bundle sees the archive's sha256, to hold it against the one that its maker publishes."""
    archive = embeddable(tmp_path)
    monkeypatch.setattr(sys, "argv", ["bundle", "--embed", str(archive), "-o", str(tmp_path / "dist")])
    monkeypatch.setattr(making, "make_bundle", lambda output, *_: output)
    assert making.main() == 0
    assert hashlib.sha256(archive.read_bytes()).hexdigest() in capsys.readouterr().out


def test_a_python_that_came_along_needs_no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Started by the Python in the bundle, the program runs at once, whatever systems are listed."""
    python = tmp_path / "program" / "python" / "python.exe"
    ran: list[tuple[Path, list[str]]] = []

    def run(python: Path, arguments: list[str]) -> int:
        ran.append((python, arguments))
        return 0

    monkeypatch.setattr(start, "EMBEDDED", python.parent)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(start, "run", run)
    assert start.main(["status"]) == 0
    assert ran == [(python, ["status"])]


# ---------------------------------------------------------------------- unplugged

HERE = Target(sysconfig.get_platform(), f"{sys.version_info.major}.{sys.version_info.minor}")


OUT = """
import socket, sys
try:
    socket.create_connection(("192.0.2.1", 9), 5)
except OSError as error:
    sys.exit(error.errno)
"""
"""Tries to reach an address kept for documentation; ends with why it could not."""


def without_network() -> list[str] | None:
    """Give how to start a command that sees no network at all; None where this machine cannot."""
    for how in (["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("unshare") and subprocess.run([*how, "true"], capture_output=True, check=False).returncode == 0:
            return how
    return None


@pytest.fixture(scope="module")
def unplugged() -> list[str]:
    """Give how to start a command without a network; skip where that cannot be done."""
    how = without_network()
    if how is None:
        pytest.skip("`unshare -n` is not available on this machine")
    tried = subprocess.run([*how, sys.executable, "-c", OUT], capture_output=True, check=False)
    assert tried.returncode == errno.ENETUNREACH
    return how


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, unplugged: list[str]) -> Iterator[Path]:
    """Give a bundle for this machine, in a folder whose path holds spaces and Chinese; skip where none can be made."""
    assert unplugged
    if HERE.platform not in PLATFORMS:
        pytest.skip(f"no bundle is made for {HERE}")
    folder = tmp_path_factory.mktemp("bundle")
    command = [sys.executable, "-m", "bundle", "--platform", HERE.platform, "--python", HERE.python]
    done = subprocess.run(
        [*command, "-o", str(folder / "dist")], cwd=filed.ROOT, capture_output=True, check=False, encoding="utf-8"
    )
    if "没有下载到" in done.stderr:
        pytest.skip("the libraries of the bundle cannot be downloaded here")
    assert done.returncode == 0, done.stderr
    (bundle,) = (folder / "dist").iterdir()
    copy = folder / "财政局 U盘 副本" / bundle.name
    shutil.copytree(bundle, copy)
    shutil.rmtree(folder / "dist")
    yield copy
    shutil.rmtree(folder)


def run(how: list[str], script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Start the bundle as a clerk does, with none of this machine's settings."""
    return subprocess.run(
        [*how, "sh", str(script), *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(script.parent), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        encoding="utf-8",
        cwd="/",
    )


@pytest.mark.slow
def test_the_bundle_evaluates_without_a_network(made: Path, unplugged: list[str]) -> None:
    """The first start makes environment and inbox; then a return is evaluated; the second start makes nothing again."""
    script = made / "评价.sh"
    assert os.access(script, os.X_OK)
    first = run(unplugged, script)
    assert first.returncode == 1
    assert "第一次使用" in first.stdout
    assert "里没有报表" in first.stderr
    shutil.copy(filed.EXAMPLE, made / start.INBOX)
    second = run(unplugged, script)
    assert second.stderr == ""
    assert second.returncode == 0
    assert "第一次使用" not in second.stdout
    assert "76.02 分，较差（暂定）" in second.stdout
    results = made / start.OUTPUT / "2021"
    assert (results / "全县汇总.xlsx").exists()
    with (results / "data" / "summary.csv").open(encoding="utf-8-sig") as stream:
        assert [row["points"] for row in csv.DictReader(stream)] == ["76.02"]
    listed = run(unplugged, script, "status", start.INBOX, "-o", start.OUTPUT)
    assert listed.returncode == 0
    assert "其中有错误的 1 个" in listed.stdout


@pytest.mark.slow
def test_a_bundle_that_was_changed_on_its_way_is_refused(made: Path, unplugged: list[str], tmp_path: Path) -> None:
    """A wheel with another hash than the lock's is not installed, the project's own included; what to do is told."""
    copy = tmp_path / "副本"
    shutil.copytree(made, copy, ignore=shutil.ignore_patterns("env-*"))
    (own,) = (copy / PROGRAM / "wheels").glob("jixiao-*.whl")
    content = own.read_bytes()
    own.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    done = run(unplugged, copy / "评价.sh")
    assert done.returncode == 1
    assert "没有准备成功" in done.stderr
    assert "收到" not in done.stdout


@pytest.mark.slow
def test_a_system_that_the_bundle_is_not_for_is_told(made: Path, unplugged: list[str], tmp_path: Path) -> None:
    """Where no wheels of this system are in it, the bundle says which ones there are, before anything is made."""
    copy = tmp_path / "副本"
    shutil.copytree(made, copy, ignore=shutil.ignore_patterns("env-*"))
    (copy / PROGRAM / "targets.txt").write_text("win-amd64 3.12\n", encoding="utf-8")
    done = run(unplugged, copy / "评价.sh")
    assert done.returncode == 1
    assert f"是 {HERE}，安装包里只有：win-amd64 3.12。" in done.stderr
    assert not list((copy / PROGRAM).glob("env-*"))


@pytest.mark.slow
def test_the_same_source_gives_the_same_bundle(made: Path, tmp_path: Path) -> None:
    """Made again, every file of the bundle has the same bytes, the wheel of the project included."""
    command = [sys.executable, "-m", "bundle", "--platform", HERE.platform, "--python", HERE.python]
    subprocess.run([*command, "-o", str(tmp_path)], cwd=filed.ROOT, capture_output=True, check=True)
    (again,) = tmp_path.iterdir()
    files = [path.relative_to(again) for path in again.rglob("*") if path.is_file()]
    assert len(files) > len(FILES)
    assert [str(name) for name in files if (made / name).read_bytes() != (again / name).read_bytes()] == []
