"""Load the words and departments of the demo county from `words.toml` when first needed."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = Path(__file__).with_name("words.toml")


class DemoDepartment(NamedTuple):
    """A department: its number, full name, short name, and kind."""

    number: int
    name: str
    short: str
    kind: str


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """Give all words."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def indicator_pool(kind: str, what: str) -> tuple[Any, ...]:
    """Give what a kind of department can report, first its own, then what is common to all kinds."""
    kinds = words()["kinds"]
    return (*kinds[kind].get(what, ()), *kinds["common"][what])


def list_departments(count: int) -> list[DemoDepartment]:
    """List the departments of a county: bureaus, then towns and centres, then numbered ones as needed."""
    county = words()["county"]
    named = islice(_suffixes(), count)
    return [DemoDepartment(number, f"{county}{suffix}", suffix, kind) for number, (suffix, kind) in enumerate(named)]


def _suffixes() -> Iterator[tuple[str, str]]:
    yield from words()["offices"].items()
    for town in words()["towns"]:
        yield f"{town}镇人民政府", "town"
    for centre in words()["centres"]:
        yield centre, "centre"
    number = 0
    while True:
        number += 1
        yield words()["numbered"].format(number=number), "centre"
