"""The list 复核意见 as a workbook: what waits with its evidence, and columns for the decision."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.text_format import shorten
from pipeline.workbooks.styles import Styles
from pipeline.workbooks.text_size import fitting_size, text_height
from pipeline.workbooks.writer import add_page_header, begin_workbook, put, set_up_page
from schemas.forms.answered import NOT_OURS
from schemas.lists import head_answers
from schemas.lists.reviews import (
    COLUMNS,
    DECIDED,
    STAMPS,
    STATE_COLUMNS,
    STATE_SET,
    STATES,
    TITLE,
    Effect,
    ReturnState,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter.worksheet import Worksheet

WIDTHS = {
    "department": 26, "item": 22, "about": 28, "filed": 28, "computed": 40, "why": 22, "verdict": 14, "points": 10,
    "reason": 30, "by": 10, "date": 12, "told": 26, "content": 19,
}  # fmt: skip
STATE_WIDTHS = {
    "department": 30, "source_file": 34, "received": 20, "timeliness": 12, "state": 12, "reason": 34, "by": 10,
    "date": 12, "told": 30, "version": 19,
}  # fmt: skip
_HOW_STATES = (
    f"请在黄色栏选报表状态，填理由、姓名和日期，保存后把本文件放进收件夹重新评价。{ReturnState.FINAL}的报表锁定："
    f"后来的文件只列出、比较，不采用，直到改为{ReturnState.RETURNED}。不要改动“报表版本”一栏。"
)
ANSWER_WIDTHS = {
    "annex": 10, "words": 30, "proposed": 24, "asked_by": 36, "answer": 24, "department": 26, "by": 10, "date": 12,
    "told": 36,
}  # fmt: skip
HOW_ANSWERS = (
    "报表上有这些文字，程序不能确定是哪一项，没有读取。是“可能是”一栏所列的，请照抄到“是哪一项”；是别的项，照填报表上的文字填写；"
    f"都不是的填“{NOT_OURS}”。“只用于哪个部门”空白的，用于所有部门。再填姓名、日期，保存后把本文件放进收件夹重新评价。"
)
HEAD = 2
"""The row of the heads, below title and instruction."""
LAST_ROW = 1_048_575
"""The last row of a sheet: a print area to there is of whole columns, whatever lines are added."""
_HOW = (
    f"请在黄色栏填写复核决定、理由、复核人和日期（选“{Verdict.POINTS}”的再填复核得分），保存后把本文件放进收件夹重新评价；"
    "可以只填一部分。不要改动“事项”和“报表指纹”两栏。"
)


class ReviewList(NamedTuple):
    """What the list shows.

    Attributes:
        lines: one per line, as `pipeline.review.decisions.table` gives them.
        stamps: the content stamp of each department's return.
        states: the rows of the sheet of states (`pipeline.intake.return_states.rows`).
        year: the fiscal year, for the title.
        own: the list as it lies in the inbox; None where none does.
        answers: the rows of the sheet of answers (`pipeline.intake.head_answers.rows`).
    """

    lines: Sequence[Mapping[str, Any]]
    stamps: Mapping[str, str]
    states: Sequence[Mapping[str, str]]
    year: int
    own: bytes | None = None
    answers: Sequence[Mapping[str, str]] = ()


def write_review_list(shown: ReviewList) -> bytes:
    """Write the list: into the one that the bureau has filled in, where there is one, so that its looks survive."""
    waiting = sum(line["effect"] != Effect.IN_FORCE for line in shown.lines)
    asked = sum(not line["answer"] for line in shown.answers)
    more = f"另有 {asked} 处文字不能确定是哪一项，请在“{head_answers.SHEET}”中答复。" if asked else ""
    told = f"待复核 {waiting} 项，已采用 {len(shown.lines) - waiting} 项。{more}{_HOW}"
    if shown.own is not None:
        # openpyxl takes a tenth of the start of a run, and most runs have no list to write into.
        from pipeline.workbooks.edit_list import UneditableError  # noqa: PLC0415
        from pipeline.workbooks.update_reviews import update_review_list  # noqa: PLC0415

        with suppress(UneditableError):  # then it is drawn anew, and the bureau's own stays in the inbox as it is
            return update_review_list(shown.own, shown.lines, shown.states, shown.answers, shown.stamps, told)
    return _draw(shown, told)


def _draw(shown: ReviewList, told: str) -> bytes:
    """Draw the list anew."""
    lines, year = shown.lines, shown.year
    book, buffer = begin_workbook(f"{year}年度{TITLE}")
    styles = Styles(book)
    sheet = book.add_worksheet(TITLE)
    last = len(COLUMNS) - 1
    sheet.merge_range(0, 0, 0, last, "", styles.get("title"))
    put(sheet, (0, 0), f"{year}年度部门整体支出绩效评价{TITLE}", styles.get("title"))
    sheet.set_row(0, 30)
    _instruct(sheet, styles, told, list(WIDTHS.values()))
    for column, (name, words) in enumerate(COLUMNS.items()):
        sheet.set_column(column, column, WIDTHS[name])
        put(sheet, (HEAD, column), words, styles.get("computed_head"))
    sheet.set_row(HEAD, 24)
    for at, line in enumerate(lines, HEAD + 1):
        _line(sheet, styles, at, line)
    if lines:
        _offer(sheet, HEAD + 1, HEAD + len(lines))
    sheet.freeze_panes(HEAD + 1, 2)
    sheet.autofilter(HEAD, 0, HEAD + max(len(lines), 1), last)
    sheet.repeat_rows(HEAD)
    set_up_page(sheet, landscape=True)
    sheet.print_area(0, 0, LAST_ROW, last - 1)  # the stamp in the last column is for the program
    add_page_header(sheet)
    of_states = _Rows(shown.states, STATE_SET, {"state": tuple(ReturnState)})
    title = f"{year}年度绩效自评{STATES}"
    _beside(book.add_worksheet(STATES), styles, title, _HOW_STATES, _wide(STATE_COLUMNS, STATE_WIDTHS), of_states)
    of_answers = _Rows(shown.answers, head_answers.ANSWERED, {})
    title = f"{year}年度绩效自评{head_answers.SHEET}"
    columns = _wide(head_answers.COLUMNS, ANSWER_WIDTHS)
    _beside(book.add_worksheet(head_answers.SHEET), styles, title, HOW_ANSWERS, columns, of_answers)
    _stamps(book.add_worksheet(STAMPS), styles, shown.stamps)
    book.close()
    return buffer.getvalue()


class _Rows(NamedTuple):
    """The rows of a sheet beside the list, the columns that the bureau fills in, and what it may choose from there."""

    lines: Sequence[Mapping[str, str]]
    filled_in: tuple[str, ...]
    choices: Mapping[str, tuple[str, ...]]


def _wide(columns: Mapping[str, str], widths: Mapping[str, float]) -> dict[str, tuple[str, float]]:
    return {name: (words, widths[name]) for name, words in columns.items()}


def _line(sheet: Worksheet, styles: Styles, at: int, line: Mapping[str, Any]) -> None:
    height = 20.0
    for column, name in enumerate(COLUMNS):
        role = "input" if name in DECIDED else "filed"
        if name == "told" and line["effect"] in {Effect.STALE, Effect.REFUSED}:
            role = "doubtful"
        text = shorten(line[name]) if name == "filed" else line[name]
        put(sheet, (at, column), text, styles.get(role, size=fitting_size(text, WIDTHS[name])))
        height = max(height, text_height(text, WIDTHS[name]))
    sheet.set_row(at, height)


def _offer(sheet: Worksheet, first: int, last: int) -> None:
    """Offer the decisions as a list; which of them fit is told when the file is read."""
    columns = list(COLUMNS)
    verdict, points = columns.index("verdict"), columns.index("points")
    offered = {"validate": "list", "source": list(Verdict), "error_message": "请从列表中选择。", "error_title": TITLE}
    sheet.data_validation(first, verdict, last, verdict, offered)
    number = {
        "validate": "decimal", "criteria": ">=", "value": 0, "ignore_blank": True,
        "error_title": COLUMNS["points"], "error_message": f"只填不小于0的数；选“{Verdict.POINTS}”时才填。",
    }  # fmt: skip
    sheet.data_validation(first, points, last, points, number)


def _beside(
    sheet: Worksheet, styles: Styles, title: str, how: str, columns: Mapping[str, tuple[str, float]], rows: _Rows
) -> None:
    """Write a sheet on which the bureau answers beside the list of decisions.

    Args:
        sheet: an empty sheet.
        styles: of the workbook.
        title: what stands above.
        how: how it is filled in.
        columns: field → words and width of its column.
        rows: its rows, the columns that the bureau fills in, and by column what it may choose from.
    """
    last = len(columns) - 1
    sheet.merge_range(0, 0, 0, last, "", styles.get("title"))
    put(sheet, (0, 0), title, styles.get("title"))
    sheet.set_row(0, 30)
    _instruct(sheet, styles, how, [width for _, width in columns.values()])
    for column, (words, width) in enumerate(columns.values()):
        sheet.set_column(column, column, width)
        put(sheet, (HEAD, column), words, styles.get("computed_head"))
    sheet.set_row(HEAD, 24)
    for at, row in enumerate(rows.lines, HEAD + 1):
        for column, (name, (_, width)) in enumerate(columns.items()):
            role = "input" if name in rows.filled_in else "filed"
            put(sheet, (at, column), row[name], styles.get(role, size=fitting_size(row[name], width)))
        sheet.set_row(at, max(20.0, *(text_height(row[name], width) for name, (_, width) in columns.items())))
    for name, choice in rows.choices.items() if rows.lines else ():
        column = list(columns).index(name)
        offered = {"validate": "list", "source": list(choice), "error_message": "请从列表中选择。"}
        sheet.data_validation(HEAD + 1, column, HEAD + len(rows.lines), column, offered)
    sheet.freeze_panes(HEAD + 1, 1)
    sheet.autofilter(HEAD, 0, HEAD + max(len(rows.lines), 1), last)
    sheet.repeat_rows(HEAD)
    set_up_page(sheet, landscape=True)
    add_page_header(sheet)


def _instruct(sheet: Worksheet, styles: Styles, text: str, widths: Sequence[float]) -> None:
    """Write below the title how the sheet is filled in, over all its columns."""
    sheet.merge_range(1, 0, 1, len(widths) - 1, "", styles.get("note"))
    put(sheet, (1, 0), text, styles.get("note"))
    sheet.set_row(1, text_height(text, sum(widths)))


def _stamps(sheet: Worksheet, styles: Styles, stamps: Mapping[str, str]) -> None:
    """List the stamps, for a line that the reviewer adds about something that was not asked."""
    for column, (words, width) in enumerate((("部门名称", 36), (COLUMNS["content"], 24))):
        sheet.set_column(column, column, width)
        put(sheet, (0, column), words, styles.get("computed_head"))
    for at, (department, stamp) in enumerate(stamps.items(), 1):
        put(sheet, (at, 0), department, styles.get("filed"))
        put(sheet, (at, 1), stamp, styles.get("filed"))
        sheet.set_row(at, text_height(department, 36))
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    set_up_page(sheet)
    add_page_header(sheet)
