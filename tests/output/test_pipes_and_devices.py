"""A pipe or a device in the place of something that the program wrote is never waited for."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support import filed
from tests.support.in_a_thread import status_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

if sys.platform == "win32":
    pytest.skip("pipes and devices as Unix has them", allow_module_level=True)

OURS = ("run.json", "日志.csv", "data/summary.csv", "部门评分/示例县样板局.xlsx", "data/findings.csv")
"""What a run reads of an earlier one, by its name in the year's folder."""


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with an inbox that was evaluated."""
    folder = tmp_path_factory.mktemp("county")
    (folder / "inbox").mkdir()
    clean = filed.load(filed.RETURNS / "clean.toml")
    (folder / "inbox" / "样板局.xlsx").write_bytes(filed.workbook(clean))
    assert status_of(*evaluate(folder), seconds=60) == 0
    return folder


def evaluate(folder: Path) -> list[str]:
    """Give the command that evaluates the inbox in a folder."""
    return ["evaluate", str(folder / "inbox"), "-o", str(folder / "out"), "--year", "2021"]


def device(path: Path) -> None:
    """Link to a device that never ends."""
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("lay", [os.mkfifo, device], ids=["pipe", "device"])
def test_no_file_in_the_place_of_a_result_is_waited_for(
    name: str, lay: Callable[[Path], None], evaluated: Path, tmp_path: Path
) -> None:
    """Every command ends where a pipe or an endless device lies in the place of what an earlier run wrote."""
    shutil.copytree(evaluated, tmp_path / "county")
    path = tmp_path / "county" / "out" / "2021" / name
    path.unlink()
    lay(path)
    _, inbox, _, out, *year = evaluate(tmp_path / "county")
    for command in (
        ["status", inbox, "-o", out, *year],
        ["explain", "示例县样板局", "-o", out, *year],
        ["report", "-o", out, *year],
        [*evaluate(tmp_path / "county"), "--prior", f"{out}/2021"],
        evaluate(tmp_path / "county"),
    ):
        assert status_of(*command, seconds=60) is not None, command
