"""The formats of workbooks: one for each role of a cell and each kind of value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.workbooks.text_size import TITLE, USUAL
from schemas.forms.model import Kind

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format

_BASE: dict[str, Any] = {"font_name": "宋体", "font_size": USUAL, "valign": "vcenter", "text_wrap": True}
_BOX: dict[str, Any] = _BASE | {"border": 1, "border_color": "#7F7F7F"}
_LOOKS: dict[str, dict[str, Any]] = {
    "annex": _BASE | {"font_name": "黑体"},
    "title": _BASE | {"font_name": "黑体", "font_size": TITLE, "bold": True, "align": "center"},
    "subtitle": _BASE | {"align": "center"},
    "prompt": _BASE | {"align": "right"},
    "answer": _BASE | {"bottom": 1, "bg_color": "#FFFBE6"},
    "given": _BASE | {"bottom": 1},
    "head": _BOX | {"bold": True, "align": "center", "bg_color": "#DCE6F1"},
    "label": _BOX | {"bg_color": "#F2F2F2"},
    "strip": _BOX | {"bold": True, "align": "center", "bg_color": "#DCE6F1"},
    "aspect": _BOX | {"align": "center", "bg_color": "#F2F2F2"},
    "input": _BOX | {"bg_color": "#FFFBE6"},
    "derived": _BOX | {"bg_color": "#E2EFDA"},
    "filed": _BOX,
    "faulty": _BOX | {"bg_color": "#F8CBAD", "font_color": "#9C0006"},
    "doubtful": _BOX | {"bg_color": "#FFE699"},
    "computed": _BOX | {"bg_color": "#EAF3FA", "font_color": "#1F4E79"},
    "computed_head": _BOX | {"bold": True, "align": "center", "bg_color": "#1F4E79", "font_color": "#FFFFFF"},
    "note": _BASE | {"valign": "top"},
    "plain": _BASE | {"text_wrap": False},
    "link": _BOX | {"font_color": "#0563C1", "underline": 1},
    "back": _BASE | {"font_color": "#0563C1", "underline": 1, "text_wrap": False},
    "total": _BOX | {"bold": True, "bg_color": "#DCE6F1"},
    "prefilled": _BOX | {"bg_color": "#E9E3F4"},
    "known": _BASE | {"bottom": 1, "bg_color": "#E9E3F4"},
    "row": _BASE,
    "check": _BASE | {"font_size": 9, "font_color": "#2E7D32"},
    "check_head": _BASE | {"font_size": 9, "bold": True, "font_color": "#595959", "bottom": 4},
    "check_first": _BASE | {"font_size": 9, "bold": True, "font_color": "#2E7D32", "border": 4},
}
_NEVER_HASHES = {"text_wrap": False, "shrink": True}
"""Looks of a number that is written smaller where its column is too narrow, rather than as ####."""
_NUMBERS: dict[Kind, dict[str, Any]] = {
    Kind.AMOUNT: {"num_format": "#,##0.00", "align": "right"},
    Kind.RATE: {"num_format": "0.00%", "align": "right"},
    Kind.POINTS: {"num_format": "0.00", "align": "right"},
    Kind.COUNT: {"num_format": "0", "align": "right"},
    Kind.TEXT: {"align": "left"},
    Kind.GRADE: {"align": "left"},
}


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        """Begin with none."""
        self._book = book
        self._made: dict[tuple[str, Kind | None, str, bool, float], Format] = {}

    def get(
        self, role: str, kind: Kind | None = None, number: str = "", *, unlocked: bool = False, size: float = USUAL
    ) -> Format:
        """Give the format of a role for values of a kind, or with a number format of its own.

        An ``unlocked`` cell can be changed where the sheet is protected; ``size`` is that of a text that `fitting`
        makes smaller.
        """
        key = (role, kind, number, unlocked, size)
        if key not in self._made:
            looks = dict(_LOOKS[role])
            if kind is not None:
                looks |= _NUMBERS.get(kind, {})
            if number:
                looks |= {"num_format": number, "align": "right"} | _NEVER_HASHES
            if unlocked:
                looks |= {"locked": False}
            if size < USUAL:
                looks |= {"font_size": size}
            self._made[key] = self._book.add_format(looks)
        return self._made[key]
