"""Several counties → the tables and the workbook above them: of a city, or of a province."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.county_tables import ALL, CountiesTables
from pipeline.frames import records
from pipeline.house_style import MONEY, POINTS, RATE, WHOLE
from pipeline.output.files import relative_link
from pipeline.workbooks import table_sheet
from pipeline.workbooks.styles import Styles
from pipeline.workbooks.table_sheet import SUM, TableColumn
from pipeline.workbooks.writer import begin_workbook
from schemas.file_names import COUNTY_WORKBOOK

if TYPE_CHECKING:
    from schemas.policy import Policy


def write_counties_workbook(tables: CountiesTables, policy: Policy) -> bytes:
    """Write the workbook above the counties: each of them with a link to its own, grades, and rates."""
    book, buffer = begin_workbook(f"{policy.year}年度部门整体支出绩效评价各县汇总")
    styles = Styles(book)
    names = tables.counties.loc[tables.counties["reason"].eq(""), "county"]
    links = {name: f"external:{relative_link(f'../{name}/{policy.year}/{COUNTY_WORKBOOK}')}" for name in names}
    columns = (
        TableColumn("县（市、区）", "department", 26),
        TableColumn("收到文件", "files", 10, WHOLE, total=SUM),
        TableColumn("已评价部门", "evaluated", 12, WHOLE, total=SUM),
        TableColumn("未报送", "missing", 10, WHOLE, total=SUM),
        TableColumn("没有读取", "rejected", 10, WHOLE, total=SUM),
        TableColumn("平均得分", "mean_points", 12, POINTS, bars=True),
        TableColumn("得分中位数", "median_points", 12, POINTS),
        TableColumn("平均自评", "mean_self_points", 12, POINTS),
        TableColumn("等级暂定", "provisional", 10, WHOLE, total=SUM),
        TableColumn("错误", "errors", 10, WHOLE, total=SUM),
        TableColumn("提醒", "warnings", 10, WHOLE, total=SUM),
        TableColumn("没有评价的原因", "reason", 50),
    )
    rows = [row | {"department": row["county"]} for row in records(tables.counties)]
    unit = "单位：分；有复核决定的，按复核后得分。点县名打开该县的汇总"
    table_sheet.write_table(
        book.add_worksheet("各县情况"), styles, f"{policy.year}年度各县情况", unit, columns, rows, links
    )
    _grades(book.add_worksheet("等级分布"), styles, tables, policy)
    _rates(book.add_worksheet("整体指标"), styles, tables)
    book.close()
    return buffer.getvalue()


def _grades(sheet: Any, styles: Styles, tables: CountiesTables, policy: Policy) -> None:
    words = [grade.word for grade in policy.grades]
    columns = (
        TableColumn("县（市、区）", "department", 26),
        *(TableColumn(word, word, 12, WHOLE, total=SUM, bars=True) for word in words),
    )
    wide: dict[str, dict[str, Any]] = {}
    for row in records(tables.grades):
        wide.setdefault(row["county"], {"department": row["county"]})[row["grade"]] = row["departments"]
    table_sheet.write_table(sheet, styles, "各等级的部门数", "单位：个", columns, list(wide.values()))


def _rates(sheet: Any, styles: Styles, tables: CountiesTables) -> None:
    columns = (
        TableColumn("县（市、区）", "department", 26),
        TableColumn("指标", "label", 44),
        TableColumn("分子合计", "numerator", 16, MONEY),
        TableColumn("分母合计", "denominator", 16, MONEY),
        TableColumn("合计之比", "value", 14, RATE, number_of="number"),
        TableColumn("各部门平均", "mean", 14, RATE, number_of="number"),
        TableColumn("各部门中位数", "median", 14, RATE, number_of="number"),
        TableColumn("可计算的部门", "departments", 12, WHOLE),
        TableColumn("不可计算的原因", "reason", 30),
    )
    rows = [
        row | {"department": row["county"], "number": table_sheet.number_format(row["measure"])}
        for row in records(tables.rates)
    ]
    told = f"比率是合计数之比；“{ALL}”是各县合起来的比率，不是各县比率的平均"
    table_sheet.write_table(sheet, styles, "各县整体指标", told, columns, rows)
