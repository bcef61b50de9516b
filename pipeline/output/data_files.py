"""What a run writes as data: the tables of the contract and their columns, and the long lists of the workbook."""

from __future__ import annotations

from pipeline.intake.version_differences import COLUMNS as CHANGES
from pipeline.scoring.grades import SUMMARY
from schemas import tables

_REVIEWED = ("reviewed", "review")
DATA = {
    "submissions": list(tables.SUBMISSIONS.columns),
    "facts": ["department", "field", "label", "raw", "value", "sheet", "cell", "source_file"],
    "indicators": [
        *(name for name in tables.INDICATORS.columns if name not in _REVIEWED),
        "criterion",
        "filed_weight",
        "target_cell",
        "actual_cell",
        "source_file",
        *_REVIEWED,
    ],
    "findings": list(tables.FINDINGS.columns),
    "measures": list(tables.MEASURES.columns),
    "scores": list(tables.SCORES.columns),
    "summary": [*SUMMARY, "timeliness", "deadline"],
    "changes": CHANGES,
    "reviews": list(tables.REVIEWS.columns),
    "reference": list(tables.REFERENCE.columns),
    "alarms": list(tables.ALARMS.columns),
    "county": list(tables.COUNTY.columns),
}
"""The CSV files of the contract and their columns."""

TABLES = {name: getattr(tables, name.upper()) for name in DATA}
"""How each of them is declared."""
NUMBERS = frozenset({"filed_weight"})
"""Columns beyond the declarations that are numbers."""

LISTS = {
    "indicators": [
        "department", "level1", "level2", "level3", "target", "actual", "state", "attainment", "weight", "points",
        "explanation",
    ],
    "measures": [
        "department", "measure", "label", "numerator", "denominator", "value", "reason", "weight", "points",
    ],
    "lines": [
        "department", "severity", "standing", "waiver", "sheet", "cells", "message", "stated", "expected", "remedy",
        "source_file",
    ],
}  # fmt: skip
"""The long lists of the county workbook, and what they show."""
