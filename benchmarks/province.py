"""Evaluate a province on Dask: counties in folders of their own, with one local worker and with two."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

from benchmarks.cluster import start_cluster
from benchmarks.process import cpu_of_children, program
from pipeline import demo
from pipeline.output.files import OWN
from schemas.file_names import RECORD

if TYPE_CHECKING:
    from pathlib import Path

DIFFERENT = 10
"""Counties that are made up; the others are copies of them, since making one takes longer than evaluating it."""


def write_province(inbox: Path, year: int, counties: int, departments: int) -> int:
    """Write the inboxes of so many counties, a folder each; return the number of files in all."""
    made = []
    for number in range(min(counties, DIFFERENT)):
        folder = inbox.with_name(f"{inbox.name}-{number}")
        demo.write_demo(folder, year, number + 1, departments)
        made.append(folder / demo.INBOX)
    for number in range(counties):
        shutil.copytree(made[number % len(made)], inbox / f"县{number + 1}")
    return sum(1 for path in inbox.rglob("*") if path.is_file())


def evaluate_on_dask(inbox: Path, output: Path, year: int, workers: int, scratch: Path) -> tuple[float, float]:
    """Evaluate all counties with so many workers of a Dask scheduler on this machine.

    Returns:
        Seconds of waiting, and CPU seconds of the program, the scheduler and the workers.
    """
    before = cpu_of_children()
    with start_cluster(scratch, workers) as (address, _):
        cost = program("evaluate", inbox, "-o", output, "--year", str(year), "--counties", "--scheduler", address)
    return cost.wall, cpu_of_children() - before


def find_difference(inbox: Path, output: Path, year: int, alone: Path) -> str:
    """Evaluate the first county by itself; say which of its results have other bytes than among the others, or ""."""
    county = min(path.name for path in inbox.iterdir())
    program("evaluate", inbox / county, "-o", alone, "--year", str(year))
    one, among = _digests(alone / str(year)), _digests(output / county / str(year))
    differing = sorted(name for name in one.keys() | among.keys() if one.get(name) != among.get(name))
    return f"{county}: {', '.join(differing)} differ" if differing else ""


def _digests(folder: Path) -> dict[str, str]:
    """Give the digest of each result by its name; the record of the run tells the time and is left out."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in files.items()
        if name != RECORD and OWN not in path.parts
    }
