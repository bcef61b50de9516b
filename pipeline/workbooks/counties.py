"""Several counties → the tables and the workbook above them: of a city, or of a province."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.county_tables import COUNTY_BOOK
from pipeline.reading.tables import records
from pipeline.workbooks import table_sheet
from pipeline.workbooks.styles import Styles, begin
from pipeline.workbooks.table_sheet import MONEY, POINTS, RATE, SUM, WHOLE, Col
from schemas.enums import EVALUATED, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.county_tables import Whole
    from schemas.policy import Policy

BOOK = "各县汇总.xlsx"
ALL = "合计"
"""What stands in the place of a county's name in the rates of all of them."""


_COUNTIES = [
    "county", "files", "evaluated", "missing", "rejected", "mean_points", "median_points", "mean_self_points",
    "provisional", "errors", "warnings", "reason",
]  # fmt: skip
_RATES = [
    "county", "measure", "label", "numerator", "denominator", "value", "mean", "median", "departments", "reason",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Above:
    """The tables above some counties.

    ``counties`` is one row per county, ``grades`` one per county × grade, ``rates`` one per county × measure, and per
    measure of all counties together: the rate of the sums.
    """

    counties: pd.DataFrame
    grades: pd.DataFrame
    rates: pd.DataFrame


def above(found: Mapping[str, Whole | str], policy: Policy) -> Above:
    """Put counties together.

    Args:
        found: by name each county as a whole, or why nothing of it could be evaluated; of one at least something was.
        policy: the policy of the year, for its grades.
    """
    evaluated = {name: each for name, each in found.items() if not isinstance(each, str)}
    counties = pd.DataFrame([_county(name, each) for name, each in found.items()], columns=_COUNTIES)
    grades = [
        (name, grade.word, int(_final(each).eq(grade.word).sum()))
        for name, each in evaluated.items()
        for grade in policy.grades
    ]
    rates = [each.county.assign(county=name) for name, each in evaluated.items()]
    return Above(
        counties,
        pd.DataFrame(grades, columns=["county", "grade", "departments"]),
        pd.concat([_together(rates), *rates], ignore_index=True)[_RATES],
    )


def _final(whole: Whole) -> pd.Series[str]:
    """Give the grade of each department, after the reviewer's decisions where there are any."""
    summary = whole.summary
    return summary["grade"].where(summary["reviewed_points"].isna(), summary["reviewed_grade"])


def _county(name: str, whole: Whole | str) -> dict[str, Any]:
    if isinstance(whole, str):
        return {"county": name, "reason": " ".join(whole.split())}
    status, summary = whole.submissions["status"], whole.summary
    points = summary["reviewed_points"].fillna(summary["points"])
    return {
        "county": name,
        "files": int(whole.submissions["source_file"].ne("").sum()),
        "evaluated": int(status.isin(EVALUATED).sum()),
        "missing": int(status.eq(Status.MISSING).sum()),
        "rejected": int(status.eq(Status.REJECTED).sum()),
        "mean_points": points.mean(),
        "median_points": points.median(),
        "mean_self_points": summary["self_points"].mean(),
        "provisional": int(summary["provisional"].sum()),
        "errors": int(summary["errors"].sum()),
        "warnings": int(summary["warnings"].sum()),
        "reason": "",
    }


def _together(rates: list[pd.DataFrame]) -> pd.DataFrame:
    """Give the rates of all counties together: sums over sums, as a county's own are."""
    every = pd.concat(rates, ignore_index=True)
    by = every.groupby("measure", sort=False)
    table = by[["numerator", "denominator"]].sum(min_count=1).round(6)
    table = table.assign(
        county=ALL,
        label=by["label"].first(),
        value=table["numerator"] / table["denominator"],
        departments=by["departments"].sum(),
    )
    reason = table["value"].isna().map({True: "没有部门可以计算", False: ""})
    return table.assign(reason=reason).reset_index()


def workbook(tables: Above, policy: Policy) -> bytes:
    """Write the workbook above the counties: each of them with a link to its own, grades, and rates."""
    book, buffer = begin(f"{policy.year}年度部门整体支出绩效评价各县汇总")
    styles = Styles(book)
    names = tables.counties.loc[tables.counties["reason"].eq(""), "county"]
    links = {name: f"external:../{name}/{policy.year}/{COUNTY_BOOK}" for name in names}
    columns = (
        Col("县（市、区）", "department", 26),
        Col("收到文件", "files", 10, WHOLE, total=SUM),
        Col("已评价部门", "evaluated", 12, WHOLE, total=SUM),
        Col("未报送", "missing", 10, WHOLE, total=SUM),
        Col("没有读取", "rejected", 10, WHOLE, total=SUM),
        Col("平均得分", "mean_points", 12, POINTS, bars=True),
        Col("得分中位数", "median_points", 12, POINTS),
        Col("平均自评", "mean_self_points", 12, POINTS),
        Col("等级暂定", "provisional", 10, WHOLE, total=SUM),
        Col("错误", "errors", 10, WHOLE, total=SUM),
        Col("提醒", "warnings", 10, WHOLE, total=SUM),
        Col("没有评价的原因", "reason", 50),
    )
    rows = [row | {"department": row["county"]} for row in records(tables.counties)]
    unit = "单位：分；有复核决定的，按复核后得分。点县名打开该县的汇总"
    table_sheet.write(book.add_worksheet("各县情况"), styles, f"{policy.year}年度各县情况", unit, columns, rows, links)
    _grades(book.add_worksheet("等级分布"), styles, tables, policy)
    _rates(book.add_worksheet("整体指标"), styles, tables)
    book.close()
    return buffer.getvalue()


def _grades(sheet: Any, styles: Styles, tables: Above, policy: Policy) -> None:
    words = [grade.word for grade in policy.grades]
    columns = (
        Col("县（市、区）", "department", 26),
        *(Col(word, word, 12, WHOLE, total=SUM, bars=True) for word in words),
    )
    wide: dict[str, dict[str, Any]] = {}
    for row in records(tables.grades):
        wide.setdefault(row["county"], {"department": row["county"]})[row["grade"]] = row["departments"]
    table_sheet.write(sheet, styles, "各等级的部门数", "单位：个", columns, list(wide.values()))


def _rates(sheet: Any, styles: Styles, tables: Above) -> None:
    columns = (
        Col("县（市、区）", "department", 26),
        Col("指标", "label", 44),
        Col("分子合计", "numerator", 16, MONEY),
        Col("分母合计", "denominator", 16, MONEY),
        Col("合计之比", "value", 14, RATE, number_of="number"),
        Col("各部门平均", "mean", 14, RATE, number_of="number"),
        Col("各部门中位数", "median", 14, RATE, number_of="number"),
        Col("可计算的部门", "departments", 12, WHOLE),
        Col("不可计算的原因", "reason", 30),
    )
    rows = [
        row | {"department": row["county"], "number": table_sheet.number(row["measure"])}
        for row in records(tables.rates)
    ]
    told = f"比率是合计数之比；“{ALL}”是各县合起来的比率，不是各县比率的平均"
    table_sheet.write(sheet, styles, "各县整体指标", told, columns, rows)
