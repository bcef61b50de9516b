"""The words of the demo county, and who its departments are: read from `words.toml` when first needed."""

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
    """A department: its place in the county, its full name, what people call it, and the kind of work it does."""

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
    """Give what a kind of department can report, its own before what is common to all."""
    kinds = words()["kinds"]
    return (*kinds[kind].get(what, ()), *kinds["common"][what])


def list_departments(count: int) -> list[DemoDepartment]:
    """Give the departments of a county: bureaus, then towns and centres, then as many numbered ones as are needed."""
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
