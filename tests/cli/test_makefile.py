"""The Makefile hands on what was typed: no part of a variable or of a word is run by make or the shell."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

needs_make = pytest.mark.skipif(
    shutil.which("make") is None or os.name == "nt", reason="make is not installed, or is not that of Unix"
)
ODD = [
    "$(touch gone)",
    "$(shell touch gone)",
    "`touch gone`",
    "; touch gone #",
    "' ; touch gone '",
    '" ; touch gone "',
    "\n\ttouch gone",
    "* ?",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the Makefile and a Python that only says what it was given."""
    shutil.copy(filed.ROOT / "Makefile", tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nfor each; do printf '<%s>' \"$each\"; done\n", encoding="utf-8")
    python.chmod(0o755)
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml", ".venv/.runtime", ".venv/.dev"):
        (tmp_path / name).touch()
    return tmp_path


def made(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make there, as from a shell: what a make above it has set would have it say which folder it is in."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    }
    return subprocess.run(
        ["make", *words],
        cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip


@needs_make
@pytest.mark.parametrize("name", ["收件 夹", "a$b", "$$", "$(x)", "甲'乙", '"', "-x", *ODD])
def test_a_path_reaches_the_program_as_it_was_typed(folder: Path, name: str) -> None:
    """Folders with spaces, quotes and dollar signs in their names are those that the program gets."""
    done = made(folder, "evaluate", f"INBOX={name}", f"OUTPUT={name}")
    typed = name.lstrip()  # make takes blanks before a value for its own
    assert done.stdout == f"<-m><pipeline><evaluate><{typed}><-o><{typed}>"
    assert not (folder / "gone").exists()


@needs_make
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "words",
    [
        ["bundle", "PLATFORMS"],
        ["bundle", "PYTHONS"],
        ["bench", "SIZE"],
        ["demo", "COUNT"],
        ["lock", "LOCKFLAGS"],
        ["explain", "DEPARTMENT"],
    ],
    ids=str,
)
def test_no_variable_is_run(folder: Path, words: list[str], odd: str) -> None:
    """A variable that looks like a command is no command, in whichever target it is used."""
    *targets, variable = words
    made(folder, *targets, f"{variable}={odd}")
    assert not (folder / "gone").exists()


@needs_make
def test_several_systems_are_several_words(folder: Path) -> None:
    """PLATFORMS and PYTHONS hold several words, each of which the program gets by itself."""
    done = made(folder, "bundle", "PLATFORMS=win-amd64 linux-x86_64", "PYTHONS=3.12 3.13")
    assert done.stdout == "<-m><bundle><--platform><win-amd64><linux-x86_64><--python><3.12><3.13>"


@needs_make
@pytest.mark.parametrize("odd", ODD)
def test_no_unknown_target_is_run(folder: Path, odd: str) -> None:
    """A word that is no target is told to be none, and nothing of it is run."""
    done = made(folder, odd.replace("=", ""))
    assert done.returncode == 2
    assert not (folder / "gone").exists()
    assert "没有命令 make" in done.stderr
