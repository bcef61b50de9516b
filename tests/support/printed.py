"""Forms as other offices print them: sheets written as lines of text, and what is read and said of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from openpyxl.utils import range_boundaries

from pipeline.reading.read import read
from schemas import policy as policies
from tests.support.in_memory import evaluate_in_memory
from tests.support.indicated import cases
from tests.support.pages import saved

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.reading.submission import Submission
    from tests.support.in_memory import CountyResult

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
YEAR = 2021
_TOP = "部门整体支出绩效自评表\n（2021年度）\n填报单位（盖章）：示例县…局"
_FUNDS = "部门资金（万元）||||全年预算数|全年执行数|分值|得分\n|年度资金总额|||100|20|10|2"

_ROW = "|一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分\n|产出指标|数量指标|修路|10公里|10公里|50|50"


def workbook(case: dict[str, Any]) -> bytes:
    r"""Write the sheets of a case: a line a row, | between cells, \n for a line break.

    A line @top stands for title, year and office, which are three rows; @funds for the heads and the line of funds, 100
    budgeted and 20 executed; @row for the heads and a line of the indicators. ``merge`` are the merged ranges of the
    first sheet, which is called ``name``; ``more`` has the lines of others by their names.
    """
    short = {"@top": _TOP.replace("…", case["id"]), "@funds": _FUNDS, "@row": _ROW}
    written = {case.get("name", "表"): case["sheet"]} | case.get("more", {})
    sheets = {
        name: "\n".join(short.get(line, line) for line in text.strip("\n").split("\n"))
        for name, text in written.items()
    }
    merges = [range_boundaries(area) for area in case.get("merge", ())]
    areas = [(top, left, bottom, right) for left, top, right, bottom in merges]
    return saved({name: (_cells(text), areas if not at else []) for at, (name, text) in enumerate(sheets.items())})


def _cells(text: str) -> dict[tuple[int, int], Any]:
    cells = (
        (row, column, cell)
        for row, line in enumerate(text.split("\n"), 1)
        for column, cell in enumerate(line.split("|"), 1)
    )
    return {(row, column): _value(cell.strip()) for row, column, cell in cells if cell.strip()}


def _value(text: str) -> Any:
    return float(text) if _NUMBER.fullmatch(text) else text.replace("\\n", "\n")


@dataclass(frozen=True)
class Said:
    """What became of one case: its reading, its indicator rows as judged, and the findings on it."""

    reading: Submission
    rows: pd.DataFrame
    findings: pd.DataFrame

    def facts(self) -> dict[str, Any]:
        """Give the fields that were found, and what was understood of them."""
        return {fact.field: fact.value for fact in self.reading.facts}


@cache
def said(name: str) -> dict[str, Said]:
    """Read every case of a file of cases and evaluate them as one county; by the id of the case."""
    readings = [read(f"{case['id']}.xlsx", workbook(case), YEAR) for case in cases(name)["case"]]
    done = evaluate_in_memory(readings, [], policies.load(YEAR))
    return {reading.source_file.removesuffix(".xlsx"): _said(reading, done) for reading in readings}


def _said(reading: Submission, done: CountyResult) -> Said:
    of_case = (table[table["source_file"].eq(reading.source_file)] for table in (done.indicators, done.findings))
    return Said(reading, *of_case)
