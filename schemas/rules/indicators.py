"""Rules on the indicator rows: target and actual as the method judges them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from schemas.enums import Severity
from schemas.rules.model import Breaches, Cause, Rule
from schemas.rules.predicates import NOISE, among, each_text, said_where, unexplained_rows
from schemas.text.model import Sort
from schemas.text.normalise import normalise_label
from schemas.text.targets import says_nothing

if TYPE_CHECKING:
    from schemas.policy import Policy

_METHOD = "评分办法3、4；评分办法9"
_BLANK = [Sort.BLANK, Sort.PLACEHOLDER]
_WORDY = [Sort.WORDS, Sort.DEADLINE]


def _unnamed(table: pd.DataFrame) -> pd.Series[bool]:
    """Tell the rows in which neither an indicator nor a target stands."""
    return each_text(table["level3"], says_nothing) & among(table["target_sort"], _BLANK) & ~table["level3_doubtful"]


def _asks_for_points(table: pd.DataFrame) -> pd.Series[bool]:
    """Tell the rows that claim points, or have a weight and leave open what they claim of it."""
    return (table["filed_self_points"] > 0) | ((table["filed_weight"] > 0) & table["filed_self_points"].isna())


def _row_blank(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return (table["state"] == "unreported") & _asks_for_points(table) & _unnamed(table) & ~table["actual_doubtful"]


def _actual_blank(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    asked = (_asks_for_points(table) | ~among(table["target_sort"], _BLANK)) & ~_unnamed(table)
    return (table["state"] == "unreported") & asked & ~table["actual_doubtful"]


def _target_or_none(table: pd.DataFrame, _: Policy) -> pd.Series[str]:
    """Give the target that was not reported on, or say that there is none either."""
    targets = zip(table["target"].str.strip(), among(table["target_sort"], _BLANK), strict=True)
    told = ["，年度指标值也没有填写" if blank else f"（目标：{target}）" for target, blank in targets]
    return pd.Series(told, index=table.index, dtype=str)


def _bound(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return table["bound"]


def _in_the_wrong_column(table: pd.DataFrame, _: Policy) -> pd.Series[str]:
    """Say that target and actual are probably in each other's column: a bare number is where the bound belongs."""
    swapped = (table["target_sort"] == Sort.MEASURE) & (table["target_comparison"] == "")
    return said_where(swapped, "，可能与“年度指标值”填反了")


def _target_blank(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return among(table["target_sort"], _BLANK) & ~among(table["actual_sort"], _BLANK) & ~table["bound"]


def _actual_if_any(table: pd.DataFrame, _: Policy) -> pd.Series[str]:
    """Give the actual that has no target; a cell that is in error shows none."""
    actual = table["actual"].str.strip()
    return ("（实际完成值：" + actual + "）").where(actual != "", "")


def _missed_without_reason(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    missed = (table["state"] == "partly") | ((table["state"] == "qualitative") & (table["band"] == "missed"))
    return missed & unexplained_rows(table)


def _unknown(*columns: str) -> Cause:
    """Say which words of a cell with a number in it are not known; "" for words without a number."""

    def told(table: pd.DataFrame, _: Policy) -> pd.Series[str]:
        each_row = zip(*(table[name].tolist() for name in columns), strict=True)
        words = ["”、“".join(dict.fromkeys(filter(None, each))) for each in each_row]
        said = [each and f"（其中“{each}”不能确定）" for each in words]
        return pd.Series(said, index=table.index, dtype=str)

    return told


def _words_for_number(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return (table["target_sort"] == Sort.MEASURE) & among(table["actual_sort"], _WORDY) & (table["state"] == "unjudged")


def _number_for_words(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return (
        among(table["target_sort"], _WORDY)
        & (table["actual_sort"] == Sort.MEASURE)
        & (table["state"] == "unjudged")
        & ~table["bound"]
        & table["actual_high"].isna()
    )


def _words_unknown(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    wordy = among(table["target_sort"], _WORDY) & among(table["actual_sort"], _WORDY)
    return wordy & (table["state"] == "unjudged") & ~table["words_known"]


def _no_points_for_words(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    wordy = among(table["target_sort"], _WORDY) & among(table["actual_sort"], _WORDY)
    return wordy & (table["state"] == "unjudged") & table["words_known"]


def _not_comparable(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    both = (table["target_sort"] == Sort.MEASURE) & (table["actual_sort"] == Sort.MEASURE) & ~table["bound"]
    return both & ~table["comparable"]


def _why_not_comparable(table: pd.DataFrame, _: Policy) -> pd.Series[str]:
    """Say whether two numbers differ in their units, or one is a change and the other is not the same."""
    return table["same_sense"].map({True: "单位不同或不明", False: "一个是增减或新增、另一个不是同样的数"}).astype(str)


def _range_as_actual(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    """A range, or an approximate number from which it cannot be told whether the target is reached."""
    measures = (table["target_sort"] == Sort.MEASURE) & table["comparable"]
    about = (table["actual_about"] != "") & (table["state"] == "unjudged") & measures
    return (table["actual_sort"] == Sort.MEASURE) & (table["actual_high"].notna() | about)


def _range_or_about(table: pd.DataFrame, _: Policy) -> pd.Series[str]:
    told = {True: "是一个范围", False: "是约数，看不出是否达到目标"}
    return table["actual_high"].notna().map(told).astype(str)


def _far_above(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    return (table["attainment"] >= policy.alerts.far_above_target - NOISE) & (table["state"] == "met")


def _repeated(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return (table["target"].str.strip() == table["actual"].str.strip()) & (table["target_sort"] == Sort.WORDS)


def _level1_odd(table: pd.DataFrame, _: Policy) -> pd.Series[str]:
    """Say what is odd about a level-1 name that is none of the form's."""
    names = table["level1"].str.strip()
    told = [f"“{name}”不是产出、效益、满意度指标之一" if name else "没有填写" for name in names]
    return pd.Series(told, index=table.index, dtype=str)


def _rate_read(how: str) -> Breaches:
    return lambda table, _: (table["rate_read"] == how) & (table["target_sort"] == Sort.MEASURE)


def _indicator_twice(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    """The same indicator with the same target, a second time."""
    named = pd.DataFrame(
        {
            "department": table["department"],
            "level3": table["level3"].str.strip(),
            "target": table["target"].str.strip(),
        }
    )
    return named["level3"].ne("") & named.duplicated()


def _fact_twice(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    """The same thing a second time, with another target."""
    named = pd.DataFrame(
        {
            "department": table["department"],
            "level3": table["level3"].map(normalise_label),
            "target": table["target"].map(normalise_label),
        }
    )
    measured = named["level3"].ne("") & table["target_sort"].eq(Sort.MEASURE)
    same_thing = named[measured].duplicated(["department", "level3"]).reindex(table.index, fill_value=False)
    return same_thing & ~named.duplicated()


def _input(table: pd.DataFrame, policy: Policy) -> pd.Series[bool]:
    """An input under 产出指标; what it costs is an output of its own there."""
    named = each_text(table["level3"], lambda text: any(word in text for word in policy.inputs.words))
    return named & (table["criterion"] == "output") & (table["aspect"] != "cost")


def _level2_twice(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    """A level-2 name that heads a second group of rows; where it is written on every row there are no groups."""
    name = ["department", "criterion", "level2"]
    first_of_cell = ~table.duplicated([*name, "level2_cell"])
    group = table.groupby(name, dropna=False).ngroup().to_numpy()
    cells, rows = (np.bincount(group, weights=each)[group] for each in (first_of_cell, np.ones(len(table))))
    grouped = pd.Series((cells > 1) & (cells < rows), index=table.index)
    return grouped & first_of_cell & table.duplicated(name) & table["level2"].ne("")


_ROW = "“{level3}”"


def _stray_dot(column: str) -> Rule:
    return Rule(
        "stray_dot", Severity.INFO, "数字后多一个点", "评分办法9.19",
        f"{_ROW}的数字后多了一个点，已忽略。", "请删去多余的点。",
        "indicators", column, lambda table, _: table[f"{column}_stray_dot"],
    )  # fmt: skip


RULES: tuple[Rule, ...] = (
    Rule(
        "level1_unknown", Severity.ERROR, "一级指标不明", "附件1-2说明第1条",
        f"{_ROW}的一级指标{{cause}}，该行没有计分。", "请按填报表的一级指标填写。",
        "indicators", "level1", lambda table, _: table["criterion"] == "", cause=_level1_odd,
    ),
    Rule(
        "row_blank", Severity.ERROR, "只有分值的空行", _METHOD,
        "有一行只填了分值或得分，三级指标、年度指标值和实际完成值都没有填写，不得分。",
        "请补填该行；没有这项指标的，请删去该行，把分值分给其他指标。",
        "indicators", "level3", _row_blank,
    ),
    Rule(
        "actual_blank", Severity.ERROR, "实际完成值空白", _METHOD,
        f"{_ROW}没有填写实际完成值，不得分{{cause}}。", "请补填实际完成值；未开展的，请说明原因。",
        "indicators", "actual", _actual_blank, lambda table, _: table["target"], cause=_target_or_none,
    ),
    Rule(
        "actual_bound", Severity.ERROR, "实际完成值是界限", _METHOD,
        f"{_ROW}的实际完成值填写为“{{stated}}”，这是目标而不是实际结果{{cause}}，无法计分。",
        "请把目标填到“年度指标值”，在“实际完成值”填写实际数，例如 93%。",
        "indicators", "actual", _bound, cause=_in_the_wrong_column,
    ),
    Rule(
        "target_blank", Severity.ERROR, "年度指标值空白", _METHOD,
        f"{_ROW}没有填写年度指标值，无法计分{{cause}}。", "请补填年初设定的指标值。",
        "indicators", "target", _target_blank, cause=_actual_if_any,
    ),
    Rule(
        "missed_without_reason", Severity.ERROR, "未完成而没有说明", "评分办法9.5",
        f"{_ROW}目标“{{target}}”，实际“{{stated}}”，没有{{cause}}完成，也没有说明原因。",
        "请在“偏差及原因分析”“改进措施”中说明。",
        "indicators", "actual", _missed_without_reason, lambda table, _: table["target"],
        cause=lambda table, _: said_where(table["late"], "按期"),
    ),
    Rule(
        "words_for_number", Severity.ERROR, "目标是数、实际是文字", _METHOD,
        f"{_ROW}的目标是“{{target}}”，实际完成值却是文字“{{stated}}”{{cause}}，无法计分。", "请填写实际完成的数。",
        "indicators", "actual", _words_for_number, lambda table, _: table["target"], cause=_unknown("actual_unknown"),
    ),
    Rule(
        "number_for_words", Severity.ERROR, "目标是文字、实际是数", _METHOD,
        f"{_ROW}的目标是文字“{{target}}”{{cause}}，实际完成值是“{{stated}}”，无法判断是否完成。",
        "请把目标量化，或说明实际结果是否达到目标。",
        "indicators", "actual", _number_for_words, cause=_unknown("target_unknown"),
    ),
    Rule(
        "not_comparable", Severity.ERROR, "单位不可比", _METHOD,
        f"{_ROW}的目标“{{target}}”与实际“{{stated}}”{{cause}}，无法比较。",
        "请按目标的单位和说法填写实际完成值，并写明单位。",
        "indicators", "actual", _not_comparable, lambda table, _: table["target"], cause=_why_not_comparable,
    ),
    Rule(
        "range_as_actual", Severity.ERROR, "实际完成值是范围或约数", _METHOD,
        f"{_ROW}的实际完成值“{{stated}}”{{cause}}，无法计分。", "请填写实际完成的数。",
        "indicators", "actual", _range_as_actual, lambda table, _: table["target"], cause=_range_or_about,
    ),
    Rule(
        "rate_over", Severity.ERROR, "比率超过100%", _METHOD,
        f"{_ROW}的目标是比率“{{target}}”，实际完成值“{{stated}}”超过100%，无法判断。",
        "请核对；是百分数的请写明百分号。",
        "indicators", "actual", _rate_read("over"), lambda table, _: table["target"],
    ),
    Rule(
        "words_unknown", Severity.WARNING, "用语无法判断", "评分办法5",
        f"{_ROW}的实际完成值“{{stated}}”看不出是否完成{{cause}}，留待复核。",
        "请写明是否达成目标，最好用数据说明；目标里有数的，请填写能与它比较的数。",
        "indicators", "actual", _words_unknown, cause=_unknown("target_unknown", "actual_unknown"),
    ),
    Rule(
        "words_without_points", Severity.WARNING, "定性指标没有自评得分", "评分办法5",
        f"{_ROW}是定性指标，没有自评得分，留待复核。", "请填写分值和自评得分。",
        "indicators", "self_points", _no_points_for_words,
    ),
    Rule(
        "words_full_rate", Severity.WARNING, "目标没有量化", _METHOD,
        f"{_ROW}的目标是文字“{{target}}”，实际完成值为“{{actual}}”，按完成计分。", "请把目标量化，例如“100%”。",
        "indicators", "target", lambda table, _: table["words_met"],
    ),
    Rule(
        "measure_affirmed", Severity.WARNING, "只写了完成", "评分办法4",
        f"{_ROW}的目标是“{{target}}”，实际完成值只写“{{stated}}”，按完成计分。", "请填写实际完成的数。",
        "indicators", "actual", lambda table, _: table["affirmed"], lambda table, _: table["target"],
    ),
    Rule(
        "far_above_target", Severity.WARNING, "远超目标", "财预〔2020〕10号；评分办法10",
        f"{_ROW}目标“{{target}}”，实际“{{stated}}”，完成 {{attainment}}。", "请说明超额原因，目标是否偏低。",
        "indicators", "actual", _far_above, lambda table, _: table["target"], needs=("attainment",),
    ),
    Rule(
        "units_differ", Severity.WARNING, "计数单位不同", _METHOD,
        f"{_ROW}的目标“{{target}}”与实际“{{stated}}”计数单位不同，按数字比较。", "请统一单位。",
        "indicators", "actual", lambda table, _: table["units_differ"], lambda table, _: table["target"],
    ),
    Rule(
        "indicator_twice", Severity.WARNING, "指标重复", "评分办法9.18",
        f"{_ROW}（目标“{{target}}”）出现了两次，重复计分。", "请删去重复的指标，或改为另一项指标。",
        "indicators", "level3", _indicator_twice,
    ),
    Rule(
        "fact_twice", Severity.WARNING, "同一事项按不同目标计分", "评分办法9.18",
        f"{_ROW}出现了不止一次，目标不同（这里是“{{target}}”），重复计分。", "请只保留一个目标，或写明各是什么范围。",
        "indicators", "level3", _fact_twice,
    ),
    Rule(
        "input_as_output", Severity.INFO, "投入当作产出", "评分办法9.17",
        f"{_ROW}说的是投入，不是产出。", "请改为反映工作成果的指标；确属产出的不必改。",
        "indicators", "level3", _input,
    ),
    Rule(
        "level2_twice", Severity.WARNING, "二级指标名称重复", "附件1-2；评分办法7",
        "二级指标“{level2}”出现了两次。", "请核对二级指标的编号。",
        "indicators", "level2", _level2_twice,
    ),
    Rule(
        "rate_as_fraction", Severity.INFO, "比率写成小数", _METHOD,
        f"{_ROW}的实际完成值“{{stated}}”没有百分号，按小数计（1 即 100%）。", "请写明百分号。",
        "indicators", "actual", _rate_read("fraction"), lambda table, _: table["target"],
    ),
    Rule(
        "rate_as_percent", Severity.INFO, "比率没有百分号", _METHOD,
        f"{_ROW}的实际完成值“{{stated}}”没有百分号，按百分数计。", "请写明百分号。",
        "indicators", "actual", _rate_read("percent"), lambda table, _: table["target"],
    ),
    *(_stray_dot(column) for column in ("target", "actual")),
    Rule(
        "target_repeated", Severity.INFO, "实际照抄目标", "评分办法9.2",
        f"{_ROW}的实际完成值照抄了目标文字“{{stated}}”。", "请写明实际结果。",
        "indicators", "actual", _repeated, lambda table, _: table["target"],
    ),
)  # fmt: skip
