"""The lists of a scored workbook: findings, indicators with bars of attainment, and the measures of the department."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import house_style as house
from pipeline.reading.workbook import address
from pipeline.text_format import shorten
from pipeline.workbooks.consequences import number_lines, set_in
from pipeline.workbooks.scored.computed_columns import write_head
from pipeline.workbooks.scored.data import severity, waived
from pipeline.workbooks.table_sheet import BAR
from pipeline.workbooks.table_sheet import number_format as ledger_number
from pipeline.workbooks.text_size import fitting_size, text_height
from pipeline.workbooks.writer import add_page_header, put, set_up_page
from schemas.enums import EXPECTED, STATED, Standing, State
from schemas.forms.model import Kind
from schemas.measures import MEASURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.worksheet import Worksheet

    from pipeline.workbooks.scored.forms import DrawnForms

FINDINGS, INDICATORS, MEASURES, YEARS = "审核发现", "指标完成", "部门指标", "历年"


def write_findings(sheet: Worksheet, drawn: DrawnForms) -> None:
    """List the findings, each with a link to its cell."""
    heads = ("序号", "程度", "位置", "问题", STATED, EXPECTED, "怎样改")
    widths = (6, 8, 36, 50, 20, 20, 44)
    _begin(sheet, drawn, heads, widths)
    roles = {"error": "faulty", "warning": "doubtful", "info": "filed"}
    numbers = number_lines(drawn.case.lines)
    for at, finding in enumerate(drawn.case.lines, 1):
        texts = (
            set_in(finding) + waived(finding),
            shorten(finding["stated"]),
            shorten(finding["expected"]),
            finding["remedy"],
        )
        put(sheet, (at, 0), numbers[at - 1], drawn.styles.get("word"))
        put(
            sheet,
            (at, 1),
            severity(finding),
            drawn.styles.get(roles[finding["severity"]] if finding["standing"] == Standing.COUNTED else "filed"),
        )
        height = drawn.link(sheet, (at, 2), finding, widths[2])
        for column, (text, width) in enumerate(zip(texts, widths[3:], strict=True), 3):
            put(sheet, (at, column), text, drawn.styles.get("filed", size=fitting_size(text, width)))
        heights = (text_height(text, width) for text, width in zip(texts, widths[3:], strict=True))
        sheet.set_row(at, max(height, *heights))
    if not drawn.case.findings:
        put(sheet, (1, 3), "没有发现问题。", drawn.styles.get("filed"))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(drawn.case.lines)), len(heads) - 1)
    sheet.repeat_rows(0)
    set_up_page(sheet, landscape=True)
    add_page_header(sheet)


def write_indicators(sheet: Worksheet, drawn: DrawnForms) -> None:
    """List the indicators with their attainment and their share of the weight as bars, and links to their rows."""
    heads = ("序号", "二级指标", "三级指标", "年度指标值", "实际完成值", "判定", "完成率", "得分率", "核算得分", "位置")
    widths = (6, 18, 40, 24, 20, 10, 16, 16, 12, 16)
    _begin(sheet, drawn, heads, widths)
    layout, styles = drawn.indicators, drawn.styles
    word, link = styles.get("word"), styles.get("link")
    attained, gained = styles.get("filed", Kind.RATE), styles.get("computed", Kind.RATE)
    points = styles.get("computed", None, "0.00##")
    for at, row in enumerate(drawn.case.rows, 1):
        texts = (row["level2"], row["level3"], row["target"], row["actual"], State(row["state"]).label)
        put(sheet, (at, 0), at, word)
        height = 0.0
        for column, (text, width) in enumerate(zip(texts, widths[1:], strict=False), 1):
            put(sheet, (at, column), text, styles.get("filed", size=fitting_size(str(text), width)))
            height = max(height, text_height(str(text), width))
        put(sheet, (at, 6), row["attainment"], attained)
        share = row["points"] / row["weight"] if row["weight"] else None
        put(sheet, (at, 7), share, gained)
        put(sheet, (at, 8), row["points"], points)
        cell = address(layout.lines[at - 1]["level3"])
        sheet.write_url(at, 9, f"internal:'{layout.form.sheet}'!{cell}", link, f"查看 {cell}")
        sheet.set_row(at, height)
    if not drawn.case.rows:
        put(sheet, (1, 2), "没有填写任何指标。", drawn.styles.get("filed"))
    count = max(1, len(drawn.case.rows))
    for column in (6, 7):
        sheet.conditional_format(1, column, count, column, BAR | {"min_type": "num", "min_value": 0})
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, count, len(heads) - 1)
    sheet.repeat_rows(0)
    set_up_page(sheet, landscape=True)
    add_page_header(sheet)


def _begin(sheet: Worksheet, drawn: DrawnForms, heads: Sequence[str], widths: Sequence[float]) -> None:
    for column, (text, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.set_column(column, column, width)
        write_head(sheet, drawn.styles, 0, column, text)


def write_measures(sheet: Worksheet, drawn: DrawnForms) -> None:
    """List the measures, each a formula over the filed figures."""
    heads = (
        "指标",
        "分子",
        "分母",
        "数值",
        "参考得分\n（不计入100分）",
        "参考满分",
        "不可计算的原因",
        "公式",
        "依据",
    )
    widths = (36, 12, 12, 12, 15, 10, 24, 40, 30)
    _begin(sheet, drawn, heads, widths)
    sheet.set_row(0, 34)
    filed, points = drawn.styles.get("filed"), drawn.styles.get("filed", Kind.POINTS)
    amount = drawn.styles.get("computed", None, "#,##0.00##")
    for at, row in enumerate(drawn.case.measures, 1):
        each = MEASURE[row["measure"]]
        put(sheet, (at, 0), row["label"], filed)
        above, below = _terms(drawn, each.numerator), _terms(drawn, each.denominator)
        for column, name, formula in ((1, "numerator", above), (2, "denominator", below)):
            if formula and row[name] is not None:
                sheet.write_formula(at, column, formula, amount, row[name])
            else:
                put(sheet, (at, column), row[name], amount)
        style = drawn.styles.get("computed", None, ledger_number(row["measure"]))
        line = at + 1
        value = row["value"] if row["value"] is not None else ""
        formula = f'=IF(COUNT(B{line},C{line})<2,"",IF(C{line}<=0,"",B{line}/C{line}))'
        sheet.write_formula(at, 3, formula, style, value)
        given = drawn.case.reference.get(row["measure"], {})
        for column, name in ((4, "points"), (5, "weight")):
            put(sheet, (at, column), given.get(name), points)
        source = "；".join(filter(None, (each.source, given.get("source"))))
        texts = (row["reason"], each.formula(), source)
        for column, text in enumerate(texts, 6):
            put(sheet, (at, column), text, filed)
        sheet.set_row(at, max(20, *map(text_height, (row["label"], *texts), (widths[0], *widths[6:]))))
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    set_up_page(sheet, landscape=True)
    add_page_header(sheet)


def write_years(sheet: Worksheet, drawn: DrawnForms) -> None:
    """List the department's figures by year; blank is what a year does not know."""
    columns = (
        ("年度", "year", 10, "0"),
        ("得分", "points", 12, house.POINTS),
        ("“三公”经费决算\n（万元）", "three_public", 18, house.MONEY),
        ("预算执行率", "execution", 14, house.SHARE),
        ("审核发现（处）", "findings", 16, house.WHOLE),
    )
    _begin(sheet, drawn, [head for head, *_ in columns], [width for _, _, width, _ in columns])
    sheet.set_row(0, 34)
    for at, row in enumerate(drawn.case.years, 1):
        for column, (_, name, _, number) in enumerate(columns):
            put(sheet, (at, column), row[name], drawn.styles.get("filed", None, number))
        sheet.set_row(at, 20)
    sheet.freeze_panes(1, 1)
    set_up_page(sheet, landscape=True)
    add_page_header(sheet)


def _terms(drawn: DrawnForms, terms: tuple[str, ...]) -> str:
    """Write a sum of fields as a formula over the filed figures; "" where a term is no field of the forms."""
    parts: list[str] = []
    for term in terms:
        reference = drawn.reference(term.removeprefix("-"))
        if not reference:
            return ""
        sign = "-" if term.startswith("-") else "+" if parts else ""
        parts.append(f"{sign}{reference}")
    return "=" + "".join(parts)
