"""A run speaks to nobody and starts nothing but its own workers."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.output.test_publish import needs_strace
from tests.support import filed, hostile

if TYPE_CHECKING:
    from pathlib import Path

UNSHARE = next(
    (
        how
        for how in (["unshare", "-n"], ["unshare", "-rn"])
        if shutil.which("unshare") and subprocess.run([*how, "true"], capture_output=True, check=False).returncode == 0
    ),
    None,
)


@pytest.fixture
def command(tmp_path: Path, clean: dict[str, Any], seed: dict[str, Any]) -> list[str]:
    """Give the command over an inbox of returns and of files that would like to reach out."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "样板局.xlsx").write_bytes(filed.workbook(clean))
    (inbox / "科工局.xlsx").write_bytes(filed.workbook(seed))
    for name in ("external_entity", "external_link", "macros", "old_workbook_with_flags", "billion_laughs"):
        (inbox / f"{name}.xlsx").write_bytes(hostile.CASES[name].make())
    return [sys.executable, "-m", "pipeline", "evaluate", str(inbox), "-o", str(tmp_path / "out"), "--jobs", "2"]


@pytest.mark.skipif(UNSHARE is None, reason="`unshare -n` is not available on this machine")
@pytest.mark.slow
def test_no_network_is_needed(command: list[str]) -> None:
    """No network, nothing executed: a run does its work where there is no network at all, not even to itself."""
    assert UNSHARE is not None
    done = subprocess.run([*UNSHARE, *command], cwd=filed.ROOT, capture_output=True, check=True, encoding="utf-8")
    assert "评价 2 个部门" in done.stdout


@needs_strace
@pytest.mark.slow
def test_nothing_is_connected_to_or_started(command: list[str], tmp_path: Path) -> None:
    """No network, nothing executed: no socket is opened, and no program started but Python for the workers."""
    log = tmp_path / "log"
    trace = ["strace", "-qq", "-f", "-o", str(log), "-e", "trace=execve,execveat,socket,connect,sendto"]
    subprocess.run([*trace, *command], cwd=filed.ROOT, capture_output=True, check=True)
    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if "resumed" not in line]
    assert not [line for line in lines if re.search(r"\b(socket|connect|sendto)\(", line)]
    started = [
        line for line in lines if "execve(" in line and not line.rstrip().endswith("ENOENT (No such file or directory)")
    ]
    # The command itself, the bookkeeper of the workers, and the workers.
    assert 2 <= len(started) <= 6
    assert all(re.search(r'execve\("[^"]*/python[0-9.]*"', line) for line in started), started
    assert all("multiprocessing" in line for line in started[1:]), started


AUDITED = """
import sys
events = []
def hook(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork",
                         "urllib.", "webbrowser.", "ftplib.", "smtplib.", "http.", "pickle.")):
        events.append(event)
from pipeline.workers import open_pool, pool
from pipeline.__main__ import main
open_pool.open_pool = lambda *_: pool.WorkerPool()
sys.addaudithook(hook)
status = main(["evaluate", sys.argv[1], "-o", sys.argv[2]])
print(sorted(set(events)), status, file=sys.stderr)
"""


def test_reading_itself_runs_nothing(command: list[str], tmp_path: Path) -> None:
    """No network, nothing executed: reading, judging and writing call nothing that could, as Python itself tells."""
    done = subprocess.run(
        [sys.executable, "-c", AUDITED, command[4], str(tmp_path / "out")],
        cwd=filed.ROOT, capture_output=True, check=True, encoding="utf-8",
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == "[] 0"
