"""Measure a watch: seconds from a return that is complete in the inbox to the results that it is in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchmarks.process import serving
from benchmarks.touched import change_one_return
from schemas.file_names import RECORD

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 120.0
"""Seconds after which results no longer come."""
BETWEEN = 0.005


def seconds_to_results(inbox: Path, output: Path, year: int, seed: int, count: int, times: int) -> list[float]:
    """Change a return while a watch runs; give the seconds of each time until ``run.json`` is another."""
    record = output / str(year) / RECORD
    with serving("watch", inbox, "-o", output, "--year", str(year)) as lines:
        while "已评价" not in next(lines):
            pass
        found = []
        for more in range(2, times + 2):
            before = record.stat().st_ino
            department = change_one_return(inbox, year, seed, count, more)
            complete = (inbox / f"{department}.xlsx").stat().st_mtime
            until = time.time() + LONGEST
            while record.stat().st_ino == before:
                if time.time() > until:
                    raise RuntimeError(f"no results of {department} in {LONGEST:g} s")
                time.sleep(BETWEEN)
            found.append(time.time() - complete)
    return found
