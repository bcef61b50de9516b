"""The first sheet of the county workbook, one printed page: key figures, what they are made of, and their charts.

Every figure is a formula over the other sheets, written with the value that the program computed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.workbooks import table_sheet
from pipeline.workbooks.county.data import FUNDS, RANKING, RULES, THREE_PUBLIC
from pipeline.workbooks.table_sheet import MONEY, POINTS, RATE, WHOLE
from pipeline.workbooks.writer import put, set_up_page
from schemas.enums import EVALUATED, Status
from schemas.lists.own_files import OVERVIEW, TITLE
from schemas.measures import ITEMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xlsxwriter
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

    from pipeline.workbooks.county.data import County
    from pipeline.workbooks.styles import Styles
    from pipeline.workbooks.table_sheet import WrittenTable

NOW, BEFORE, PLANNED = "#1F4E79", "#BFBFBF", "#9DC3E6"
"""Colours of this year's figures, of last year's or the department's own, and of the budget."""
RATES = (0.8, 0.9, 0.95, 1.0)
"""Where the classes of execution rates begin and end; a class holds its lower end."""
LISTED = 8
"""Rules that the overview lists, the most frequent first."""
CHARTS, BELOW = 19, 32
"""The rows from which the two lines of charts stand."""
SIZE = {"width": 384, "height": 250}
GAP = 8
AMOUNT = "[=0]0;[<100]0.00;#,##0"
"""Number format of an amount that stands at a column: a small one is not rounded to a whole."""
GRID = {"visible": True, "line": {"color": "#E0E0E0"}}
SPENDING = (("基本支出", "basic"), ("项目支出", "project"))
"""Expenditure of annex 1-1: label and the item of its fields."""


class Figure(NamedTuple):
    """A figure of the overview: its formula, the value it gives, and its number format."""

    formula: str
    value: Any
    number: str


@dataclass(slots=True)
class OverviewPage:
    """The sheet while it is written."""

    book: xlsxwriter.Workbook
    sheet: Worksheet
    styles: Styles
    county: County
    tables: Mapping[str, WrittenTable]

    def span(self, sheet: str, key: str) -> str:
        """Write a column of another sheet as a range, by the name of the sheet and the key of the column."""
        return self.tables[sheet].column(key)

    def table(self, top: int, left: int, heads: Sequence[str], rows: Sequence[tuple[str, Sequence[Figure]]]) -> None:
        """Write a small table: heads, and lines of a label and its figures."""
        for column, text in enumerate(heads, left):
            put(self.sheet, (top, column), text, self.styles.get("computed_head"))
        for at, (label, figures) in enumerate(rows, top + 1):
            put(self.sheet, (at, left), label, self.styles.get("filed"))
            for column, figure in enumerate(figures, left + 1):
                value = "" if figure.value is None else figure.value
                self.sheet.write_formula(
                    at, column, figure.formula, self.styles.get("total", None, figure.number), value
                )

    def chart(self, row: int, number: int, chart: Chart) -> None:
        """Place a chart in a line of charts, by its number from the left."""
        self.sheet.insert_chart(row, 0, chart, {"x_offset": 4 + number * (SIZE["width"] + GAP), "y_offset": 4})

    def columns(
        self, title: str, axes: tuple[str, str, str], series: Sequence[tuple[str, int, str]], rows: tuple[int, int, int]
    ) -> Chart:
        """Draw columns.

        ``axes`` are the names of both and the number format of what stands at a column; ``series`` are name, column
        and colour; ``rows`` first and last line and the labels' column.
        """
        across, up, number = axes
        chart = _chart(self.book, "column", title, across, up)
        first, last, labels = rows
        for name, column, colour in series:
            chart.add_series(
                {
                    "name": name,
                    "categories": [OVERVIEW, first, labels, last, labels],
                    "values": [OVERVIEW, first, column, last, column],
                    "fill": {"color": colour},
                    "data_labels": {"value": True, "num_format": number, "font": {"size": 8}},
                }
            )
        if len(series) == 1:
            chart.set_legend({"none": True})
        return chart


def write_overview(
    book: xlsxwriter.Workbook,
    sheet: Worksheet,
    styles: Styles,
    county: County,
    tables: Mapping[str, WrittenTable],
) -> None:
    """Write the sheet; its formulas look at the other ``tables``, which are there already, by their sheet's name."""
    page = OverviewPage(book, sheet, styles, county, tables)
    for column, width in enumerate((24, 14, 2, 20, 12, 12, 12, 11, 2, 30, 11, 8)):
        sheet.set_column(column, column, width)
    sheet.merge_range(0, 0, 0, 11, "", styles.get("title"))
    put(sheet, (0, 0), f"{county.policy.year}{TITLE}汇总", styles.get("title"))
    sheet.set_row(0, 32)
    put(sheet, (1, 0), _received(county), styles.get("plain"))
    _key_figures(page)
    _grades(page)
    _by_item(page)
    _budget(page)
    _execution(page)
    _rules(page)
    set_up_page(sheet, landscape=True)
    sheet.fit_to_pages(1, 1)


def _sum(county: County, name: str) -> float | None:
    """Give the sum of a field over the county; None where nobody filed it."""
    filed = [row[name] for row in county.departments if row[name] is not None]
    return float(sum(filed)) if filed else None


def _received(county: County) -> str:
    """Say what came in, of what was expected."""
    counts = Counter(row["status"] for row in county.submissions)
    told = "，".join(f"{Status(status).label} {count}" for status, count in sorted(counts.items()))
    files = sum(bool(row["source_file"]) for row in county.submissions)
    sent, missing = sum(counts[each] for each in EVALUATED), counts[Status.MISSING]
    expected = (
        f"应报部门中未报 {missing} 个，已评价 {sent} 个。" if county.with_roster else "没有部门名册，不知道应报多少。"
    )
    return f"收到文件 {files} 个：{told}。{expected}"


def _key_figures(page: OverviewPage) -> None:
    county = page.county
    points = [row["points"] for row in county.summary if row["points"] is not None]
    claimed = [row["self_points"] for row in county.summary if row["self_points"] is not None]
    budget, executed = (_sum(county, name) or 0.0 for name in ("funds_budget", "funds_executed"))
    errors, warnings = (sum(row[name] for row in county.summary) for name in ("errors", "warnings"))
    provisional = sum(row["provisional"] for row in county.summary)

    def mean(key: str, values: list[float]) -> Figure:
        formula = f'=IFERROR(AVERAGE({page.span(RANKING, key)}),"")'
        return Figure(formula, sum(values) / len(values) if values else "", POINTS)

    figures = (
        ("已评价部门（个）", Figure(f"=COUNT({page.span(RANKING, 'points')})", len(county.departments), WHOLE)),
        ("平均核算得分", mean("points", points)),
        ("平均自评得分", mean("self_points", claimed)),
        ("全年预算数（万元）", Figure(f"=SUM({page.span(FUNDS, 'funds_budget')})", budget, MONEY)),
        ("全年执行数（万元）", Figure(f"=SUM({page.span(FUNDS, 'funds_executed')})", executed, MONEY)),
        ("全县预算执行率", Figure('=IF(B7<=0,"",B8/B7)', executed / budget if budget > 0 else "", RATE)),
        ("审核错误（处）", Figure(f"=SUM({page.span(RANKING, 'errors')})", errors, WHOLE)),
        ("审核提醒（处）", Figure(f"=SUM({page.span(RANKING, 'warnings')})", warnings, WHOLE)),
        ("等级暂定的部门（个）", Figure(f'=COUNTIF({page.span(RANKING, "provisional")},"暂定")', provisional, WHOLE)),
    )
    page.table(2, 0, ("主要数字", ""), [(label, (figure,)) for label, figure in figures])


def _grades(page: OverviewPage) -> None:
    county = page.county
    computed = Counter(row["grade"] for row in county.summary)
    claimed = Counter(row["self_grade"] for row in county.summary)
    rows = []
    for at, grade in enumerate(county.policy.grades, 4):
        counts = ((computed, "grade"), (claimed, "self_grade"))
        figures = [Figure(f"=COUNTIF({page.span(RANKING, key)},D{at})", of[grade.word], WHOLE) for of, key in counts]
        rows.append((grade.word, figures))
    page.table(2, 3, ("等级", "核算（个）", "自评（个）"), rows)
    series = (("核算", 4, NOW), ("自评", 5, BEFORE))
    page.chart(CHARTS, 0, page.columns("等级分布", ("等级", "部门数（个）", WHOLE), series, (3, 2 + len(rows), 3)))


def _by_item(page: OverviewPage) -> None:
    county, top = page.county, 8
    rows = []
    for at, (item, label) in enumerate(ITEMS):
        names = ("prior_outturn", "budget", "outturn")
        values = {each: _sum(county, f"{item}_{each}") for each in names}
        spans = [page.span(THREE_PUBLIC, f"{item}_{each}") for each in names]
        figures = [_total(span, value) for span, value in zip(spans, values.values(), strict=True)]
        rows.append((label, [*figures, _change(top + 2 + at, "E", "G", values["prior_outturn"], values["outturn"])]))
    page.table(top, 3, ("三公经费（万元）", "上年决算", "本年预算", "本年决算", "变动率"), rows)
    series = (("上年决算", 4, BEFORE), ("本年预算", 5, PLANNED), ("本年决算", 6, NOW))
    lines = (top + 1, top + len(ITEMS), 3)
    page.chart(CHARTS, 1, page.columns("“三公经费”：上年与本年", ("项目", "万元", AMOUNT), series, lines))


def _budget(page: OverviewPage) -> None:
    county, top = page.county, 14
    rows = []
    for at, (label, item) in enumerate(SPENDING):
        budget, outturn = (_sum(county, f"{item}_{each}") for each in ("budget", "outturn"))
        spans = [page.span(FUNDS, f"{item}_{each}") for each in ("budget", "outturn")]
        figures = [_total(span, value) for span, value in zip(spans, (budget, outturn), strict=True)]
        rows.append((label, [*figures, _change(top + 2 + at, "E", "F", budget, outturn)]))
    page.table(top, 3, ("预算与决算（万元）", "预算数", "决算数", "差异率"), rows)
    series = (("预算数", 4, PLANNED), ("决算数", 5, NOW))
    lines = (top + 1, top + len(rows), 3)
    page.chart(CHARTS, 2, page.columns("预算与决算", ("支出", "万元", AMOUNT), series, lines))


def _total(span: str, value: float | None) -> Figure:
    return Figure(f'=IF(COUNT({span})=0,"",SUM({span}))', value, MONEY)


def _change(line: int, before: str, now: str, earlier: float | None, later: float | None) -> Figure:
    """Give by how much one cell of a line is above another, as a part of it."""
    base, cell = f"{before}{line}", f"{now}{line}"
    value = (later - earlier) / earlier if earlier and later is not None and earlier > 0 else None
    return Figure(table_sheet.change_formula(cell, base), value, RATE)


def _execution(page: OverviewPage) -> None:
    """Write how many departments executed how much of their budget."""
    county, top = page.county, 2
    span = page.span(FUNDS, "rate")
    rates = [
        row["funds_executed"] / row["funds_budget"]
        for row in county.departments
        if row["funds_executed"] is not None and row["funds_budget"] is not None and row["funds_budget"] > 0
    ]
    bounds = list(pairwise((None, *RATES, None)))
    rows = []
    for low, high in bounds:
        conditions = [f'"{sign}{bound:g}"' for sign, bound in ((">=", low), ("<", high)) if bound is not None]
        formula = "=COUNTIFS(" + ",".join(f"{span},{condition}" for condition in conditions) + ")"
        count = sum((low is None or rate >= low) and (high is None or rate < high) for rate in rates)
        rows.append((_class(low, high), (Figure(formula, count, WHOLE),)))
    page.table(top, 9, ("预算执行率（含下限）", "部门（个）"), rows)
    lines = (top + 1, top + len(rows), 9)
    chart = page.columns("预算执行率分布", ("预算执行率", "部门数（个）", WHOLE), (("部门数", 10, NOW),), lines)
    page.chart(BELOW, 0, chart)


def _class(low: float | None, high: float | None) -> str:
    if low is None:
        return f"＜{high:.0%}"
    return f"≥{low:.0%}" if high is None else f"{low:.0%}-{high:.0%}"


def _rules(page: OverviewPage) -> None:
    """Write the rules found at most departments, with how many."""
    top, count = 9, min(LISTED, len(page.county.rules))
    for column, text in enumerate(("常见问题", "部门（个）", "处数"), 9):
        put(page.sheet, (top, column), text, page.styles.get("computed_head"))
    for at, row in enumerate(page.county.rules[:LISTED]):
        for column, (name, number) in enumerate((("title", ""), ("departments", WHOLE), ("places", WHOLE)), 9):
            style = page.styles.get("filed" if column == 9 else "total", None, number)  # noqa: PLR2004 - the label's
            page.sheet.write_formula(top + 1 + at, column, f"={page.tables[RULES].cell(name, at)}", style, row[name])
    if count:
        chart = _chart(page.book, "bar", "常见问题涉及的部门（个）", "", "")
        chart.set_y_axis({"reverse": True, "num_font": {"size": 8}, "interval_unit": 1})  # each rule by its name
        chart.set_x_axis({"visible": False, "min": 0, "major_gridlines": {"visible": False}})  # the bars say how many
        chart.add_series(
            {
                "name": "涉及部门",
                "categories": [OVERVIEW, top + 1, 9, top + count, 9],
                "values": [OVERVIEW, top + 1, 10, top + count, 10],
                "fill": {"color": NOW},
                "data_labels": {"value": True},
            }
        )
        chart.set_legend({"none": True})
        chart.set_size({"width": 2 * SIZE["width"] + GAP, "height": SIZE["height"]})
        page.chart(BELOW, 1, chart)


def _chart(book: xlsxwriter.Workbook, kind: str, title: str, across: str, up: str) -> Chart:
    chart = book.add_chart({"type": kind})
    assert chart is not None  # noqa: S101 - None only for a kind that does not exist
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_x_axis({"name": across, "num_font": {"size": 8}})
    chart.set_y_axis({"name": up, "num_format": "0", "min": 0, "major_gridlines": GRID})
    chart.set_legend({"position": "bottom"})
    chart.set_size(SIZE)
    return chart
