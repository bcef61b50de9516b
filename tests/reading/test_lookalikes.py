"""A text is taken as a person sees it."""

from __future__ import annotations

import sys
import unicodedata

from pipeline.reading.lookalikes import as_seen, has_unseen_marks

SEEN = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Signs that stand before a number in Arabic, Syriac and Kaithi: format characters, and seen."""


def test_every_mark_without_width_is_taken_out_kept_as_seen_or_told() -> None:
    """Each format character that Python knows is a sign that is seen, reorders what is seen, or is taken out."""
    marks = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"]
    assert len(marks) > 150
    for mark in marks:
        kept = as_seen(f"决{mark}算") != "决算"
        assert kept == (mark in SEEN or has_unseen_marks(mark)), hex(ord(mark))
