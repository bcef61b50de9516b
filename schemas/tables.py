"""The tables that pass between stages: pandera schema, key and grain of each.

A table of ours that does not hold is our mistake and raises. What departments filed is checked by `FILED`: its
failures become findings (`pipeline.validation.run_rules`).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera import dtypes
from pandera.engines import pandas_engine

from schemas.enums import Alarm, Severity, Standing, State, Status
from schemas.lists.reviews import COLUMNS as REVIEWED
from schemas.lists.reviews import Effect
from schemas.rules.workbook_and_cells import NEGATIVE, NOT_WHOLE


@pandas_engine.Engine.register_dtype
@dtypes.immutable
class Text(pandas_engine.DataType):
    """A column of texts, told in one; pandera's own tells each value apart and so costs four times as much."""

    type: Any = pd.StringDtype(na_value=float("nan"))

    def check(self, pandera_dtype: dtypes.DataType, data_container: Any = None) -> bool:  # noqa: ARG002 - pandera's
        """Tell whether all values of a column are texts."""
        return pd.api.types.is_string_dtype(data_container)


# Looked up once: pandera tries to import libraries that are not there each time it is given a name.
_FLOAT, _COUNT = (pandas_engine.Engine.dtype(name) for name in ("float64", "int64"))


def _text(*, among: tuple[str, ...] = ()) -> pa.Column:
    return pa.Column(Text, pa.Check.isin(among) if among else None)


def _number(*, nullable: bool = True, least: float | None = None) -> pa.Column:
    return pa.Column(_FLOAT, pa.Check.ge(least) if least is not None else None, nullable=nullable)


def _table(key: tuple[str, ...], **columns: pa.Column) -> pa.DataFrameSchema:
    """Declare a table: its columns in the order of the contract, others allowed after them, and its key."""
    return pa.DataFrameSchema(columns, unique=list(key) or None, strict=False)


SUBMISSIONS = _table(
    ("source_file", "department"),
    department=_text(),
    fiscal_year=pa.Column("Int64", nullable=True),
    source_file=_text(),
    sha256=_text(),
    status=_text(among=tuple(Status)),
    reason=_text(),
    received=_text(),
    timeliness=_text(),
    state=_text(),
)
"""One row per file of the inbox, and one per department that must report and sent none."""

FACTS = _table(
    ("department", "field"),
    department=_text(),
    field=_text(),
    label=_text(),
    raw=_text(),
    value=pa.Column(object, nullable=True),
    sheet=_text(),
    cell=_text(),
    source_file=_text(),
)
"""One row per department × field of the forms: as written, as understood, and where."""

INDICATORS = _table(
    ("department", "row"),
    department=_text(),
    row=pa.Column(_COUNT, pa.Check.ge(1)),
    level1=_text(),
    level2=_text(),
    level3=_text(),
    target=_text(),
    actual=_text(),
    comparison=_text(),
    target_value=_number(),
    actual_value=_number(),
    unit=_text(),
    state=_text(among=tuple(State)),
    attainment=_number(),
    weight=_number(nullable=False, least=0),
    points=_number(nullable=False, least=0),
    self_points=_number(),
    explanation=_text(),
    sheet=_text(),
    cell=_text(),
    reviewed=_number(least=0),
    review=_text(),
)
"""One row per department × indicator row; ``reviewed`` are its points after a decision on it, and ``review`` that."""

FINDINGS = _table(
    ("department", "rule", "sheet", "cell", "field", "source_file", "label"),
    department=_text(),
    rule=_text(),
    severity=_text(among=tuple(Severity)),
    sheet=_text(),
    cell=_text(),
    field=_text(),
    stated=_text(),
    expected=_text(),
    message=_text(),
    remedy=_text(),
    source_file=_text(),
    standing=_text(among=tuple(Standing)),
    waiver=_text(),
    label=_text(),
)
"""One row per breach; ``waiver`` says why a waived one does not count and who decided, ``label`` what it is about."""

MEASURES = _table(
    ("department", "measure"),
    department=_text(),
    measure=_text(),
    label=_text(),
    numerator=_number(),
    denominator=_number(),
    value=_number(),
    reason=_text(),
)
"""One row per department × measure; a value that cannot be computed is blank with its reason."""

COUNTY = _table(
    ("measure",),
    measure=_text(),
    label=_text(),
    numerator=_number(),
    denominator=_number(),
    value=_number(),
    mean=_number(),
    median=_number(),
    departments=pa.Column(_COUNT, pa.Check.ge(0)),
    reason=_text(),
)
"""One row per measure of the whole county: the rate of the sums, and the mean and the median of the rates."""

REFERENCE = _table(
    ("department", "measure"),
    department=_text(),
    measure=_text(),
    label=_text(),
    value=_number(),
    weight=_number(nullable=False, least=0),
    points=_number(least=0),
    reason=_text(),
    source=_text(),
)
"""One row per department × measure that a scoring table elsewhere gives points for; no part of the 100."""

ALARMS = _table(
    ("department",),
    department=_text(),
    alarm=_text(among=tuple(Alarm)),
    reason=_text(),
)
"""One row per department: its gravest alarm, and why there are any, or why none can be told."""

CHANGES = _table(
    ("earlier_file", "later_file", "label"),
    department=_text(),
    label=_text(),
    before=_text(),
    after=_text(),
    sheet=_text(),
    cell=_text(),
    earlier_file=_text(),
    later_file=_text(),
)
"""One row per entry that differs between a superseded return and the one that counts."""

SCORES = _table(
    ("department", "criterion"),
    department=_text(),
    criterion=_text(),
    weight=_number(nullable=False, least=0),
    points=_number(nullable=False, least=0),
    self_points=_number(),
    difference=_number(),
    unreported_weight=_number(nullable=False, least=0),
    unjudged_weight=_number(nullable=False, least=0),
    reviewed_points=_number(least=0),
    open_weight=_number(nullable=False, least=0),
    review=_text(),
)
"""One row per department × criterion, and one for the total; what the reviewer decided beside what was computed."""

REVIEWS = _table(
    (),
    **{name: _text() for name in REVIEWED},
    effect=_text(among=tuple(Effect)),
)
"""One row per thing that waits for a decision, and one per line on which something was decided."""

SUMMARY = _table(
    ("department",),
    department=_text(),
    status=_text(among=tuple(Status)),
    points=_number(),
    grade=_text(),
    provisional=pa.Column(bool),
    self_points=_number(),
    self_grade=_text(),
    difference=_number(),
    rank=pa.Column("Int64", nullable=True),
    errors=pa.Column(_COUNT, pa.Check.ge(0)),
    warnings=pa.Column(_COUNT, pa.Check.ge(0)),
    waived=pa.Column(_COUNT, pa.Check.ge(0)),
    reviewed_points=_number(),
    reviewed_grade=_text(),
    timeliness=_text(),
    deadline=_text(),
)
"""One row per department."""


def _not_negative() -> pa.Check:
    """A check named as its rule; pandera's own ``ge`` would be reported under its error text."""
    return pa.Check(lambda values: values >= 0, name=NEGATIVE.id)


FILED = pa.DataFrameSchema(
    {
        "value": pa.Column(_FLOAT, _not_negative(), nullable=True),
        "people": pa.Column(_FLOAT, pa.Check(lambda values: values % 1 == 0, name=NOT_WHOLE.id), nullable=True),
    }
)
"""One row per department × field that is a number: the ``value`` it filed, not negative, and the same again as
``people`` where these are counted, whole. A failed check is named as its rule."""

FILED_ROWS = pa.DataFrameSchema(
    {name: pa.Column(_FLOAT, _not_negative(), nullable=True) for name in ("filed_weight", "filed_self_points")}
)
"""One row per department × indicator row: weights and points as filed, not negative."""
