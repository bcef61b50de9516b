"""Work out what the leader's page of the county workbook says: figures, matters to decide, changes, common problems."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from os.path import commonprefix
from typing import TYPE_CHECKING, Any, NamedTuple

from schemas.enums import Alarm, Severity, Status
from schemas.lists.roster import TITLE as ROSTER
from schemas.rules import RULE
from schemas.rules.mistakes import MISTAKES
from schemas.rules.prior_year import FOUND
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lists.prior_year import Prior
    from pipeline.workbooks.county.data import County

MATTERS = 10
"""Matters to decide that the page has room for."""
EACH = 2
"""Matters of each kind that come before more of any other."""
UNJUDGED = 10.0
"""Points that may wait unjudged at one department before somebody should look."""
APART = 10.0
"""Points by which a self-evaluation may be above the computed score before somebody should ask."""
CHANGED = 5
"""Departments listed with the largest rise of 三公, and as many with the largest fall."""
PROBLEMS = 8
"""Common problems that the page has room for."""
GRAVE = {Severity.ERROR, Severity.WARNING}
"""Findings that count as problems; notices do not."""
_UP = "three_public_up"
"""The rule on 三公 that went up without a reason."""


class Matter(NamedTuple):
    """Something that needs a decision: what kind, which department, what is so, and what to do."""

    kind: str
    department: str
    told: str
    todo: str


class Change(NamedTuple):
    """The 三公 of a department last year and this year, in 万元."""

    department: str
    before: float
    now: float


class Problem(NamedTuple):
    """A common problem: the mistake, departments that have it, places, and departments that had it last year too.

    ``rules`` are the titles of the rules that told it, each with its departments, the most first.
    """

    title: str
    departments: int
    places: int
    again: int
    rules: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class LastYear:
    """The county last year as far as it is known; None where it is not. Money in 万元."""

    reported: int | None = None
    points: float | None = None
    execution: float | None = None
    findings: int | None = None
    rules: frozenset[tuple[str, str]] = frozenset()


def last_year(prior: Prior) -> LastYear:
    """Sum up last year's results of the county; ``rules`` are department and rule of each finding."""
    if not prior.year:
        return LastYear()
    figures, findings = prior.figures, prior.findings
    counted = findings[findings["severity"].isin(["error", "warning"]) & findings["rule"].ne(FOUND.id)]
    both = figures.dropna(subset=[each for each in ("funds_budget", "funds_executed") if each in figures])
    budget = float(both["funds_budget"].sum()) if "funds_budget" in both else 0.0
    execution = float(both["funds_executed"].sum()) / budget if budget > 0 and "funds_executed" in both else None
    rules = frozenset(zip(counted["department"].map(normalise_label), counted["rule"], strict=True))
    points = sum(prior.scores.values()) / len(prior.scores) if prior.scores else None
    return LastYear(len(figures), points, execution, len(counted), rules)


def matters(county: County) -> list[Matter]:
    """Give what needs a decision: at most `MATTERS`, some of each kind before more of one."""
    found = _all_matters(county)
    kinds = Counter[str]()
    ranked: list[tuple[bool, int, Matter]] = []
    for matter in found:
        kinds[matter.kind] += 1
        ranked.append((kinds[matter.kind] > EACH, len(ranked), matter))
    chosen = {number for _, number, _ in sorted(ranked)[:MATTERS]}
    return [matter for number, matter in enumerate(found) if number in chosen]


def more_matters(county: County) -> int:
    """Count the matters that the page has no room for."""
    return max(0, len(_all_matters(county)) - MATTERS)


def _all_matters(county: County) -> list[Matter]:
    """Give what needs a decision, the gravest kind first, those of one kind by what hangs on them."""
    return [*_not_evaluated(county), *_open(county), *_claimed(county), *_spending(county)]


def _not_evaluated(county: County) -> Iterator[Matter]:
    for row in county.submissions:
        if row["status"] == Status.REJECTED:
            yield Matter("没有读取", row["department"] or row["source_file"], row["reason"], "请退回，重新报送")
    files = {row["department"] for row in county.submissions if row["status"] == Status.REJECTED}
    for row in county.submissions:
        if row["status"] == Status.MISSING and row["department"] not in files and row["reason"] == "尚未报送":
            yield Matter("未报送", row["department"], f"{ROSTER}中应报，没有收到报表", "请催报")


def _open(county: County) -> Iterator[Matter]:
    rows = sorted(county.summary, key=lambda row: -county.unjudged.get(row["department"], 0.0))
    for row in rows:
        open_points = county.unjudged.get(row["department"], 0.0)
        if row["provisional"]:
            told = f"核算 {row['points']:.2f} 分，另有 {open_points:g} 分待定，等级“{row['grade']}”可能改变"
            yield Matter("等级待定", row["department"], told, "请在复核意见中决定")
        elif open_points > UNJUDGED:
            told = f"有 {open_points:g} 分从填写内容判断不出"
            yield Matter("待定分值多", row["department"], told, "请在复核意见中决定")


def _claimed(county: County) -> Iterator[Matter]:
    apart = [row for row in county.summary if row["difference"] is not None and -row["difference"] >= APART]
    for row in sorted(apart, key=lambda row: row["difference"]):
        told = f"自评 {row['self_points']:.2f} 分，核算 {row['points']:.2f} 分，高 {-row['difference']:.2f} 分"
        yield Matter("自评偏高", row["department"], told, "请核实后退回")


def _spending(county: County) -> Iterator[Matter]:
    """Give 三公 that went up without a reason, by how much, and departments whose execution raised the red alarm."""
    up = {name for name, found in county.titles.items() if _UP in dict(found)}
    for change in sorted(three_public_changes(county), key=lambda each: each.before - each.now):
        if change.department in up:
            told = f"“三公”决算由 {change.before:,.2f} 增到 {change.now:,.2f} 万元，没有说明原因"
            yield Matter("三公增加", change.department, told, "请要求说明")
    for row in county.alarms:
        if row["alarm"] == Alarm.RED:
            yield Matter("执行预警", row["department"], row["reason"], "请了解原因")


def three_public_changes(county: County) -> list[Change]:
    """Give the 三公 of each department that filed both years, in the order of the departments."""
    return [
        Change(row["department"], row["three_public_prior_outturn"], row["three_public_outturn"])
        for row in county.departments
        if row["three_public_prior_outturn"] is not None and row["three_public_outturn"] is not None
    ]


def largest_changes(county: County) -> list[Change]:
    """Give the departments whose 三公 rose most, then those whose fell most, the largest first in each half."""
    changes = sorted(three_public_changes(county), key=lambda each: each.before - each.now)
    rises = [each for each in changes if each.now > each.before][:CHANGED]
    falls = [each for each in reversed(changes) if each.now < each.before][:CHANGED]
    return [*rises, *falls]


def common_problems(county: County) -> list[Problem]:
    """Give the mistakes that departments have made, most departments first; one that follows from another counts once.

    What was pointed out last year is no mistake of its own: it is counted beside the mistake that is made again.
    """
    severities = {row["rule"]: row["severity"] for row in county.rules}
    having: dict[str, set[str]] = defaultdict(set)
    places = Counter[str]()
    for name, found in county.titles.items():
        for rule, count in found:
            if rule != FOUND.id and severities[rule] in GRAVE:
                having[rule].add(normalise_label(name))
                places[rule] += count
    problems = []
    for mistake in MISTAKES:
        rules = sorted((rule for rule in mistake.rules if rule in having), key=lambda rule: -len(having[rule]))
        if rules:
            again = {name for rule in rules for name in having[rule] if (name, rule) in county.last_year.rules}
            departments = set[str]().union(*(having[rule] for rule in rules))
            told = tuple((RULE[rule].title, len(having[rule])) for rule in rules)
            count = sum(places[rule] for rule in rules)
            problems.append(Problem(mistake.title, len(departments), count, len(again), told))
    return sorted(problems, key=lambda each: -each.departments)


def outliers(rows: list[dict[str, Any]], most: int = 4) -> list[str]:
    """Give the departments whose computed score is `APART` points or more from their own, the farthest first."""
    apart = [row for row in rows if row["difference"] is not None and abs(row["difference"]) >= APART]
    return [row["department"] for row in sorted(apart, key=lambda row: -abs(row["difference"]))[:most]]


def short_names(names: list[str]) -> dict[str, str]:
    """Give each department without the beginning that all share, the name of the county."""
    common = len(commonprefix(names)) if len(names) > 1 else 0  # noqa: RUF071 - of names, not of paths
    return {name: name[common:] or name for name in names}
