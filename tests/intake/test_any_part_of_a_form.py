"""Whatever part of a form a return holds, it gets its line, and the others are evaluated."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.__main__ import main
from pipeline.evaluate import evaluate
from schemas import policy as policies
from tests.support import filed
from tests.support.pages import both, moved, pages, saved
from tests.support.written import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.policy import Policy
    from tests.support.pages import Page

ROWS = [
    ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"),
    ("产出指标", "数量指标", "修路", "10公里", "10公里", 50, 50),
]
"""Two rows without an office, a year, funds or any other fact."""


def page(rows: Sequence[tuple[object, ...]], top: int = 1) -> Page:
    """Give rows as a page."""
    return {(top + at, column): value for at, row in enumerate(rows) for column, value in enumerate(row, 1)}, []


@pytest.mark.parametrize("title", [[], [("2021年度部门整体支出绩效自评表",)]], ids=["without a title", "with a title"])
def test_a_return_without_a_fact_costs_only_itself(
    title: list[tuple[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """F001, F002: a file of two indicator rows gets its line, the seed its 76.02 points; check answers too."""
    inbox, output = tmp_path / "inbox", tmp_path / "out"
    inbox.mkdir()
    (inbox / "seed.xlsx").write_bytes(filed.workbook(filed.load()))
    (inbox / "甲局.xlsx").write_bytes(saved({"表": page([*title, *ROWS])}))
    assert main(["evaluate", str(inbox), "-o", str(output), "--jobs", "1"]) == 0
    lines = {row["source_file"]: row for row in table(output / "2021", "submissions")}
    assert set(lines) == {"seed.xlsx", "甲局.xlsx"}
    assert lines["甲局.xlsx"]["status"] in {"accepted_with_errors", "rejected"}
    points = {row["department"]: row["points"] for row in table(output / "2021", "summary")}
    assert points["衡阳县科技和工业信息化局"] == "76.02"
    capsys.readouterr()
    assert main(["check", str(inbox / "甲局.xlsx"), "--year", "2021"]) == 1
    assert "甲局.xlsx" in capsys.readouterr().out


@dataclass(frozen=True)
class Part:
    """What is left of a form: the sheets kept, and the rows and columns taken away of each."""

    form: int
    sheets: tuple[int, ...]
    rows: tuple[tuple[int, int], ...]
    columns: tuple[int, ...]
    one_sheet: bool


PARTS = st.builds(
    Part,
    form=st.integers(0, 1),
    sheets=st.lists(st.integers(0, 1), min_size=1, max_size=2, unique=True).map(tuple),
    rows=st.lists(st.tuples(st.integers(1, 45), st.integers(1, 20)), max_size=4).map(tuple),
    columns=st.lists(st.integers(1, 9), max_size=3).map(tuple),
    one_sheet=st.booleans(),
)
FILES = st.lists(st.lists(PARTS, min_size=1, max_size=2), min_size=2, max_size=8)
"""Files of one or two forms, each of which has lost sheets, sections, rows or columns."""


@cache
def forms() -> list[list[Page]]:
    """Give the pages of the two filled returns."""
    returns = (filed.load(), filed.load(filed.RETURNS / "clean.toml"))
    return [list(pages(filed.workbook(each)).values())[-2:] for each in returns]


def without(page: Page, part: Part) -> Page:
    """Take rows and columns away; what is below or right of them moves up, as when they are deleted."""
    gone = {row for first, count in part.rows for row in range(first, first + count)}
    kept = {at: value for at, value in page[0].items() if at[0] not in gone and at[1] not in part.columns}
    up = {row: sum(each < row for each in gone) for row, _ in kept}
    left = {column: sum(each < column for each in set(part.columns)) for _, column in kept}
    return {(row - up[row], column - left[column]): value for (row, column), value in kept.items()}, []


def workbook(parts: list[Part]) -> bytes:
    """Make the workbook of what is left of one form or of two, on sheets of their own or one below the other."""
    found = [(part, without(forms()[part.form][at], part)) for part in parts for at in part.sheets]
    if not parts[0].one_sheet:
        return saved({f"表{number}": each for number, (_, each) in enumerate(found)})
    stacked: Page = ({}, [])
    for _, each in found:
        stacked = both(stacked, moved(each, max((row for row, _ in stacked[0]), default=0) + 1, 0))
    return saved({"表": stacked})


QUICK = settings(
    max_examples=8,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # each example is a whole run: to make it smaller would take minutes
)


@pytest.mark.slow
@settings(QUICK, max_examples=40)
@given(FILES)
def test_many_parts_of_forms_get_one_line_each(files: list[list[Part]]) -> None:
    """Any sections, rows and columns taken away of a form, and any two forms put together, end in one line a file."""
    one_line_a_file(files)


@QUICK
@given(FILES)
@pytest.mark.slow
def test_any_part_of_a_form_gets_one_line(files: list[list[Part]]) -> None:
    """Any sections, rows and columns taken away of a form, and any two forms put together, end in one line a file."""
    one_line_a_file(files)


def one_line_a_file(files: list[list[Part]]) -> None:
    """Evaluate files beside the seed: each has its line, and the seed its points."""
    chosen: Policy = policies.load(2021)
    with tempfile.TemporaryDirectory() as folder:
        inbox = Path(folder) / "inbox"
        inbox.mkdir()
        books = [workbook(each) for each in files]
        for number, content in enumerate(books):
            (inbox / f"{number}.xlsx").write_bytes(content)
        (inbox / "whole.xlsx").write_bytes(filed.workbook(filed.changed(filed.load(), {}, "完整局")))
        done = evaluate(inbox, Path(folder) / "out", chosen)
        sources = done.county_tables.submissions["source_file"].tolist()
        assert sorted(sources) == sorted([*(f"{number}.xlsx" for number in range(len(files))), "whole.xlsx"])
        summary = done.county_tables.summary.set_index("department")
        assert summary.loc["完整局", "points"] == 76.02
