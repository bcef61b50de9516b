"""Words of an actual → the band they belong to, and the word that decides it (method section 5)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from schemas.policy import Qualitative


class Band(NamedTuple):
    """A band, "" where the words are known to no list, and the word that put them there."""

    name: str = ""
    word: str = ""


REPEATED = "与目标相同"
"""What decides where an actual is its target word for word."""
_ASKS = re.compile("[否不未没无非]")


@lru_cache(maxsize=8192)
def band_of(actual: str, target: str, qualitative: Qualitative) -> Band:
    """Give the band of an actual's words; a negation wins over all.

    What repeats its target word for word says that it was done, a target that is itself a negation (不发生事故) too.
    A word as short as 有 or 高 affirms only as the whole of an actual whose target has it.
    """
    listed = _listed(actual, qualitative)
    if listed.name != "partly" and normalise_label(actual) == normalise_label(target):
        return listed if listed.name == "achieved" else Band("achieved", REPEATED)
    said = actual.strip().rstrip("。.")
    if not listed.name and said in qualitative.whole and said in target and not _ASKS.search(target):
        return Band("achieved", said)
    return listed


def _listed(text: str, qualitative: Qualitative) -> Band:
    for word in qualitative.set_aside:
        text = text.replace(word, "")
    for name, band in (
        ("missed", qualitative.missed),
        ("partly", qualitative.partly),
        ("achieved", qualitative.achieved),
    ):
        for word in band.words:
            if word in text:
                return Band(name, word)
    return Band()
