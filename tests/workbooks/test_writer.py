"""What all workbooks share: formulas as XlsxWriter would write them, and the width of Chinese text."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter.packager import Packager
from xlsxwriter.worksheet import Worksheet

from pipeline import text_format
from pipeline.evaluate import evaluate
from pipeline.workbooks import writer
from pipeline.workbooks.blank_lists import write_blank_roster, write_blank_waivers
from pipeline.workbooks.template import workbook as template_workbook
from pipeline.workbooks.xlsxwriter_classes import Workbook
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from schemas.policy import Policy


def _written(inbox: Path, output: Path, policy: Policy) -> dict[str, bytes]:
    """Write every kind of workbook there is."""
    made = {
        "form": template_workbook.write_form(policy),
        "roster": write_blank_roster(),
        "waivers": write_blank_waivers(),
    }
    folder = evaluate(inbox, output, policy).folder
    return made | {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.xlsx")}


def _parts(workbook: bytes) -> dict[str, bytes]:
    """Give the parts of a workbook by name, an empty text that a formula gives as XlsxWriter would save it."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    blank = re.compile(rb' t="str"><f>([^<]*)</f><v></v>')
    return {name: blank.sub(rb"><f>\1</f><v>None</v>", part) for name, part in parts.items()}


def test_formulas_are_written_as_xlsxwriter_writes_them(
    tmp_path: Path, policy: Policy, seed: dict[str, Any], clean: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every part of every workbook of ours is the same as with XlsxWriter's own classes, saved blanks apart."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name, each in (("科工局", seed), ("样板局", clean)):
        (inbox / f"{name}.xlsx").write_bytes(filed.workbook(each))
    ours = _written(inbox, tmp_path / "ours", policy)
    monkeypatch.setattr(Workbook, "worksheet_class", Worksheet)
    for method in ("add_format", "_get_packager", "_prepare_format_properties"):
        monkeypatch.delattr(Workbook, method)
    stock = _written(inbox, tmp_path / "stock", policy)
    assert len(ours) == 8  # three blanks; two scored, one returned, what waits and the county's
    assert {name: _parts(book) for name, book in stock.items()} == {name: _parts(book) for name, book in ours.items()}
    assert {name for name in ours if ours[name] != stock[name]} == {"form"}  # its derived cells are saved as blank


LIKE_MARKUP = ["<r><t>甲</t></r>", "<r>甲 & 乙</r>", "<r></r>", "<t>甲</t>", "&lt;", "_x0041_", " 甲 "]


@pytest.mark.parametrize("text", LIKE_MARKUP)
def test_text_that_looks_like_markup_stays_text(text: str) -> None:
    """A text is read back as it was written, also one that XlsxWriter takes for markup of its own."""
    book, buffer = writer.begin_workbook("县")
    writer.put(book.add_worksheet("表"), (0, 0), text, book.add_format())
    book.close()
    assert openpyxl.load_workbook(buffer)["表"]["A1"].value == text


PIECES = ["甲", "a", " ", "\u3000", "\n", "\r", "\t", "\x00", "<", ">", "&", '"', "_x", "_x0041_", "\ufffe", "😀"]


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=5).map("".join), max_size=20))
def test_texts_are_written_as_xlsxwriter_writes_them(texts: list[str]) -> None:
    """The part of all texts has the bytes that XlsxWriter gives it, whatever there is to escape or to keep."""

    def part(**own: Any) -> bytes | None:
        book, buffer = writer.begin_workbook("县")
        vars(book).update(own)
        book.add_worksheet("表").write_column(0, 0, texts)
        book.close()
        return _parts(buffer.getvalue()).get("xl/sharedStrings.xml")

    assert part() == part(_get_packager=Packager)


def test_the_part_of_formats_is_that_of_the_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks with formats alike, in another order, with and without links have the bytes of XlsxWriter's own."""
    looks: list[dict[str, Any]] = [
        {"bold": True},
        {"font_size": 9, "border": 1},
        {"bg_color": "#EEEEEE"},
        {"num_format": "0.00"},
    ]
    orders = [*itertools.permutations(looks, 2)] * 2

    def made() -> list[bytes]:
        return [_with_formats(order, link=link) for order in orders for link in (False, True)]

    ours = made()
    for method in ("add_format", "_get_packager", "_prepare_format_properties"):
        monkeypatch.delattr(Workbook, method)
    assert ours == made()


def _with_formats(looks: Sequence[dict[str, Any]], *, link: bool) -> bytes:
    """Write a workbook of a cell in each look, the last one a link or what a condition gives a cell."""
    book, buffer = writer.begin_workbook("县")
    sheet = book.add_worksheet("表")
    for at, each in enumerate(looks):
        writer.put(sheet, (at, 0), "甲", book.add_format(each))
    if link:
        sheet.write_url(9, 0, "internal:'表'!A1", None, "乙")
    else:
        sheet.conditional_format(0, 0, 9, 0, {"type": "blanks", "format": book.add_format(looks[-1])})
    book.close()
    return buffer.getvalue()


LINKS = [
    ("external:部门评分/甲 局#.xlsx", "甲局"),
    ("external:部门评分/甲 局#.xlsx", "甲局"),
    ("external:部门评分/甲 局#.xlsx", "甲局（续）"),
    ("internal:'表'!A1", None),
    ("external:" + "长" * 1200, "太长"),
]


def test_links_are_written_as_xlsxwriter_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links that several sheets and workbooks have alike, or with other words, have the bytes of XlsxWriter's own."""

    def made() -> list[bytes]:
        return [_with_links(LINKS), _with_links(LINKS[::-1])]

    ours = made()
    monkeypatch.setattr(Workbook, "worksheet_class", Worksheet)
    assert ours == made()


def _with_links(links: Sequence[tuple[str, str | None]]) -> bytes:
    """Write a workbook of two sheets that have all these links."""
    book, buffer = writer.begin_workbook("县")
    look = book.add_format({"underline": 1})
    for name in ("表", "又表"):
        sheet = book.add_worksheet(name)
        for at, (address, words) in enumerate(links):
            sheet.write_url(at, 0, address, look, words)
    book.close()
    return buffer.getvalue()


def test_a_chinese_character_is_two_columns_wide() -> None:
    """绩效 is four columns, ab two, and a full-width Ａ two."""
    assert [text_format.display_width(text) for text in ("绩效", "ab", "Ａ", "")] == [4, 2, 2, 0]
