"""Beside the forms as filed: the rates computed, and how each indicator came to its points, as formulas.

Every formula refers to the filed figures of the same sheet and is written with the value the program computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.house_style import EXACT
from pipeline.reading.workbook import Cell, address
from pipeline.workbooks.scored.point_formulas import FiledPoints, attainment_formula, weight_formula
from pipeline.workbooks.table_sheet import BAR
from pipeline.workbooks.text_size import text_height
from pipeline.workbooks.writer import put
from schemas.enums import Basis, State
from schemas.forms.model import Grid, Kind, Ratio
from schemas.text.model import RATE

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from pipeline.workbooks.form_layout import Layout
    from pipeline.workbooks.scored.data import DepartmentReport
    from pipeline.workbooks.styles import Styles

NOT_COMPUTABLE = "不可计算"
_COMPARED = {"outturn", "budget", "prior_outturn"}
"""The columns of a grid that change and control rates are computed from."""
WEIGHT_AT, POINTS_AT, ATTAINMENT_AT, STATE_AT, EXPLAINED_AT, REVIEWED_AT, DECIDED_AT = range(7)
"""Columns beside the indicators that are printed, counted from `first_column`."""
TARGET_AT, ACTUAL_AT, UNIT_AT = 8, 9, 10
"""Columns behind them that are not printed: how target and actual were understood."""
_HEADS = {
    WEIGHT_AT: ("核算\n分值", 8), POINTS_AT: ("核算\n得分", 8), ATTAINMENT_AT: ("完成率", 10), STATE_AT: ("判定", 9),
    EXPLAINED_AT: ("核算说明", 24),
    TARGET_AT: ("目标（读作）", 15), ACTUAL_AT: ("实际（读作）", 15), UNIT_AT: ("单位", 8),
}  # fmt: skip
"""Heads and widths of the columns."""
_REVIEWED_HEADS = {REVIEWED_AT: ("复核后\n得分", 9), DECIDED_AT: ("复核意见", 16)}
_FULL = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
"""A bar of attainment fills its cell at 100%."""


def first_column(layout: Layout) -> int:
    """Give the first computed column, one narrow column away from the form."""
    return layout.width + 1


def last_printed(layout: Layout, *, reviewed: bool) -> int:
    """Give the last column of a form that is printed: the columns of how cells were understood lie behind it."""
    return first_column(layout) + (1 if not layout.form.indicators else DECIDED_AT if reviewed else EXPLAINED_AT)


def write_head(sheet: Worksheet, styles: Styles, row: int, column: int, text: str) -> None:
    """Write the head of a computed column."""
    put(sheet, (row, column), text, styles.get("computed_head"))


def rate_formula(numerator: str, denominator: str, inputs: tuple[str, ...]) -> str:
    """Write a rate as a formula: blank where nothing is filed, 不可计算 where a figure is missing or the base zero."""
    cells = ",".join(inputs)
    return (
        f'=IF(COUNT({cells})=0,"",IF(OR(COUNT({cells})<{len(inputs)},N({denominator})<=0),'
        f'"{NOT_COMPUTABLE}",({numerator})/{denominator}))'
    )


def _ratio_value(numerator: float | None, denominator: float | None, inputs: list[Any]) -> float | str:
    """Compute what the formula of `ratio` shows."""
    numbers = [value for value in inputs if isinstance(value, (int, float))]
    if not numbers:
        return ""
    if len(numbers) < len(inputs) or numerator is None or not denominator or denominator <= 0:
        return NOT_COMPUTABLE
    return numerator / denominator


@dataclass(slots=True)
class ComputedColumns:
    """Writes the computed part of the forms of one workbook."""

    case: DepartmentReport
    styles: Styles
    layouts: dict[str, Layout]
    filed: dict[str, Any]

    def rates(self, sheet: Worksheet, layout: Layout) -> None:
        """Write beside each stated rate the computed one, and beside each line of a grid its change and control."""
        column = first_column(layout)
        sheet.set_column(layout.width, layout.width, 2)
        beside = column + (ATTAINMENT_AT if layout.form.indicators else 0)
        for asked in layout.form.fields():
            if isinstance(asked.derived, Ratio) and asked.kind is Kind.RATE:
                row = layout.places[asked.name][0]
                write_head(sheet, self.styles, row - 1, beside, f"核算{asked.label.rpartition('·')[2]}")
                sheet.set_row(row - 1, 34)
                self._ratio(sheet, (row, beside), asked.derived.numerator, asked.derived.denominator)
        for section in layout.form.flat():
            if isinstance(section, Grid) and {each.name for each in section.columns} >= _COMPARED:
                top = layout.places[section.field_at(section.rows[0], section.columns[0]).name][0] - 1
                sheet.set_row(top, 34)
                write_head(sheet, self.styles, top, column, "变动率\n（比上年决算）")
                write_head(sheet, self.styles, top, column + 1, "控制率\n（决算÷预算）")
                for item in section.rows:
                    self._change(sheet, layout, item.name, column)
                sheet.set_column(column, column + 1, 16)

    def _number(self, name: str) -> float | None:
        value = self.filed.get(name)
        return float(value) if isinstance(value, (int, float)) else None

    def _ratio(self, sheet: Worksheet, cell: Cell, numerator: str, denominator: str) -> None:
        layout = next(each for each in self.layouts.values() if numerator in each.places)
        above, below = (address(layout.places[name]) for name in (numerator, denominator))
        first, second = self._number(numerator), self._number(denominator)
        value = _ratio_value(first, second, [first, second])
        sheet.write_formula(
            *cell, rate_formula(above, below, (above, below)), self.styles.get("computed", Kind.RATE), value
        )

    def _change(self, sheet: Worksheet, layout: Layout, item: str, column: int) -> None:
        names = [f"{item}_{each}" for each in ("outturn", "prior_outturn", "budget")]
        outturn, prior, budget = (self._number(name) for name in names)
        now, before, planned = (address(layout.places[name]) for name in names)
        row = layout.places[names[0]][0]
        style = self.styles.get("computed", Kind.RATE)
        difference = None if outturn is None or prior is None else outturn - prior
        change = _ratio_value(difference, prior, [outturn, prior])
        sheet.write_formula(row, column, rate_formula(f"{now}-{before}", before, (now, before)), style, change)
        control = _ratio_value(outturn, budget, [outturn, budget])
        sheet.write_formula(row, column + 1, rate_formula(now, planned, (now, planned)), style, control)

    def judged(self, sheet: Worksheet, layout: Layout) -> None:
        """Write beside each indicator how it was understood, its state, attainment, weight, points and why."""
        first = first_column(layout)
        heads = _HEADS | (_REVIEWED_HEADS if self.case.reviewed else {})
        for at, (text, width) in heads.items():
            sheet.set_column(first + at, first + at, width)
            write_head(sheet, self.styles, layout.head, first + at, text)
        sheet.set_row(layout.head, 34)
        filed = FiledPoints.of(self.case, layout)
        for number, row in enumerate(self.case.rows):
            self._judged_row(sheet, layout, number, row, filed)
        self._heights(sheet, layout)
        if self.case.rows:
            rows = layout.lines[0]["level3"][0], layout.lines[-1]["level3"][0]
            bars = first + ATTAINMENT_AT
            sheet.conditional_format(rows[0], bars, rows[1], bars, BAR | _FULL)
        if self.case.reviewed:
            self._reviewed(sheet, layout, first + REVIEWED_AT)

    def _reviewed(self, sheet: Worksheet, layout: Layout, column: int) -> None:
        """Write beside the computed points those after the reviewer's decisions, and the decisions."""
        exact = self.styles.get("computed", None, EXACT)
        decided = self.styles.get("reviewed", None, EXACT)
        for number, row in enumerate(self.case.rows):
            at = layout.lines[number]["level3"][0]
            if row["reviewed"] is None:
                points = address((at, first_column(layout) + POINTS_AT))
                sheet.write_formula(at, column, f"={points}", exact, row["points"])
            else:
                put(sheet, (at, column), row["reviewed"], decided)
            put(sheet, (at, column + 1), row["review"], self.styles.get("reviewed"))

    def _judged_row(
        self, sheet: Worksheet, layout: Layout, number: int, row: dict[str, Any], filed: FiledPoints
    ) -> None:
        at, first = layout.lines[number]["level3"][0], first_column(layout)
        number_format = "0.00##%" if row["unit"] == RATE else "#,##0.####"
        numeric = self.styles.get("computed", None, number_format)
        put(sheet, (at, first + TARGET_AT), row["target_value"], numeric)
        put(sheet, (at, first + ACTUAL_AT), row["actual_value"], numeric)
        unit = "" if row["unit"] == RATE else row["unit"]
        put(sheet, (at, first + UNIT_AT), unit, self.styles.get("computed_word"))
        rate = self.styles.get("computed", Kind.RATE)
        if row["attainment"] is None:
            put(sheet, (at, first + ATTAINMENT_AT), None, rate)
        else:
            target, actual = address((at, first + TARGET_AT)), address((at, first + ACTUAL_AT))
            formula = attainment_formula(row, target, actual)
            sheet.write_formula(at, first + ATTAINMENT_AT, formula, rate, row["attainment"])
        put(sheet, (at, first + STATE_AT), State(row["state"]).label, self.styles.get("computed_word"))
        exact = self.styles.get("computed", None, EXACT)
        sheet.write_formula(at, first + WEIGHT_AT, weight_formula(row, filed), exact, row["weight"])
        sheet.write_formula(at, first + POINTS_AT, self._points(layout, number, row, filed), exact, row["points"])
        put(sheet, (at, first + EXPLAINED_AT), row["explanation"], self.styles.get("computed"))

    def _heights(self, sheet: Worksheet, layout: Layout) -> None:
        """Make each row of the indicators as high as its highest text, on the form and beside it."""
        widths, labels = layout.form.widths, dict[int, float]()
        for box in layout.boxes:
            if box.text and box.height == 1 and layout.head < box.row < layout.below:
                labels[box.row] = max(labels.get(box.row, 0), text_height(box.text, widths[box.column]))
        for row, cells in zip(self.case.rows, layout.lines, strict=True):
            at = cells["level3"][0]
            filed = (text_height(str(row[name]), widths[cells[name][1]]) for name in ("level3", "target", "actual"))
            explained, decided = _HEADS[EXPLAINED_AT][1], _REVIEWED_HEADS[DECIDED_AT][1]
            computed = text_height(row["explanation"], explained), text_height(row["review"] or "", decided)
            sheet.set_row(at, max(labels.get(at, 0), *filed, *computed))

    def _points(self, layout: Layout, number: int, row: dict[str, Any], filed: FiledPoints) -> str:
        """Write a row's points as a formula over its weight (method sections 4 and 5)."""
        at, first = layout.lines[number]["level3"][0], first_column(layout)
        weight, attainment = address((at, first + WEIGHT_AT)), address((at, first + ATTAINMENT_AT))
        if row["state"] == State.MET:
            return f"={weight}"
        if row["state"] == State.PARTLY and row["attainment"] is not None:
            return f"={weight}*MAX(0,MIN(1,{attainment}))"
        if row["state"] == State.QUALITATIVE:
            return f"={weight}*{self._own(layout, number, row, filed)}"
        return f"={weight}*0"

    def _own(self, layout: Layout, number: int, row: dict[str, Any], filed: FiledPoints) -> str:
        """Write the department's own ratio, or the edge of the band that it is held at."""
        low, high = self.case.bands[row["band"]]
        if row["held"]:
            return f"{(high if row['held'] == 'high' else low):.15g}"
        if row["ratio_of"] == "block":
            block = filed.blocks[row["criterion"]]
            whole = (
                f"({block.weights})"
                if row["weight_basis"] == Basis.BLOCK and row["filed_sum"]
                else f"{row['block_weight']:.15g}"
            )
            return f"{block.self_points}/{whole}"
        own = filed.self_points[row["self_points_cell"]]
        size = f"/{int(row['self_points_size'])}" if row["self_points_size"] > 1 else ""
        if row["weight_basis"] in {Basis.OWN, Basis.SCALED} and row["weight_stated"]:
            return f"({own}{size})/{address(layout.lines[number]['weight'])}"
        return f"{float(row['own_ratio']):.15g}"
