"""The cells of an .xls by xlrd, which reads what calamine garbles: code pages, old records, formats defined anew.

pandas itself no longer reads such files with xlrd; the frames are the same as it makes of an .xlsx.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlrd
from xlrd.xldate import xldate_as_datetime

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_xls(content: bytes, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Read the values of sheets, one frame each; an error cell is NaN, a blank one ""."""
    with xlrd.open_workbook(file_contents=content, on_demand=True) as book:
        found = {}
        for name in names:
            sheet = book.sheet_by_name(name)
            rows = [
                [_value(*each, book.datemode) for each in zip(sheet.row_types(at), sheet.row_values(at), strict=True)]
                for at in range(sheet.nrows)
            ]
            found[name] = pd.DataFrame(rows, dtype=object)
        return found


def _value(kind: int, value: Any, epoch: int) -> Any:
    """Give the value of a cell as pandas gives it."""
    match kind:
        case xlrd.XL_CELL_NUMBER:
            return int(value) if value.is_integer() else value
        case xlrd.XL_CELL_DATE:
            return _moment(xldate_as_datetime(value, epoch)) if 0 <= value < _LAST_DAY else value
        case xlrd.XL_CELL_BOOLEAN:
            return bool(value)
        case xlrd.XL_CELL_ERROR:
            return float("nan")
        case _:
            return value


_LAST_DAY = 2_958_466
_NO_DAY = datetime.date(1899, 12, 31)


def _moment(value: datetime.datetime) -> datetime.datetime | datetime.time:
    """Give a moment, or the time of the day where there is no day."""
    return value.time() if value.date() == _NO_DAY else value
