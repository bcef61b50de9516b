"""Rules on a department against the county: ten departments of which one is odd, and counties too small to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from schemas.rules import outliers
from tests.conftest import evaluated
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemas.policy import Policy

MEASURES = {
    "operating_unlike_county": "operating_per_head",
    "three_public_unlike_county": "three_public_per_head",
    "execution_unlike_county": "budget_execution_rate",
}
# Nine departments 1 … 9, whose median with a tenth beyond 9 is 5.5 and whose deviations from it are
# 0.5 0.5 1.5 1.5 2.5 2.5 3.5 3.5 4.5 and the tenth's own: their median is 2.5, one deviation 2.5 × 1.4826 = 3.7065,
# and 3.5 of them 12.97275. Beyond 5.5 + 12.97275 = 18.47275 a tenth department is odd.
NINE = [float(number) for number in range(1, 10)]
EDGE = 18.47275


def hits(rule: str, values: Sequence[float | None], policy: Policy) -> list[int]:
    """Give the places at which a rule on a measure hits."""
    (found,) = (each for each in outliers.RULES if each.id == rule)
    table = pd.DataFrame({MEASURES[rule]: pd.Series(list(values), dtype="float64")})
    return [at for at, hit in enumerate(found.breaches(table, policy, found.applies(table, policy))) if hit]


@pytest.mark.parametrize("rule", MEASURES)
def test_a_department_far_from_the_median_is_odd(rule: str, policy: Policy) -> None:
    """Just beyond 3.5 deviations from the median a department is reported, just within it is not, nor any other."""
    assert hits(rule, [*NINE, EDGE + 0.0001], policy) == [9]
    assert hits(rule, [*NINE, EDGE - 0.0001], policy) == []


def test_nine_departments_are_too_few(policy: Policy) -> None:
    """Below ten departments with a figure nobody is odd; a blank figure is none, and is not odd itself."""
    assert hits("operating_unlike_county", [*NINE[:8], 100.0], policy) == []
    assert hits("operating_unlike_county", [*NINE[:8], 100.0, None], policy) == []
    assert hits("operating_unlike_county", [*NINE, None, 100.0], policy) == [10]


def test_where_all_are_alike_nobody_is_far(policy: Policy) -> None:
    """Where more than half of the county has one and the same figure, there is no deviation to measure by."""
    assert hits("execution_unlike_county", [0.9] * 10 + [0.5], policy) == []


def full_marks(claimed: list[float], policy: Policy, offered: float | None = None) -> list[int]:
    """Give the places at which the rule on full marks hits; ``offered`` is what the last is worth as filed."""
    (found,) = (each for each in outliers.RULES if each.id == "full_marks_in_county")
    weights = [None] * (len(claimed) - 1) + [offered]
    table = pd.DataFrame({"claimed": claimed, "offered": pd.Series(weights, dtype="float64")})
    return [at for at, hit in enumerate(found.breaches(table, policy, found.applies(table, policy))) if hit]


def test_full_marks_are_odd_where_they_are_rare(policy: Policy) -> None:
    """90 of 90 points are pointed out where the county's median is below, and nowhere where most claim them."""
    assert full_marks([85.0] * 9 + [90.0], policy) == [9]
    assert full_marks([85.0] * 9 + [89.98], policy) == []
    assert full_marks([90.0] * 9 + [85.0], policy) == []
    assert full_marks([85.0] * 8 + [90.0], policy) == []


def test_full_marks_are_those_of_the_weights_as_filed(policy: Policy) -> None:
    """F111: 99 of 100 points as filed are no full marks, though the policy offers 90; 80 of 80 are."""
    assert full_marks([85.0] * 9 + [99.0], policy, 100) == []
    assert full_marks([85.0] * 9 + [80.0], policy, 80) == [9]


@pytest.fixture(scope="module")
def returns(clean: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give ten returns whose operating expenditure a head runs from 1 to 9 万元, and one of 30."""
    found = {}
    for number in [*range(1, 10), 30]:
        operating = number * 29  # 29 people
        fields = {"spending_operating": operating, "spending_personnel": 480.5 - operating}
        found[f"{number}"] = filed.changed(clean, {"fields": fields}, f"示例县{number}局")
    return found


def test_an_odd_department_is_told_at_its_cell_with_both_figures(
    returns: dict[str, dict[str, Any]], policy: Policy
) -> None:
    """30 万元 a head against a median of 5.5 is an info at 公用经费, with both figures; the other nine have none."""
    found = evaluated(returns, policy).findings
    found = found[found["rule"].eq("operating_unlike_county")]
    assert found[["department", "severity", "sheet", "cell"]].to_numpy().tolist() == [
        ["示例县30局", "info", "附件1-2 自评表", "G10"]
    ]
    assert found["message"].item() == "人均公用经费为 30.00 万元，全县的中位数为 5.50 万元，相差较大。"
