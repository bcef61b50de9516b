"""What is said of results is what the run wrote: whatever was changed since is noticed."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from typing import TYPE_CHECKING

import pytest

from pipeline.lists import prior_year
from pipeline.output.cache import Cache, LostError, again_if_lost, open_cache
from pipeline.output.sealed import DamagedError, seal, unseal
from pipeline.unchanged import Fingerprint, count_new, last_message, remember
from schemas.file_names import JOURNAL
from tests.support.evaluated_inbox import OFFICE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.evaluated_inbox import Place
    from tests.support.runner import Runner

CHANGED = "结果已被改动"


def flip(path: Path, at: int) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["data/summary.csv", "data/facts.csv", "run.json", JOURNAL])
@pytest.mark.slow
def test_a_changed_result_is_told(place: Place, runner: Runner, name: str) -> None:
    """Damage is noticed: with one bit of a result changed, nothing speaks of it; evaluated again, everything does."""
    folder = place.output / "2021"
    original = (folder / name).read_bytes()
    asked = {
        "explain": ("explain", OFFICE, "-o", place.output),
        "report": ("report", "-o", place.output),
        "status": ("status", place.inbox, "-o", place.output),
    }
    reads = {"data/facts.csv": ("explain",), JOURNAL: ("status",)}.get(name, tuple(asked))
    (folder / name).write_bytes(original.replace(b"0", b"1", 1) if b"0" in original else original[:-1] + b"!")
    for command in reads:
        done = runner.run(*asked[command])
        assert done.status == 1, (command, done)
        assert CHANGED in done.told, (command, done)
        assert name in done.told
        assert "请重新评价" in done.told
    if name != JOURNAL:
        with pytest.raises(ValueError, match=CHANGED):
            prior_year.load(folder, 2022)
    assert runner.run("evaluate", place.inbox, "-o", place.output).status == 0
    for command in reads:
        assert runner.run(*asked[command]).status == 0


def test_every_byte_of_a_record_counts() -> None:
    """Damage is noticed: any byte of a sealed record that is another one, is missing or too many makes it damaged."""
    whole = seal({"甲": 1, "乙": [0.1, {"丙": None}]})
    assert unseal(whole) == {"甲": 1, "乙": [0.1, {"丙": None}], "sha256": unseal(whole)["sha256"]}
    for at in range(len(whole)):
        for content in (
            whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :],
            whole[:at],
            whole[:at] + whole[at + 1 :],
        ):
            with pytest.raises(DamagedError):
                unseal(content)


def test_a_changed_closing_message_is_not_said(tmp_path: Path) -> None:
    """Damage is noticed: a digit changed in what is kept of the last run's message has the run made anew."""
    folder = tmp_path / "2021"
    folder.mkdir()
    (folder / "run.json").write_bytes(seal({"outputs": {"run": ""}}))
    now = Fingerprint({"甲.xlsx": "1"}, "")
    remember(folder, now, "99.26 分")
    kept = tmp_path / ".jixiao" / "2021" / "last.json"
    kept.write_bytes(kept.read_bytes().replace(b"99.26", b"89.26"))
    assert last_message(folder, now) is None


def test_the_returns_that_a_run_has_not_read_are_counted(tmp_path: Path) -> None:
    """A changed return and a new one are two; where a list is another, or nothing is known of the last run, all are."""
    folder = tmp_path / "2021"
    folder.mkdir()
    now = Fingerprint({"甲.xlsx": "1", "乙.xlsx": "2", "丙.xlsx": "3"}, "lists")
    assert count_new(folder, now) == 3
    remember(folder, Fingerprint({"甲.xlsx": "1", "乙.xlsx": "1", "丁.xlsx": "1"}, "lists"), "99.26 分")
    assert count_new(folder, now) == 2
    assert count_new(folder, now._replace(others="other lists")) == 3


def test_a_damaged_index_of_what_is_kept_is_found(tmp_path: Path) -> None:
    """Damage is noticed: where the index of what is kept does not fit the table, all is made anew, without an error."""
    with open_cache(tmp_path) as cache:
        for number in range(300):
            cache.put("kind", str(number), b"content")
        cache.close()
    path = tmp_path / "kept.sqlite"
    with sqlite3.connect(path) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE type = 'index'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    begin = (root - 1) * size
    content[begin + size // 2 : begin + size] = bytes(size // 2)
    path.write_bytes(content)
    with open_cache(tmp_path) as cache:
        assert cache.take("kind", "7") is None
        cache.put("kind", "7", b"anew")
        assert cache.take_again("kind", "7") == b"anew"


def test_what_is_lost_meanwhile_is_made_anew(tmp_path: Path) -> None:
    """Damage is noticed: a run whose kept rows are lost while it works begins anew, once, with nothing kept."""
    began = []

    @again_if_lost
    def run() -> bytes:
        with open_cache(tmp_path) as cache:
            began.append(cache.take("kind", "before"))
            cache.put("kind", "before", b"content")
            cache.put("kind", "own", b"content")
            if len(began) == 1:
                _forget(cache)
            return cache.take_again("kind", "own")

    assert run() == b"content"
    assert began == [None, None]
    with pytest.raises(LostError), open_cache(tmp_path) as cache:
        cache.take_again("kind", "nothing")


def _forget(cache: Cache) -> None:
    cache._restart()  # noqa: SLF001 - as where a page of it cannot be read


SECONDS = 50


@pytest.mark.slow
def test_random_damage_of_anything_below_the_output(place: Place, runner: Runner) -> None:
    """Damage is noticed: whatever under the output is damaged or removed, no command ends in a traceback.

    Asked about the results, a command tells what the run wrote, or that they were changed or are missing. Evaluated
    again, the results are those of a first run.
    """
    dice, folder = random.Random(42), place.output / "2021"
    asked = (("explain", OFFICE, "-o", place.output), ("status", place.inbox, "-o", place.output))
    said = {command[0]: runner.run(*command).told for command in asked}
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        files = sorted(path for path in place.output.rglob("*") if path.is_file())
        damaged = dice.sample(files, min(len(files), dice.choice((1, 1, 3))))
        for path in damaged:
            size = path.stat().st_size
            how = dice.randrange(6)
            if how == 0 or not size:
                path.unlink()
            elif how == 1:
                path.write_bytes(path.read_bytes()[: dice.randrange(size)])
            elif how == 2:
                path.write_bytes(b"")
            elif how == 3:
                path.unlink()
                path.mkdir()
            else:
                flip(path, dice.randrange(size))
        for command in asked:
            done = runner.run(*command)
            told = [each.relative_to(place.output).as_posix() for each in damaged], done
            assert "Traceback" not in done.told, told
            assert done.status in {0, 1, 2}, told
            if command[0] == "explain" and done.status == 0:
                assert done.told == said["explain"], told
        done = runner.run(*place.arguments())
        if "日志.csv 被改动过或已损坏" in done.told:  # it is asked back, and never begun anew
            assert done.status == 2
        else:
            assert done.status == 0, (damaged, done)
            others = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if "（旧" in str(path)}
            assert place.found(others) == 0
        shutil.rmtree(place.output)
        place.output.mkdir()
        done = runner.run(*place.arguments())
        assert done.status == 0
