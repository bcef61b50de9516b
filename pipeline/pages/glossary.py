"""The page of terms, made from `schemas.glossary`.

``python -m pipeline.pages.glossary`` writes it; a test holds the page in docs/ to it.
"""

from __future__ import annotations

from pathlib import Path

from schemas.glossary import TERMS

PAGE = Path(__file__).parent.parent.parent / "docs" / "glossary.zh-CN.md"
_HEAD = """# 用语

<!-- 本页由程序生成（make docs），请勿手工修改。 -->

一件事只用一个词：信息、工作簿和说明页都照此用语。

| 用语 | 意思 | 不用 |
| --- | --- | --- |
"""


def page() -> str:
    """Write the terms as a page."""
    return _HEAD + "".join(f"| {term.word} | {term.meaning} | {'、'.join(term.avoided)} |\n" for term in TERMS)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
