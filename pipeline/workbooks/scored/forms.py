"""The two annexes as they are drawn in one workbook of a department, and where each cell of its own file is on them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pipeline.reading.workbook import Cell, address
from pipeline.workbooks.form_layout import lay_out
from pipeline.workbooks.text_size import text_height
from pipeline.workbooks.writer import put

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from pipeline.workbooks.form_layout import Layout
    from pipeline.workbooks.scored.data import DepartmentReport
    from pipeline.workbooks.styles import Styles
    from schemas.forms.model import Form


NARROWED = 0.75
"""Of the width of the blank form: the type of a printed page is 8 points at least."""


@dataclass(slots=True)
class DrawnForms:
    """What the sheets of one workbook share: whose it is, its styles, and how its annexes are laid out.

    ``layouts`` are by the id of the form, ``filed`` the fields as shown, ``places`` the sheet and cell of the drawn
    copy for each sheet and cell of the department's own file.
    """

    case: DepartmentReport
    styles: Styles
    annexes: list[Form] = field(init=False)
    layouts: dict[str, Layout] = field(init=False)
    filed: dict[str, Any] = field(init=False)
    places: dict[tuple[str, str], tuple[str, Cell]] = field(init=False)

    def __post_init__(self) -> None:
        """Lay the annexes out."""
        self.annexes = [_narrowed(form) for form in self.case.drawn_forms()]
        self.layouts = {form.id: _laid_out(form, self.case) for form in self.annexes}
        self.filed = self.case.filed()
        self.places = self._places()

    def _places(self) -> dict[tuple[str, str], tuple[str, Cell]]:
        places: dict[tuple[str, str], tuple[str, Cell]] = {}
        for form in self.annexes:
            layout = self.layouts[form.id]
            for fact in self.case.facts:
                if fact["field"] in layout.places:
                    places.setdefault((fact["sheet"], fact["cell"]), (form.sheet, layout.places[fact["field"]]))
            for row, cells in zip(self.case.rows, layout.lines, strict=False):
                for name, cell in cells.items():
                    if f"{name}_cell" in row:  # reasons that some editions have at each row are filed without a place
                        places.setdefault((row["sheet"], row[f"{name}_cell"]), (form.sheet, cell))
        return places

    @property
    def indicators(self) -> Layout:
        """The layout of the annex that holds the indicators."""
        return next(each for each in self.layouts.values() if each.form.indicators)

    def reference(self, name: str) -> str:
        """Give what a formula calls a field on the first annex that has it; "" for what is no field of the annexes."""
        holding = (each for each in self.layouts.values() if name in each.places)
        layout = next(holding, None)
        return f"'{layout.form.sheet}'!{address(layout.places[name])}" if layout else ""

    def place(self, finding: dict[str, Any]) -> tuple[str, Cell] | None:
        """Give where the first cell of a finding is drawn, if it is."""
        return self.places.get((finding["sheet"], finding["cell"]))

    def link(self, sheet: Worksheet, cell: Cell, finding: dict[str, Any], width: float) -> float:
        """Link to the first cell of a finding; give the height that the link takes in a column so wide."""
        place = self.place(finding)
        shown = f"{finding['sheet']} {finding['cell']}".strip()
        if place:
            url = f"internal:'{place[0]}'!{address(place[1])}"
            shown = f"查看 {address(place[1])}（原表 {shown}）"
            sheet.write_url(*cell, url, self.styles.get("link"), shown)
        else:
            put(sheet, cell, shown, self.styles.get("filed"))
        return text_height(shown, width)


@lru_cache(maxsize=16)
def _narrowed(form: Form) -> Form:
    """Give a form that has indicators narrower, so that what is computed stands beside it on the same page."""
    return replace(form, widths=tuple(width * NARROWED for width in form.widths)) if form.indicators else form


def _laid_out(form: Form, case: DepartmentReport) -> Layout:
    if form.indicators:
        return lay_out(form, case.rows, case.words)
    return _always(form, tuple(case.words.items()))


@lru_cache(maxsize=16)
def _always(form: Form, words: tuple[tuple[str, str], ...]) -> Layout:
    """Lay out a form that has no rows to grow, and so is the same in every return."""
    return lay_out(form, [], dict(words))
