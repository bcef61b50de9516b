"""Reading in few steps: each quick way against the slow one that says what is right, each memory against change."""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from typing import Any
from unittest.mock import patch
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.guard import guard, sheet_fast
from pipeline.guard import xml as guard_xml
from pipeline.guard import zip as guard_zip
from pipeline.guard.notes import Refused
from pipeline.guard.sheet_exact import exact
from pipeline.reading import parse_cell, read
from pipeline.reading.labels import is_label, known
from schemas.forms import FORMS, VERSIONS
from schemas.forms.model import Form, Indicators, Kind
from schemas.text import deadlines
from schemas.text.model import Comparison, Sort
from schemas.text.targets import compares, parse, says_nothing
from schemas.text.vocabulary import LEAD
from tests.support import filed, forged
from tests.support.pages import Page, pages, saved

# --- depth ----------------------------------------------------------------------------------------------------------

TEXTS = st.sampled_from(
    ["", "", "字", " ", "/", "&lt;/", "&#62;", ">", "/>", "a/>b>c", "<!-- </a> -->", "<![CDATA[<a>]]>", "<?i <a>?>"]
)
QUOTED = st.sampled_from(["", ' b="1"', ' b="/"', ' b="/>"', " b='>'", ' b="&quot;/"'])


@st.composite
def elements(draw: st.DrawFn, depth: int = 6) -> str:
    """Give an element: closed at once, or with texts and elements in it."""
    attributes = draw(QUOTED)
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return f"<a{attributes}/>"
    inner = draw(st.lists(elements(depth - 1), max_size=2))
    return f"<a{attributes}>{draw(TEXTS)}{draw(TEXTS).join(inner)}</a>"


def depth_of(element: ElementTree.Element) -> int:
    """Count the elements from one down to its deepest."""
    return 1 + max(map(depth_of, element), default=0)


@settings(max_examples=300, deadline=None, database=None)
@given(
    elements(),
    st.sampled_from(["", '<?xml version="1.0"?>', "\ufeff<?xml version='1.0' encoding='UTF-8'?>\n", "\ufeff"]),
)
@example('<a b="/>"><a b="/>"><a/></a></a>', "")
@example("<a><a>/></a></a>", "")
def test_the_quick_way_never_takes_a_part_for_less_deep_than_it_is(element: str, begin: str) -> None:
    """A plain part is told as deep as its elements lie; with more steps up than elements it is not sure."""
    part = (begin + element).encode()
    root = ElementTree.fromstring(part)  # noqa: S314 - made above
    depth, up = depth_of(root), part.count(b"</") + part.count(b"/>")
    assert guard_xml.is_plain(part) == ("<!" not in element and "<?i" not in element)
    if guard_xml.is_plain(part):
        assert not guard_xml.is_shallow(part, depth - 1)
        assert guard_xml.is_shallow(part, depth) == (up == len(list(root.iter())))
        assert guard_xml.bound(part)


def test_a_part_is_as_deep_as_it_may_be_and_no_deeper() -> None:
    """64 elements one in the other pass, plain or not, and 65 do not."""
    for begin in ("", "<!-- -->"):
        guard_xml.sound(f"{begin}{'<a>' * 64}{'</a>' * 64}".encode())
        with pytest.raises(Refused, match="不合常规"):
            guard_xml.sound(f"{begin}{'<a>' * 65}{'</a>' * 65}".encode())


# --- cells ----------------------------------------------------------------------------------------------------------

CELLS = st.sampled_from(
    [
        '<c r="{}{}"/>',
        '<c r="{}{}" s="3"/>',
        '<c r="{}{}" s="1"><v>0.5</v></c>',
        '<c r="{}{}" s="1" t="s"><v>0</v></c>',
        '<c r="{}{}" t="s"><v></v></c>',
        '<c r="{}{}"><f>SUM(A1)</f></c>',
        '<c r="{}{}" t="str"><f>A1&amp;"字"</f><v></v></c>',
        '<c r="{}{}"><f t="shared" si="0"/><v>1</v></c>',
        '<c r="{}{}"><f>&unknown;</f><v>1</v></c>',
        '<c r="{}{}" t="e"><v>#N/A</v></c>',
        '<c r="{}{}" t="e"><f>1/0</f></c>',
        '<c r="{}{}" t="e"><v>#ODD</v></c>',
        '<c s="1" r="{}{}"><v>1</v></c>',
        '<c r="{}{}"><v>1</v><f>1</f></c>',
        '<c r="{}{}"><v>1&#48;</v></c>',
        '<c r="{}{}"><v>1<!-- 2 -->3</v></c>',
        '<c r="{}{}" t="str"><v><![CDATA[字]]></v></c>',
        '<c r="{}{}" t="inlineStr"><is><t>字</t><rPh sb="0" eb="1"><t>z</t></rPh></is></c>',
        '<x:c r="{}{}"><v>1</v></x:c>',
        "<c><v>7</v></c>",
        '<!-- <c r="A1"><v>1</v></c> -->',
        "<odd/>",
        "<f>1</f>",
        "\n  ",
    ]
)  # fmt: skip
ROWS = st.sampled_from(
    ['<row r="{}">{}</row>', "<row>{1}</row>", '<row r="{}" ht="20" customHeight="1">{}</row>', '{1}<row r="{0}"/>',
     '<row r="{}" a=">">{}</row>', '<x:row r="{}">{}</x:row>', '<row r="{}"><row>{}</row></row>', "{1}"]
)  # fmt: skip
AROUND = st.sampled_from(
    [
        ("", ""),
        ("", forged.merged("A1:B2")),
        ("", forged.merged("A1:B2", "C3:D4")),
        ("", forged.merged("B2:A1")),
        ("<cols><col/></cols>", '<x:mergeCells><x:mergeCell ref="B2:A1"/></x:mergeCells>'),
        ("<!-- <sheetData> -->", ""),
        ("", '<!-- <mergeCell ref="B2:A1"/> -->'),
        ("", "<sheetData></sheetData>"),
        ("", "<a>" * 60 + "</a>" * 60),
        ("", "<a>" * 70 + "</a>" * 70),
        ("<odd>", ""),
        ("", "&unknown;"),
        ("", '<mergeCell  ref="B2:A1"/>'),
        ("", '<mergeCell\tref="B2:A1"/>'),
        ("", '<!-- <mergeCell ref="B2:A1"/>/> -->'),
        ("", "<sheetData/>"),
        ("<sheetData/>", ""),
    ]
)


@st.composite
def sheets(draw: st.DrawFn) -> bytes:
    """Give a sheet's part as programs write it, or nearly so, or not at all."""
    rows = []
    for number in sorted(draw(st.sets(st.sampled_from([1, 2, 3, 40, 4999, 5001, 1048576, 1048577]), max_size=3))):
        inner = [
            draw(CELLS).format(letters, number)
            for letters in draw(
                st.lists(st.sampled_from(["A", "B", "B", "C", "AA", "KN", "KO", "XFD", "XFE"]), max_size=4)
            )
        ]
        rows.append(draw(ROWS).format(number, "".join(inner)))
    before, after = draw(AROUND)
    part = forged.sheet("".join(rows), before, after)
    if draw(st.integers(0, 5)) == 0:
        part = part.replace('encoding="UTF-8"', draw(st.sampled_from(['encoding="us-ascii"', 'encoding="UTF-16"', ""])))
    return part.encode()


def outcome(part: bytes, way: Any) -> Any:
    """Give what is noted of a sheet's part in one way, or why it is refused."""
    try:
        found = way(part, {b"1": "0%", b"": "0%"})
    except Refused as refusal:
        return str(refusal)
    return found and (found.troubles, found.formats, found.merges, found.strings, found.last, found.width)


@settings(max_examples=1500, deadline=None, database=None)
@given(sheets())
@pytest.mark.slow
def test_a_sheet_is_seen_alike_in_both_ways(part: bytes) -> None:
    """The quick way is not sure, or notes and refuses what is noted and refused when every element is looked at."""
    quick, slow = outcome(part, sheet_fast._fast), outcome(part, exact)  # noqa: SLF001 - the quick way by itself
    assert quick in (None, slow)
    assert outcome(part, sheet_fast.scan) == slow


def test_the_quick_way_is_the_usual_one(seed: dict[str, Any]) -> None:
    """Both sheets of the seed are looked at in the quick way, blank lines between rows or not."""
    content = filed.workbook(seed)
    parts = guard_zip.unpack(content, guard_zip.members(content))
    for name in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
        for part in (parts[name], parts[name].replace(b"<row", b"\r\n  <row")):
            assert sheet_fast._fast(part, {}) is not None  # noqa: SLF001 - the way that is asked about


# --- what is remembered ---------------------------------------------------------------------------------------------


def test_merged_ranges_are_those_of_the_part_itself() -> None:
    """What lies around the rows is remembered by all its bytes: one range more, or a part out of form, is seen."""
    rows = forged.row(forged.cell("A1"))
    one, two = (forged.sheet(rows, after=forged.merged(*ranges)).encode() for ranges in (["A1:B2"], ["A1:B2", "B9:A1"]))
    for _ in range(2):
        assert sheet_fast.scan(one, {}).last == (0, 0)
        with pytest.raises(Refused, match="不存在"):
            sheet_fast.scan(two, {})
        with pytest.raises(Refused, match="损坏"):
            sheet_fast.scan(one.replace(b"</v>", b"</w>"), {})
        with pytest.raises(Refused, match="损坏"):
            sheet_fast.scan(one.replace(b"</worksheet>", b"</odd>"), {})
    assert sheet_fast.scan(one.replace(b">1<", b">12<"), {}).last == (0, 0)


def test_a_member_is_remembered_by_all_that_is_stated_of_it() -> None:
    """The same packed bytes with another size, checksum or method are refused, though they were unpacked before."""
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    part = b"<styleSheet/>" * 9
    packed = deflater.compress(part) + deflater.flush()
    checksum = zlib.crc32(part)
    for _ in range(2):
        assert guard_zip._unpacked(packed, 8, len(part), checksum) == part  # noqa: SLF001 - what is remembered
        for method, size, check in (
            (8, len(part) - 1, checksum),
            (8, len(part), checksum ^ 1),
            (0, len(part), checksum),
            (9, len(part), checksum),
        ):
            with pytest.raises(Refused, match="请"):
                guard_zip._unpacked(packed, method, size, check)  # noqa: SLF001


def test_large_parts_are_not_remembered() -> None:
    """A member beyond 32 KB, or more than 64 KB around the rows of a sheet, is read and forgotten."""
    guard_zip._unpacked.cache_clear()  # noqa: SLF001
    sheet_fast._merges.cache_clear()  # noqa: SLF001
    part = forged.sheet(forged.row(forged.cell("A1")), after=f"<ext a='{'x' * 2**16}'/>")
    assert len(guard(forged.book(changes={"xl/worksheets/sheet1.xml": part})).sheets) == 1
    assert sheet_fast._merges.cache_info().currsize == 0  # noqa: SLF001
    assert 0 < guard_zip._unpacked.cache_info().currsize < len(forged.parts())  # noqa: SLF001


def test_words_are_known_by_form_and_year() -> None:
    """2020年决算数 is a label in a return of 2021 and none in one of 2025; one of an annex is none of the other."""

    def labels(form: Form, year: int) -> list[bool]:
        return [is_label(form, year, text) for text in ("2020年决算数", "产出指标", "编制数")]

    for _ in range(2):
        assert labels(FORMS[0], 2021) == [True, False, True]
        assert labels(FORMS[0], 2025) == [False, False, True]
        assert labels(FORMS[1], 2021) == [False, False, False]
    assert "2020年决算数" in known(FORMS[0], 2021)
    assert "2020年决算数" not in known(FORMS[0], 2025)


def test_a_return_is_read_alike_whatever_was_read_before(seed: dict[str, Any], clean: dict[str, Any]) -> None:
    """A return between others, in other layouts and of another year, is read as it is read in a fresh process."""
    content = filed.workbook(seed)
    moved: dict[str, Page] = {
        name: ({(r + 3, c + 2): v for (r, c), v in found.items()}, []) for name, (found, _) in pages(content).items()
    }
    others = [filed.workbook(clean), saved(moved), b"PK", content[:-9]]
    code = (
        "import sys; from pipeline.reading.read import read_packed\n"
        "for part in read_packed(('x', sys.stdin.buffer.read()), 2021): sys.stdout.buffer.write(part)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, check=True, cwd=filed.ROOT)
    for other in others:
        read.read_packed(("other", other), 2019)
        assert b"".join(read.read_packed(("x", content), 2021)) == done.stdout


# --- words and numbers ----------------------------------------------------------------------------------------------


@settings(max_examples=500, deadline=None, database=None)
@given(st.text(st.sampled_from("/\\|—–-…·.。xX×_*? 　\n指标1２：:无暂没有不涉及适用a家12%"), max_size=6))
def test_what_says_nothing_is_blank_or_a_placeholder(text: str) -> None:
    """A cell says nothing exactly when it is read as blank or as a placeholder."""
    assert says_nothing(text) == (parse(text).sort in {Sort.BLANK, Sort.PLACEHOLDER})


IN_DATES = "2021 12 1 31 年 月 日 号 季度 半年 本 当 第 一 四 十 上 下 旬 底 末 初 前 之 以 内 截 至 于 - / . 已 完成"


@settings(max_examples=1000, deadline=None, database=None)
@given(st.lists(st.sampled_from(IN_DATES.split(" ")), max_size=6).map("".join))
def test_a_date_has_what_is_looked_for_first(text: str) -> None:
    """A text is the same deadline, or none, when it is not first asked for 年, 月 and their like."""
    with patch.object(deadlines, "_HAS_DATE", re.compile("")):
        asked = deadlines.deadline(text)
    assert deadlines.deadline(text) == asked


OTHERS = ("实现", "税收", "税", "每", "百分之", " ", "\u3000", "＞", "〈", "不低 于", "3", "为", "以")
BEFORE = st.sampled_from([*sorted(LEAD), *OTHERS])
MEASURES = ("5亿元", "37家", "5%", "3-5次", "20天", "5元/户", "2个百分点", "10万元以下", "300人次以上")


@settings(max_examples=1000, deadline=None, database=None)
@given(st.lists(BEFORE, min_size=1, max_size=3).map("".join), st.sampled_from(MEASURES))
def test_only_a_word_that_compares_makes_a_bound(words: str, measure: str) -> None:
    """Words before a measure change its comparison only where one of them compares."""
    read = {parse(words[at:] + measure).comparison for at in range(len(words))}
    assert compares(words) or read <= {Comparison.NONE, parse(measure).comparison}


@settings(deadline=None, database=None)
@given(st.integers(-(10**16), 10**16), st.sampled_from([Kind.AMOUNT, Kind.RATE, Kind.COUNT]))
@example(10**15, Kind.AMOUNT)
@example(10**15 - 1, Kind.AMOUNT)
def test_a_whole_number_is_the_number_it_is_as_a_float(number: int, kind: Kind) -> None:
    """A whole number is understood as the float of the same value is."""
    assert parse_cell.clean(number, kind) == parse_cell.clean(float(number), kind)


def test_every_form_has_its_fields_and_heads_once() -> None:
    """What is remembered of a form is what its sections say."""
    for form in (each for versions in VERSIONS for each in versions):
        assert form.fields() == form.fields()
        for section in form.flat():
            if isinstance(section, Indicators):
                assert form.indicators is section
