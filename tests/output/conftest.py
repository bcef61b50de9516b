"""An evaluated inbox for the tests of how results are put in place."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import filed
from tests.support.evaluated_inbox import OFFICE, Place, contents
from tests.support.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    """Give what starts runs."""
    with Runner() as started:
        yield started


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory, clean: dict[str, Any], runner: Runner) -> Place:
    """Give an inbox that was evaluated with the first return, and what the second gives."""
    # Both go back with errors, so that a run does the same whichever it is: 31 or 32 people in 30 posts.
    faulty = [filed.workbook(filed.changed(clean, {"fields": {"staff_in_post": staff}}, OFFICE)) for staff in (31, 32)]
    folder = tmp_path_factory.mktemp("evaluated")
    made = Place(folder / "inbox", folder / "out", (faulty[0], faulty[1]), ({}, {}))
    made.inbox.mkdir()
    for number in (1, 0):
        made.send(number)
        assert runner.run(*made.arguments()).status == 0
        made.results[number].update(contents(made.output / "2021"))
    assert made.results[0] != made.results[1]
    return made


@pytest.fixture
def place(tmp_path: Path, evaluated: Place) -> Place:
    """Give a copy of the inbox and its results."""
    made = evaluated._replace(inbox=tmp_path / "inbox", output=tmp_path / "out")
    shutil.copytree(evaluated.inbox, made.inbox)
    shutil.copytree(evaluated.output, made.output)
    return made
