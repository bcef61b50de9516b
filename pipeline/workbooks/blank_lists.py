"""Write the blank lists that the bureau fills in: roster and waivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.lists import roster, waivers
from pipeline.workbooks.styles import Styles
from pipeline.workbooks.text_size import text_height
from pipeline.workbooks.writer import add_page_header, begin_workbook, put, set_up_page
from schemas.lists.roster import EVERYONE
from schemas.rules.texts import list_rules, rule_text

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from pipeline.lists.sheet_list import Listing

FIRST = 2
"""Row, from 0, of the first line to fill in: heads and hints are above it."""
NARROW = 16
"""Width of a column, in characters, where the list declares none."""
ROSTER_LINES, WAIVER_LINES = 120, 40
"""Lines that the blank lists have room for."""
_RULES = {"规则": 34, "代号": 26, "轻重": 8, "问题": 80}
"""Heads of the sheet of rules and their widths."""


def write_blank_roster() -> bytes:
    """Write the blank roster."""
    book, buffer = begin_workbook(roster.LIST.title)
    styles = Styles(book)
    sheet = add_blank_list(roster.LIST, book, styles, ROSTER_LINES)
    required = list(roster.LIST.columns).index("required")
    put(sheet, (FIRST, 0), EVERYONE, styles.get("input"))
    answers = {"validate": "list", "source": ["是", "否"]}
    sheet.data_validation(FIRST, required, FIRST + ROSTER_LINES - 1, required, answers)
    book.close()
    return buffer.getvalue()


def write_blank_waivers() -> bytes:
    """Write the blank list of waivers, and beside it the rules that its column of rules offers."""
    book, buffer = begin_workbook(waivers.LIST.title)
    styles = Styles(book)
    sheet = add_blank_list(waivers.LIST, book, styles, WAIVER_LINES)
    count = _draw_rules(book, styles)
    rule = list(waivers.LIST.columns).index("rule")
    offered = {
        "validate": "list",
        "source": f"='{waivers.REGISTER}'!$A$2:$A${count + 1}",
        "error_type": "warning",  # an id is not in the list of titles and yet is right
        "error_title": waivers.REGISTER,
        "error_message": f"不是规则的名称。也可以填规则的代号，见“{waivers.REGISTER}”一页。",
    }
    sheet.data_validation(FIRST, rule, FIRST + WAIVER_LINES - 1, rule, offered)
    book.close()
    return buffer.getvalue()


def add_blank_list(listing: Listing, book: Workbook, styles: Styles, count: int) -> Worksheet:
    """Add a blank list to a workbook: heads, hints, and so many lines to fill in from row `FIRST`."""
    sheet = book.add_worksheet(listing.title)
    for column, (name, words) in enumerate(listing.columns.items()):
        sheet.set_column(column, column, listing.widths.get(name, NARROW))
        put(sheet, (0, column), words, styles.get("head"))
        put(sheet, (1, column), listing.hints[name], styles.get("label"))
        for row in range(FIRST, FIRST + count):
            put(sheet, (row, column), None, styles.get("input"))
    heights = (text_height(listing.hints[name], listing.widths.get(name, NARROW)) for name in listing.columns)
    sheet.set_row(1, max(heights))
    sheet.freeze_panes(FIRST, 1)
    sheet.repeat_rows(0, FIRST - 1)
    set_up_page(sheet, landscape=True)
    add_page_header(sheet)
    return sheet


def _draw_rules(book: Workbook, styles: Styles) -> int:
    """Add the sheet of the rules; give how many there are."""
    sheet = book.add_worksheet(waivers.REGISTER)
    for column, (words, width) in enumerate(_RULES.items()):
        sheet.set_column(column, column, width)
        put(sheet, (0, column), words, styles.get("head"))
    rows = rule_rows()
    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values):
            put(sheet, (row, column), value, styles.get("filed"))
        sheet.set_row(row, max(map(text_height, values, _RULES.values())))
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    set_up_page(sheet, landscape=True)
    add_page_header(sheet)
    return len(rows)


def rule_rows() -> list[tuple[str, str, str, str]]:
    """Give the rules as the list of waivers shows them: title, id, severity and message."""
    return [(rule.title, rule.id, rule.severity.label, rule_text(rule, places)[0]) for rule, places in list_rules()]
