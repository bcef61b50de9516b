"""Draw the indicator rows of a department: from the pool of its kind, with weights, actuals and claimed points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.demo.words import indicator_pool
from schemas.forms import INDICATORS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from schemas.policy import Policy

_MISSED = 0.04
"""The share of quantities that miss their target, with a reason."""
_FULL = 0.8
"""The share of rows that claim all their points."""
_WHOLE = 0.3
"""The share of rates that are reported as 100%."""
_WORDY = ("economic", "social", "ecological", "sustained")
_AT_LEAST = ("≥{}", "不低于{}", "不少于{}", "{}以上", "{}")
_STEPS = ((1000, 100), (200, 10), (50, 5))


@dataclass(slots=True)
class IndicatorLine:
    """An indicator row as a clerk fills it in; a blank is "".

    ``aspect`` is the name of the level-2 aspect; ``number`` and ``unit`` are the target in figures, 0 where it is in
    words; ``touched`` says that the row has a fault.
    """

    aspect: str
    level3: str
    target: str
    actual: str | float
    number: int = 0
    unit: str = ""
    weight: str | float = ""
    self_points: str | float = ""
    touched: bool = False

    @property
    def criterion(self) -> str:
        """The criterion that its points belong to."""
        return _PLACES[self.aspect][0]


_PLACES = {
    aspect.name: (block.criterion, block.words, aspect.words) for block in INDICATORS.blocks for aspect in block.aspects
}
"""Aspect → criterion, level-1 words, level-2 words."""


def as_template_rows(lines: Iterable[IndicatorLine], policy: Policy) -> list[dict[str, Any]]:
    """Give the rows as `pipeline.workbooks.template.workbook` takes them."""
    rows = []
    for line in lines:
        criterion, level1, level2 = _PLACES[line.aspect]
        rows.append(
            {
                "criterion": criterion,
                "level1": f"{level1}（{policy.weight(criterion):g}分）",
                "level2": level2,
                "level2_cell": line.aspect,
                "level3": line.level3,
                "target": line.target,
                "actual": line.actual,
                "weight": line.weight,
                "self_points": line.self_points,
            }
        )
    return rows


def draw_lines(random: Random, kind: str, policy: Policy) -> list[IndicatorLine]:
    """Draw 6 to 30 rows for a kind of department; each block has the weight of the policy."""
    care = random.betavariate(1.3, 2.4)  # how much a department reports
    found = [
        *(_quantity(random, each) for each in _some(random, indicator_pool(kind, "quantity"), 8, care)),
        *(_rate(random, "quality", *each) for each in _some(random, indicator_pool(kind, "rates"), 5, care)),
        *(_in_time(random, each, policy.year) for each in _some(random, indicator_pool(kind, "timeliness"), 4, care)),
        *(_cost(random, each) for each in _some(random, indicator_pool(kind, "cost"), 3, care)),
        *_benefits(random, kind, care),
        *(
            _rate(random, "satisfaction", each, 88)
            for each in _some(random, indicator_pool(kind, "satisfaction"), 2, care)
        ),
    ]
    for block in INDICATORS.blocks:
        _weigh(random, [line for line in found if line.criterion == block.criterion], policy.weight(block.criterion))
    for line in found:
        _claim(random, line)
    return found


def _some(random: Random, choices: tuple[Any, ...], most: int, care: float) -> list[Any]:
    """Choose one or more, more with more care; the first choices, those of the kind itself, are more likely."""
    count = min(len(choices), 1 + round((most - 1) * min(1.0, care * random.uniform(0.7, 1.5))))
    within = min(len(choices), max(count, 4) + 1)
    return [choices[at] for at in sorted(random.sample(range(within), count))]


def _benefits(random: Random, kind: str, care: float) -> list[IndicatorLine]:
    aspects = [aspect for aspect in _WORDY if aspect == "social" or random.random() < 2 * care]
    return [
        IndicatorLine(aspect, *each)
        for aspect in aspects
        for each in _some(random, indicator_pool(kind, aspect), 2, care)
    ]


def _quantity(random: Random, item: tuple[str, str, int, int]) -> IndicatorLine:
    name, unit, least, most = item
    number = _as_planned(random.randint(least, most))
    share = random.uniform(0.8, 0.98) if random.random() < _MISSED else random.choice((1.0, random.uniform(1.0, 1.35)))
    actual = int(number * share)
    target = random.choice(_AT_LEAST).format(f"{number}{unit}")
    return IndicatorLine("quantity", name, target, f"{actual}{unit}", number, unit)


def _as_planned(number: int) -> int:
    """Round a number as plans are rounded: nobody plans 1,237 visits."""
    for least, step in _STEPS:
        if number >= least:
            return number // step * step
    return number


def _rate(random: Random, aspect: str, name: str, least: int) -> IndicatorLine:
    target = min(100, least + random.choice((0, 0, 2, -3)))
    actual = "100%" if random.random() < _WHOLE else f"{random.uniform(target, 100):.1f}%"
    return IndicatorLine(
        aspect, name, random.choice(("≥{}%", "不低于{}%", "{}%以上")).format(target), actual, target, "%"
    )


def _in_time(random: Random, name: str, year: int) -> IndicatorLine:
    if name.endswith("率"):
        return _rate(random, "timeliness", name, 95)
    month = random.randint(6, 12)
    target = random.choice((f"{year}年12月31日前", f"{year}年{month}月底前", f"{year}年底前"))
    return IndicatorLine("timeliness", name, target, random.choice(("按时完成", "如期完成", "按期完成")))


def _cost(random: Random, item: tuple[str, str, int, int]) -> IndicatorLine:
    name, unit, least, most = item
    number = _as_planned(random.randint(least, most))
    actual = f"{number * random.uniform(0.82, 1.0):.2f}".rstrip("0").rstrip(".")
    return IndicatorLine(
        "cost", name, random.choice(("≤{}", "不超过{}", "{}以内")).format(f"{number}{unit}"), f"{actual}{unit}"
    )


def _weigh(random: Random, block: list[IndicatorLine], whole: float) -> None:
    """Divide the points of a block among its rows, whole points, at least one each."""
    points, over = divmod(int(whole), len(block))
    more = set(random.sample(range(len(block)), over))
    for at, line in enumerate(block):
        line.weight = float(points + (at in more))


def _claim(random: Random, line: IndicatorLine) -> None:
    """Draw the points that the department claims for a row: mostly all, otherwise at least nine tenths for words."""
    weight = float(line.weight)
    share = 1.0 if random.random() < _FULL else random.choice((0.9, 0.95))
    if line.aspect == "quantity":
        share = min(share, int(str(line.actual).removesuffix(line.unit)) / line.number)
    line.self_points = round(weight * share, 1) if weight > 1 else weight
