"""The real return: every figure worked out by hand from the report in which it was filed."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import evaluated
from tests.support import filed
from tests.support.places import cell_of, layouts

if TYPE_CHECKING:
    from schemas.policy import Policy
    from tests.support.in_memory import CountyResult


@pytest.fixture(scope="module")
def tables(seed: dict[str, Any], policy: Policy) -> CountyResult:
    """Give the tables of a run over the real return."""
    return evaluated({"衡阳县科技和工业信息化局": seed}, policy)


MEASURES = {
    "staffing_control_rate": 40 / 42,  # 0.952381
    "three_public_change_rate": (2.85 - 4.92) / 4.92,  # −0.420732
    "vehicles_change_rate": (1.36 - 2.31) / 2.31,  # −0.411255
    "reception_change_rate": (1.49 - 2.61) / 2.61,  # −0.429119
    "three_public_control_rate": 2.85 / 1.08,  # 2.638889, as filed
    "vehicles_control_rate": 1.36 / 2.31,  # 0.588745
    "reception_control_rate": 1.49 / 8.46,  # 0.176123
    "budget_execution_rate": 961.44 / 999.38,  # 0.962036
    "basic_deviation_rate": (564.62 - 393.01) / 393.01,  # 0.436656
    "project_deviation_rate": (396.82 - 160) / 160,  # 1.480125
    "basic_change_rate": (564.62 - 723.01) / 723.01,  # −0.219070
    "project_change_rate": (396.82 - 1055.37) / 1055.37,  # −0.623999
    "carryover_rate": (999.38 - 961.44) / 999.38,  # 37.94/999.38 = 0.037964
    "carryover_change_rate": (37.94 - 214.58) / 214.58,  # −0.823189
    "income_general_share": 629.82 / 999.38,  # 63.02%
    "income_carryover_share": 214.58 / 999.38,  # 21.47%
    "income_other_share": 154.98 / 999.38,  # 15.51%
    "spending_basic_share": 564.62 / 961.44,  # 58.73%
    "spending_project_share": 396.82 / 961.44,  # 41.27%
    "spending_personnel_share": 467.52 / 564.62,  # 82.80%
    "spending_operating_share": 97.11 / 564.62,  # 17.20%
    "operating_per_head": 97.11 / 40,  # 2.42775 万元
    "three_public_per_head": 2.85 / 40,  # 0.07125 万元
    "indicator_completion_rate": 10 / 26,  # 8 quantities and 2 words with 100% of 26 rows
}
NOT_COMPUTABLE = {
    "overseas_change_rate",
    "overseas_control_rate",
    "procurement_execution_rate",
    "budget_adjustment_rate",  # the seed's form has no 年初预算数
    "income_fund_share",
    "income_nontax_share",
}


def test_measures_are_those_worked_by_hand(tables: CountyResult) -> None:
    """Every measure of the seed is its fraction, and those whose figures are blank are blank with a reason."""
    values = tables.measures.set_index("measure")
    computed = values["value"].dropna()
    assert computed.to_dict() == pytest.approx(MEASURES, abs=1e-9)
    blank = values[values["value"].isna()]
    assert set(blank.index) == NOT_COMPUTABLE
    assert blank["reason"].str.startswith("未填写：").all()


def test_scores_are_those_worked_by_hand(tables: CountyResult) -> None:
    """Execution 9.62, output 38.40 with 10 unreported, benefit 28.00, satisfaction 0 with 10 unjudged, total 76.02."""
    scores = tables.scores.set_index("criterion")
    row = Fraction(50, 15)
    # eight met, 3 of 5, two words with 100%, one qualitative at its own 46/50
    output = (8 + Fraction(3, 5) + 2 + Fraction(46, 50)) * row
    assert float(output) == pytest.approx(38.4)
    assert scores["points"].to_dict() == {
        "execution": 9.62,  # 10 × 961.44/999.38 = 9.62036…
        "output": 38.40,
        "benefit": 28.00,  # ten qualitative rows at 28/30 of 30
        "satisfaction": 0.00,
        "total": 76.02,
    }
    claimed = {"execution": 8, "output": 46, "benefit": 28, "satisfaction": 9, "total": 91}
    assert scores["self_points"].to_dict() == claimed
    assert scores["unreported_weight"].to_dict() == pytest.approx(
        {"execution": 0, "output": 3 * 50 / 15, "benefit": 0, "satisfaction": 0, "total": 10}
    )
    unjudged = {"execution": 0, "output": 0, "benefit": 0, "satisfaction": 10, "total": 10}
    assert scores["unjudged_weight"].to_dict() == unjudged
    assert scores["difference"].to_dict() == pytest.approx(
        {"execution": 1.62, "output": -7.60, "benefit": 0, "satisfaction": -9, "total": -14.98}
    )


def test_summary_grades_it_provisionally(tables: CountyResult) -> None:
    """76.02 is 较差 and provisional, for 86.02 would be 良好; the department claimed 91, which is 优秀."""
    (row,) = tables.summary.to_dict("records")
    assert (row["points"], row["grade"], row["provisional"]) == (76.02, "较差", True)
    assert (row["self_points"], row["self_grade"], row["difference"]) == (91, "优秀", -14.98)
    assert (row["status"], row["rank"]) == ("accepted_with_errors", 1)


STATES = {
    **dict.fromkeys((1, 2, 3, 4, 5, 6, 10, 11, 12, 15), "met"),
    7: "partly",
    **dict.fromkeys((8, 9, 14), "unreported"),
    13: "qualitative",
    **dict.fromkeys(range(16, 26), "qualitative"),
    26: "unjudged",
}


def test_each_row_is_judged_as_worked_by_hand(tables: CountyResult) -> None:
    """The 26 rows have the states of the worked example, and the third of five got 60% of its share."""
    rows = tables.indicators.set_index("row")
    assert rows["state"].to_dict() == STATES
    assert rows.loc[7, "attainment"] == pytest.approx(0.6)
    assert rows.loc[7, "points"] == pytest.approx(2)  # 3/5 × 50/15
    assert rows.loc[13, "points"] == pytest.approx(46 / 15)  # 0.92 × 50/15
    assert rows.loc[2, "attainment"] == pytest.approx(2.27 / 2.2)


FINDINGS = {
    # method section 7, each at its cell
    ("error", "three_public_sum", "1-1", "C9"),  # 1.08 against 2.31 + 8.46 = 10.77
    ("error", "grade_is_number", "1-2", "C42"),  # the grade cell holds 91
    ("error", "three_public_left_blank", "1-2", "G11"),  # annex 1-1 has 2.85
    ("error", "missed_without_reason", "1-2", "F22"),  # target 5, actual 3
    ("error", "actual_blank", "1-2", "F23"),
    ("error", "actual_blank", "1-2", "F24"),
    ("error", "actual_blank", "1-2", "F29"),
    ("error", "actual_bound", "1-2", "F41"),  # ≥90% in the actual's column
    ("warning", "outturn_off_budget", "1-1", "B7"),  # 564.62/393.01 = 143.7%
    ("warning", "outturn_off_budget", "1-1", "B15"),  # 396.82/160 = 248.0%
    ("warning", "budget_differs", "1-2", "D6"),  # 393.01 + 160 = 553.01 against 999.38
    ("warning", "project_lines_blank", "1-1", "B15"),
    ("warning", "execution_points", "1-2", "H6"),  # 8 where 96.20% gives 9.62
    ("warning", "block_weight_only", "1-2", "G16"),
    ("warning", "block_weight_only", "1-2", "G31"),
    ("warning", "level2_twice", "1-2", "C22"),  # 数量指标2
    # and what follows from method sections 4 and 6 and from the rest of the form
    ("warning", "words_full_rate", "1-2", "E27"),
    ("warning", "words_full_rate", "1-2", "E30"),
    ("warning", "self_difference", "1-2", "H42"),  # 76.02 − 91 = −14.98
    ("info", "signature_blank", "1-1", "D3"),
    ("info", "signature_blank", "1-2", "F4"),
    ("info", "signature_blank", "1-2", "C45"),
    ("info", "signature_blank", "1-2", "G45"),
    ("info", "budget_copied", "1-1", "C12"),  # 2.31 in the budget and in last year's outturn
}
ON_TRIAL = {
    ("warning", "goal_missed", "1-2", "E14"),  # 工业税收 3亿元以上, 2.44亿元
    ("info", "goal_without_indicator", "1-2", "B14"),  # 240亿元, 8.5%, 3亿元, 2个, 2000个
    ("info", "goal_left_out", "1-2", "E14"),  # 240亿元, 2个, 2000个
    ("info", "goal_set_higher", "1-2", "E19"),  # 15家 in the goals, 20家 in the row
    ("info", "goal_set_higher", "1-2", "E20"),  # 5个 in the goals, 10家 in the row
}


def test_findings_are_these_and_no_others(tables: CountyResult) -> None:
    """The findings are those of the reference at their cells; 564.63 for 564.62 and 95% for 95.24% are none."""
    found = tables.findings
    annex = found["sheet"].str[len("附件") : len("附件1-1")]
    places = list(zip(found["severity"], found["rule"], annex, found["cell"], found["standing"], strict=True))
    counted = {(*each, "counted") for each in FINDINGS}
    assert set(places) == counted | {(*each, "trial") for each in ON_TRIAL}
    assert len(places) == len(set(places))


def test_what_is_counted_are_eight_errors_and_eleven_warnings(tables: CountyResult) -> None:
    """What is only tried is reported and not counted."""
    (row,) = tables.summary.to_dict("records")
    assert (row["errors"], row["warnings"], row["waived"]) == (8, 11, 0)


def test_the_slipped_point_is_told(tables: CountyResult) -> None:
    """The three public expenses' budget is told as 1.08 against 10.77, a slipped point as the probable cause."""
    row = tables.findings[tables.findings["rule"].eq("three_public_sum")].iloc[0]
    assert (row["stated"], row["expected"]) == ("1.08", "10.77")
    assert "小数点错位" in row["message"]


def test_what_was_written_is_kept(tables: CountyResult, seed: dict[str, Any]) -> None:
    """Every filed text stands in the facts as it was written, spaces included, beside what was understood."""
    facts = tables.facts.set_index("field")
    prior = facts.loc["three_public_prior_outturn"].to_dict()
    assert (prior["raw"], prior["value"]) == ("4.92\u3000", 4.92)
    cell = cell_of(layouts(seed)["1-1"], "three_public_prior_outturn")
    assert (prior["sheet"], prior["cell"]) == ("附件1-1 基础数据表", cell)
    for name, value in seed["fields"].items():
        if isinstance(value, str) and name != "fiscal_year":
            assert facts.loc[name, "raw"] == value
    blank = facts.loc["vehicle_purchase_outturn"].to_dict()
    assert (blank["raw"], blank["value"]) == ("\u3000", None)


def test_the_example_in_the_inbox_is_the_seed() -> None:
    """The workbook in inbox/ is made from the filed values, to the byte."""
    assert filed.EXAMPLE.read_bytes() == filed.workbook(filed.load())
