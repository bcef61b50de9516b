"""Findings on broken relations name the figure that is wrong, and what follows from it is one finding with it."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.validation.group import group_findings
from tests.conftest import evaluated
from tests.support import filed

if TYPE_CHECKING:
    import pandas as pd

    from schemas.policy import Policy

THREE_PUBLIC = {
    "vehicle_purchase_outturn": 0,
    "vehicle_running_outturn": 3,
    "vehicles_outturn": 3,
    "reception_outturn": 1,
    "overseas_outturn": 0,
    "three_public_outturn": 4,  # 3 + 1 + 0
    "spending_three_public": 4,
}


def _errors(clean: dict[str, Any], policy: Policy, **fields: Any) -> pd.DataFrame:
    """Evaluate a return without a fault but for some fields; give its findings on 三公经费 and what it is made of."""
    office = filed.changed(clean, {"fields": THREE_PUBLIC | fields}, "甲局")
    found = evaluated({"甲局": office}, policy).findings
    return found[found["severity"].eq("error")]


def test_nothing_is_found_where_all_agree(clean: dict[str, Any], policy: Policy) -> None:
    """Figures that agree, 4 of 3 and 1, bring no error."""
    assert _errors(clean, policy).empty


def test_the_item_is_named_where_the_total_is_confirmed(clean: dict[str, Any], policy: Policy) -> None:
    """公务接待 10 for 1: annex 1-2 confirms the total 4, so the item at B13 is named, with 1 and the zero too many."""
    (row,) = _errors(clean, policy, reception_outturn=10).to_dict("records")
    assert (row["cell"], row["field"], row["stated"], row["expected"]) == ("B13", "reception_outturn", "10", "1.00")
    assert "多输入了一个 0" in row["message"]
    assert "附件1-1与附件1-2的“三公经费”一致" in row["message"]  # the evidence


def test_what_follows_from_a_wrong_total_is_one_finding(clean: dict[str, Any], policy: Policy) -> None:
    """三公经费 40 for 4: B9 is named, and annex 1-2's right 4 is blamed no more, but said to follow."""
    found = _errors(clean, policy, three_public_outturn=40)
    (counted,) = found[found["standing"].eq("counted")].to_dict("records")
    assert (counted["cell"], counted["field"], counted["expected"]) == ("B9", "three_public_outturn", "4.00")
    assert found.loc[found["standing"].eq("follows"), "rule"].tolist() == ["three_public_differs"]
    assert "由此还有 1 处不符" in counted["message"]


def test_a_figure_that_follows_is_not_counted(clean: dict[str, Any], policy: Policy) -> None:
    """The summary counts one error for one slip, whatever number of relations it breaks."""
    office = filed.changed(clean, {"fields": THREE_PUBLIC | {"three_public_outturn": 40}}, "甲局")
    assert evaluated({"甲局": office}, policy).summary["errors"].tolist() == [1]


def test_candidates_are_listed_where_it_cannot_be_told(clean: dict[str, Any], policy: Policy) -> None:
    """In last year's column nothing confirms a total of 5.37 for 3.12 and 1.25: all that may be wrong are listed."""
    fields = {
        "vehicle_purchase_prior_outturn": 0,
        "vehicle_running_prior_outturn": 3.12,
        "vehicles_prior_outturn": 3.12,
        "reception_prior_outturn": 1.25,
        "overseas_prior_outturn": 0,
        "three_public_prior_outturn": 5.37,  # 3.12 + 1.25 = 4.37: one digit in the total, or 1.25 for 2.25
    }
    (row,) = _errors(clean, policy, **fields).to_dict("records")
    assert row["expected"] == ""
    assert "之一" in row["message"]
    assert {"“三公经费·上年决算数”", "“公务接待·上年决算数”"} <= {
        f"“{part.split('”')[0]}”" for part in row["message"].split("“")[1:]
    }


def test_a_return_keeps_findings_that_no_figure_explains(seed: dict[str, Any], policy: Policy) -> None:
    """The seed's slipped point, 1.08 for 10.77, stays at its cell, C9, with the figure that it should be."""
    found = evaluated({"局": seed}, policy).findings
    row = found[found["rule"].eq("three_public_sum")].iloc[0]
    assert (row["cell"], row["expected"], row["standing"]) == ("C9", "10.77", "counted")


def test_what_follows_stands_directly_beneath_its_cause(clean: dict[str, Any], policy: Policy) -> None:
    """三公经费 40 for 4 breaks the sum and the two annexes: the second comes right after the first, whatever its place.

    支出合计 off by a digit in between, 7805 for 780.5, is a cause of its own.
    """
    found = _errors(clean, policy, three_public_outturn=40, funds_executed=7805)
    at = found["rule"].tolist().index("three_public_sum")
    assert found["standing"].tolist()[at : at + 2] == ["counted", "follows"]
    assert found["rule"].tolist()[at + 1] == "three_public_differs"


def test_a_cause_with_consequences_is_a_line_of_its_own(clean: dict[str, Any], policy: Policy) -> None:
    """三公经费 typed ten times too high in all columns: a cause with a consequence is not made one with the others."""
    fields = {"three_public_outturn": 40, "three_public_budget": 43, "three_public_prior_outturn": 45}
    lines = group_findings(_errors(clean, policy, **fields)).to_dict("records")
    standings = [line["standing"] for line in lines if line["rule"].startswith("three_public")]
    assert standings == ["counted", "follows", "counted", "counted"]


def test_budgets_that_differ_point_to_the_figure_that_would_be_wrong(clean: dict[str, Any], policy: Policy) -> None:
    """基本支出预算 4900 for 490: 全年预算数 800 is the sum of the income, so no fewest change touches it; C7 is named.

    That the budgets differ may have its reason, so it stays a warning with its own remedy.
    """
    office = filed.changed(clean, {"fields": THREE_PUBLIC | {"basic_budget": 4900}}, "甲局")
    found = evaluated({"甲局": office}, policy).findings
    (row,) = found[found["rule"].eq("budget_differs")].to_dict("records")
    assert (row["field"], row["stated"], row["expected"]) == ("basic_budget", "4900", "490.00")
    assert row["severity"] == "warning"
    assert "如系填写有误，可能是“部门基本支出·当年预算数”" in row["message"]
    assert "多输入了一个 0" in row["message"]
    assert "口径" in row["remedy"]


def test_a_warning_that_the_same_slip_brings_follows_from_it(clean: dict[str, Any], policy: Policy) -> None:
    """全年预算数 8000 for 800 breaks the sum of the income and the budgets of both annexes: one error, nothing else.

    The rate stated, 97.56%, is 780.50 of 800 too.
    """
    office = filed.changed(clean, {"fields": THREE_PUBLIC | {"funds_budget": 8000}}, "甲局")
    found = evaluated({"甲局": office}, policy).findings
    of_sums = found[found["rule"].isin(["income_sum", "budget_differs", "execution_rate_stated"])]
    (cause, *others) = of_sums.to_dict("records")
    assert (cause["field"], cause["expected"], cause["standing"]) == ("funds_budget", "800.00", "counted")
    assert [row["standing"] for row in others] == ["follows", "follows"]


def test_no_finding_is_lost_whatever_follows(clean: dict[str, Any], policy: Policy) -> None:
    """Of returns with several slips at once, every finding of the rules is there before and after, each once."""
    for random in map(Random, range(4)):
        names = random.sample(sorted(THREE_PUBLIC.keys() | {"basic_outturn", "basic_budget", "funds_budget"}), 3)
        figures = {**clean["fields"], **THREE_PUBLIC}
        office = filed.changed(
            clean, {"fields": THREE_PUBLIC | {name: float(figures[name] or 1) * 10 for name in names}}, "甲局"
        )
        found = evaluated({"甲局": office}, policy).findings
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pipeline.assess.point_to_wrong_figures", lambda findings, *_: findings)
            before = evaluated({"甲局": office}, policy).findings
        assert sorted(found["rule"]) == sorted(before["rule"]), names
        follows = found["standing"].eq("follows").to_numpy()
        assert not follows[:1].any()
