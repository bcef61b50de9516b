"""Say in a few sentences why a department has its score, what it should do, and what may still change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas.enums import TOTAL, Alarm, Severity, Standing, State
from schemas.file_names import RETURNED

if TYPE_CHECKING:
    from pipeline.workbooks.scored.data import DepartmentReport

_LOST = {
    State.UNREPORTED: "没有填实际完成值",
    State.UNJUDGED: "从填写内容判断不出",
    State.PARTLY: "没有完成目标",
    State.QUALITATIVE: "定性指标没有得满分",
}
"""What is said of indicators that did not get all their points, by state."""
_NOTHING = 0.005
"""Points below which nothing is said: they are not seen."""


def reasons(report: DepartmentReport) -> list[str]:
    """Say why the score is what it is: where points were lost, by which indicators, and how far it is from the own."""
    return [each for each in (_by_criterion(report), _by_state(report), _against_own(report)) if each]


def _criteria(report: DepartmentReport) -> list[tuple[str, dict[str, Any]]]:
    labels = {name: label for name, label, _ in report.criteria}
    return [(labels[row["criterion"]], row) for row in report.scores if row["criterion"] != TOTAL]


def _by_criterion(report: DepartmentReport) -> str:
    lost = [(label, row["weight"] - row["points"]) for label, row in _criteria(report)]
    parts = [
        f"{label}失 {points:.2f} 分" for label, points in sorted(lost, key=lambda each: -each[1]) if points > _NOTHING
    ]
    total = sum(points for _, points in lost)
    return f"共失 {total:.2f} 分：{'，'.join(parts)}。" if parts else "各项都得满分。"


def _by_state(report: DepartmentReport) -> str:
    parts = []
    for state, words in _LOST.items():
        rows = [row for row in report.rows if row["state"] == state and row["weight"] - row["points"] > _NOTHING]
        points = sum(row["weight"] - row["points"] for row in rows)
        if rows:
            parts.append(f"{len(rows)} 个{words}（{points:.2f} 分）")
    return f"失分的指标：{'，'.join(parts)}。" if parts else ""


def _against_own(report: DepartmentReport) -> str:
    total = report.scores[-1]
    if total["self_points"] is None:
        return "没有填写自评得分，不能与核算比较。"
    apart = -total["difference"]
    if abs(apart) < _NOTHING:
        return "自评与核算得分相同。"
    by = [(label, -row["difference"]) for label, row in _criteria(report) if row["difference"] is not None]
    label, most = max(by, key=lambda each: each[1] * apart, default=("", 0.0))
    mainly = f"，主要在{label}（{_apart(most)}）" if most * apart > 0 and abs(most) >= _NOTHING else ""
    return f"自评 {total['self_points']:.2f} 分，比核算{_apart(apart)}{mainly}。"


def _apart(points: float) -> str:
    return f"{'高' if points > 0 else '低'} {abs(points):.2f} 分"


def request(report: DepartmentReport) -> str:
    """Say what the department should do with what was found, and by when."""
    counted = [each for each in report.lines if each["standing"] == Standing.COUNTED]
    waived = f"（另有 {report.summary['waived']} 处不计）" if report.summary["waived"] else ""
    if not report.findings:
        return "审核没有发现问题，不需要改动。"
    counts = f"审核发现错误 {report.summary['errors']} 处，提醒 {report.summary['warnings']} 处{waived}。"
    if any(each["severity"] == Severity.ERROR for each in counted):
        return f"{counts}请在“{RETURNED}”的同名文件上改正，按财政局通知的时间重新报送；首先："
    return f"{counts}请核对，属实的不必改；首先：" if counted else counts


def may_change(report: DepartmentReport) -> list[str]:
    """Say what may still change: points that wait for a decision, and an alarm, which costs no points."""
    found = []
    if report.summary["provisional"]:
        total = report.scores[-1]
        possible = report.grade(total["reviewed_points" if report.reviewed else "points"] + total["open_weight"])
        found.append(f"等级暂定：有 {total['open_weight']:.2f} 分待复核确定，全部得分则为“{possible}”。")
    if report.alarm["alarm"]:
        found.append(f"{Alarm(report.alarm['alarm']).label}（不影响得分）：{report.alarm['reason']}")
    return found
