"""The blank form that the bureau sends out, and the same form filled in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pipeline.output.files import file_names
from pipeline.reading.workbook import address
from pipeline.workbooks.draw_form import paint
from pipeline.workbooks.form_layout import Box, Layout, lay_out
from pipeline.workbooks.styles import Styles, begin, printed
from pipeline.workbooks.template.live_checks import Live
from schemas.forms import FIELDS, FORMS
from schemas.forms.model import STAMP, Derived, Kind
from schemas.policy import FULL_MARKS
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlsxwriter.worksheet import Worksheet

    from pipeline.lists.prior_year import Prior
    from pipeline.lists.roster import Roster
    from pipeline.reading.workbook import Cell
    from schemas.lists.roster import Member
    from schemas.policy import Policy

LARGEST = 1e9
"""万元: more than any department has; a figure above it was typed in 元 or worse."""
MOST = 1_000_000
"""People: more than any department has."""
NAMES = ("department_1_1", "department_1_2")
_BEFORE = "_prior_outturn"
_OPEN = (
    "format_cells",
    "format_columns",
    "format_rows",
    "insert_rows",
    "delete_rows",
    "insert_hyperlinks",
    "select_locked_cells",
    "select_unlocked_cells",
)
"""What stays allowed on a protected sheet. The protection has no password: who must, lifts it."""


FOLDER = "各部门"
"""Where the forms of single departments lie, below the blank ones."""


def words(policy: Policy) -> dict[str, str]:
    """Give what the form prints from the policy: the year, the weights, the grades."""
    weights = {criterion.name: f"{criterion.weight:g}" for criterion in policy.criteria}
    return {"year": str(policy.year)} | weights | policy.in_words()


def name(policy: Policy) -> str:
    """Give the file name of the blank form."""
    return f"部门整体支出绩效自评（{policy.year}年度）.xlsx"


def workbook(
    policy: Policy,
    fields: Mapping[str, Any] | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> bytes:
    """Write the form as a workbook: blank, or with these values of fields and indicator rows as filed."""
    return _written(policy, fields or {}, rows)


def for_departments(policy: Policy, roster: Roster, prior: Prior) -> Iterator[tuple[str, bytes]]:
    """Write the form for each department that must report: its name, its code and last year's figures filled in.

    Args:
        policy: of the year that is asked for.
        roster: the departments; those that are exempt get none.
        prior: last year; what it does not know stays blank.

    Yields:
        File name and workbook, in the order of the roster.
    """
    members = [member for member in roster.members if member.required]
    files = file_names(member.name for member in members)
    last = {normalise_label(str(row["department"])): row for row in prior.figures.to_dict("records")}
    for member in members:
        names = map(normalise_label, (member.name, *member.also))
        known = next((last[each] for each in names if each in last), {})
        fields = dict.fromkeys(NAMES, member.name) | last_year(known)
        yield f"{files[member.name]}.xlsx", _written(policy, fields, None, member)


def last_year(figures: Mapping[Any, Any]) -> dict[str, float]:
    """Give what last year's figures of a department say of this year's form.

    Each 上年决算数 is last year's 当年决算数; 年初结转结余 is what was left of last year's budget (万元), where it was
    not overspent.
    """
    before = {
        asked: figures.get(f"{asked.removesuffix(_BEFORE)}_outturn", math.nan)
        for asked in FIELDS
        if asked.endswith(_BEFORE)
    }
    left = figures.get("funds_budget", math.nan) - figures.get("funds_executed", math.nan)
    if left >= 0:
        before["income_carryover"] = round(left, 6)
    return {asked: float(value) for asked, value in before.items() if not math.isnan(value)}


def _written(
    policy: Policy,
    fields: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]] | None,
    member: Member | None = None,
) -> bytes:
    """Write the form; with a ``member`` the fields are its own, prefilled, and marked as such."""
    book, buffer = begin(name(policy).removesuffix(".xlsx"))
    styles = Styles(book)
    blank = {
        form_field.name: f"（{policy.year}年度）"
        for form in FORMS
        for form_field in form.fields()
        if form_field.kind is Kind.YEAR
    }
    layouts = [lay_out(form, rows, words(policy)) for form in FORMS]
    live = Live(book, layouts, styles, policy)
    for layout in layouts:
        sheet = book.add_worksheet(layout.form.sheet)
        prefilled = {at: fields[asked] for asked, at in layout.places.items() if member and asked in fields}
        marks = {at: "known" if isinstance(value, str) else "prefilled" for at, value in prefilled.items()}
        paint(sheet, layout, styles, blank | dict(fields), rows or (), marks)
        live.write(sheet, layout, prefilled=bool(marks))
        _Typing(policy, sheet, layout, marks).write()
        printed(sheet)
        sheet.print_area(0, 0, layout.bottom - 1, layout.width - 1)
        sheet.protect("", dict.fromkeys(_OPEN, True))
    _identity(book.add_worksheet(STAMP), policy, member)
    book.close()
    return buffer.getvalue()


class _Typing:
    """Lets the cells of a sheet take only what they are for; messages say what is wanted, before and after."""

    def __init__(self, policy: Policy, sheet: Worksheet, layout: Layout, marks: Mapping[Cell, str]) -> None:
        self.sheet, self.layout, self.marks = sheet, layout, marks
        grades = [grade.word for grade in policy.grades]
        whole = f"只填0到{FULL_MARKS}之间的数字。"
        self.rules: dict[Kind, dict[str, Any]] = {
            Kind.AMOUNT: _between(LARGEST, "请填写金额", "金额以万元为单位，只填不小于0的数字；没有的填0。"),
            Kind.COUNT: _between(MOST, "请填写人数", "只填不小于0的整数。") | {"validate": "integer"},
            Kind.POINTS: _between(FULL_MARKS, "请填写分数", whole),
            Kind.GRADE: _told("请选择等级", "等级由总分确定，请从列表中选择，不填分数。")
            | {"validate": "list", "source": grades},
            Kind.DATE: _asked("请填写日期", "写明年月日，例如：2022年5月1日。"),
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


def _identity(sheet: Worksheet, policy: Policy, member: Member | None) -> None:
    """Write on a hidden sheet which form this is, of which version and year, and whose it is."""
    for row, form in enumerate(FORMS):
        sheet.write_string(row, 0, form.id)
        sheet.write_string(row, 1, form.version)
        sheet.write_number(row, 2, policy.year)
        if member:
            sheet.write_string(row, 3, member.name)
            sheet.write_string(row, 4, member.code)
    sheet.hide()
