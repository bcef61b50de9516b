"""What all workbooks share: formulas as XlsxWriter would write them, and the width of Chinese text."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from xlsxwriter.worksheet import Worksheet

from pipeline import text_format
from pipeline.evaluate import evaluate
from pipeline.workbooks import writer
from pipeline.workbooks.blank_lists import write_blank_roster, write_blank_waivers
from pipeline.workbooks.template import workbook as template_workbook
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

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
    monkeypatch.setattr(writer.Workbook, "worksheet_class", Worksheet)
    monkeypatch.delattr(writer.Workbook, "add_format")
    stock = _written(inbox, tmp_path / "stock", policy)
    assert len(ours) == 8  # three blanks; two scored, one returned, what waits and the county's
    assert {name: _parts(book) for name, book in stock.items()} == {name: _parts(book) for name, book in ours.items()}
    assert {name for name in ours if ours[name] != stock[name]} == {"form"}  # its derived cells are saved as blank


def test_a_chinese_character_is_two_columns_wide() -> None:
    """绩效 is four columns, ab two, and a full-width Ａ two."""
    assert [text_format.display_width(text) for text in ("绩效", "ab", "Ａ", "")] == [4, 2, 2, 0]
