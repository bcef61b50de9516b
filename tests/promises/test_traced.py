"""Every number is traced: from the workbooks to the data, and from the data to the cell of a department's own file."""

from __future__ import annotations

import warnings
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import openpyxl
import pytest

from pipeline.evaluate import evaluate
from pipeline.reading.parse_cell import as_text
from schemas.forms import FIELDS
from schemas.forms.model import Kind
from tests.support import filed
from tests.support.written import table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemas.policy import Policy

Row = dict[str, str]
SEED = "衡阳县科技和工业信息化局"


class Traced(NamedTuple):
    """An inbox, its results, and what the data say."""

    inbox: Path
    folder: Path
    tables: dict[str, list[Row]]

    def of(self, name: str, department: str) -> list[Row]:
        """Give the rows of a department."""
        return [row for row in self.tables[name] if row["department"] == department]


@pytest.fixture(scope="module")
def traced(
    tmp_path_factory: pytest.TempPathFactory, policy: Policy, seed: dict[str, Any], clean: dict[str, Any]
) -> Traced:
    """Evaluate the real return and three made up."""
    inbox = tmp_path_factory.mktemp("inbox")
    other = filed.changed(clean, {"fields": {"reception_outturn": 1.37, "staff_in_post": 31}}, "示例县甲局")
    typed = filed.changed(clean, {"fields": {"basic_outturn": "480.5万元", "authorised_posts": "30人"}}, "示例县乙局")
    for name, each in {"科工局": seed, "样板局": clean, "甲": other, "乙": typed}.items():
        (inbox / f"{name}.xlsx").write_bytes(filed.workbook(each))
    folder = evaluate(inbox, tmp_path_factory.mktemp("out"), policy).folder
    names = ("facts", "indicators", "scores", "summary", "measures", "county", "findings")
    return Traced(inbox, folder, {name: table(folder, name) for name in names})


def opened(path: Path) -> Any:
    """Open a workbook with the values saved in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells what it does not keep
        return openpyxl.load_workbook(path, data_only=True)


def figure(value: Any) -> Decimal:
    """Give a figure as data hold it, to 12 digits."""
    return Decimal(f"{float(value):.12g}")


def lines(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Give the rows of a sheet as values."""
    yield from sheet.iter_rows(values_only=True)


def test_each_fact_stands_in_its_cell(traced: Traced) -> None:
    """Every number is traced: each fact names file, sheet and cell, and that cell of the department's file holds it."""
    books = {path.name: opened(path) for path in traced.inbox.iterdir()}
    checked = 0
    for fact in traced.tables["facts"]:
        assert fact["source_file"]
        assert fact["sheet"]
        assert fact["cell"]
        value = books[fact["source_file"]][fact["sheet"]][fact["cell"]].value
        if not fact["raw"]:
            assert value is None or not str(value).strip()
            continue
        number = FIELDS[fact["field"]].kind.numeric
        if isinstance(value, (int, float)) and number and not fact["raw"].endswith("%"):
            assert Decimal(str(value)) == Decimal(fact["raw"]) == Decimal(fact["value"]), fact
            checked += 1
        elif not isinstance(value, (int, float)):
            assert fact["raw"].removeprefix("'").strip() in as_text(value), fact
    assert checked > 100
    cleaned = {row["field"]: (row["raw"], row["value"]) for row in traced.of("facts", "示例县乙局")}
    assert cleaned["basic_outturn"] == ("480.5万元", "480.5")
    assert cleaned["authorised_posts"] == ("30人", "30")


def test_each_indicator_stands_in_its_cells(traced: Traced) -> None:
    """Every number is traced: the target and the actual of each indicator stand in the cells that are named."""
    books = {path.name: opened(path) for path in traced.inbox.iterdir()}
    for row in traced.tables["indicators"]:
        sheet = books[row["source_file"]][row["sheet"]]
        for name in ("target", "actual"):
            if row[name]:
                assert as_text(sheet[row[f"{name}_cell"]].value).strip() == row[name].removeprefix("'").strip()
    assert len(traced.tables["indicators"]) == 26 + 3 * 13


def test_the_scored_workbook_holds_the_facts(traced: Traced) -> None:
    """Every number is traced: the annexes of a scored workbook hold the facts at the cells they come from."""
    for summary in traced.tables["summary"]:
        book = opened(traced.folder / "部门评分" / f"{summary['department']}.xlsx")
        facts = [row for row in traced.of("facts", summary["department"]) if FIELDS[row["field"]].kind.numeric]
        compared = 0
        for fact in facts:
            value = book[fact["sheet"]][fact["cell"]].value
            if fact["value"] and FIELDS[fact["field"]].kind is not Kind.YEAR:
                assert figure(value) == Decimal(fact["value"]), fact
                compared += 1
        assert compared > 20


def test_the_scored_workbook_holds_the_scores(traced: Traced, policy: Policy) -> None:
    """Every number is traced: points and measures in a scored workbook are those of the data."""
    for summary in traced.tables["summary"]:
        office = summary["department"]
        book = opened(traced.folder / "部门评分" / f"{office}.xlsx")
        rows = {row[0]: row for row in lines(book["评价结果"]) if row[0]}
        labels = {each.name: each.label for each in policy.criteria} | {"total": "合计"}
        names = ("weight", "points", "self_points", "difference", "unreported_weight", "unjudged_weight")
        for score in traced.of("scores", office):
            for name, value in zip(names, rows[labels[score["criterion"]]][1:], strict=False):
                assert (figure(value) == Decimal(score[name])) if score[name] else value in {None, ""}
        indicators = [row for row in lines(book["指标完成"]) if isinstance(row[0], int)]
        for row, told in zip(indicators, traced.of("indicators", office), strict=True):
            assert figure(row[8]) == Decimal(told["points"])
            assert (figure(row[6]) == Decimal(told["attainment"])) if told["attainment"] else row[6] in {None, ""}
        measures = {row[0]: row for row in lines(book["部门指标"])}
        for told in traced.of("measures", office):
            for name, value in zip(("numerator", "denominator", "value"), measures[told["label"]][1:], strict=False):
                assert (figure(value) == Decimal(told[name])) if told[name] else value in {None, ""}


COLUMNS = {"编制数": "authorised_posts", "年末实际在职人数": "staff_in_post", "全年预算数": "funds_budget"} | {
    "全年执行数": "funds_executed",
    "三公经费\n本年决算": "three_public_outturn",
    "三公经费\n本年预算": "three_public_budget",
    "三公经费\n上年决算": "three_public_prior_outturn",
    "公务接待\n本年决算": "reception_outturn",
}
"""Columns of the county workbook, and the facts that they show."""


def test_the_county_workbook_holds_the_data(traced: Traced) -> None:
    """Every number is traced: each figure beside a department in the county workbook is one of its data."""
    book = opened(traced.folder / "全县汇总.xlsx")
    offices = {row["department"] for row in traced.tables["summary"]}
    known = {office: _figures(traced, office) for office in offices}
    seen = dict.fromkeys(offices, 0)
    mapped = 0
    for sheet in book.worksheets:
        rows = list(lines(sheet))
        heads = next((row for row in rows if row[0] == "部门"), ())
        for row in rows:
            if row[0] not in offices:
                continue
            facts = {fact["field"]: fact["value"] for fact in traced.of("facts", row[0])}
            for head, value in zip(heads, row, strict=False):
                if isinstance(value, (int, float)):
                    assert figure(value) in known[row[0]], (sheet.title, row[0], head, value)
                    seen[row[0]] += 1
                    if head in COLUMNS:
                        assert figure(value) == Decimal(facts[COLUMNS[head]])
                        mapped += 1
    assert min(seen.values()) > 100
    assert mapped == len(COLUMNS) * len(offices)


def _figures(traced: Traced, office: str) -> set[Decimal]:
    """Give every figure that the data hold of a department."""
    found: set[Decimal] = set()
    for name in ("facts", "indicators", "scores", "summary", "measures"):
        for row in traced.of(name, office):
            for text in row.values():
                try:
                    number = Decimal(text)
                except ArithmeticError:
                    continue
                found.add(number)
    reference = [row for row in table(traced.folder, "reference") if row["department"] == office]
    found |= {Decimal(row[name]) for row in reference for name in ("weight", "points") if row[name]}
    return found


def test_the_ranking_and_the_totals_add_up(traced: Traced) -> None:
    """Every number is traced: rank and points are those of summary.csv, and a total is the sum of what is above."""
    book = opened(traced.folder / "全县汇总.xlsx")
    ranked = {row[0]: row for row in lines(book["排名"])}
    for told in traced.tables["summary"]:
        row = ranked[told["department"]]
        assert (figure(row[1]), figure(row[2])) == (Decimal(told["rank"]), Decimal(told["points"]))
        assert (row[8], row[9]) == (int(told["errors"]), int(told["warnings"]))
    for name, head in (("人员", "年末实际在职人数"), ("三公经费", "三公经费\n本年决算"), ("资金与执行", "全年执行数")):
        rows = list(lines(book[name]))
        column = next(row for row in rows if row[0] == "部门").index(head)
        facts = [Decimal(row["value"]) for row in traced.tables["facts"] if row["field"] == COLUMNS[head]]
        assert len(facts) == 4
        assert figure(next(row for row in rows if row[0] == "合计")[column]) == sum(facts)
    rates = {row[0]: row for row in lines(book["全县指标"])}
    for told in traced.tables["county"]:
        for name, value in zip(("numerator", "denominator", "value"), rates[told["label"]][1:], strict=False):
            assert (figure(value) == Decimal(told[name])) if told[name] else value in {None, ""}
