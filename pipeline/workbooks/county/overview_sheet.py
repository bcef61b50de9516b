"""The first sheet of the county workbook: one page for the leader, A4 landscape.

From the top: five key figures, what needs a decision, and what the county looks like. Every figure is a formula over
the other sheets, written with the value that the program computed; what charts are drawn from stands beside the page
and is not printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline import house_style as house
from pipeline.reading.workbook import address
from pipeline.workbooks import table_sheet
from pipeline.workbooks.county import overview_charts as charts
from pipeline.workbooks.county.data import COMMON, FUNDS, RANKING, THREE_PUBLIC
from pipeline.workbooks.county.leader_figures import (
    PROBLEMS,
    common_problems,
    largest_changes,
    matters,
    more_matters,
    outliers,
    short_names,
)
from pipeline.workbooks.county.leader_page import (
    LAST_YEAR,
    NO_LAST_YEAR,
    PERCENT_POINTS,
    SPENDING,
    county_sum,
    grade_counts,
    key_figures,
    received,
)
from pipeline.workbooks.county.overview_page import COLUMNS, DATA, LABELS_WIDE, WIDTH, Figure, OverviewPage, cut
from pipeline.workbooks.writer import put, set_up_page
from schemas.lists.own_files import TITLE
from schemas.measures import ITEMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

    from pipeline.workbooks.county.data import County
    from pipeline.workbooks.county.leader_page import KeyFigure
    from pipeline.workbooks.styles import Styles
    from pipeline.workbooks.table_sheet import WrittenTable

CARDS, MATTERS, CHARTS, TABLES = 3, 7, 19, 33
"""The rows at which the parts of the page begin."""
CARD = 4
"""Columns of a card; one stays free between two."""
LINE, TWO_LINES = 18, 28
"""Height of a line of a list in points, and of one whose text takes two lines."""


def write_overview(
    book: xlsxwriter.Workbook, sheet: Worksheet, styles: Styles, county: County, tables: Mapping[str, WrittenTable]
) -> None:
    """Write the sheet; its formulas look at the other ``tables``, which are there already, by their sheet's name."""
    page = OverviewPage(book, sheet, styles, county, tables)
    sheet.hide_gridlines(2)
    sheet.set_column(0, COLUMNS - 1, WIDTH)
    sheet.set_column(DATA, DATA, LABELS_WIDE)
    sheet.set_column(DATA + 1, DATA + 5, 12)
    page.text(0, 0, COLUMNS, f"{county.policy.year}{TITLE}汇总", "title")
    sheet.set_row(0, 32)
    put(sheet, (1, 0), received(county), styles.get("quiet"))
    put(sheet, (1, DATA), "图表数据（不打印）", styles.get("quiet"))
    sheet.set_row(2, 6)
    _cards(page)
    sheet.set_row(CARDS + 3, 8)
    _matters(page)
    _charts(page)
    _problems(page)
    _spending(page)
    set_up_page(sheet, landscape=True)
    sheet.fit_to_pages(1, 1)
    sheet.print_area(0, 0, TABLES + 9, COLUMNS - 1)


# ---------------------------------------------------------------------- key figures


def _cards(page: OverviewPage) -> None:
    """Write the five key figures, each with what it is compared with below."""
    funds = (page.span(FUNDS, name) for name in ("funds_executed", "funds_budget"))
    spent = page.span(THREE_PUBLIC, "three_public_outturn")
    formulas = {
        "received": f"=COUNT({page.span(RANKING, 'points')})",
        "points": f'=IFERROR(AVERAGE({page.span(RANKING, "points")}),"")',
        "three_public": f'=IF(COUNT({spent})=0,"",SUM({spent}))',
        "execution": table_sheet.rate_of_sums(*funds),
        "findings": f"=SUM({page.span(RANKING, 'errors')})+SUM({page.span(RANKING, 'warnings')})",
    }
    for number, figure in enumerate(key_figures(page.county)):
        _card(page, number, figure, formulas[figure.name])


def _card(page: OverviewPage, number: int, figure: KeyFigure, formula: str) -> None:
    """Write a card: label, figure, and what it is held against."""
    column = number * (CARD + 1)
    for row, height in enumerate((17, 34, 17), CARDS):
        page.sheet.set_row(row, height)
    page.text(CARDS, column, CARD, figure.label, "card_label")
    page.formula(CARDS + 1, column, CARD, Figure(formula, figure.value, figure.number), "card_figure")
    first, _ = page.data((figure.label, "比较"), [(each.words, (each.value,)) for each in figure.beside])
    cell, parts = address((CARDS + 1, column)), []
    for at, beside in enumerate(figure.beside, first):
        other = address((at, DATA + 1))
        if beside.value is None:
            parts += [f'"{NO_LAST_YEAR}"'] if beside.words == LAST_YEAR else []
            continue
        more = f'&IF(COUNT({cell})=0,"",IF({cell}>{other}," ▲",IF({cell}<{other}," ▼"," ＝"))'
        more += f"&{_distance(cell, other, beside.number)})"
        parts.append(f'"{beside.words} "&TEXT({other},"{beside.number}"){more if beside.arrow else ""}')
    style = page.styles.get("card_note")
    page.sheet.merge_range(CARDS + 2, column, CARDS + 2, column + CARD - 1, "", style)
    page.sheet.write_formula(CARDS + 2, column, "=" + '&"　"&'.join(parts or ['""']), style, figure.note())


def _distance(cell: str, other: str, number_format: str) -> str:
    """Write how far two cells are apart, two rates in 个百分点."""
    if number_format.endswith("%"):
        return f'TEXT(ABS({cell}-{other})*100,"{number_format.rstrip("%")}")&"{PERCENT_POINTS}"'
    return f'TEXT(ABS({cell}-{other}),"{number_format}")'


def _total(span: str, value: float | None) -> Figure:
    return Figure(f'=IF(COUNT({span})=0,"",SUM({span}))', value, house.MONEY)


# ---------------------------------------------------------------------- what needs a decision


def _matters(page: OverviewPage) -> None:
    """List what needs a decision, each department with a link to its workbook."""
    widths = (2, 4, 7, 3)
    more = more_matters(page.county)
    rest = f"（另有 {more} 项，见各页）" if more else ""
    page.section(MATTERS, 0, sum(widths), f"需要决定的事{rest}")
    rows = [tuple(each) for each in matters(page.county)] or [("", "", "没有需要决定的事", "")]
    for at, texts in enumerate(rows, MATTERS + 1):
        column = 0
        for text, width in zip(texts, widths, strict=True):
            shown = cut(text, width * WIDTH, lines=2)
            page.text(at, column, width, shown, "line")
            if text in page.county.links:
                page.sheet.write_url(at, column, page.county.links[text], page.styles.get("line_link"), shown)
            column += width
    for row in range(MATTERS + 1, CHARTS - 1):
        texts = rows[row - MATTERS - 1] if row - MATTERS <= len(rows) else ()
        wrapped = any(cut(text, width * WIDTH) != text for text, width in zip(texts, widths, strict=False))
        page.sheet.set_row(row, TWO_LINES if wrapped else LINE)


# ---------------------------------------------------------------------- charts


def _charts(page: OverviewPage) -> None:
    """Draw grades, self against computed, 三公 from last year to this, and who changed most."""
    wide = 8
    charts.place(page.sheet, MATTERS, 16, charts.grades(page.book, _grades(page)), (wide, CHARTS - MATTERS))
    for number, chart in enumerate((_scatter(page), _waterfall(page), _changes(page))):
        charts.place(page.sheet, CHARTS, number * wide, chart, (wide, TABLES - CHARTS))
    for row in range(CHARTS - 1, TABLES):
        page.sheet.set_row(row, LINE)


def _grades(page: OverviewPage) -> tuple[int, int]:
    rows = []
    for at, (grade, *counts) in enumerate(grade_counts(page.county), page.data_row + 1):
        word = address((at, DATA))
        figures = [
            Figure(f"=COUNTIF({page.span(RANKING, key)},{word})", count, house.WHOLE)
            for key, count in zip(("grade", "self_grade"), counts, strict=True)
        ]
        rows.append((grade, figures))
    return page.data(("等级", "核算（个）", "自评（个）"), rows)


def _scatter(page: OverviewPage) -> Any:
    """Draw each department by its own score and the computed one; those far off the diagonal are named."""
    ranking, named = page.tables[RANKING], outliers(page.county.summary)
    short = short_names([row["department"] for row in page.county.summary])
    lines = {row["department"]: line for line, row in enumerate(page.county.summary)}
    scores = [row[key] for row in page.county.summary for key in ("points", "self_points") if row[key] is not None]
    numbered = [(lines[name], short[name]) for name in named]
    return charts.scatter(page.book, ranking, numbered, min(scores, default=0.0))


def _waterfall(page: OverviewPage) -> Any:
    """Draw how the county's 三公 came from last year's to this year's, item by item."""
    parts = [(label, item) for item, label in ITEMS if item != "three_public"]
    totals = [
        _total(page.span(THREE_PUBLIC, f"three_public_{each}"), county_sum(page.county, f"three_public_{each}"))
        for each in ("prior_outturn", "outturn")
    ]
    rows: list[tuple[str, Sequence[Figure | float | None]]] = [("上年决算", (totals[0], None, None, None))]
    base = totals[0].value or 0.0
    first = page.data_row + 1
    for at, (label, item) in enumerate(parts, first + 1):
        before, now = (page.span(THREE_PUBLIC, f"{item}_{each}") for each in ("prior_outturn", "outturn"))
        change = (county_sum(page.county, f"{item}_outturn") or 0.0) - (
            county_sum(page.county, f"{item}_prior_outturn") or 0.0
        )
        difference = f"(SUM({now})-SUM({before}))"
        level = address((first, DATA + 1)) if at == first + 1 else address((at - 1, DATA + 5))
        rows.append(
            (
                label,
                (
                    None,
                    Figure(f"=MIN(N({level}),N({level})+{difference})", min(base, base + change), house.MONEY),
                    Figure(f"=MAX(0,{difference})", max(0.0, change), house.MONEY),
                    Figure(f"=MAX(0,-{difference})", max(0.0, -change), house.MONEY),
                    Figure(f"=N({level})+{difference}", base + change, house.MONEY),
                ),
            )
        )
        base += change
    rows.append(("本年决算", (totals[1], None, None, None)))
    return charts.waterfall(page.book, page.data(("“三公”", "合计", "起点", "增加", "减少", "累计"), rows))


def _changes(page: OverviewPage) -> Any:
    """Draw the departments whose 三公 rose or fell most."""
    table = page.tables[THREE_PUBLIC]
    lines = {row["department"]: at for at, row in enumerate(page.county.departments)}
    short = short_names(list(lines))
    rows: list[tuple[str, tuple[Figure | None, ...]]] = []
    for each in largest_changes(page.county):
        now, before = (
            table.cell(f"three_public_{year}", lines[each.department]) for year in ("outturn", "prior_outturn")
        )
        change = each.now - each.before
        rows.append(
            (
                short[each.department],
                (
                    Figure(f"=MAX(0,{now}-{before})", max(0.0, change), house.MONEY),
                    Figure(f"=MIN(0,{now}-{before})", min(0.0, change), house.MONEY),
                ),
            )
        )
    rows = rows or [("（没有）", (None, None))]  # a chart without a series is no chart, and ends the workbook
    return charts.changes(page.book, page.data(("部门", "增加", "减少"), rows))


# ---------------------------------------------------------------------- tables


def _problems(page: OverviewPage) -> None:
    """List the common problems: at how many departments, and at how many of them last year too."""
    widths = (7, 2, 2)
    page.section(TABLES, 0, sum(widths), "常见问题")
    problems = common_problems(page.county)[:PROBLEMS]
    known = bool(page.county.last_year.rules)
    _heads(page, TABLES + 1, 0, ("问题", "部门（个）", "上年已指出"), widths)
    table = page.tables[COMMON]
    for line, problem in enumerate(problems):
        at = TABLES + 2 + line
        page.formula(at, 0, widths[0], Figure(f"={table.cell('title', line)}", problem.title, ""), "line")
        figure = Figure(f"={table.cell('departments', line)}", problem.departments, house.WHOLE)
        page.formula(at, widths[0], widths[1], figure, "line")
        page.text(at, widths[0] + widths[1], widths[2], problem.again if known else "—", "line_number")
    if problems:
        rows = (TABLES + 2, widths[0], TABLES + 1 + len(problems), widths[0])
        page.sheet.conditional_format(*rows, table_sheet.BAR | {"min_type": "num", "min_value": 0})


def _heads(page: OverviewPage, row: int, column: int, heads: Sequence[str], widths: Sequence[int]) -> None:
    for number, (text, width) in enumerate(zip(heads, widths, strict=True)):
        page.text(row, column, width, text, "line_head" if number == 0 else "line_head_number")
        column += width
    page.sheet.set_row(row, LINE)


def _spending(page: OverviewPage) -> None:
    """Write 三公 and expenditure of the county: last year, budget, this year, and the change."""
    left, widths = 12, (4, 2, 2, 2, 2)
    page.section(TABLES, left, sum(widths), "“三公”经费与支出（万元）")
    _heads(page, TABLES + 1, left, ("项目", "上年决算", "本年预算", "本年决算", "比上年"), widths)
    items = [(label, item, THREE_PUBLIC) for item, label in ITEMS]
    items += [(label, item, FUNDS) for label, item in SPENDING]
    for at, (label, item, sheet) in enumerate(items, TABLES + 2):
        page.text(at, left, widths[0], label, "line")
        column, known = left + widths[0], page.tables[sheet].letters
        for each in ("prior_outturn", "budget", "outturn"):
            key = f"{item}_{each}"
            if key in known:
                page.formula(at, column, 2, _total(page.span(sheet, key), county_sum(page.county, key)), "line")
            else:
                page.text(at, column, 2, "—", "line_number")
            column += 2
        now, before = f"{item}_outturn", f"{item}_prior_outturn"
        if before in known:
            page.formula(at, column, 2, _change(page, sheet, now, before), "line")
        else:
            page.text(at, column, 2, "—", "line_number")
    for row in range(TABLES + 2, TABLES + 10):
        page.sheet.set_row(row, LINE)


def _change(page: OverviewPage, sheet: str, now: str, before: str) -> Figure:
    """Give by how much the county's figure is above last year's, over the departments that have both."""
    later, earlier = table_sheet.sums_with_rate(page.county.departments, now, before)
    formula = table_sheet.rate_of_sums(page.span(sheet, now), page.span(sheet, before), change=True)
    return Figure(formula, (later - earlier) / earlier if earlier > 0 else None, house.SHARE)
