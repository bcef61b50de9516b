"""Find the titles on a sheet: those of the annexes, and those of other forms, which are never read as an annex."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.reading.fiscal_year import years_in
from schemas.forms.others import OTHER_FORMS
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.reading.sheet_index import Index
    from pipeline.reading.workbook import Cell
    from schemas.forms.model import Form

_TITLE = re.compile(r"[^。;；,，]*表(?:[\W\d].*)?", re.DOTALL)
"""A title is no sentence and ends in 表, but for a year or what stands behind it in brackets."""
_SHORT, _BESIDE = 12, re.compile("附件|附表|单位")
_TITLE_LIKE = re.compile(r"[^。;；]*绩效[^。;；]*")


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles on a sheet.

    Attributes:
        own: by the key of a form the cells that hold its title.
        named: the keys of the forms whose title or number the sheet itself is called.
        other: the name of the other form that a cell, or the sheet where no cell, says it is; "" for none.
        cells: every cell that holds a title, in reading order: of these forms, of others, and of none that is known.
        edges: those of these forms and of other forms: where one form ends and the next begins.
    """

    own: dict[str, list[Cell]]
    named: frozenset[str]
    other: str
    cells: list[Cell]
    edges: list[Cell]

    def has(self, form: Form) -> bool:
        """Tell whether the sheet says that it holds a form."""
        return bool(self.own[form.key]) or form.key in self.named


def find_titles(index: Index, forms: Iterable[Form]) -> Titles:
    """Find every title on a sheet."""
    forms = tuple(forms)
    texts = index.cells
    everything = _plain("\n".join(texts))
    own = {form.key: sorted(_held(texts, form, everything)) for form in forms}
    ours = {cell for cells in own.values() for cell in cells}
    others = {
        cell: name for text, cells in texts.items() if (name := _other_form(text)) for cell in cells if cell not in ours
    }
    edges = sorted(ours | others.keys())
    own = {key: [cell for cell in cells if _stands_alone(index, cell, edges)] for key, cells in own.items()}
    others = {cell: name for cell, name in others.items() if _stands_alone(index, cell, edges)}
    ours = {cell for cells in own.values() for cell in cells}
    unknown = {
        cell
        for text, cells in texts.items()
        if "绩效" in text and _TITLE_LIKE.fullmatch(text)
        for cell in cells
        if _stands_alone(index, cell, edges)
    }
    edges = sorted(ours | others.keys())
    name = normalise_label(index.sheet.name)
    other = next((others[cell] for cell in sorted(others)), "")
    if not edges:
        other = _other_by_labels(texts) or _other_form(name)
    named = frozenset() if other else frozenset(form.key for form in forms if _is_called(name, form))
    return Titles(own, named, other, sorted({*edges, *unknown}), edges)


@lru_cache(maxsize=64)
def _names(form: Form) -> tuple[str, ...]:
    """Give every name of a form's title as it compares."""
    return tuple(normalise_label(name) for name in form.names_of(form.title))


def _held(texts: dict[str, list[Cell]], form: Form, everything: str) -> set[Cell]:
    """Give the cells with a name of a form's title; one search of all texts at once tells the names that none has."""
    names = [name for name in _names(form) if name in everything]
    return {cell for name in names for text, cells in texts.items() if name in _plain(text) for cell in cells}


def _is_called(sheet: str, form: Form) -> bool:
    """Tell whether the name of a sheet is the number or the title of a form."""
    return any(name in _plain(sheet) for name in (normalise_label(form.annex), *_names(form)))


def _plain(text: str) -> str:
    """Give a title without the aside 部门（单位）."""
    return text.replace("(单位)", "")


@lru_cache(maxsize=4096)
def _other_form(title: str) -> str:
    """Give the name of the other form that a title is of, "" for none."""
    if not _TITLE.fullmatch(title):
        return ""
    return next((form.name for form in OTHER_FORMS if form.is_titled(title)), "")


def _other_by_labels(texts: Iterable[str]) -> str:
    """Give the name of the other form that a sheet without a title is by its labels, "" for none."""
    words = tuple(texts)

    def there(group: tuple[str, ...]) -> bool:
        return any(text.startswith(group) for text in words)

    return next((form.name for form in OTHER_FORMS if form.labels and all(map(there, form.labels))), "")


def _stands_alone(index: Index, cell: Cell, titles: list[Cell]) -> bool:
    """Tell a title from an indicator that speaks of it: beside a title stand other titles, 附件1, a year or a unit."""
    row = cell[0]
    others = [(row, column) for column, value in enumerate(index.sheet.rows[row]) if str(value).strip()]
    texts = [str(index.sheet.value(other)) for other in others if other != cell and other not in titles]
    return all(len(text) <= _SHORT and (_BESIDE.search(text) or years_in(text)) for text in texts)
