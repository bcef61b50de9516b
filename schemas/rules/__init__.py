"""The register: every rule there is, in the order in which findings of one severity are listed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from schemas.policy import PolicyError
from schemas.rules import annex_1_1, annex_1_2, cross_annex, goals, indicators, outliers, prior_year, workbook_and_cells

if TYPE_CHECKING:
    from schemas.policy import Policy
    from schemas.rules.model import Rule

RULES: tuple[Rule, ...] = (
    *workbook_and_cells.RULES,
    *annex_1_1.RULES,
    *annex_1_2.RULES,
    *cross_annex.RULES,
    *indicators.RULES,
    *goals.RULES,
    *prior_year.RULES,
    *outliers.RULES,
)
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
        replace(rule, severity=other.get(rule.id, rule.severity)) for rule in rules if rule.holds_in(policy.year)
    )
