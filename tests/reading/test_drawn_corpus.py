"""What is read equals what is seen, or it is asked about: some three hundred cells drawn by LibreOffice and read back.

Each row of the sheet has its number in the first column and a cell in the second. The page that LibreOffice draws of
it, turned into text, is what a clerk sees. Left out is what LibreOffice shows otherwise than Excel: ``!`` for an
escape, ``[DBNum1]`` over places, names of months.
"""

from __future__ import annotations

import datetime
import io
import re
import shutil
import subprocess
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import xlsxwriter

from pipeline.reading.entries import entry
from pipeline.reading.parse_cell import clean
from pipeline.reading.places import Place
from pipeline.reading.workbook import book
from schemas.forms.model import Kind
from schemas.text.numerals import number
from tests.support.office import converted, needs_office

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.reading.entries import Entry
    from pipeline.reading.workbook import Sheet

NUMBERS = [0, 1, 20, 12.5, 0.953, 125000, -3, 1234567.891]
CODES = [
    "0", "0.00", "#,##0.00", "0.00_ ", "0.##", "#,##0.0###", "000", "0%", "0.0%", '"≥"0.0%', '0"万元"', '"≤"0"万元"',
    '0.0"亿元"', '#,##0"元"', '"¥"#,##0.00', '0.0,"千元"', '0\\.0,"万元"', '0.00,,"百万"', "0.0,", '"不低于"0"户"',
    'General"家"', '"约"General', '"已完成"', "# ?/?", "# ??/??", "0.00E+00", "0.00_);(0.00)", "0;[Red]-0", "0;0",
    "0;-0;;@", ";;;", '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', '[>=10000]0.0,"千";0',
]  # fmt: skip
TEXTS = ["37", "≥37家", "达标"]
TEXT_CODES = ["@", '@"户"', '0;-0;0;"共"@', ";;;", '0"万元"']
DAYS = [datetime.date(2021, 12, 1), datetime.date(2022, 12, 20), datetime.date(2021, 3, 5)]
DAY_CODES = [
    'yyyy"年"m"月"', 'yyyy"年"m"月"d"日"', 'm"月"d"日"', "yyyy-mm-dd", "yyyy/m/d", "yyyy.mm", "m-d", "yyyy", "yy-m-d",
    "d/m/yyyy", "aaaa",
]  # fmt: skip
RUNS = [
    ("55", "raised", "1"), ("480.5", "raised", "①"), ("20万元", "raised", "注2"), ("5×10", "raised", "3"),
    ("100m", "raised", "2"), ("CO", "lowered", "2"), ("55", "lowered", "1"), ("5", "bold", "5"),
    ("struck", "50", "55"), ("struck", "≥60户", "≥50户"), ("struck", "作废", "12.5"), ("bold", "20", "万元"),
]  # fmt: skip


class Drawn(NamedTuple):
    """A cell of the corpus: its value, the code of its format, and whether its row is hidden."""

    value: Any
    code: str = ""
    hidden: bool = False


CORPUS = [
    *(Drawn(value, code) for code in CODES for value in NUMBERS),
    *(Drawn(value, code) for code in TEXT_CODES for value in TEXTS),
    *(Drawn(value, code) for code in DAY_CODES for value in DAYS),
    *(Drawn(runs) for runs in RUNS),
    *(Drawn(value, "0", hidden=True) for value in (7, 8, 9)),
    Drawn(55, "struck"),
]


def workbook() -> bytes:
    """Write the corpus."""
    stream = io.BytesIO()
    made = xlsxwriter.Workbook(stream)
    sheet = made.add_worksheet("表")
    sheet.set_column(1, 1, 60)
    looks = {"raised": {"font_script": 1}, "lowered": {"font_script": 2}, "struck": {"font_strikeout": True}}
    fonts = {name: made.add_format(each) for name, each in (looks | {"bold": {"bold": True}}).items()}
    for at, cell in enumerate(CORPUS):
        sheet.write_string(at, 0, f"R{at:03d}")
        options = {"font_strikeout": True} if cell.code == "struck" else {"num_format": cell.code} if cell.code else {}
        style = made.add_format({"align": "left", **options})
        if isinstance(cell.value, tuple):
            pieces: list[Any] = [fonts.get(piece, piece) for piece in cell.value]
            sheet.write_rich_string(at, 1, *pieces, style)
        elif isinstance(cell.value, datetime.date):
            sheet.write_datetime(at, 1, datetime.datetime.combine(cell.value, datetime.time()), style)
        elif isinstance(cell.value, str):
            sheet.write_string(at, 1, cell.value, style)
        else:
            sheet.write_number(at, 1, cell.value, style)
        if cell.hidden:
            sheet.set_row(at, None, None, {"hidden": True})
    made.close()
    return stream.getvalue()


def seen(content: bytes, folder: Path) -> dict[int, str]:
    """Give what a person sees in each row that is drawn."""
    path = folder / "corpus.xlsx"
    path.write_bytes(content)
    page = converted(path, "pdf", folder, language="zh-CN")
    done = subprocess.run(["pdftotext", "-layout", str(page), "-"], check=True, capture_output=True, text=True)
    return {int(row[1]): row[2].strip() for row in re.finditer(r"R(\d{3})[^\S\n]*(.*)", done.stdout)}


_FIGURE = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def figures(text: str) -> list[Decimal]:
    """Give the figures of a text."""
    return [Decimal(each.replace(",", "")) for each in _FIGURE.findall(text)]


def says_the_same(read: str, shown: str) -> bool:
    """Tell whether a text says what is shown: the same letters, and figures that round to those that show."""
    if shown in {"", "-"}:
        return read in {"", "0"}
    read, shown = (unicodedata.normalize("NFKC", re.sub(r"\s", "", each)) for each in (read, shown))
    shown = re.sub(r"^\((.+)\)$", r"-\1", shown)
    read = read if any(figures(shown)) else read.removeprefix("-")  # -0.003 shows as 0.0
    words, letters = (_FIGURE.sub("#", each) for each in (read, shown))
    if words.rstrip(".") != letters.rstrip("."):
        return False
    pairs = zip(figures(read), figures(shown), strict=True)
    return all(abs(one - other) * 2 <= Decimal(1).scaleb(other.as_tuple().exponent) for one, other in pairs)  # type: ignore[arg-type]


def is_day(read: str, shown: str) -> bool:
    """Tell whether a text names the parts of a day that are shown, in whatever order, and no other."""
    short = sorted(int(each) % 100 for each in figures(read))
    return short == sorted(int(each) % 100 for part in figures(shown) for each in str(part).split("."))


def is_number(read: str, shown: str) -> bool:
    """Tell whether a plain figure is what a fraction or a power of ten shows: 12.5 for 12 1/2."""
    fraction = re.fullmatch(r"-?(?:(\d+) +)?(\d+)/(\d+)", shown)
    if fraction:
        whole, above, below = (int(each or 0) for each in fraction.groups())
        return abs(abs(Decimal(read)) - whole - Decimal(above) / below) < Decimal("0.06")
    power = re.fullmatch(r"-?\d\.\d\dE[+-]\d\d", shown)
    return bool(power) and abs(Decimal(read) - Decimal(shown)) <= abs(Decimal(shown)) / 100


def agrees(cell: Drawn, found: Entry, shown: str) -> bool:
    """Tell whether what was read of a cell as text is what it shows."""
    if isinstance(cell.value, datetime.date):
        return is_day(found.written, shown) or found.written == shown
    return says_the_same(found.written, shown) or is_number(found.written, shown)


@pytest.mark.slow
@needs_office
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed on this machine")
def test_what_is_read_is_what_is_seen_or_it_is_asked_about(tmp_path: Path) -> None:
    """Of every cell drawn, what was read as text and as an amount is what the page shows, or it is doubtful or told."""
    content = workbook()
    pages = seen(content, tmp_path)
    sheet = book(content).sheets[0]
    wrong: list[tuple[Drawn, Any, str]] = []
    plain = 0
    for at, cell in enumerate(CORPUS):
        if cell.hidden:
            assert at not in pages
            assert at in sheet.closer.hidden_rows
            continue
        text, amount = (entry(kind, Place(sheet, (at, 1))) for kind in (Kind.TEXT, Kind.AMOUNT))
        told = (at, 1) in sheet.closer.runs and bool(sheet.closer.runs[at, 1].left_out)
        if not (text.doubtful or told or agrees(cell, text, pages[at])):
            wrong.append((cell, text.written, pages[at]))
        if not (amount.doubtful or told or _is_amount(amount, pages[at], sheet, at)):
            wrong.append((cell, amount.value, pages[at]))
        plain += not (text.doubtful or told)
    assert wrong == []
    assert len(CORPUS) >= 150
    assert plain >= 250  # most is read, not asked about


def _is_amount(found: Entry, shown: str, sheet: Sheet, at: int) -> bool:
    """Tell whether an amount is what a clerk reads from what is shown."""
    if isinstance(found.value, str):
        return False
    if shown in {"", "-"}:
        return not found.value
    by_eye = clean(shown, Kind.AMOUNT).value
    if by_eye is None:  # a fraction, a power of ten, Chinese numerals
        numeral = number(shown)
        return is_number(str(found.value), shown) or (numeral is not None and float(numeral) == found.value)
    shown_figures = figures(shown)
    unit = Decimal(str(by_eye)) / shown_figures[0] if shown_figures and shown_figures[0] else Decimal(1)
    slack = abs(unit) * Decimal(1).scaleb(shown_figures[0].as_tuple().exponent) / 2  # type: ignore[arg-type]
    assert sheet.rows[at]
    return found.value is not None and abs(Decimal(str(found.value)) - Decimal(str(by_eye))) <= slack


def test_the_law_of_the_corpus_can_be_broken() -> None:
    """The comparison tells a wrong unit, sign, scale or part of a date from what is shown."""
    assert says_the_same("≤12.54万元", "≤12.5万元")
    for read, shown in (
        ("20", "≤20万元"),
        ("12.7万元", "12.5万元"),
        ("500000万元", "50.0万元"),
        ("5055", ""),
        ("-5", "5"),
    ):
        assert not says_the_same(read, shown)
    assert is_day("2021年12月", "2021.12")
    assert not is_day("2021年12月1日", "2021年12月")
    assert is_number("12.5", "12 1/2")
    assert not is_number("12", "12 1/2")
