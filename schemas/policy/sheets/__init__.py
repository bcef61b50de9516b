"""A policy as people see it: every entry with its words, its unit and what it means, on the sheets of 评分办法.xlsx.

Declared once for the workbook, for its reader and for the comparison of two policies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas.policy.sheets.entries import ITEM_HEADS, ITEMS, SOURCE, TERMS, TOLD, VALUES, WORD_LISTS, WORDS
from schemas.policy.sheets.lists import DEDUCTED, LIST, LISTS
from schemas.policy.sheets.model import Column, Item, Kind, List, Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemas.policy.mistakes import Place

__all__ = [
    "DEDUCTED",
    "ITEMS",
    "ITEM_HEADS",
    "LIST",
    "LISTS",
    "SOURCE",
    "TERMS",
    "TOLD",
    "VALUES",
    "WORDS",
    "WORD_LISTS",
    "Column",
    "Item",
    "Kind",
    "List",
    "Words",
    "spread",
    "value_at",
]


def spread(table: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Give the entries of every list of a policy's table: the curves of reference points beside their measure."""
    found = {each.name: [dict(entry) for entry in table.get(each.name, ())] for each in LISTS}
    for entry in found["reference"]:
        curve = dict(entry.pop("curve"))
        found["bands"] += [{"measure": entry["measure"], **band} for band in curve.pop("bands", ())]
        deducted = curve.pop(DEDUCTED.get(curve["kind"], ""), None)
        entry.update(curve if deducted is None else curve | {"deducted": deducted})
    return found


def value_at(table: Any, at: Place) -> Any:
    """Give the entry at a place of a policy's table."""
    for key in at:
        table = table[key]
    return table
