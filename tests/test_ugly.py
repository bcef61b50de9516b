"""Forms as clerks change them: what was filed is read as meant, or asked about; nothing goes without a word."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import filed
import openpyxl
from conftest import evaluated_files

from schemas.annexes import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpyxl.workbook import Workbook

    from schemas.policy import Policy

FIRST, SECOND = (form.sheet for form in FORMS)


def changed(base: dict[str, Any], change: Callable[[Workbook], object]) -> bytes:
    """Give the workbook of a return, changed as the form cannot be filled in."""
    book = openpyxl.load_workbook(io.BytesIO(filed.workbook(base)))
    change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def told(content: bytes, policy: Policy) -> list[tuple[str, str, str]]:
    """Give what is told of a return: rule, cell, and what it is about."""
    found = evaluated_files({"某局": content}, policy).findings
    return sorted(zip(found["rule"], found["cell"], found["label"], strict=True))


def set_to(sheet: str, **cells: Any) -> Callable[[Workbook], object]:
    """Give a change of some cells."""

    def change(book: Workbook) -> None:
        for cell, value in cells.items():
            book[sheet][cell] = value

    return change


# --- everything that is missing is named ----------------------------------------------------------------------------


def test_every_row_that_is_missing_is_named(clean: dict[str, Any], policy: Policy) -> None:
    """Two rows of the form that are gone are two findings, though neither has a cell to point to."""
    content = changed(clean, set_to(FIRST, A13="某项", A14="某项"))
    assert told(content, policy) == [("row_not_found", "", "公务接待"), ("row_not_found", "", "出国（境）经费")]


def test_every_column_that_is_missing_is_named(clean: dict[str, Any], policy: Policy) -> None:
    """Two headings of one line that are gone are two findings at that line."""
    content = changed(clean, set_to(FIRST, B6="实际", D6="以前"))
    assert told(content, policy) == [
        ("column_not_found", "A6", "上年决算数"),
        ("column_not_found", "A6", "当年决算数"),
    ]
