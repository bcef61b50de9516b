"""Make the page of all commands from their help.

``python -m pipeline.pages.commands`` writes it; a test compares the page in docs/ with it.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.__main__ import parsers

PAGE = Path(__file__).parent.parent.parent / "docs" / "commands.zh-CN.md"


def make_page() -> str:
    """Make the page as Markdown: the help of the program, then that of each command."""
    front, commands = parsers()
    parts = [f"## {each.prog}\n\n```\n{each.format_help()}```\n" for each in (front, *commands.values())]
    return "\n".join(["# 命令\n\n<!-- 本页由程序生成（make docs），请勿手工修改。 -->\n", *parts])


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
