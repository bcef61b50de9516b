"""Write the derived fields of a form: the formula over its cells, and the value which that formula gives.

Both are written, so that a form which nobody has opened since holds the results that it shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.reading.workbook import address
from schemas.forms.model import Derived, PointsTotal, Ratio, Sum

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.workbooks.form_layout import Layout
    from schemas.forms.model import Form


def derived_formula(derived: Derived, layout: Layout) -> str:
    """Write a derived field as a formula over the cells of its form: blank where nothing can be computed yet."""
    match derived:
        case Ratio(numerator, denominator):
            above, below = (address(layout.places[name]) for name in (numerator, denominator))
            return f'=IF(COUNT({above},{below})<2,"",IF({below}=0,"",{above}/{below}))'
        case Sum(parts):
            cells = ",".join(address(layout.places[name]) for name in parts)
        case PointsTotal(column, parts):
            rows = [layout.column(column)] if layout.lines else []
            cells = ",".join([*rows, *(address(layout.places[name]) for name in parts)])
    return f'=IF(COUNT({cells})=0,"",SUM({cells}))'


def derived_value(
    derived: Derived, form: Form, values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> float | None:
    """Compute what `derived_formula` gives; None where it shows a blank. Texts count as in a spreadsheet: not at all.

    Args:
        derived: how the field is computed.
        form: the form of the field; its parts may be derived in their turn.
        values: the fields that are filled in.
        lines: the indicator rows that are filled in.
    """
    declared = {each.name: each.derived for each in form.fields()}

    def value_of(name: str) -> Any:
        found, computed = values.get(name), declared[name]
        if found is None and computed is not None:
            return derived_value(computed, form, values, lines)
        return found

    match derived:
        case Ratio(numerator, denominator):
            pair = _numbers(map(value_of, (numerator, denominator)))
            return pair[0] / pair[1] if len(pair) > 1 and pair[1] else None
        case Sum(parts):
            found = _numbers(map(value_of, parts))
        case PointsTotal(column, parts):
            found = _numbers([*(line.get(column) for line in lines), *map(value_of, parts)])
    return sum(found) if found else None


def _numbers(values: Iterable[Any]) -> list[float]:
    return [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
