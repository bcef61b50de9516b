"""Declare the relations that must hold between the figures of a return: sums, parts, both annexes, rates, last year.

They are what the rules on figures check, what the blank form checks while it is typed, and what the search for the
wrong figure (`pipeline.localisation`) is bound by.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from schemas.forms import FIELDS, parts_of
from schemas.forms.annex_1_1 import ANNEX_1_1
from schemas.forms.model import Grid

COLUMNS = ("outturn", "budget", "prior_outturn")
"""The columns of 附件1-1's table of expenses."""
LAST = "last_"
"""Before the name of a field: the figure that the same department reported last year."""


LINES = tuple(row.name for part in ANNEX_1_1.flat() if isinstance(part, Grid) for row in part.rows)
"""The lines of 附件1-1's table of expenses, from the top down."""


class RelationKind(StrEnum):
    """How the two sides of a relation compare."""

    EQUAL = "equal"
    """The whole is the sum of its parts; a blank part counts nothing."""
    AT_MOST = "at_most"
    """The parts together are at most the whole."""
    RATIO = "ratio"
    """The whole is the first part divided by the second."""


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """One relation between figures. Each is declared once, and equal to itself alone.

    Attributes:
        rule: id of the rule that reports a breach.
        kind: how the sides compare.
        whole: the field on the left side.
        parts: the fields on the right side.
        words: what holds, in Chinese, as evidence quotes it.
        firm: whether it must hold; one that is not may be broken for a good reason (another basis of the budget, last
            year's figure corrected since), so beside others it only makes one explanation likelier than another.
        needs: fields without which it is not checked, since another edition of the form has others in their place.
    """

    rule: str
    kind: RelationKind
    whole: str
    parts: tuple[str, ...]
    words: str
    firm: bool = True
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = field(init=False)
    """All fields of the relation, the whole first."""

    def __post_init__(self) -> None:
        """Put the fields together once: the search asks for them very often."""
        object.__setattr__(self, "fields", (self.whole, *self.parts))


PROJECT_LINES = ("project_operations", "project_maintenance", "project_county")
"""The lines below 项目支出; 政府采购金额 cuts across them and is no part of the sum."""
BASIC_PARTS = ("general_cut", "three_public")
"""What stands below 基本支出 as 其中, each a part of it."""


def _sum(rule: str, whole: str) -> Relation:
    words = f"“{FIELDS[whole].label}”等于各分项之和"
    return Relation(rule, RelationKind.EQUAL, whole, parts_of(whole), words)


def _same(rule: str, whole: str, other: str, words: str) -> Relation:
    return Relation(rule, RelationKind.EQUAL, whole, (other,), f"附件1-1与附件1-2的{words}一致")


def _within(rule: str, whole: str, *parts: str) -> Relation:
    names = "、".join(FIELDS[part].label.split("·")[0] for part in parts)
    return Relation(rule, RelationKind.AT_MOST, whole, parts, f"{names}不大于“{FIELDS[whole].label}”")


def _sources(whole: str, *parts: str) -> Relation:
    """Relate funds to their sources in forms that have 当年财政拨款 and others below the total."""
    return replace(_within("funds_below_sources", whole, *parts), needs=parts[:1])


def _rate(rule: str, whole: str, numerator: str, denominator: str) -> Relation:
    words = f"“{FIELDS[whole].label}”等于{FIELDS[numerator].label} ÷ {FIELDS[denominator].label}"
    return Relation(rule, RelationKind.RATIO, whole, (numerator, denominator), words)


def _last(name: str, of_last_year: str) -> Relation:
    words = f"“{FIELDS[name].label}”与上年度报送的一致"
    return Relation("prior_outturn_differs", RelationKind.EQUAL, name, (LAST + of_last_year,), words, firm=False)


RELATIONS: tuple[Relation, ...] = (
    *(_sum("three_public_sum", f"three_public_{column}") for column in COLUMNS),
    *(_sum("vehicles_sum", f"vehicles_{column}") for column in COLUMNS),
    *(_within("part_above_whole", f"basic_{column}", f"{part}_{column}") for part in BASIC_PARTS for column in COLUMNS),
    *(
        _within("project_lines_above", f"project_{column}", *(f"{line}_{column}" for line in PROJECT_LINES))
        for column in COLUMNS
    ),
    _same("three_public_differs", "three_public_outturn", "spending_three_public", "“三公经费”"),
    _same("basic_differs", "basic_outturn", "spending_basic", "基本支出"),
    _same("project_differs", "project_outturn", "spending_project", "项目支出"),
    _sum("income_sum", "funds_budget"),
    _sum("spending_sum", "funds_executed"),
    _sum("basic_sum", "spending_basic"),
    _within("part_above_whole", "spending_operating", "spending_three_public"),
    _sources("funds_budget", "income_fiscal", "income_carryover", "income_other"),
    _sources("funds_executed", "spending_fiscal"),
    Relation(
        "budget_differs",
        RelationKind.EQUAL,
        "funds_budget",
        ("basic_budget", "project_budget"),
        "全年预算数等于附件1-1的基本支出与项目支出预算之和",
        firm=False,
    ),
    _rate("staffing_rate_stated", "staffing_control_rate_stated", "staff_in_post", "authorised_posts"),
    _rate("execution_rate_stated", "funds_rate_stated", "funds_executed", "funds_budget"),
    *(_last(f"{line}_prior_outturn", f"{line}_outturn") for line in LINES),
)  # fmt: skip
"""Every relation between figures of one department."""


def relations(rule: str) -> tuple[Relation, ...]:
    """Give the relations that a rule checks, in their order."""
    return tuple(each for each in RELATIONS if each.rule == rule)


def relation(rule: str, whole: str, first_part: str = "") -> Relation:
    """Give the relation that a rule checks of a whole; where it has several, the one whose parts begin so."""
    return next(
        each for each in RELATIONS
        if (each.rule, each.whole) == (rule, whole) and each.parts[0].startswith(first_part)
    )  # fmt: skip
