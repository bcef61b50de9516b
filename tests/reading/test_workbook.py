"""Bytes → sheets: pandas gives the cells as the file has them."""

from __future__ import annotations

import datetime
import io
from typing import Any

import openpyxl
from python_calamine import CalamineWorkbook

from pipeline.reading import workbook
from tests.support import filed


def test_pandas_gives_the_cells_as_the_reader_below_it_does(seed: dict[str, Any]) -> None:
    """Blanks, numbers, texts, dates and error cells of a sheet that begins below A1 stand where the file has them."""
    page = openpyxl.Workbook()
    sheet = page.active
    moment = datetime.datetime(2021, 12, 20)  # noqa: DTZ001 - a cell knows no time zone
    cells = {"C3": "字", "D3": 42, "E3": 0.5, "C5": "NA", "D5": moment, "E6": True}
    for address, value in cells.items():
        sheet[address] = value
    sheet["C6"], sheet["C6"].data_type = "#DIV/0!", "e"
    sheet.merge_cells("C3:C4")
    stream = io.BytesIO()
    page.save(stream)
    for content in (stream.getvalue(), filed.workbook(seed)):
        direct = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for found in workbook.sheets(content):
            below = direct.get_sheet_by_name(found.name)
            as_moments = [
                [
                    datetime.datetime.combine(value, datetime.time()) if type(value) is datetime.date else value
                    for value in row
                ]
                for row in below.to_python(skip_empty_area=False)
            ]
            assert found.rows == as_moments
            assert found.extents == dict(below.merged_cell_ranges or [])
    first = workbook.sheets(stream.getvalue())[0]
    places = {"C3": (2, 2), "D3": (2, 3), "E3": (2, 4), "C5": (4, 2), "D5": (4, 3), "E6": (5, 4)}
    assert {each: first.value(cell) for each, cell in places.items()} == cells
    assert [first.value(cell) for cell in ((0, 0), (5, 2), (3, 2))] == ["", "", "字"]
