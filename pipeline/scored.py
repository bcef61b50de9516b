"""The scored workbook of one department: the form as filed, beside it what was computed, and what to correct.

Runs in workers and so knows no pandas: a `Case` holds plain values. Every derived figure is a formula over the
filed figures of the same workbook, written with the value that the program computed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.beside import POINTS_AT, STATE_AT, WEIGHT_AT, Beside, first_column, head, ranges, runs
from pipeline.beside import REVIEWED_AT as BESIDE
from pipeline.book import Styles, begin, printed, put, text_height
from pipeline.case import severity, short, waived
from pipeline.draw import lay_out, paint
from pipeline.workbook import Cell, address
from schemas.form import Kind
from schemas.measures import MEASURE
from schemas.policy import Alarm
from schemas.states import EXECUTION, TOTAL, Standing, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

    from pipeline.case import Case

RESULT, FINDINGS, MEASURES = "评价结果", "审核发现", "部门指标"
REVIEWED_AT = 8
"""The column of the points after the reviewer's decisions, on the first sheet."""


def workbook(case: Case) -> bytes:
    """Write the scored workbook of a department."""
    book, buffer = begin(f"{case.department}{case.year}年度部门整体支出绩效评价")
    _Book(book, case).write()
    book.close()
    return buffer.getvalue()


class _Book:
    """The sheets of one workbook, drawn in the order in which they refer to each other."""

    def __init__(self, book: xlsxwriter.Workbook, case: Case) -> None:
        self.case, self.styles = case, Styles(book)
        self.annexes = case.drawn_forms()
        self.result = book.add_worksheet(RESULT)
        self.forms = {form.id: book.add_worksheet(form.sheet) for form in self.annexes}
        self.findings = book.add_worksheet(FINDINGS)
        self.measures = book.add_worksheet(MEASURES)
        rows = case.rows
        self.layouts = {form.id: lay_out(form, rows, case.words) for form in self.annexes}
        self.filed = case.filed()
        self.drawn = self._drawn()

    def write(self) -> None:
        """Write every sheet."""
        marks = self._marks()
        beside = Beside(self.case, self.styles, self.layouts, self.filed)
        for form in self.annexes:
            layout, sheet = self.layouts[form.id], self.forms[form.id]
            lines = [self._line(row) for row in self.case.rows]
            paint(sheet, layout, self.styles, self.filed, lines, marks.get(form.sheet), filed=True)
            beside.rates(sheet, layout)
            if form.indicators:
                beside.judged(sheet, layout)
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
        for form in self.annexes:
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
            if place and finding["severity"] in roles and finding["standing"] == Standing.COUNTED:
                marks.setdefault(place[0], {})[place[1]] = roles[finding["severity"]]
        return marks

    def _notes(self) -> None:
        told: dict[tuple[str, Cell], list[str]] = {}
        for finding in self.case.findings:
            place = self.drawn.get((finding["sheet"], finding["cell"]))
            if place:
                grave = severity(finding).replace("\n", "")
                text = f"【{grave}】{finding['message']}{waived(finding)}\n{finding['remedy']}"
                told.setdefault(place, []).append(text)
        for (name, (row, column)), texts in told.items():
            sheet = next(self.forms[form.id] for form in self.annexes if form.sheet == name)
            text = "\n".join(texts)
            height = max(60, int(text_height(text, 40) * 1.4))
            sheet.write_comment(row, column, text, {"width": 280, "height": height, "author": "绩效评价"})

    # ------------------------------------------------------------------ the first sheet

    def _result_sheet(self) -> None:
        case, sheet = self.case, self.result
        for column, width in enumerate((24, 12, 12, 12, 12, 14, 14, 40)):
            sheet.set_column(column, column, width)
        sheet.merge_range(0, 0, 0, 7, "", self.styles.get("title"))
        put(sheet, (0, 0), f"{case.department}　{case.year}年度部门整体支出绩效评价", self.styles.get("title"))
        sheet.set_row(0, 32)
        put(sheet, (1, 0), f"来源文件：{case.source_file}", self.styles.get("plain"))
        heads = (
            "评分项",
            "分值",
            "核算得分",
            "自评得分",
            "差额（核算−自评）",
            "未填报分值",
            "待定分值",
            "怎样算的",
        )
        for column, text in enumerate(heads):
            head(sheet, self.styles, 3, column, text)
        sheet.set_row(3, 32)
        for at, row in enumerate(case.scores):
            self._score_row(sheet, 4 + at, row, len(case.scores))
        if case.reviewed:
            self._reviewed(sheet, len(case.scores))
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
        for column, name in enumerate(
            ("weight", "points", "self_points", "difference", "unreported_weight", "unjudged_weight"), 1
        ):
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

    def _reviewed(self, sheet: Worksheet, count: int) -> None:
        """Write the points after the reviewer's decisions beside the computed ones."""
        for column, (text, width) in enumerate((("复核后得分", 14), ("复核意见", 40)), REVIEWED_AT):
            sheet.set_column(column, column, width)
            head(sheet, self.styles, 3, column, text)
        letter = address((0, REVIEWED_AT)).rstrip("1")
        for at, row in enumerate(self.case.scores, 4):
            total = row["criterion"] == TOTAL
            style = self.styles.get("total" if total else "filed", Kind.POINTS)
            formula = f"=SUM({letter}5:{letter}{4 + count - 1})" if total else self._reviewed_points(at, row)
            if formula:
                sheet.write_formula(at, REVIEWED_AT, formula, style, row["reviewed_points"])
            else:
                put(sheet, (at, REVIEWED_AT), row["reviewed_points"], self.styles.get("doubtful", Kind.POINTS))
            put(sheet, (at, REVIEWED_AT + 1), row["review"], self.styles.get("total" if total else "filed"))

    def _reviewed_points(self, at: int, row: dict[str, Any]) -> str:
        """Write a criterion's points after the decisions on its rows; "" where it was decided itself."""
        if row["review"]:
            return ""
        layout = next(each for each in self.layouts.values() if each.form.indicators)
        mine = [number for number, each in enumerate(self.case.rows) if each["criterion"] == row["criterion"]]
        if not mine:
            return f"=C{at + 1}"
        column = first_column(layout) + BESIDE
        cells = [(layout.lines[number]["level3"][0], column) for number in mine]
        name = f"'{layout.form.sheet}'!"
        return f"=ROUND(SUM({ranges(cells, name)}),2)"

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
        first = first_column(layout)
        points = ranges([(row, first + POINTS_AT) for row in at], name)

        def weight_of(state: State) -> str:
            parts = [
                f'SUMIF({name}{address((top, first + STATE_AT))}:{address((bottom, first + STATE_AT))},"{state.label}",'
                f"{name}{address((top, first + WEIGHT_AT))}:{address((bottom, first + WEIGHT_AT))})"
                for top, bottom in runs(at)
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
        summary = case.summary
        total = 4 + len(case.scores)
        words = ",".join(f'IF(C{total}>={cut:.15g},"{word}"' for word, cut in case.grades)
        formula = f'={words},""' + ")" * len(case.grades)
        for column, text in ((0, "核算等级"), (2, "自评等级")):
            put(sheet, (at, column), text, self.styles.get("head"))
        sheet.write_formula(at, 1, formula, self.styles.get("total"), summary["grade"])
        sheet.write_formula(
            at,
            3,
            f'=IF(COUNT(D{total})=0,"",{formula[1:]})'.replace(f"C{total}", f"D{total}"),
            self.styles.get("filed"),
            summary["self_grade"],
        )
        if case.reviewed:
            put(sheet, (at, 4), "复核后等级", self.styles.get("head"))
            final = f'={words},""' + ")" * len(case.grades)
            final = final.replace(f"C{total}", f"{address((0, REVIEWED_AT)).rstrip('1')}{total}")
            sheet.write_formula(at, 5, final, self.styles.get("total"), summary["reviewed_grade"])
        at += 1
        if summary["provisional"]:
            unjudged = case.scores[-1]["open_weight"]
            possible = self.case.grade(case.scores[-1]["reviewed_points" if case.reviewed else "points"] + unjudged)
            text = f"等级暂定：有 {unjudged:.2f} 分待复核确定，全部得分则为“{possible}”。"
            sheet.merge_range(at, 0, at, 7, "", self.styles.get("doubtful"))
            put(sheet, (at, 0), text, self.styles.get("doubtful"))
            at += 1
        if case.alarm["alarm"]:
            text = f"{Alarm(case.alarm['alarm']).label}（不影响得分）：{case.alarm['reason']}"
            sheet.merge_range(at, 0, at, 7, "", self.styles.get("doubtful"))
            put(sheet, (at, 0), text, self.styles.get("doubtful"))
            sheet.set_row(at, text_height(text, 135))
            at += 1
        self._first_things(sheet, at + 1)

    def _first_things(self, sheet: Worksheet, at: int) -> None:
        """Say what was found, the three things to do first with links to their cells, and what the colours mean."""
        case, plain_style = self.case, self.styles.get("plain")
        counted = [each for each in case.lines if each["standing"] == Standing.COUNTED]
        errors = [each for each in counted if each["severity"] == "error"]
        waivers = f"（另有 {case.summary['waived']} 处不计）" if case.summary["waived"] else ""
        counts = f"错误 {case.summary['errors']} 处，提醒 {case.summary['warnings']} 处{waivers}"
        told = f"审核发现：{counts}。{'首先要做：' if counted else ''}" if case.findings else "审核没有发现问题。"
        put(sheet, (at, 0), told, plain_style)
        for number, finding in enumerate(sorted(errors or counted, key=self._at_stake, reverse=True)[:3], 1):
            at += 1
            sheet.merge_range(at, 0, at, 6, "", self.styles.get("filed"))
            text = f"{number}. {finding['message']}{finding['remedy']}"
            put(sheet, (at, 0), text, self.styles.get("filed"))
            sheet.set_row(at, max(text_height(text, 98), self._link(sheet, (at, 7), finding, 40)))
        at += 2
        put(sheet, (at, 0), "红色：错误；黄色：提醒或暂定；蓝色：程序核算。单元格批注说明问题和怎样改。", plain_style)

    def _at_stake(self, finding: dict[str, Any]) -> float:
        """Give the points that hang on a finding: what its indicator has not been given."""
        cells = set(finding["cells"].split("、"))
        return sum(
            float(row["weight"] - row["points"])
            for row in self.case.rows
            if finding["sheet"] == row["sheet"] and cells & {row["target_cell"], row["actual_cell"]}
        )

    def _link(self, sheet: Worksheet, cell: Cell, finding: dict[str, Any], width: float) -> float:
        """Link to the first cell of a finding; give the height that the link takes in a column so wide."""
        place = self.drawn.get((finding["sheet"], finding["cell"]))
        shown = f"{finding['sheet']} {finding['cell']}".strip()
        if place:
            url = f"internal:'{place[0]}'!{address(place[1])}"
            shown = f"查看 {address(place[1])}（原表 {shown}）"
            sheet.write_url(*cell, url, self.styles.get("link"), shown)
        else:
            put(sheet, cell, shown, self.styles.get("filed"))
        return text_height(shown, width)

    # ------------------------------------------------------------------ findings and measures

    def _findings_sheet(self) -> None:
        sheet = self.findings
        heads = ("序号", "程度", "位置", "问题", "填写", "应为", "怎样改")
        widths = (6, 8, 36, 50, 20, 20, 44)
        for column, (text, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(column, column, width)
            head(sheet, self.styles, 0, column, text)
        roles = {"error": "faulty", "warning": "doubtful", "info": "filed"}
        for at, finding in enumerate(self.case.lines, 1):
            texts = (
                finding["message"] + waived(finding),
                short(finding["stated"]),
                short(finding["expected"]),
                finding["remedy"],
            )
            put(sheet, (at, 0), at, self.styles.get("filed"))
            put(
                sheet,
                (at, 1),
                severity(finding),
                self.styles.get(roles[finding["severity"]] if finding["standing"] == Standing.COUNTED else "filed"),
            )
            height = self._link(sheet, (at, 2), finding, widths[2])
            for column, text in enumerate(texts, 3):
                put(sheet, (at, column), text, self.styles.get("filed"))
            heights = (text_height(text, width) for text, width in zip(texts, widths[3:], strict=True))
            sheet.set_row(at, max(height, *heights))
        if not self.case.findings:
            put(sheet, (1, 3), "没有发现问题。", self.styles.get("filed"))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(self.case.lines)), len(heads) - 1)
        sheet.repeat_rows(0)
        printed(sheet, landscape=True)

    def _measures_sheet(self) -> None:
        sheet = self.measures
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
        for column, (text, width) in enumerate(zip(heads, (44, 14, 14, 14, 14, 10, 40, 60, 40), strict=True)):
            sheet.set_column(column, column, width)
            head(sheet, self.styles, 0, column, text)
        sheet.set_row(0, 34)
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
            given = self.case.reference.get(row["measure"], {})
            for column, name in ((4, "points"), (5, "weight")):
                put(sheet, (at, column), given.get(name), self.styles.get("filed", Kind.POINTS))
            source = "；".join(filter(None, (each.source, given.get("source"))))
            for column, text in enumerate((row["reason"], each.formula(), source), 6):
                put(sheet, (at, column), text, self.styles.get("filed"))
            sheet.set_row(at, max(text_height(row["reason"], 40), text_height(source, 40), 20))
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        printed(sheet, landscape=True)

    def _terms(self, terms: tuple[str, ...]) -> str:
        """Write a sum of fields as a formula over the filed figures; "" where a term is no field of the forms."""
        parts: list[str] = []
        for term in terms:
            name = term.removeprefix("-")
            layout = next((each for each in self.layouts.values() if name in each.places), None)
            if layout is None:
                return ""
            sign = "-" if term.startswith("-") else "+" if parts else ""
            parts.append(f"{sign}'{layout.form.sheet}'!{address(layout.places[name])}")
        return "=" + "".join(parts)
