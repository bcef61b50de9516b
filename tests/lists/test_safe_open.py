"""The bureau's lists are opened as returns are: no pipe or device is waited for, no large file read."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from schemas.lists.own_files import LISTS
from tests.support import filed
from tests.support.in_a_thread import status_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

if sys.platform == "win32":
    pytest.skip("pipes, devices and sparse files as Unix has them", allow_module_level=True)


def pipe(path: Path) -> None:
    """Make a pipe that nobody writes to: to open it waits for ever."""
    os.mkfifo(path)


def device(path: Path) -> None:
    """Link to a device that never ends."""
    path.symlink_to("/dev/zero")


def sparse(path: Path) -> None:
    """Make a file of 64 GB that takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(64 * 2**30)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("make", [pipe, device, sparse])
def test_a_list_is_opened_as_a_return_is(
    name: str,
    make: Callable[[Path], None],
    clean: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No file costs more than a few seconds and 200 MB: a list that is a pipe, a device or 64 GB large is told."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "样板局.xlsx").write_bytes(filed.workbook(clean))
    make(inbox / name)
    arguments = ("evaluate", str(inbox), "-o", str(tmp_path / "out"), "--year", "2021", "--jobs", "1")
    assert status_of(*arguments, seconds=10) == 2
    told = capsys.readouterr().err
    assert name in told
    assert "不是普通文件" in told or "超过20 MB" in told
