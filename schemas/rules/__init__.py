"""The register: every rule there is, in the order in which findings of one severity are listed."""

from schemas.rule import Rule
from schemas.rules import annex_1_1, annex_1_2, between, form, indicators

RULES: tuple[Rule, ...] = (
    *form.RULES,
    *annex_1_1.RULES,
    *annex_1_2.RULES,
    *between.RULES,
    *indicators.RULES,
)
RULE: dict[str, Rule] = {rule.id: rule for rule in reversed(RULES)}
"""The first rule of each id: severity, title and remedy are the same for all that share it."""
