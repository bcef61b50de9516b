"""Every mistake of a policy at once: what each entry must be, and how the entries must agree with each other."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from schemas.enums import EXECUTION
from schemas.errors import MistakeError
from schemas.forms import FORMS
from schemas.measures import MEASURE
from schemas.policy.model import (
    FULL_MARKS,
    Band,
    Criterion,
    Grade,
    Lookup,
    Policy,
    ReferencePoints,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Place = tuple[str | int, ...]
"""Where an entry stands: keys, and positions from 0 in lists, ("criteria", 1, "weight")."""

CRITERIA: dict[str, str] = {
    EXECUTION: "预算执行率",
    **{block.criterion: block.words for form in FORMS if form.indicators for block in form.indicators.blocks},
}
"""The parts of the 100 points that the forms have, and what the forms call them: a policy weighs each of them."""


NOT_IN_FILE = {"year", "file", "sha256"}
"""What a policy has that its file does not say."""


BANDS = ("missed", "partly", "achieved")
"""The bands of qualitative answers, the worst first."""
PAIR = 2


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
        told = [Mistake(each["loc"], _in_chinese(each)) for each in error.errors()]
        # The year that is not said is no mistake beside that of a first year that cannot be read.
        found += [each for each in told if each.at[:1] != ("year",)] or told
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
    "dict_type": "应为一组项目",
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
    """Tell where entries disagree with each other, as far as they are right as such."""
    yield from _criteria(_entries(table, "criteria", Criterion), _listed(table, "criteria"))
    yield from _grades(_entries(table, "grades", Grade))
    qualitative = table.get("qualitative")
    bands = {name: _valid(qualitative.get(name), Band) for name in BANDS} if isinstance(qualitative, dict) else {}
    yield from _bands({name: band for name, band in bands.items() if band})
    alerts = table.get("alerts")
    yield from _factors(alerts.get("yuan_for_wan") if isinstance(alerts, dict) else None)
    yield from _reference(_entries(table, "reference", ReferencePoints))
    for name, key in (("criteria", "name"), ("grades", "word"), ("reference", "measure"), ("severities", "rule")):
        yield from _doubled(name, key, _listed(table, name))


_Part = TypeVar("_Part", bound=BaseModel)


def _listed(table: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Give the entries of a list, as far as they are any."""
    found = table.get(name)
    return [each if isinstance(each, dict) else {} for each in found] if isinstance(found, list) else []


def _valid(entry: Any, kind: type[_Part]) -> _Part | None:
    try:
        return kind.model_validate(entry)
    except ValidationError:
        return None


def _entries(table: Mapping[str, Any], name: str, kind: type[_Part]) -> list[_Part | None]:
    """Give the entries of a list, None for each that is not right as such."""
    return [_valid(each, kind) for each in _listed(table, name)]


def _criteria(criteria: list[Criterion | None], written: list[dict[str, Any]]) -> Iterator[Mistake]:
    spelt = {name: f"{label}（{name}）" for name, label in CRITERIA.items()}
    names = [each.get("name") for each in written]
    for at, name in enumerate(names):
        if isinstance(name, str) and name not in CRITERIA:
            told = f"没有“{name}”这个部分，应为 {'、'.join(spelt.values())} 之一"
            yield Mistake(("criteria", at, "name"), told)
    if names:
        yield from (Mistake(("criteria",), f"缺少{spelt[name]}") for name in CRITERIA if name not in names)
    weights = [Fraction(repr(each.weight)) for each in criteria if each]
    if weights and len(weights) == len(criteria) and sum(weights) != FULL_MARKS:
        told = f"各部分分值之和为{float(sum(weights)):.15g}，应为{FULL_MARKS}"
        yield Mistake(("criteria",), told)


def _grades(grades: list[Grade | None]) -> Iterator[Mistake]:
    for at, (above, grade) in enumerate(pairwise(grades), 1):
        if above and grade and grade.points_from >= above.points_from:
            told = f"等级须从高到低排列：应低于上一级“{above.word}”的{above.points_from:g}分"
            yield Mistake(("grades", at, "from"), told)
    lowest = grades[-1] if grades else None
    if lowest and lowest.points_from != 0:
        yield Mistake(("grades", len(grades) - 1, "from"), "最低一级应从0分起，否则有的得分没有等级")


def _bands(bands: dict[str, Band]) -> Iterator[Mistake]:
    for name, band in bands.items():
        if band.low > band.high:
            yield Mistake(("qualitative", name, "low"), f"下限{band.low:.15g}高于上限{band.high:.15g}")
    for (_, worse), (name, better) in pairwise(bands.items()):
        if better.low < worse.high and better.low <= better.high and worse.low <= worse.high:
            told = f"应不低于较差一档的上限{worse.high:.15g}，否则两档重叠"
            yield Mistake(("qualitative", name, "low"), told)


def _factors(pair: Any) -> Iterator[Mistake]:
    numbers = [each for each in pair if isinstance(each, (int, float))] if isinstance(pair, list) else []
    if len(numbers) == len(pair or ()) == PAIR and numbers[0] >= numbers[1]:
        yield Mistake(("alerts", "yuan_for_wan", 1), f"应大于前一个数{numbers[0]:.15g}")


def _reference(reference: list[ReferencePoints | None]) -> Iterator[Mistake]:
    for at, each in enumerate(reference):
        if each and each.measure not in MEASURE:
            told = f"没有“{each.measure}”这个指标，应为 {'、'.join(MEASURE)} 之一"
            yield Mistake(("reference", at, "measure"), told)
        if each and isinstance(each.curve, Lookup):
            yield from (Mistake(("reference", at, *place), told) for place, told in _lookup(each.curve, each.weight))


def _lookup(curve: Lookup, weight: float) -> Iterator[Mistake]:
    at = ("curve", "table", "bands")
    for number, (low, high) in enumerate(pairwise(curve.bands), 1):
        if low.upto >= high.upto or low.points <= high.points:
            yield Mistake((*at, number), "各档的 upto（不超过）须从小到大，points（得分）须从大到小")
    if max(band.points for band in curve.bands) > weight:
        yield Mistake((*at, 0), f"各档的 points（得分）不能超过满分{weight:g}")


def _doubled(name: str, key: str, written: list[dict[str, Any]]) -> Iterator[Mistake]:
    seen: set[str] = set()
    for at, value in enumerate(each.get(key) for each in written):
        if isinstance(value, str) and value.strip() in seen:
            yield Mistake((name, at, key), f"“{value.strip()}”写了不止一次")
        seen |= {value.strip()} if isinstance(value, str) else set()
