"""No file costs more than a few seconds and 200 MB: each is read in a process of its own, and that is measured."""

from __future__ import annotations

import io
import json
import pickle
import subprocess
import sys
import zipfile
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.cells import address
from pipeline.evaluate import evaluate
from pipeline.guard import LOST, guard
from pipeline.guard.notes import MAX_TEXT as TEXT
from pipeline.intake import receive
from pipeline.workers.hand_out import map_isolated
from tests.support import filed, forged, hostile
from tests.support.written import table

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.forms.answered import Answers
    from schemas.policy import Policy

if sys.platform != "linux":
    pytest.skip("measures processes as Linux does", allow_module_level=True)

SECONDS, MEGABYTES = 4.0, 200

# Reads each file of a pickled list in a forked process: seconds of the processor, MB beyond an idle one, how it ended.
METER = """
import json, os, pickle, sys
from pipeline.reading.read import read_packed
files = pickle.load(sys.stdin.buffer)
read_packed(("seed", files[0]), 2021)  # brings everything in

def cost(content):
    child = os.fork()
    if child == 0:
        if content is not None:
            read_packed(("file", content), 2021)
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)

idle = cost(None)
for content in files:
    seconds, peak, status = cost(content)
    print(json.dumps([seconds - idle[0], peak - idle[1], status]), flush=True)
"""


def costs(files: list[bytes]) -> list[tuple[float, float, int]]:
    """Measure what reading each file costs; the first is a plain return."""
    done = subprocess.run(
        [sys.executable, "-c", METER], input=pickle.dumps(files), capture_output=True, check=True, cwd=filed.ROOT
    )
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def _beside(good: bytes, part: str) -> bytes:
    """Put a sheet of our own beside those of a return, as its last."""
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist()}
    number = sum(name.startswith("xl/worksheets/sheet") for name in members) + 1
    relation = f'<Relationship Id="more" Type="{forged.OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
    links, listed = "xl/_rels/workbook.xml.rels", "xl/workbook.xml"
    members[links] = members[links].replace("</Relationships>", f"{relation}</Relationships>")
    members[listed] = members[listed].replace("</sheets>", '<sheet name="多" sheetId="99" r:id="more"/></sheets>')
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in (members | {f"xl/worksheets/sheet{number}.xml": part}).items():
            archive.writestr(name, text)
    return stream.getvalue()


def _rows(count: int, of: int) -> str:
    """Write rows of cells, each with a number of its own."""
    columns = [address((0, column))[:-1] for column in range(of)]
    return "".join(
        forged.row("".join(f'<c r="{column}{row}"><v>{row * 7919 % 9973}</v></c>' for column in columns), row)
        for row in range(1, count + 1)
    )


def large(good: bytes) -> dict[str, bytes]:
    """Give returns that come near what the guard lets pass."""
    words = "".join(
        forged.row(f'<c r="A{row}" t="inlineStr"><is><t>{row}{"县财政局绩效评价" * 12}</t></is></c>', row)
        for row in range(1, 4990)
    )
    merged = "".join(f'<mergeCell ref="A{row}:Z{row}"/>' for row in range(1, 4990))
    repeated = "".join(forged.row(f'<c r="A{row}" t="s"><v>0</v></c>', row) for row in range(1, 4990))
    return {
        "350,000 cells": _beside(good, forged.sheet(_rows(4990, 70))),
        "words": _beside(good, forged.sheet(words)),
        "190,000 blank rows": _beside(good, forged.sheet("".join(f'<row r="{row}"/>' for row in range(1, 190_001)))),
        "merged": _beside(good, forged.sheet(_rows(4990, 2), after=f"<mergeCells>{merged}</mergeCells>")),
        "one text 4989 times": forged.book(
            repeated, {"xl/sharedStrings.xml": forged.texts("绩效评价" * (TEXT // 5100 // 12))}
        ),
    }


def test_large_files_pass_the_guard(seed: dict[str, Any]) -> None:
    """The files by which bounds are measured are no more refused than a return is."""
    for content in large(filed.workbook(seed)).values():
        assert guard(content).kind == "xlsx"


@pytest.mark.slow
def test_every_hostile_file_is_bounded(seed: dict[str, Any]) -> None:
    """No file costs more than a few seconds and 200 MB: each hostile file, and the largest that the guard lets pass."""
    good = filed.workbook(seed)
    files = {"seed": good} | {name: case.make() for name, case in hostile.CASES.items()} | large(good)
    measured = dict(zip(files, costs(list(files.values())), strict=True))
    assert len(measured) > 100
    over = {name: cost for name, cost in measured.items() if cost[0] > SECONDS or cost[1] > MEGABYTES or cost[2] != 0}
    assert over == {}
    assert max(cost[1] for cost in measured.values()) > 20  # the meter does measure


def hungry(sent: tuple[str, bytes], year: int, answers: Answers = ()) -> tuple[bytes, bytes]:
    """Read as the program does, but take 4 GB for one file, and abort on another."""
    import os  # noqa: PLC0415 - runs in a worker

    from pipeline.reading.read import lost, read_packed  # noqa: PLC0415

    if sent[1].startswith(b"hungry"):
        try:
            bytearray(2**32)
        except MemoryError:
            return lost(sent)
    if sent[1].startswith(b"abort"):
        os.abort()
    if sent[1].startswith(b"endless"):
        while True:
            pass
    return read_packed(sent, year, answers)


@pytest.mark.slow
def test_a_reader_that_aborts_or_takes_all_costs_one_file(
    tmp_path: Path, policy: Policy, clean: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file costs more than a few seconds and 200 MB: one that aborts, takes 4 GB or never ends is told."""
    monkeypatch.setattr(receive, "read_packed", hungry)
    monkeypatch.setattr(receive, "_read", hungry)
    monkeypatch.setattr(receive, "map_isolated", partial(map_isolated, seconds=4))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("abort", "hungry", "endless"):
        (inbox / f"{name}.xlsx").write_bytes(name.encode())
    for name in ("a", "m", "z"):
        (inbox / f"{name}.xlsx").write_bytes(filed.workbook(filed.changed(clean, {}, f"示例县{name}局")))
    found = {
        line["source_file"]: line for line in table(evaluate(inbox, tmp_path / "out", policy).folder, "submissions")
    }
    for name in ("abort", "hungry", "endless"):
        assert (found[f"{name}.xlsx"]["status"], found[f"{name}.xlsx"]["reason"]) == ("rejected", LOST)
    for name in ("a", "m", "z"):
        assert found[f"{name}.xlsx"]["status"] == "accepted", found[f"{name}.xlsx"]
