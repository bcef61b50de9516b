"""What waits for a reviewer, what the reviewer decided, and what follows from it.

A decision belongs to the content of a return: when that has changed since, the decision is stale and asked again.
The program's own result always stays beside the decided one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.clean import day
from pipeline.exact import fraction, half_up
from pipeline.listing import Listing
from pipeline.score import by_criterion, with_total
from pipeline.workbook import Refused
from schemas.mistake import MistakeError
from schemas.review import ALLOWED, COLUMNS, DECIDED, FILE, TITLE, Decision, Effect, Kind, Verdict
from schemas.rules import RULE
from schemas.rules.compare import NOISE
from schemas.states import EXECUTION, TOTAL, Standing, State
from schemas.words import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pipeline.reading import Reading
    from schemas.policy import Policy

LIST = Listing(TITLE, COLUMNS, {"department": "部门全称"}, needed=("department", "item", "verdict", "content"))
_COMPUTED = "核算 {points:.2f} 分；未填报分值 {unreported_weight:.2f}，待定分值 {unjudged_weight:.2f}"
_POINTS = re.compile(r"\d{1,3}(?:\.\d{1,6})?")
_TYPED = ("level1", "level2", "level3", "target", "actual", "raw_weight", "raw_self_points", "reason")


class ReviewError(MistakeError):
    """A list of decisions that cannot be read at all; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a reviewer may decide: a row, a criterion or a finding, with the evidence.

    ``at`` is the row's number, the criterion's name, or the finding's place in the table of findings; ``weight`` and
    ``points`` are what it is worth and what the program gives; ``why`` is "" where nothing asks for a decision.
    """

    kind: Kind
    department: str
    item: str
    at: Any
    about: str
    filed: str
    computed: str
    why: str = ""
    weight: Fraction = Fraction(0)
    points: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list: what it is about, what was decided, and what became of that; ``why`` says why not."""

    item: Item
    decision: Decision | None
    effect: Effect
    why: str = ""


# ---------------------------------------------------------------------- reading


def find(inbox: Path) -> tuple[Decision, ...]:
    """Read the decisions in the inbox; none where it has no such file.

    Raises:
        ReviewError: the file cannot be read, or is no list of decisions.
    """
    path = inbox / FILE
    try:
        return read(path.name, path.read_bytes())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ReviewError(f"读不出{TITLE} {path}（{error.strerror}）。") from error


def read(name: str, content: bytes) -> tuple[Decision, ...]:
    """Read every line on which the reviewer wrote something; what is wrong with one is told later, line by line."""
    try:
        lines = LIST.lines(content)
    except Refused as refusal:
        raise ReviewError(f"{TITLE} {name}：{refusal}") from refusal
    if lines is None:
        raise ReviewError(f"{TITLE} {name} 里没有找到复核意见的表头；请用评价时写出的 {FILE} 填写。")
    return tuple(_decision(number, text) for number, text in lines if any(text.get(field) for field in DECIDED))


def _decision(number: int, text: Mapping[str, str]) -> Decision:
    fields = ("department", "item", *DECIDED, "content")
    return Decision(number, **{field: text.get(field, "") for field in fields})


def stamps(readings: Iterable[Reading]) -> dict[str, str]:
    """Give each department the stamp of what its return says: two returns that say the same have the same."""
    found = {}
    for reading in readings:
        said = [[fact.field, fact.raw] for fact in reading.facts]
        said += [[str(row.get(name, "")) for name in _TYPED] for row in reading.indicators]
        digest = hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
        found[reading.department] = f"#{digest[:16]}"
    return found


# ---------------------------------------------------------------------- what may be decided


def items(
    rows: pd.DataFrame, scores: pd.DataFrame, findings: pd.DataFrame, policy: Policy, also: Collection[str]
) -> list[Item]:
    """Give what waits for a decision, and whatever else may be decided about the departments of ``also``.

    Args:
        rows: one row per department × indicator row, scored and explained.
        scores: one row per department × criterion.
        findings: one row per breach.
        policy: labels, and from how many points on a difference is looked at.
        also: departments about which something was decided.
    """
    return [
        *_rows(rows.loc[rows["state"].eq(State.UNJUDGED) | rows["department"].isin(also), _OF_ROW]),
        *_criteria(scores, policy, also),
        *_findings(findings, also),
    ]


_OF_ROW = [
    "department", "row", "level3", "sheet", "cell", "target", "actual", "filed_self_points", "explanation", "state",
    "weight", "points",
]  # fmt: skip


def _rows(rows: pd.DataFrame) -> Iterator[Item]:
    for row in rows.to_dict("records"):
        claimed = "" if np.isnan(row["filed_self_points"]) else f"；自评 {row['filed_self_points']:g} 分"
        yield Item(
            Kind.ROW,
            row["department"],
            f"指标{row['row']}",
            row["row"],
            f"{row['level3']}（{row['sheet']} {row['cell']}）",
            f"目标：{row['target'].strip() or '空白'}；实际：{row['actual'].strip() or '空白'}{claimed}",
            row["explanation"],
            "程序判断不出，暂不计分，待定分值可能影响等级" if row["state"] == State.UNJUDGED else "",
            row["weight"],
            row["points"],
        )


def _criteria(scores: pd.DataFrame, policy: Policy, also: Collection[str]) -> Iterator[Item]:
    far = scores["difference"].abs().ge(policy.alerts.self_difference - NOISE)
    total = scores["criterion"].eq(TOTAL)
    far_in_all = scores["department"].isin(scores.loc[total & far, "department"])
    # What hangs on rows that wait themselves is decided there.
    far &= (scores["difference"].abs() - scores["unjudged_weight"]).ge(policy.alerts.self_difference - NOISE) | total
    whole = scores["unjudged_weight"].eq(scores["weight"]) & scores["weight"].gt(0)
    rowless = whole & scores["criterion"].eq(EXECUTION)
    table = scores.assign(apart=far & far_in_all, open=rowless)[~total]
    for row in table[table["apart"] | table["open"] | table["department"].isin(also)].to_dict("records"):
        claimed = "没有自评得分" if np.isnan(row["self_points"]) else f"自评 {row['self_points']:g} 分"
        apart = f"自评与核算相差 {row['difference']:.2f} 分" if row["apart"] else ""
        yield Item(
            Kind.CRITERION,
            row["department"],
            policy.label(row["criterion"]),
            row["criterion"],
            f"{policy.label(row['criterion'])}，满分 {row['weight']:g} 分",
            claimed,
            _COMPUTED.format_map(row),
            "全年预算数空白或为零，无法计分" if row["open"] else apart,
            fraction(row["weight"]),
            fraction(row["points"]),
        )


def _findings(findings: pd.DataFrame, also: Collection[str]) -> Iterator[Item]:
    errors = findings["severity"].eq("error") & findings["standing"].eq(Standing.COUNTED) & findings["cell"].ne("")
    chosen = findings[errors | findings["department"].isin(also)]
    for at, row in zip(chosen.index, chosen.to_dict("records"), strict=True):
        place = f"{row['sheet']} {row['cell']}".strip()
        yield Item(
            Kind.FINDING,
            row["department"],
            f"{RULE[row['rule']].title}（{place}）" if place else RULE[row["rule"]].title,
            at,
            row["label"],
            row["stated"],
            row["message"],
            "错误，属实的退回改正；经核实不是问题的可以不计" if errors[at] else "",
        )


# ---------------------------------------------------------------------- what became of the decisions


def held(decisions: Sequence[Decision], found: Sequence[Item], stamp: Mapping[str, str]) -> list[Line]:
    """Hold decisions against what may be decided; no decision is left out, nor anything that waits.

    Args:
        decisions: what the reviewer filled in.
        found: what may be decided (`items`).
        stamp: the content stamp of each department's return (`stamps`).
    """
    of = {(plain(each.department), plain(each.item)): each for each in found}
    times = Counter(_key(each) for each in decisions)
    lines = []
    for decision in decisions:
        item = of.get(_key(decision))
        content = stamp.get(item.department if item else decision.department, "")
        effect, why = _effect(decision, item, content, times[_key(decision)])
        unknown = Item(Kind.FINDING, decision.department, decision.item, None, "", "", "")
        lines.append(Line(item or unknown, decision, effect, why))
    decided = {id(line.item) for line in lines}
    lines += [Line(each, None, Effect.WAITING) for each in found if each.why and id(each) not in decided]
    offices = {name: at for at, name in enumerate(stamp)}
    places = {id(each): at for at, each in enumerate(found)}
    last = len(offices), len(places)
    return sorted(
        lines, key=lambda line: (offices.get(line.item.department, last[0]), places.get(id(line.item), last[1]))
    )


def about(decisions: Iterable[Decision], departments: Iterable[str]) -> tuple[Decision, ...]:
    """Give the decisions that are about some departments."""
    names = set(map(plain, departments))
    return tuple(each for each in decisions if plain(each.department) in names)


def idle(decisions: Iterable[Decision], departments: Iterable[str]) -> pd.DataFrame:
    """Give the decisions about departments that were not evaluated, as lines of the list (`table`)."""
    names = set(map(plain, departments))
    return table(held([each for each in decisions if plain(each.department) not in names], [], {}), {})


def _key(decision: Decision) -> tuple[str, str]:
    return plain(decision.department), plain(decision.item)


def _effect(decision: Decision, item: Item | None, content: str, times: int) -> tuple[Effect, str]:
    """Say what becomes of a decision: in force, stale, or refused and why."""
    why = _mistake(decision)
    if not why and times > 1:
        why = "同一事项填写了不止一行"
    if not why and not content:
        why = "本次没有评价该部门的报表"
    if why:
        return Effect.REFUSED, why
    if decision.content != content:
        return Effect.STALE, ""
    why = "报表中没有这一事项" if item is None else _unfit(decision, item)
    return (Effect.REFUSED, why) if why else (Effect.IN_FORCE, "")


def _mistake(decision: Decision) -> str:
    """Say what is wrong with a decision by itself; "" when nothing is."""
    missing = [COLUMNS[name] for name in ("verdict", "reason", "by", "date") if not getattr(decision, name)]
    if missing:
        return f"没有填写{'、'.join(missing)}"
    if decision.verdict not in set(Verdict):
        return f"复核决定“{decision.verdict}”不在可选的决定中"
    if day(decision.date) is None:
        return f"日期“{decision.date}”看不出是哪一天，请写成 2022-05-01"
    if not decision.content:
        return "没有报表指纹，请从“报表指纹”一页复制"
    if (decision.verdict == Verdict.POINTS) != bool(decision.points):
        return f"“{Verdict.POINTS}”须填写复核得分，其他决定不填"
    if decision.points and not _POINTS.fullmatch(decision.points):
        return f"复核得分“{decision.points}”不是得分"
    return ""


def _unfit(decision: Decision, item: Item) -> str:
    allowed = ALLOWED[item.kind]
    if Verdict(decision.verdict) not in allowed:
        return f"对这一事项只能选{'、'.join(allowed)}"
    if decision.points and Fraction(decision.points) > item.weight:
        return f"复核得分 {decision.points} 分高于分值 {float(item.weight):g} 分"
    return ""


# ---------------------------------------------------------------------- what follows


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Rows, scores and findings with what was decided about them, and every line of the list."""

    rows: pd.DataFrame
    scores: pd.DataFrame
    findings: pd.DataFrame
    lines: list[Line]


def applied(
    decisions: Sequence[Decision],
    stamp: Mapping[str, str],
    departments: pd.DataFrame,
    rows: pd.DataFrame,
    scores: pd.DataFrame,
    findings: pd.DataFrame,
    policy: Policy,
) -> Reviewed:
    """Hold the decisions against what may be decided, and apply those in force; arguments as of the steps below."""
    also = {each.department for each in decisions}
    lines = held(decisions, items(rows, scores, findings, policy, also), stamp)
    decided = reviewed_rows(rows, lines)
    return Reviewed(
        decided,
        reviewed_scores(scores, departments, decided, lines, policy),
        reviewed_findings(findings, lines),
        lines,
    )


def reviewed_rows(rows: pd.DataFrame, lines: Iterable[Line]) -> pd.DataFrame:
    """Add what was decided: ``reviewed`` (exact points, missing where nothing was) and ``review`` (its words)."""
    made = {(line.item.department, line.item.at): line for line in _in_force(lines, Kind.ROW)}
    found = [made.get(key) for key in zip(rows["department"], rows["row"], strict=True)]
    return rows.assign(
        reviewed=pd.Series([_points(line) if line else None for line in found], index=rows.index, dtype="object"),
        review=pd.Series([_words(line) if line else "" for line in found], index=rows.index, dtype="str"),
    )


def reviewed_scores(
    scores: pd.DataFrame, departments: pd.DataFrame, rows: pd.DataFrame, lines: Sequence[Line], policy: Policy
) -> pd.DataFrame:
    """Add to the scores what they are after the decisions.

    Args:
        scores: one row per department × criterion, as the program computed them.
        departments: one row per department.
        rows: with what was decided (`reviewed_rows`).
        lines: the decisions and what became of them (`held`).
        policy: weights of the criteria.

    Returns:
        The scores with ``reviewed_points`` (missing for a department about whose points nothing was decided),
        ``open_weight`` (unjudged weight about which nothing was decided), and ``review`` (words of a decision on the
        criterion itself).
    """
    if not any(line.effect is Effect.IN_FORCE for line in lines):
        return scores.assign(
            reviewed_points=np.nan,
            open_weight=scores["unjudged_weight"],
            review=pd.Series("", index=scores.index, dtype="str"),
        )
    decided = rows["reviewed"].notna()
    points = rows["points"].where(~decided, rows["reviewed"])
    state = rows["state"].mask(decided & rows["state"].isin([State.UNJUDGED, State.UNREPORTED]), State.PARTLY)
    final = by_criterion(departments, rows.assign(points=points, state=state), policy)
    made = {(line.item.department, line.item.at): line for line in _in_force(lines, Kind.CRITERION)}
    found = [made.get(key) for key in zip(final["department"], final["criterion"], strict=True)]
    given = pd.Series([half_up(_points(line)) if line else np.nan for line in found], index=final.index)
    final = final.assign(
        points=given.fillna(final["points"]), unjudged_weight=final["unjudged_weight"].where(given.isna(), 0.0)
    )
    final = with_total(final, departments, policy)
    words = {key: _words(line) for key, line in made.items()}
    touched = {line.item.department for kind in (Kind.ROW, Kind.CRITERION) for line in _in_force(lines, kind)}
    keys = zip(scores["department"], scores["criterion"], strict=True)
    return scores.assign(
        reviewed_points=final["points"].where(scores["department"].isin(touched)),
        open_weight=final["unjudged_weight"],
        review=pd.Series([words.get(key, "") for key in keys], index=scores.index, dtype="str"),
    )


def in_force(scores: pd.DataFrame) -> pd.DataFrame:
    """Give reviewed scores with the points that count: those after the decisions, where there are any."""
    return scores.assign(points=scores["reviewed_points"].fillna(scores["points"]))


def reviewed_findings(findings: pd.DataFrame, lines: Iterable[Line]) -> pd.DataFrame:
    """Take the findings that the reviewer dismissed out of the count; ``waiver`` says who decided and why."""
    made = {line.item.at: _words(line) for line in _in_force(lines, Kind.FINDING) if _verdict(line) is Verdict.DISMISS}
    words = pd.Series([made.get(at, "") for at in findings.index], index=findings.index, dtype="str")
    dismissed = words.ne("")
    return findings.assign(
        standing=findings["standing"].mask(dismissed, Standing.WAIVED.value),
        waiver=findings["waiver"].mask(dismissed, words),
    )


def table(lines: Iterable[Line], stamp: Mapping[str, str]) -> pd.DataFrame:
    """Give the list as a table: one row per line, as it is written out and as `reviews.csv` has it."""
    columns = [*COLUMNS, "effect"]
    rows = [_record(line, stamp) for line in lines]
    return pd.DataFrame(rows, columns=columns).astype("str")


def _record(line: Line, stamp: Mapping[str, str]) -> dict[str, str]:
    """Give one line; of a stale decision the columns are blank again, and 说明 says what it was."""
    item, decision = line.item, line.decision
    shown = decision if decision and line.effect is not Effect.STALE else None
    told = {
        Effect.WAITING: "",
        Effect.IN_FORCE: Effect.IN_FORCE.label,
        Effect.STALE: f"{Effect.STALE.label}。原来的决定：{decision.words() if decision else ''}",
        Effect.REFUSED: f"{Effect.REFUSED.label}：{line.why}",
    }[line.effect]
    content = decision.content if line.effect is Effect.REFUSED and decision else stamp.get(item.department, "")
    record = {name: getattr(item, name) for name in ("department", "item", "about", "filed", "computed", "why")}
    record |= {name: getattr(shown, name) if shown else "" for name in DECIDED}
    return record | {"told": told, "content": content, "effect": line.effect.value}


def _in_force(lines: Iterable[Line], kind: Kind) -> Iterator[Line]:
    return (line for line in lines if line.effect is Effect.IN_FORCE and line.item.kind is kind)


def _verdict(line: Line) -> Verdict:
    assert line.decision is not None  # noqa: S101 - a line in force has a decision
    return Verdict(line.decision.verdict)


def _words(line: Line) -> str:
    return f"复核：{line.decision.words()}" if line.decision else ""


def _points(line: Line) -> Fraction:
    """Give the points after a decision on a row or a criterion."""
    assert line.decision is not None  # noqa: S101 - a line in force has a decision
    return line.decision.final(line.item.points, line.item.weight, Fraction(line.decision.points or 0))
