"""Make a county in which every return is as bad as the example: eight errors each, saved by openpyxl, long texts."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl

from pipeline.reading.read import read
from schemas.forms import FIELDS
from schemas.forms.model import Kind

if TYPE_CHECKING:
    from pathlib import Path


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
    facts = read(example.name, content, year).facts
    cells = [
        (fact.sheet, fact.cell) for fact in facts if fact.field in FIELDS and FIELDS[fact.field].kind is Kind.OFFICE
    ]
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    for number in range(1, count + 1):
        for sheet, cell in cells:
            book[sheet][cell] = f"示例县第{number}局"
        book.save(inbox / f"示例县第{number}局.xlsx")
