"""Give the register: every rule there is, in the order in which findings of one severity are listed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from schemas.forms import FIELDS, INDICATORS
from schemas.policy import PolicyError
from schemas.rules import (
    annex_1_1,
    annex_1_2,
    cross_annex,
    goals,
    indicator_points,
    indicators,
    outliers,
    prior_year,
    workbook_and_cells,
)

if TYPE_CHECKING:
    from schemas.policy import Policy
    from schemas.rules.model import Rule

RULES: tuple[Rule, ...] = (
    *workbook_and_cells.RULES,
    *annex_1_1.RULES,
    *annex_1_2.RULES,
    *cross_annex.RULES,
    *indicators.RULES,
    *indicator_points.RULES,
    *goals.RULES,
    *prior_year.RULES,
    *outliers.RULES,
)


def hold_together(rules: tuple[Rule, ...]) -> None:
    """Hold the declarations of rules together.

    Raises:
        ValueError: a rule reads no table there is, points to no field or column of it, or has the name of another.
    """
    columns = {column.name for column in INDICATORS.columns}
    places = {"departments": FIELDS.keys(), outliers.TABLE: FIELDS.keys(), "indicators": columns, "blocks": columns}
    names = Counter(rule.name for rule in rules if rule.check)
    for rule in rules:
        if rule.check and rule.at not in places.get(rule.table, ()):
            raise ValueError(f"rule {rule.id}: no field or column “{rule.at}” in the table “{rule.table}”")
        if rule.check and names[rule.name] > 1:
            raise ValueError(f"rule {rule.id}: two rules of this id point to “{rule.at}”")


hold_together(RULES)
RULE: dict[str, Rule] = {rule.id: rule for rule in reversed(RULES)}
"""The first rule of each id: severity, title and remedy are the same for all that share it."""


def in_force(policy: Policy, rules: tuple[Rule, ...] = RULES) -> tuple[Rule, ...]:
    """Give the rules that hold for the policy's year, each as grave as the policy finds it.

    Raises:
        PolicyError: the policy speaks of a rule that there is not.
    """
    other = {each.rule: each.severity for each in policy.severities}
    unknown = other.keys() - {rule.id for rule in rules}
    if unknown:
        raise PolicyError(f"政策文件 {policy.file} 的 severities 写了没有的规则：{'、'.join(sorted(unknown))}")
    return tuple(
        replace(rule, severity=other[rule.id]) if rule.id in other else rule
        for rule in rules
        if rule.holds_in(policy.year)
    )
