"""The words for what becomes of a file, of an indicator and of its weight, and what people call them."""

from enum import StrEnum

EXECUTION = "execution"
"""The criterion that is scored from the funds (预算执行率) and not from indicators."""
TOTAL = "total"
"""The sum of all criteria, as a row of the scores."""
STATED, EXPECTED = "填写", "应填或参考"
"""What people call what a finding has found, and what that is held against: the figure it must be, or one beside it."""


class Status(StrEnum):
    """What becomes of a file of the inbox, or of a department that sent none."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    MISSING = "missing"
    IGNORED = "ignored"

    @property
    def label(self) -> str:
        """What it is called in workbooks."""
        return _STATUSES[self]


_STATUSES = {
    Status.ACCEPTED: "已评价",
    Status.ACCEPTED_WITH_ERRORS: "已评价（有错误）",
    Status.REJECTED: "未读取",
    Status.DUPLICATE: "重复",
    Status.SUPERSEDED: "已被替代",
    Status.MISSING: "未报送",
    Status.IGNORED: "已略过",
}
EVALUATED = (Status.ACCEPTED, Status.ACCEPTED_WITH_ERRORS)
"""What becomes of a return that is evaluated."""


class State(StrEnum):
    """What can be said of an indicator."""

    MET = "met"
    PARTLY = "partly"
    QUALITATIVE = "qualitative"
    UNREPORTED = "unreported"
    UNJUDGED = "unjudged"

    @property
    def label(self) -> str:
        """What it is called in workbooks."""
        return _LABELS[self]


_LABELS = {
    State.MET: "完成",
    State.PARTLY: "部分完成",
    State.QUALITATIVE: "定性",
    State.UNREPORTED: "未填报",
    State.UNJUDGED: "待定",
}


class Basis(StrEnum):
    """Where the weight of an indicator comes from (method section 2)."""

    OWN = "own"
    """Its own 分值."""
    SHARED = "shared"
    """A share of a merged cell over several rows."""
    SCALED = "scaled"
    """Its own, scaled because those of the block do not add up."""
    BLOCK = "block"
    """An equal share of the block's."""
    LEFT = "left"
    """An equal share of what the other rows leave."""


class Standing(StrEnum):
    """Whether a finding counts against its department."""

    COUNTED = "counted"
    TRIAL = "trial"
    """Of a rule that is only tried."""
    WAIVED = "waived"
    """The bureau has decided that it does not count: by a waiver (豁免), or on review (复核意见)."""
    FOLLOWS = "follows"
    """It follows from a wrong figure that another finding names, and goes when that figure is corrected."""

    @property
    def label(self) -> str:
        """What it is called in workbooks, "" for one that counts."""
        return _STANDINGS[self]


_STANDINGS = {Standing.COUNTED: "", Standing.TRIAL: "试行", Standing.WAIVED: "不计", Standing.FOLLOWS: "由此产生"}


class Alarm(StrEnum):
    """An alarm over a department's execution and results, gravest first."""

    RED = "red"
    YELLOW = "yellow"
    NONE = ""

    @property
    def label(self) -> str:
        """What it is called in workbooks, "" for none."""
        return {Alarm.RED: "红色预警", Alarm.YELLOW: "黄色预警", Alarm.NONE: ""}[self]


class Severity(StrEnum):
    """How grave a finding is, gravest first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def label(self) -> str:
        """What it is called in workbooks."""
        return _SEVERITIES[self]


_SEVERITIES = {Severity.ERROR: "错误", Severity.WARNING: "提醒", Severity.INFO: "提示"}
