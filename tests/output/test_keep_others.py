"""Work of people that lies among the results is never lost, whatever it is and however a run ends."""

from __future__ import annotations

import codecs
import contextlib
import os
import random
import shutil
import signal
import stat
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.output import publish
from pipeline.output.sealed import seal
from schemas.file_names import JOURNAL
from tests.support.evaluated_inbox import OFFICE

if sys.platform == "win32":
    pytest.skip("modes, pipes and users of a POSIX system", allow_module_level=True)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.evaluated_inbox import Place
    from tests.support.runner import Runner

OLD = {"复核意见.xlsx": "待填", "全县汇总.xlsx": "旧汇总", "部门评分/甲局.xlsx": "旧甲", "data/a.csv": "1"}
NEW = {"复核意见.xlsx": "待填", "全县汇总.xlsx": "新汇总", "部门评分/甲局.xlsx": "新甲", "部门评分/乙局.xlsx": "新乙"}


def published(folder: Path, outputs: dict[str, str]) -> list[str]:
    """Publish results as a run does; give the names of what could not keep its own."""
    with publish.exclusive_lock(folder) as locked, publish.publish_results(folder) as results:
        for name, content in outputs.items():
            results.write(name, content.encode())
        results.write("run.json", seal({"outputs": dict(results.digests)}))
    assert not any(path.name.endswith("-swap") for path in folder.parent.iterdir())
    return [*locked.renamed, *results.renamed]


def texts(folder: Path) -> dict[str, str]:
    """Give the text of every file below a folder by its name, the record apart."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_text(encoding="utf-8") for name, path in found.items() if name != "run.json"}


def test_what_is_filled_in_or_in_the_way_is_kept(tmp_path: Path) -> None:
    """Work of people is never lost: what a result's name is taken from, or was filled in, is kept and told."""
    folder = tmp_path / "2021"
    published(folder, OLD)
    (folder / "部门评分" / "乙局.xlsx").write_text("我的", encoding="utf-8")
    (folder / "复核意见.xlsx").write_text("已填", encoding="utf-8")
    renamed = published(folder, NEW)
    kept = {"部门评分/乙局（旧1）.xlsx": "我的", "复核意见（旧1）.xlsx": "已填"}
    assert texts(folder) == NEW | kept
    assert sorted(renamed) == sorted(kept)
    assert published(folder, NEW) == []  # they are people's now, and stay without a word
    assert texts(folder) == NEW | kept


@pytest.mark.parametrize(
    "harm",
    [
        lambda record: record.unlink(),
        lambda record: record.write_bytes(record.read_bytes()[:-40]),
        lambda record: record.write_bytes(codecs.BOM_UTF8 + record.read_bytes()),
        lambda record: record.write_bytes(b"[]"),
        lambda record: record.write_bytes(b"[" * 100_000),
    ],
    ids=["missing", "cut off", "with a BOM", "no record", "nested"],
)
def test_without_a_whole_record_nothing_is_lost(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    """Work of people is never lost: without a whole run.json nothing but what is proven is replaced."""
    folder = tmp_path / "2021"
    published(folder, OLD)
    (folder / "复核意见.xlsx").write_text("已填", encoding="utf-8")
    harm(folder / "run.json")
    renamed = published(folder, NEW)
    found = texts(folder)
    assert found.items() >= NEW.items()
    assert found["复核意见（旧1）.xlsx"] == "已填"
    assert "复核意见（旧1）.xlsx" in renamed
    assert {*renamed, *NEW, "data/a.csv"} >= {*found}


def test_a_save_after_the_last_look_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work of people is never lost: what is saved between the last look and the exchange comes along."""
    folder = tmp_path / "2021"
    published(folder, OLD)
    exchange = publish._exchange  # noqa: SLF001 - the moment before it cannot be met otherwise

    def late(where: Path, new: Path) -> None:
        for name, content in (("复核意见.xlsx", "刚填"), ("批示.txt", "刚放"), ("部门评分/乙局.xlsx", "刚存")):
            (where / f"{name}~").write_text(content, encoding="utf-8")
            (where / f"{name}~").replace(where / name)  # as office programs save
        exchange(where, new)

    monkeypatch.setattr(publish, "_exchange", late)
    renamed = published(folder, NEW)
    kept = {"复核意见（旧1）.xlsx": "刚填", "批示.txt": "刚放", "部门评分/乙局（旧1）.xlsx": "刚存"}
    assert texts(folder) == NEW | kept
    assert sorted(renamed) == ["复核意见（旧1）.xlsx", "部门评分/乙局（旧1）.xlsx"]


def looks(folder: Path) -> dict[str, tuple[object, ...]]:
    """Give kind, mode, time, target and attributes of everything that people laid below a folder."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        marks = {name: os.getxattr(path, name, follow_symlinks=False) for name in _attributes(path)}
        target = str(path.readlink()) if path.is_symlink() else ""
        found[path.relative_to(folder).as_posix()] = (status.st_mode, status.st_mtime_ns, target, tuple(marks.items()))
    return found


def _attributes(path: Path) -> list[str]:
    with contextlib.suppress(OSError, AttributeError):  # a disk or system that has none
        return os.listxattr(path, follow_symlinks=False)
    return []


def lay_everything(folder: Path) -> None:
    """Lay files of every kind below a folder."""
    own = folder / "我的"
    (own / "空").mkdir(parents=True)
    (own / "只读").mkdir()
    (own / "只读" / "意见.txt").write_text("已阅", encoding="utf-8")
    (own / "私密.txt").write_text("密", encoding="utf-8")
    (own / "私密.txt").chmod(0o600)
    (own / "断链").symlink_to("没有的文件")
    (own / "链接").symlink_to("../全县汇总.xlsx")
    os.mkfifo(own / "管道")
    deep = own / Path(*(["很深"] * 60))
    deep.mkdir(parents=True)
    (deep / "底.txt").write_text("底", encoding="utf-8")
    for path in (own / "空", own / "私密.txt"):
        with contextlib.suppress(OSError, AttributeError):
            os.setxattr(path, "user.origin", "甲局".encode())
    for path in sorted(own.rglob("*"), reverse=True):
        os.utime(path, (1_600_000_000, 1_600_000_000), follow_symlinks=False)
    (own / "空").chmod(0o2770)
    (own / "只读").chmod(0o555)
    os.utime(own, (1_600_000_001, 1_600_000_001))


def test_what_people_laid_looks_as_it_did(tmp_path: Path) -> None:
    """Work of people is never lost: modes, times, attributes, links, pipes and empty folders are as they were."""
    folder = tmp_path / "2021"
    published(folder, OLD)
    folder.chmod(0o2775)
    (folder / "部门评分").chmod(0o2770)
    lay_everything(folder)
    before = looks(folder / "我的")
    assert published(folder, NEW) == []
    assert published(folder, OLD) == []
    assert looks(folder / "我的") == before
    assert stat.S_IMODE(folder.stat().st_mode) == 0o2775
    assert stat.S_IMODE((folder / "部门评分").stat().st_mode) == 0o2770


def test_a_folder_called_as_a_result_is_kept(tmp_path: Path) -> None:
    """Work of people is never lost: a folder called as a result, or a file as a folder of them, is kept and told."""
    folder = tmp_path / "2021"
    published(folder, {"全县汇总.xlsx": "旧"})
    (folder / "复核意见.xlsx").mkdir()
    (folder / "复核意见.xlsx" / "甲.txt").write_text("甲", encoding="utf-8")
    (folder / "部门评分").write_text("乙", encoding="utf-8")
    renamed = published(folder, NEW)
    assert texts(folder) == NEW | {"复核意见（旧1）.xlsx/甲.txt": "甲", "部门评分（旧1）": "乙"}
    assert sorted(set(renamed)) == ["复核意见（旧1）.xlsx", "部门评分（旧1）"]


def test_a_file_in_the_place_of_the_year_is_kept(tmp_path: Path) -> None:
    """Work of people is never lost: a file that has the name of the year's folder is not replaced."""
    (tmp_path / "2021").write_text("我的", encoding="utf-8")
    with pytest.raises(FileExistsError):
        published(tmp_path / "2021", NEW)
    assert (tmp_path / "2021").read_text(encoding="utf-8") == "我的"


def test_a_year_that_is_a_link_is_followed(tmp_path: Path) -> None:
    """Work of people is never lost: a year's folder that is a link is followed or refused, and not replaced."""
    (tmp_path / "elsewhere" / "results").mkdir(parents=True)
    (tmp_path / "2021").symlink_to("elsewhere/results")
    published(publish.results_folder(tmp_path, 2021), NEW)
    assert (tmp_path / "2021").is_symlink()
    assert texts(tmp_path / "elsewhere" / "results") == NEW
    (tmp_path / "2022").symlink_to("nowhere")
    with pytest.raises(ValueError, match="指向的 nowhere 不是文件夹"):
        publish.results_folder(tmp_path, 2022)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root, to be two users")
def test_a_closed_folder_of_a_colleague_blocks_no_run() -> None:
    """Work of people is never lost: a colleague's closed or read-only folder stays, is told, and blocks no run."""
    with tempfile.TemporaryDirectory() as made:
        output = Path(made)
        output.chmod(0o777)
        folder = output / "2021"
        assert as_user(1001, lambda: published(folder, OLD)) == []
        folder.chmod(0o777)
        for name, mode in (("小王", 0o700), ("小李", 0o555)):
            (folder / name).mkdir()
            (folder / name / "稿.txt").write_text(name, encoding="utf-8")
            os.chown(folder / name, 1002, 1002)
            (folder / name).chmod(mode)
        (folder / "只读").mkdir()
        (folder / "只读" / "稿.txt").write_text("自己的", encoding="utf-8")
        os.chown(folder / "只读", 1001, 1001)
        (folder / "只读").chmod(0o555)
        assert as_user(1001, lambda: published(folder, NEW)) == ["../2021（旧1）"]
        assert as_user(1001, lambda: published(folder, OLD)) == []
        assert texts(folder) == OLD | {"小李/稿.txt": "小李", "只读/稿.txt": "自己的"}
        # What could be read is among the results too; what may not be taken from its owner stays where it was.
        assert texts(output / "2021（旧1）") == {"小王/稿.txt": "小王", "小李/稿.txt": "小李"}
        assert stat.S_IMODE((output / "2021（旧1）" / "小王").stat().st_mode) == 0o700


def as_user(number: int, do: Callable[[], list[str]]) -> list[str]:
    """Do something in a process of another user; give what it gives."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        names = ["failed"]
        with contextlib.suppress(BaseException):
            os.setgroups([])
            os.setgid(number)
            os.setuid(number)
            names = do()
        os.write(writing, "\n".join(names).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as answer:
        told = answer.read().splitlines()
    os.waitpid(child, 0)
    return told


# ---------------------------------------------------------------------- at random


SECONDS = 50
"""How long each attack goes on."""


def people(place: Place) -> dict[str, str]:
    """Give the texts of people that are found where they may be: among the results, or beside them."""
    found = {}
    for folder in place.output.glob("2021*"):
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink() and path.stat().st_size < 100:
                found[path.read_text(encoding="utf-8", errors="replace")] = path.name
    return found


@pytest.mark.slow
def test_killed_at_random_nothing_of_people_is_lost(place: Place, runner: Runner) -> None:
    """Work of people is never lost: killed at random while files of every kind lie among the results, and changed.

    Between two runs people lay, change and fill in something; `.jixiao` is deleted now and then.
    """
    dice, folder = random.Random(24), place.output / "2021"
    lay_everything(folder)
    before = looks(folder / "我的")
    wrote: set[str] = set()
    names = ("批示.txt", "复核意见.xlsx", f"部门评分/{OFFICE}.xlsx", "data/facts.csv", "我的/新.txt", "退回修改/乙.txt")
    end, deaths, number = time.monotonic() + SECONDS, 0, 0
    while time.monotonic() < end:
        number += 1
        place.send(number % 2)
        if dice.random() < 0.5:
            path, words = folder / dice.choice(names), f"第{number}次"
            if path.parent.is_dir():
                if path.name == "新.txt":
                    path = path.with_name(f"新{number}.txt")
                old = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
                wrote.discard(old)  # overwritten by people themselves
                path.unlink(missing_ok=True)
                path.write_text(words, encoding="utf-8")
                wrote.add(words)
        if dice.random() < 0.1:
            shutil.rmtree(place.output / ".jixiao")
        if dice.random() < 0.1:
            (folder / "run.json").unlink(missing_ok=True)
        done = runner.run(*place.arguments(), die_at=dice.randrange(1, 200))
        deaths += done.status == -signal.SIGKILL
        assert done.status in {0, -signal.SIGKILL}, done.told
        assert wrote <= set(people(place)), (number, done)
    assert deaths > 5
    for each in (1, 0):
        place.send(each)
        assert runner.run(*place.arguments()).status == 0
    assert wrote <= set(people(place))
    after = {name: seen for name, seen in looks(folder / "我的").items() if not name.startswith("新")}
    assert after == before
    assert {path.name for path in place.output.iterdir()} == {".jixiao", "2021"}
    assert (folder / JOURNAL).is_file()
