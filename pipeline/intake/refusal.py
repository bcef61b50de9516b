"""Say why a file is no return of the year evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.reading.submission import Submission

BY_NAME = "year_in_file_name"
"""The finding that a year was taken from the file's name."""


def refusal(reading: Submission, year: int) -> str:
    """Say why a file is no return of this year; "" when it is one."""
    if reading.fiscal_year in {None, year}:
        return reading.reason
    by_name = any(each.rule == BY_NAME for each in reading.findings)
    stated = "表内没有写明年度，文件名写的是" if by_name else "表内年度为"
    remedy = reading.reason or f"请报送{year}年度的报表" + ("，并在标题下写明年度" if by_name else "")
    return f"{stated}{reading.fiscal_year}年度，本次评价{year}年度；{remedy}"
