"""Rules on this year's return against what the same department filed last year.

They read the columns ``last_<field>``, ``last_carryover`` and ``last_year``, which `pipeline.validation.prior_year`
puts beside this year's figures. All of them are silent where last year is not known: no prior was given, or the
department is not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.enums import Severity
from schemas.forms import FIELDS
from schemas.relations import LINES
from schemas.rules.model import Rule
from schemas.rules.predicates import amounts_differ, differ

if TYPE_CHECKING:
    import pandas as pd

    from schemas.policy import Policy

_LAST = "上年度评价结果"
NEEDED = (*(f"{line}_outturn" for line in LINES), "authorised_posts", "funds_budget", "funds_executed")
"""The fields of last year that these rules read; each is the column ``last_<field>`` of the departments."""


def _prior_outturn(line: str) -> Rule:
    filed, reported = f"{line}_prior_outturn", f"last_{line}_outturn"
    return Rule(
        "prior_outturn_differs", Severity.WARNING, "上年决算数与上年报送的不同", _LAST,
        f"“{FIELDS[filed].label}”填写为 {{stated}} 万元，上年度报送的{{last_year}}年度决算数为 {{expected}} 万元。",
        "请核对；上年决算数确有调整的，请说明原因。",
        "departments", filed,
        check=lambda table, policy: amounts_differ(table[filed], table[reported], policy),
        expected=lambda table, _: table[reported],
        needs=(filed, reported),
    )  # fmt: skip


def _carryover_differs(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    """Three rounded figures meet here: the carryover filed, and the budget and execution it should be left from."""
    return differ(table["income_carryover"], table["last_carryover"], 3 * policy.tolerance.amount)


def _posts_changed(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return differ(table["authorised_posts"], table["last_authorised_posts"], 0)


FOUND = Rule(
    "found_last_year", Severity.WARNING, "上年已指出，今年仍有", _LAST,
    "“{label}”上年度审核已经指出，今年仍然存在。", "请对照上年度的审核意见整改；确有特殊情况的，请说明原因。",
)  # fmt: skip
"""What `pipeline.prior.repeated` finds: the title of the rule that is broken again stands for ``label``."""

RULES: tuple[Rule, ...] = (
    *map(_prior_outturn, LINES),
    Rule(
        "carryover_differs", Severity.WARNING, "年初结转结余与上年结余不同", _LAST,
        "年初结转结余填写为 {stated} 万元，上年度报送的{last_year}年度全年预算数减全年执行数为 {expected} 万元。",
        "请核对；结余已收回或调整的，请说明原因。",
        "departments", "income_carryover", _carryover_differs,
        expected=lambda table, _: table["last_carryover"],
        needs=("income_carryover", "last_carryover"),
    ),
    Rule(
        "posts_changed", Severity.INFO, "编制数有变动", _LAST,
        "编制数填写为 {stated} 人，上年度报送的{last_year}年度编制数为 {expected} 人。", "请说明编制变动依据。",
        "departments", "authorised_posts", _posts_changed,
        expected=lambda table, _: table["last_authorised_posts"],
        needs=("authorised_posts", "last_authorised_posts"),
    ),
    FOUND,
)  # fmt: skip
