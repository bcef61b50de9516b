"""The promises of docs/promises.md are proved: each by tests that are there and say the same."""

from __future__ import annotations

import ast
import re

import pytest

from tests.support import filed

PAGE = filed.ROOT / "docs" / "promises.md"
PROMISES: dict[str, list[str]] = {
    head.strip(): re.findall(r"^- `(tests/[\w/]+\.py::\w+)`", body, re.MULTILINE)
    for head, body in re.findall(
        r"^## \d+\. (.*?)\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
}
"""Promise → the tests that it names."""


def _docstrings() -> dict[str, str]:
    """Give the docstring of every test, by file and name."""
    found = {}
    for path in sorted((filed.ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[f"{path.relative_to(filed.ROOT).as_posix()}::{node.name}"] = ast.get_docstring(node) or ""
    return found


TESTS = _docstrings()


def test_there_are_fifteen() -> None:
    """The page states fifteen promises, each with at least one test."""
    assert len(PROMISES) == 15
    assert all(PROMISES.values())


@pytest.mark.parametrize("promise", PROMISES)
def test_each_is_proved_in_its_own_words(promise: str) -> None:
    """Every test that a promise names is there and begins with its words, and every test that does is named."""
    assert {name: TESTS[name] for name in PROMISES[promise] if not TESTS[name].startswith(promise)} == {}
    assert sorted(name for name, words in TESTS.items() if words.startswith(promise)) == sorted(PROMISES[promise])
