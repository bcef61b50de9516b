"""Plant faults as clerks make them: each is a small change of a correct return, with the rule that must find it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.demo.indicators import IndicatorLine

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from pipeline.demo.returns import Return

    Plant = Callable[[Return, Random], None]

SHARE = 0.45
"""The share of departments that make faults."""
_HOW_MANY = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4)
_MEASURED = ("quantity", "quality")


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of fault: the rule that must find it, the field it is found at, and the function that plants it."""

    rule: str
    at: str
    plant: Plant


def plant_faults(made: Return, random: Random) -> None:
    """Plant one to four faults in some returns; most stay correct."""
    if random.random() < SHARE:
        chosen = random.sample(range(len(FAULTS)), random.choice(_HOW_MANY))
        for at in sorted(chosen):  # in the order of the list: what changes points comes before what is said of them
            plant_fault(made, FAULTS[at], random)


def plant_fault(made: Return, fault: FaultKind, random: Random) -> None:
    """Plant one fault and note its rule on the return."""
    fault.plant(made, random)
    made.faults.append(fault.rule)


# ---------------------------------------------------------------------- how faults are made


def _add(made: Return, amount: float, *names: str) -> None:
    for name in names:
        made.fields[name] = round(made.fields[name] + amount, 2)


def _put(name: str, value: Any) -> Plant:
    """Give a function that writes another value into a field."""

    def change(made: Return, _: Random) -> None:
        made.fields[name] = value

    return change


def _times(name: str, factor: float) -> Plant:
    """Give a function that shifts the decimal point of an amount, or writes 元 for 万元."""

    def change(made: Return, _: Random) -> None:
        made.fields[name] = round(made.fields[name] * factor, 2)

    return change


def _off(*names: str) -> Plant:
    """Give a function that mistypes an amount in the same way in several fields."""

    def change(made: Return, random: Random) -> None:
        _add(made, random.choice((0.9, 1.8, 2.7, 0.36, 10)), *names)

    return change


def _line(made: Return, random: Random, *aspects: str) -> IndicatorLine:
    """Choose a row for a fault, one without a fault if there is one."""
    fitting = [line for line in made.lines if line.aspect in aspects]
    chosen = random.choice([line for line in fitting if not line.touched] or fitting)
    chosen.touched = True
    return chosen


def _actual(write: Callable[[IndicatorLine], str | float], *aspects: str) -> Plant:
    """Give a function that writes another actual into a row."""

    def change(made: Return, random: Random) -> None:
        line = _line(made, random, *aspects)
        line.actual = write(line)

    return change


def _number(times: float, ending: str = "") -> Callable[[IndicatorLine], str]:
    """Give a function that writes an actual of so many times the target."""
    return lambda line: f"{int(line.number * times)}{ending or line.unit}"


# ---------------------------------------------------------------------- faults that take more than a change of a cell


def _low_execution(made: Return, _: Random) -> None:
    """Leave more than a quarter of the budget unspent without an explanation."""
    unspent = round(made.fields["funds_executed"] / 0.72 - made.fields["funds_budget"], 2)
    _add(made, unspent, "funds_budget", "income_general", "project_budget", "project_county_budget")
    made.fields["deviation_reasons"] = ""
    made.add_up()


def _execution_points(made: Return, _: Random) -> None:
    enough = 9.9
    made.fields["funds_points"] = 10.0 if made.fields["funds_points"] < enough else 8.0
    made.total()


def _missed(made: Return, random: Random) -> None:
    line = _line(made, random, "quantity")
    line.actual = f"{line.number - 1}{line.unit}"
    made.fields["deviation_reasons"] = random.choice(("", "无"))


def _over_budget(made: Return, _: Random) -> None:
    """Spend more on receptions than was planned without an explanation."""
    more = made.fields["three_public_budget"] - made.fields["three_public_outturn"] + 0.5
    for names in (("reception", "three_public", "basic"), ("project_operations", "project")):
        sign = 1 if "basic" in names else -1  # what was spent in all stays the same
        _add(made, sign * more, *(f"{name}_outturn" for name in names))
    _add(made, more, "spending_three_public", "spending_operating", "spending_basic")
    _add(made, -more, "spending_project")
    made.fields["deviation_reasons"] = ""


def _overstaffed(made: Return, random: Random) -> None:
    posts = made.fields["authorised_posts"]
    made.fields["staff_in_post"] = posts + random.randint(1, 4)
    made.fields["staffing_control_rate_stated"] = f"{made.fields['staff_in_post'] / posts:.2%}"


def _points_above_weight(made: Return, random: Random) -> None:
    line = _line(made, random, *_MEASURED)
    line.self_points = float(line.weight) + 1
    made.total()


def _full_marks(made: Return, _: Random) -> None:
    for line in made.lines:
        line.self_points = line.weight
    made.fields |= {"funds_points": 10.0, "deviation_reasons": ""}
    made.total()


def _block_missing(made: Return, _: Random) -> None:
    made.lines = [line for line in made.lines if line.criterion != "satisfaction"]
    made.total()


def _output(made: Return) -> list[IndicatorLine]:
    return [line for line in made.lines if line.criterion == "output"]


def _block_weight_only(made: Return, _: Random) -> None:
    """Write the weight of a whole block into its first row."""
    first, *others = _output(made)
    points = [line.self_points for line in (first, *others)]
    first.weight, first.self_points = 50.0, round(sum(float(each) for each in points if each != ""), 2)
    for line in others:
        line.weight = line.self_points = ""


def _weight_off(made: Return, random: Random) -> None:
    line = random.choice(_output(made))
    line.weight = float(line.weight) + 3


def _weight_blank(made: Return, random: Random) -> None:
    random.choice(_output(made)[1:]).weight = ""


def _twice(made: Return, _: Random) -> None:
    """Report the same indicator in two rows."""
    first, second = _output(made)[0], _output(made)[1]
    second.level3, second.target, second.actual = first.level3, first.target, first.actual


def _target_blank(made: Return, random: Random) -> None:
    _line(made, random, *_MEASURED).target = random.choice(("", "——", "/"))


def _stray_dot(made: Return, random: Random) -> None:
    line = _line(made, random, "quantity")
    line.actual = f"{int(line.number * 1.1)}."


def _hint_left(made: Return, _: Random) -> None:
    made.lines.append(IndicatorLine(made.lines[-1].aspect, "指标2：", "", "", touched=True))


def _project_lines_blank(made: Return, _: Random) -> None:
    for line in ("operations", "maintenance", "county"):
        made.fields[f"project_{line}_outturn"] = ""


def _total_off(made: Return, random: Random) -> None:
    made.fields["total_points"] = round(made.fields["total_points"] - random.choice((0.5, 1, 2)), 2)


def _grade_is_number(made: Return, _: Random) -> None:
    made.fields["grade_stated"] = made.fields["total_points"]


def _other_grade(made: Return, random: Random) -> None:
    words = [grade.word for grade in made.policy.grades]
    made.fields["grade_stated"] = random.choice([word for word in words if word != made.fields["grade_stated"]])


def _another_name(made: Return, _: Random) -> None:
    made.fields["department_1_1"] = f"{made.office.name}机关"


def _signatures_blank(made: Return, _: Random) -> None:
    made.fields |= {"filled_by": "", "signed_by": ""}


def _in_words(made: Return, _: Random) -> None:
    made.fields["procurement_outturn"] = f"{made.fields['procurement_outturn']:.2f}万元"


FAULTS: tuple[FaultKind, ...] = (
    FaultKind("low_execution", "funds_executed", _low_execution),
    FaultKind("three_public_over_budget", "three_public_outturn", _over_budget),
    FaultKind("execution_points", "funds_points", _execution_points),
    FaultKind("full_marks", "total_points", _full_marks),
    FaultKind("points_above_weight", "self_points", _points_above_weight),
    FaultKind("block_missing", "weight", _block_missing),
    FaultKind("missed_without_reason", "actual", _missed),
    FaultKind("actual_blank", "actual", _actual(lambda _: "", *_MEASURED)),
    FaultKind("actual_bound", "actual", _actual(lambda line: f"≥{line.number}{line.unit}", *_MEASURED)),
    FaultKind("target_blank", "target", _target_blank),
    FaultKind("words_for_number", "actual", _actual(lambda _: "效果明显", *_MEASURED)),
    FaultKind("number_for_words", "actual", _actual(lambda _: "95%", "social")),
    FaultKind("words_unknown", "actual", _actual(lambda _: "详见附件", "social")),
    FaultKind("measure_affirmed", "actual", _actual(lambda _: "已完成", "quantity")),
    FaultKind("far_above_target", "actual", _actual(_number(2.5), "quantity")),
    FaultKind(
        "range_as_actual", "actual", _actual(lambda line: f"{line.number}-{line.number + 9}{line.unit}", "quantity")
    ),
    FaultKind("not_comparable", "actual", _actual(_number(1, "万元"), "quantity")),
    FaultKind("rate_over", "actual", _actual(lambda _: "102%", "quality")),
    FaultKind("rate_as_fraction", "actual", _actual(lambda _: 0.995, "quality")),
    FaultKind("rate_as_percent", "actual", _actual(lambda _: 99.5, "quality")),
    FaultKind("words_full_rate", "target", _actual(lambda _: "100%", "social")),
    FaultKind("stray_dot", "actual", _stray_dot),
    FaultKind("indicator_twice", "level3", _twice),
    FaultKind("hints_left", "level3", _hint_left),
    FaultKind("block_weight_sum", "weight", _weight_off),
    FaultKind("block_weight_left", "weight", _weight_blank),
    FaultKind("block_weight_only", "weight", _block_weight_only),
    FaultKind("three_public_sum", "three_public_budget", _times("three_public_budget", 0.1)),
    FaultKind("vehicles_sum", "vehicles_prior_outturn", _off("vehicles_prior_outturn", "three_public_prior_outturn")),
    FaultKind("yuan_for_wan", "procurement_budget", _times("procurement_budget", 10000)),
    FaultKind("project_lines_blank", "project_outturn", _project_lines_blank),
    FaultKind("overstaffed", "staff_in_post", _overstaffed),
    FaultKind("staffing_rate_stated", "staffing_control_rate_stated", _put("staffing_control_rate_stated", "80%")),
    FaultKind("economy_blank", "economy_measures", _put("economy_measures", "无")),
    FaultKind("value_blank", "basic_prior_outturn", _put("basic_prior_outturn", "")),
    FaultKind("value_unreadable", "general_cut_budget", _put("general_cut_budget", "3万左右")),
    FaultKind("value_negative", "general_cut_outturn", _times("general_cut_outturn", -1)),
    FaultKind("value_cleaned", "procurement_outturn", _in_words),
    FaultKind("income_sum", "funds_budget", _off("income_general")),
    FaultKind("basic_sum", "spending_basic", _off("spending_personnel")),
    FaultKind("spending_sum", "funds_executed", _off("spending_project", "project_outturn")),
    FaultKind("execution_rate_stated", "funds_rate_stated", _put("funds_rate_stated", "85%")),
    FaultKind("three_public_differs", "spending_three_public", _off("spending_three_public")),
    FaultKind("three_public_left_blank", "spending_three_public", _put("spending_three_public", "")),
    FaultKind("basic_differs", "spending_basic", _off("basic_outturn")),
    FaultKind("budget_differs", "funds_budget", _off("basic_budget")),
    FaultKind("department_names_differ", "department_1_2", _another_name),
    FaultKind("total_sum", "total_points", _total_off),
    FaultKind("total_weight", "total_weight", _put("total_weight", 99)),
    FaultKind("grade_differs", "grade_stated", _other_grade),
    FaultKind("grade_unknown", "grade_stated", _put("grade_stated", "优")),
    FaultKind("grade_is_number", "grade_stated", _grade_is_number),
    FaultKind("grade_blank", "grade_stated", _put("grade_stated", "")),
    FaultKind("signature_blank", "filled_by", _signatures_blank),
)
"""Every kind of fault, in the order in which they are planted."""
