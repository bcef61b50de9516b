"""Untrusted text as it may be shown: it takes one line, steers no terminal, and hides nothing."""

from __future__ import annotations

import unicodedata

_STEERS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of Unicode that are no letters: controls, directions of writing, halves of letters, ends of lines."""


def one_line(text: str) -> str:
    """Give a text on one line, its spaces single."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def visible(text: str) -> str:
    """Give a line of a message as it is, but for what would steer a terminal or begin another line."""
    return "".join(" " if unicodedata.category(mark) in _STEERS else mark for mark in text)


def legible(path: object) -> str:
    """Give a path or name with what cannot be seen spelt out, so that it is one line and steers no terminal."""
    return "".join(_spelt(mark) if unicodedata.category(mark) in _STEERS else mark for mark in str(path))


def spelt(name: str) -> str:
    """Give the name of a file with what cannot be seen or written spelt out; different names stay different."""
    return "".join(_spelt(mark) if unicodedata.category(mark) in _STEERS or mark == "\\" else mark for mark in name)


def _spelt(mark: str) -> str:
    return mark.encode("unicode_escape").decode("ascii")
