"""``jixiao rules``: print every rule of the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.parser import Parser

if TYPE_CHECKING:
    import argparse


def make_parser() -> Parser:
    """Make the parser of the command."""
    made = Parser("rules", "列出全部审核规则，各有依据和改法", examples=("rules",))
    made.set_defaults(command=_run)
    return made


def _run(_: argparse.Namespace) -> int:
    from schemas.rules.texts import list_rules, rule_text, rule_title

    for rule, places in list_rules():
        print(f"[{rule.severity.label}] {rule_title(rule)} {rule.id}")
        print(f"    {''.join(rule_text(rule, places))}")
        print(f"    {'查：' + '、'.join(places) + '。' if places else ''}依据：{rule.reference}")
    return 0
