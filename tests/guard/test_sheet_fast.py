"""The quick look at the cells of a sheet sees what the look at every element sees, or leaves the sheet to it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.guard.notes import Refused
from pipeline.guard.sheet_exact import exact
from pipeline.guard.sheet_fast import _fast

if TYPE_CHECKING:
    from pipeline.guard.sheet_cells import Sheet

KINDS = ("", ' t="s"', ' t="str"', ' t="n"', ' t="e"', ' t="inlineStr"')
USUAL = (
    "",
    "<v>7</v>",
    "<v/>",
    "<v></v>",
    "<f>A1+1</f><v>7</v>",
    '<f>IF(A1="","",1)</f><v/>',
    "<f>A1+1</f>",
    "<is><t>县水利局</t></is>",
    '<is><t xml:space="preserve"> 县水利局</t></is>',
    "<v>#N/A</v>",
)
"""Values, blanks, formulas and texts in the cell, as Excel, WPS, openpyxl and lxml write them."""
UNUSUAL = ("<is><t></t></is>", "<is><t/></is>", "<is><r><t>县</t></r><r><t>水利局</t></r></is>", "<v>&lt;</v>")
BROKEN = ("<v>7</is>", "<is></v>", "<v>7<t>x</t></v>", "<v>7<t>x</t></is>", "<is><t>x</t></v>", "<is>x</is>")
FORMATS = {b"1": "0.00%"}


def part(cell: str) -> bytes:
    """Write a sheet of which the second cell is given."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<sheetData><row r="1"><c r="A1"><v>1</v></c>{cell}</row></sheetData></worksheet>'
    ).encode()


def outcome(sheet: Sheet | None) -> dict[str, Any]:
    """Give all that is noted of a sheet."""
    assert sheet is not None
    return vars(sheet)


def seen(content: bytes) -> dict[str, Any] | str:
    """Look at every element; give what is noted, or why the sheet is refused."""
    try:
        return outcome(exact(content, FORMATS))
    except Refused as refusal:
        return str(refusal)


def quickly(content: bytes) -> dict[str, Any] | str | None:
    """Look quickly; give what is noted, why the sheet is refused, or None where it is left to the other way."""
    try:
        sheet = _fast(content, FORMATS)
    except Refused as refusal:
        return str(refusal)
    return None if sheet is None else outcome(sheet)


@pytest.mark.parametrize(("kind", "content"), list(product(KINDS, USUAL + UNUSUAL)))
def test_both_ways_see_the_same(kind: str, content: str) -> None:
    """Whatever type and content a cell has, the quick way notes what the exact one does, or leaves it to it."""
    written = part(f'<c r="B1" s="1"{kind}>{content}</c>')
    assert quickly(written) in (seen(written), None)


@pytest.mark.parametrize("content", USUAL)
def test_usual_spellings_are_seen_quickly(content: str) -> None:
    """Values, blanks, formulas and texts in the cell, as Excel, WPS, openpyxl and lxml write them, are seen quickly."""
    assert quickly(part(f'<c r="B1" s="1">{content}</c>')) is not None


@pytest.mark.parametrize("content", BROKEN)
def test_a_value_that_ends_as_a_text_is_not_taken(content: str) -> None:
    """A value with the end of a text, a text with that of a value, or one within the other is never seen quickly."""
    assert quickly(part(f'<c r="B1">{content}</c>')) is None
