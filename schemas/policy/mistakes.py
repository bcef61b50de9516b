"""Every mistake of a policy at once: what each entry must be, and how the entries must agree with each other."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from schemas.enums import EXECUTION
from schemas.errors import MistakeError
from schemas.forms import FORMS
from schemas.measures import MEASURE
from schemas.policy.model import (
    FULL_MARKS,
    Alerts,
    Criterion,
    Grade,
    Lookup,
    OtherSeverity,
    Policy,
    Qualitative,
    ReferencePoints,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

Place = tuple[str | int, ...]
"""Where an entry stands: keys, and positions from 0 in lists, ("criteria", 1, "weight")."""

CRITERIA: dict[str, str] = {
    EXECUTION: "预算执行率",
    **{block.criterion: block.words for form in FORMS if form.indicators for block in form.indicators.blocks},
}
"""The parts of the 100 points that the forms have, and what the forms call them: a policy weighs each of them."""


NOT_IN_FILE = {"year", "file", "sha256"}
"""What a policy has that its file does not say."""


class PolicyError(MistakeError):
    """A policy that cannot be used; the message lists all its mistakes, in Chinese."""


class Mistake(NamedTuple):
    """A mistake: where, and what is wrong, in Chinese."""

    at: Place
    told: str


def policy_from(table: Mapping[str, Any], **used: Any) -> Policy | list[Mistake]:
    """Give the policy that a table says; all its mistakes where it has any.

    Args:
        table: what a file says.
        used: what no file says: the fiscal ``year`` that it is used for, the ``file`` and its ``sha256``.
    """
    given = {key: value for key, value in table.items() if key not in NOT_IN_FILE}
    found = [Mistake((key,), _UNKNOWN) for key in table if key not in given]
    try:
        policy = Policy.model_validate(given | used)
    except ValidationError as error:
        found += [Mistake(each["loc"], _in_chinese(each)) for each in error.errors()]
    found += _disagreements(given)
    return found or policy


def listed(name: str, found: Iterable[Mistake]) -> PolicyError:
    """Give the error that lists the mistakes of a policy file, each by its place in the file."""
    lines = [f"  {_spelt(each.at)}：{each.told}" for each in found]
    return PolicyError("\n".join([f"政策文件 {name} 有{len(lines)}处错误：", *lines]))


def _spelt(at: Place) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in at) or "全文"


# ---------------------------------------------------------------------- what an entry must be


_UNKNOWN = "没有这样的项目，请核对名称"
_MISTAKES = {
    "missing": "缺少这一项",
    "extra_forbidden": _UNKNOWN,
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "string_type": "应为文字",
    "string_too_short": "不能为空",
    "string_too_long": "不能超过{max_length}个字",
    "string_pattern_mismatch": "含有看不见的字符，请重新输入",
    "too_short": "至少要有一项",
    "enum": "应为 {expected} 之一",
    "literal_error": "应为 {expected} 之一",
    "union_tag_invalid": "kind 应为 {expected_tags} 之一",
    "union_tag_not_found": "缺少 kind",
    "finite_number": "应为数字",
    "tuple_type": "应为列表",
    "model_type": "应为一组项目",
    "model_attributes_type": "应为一组项目",
    "greater_than": "应大于{gt}",
    "greater_than_equal": "应不小于{ge}",
    "less_than_equal": "应不大于{le}",
}


def _in_chinese(mistake: Any) -> str:
    told: str = _MISTAKES.get(mistake["type"], mistake["msg"])
    return told.format(**mistake.get("ctx", {})) if "{" in told else told


# ---------------------------------------------------------------------- how entries must agree


def _disagreements(table: Mapping[str, Any]) -> Iterator[Mistake]:
    """Tell where entries disagree with each other, in every part whose entries are right as such."""
    for name, (part, disagreements) in _PARTS.items():
        try:
            found = part.validate_python(table[name])
        except (KeyError, ValidationError):
            continue
        yield from (Mistake((name, *at), told) for at, told in disagreements(found))


def _criteria(criteria: tuple[Criterion, ...]) -> Iterator[Mistake]:
    spelt = {name: f"{label}（{name}）" for name, label in CRITERIA.items()}
    yield from _doubled("name", (each.name for each in criteria))
    for at, each in enumerate(criteria):
        if each.name not in CRITERIA:
            yield Mistake((at, "name"), f"没有“{each.name}”这个部分，应为 {'、'.join(spelt.values())} 之一")
    absent = CRITERIA.keys() - {each.name for each in criteria}
    yield from (Mistake((), f"缺少{spelt[name]}") for name in CRITERIA if name in absent)
    total = sum((Fraction(repr(each.weight)) for each in criteria), Fraction(0))
    if total != FULL_MARKS:
        yield Mistake((), f"各部分分值之和为{float(total):.15g}，应为{FULL_MARKS}")


def _grades(grades: tuple[Grade, ...]) -> Iterator[Mistake]:
    yield from _doubled("word", (each.word for each in grades))
    for at, (above, grade) in enumerate(pairwise(grades), 1):
        if grade.points_from >= above.points_from:
            told = f"等级须从高到低排列：应低于上一级“{above.word}”的{above.points_from:g}分"
            yield Mistake((at, "from"), told)
    if grades[-1].points_from != 0:
        yield Mistake((len(grades) - 1, "from"), "最低一级应从0分起，否则有的得分没有等级")


def _qualitative(qualitative: Qualitative) -> Iterator[Mistake]:
    bands = {"missed": qualitative.missed, "partly": qualitative.partly, "achieved": qualitative.achieved}
    for name, band in bands.items():
        if band.low > band.high:
            yield Mistake((name, "low"), f"下限{band.low:.15g}高于上限{band.high:.15g}")
    for (_, worse), (name, better) in pairwise(bands.items()):
        if better.low < worse.high:
            yield Mistake((name, "low"), f"应不低于较差一档的上限{worse.high:.15g}，否则两档重叠")


def _alerts(alerts: Alerts) -> Iterator[Mistake]:
    low, high = alerts.yuan_for_wan
    if low >= high:
        yield Mistake(("yuan_for_wan", 1), f"应大于前一个数{low:.15g}")


def _reference(reference: tuple[ReferencePoints, ...]) -> Iterator[Mistake]:
    yield from _doubled("measure", (each.measure for each in reference))
    for at, each in enumerate(reference):
        if each.measure not in MEASURE:
            yield Mistake((at, "measure"), f"没有“{each.measure}”这个指标，应为 {'、'.join(MEASURE)} 之一")
        if isinstance(each.curve, Lookup):
            bands = each.curve.bands
            for number, (low, high) in enumerate(pairwise(bands), 1):
                if low.upto >= high.upto or low.points <= high.points:
                    told = "各档的 upto 须从小到大，points 须从大到小"
                    yield Mistake((at, "curve", "table", "bands", number), told)
            if max(band.points for band in bands) > each.weight:
                yield Mistake((at, "curve", "table", "bands", 0), f"各档的 points 不能超过 weight（{each.weight:g}）")


def _severities(severities: tuple[OtherSeverity, ...]) -> Iterator[Mistake]:
    yield from _doubled("rule", (each.rule for each in severities))


def _doubled(key: str, values: Iterable[str]) -> Iterator[Mistake]:
    seen: Counter[str] = Counter()
    for at, value in enumerate(values):
        seen[value] += 1
        if seen[value] > 1:
            yield Mistake((at, key), f"“{value}”写了不止一次")


_PARTS: dict[str, tuple[TypeAdapter[Any], Callable[[Any], Iterator[Mistake]]]] = {
    "criteria": (TypeAdapter(tuple[Criterion, ...]), _criteria),
    "grades": (TypeAdapter(tuple[Grade, ...]), lambda grades: _grades(grades) if grades else iter(())),
    "qualitative": (TypeAdapter(Qualitative), _qualitative),
    "alerts": (TypeAdapter(Alerts), _alerts),
    "reference": (TypeAdapter(tuple[ReferencePoints, ...]), _reference),
    "severities": (TypeAdapter(tuple[OtherSeverity, ...]), _severities),
}
"""The parts of a policy whose entries must agree with each other: their type, and what tells where they do not."""
