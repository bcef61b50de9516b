"""Name the columns of the long lists that the county workbook shows and that are kept of each department."""

from __future__ import annotations

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
"""The long lists of the county workbook → their columns, in the order in which they are kept."""
