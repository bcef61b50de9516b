"""The county workbook: overview, ranking, and a sheet for each subject of the evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.house_style import MONEY, POINTS, RATE, WHOLE
from pipeline.workbooks import table_sheet
from pipeline.workbooks.county import list_sheets, overview_sheet
from pipeline.workbooks.county.data import FUNDS, RANKING, STAFFING, THREE_PUBLIC
from pipeline.workbooks.county.years import write_years
from pipeline.workbooks.styles import Styles
from pipeline.workbooks.table_sheet import SUM, TableColumn
from pipeline.workbooks.writer import begin_workbook
from schemas.enums import Status
from schemas.forms import FIELDS
from schemas.lists.own_files import OVERVIEW, TITLE
from schemas.measures import ITEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import xlsxwriter

    from pipeline.workbooks.county.data import County
    from pipeline.workbooks.table_sheet import WrittenTable


_OF_WHOM = "合计行的比率为合计数之比，只计能算出比率的部门"
"""Over which departments the rate of a total is taken: one figure alone would stand above or below the line only."""


def write_county_workbook(county: County) -> bytes:
    """Write the county workbook."""
    book, buffer = begin_workbook(f"{county.policy.year}{TITLE}汇总")
    styles = Styles(book)
    first = book.add_worksheet(OVERVIEW)
    tables: dict[str, WrittenTable] = {}
    for write in (_ranking, _staffing, _three_public, _funds, write_years, *list_sheets.SHEETS):
        table = write(book, styles, county)
        if table:
            tables[table.sheet] = table
    overview_sheet.write_overview(book, first, styles, county, tables)
    book.close()
    return buffer.getvalue()


def _column(name: str) -> str:
    """Give the words of the column that a field stands in."""
    return FIELDS[name].label.rpartition("·")[2]


def _of_sums(numerator: str, denominator: str, *, change: bool = False) -> Callable[[Sequence[dict[str, Any]]], Any]:
    """Give the county's rate: the rate of the sums over departments that have one, not the mean of rates."""

    def value(rows: Sequence[dict[str, Any]]) -> Any:
        above, below = table_sheet.sums_with_rate(rows, numerator, denominator)
        return None if below <= 0 else (above - below if change else above) / below

    return value


def _rows(county: County, names: Iterable[str]) -> list[dict[str, Any]]:
    """Give the departments with only these figures: rows with all of them would fill the memory of a large county."""
    shown = ("department", *names)
    return [{name: row[name] for name in shown} for row in county.departments]


def _put_rates(
    rows: list[dict[str, Any]], name: str, numerator: str, denominator: str, *, change: bool = False
) -> None:
    of_one = _of_sums(numerator, denominator, change=change)
    for row in rows:
        row[name] = of_one([row])


def _total(numerator: str, denominator: str, *, change: bool = False) -> str:
    """Write the county's rate below the columns of its figures."""
    lines = (f"{{{name}}}{{a}}:{{{name}}}{{z}}" for name in (numerator, denominator))
    return table_sheet.rate_of_sums(*lines, change=change)


def _ranking(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    reviewed = any(row["reviewed_points"] is not None for row in county.summary)
    ranked = "final" if reviewed else "points"
    place = f'=IF(ISNUMBER({{{ranked}}}{{n}}),RANK({{{ranked}}}{{n}},{{{ranked}}}${{a}}:{{{ranked}}}${{z}}),"")'
    final = '=IF(ISNUMBER({reviewed_points}{n}),{reviewed_points}{n},IF(ISNUMBER({points}{n}),{points}{n},""))'
    after = (
        TableColumn("复核后得分", "reviewed_points", 12, POINTS),
        TableColumn("复核后等级", "reviewed_grade", 10),
        TableColumn("评定得分", "final", 12, POINTS, final),
    )
    columns = (
        TableColumn("部门", "department", 34),
        TableColumn("名次", "rank", 8, WHOLE, place),
        TableColumn("核算得分", "points", 12, POINTS),
        TableColumn("核算等级", "grade", 10),
        TableColumn("暂定", "provisional", 8),
        TableColumn("自评得分", "self_points", 12, POINTS),
        TableColumn("自评等级", "self_grade", 10),
        TableColumn(
            "差额（核算−自评）",
            "difference",
            14,
            POINTS,
            '=IF(COUNT({points}{n},{self_points}{n})<2,"",{points}{n}-{self_points}{n})',
        ),
        TableColumn("错误", "errors", 8, WHOLE, total=SUM),
        TableColumn("提醒", "warnings", 8, WHOLE, total=SUM),
        *(after if reviewed else ()),
    )
    sheet = book.add_worksheet(RANKING)
    missing = Status.MISSING
    rows = [
        {**row, "provisional": "暂定" if row["provisional"] else ""}
        | {"final": row["points"] if row["reviewed_points"] is None else row["reviewed_points"]}
        | ({"grade": missing.label} if row["status"] == missing else {})
        for row in county.summary
    ]
    return table_sheet.write_table(
        sheet,
        styles,
        "部门得分排名",
        "单位：分；同分同名次；有复核决定的，名次按复核后得分",
        columns,
        rows,
        county.links,
    )


def _staffing(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    of = ("staff_in_post", "authorised_posts")
    rows = _rows(county, (*of, "staffing_control_rate_stated"))
    _put_rates(rows, "rate", *of)
    rate = table_sheet.rate_formula("{staff_in_post}{n}", "{authorised_posts}{n}")
    columns = (
        TableColumn("部门", "department", 34),
        TableColumn(FIELDS["authorised_posts"].label, "authorised_posts", 12, WHOLE, total=SUM),
        TableColumn(FIELDS["staff_in_post"].label, "staff_in_post", 18, WHOLE, total=SUM),
        TableColumn("控制率（核算）", "rate", 16, RATE, rate, _total(*of), _of_sums(*of)),
        TableColumn("控制率（填报）", "staffing_control_rate_stated", 16, RATE),
    )
    return table_sheet.write_table(
        book.add_worksheet(STAFFING),
        styles,
        "财政供养人员控制情况",
        f"单位：人；{_OF_WHOM}",
        columns,
        rows,
        county.links,
    )


def _three_public(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    figures = ("outturn", "prior_outturn", "budget")
    rows = _rows(county, [f"{item}_{each}" for item, _ in ITEMS for each in figures])
    columns = [TableColumn("部门", "department", 30)]
    for item, label in ITEMS:
        now, before, budget = (f"{item}_{each}" for each in figures)
        _put_rates(rows, f"{item}_change", now, before, change=True)
        _put_rates(rows, f"{item}_control", now, budget)
        change, control = (
            table_sheet.change_formula(f"{{{now}}}{{n}}", f"{{{before}}}{{n}}"),
            table_sheet.rate_formula(f"{{{now}}}{{n}}", f"{{{budget}}}{{n}}"),
        )
        columns += [
            TableColumn(f"{label}\n本年决算", now, 11, MONEY, total=SUM),
            TableColumn(f"{label}\n本年预算", budget, 11, MONEY, total=SUM),
            TableColumn(f"{label}\n上年决算", before, 11, MONEY, total=SUM),
            TableColumn(
                f"{label}\n变动率",
                f"{item}_change",
                11,
                RATE,
                change,
                _total(now, before, change=True),
                _of_sums(now, before, change=True),
                bars=True,
            ),
            TableColumn(
                f"{label}\n控制率", f"{item}_control", 11, RATE, control, _total(now, budget), _of_sums(now, budget)
            ),
        ]
    unit = "单位：万元；变动率＝（本年决算−上年决算）÷上年决算，控制率＝决算÷预算；" + _OF_WHOM
    return table_sheet.write_table(
        book.add_worksheet(THREE_PUBLIC), styles, "“三公经费”情况", unit, columns, rows, county.links
    )


def _funds(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    of = ("funds_executed", "funds_budget")
    rate = table_sheet.rate_formula("{funds_executed}{n}", "{funds_budget}{n}")
    names = (
        "income_general", "income_fund", "income_nontax", "income_carryover", "income_other",
        "spending_basic", "spending_personnel", "spending_operating", "spending_project",
    )  # fmt: skip
    of_annex_1_1 = tuple(
        f"{item}_{each}" for item in ("basic", "project") for each in ("prior_outturn", "budget", "outturn")
    )
    rows = _rows(county, (*of, *names, *of_annex_1_1))
    _put_rates(rows, "rate", *of)
    columns = (
        TableColumn("部门", "department", 30),
        TableColumn(_column("funds_budget"), "funds_budget", 13, MONEY, total=SUM),
        TableColumn(_column("funds_executed"), "funds_executed", 13, MONEY, total=SUM),
        TableColumn("预算执行率", "rate", 11, RATE, rate, _total(*of), _of_sums(*of), bars=True),
        *(TableColumn(FIELDS[name].label, name, 13, MONEY, total=SUM) for name in names),
        *(TableColumn(FIELDS[name].label.replace("·", "\n"), name, 13, MONEY, total=SUM) for name in of_annex_1_1),
    )
    return table_sheet.write_table(
        book.add_worksheet(FUNDS),
        styles,
        "部门资金与预算执行情况",
        f"单位：万元；{_OF_WHOM}",
        columns,
        rows,
        county.links,
    )
