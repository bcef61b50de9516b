"""复核意见: what the reviewer decides where the program cannot. Declares its columns for writer and reader."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

TITLE = "复核意见"
STAMPS = "报表指纹"
"""The sheet that lists the content stamp of every return."""

COLUMNS: dict[str, str] = {
    "department": "部门名称",
    "item": "事项",
    "about": "内容",
    "filed": "填报",
    "computed": "核算",
    "why": "为什么请复核",
    "verdict": "复核决定",
    "points": "复核得分",
    "reason": "理由",
    "by": "复核人",
    "date": "日期",
    "told": "说明",
    "content": "报表指纹",
}
"""Field → words of its column: what waits, the evidence, the decision, and to which content it belongs."""
DECIDED = ("verdict", "points", "reason", "by", "date")
"""The columns that the reviewer fills in."""


STATES = "报表状态"
"""The sheet on which the bureau sets the state of each return."""
STATE_COLUMNS: dict[str, str] = {
    "department": "部门名称",
    "source_file": "报表文件",
    "received": "收到时间",
    "timeliness": "报送情况",
    "state": "报表状态",
    "reason": "理由",
    "by": "姓名",
    "date": "日期",
    "told": "说明",
    "version": "报表版本",
}
"""Field → words of its column: which return, what the bureau decides of it, and to which content that belongs."""
STATE_SET = ("state", "reason", "by", "date")
"""The columns of the sheet that the bureau fills in."""


class ReturnState(StrEnum):
    """What the bureau decides of a return as a whole."""

    RETURNED = "退回"
    """It goes back to its department."""
    PASSED = "通过"
    FINAL = "终审通过"
    """It is locked: no later file counts in its place."""


@dataclass(frozen=True, slots=True)
class StateDecision:
    """A line of the sheet of states that the bureau filled in, as text; ``line`` is its number on the sheet."""

    line: int
    department: str
    source_file: str
    state: str
    reason: str
    by: str
    date: str
    version: str

    def is_of(self, sha256: str) -> bool:
        """Tell whether the decision belongs to a content."""
        return bool(self.version) and sha256.startswith(self.version)

    def words(self) -> str:
        """Give the decision in words."""
        return f"{self.state}：{self.reason}（{self.by}，{self.date}）"


VERSION = 16
"""Letters of the sha256 of a file that name its version on the sheet."""


class Verdict(StrEnum):
    """What a reviewer may decide; the words are those of the list in the workbook."""

    KEEP = "维持核算"
    """The program's result stands."""
    MET = "认定完成"
    """The whole weight."""
    MISSED = "认定未完成"
    """No points."""
    POINTS = "改按复核得分"
    """The points given beside it."""
    DISMISS = "不作为问题"
    """The finding does not count."""


class Kind(StrEnum):
    """What a decision is about."""

    ROW = "row"
    CRITERION = "criterion"
    FINDING = "finding"


ALLOWED: dict[Kind, tuple[Verdict, ...]] = {
    Kind.ROW: (Verdict.KEEP, Verdict.MET, Verdict.MISSED, Verdict.POINTS),
    Kind.CRITERION: (Verdict.KEEP, Verdict.MET, Verdict.MISSED, Verdict.POINTS),
    Kind.FINDING: (Verdict.KEEP, Verdict.DISMISS),
}
"""What may be decided about what."""


class Effect(StrEnum):
    """What becomes of a line of the list."""

    WAITING = "waiting"
    """Nothing is decided yet."""
    IN_FORCE = "in_force"
    STALE = "stale"
    """The return has changed since."""
    REFUSED = "refused"
    """The line has a mistake."""

    @property
    def label(self) -> str:
        """What it is called in workbooks."""
        return _EFFECTS[self]


_EFFECTS = {
    Effect.WAITING: "待复核",
    Effect.IN_FORCE: "已采用",
    Effect.STALE: "报表已改动，请重新决定",
    Effect.REFUSED: "没有采用",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A line that the reviewer filled in, as text; ``line`` is its number on the sheet."""

    line: int
    department: str
    item: str
    verdict: str
    points: str
    reason: str
    by: str
    date: str
    content: str

    def words(self) -> str:
        """Give the decision in a sentence's part."""
        points = f" {self.points} 分" if self.points else ""
        return f"{self.verdict}{points}：{self.reason}（{self.by}，{self.date}）"

    def final(self, computed: Fraction, weight: Fraction, given: Fraction) -> Fraction:
        """Give the points after the decision: computed ones, the whole weight, none, or those given."""
        return {
            Verdict.KEEP: computed,
            Verdict.MET: weight,
            Verdict.MISSED: weight * 0,
            Verdict.POINTS: given,
        }[Verdict(self.verdict)]
