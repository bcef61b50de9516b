"""The formats of workbooks: one for each role of a cell and each kind of value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlsxwriter.color import Color

from pipeline import house_style as house
from pipeline.workbooks.text_size import TITLE, USUAL
from schemas.forms.model import Kind

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format

_BASE: dict[str, Any] = {"font_name": house.BODY_FONT, "font_size": USUAL, "valign": "vcenter", "text_wrap": True}
_BOX: dict[str, Any] = _BASE | {"border": 1, "border_color": house.LINE}
_NEVER_HASHES = {"text_wrap": False, "shrink": True}
"""Looks of a number that is written smaller where its column is too narrow, rather than as ####."""
_LOOKS: dict[str, dict[str, Any]] = {
    "annex": _BASE | {"font_name": house.HEAD_FONT},
    "title": _BASE | {"font_name": house.HEAD_FONT, "font_size": TITLE, "bold": True, "align": "center"},
    "subtitle": _BASE | {"align": "center"},
    "prompt": _BASE | {"align": "right"},
    "answer": _BASE | {"bottom": 1, "bg_color": house.INPUT_FILL},
    "given": _BASE | {"bottom": 1},
    "head": _BOX | {"bold": True, "align": "center", "bg_color": house.HEAD_FILL},
    "label": _BOX | {"bg_color": house.LABEL_FILL},
    "strip": _BOX | {"bold": True, "align": "center", "bg_color": house.HEAD_FILL},
    "aspect": _BOX | {"align": "center", "bg_color": house.LABEL_FILL},
    "input": _BOX | {"bg_color": house.INPUT_FILL},
    "derived": _BOX | {"bg_color": house.DERIVED_FILL},
    "filed": _BOX,
    "faulty": _BOX | {"bg_color": house.WRONG_FILL, "font_color": house.WRONG_INK, "bold": True},
    "doubtful": _BOX | {"bg_color": house.ASKED_FILL},
    "computed": _BOX | {"bg_color": house.COMPUTED_FILL, "font_color": house.COMPUTED_INK},
    "computed_head": _BOX | {"bold": True, "align": "center", "bg_color": house.NAVY, "font_color": "#FFFFFF"},
    "note": _BASE | {"valign": "top"},
    "plain": _BASE | {"text_wrap": False},
    "link": _BOX | {"font_color": house.LINK_INK, "underline": 1},
    "back": _BASE | {"font_color": house.LINK_INK, "underline": 1, "text_wrap": False},
    "reviewed": _BOX | {"bg_color": house.REVIEWED_FILL, "font_color": house.REVIEWED_INK},
    "word": _BOX | {"align": "center"},
    "computed_word": _BOX | {"align": "center", "bg_color": house.COMPUTED_FILL, "font_color": house.COMPUTED_INK},
    "headline": _BASE | {"font_size": house.LARGE, "bold": True, "font_color": house.NAVY},
    "section": _BASE
    | {
        "font_name": house.HEAD_FONT,
        "font_size": house.LARGE,
        "text_wrap": False,
        "bottom": 2,
        "bottom_color": house.NAVY,
    },
    "card_label": _BASE
    | {
        "font_size": house.SMALL,
        "font_color": house.QUIET,
        "align": "center",
        "bg_color": house.LABEL_FILL,
        "top": 2,
        "top_color": house.NAVY,
    },
    "card_figure": _BASE
    | {
        "font_name": house.HEAD_FONT,
        "font_size": house.FIGURE,
        "bold": True,
        "font_color": house.NAVY,
        "align": "center",
        "bg_color": house.LABEL_FILL,
    }
    | _NEVER_HASHES,
    "card_note": _BASE
    | {"font_size": house.SMALL, "font_color": house.QUIET, "align": "center", "bg_color": house.LABEL_FILL},
    "line": _BASE | {"font_size": house.SMALL, "bottom": 4, "bottom_color": house.LINE},
    "line_link": _BASE
    | {"font_size": house.SMALL, "bottom": 4, "bottom_color": house.LINE, "font_color": house.LINK_INK, "underline": 1},
    "line_head": _BASE | {"font_size": house.SMALL, "bold": True, "bottom": 1, "font_color": house.QUIET},
    "line_number": _BASE | {"font_size": house.SMALL, "bottom": 4, "bottom_color": house.LINE, "align": "right"},
    "line_head_number": _BASE
    | {"font_size": house.SMALL, "bold": True, "bottom": 1, "font_color": house.QUIET, "align": "right"},
    "quiet": _BASE | {"font_size": house.SMALL, "font_color": house.QUIET, "text_wrap": False},
    "total": _BOX | {"bold": True, "bg_color": house.HEAD_FILL},
    "prefilled": _BOX | {"bg_color": house.KNOWN_FILL},
    "known": _BASE | {"bottom": 1, "bg_color": house.KNOWN_FILL},
    "row": _BASE,
    "check": _BASE | {"font_size": 9, "font_color": house.FINE_INK},
    "check_head": _BASE | {"font_size": 9, "bold": True, "font_color": house.QUIET, "bottom": 4},
    "check_first": _BASE | {"font_size": 9, "bold": True, "font_color": house.FINE_INK, "border": 4},
}
# A colour in words would be read anew for each side of each format of each workbook.
_LOOKS = {
    role: {name: Color(value) if name.endswith("color") else value for name, value in looks.items()}
    for role, looks in _LOOKS.items()
}
_NUMBERS: dict[Kind, dict[str, Any]] = {
    Kind.AMOUNT: {"num_format": house.MONEY + house.GAP, "align": "right"} | _NEVER_HASHES,
    Kind.RATE: {"num_format": house.RATE + house.GAP, "align": "right"} | _NEVER_HASHES,
    Kind.POINTS: {"num_format": house.POINTS + house.GAP, "align": "right"} | _NEVER_HASHES,
    Kind.COUNT: {"num_format": "0" + house.GAP, "align": "right"} | _NEVER_HASHES,
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
        made = self._made.get(key)
        if made is None:
            looks = dict(_LOOKS[role])
            if kind is not None:
                looks |= _NUMBERS.get(kind, {})
            if number and role == "card_figure":
                looks |= {"num_format": number}
            elif number:
                looks |= {"num_format": number + house.GAP, "align": "right"} | _NEVER_HASHES
            if unlocked:
                looks |= {"locked": False}
            if size < USUAL:
                looks |= {"font_size": size}
            made = self._made[key] = self._book.add_format(looks)
        return made
