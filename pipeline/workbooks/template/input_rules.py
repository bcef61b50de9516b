"""Say what each cell of the blank form takes, before and after it is filled in: Excel's data validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.reading.workbook import address
from schemas.forms.model import Derived, Kind
from schemas.policy import FULL_MARKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlsxwriter.worksheet import Worksheet

    from pipeline.reading.workbook import Cell
    from pipeline.workbooks.form_layout import Box, Layout
    from schemas.policy import Policy


LARGEST = 1e9
"""万元: more than any department has; a figure above it was typed in 元 or worse."""


MOST = 1_000_000
"""People: more than any department has."""


class InputRules:
    """Lets the cells of a sheet take only what they are for; messages say what is wanted, before and after."""

    def __init__(self, policy: Policy, sheet: Worksheet, layout: Layout, marks: Mapping[Cell, str]) -> None:
        """Begin with a sheet whose form is laid out so, and with the roles of its prefilled cells."""
        self.sheet, self.layout, self.marks = sheet, layout, marks
        grades = [grade.word for grade in policy.grades]
        whole = f"只填0到{FULL_MARKS}之间的数字。"
        self.rules: dict[Kind, dict[str, Any]] = {
            Kind.AMOUNT: _between(LARGEST, "请填写金额", "金额以万元为单位，只填不小于0的数字；没有的填0。"),
            Kind.COUNT: _between(MOST, "请填写人数", "只填不小于0的整数。") | {"validate": "integer"},
            Kind.POINTS: _between(FULL_MARKS, "请填写分数", whole),
            Kind.GRADE: _told("请选择等级", "等级由总分确定，请从列表中选择，不填分数。")
            | {"validate": "list", "source": grades},
            Kind.DATE: _asked("请填写日期", f"写明年月日，例如：{policy.year + 1}年5月1日。"),
        }
        self.columns = {
            "level3": _asked(
                "三级指标", "一行一个指标。行数不够可在中间插入行，不涉及的行可删除；新行不必合并左边的格子。"
            ),
            "target": _asked("年度指标值", "年初设定的目标，写明数和单位，例如：≥95%、不少于10家。"),
            "actual": _asked("实际完成值", "写实际完成的数和单位，例如：96%、12家；有目标的行都要填。"),
            "weight": _between(FULL_MARKS, "分值", f"{_weights(policy)}。{whole}"),
        }

    def write(self) -> None:
        """Write the rules of every input and derived cell."""
        for box in self.layout.boxes:
            if box.field and box.line is None and box.role in {"input", "derived", "answer"}:
                rule = self._rule(box)
                if rule:
                    self.sheet.data_validation(box.row, box.column, box.row, box.column, rule)
        if self.layout.lines:
            first, last = self.layout.lines[0], self.layout.lines[-1]
            points = _at_most(address(first["self_points"]), address(first["weight"]))
            for column, rule in (self.columns | {"self_points": points}).items():
                self.sheet.data_validation(*first[column], *last[column], rule)

    def _rule(self, box: Box) -> dict[str, Any] | None:
        asked = box.field
        if asked is None:
            return None
        rule = self.rules.get(asked.kind)
        at = (box.row, box.column)
        if at in self.marks:
            return (rule or {"validate": "any"}) | _PREFILLED
        if asked.name == "funds_points":
            return _at_most(address(at), address(self.layout.places["funds_weight"]))
        return (rule or {"validate": "any"}) | _COMPUTED if isinstance(asked.derived, Derived) else rule


def _weights(policy: Policy) -> str:
    return "合计" + "、".join(f"{each.label}{each.weight:g}分" for each in policy.criteria)


def _asked(title: str, message: str) -> dict[str, Any]:
    """Say what is wanted in a cell that takes anything."""
    return {"validate": "any", "input_title": title, "input_message": message}


_PREFILLED = {"input_title": "已预填", "input_message": "按上年度报送数和部门名册预填，请核对；有调整的改正并说明。"}


_COMPUTED = {"input_title": "自动计算", "input_message": "由表内其他格计算，不用填写。"}


def _told(title: str, message: str) -> dict[str, Any]:
    """Say what is wanted before and after a cell is filled in."""
    return _asked(title, message) | {"error_title": title, "error_message": message}


def _between(most: float, title: str, message: str) -> dict[str, Any]:
    bounds = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": most}
    return _told(title, message) | bounds


def _at_most(points: str, weight: str) -> dict[str, Any]:
    """Give the rule of points that are at most the weight beside them, where there is one."""
    most = f"IF(COUNT({weight})=0,{FULL_MARKS},{weight})"
    formula = f"=IF(COUNT({points})=0,FALSE,AND({points}>=0,{points}<={most}))"
    return _told("请填写得分", "只填数字，不小于0，不大于同一行的分值。") | {"validate": "custom", "value": formula}
