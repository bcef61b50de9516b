"""The county over the years: totals of each year and the figures of each department, this year's and earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline import house_style as house
from pipeline.workbooks import table_sheet
from pipeline.workbooks.department_years import DepartmentYear
from pipeline.workbooks.table_sheet import TableColumn
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

    from pipeline.workbooks.county.data import County
    from pipeline.workbooks.styles import Styles
    from pipeline.workbooks.table_sheet import WrittenTable

YEARS, DEPARTMENTS = "历年", "部门历年"
"""Names of the sheets."""
_CHARTS = (
    ("“三公”经费决算（万元）", "three_public", house.CHART_MONEY),
    ("预算执行率", "execution", house.SHARE),
    ("平均得分", "points", house.POINTS),
    ("审核发现（处）", "findings", house.WHOLE),
)
"""The charts: title, key of the column, number format."""


def this_year(county: County) -> dict[str, DepartmentYear]:
    """Give the departments of the evaluated year, by their normalised names."""
    summary = {row["department"]: row for row in county.summary}
    found = {}
    for row in county.departments:
        told = summary[row["department"]]
        points = told["points"] if told["reviewed_points"] is None else told["reviewed_points"]
        spent, budget, executed = (row[each] for each in ("three_public_outturn", "funds_budget", "funds_executed"))
        findings = told["errors"] + told["warnings"]
        found[normalise_label(row["department"])] = DepartmentYear(spent, budget, executed, points, findings)
    return found


def year_totals(county: County) -> list[dict[str, Any]]:
    """Give the totals of each year, this year's last; none where no earlier year is known."""
    if not county.years:
        return []
    return [
        _totals(year, departments)
        for year, departments in (county.years | {county.policy.year: this_year(county)}).items()
    ]


def write_years(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    """Write both sheets; nothing where no earlier year is known."""
    if not county.years:
        return
    years = county.years | {county.policy.year: this_year(county)}
    _write_totals(book, styles, year_totals(county))
    _write_departments(book, styles, county, years)


def _write_totals(book: xlsxwriter.Workbook, styles: Styles, rows: list[dict[str, Any]]) -> None:
    columns = (
        TableColumn("年度", "year", 12),
        TableColumn("部门（个）", "departments", 14, house.WHOLE),
        TableColumn("“三公”经费决算（万元）", "three_public", 24, house.MONEY),
        TableColumn("全年预算数（万元）", "budget", 22, house.MONEY),
        TableColumn("全年执行数（万元）", "executed", 22, house.MONEY),
        TableColumn(
            "预算执行率", "execution", 16, house.SHARE, table_sheet.rate_formula("{executed}{n}", "{budget}{n}")
        ),
        TableColumn("平均得分", "points", 14, house.POINTS),
        TableColumn("审核发现（处）", "findings", 18, house.WHOLE),
    )
    told = "各年以当年评价结果为准；预算执行率只计两个数都有的部门；上年以前没有保存得分的为空白"
    sheet = book.add_worksheet(YEARS)
    table = table_sheet.write_table(sheet, styles, "历年情况", told, columns, rows)
    for at, (title, key, number) in enumerate(_CHARTS):
        _chart(book, sheet, table, title, key, number, at)


def _totals(year: int, departments: dict[str, DepartmentYear]) -> dict[str, Any]:
    """Sum up a year: sums of 三公 and of budgets of which the execution is known, the mean of points."""
    every = departments.values()
    spent = [each.three_public for each in every if each.three_public is not None]
    known = [each for each in every if each.execution is not None]
    points = [each.points for each in every if each.points is not None]
    budget, executed = (sum(getattr(each, name) or 0.0 for each in known) for name in ("budget", "executed"))
    return {
        "year": f"{year}年",
        "departments": len(departments),
        "three_public": sum(spent) if spent else None,
        "budget": budget if known else None,
        "executed": executed if known else None,
        "execution": executed / budget if budget > 0 else None,
        "points": sum(points) / len(points) if points else None,
        "findings": sum(each.findings for each in every),
    }


def _chart(
    book: xlsxwriter.Workbook, sheet: Worksheet, table: WrittenTable, title: str, key: str, number: str, at: int
) -> None:
    """Draw a figure over the years as a line, two charts side by side below the table."""
    chart = book.add_chart({"type": "line"})
    assert chart is not None  # noqa: S101 - None only for a kind that does not exist
    first, last = table_sheet.TOP + 1, table_sheet.TOP + table.count
    column = list(table.letters).index(key)
    chart.add_series(
        {
            "name": title,
            "categories": [table.sheet, first, 0, last, 0],
            "values": [table.sheet, first, column, last, column],
            "line": {"color": house.NAVY, "width": 2.25},
            "marker": {"type": "circle", "size": 6, "fill": {"color": house.NAVY}},
            "data_labels": {"value": True, "position": "above", "num_format": number, "font": {"size": 9}},
        }
    )
    chart.set_title({"name": title, "name_font": {"name": house.HEAD_FONT, "size": 11, "bold": False}})
    chart.set_legend({"none": True})
    lines = {"visible": True, "line": {"color": house.GRID}}
    chart.set_y_axis({"major_gridlines": lines, "num_font": {"size": 8}, "num_format": number})
    chart.set_size({"width": 520, "height": 260})
    where = {"x_offset": 8 + at % 2 * 530, "y_offset": 12 + at // 2 * 270}
    sheet.insert_chart(table_sheet.TOP + 1 + table.count, 0, chart, where)


def _write_departments(
    book: xlsxwriter.Workbook, styles: Styles, county: County, years: dict[int, dict[str, DepartmentYear]]
) -> None:
    """Write one row per department of this year, its figures of each year side by side."""
    figures = (
        ("得分", "points", house.POINTS), ("“三公”\n（万元）", "three_public", house.MONEY),
        ("预算\n执行率", "execution", house.SHARE), ("审核发现", "findings", house.WHOLE),
    )  # fmt: skip
    columns = [TableColumn("部门", "department", 30)]
    columns += [
        TableColumn(f"{year}年\n{words}", f"{name}_{year}", 12, number)
        for words, name, number in figures
        for year in years
    ]
    rows = []
    for department in county.departments:
        row: dict[str, Any] = {"department": department["department"]}
        for year, departments in years.items():
            mine = departments.get(normalise_label(department["department"]))
            row |= {f"{name}_{year}": getattr(mine, name, None) for _, name, _ in figures}
        rows.append(row)
    told = "名称相同的部门为同一部门；空白为当年没有报送或没有该数"
    table_sheet.write_table(
        book.add_worksheet(DEPARTMENTS), styles, "各部门历年情况", told, columns, rows, county.links
    )
