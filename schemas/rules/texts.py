"""Give the texts of each rule: title, what it looks at, message and remedy as templates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemas.enums import Severity, Standing
from schemas.forms import FIELDS, INDICATORS
from schemas.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.rules.model import Rule


def list_rules() -> Iterator[tuple[Rule, list[str]]]:
    """Give each rule of the register once, gravest first, and what it looks at."""
    grouped: dict[str, list[Rule]] = {}
    for rule in RULES:
        grouped.setdefault(rule.id, []).append(rule)
    order = list(Severity)
    for rules in sorted(grouped.values(), key=lambda each: order.index(each[0].severity)):
        yield rules[0], [_place(rule) for rule in rules if rule.at]


def _place(rule: Rule) -> str:
    return FIELDS[rule.at].label if rule.at in FIELDS else _COLUMNS.get(rule.at, rule.at)


def rule_text(rule: Rule, places: list[str]) -> tuple[str, str]:
    """Give message and remedy as they read without the figures of a department, and of any of several places."""
    message = rule.message.replace(_place(rule), "…") if len(places) > 1 else rule.message
    return _FIGURE.sub("…", message), _FIGURE.sub("…", rule.remedy)


def rule_title(rule: Rule) -> str:
    """Give the title of a rule, and for which years it holds and whether it is on trial, where that is not plain."""
    until = rule.until or ""
    years = f"{rule.since or ''}—{until}年度" if rule.since or until else ""
    life = "，".join(filter(None, (Standing.TRIAL.label if rule.trial else "", years)))
    return f"{rule.title}（{life}）" if life else rule.title


_FIGURE = re.compile(r"\{\w+\}")


_COLUMNS = {column.name: column.words for column in INDICATORS.columns}
