"""Which words of a row decided how it was judged, in Chinese: every piece that was read, and what it was read as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.scoring.bands import band_of
from pipeline.scoring.explain import BANDS
from schemas.enums import State
from schemas.text.answers import less_is_better
from schemas.text.model import Comparison, Part, Sort, Target
from schemas.text.targets import parse, parse_actual
from schemas.text.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemas.policy import Policy

_PLAIN = frozenset({Role.NUMBER, Role.TIMES, Role.UNIT, Role.COUNTED, Role.TO})
"""What a piece may be that is shown without saying so."""


def decided_by(row: Mapping[str, str], policy: Policy) -> str:
    """Say how target and actual of a row were read.

    Args:
        row: an indicator row of the results, with ``level3``, ``target``, ``actual``, ``comparison`` and ``state``.
        policy: the policy by which it was evaluated.

    Returns:
        A line with each of the two that is a measure, a deadline or words with a number; what stood for a missing
        word of comparison; and the word that put an answer in words into its band. "" where no word decided.
    """
    target, actual = parse(row["target"], row["level3"]), parse_actual(row["actual"], row["level3"])
    told = [f"{name}读作：{_read(found)}" for name, found in (("目标", target), ("实际", actual)) if _read(found)]
    if target.sort is Sort.MEASURE and target.comparison is Comparison.NONE and row["comparison"]:
        told.append(_default(row, Comparison(row["comparison"]), policy))
    if actual.sort is Sort.WORDS and row["state"] in {State.QUALITATIVE, State.UNJUDGED}:
        told += _band(row, "" if target.unknown else row["target"], policy)
    return "；".join(told)


def _read(found: Target) -> str:
    """Give the pieces of a cell, each word with what it does: 上限〔比较词：不高于〕50起."""
    if found.unknown:
        return f"文字，其中“{found.unknown}”不能确定"
    return "".join(part.text if part.role in _PLAIN else f"{part.text}〔{_role(part)}〕" for part in found.parts)


def _role(part: Part) -> str:
    return f"{part.role}：{part.meaning}" if part.meaning not in {"", part.text} else part.role


def _default(row: Mapping[str, str], comparison: Comparison, policy: Policy) -> str:
    if comparison is Comparison.EQUAL:
        why = "目标为0"
    elif comparison is not Comparison.AT_MOST:
        why = "没有比较词的一般这样算"
    elif less_is_better(row["level3"], policy.less_is_better.words):
        why = "按指标名称的含义，越少越好"
    else:
        why = "成本指标的金额"
    return f"目标没有比较词，按“{comparison.label}”比较：{why}"


def _band(row: Mapping[str, str], target: str, policy: Policy) -> list[str]:
    band = band_of(row["actual"], target, policy.qualitative)
    return [f"用语：“{band.word}”，属于{BANDS[band.name]}"] if band.name else []
