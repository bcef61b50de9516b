"""Group the rules of the register by the mistake in filling in that they tell: what a leader reads as one problem.

Several rules may tell the same mistake (a total unlike its items, in either annex), and one mistake is to be mended in
one way, whatever rule has found it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in filling in: what it is called in Chinese, and the rules that tell it."""

    title: str
    rules: tuple[str, ...]


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        "合计与分项不符",
        (
            "three_public_sum", "vehicles_sum", "income_sum", "spending_sum", "basic_sum", "part_above_whole",
            "project_lines_above", "funds_below_sources",
        ),
    ),
    Mistake(
        "两张附表填报的数不一致",
        ("three_public_differs", "three_public_left_blank", "basic_differs", "project_differs", "budget_differs"),
    ),
    Mistake("填写的比率与金额、人数不符", ("staffing_rate_stated", "execution_rate_stated")),
    Mistake("金额单位用错", ("yuan_for_wan", "all_in_yuan", "unit_differs", "unit_converted")),
    Mistake(
        "应填的项目空白",
        (
            "value_blank", "actual_blank", "target_blank", "row_blank", "project_lines_blank", "economy_blank",
            "grade_blank", "department_blank", "year_blank", "signature_blank",
        ),
    ),
    Mistake(
        "填写的不是有效的数",
        (
            "value_ambiguous", "value_unreadable", "value_error", "value_unsaved", "value_shared", "value_hidden",
            "value_struck", "value_picture", "value_negative", "value_not_whole", "value_cleaned", "budget_zero",
            "text_left_out", "stray_dot",
        ),
    ),
    Mistake(
        "填报表的内容、栏目被改动或缺少",
        (
            "annex_missing", "annex_twice", "annex_untitled", "column_not_found", "column_twice", "head_asked",
            "row_not_found", "row_asked", "row_twice", "sections_missing", "form_unknown", "other_edition",
            "sheet_passed_over",
        ),
    ),
    Mistake(
        "工作簿有需要核对的内容",
        (
            "row_struck", "line_hidden", "words_beside", "error_beside", "manual_calculation", "looks_unread",
            "old_format", "macros", "active_parts", "external_links", "sheet_hidden", "hints_left",
        ),
    ),
    Mistake(
        "单位、年度、时间填写有误",
        (
            "department_names_differ", "department_unknown", "file_name_differs", "years_differ", "year_in_file_name",
            "reported_on_odd", "order_unclear",
        ),
    ),
    Mistake(
        "实际完成值不能与目标比较",
        (
            "actual_bound", "words_for_number", "number_for_words", "not_comparable", "range_as_actual", "rate_over",
            "words_unknown", "measure_affirmed", "units_differ", "rate_as_fraction", "rate_as_percent",
            "target_repeated", "goal_repeated",
        ),
    ),
    Mistake(
        "指标设置不规范",
        (
            "level1_unknown", "block_missing", "aspect_missing", "words_full_rate", "far_above_target",
            "indicator_twice", "fact_twice", "input_as_output", "level2_twice", "goal_without_indicator",
            "goal_set_lower", "goal_set_higher",
        ),
    ),
    Mistake(
        "分值分配不符合规定",
        ("block_weight_only", "block_weight_blank", "block_weight_left", "block_weight_sum", "total_weight"),
    ),
    Mistake(
        "自评得分、等级与填报的结果不符",
        (
            "points_above_weight", "points_above_attainment", "held_high", "held_low", "words_without_points",
            "execution_points", "total_sum", "self_difference", "grade_is_number", "grade_differs", "grade_unknown",
            "full_marks", "full_marks_in_county",
        ),
    ),
    Mistake(
        "偏差没有说明原因",
        (
            "missed_without_reason", "points_given_away", "low_execution", "budget_changed", "three_public_up",
            "three_public_over_budget", "outturn_off_budget", "overstaffed", "goal_left_out", "goal_missed",
        ),
    ),
    Mistake(
        "与上年报送的数不一致",
        ("prior_outturn_differs", "carryover_differs", "posts_changed", "budget_copied"),
    ),
    Mistake(
        "与全县相差较大",
        ("operating_unlike_county", "three_public_unlike_county", "execution_unlike_county"),
    ),
    Mistake("上年已指出，今年仍有", ("found_last_year",)),
)  # fmt: skip
"""Every rule of the register stands in one of them."""
MISTAKE_OF: dict[str, Mistake] = {rule: mistake for mistake in MISTAKES for rule in mistake.rules}
"""By the id of a rule, the mistake that it tells."""
