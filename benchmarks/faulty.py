"""Make a county in which every return is as bad as the example: eight errors each, saved by openpyxl, long texts."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl

from pipeline.reading.read import read

if TYPE_CHECKING:
    from pathlib import Path

DEPARTMENTS = ("department_1_1", "department_1_2")
"""The fields that name the department."""


def write_faulty_county(example: Path, inbox: Path, year: int, count: int) -> None:
    """Write so many copies of a return, each of another department; nothing but its name differs.

    Args:
        example: the return.
        inbox: the folder to write to.
        year: the fiscal year of the return.
        count: the number of departments.
    """
    inbox.mkdir(parents=True)
    content = example.read_bytes()
    cells = [(fact.sheet, fact.cell) for fact in read(example.name, content, year).facts if fact.field in DEPARTMENTS]
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    for number in range(1, count + 1):
        for sheet, cell in cells:
            book[sheet][cell] = f"示例县第{number}局"
        book.save(inbox / f"示例县第{number}局.xlsx")
