"""Write 填报表对照: every word of the forms, a line each, with room for the words of the bureau's own forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.workbooks.styles import Styles
from pipeline.workbooks.text_size import text_height
from pipeline.workbooks.writer import add_page_header, begin_workbook, put, set_up_page
from schemas.file_names import LOCAL_WORDS
from schemas.forms import FORMS
from schemas.forms.own_edition import may_be_absent
from schemas.forms.printed_words import labels_of
from schemas.lists.local_words import COLUMNS, KINDS, TICK, TITLE

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = 2
"""Row, from 0, of the heads: the title and how it is filled in are above."""
WIDTHS = {"annex": 10, "part": 36, "what": 13, "words": 34, "own": 32, "absent": 14, "told": 34}
HOW = (
    f"在“{COLUMNS['own']}”写本县的表在这一处印的文字，与本程序一样的不用写；有几种写法的每行写一种（Alt+Enter 换行）。"
    f"本县的表没有的，在“{COLUMNS['absent']}”选“{TICK}”。前四栏不要改动。"
    f"填好后执行 jixiao forms --take {LOCAL_WORDS}，或直接放进收件夹。"
)
_TITLE_TOLD, _NEEDED_TOLD = "表的全称，照表上的写", "评价要用，不能没有"


def write_local_words() -> bytes:
    """Write the workbook in which a bureau says what its own forms print."""
    book, buffer = begin_workbook(TITLE)
    styles = Styles(book)
    sheet = book.add_worksheet(TITLE)
    last = len(COLUMNS) - 1
    sheet.merge_range(0, 0, 0, last, "", styles.get("title"))
    put(sheet, (0, 0), TITLE, styles.get("title"))
    sheet.set_row(0, 30)
    sheet.merge_range(1, 0, 1, last, "", styles.get("note"))
    put(sheet, (1, 0), HOW, styles.get("note"))
    sheet.set_row(1, text_height(HOW, sum(WIDTHS.values())))
    for column, (name, words) in enumerate(COLUMNS.items()):
        sheet.set_column(column, column, WIDTHS[name])
        put(sheet, (HEAD, column), words, styles.get("head"))
    rows = list(_rows())
    for at, row in enumerate(rows, HEAD + 1):
        asked = {"own"} if row["told"] else {"own", "absent"}
        for column, name in enumerate(COLUMNS):
            put(sheet, (at, column), row.get(name), styles.get("input" if name in asked else "filed"))
        sheet.set_row(at, max(text_height(text, WIDTHS[name]) for name, text in row.items()))
    absent = list(COLUMNS).index("absent")
    offered = {"validate": "list", "source": [TICK], "error_message": f"只填“{TICK}”。", "error_title": TITLE}
    sheet.data_validation(HEAD + 1, absent, HEAD + len(rows), absent, offered)
    sheet.freeze_panes(HEAD + 1, list(COLUMNS).index("own"))
    sheet.autofilter(HEAD, 0, HEAD + len(rows), last)
    sheet.repeat_rows(HEAD)
    set_up_page(sheet, landscape=True)
    add_page_header(sheet)
    book.close()
    return buffer.getvalue()


def _rows() -> Iterator[dict[str, str]]:
    """Give a row per words of the forms, in the order in which these print them."""
    for form in FORMS:
        for label in labels_of(form):
            told = _TITLE_TOLD if label.what == "title" else "" if may_be_absent(form, label) else _NEEDED_TOLD
            yield {
                "annex": form.annex,
                "part": label.part,
                "what": KINDS[label.what],
                "words": label.words,
                "told": told,
            }
