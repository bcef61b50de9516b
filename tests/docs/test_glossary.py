"""One word a thing: no message, workbook or page uses another word for a term of the glossary."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.pages import glossary
from schemas.glossary import TERMS, Term

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
READS = {"schemas/text", "schemas/forms", "pipeline/reading", "pipeline/demo", "schemas/glossary.py"}
"""What knows the words of departments, which write as they like."""


def texts(path: Path) -> Iterator[str]:
    """Give the texts of a module, docstrings apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


@lru_cache(maxsize=1)
def shown() -> dict[str, list[str]]:
    """Give the texts that the program shows, by module."""
    modules = [path for folder in ("pipeline", "schemas") for path in (ROOT / folder).rglob("*.py")]
    names = {path.relative_to(ROOT).as_posix(): path for path in modules}
    return {name: list(texts(path)) for name, path in names.items() if not any(name.startswith(at) for at in READS)}


def test_the_page_is_the_one_the_program_makes() -> None:
    """docs/glossary.zh-CN.md is what `make docs` writes."""
    assert glossary.PAGE.read_text(encoding="utf-8") == glossary.page()


def test_no_other_word_is_used_for_a_term() -> None:
    """No text of the program holds a word that the glossary avoids."""
    avoided = {word: term.word for term in TERMS for word in term.avoided}
    found = [
        (name, text[:40], word, avoided[word])
        for name, lines in shown().items()
        for text in lines
        for word in avoided
        if word in text
    ]
    assert found == []
    assert len(avoided) > 15


@pytest.mark.parametrize("term", TERMS, ids=[term.word for term in TERMS])
def test_each_term_is_in_use(term: Term) -> None:
    """A term of the glossary is a word that the program shows, or a part of one."""
    assert any(term.word in text for lines in shown().values() for text in lines)
