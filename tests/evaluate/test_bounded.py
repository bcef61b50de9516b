"""Every stage is bounded: a return that holds too much is a line, a worker that is killed costs nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from multiprocessing import active_children
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import openpyxl
import pytest

from pipeline import department_batches
from pipeline.assess import assess
from pipeline.cli.summary_text import summarise_run
from pipeline.evaluate import evaluate
from pipeline.output.publish import StagedResults
from pipeline.workbooks import write_county, write_departments
from pipeline.workbooks.review_list import ReviewList
from pipeline.workbooks.scored import workbook as scored_workbook
from pipeline.workers import pool
from pipeline.workers.open_pool import open_processes
from pipeline.workers.pool import WorkerPool
from schemas.file_names import COUNTY_WORKBOOK, REVIEWS, SCORED
from tests.support import filed
from tests.support.runner import contents
from tests.support.written import table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.workbooks.scored.data import DepartmentReport
    from pipeline.workers.pool import Packed
    from schemas.policy import Policy


def with_rows(clean: dict[str, Any], department: str, count: int, **texts: str) -> bytes:
    """Make a return with so many more indicators, whose texts are given."""
    more = [clean["indicators"][0] | {"level3": f"指标{number}"} | texts for number in range(count)]
    return filed.workbook(filed.changed(clean, {}, department) | {"indicators": more + clean["indicators"]})


@pytest.mark.parametrize(
    ("count", "texts", "told"),
    [
        (500, {"target": "甲" * 30_000}, "填写的文字有15"),  # 500 × 30,000 = 15 million characters in 50 kB
        (4000, {}, "绩效指标有40"),
        (33, {"target": "甲" * 29_000}, ""),  # 33 × 29,000 = 957,000: below the bound of a million
        (980, {"target": "不低于9个", "actual": "9个"}, ""),
    ],
)
def test_a_return_costs_seconds_or_is_a_line(
    count: int, texts: dict[str, str], told: str, clean: dict[str, Any], tmp_path: Path, policy: Policy
) -> None:
    """No file costs more than a few seconds and 200 MB: also when it is judged and written; one that would is told."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "很长.xlsx").write_bytes(with_rows(clean, "甲局", count, **texts))
    (inbox / "样板局.xlsx").write_bytes(filed.workbook(clean))
    began = time.process_time()
    run = evaluate(inbox, tmp_path / "out", policy, WorkerPool())
    assert time.process_time() - began < 12
    lines = {line["source_file"]: line for line in table(run.folder, "submissions")}
    assert lines["样板局.xlsx"]["status"] == "accepted"
    assert (lines["很长.xlsx"]["status"] == "rejected") == bool(told)
    assert told in lines["很长.xlsx"]["reason"]


def test_a_batch_is_bounded_in_what_it_says(
    clean: dict[str, Any], tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file costs more than a few seconds and 200 MB: what departments say is held a batch at a time."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(4):
        (inbox / f"{number}.xlsx").write_bytes(filed.workbook(filed.changed(clean, {}, f"第{number}局")))
    whole = evaluate(inbox, tmp_path / "whole", policy, WorkerPool())
    sizes: list[int] = []

    def counting(submissions: list[Any], *given: Any, **more: Any) -> Any:
        sizes.append(len(submissions))
        return assess(submissions, *given, **more)

    monkeypatch.setattr(department_batches, "assess", counting)
    monkeypatch.setattr(department_batches, "MOST_CHARACTERS", 1)
    parted = evaluate(inbox, tmp_path / "parted", policy, WorkerPool())
    assert sizes == [1, 1, 1, 1]
    assert contents(parted.folder) == contents(whole.folder)


@pytest.mark.own_processes
@pytest.mark.skipif(sys.platform == "win32", reason="kills by a signal")
@pytest.mark.slow
def test_a_worker_killed_while_writing_costs_nothing(
    clean: dict[str, Any], tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bad file never stops the others: where all who write are killed, it is written again, to the same bytes."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(8):
        (inbox / f"{number}.xlsx").write_bytes(filed.workbook(filed.changed(clean, {}, f"第{number}局")))
    calm = evaluate(inbox, tmp_path / "calm", policy, WorkerPool())
    monkeypatch.setattr(pool, "FEW", 0)
    killed: list[int] = []
    written = StagedResults.write

    def write(results: StagedResults, name: str, content: bytes) -> str:
        if name.startswith(SCORED) and not killed:
            killed.extend(filter(None, (each.pid for each in active_children())))
            for each in killed:
                os.kill(each, signal.SIGKILL)
        return written(results, name, content)

    monkeypatch.setattr(StagedResults, "write", write)
    with open_processes(2, 3) as two:
        run = evaluate(inbox, tmp_path / "out", policy, two)
    assert killed
    assert not run.unwritten
    assert contents(run.folder) == contents(calm.folder)


def dying(case: DepartmentReport) -> bytes:
    """Write a scored workbook; that of 乙局 ends the process, each time."""
    if case.department == "乙局":
        os._exit(9)
    return scored_workbook.write_scored_workbook(case)


@pytest.mark.own_processes
@pytest.mark.slow
def test_a_workbook_that_cannot_be_written_is_listed(
    clean: dict[str, Any], tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bad file never stops the others: whose workbook ends each process that writes it is named at the end."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("甲局", "乙局", "丙局"):
        (inbox / f"{name}.xlsx").write_bytes(filed.workbook(filed.changed(clean, {}, name)))
    monkeypatch.setattr(pool, "FEW", 0)
    with monkeypatch.context() as patched, open_processes(2, 3) as two:
        patched.setattr(write_departments, "_score", dying)
        run = evaluate(inbox, tmp_path / "out", policy, two)
    assert run.unwritten == ("部门评分/乙局.xlsx",)
    assert {path.name for path in (run.folder / "部门评分").iterdir()} == {"甲局.xlsx", "丙局.xlsx"}
    assert {line["department"] for line in table(run.folder, "summary")} == {"甲局", "乙局", "丙局"}
    assert "没有写成的工作簿（1 个" in summarise_run(run)
    with closing(openpyxl.load_workbook(run.folder / COUNTY_WORKBOOK)) as book:
        links = {link.target for sheet in book for row in sheet.iter_rows() for cell in row if (link := cell.hyperlink)}
    assert {PureWindowsPath(unquote(link)).name for link in links if link} == {"甲局.xlsx", "丙局.xlsx"}
    again = evaluate(inbox, tmp_path / "out", policy, WorkerPool())
    assert not again.unwritten
    assert (again.folder / "部门评分" / "乙局.xlsx").is_file()


class Telling(WorkerPool):
    """Works in this process, and remembers on what."""

    def __init__(self) -> None:
        """Remember from now on."""
        self.items: list[object] = []

    def pack(self, items: list[Any]) -> Packed[Any]:
        """Pack items, and remember them."""
        self.items += items
        return super().pack(items)


def test_the_list_is_the_same_whoever_writes_it(
    clean: dict[str, Any], tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker writes 复核意见 of many departments, and this process that of few or very many: the same bytes."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "样板局.xlsx").write_bytes(filed.workbook(clean))
    written: list[bytes] = []
    for few, many, by_worker in ((1, 9, False), (0, 1, True), (0, 0, False)):
        monkeypatch.setattr(write_county, "FEW", few)
        monkeypatch.setattr(write_county, "MANY", many)
        workers = Telling()
        folder = evaluate(inbox, tmp_path / f"out{len(written)}", policy, workers).folder
        assert any(isinstance(each, ReviewList) for each in workers.items) is by_worker
        written.append((folder / REVIEWS).read_bytes())
    assert len(set(written)) == 1


STARVED = """
import os, resource, sys
import pipeline.evaluate, pipeline.cli.evaluate, pipeline.workbooks.write_departments, pipeline.workbooks.write_county
from pipeline.__main__ import main
with open("/proc/self/statm") as stream:
    held = int(stream.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
resource.setrlimit(resource.RLIMIT_AS, (held + int(sys.argv[1]) * 2**20,) * 2)
status = main(["evaluate", sys.argv[2], "-o", sys.argv[3], "--year", "2021", "--jobs", "1"])
sys.stderr.flush()
os._exit(status)
"""


@pytest.fixture
def starve(tmp_path: Path, policy: Policy, clean: dict[str, Any]) -> Callable[[int], subprocess.CompletedProcess[str]]:
    """Give what evaluates a return more with so many megabytes to spare, and sees that the old results stay."""
    inbox, output = tmp_path / "inbox", tmp_path / "out"
    inbox.mkdir()
    (inbox / "a.xlsx").write_bytes(filed.workbook(clean))
    folder = evaluate(inbox, output, policy).folder
    before = contents(folder)
    (inbox / "b.xlsx").write_bytes(filed.workbook(filed.changed(clean, {}, "示例县乙局")))

    def run(megabytes: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", STARVED, str(megabytes), str(inbox), str(output)]
        ended = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=120)
        assert contents(folder) == before
        return ended

    return run


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited as Linux does")
@pytest.mark.parametrize("megabytes", [2, 24])
def test_a_want_of_memory_is_told(starve: Callable[[int], subprocess.CompletedProcess[str]], megabytes: int) -> None:
    """Whatever the system refuses is told, and the old results stay: no memory for a process, or for a thread."""
    ended = starve(megabytes)
    assert ended.returncode == 4
    assert "没有做完；已有的结果没有改动。\n请关闭其他程序后再运行" in ended.stderr
    assert "内存不够" in ended.stderr
    assert "main(" not in ended.stderr  # no traceback of the command itself


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited as Linux does")
def test_without_any_memory_the_old_results_stay(starve: Callable[[int], subprocess.CompletedProcess[str]]) -> None:
    """Libraries in Rust end the process where they get no memory at all, before anything is written."""
    assert starve(0).returncode in {4, -signal.SIGABRT}
