"""What changed between two returns of one department, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from schemas.forms import INDICATORS
from schemas.tables import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.intake.choose import Choice
    from pipeline.reading.submission import Submission

_ROW = {column.name: column.words for column in INDICATORS.own_columns}


def compare_versions(readings: Sequence[Submission], choice: Choice) -> pd.DataFrame:
    """Compare every return that does not count with the one that does; where that is locked, it is the earlier one.

    Returns:
        One row per entry that differs: what it is, as written before and after, and its cell in the later file (in
        the earlier one, where the later has no such entry).
    """
    rows: list[tuple[str, ...]] = []
    for other in readings:
        counting = choice.counts.get(other.department)
        if counting and counting is not other and counting.sha256 != other.sha256 and _comparable(other, counting):
            came_after = choice.received.get(other.sha256, "") > choice.received.get(counting.sha256, "")
            locked = other.department in choice.locks and came_after
            earlier, later = (counting, other) if locked else (other, counting)
            files = (earlier.source_file, later.source_file)
            rows += [(earlier.department, *change, *files) for change in _between(earlier, later)]
    return pd.DataFrame(rows, columns=COLUMNS["changes"]).astype(str)


def _comparable(earlier: Submission, later: Submission) -> bool:
    """Tell whether a return could be read and is not of another year."""
    years = {earlier.fiscal_year, later.fiscal_year} - {None}
    return not earlier.reason and len(years) <= 1


def _entries(reading: Submission) -> dict[str, tuple[str, str, str]]:
    """Give what was written under each label, and where: fields by their label, indicators by row and column."""
    found = {fact.label: (fact.shown.strip(), fact.sheet, fact.cell) for fact in reading.facts}
    for row in reading.indicators:
        for name, words in _ROW.items():
            text = row[f"raw_{name}"] if f"raw_{name}" in row else row[name]
            found[f"第{row['row']}个指标·{words}"] = (text.strip(), row["sheet"], row.get(f"{name}_cell", ""))
    return found


def _between(earlier: Submission, later: Submission) -> Iterator[tuple[str, str, str, str, str]]:
    before, after = _entries(earlier), _entries(later)
    for label in dict.fromkeys((*after, *before)):
        old, new = before.get(label), after.get(label)
        if (old[0] if old else "") != (new[0] if new else ""):
            _, sheet, cell = new or old or ("", "", "")
            yield label, old[0] if old else "", new[0] if new else "", sheet, cell
