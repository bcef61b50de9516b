"""The runs of one cell → the text that counts: struck-through parts and the marks of notes are left out, and told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

SUPERSCRIPT, SUBSCRIPT = "superscript", "subscript"
_NOTE_MARK = re.compile(r"[\s(（\[［【〔]*(?:注释?|备注)?[\d①-⑳㈠-㈩*＊†‡§#]{1,3}[\s)）\]］】〕]*")
_POWERS = str.maketrans("0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")
_UNITS = re.compile(r"(?<![A-Za-z])(?:[kcdm]?m|米)$", re.IGNORECASE)
_TEN = re.compile(r"(?<!\d)10$")


class Run(NamedTuple):
    """A part of a cell's text with looks of its own; ``raised`` is `SUPERSCRIPT`, `SUBSCRIPT` or ""."""

    text: str
    struck: bool = False
    raised: str = ""


class Counted(NamedTuple):
    """What counts of a cell's text, the whole of it, and the parts that were left out."""

    text: str
    whole: str
    left_out: tuple[str, ...]


def count(runs: Sequence[Run]) -> Counted | None:
    """Give what counts of the runs of a cell; None where all of it does, or all is struck through.

    A raised 2 or 3 behind 米 or m is a unit (m²), a raised figure behind 10 a power, and a lowered one behind a letter
    belongs to it (CO₂); other raised or lowered figures are marks of notes.
    """
    whole = "".join(run.text for run in runs)
    if all(run.struck for run in runs if run.text.strip()):
        return None
    text, left_out = "", []
    for run in runs:
        if run.struck:
            left_out += [run.text.strip()] if run.text.strip() else []
        elif run.raised and _NOTE_MARK.fullmatch(run.text):
            kept = _kept(text, run)
            text += kept
            left_out += [] if kept else [run.text.strip()]
        else:
            text += run.text
    return Counted(text, whole, tuple(left_out)) if text != whole else None


def _kept(before: str, run: Run) -> str:
    """Give a raised or lowered figure as it belongs to what stands before it; "" for the mark of a note."""
    figure = run.text.strip()
    if run.raised == SUBSCRIPT:
        return run.text if re.search(r"[A-Za-z]$", before) else ""
    if figure in {"2", "3"} and _UNITS.search(before):
        return figure.translate(_POWERS)
    return figure.translate(_POWERS) if _TEN.search(before) and figure.isdecimal() else ""
