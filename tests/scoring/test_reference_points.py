"""What stands beside the 100 points: reference points, alarms and the county's own measures, worked by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scoring.alarms import raise_alarms
from pipeline.scoring.exact import fraction
from pipeline.scoring.measures import compute_measures, county
from pipeline.scoring.reference_points import award_reference_points, points
from schemas import policy as policies
from schemas import tables as contract
from schemas.enums import Alarm
from schemas.measures import MEASURE, MEASURES
from schemas.policy import ReferencePoints
from tests.conftest import evaluated
from tests.support.indicated import cases

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from schemas.policy import Policy
    from tests.support.in_memory import CountyResult

CASES = cases("reference")
POINTS: list[dict[str, Any]] = CASES["points"]
ALARMS: list[dict[str, Any]] = CASES["alarm"]
COUNTY: list[dict[str, Any]] = CASES["county"]
POLICY = policies.load(2021)
ASKED = {each.measure: each for each in POLICY.reference}
INDICATORS = 90
"""The weight of all blocks of indicators: 50 + 30 + 10."""


def measured(rows: Iterable[tuple[str, str, float | None, float | None]]) -> pd.DataFrame:
    """Give measures as the program does, made up: department, measure, numerator, denominator."""
    table = pd.DataFrame(list(rows), columns=["department", "measure", "numerator", "denominator"])
    table = table.astype({"numerator": "float64", "denominator": "float64"})
    blank = table[["numerator", "denominator"]].isna().any(axis=1)
    reason = np.where(blank, "未填写", np.where(table["denominator"].le(0), "分母为零", ""))
    value = (table["numerator"] / table["denominator"]).where(reason == "")
    return table.assign(label=table["measure"], value=value, reason=reason)


def at(name: str, *values: Fraction) -> list[Fraction]:
    """Give the exact points of rates that are made of whole numbers."""
    return [of_rate(name, float(value.numerator), float(value.denominator)) for value in values]


def of_rate(name: str, numerator: float, denominator: float) -> Fraction:
    """Give the exact points of a rate that is computable."""
    told = points(ASKED[name], numerator, denominator)
    assert told is not None
    return told


# ---------------------------------------------------------------------- reference points


@pytest.fixture(scope="module")
def referred() -> pd.DataFrame:
    """Give the reference points of every case, each a department of its own."""
    rows = [
        (f"{number}", case["measure"], case.get("numerator"), case.get("denominator"))
        for number, case in enumerate(POINTS)
    ]
    return contract.REFERENCE.validate(award_reference_points(measured(rows), POLICY)).set_index("department")


@pytest.mark.parametrize(
    ("number", "case"),
    list(enumerate(POINTS)),
    ids=[f"{each['measure']}-{each.get('numerator')}-{each.get('denominator')}" for each in POINTS],
)
def test_points_are_those_worked_by_hand(number: int, case: dict[str, Any], referred: pd.DataFrame) -> None:
    """A rate gets the points that its table gives; one that is not computable gets none, and not 0."""
    row = referred.loc[f"{number}"]
    assert (row["weight"], row["source"]) == (ASKED[case["measure"]].weight, ASKED[case["measure"]].source)
    if "points" in case:
        assert (row["points"], row["reason"]) == (case["points"], "")
    else:
        assert np.isnan(row["points"])
        assert np.isnan(row["value"])
        assert row["reason"]


def test_every_table_has_its_cases() -> None:
    """Each measure of the policy is worked by hand with full points, with fewer, with none, and not computable."""
    for name, each in ASKED.items():
        found = [case.get("points") for case in POINTS if case["measure"] == name]
        assert {each.weight, 0, None} <= set(found)
        assert any(given and given < each.weight for given in found)


def test_the_last_digit_of_a_float_saves_no_step() -> None:
    """19.19 of 20.20 is 95% as typed and costs a whole step, though as floats it is less than 5% below."""
    assert 1 - 19.19 / 20.2 < 0.05
    assert of_rate("budget_execution_rate", 19.19, 20.2) == 3


def test_points_are_exact_and_a_blank_has_none() -> None:
    """43 of 42 gets exactly 5 − 50/42; a blank gets nothing, and neither does what is divided by nothing."""
    asked = ASKED["staffing_control_rate"]
    assert points(asked, 43.0, 42.0) == 5 - Fraction(50, 42)
    assert [points(asked, np.nan, 42.0), points(asked, 43.0, np.nan), points(asked, 43.0, 0.0)] == [None] * 3


@pytest.fixture(scope="module")
def seeded(seed: dict[str, Any], policy: Policy) -> CountyResult:
    """Give the tables of a run over the real return."""
    return evaluated({"衡阳县科技和工业信息化局": seed}, policy)


def test_the_seed_gets_the_points_worked_by_hand(seeded: CountyResult) -> None:
    """Staffing 5, change of the three public 5, execution 5, their control 0; the two blank ones are not computable."""
    table = award_reference_points(seeded.measures, POLICY).set_index("measure")
    assert table["points"].dropna().to_dict() == {
        "staffing_control_rate": 5,  # 40/42
        "three_public_change_rate": 5,  # −42.07%
        "three_public_control_rate": 0,  # 263.9%
        "budget_execution_rate": 5,  # 96.20%
    }
    blank = table.loc[table["points"].isna(), "reason"]
    assert blank.to_dict() == {
        "budget_adjustment_rate": "未填写：年度资金总额·年初预算数",
        "procurement_execution_rate": "未填写：政府采购金额·当年决算数、政府采购金额·当年预算数",
    }


def test_departments_and_measures_keep_their_order() -> None:
    """There is one row for each department and measure of the policy, in the order of the measures, and no other."""
    names = ("vehicles_change_rate", *ASKED)
    rows = [(department, name, 1.0, 1.0) for department in ("乙", "甲") for name in names]
    table = award_reference_points(measured(rows), POLICY)
    assert table[["department", "measure"]].to_numpy().tolist() == [[each, name] for each in "乙甲" for name in ASKED]
    assert list(table.columns) == list(contract.REFERENCE.columns)


def test_a_policy_without_reference_points_gives_none() -> None:
    """Where the policy asks for no reference points the table is empty, and holds."""
    none = POLICY.model_copy(update={"reference": ()})
    assert contract.REFERENCE.validate(
        award_reference_points(measured([("甲", "staffing_control_rate", 40, 42)]), none)
    ).empty


# ---------------------------------------------------------------------- properties

RATES = st.lists(
    st.builds(Fraction, st.integers(-3000, 30000), st.integers(1, 10000)),
    min_size=1,
    max_size=20,
)
WORSE = {name: "below" if name == "budget_execution_rate" else "above" for name in ASKED}
"""To which side a rate of each measure gets worse."""
TWO_SIDED = {"procurement_execution_rate": 1, "budget_adjustment_rate": 0}
"""What a rate is best at, where both sides of it are worse."""


@given(st.sampled_from(list(ASKED)), RATES)
def test_points_stay_between_nothing_and_the_weight(name: str, values: list[Fraction]) -> None:
    """Whatever the rate, there are from 0 points to the weight."""
    assert all(0 <= each <= fraction(ASKED[name].weight) for each in at(name, *values))


@given(st.sampled_from(list(ASKED)), RATES)
def test_points_never_rise_as_the_rate_gets_worse(name: str, values: list[Fraction]) -> None:
    """A rate farther on the wrong side never gets more points; where both sides are wrong, the distance counts."""
    best = TWO_SIDED.get(name)
    ordered = (
        sorted(values, reverse=WORSE[name] == "below")
        if best is None
        else sorted(values, key=lambda value: abs(value - best))
    )
    found = at(name, *ordered)
    assert found == sorted(found, reverse=True)


@given(st.sampled_from(list(ASKED)), RATES, st.integers(2, 50))
def test_points_depend_on_the_rate_alone(name: str, values: list[Fraction], times: int) -> None:
    """Both terms so many times as large give the same points."""
    terms = [(float(value.numerator * times), float(value.denominator * times)) for value in values]
    assert [of_rate(name, *each) for each in terms] == at(name, *values)


# ---------------------------------------------------------------------- what a policy may say


def test_a_policy_names_only_measures_that_there_are() -> None:
    """Reference points for a measure that is not declared stop the run, and name it."""
    other = POLICY.reference[0].model_copy(update={"measure": "staffing_rate"})
    with pytest.raises(policies.PolicyError, match="staffing_rate"):
        award_reference_points(measured([]), POLICY.model_copy(update={"reference": (other,)}))


@pytest.mark.parametrize(
    ("written", "instead", "words"),
    [
        ("weight = 7", "weight = 0", r"reference\.3\.weight：应大于0"),
        ("per_point = 1\n", "per_point = -1\n", r"reference\.3\.curve\.linear\.per_point：应大于0"),
        ("limit = 0.0", "limit = nan", r"reference\.2\.curve\.linear\.limit：应为数字"),
        ('kind = "table"', 'kind = "tabel"', r"reference\.5\.curve：kind 应为"),
        ('kind = "table"\n', "", r"reference\.5\.curve：缺少 kind"),
        ('direction = "either"', 'direction = "beside"', r"direction：应为 'above', 'below' or 'either' 之一"),
        ("upto = 0.2", "upto = 0.1", "各档的 upto（不超过）须从小到大"),
        ("upto = 0.2, points = 3", "upto = 0.2, points = 4", "points（得分）须从大到小"),
        ("upto = 0.0, points = 5", "upto = 0.0, points = 5.5", "各档的 points（得分）不能超过满分5"),
        ('"three_public_control_rate"', '"three_public_change_rate"', "“three_public_change_rate”写了不止一次"),
        ("red_lag = 0.05", "red_lag = 5", r"alarms\.red_lag：应不大于1"),
    ],
)
def test_a_table_that_cannot_be_is_refused(tmp_path: Path, written: str, instead: str, words: str) -> None:
    """A mistake in a table or an alarm of the policy is told at its place, in Chinese."""
    text = (policies.POLICIES / "2021.toml").read_text(encoding="utf-8")
    assert text.count(written) == 1
    (tmp_path / "2021.toml").write_text(text.replace(written, instead), encoding="utf-8")
    with pytest.raises(policies.PolicyError, match=words):
        policies.load(2021, tmp_path)


def test_every_number_is_said_to_be_a_reference() -> None:
    """The source of each table and of each alarm says that it is for reference, and not this county's rule."""
    sources = [each.source for each in POLICY.reference]
    sources += [POLICY.alarms.red_lag_source, POLICY.alarms.yellow_unspent_source]
    assert all(source.startswith("参考：") for source in sources)
    assert all(isinstance(each, ReferencePoints) for each in POLICY.reference)


# ---------------------------------------------------------------------- alarms


@pytest.fixture(scope="module")
def alarmed() -> pd.DataFrame:
    """Give the alarms of every case, each a department of its own, its points all in the block of output."""
    departments = pd.DataFrame(
        {
            "department": [f"{number}" for number in range(len(ALARMS))],
            "funds_budget": pd.Series([case.get("budget") for case in ALARMS], dtype="float64"),
            "funds_executed": pd.Series([case.get("executed") for case in ALARMS], dtype="float64"),
        }
    )
    parts = [("execution", 10, 10), ("output", INDICATORS, None), ("total", 100, 100)]
    rows = [
        (f"{number}", criterion, weight, case["points"] if given is None else given)
        for number, case in enumerate(ALARMS)
        for criterion, weight, given in parts
    ]
    scores = pd.DataFrame(rows, columns=["department", "criterion", "weight", "points"])
    return contract.ALARMS.validate(raise_alarms(departments, scores.astype({"weight": "float64"}), POLICY))


@pytest.mark.parametrize(("number", "case"), list(enumerate(ALARMS)))
def test_alarms_are_those_worked_by_hand(number: int, case: dict[str, Any], alarmed: pd.DataFrame) -> None:
    """An alarm is raised just above its limit and not at it, red before yellow, with the figures of each."""
    assert alarmed.loc[number].to_dict() == {
        "department": f"{number}",
        "alarm": case["alarm"],
        "reason": case["reason"],
    }


def test_the_seed_raises_no_alarm(seeded: CountyResult) -> None:
    """66.40 of 90 points is 73.78%, and 96.20% are executed: nothing lags, and 3.80% are unspent."""
    table = raise_alarms(seeded.departments, seeded.scores, POLICY)
    assert table[["alarm", "reason"]].to_numpy().tolist() == [["", ""]]


def test_all_blocks_of_indicators_count_together() -> None:
    """40 + 25 + 10 of 90 are 83.33%, and against 75% executed the lag is 1 − 67.5/75 = 10%; execution is no part."""
    departments = pd.DataFrame({"department": ["甲"], "funds_budget": [1000.0], "funds_executed": [750.0]})
    scores = pd.DataFrame(
        {
            "department": "甲",
            "criterion": ["execution", "output", "benefit", "satisfaction", "total"],
            "weight": [10.0, 50.0, 30.0, 10.0, 100.0],
            "points": [7.5, 40.0, 25.0, 10.0, 82.5],
        }
    )
    row = raise_alarms(departments, scores, POLICY).iloc[0]
    assert row["alarm"] == "red"
    assert row["reason"].startswith("指标得分率83.33%，预算执行率75.00%，执行率落后于得分率的部分占得分率的10.00%")


def test_where_nothing_is_given_for_indicators_nothing_lags() -> None:
    """An execution below zero and no point for any indicator: no lag can be told, and the whole budget is unspent."""
    departments = pd.DataFrame({"department": ["甲"], "funds_budget": [1000.0], "funds_executed": [-1.5]})
    scores = pd.DataFrame({"department": "甲", "criterion": ["output"], "weight": [50.0], "points": [0.0]})
    row = raise_alarms(departments, scores, POLICY).iloc[0]
    assert (row["alarm"], row["reason"]) == (
        "yellow",
        "全年预算1,000.00万元，未使用1,001.50万元，占100.15%，超过20.00%。",
    )


def test_alarms_have_their_names() -> None:
    """An alarm is called by its colour, and none by nothing."""
    assert [each.label for each in Alarm] == ["红色预警", "黄色预警", ""]


# ---------------------------------------------------------------------- the county


@pytest.mark.parametrize("case", COUNTY, ids=[f"{number}-{each['measure']}" for number, each in enumerate(COUNTY)])
def test_the_county_is_as_worked_by_hand(case: dict[str, Any]) -> None:
    """The county's rate is the rate of the sums beside the mean and median of rates, of what is computable only."""
    filed = pd.DataFrame(case["filed"], dtype="float64")
    departments = filed.assign(department=[f"{number}" for number in filed.index])
    (row,) = contract.COUNTY.validate(county(departments, [MEASURE[case["measure"]]])).to_dict("records")
    assert (row["numerator"], row["denominator"]) == (case["numerator"], case["denominator"])
    for name in ("value", "mean", "median"):
        assert row[name] == pytest.approx(float(Fraction(case[name])), abs=1e-12)
    assert (row["departments"], row["reason"]) == (case["departments"], "")


def test_a_measure_that_no_department_has_is_blank_with_a_reason() -> None:
    """Where nobody's rate can be computed the county has none, neither 0 nor 100%, and says so."""
    departments = pd.DataFrame(
        {"department": ["甲", "乙"], "funds_executed": [1.0, np.nan], "funds_budget": [0.0, 5.0]}
    )
    (row,) = contract.COUNTY.validate(county(departments, [MEASURE["budget_execution_rate"]])).to_dict("records")
    assert all(np.isnan(row[name]) for name in ("numerator", "denominator", "value", "mean", "median"))
    assert (row["departments"], row["reason"]) == (0, "没有部门可以计算")


def test_a_county_of_one_has_the_measures_of_its_department(seeded: CountyResult) -> None:
    """With the seed alone, rate of sums, mean and median of every measure are the seed's own, in the same order."""
    table = contract.COUNTY.validate(county(seeded.departments))
    own = seeded.measures["value"].to_numpy()
    assert list(table["measure"]) == [each.name for each in MEASURES]
    for name in ("value", "mean", "median"):
        assert table[name].to_numpy() == pytest.approx(own, abs=1e-9, nan_ok=True)
    assert list(table["departments"]) == [0 if np.isnan(value) else 1 for value in own]


def test_a_measure_that_cannot_be_computed_says_why() -> None:
    """A denominator that is zero, one below zero and one that was not filed give no value, each with its own reason."""
    departments = pd.DataFrame(
        {
            "department": ["零", "负", "空", "有"],
            "staff_in_post": [30.0, 30.0, 30.0, 30.0],
            "authorised_posts": [0.0, -2.0, np.nan, 40.0],
        }
    )
    told = compute_measures(departments, [MEASURE["staffing_control_rate"]])
    assert told["reason"].tolist() == ["分母为零", "分母为负数", "未填写：编制数", ""]
    assert told["value"].tolist()[3] == 0.75  # 30 / 40
    assert told["value"].isna().tolist() == [True, True, True, False]
