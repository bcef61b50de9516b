"""State the performance goals as data: each row of the table with its limit, and the county sizes."""

from __future__ import annotations

from typing import NamedTuple


class Goal(NamedTuple):
    """A row of the table.

    ``what`` may name the numbers of a `Size` (``{base}``); ``unit`` is "×", "%", "MB" or "s" and is
    that of the measurement; the figure must be at least the limit where ``least``, else at most.
    """

    what: str
    limit: float
    unit: str
    least: bool = False
    note: str = ""


OF_FOUR = 8
"""The goal for the straightforward way over ours where there are four processors."""
GOALS = {
    "page": Goal("a form dropped on the page: seconds to the answer with its findings", 0.15, "s", note="median of 20"),
    "page_floor": Goal("the same over reading it and drawing its workbooks by the libraries alone", 3, "×"),
    "check": Goal("`jixiao check` of one form over the bare import of pandas and pandera", 1.2, "×"),
    "watch": Goal("one return of {base} changed while `jixiao watch` runs: to results in place", 1, "s"),
    "one_changed": Goal("the same in a fresh process", 2, "s", note="or 1.25 × what cannot be left out"),
    "floor": Goal("evaluate {base} returns, one process: CPU seconds over the floor's", 1.6, "×"),
    "faulty": Goal("the same with {base} returns as bad as the example", 1.75, "×"),
    "plain": Goal("the straightforward way over ours, {base} returns, seconds of waiting", 5, "×", least=True),
    "plain_few": Goal("the same, {few} returns", 5, "×", least=True),
    "two": Goal("two processes over one, {base} returns, seconds of waiting", 0.6, "×", note="on a quiet machine"),
    "again": Goal("second run, nothing changed, of the first, {base} returns", 5, "%"),
    "parent_base": Goal("peak memory of the main process, {base} returns", 250, "MB"),
    "parent_large": Goal("peak memory of the main process, {large} returns", 600, "MB"),
    "worker": Goal("peak memory of a worker, the largest of all runs", 150, "MB"),
    "growth": Goal("CPU seconds a return, {large} over {base} returns", 1.1, "×"),
    "province": Goal(
        "{counties} counties of {departments} on Dask, two local workers over one, seconds of waiting", 0.6, "×"
    ),
    "help": Goal("`jixiao --help`, no pandas imported", 0.2, "s"),
    "single": Goal("one return in a fresh process, over the bare import of pandas and pandera", 2.5, "×"),
}
"""In the order of the table."""


class Size(NamedTuple):
    """The numbers of departments of the counties, and of repetitions; 0 leaves the ``few`` or the ``large`` county out.

    Short runs are made ``repeats`` times, those with one process and with two ``pairs`` times. The province has so many
    ``counties`` of so many ``departments``; 0 leaves it out.
    """

    base: int
    few: int
    large: int
    repeats: int
    pairs: int
    counties: int = 0
    departments: int = 0


SIZES = {
    "full": Size(base=1_000, few=200, large=10_000, repeats=5, pairs=3, counties=120, departments=100),
    "county": Size(base=1_000, few=200, large=0, repeats=5, pairs=3),
    "small": Size(base=200, few=0, large=0, repeats=5, pairs=3, counties=4, departments=20),
    "tiny": Size(base=10, few=8, large=20, repeats=1, pairs=2, counties=1, departments=10),
}
"""``make bench SIZE=...``: the goals are for ``full``; ``county`` leaves out the large one and the province, ``small``
is a quick look, ``tiny`` is for the tests."""
