"""What a return may hold at most: all that follows its reading takes time and memory by its rows and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.guard.notes import TRIM
from pipeline.reading.submission import count_characters

if TYPE_CHECKING:
    from pipeline.reading.submission import Submission

MAX_INDICATORS = 1000
"""Rows of indicators; the largest department has some hundred."""
MAX_CHARACTERS = 1_000_000
"""Characters of all that a return says, and of what reading found in it; a form has some ten thousand."""
MAX_FINDINGS = 5000
"""What reading may find: five in each row of indicators."""


def say_too_much(reading: Submission) -> str:
    """Say that a return holds more than a form does; "" where it does not."""
    rows, findings, characters = len(reading.indicators), len(reading.findings), count_characters(reading)
    if rows > MAX_INDICATORS:
        return f"绩效指标有{rows}行，超过{MAX_INDICATORS}行，不像填报表；{TRIM}"
    if findings > MAX_FINDINGS:
        return f"填报表以外的内容和填写上的问题共{findings}处，超过{MAX_FINDINGS}处；{TRIM}"
    if characters > MAX_CHARACTERS:
        return f"填写的文字有{characters / 10_000:.0f}万字，超过{MAX_CHARACTERS // 10_000}万字，不像填报表；{TRIM}"
    return ""
