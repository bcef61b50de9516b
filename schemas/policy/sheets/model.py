"""What the sheets of a policy are made of: single entries, columns of words, and lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemas.policy.mistakes import Place


class Kind(StrEnum):
    """What an entry is: how it is shown, and what may be typed."""

    TEXT = "text"
    NUMBER = "number"
    SHARE = "share"
    """A fraction, shown in percent."""
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry on a line of its own: where it is in the policy, its words, its unit, where its source is."""

    at: Place
    words: str
    kind: Kind
    unit: str
    told: str
    source: Place = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: the key of its entry, its words, and what they are called that may be chosen."""

    key: str
    words: str
    kind: Kind = Kind.TEXT
    choices: Mapping[str, str] = field(default_factory=dict)
    width: float = 16


@dataclass(frozen=True, slots=True)
class List:
    """A list on a sheet of its own, one entry a line; ``told`` stands above it, ``room`` are its blank lines.

    ``by`` are the keys that name an entry.
    """

    name: str
    title: str
    told: str
    columns: tuple[Column, ...]
    by: tuple[str, ...]
    room: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """A column of words: where they are in the policy, what they are called, what they do, where their source is."""

    at: Place
    title: str
    told: str
    source: Place = ()
