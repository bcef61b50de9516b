"""The guard: every hostile or odd file becomes what it should, and nothing that passes can end the process."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import guard as guard_package
from pipeline.cells import address
from pipeline.guard import MAX_BYTES, content, guard
from pipeline.guard.notes import Notes, Refused
from pipeline.reading import workbook
from pipeline.reading.shown_text import show
from tests.support import filed, forged, hostile

if TYPE_CHECKING:
    from pathlib import Path

ACCEPTED = {name: case for name, case in hostile.CASES.items() if not case.word}

# Reads every file of a pickled list, one line of JSON each, so that an abort shows which one it was.
READER = """
import json, pickle, sys
from pipeline.cells import address
from pipeline.guard.notes import Refused
from pipeline.reading.workbook import book
for content in pickle.load(sys.stdin.buffer):
    try:
        first = book(content).sheets[0]
    except Refused as refusal:
        told = str(refusal)
    else:
        told = {address((r, c)): v for r, row in enumerate(first.rows) for c, v in enumerate(row)}
    print(json.dumps(told, default=str), flush=True)
"""


def is_percentage(code: str) -> bool:
    """Tell whether a number format shows a percentage."""
    return any(show(value, code).exact.endswith("50%") for value in (0.5, -0.5))


def read_apart(files: list[bytes]) -> list[Any]:
    """Read files in one process of their own: the values of the first sheet by address, or the reason of a refusal."""
    done = subprocess.run(
        [sys.executable, "-c", READER], input=pickle.dumps(files), capture_output=True, check=False, cwd=filed.ROOT
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert (len(told), done.returncode) == (len(files), 0), done.stderr.decode()[-2000:]
    return told


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    """Give what is read from each accepted file."""
    return dict(zip(ACCEPTED, read_apart([case.make() for case in ACCEPTED.values()]), strict=True))


@pytest.mark.parametrize("case", hostile.CASES.values(), ids=hostile.CASES)
def test_each_file_becomes_what_it_should(case: hostile.Case) -> None:
    """A refused file gets a reason with the expected word and a remedy; an accepted one gets exactly its notes."""
    if case.word:
        with pytest.raises(Refused, match="请") as refusal:
            guard(case.make())
        assert case.word in str(refusal.value)
        return
    notes = guard(case.make())
    first = next(iter(notes.sheets.values()))
    assert (notes.kind, notes.macros, notes.external_links) == (case.kind, case.macros, case.external_links)
    assert {address(cell): trouble for cell, trouble in first.troubles.items()} == case.troubles
    assert {address(cell) for cell, code in first.formats.items() if is_percentage(code)} == case.percents
    assert first.hidden == case.hidden


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_files_are_read_as_noted(values: dict[str, Any], name: str) -> None:
    """An accepted file is read without ending the process, and a cell noted as trouble reads as a blank."""
    case, read = ACCEPTED[name], values[name]
    assert isinstance(read, dict), read
    for cell in case.troubles:
        assert read.get(cell, "") == ""
    for cell, value in (case.values or {}).items():
        assert read.get(cell, "") == value


def test_both_ways_of_looking_at_cells_agree(seed: dict[str, Any]) -> None:
    """The seed is noted alike when a comment forces the guard to look at every element."""
    plain = filed.workbook(seed)
    commented = forged.rewritten(plain, lambda part: part.replace(b"<sheetData>", b"<!-- --><sheetData>"))
    assert commented != plain
    assert guard(commented) == guard(plain)
    assert any(is_percentage(code) for sheet in guard(plain).sheets.values() for code in sheet.formats.values())


def test_the_book_carries_the_notes() -> None:
    """Sheets of a book carry their own notes, and the book those of the file."""
    found = workbook.book(hostile.CASES["old_workbook_with_flags"].make())
    assert found.notes.macros
    assert [sheet.hidden for sheet in found.sheets] == [True]
    noted = workbook.sheets(hostile.CASES["unsaved_formulas"].make())[0]
    assert noted.troubles[0, 0] == ""


# --- mutations ------------------------------------------------------------------------------------------------------

ODD_BYTES = st.sampled_from(
    [b"", b"\0", b"\xff", b'"', b"<", b">", b"/>", b"&", b"9", b"99999999999", b"-1", b"XFD1048576", b"A1:XFD1048576"]
)
CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 8), ODD_BYTES), min_size=1, max_size=4)
OLD = hostile.CASES["old_workbook"].make()
NEW = forged.parts()


def changed(whole: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """Replace stretches of bytes: where (as a fraction), how many, by what."""
    for place, length, new in changes:
        at = int(place * len(whole))
        whole = whole[:at] + new + whole[at + length :]
    return whole


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """Change bytes of a zipped workbook, of one part before zipping, or of an old workbook, whose size is kept."""
    kind = draw(st.sampled_from(["zip", "part", "part", "part", "old"]))
    if kind == "zip":
        return changed(forged.zipped(NEW), draw(CHANGES))
    if kind == "part":
        name = draw(st.sampled_from(sorted(NEW)))
        part = NEW[name]
        return forged.zipped({**NEW, name: changed(part if isinstance(part, bytes) else part.encode(), draw(CHANGES))})
    whole = bytearray(OLD)
    for place, number in draw(st.lists(st.tuples(st.integers(0, len(OLD) - 1), st.integers(0, 255)), min_size=1)):
        whole[place] = number
    return bytes(whole)


def test_mutants_are_refused_or_noted_and_never_end_the_process() -> None:
    """Whatever bytes are changed, the guard refuses or notes, and what it lets pass cannot end the process."""
    passed: set[bytes] = set()

    @settings(max_examples=600, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(mutants())
    def guarded(mutant: bytes) -> None:
        try:
            notes = guard(mutant)
        except Refused:
            return
        assert isinstance(notes, Notes)
        passed.add(mutant)

    guarded()
    assert len(passed) > 20
    read_apart(sorted(passed))


# --- the file itself ------------------------------------------------------------------------------------------------


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    """The bytes of a regular file are given as they are."""
    path = tmp_path / "表.xlsx"
    path.write_bytes(b"a\r\n\x1ab")
    assert content(path) == b"a\r\n\x1ab"


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    """A file beyond the bound is refused by its size; a sparse one would take no room to send."""
    path = tmp_path / "大.xlsx"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(Refused, match="超过20 MB"):
        content(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """What the system does not let us read is a reason, not an exception."""
    with pytest.raises(Refused, match="读不出文件"):
        content(tmp_path / "没有.xlsx")


@pytest.mark.skipif(os.name != "posix", reason="links, pipes and devices of a POSIX system")
@pytest.mark.parametrize("flags", [guard_package._FLAGS, os.O_RDONLY], ids=["here", "where there are no flags"])  # noqa: SLF001
def test_links_pipes_and_devices_are_refused_without_waiting(
    tmp_path: Path, flags: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link, a pipe nobody writes to, a device and a folder are refused at once, none of them opened.

    Windows knows no flag by which a link is not followed.
    """
    monkeypatch.setattr(guard_package, "_FLAGS", flags)
    target = tmp_path / "表.xlsx"
    target.write_bytes(hostile.CASES["good"].make())
    link, pipe = tmp_path / "link.xlsx", tmp_path / "pipe.xlsx"
    link.symlink_to(target)
    os.mkfifo(pipe)
    for path in (link, pipe, type(target)("/dev/zero"), tmp_path):
        with pytest.raises(Refused, match="不是普通文件"):
            content(path)
