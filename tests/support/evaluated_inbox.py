"""An inbox of one return and its results, to be evaluated again while something goes wrong."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from schemas.file_names import JOURNAL
from tests.support import runner as runs

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

OFFICE = "示例县样板局"


def contents(folder: Path) -> dict[str, str]:
    """Give the digest of every result by its name; the journal apart, which remembers the runs before."""
    return {name: digest for name, digest in runs.contents(folder).items() if name != JOURNAL}


def recorded(folder: Path) -> dict[str, str]:
    """Give what run.json says was written, the journal apart."""
    return {name: digest for name, digest in runs.recorded(folder).items() if name != JOURNAL}


class Place(NamedTuple):
    """An inbox of one return and its results: what they are with the first return, and with the second."""

    inbox: Path
    output: Path
    returns: tuple[bytes, bytes]
    results: tuple[dict[str, str], dict[str, str]]

    def found(self, others: Collection[str] = ()) -> int:
        """Tell which of the two results are there, whole and nothing else but others, and say so of themselves."""
        folder = self.output / "2021"
        here = {name: digest for name, digest in contents(folder).items() if name not in others}
        assert here in self.results, sorted(here.items() ^ self.results[0].items())
        assert recorded(folder) == here
        return self.results.index(here)

    def send(self, number: int) -> None:
        """Put the first or the second return into the inbox."""
        path = self.inbox / "样板局.xlsx"
        path.write_bytes(self.returns[number])
        os.utime(path, (1650000000 + number,) * 2)  # results tell when a content was received

    def arguments(self) -> tuple[object, ...]:
        """Give what the command is told."""
        return "evaluate", self.inbox, "-o", self.output
