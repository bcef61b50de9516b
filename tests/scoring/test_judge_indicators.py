"""Single rows and single blocks, worked by hand."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.scoring.criteria import by_criterion
from pipeline.scoring.explain import explain
from schemas import policy as policies
from tests.support.indicated import cases, entry, scored

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from schemas.policy import Policy

ROWS: list[dict[str, Any]] = cases("rows")["row"]
BLOCK = 50
"""The weight of the output block, 产出指标（50分）."""


def _department(case: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the row of a case, and one that is met for what is left of the block."""
    names = (
        "level1",
        "level2",
        "level3",
        "target",
        "actual",
        "aspect",
        "self_points",
        "target_doubtful",
        "actual_doubtful",
    )
    given = {name: case[name] for name in names if name in case}
    weight = case.get("weight", 10)
    rest = [entry(2, weight=BLOCK - weight, self_points=BLOCK - weight)] if weight < BLOCK else []
    return [entry(1, weight=weight, **given), *rest]


@pytest.fixture(scope="module")
def judged(policy: Policy) -> list[dict[str, Any]]:
    """Give what becomes of every case, all of them scored at once."""
    table = scored({f"第{number}行": _department(case) for number, case in enumerate(ROWS)}, policy)
    return [{str(name): value for name, value in row.items()} for row in table[table["row"].eq(1)].to_dict("records")]


@pytest.mark.parametrize(
    ("number", "case"),
    list(enumerate(ROWS)),
    ids=[f"{number}-{case['target']}-{case['actual']}" for number, case in enumerate(ROWS)],
)
def test_every_row_is_judged_as_by_hand(number: int, case: dict[str, Any], judged: list[dict[str, Any]]) -> None:
    """A row gets state, attainment and points as the table of method section 4 says."""
    row = judged[number]
    assert row["state"] == case["state"]
    assert float(row["points"]) == pytest.approx(float(Fraction(case["points"])), abs=1e-12)
    if "attainment" in case:
        assert row["attainment"] == pytest.approx(float(Fraction(case["attainment"])), abs=1e-12)
    else:
        assert math.isnan(row["attainment"])
    assert {name: row[name] for name in case.get("told", {})} == case.get("told", {})


def test_the_cases_cover_the_method() -> None:
    """There are more than 200 rows, no two alike, and of every state, band and reading of a rate."""
    assert len(ROWS) >= 200
    assert len({repr(sorted(case.items())) for case in ROWS}) == len(ROWS)
    assert {case["state"] for case in ROWS} == {"met", "partly", "qualitative", "unreported", "unjudged"}
    told = [case.get("told", {}) for case in ROWS]
    assert {"achieved", "partly", "missed"} <= {each.get("band") for each in told}
    assert {"", "low", "high"} <= {each.get("held") for each in told}
    assert {"", "fraction", "percent", "unclear", "over"} <= {each.get("rate_read") for each in told}


@pytest.mark.parametrize(
    ("actual", "unit", "points", "rate_read"),
    [
        ("81", "%", 45, ""),  # 81%: 50 × 81/90, and nothing odd about it
        (" 81 ", "%", 45, ""),
        ("81%", "%", 45, ""),
        ("0.81", "", 45, "fraction"),
        ("81", "", 45, "percent"),
    ],
)
def test_a_unit_in_a_column_of_its_own_is_that_of_a_bare_actual(
    policy: Policy, actual: str, unit: str, points: float, rate_read: str
) -> None:
    """Where the form gives the unit beside the target, a bare actual is in that unit, and no guess."""
    row = _weighed(policy, {"target": "≥90%", "actual": actual, "actual_unit_given": unit, "weight": BLOCK}).iloc[0]
    assert (float(row["points"]), row["rate_read"]) == (points, rate_read)


@pytest.mark.parametrize("names", [["甲"], ["甲", "乙"], ["乙", "甲", "丙"]])
def test_what_a_department_gives_itself_hangs_on_no_other(policy: Policy, names: list[str]) -> None:
    """The points that are given to eleven rows are 49.2 as typed, alone and among others, in whatever order."""
    claims = [2.8, 3, 3, 3, 2.5, 3, 15, 2.8, 7.5, 3.6, 3]
    assert sum(claims) != 49.2  # as floats
    rows = [entry(number, weight=1, self_points=claim) for number, claim in enumerate(claims, 1)]
    departments = pd.DataFrame({"department": names, "funds_budget": 1.0, "funds_executed": 1.0, "funds_points": 10.0})
    table = by_criterion(departments, scored(dict.fromkeys(names, rows), policy), policy)
    assert table.loc[table["criterion"].eq("output"), "self_points"].tolist() == [49.2] * len(names)


def _told(policy: Policy, actual: str, **given: Any) -> str:
    row = {"target": "2021年\n12月底前", "actual": actual, "weight": BLOCK, **given}
    return explain(_weighed(policy, row), policy)[0]


def test_what_is_late_is_said_to_be_late(policy: Policy) -> None:
    """The explanation of a late row names deadline and actual, and says that it is late; of one in time it does not."""
    deadline = "目标期限2021年12月底前，实际2022年1月，逾期"
    held = f"定性，{deadline}，属于未达成（60%-0%），自评得分占分值92.00%，不在此档内，按60%计；分值50，得30分。"
    assert _told(policy, "2022年1月", self_points=46) == held
    kept = f"定性，{deadline}，属于未达成（60%-0%），自评得分占分值50.00%，按此比例得分；分值50，得25分。"
    assert _told(policy, "2022年1月", self_points=25) == kept
    assert _told(policy, "2022年1月") == f"{deadline}，没有自评得分，暂不计分，留待复核；分值50，得0分。"
    assert "逾期" not in _told(policy, "2021年12月", self_points=46)


# ---------------------------------------------------------------------- weights (method section 2)


WORDY = {"target": "效果明显", "actual": "明显改善"}


def _points(table: pd.DataFrame) -> list[float]:
    return [float(value) for value in table["points"]]


def _weighed(policy: Policy, *rows: dict[str, Any]) -> pd.DataFrame:
    return scored({"示例县样板局": [entry(number, **row) for number, row in enumerate(rows, 1)]}, policy)


def _weights(table: pd.DataFrame) -> list[Fraction]:
    return list(table["weight"])


def test_rows_keep_their_own_weights(policy: Policy) -> None:
    """Weights of every row that add up to the block's are those."""
    table = _weighed(policy, {"weight": 20}, {"weight": 20.5}, {"weight": 9.5})
    assert _weights(table) == [20, Fraction("20.5"), Fraction("9.5")]
    assert set(table["weight_basis"]) == {"own"}


def test_a_weight_of_nothing_is_a_weight(policy: Policy) -> None:
    """A row that is given 0 has 0, and leaves nothing to share."""
    assert _weights(_weighed(policy, {"weight": 30}, {"weight": 20}, {"weight": 0})) == [30, 20, 0]


def test_a_row_alone_has_the_weight_of_its_block(policy: Policy) -> None:
    """The one row of a block weighs what the block does, and keeps its own ratio: 36/40 of 50 is 45."""
    table = _weighed(policy, {**WORDY, "weight": 40, "self_points": 36})
    assert _weights(table) == [50]
    assert list(table["weight_basis"]) == ["scaled"]
    assert _points(table) == [45]
    assert list(_weighed(policy, {"weight": 50})["weight_basis"]) == ["own"]


def test_only_the_block_has_a_weight(policy: Policy) -> None:
    """One weight at the first row is shared equally by the rows of the block."""
    table = _weighed(policy, {"weight": 50}, {}, {})
    assert _weights(table) == [Fraction(50, 3)] * 3
    assert set(table["weight_basis"]) == {"block"}


def test_a_wrong_weight_of_the_block_is_the_policys(policy: Policy) -> None:
    """The block weighs what the policy says, also where another weight was filed for it."""
    assert _weights(_weighed(policy, {"weight": 40}, {})) == [25, 25]


def test_no_weight_at_all_is_shared_equally(policy: Policy) -> None:
    """Rows without any weight share the block's equally."""
    assert _weights(_weighed(policy, {}, {}, {}, {})) == [Fraction(25, 2)] * 4


def test_rows_without_a_weight_share_what_is_left(policy: Policy) -> None:
    """Rows without a weight share equally what the others leave: (50 − 20 − 10)/2 = 10."""
    table = _weighed(policy, {"weight": 20}, {}, {"weight": 10}, {})
    assert _weights(table) == [20, 10, 10, 10]
    assert set(table["weight_basis"]) == {"left"}


def test_nothing_is_left_below_zero(policy: Policy) -> None:
    """Where the others already exceed the block nothing is left, and they are scaled: 40 × 50/60, 20 × 50/60."""
    assert _weights(_weighed(policy, {"weight": 40}, {"weight": 20}, {})) == [Fraction(100, 3), Fraction(50, 3), 0]


def test_a_weight_that_is_not_at_the_first_row_is_a_rows_own(policy: Policy) -> None:
    """One weight further down belongs to its row; the rest is left to the others: (50 − 20)/2 = 15."""
    assert _weights(_weighed(policy, {}, {"weight": 20}, {})) == [15, 20, 15]


def test_a_wrong_sum_is_scaled_to_the_block(policy: Policy) -> None:
    """Weights that add up to 40 count 50/40 of themselves: 10 is 12.5, 30 is 37.5."""
    table = _weighed(policy, {"weight": 10}, {"weight": 30})
    assert _weights(table) == [Fraction(25, 2), Fraction(75, 2)]
    assert set(table["weight_basis"]) == {"scaled"}


def test_a_merged_weight_is_shared_by_its_rows(policy: Policy) -> None:
    """A weight in a cell merged over three rows is a third for each: 30/3 = 10, beside 20 of its own."""
    merged = {"weight": 30, "weight_cell": "G16"}
    assert _weights(_weighed(policy, merged, merged, merged, {"weight": 20})) == [10, 10, 10, 20]


def test_a_weight_merged_over_the_whole_block(policy: Policy) -> None:
    """A weight merged over all rows of the block is shared by them all."""
    merged = {"weight": 50, "weight_cell": "G16"}
    assert _weights(_weighed(policy, merged, merged, merged, merged)) == [Fraction(25, 2)] * 4


def test_a_negative_weight_is_none(policy: Policy) -> None:
    """A weight below zero counts as not given: 50 − 20 − 10 = 20 is left to its row."""
    assert _weights(_weighed(policy, {"weight": 20}, {"weight": 10}, {"weight": -5})) == [20, 10, 20]


def test_weights_never_reach_into_another_block_or_department(policy: Policy) -> None:
    """Each block of each department is weighed by itself."""
    first = [entry(1, weight=50), entry(2, criterion="benefit", weight=30), entry(3, criterion="benefit")]
    second = [entry(1), entry(2)]
    table = scored({"甲": first, "乙": second}, policy)
    assert _weights(table) == [50, 15, 15, 25, 25]


# ---------------------------------------------------------------------- own ratio (method section 5)


def test_the_blocks_points_are_every_rows_ratio(policy: Policy) -> None:
    """Where only the block has points, each row of words gets the block's ratio: 46/50 of 25 is 23."""
    assert _points(_weighed(policy, {**WORDY, "weight": 50, "self_points": 46}, WORDY)) == [23, 23]


def test_the_blocks_points_are_a_ratio_of_the_weight_it_filed(policy: Policy) -> None:
    """Points of a block that filed a weight of 40 are a share of 40: 36/40 of 25 is 22.5."""
    assert _points(_weighed(policy, {**WORDY, "weight": 40, "self_points": 36}, WORDY)) == [22.5, 22.5]


def test_points_of_a_row_are_a_ratio_of_its_own_weight(policy: Policy) -> None:
    """Scaled weights keep the row's own ratio: 9/10 and 27/30 of 12.5 and 37.5 are 11.25 and 33.75."""
    rows = [{**WORDY, "weight": 10, "self_points": 9}, {**WORDY, "weight": 30, "self_points": 27}]
    assert _points(_weighed(policy, *rows)) == [11.25, 33.75]


def test_points_of_a_row_without_a_weight_are_a_ratio_of_what_it_is_given(policy: Policy) -> None:
    """A row that is left 20 of 50 and claims 18 has a ratio of 18/20 = 0.9, inside the band: 18."""
    rows: list[dict[str, Any]] = [
        {"weight": 20, "self_points": 20},
        {"weight": 10, "self_points": 10},
        {**WORDY, "self_points": 18},
    ]
    table = _weighed(policy, *rows)
    assert _points(table) == [20, 10, 18]
    assert list(table["held"]) == ["", "", ""]


def test_merged_points_are_a_ratio_of_the_merged_weight(policy: Policy) -> None:
    """Points and weight in cells merged over the same rows: 45/50 = 0.9 of 25 is 22.5."""
    merged = {**WORDY, "weight": 50, "weight_cell": "G16", "self_points": 45, "self_points_cell": "H16"}
    assert _points(_weighed(policy, merged, merged)) == [22.5, 22.5]


def test_a_row_without_points_among_others_with_points_is_unjudged(policy: Policy) -> None:
    """Words without self points are not judged where the other rows have theirs."""
    table = _weighed(
        policy, {**WORDY, "weight": 20, "self_points": 20}, {**WORDY, "weight": 20}, {"weight": 10, "self_points": 10}
    )
    assert list(table["state"]) == ["qualitative", "unjudged", "met"]
    assert _points(table) == [20, 0, 10]


# ---------------------------------------------------------------------- properties

POLICY = policies.load(2021)
QUANTITY = st.decimals("0.01", "99999", places=2)
PERCENT = st.decimals("1.01", "100", places=2)
COMPARISONS = st.sampled_from(["", "不低于", "大于", "不超过", "低于", "＝"])
CELL = st.one_of(
    st.tuples(COMPARISONS, QUANTITY.map(str), st.sampled_from(["", "家", "%", "万元", "元", "公里"])).map("".join),
    st.tuples(QUANTITY.map(str), st.just("-"), QUANTITY.map(str), st.just("次")).map("".join),
    st.decimals("-100", "100", places=2).map(str),
    st.sampled_from(["", "/", "效果明显", "部分完成", "未完成", "完成", "100%", "0", "0%", "-3%", "90万", "≥90%"]),
    st.sampled_from(["2021年内", "2021年12月底前", "2022年1月", "12月底前", "11月", "及时"]),
)
POINTS = st.one_of(st.none(), st.floats(-1, 60).map(lambda value: round(value, 2)))
BLOCKS = st.lists(st.tuples(CELL, CELL, POINTS, POINTS), min_size=1, max_size=6)


def _alone(*groups: list[tuple[str, str]]) -> list[list[dict[str, Any]]]:
    """Score each target and actual as the only row of a department, all at once; give them back in their groups."""
    pairs = [pair for group in groups for pair in group]
    departments = {
        str(number): [entry(1, weight=BLOCK, target=target, actual=actual)]
        for number, (target, actual) in enumerate(pairs)
    }
    rows = iter(scored(departments, POLICY).to_dict("records"))
    return [[{str(name): value for name, value in next(rows).items()} for _ in group] for group in groups]


def _few(examples: int) -> Callable[[Any], Any]:
    return settings(max_examples=examples, deadline=None)


@_few(30)
@given(st.lists(BLOCKS, min_size=1, max_size=8))
def test_points_stay_between_nothing_and_the_weight(
    blocks: list[list[tuple[str, str, float | None, float | None]]],
) -> None:
    """Whatever is filed, a row gets from 0 points to its weight, and a block's weights are its own or none."""
    departments = {
        str(number): [
            entry(at, target=target, actual=actual, weight=weight, self_points=points)
            for at, (target, actual, weight, points) in enumerate(block, 1)
        ]
        for number, block in enumerate(blocks)
    }
    table = scored(departments, POLICY)
    assert all(0 <= points <= weight for points, weight in zip(table["points"], table["weight"], strict=True))
    for _, weights in table.groupby("department")["weight"]:
        assert sum(weights, Fraction(0)) in {0, BLOCK}


@_few(30)
@given(st.lists(st.tuples(COMPARISONS, QUANTITY, QUANTITY, st.integers(2, 1000)), min_size=1, max_size=12))
def test_scale_changes_nothing(rows: list[tuple[str, Decimal, Decimal, int]]) -> None:
    """Target and actual both so many times as large, or both in 元 for 万元, give the same row."""
    plain, larger, in_yuan = _alone(
        [(f"{word}{target}万元", f"{actual}万元") for word, target, actual, _ in rows],
        [(f"{word}{target * times}万元", f"{actual * times}万元") for word, target, actual, times in rows],
        [(f"{word}{target * 10000:f}元", f"{actual * 10000:f}元") for word, target, actual, _ in rows],
    )
    for first, *others in zip(plain, larger, in_yuan, strict=True):
        for other in others:
            assert (first["state"], first["points"]) == (other["state"], other["points"])
            assert first["attainment"] == pytest.approx(other["attainment"])


@_few(30)
@given(st.lists(st.tuples(QUANTITY, QUANTITY, QUANTITY), min_size=1, max_size=12))
def test_more_is_never_worse_nor_better(rows: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    """As the actual rises, attainment and points never fall against a lower bound, nor points rise against an upper."""
    small = [(target, min(first, second)) for target, first, second in rows]
    large = [(target, max(first, second)) for target, first, second in rows]
    less, more, cheaper, dearer = _alone(
        [(f"不低于{target}", f"{actual}") for target, actual in small],
        [(f"不低于{target}", f"{actual}") for target, actual in large],
        [(f"不超过{target}", f"{actual}") for target, actual in small],
        [(f"不超过{target}", f"{actual}") for target, actual in large],
    )
    for low, high in zip(less, more, strict=True):
        assert low["points"] <= high["points"]
        assert low["attainment"] <= high["attainment"]
    for low, high in zip(cheaper, dearer, strict=True):
        assert low["points"] >= high["points"]


@_few(30)
@given(st.lists(st.tuples(PERCENT, PERCENT), min_size=1, max_size=12))
def test_a_bare_percentage_is_the_percentage(rows: list[tuple[Decimal, Decimal]]) -> None:
    """Above 1 and a tenth of its target, an actual without its sign is judged as the one with it; else it is asked."""
    bare, signed = _alone(
        [(f"≥{target}%", f"{actual}") for target, actual in rows],
        [(f"≥{target}%", f"{actual}%") for target, actual in rows],
    )
    for first, second, (target, actual) in zip(bare, signed, rows, strict=True):
        told = (second["state"], second["points"]) if actual * 10 > target else ("unjudged", 0)
        assert (first["state"], first["points"]) == told


UNITS = st.sampled_from(["", "家", "%", "‰", "万元", "亿元", "元", "公里", "米", "公顷", "吨", "公斤", "个月", "天"])
SCALED = st.tuples(COMPARISONS, QUANTITY, QUANTITY, st.integers(2, 99), UNITS)


@_few(30)
@given(st.lists(SCALED, min_size=1, max_size=12))
def test_a_factor_on_both_sides_changes_nothing_in_any_unit(rows: list[tuple[str, Decimal, Decimal, int, str]]) -> None:
    """Target and actual so many times as large, in the same unit, keep state, attainment and points."""
    plain, larger = _alone(
        [(f"{word}{target}{unit}", f"{actual}{unit}") for word, target, actual, _, unit in rows],
        [(f"{word}{target * times}{unit}", f"{actual * times}{unit}") for word, target, actual, times, unit in rows],
    )
    for first, second in zip(plain, larger, strict=True):
        assert first["state"] == second["state"]
        assert first["attainment"] == pytest.approx(second["attainment"], nan_ok=True)
        assert float(first["points"]) == pytest.approx(float(second["points"]))


@_few(30)
@given(st.lists(st.tuples(QUANTITY, QUANTITY, QUANTITY), min_size=1, max_size=12))
def test_beyond_an_upper_bound_more_is_never_better(rows: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    """Once an actual is over an upper bound, attainment never rises as the actual does."""
    near, far = _alone(
        [(f"不超过{target}", f"{target + min(excess)}") for target, *excess in rows],
        [(f"不超过{target}", f"{target + max(excess)}") for target, *excess in rows],
    )
    for first, second in zip(near, far, strict=True):
        assert first["attainment"] >= second["attainment"]


DAYS = st.dates(date(2019, 1, 1), date(2023, 12, 31))


@_few(30)
@given(st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=12))
def test_a_day_is_late_exactly_after_the_deadline(rows: list[tuple[date, date]]) -> None:
    """Of two full dates the actual is late where it is the later one, and a month is late where its first day is."""
    by_day, by_month = _alone(
        [(f"{allowed.isoformat()}前", done.isoformat()) for allowed, done in rows],
        [(f"{allowed.isoformat()}前", f"{done.year}年{done.month}月") for allowed, done in rows],
    )
    assert [row["late"] for row in by_day] == [done > allowed for allowed, done in rows]
    assert [row["late"] for row in by_month] == [done.replace(day=1) > allowed for allowed, done in rows]


JUDGED = ["state", "attainment", "points", "held", "rate_read", "bound", "late", "words_known", "comparable", "unit"]


@_few(8)
@given(st.lists(st.tuples(CELL, CELL, st.floats(0, 50).map(lambda value: round(value, 2))), min_size=2, max_size=12))
def test_a_row_is_judged_among_others_as_alone(rows: list[tuple[str, str, float]]) -> None:
    """Judging a table of departments gives each row what judging it by itself gives."""
    departments = {
        str(number): [entry(1, weight=BLOCK, target=target, actual=actual, self_points=points)]
        for number, (target, actual, points) in enumerate(rows)
    }
    together = scored(departments, POLICY)[JUDGED]
    alone = [scored({name: only}, POLICY)[JUDGED] for name, only in departments.items()]
    pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True))
