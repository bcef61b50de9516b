"""List the schemas of every table: columns, types, checks, titles; as text or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandera.api.extensions import register_check_method

from pipeline.cells import address
from pipeline.workbooks.form_layout import lay_out
from schemas.forms import VERSIONS
from schemas.forms.frame_schema import FILED, FILED_ROWS, form_schema, indicators_schema, whole
from schemas.rules import RULES
from schemas.rules import tables as rule_tables
from schemas.tables import ABOVE_COUNTIES, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pandera.pandas import Column, DataFrameSchema

    from schemas.forms.model import Form


# pandera's JSON names a check of ours only where it is registered. That takes 5 ms, so it is done here alone.
register_check_method(whole, supported_types=pd.Series)

READ = "rules/"
"""How the names of the tables begin that rules read."""


_NO_WORDS = dict.fromkeys(("year", "total", "weights", "grades"), "")
"""Words of titles and notes, which take no part in where cells are."""


def all_schemas() -> dict[str, DataFrameSchema]:
    """Give every schema by its name, in the order of the page; tables that rules read begin with `READ`."""
    filed = {name: schema for versions in VERSIONS for form in versions for name, schema in _of_form(form)}
    read = {f"{READ}{name}": schema for name, schema in rule_tables.TABLES.items()}
    return filed | read | TABLES | ABOVE_COUNTIES


def _of_form(form: Form) -> Iterator[tuple[str, DataFrameSchema]]:
    """Give the schemas of a form, with the cells of its official layout."""
    layout = lay_out(form, None, _NO_WORDS)
    yield form.key, form_schema(form, {name: address(cell) for name, cell in layout.places.items()})
    if form.indicators:
        cells = {name: f"{address(cell)}起" for name, cell in layout.lines[0].items()}
        yield f"{form.key}/indicators", indicators_schema(form.indicators, form.annex, cells)


def rules_on(name: str) -> list[str]:
    """Give the rules that are checks of a table: what each is called and the cell or column it points to."""
    return [f"{rule.name} {rule.title}" for rule in RULES if rule.check and rule.table == name.removeprefix(READ)]


def lines(schemas: Mapping[str, DataFrameSchema]) -> str:
    """Write schemas as text for the terminal: each table, its columns and its rules, a line each."""
    written = []
    for name, schema in schemas.items():
        written += [f"{name} {schema.title}：{_grain(schema)}"]
        written += [f"    {' '.join(filter(None, row))}" for row in _rows(name, schema)]
        written += [f"    规则 {rule}" for rule in (rules_on(name) if name.startswith(READ) else ())]
    return "\n".join(written)


def as_json(schemas: Mapping[str, DataFrameSchema]) -> str:
    """Write schemas in pandera's JSON: one alone as it is, several by name; rules are listed beside the columns."""
    every: dict[str, Any] = {}
    for name, schema in schemas.items():
        every[name] = json.loads(schema.to_json())
        if name.startswith(READ):
            every[name]["metadata"] = {"rules": rules_on(name)}
    content = next(iter(every.values())) if len(every) == 1 else every
    return json.dumps(content, ensure_ascii=False, indent=2)


def _grain(schema: DataFrameSchema) -> str:
    key = "、".join(schema.unique or ())
    return f"{(schema.description or '').rstrip('。')}{f'；由 {key} 区分' if key else ''}"


def _rows(table: str, schema: DataFrameSchema) -> Iterator[tuple[str, ...]]:
    """Give name, type, nullable, checks, title and description of each column, those of the annexes only there."""
    for name, column in schema.columns.items():
        if table.startswith(READ) and (name in FILED or name in FILED_ROWS):
            continue
        nullable = "可空" if column.nullable else ""
        yield str(name), _type(column), nullable, _checks(column), column.title or "", column.description or ""


def _type(column: Column) -> str:
    kind = str(column.dtype).partition("[")[0]
    return kind if column.required else f"{kind}（有的版本没有）"


def _checks(column: Column) -> str:
    """Write the checks of a column: ``ge 0``, ``whole``, ``isin a b``."""
    found = []
    for check in column.checks:
        values = [value for each in check.statistics.values() for value in (each if isinstance(each, list) else [each])]
        found.append(" ".join([_SHORT.get(str(check.name), str(check.name)), *map(str, values)]))
    return "；".join(found)


_SHORT = {"value_negative": "ge", "greater_than_or_equal_to": "ge"}


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
