"""What two policies say differently, in words: by the entries that the workbook of a policy has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemas.policy.files import as_table
from schemas.policy.sheets import ITEMS, LISTS, SOURCE, WORD_LISTS, Kind, spread, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.policy.model import Policy
    from schemas.policy.sheets import Column

NOTHING = "没有"
"""What is said of an entry that only the other policy has."""


class Difference(NamedTuple):
    """An entry on which two policies differ: what it is, and what each says."""

    what: str
    before: str
    after: str


def differences(before: Policy, after: Policy) -> list[Difference]:
    """Give every entry on which two policies differ, in the order of the later one's sheets; none where they agree."""
    first, second = (dict(_entries(policy)) for policy in (before, after))
    return [
        Difference(what, first.get(what, NOTHING), second.get(what, NOTHING))
        for what in dict.fromkeys((*second, *first))
        if first.get(what, NOTHING) != second.get(what, NOTHING)
    ]


def _entries(policy: Policy) -> Iterator[tuple[str, str]]:
    """Give every entry of a policy: what it is, and what it says."""
    table = as_table(policy)
    for item in ITEMS:
        yield item.words, _said(value_at(table, item.at), item.kind)
        if item.source:
            yield f"{item.words}·{SOURCE}", value_at(table, item.source)
    for words in WORD_LISTS:
        yield from ((f"用语：{words.title}·{word}", "有") for word in value_at(table, words.at))
        if words.source:
            yield f"用语：{words.title}·{SOURCE}", value_at(table, words.source)
    for asked in LISTS:
        for entry in spread(table)[asked.name]:
            columns = {column.key: column for column in asked.columns}
            name = "，".join(_chosen(entry[key], columns[key]) for key in asked.by)
            for column in asked.columns:
                if column.key in entry and column.key not in asked.by:
                    yield f"{asked.title}：{name}·{column.words}", _chosen(entry[column.key], column)


def _chosen(value: Any, column: Column) -> str:
    return column.choices.get(value, value) if isinstance(value, str) else _said(value, column.kind)


def _said(value: Any, kind: Kind) -> str:
    if isinstance(value, str):
        return value or "（空着）"
    return f"{value * 100:.10g}%" if kind is Kind.SHARE else f"{value:.15g}"
