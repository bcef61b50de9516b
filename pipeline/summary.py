"""The county workbook: overview, ranking, and a sheet for each subject of the evaluation."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from pipeline import ledger, overview
from pipeline.book import Styles, begin, printed, put, text_height
from pipeline.case import severity, short, waived
from pipeline.county import ITEMS, County
from pipeline.ledger import MONEY, POINTS, RATE, SUM, TOP, WHOLE, Col
from pipeline.overview import OVERVIEW
from pipeline.terms import terms
from schemas.annexes import FIELDS, INDICATORS
from schemas.measures import MEASURE
from schemas.rule import Severity
from schemas.rules import RULE
from schemas.states import Alarm, Standing, State, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xlsxwriter


MOST = 5
"""Kinds of findings named for a department before 等."""


def workbook(county: County) -> bytes:
    """Write the county workbook."""
    book, buffer = begin(f"{county.policy.year}年度部门整体支出绩效评价汇总")
    styles = Styles(book)
    first = book.add_worksheet(OVERVIEW)
    for write in (
        _ranking,
        _staffing,
        _three_public,
        _funds,
        _indicators,
        _aspects,
        _measures,
        _rates,
        _alarms,
        _findings,
        _of_departments,
        _rules,
        _waivers,
        _submissions,
        _changes,
        _method,
    ):
        write(book, styles, county)
    overview.write(book, first, styles, county)
    book.close()
    return buffer.getvalue()


def _column(name: str) -> str:
    """Give the words of the column that a field stands in."""
    return FIELDS[name].label.rpartition("·")[2]


def _rate(numerator: str, denominator: str) -> str:
    """Write a rate over the cells of a line: blank where a figure is missing or the base is not above zero."""
    return f'=IF(COUNT({numerator},{denominator})<2,"",IF({denominator}<=0,"",{numerator}/{denominator}))'


def _change(now: str, before: str) -> str:
    return f'=IF(COUNT({now},{before})<2,"",IF({before}<=0,"",({now}-{before})/{before}))'


def _of_sums(numerator: str, denominator: str, *, change: bool = False) -> Callable[[Sequence[dict[str, Any]]], Any]:
    """Give the county's rate: the rate of the sums, not the mean of rates."""

    def value(rows: Sequence[dict[str, Any]]) -> Any:
        above, below = (sum(row[name] or 0 for row in rows) for name in (numerator, denominator))
        return None if below <= 0 else (above - below if change else above) / below

    return value


def _put_rates(
    rows: list[dict[str, Any]], name: str, numerator: str, denominator: str, *, change: bool = False
) -> None:
    of_one = _of_sums(numerator, denominator, change=change)
    for row in rows:
        row[name] = None if row[numerator] is None or row[denominator] is None else of_one([row])


def _ranking(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    reviewed = any(row["reviewed_points"] is not None for row in county.summary)
    ranked = "final" if reviewed else "points"
    place = f'=IF(ISNUMBER({{{ranked}}}{{n}}),RANK({{{ranked}}}{{n}},{{{ranked}}}${{a}}:{{{ranked}}}${{z}}),"")'
    final = '=IF(ISNUMBER({reviewed_points}{n}),{reviewed_points}{n},IF(ISNUMBER({points}{n}),{points}{n},""))'
    after = (
        Col("复核后得分", "reviewed_points", 12, POINTS),
        Col("复核后等级", "reviewed_grade", 10),
        Col("评定得分", "final", 12, POINTS, final),
    )
    columns = (
        Col("部门", "department", 34),
        Col("名次", "rank", 8, WHOLE, place),
        Col("核算得分", "points", 12, POINTS),
        Col("核算等级", "grade", 10),
        Col("暂定", "provisional", 8),
        Col("自评得分", "self_points", 12, POINTS),
        Col("自评等级", "self_grade", 10),
        Col(
            "差额（核算−自评）",
            "difference",
            14,
            POINTS,
            '=IF(COUNT({points}{n},{self_points}{n})<2,"",{points}{n}-{self_points}{n})',
        ),
        Col("错误", "errors", 8, WHOLE, total=SUM),
        Col("提醒", "warnings", 8, WHOLE, total=SUM),
        *(after if reviewed else ()),
    )
    sheet = book.add_worksheet("排名")
    missing = Status.MISSING
    rows = [
        {**row, "provisional": "暂定" if row["provisional"] else ""}
        | {"final": row["points"] if row["reviewed_points"] is None else row["reviewed_points"]}
        | ({"grade": missing.label} if row["status"] == missing else {})
        for row in county.summary
    ]
    ledger.write(
        sheet,
        styles,
        "部门得分排名",
        "单位：分；同分同名次；有复核决定的，名次按复核后得分",
        columns,
        rows,
        county.links,
    )


def _staffing(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    rows = [dict(row) for row in county.departments]
    _put_rates(rows, "rate", "staff_in_post", "authorised_posts")
    rate = _rate("{staff_in_post}{n}", "{authorised_posts}{n}")
    columns = (
        Col("部门", "department", 34),
        Col(FIELDS["authorised_posts"].label, "authorised_posts", 12, WHOLE, total=SUM),
        Col(FIELDS["staff_in_post"].label, "staff_in_post", 18, WHOLE, total=SUM),
        Col("控制率（核算）", "rate", 16, RATE, rate, rate, _of_sums("staff_in_post", "authorised_posts")),
        Col("控制率（填报）", "staffing_control_rate_stated", 16, RATE),
    )
    ledger.write(book.add_worksheet("人员"), styles, "财政供养人员控制情况", "单位：人", columns, rows, county.links)


def _three_public(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    rows = [dict(row) for row in county.departments]
    columns = [Col("部门", "department", 30)]
    for item, label in ITEMS:
        now, before, budget = (f"{item}_{each}" for each in ("outturn", "prior_outturn", "budget"))
        _put_rates(rows, f"{item}_change", now, before, change=True)
        _put_rates(rows, f"{item}_control", now, budget)
        change, control = (
            _change(f"{{{now}}}{{n}}", f"{{{before}}}{{n}}"),
            _rate(f"{{{now}}}{{n}}", f"{{{budget}}}{{n}}"),
        )
        columns += [
            Col(f"{label}\n本年决算", now, 11, MONEY, total=SUM),
            Col(f"{label}\n本年预算", budget, 11, MONEY, total=SUM),
            Col(f"{label}\n上年决算", before, 11, MONEY, total=SUM),
            Col(
                f"{label}\n变动率",
                f"{item}_change",
                11,
                RATE,
                change,
                change,
                _of_sums(now, before, change=True),
                bars=True,
            ),
            Col(f"{label}\n控制率", f"{item}_control", 11, RATE, control, control, _of_sums(now, budget)),
        ]
    unit = "单位：万元；变动率＝（本年决算−上年决算）÷上年决算，控制率＝决算÷预算；合计行为合计数之比"
    ledger.write(book.add_worksheet("三公经费"), styles, "“三公经费”情况", unit, columns, rows, county.links)


def _funds(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    rows = [dict(row) for row in county.departments]
    _put_rates(rows, "rate", "funds_executed", "funds_budget")
    rate = _rate("{funds_executed}{n}", "{funds_budget}{n}")
    names = (
        "income_general", "income_fund", "income_nontax", "income_carryover", "income_other",
        "spending_basic", "spending_personnel", "spending_operating", "spending_project",
    )  # fmt: skip
    of_annex_1_1 = ("basic_budget", "basic_outturn", "project_budget", "project_outturn")
    columns = (
        Col("部门", "department", 30),
        Col(_column("funds_budget"), "funds_budget", 13, MONEY, total=SUM),
        Col(_column("funds_executed"), "funds_executed", 13, MONEY, total=SUM),
        Col("预算执行率", "rate", 11, RATE, rate, rate, _of_sums("funds_executed", "funds_budget"), bars=True),
        *(Col(FIELDS[name].label, name, 13, MONEY, total=SUM) for name in names),
        *(Col(FIELDS[name].label.replace("·", "\n"), name, 13, MONEY, total=SUM) for name in of_annex_1_1),
    )
    ledger.write(
        book.add_worksheet("资金与执行"),
        styles,
        "部门资金与预算执行情况",
        "单位：万元",
        columns,
        rows,
        county.links,
    )


def _indicators(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    columns = (
        Col("部门", "department", 26),
        Col("一级指标", "level1", 12),
        Col("二级指标", "level2", 16),
        Col("三级指标", "level3", 30),
        Col("年度指标值", "target", 22),
        Col("实际完成值", "actual", 18),
        Col("判定", "state", 10),
        Col("完成率", "attainment", 10, RATE, bars=True),
        Col("核算分值", "weight", 10, "0.00##"),
        Col("核算得分", "points", 10, "0.00##"),
        Col("核算说明", "explanation", 60),
    )
    rows = [
        {**row, "state": State(row["state"]).label, "level1": "".join(str(row["level1"]).split())}
        for row in county.indicators
    ]
    ledger.write(book.add_worksheet("指标"), styles, "全县指标完成情况", "单位：分", columns, rows, county.links)


def _aspects(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    """Write how the indicators of each kind came out, over the whole county."""
    order = [(block.words, aspect) for block in INDICATORS.blocks for aspect in block.aspects]
    rows = []
    for block, aspect in order:
        mine = [row for row in county.indicators if row["aspect"] == aspect.name]
        counts = {state.value: sum(row["state"] == state for row in mine) for state in State}
        weight, points = (sum(row[name] for row in mine) for name in ("weight", "points"))
        rows.append(
            {"block": block, "aspect": aspect.words, "count": len(mine), **counts, "weight": weight, "points": points}
            | {"met_share": counts[State.MET] / len(mine) if mine else None}
            | {"points_share": points / weight if weight else None}
        )
    columns = (
        Col("二级指标", "aspect", 30),
        Col("一级指标", "block", 16),
        Col("指标数", "count", 10, WHOLE, total=SUM),
        *(Col(state.label, state.value, 10, WHOLE, total=SUM) for state in State),
        Col("完成的占比", "met_share", 14, RATE, _rate("{met}{n}", "{count}{n}"), bars=True),
        Col("核算分值", "weight", 12, POINTS, total=SUM),
        Col("核算得分", "points", 12, POINTS, total=SUM),
        Col("得分率", "points_share", 12, RATE, _rate("{points}{n}", "{weight}{n}"), bars=True),
    )
    told = "按二级指标的类别；二级指标名称看不出类别的不在内"
    ledger.write(book.add_worksheet("指标类别"), styles, "各类指标完成情况", told, columns, rows)


def _of_departments(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    """Write how many findings each department has, the most errors first."""
    rows = []
    for row in county.summary:
        mine = [line for line in county.lines if line["department"] == row["department"]]
        titles = Counter(RULE[line["rule"]].title for line in mine if line["standing"] == Standing.COUNTED)
        named = "、".join(title for title, _ in titles.most_common(MOST))
        rows.append({**row, "titles": named + ("等" if len(titles) > MOST else "")})
    rows = [row for row in rows if row["errors"] or row["warnings"] or row["waived"]]
    rows.sort(key=lambda row: (-row["errors"], -row["warnings"]))
    columns = (
        Col("部门", "department", 34),
        Col("错误", "errors", 10, WHOLE, total=SUM, bars=True),
        Col("提醒", "warnings", 10, WHOLE, total=SUM, bars=True),
        Col("不计", "waived", 10, WHOLE, total=SUM),
        Col("主要问题", "titles", 90),
    )
    told = "错误多的在前；没有问题的部门不列"
    ledger.write(book.add_worksheet("部门问题"), styles, "各部门的问题", told, columns, rows, county.links)


def _measures(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    columns = (
        Col("部门", "department", 30),
        Col("指标", "label", 44),
        Col("分子", "numerator", 14, MONEY),
        Col("分母", "denominator", 14, MONEY),
        Col("数值", "value", 14, "0.00%", number_of="number"),
        Col("不可计算的原因", "reason", 50),
        Col("参考满分", "weight", 10, POINTS),
        Col("参考得分", "points", 10, POINTS),
    )
    unit = "人均指标单位：万元/人；公式见“评价办法”；参考分按省级评分表计算，不计入100分"
    rows = []
    for row in county.measures:
        given = county.reference.get((row["department"], row["measure"]), {})
        beside = {name: given.get(name) for name in ("weight", "points")}
        rows.append(row | beside | {"number": _number(row["measure"])})
    ledger.write(book.add_worksheet("部门指标"), styles, "部门整体支出共性指标", unit, columns, rows, county.links)


def _number(measure: str) -> str:
    """Give the number format of a measure's values."""
    return "0.0000" if MEASURE[measure].unit else RATE


def _rates(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    columns = (
        Col("指标", "label", 48),
        Col("全县分子合计", "numerator", 16, MONEY),
        Col("全县分母合计", "denominator", 16, MONEY),
        Col("全县（合计之比）", "value", 16, RATE, number_of="number"),
        Col("各部门平均", "mean", 14, RATE, number_of="number"),
        Col("各部门中位数", "median", 14, RATE, number_of="number"),
        Col("可计算的部门", "departments", 12, WHOLE),
        Col("不可计算的原因", "reason", 30),
    )
    rows = [{**row, "number": _number(row["measure"])} for row in county.rates]
    told = "全县的比率是合计数之比，不是各部门比率的平均；只有一个数的部门，两个合计都不含"
    ledger.write(book.add_worksheet("全县指标"), styles, "全县整体指标", told, columns, rows)


def _alarms(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    columns = (Col("部门", "department", 34), Col("预警", "alarm", 12), Col("原因", "reason", 90))
    order = list(Alarm)
    told = [row for row in county.alarms if row["alarm"] or row["reason"]]
    rows = [
        {**row, "alarm": Alarm(row["alarm"]).label}
        for row in sorted(told, key=lambda row: order.index(Alarm(row["alarm"])))
    ]
    unit = "红色：预算执行落后于指标完成；黄色：预算未用较多。仅供参考，不影响得分；界线见“评价办法”"
    ledger.write(book.add_worksheet("预警"), styles, "预算执行预警", unit, columns, rows, county.links)


def _findings(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    columns = (
        Col("部门", "department", 26),
        Col("程度", "severity", 8),
        Col("工作表", "sheet", 22),
        Col("单元格", "cell", 12),
        Col("问题", "message", 60),
        Col("填写", "stated", 20),
        Col("应为", "expected", 20),
        Col("怎样改", "remedy", 44),
        Col("来源文件", "source_file", 30),
    )
    rows = [
        {
            **row,
            "severity": severity(row),
            "cell": row["cells"],
            "message": f"{row['message']}{waived(row)}",
            "stated": short(row["stated"]),
            "expected": short(row["expected"]),
        }
        for row in county.lines
    ]
    told = "单元格为部门报送文件中的位置；同样的问题在同一张表的多个单元格，合为一行"
    ledger.write(book.add_worksheet("审核发现"), styles, "审核发现", told, columns, rows, county.links)


def _rules(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    columns = (
        Col("规则", "title", 34),
        Col("代号", "rule", 26),
        Col("程度", "severity", 8),
        Col("涉及部门", "departments", 10, WHOLE),
        Col("占已评价部门", "share", 14, RATE),
        Col("处数", "places", 8, WHOLE),
        Col("其中不计", "waived", 10, WHOLE),
        Col("其中试行", "trial", 10, WHOLE),
    )
    rows = [{**row, "severity": Severity(row["severity"]).label} for row in county.rules]
    told = "按涉及部门由多到少；多数部门都做不到的，请先检查规则和填报要求本身"
    ledger.write(book.add_worksheet("规则统计"), styles, "各条规则的发现", told, columns, rows)


def _waivers(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    if not county.idle_waivers:
        return
    columns = (Col("部门", "department", 34), Col("规则", "rule", 34), Col("为什么没有生效", "why", 40))
    rows = [dict(zip(("department", "rule", "why"), each, strict=True)) for each in county.idle_waivers]
    told = "豁免.xlsx 中写了、但本次没有生效的豁免"
    ledger.write(book.add_worksheet("未生效的豁免"), styles, "未生效的豁免", told, columns, rows, county.links)


def _submissions(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    columns = (
        Col("文件", "source_file", 44),
        Col("部门", "department", 34),
        Col("年度", "fiscal_year", 8, WHOLE),
        Col("结果", "status", 18),
        Col("原因", "reason", 70),
    )
    rows = [{**row, "status": Status(row["status"]).label} for row in county.submissions]
    rows += [{"department": name, "status": "免报", "reason": "部门名册写明不需报送"} for name in county.exempt]
    expected = "名册中应报未报的部门也各占一行" if county.with_roster else "没有部门名册，不知道哪些部门应报未报"
    told = f"收件夹中的每个文件一行；{expected}"
    ledger.write(book.add_worksheet("报送情况"), styles, "报送情况", told, columns, rows)


def _changes(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    columns = (
        Col("部门", "department", 30),
        Col("项目", "label", 34),
        Col("原来", "before", 34),
        Col("现在", "after", 34),
        Col("工作表", "sheet", 22),
        Col("单元格", "cell", 9),
        Col("较早的文件", "earlier_file", 30),
        Col("采用的文件", "later_file", 30),
    )
    told = "同一部门报送了不同的报表时，采用较晚的一份；这里逐格列出改动"
    ledger.write(book.add_worksheet("版本差异"), styles, "版本差异", told, columns, county.changes, county.links)


def _method(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    sheet = book.add_worksheet("评价办法")
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 70)
    sheet.set_column(2, 2, 50)
    put(sheet, (0, 0), "评价办法", styles.get("title"))
    for column, head in enumerate(("项目", "内容", "依据")):
        put(sheet, (TOP, column), head, styles.get("computed_head"))
    for at, line in enumerate(terms(county.policy), TOP + 1):
        for column, text in enumerate(line):
            put(sheet, (at, column), text, styles.get("filed"))
        sheet.set_row(at, max(text_height(text, width) for text, width in zip(line, (40, 70, 50), strict=True)))
    sheet.repeat_rows(TOP)
    printed(sheet, landscape=True)
