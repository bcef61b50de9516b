"""Results are put in place as a whole, however a run ends: killed, starved, stopped, or told to wait."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
import zipfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from pipeline.__main__ import main
from pipeline.output import files as output_files
from pipeline.output import publish
from pipeline.output.sealed import seal
from tests.support import filed
from tests.support.evaluated_inbox import OFFICE, Place, recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.runner import Done, Runner

if sys.platform == "win32":
    pytest.skip("forks, signals and mounts of a POSIX system", allow_module_level=True)

STRACE = shutil.which("strace")
CALLS = ("openat", "write", "fsync", "rename", "renameat2", "linkat", "unlink", "unlinkat", "mkdir", "rmdir", "chmod")
"""The calls of the system that change something on disk, or see to it that it stays."""
SAME = "上次的结果没有改动"


def _traceable() -> bool:
    """Tell whether one process may trace another here: a container may forbid it."""
    return (
        bool(STRACE)
        and subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False).returncode == 0
    )


needs_strace = pytest.mark.skipif(not _traceable(), reason="strace is not installed, or not allowed on this machine")


def own(place: Place) -> set[str]:
    """Give what the program keeps for itself beside the results."""
    return {path.name for path in (place.output / ".jixiao" / "2021").rglob("*")}


KEPT = {"lock", "kept.sqlite", "last.json"}


def settled(place: Place, runner: Runner) -> None:
    """See that the next run finishes what the last did not, and leaves nothing behind."""
    place.send(1)
    assert runner.run(*place.arguments()).status == 0
    assert place.found() == 1
    assert own(place) == KEPT
    assert {path.name for path in place.output.iterdir()} == {".jixiao", "2021"}


# ---------------------------------------------------------------------- killed


def killed_at(numbers: range, place: Place, runner: Runner) -> int:
    """Kill a run before each of these changes on disk; give how many were killed."""
    deaths = 0
    for number in numbers:
        place.send(1 - place.found())
        done = runner.run(*place.arguments(), die_at=number)
        deaths += done.status == -signal.SIGKILL
        place.found()
    return deaths


@pytest.mark.slow
def test_killed_at_some_writes(place: Place, runner: Runner) -> None:
    """An output is the old one or the new one, never half: here killed before every 20th change on disk."""
    assert killed_at(range(5, 130, 20), place, runner) >= 4
    settled(place, runner)


@pytest.mark.slow
def test_killed_at_any_moment(place: Place, runner: Runner) -> None:
    """An output is the old one or the new one, never half: killed 120 times at random moments."""
    dice = random.Random(8)
    place.send(1)
    before = time.monotonic()
    runner.run(*place.arguments())
    took = time.monotonic() - before
    deaths = 0
    while deaths < 120:
        place.send(1 - place.found())
        timers: list[threading.Timer] = []

        def begin(pid: int, timers: list[threading.Timer] = timers) -> None:
            timers.append(threading.Timer(dice.uniform(0, took), os.kill, (pid, signal.SIGKILL)))
            timers[0].start()

        done = runner.run(*place.arguments(), before=begin)
        timers[0].cancel()
        deaths += done.status == -signal.SIGKILL
        place.found()
    settled(place, runner)


def test_a_run_without_changes_finishes_an_interrupted_one(place: Place, runner: Runner) -> None:
    """What an interrupted run has left is swept by the next, also where that has nothing else to do."""
    place.send(1)
    assert runner.run(*place.arguments()).status == 0
    place.send(0)
    killed = runner.run(*place.arguments(), die_at=20)
    assert killed.status == -signal.SIGKILL
    assert (place.output / ".2021-swap").exists()
    settled(place, runner)


def test_results_open_and_speak_only_of_each_other(place: Place) -> None:
    """An output is the old one or the new one, never half: workbooks open with all sheets, link to what is there."""
    folder = place.output / "2021"
    sheets = {
        name: openpyxl.load_workbook(folder / name, read_only=True).sheetnames
        for name in recorded(folder)
        if "xlsx" in name
    }
    assert sheets[f"部门评分/{OFFICE}.xlsx"][0] == "评价结果"
    assert len(sheets["全县汇总.xlsx"]) > 10
    with zipfile.ZipFile(folder / "全县汇总.xlsx") as book:
        parts = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".rels"))
    links = set(re.findall(r'Target="([^"]*)" TargetMode="External"', parts))
    assert links
    assert all((folder / link.replace("\\", "/")).is_file() for link in links)


def test_what_the_bureau_laid_there_stays(place: Place, runner: Runner) -> None:
    """An output is the old one or the new one, never half: what is not the program's own stays, after a kill too."""
    note = place.output / "2021" / "批示" / "意见.txt"
    note.parent.mkdir()
    note.write_text("已阅", encoding="utf-8")
    for number in (60, 110):
        place.send(1 - place.found({"批示/意见.txt"}))
        runner.run(*place.arguments(), die_at=number)
        assert note.read_text(encoding="utf-8") == "已阅"


def test_what_is_half_written_is_swept(tmp_path: Path) -> None:
    """An output is the old one or the new one, never half: what was being written goes, and nothing else."""
    folder, new = tmp_path / "2021", tmp_path / ".2021-swap" / "new"
    new.mkdir(parents=True)
    folder.mkdir()
    (new / "run.json").write_text('{"outputs": {"half.csv"', encoding="utf-8")
    (new / "half.csv").write_text("half", encoding="utf-8")
    (new / "closed").mkdir(mode=0o500)
    (folder / "意见.txt").write_text("一", encoding="utf-8")
    with publish.exclusive_lock(folder):
        assert [each.name for each in folder.iterdir()] == ["意见.txt"]
        assert not new.parent.exists()


def results(folder: Path, outputs: dict[str, str]) -> None:
    """Write a folder of results with their record, as a run does."""
    folder.mkdir(parents=True)
    for name, content in outputs.items():
        (folder / name).write_text(content, encoding="utf-8")
    digests = {name: hashlib.sha256(content.encode()).hexdigest() for name, content in outputs.items()}
    (folder / "run.json").write_bytes(seal({"outputs": digests}))


def test_what_is_laid_there_during_the_exchange_stays(tmp_path: Path) -> None:
    """Work of people is never lost: what was laid or saved while results were replaced comes along, after a kill too.

    Of a file of people's that was saved meanwhile the newer version has the name; a result that was filled in meanwhile
    is kept beside the new one.
    """
    folder, left = tmp_path / "2021", tmp_path / ".2021-swap" / "ready"
    results(folder, {"new.csv": "new", "复核意见.xlsx": "new"})  # as after the exchange
    results(left, {"old.csv": "old", "复核意见.xlsx": "old"})
    (folder / "意见.txt").write_text("一", encoding="utf-8")
    (left / "意见.txt").write_text("二", encoding="utf-8")
    os.utime(folder / "意见.txt", (1, 1))
    (left / "后到.txt").write_text("三", encoding="utf-8")
    (left / "复核意见.xlsx").write_text("已填", encoding="utf-8")
    with publish.exclusive_lock(folder) as locked:
        found = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.name != "run.json"}
        assert found == {
            "new.csv": "new",
            "复核意见.xlsx": "new",
            "复核意见（旧1）.xlsx": "已填",
            "后到.txt": "三",
            "意见.txt": "二",
            "意见（旧1）.txt": "一",
        }
        assert sorted(locked.renamed) == ["复核意见（旧1）.xlsx", "意见（旧1）.txt"]
        assert not left.parent.exists()


def test_a_single_file_is_placed_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An output is the old one or the new one, never half: also a file alone; what a kill has left goes in an hour."""
    path = tmp_path / "部门名册.xlsx"
    output_files.write_file(path, b"old")
    left = tmp_path / ".writing-x"
    left.write_bytes(b"ha")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            output_files.write_file(path, b"new")
    assert sorted(each.name for each in tmp_path.iterdir()) == [".writing-x", path.name]
    assert path.read_bytes() == b"old"
    os.utime(left, (time.time() - 4000,) * 2)
    output_files.write_file(path, b"new")
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize(
    "lay",
    [os.mkfifo, lambda path: path.mkdir(), lambda path: path.symlink_to("没有的文件")],
    ids=["pipe", "folder", "dangling link"],
)
def test_what_is_no_file_in_the_place_of_a_document_is_kept(tmp_path: Path, lay: Callable[[Path], None]) -> None:
    """Work of people is never lost: a pipe, folder or link to nothing called as a document is kept beside it."""
    path = tmp_path / "全县通报.docx"
    lay(path)
    kind = stat.S_IFMT(path.lstat().st_mode)
    kept = output_files.write_file_keeping_old(path, b"circular")
    assert kept == tmp_path / "全县通报（旧1）.docx"
    assert stat.S_IFMT(kept.lstat().st_mode) == kind
    assert path.read_bytes() == b"circular"
    assert output_files.write_file_keeping_old(path, b"circular") is None


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o007, 0o660), (0o077, 0o600)])
def test_a_single_file_follows_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    """An output is the old one or the new one, never half: a file alone is open to those whom the umask lets in."""
    before = os.umask(umask)
    try:
        output_files.write_file(tmp_path / "部门名册.xlsx", b"list")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "部门名册.xlsx").stat().st_mode) == mode


# ---------------------------------------------------------------------- at each call of the system


class Traced:
    """Traces a run, and has the system do something at a call of it."""

    def __init__(self, log: Path, inject: str = "") -> None:
        """Trace every call that writes."""
        self.log = log
        self._command = ["strace", "-qq", "-f", "-o", str(log), "-e", f"trace={','.join(CALLS)}"]
        self._command += ["-e", f"inject={inject}"] if inject else []
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, pid: int) -> None:
        """Attach to a process, and wait until it is traced."""
        self._process = subprocess.Popen([*self._command, "-p", str(pid)], stderr=subprocess.DEVNULL)
        status = Path(f"/proc/{pid}/status")
        while "TracerPid:\t0\n" in status.read_text(encoding="ascii"):
            time.sleep(0.002)

    def calls(self) -> list[tuple[str, int]]:
        """Give every call that writes, its name and which of that name it is; files that are only read do not count."""
        assert self._process is not None
        self._process.wait(timeout=10)
        counts: dict[str, Iterator[int]] = {name: count(1) for name in CALLS}
        found = []
        for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines():
            called = re.match(r"\d+ +(\w+)\((.*)", line)
            if called:
                number = next(counts[called[1]])
                read_only = called[1] == "openat" and not re.search("O_WRONLY|O_RDWR|O_CREAT", called[2])
                message = called[1] == "write" and re.match("[12],", called[2])
                if not read_only and not message:
                    found.append((called[1], number))
        return found


def traced(place: Place, runner: Runner, log: Path, inject: str = "") -> tuple[Done, Traced]:
    """Run with the return that is not evaluated yet."""
    place.send(1 - place.found())
    trace = Traced(log, inject)
    return runner.run(*place.arguments(), before=trace), trace


@needs_strace
@pytest.mark.slow
def test_killed_at_every_call(place: Place, runner: Runner, tmp_path: Path) -> None:
    """An output is the old one or the new one, never half: killed at the 1st, 2nd, 3rd … call that writes."""
    calls = traced(place, runner, tmp_path / "log")[1].calls()
    assert len(calls) > 80
    deaths = 0
    for name, number in calls:
        done, _ = traced(place, runner, tmp_path / "log", f"{name}:signal=KILL:when={number}")
        deaths += done.status == -signal.SIGKILL
        place.found()
    assert deaths > 0.9 * len(calls)
    settled(place, runner)


def refused(done: Done, place: Place, before: int) -> bool:
    """See that a run either succeeded or said why not in Chinese, with status 4, the old results being there."""
    assert "Traceback" not in done.told, done.told
    if done.status == 0:
        assert place.found() == 1 - before
        return False
    assert done.status == 4, done
    assert re.search("不能读写|写不了文件", done.told)
    assert SAME in done.told or "kept.sqlite" in done.told or "lock" in done.told
    assert place.found() == before
    return True


@needs_strace
@pytest.mark.slow
def test_failing_at_every_call(place: Place, runner: Runner, tmp_path: Path) -> None:
    """Whatever the system refuses is told, and the old results stay.

    The 1st, 2nd, 3rd … call that writes fails, as on a full disk, a failing one and one without permission in turn: the
    run ends with status 4 and says why in Chinese, or does without.
    """
    calls = traced(place, runner, tmp_path / "log")[1].calls()
    failures = 0
    for at, (name, number) in enumerate(calls):
        before = place.found()
        error = ("ENOSPC", "EIO", "EACCES")[at % 3]
        done, _ = traced(place, runner, tmp_path / "log", f"{name}:error={error}:when={number}")
        failures += refused(done, place, before)
    assert failures > 40
    settled(place, runner)


@needs_strace
@pytest.mark.slow
def test_failing_at_some_calls(place: Place, runner: Runner, tmp_path: Path) -> None:
    """Whatever the system refuses is told, and the old results stay: here at four calls, one of each kind."""
    for inject in ("write:error=ENOSPC:when=4", "fsync:error=EIO:when=3", "mkdir:error=EACCES", "renameat2:error=EIO"):
        before = place.found()
        done, _ = traced(place, runner, tmp_path / "log", inject)
        assert refused(done, place, before), inject
    settled(place, runner)


@needs_strace
@pytest.mark.slow
def test_without_exchange_it_takes_two_renames(place: Place, runner: Runner, tmp_path: Path) -> None:
    """An output is the old one or the new one, never half: also where the system cannot exchange two folders."""
    done, trace = traced(place, runner, tmp_path / "log", "renameat2:error=EINVAL")
    assert done.status == 0
    renames = [number for name, number in trace.calls() if name == "rename"]
    assert len(renames) == 4  # ready, aside, in place, and what the run was of
    assert place.found() == 1
    for number in renames[:3]:
        place.send(0)
        trace = Traced(tmp_path / "log")
        trace._command += ["-e", "inject=renameat2:error=EINVAL", "-e", f"inject=rename:signal=KILL:when={number}"]  # noqa: SLF001
        assert runner.run(*place.arguments(), before=trace).status == -signal.SIGKILL
        shutil.rmtree(place.output / ".jixiao")  # always safe: nothing but time is lost with it
        place.send(1)
        os.utime(place.inbox / "样板局.xlsx", (1650000100,) * 2)  # copied anew: the run is not passed over
        assert runner.run(*place.arguments()).status == 0
        assert place.found() == 1
        assert own(place) == KEPT


# ---------------------------------------------------------------------- no room, no permission, open


@contextlib.contextmanager
def mounted(folder: Path, *how: str) -> Iterator[None]:
    """Mount something at a folder."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *how, str(folder)], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("`mount` is not allowed on this machine")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told(place: Place, runner: Runner) -> None:
    """Whatever the system refuses is told, and the old results stay: on a disk of 64 kB, with what to do."""
    full = place.output / "full"
    with mounted(full, "-t", "tmpfs", "-o", "size=64k", "tmpfs"):
        done = runner.run("evaluate", place.inbox, "-o", full)
        assert done.status == 4
        assert "磁盘已满" in done.told
        assert "腾出空间" in done.told
        assert SAME in done.told
        assert not (full / "2021").exists()


def test_a_bound_on_files_is_told(place: Place, runner: Runner) -> None:
    """Whatever the system refuses is told, and the old results stay: where no file may be larger than 8 kB."""
    place.send(1)
    done = runner.run(*place.arguments(), largest=8192)
    assert done.status == 4
    assert "文件超过了系统允许的大小" in done.told or "磁盘或网络读写出错" in done.told
    assert place.found() == 0


def test_a_read_only_disk_is_told(place: Place, runner: Runner) -> None:
    """Whatever the system refuses is told, and the old results stay: where nothing may be written."""
    place.send(1)
    with mounted(place.output, "--bind", "-o", "ro", str(place.output)):
        done = runner.run(*place.arguments())
        assert done.status == 4
        assert "磁盘是只读的" in done.told
        assert place.found() == 0


def test_a_file_in_the_way_is_told(place: Place, runner: Runner, tmp_path: Path) -> None:
    """Whatever the system refuses is told, and the old results stay: a file in the place of the results stays."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    done = runner.run("evaluate", place.inbox, "-o", tmp_path / "file")
    assert done.status == 4
    assert "不能读写" in done.told
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("owner", ["~$全县汇总.xlsx", "部门评分/.~lock.示例县样板局.xlsx#"])
def test_an_open_workbook_is_told(place: Place, runner: Runner, owner: str) -> None:
    """Whatever the system refuses is told, and the old results stay: one open in WPS, Excel or LibreOffice is named."""
    place.send(1)
    (place.output / "2021" / owner).write_bytes(b"owner")
    done = runner.run(*place.arguments())
    assert done.status == 4
    assert owner in done.told
    assert "请关闭后再运行" in done.told
    (place.output / "2021" / owner).unlink()
    assert place.found() == 0


# ---------------------------------------------------------------------- two at once, and stopped


class Command:
    """The real command with its workers, in a session of its own."""

    def __init__(self, *arguments: object) -> None:
        """Start it."""
        # Whoever runs the tests in the background has Ctrl-C shut out.
        command = ["env", "--default-signal=INT", sys.executable, "-m", "pipeline", *map(str, arguments)]
        self.process = subprocess.Popen(
            command, cwd=filed.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )

    def members(self) -> list[int]:
        """Give the processes of its session that are there."""
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                words = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                if int(words[3]) == self.process.pid and words[0] != "Z":
                    found.append(int(status.parent.name))
        return found

    def reading(self) -> None:
        """Wait until it has workers: their bookkeeper and two more."""
        end = time.monotonic() + 60
        while len(self.members()) < 4:
            assert time.monotonic() < end
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.01)

    def gone(self) -> bool:
        """Tell whether nothing of it is left within a second."""
        end = time.monotonic() + 1
        while self.members() and time.monotonic() < end:
            time.sleep(0.02)
        return not self.members()


@pytest.fixture
def many(place: Place) -> Place:
    """Give the inbox with 60 more returns, which take two workers some seconds."""
    for number in range(60):
        shutil.copy(place.inbox / "样板局.xlsx", place.inbox / f"{number}.xlsx")
        _touched(place.inbox / f"{number}.xlsx", number)
    return place


def _touched(path: Path, number: int) -> None:
    """Make the bytes of a workbook differ from those of any other."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr(f"customXml/item{number}.xml", f"<a>{number}</a>")


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc on this machine")


@needs_proc
@pytest.mark.parametrize(
    ("stop", "status", "told"), [(signal.SIGINT, 130, "已中断。\n"), (signal.SIGTERM, 143, "已被终止。\n")]
)
def test_a_run_that_is_stopped(many: Place, stop: signal.Signals, status: int, told: str) -> None:
    """A run that is stopped leaves nothing behind: one line, its status, no worker, the old results.

    Ctrl-C reaches every process of a terminal, SIGTERM the program alone.
    """
    command = Command(*many.arguments(), "--jobs", 2)
    command.reading()
    (os.killpg if stop is signal.SIGINT else os.kill)(command.process.pid, stop)
    out, err = command.process.communicate(timeout=30)
    assert command.gone()
    assert (command.process.returncode, err.decode()) == (status, told)
    assert re.fullmatch(r"(评价年度：.*\n)?", out.decode())  # the year is said before anything is read
    assert many.found() == 0


@needs_proc
def test_a_run_whose_parent_is_killed(many: Place, runner: Runner) -> None:
    """A run that is stopped leaves nothing behind: no worker and no lock, even where kill -9 stopped it."""
    command = Command(*many.arguments(), "--jobs", 2)
    command.reading()
    command.process.kill()
    command.process.communicate(timeout=30)
    assert command.gone()
    assert many.found() == 0
    shutil.rmtree(many.inbox)
    many.inbox.mkdir()
    settled(many, runner)


def test_two_runs_at_once(place: Place, runner: Runner, capsys: pytest.CaptureFixture[str]) -> None:
    """Of two runs at once the second says so and stops: with status 3; the lock of a killed run is no lock."""
    place.send(1)
    with publish.exclusive_lock(place.output.resolve() / "2021"):
        assert main(list(map(str, place.arguments()))) == 3
        assert capsys.readouterr().err == f"另一次评价正在写 {place.output.resolve() / '2021'}；请等它结束后再运行。\n"
        assert runner.run(*place.arguments()).status == 3
        assert place.found() == 0
    assert runner.run(*place.arguments(), die_at=60).status == -signal.SIGKILL
    assert (place.output / ".jixiao" / "2021" / "lock").exists()
    settled(place, runner)


def test_a_disk_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system refuses is told, and the old results stay: a share that knows no locks is told as such."""
    import fcntl  # noqa: PLC0415 - not on Windows

    def unknown(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unknown)
    with pytest.raises(ValueError, match="不支持文件锁"), publish.exclusive_lock(tmp_path / "2021"):
        pass


def test_what_is_remembered_is_of_these_results(place: Place, runner: Runner) -> None:
    """Same inputs, same bytes: an inbox that is again as it was gets its own results, not those that came between."""
    path = place.inbox / "样板局.xlsx"
    os.utime(path, (1_650_000_000, 1_650_000_000))
    assert runner.run(*place.arguments()).status == 0
    remembered = (place.output / ".jixiao" / "2021" / "last.json").read_bytes()
    place.send(1)
    assert runner.run(*place.arguments()).status == 0
    # As after a watch, which does not remember, or a kill before it could.
    (place.output / ".jixiao" / "2021" / "last.json").write_bytes(remembered)
    place.send(0)
    os.utime(path, (1_650_000_000, 1_650_000_000))
    done = runner.run(*place.arguments())
    assert "结果是上次的" not in done.told
    assert place.found() == 0


def test_damage_of_what_is_kept_stops_no_run(place: Place, runner: Runner) -> None:
    """Whatever bytes of what is kept are damaged, the next run gives the same results."""
    dice = random.Random(8)
    path = place.output / ".jixiao" / "2021" / "kept.sqlite"
    for _ in range(2):
        content = bytearray(path.read_bytes())
        for _ in range(40):
            content[dice.randrange(len(content))] = dice.randrange(256)
        path.write_bytes(content)
        place.send(1 - place.found())
        done = runner.run(*place.arguments())
        assert done.status == 0, done.told
