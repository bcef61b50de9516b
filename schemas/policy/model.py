"""What a policy says: weights, grades, tolerances and thresholds, each with its source.

Numbers keep the 15 digits that a spreadsheet keeps, and texts what a cell of one can hold, so that a policy in TOML and
the same one in a workbook say the same.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from schemas.enums import Severity

FULL_MARKS = 100
DIGITS = 15
"""What a spreadsheet keeps of a number."""
LONGEST = 2000
"""Characters of a text: far more than any of ours has, far fewer than a cell holds."""

Number = Annotated[float, AfterValidator(lambda value: float(f"{value:.{DIGITS}g}"))]
Share = Annotated[Number, Field(ge=0, le=1)]
Positive = Annotated[Number, Field(gt=0)]
Points = Annotated[Number, Field(ge=0, le=FULL_MARKS)]
Year = Annotated[int, Field(ge=2000, le=2100)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST, pattern=r"^(?:[^\p{C}]|\n)*$")]
"""A text that may be blank, without marks that nobody sees."""
Text = Annotated[Line, Field(min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Issuer(_Table):
    """Who issues the circular, as documents print it; what is blank is left to be filled in by hand."""

    county: Line = ""
    seal: Line = ""
    contact: Line = ""
    telephone: Line = ""


class Criterion(_Table):
    """A part of the 100 points."""

    name: Text
    label: Text
    weight: Annotated[Number, Field(gt=0, le=FULL_MARKS)]
    source: Text


class Grade(_Table):
    """A word of the grading scale and the points from which it is given."""

    word: Text
    points_from: Annotated[Points, Field(alias="from")]
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
    limit: Number
    per_point: Positive


class WholeSteps(_Table):
    """Points that fall by ``per_step`` for each whole ``step`` (a fraction) off ``limit``, on one side or either."""

    kind: Literal["whole_steps"]
    direction: Literal["above", "below", "either"]
    limit: Number
    step: Positive
    per_step: Positive


class UpTo(_Table):
    """The points of a value that is at most ``upto``."""

    upto: Annotated[Number, Field(ge=0)]
    points: Annotated[Number, Field(ge=0)]


class Lookup(_Table):
    """Points read from a table by the size of a value, whatever its sign; beyond the last band there are none."""

    kind: Literal["table"]
    bands: Annotated[tuple[UpTo, ...], Field(min_length=1)]


class ReferencePoints(_Table):
    """What a scoring table in use elsewhere gives for a measure, at most ``weight``; no part of the 100 points.

    ``measure`` is the name of one in `schemas.measures`, ``label`` what the scoring table calls it.
    """

    measure: Text
    label: Text
    weight: Positive
    curve: Annotated[Linear | WholeSteps | Lookup, Field(discriminator="kind")]
    source: Text


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
    """The policy by which a fiscal year is evaluated.

    Attributes:
        year: the fiscal year evaluated.
        since: the first fiscal year that the policy holds for; it holds until a later one takes its place.
        file: what its file is called, and ``sha256`` that of the file's bytes.
    """

    since: Year
    circular: Text
    issuer: Issuer = Issuer()
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
    year: Year
    file: str = ""
    sha256: str = ""

    @property
    def is_of_its_year(self) -> bool:
        """Whether the policy was made for the very year evaluated, and not for an earlier one."""
        return self.since == self.year

    @property
    def in_place(self) -> str:
        """Say that the policy was made for an earlier year and still holds; "" where it was made for the very year."""
        return "" if self.is_of_its_year else f"{self.year}年度没有单独的评分办法，沿用{self.title}。"

    @property
    def title(self) -> str:
        """What the policy is called in messages: 某财绩〔2022〕1号（2021年度起）."""
        return f"{self.circular}（{self.since}年度起）"

    def from_its_year(self) -> Policy:
        """Give the same policy as one that begins with the year that it is used for."""
        return self.model_copy(update={"since": self.year})

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
