"""Write 评分办法.xlsx: the policy as a workbook to be changed and put into the inbox, with units and sources."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from pipeline.cells import address
from pipeline.workbooks.styles import Styles
from pipeline.workbooks.text_size import text_height
from pipeline.workbooks.writer import add_page_header, begin_workbook, put, set_up_page
from schemas.lists.policy import TITLE
from schemas.measures import MEASURES
from schemas.policy import FULL_MARKS, as_table
from schemas.policy.sheets import (
    ITEM_HEADS,
    ITEMS,
    LIST,
    LISTS,
    SOURCE,
    TERMS,
    TOLD,
    VALUES,
    WORD_LISTS,
    WORDS,
    Kind,
    spread,
    value_at,
)
from schemas.policy.variants import variants
from schemas.rules import RULE
from schemas.rules.texts import list_rules, rule_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from schemas.policy import Policy
    from schemas.policy.sheets import Column, List

FINE = "✓"
"""How a check begins that is passed."""
HEAD = 2
"""Row of the heads of a list, from 0: what it is and its check are above."""
_ITEM_WIDTHS = (28, 22, 14, 50, 50)
_WORD_WIDTH = 18
_ROOM = 12
"""Blank lines below the longest list of words."""
_MEASURES = "部门指标"
_GUIDE = (
    "这份工作簿写明评价按什么分值、等级、档次、用语和界线进行。改动黄色的格子，保存后放进收件夹（文件名不变），下次评价就按它。",
    "收件夹里没有这份文件的，按程序自带的办法。",
    "每个数都要写明依据。有错误的，评价时按格列出，改正以前不评价。",
    f"“{VALUES}”是单个的数，“{WORDS}”是判断定性指标等用的词，其余各页是可以增减行的表。“{TERMS}”“{_MEASURES}”只供查阅。",
)
_VARIANT_HEADS = {"公开的办法（供参考，不影响评价）": 34, "内容": 60, "出处": 46, "核对情况": 46}


def write_policy(policy: Policy) -> bytes:
    """Write a policy as a workbook; `pipeline.lists.policy_workbook.read` gives the same policy back."""
    book, buffer = begin_workbook(TITLE)
    drawn = _Drawn(book, policy)
    drawn.guide()
    drawn.items()
    for name in ("criteria", "grades"):
        drawn.list(LIST[name])
    drawn.words()
    for each in LISTS:
        if each.name not in {"criteria", "grades"}:
            drawn.list(each)
    drawn.terms(TERMS, {"规则": 34, "轻重": 8, "问题": 80}, _rules())
    drawn.terms(_MEASURES, {"部门指标": 44, "算法": 70, SOURCE: 24}, _measures())
    book.close()
    return buffer.getvalue()


def _rules() -> list[tuple[str, ...]]:
    return [(rule.title, rule.severity.label, rule_text(rule, places)[0]) for rule, places in list_rules()]


def _measures() -> list[tuple[str, ...]]:
    return [(each.label, each.formula(), each.source) for each in MEASURES]


class _Drawn:
    """The workbook while it is drawn."""

    def __init__(self, book: Workbook, policy: Policy) -> None:
        self.book, self.policy, self.styles = book, policy, Styles(book)
        self.table = as_table(policy)
        self.lists = spread(self.table)

    def _sheet(self, name: str, widths: Sequence[float]) -> Worksheet:
        sheet = self.book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        return sheet

    def _finish(self, sheet: Worksheet, head: int, fixed: int = 1) -> None:
        sheet.freeze_panes(head + 1, fixed)
        sheet.repeat_rows(head)
        set_up_page(sheet, landscape=True)
        add_page_header(sheet)

    def _input(self, sheet: Worksheet, cell: tuple[int, int], value: Any, kind: Kind) -> None:
        number = "" if kind is Kind.TEXT else _format(value, kind)
        put(sheet, cell, value, self.styles.get("input", number=number))

    # ------------------------------------------------------------------ what it is

    def guide(self) -> None:
        """Say what the workbook is and how it is used, and what public sources have in its place."""
        widths = tuple(_VARIANT_HEADS.values())
        sheet = self._sheet(TITLE, widths)
        across = sum(widths)
        sheet.merge_range(0, 0, 0, 3, f"{TITLE}：{self.policy.title}", self.styles.get("title"))
        sheet.set_row(0, 30)
        for row, text in enumerate(_GUIDE, 1):
            sheet.merge_range(row, 0, row, 3, text, self.styles.get("note"))
            sheet.set_row(row, text_height(text, across))
        top = len(_GUIDE) + 2
        self._lines(
            sheet, top, _VARIANT_HEADS, [(v.title, _content(v.parts), v.source, v.certainty) for v in variants()]
        )
        set_up_page(sheet, landscape=True)
        add_page_header(sheet)

    def terms(self, name: str, heads: Mapping[str, float], rows: Sequence[tuple[str, ...]]) -> None:
        """Add a sheet that is only looked into: what may be chosen on the others."""
        sheet = self._sheet(name, tuple(heads.values()))
        self._lines(sheet, 0, heads, rows)
        self._finish(sheet, 0)

    def _lines(self, sheet: Worksheet, top: int, heads: Mapping[str, float], rows: Sequence[tuple[str, ...]]) -> None:
        for column, words in enumerate(heads):
            put(sheet, (top, column), words, self.styles.get("head"))
        for row, values in enumerate(rows, top + 1):
            for column, value in enumerate(values):
                put(sheet, (row, column), value, self.styles.get("filed"))
            sheet.set_row(row, max(map(text_height, values, heads.values())))

    # ------------------------------------------------------------------ single entries, and words

    def items(self) -> None:
        """Add the sheet of single entries."""
        sheet = self._sheet(VALUES, _ITEM_WIDTHS)
        for column, words in enumerate(ITEM_HEADS):
            put(sheet, (0, column), words, self.styles.get("head"))
        for row, item in enumerate(ITEMS, 1):
            source = value_at(self.table, item.source) if item.source else ""
            value = value_at(self.table, item.at)
            put(sheet, (row, 0), item.words, self.styles.get("label"))
            self._input(sheet, (row, 1), value, item.kind)
            put(sheet, (row, 2), item.unit, self.styles.get("filed"))
            put(sheet, (row, 3), source, self.styles.get("input" if item.source else "filed"))
            put(sheet, (row, 4), item.told, self.styles.get("filed"))
            texts = (item.words, str(value), item.unit, source, item.told)
            sheet.set_row(row, max(map(text_height, texts, _ITEM_WIDTHS)))
            self._typed(sheet, (row, 1), (row, 1), item.kind, item.words, item.told)
        self._finish(sheet, 0)

    def words(self) -> None:
        """Add the sheet of the lists of words, one word a cell."""
        lists = [value_at(self.table, each.at) for each in WORD_LISTS]
        sources = [value_at(self.table, each.source) if each.source else "" for each in WORD_LISTS]
        sheet = self._sheet(WORDS, (8, *[_WORD_WIDTH] * len(lists)))
        above = ((WORDS, [e.title for e in WORD_LISTS]), (TOLD, [e.told for e in WORD_LISTS]), (SOURCE, sources))
        for row, (label, texts) in enumerate(above):
            put(sheet, (row, 0), label, self.styles.get("head" if row == 0 else "label"))
            for column, text in enumerate(texts, 1):
                role = "head" if row == 0 else "input" if row == HEAD and WORD_LISTS[column - 1].source else "filed"
                put(sheet, (row, column), text, self.styles.get(role))
            sheet.set_row(row, max(text_height(text, _WORD_WIDTH) for text in texts))
        for row in range(max(map(len, lists)) + _ROOM):
            for column, found in enumerate(lists, 1):
                word = found[row] if row < len(found) else None
                put(sheet, (row + HEAD + 1, column), word, self.styles.get("input"))
        self._finish(sheet, HEAD)

    # ------------------------------------------------------------------ lists

    def list(self, asked: List) -> None:
        """Add the sheet of a list: what it is, its check, its heads, its lines and room for more."""
        widths = [each.width for each in asked.columns]
        sheet = self._sheet(asked.title, widths)
        rows = self.lists[asked.name]
        sheet.merge_range(0, 0, 0, len(widths) - 1, asked.told, self.styles.get("note"))
        sheet.set_row(0, text_height(asked.told, sum(widths)))
        last = HEAD + len(rows) + asked.room
        for column, each in enumerate(asked.columns):
            put(sheet, (HEAD, column), each.words, self.styles.get("head"))
            for row in range(HEAD + 1, last + 1):
                entry = rows[row - HEAD - 1] if row <= HEAD + len(rows) else {}
                self._input(sheet, (row, column), _shown(entry.get(each.key), each), each.kind)
            self._choices(sheet, each, (HEAD + 1, column), (last, column))
        for row, entry in enumerate(rows, HEAD + 1):
            texts = [str(_shown(entry.get(each.key, ""), each)) for each in asked.columns]
            sheet.set_row(row, max(map(text_height, texts, widths)))
        self._check(sheet, asked.name, last)
        self._finish(sheet, HEAD)

    def _choices(self, sheet: Worksheet, column: Column, first: tuple[int, int], last: tuple[int, int]) -> None:
        offered: Any = list(column.choices.values())
        if column.key == "rule":
            offered = f"='{TERMS}'!$A$2:$A${len({rule.id for rule in RULE.values()}) + 1}"
        elif column.key == "measure":
            offered = f"='{_MEASURES}'!$A$2:$A${len(MEASURES) + 1}"
        if offered:
            rule_text = f"请从列表中选择{column.words}。"
            rule = {"validate": "list", "source": offered, "error_title": column.words, "error_message": rule_text}
            sheet.data_validation(*first, *last, rule)
        else:
            self._typed(sheet, first, last, column.kind, column.words, "")

    def _typed(
        self, sheet: Worksheet, first: tuple[int, int], last: tuple[int, int], kind: Kind, words: str, rule_text: str
    ) -> None:
        """Let cells take only numbers where they are for numbers."""
        if kind is Kind.TEXT:
            return
        most = {Kind.SHARE: 10, Kind.NUMBER: 1e6, Kind.WHOLE: 2100}[kind]
        what = {Kind.SHARE: "比例，例如 80%", Kind.NUMBER: "数字", Kind.WHOLE: "整数"}[kind]
        rule = {
            "validate": "integer" if kind is Kind.WHOLE else "decimal",
            "criteria": "between",
            "minimum": 0,
            "maximum": most,
            "error_title": words[:32],
            "error_message": f"请填写{what}。",
        }
        if rule_text:
            rule |= {"input_title": words[:32], "input_message": rule_text[:255]}
        sheet.data_validation(*first, *last, rule)

    def _check(self, sheet: Worksheet, name: str, last: int) -> None:
        """Write the check of the weights, or of the grades, that follows while they are typed."""
        checks = {"criteria": self._sum, "grades": self._descending}
        if name not in checks:
            return
        formula, value = checks[name](last)
        wrong = self.book.add_format({"font_color": "#9C0006", "bg_color": "#F8CBAD"})
        sheet.merge_range(1, 0, 1, 3 if name == "criteria" else 2, "", self.styles.get("check"))
        sheet.write_formula(1, 0, formula, self.styles.get("check"), value)
        criterion = f'=LEFT({address((1, 0))},1)<>"{FINE}"'
        sheet.conditional_format(1, 0, 1, 0, {"type": "formula", "criteria": criterion, "format": wrong})

    def _sum(self, last: int) -> tuple[str, str]:
        cells = f"{address((HEAD + 1, 2))}:{address((last, 2))}"
        total = sum((Fraction(repr(float(each["weight"]))) for each in self.lists["criteria"]), Fraction(0))
        fine = f"{FINE} 分值合计{FULL_MARKS}分"
        rounded = f"ROUND(SUM({cells}),6)"
        formula = f'=IF({rounded}={FULL_MARKS},"{fine}","分值合计"&{rounded}&"分，应为{FULL_MARKS}分")'
        return formula, fine if total == FULL_MARKS else f"分值合计{float(total):g}分，应为{FULL_MARKS}分"

    def _descending(self, last: int) -> tuple[str, str]:
        above = f"{address((HEAD + 1, 1))}:{address((last - 1, 1))}"
        below = f"{address((HEAD + 2, 1))}:{address((last, 1))}"
        every = f"{address((HEAD + 1, 1))}:{address((last, 1))}"
        fine = f"{FINE} 等级从高到低，最低一级从0分起"
        order = f'SUMPRODUCT(({below}<>"")*({below}>={above}))>0'
        wrong = f'IF(OR(COUNT({every})=0,MIN({every})<>0),"最低一级应从0分起","{fine}")'
        return f'=IF({order},"等级须从高到低排列",{wrong})', fine


def _shown(value: Any, column: Column) -> Any:
    """Give an entry as it stands in its cell: by its words where one of several is chosen."""
    if column.key == "rule" and value in RULE:
        return RULE[value].title
    return column.choices.get(value, value) if isinstance(value, str) else value


def _format(value: Any, kind: Kind) -> str:
    """Give the number format that shows a value with all its decimals; General for a blank."""
    if kind is not Kind.SHARE or value is None:
        return "General"
    decimals = max(0, -int((Decimal(repr(float(value))) * 100).normalize().as_tuple().exponent))
    return f"0.{'0' * decimals}%" if decimals else "0%"


def _content(parts: Mapping[str, Any]) -> str:
    """Say what a variant has in place of the policy's own, on a line each."""
    lines = []
    if "criteria" in parts:
        lines.append("分值：" + "、".join(f"{each['label']}{each['weight']:g}" for each in parts["criteria"]))
    if "grades" in parts:
        lines.append("等级：" + "、".join(f"{each['word']}（{each['from']:g}分起）" for each in parts["grades"]))
    if "reference" in parts:
        lines += [
            f"{each['label']}，满分{each['weight']:g}分：{each['source'].rpartition('：')[2]}"
            for each in parts["reference"]
        ]
    return "\n".join(lines)
