"""The policy of a fiscal year: weights, grades, tolerances and thresholds, each with its source."""

from __future__ import annotations

import hashlib
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from schemas.enums import Severity
from schemas.errors import MistakeError

POLICIES = Path(__file__).parent / "policies"

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Text = Annotated[str, Field(min_length=1)]
FULL_MARKS = 100


class PolicyError(MistakeError):
    """A policy file that cannot be used; the message lists all its mistakes, in Chinese."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Criterion(_Table):
    """A part of the 100 points."""

    name: Text
    label: Text
    weight: Positive
    source: Text


class Grade(_Table):
    """A word of the grading scale and the points from which it is given."""

    word: Text
    points_from: Annotated[float, Field(ge=0, alias="from")]
    source: Text


class Band(_Table):
    """A qualitative band: share of the weight from ``low`` to ``high``, told by its words."""

    low: Share
    high: Share
    words: tuple[Text, ...]


class Affirmed(_Table):
    """Words that count as fulfilling a measure."""

    words: tuple[Text, ...]
    source: Text


class Qualitative(_Table):
    """How an actual in words is banded (method section 5)."""

    source: Text
    set_aside: tuple[Text, ...]
    missed: Band
    partly: Band
    achieved: Band
    affirmed: Affirmed
    whole: tuple[Text, ...] = ()
    """Short words that affirm only as the whole of an actual, where the target has them too: 有, 高."""


class Names(_Table):
    """Words in the name of an indicator that tell what it can be."""

    words: tuple[Text, ...]
    source: Text


class Tolerance(_Table):
    """How far a stated figure may be from the computed one; ``amount`` is for each figure that was rounded (万元)."""

    amount: Positive
    amount_source: Text
    rate: Positive
    rate_source: Text
    points: Positive
    points_source: Text


class Alerts(_Table):
    """From where on a figure is pointed out."""

    far_above_target: Positive
    far_above_target_source: Text
    self_difference: Positive
    self_difference_source: Text
    outturn_off_budget: Positive
    outturn_off_budget_source: Text
    yuan_for_wan: tuple[Positive, Positive]
    yuan_for_wan_source: Text
    low_execution: Positive
    low_execution_source: Text
    budget_changed: Positive
    budget_changed_source: Text
    county_least: Annotated[int, Field(ge=3)]
    county_least_source: Text
    county_deviation: Positive
    county_deviation_source: Text


class OtherSeverity(_Table):
    """A rule that this year's policy finds graver, or less grave, than the register does."""

    rule: Text
    severity: Severity
    reason: Text


class Linear(_Table):
    """Points that fall in proportion: ``per_point`` for each percentage point above, or below, the ``limit``."""

    kind: Literal["linear"]
    direction: Literal["above", "below"]
    limit: float
    per_point: Positive


class WholeSteps(_Table):
    """Points that fall by ``per_step`` for each whole ``step`` (a fraction) off ``limit``, on one side or either."""

    kind: Literal["whole_steps"]
    direction: Literal["above", "below", "either"]
    limit: float
    step: Positive
    per_step: Positive


class UpTo(_Table):
    """The points of a value that is at most ``upto``."""

    upto: Annotated[float, Field(ge=0)]
    points: Annotated[float, Field(ge=0)]


class Lookup(_Table):
    """Points read from a table by the size of a value, whatever its sign; beyond the last band there are none."""

    kind: Literal["table"]
    bands: Annotated[tuple[UpTo, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if any(low.upto >= high.upto or low.points <= high.points for low, high in pairwise(self.bands)):
            message = "各档的 upto 须从小到大，points 须从大到小"
            raise ValueError(message)
        return self


class ReferencePoints(_Table):
    """What a scoring table in use elsewhere gives for a measure, at most ``weight``; no part of the 100 points.

    ``measure`` is the name of one in `schemas.measures`, ``label`` what the scoring table calls it.
    """

    measure: Text
    label: Text
    weight: Positive
    curve: Annotated[Linear | WholeSteps | Lookup, Field(discriminator="kind")]
    source: Text

    @model_validator(mode="after")
    def _within_weight(self) -> Self:
        if isinstance(self.curve, Lookup) and self.curve.bands[0].points > self.weight:
            message = "各档的 points 不能超过 weight"
            raise ValueError(message)
        return self


class Alarms(_Table):
    """From where on an alarm is raised.

    ``red_lag``: how far execution may lag behind the share of the indicators' points, as a part of that share.
    ``yellow_unspent``: how much of the budget may be unspent, as a part of it. Red and yellow begin above these.
    """

    red_lag: Share
    red_lag_source: Text
    yellow_unspent: Share
    yellow_unspent_source: Text


class Policy(_Table):
    """The policy of one fiscal year; ``sha256`` is that of the file's bytes."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    circular: Text
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    grades: Annotated[tuple[Grade, ...], Field(min_length=1)]
    qualitative: Qualitative
    tolerance: Tolerance
    alerts: Alerts
    at_most_whole: Names
    less_is_better: Names = Names(words=(), source="未列")
    """Without a word of comparison, the target of such an indicator is an upper bound; policies before had none."""
    cost: Names = Names(words=(), source="未列")
    """What else indicators of cost are called, as first or second level; policies before had none."""
    inputs: Names
    alarms: Alarms
    reference: tuple[ReferencePoints, ...] = ()
    severities: tuple[OtherSeverity, ...] = ()
    sha256: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        total = sum(criterion.weight for criterion in self.criteria)
        if total != FULL_MARKS:
            message = f"各部分分值之和为{total:g}，应为{FULL_MARKS}"
            raise ValueError(message)
        cuts = [grade.points_from for grade in self.grades]
        if any(low >= high for high, low in pairwise(cuts)) or cuts[-1] != 0:
            message = "等级须从高到低排列，最低一级的 from 为0"
            raise ValueError(message)
        measures = [each.measure for each in self.reference]
        if len(measures) > len(set(measures)):
            message = "reference 中同一个指标只能写一次"
            raise ValueError(message)
        return self

    def weight(self, criterion: str) -> float:
        """Give the weight of a criterion in points."""
        return next(found.weight for found in self.criteria if found.name == criterion)

    def label(self, criterion: str) -> str:
        """Give the Chinese name of a criterion."""
        return next(found.label for found in self.criteria if found.name == criterion)

    def in_words(self) -> dict[str, str]:
        """Give weights and grades as the form's notes print them."""
        weights = "、".join(f"{found.label}{found.weight:g}分" for found in self.criteria)
        words = [f"{self.grades[0].word}（S≥{self.grades[0].points_from:g}）"]
        for above, grade in pairwise(self.grades):
            low = f"S≥{grade.points_from:g}" if grade.points_from else "S"
            span = f"{above.points_from:g}＞{low}" if grade.points_from else f"S＜{above.points_from:g}"
            words.append(f"{grade.word}（{span}）")
        return {"total": f"{FULL_MARKS}", "weights": weights, "grades": "、".join(words)}


def years() -> list[int]:
    """Give the fiscal years that have a policy, oldest first."""
    return sorted(int(path.stem) for path in POLICIES.glob("[0-9][0-9][0-9][0-9].toml"))


def load(year: int, folder: Path = POLICIES) -> Policy:
    """Load the policy of a year; `PolicyError` lists every mistake in the file."""
    path = folder / f"{year}.toml"
    try:
        content = path.read_bytes()
        table = tomllib.loads(content.decode("utf-8"))
        policy = Policy.model_validate(table | {"sha256": hashlib.sha256(content).hexdigest()})
    except FileNotFoundError as error:
        message = f"没有{year}年度的政策文件 {path.name}；现有年度：{'、'.join(map(str, years()))}。"
        todo = "年度写错的请改正；新的一年要先有政策文件，见使用手册“评分办法”。"
        raise PolicyError(f"{message}\n{todo}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"政策文件 {path.name} 的格式有误：{error}"
        raise PolicyError(message) from error
    except ValidationError as error:
        lines = [f"政策文件 {path.name} 有{error.error_count()}处错误：", *map(_in_chinese, error.errors())]
        raise PolicyError("\n".join(lines)) from error
    if policy.year != year:
        message = f"政策文件 {path.name} 写的年度是{policy.year}"
        raise PolicyError(message)
    return policy


_MISTAKES = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这样的项目，请核对名称",
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "string_type": "应为文字",
    "string_too_short": "不能为空",
    "too_short": "至少要有一项",
    "enum": "应为 {expected} 之一",
    "literal_error": "应为 {expected} 之一",
    "union_tag_invalid": "kind 应为 {expected_tags} 之一",
    "union_tag_not_found": "缺少 kind",
    "finite_number": "应为数字",
    "tuple_type": "应为列表",
    "greater_than": "应大于{gt}",
    "greater_than_equal": "应不小于{ge}",
    "less_than_equal": "应不大于{le}",
}


def _in_chinese(mistake: Any) -> str:
    place = ".".join(str(part + 1) if isinstance(part, int) else part for part in mistake["loc"])
    told = _MISTAKES.get(mistake["type"], mistake["msg"].removeprefix("Value error, "))
    return f"  {place or '全文'}：{told.format(**mistake.get('ctx', {})) if '{' in told else told}"
