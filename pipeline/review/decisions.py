"""Decisions held against what may be decided: which are in force, stale or refused, and what waits for one.

A decision belongs to the content of a return: when that has changed since, the decision is stale and asked again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.reading.parse_cell import day
from pipeline.review.items import Item
from schemas.lists.reviews import ALLOWED, COLUMNS, DECIDED, Decision, Effect, Kind, Verdict
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.reading.submission import Submission

_POINTS = re.compile(r"\d{1,3}(?:\.\d{1,6})?")
_TYPED = ("level1", "level2", "level3", "target", "actual", "raw_weight", "raw_self_points", "reason")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list: what it is about, what was decided, and what became of that; ``why`` says why not."""

    item: Item
    decision: Decision | None
    effect: Effect
    why: str = ""


def stamps(readings: Iterable[Submission]) -> dict[str, str]:
    """Give each department the stamp of what its return says: two returns that say the same have the same."""
    found = {}
    for reading in readings:
        said = [[fact.field, fact.shown] for fact in reading.facts]
        said += [[str(row.get(name, "")) for name in _TYPED] for row in reading.indicators]
        digest = hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
        found[reading.department] = f"#{digest[:16]}"
    return found


def match_decisions(decisions: Sequence[Decision], found: Sequence[Item], stamp: Mapping[str, str]) -> list[Line]:
    """Hold decisions against what may be decided; no decision is left out, nor anything that waits.

    Args:
        decisions: what the reviewer filled in.
        found: what may be decided (`items`).
        stamp: the content stamp of each department's return (`stamps`).
    """
    of = {(normalise_label(each.department), normalise_label(each.item)): each for each in found}
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


def idle(decisions: Iterable[Decision], departments: Iterable[str]) -> pd.DataFrame:
    """Give the decisions about departments that were not evaluated, as lines of the list (`table`)."""
    names = set(map(normalise_label, departments))
    return table(
        match_decisions([each for each in decisions if normalise_label(each.department) not in names], [], {}), {}
    )


def _key(decision: Decision) -> tuple[str, str]:
    return normalise_label(decision.department), normalise_label(decision.item)


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


def table(lines: Iterable[Line], stamp: Mapping[str, str]) -> pd.DataFrame:
    """Give the list as a table: one row per line, as it is written out and as `reviews.csv` has it."""
    columns = [*COLUMNS, "effect"]
    rows = [_record(line, stamp) for line in lines]
    return pd.DataFrame(rows, columns=columns).astype(str)


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
