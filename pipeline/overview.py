"""The first sheet of the county workbook: key figures, grades, the three public expenses, and what was received."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from pipeline import ledger
from pipeline.book import Styles, printed, put
from pipeline.county import ITEMS
from pipeline.ledger import MONEY, POINTS, RATE, TOP, WHOLE
from schemas.states import Status

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

    from pipeline.county import County

OVERVIEW = "总览"


def write(book: xlsxwriter.Workbook, sheet: Worksheet, styles: Styles, county: County) -> None:
    """Write the sheet; its formulas look at the others, which are there already."""
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 8, 14)
    sheet.merge_range(0, 0, 0, 7, "", styles.get("title"))
    put(sheet, (0, 0), f"{county.policy.year}年度部门整体支出绩效评价汇总", styles.get("title"))
    sheet.set_row(0, 32)
    count = len(county.departments)
    _key_figures(sheet, styles, county, count)
    _grades(book, sheet, styles, county)
    _by_item(book, sheet, styles, county, count)
    _statuses(sheet, styles, county)
    printed(sheet, landscape=True)


def _span(sheet: str, column: str, count: int) -> str:
    return f"'{sheet}'!{column}{TOP + 2}:{column}{TOP + 1 + max(count, 1)}"


def _sum(county: County, name: str) -> float | None:
    """Give the sum of a field over the county; None where nobody filed it."""
    filed = [row[name] for row in county.departments if row[name] is not None]
    return float(sum(filed)) if filed else None


def _key_figures(sheet: Worksheet, styles: Styles, county: County, count: int) -> None:
    listed = len(county.summary)
    points = [row["points"] for row in county.summary if row["points"] is not None]
    self_points = [row["self_points"] for row in county.summary if row["self_points"] is not None]
    budget, executed = (_sum(county, name) or 0.0 for name in ("funds_budget", "funds_executed"))
    figures: list[tuple[str, str, str, Any]] = [
        ("已评价部门", WHOLE, f"=COUNT({_span('排名', 'C', listed)})", count),
        (
            "平均核算得分",
            POINTS,
            f'=IFERROR(AVERAGE({_span("排名", "C", count)}),"")',
            sum(points) / count if count else "",
        ),
        (
            "平均自评得分",
            POINTS,
            f'=IFERROR(AVERAGE({_span("排名", "F", count)}),"")',
            sum(self_points) / len(self_points) if self_points else "",
        ),
        ("全年预算数（万元）", MONEY, f"=SUM({_span('资金与执行', 'B', count)})", budget),
        ("全年执行数（万元）", MONEY, f"=SUM({_span('资金与执行', 'C', count)})", executed),
        ("全县预算执行率", RATE, '=IF(B7<=0,"",B8/B7)', executed / budget if budget > 0 else ""),
        (
            "审核错误（处）",
            WHOLE,
            f"=SUM({_span('排名', 'I', listed)})",
            sum(row["errors"] for row in county.summary),
        ),
        (
            "等级暂定的部门",
            WHOLE,
            f'=COUNTIF({_span("排名", "E", count)},"暂定")',
            sum(row["provisional"] for row in county.summary),
        ),
    ]
    put(sheet, (2, 0), "主要数字", styles.get("computed_head"))
    put(sheet, (2, 1), "", styles.get("computed_head"))
    for at, (label, number, formula, value) in enumerate(figures, 3):
        put(sheet, (at, 0), label, styles.get("filed"))
        sheet.write_formula(at, 1, formula, styles.get("total", None, number), value)


def _grades(book: xlsxwriter.Workbook, sheet: Worksheet, styles: Styles, county: County) -> None:
    for column, head in enumerate(("等级", "核算（部门数）", "自评（部门数）")):
        put(sheet, (2, 3 + column), head, styles.get("computed_head"))
    computed = Counter(row["grade"] for row in county.summary)
    claimed = Counter(row["self_grade"] for row in county.summary)
    for at, grade in enumerate(county.policy.grades, 3):
        put(sheet, (at, 3), grade.word, styles.get("filed"))
        for column, counts, source in ((4, computed, "D"), (5, claimed, "G")):
            formula = f"=COUNTIF({_span('排名', source, len(county.summary))},D{at + 1})"
            sheet.write_formula(at, column, formula, styles.get("filed", None, WHOLE), counts[grade.word])
    chart = _chart(book, "column", "等级分布", "等级", "部门数")
    last = 2 + len(county.policy.grades)
    for column, name, colour in ((4, "核算", "#1F4E79"), (5, "自评", "#BFBFBF")):
        chart.add_series(
            {
                "name": name,
                "categories": [OVERVIEW, 3, 3, last, 3],
                "values": [OVERVIEW, 3, column, last, column],
                "fill": {"color": colour},
                "data_labels": {"value": True},
            }
        )
    sheet.insert_chart(13, 0, chart, {"x_offset": 4, "y_offset": 4})


def _by_item(book: xlsxwriter.Workbook, sheet: Worksheet, styles: Styles, county: County, count: int) -> None:
    top = 8
    for column, head in enumerate(("三公经费（万元）", "上年决算", "本年预算", "本年决算", "变动率")):
        put(sheet, (top, 3 + column), head, styles.get("computed_head"))
    for at, (item, label) in enumerate(ITEMS):
        row = top + 1 + at
        put(sheet, (row, 3), label, styles.get("filed"))
        base = 1 + at * 5
        values = {}
        for column, each, offset in ((4, "prior_outturn", 2), (5, "budget", 1), (6, "outturn", 0)):
            values[each] = _sum(county, f"{item}_{each}")
            span = _span("三公经费", ledger.letter(base + offset), count)
            formula = f'=IF(COUNT({span})=0,"",SUM({span}))'
            shown = "" if values[each] is None else values[each]
            sheet.write_formula(row, column, formula, styles.get("filed", None, MONEY), shown)
        before, now = values["prior_outturn"], values["outturn"]
        change = (now - before) / before if before and now is not None and before > 0 else ""
        line = row + 1
        formula = f'=IF(COUNT(E{line},G{line})<2,"",IF(E{line}<=0,"",(G{line}-E{line})/E{line}))'
        sheet.write_formula(row, 7, formula, styles.get("computed", None, RATE), change)
    chart = _chart(book, "column", "“三公经费”：上年与本年", "项目", "万元")
    for column, name, colour in (
        (4, "上年决算", "#BFBFBF"),
        (5, "本年预算", "#9DC3E6"),
        (6, "本年决算", "#1F4E79"),
    ):
        chart.add_series(
            {
                "name": name,
                "categories": [OVERVIEW, top + 1, 3, top + len(ITEMS), 3],
                "values": [OVERVIEW, top + 1, column, top + len(ITEMS), column],
                "fill": {"color": colour},
            }
        )
    sheet.insert_chart(13, 4, chart, {"x_offset": 4, "y_offset": 4})


def _chart(book: xlsxwriter.Workbook, kind: str, title: str, across: str, up: str) -> Chart:
    chart = book.add_chart({"type": kind})
    assert chart is not None  # noqa: S101 - None only for a kind that does not exist
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_x_axis({"name": across})
    lines = {"visible": True, "line": {"color": "#E0E0E0"}}
    chart.set_y_axis({"name": up, "num_format": "0", "min": 0, "major_gridlines": lines})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 480, "height": 300})
    return chart


def _statuses(sheet: Worksheet, styles: Styles, county: County) -> None:
    counts = Counter(row["status"] for row in county.submissions)
    told = "，".join(f"{Status(status).label} {count}" for status, count in sorted(counts.items()))
    files = sum(bool(row["source_file"]) for row in county.submissions)
    put(sheet, (1, 0), f"收到文件 {files} 个：{told}", styles.get("plain"))
