"""The benchmark measures what it says: the floor is the same work, memory is whose it is, a touched file is seen."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from benchmarks import faulty, floor, process, province, tape, touched
from benchmarks.goals import GOALS, SIZES
from benchmarks.table import Measurement, format_table
from pipeline import demo
from pipeline.demo.county import LEAST
from pipeline.evaluate import evaluate
from pipeline.workbooks.writer import MADE
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, policy: Policy, seed: dict[str, Any]) -> tuple[Path, Path, Path]:
    """Evaluate the seed return while it is recorded; give inbox, results and tapes."""
    folder = tmp_path_factory.mktemp("recorded")
    inbox, output, tapes = (folder / name for name in ("inbox", "output", "tapes"))
    inbox.mkdir()
    tapes.mkdir()
    (inbox / "科工局.xlsx").write_bytes(filed.workbook(seed))
    with tape.recording(tapes):
        evaluate(inbox, output, policy)
    return inbox, output, tapes


def test_the_floor_writes_the_same_bytes(recorded: tuple[Path, Path, Path]) -> None:
    """Scored workbook, 复核意见 and 全县汇总 of the seed are written again, byte for byte, by XlsxWriter alone."""
    _, output, tapes = recorded
    written = {path.read_bytes() for path in output.rglob("*.xlsx") if "退回修改" not in path.parts}
    assert len(written) == 3
    assert written <= {tape.replay(each)[0] for each in tapes.iterdir()}


def test_the_floor_takes_time_to_read_and_to_write(recorded: tuple[Path, Path, Path]) -> None:
    """Each part of the floor costs something, and the county's workbooks are only one part of all that are written."""
    found = floor.seconds(*recorded)
    assert min(found.values()) > 0
    assert found["county"] < found["write"]


def test_a_workbook_that_was_written_otherwise_is_told(recorded: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """When XlsxWriter alone does not come to the bytes of the run, there is no floor, but an error."""
    inbox, output, tapes = recorded
    shutil.copytree(output, tmp_path / "other")
    (book,) = tmp_path.glob("other/2021/部门评分/*")
    book.write_bytes(book.read_bytes() + b"\0")
    with pytest.raises(ValueError, match=r"1 workbooks, one is .*部门评分"):
        floor.seconds(inbox, tmp_path / "other", tapes)


class _Sheet(Worksheet):
    """A sheet of our own, that has a method of its own and does another one itself."""

    def both(self, text: str) -> None:
        self.write_string(0, 0, text)
        self.write_string(1, 0, text)

    def set_landscape(self) -> None:
        self.orientation = 0
        self.page_setup_changed = True


class _Book(xlsxwriter.Workbook):
    worksheet_class = _Sheet


def test_classes_of_our_own_are_played_by_the_stock_ones(tmp_path: Path) -> None:
    """Calls of a sheet of our own, formats deep inside an option too, are kept as calls of the stock class."""
    buffer = io.BytesIO()
    with tape.recording(tmp_path):
        book = _Book(buffer, {"in_memory": True})
        book.set_properties({"created": MADE})
        sheet: Any = book.add_worksheet("甲", worksheet_class=_Sheet)
        sheet.set_landscape()
        sheet.both("=1")
        rule = {"type": "cell", "criteria": ">", "value": 1, "format": book.add_format({"bold": True})}
        sheet.conditional_format(0, 0, 1, 0, rule)
        book.close()
    (made,) = tmp_path.iterdir()
    assert tape.replay(made)[0] == buffer.getvalue()
    assert xlsxwriter.Workbook.close.__qualname__ == "Workbook.close"
    assert not hasattr(xlsxwriter.Workbook.close, "__wrapped__")


def test_a_file_written_again_is_touched(tmp_path: Path) -> None:
    """The same bytes written anew count as touched, but for the books of the return that changed and the county's."""
    names = ("2021/部门评分/甲局.xlsx", "2021/部门评分/乙局.xlsx", "2021/退回修改/乙局.xlsx", "2021/全县汇总.xlsx")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"old")
    before = touched.file_states(tmp_path)
    assert touched.find_breach(before, before) == ""
    assert touched.find_breach(before, before, "甲局") == "the changed return's own books are as before"
    for name, content in zip(names, (b"new", b"old", b"old", b"new"), strict=True):
        (tmp_path / name).unlink()
        (tmp_path / name).write_bytes(content)
    (tmp_path / names[2]).unlink()
    after = touched.file_states(tmp_path)
    assert touched.find_breach(before, after, "甲局") == "2 books of other departments touched"
    assert touched.find_breach(before, after) == "3 books of other departments touched"


def test_one_return_of_the_demo_is_changed(tmp_path: Path, policy: Policy) -> None:
    """The change is to one file of the inbox, that of a department with no other file there."""
    demo.write_demo(tmp_path, policy.year, count=LEAST)
    before = touched.file_states(tmp_path)
    department = touched.change_one_return(tmp_path / demo.INBOX, policy.year, demo.SEED, LEAST)
    after = touched.file_states(tmp_path)
    assert [name for name in before if before[name].sha256 != after[name].sha256] == [f"inbox/{department}.xlsx"]
    assert len([name for name in before if name.startswith(f"inbox/{department}")]) == 1


def test_memory_is_told_apart() -> None:
    """150 MB that a child holds are the worker's and not the parent's; its seconds are counted with the tree's."""
    child = "import time; held = bytearray(150_000_000); time.sleep(0.3); sum(range(10_000_000))"
    ran = process.python("-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])")
    assert 150 < ran.worker < 200
    assert 5 < ran.parent < 100
    assert ran.cpu > 0.05


def test_what_tests_bring_is_not_measured() -> None:
    """A command that is measured finds no Hypothesis, which pandera would bring in where tests are run."""
    assert find_spec("hypothesis")
    with pytest.raises(RuntimeError, match="ImportError"):
        process.python("-c", "import hypothesis")


def test_the_table_says_what_is_met() -> None:
    """A figure at its limit is met, one beyond it is not, nor one with a breach; what was not measured is left out."""
    found = {
        "one_changed": Measurement(2.5, "1.2 ×", otherwise=True),
        "floor": Measurement(1.6, "32 over 20"),
        "plain": Measurement(4.99),
        "again": Measurement(2, breach="3 books touched"),
        "parent_large": Measurement(1234),
    }
    assert list(format_table(found, SIZES["full"])) == [
        "| what | measured | goal | met |",
        "|---|---|---|---|",
        "| the same in a fresh process | 2.5 s; 1.2 × | ≤ 2 s, or 1.25 × what cannot be left out | yes |",
        "| evaluate 1,000 returns, one process: CPU seconds over the floor's | 1.6 ×; 32 over 20 | ≤ 1.6 × | yes |",
        "| the straightforward way over ours, 1,000 returns, seconds of waiting | 4.99 × | ≥ 5 × | no |",
        "| second run, nothing changed, of the first, 1,000 returns | 2 %; 3 books touched | ≤ 5 % | no |",
        "| peak memory of the main process, 10,000 returns | 1,234 MB | ≤ 600 MB | no |",
    ]


def bench(size: str) -> subprocess.CompletedProcess[str]:
    """Run the benchmark as make does."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", size],
        capture_output=True,
        text=True,
        check=False,
        cwd=filed.ROOT,
        encoding="utf-8",
    )


@pytest.mark.slow
def test_every_row_is_measured() -> None:
    """At the smallest size every row is there, after the line that names the machine."""
    done = bench("tiny")
    assert done.returncode == 0, done.stderr
    first, blank, *lines = done.stdout.splitlines()
    assert "Python 3" in first
    assert blank == ""
    assert len(lines) == 2 + len(GOALS)
    for line in lines:
        assert line.count("|") == 5
        assert line.startswith("|")
        assert line.endswith("|")
    assert {line.split("|")[-2].strip() for line in lines[2:]} <= {"yes", "no"}


def test_an_unknown_size_is_wrong_usage() -> None:
    """A size that there is not ends in 2 and names those that there are."""
    done = bench("huge")
    assert (done.returncode, done.stderr.strip()) == (2, "SIZE: full | county | small | tiny")


def test_a_faulty_county_is_the_example_many_times(tmp_path: Path, policy: Policy) -> None:
    """Each return of the faulty county is the example of another department: the same points and kinds of findings."""
    faulty.write_faulty_county(filed.EXAMPLE, tmp_path / "inbox", policy.year, 2)
    run = evaluate(tmp_path / "inbox", tmp_path / "out", policy)
    summary = run.county_tables.summary
    assert summary["department"].tolist() == ["示例县第1局", "示例县第2局"]
    assert summary["points"].tolist() == [76.02, 76.02]
    assert summary["errors"].tolist() == [8, 8]


@pytest.mark.slow
def test_a_county_that_differs_is_told(tmp_path: Path, policy: Policy) -> None:
    """A county whose results among others have other bytes than alone is named, with the file."""
    (tmp_path / "inbox" / "甲县").mkdir(parents=True)
    shutil.copy(filed.EXAMPLE, tmp_path / "inbox" / "甲县")
    among = tmp_path / "out" / "甲县"
    evaluate(tmp_path / "inbox" / "甲县", among, policy)
    assert province.find_difference(tmp_path / "inbox", among.parent, policy.year, tmp_path / "alone") == ""
    (among / str(policy.year) / "data" / "facts.csv").write_bytes(b"")
    told = province.find_difference(tmp_path / "inbox", among.parent, policy.year, tmp_path / "again")
    assert told == "甲县: data/facts.csv differ"
