"""What follows from a finding is drawn beneath it in the scored and the returned workbook, and counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from pipeline.evaluate import evaluate
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, clean: dict[str, Any], policy: Policy) -> Path:
    """Evaluate three departments: 三公经费 typed 40 for 4, 公务接待 10 for 1, and one that left its posts blank."""
    folder = tmp_path_factory.mktemp("consequences")
    changes: dict[str, dict[str, Any]] = {
        "甲局": {"three_public_outturn": 40},
        "乙局": {"reception_outturn": 10},
        "丙局": {"authorised_posts": ""},
    }
    (folder / "inbox").mkdir()
    for name, fields in changes.items():
        content = filed.workbook(filed.changed(clean, {"fields": fields}, name))
        (folder / "inbox" / f"{name}.xlsx").write_bytes(content)
    return evaluate(folder / "inbox", folder / "output", policy).folder


def rows(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    """Give the rows of a sheet as shown."""
    return list(openpyxl.load_workbook(path, data_only=True)[sheet].iter_rows(values_only=True))


def test_the_scored_workbook_numbers_it_below_its_cause(results: Path) -> None:
    """The two annexes that differ (1.1) stand beneath the wrong total (1) from which that follows."""
    cause, below, *_ = rows(results / "部门评分" / "甲局.xlsx", "审核发现")[1:]
    assert (cause[0], below[0]) == (1, "1.1")
    assert "由此还有 1 处不符" in cause[3]
    assert below[3].startswith("└ ")
    assert below[1] == "错误\n（由此产生）"


def test_the_returned_workbook_lists_it_below_its_cause_and_counts_one(results: Path) -> None:
    """The list in front names both, counts one error, and asks to mend the cause alone."""
    sheet = rows(results / "退回修改" / "甲局.xlsx", "审核意见")
    assert any(row[0] and "错误 1 处" in str(row[0]) for row in sheet)
    at = next(number for number, row in enumerate(sheet) if row[0] == "1")
    cause, below = sheet[at][:5], sheet[at + 1][:5]
    assert below[:2] == ("1.1", "由此产生")
    assert below[3].startswith("└ ")
    assert cause[4]
    assert not below[4]


def test_the_county_lists_problems_by_mistake(results: Path) -> None:
    """Two departments with a sum that is off are one problem, the blank posts another; last year is not known."""
    found = {row[0]: row[1:5] for row in rows(results / "全县汇总.xlsx", "常见问题")[3:]}
    assert found["合计与分项不符"] == (2, 2 / 3, 2, None)
    assert found["应填的项目空白"] == (1, 1 / 3, 1, None)
    assert "两张附表填报的数不一致" not in found  # it follows from the wrong total
