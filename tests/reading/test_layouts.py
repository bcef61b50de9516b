"""The same return in other layouts gives the same facts: values are found by their words, never by their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pipeline.reading.read import read
from tests.support import filed
from tests.support.pages import Cells, Page, both, moved, pages, saved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.reading.submission import Submission


def stacked(sheets: dict[str, Page]) -> dict[str, Page]:
    """Both annexes on one sheet, one below the other."""
    first, second = sheets.values()
    return {"Sheet1": both(first, moved(second, 40, 0))}


def side_by_side(sheets: dict[str, Page]) -> dict[str, Page]:
    """Both annexes on one sheet, one beside the other."""
    first, second = sheets.values()
    beyond = 1 + max(column for _, column in first[0])
    return {"汇总": both(first, moved(second, 0, beyond + 1))}


def shifted(sheets: dict[str, Page]) -> dict[str, Page]:
    """Other sheet names, other order, everything three rows down and two columns to the right."""
    first, second = sheets.values()
    return {"Sheet2": moved(second, 3, 2), "表一": moved(first, 3, 2)}


def spaced(sheets: dict[str, Page]) -> dict[str, Page]:
    """A blank row after every row, as some offices insert them, and merged ranges gone."""

    def spread(page: Page) -> Page:
        return {(row * 2, column): value for (row, column), value in page[0].items()}, []

    return {name: spread(page) for name, page in sheets.items()}


def spread_out(sheets: dict[str, Page]) -> dict[str, Page]:
    """A blank column after every column, merged ranges gone."""

    def spread(page: Page) -> Page:
        return {(row, column * 2): value for (row, column), value in page[0].items()}, []

    return {name: spread(page) for name, page in sheets.items()}


def with_more_columns(sheets: dict[str, Page]) -> dict[str, Page]:
    """Columns that are not the form's: 年初预算数 before 全年预算数, and a remark at the end of each line."""
    first, second = sheets
    cells, merges = sheets[second]
    head = next(at for at, value in cells.items() if value == "全年预算数")
    moved_on = {(row, column + (column >= head[1])): value for (row, column), value in cells.items()}
    more = {head: "年初预算数", (head[0] + 1, head[1]): 750, (head[0], 12): "备注", (head[0] + 1, 12): 99}
    kept = [(top, left, bottom, right) for top, left, bottom, right in merges if right < head[1]]
    return {first: sheets[first], second: (moved_on | more, kept)}


def closed_up(sheets: dict[str, Page]) -> dict[str, Page]:
    """Pasted as text from Word: each row's texts close up to the left, blank answers keep one cell, merges gone."""

    def close(page: Page) -> Page:
        cells, merges = page
        covered = {
            (row, column)
            for top, left, bottom, right in merges
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
            if (row, column) != (top, left) and (row == top or left > 3)
        }
        widest = max(column for _, column in cells)
        closed: Cells = {}
        for row in {row for row, _ in cells}:
            kept = [column for column in range(1, widest + 1) if (row, column) not in covered]
            closed |= {(row, at): cells[row, column] for at, column in enumerate(kept, 1) if (row, column) in cells}
        return closed, []

    return {name: close(page) for name, page in sheets.items()}


def reordered(sheets: dict[str, Page]) -> dict[str, Page]:
    """The three amounts of annex 1-1 in the order 上年决算, 当年预算, 当年决算."""
    first, second = sheets
    cells, merges = sheets[first]
    header = next(row for (row, _), value in cells.items() if value == "当年决算数")
    end = next(row for (row, _), value in cells.items() if value == "厉行节约保障措施")
    swap = {2: 4, 4: 2}
    changed = {
        (row, swap.get(column, column) if header <= row < end else column): value
        for (row, column), value in cells.items()
    }
    return {first: (changed, merges), second: sheets[second]}


def typed_as_text(sheets: dict[str, Page]) -> dict[str, Page]:
    """Every number typed as text in full-width figures."""
    wide = str.maketrans("0123456789.", "０１２３４５６７８９．")

    def text(value: Any) -> Any:
        return str(value).translate(wide) if isinstance(value, (int, float)) else value

    return {name: ({at: text(v) for at, v in cells.items()}, merges) for name, (cells, merges) in sheets.items()}


def levels_on_every_row(sheets: dict[str, Page]) -> dict[str, Page]:
    """The first and second level written on every row instead of merged."""
    first, second = sheets
    cells, merges = sheets[second]
    tall = [area for area in merges if area[1] in {2, 3} and area[2] > area[0] and area[1] == area[3]]
    filled = {(row, left): cells[top, left] for top, left, bottom, _ in tall for row in range(top, bottom + 1)}
    return {first: sheets[first], second: (cells | filled, [area for area in merges if area not in tall])}


def facts(reading: Submission) -> dict[str, Any]:
    """Give what was understood, wherever it stood."""
    return {fact.field: fact.value for fact in reading.facts}


def rows(reading: Submission) -> list[tuple[Any, ...]]:
    """Give what was understood of the indicator rows, wherever they stood; 37 and ３７ are one text."""
    names = ("criterion", "aspect", "level3", "target", "filed_weight", "filed_self_points")
    narrow = str.maketrans("０１２３４５６７８９．", "0123456789.")
    return [(*(row[name] for name in names), row["actual"].translate(narrow)) for row in reading.indicators]


LAYOUTS = [
    stacked,
    side_by_side,
    shifted,
    spaced,
    spread_out,
    with_more_columns,
    closed_up,
    reordered,
    typed_as_text,
    levels_on_every_row,
]


MORE: dict[Any, dict[str, float]] = {with_more_columns: {"funds_initial_budget": 750.0}}
"""What a layout says that the form of the circular has no place for."""


@pytest.mark.parametrize("name", ["seed", "clean"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_another_layout_gives_the_same_facts(
    layout: Callable[[dict[str, Page]], dict[str, Page]], name: str, request: pytest.FixtureRequest
) -> None:
    """A return in another layout is read to the same facts and rows as the form itself, without a finding."""
    form = filed.workbook(request.getfixturevalue(name))
    expected = read("form.xlsx", form, 2021)
    other = read("other.xlsx", saved(layout(pages(form))), 2021)
    assert other.reason == ""
    assert facts(other) == facts(expected) | MORE.get(layout, {})
    assert rows(other) == rows(expected)
    assert other.findings == []
    assert (other.offices, other.fiscal_year) == (expected.offices, 2021)


def test_cells_are_those_of_the_file(seed: dict[str, Any]) -> None:
    """Provenance follows the layout: shifted three rows and two columns, C9 becomes E12."""
    form = filed.workbook(seed)
    other = read("other.xlsx", saved(shifted(pages(form))), 2021)
    place = {fact.field: (fact.sheet, fact.cell) for fact in other.facts}
    assert place["three_public_budget"] == ("表一", "E12")
    assert place["total_points"] == ("Sheet2", "J45")
