"""Cells of a filled-in form by what stands in them: no test breaks when a form gets a row or a column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pipeline.reading.workbook import address
from pipeline.workbooks.form_layout import form_words, lay_out
from schemas import policy
from schemas.forms import FORMS

if TYPE_CHECKING:
    from pipeline.workbooks.form_layout import Layout

ADDRESS = re.compile("[A-Z]{1,2}[0-9]+")


def layouts(filed: dict[str, Any]) -> dict[str, Layout]:
    """Lay the forms out for a return, by the annex's number, such as 1-1."""
    words = form_words(policy.load(filed["year"]))
    return {form.annex.removeprefix("附件"): lay_out(form, filed["indicators"], words) for form in FORMS}


def cell_of(layout: Layout, name: str) -> str:
    """Give the address of a cell of a form.

    ``name`` is that of a field, a column of the indicators with the number of a row from 1 (`target 3`), the words of a
    label, `beside` and the words of a label (the cell to its right), or an address, which stays as it is.
    """
    if not name or ADDRESS.fullmatch(name):
        return name
    if name in layout.places:
        return address(layout.places[name])
    column, _, number = name.rpartition(" ")
    if column and number.isdigit():
        return address(layout.lines[int(number) - 1][column])
    words = name.removeprefix("beside ")
    box = next(box for box in layout.boxes if box.text == words)
    return address((box.row, box.column + (box.width if name != words else 0)))
