"""Tell which rules could be checked of which departments, and count how each rule came out over the county."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from schemas.enums import Standing
from schemas.rules import RULE, in_force
from schemas.rules.prior_year import FOUND
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pipeline.lists.prior_year import Prior
    from schemas.policy import Policy
    from schemas.rules.model import Applies


def where_rules_apply(tables: Mapping[str, pd.DataFrame], policy: Policy) -> dict[str, Applies]:
    """Tell on which rows of its table each rule can be checked.

    Args:
        tables: the tables that rules read, by name (`schemas.rules.tables.TABLES`).
        policy: the policy of the year, for the rules in force and their limits.

    Returns:
        One flag a row for each rule on one of these tables, by `Rule.name`.
    """
    return {
        rule.name: rule.applies(tables[rule.table], policy)
        for rule in in_force(policy)
        if rule.check and rule.table in tables
    }


def find_not_applicable(
    tables: Mapping[str, pd.DataFrame],
    applies: Mapping[str, Applies],
    departments: Iterable[str],
    policy: Policy,
) -> dict[str, tuple[str, ...]]:
    """Give by department the rules on these tables that could be checked on none of its rows.

    Args:
        tables: the tables that rules read, by name (`schemas.rules.tables.TABLES`).
        applies: where each can be checked, as `where_rules_apply` tells.
        departments: whose they are.
        policy: the policy of the year, for the rules in force.

    Returns:
        The ids of rules in the order of the register. A rule of which several check the same of several columns applies
        where one of them does; one that reading itself checks, or one on another table, is not among them.
    """
    rules = [rule for rule in in_force(policy) if rule.name in applies]
    names = list(dict.fromkeys(rule.id for rule in rules))
    applied: dict[str, set[str]] = {name: set() for name in names}
    departments_of = {name: table["department"].to_numpy() for name, table in tables.items()}
    for rule in rules:
        applied[rule.id].update(departments_of[rule.table][applies[rule.name]])
    return {department: tuple(name for name in names if department not in applied[name]) for department in departments}


def not_in_last_year(departments: Iterable[str], prior: Prior) -> Iterator[tuple[str, str]]:
    """Give the departments of which last year is not known, so that nothing can be repeated: department and rule."""
    known = set(prior.figures["department"].map(normalise_label))
    return ((name, FOUND.id) for name in departments if normalise_label(name) not in known)


def count_by_rule(
    findings: pd.DataFrame, not_applicable: Iterable[tuple[str, str]], departments: int, policy: Policy
) -> pd.DataFrame:
    """Count how each rule came out over the county, so that one nobody can meet shows.

    Args:
        findings: one row per breach, with department, rule, severity and standing.
        not_applicable: department and rule of each rule that could not be checked of a department.
        departments: how many were evaluated.
        policy: the policy of the year, for the rules in force.

    Returns:
        One row per rule of the register, most departments that fail first: ``title``, ``rule``, ``severity``; how many
        departments fail (``departments``), pass (``passed``), and to how many it does not apply
        (``not_applicable``: it could not be checked of them, is not in force, or all they have of it is waived), which
        together are all; the ``share`` (fraction) that fails of those to which it applies, blank where it applies to
        none; ``places`` of findings that follow from no other, and of those ``waived`` and on ``trial``.
    """
    found = list(zip(findings["department"], findings["rule"], findings["standing"], strict=True))
    fails = {(department, rule) for department, rule, standing in found if standing != Standing.WAIVED}
    aside = {(department, rule) for department, rule, _ in found} | set(not_applicable)
    failed, idle = (Counter(rule for _, rule in pairs) for pairs in (fails, aside - fails))
    places = Counter(rule for _, rule, standing in found if standing != Standing.FOLLOWS)
    stood = Counter((rule, standing) for _, rule, standing in found)
    severities = {rule.id: rule.severity.value for rule in in_force(policy)}
    order = {name: at for at, name in enumerate(RULE)}
    listed = sorted(RULE, key=lambda rule: (-failed[rule], -places[rule], order[rule]))
    rows = [
        {
            "rule": rule,
            "title": RULE[rule].title,
            "severity": severities.get(rule, RULE[rule].severity.value),
            "departments": failed[rule],
            "passed": departments - failed[rule] - idle[rule] if rule in severities else 0,
            "not_applicable": idle[rule] if rule in severities else departments,
            "places": places[rule],
            "waived": stood[rule, Standing.WAIVED.value],
            "trial": stood[rule, Standing.TRIAL.value],
        }
        for rule in listed
    ]
    table = pd.DataFrame(rows)
    asked = table["departments"] + table["passed"]
    return table.assign(share=(table["departments"] / asked.where(asked > 0)).astype(float))
