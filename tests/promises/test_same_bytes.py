"""The same inputs give the same bytes, whatever is different about the machine and the moment."""

from __future__ import annotations

import locale
import os
import random
import re
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import filed
from tests.support.runner import contents

if TYPE_CHECKING:
    from pathlib import Path

FAKETIME = shutil.which("faketime")
OFFICES = 30
"""Returns: more than one worker takes at a time."""


def _locale(*names: str) -> str:
    """Give the first of these locales that the machine has, "C" where it has none."""
    before = locale.setlocale(locale.LC_ALL)
    for name in names:
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        locale.setlocale(locale.LC_ALL, before)
        return name
    return "C"


@pytest.fixture(scope="module")
def returns(clean: dict[str, Any], seed: dict[str, Any]) -> dict[str, bytes]:
    """Give the bytes of some returns by name: good ones, one with errors, two of one department, one damaged."""
    made = {f"{number}局.xlsx": filed.workbook(filed.changed(clean, {}, f"示例县{number}局")) for number in range(3)}
    good = filed.workbook(seed)
    return made | {"科工局.xlsx": good, "科工局（旧）.xlsx": good, "坏.xlsx": good[:999]}


def evaluated(returns: dict[str, bytes], folder: Path, dice: random.Random, *more: str, **env: str) -> dict[str, str]:
    """Write returns in some order, evaluate them by the command in an environment, and give what came out."""
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    names = list(returns)
    dice.shuffle(names)
    for name in names:
        (inbox / name).write_bytes(returns[name])
        os.utime(inbox / name, (1_650_000_000, 1_650_000_000))
    command = [sys.executable, "-m", "pipeline", "evaluate", str(inbox), "-o", str(folder / "out"), *more]
    if "FAKED" in env:
        assert FAKETIME
        command = [FAKETIME, "-f", env["FAKED"], *command]
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON", "TZ"))}
    subprocess.run(command, cwd=filed.ROOT, env=plain | env, capture_output=True, check=True)
    return contents(folder / "out" / "2021")


ONE = {"TZ": "Asia/Shanghai", "PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8"}
OTHER = {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "99", "LC_ALL": "C", "PYTHONUTF8": "0"}


def test_two_machines_write_the_same(returns: dict[str, bytes], tmp_path: Path) -> None:
    """Same inputs, same bytes: another time zone, locale, hash seed, order of files and number of workers."""
    one = evaluated(returns, tmp_path / "one", random.Random(1), "--jobs", "1", **ONE)
    other = evaluated(returns, tmp_path / "other", random.Random(2), "--jobs", "2", **OTHER)
    assert len(one) > 15
    assert one == other


@pytest.mark.slow
def test_many_machines_write_the_same(returns: dict[str, bytes], tmp_path: Path, clean: dict[str, Any]) -> None:
    """Same inputs, same bytes: five hash seeds, clocks, zones, locales, orders, with work to share out."""
    many = {
        f"又{n}局.xlsx": filed.workbook(filed.changed(clean, {}, f"示例县又{n}局")) for n in range(OFFICES)
    } | returns
    ways: list[tuple[str, dict[str, str]]] = [
        ("1", ONE),
        ("2", OTHER),
        ("3", ONE | {"PYTHONHASHSEED": "7", "LC_ALL": _locale("zh_CN.GBK", "zh_CN.gb18030", "zh_CN.UTF-8")}),
        ("2", OTHER | {"PYTHONHASHSEED": "0", "TZ": "Pacific/Kiritimati"}),
        ("2", ONE | ({"FAKED": "2031-02-28 23:59:58"} if FAKETIME else {})),
    ]
    found = [
        evaluated(many, tmp_path / str(number), random.Random(number), "--jobs", jobs, **env)
        for number, (jobs, env) in enumerate(ways)
    ]
    assert all(each == found[0] for each in found)


@pytest.mark.skipif(FAKETIME is None, reason="faketime is not installed on this machine")
@pytest.mark.slow
def test_another_clock_writes_the_same(returns: dict[str, bytes], tmp_path: Path) -> None:
    """Same inputs, same bytes: also ten years later by the clock."""
    few = {name: returns[name] for name in ("0局.xlsx", "科工局.xlsx")}
    faked = {"FAKED": "2031-02-28 23:59:58"}
    one = evaluated(few, tmp_path / "one", random.Random(1), "--jobs", "1", **ONE)
    assert one == evaluated(few, tmp_path / "other", random.Random(1), "--jobs", "1", **ONE, **faked)


def test_only_the_record_knows_the_time(returns: dict[str, bytes], tmp_path: Path) -> None:
    """Same inputs, same bytes: no output but run.json holds the day of the run, nor does an archive."""
    evaluated({"科工局.xlsx": returns["科工局.xlsx"]}, tmp_path, random.Random(1), "--jobs", "1", **ONE)
    folder = tmp_path / "out" / "2021"
    (finished,) = re.findall(rb'"finished": "([\d-]+)T', (folder / "run.json").read_bytes())
    for path in folder.rglob("*.*"):
        parts = [path.read_bytes()] if path.suffix != ".xlsx" else []
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                parts = [book.read(name) for name in book.namelist()]
                if "退回修改" not in path.parts:  # a department's own file, its parts as they were
                    assert {info.date_time for info in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        if path.name != "run.json":
            assert not [part for part in parts if finished in part], path
