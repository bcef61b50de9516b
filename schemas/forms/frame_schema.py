"""Build the pandera schemas of what departments file: from the declaration of each form one named column a field.

A table of returns holds one row per department. Its columns are called as the fields are; ``title`` is the Chinese
label, ``description`` the unit and the place on the official form. What a schema finds is named as a rule of the
register: each failure becomes a finding at its cell (`pipeline.validation.run_rules`).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandera.pandas as pa

from schemas.column_types import NUMBER, TEXT
from schemas.forms import FIELDS, INDICATORS, VERSIONS
from schemas.forms.model import NOT_NEGATIVE, WHOLE, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from schemas.forms.model import Column, Field, Form, Indicators

NO_CELLS: Mapping[str, str] = MappingProxyType({})
UNITS = {
    Kind.AMOUNT: "万元",
    Kind.COUNT: "人数或个数",
    Kind.RATE: "小数，95%为0.95",
    Kind.POINTS: "分",
    Kind.YEAR: "年度，四位数",
    Kind.GRADE: "规定的等级",
}
"""In what the values of a kind are given; the others are texts as written."""


def whole(values: pd.Series[float]) -> pd.Series[bool]:
    """Tell where a number is whole."""
    return values % 1 == 0


def form_schema(form: Form, cells: Mapping[str, str] = NO_CELLS) -> pa.DataFrameSchema:
    """Build the schema of a form, its indicator table apart: one named column a field, in the order of the form.

    Args:
        form: its declaration.
        cells: the address of each field on the official form, to be named in the descriptions; they may be left out.
    """
    return pa.DataFrameSchema(
        {field.name: _column_of(form, field, cells) for field in form.fields()},
        name=form.key,
        title=f"{form.annex} {form.title}（{form.version}年版）",
        description="每个部门一行，每一项一栏。",
        strict=False,
    )


def indicators_schema(
    indicators: Indicators, annex: str = "", cells: Mapping[str, str] = NO_CELLS
) -> pa.DataFrameSchema:
    """Build the schema of a table of indicators: one row per department × indicator row, one named column a column.

    Numbers are called ``filed_<name>``: what the program computes from them has the plain name.
    """
    every = dict.fromkeys(indicators.columns, True) | dict.fromkeys(indicators.optional, False)
    return pa.DataFrameSchema(
        {
            column_name(column): _column(
                column.words, column.kind, f"{annex} {cells.get(column.name, '')}".strip(), required=required
            )
            for column, required in every.items()
        },
        name="indicators",
        title=f"{annex} 绩效指标".strip(),
        description="每个部门的每个三级指标一行。",
        strict=False,
    )


def column_name(column: Column) -> str:
    """Give the name under which the table of indicator rows has a column of the form."""
    return f"filed_{column.name}" if column.kind.numeric else column.name


def _column_of(form: Form, field: Field, cells: Mapping[str, str] = NO_CELLS) -> pa.Column:
    """Give the column of a field of a form."""
    return _column(field.label, field.kind, f"{form.annex} {cells.get(field.name, '')}".strip())


def _column(label: str, kind: Kind, place: str, *, required: bool = True) -> pa.Column:
    return pa.Column(
        NUMBER if kind.numeric else TEXT,
        _checks(kind),
        nullable=True,
        required=required,
        title=label,
        description="；".join(filter(None, (UNITS.get(kind, "文字"), place))),
    )


def _checks(kind: Kind) -> list[Any]:
    """Give the checks of a kind: no number is negative, a count is whole."""
    if not kind.numeric:
        return []
    not_negative = pa.Check.ge(0, name=NOT_NEGATIVE, error=NOT_NEGATIVE)
    return [not_negative, pa.Check(whole, name=whole.__name__, error=WHOLE)] if kind is Kind.COUNT else [not_negative]


def _filed() -> dict[str, pa.Column]:
    declared: dict[str, tuple[Form, Field]] = {}
    for versions in VERSIONS:
        for form in versions:
            for field in form.fields():
                declared.setdefault(field.name, (form, field))
    return {name: _column_of(*declared[name]) for name in FIELDS}


FILED: dict[str, pa.Column] = _filed()
"""The columns of every version put together: a field of several versions is declared by today's."""
FILED_ROWS: dict[str, pa.Column] = {
    name: column for name, column in indicators_schema(INDICATORS).columns.items() if column.required
}
"""The columns of the indicator table; of those that only some forms have, reading makes parts of these."""
