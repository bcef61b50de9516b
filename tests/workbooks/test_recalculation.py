"""Every formula of every workbook that is written gives the value that was written with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.utils import column_index_from_string

from pipeline.evaluate import Run, evaluate
from pipeline.inputs import Inputs
from pipeline.workbooks.form_layout import blank_rows
from pipeline.workbooks.template import workbook as template_workbook
from schemas.forms import FORMS, INDICATORS
from schemas.lists.reviews import Decision
from tests.support import filed
from tests.support.office import needs_office, recalculated

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy

CLOSE = 1e-9


def formulas(path: Path) -> dict[tuple[str, str], tuple[str, Any]]:
    """Give each formula of a workbook with the value saved beside it, by sheet and cell."""
    written = openpyxl.load_workbook(path)
    cached = openpyxl.load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): (str(cell.value), cached[sheet.title][cell.coordinate].value)
        for sheet in written
        for line in sheet.iter_rows()
        for cell in line
        if cell.data_type == "f"
    }


def errors(path: Path) -> list[str]:
    """Give the cells of a workbook that show an error."""
    book = openpyxl.load_workbook(path, data_only=True)
    return [
        f"{sheet.title} {cell.coordinate}" for sheet in book for line in sheet for cell in line if cell.data_type == "e"
    ]


def same(first: Any, second: Any) -> bool:
    """Tell whether two values are the same figure or text; a blank and "" are one."""
    if isinstance(first, (int, float)) and isinstance(second, (int, float)):
        return math.isclose(first, second, rel_tol=CLOSE, abs_tol=CLOSE)
    return (first or "") == (second or "")


def decided(run: Run) -> tuple[Decision, ...]:
    """Decide whatever waits: 1.5 points for a row or block of indicators, all for execution, and no finding counts."""
    verdicts = {"（": ("不作为问题", ""), "指标": ("改按复核得分", "1.5"), "": ("认定完成", "")}
    found = []
    for number, row in enumerate(run.county_tables.reviews.to_dict("records")):
        verdict, points = next(each for words, each in verdicts.items() if words in row["item"])
        said = ("经核实", "王五", "2022-05-01")
        found.append(Decision(number, row["department"], row["item"], verdict, points, *said, row["content"]))
    return tuple(found)


@needs_office
@pytest.mark.parametrize("reviewed", [False, True], ids=["computed", "reviewed"])
@pytest.mark.slow
def test_every_formula_gives_the_value_written_with_it(
    tmp_path: Path, seed: dict[str, Any], clean: dict[str, Any], policy: Policy, *, reviewed: bool
) -> None:
    """LibreOffice, made to recalculate, finds in every formula of the outputs the value that we wrote."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    changes: dict[str, dict[str, Any]] = {
        "加权不符": {"rows": {"1": {"weight": 7}, "2": {"weight": 9}}},
        "部分分值": {"rows": {"1": {"weight": ""}, "3": {"weight": ""}}},
        "没有分值": {"rows": {str(number): {"weight": ""} for number in range(1, 9)}},
        "超过上限": {"rows": {"7": {"actual": "25万元"}, "8": {"actual": "0.3万元"}}},
        "缺少效益": {"drop": [9, 10, 11, 12]},
        "没有预算": {"fields": {"funds_budget": 0}},
        "缺一个数": {"fields": {"staff_in_post": "", "funds_executed": "", "reception_prior_outturn": ""}},
        "负的执行数": {"fields": {"funds_executed": -5}},
        "负的分值": {"rows": {"8": {"weight": -5}}},
        "负的分值超过": {"rows": {"1": {"weight": 30}, "2": {"weight": -3}, "8": {"weight": ""}}},
        "分值为零": {"rows": {str(number): {"weight": 0} for number in range(1, 9)}},
        "负的得分": {"rows": {"10": {"self_points": -2}, "11": {"self_points": 99}}},
        "只填整块": {"rows": {str(number): {"weight": "", "self_points": ""} for number in range(10, 13)}},
        "档次不符": {"rows": {"10": {"actual": "部分改善"}}},
        "区间目标": {"rows": {"1": {"target": "100-200人次"}, "2": {"target": "0户"}}},
    }
    variants = {"seed": seed, "clean": clean} | {
        name: filed.changed(clean, change, f"示例县{name}局") for name, change in changes.items()
    }
    for name, each in variants.items():
        (inbox / f"{name}.xlsx").write_bytes(filed.workbook(each))
    run = evaluate(inbox, tmp_path / "output", policy)
    if reviewed:
        run = evaluate(inbox, tmp_path / "output", policy, given=Inputs(decisions=decided(run)))
        assert run.county_tables.summary["reviewed_points"].notna().sum() >= 3
        assert set(run.county_tables.reviews["effect"]) == {"in_force"}
    scored = sorted((run.folder / "部门评分").glob("*.xlsx"))
    files = [run.folder / "全县汇总.xlsx", run.folder / "复核意见.xlsx", *scored]
    assert len(scored) == len(variants)
    wrong = []
    for path, saved in zip(files, recalculated(files, tmp_path), strict=True):
        before, after = formulas(path), formulas(saved)
        assert len(before) > 50 or path.name == "复核意见.xlsx"
        assert errors(saved) == []
        assert before.keys() == after.keys()
        for key, (formula, value) in before.items():
            if not same(value, after[key][1]):
                wrong.append((path.name, *key, formula, value, after[key][1]))
    assert wrong == []


def in_the_form(values: dict[tuple[str, str], tuple[str, Any]]) -> list[Any]:
    """Give what the formulas within the forms show, the checks beside them apart."""
    layouts = {form.sheet: len(form.widths) for form in FORMS}
    return [
        value
        for (sheet, cell), (_, value) in values.items()
        if column_index_from_string(cell.rstrip("0123456789")) <= layouts[sheet]
    ]


@needs_office
def test_the_blank_form_shows_no_error(tmp_path: Path, policy: Policy) -> None:
    """The live formulas of the blank form are blank until something is filled in; beside it stands what is missing."""
    path = tmp_path / "blank.xlsx"
    path.write_bytes(template_workbook.write_form(policy))
    (saved,) = recalculated([path], tmp_path)
    found = formulas(saved)
    inside = in_the_form(found)
    assert len(inside) > 10
    assert {value or "" for value in inside} == {""}
    shown = [value for _, value in found.values() if value]
    assert len(shown) == len(FORMS)
    assert all("项必填未填" in value for value in shown)


@needs_office
def test_the_form_computes_while_it_is_typed(tmp_path: Path, policy: Policy) -> None:
    """Control rate, three public expenses and total points are computed from what is typed into the form."""
    fields = {
        "authorised_posts": 42,
        "staff_in_post": 40,
        "vehicle_running_outturn": 1.36,
        "reception_outturn": 1.49,
        "funds_points": 8,
    }
    lines = blank_rows(INDICATORS)
    lines[0]["self_points"], lines[1]["self_points"] = 3, 2
    path = tmp_path / "typed.xlsx"
    path.write_bytes(template_workbook.write_form(policy, fields, lines))
    (saved,) = recalculated([path], tmp_path)
    values = [value for value in in_the_form(formulas(saved)) if value not in {None, ""}]
    # 40/42 = 0.95238…; 1.36 + 1.49 = 2.85 (vehicles 1.36 by itself); 8 + 3 + 2 = 13
    assert sorted(round(float(value), 6) for value in values) == [0.952381, 1.36, 2.85, 13]
