"""The register of rules as a page and as a table: made from the rules themselves.

``python -m pipeline.register`` writes the page; a test holds the one in docs/ to it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.enums import Severity, Standing
from schemas.forms import FIELDS, INDICATORS
from schemas.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemas.rules.model import Rule

PAGE = Path(__file__).parent.parent.parent / "docs" / "rules.md"
_HEAD = """# 审核规则

<!-- 本页由程序生成（make docs），请勿手工修改。 -->

共 {count} 条规则。“错误”须改正，“提醒”须核对或说明，“提示”看一眼即可；
“试行”的列出而不计数。句中的“…”是部门填报的内容或核算的数。
依据中的“评分办法”指[评分办法](method.md)的章节。"""
_FIGURE = re.compile(r"\{\w+\}")
_COLUMNS = {column.name: column.words for column in INDICATORS.columns}


def entries() -> Iterator[tuple[Rule, list[str]]]:
    """Give each rule of the register once, gravest first, and what it looks at."""
    grouped: dict[str, list[Rule]] = {}
    for rule in RULES:
        grouped.setdefault(rule.id, []).append(rule)
    order = list(Severity)
    for rules in sorted(grouped.values(), key=lambda each: order.index(each[0].severity)):
        yield rules[0], [_place(rule) for rule in rules if rule.at]


def _place(rule: Rule) -> str:
    return FIELDS[rule.at].label if rule.at in FIELDS else _COLUMNS.get(rule.at, rule.at)


def told(rule: Rule, places: list[str]) -> tuple[str, str]:
    """Give message and remedy as they read without the figures of a department, and of any of several places."""
    message = rule.message.replace(_place(rule), "…") if len(places) > 1 else rule.message
    return _FIGURE.sub("…", message), _FIGURE.sub("…", rule.remedy)


def named(rule: Rule) -> str:
    """Give the title of a rule, and for which years it holds and whether it is on trial, where that is not plain."""
    until = rule.until or ""
    years = f"{rule.since or ''}—{until}年度" if rule.since or until else ""
    life = "，".join(filter(None, (Standing.TRIAL.label if rule.trial else "", years)))
    return f"{rule.title}（{life}）" if life else rule.title


def page() -> str:
    """Write the register as a page."""
    parts = [_HEAD.format(count=len(list(entries())))]
    for severity in Severity:
        heads = _row("规则", "代号", "查什么", "问题", "怎样改", "依据")
        parts.append(f"\n## {severity.label}\n\n{heads}\n{_row(*['---'] * 6)}")
        parts += [_line(rule, places) for rule, places in entries() if rule.severity is severity]
    return "\n".join(parts) + "\n"


def _line(rule: Rule, places: list[str]) -> str:
    message, remedy = told(rule, places)
    return _row(named(rule), f"`{rule.id}`", "、".join(places), message, remedy, rule.reference)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
