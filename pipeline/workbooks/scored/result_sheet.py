"""The first sheet of a scored workbook, a letter to the department: its score, why, what may change, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from pipeline import house_style
from pipeline.reading.workbook import address
from pipeline.workbooks.scored import letter
from pipeline.workbooks.scored.computed_columns import (
    POINTS_AT,
    STATE_AT,
    WEIGHT_AT,
    first_column,
    write_head,
)
from pipeline.workbooks.scored.computed_columns import REVIEWED_AT as BESIDE
from pipeline.workbooks.scored.point_formulas import runs, sum_of
from pipeline.workbooks.text_size import text_height, title_height
from pipeline.workbooks.writer import put, set_up_page
from schemas.enums import EXECUTION, TOTAL, State
from schemas.forms.model import Kind
from schemas.lists.own_files import TITLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.worksheet import Worksheet

    from pipeline.workbooks.scored.forms import DrawnForms

REVIEWED_AT = 8
"""The column of the points after the reviewer's decisions."""
_WIDTHS = (24, 12, 12, 12, 12, 14, 14, 40)


@dataclass(slots=True)
class ResultSheet:
    """Writes the first sheet."""

    sheet: Worksheet
    drawn: DrawnForms

    def write(self) -> None:
        """Write the self.sheet."""
        case = self.drawn.case
        for column, width in enumerate(_WIDTHS):
            self.sheet.set_column(column, column, width)
        title = f"{case.department}　{case.year}{TITLE}"
        self.sheet.merge_range(0, 0, 0, 7, "", self.drawn.styles.get("title"))
        put(self.sheet, (0, 0), title, self.drawn.styles.get("title"))
        self.sheet.set_row(0, max(32, title_height(title, sum(_WIDTHS))))
        put(self.sheet, (1, 0), f"来源文件：{case.source_file}", self.drawn.styles.get("plain"))
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
            write_head(self.sheet, self.drawn.styles, 3, column, text)
        self.sheet.set_row(3, 32)
        for at, row in enumerate(case.scores):
            self._score_row(4 + at, row, len(case.scores))
        if case.reviewed:
            self._reviewed(len(case.scores))
        self._headline(4 + len(case.scores))
        self._verdict(4 + len(case.scores) + 1)
        set_up_page(self.sheet, landscape=True)
        self.sheet.fit_to_pages(1, 1)

    def _score_row(self, at: int, row: dict[str, Any], count: int) -> None:
        criterion = row["criterion"]
        total = criterion == TOTAL
        role = "total" if total else "filed"
        style = self.drawn.styles.get(role, Kind.POINTS)
        label = "合计" if total else next(label for name, label, _ in self.drawn.case.criteria if name == criterion)
        put(self.sheet, (at, 0), label, self.drawn.styles.get(role))
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
                self.sheet.write_formula(at, column, text, style, value)
            else:
                put(self.sheet, (at, column), row[name], style)
        how = self._how(criterion)
        put(self.sheet, (at, 7), how, self.drawn.styles.get(role))
        self.sheet.set_row(at, max(text_height(how, 40), text_height(row["review"] or "", 40)))

    def _reviewed(self, count: int) -> None:
        """Write the points after the reviewer's decisions beside the computed ones."""
        for column, (text, width) in enumerate((("复核后得分", 14), ("复核意见", 40)), REVIEWED_AT):
            self.sheet.set_column(column, column, width)
            write_head(self.sheet, self.drawn.styles, 3, column, text)
        letter = address((0, REVIEWED_AT)).rstrip("1")
        for at, row in enumerate(self.drawn.case.scores, 4):
            total = row["criterion"] == TOTAL
            style = self.drawn.styles.get("total" if total else "filed", Kind.POINTS)
            formula = f"=SUM({letter}5:{letter}{4 + count - 1})" if total else self._reviewed_points(at, row)
            if formula:
                self.sheet.write_formula(at, REVIEWED_AT, formula, style, row["reviewed_points"])
            else:
                put(
                    self.sheet,
                    (at, REVIEWED_AT),
                    row["reviewed_points"],
                    self.drawn.styles.get("reviewed", Kind.POINTS),
                )
            put(self.sheet, (at, REVIEWED_AT + 1), row["review"], self.drawn.styles.get("total" if total else "filed"))

    def _reviewed_points(self, at: int, row: dict[str, Any]) -> str:
        """Write a criterion's points after the decisions on its rows; "" where it was decided itself."""
        if row["review"]:
            return ""
        layout = self.drawn.indicators
        mine = [number for number, each in enumerate(self.drawn.case.rows) if each["criterion"] == row["criterion"]]
        if not mine:
            return f"=C{at + 1}"
        column = first_column(layout) + BESIDE
        cells = [(layout.lines[number]["level3"][0], column) for number in mine]
        name = f"'{layout.form.sheet}'!"
        return f"=ROUND({sum_of(cells, name)},2)"

    def _score_formulas(self, criterion: str) -> dict[str, str]:
        layout = self.drawn.indicators
        name = f"'{layout.form.sheet}'!"
        if criterion == EXECUTION:
            places = layout.places
            budget, executed = (f"{name}{address(places[each])}" for each in ("funds_budget", "funds_executed"))
            weight = f"{next(w for n, _, w in self.drawn.case.criteria if n == EXECUTION):.15g}"
            computable = f"AND(COUNT({budget},{executed})=2,N({budget})>0,N({executed})>=0)"
            return {
                "points": f"=IF({computable},ROUND({weight}*MIN({executed}/{budget},1),2),0)",
                "unjudged_weight": f"=IF({computable},0,{weight})",
            }
        mine = [number for number, row in enumerate(self.drawn.case.rows) if row["criterion"] == criterion]
        if not mine:
            return {}
        at = [layout.lines[number]["level3"][0] for number in mine]
        first = first_column(layout)
        points = sum_of([(row, first + POINTS_AT) for row in at], name)

        def weight_of(state: State) -> str:
            parts = [
                f'SUMIF({name}{address((top, first + STATE_AT))}:{address((bottom, first + STATE_AT))},"{state.label}",'
                f"{name}{address((top, first + WEIGHT_AT))}:{address((bottom, first + WEIGHT_AT))})"
                for top, bottom in runs(at)
            ]
            return "=" + "+".join(parts)

        return {
            "points": f"=ROUND({points},2)",
            "unreported_weight": weight_of(State.UNREPORTED),
            "unjudged_weight": weight_of(State.UNJUDGED),
        }

    def _how(self, criterion: str) -> str:
        if criterion == TOTAL:
            return "各项得分之和"
        if criterion == EXECUTION:
            return "分值 × 全年执行数 ÷ 全年预算数，不超过分值"
        rows = [row for row in self.drawn.case.rows if row["criterion"] == criterion]
        counts = {state: sum(row["state"] == state for row in rows) for state in State}
        told = "、".join(f"{state.label}{count}个" for state, count in counts.items() if count)
        return f"{len(rows)}个指标：{told}" if rows else "没有指标"

    def _verdict(self, at: int) -> None:
        case = self.drawn.case
        summary = case.summary
        total = 4 + len(case.scores)
        words = ",".join(f'IF(C{total}>={cut:.15g},"{word}"' for word, cut in case.grades)
        formula = f'={words},""' + ")" * len(case.grades)
        for column, text in ((0, "核算等级"), (2, "自评等级")):
            put(self.sheet, (at, column), text, self.drawn.styles.get("head"))
        self.sheet.write_formula(at, 1, formula, self.drawn.styles.get("total"), summary["grade"])
        self.sheet.write_formula(
            at,
            3,
            f'=IF(COUNT(D{total})=0,"",{formula[1:]})'.replace(f"C{total}", f"D{total}"),
            self.drawn.styles.get("filed"),
            summary["self_grade"],
        )
        if case.reviewed:
            put(self.sheet, (at, 4), "复核后等级", self.drawn.styles.get("head"))
            final = f'={words},""' + ")" * len(case.grades)
            final = final.replace(f"C{total}", f"{address((0, REVIEWED_AT)).rstrip('1')}{total}")
            self.sheet.write_formula(at, 5, final, self.drawn.styles.get("total"), summary["reviewed_grade"])
        at += 1
        self._letter(at + 1)

    def _letter(self, at: int) -> None:
        """Say why the score is so, what may still change, and what to do first; then what the colours mean."""
        report = self.drawn.case
        at = self._paragraphs(
            at, "为什么是这个分数", [f"{n}. {each}" for n, each in enumerate(letter.reasons(report), 1)]
        )
        changing = letter.may_change(report)
        if changing:
            at = self._paragraphs(at, "还可能改变的", changing, "doubtful")
        at = self._paragraphs(at, "请做什么", [letter.request(report)]) - 1
        for number, finding in enumerate(report.first(), 1):
            self.sheet.merge_range(at, 0, at, 6, "", self.drawn.styles.get("filed"))
            text = f"{number}. {finding['message']}{finding['remedy']}"
            put(self.sheet, (at, 0), text, self.drawn.styles.get("filed"))
            self.sheet.set_row(at, max(text_height(text, 98), self.drawn.link(self.sheet, (at, 7), finding, 40)))
            at += 1
        self._legend(at + 1)

    def _paragraphs(self, at: int, title: str, texts: Sequence[str], role: str = "note") -> int:
        """Write a heading and paragraphs over the width of the page; give the row below the free one behind them."""
        styles, across = self.drawn.styles, sum(_WIDTHS)
        self.sheet.merge_range(at, 0, at, 7, "", styles.get("section"))
        put(self.sheet, (at, 0), title, styles.get("section"))
        self.sheet.set_row(at, 22)
        for row, text in enumerate(texts, at + 1):
            self.sheet.merge_range(row, 0, row, 7, "", styles.get(role))
            put(self.sheet, (row, 0), text, styles.get(role))
            self.sheet.set_row(row, max(18, text_height(text, across)))
        return at + len(texts) + 2

    def _legend(self, at: int) -> None:
        """Show each colour with what it means."""
        for column, (role, words) in enumerate(house_style.LEGEND):
            put(self.sheet, (at, column), words, self.drawn.styles.get(role))
        put(self.sheet, (at, len(house_style.LEGEND)), "　单元格批注说明问题和怎样改。", self.drawn.styles.get("quiet"))

    def _headline(self, total: int) -> None:
        """Write the result in one sentence over the table, from the table's own cells."""
        report = self.drawn.case
        row, final = report.scores[-1], address((total - 1, REVIEWED_AT))
        grade, own_grade, final_grade = f"B{total + 2}", f"D{total + 2}", f"F{total + 2}"
        own = (
            ""
            if row["self_points"] is None
            else f"；自评 {_points(row['self_points'])} 分，“{report.summary['self_grade']}”"
        )
        formula = f'="核算得分 "&TEXT(C{total},"0.00")&" 分，等级“"&{grade}&"”"'
        formula += f'&IF(COUNT(D{total})=0,"","；自评 "&TEXT(D{total},"0.00")&" 分，“"&{own_grade}&"”")'
        told = f"核算得分 {_points(row['points'])} 分，等级“{report.summary['grade']}”{own}"
        if report.reviewed:
            formula += f'&"；复核后 "&TEXT({final},"0.00")&" 分，“"&{final_grade}&"”"'
            told += f"；复核后 {_points(row['reviewed_points'])} 分，“{report.summary['reviewed_grade']}”"
        style = self.drawn.styles.get("headline")
        self.sheet.merge_range(2, 0, 2, 7, "", style)
        self.sheet.write_formula(2, 0, formula, style, told)
        self.sheet.set_row(2, 26)


def _points(points: float) -> str:
    """Show points as TEXT(…,"0.00") does."""
    return str(Decimal(repr(float(points))).quantize(Decimal("0.01"), ROUND_HALF_UP))
