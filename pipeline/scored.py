"""The scored workbook of one department: the form as filed, beside it what was computed, and what to correct.

Runs in workers and so knows no pandas: a `Case` holds plain values. Every derived figure is a formula over the
filed figures of the same workbook, written with the value that the program computed.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import xlsxwriter

from pipeline.draw import Layout, Styles, lay_out, paint, printed, put, text_height
from pipeline.template import MADE
from pipeline.workbook import Cell, address
from schemas.annexes import FIELDS, FORMS
from schemas.form import Grid, Kind, Ratio
from schemas.measures import MEASURE
from schemas.scoring import EXECUTION, TOTAL, Basis, State
from schemas.target import RATE, Comparison

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlsxwriter.worksheet import Worksheet

RESULT, FINDINGS, MEASURES = "评价结果", "审核发现", "部门指标"
NOT_COMPUTABLE = "不可计算"
SEVERITIES = {"error": "错误", "warning": "提醒", "info": "提示"}
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(slots=True)
class Case:
    """All that the workbook of one department shows, as plain values."""

    department: str
    year: int
    source_file: str
    words: dict[str, str]
    criteria: list[tuple[str, str, float]]
    grades: list[tuple[str, float]]
    bands: dict[str, tuple[float, float]]
    summary: dict[str, Any]
    scores: list[dict[str, Any]]
    facts: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    measures: list[dict[str, Any]]
    findings: list[dict[str, Any]]

    def filed(self) -> dict[str, Any]:
        """Give each field as it is shown: the number understood, else the text as written."""
        return {fact["field"]: fact["raw"] if fact["value"] is None else fact["value"] for fact in self.facts}


def workbook(case: Case) -> bytes:
    """Write the scored workbook of a department."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, OPTIONS)
    book.set_properties({"title": f"{case.department}{case.year}年度部门整体支出绩效评价", "created": MADE})
    _Book(book, case).write()
    book.close()
    return buffer.getvalue()


def ratio(numerator: str, denominator: str, inputs: tuple[str, ...]) -> str:
    """Write a rate as a formula: blank where nothing is filed, 不可计算 where a figure is missing or the base is zero."""
    cells = ",".join(inputs)
    return (
        f'=IF(COUNT({cells})=0,"",IF(OR(COUNT({cells})<{len(inputs)},N({denominator})<=0),'
        f'"{NOT_COMPUTABLE}",({numerator})/{denominator}))'
    )


def ratio_value(numerator: float | None, denominator: float | None, inputs: list[Any]) -> float | str:
    """Compute what the formula of `ratio` shows."""
    numbers = [value for value in inputs if isinstance(value, (int, float))]
    if not numbers:
        return ""
    if len(numbers) < len(inputs) or numerator is None or not denominator or denominator <= 0:
        return NOT_COMPUTABLE
    return numerator / denominator


class _Book:
    """The sheets of one workbook, drawn in the order in which they refer to each other."""

    def __init__(self, book: xlsxwriter.Workbook, case: Case) -> None:
        self.case, self.styles = case, Styles(book)
        self.result = book.add_worksheet(RESULT)
        self.forms = {form.id: book.add_worksheet(form.sheet) for form in FORMS}
        self.findings = book.add_worksheet(FINDINGS)
        self.measures = book.add_worksheet(MEASURES)
        rows = case.rows
        self.layouts = {form.id: lay_out(form, rows, case.words) for form in FORMS}
        self.filed = case.filed()
        self.drawn = self._drawn()

    def write(self) -> None:
        """Write every sheet."""
        marks = self._marks()
        for form in FORMS:
            layout, sheet = self.layouts[form.id], self.forms[form.id]
            lines = [self._line(row) for row in self.case.rows]
            paint(sheet, layout, self.styles, self.filed, lines, marks.get(form.sheet), filed=True)
            self._rates(sheet, layout)
            if form.indicators:
                self._judged(sheet, layout)
            printed(sheet, landscape=True)
        self._notes()
        self._result_sheet()
        self._findings_sheet()
        self._measures_sheet()

    @staticmethod
    def _line(row: Mapping[str, Any]) -> dict[str, Any]:
        numbers = {
            name: row[f"raw_{name}"] if row[f"filed_{name}"] is None else row[f"filed_{name}"]
            for name in ("weight", "self_points")
        }
        return {**row, **numbers}

    # ------------------------------------------------------------------ where findings are on the drawn copy

    def _drawn(self) -> dict[tuple[str, str], tuple[str, Cell]]:
        """Give sheet and cell of the drawn copy for each sheet and cell of the department's own file."""
        drawn: dict[tuple[str, str], tuple[str, Cell]] = {}
        for form in FORMS:
            layout = self.layouts[form.id]
            for fact in self.case.facts:
                if fact["field"] in layout.places:
                    drawn.setdefault((fact["sheet"], fact["cell"]), (form.sheet, layout.places[fact["field"]]))
            for row, cells in zip(self.case.rows, layout.lines, strict=False):
                for name, cell in cells.items():
                    drawn.setdefault((row["sheet"], row[f"{name}_cell"]), (form.sheet, cell))
        return drawn

    def _marks(self) -> dict[str, dict[Cell, str]]:
        marks: dict[str, dict[Cell, str]] = {}
        roles = {"error": "faulty", "warning": "doubtful"}
        for finding in reversed(self.case.findings):
            place = self.drawn.get((finding["sheet"], finding["cell"]))
            if place and finding["severity"] in roles:
                marks.setdefault(place[0], {})[place[1]] = roles[finding["severity"]]
        return marks

    def _notes(self) -> None:
        told: dict[tuple[str, Cell], list[str]] = {}
        for finding in self.case.findings:
            place = self.drawn.get((finding["sheet"], finding["cell"]))
            if place:
                text = f"【{SEVERITIES[finding['severity']]}】{finding['message']}\n{finding['remedy']}"
                told.setdefault(place, []).append(text)
        for (name, (row, column)), texts in told.items():
            sheet = next(self.forms[form.id] for form in FORMS if form.sheet == name)
            text = "\n".join(texts)
            height = max(60, int(text_height(text, 40) * 1.4))
            sheet.write_comment(row, column, text, {"width": 280, "height": height, "author": "绩效评价"})

    # ------------------------------------------------------------------ beside the forms

    def _rates(self, sheet: Worksheet, layout: Layout) -> None:
        """Write, beside each stated rate the computed one, and beside each line of a grid its change and control rate."""
        column = layout.width + 1
        sheet.set_column(layout.width, layout.width, 2)
        for asked in layout.form.fields():
            if isinstance(asked.derived, Ratio) and asked.kind is Kind.RATE:
                row = layout.places[asked.name][0]
                self._head(sheet, row - 1, column, f"核算{asked.label.rpartition('·')[2]}")
                self._ratio(sheet, (row, column), asked.derived.numerator, asked.derived.denominator)
        for section in layout.form.flat():
            if isinstance(section, Grid) and {each.name for each in section.columns} >= {"outturn", "budget", "prior_outturn"}:
                top = layout.places[section.field_at(section.rows[0], section.columns[0]).name][0] - 1
                self._head(sheet, top, column, "变动率\n（比上年决算）")
                self._head(sheet, top, column + 1, "控制率\n（决算÷预算）")
                for row in section.rows:
                    self._change(sheet, layout, row.name, column)
                sheet.set_column(column, column + 1, 16)

    def _head(self, sheet: Worksheet, row: int, column: int, text: str) -> None:
        put(sheet, (row, column), text, self.styles.get("computed_head"))

    def _number(self, name: str) -> float | None:
        value = self.filed.get(name)
        return float(value) if isinstance(value, (int, float)) else None

    def _ratio(self, sheet: Worksheet, cell: Cell, numerator: str, denominator: str) -> None:
        layout = next(each for each in self.layouts.values() if numerator in each.places)
        above, below = (address(layout.places[name]) for name in (numerator, denominator))
        first, second = self._number(numerator), self._number(denominator)
        value = ratio_value(first, second, [first, second])
        sheet.write_formula(*cell, ratio(above, below, (above, below)), self.styles.get("computed", Kind.RATE), value)

    def _change(self, sheet: Worksheet, layout: Layout, item: str, column: int) -> None:
        names = [f"{item}_{each}" for each in ("outturn", "prior_outturn", "budget")]
        outturn, prior, budget = (self._number(name) for name in names)
        now, before, planned = (address(layout.places[name]) for name in names)
        row = layout.places[names[0]][0]
        style = self.styles.get("computed", Kind.RATE)
        difference = None if outturn is None or prior is None else outturn - prior
        change = ratio_value(difference, prior, [outturn, prior])
        sheet.write_formula(row, column, ratio(f"{now}-{before}", before, (now, before)), style, change)
        control = ratio_value(outturn, budget, [outturn, budget])
        sheet.write_formula(row, column + 1, ratio(now, planned, (now, planned)), style, control)

    # ------------------------------------------------------------------ the indicators

    def _judged(self, sheet: Worksheet, layout: Layout) -> None:
        """Write beside each indicator how it was understood, its state, attainment, weight, points and why."""
        first = layout.width + 1
        heads = ("目标（读作）", "实际（读作）", "单位", "完成率", "判定", "核算分值", "核算得分", "核算说明")
        for at, (head, width) in enumerate(zip(heads, (12, 12, 8, 10, 10, 10, 10, 60), strict=True)):
            sheet.set_column(first + at, first + at, width)
            self._head(sheet, layout.head, first + at, head)
        for number, row in enumerate(self.case.rows):
            self._judged_row(sheet, layout, number, row, first)

    def _judged_row(self, sheet: Worksheet, layout: Layout, number: int, row: dict[str, Any], first: int) -> None:
        at = layout.lines[number]["level3"][0]
        number_format = "0.00##%" if row["unit"] == RATE else "#,##0.####"
        numeric = self.styles.get("computed", None, number_format)
        put(sheet, (at, first), row["target_value"], numeric)
        put(sheet, (at, first + 1), row["actual_value"], numeric)
        unit = "" if row["unit"] == RATE else row["unit"]
        put(sheet, (at, first + 2), unit, self.styles.get("computed"))
        rate = self.styles.get("computed", Kind.RATE)
        if row["attainment"] is None:
            put(sheet, (at, first + 3), None, rate)
        else:
            sheet.write_formula(at, first + 3, _attainment(row, at, first), rate, row["attainment"])
        put(sheet, (at, first + 4), State(row["state"]).label, self.styles.get("computed"))
        exact = self.styles.get("computed", None, "0.00##")
        sheet.write_formula(at, first + 5, self._weight(layout, number, row), exact, row["weight"])
        sheet.write_formula(at, first + 6, self._points(layout, number, row, first), exact, row["points"])
        put(sheet, (at, first + 7), row["explanation"], self.styles.get("computed"))
        height = max(text_height(row["explanation"], 60), *(
            text_height(str(row[name]), layout.form.widths[layout.lines[number][name][1]]) for name in ("level3", "target", "actual")
        ))
        sheet.set_row(at, height)

    def _mates(self, row: dict[str, Any]) -> list[int]:
        return [number for number, each in enumerate(self.case.rows) if each["criterion"] == row["criterion"]]

    def _weight(self, layout: Layout, number: int, row: dict[str, Any]) -> str:
        """Write a row's weight as a formula over the filed ones (SCORING section 2)."""
        basis, size = row["weight_basis"], int(row["weight_size"])
        mates = self._mates(row)
        first = next(n for n in range(len(self.case.rows)) if self.case.rows[n]["weight_cell"] == row["weight_cell"])
        own = address(layout.lines[first]["weight"])
        share = own if size == 1 else f"{own}/{size}"
        cells = _ranges([layout.lines[mate]["weight"] for mate in mates])
        block = f"{row['block_weight']:.15g}"
        if basis == Basis.BLOCK:
            return f"={block}/{len(mates)}"
        if basis == Basis.LEFT:
            unstated = sum(not self.case.rows[mate]["weight_stated"] for mate in mates)
            own = share if row["weight_stated"] else f"MAX({block}-SUM({cells}),0)/{unstated}"
            stated = sum(float(self.case.rows[mate]["weight_share"]) for mate in mates)
            return f"=({own})*{block}/MAX({block},SUM({cells}))" if stated > row["block_weight"] else f"={own}"
        return f"={share}*{block}/SUM({cells})" if basis == Basis.SCALED else f"={share}"

    def _points(self, layout: Layout, number: int, row: dict[str, Any], first: int) -> str:
        """Write a row's points as a formula over its weight (SCORING sections 4 and 5)."""
        at = layout.lines[number]["level3"][0]
        weight, attainment = address((at, first + 5)), address((at, first + 3))
        if row["state"] == State.MET:
            return f"={weight}"
        if row["state"] == State.PARTLY and row["attainment"] is not None:
            return f"={weight}*MAX(0,MIN(1,{attainment}))"
        if row["state"] == State.QUALITATIVE:
            return f"={weight}*{self._own(layout, number, row)}"
        return f"={weight}*0"

    def _own(self, layout: Layout, number: int, row: dict[str, Any]) -> str:
        """Write the department's own ratio, or the edge of the band that it is held at."""
        low, high = self.case.bands[row["band"]]
        if row["held"]:
            return f"{(high if row['held'] == 'high' else low):.15g}"
        mates = self._mates(row)
        first = next(
            n for n in range(len(self.case.rows)) if self.case.rows[n]["self_points_cell"] == row["self_points_cell"]
        )
        own = address(layout.lines[first]["self_points"])
        if row["ratio_of"] == "block":
            points = _ranges([layout.lines[mate]["self_points"] for mate in mates])
            weights = _ranges([layout.lines[mate]["weight"] for mate in mates])
            whole = f"SUM({weights})" if row["weight_basis"] == Basis.BLOCK and row["filed_sum"] else f"{row['block_weight']:.15g}"
            return f"SUM({points})/{whole}"
        size = f"/{int(row['self_points_size'])}" if row["self_points_size"] > 1 else ""
        if row["weight_basis"] in {Basis.OWN, Basis.SCALED} and row["weight_stated"]:
            return f"({own}{size})/{address(layout.lines[number]['weight'])}"
        return f"{float(row['own_ratio']):.15g}"

    # ------------------------------------------------------------------ the first sheet

    def _result_sheet(self) -> None:
        case, sheet = self.case, self.result
        for column, width in enumerate((24, 12, 12, 12, 12, 14, 14, 40)):
            sheet.set_column(column, column, width)
        sheet.merge_range(0, 0, 0, 7, "", self.styles.get("title"))
        put(sheet, (0, 0), f"{case.department}　{case.year}年度部门整体支出绩效评价", self.styles.get("title"))
        sheet.set_row(0, 32)
        put(sheet, (1, 0), f"来源文件：{case.source_file}", self.styles.get("plain"))
        heads = ("评分项", "分值", "核算得分", "自评得分", "差额（核算−自评）", "未填报分值", "待定分值", "怎样算的")
        for column, head in enumerate(heads):
            self._head(sheet, 3, column, head)
        sheet.set_row(3, 32)
        for at, row in enumerate(case.scores):
            self._score_row(sheet, 4 + at, row, len(case.scores))
        self._verdict(sheet, 4 + len(case.scores) + 1)
        printed(sheet, landscape=True)

    def _score_row(self, sheet: Worksheet, at: int, row: dict[str, Any], count: int) -> None:
        criterion = row["criterion"]
        total = criterion == TOTAL
        role = "total" if total else "filed"
        style = self.styles.get(role, Kind.POINTS)
        label = "合计" if total else next(label for name, label, _ in self.case.criteria if name == criterion)
        put(sheet, (at, 0), label, self.styles.get(role))
        first, last = 5, 5 + count - 2
        formulas = self._score_formulas(criterion)
        for column, name in enumerate(("weight", "points", "self_points", "difference", "unreported_weight", "unjudged_weight"), 1):
            letter = "ABCDEFG"[column]
            text = formulas.get(name)
            if total and name not in {"self_points", "difference"}:
                text = f"=SUM({letter}{first}:{letter}{last})"
            if name == "difference":
                text = f'=IF(COUNT(C{at + 1},D{at + 1})<2,"",C{at + 1}-D{at + 1})'
            if text:
                value = row[name] if row[name] is not None else ""
                sheet.write_formula(at, column, text, style, value)
            else:
                put(sheet, (at, column), row[name], style)
        put(sheet, (at, 7), self._how(criterion), self.styles.get(role))
        sheet.set_row(at, text_height(self._how(criterion), 40))

    def _score_formulas(self, criterion: str) -> dict[str, str]:
        layout = next(each for each in self.layouts.values() if each.form.indicators)
        name = f"'{layout.form.sheet}'!"
        if criterion == EXECUTION:
            places = layout.places
            budget, executed = (f"{name}{address(places[each])}" for each in ("funds_budget", "funds_executed"))
            weight = f"{next(w for n, _, w in self.case.criteria if n == EXECUTION):.15g}"
            computable = f"AND(COUNT({budget},{executed})=2,N({budget})>0)"
            return {
                "points": f"=IF({computable},ROUND({weight}*MIN({executed}/{budget},1),2),0)",
                "unjudged_weight": f"=IF({computable},0,{weight})",
            }
        mine = [number for number, row in enumerate(self.case.rows) if row["criterion"] == criterion]
        if not mine:
            return {}
        at = [layout.lines[number]["level3"][0] for number in mine]
        first = layout.width + 1
        points = _ranges([(row, first + 6) for row in at], name)

        def weight_of(state: State) -> str:
            parts = [
                f'SUMIF({name}{address((top, first + 4))}:{address((bottom, first + 4))},"{state.label}",'
                f"{name}{address((top, first + 5))}:{address((bottom, first + 5))})"
                for top, bottom in _runs(at)
            ]
            return "=" + "+".join(parts)

        return {
            "points": f"=ROUND(SUM({points}),2)",
            "unreported_weight": weight_of(State.UNREPORTED),
            "unjudged_weight": weight_of(State.UNJUDGED),
        }

    def _how(self, criterion: str) -> str:
        if criterion == TOTAL:
            return "各项得分之和"
        if criterion == EXECUTION:
            return "分值 × 全年执行数 ÷ 全年预算数，不超过分值"
        rows = [row for row in self.case.rows if row["criterion"] == criterion]
        counts = {state: sum(row["state"] == state for row in rows) for state in State}
        told = "、".join(f"{state.label}{count}个" for state, count in counts.items() if count)
        return f"{len(rows)}个指标：{told}" if rows else "没有指标"

    def _verdict(self, sheet: Worksheet, at: int) -> None:
        case = self.case
        summary, plain_style = case.summary, self.styles.get("plain")
        total = 4 + len(case.scores)
        words = ",".join(f'IF(C{total}>={cut:.15g},"{word}"' for word, cut in case.grades)
        formula = f'={words},""' + ")" * len(case.grades)
        for column, text in ((0, "核算等级"), (2, "自评等级")):
            put(sheet, (at, column), text, self.styles.get("head"))
        sheet.write_formula(at, 1, formula, self.styles.get("total"), summary["grade"])
        sheet.write_formula(at, 3, formula.replace(f"C{total}", f"N(D{total})"), self.styles.get("filed"), summary["self_grade"] or self._grade(0))
        at += 1
        if summary["provisional"]:
            unjudged = case.scores[-1]["unjudged_weight"]
            possible = self._grade(case.scores[-1]["points"] + unjudged)
            text = f"等级暂定：有 {unjudged:.2f} 分待复核确定，全部得分则为“{possible}”。"
            sheet.merge_range(at, 0, at, 7, "", self.styles.get("doubtful"))
            put(sheet, (at, 0), text, self.styles.get("doubtful"))
            at += 1
        errors = [each for each in case.findings if each["severity"] == "error"]
        warnings = sum(each["severity"] == "warning" for each in case.findings)
        at += 1
        put(sheet, (at, 0), f"审核发现：错误 {len(errors)} 处，提醒 {warnings} 处。首先要做：", plain_style)
        for number, finding in enumerate((errors or case.findings)[:3], 1):
            at += 1
            sheet.merge_range(at, 0, at, 6, "", self.styles.get("filed"))
            text = f"{number}. {finding['message']}{finding['remedy']}"
            put(sheet, (at, 0), text, self.styles.get("filed"))
            self._link(sheet, (at, 7), finding)
            sheet.set_row(at, text_height(text, 98))
        at += 2
        put(sheet, (at, 0), "红色：错误；黄色：提醒；蓝色：程序核算。批注说明问题和怎样改。", plain_style)

    def _grade(self, points: float) -> str:
        return next((word for word, cut in self.case.grades if points >= cut - 1e-9), "")

    def _link(self, sheet: Worksheet, cell: Cell, finding: dict[str, Any]) -> None:
        place = self.drawn.get((finding["sheet"], finding["cell"]))
        shown = f"{finding['sheet']} {finding['cell']}".strip()
        if place:
            url = f"internal:'{place[0]}'!{address(place[1])}"
            sheet.write_url(*cell, url, self.styles.get("link"), f"查看 {address(place[1])}（原表 {shown}）")
        else:
            put(sheet, cell, shown, self.styles.get("filed"))

    # ------------------------------------------------------------------ findings and measures

    def _findings_sheet(self) -> None:
        sheet = self.findings
        heads = ("序号", "程度", "位置", "问题", "填写", "应为", "怎样改")
        widths = (6, 8, 26, 50, 20, 20, 44)
        for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(column, column, width)
            self._head(sheet, 0, column, head)
        roles = {"error": "faulty", "warning": "doubtful", "info": "filed"}
        for at, finding in enumerate(self.case.findings, 1):
            texts = (finding["message"], finding["stated"][:200], finding["expected"][:200], finding["remedy"])
            put(sheet, (at, 0), at, self.styles.get("filed"))
            put(sheet, (at, 1), SEVERITIES[finding["severity"]], self.styles.get(roles[finding["severity"]]))
            self._link(sheet, (at, 2), finding)
            for column, text in enumerate(texts, 3):
                put(sheet, (at, column), text, self.styles.get("filed"))
            sheet.set_row(at, max(text_height(text, width) for text, width in zip(texts, widths[3:], strict=True)))
        if not self.case.findings:
            put(sheet, (1, 3), "没有发现问题。", self.styles.get("filed"))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(self.case.findings)), len(heads) - 1)
        sheet.repeat_rows(0)
        printed(sheet, landscape=True)

    def _measures_sheet(self) -> None:
        sheet = self.measures
        heads = ("指标", "分子", "分母", "数值", "不可计算的原因", "公式", "依据")
        for column, (head, width) in enumerate(zip(heads, (44, 14, 14, 14, 40, 60, 20), strict=True)):
            sheet.set_column(column, column, width)
            self._head(sheet, 0, column, head)
        for at, row in enumerate(self.case.measures, 1):
            each = MEASURE[row["measure"]]
            put(sheet, (at, 0), row["label"], self.styles.get("filed"))
            above, below = self._terms(each.numerator), self._terms(each.denominator)
            amount = self.styles.get("computed", None, "#,##0.00##")
            for column, name, formula in ((1, "numerator", above), (2, "denominator", below)):
                if formula and row[name] is not None:
                    sheet.write_formula(at, column, formula, amount, row[name])
                else:
                    put(sheet, (at, column), row[name], amount)
            style = self.styles.get("computed", None, "0.0000" if each.unit else "0.00%")
            line = at + 1
            value = row["value"] if row["value"] is not None else ""
            formula = f'=IF(COUNT(B{line},C{line})<2,"",IF(C{line}<=0,"",B{line}/C{line}))'
            sheet.write_formula(at, 3, formula, style, value)
            put(sheet, (at, 4), row["reason"], self.styles.get("filed"))
            unit = f"（{each.unit}）" if each.unit else ""
            put(sheet, (at, 5), f"{spoken(each.numerator)} ÷ {spoken(each.denominator)}{unit}", self.styles.get("filed"))
            put(sheet, (at, 6), each.source, self.styles.get("filed"))
            sheet.set_row(at, max(text_height(row["reason"], 40), text_height(row["label"], 44), 20))
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        printed(sheet, landscape=True)

    def _terms(self, terms: tuple[str, ...]) -> str:
        """Write a sum of fields as a formula over the filed figures; "" where a term is no field of the forms."""
        parts = []
        for term in terms:
            name = term.removeprefix("-")
            layout = next((each for each in self.layouts.values() if name in each.places), None)
            if layout is None:
                return ""
            sign = "-" if term.startswith("-") else "+" if parts else ""
            parts.append(f"{sign}'{layout.form.sheet}'!{address(layout.places[name])}")
        return "=" + "".join(parts)


def spoken(terms: tuple[str, ...]) -> str:
    """Write a sum of fields in words."""
    names = {"indicators_met": "完成的指标数", "indicator_rows": "指标数"}
    text = ""
    for term in terms:
        name = term.removeprefix("-")
        label = FIELDS[name].label if name in FIELDS else names[name]
        text += ("−" if term.startswith("-") else "+" if text else "") + label
    return f"（{text}）" if len(terms) > 1 else text


def _attainment(row: dict[str, Any], at: int, first: int) -> str:
    """Write actual / target, or how far an upper bound was passed, over the cells that show both."""
    target, actual = address((at, first)), address((at, first + 1))
    comparison, value = row["comparison"], row["actual_value"]
    top = row["target_high"] if comparison == Comparison.BETWEEN else row["target_value"]
    if comparison in {Comparison.AT_MOST, Comparison.LESS_THAN, Comparison.BETWEEN} and value > top:
        high = target if comparison != Comparison.BETWEEN else f"{top:.15g}"
        return f"=1-({actual}-{high})/{high}"
    if comparison == Comparison.BETWEEN and row["state"] == State.MET:
        return f"={actual}/{actual}" if value else "=1"
    return f"={actual}/{target}"


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    """Give runs of consecutive rows as first and last."""
    starts = [rows[0], *(after for before, after in pairwise(rows) if after != before + 1)]
    ends = [*(before for before, after in pairwise(rows) if after != before + 1), rows[-1]]
    return list(zip(starts, ends, strict=True))


def _ranges(cells: list[Cell], sheet: str = "") -> str:
    """Write cells of one column as ranges."""
    column = cells[0][1]
    runs = _runs([row for row, _ in cells])
    return ",".join(f"{sheet}{address((top, column))}:{address((bottom, column))}" for top, bottom in runs)

