"""Which fiscal year the returns of an inbox name, found at a glance: before they are read, and without parsing them.

The glance only chooses the year that is evaluated where nobody has asked for one, and is told; the reading of each
return decides of which year it is. Knows no pandas.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from html import unescape
from typing import TYPE_CHECKING

from pipeline.guard import Refused, content
from schemas.forms import FORMS
from schemas.forms.model import YearLine
from schemas.lists.own_files import TITLE as RESULTS
from schemas.text.normalise import normal, normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.intake.inbox import InboxFile

PARTS = re.compile(r"xl/(?:sharedStrings|worksheets/sheet[1-4])\.xml", re.IGNORECASE)
"""The parts of a workbook that hold the texts of its first sheets."""
MOST = 1 << 20
"""Bytes of a part that are looked at."""
LONGEST = 60
"""Characters of a line that names the year of a form; longer texts are answers."""
_RUN = re.compile(r"<t(?:\s[^<>]*)?>([^<]*)</t>")
_YEAR = re.compile(r"(?<!\d)(20\d\d)\s*年")
_ONLY_YEAR = re.compile(r"\W*20\d\d\s*年度?\W*")
_TITLES = tuple(
    normalise_label(form.title) for form in FORMS if any(isinstance(each, YearLine) for each in form.flat())
)
_WIDE_LINE = re.compile(r"[（(]?20\d\d\s*年度?[）)]?")


def year_to_evaluate(files: Iterable[InboxFile]) -> tuple[int | None, Counter[int]]:
    """Give the year that most returns name, the newest of several; None where none names one; and how many each."""
    stated = (stated_year(each) for each in files if not each.passed_over)
    counts = Counter(year for year in stated if year is not None)
    return max(counts, key=lambda year: (counts[year], year), default=None), counts


def stated_year(file: InboxFile) -> int | None:
    """Give the fiscal year that a return prints below the title of its form, None where none is seen."""
    try:
        sent = content(file.path)
    except Refused:
        return None
    for texts in _parts(sent):
        if any(text.endswith((RESULTS, f"{RESULTS}汇总")) for text in texts):
            return None  # a workbook that a run wrote
        named = next(filter(None, map(_named, texts)), None)
        if named:
            return int(named[1])
    return None


def _named(text: str) -> re.Match[str] | None:
    found = _YEAR.search(text)
    if found and (_ONLY_YEAR.fullmatch(text) or any(title in normalise_label(text) for title in _TITLES)):
        return found
    return None


def _parts(sent: bytes) -> Iterator[list[str]]:
    """Give the short texts that speak of a year, a part of a workbook after the other; none of what is no workbook."""
    if not sent.startswith(b"PK"):
        text = sent.decode("utf-16-le", "ignore") + sent[1:].decode("utf-16-le", "ignore")
        yield [normal(found[0]) for found in _WIDE_LINE.finditer(text)]
        return
    try:
        with zipfile.ZipFile(io.BytesIO(sent)) as archive:
            for name in sorted(filter(PARTS.fullmatch, archive.namelist()), key=str.lower):
                with archive.open(name) as part:
                    yield _strings(part.read(MOST).decode("utf-8", "ignore"))
    except Exception:  # noqa: BLE001 - whatever is wrong with the archive, the reading of the return tells it
        return


def _strings(xml: str) -> list[str]:
    found = (each for each in xml.replace("</is>", "</si>").split("</si>") if "年" in each or "&#" in each)
    texts = (normal(unescape("".join(_RUN.findall(each)))) for each in found)
    return [text for text in texts if len(text) <= LONGEST]
