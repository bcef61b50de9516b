"""A breach of a rule → a finding: at its cell, with what is stated and expected, in words."""

from __future__ import annotations

from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.text_format import format_figure, shorten
from schemas.enums import Standing
from schemas.forms import FIELDS, INDICATORS
from schemas.forms.model import Kind
from schemas.measures import MEASURES
from schemas.rules.workbook_and_cells import NEGATIVE
from schemas.tables import FINDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemas.rules.model import Rule

COLUMNS = [name for name in FINDINGS.columns if name != "waiver"]
"""The columns of a finding before waivers are applied."""
KINDS: dict[str, Kind] = (
    {name: asked.kind for name, asked in FIELDS.items()}
    | {column.name: column.kind for column in INDICATORS.columns}
    | {f"last_{name}": asked.kind for name, asked in FIELDS.items()}
    | dict.fromkeys(("attainment", "basic_of_budget", "project_of_budget"), Kind.RATE)
    | {f"{of}{each.name}": Kind.AMOUNT if each.unit else Kind.RATE for each in MEASURES for of in ("", "median_")}
    | dict.fromkeys(("filed_sum", "block_weight", "apart", "filed_weight"), Kind.POINTS)
)

_PLACE = ("label", "shown", "sheet", "cell", "source_file")
_FILED = {"label", "level3", "stated", "target", "actual", "cause"}
"""What a message quotes as it was filed, by its beginning where it is long."""
UNNAMED = "（没有名称的指标）"
"""What an indicator is called in messages that has no name."""
_NO_TABLE = pd.DataFrame()

Finding = dict[str, str]
"""A finding: a text for each of `COLUMNS`."""


class Places:
    """Look up where each field of a return stands, what it is called there and what was written."""

    def __init__(self, facts: pd.DataFrame) -> None:
        """Take facts, one row per department × field."""
        departments, fields, *places = (facts[name].tolist() for name in ("department", "field", *_PLACE))
        self._places = dict(zip(zip(departments, fields, strict=True), zip(*places, strict=True), strict=True))

    def of(self, department: str, field: str) -> dict[str, str] | None:
        """Give what is known of a field of a department; None where it was not found in its return."""
        place = self._places.get((department, field))
        return None if place is None else dict(zip(_PLACE, place, strict=True))


def at_field(
    rule: Rule, table: pd.DataFrame, row: int, field: str, places: Places, told: dict[str, str] | None = None
) -> Finding:
    """Make a finding on a department: at the cell of the field it points to, with what stands there."""
    department = _value(table, "department", row)
    nowhere = {"label": FIELDS[field].label, "shown": "", "sheet": "", "cell": ""}
    place = places.of(department, field) or nowhere | {"source_file": _value(table, "sent_as", row)}
    stated = {"department": department, "field": field, "stated": place["shown"].strip()}
    return word_finding(rule, stated | place | (told or {}), table, row)


def at_row(rule: Rule, table: pd.DataFrame, row: int, column: str, told: dict[str, str] | None = None) -> Finding:
    """Make a finding on an indicator row, or on a block of them: at the cell it points to, with what stands there."""
    column = column.removeprefix("filed_")
    raw = next((_value(table, name, row) for name in (f"raw_{column}", column) if name in table), "")
    place = {name: _value(table, name, row) for name in ("department", "sheet", "source_file")} | {
        "label": _value(table, "level3" if "level3" in table else "criterion_label", row),
        "cell": _value(table, f"{column}_cell", row),
        "field": column,
        "stated": raw.strip(),
    }
    if "level3" in table:
        place["level3"] = place["label"].strip() or UNNAMED
    return word_finding(rule, place | (told or {}), table, row)


def _value(table: pd.DataFrame, column: str, row: int) -> Any:
    """Give one value of a table, past the index of its rows, which takes a tenth of what pandas takes to find it."""
    return table[column].array[row]


def word_finding(rule: Rule, told: Mapping[Any, str], table: pd.DataFrame = _NO_TABLE, row: int = 0) -> Finding:
    """Put a finding into words: message and remedy from what is told of it, and from the row of the table."""
    values = {name: told[name] if name in told else _value(table, name, row) for name in _named(rule)}
    shown = {name: " ".join(format_figure(value, KINDS.get(name)).split()) for name, value in values.items()}
    shown |= {name: shorten(shown[name]) for name in _FILED & shown.keys()}
    found = {
        "rule": rule.id,
        "severity": rule.severity.value,
        "standing": (Standing.TRIAL if rule.trial else Standing.COUNTED).value,
        "follows_from": "",
        "expected": told.get("expected", "不小于0" if rule.id == NEGATIVE.id else ""),
        "message": rule.message.format_map(shown),
        "remedy": rule.remedy.format_map(shown),
    }
    return {name: found[name] if name in found else told[name] for name in COLUMNS}


@lru_cache(maxsize=512)
def _named(rule: Rule) -> tuple[str, ...]:
    """Give what message and remedy of a rule name."""
    texts = (rule.message, rule.remedy)
    return tuple({name: None for text in texts for _, name, _, _ in Formatter().parse(text) if name})
