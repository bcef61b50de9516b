"""Make untrusted text safe to show: on one line, without control characters, with nothing hidden."""

from __future__ import annotations

import unicodedata

_CONTROLS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of Unicode that control a terminal: controls, directions of writing, surrogates, ends of lines."""


def one_line(text: str) -> str:
    """Return a text on one line, with single spaces."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def visible(text: str) -> str:
    """Return a line of a message without what would control a terminal or begin another line."""
    return "".join(" " if unicodedata.category(mark) in _CONTROLS else mark for mark in text)


def legible(path: object) -> str:
    """Return a path or name with invisible characters escaped: it is one line, and controls no terminal."""
    return "".join(_spelt(mark) if unicodedata.category(mark) in _CONTROLS else mark for mark in str(path))


def spelt(name: str) -> str:
    """Return the name of a file with invisible characters escaped; different names stay different."""
    return "".join(_spelt(mark) if unicodedata.category(mark) in _CONTROLS or mark == "\\" else mark for mark in name)


def _spelt(mark: str) -> str:
    return mark.encode("unicode_escape").decode("ascii")
