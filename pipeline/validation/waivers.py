"""Apply waivers to findings, and list waivers without effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.lists.waivers import EXPIRED, UNMATCHED
from schemas.enums import Standing
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemas.lists.waivers import Waiver


def apply_waivers(findings: pd.DataFrame, waivers: Iterable[Waiver], year: int) -> pd.DataFrame:
    """Say of each finding whether it is waived; none is left out.

    Args:
        findings: one row per breach, with department, rule and ``standing`` (counted or trial).
        waivers: the decisions, under the names by which findings name departments, as `named` gives them.
        year: the fiscal year evaluated.

    Returns:
        The findings in their order: ``standing`` is ``waived`` where a waiver that holds in the year fits, else as it
        was; ``waiver`` is its reason, who decided and until when, or "".
    """
    holding: dict[tuple[str, str], Waiver] = {}
    for waiver in waivers:
        if waiver.until >= year:
            holding.setdefault(_key(waiver.department, waiver.rule), waiver)
    fitting = [holding.get(key) for key in _keys(findings)]
    words = pd.Series([_words(each) if each else "" for each in fitting], index=findings.index, dtype=str)
    standing = findings["standing"].astype(str).mask(words.ne(""), Standing.WAIVED.value)
    return findings.assign(standing=standing, waiver=words)


def list_idle_waivers(waivers: Iterable[Waiver], findings: pd.DataFrame, year: int) -> list[tuple[Waiver, str]]:
    """Give each waiver that has no effect on the findings of a fiscal year, and why, in Chinese."""
    found = set(_keys(findings))
    reasons = ((each, _why_idle(each, found, year)) for each in waivers)
    return [(each, why) for each, why in reasons if why]


def _why_idle(waiver: Waiver, found: set[tuple[str, str]], year: int) -> str:
    if waiver.until < year:
        return EXPIRED
    return "" if _key(waiver.department, waiver.rule) in found else UNMATCHED


def _key(department: str, rule: str) -> tuple[str, str]:
    return normalise_label(department), rule


def _keys(findings: pd.DataFrame) -> list[tuple[str, str]]:
    return [_key(*pair) for pair in zip(findings["department"], findings["rule"], strict=True)]


def _words(waiver: Waiver) -> str:
    return f"豁免：{waiver.reason}（{waiver.by}，至{waiver.until}年度）"
