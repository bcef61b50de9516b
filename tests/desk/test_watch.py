"""`jixiao watch`: evaluates what arrives, says what changed, goes on after a failure, and ends cleanly."""

from __future__ import annotations

import itertools
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import watchfiles

from pipeline.__main__ import main
from pipeline.cli import evaluation_options, watch
from pipeline.intake import arrivals
from pipeline.output.lock import BusyError
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED, GOOD = "衡阳县科技和工业信息化局", "示例县样板局"
ARRIVAL = {(watchfiles.Change.added, "x.xlsx")}
QUIET: set[tuple[watchfiles.Change, str]] = set()


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """Give a watch whose rounds are a script: each step is done, then its changes are told; Ctrl-C ends it.

    No time passes while it waits for files to settle. What it gives are the options that `watchfiles` was given.
    """
    (tmp_path / "inbox").mkdir()
    monkeypatch.setattr(time, "sleep", lambda _: None)
    given: list[dict[str, Any]] = []

    def run(*steps: tuple[Callable[[], object] | None, set[tuple[watchfiles.Change, str]]], more: str = "") -> Any:
        def rounds(*_: object, **options: Any) -> Iterator[set[tuple[watchfiles.Change, str]]]:
            given.append(options)
            for do, changes in steps:
                if do:
                    do()
                yield changes
            raise KeyboardInterrupt

        monkeypatch.setattr(watchfiles, "watch", rounds)
        assert main(["watch", str(tmp_path / "inbox"), "-o", str(tmp_path / "out"), "--jobs", "1", *more.split()]) == 0
        return given

    return run


def test_what_arrives_is_evaluated_and_what_changed_is_told(
    scripted: Callable[..., Any],
    tmp_path: Path,
    seed: dict[str, Any],
    clean: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An empty inbox is told; a return that comes, a correction and a quiet round each do what they should."""
    inbox = tmp_path / "inbox"
    corrected = filed.changed(clean, {}, SEED)
    scripted(
        (None, QUIET),
        (lambda: (inbox / "科工局.xlsx").write_bytes(filed.workbook(seed)), ARRIVAL),
        (lambda: (inbox / "样板局.xlsx").write_bytes(filed.workbook(clean)), ARRIVAL),
        (None, QUIET),
        (None, ARRIVAL),
        (lambda: (inbox / "科工局.xlsx").write_bytes(filed.workbook(corrected)), ARRIVAL),
        ((inbox / "样板局.xlsx").unlink, ARRIVAL),
    )
    told = capsys.readouterr()
    assert "没有报表" in told.err
    lines = told.out.splitlines()
    assert lines[0].startswith("正在值守")
    assert lines[-1] == "已停止值守，结果以最后一次评价为准。"
    assert [line[6:] for line in lines[1:-1] if line[2] == ":"] == [
        "已评价2021年度：已报送 1 个部门，其中有错误的 1 个；未报送 0 个；没有读取的文件 0 个。",
        "已评价2021年度：已报送 2 个部门，其中有错误的 1 个；未报送 0 个；没有读取的文件 0 个。",
        "已评价2021年度：已报送 2 个部门，其中有错误的 0 个；未报送 0 个；没有读取的文件 0 个。",
        "已评价2021年度：已报送 1 个部门，其中有错误的 0 个；未报送 0 个；没有读取的文件 0 个。",
    ]
    news = [line for line in lines if line.startswith("  ")]
    assert len(news) == 3
    assert news[0].startswith(f"  新报送：{GOOD}，")
    assert news[0].endswith("错误 0 处")
    assert news[1].startswith(f"  重新报送：{SEED}，得分 76.02 → ")
    assert news[1].endswith("错误 8 → 0")
    assert news[2] == f"  不再有：{GOOD}"


def test_a_failure_is_told_and_watching_goes_on(
    scripted: Callable[..., Any],
    tmp_path: Path,
    seed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file that is open is told once, tried again after a while, and evaluated when it is closed."""
    (tmp_path / "inbox" / "科工局.xlsx").write_bytes(filed.workbook(seed))
    clock = itertools.count(0, 20)  # each look at the clock is 20 s later
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    evaluated, failures = evaluation_options.run_evaluation, iter([True, True, False])

    def sometimes(options: Any, pool: Any) -> Any:
        if next(failures):
            raise PermissionError(13, "Permission denied", ".writing-1", None, "全县汇总.xlsx")
        return evaluated(options, pool)

    monkeypatch.setattr(watch, "run_evaluation", sometimes)
    scripted(*[(None, QUIET)] * 8)
    told = capsys.readouterr()
    assert told.err.count("不能读写 全县汇总.xlsx。\n请关闭正在打开它的程序") == 1
    assert told.out.count("已评价") == 1


def test_another_run_at_work_is_told_and_watching_goes_on(
    scripted: Callable[..., Any],
    tmp_path: Path,
    seed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """While another run holds the results the watch waits; afterwards it evaluates."""
    (tmp_path / "inbox" / "科工局.xlsx").write_bytes(filed.workbook(seed))
    clock = itertools.count(0, 20)  # each look at the clock is 20 s later
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    evaluated, busy = evaluation_options.run_evaluation, iter([True, True, False])

    def sometimes(options: Any, pool: Any) -> Any:
        if next(busy):
            raise BusyError("另一次评价正在进行")
        return evaluated(options, pool)

    monkeypatch.setattr(watch, "run_evaluation", sometimes)
    scripted(*[(None, QUIET)] * 8)
    told = capsys.readouterr()
    assert told.err.count("另一次评价正在进行") == 1
    assert told.out.count("已评价") == 1


def test_an_inbox_that_is_away_for_a_moment_is_watched_again(
    tmp_path: Path, seed: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """When the share of the inbox is gone for a while that is told once, and what it then holds is evaluated."""
    inbox, away = tmp_path / "inbox", tmp_path / "away"
    inbox.mkdir()
    naps, moved, nap = itertools.count(), list[Path](), time.sleep

    def sleep(seconds: float) -> None:
        if threading.current_thread() is not threading.main_thread():  # the pool's own threads wait by the clock
            nap(seconds)
        elif not inbox.exists() and next(naps) == 2:
            away.rename(inbox)
            (inbox / "科工局.xlsx").write_bytes(filed.workbook(seed))

    watches: Iterator[list[set[tuple[watchfiles.Change, str]] | None]] = iter([[QUIET, QUIET], [QUIET, None]])

    def rounds(*_: object, **__: Any) -> Iterator[set[tuple[watchfiles.Change, str]]]:
        for number, changes in enumerate(next(watches)):
            if changes is None:
                raise KeyboardInterrupt
            if number and not away.exists() and not moved:
                moved.append(inbox.rename(away))
            yield changes

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(watchfiles, "watch", rounds)
    assert main(["watch", str(inbox), "-o", str(tmp_path / "out"), "--jobs", "1"]) == 0
    told = capsys.readouterr()
    assert told.err.count("暂时打不开") == 1
    assert told.out.count("：已报送 1 个部门") == 1


def test_mistakes_in_a_list_are_told_and_watching_goes_on(
    scripted: Callable[..., Any], tmp_path: Path, seed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """A roster that cannot be used is told; when it is gone the returns are evaluated."""
    inbox = tmp_path / "inbox"
    (inbox / "科工局.xlsx").write_bytes(filed.workbook(seed))
    (inbox / "部门名册.xlsx").write_bytes(b"nothing")
    scripted((None, QUIET), ((inbox / "部门名册.xlsx").unlink, ARRIVAL))
    told = capsys.readouterr()
    assert "部门名册 部门名册.xlsx：" in told.err
    assert "继续值守" in told.err
    assert told.out.count("已评价") == 1


def test_a_network_share_can_be_polled(scripted: Callable[..., Any]) -> None:
    """`--poll` makes watchfiles poll; lock files of office programs wake nobody, lists of the bureau do."""
    (plain,) = scripted()
    assert plain["force_polling"] is None
    given = scripted(more="--poll")[-1]
    assert given["force_polling"] is True
    woken = [
        name
        for name in ("a/局.xlsx", "a/~$局.xlsx", "a/部门名册.xlsx", "a/.writing-1")
        if given["watch_filter"](None, name)
    ]
    assert woken == ["a/局.xlsx", "a/部门名册.xlsx"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["nowhere"], "没有找到收件夹"), ([".", "--year", "1999"], "没有1999年度"), ([".", "--jobs", "0"], "进程数")],
)
def test_wrong_usage_is_told_at_once(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What no waiting can mend ends with status 2 before the watch begins."""
    assert main(["watch", *arguments]) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert told.out == ""


class Watch:
    """A watch in a process of its own, whose lines can be waited for."""

    def __init__(self, *arguments: str) -> None:
        """Start it."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "watch", *arguments],
            cwd=filed.ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line)

    def wait_for(self, words: str, seconds: float = 60) -> str:
        """Give the next line that holds some words."""
        end = time.monotonic() + seconds
        while True:
            line = self.lines.get(timeout=max(0.01, end - time.monotonic()))
            if words in line:
                return line

    def stop(self) -> int:
        """Press Ctrl-C, which every process of a terminal gets."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)


@pytest.mark.slow
@pytest.mark.parametrize("how", [(), ("--poll",)])
def test_a_real_watch_sees_a_file_that_is_copied_slowly(
    how: tuple[str, ...], tmp_path: Path, seed: dict[str, Any], clean: dict[str, Any]
) -> None:
    """A file that arrives in parts is evaluated once, when it is whole; Ctrl-C ends the watch with one line and 0."""
    inbox = tmp_path / "收件夹"
    inbox.mkdir()
    (inbox / "样板局.xlsx").write_bytes(filed.workbook(clean))
    running = Watch(str(inbox), "-o", str(tmp_path / "out"), *how)
    try:
        running.wait_for("已报送 1 个部门")
        whole = filed.workbook(seed)
        with (inbox / "科工局.xlsx").open("wb") as stream:
            for begin in range(0, len(whole), len(whole) // 4 + 1):
                stream.write(whole[begin : begin + len(whole) // 4 + 1])
                stream.flush()
                time.sleep(arrivals.QUIET * 1.2)
        assert "没有读取的文件 0 个" in running.wait_for("已报送 2 个部门")
        assert "76.02 分，错误 8 处" in running.wait_for(f"新报送：{SEED}")
    finally:
        status = running.stop()
    assert running.wait_for("已停止值守", 5) == "已停止值守，结果以最后一次评价为准。\n"
    assert status == 0
    assert running.lines.empty()
