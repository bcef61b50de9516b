"""The lists of the county workbook: indicators, measures, findings, what was received, and by what was evaluated."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pipeline.house_style import EXACT, MONEY, POINTS, RATE, SHARE, WHOLE
from pipeline.text_format import shorten
from pipeline.workbooks import table_sheet
from pipeline.workbooks.consequences import set_in
from pipeline.workbooks.county.data import COMMON, MOST_LISTED, RULES
from pipeline.workbooks.county.leader_figures import common_problems
from pipeline.workbooks.county.policy_text import policy_terms
from pipeline.workbooks.scored.data import severity, waived
from pipeline.workbooks.table_sheet import SUM, TOP, TableColumn
from pipeline.workbooks.text_size import text_height
from pipeline.workbooks.writer import add_page_header, put, set_up_page
from schemas.enums import EXPECTED, STATED, Alarm, Severity, State, Status
from schemas.forms import INDICATORS
from schemas.rules import RULE
from schemas.rules.prior_year import FOUND

if TYPE_CHECKING:
    import xlsxwriter

    from pipeline.workbooks.county.data import County
    from pipeline.workbooks.styles import Styles
    from pipeline.workbooks.table_sheet import WrittenTable


MOST = 5
"""Kinds of findings named for a department before 等."""


def _indicators(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    columns = (
        TableColumn("部门", "department", 26),
        TableColumn("一级指标", "level1", 12),
        TableColumn("二级指标", "level2", 16),
        TableColumn("三级指标", "level3", 30),
        TableColumn("年度指标值", "target", 22),
        TableColumn("实际完成值", "actual", 18),
        TableColumn("判定", "state", 10),
        TableColumn("完成率", "attainment", 10, RATE, bars=True),
        TableColumn("核算分值", "weight", 10, EXACT),
        TableColumn("核算得分", "points", 10, EXACT),
        TableColumn("核算说明", "explanation", 60),
    )
    rows = [
        {**row, "state": State(row["state"]).label, "level1": "".join(str(row["level1"]).split())}
        for row in county.lists["indicators"] or []
    ]
    told = "单位：分" + _elsewhere(county, "indicators", "indicators.csv")
    sheet, none = book.add_worksheet("指标"), _none(county, "indicators")
    return table_sheet.write_table(sheet, styles, "全县指标完成情况", told, columns, rows, county.links, none)


def _elsewhere(county: County, name: str, file: str) -> str:
    """Say where the rows of a list are that is too long for a sheet."""
    if county.lists[name] is not None:
        return ""
    count = county.listed[name]
    return f"。共 {count} 行，超过 {MOST_LISTED} 行，这里不列；全部在 data/{file}，各部门的见其评分工作簿"


def _none(county: County, name: str) -> str:
    """Say in place of the rows of a list that there is none, or that they are elsewhere."""
    return "没有" if county.lists[name] is not None else "见上一行的说明"


def _aspects(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    """Write how the indicators of each kind came out, over the whole county."""
    rows = []
    for block in INDICATORS.blocks:
        for aspect in block.aspects:
            of = {state: county.aspects.get((aspect.name, state.value), (0, 0.0, 0.0)) for state in State}
            counts = {state.value: count for state, (count, _, _) in of.items()}
            count, weight, points = (sum(each[at] for each in of.values()) for at in range(3))
            rows.append(
                {"block": block.words, "aspect": aspect.words, "count": count, **counts}
                | {"weight": weight, "points": points}
                | {"met_share": counts[State.MET] / count if count else None}
                | {"points_share": points / weight if weight else None}
            )
    columns = (
        TableColumn("二级指标", "aspect", 30),
        TableColumn("一级指标", "block", 16),
        TableColumn("指标数", "count", 10, WHOLE, total=SUM),
        *(TableColumn(state.label, state.value, 10, WHOLE, total=SUM) for state in State),
        TableColumn(
            "完成的占比", "met_share", 14, SHARE, table_sheet.rate_formula("{met}{n}", "{count}{n}"), bars=True
        ),
        TableColumn("核算分值", "weight", 12, POINTS, total=SUM),
        TableColumn("核算得分", "points", 12, POINTS, total=SUM),
        TableColumn(
            "得分率", "points_share", 12, SHARE, table_sheet.rate_formula("{points}{n}", "{weight}{n}"), bars=True
        ),
    )
    told = "按二级指标的类别；二级指标名称看不出类别的不在内"
    return table_sheet.write_table(book.add_worksheet("指标类别"), styles, "各类指标完成情况", told, columns, rows)


def _of_departments(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    """Write how many findings each department has, the most errors first."""
    rows = []
    for row in county.summary:
        titles = Counter[str]()
        for rule, count in county.titles.get(row["department"], []):
            titles[RULE[rule].title] += count
        again = titles.pop(FOUND.title, 0)
        named = "、".join(title for title, _ in titles.most_common(MOST))
        rows.append({**row, "again": again, "titles": named + ("等" if len(titles) > MOST else "")})
    rows = [row for row in rows if row["errors"] or row["warnings"] or row["waived"]]
    rows.sort(key=lambda row: (-row["errors"], -row["warnings"]))
    columns = (
        TableColumn("部门", "department", 34),
        TableColumn("错误", "errors", 10, WHOLE, total=SUM, bars=True),
        TableColumn("提醒", "warnings", 10, WHOLE, total=SUM, bars=True),
        TableColumn("不计", "waived", 10, WHOLE, total=SUM),
        TableColumn("上年已指出", "again", 12, WHOLE, total=SUM),
        TableColumn("主要问题", "titles", 90),
    )
    told = "错误多的在前；没有问题的部门不列"
    return table_sheet.write_table(
        book.add_worksheet("部门问题"), styles, "各部门的问题", told, columns, rows, county.links
    )


def _measures(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    columns = (
        TableColumn("部门", "department", 30),
        TableColumn("指标", "label", 44),
        TableColumn("分子", "numerator", 14, MONEY),
        TableColumn("分母", "denominator", 14, MONEY),
        TableColumn("数值", "value", 14, "0.00%", number_of="number"),
        TableColumn("不可计算的原因", "reason", 50),
        TableColumn("参考满分", "weight", 10, POINTS),
        TableColumn("参考得分", "points", 10, POINTS),
    )
    unit = "人均指标单位：万元/人；公式见“评价办法”；参考分按省级评分表计算，不计入100分"
    unit += _elsewhere(county, "measures", "measures.csv")
    rows = [row | {"number": table_sheet.number_format(row["measure"])} for row in county.lists["measures"] or []]
    sheet, none = book.add_worksheet("部门指标"), _none(county, "measures")
    return table_sheet.write_table(sheet, styles, "部门整体支出共性指标", unit, columns, rows, county.links, none)


def _rates(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    columns = (
        TableColumn("指标", "label", 48),
        TableColumn("全县分子合计", "numerator", 16, MONEY),
        TableColumn("全县分母合计", "denominator", 16, MONEY),
        TableColumn("全县（合计之比）", "value", 16, RATE, number_of="number"),
        TableColumn("各部门平均", "mean", 14, RATE, number_of="number"),
        TableColumn("各部门中位数", "median", 14, RATE, number_of="number"),
        TableColumn("可计算的部门", "departments", 12, WHOLE),
        TableColumn("不可计算的原因", "reason", 30),
    )
    rows = [{**row, "number": table_sheet.number_format(row["measure"])} for row in county.rates]
    told = "全县的比率是合计数之比，不是各部门比率的平均；只有一个数的部门，两个合计都不含"
    return table_sheet.write_table(book.add_worksheet("全县指标"), styles, "全县整体指标", told, columns, rows)


def _alarms(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    columns = (
        TableColumn("部门", "department", 34),
        TableColumn("预警", "alarm", 12),
        TableColumn("原因", "reason", 90),
    )
    order = list(Alarm)
    told = [row for row in county.alarms if row["alarm"] or row["reason"]]
    rows = [
        {**row, "alarm": Alarm(row["alarm"]).label}
        for row in sorted(told, key=lambda row: order.index(Alarm(row["alarm"])))
    ]
    unit = "红色：预算执行落后于指标完成；黄色：预算未用较多。仅供参考，不影响得分；界线见“评价办法”"
    return table_sheet.write_table(
        book.add_worksheet("预警"), styles, "预算执行预警", unit, columns, rows, county.links
    )


def _findings(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    columns = (
        TableColumn("部门", "department", 26),
        TableColumn("程度", "severity", 8),
        TableColumn("工作表", "sheet", 22),
        TableColumn("单元格", "cell", 12),
        TableColumn("问题", "message", 60),
        TableColumn(STATED, "stated", 20),
        TableColumn(EXPECTED, "expected", 20),
        TableColumn("怎样改", "remedy", 44),
        TableColumn("来源文件", "source_file", 30),
    )
    rows = [
        {
            **row,
            "severity": severity(row),
            "cell": row["cells"],
            "message": f"{set_in(row)}{waived(row)}",
            "stated": shorten(row["stated"]),
            "expected": shorten(row["expected"]),
        }
        for row in county.lists["lines"] or []
    ]
    told = "单元格为部门报送文件中的位置；同样的问题在同一张表的多个单元格，合为一行；"
    told += "└ 由上一行的问题产生，改正上一行即消除，不另计数"
    told += _elsewhere(county, "lines", "findings.csv")
    sheet, none = book.add_worksheet("审核发现"), _none(county, "lines")
    return table_sheet.write_table(sheet, styles, "审核发现", told, columns, rows, county.links, none)


def _rules(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    """Write how every rule came out, also one that nobody broke."""
    asked = "({departments}{n}+{passed}{n})"
    share = f'=IF({asked}=0,"",{{departments}}{{n}}/{asked})'
    columns = (
        TableColumn("规则", "title", 34),
        TableColumn("代号", "rule", 26),
        TableColumn("程度", "severity", 8),
        TableColumn("不符\n（部门）", "departments", 10, WHOLE),
        TableColumn("通过\n（部门）", "passed", 10, WHOLE),
        TableColumn("不适用\n（部门）", "not_applicable", 10, WHOLE),
        TableColumn("不符占比", "share", 12, SHARE, share, bars=True),
        TableColumn("处数", "places", 8, WHOLE),
        TableColumn("其中不计", "waived", 10, WHOLE),
        TableColumn("其中试行", "trial", 10, WHOLE),
    )
    rows = [{**row, "severity": Severity(row["severity"]).label} for row in county.rules]
    told = (
        "不符、通过、不适用之和为已评价部门数；不适用：没有填要核对的数、不在执行年度，或者全部豁免；"
        "不符占比为占适用部门的比例，多数部门都做不到的，请先检查规则和填报要求本身"
    )
    return table_sheet.write_table(book.add_worksheet(RULES), styles, "各条规则的检查结果", told, columns, rows)


def _common(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    """Write the mistakes that departments made, whatever rule told them; those made again in a column of their own."""
    columns = (
        TableColumn("问题", "title", 34),
        TableColumn("部门（个）", "departments", 12, WHOLE, bars=True),
        TableColumn("占已评价部门", "share", 14, SHARE),
        TableColumn("处数", "places", 8, WHOLE),
        TableColumn("上年已指出\n（部门）", "again", 12, WHOLE),
        TableColumn("包括（部门数）", "told", 90),
    )
    known, evaluated = bool(county.last_year.rules), max(1, len(county.departments))
    rows = [
        each._asdict()
        | {"share": each.departments / evaluated, "again": each.again if known else None}
        | {"told": "、".join(f"{title}（{count}）" for title, count in each.rules)}
        for each in common_problems(county)
    ]
    told = "错误和提醒按填报上的原因归并，按部门由多到少；由同一处错误产生的只计一处；上年已指出的不另作一个问题"
    return table_sheet.write_table(book.add_worksheet(COMMON), styles, COMMON, told, columns, rows)


def _waivers(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable | None:
    if not county.idle_waivers:
        return None
    columns = (
        TableColumn("部门", "department", 34),
        TableColumn("规则", "rule", 34),
        TableColumn("为什么没有生效", "why", 40),
    )
    rows = [dict(zip(("department", "rule", "why"), each, strict=True)) for each in county.idle_waivers]
    told = "豁免.xlsx 中写了、但本次没有生效的豁免"
    return table_sheet.write_table(
        book.add_worksheet("未生效的豁免"), styles, "未生效的豁免", told, columns, rows, county.links
    )


def _submissions(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    columns = (
        TableColumn("文件", "source_file", 44),
        TableColumn("部门", "department", 34),
        TableColumn("年度", "fiscal_year", 8),
        TableColumn("结果", "status", 18),
        TableColumn("原因", "reason", 70),
        TableColumn("收到时间", "received", 20),
        TableColumn("是否按时", "timeliness", 12),
        TableColumn("报表状态", "return_state", 12),
    )
    rows = [{**row, "status": Status(row["status"]).label} for row in county.submissions]
    nothing = {"received": "", "timeliness": "", "return_state": ""}
    exempt = {"status": "免报", "reason": "部门名册写明不需报送"} | nothing
    rows += [{"department": name} | exempt for name in county.exempt]
    expected = "名册中应报未报的部门也各占一行" if county.with_roster else "没有部门名册，不知道哪些部门应报未报"
    told = f"收件夹中的每个文件一行；{expected}"
    return table_sheet.write_table(book.add_worksheet("报送情况"), styles, "报送情况", told, columns, rows)


def _changes(book: xlsxwriter.Workbook, styles: Styles, county: County) -> WrittenTable:
    columns = (
        TableColumn("部门", "department", 30),
        TableColumn("项目", "label", 34),
        TableColumn("原来", "before", 34),
        TableColumn("现在", "after", 34),
        TableColumn("工作表", "sheet", 22),
        TableColumn("单元格", "cell", 9),
        TableColumn("较早的文件", "earlier_file", 30),
        TableColumn("采用的文件", "later_file", 30),
    )
    told = "同一部门报送了不同的报表时，采用较晚的一份；这里逐格列出改动"
    return table_sheet.write_table(
        book.add_worksheet("版本差异"), styles, "版本差异", told, columns, county.changes, county.links
    )


def _method(book: xlsxwriter.Workbook, styles: Styles, county: County) -> None:
    sheet = book.add_worksheet("评价办法")
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 70)
    sheet.set_column(2, 2, 50)
    sheet.merge_range(0, 0, 0, 2, "", styles.get("title"))
    put(sheet, (0, 0), "评价办法", styles.get("title"))
    sheet.set_row(0, 30)
    for column, head in enumerate(("项目", "内容", "依据")):
        put(sheet, (TOP, column), head, styles.get("computed_head"))
    for at, line in enumerate(policy_terms(county.policy), TOP + 1):
        for column, text in enumerate(line):
            put(sheet, (at, column), text, styles.get("filed"))
        sheet.set_row(at, max(text_height(text, width) for text, width in zip(line, (40, 70, 50), strict=True)))
    sheet.repeat_rows(TOP)
    set_up_page(sheet, landscape=True)
    add_page_header(sheet)


SHEETS = (
    _indicators,
    _aspects,
    _measures,
    _rates,
    _alarms,
    _findings,
    _of_departments,
    _common,
    _rules,
    _waivers,
    _submissions,
    _changes,
    _method,
)
"""What writes each of them, in the order in which they stand."""
