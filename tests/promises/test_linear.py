"""No text is so built that a regular expression of the program does not come to an end."""

from __future__ import annotations

import re
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.patterns import Used, hostile_texts, made_as_it_runs, used

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG, LONG_PART = 4000, 40_000
"""Characters of a text, and bytes of a part of a file."""
SHARE = 4
"""The shorter text is a fourth of the longer one: four times the time is linear, sixteen times quadratic."""
TIMES_TOO_SLOW = 9.0
NOTICEABLE = 0.01
"""Seconds; what takes less for `LONG` characters is not slow, however it grows from less."""
BEST_OF = 5
AT_MOST = 10
"""Seconds for one text, after which it is given up."""


def _ask(pattern: Any, way: str, text: Any) -> None:
    """Ask a pattern about a text in the way in which the program does."""
    if way in {"match", "fullmatch", "search"}:
        getattr(pattern, way)(text)
    else:  # sub, split and findall do what finditer does
        for _ in pattern.finditer(text):
            pass


def _seconds(pattern: Any, way: str, text: Any) -> float:
    """Measure how long an answer keeps the processor, whatever else it has to do."""
    begun = time.thread_time()
    _ask(pattern, way, text)
    return time.thread_time() - begun


def _slow(each: Used) -> str:
    """Give the beginning of a text whose answer takes more than in proportion to its length, "" for none."""
    ways = {way if way in {"match", "fullmatch", "search"} else "finditer" for way in each.ways}
    for long in hostile_texts(each.pattern, LONG if isinstance(each.pattern.pattern, str) else LONG_PART):
        short = long[: len(long) // SHARE] + long[-1:]
        for way in ways:
            signal.setitimer(signal.ITIMER_REAL, AT_MOST)
            try:
                if _seconds(each.pattern, way, long) < NOTICEABLE:
                    continue
                both = [(_seconds(each.pattern, way, long), _seconds(each.pattern, way, short)) for _ in range(BEST_OF)]
                took, for_a_share = map(min, zip(*both, strict=True))
                if took > NOTICEABLE and took > TIMES_TOO_SLOW * for_a_share:
                    return f"{way} {long[:40]!r}… {took * 1000:.0f} ms"
            except TimeoutError:
                return f"{way} {long[:40]!r}… without end"
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
    return ""


def _give_up(*_: object) -> None:
    raise TimeoutError


@pytest.fixture
def alarmed() -> Iterator[None]:
    """Let the alarm of a text raise."""
    before = signal.signal(signal.SIGALRM, _give_up)
    yield
    signal.signal(signal.SIGALRM, before)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "way"),
    [
        (r"(?:达标?|[升达]?[到至])+$", "search"),
        (r"\d+分$", "sub"),
        (r"[^:]*表(?:\d.*)?", "fullmatch"),
        (r"<si(?:\s[^>]*)?/>", "split"),
    ],
)
@pytest.mark.usefixtures("alarmed")
def test_a_slow_pattern_is_found(pattern: str, way: str) -> None:
    """A pattern whose words overlap, or that begins in every place anew, is found by the texts made of it."""
    assert _slow(Used("", re.compile(pattern), frozenset({way})))
    assert not _slow(Used("", re.compile("[到至]|达标?"), frozenset({way})))


@pytest.mark.slow
@pytest.mark.usefixtures("alarmed")
def test_every_pattern_is_linear() -> None:
    """No file costs more than a few seconds and 200 MB: texts made to keep each pattern busy."""
    patterns, places = used()
    made = made_as_it_runs()
    assert {place.partition(":")[0] for place in places} == made.keys()
    patterns += [each for several in made.values() for each in several]
    assert len(patterns) > 200
    slow = [f"{each.place}: {found}" for each in patterns if (found := _slow(each))]
    assert not slow, "\n".join(slow)
