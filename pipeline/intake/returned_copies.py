"""Tell workbooks that a run wrote to go back from returns: untouched, one of them is no new return."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.output.sealed import what_was_written
from schemas.file_names import RETURNED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipeline.reading.submission import Submission

UNTOUCHED = f"是评价时写出的“{RETURNED}”，没有改动过，不是新的报表；请改正后再报送"


def refuse_untouched(readings: Iterable[Submission], folder: Path) -> list[Submission]:
    """Refuse the files that are, to the byte, what the last run wrote to go back to a department.

    Args:
        readings: every file of the inbox.
        folder: the year's folder of the results of the last run.
    """
    digests = what_was_written(folder).digests.items()
    written = {sha256 for name, sha256 in digests if name.startswith(f"{RETURNED}/")}
    return [replace(each, reason=UNTOUCHED) if each.sha256 in written else each for each in readings]
