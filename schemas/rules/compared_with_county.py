"""By what departments are compared with their county: measures and figures, each with the field that is pointed to.

Apart from the rules themselves, so that who only reads returns needs no pandas.
"""

from __future__ import annotations

POINTED = {
    "operating_per_head": "spending_operating",
    "three_public_per_head": "three_public_outturn",
    "budget_execution_rate": "funds_rate_stated",
    "claimed": "total_points",
}
"""Measure, or ``claimed``, the points that a department gives itself for its indicators → the field pointed to."""
COMPARED = tuple(name for name in POINTED if name != "claimed")
"""The measures by which departments are compared."""
