"""``jixiao rules``: every rule of the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from pipeline.commands.shared import Commands


def add(commands: Commands) -> None:
    """Add the command to the others."""
    commands.add_parser("rules", help="列出全部审核规则").set_defaults(command=_run)


def _run(_: argparse.Namespace) -> int:
    from pipeline.register import entries, named, told

    for rule, places in entries():
        print(f"[{rule.severity.label}] {named(rule)} {rule.id}")
        print(f"    {''.join(told(rule, places))}")
        print(f"    {'查：' + '、'.join(places) + '。' if places else ''}依据：{rule.reference}")
    return 0
