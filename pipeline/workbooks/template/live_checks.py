"""Live checks: what the blank form says of its own figures while they are typed, in a column that is not printed.

Each check is a formula that shows ✓ or what is wrong, as text: a number beside a row would be read as one of its
values. They stand only on rows on which no value is sought to the right of its words (heads, grids, indicators), so
that no reader takes one for an answer. How far figures may be apart is as in `schemas.rules.predicates`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.reading.workbook import address
from schemas.enums import EXECUTION
from schemas.forms import FIELDS
from schemas.forms.live_checks import CHECK_HEAD, PAIR, WATCHED, Agree, Watch, Within
from schemas.lists.returned import FAULTY
from schemas.policy import FULL_MARKS
from schemas.rules.predicates import NOISE
from schemas.rules.workbook_and_cells import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from pipeline.reading.workbook import Cell
    from pipeline.workbooks.form_layout import Layout
    from pipeline.workbooks.styles import Styles
    from schemas.forms.model import Block
    from schemas.policy import Policy

FINE = "✓"
READY = "已填齐，可以报送"
HEAD = f"{CHECK_HEAD}：黄格填写，绿格自动计算"
PREFILLED = "，紫格已预填"
WIDTH = 52
SHOWN = 5
"""Labels of blank fields that are listed; more are only counted."""
_COMPARED = ("target", "actual", "weight", "self_points")
REQUIRED = (
    "department_1_1",
    "department_1_2",
    *(rule.at for rule in RULES if rule.id == "value_blank"),
)
"""What must be filled in before a form may be sent: the register calls it an error when one of these is blank."""


_HEADS = {"annex_1_1": ("authorised_posts", -1), "annex_1_2": ("fiscal_year", 0)}
"""Where the head of the check column stands: so many rows below a field's."""


class LiveChecks:
    """Writes the check columns of one workbook."""

    def __init__(self, book: Workbook, layouts: Sequence[Layout], styles: Styles, policy: Policy) -> None:
        """Begin, with the layouts of all forms: some figures stand in two of them."""
        self.layouts, self.styles, self.policy = layouts, styles, policy
        self.wrong = book.add_format({"font_color": "#9C0006", "bg_color": f"#{FAULTY[2:]}"})

    def write(self, sheet: Worksheet, layout: Layout, *, prefilled: bool = False) -> None:
        """Write the check column of a form, one narrow column away from it; its head says what the colours mean."""
        column = layout.width + 1
        sheet.set_column(layout.width, layout.width, 2)
        sheet.set_column(column, column, WIDTH)
        name, below = _HEADS[layout.form.id]
        head = HEAD + (PREFILLED if prefilled else "")
        sheet.write_string(layout.places[name][0] + below, column, head, self.styles.get("check_head"))
        for row, formula in self._formulas(layout):
            inside = bool(layout.lines) and layout.head < row < layout.below
            sheet.write_formula(row, column, formula, self.styles.get("check", unlocked=inside), "")
        first = layout.places[name][0] + below + 1
        checks = f"{address((first, column))}:{address((layout.bottom, column))}"
        # Title and annex stand on these two rows; beside a title may stand no text, so it begins beside the annex.
        sheet.merge_range(0, column, 1, column, "", self.styles.get("check_first"))
        sheet.write_formula(0, column, _missing(layout, checks), self.styles.get("check_first"), "")
        top = address((first, column))
        self._red(sheet, (0, column), (0, column), f'RIGHT({address((0, column))},4)<>"可以报送"')
        self._red(sheet, (first, column), (layout.bottom, column), f'AND({top}<>"",LEFT({top},1)<>"{FINE}")')
        if layout.lines:
            self._in_place(sheet, layout)

    def _red(self, sheet: Worksheet, first: Cell, last: Cell, criterion: str) -> None:
        sheet.conditional_format(*first, *last, {"type": "formula", "criteria": f"={criterion}", "format": self.wrong})

    def _in_place(self, sheet: Worksheet, layout: Layout) -> None:
        """Turn the cells themselves red: unlike a check beside the row, this comes along with an inserted row."""
        first, last = layout.lines[0], layout.lines[-1]
        target, actual, weight, points = (
            address(first[name]) for name in ("target", "actual", "weight", "self_points")
        )
        tolerance = self.policy.tolerance.points
        self._red(sheet, first["actual"], last["actual"], f"AND(LEN({target})>0,LEN({actual})=0)")
        self._red(
            sheet, first["self_points"], last["self_points"],
            f"IF(COUNT({weight},{points})<2,FALSE,{points}-{weight}>{_exact(tolerance)})",
        )  # fmt: skip

    def _formulas(self, layout: Layout) -> Iterator[tuple[int, str]]:
        """Give every check of a form: its row and its formula."""
        for watch in WATCHED:
            if watch.field in layout.places:
                yield layout.places[watch.field][0] + watch.below, self._watched(watch, layout)
        if layout.lines:
            for cells in layout.lines:
                yield cells["level3"][0], self._line(cells)
            yield layout.head - 1, self._weights(layout)
            yield layout.head, self._rows(layout)
            yield layout.places["deviation_reasons"][0] - 1, self._grade(layout)

    # ------------------------------------------------------------------ amounts

    def _watched(self, watch: Watch, layout: Layout) -> str:
        names = {name for check in watch.checks for name in _names(check)}
        cells = {name: self._cell(name, layout) for name in sorted(names)}
        problems = [self._agree(c, cells) if isinstance(c, Agree) else self._within(c, cells) for c in watch.checks]
        typed = "&".join(f"T({cell})" for cell in cells.values())
        shown = _shown(problems, watch.what)
        shown = f'IF(COUNT({",".join(cells.values())})<2,"",{shown})'
        return f'=IF(LEN({_trimmed(typed)})>0,"有的数写成了文字，请只填数字",{shown})'

    def _cell(self, name: str, layout: Layout) -> str:
        if name in layout.places:
            return address(layout.places[name])
        other = next(each for each in self.layouts if name in each.places)
        return f"'{other.form.sheet}'!{address(other.places[name])}"

    def _agree(self, check: Agree, cells: Mapping[str, str]) -> str:
        total, items = cells[check.total], [cells[name] for name in check.items]
        difference = f"ROUND({total}-SUM({','.join(items)}),6)"
        apart = f"ABS({difference})>{self._rounding([total, *items], check.least)}"
        told = f'"{check.words}"&IF({difference}>0,"多 ","少 ")&{_amount(f"ABS({difference})")}&" 万元；"'
        # Not AND: it computes all its arguments, and a blank total is no number.
        return f'IF(OR(COUNT({total})=0,COUNT({",".join(items)})=0),"",IF({apart},{told},""))'

    def _within(self, check: Within, cells: Mapping[str, str]) -> str:
        whole, items = cells[check.whole], [cells[name] for name in check.items]
        difference = f"ROUND(SUM({','.join(items)})-{whole},6)"
        above = f"{difference}>{self._rounding([whole, *items], PAIR)}"
        told = f'"{check.words}多 "&{_amount(difference)}&" 万元；"'
        return f'IF(OR(COUNT({whole})=0,COUNT({",".join(items)})=0),"",IF({above},{told},""))'

    def _rounding(self, cells: Sequence[str], least: int) -> str:
        """Write what the rounding of so many figures may come to; a blank or a zero is not rounded."""
        count = "+".join(f"(N({cell})<>0)" for cell in cells)
        count = f"MAX({least},{count})" if least else f"({count})"
        return f"{count}*{_exact(self.policy.tolerance.amount)}"

    # ------------------------------------------------------------------ indicators

    def _line(self, cells: Mapping[str, Cell]) -> str:
        target, actual, weight, points = written = [address(cells[name]) for name in _COMPARED]
        above = f'"得分比分值多 "&{_amount(f"{points}-{weight}")}&" 分"'
        over = f"{points}-{weight}>{_exact(self.policy.tolerance.points)}"
        over = f'IF(COUNT({weight},{points})<2,"{FINE}",IF({over},{above},"{FINE}"))'
        missing = f'IF({_full(target)},"有目标，没有填完成情况","有完成情况，没有填目标")'
        blank = f"IF({_full(target)}<>{_full(actual)},{missing},{over})"
        return f'=IF(LEN({"&".join(written)})=0,"",{blank})'

    def _rows(self, layout: Layout) -> str:
        """Write the check of all rows at once: it sees inserted rows too, which have none of their own."""
        target, actual, weight, points = (layout.column(name) for name in _COMPARED)
        tolerance = _exact(self.policy.tolerance.points)
        blank = f"SUMPRODUCT((LEN({target})>0)*(LEN({actual})=0))"
        above = f"SUMPRODUCT(ISNUMBER({weight})*ISNUMBER({points})*({points}>{weight}+{tolerance}))"
        problems = [
            f'IF({blank}>0,"有 "&{blank}&" 行没有填完成情况；","")',
            f'IF({above}>0,"有 "&{above}&" 行得分高于分值；","")',
        ]
        shown = f'IFERROR({_shown(problems, "各行完成情况、得分")},"分值、得分里有文字，请只填数字")'
        return f'=IF(SUMPRODUCT(--(LEN({target})>0))=0,"",{shown})'

    def _weights(self, layout: Layout) -> str:
        """Write the check of the weights of the blocks, of the execution and of the whole."""
        indicators = layout.form.indicators
        blocks = indicators.blocks if indicators else ()
        execution, total = (address(layout.places[name]) for name in ("funds_weight", "total_weight"))
        problems = [
            self._off(execution, self.policy.weight(EXECUTION), self.policy.label(EXECUTION)),
            *(self._block(layout, blocks, number) for number in range(len(blocks))),
            self._off(total, FULL_MARKS, "合计"),
        ]
        return f'=IF(COUNT({layout.column("weight")})=0,"",{_shown(problems, "各部分分值", chr(10))})'

    def _off(self, cell: str, weight: float, words: str) -> str:
        apart = f"ABS(ROUND({cell}-{weight:g},6))>{_exact(self.policy.tolerance.points)}"
        told = f'"{words}的分值现为 "&{_plain(cell)}&" 分，应为 {weight:g} 分；"'
        return f'IF(COUNT({cell})=0,"",IF({apart},{told},""))'

    def _block(self, layout: Layout, blocks: Sequence[Block], number: int) -> str:
        """Write the check of one block, which is found by its words as the reader finds it.

        It goes from its name to the row above the next name; a row inserted at its end is so its own.
        """
        block = blocks[number]
        levels, weights = layout.column("level1"), layout.column("weight")
        first, *after = (f'MATCH("*{each.words.removesuffix("指标")}*",{levels},0)' for each in blocks[number:])
        end = f"{layout.count()}+1"
        for place in reversed(after):
            end = f"IFERROR({place},{end})"
        corner = weights.partition(",")[0]
        weight = self.policy.weight(block.criterion)
        total = f"SUM({corner},{first},0,({end})-{first},1))"
        apart = f"ABS(ROUND({total}-{weight:g},6))>{_exact(self.policy.tolerance.points)}"
        told = f'"{block.words}的分值现为 "&{_plain(total)}&" 分，应为 {weight:g} 分；"'
        return f'IFERROR(IF({apart},{told},""),"没有找到{block.words}；")'

    def _grade(self, layout: Layout) -> str:
        """Write the check of the grade against the points."""
        points, grade = (address(layout.places[name]) for name in ("total_points", "grade_stated"))
        words = "".join(f'IF({points}>={each.points_from:g},"{each.word}",' for each in self.policy.grades)
        words += '""' + ")" * len(self.policy.grades)
        told = f'"总分 "&{_plain(points)}&" 分，等级应为“"&{words}&"”"'
        shown = f'IF(TRIM({grade})={words},"{FINE} 等级与总分相符",{told})'
        return f'=IF(COUNT({points})=0,"",IF({_full(grade)},{shown},""))'


# ---------------------------------------------------------------------- small formulas


def _names(check: Agree | Within) -> tuple[str, ...]:
    return (*check.items, check.total if isinstance(check, Agree) else check.whole)


def _exact(tolerance: float) -> str:
    return f"{tolerance + NOISE:.12g}"


def _amount(figure: str) -> str:
    return f'TEXT({figure},"0.00")'


def _plain(figure: str) -> str:
    """Write a figure as text without needless zeros: 48 and 48.5."""
    return f'ROUND({figure},2)&""'


def _trimmed(text: str) -> str:
    """Write a text without its spaces, those of Chinese text too."""
    return f'SUBSTITUTE(SUBSTITUTE({text}," ",""),"　","")'


def _full(cell: str) -> str:
    return f"(LEN({_trimmed(cell)})>0)"


def _shown(problems: Sequence[str], what: str, between: str = "") -> str:
    """Write what the problems say, each ending in ；, or that all is well."""
    told = "&".join(problems)
    cut = f"LEFT({told},LEN({told})-1)"
    cut = f'SUBSTITUTE({cut},"；","；"&CHAR({ord(between)}))' if between else cut
    return f'IF(LEN({told})=0,"{FINE} {what}",{cut})'


def _missing(layout: Layout, checks: str) -> str:
    """Write what is still blank of a form, else how many checks are not passed, else that it may be sent."""
    fields = [(address(layout.places[name]), _label(name)) for name in REQUIRED if name in layout.places]
    count = "+".join(f"NOT{_full(cell)}" for cell, _ in fields)
    listed = "&".join(f'IF({_full(cell)},"","、{label}")' for cell, label in fields)
    short = f'MID({listed},2,FIND("|",SUBSTITUTE({listed},"、","|",{SHOWN + 1}))-2)&"等"'
    labels = f"IF({count}>{SHOWN},{short},MID({listed},2,200))"
    wrong = f'SUMPRODUCT(({checks}<>"")*(LEFT({checks},1)<>"{FINE}"))'
    sentence = f'IF({wrong}>0,"必填项已填齐，还有 "&{wrong}&" 处核对不符，见下面红字","{READY}")'
    return f'=IF({count}>0,"还有 "&({count})&" 项必填未填："&{labels},{sentence})'


def _label(name: str) -> str:
    """Give what a field is called in a list, without the asides by which two annexes are told apart."""
    return FIELDS[name].label.partition("（")[0].replace("、", "，")
