"""How each rule came out over a county: failed, passed, not applicable; counted by hand on tiny counties."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.assess import assess
from pipeline.county_tables import county_tables
from pipeline.department_record import department_records
from pipeline.inputs import NO_INPUTS, Inputs
from pipeline.intake.county_view import identify_county
from pipeline.reading import read
from pipeline.validation.outcomes import count_by_rule
from schemas.lists.waivers import Waiver
from schemas.rules import RULE, RULES
from tests.support import filed

if TYPE_CHECKING:
    import pytest

    from schemas.policy import Policy

OUTCOMES = ["departments", "passed", "not_applicable"]


def counted(offices: dict[str, dict[str, Any]], policy: Policy, given: Inputs = NO_INPUTS) -> dict[str, dict[Any, Any]]:
    """Evaluate a county; give the row of each rule."""
    readings = [read.read(f"{name}.xlsx", filed.workbook(each), policy.year) for name, each in offices.items()]
    view = identify_county(readings, [], policy, given)
    tables = assess(view.accepted, view.compared, policy, given)
    records = [record for record, _ in department_records(tables, dict.fromkeys(offices, ""))]
    rules = county_tables(view, records, lambda each: each, policy, given).rules
    return by_rule(rules)


def by_rule(rules: pd.DataFrame) -> dict[str, dict[Any, Any]]:
    """Give the row of each rule."""
    return {str(row["rule"]): row for row in rules.to_dict("records")}


def county(clean: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give three departments: one has more people than posts, one has left the posts blank, one is without a fault."""
    changes = {
        "甲局": {"staff_in_post": 31, "staffing_control_rate_stated": "103.33%"},
        "乙局": {"authorised_posts": ""},
        "丙局": {},
    }
    return {name: filed.changed(clean, {"fields": fields}, name) for name, fields in changes.items()}


def test_each_rule_fails_passes_or_does_not_apply(clean: dict[str, Any], policy: Policy) -> None:
    """31 people in 30 posts fail; blank posts leave nothing to compare; the third passes: 1, 1, 1 of three."""
    rules = counted(county(clean), policy)
    assert [rules["overstaffed"][name] for name in OUTCOMES] == [1, 1, 1]
    assert rules["overstaffed"]["share"] == 0.5  # one of the two to which it applies
    # 乙局's rate of control stated, 93.33%, is of no posts, so it is not compared either; the blank itself is a failure
    assert [rules["staffing_rate_stated"][name] for name in OUTCOMES] == [0, 2, 1]
    assert [rules["value_blank"][name] for name in OUTCOMES] == [1, 2, 0]


def test_every_rule_of_the_register_is_counted_for_every_department(clean: dict[str, Any], policy: Policy) -> None:
    """All rules are listed, whoever broke them, and what became of each adds up to the three departments."""
    rules = counted(county(clean), policy)
    assert rules.keys() == RULE.keys()
    assert all(sum(row[name] for name in OUTCOMES) == 3 for row in rules.values())


def test_three_departments_are_too_few_to_compare_and_no_year_before_is_known(
    clean: dict[str, Any], policy: Policy
) -> None:
    """Rules against the county's median and against last year do not apply to any of three departments."""
    rules = counted(county(clean), policy)
    for rule in ("operating_unlike_county", "full_marks_in_county", "prior_outturn_differs", "found_last_year"):
        assert [rules[rule][name] for name in OUTCOMES] == [0, 0, 3], rule


def test_a_waived_breach_is_no_failure(clean: dict[str, Any], policy: Policy) -> None:
    """Where the bureau has waived it, 超编 does not apply to 甲局: 0 fail, 丙局 passes, two are not applicable."""
    given = replace(NO_INPUTS, waivers=(Waiver("甲局", "overstaffed", "编制正在核增", "预算股", policy.year),))
    row = counted(county(clean), policy, given)["overstaffed"]
    assert [row[name] for name in OUTCOMES] == [0, 1, 2]
    assert (row["places"], row["waived"]) == (1, 1)


def test_a_rule_of_other_years_applies_to_none(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that holds only until 2020 applies in 2021 to none of four departments, and passes none."""
    over = replace(RULE["overstaffed"], until=policy.year - 1)
    monkeypatch.setattr(
        "pipeline.validation.outcomes.in_force", lambda _: [rule for rule in RULES if rule.id != over.id]
    )
    none = pd.DataFrame(columns=["department", "rule", "severity", "standing"], dtype="str")
    rows = by_rule(count_by_rule(none, [], 4, policy))
    assert [rows["overstaffed"][name] for name in OUTCOMES] == [0, 0, 4]
    assert [rows["basic_sum"][name] for name in OUTCOMES] == [0, 4, 0]


def test_rules_are_counted_over_the_county(policy: Policy) -> None:
    """A rule of two of four departments at three places, one of them waived, comes before one of one department."""
    found = pd.DataFrame(
        [
            ("甲局", "overstaffed", "warning", "counted"),
            ("甲局", "actual_blank", "error", "counted"),
            ("甲局", "actual_blank", "error", "waived"),
            ("乙局", "actual_blank", "error", "counted"),
        ],
        columns=["department", "rule", "severity", "standing"],
    )
    blank, over, *others = count_by_rule(found, [("丙局", "actual_blank")], 4, policy).to_dict("records")
    assert [blank[name] for name in ("rule", *OUTCOMES)] == ["actual_blank", 2, 1, 1]
    assert (blank["places"], blank["waived"], blank["trial"], blank["title"]) == (3, 1, 0, "实际完成值空白")
    assert (over["rule"], over["departments"], over["share"]) == ("overstaffed", 1, 0.25)
    assert not any(row["departments"] or row["places"] for row in others)


def test_no_rule_is_broken_where_it_does_not_apply(clean: dict[str, Any], policy: Policy) -> None:
    """In a return of blanks the rules on figures do not apply; nothing fails but what asks for the figures."""
    blanks = dict.fromkeys(("authorised_posts", "staff_in_post", "funds_budget", "funds_executed"), "")
    row = counted({"甲局": filed.changed(clean, {"fields": blanks}, "甲局")}, policy)
    for rule in ("overstaffed", "budget_zero", "execution_rate_stated", "low_execution", "income_sum", "spending_sum"):
        assert [row[rule][name] for name in OUTCOMES] == [0, 0, 1], rule
