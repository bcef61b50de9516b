"""Targets that a form splits into 指标性质, 指标值 and 度量单位."""

from __future__ import annotations

from decimal import Decimal

import pytest

from schemas.text.model import Comparison, Sort
from schemas.text.split_targets import put_together
from schemas.text.targets import parse


@pytest.mark.parametrize(
    ("nature", "value", "unit", "target", "comparison", "number"),
    [
        ("反向", "5", "天", "≤5天", "at_most", "5"),
        ("正向", "5", "天", "≥5天", "at_least", "5"),
        ("正向指标", "92", "%", "≥92%", "at_least", "0.92"),
        ("反向指标", "≤5", "", "≤5", "at_most", "5"),
        ("定量指标", "92", "%", "92%", "", "0.92"),
        ("定量", "不低于92", "", "不低于92", "at_least", "92"),
        (">=", "98", "%（百分比）", ">=98%（百分比）", "at_least", "0.98"),
        ("≤", "20", "万元", "≤20万元", "at_most", "20"),
        ("", "3", "次", "3次", "", "3"),
        ("反向", "3-5", "次", "3-5", "between", "3"),
    ],
)
def test_the_nature_of_an_indicator_decides_first(
    nature: str, value: str, unit: str, target: str, comparison: str, number: str
) -> None:
    """反向 is at most and 正向 at least, 定量 adds nothing, and a sign stands before the number."""
    assert put_together(value, nature, unit) == (target, unit)
    found = parse(target)
    assert (found.comparison, found.value) == (Comparison(comparison), Decimal(number))


@pytest.mark.parametrize(
    ("nature", "value", "target"),
    [("正向", "≤5", "正向≤5"), ("反向", "不低于5", "反向不低于5"), ("中性", "5", "中性5")],
)
def test_a_nature_that_contradicts_or_is_unknown_is_left_to_a_person(nature: str, value: str, target: str) -> None:
    """Where the nature and the words of the number differ, or it is a nature nobody knows, the target is words."""
    assert put_together(value, nature, "")[0] == target
    assert (parse(target).sort, parse(target).unknown) == (Sort.WORDS, nature)


@pytest.mark.parametrize("nature", ["定性", "定性指标", "文字描述"])
def test_words_stay_words(nature: str) -> None:
    """A target that is words by its nature is left as it is, without a unit."""
    assert put_together(" 效果明显", nature, "%") == (" 效果明显", "")


def test_a_blank_value_stays_blank() -> None:
    """Without a value there is no target, whatever stands beside it."""
    assert put_together("", "≥", "家") == ("", "")
