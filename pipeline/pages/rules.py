"""Make the page of all rules from the register.

``python -m pipeline.pages.rules`` writes it; a test compares the page in docs/ with it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from schemas.enums import Severity
from schemas.rules.texts import list_rules, rule_text, rule_title

if TYPE_CHECKING:
    from schemas.rules.model import Rule

PAGE = Path(__file__).parent.parent.parent / "docs" / "rules.md"
_HEAD = """# 审核规则

<!-- 本页由程序生成（make docs），请勿手工修改。 -->

共 {count} 条规则。“错误”须改正，“提醒”须核对或说明，“提示”看一眼即可；
“试行”的列出而不计数。句中的“…”是部门填报的内容或核算的数。
依据中的“评分办法”指[评分办法](method.md)的章节。"""


def make_page() -> str:
    """Make the page as Markdown."""
    parts = [_HEAD.format(count=len(list(list_rules())))]
    for severity in Severity:
        heads = _row("规则", "代号", "查什么", "问题", "怎样改", "依据")
        parts.append(f"\n## {severity.label}\n\n{heads}\n{_row(*['---'] * 6)}")
        parts += [_line(rule, places) for rule, places in list_rules() if rule.severity is severity]
    return "\n".join(parts) + "\n"


def _line(rule: Rule, places: list[str]) -> str:
    message, remedy = rule_text(rule, places)
    return _row(rule_title(rule), f"`{rule.id}`", "、".join(places), message, remedy, rule.reference)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
