"""Parts and archives of a returned workbook: edited where they stand, and taken over where nothing is changed."""

from __future__ import annotations

import io
import time
import zipfile
import zlib
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.guard import MAX_BYTES, guard
from pipeline.guard import zip as guard_zip
from pipeline.workbooks import returned
from pipeline.workbooks.returned.package import Package, Relation
from pipeline.workbooks.returned.transcribe import transcribed
from pipeline.workbooks.returned.xml import Part
from pipeline.workbooks.returned.zip import Packed, archive
from pipeline.workbooks.returned.zip import members as packed_members
from schemas.lists.returned import STAMP
from tests.reading.test_versions import with_members
from tests.support import filed, forged, hostile
from tests.support.forged import SHEET, sheet
from tests.workbooks.returned.test_returned import FAULTS, fault, marked, members, rich, values, with_formulas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.workbooks.returned.xml import Element

Place = tuple[str, dict[str, str], int, int, int]
"""Name, attributes, depth, where an element begins, and where it ends."""


def parsed(content: bytes) -> list[Place]:
    """Find the elements of a part as expat tells them; the end of one without end tag is that of its only tag."""
    found: list[Place] = []
    path: list[int] = []
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        path.append(len(found))
        found.append((name, attributes, len(path), parser.CurrentByteIndex, 0))

    def end(name: str) -> None:
        at, number = parser.CurrentByteIndex, path.pop()
        whole = found[number]
        tag = last_of_tag(content, whole[3])
        stop = (tag if content[tag - 1 : tag] == b"/" else content.index(b">", at)) + 1
        assert whole[0] == name
        found[number] = (*whole[:4], stop)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(content, True)  # noqa: FBT003 - expat's own signature
    return found


def last_of_tag(content: bytes, begin: int) -> int:
    """Find the ``>`` that ends a tag, letter by letter."""
    quote = 0
    for at in range(begin, len(content)):
        letter = content[at]
        if quote:
            quote = 0 if letter == quote else quote
        elif letter in b"\"'":
            quote = letter
        elif letter == ord(">"):
            return at
    raise AssertionError


def places(element: Element, depth: int = 1) -> Iterator[Place]:
    """Give an element of a part and all below, in order."""
    yield f"{element.prefix}{element.name}", element.attributes, depth, element.begin, element.end
    for each in element.children:
        yield from places(each, depth + 1)


NAMES = st.sampled_from(["row", "rows", "r", "x:row", "x:r", "c", "is", "t", "rPh", "sheetData", "mergeCell"])
SPACES = st.sampled_from(["", "", " ", "\n", " \t "])
VALUES = st.sampled_from(
    [
        "",
        "1",
        "A1",
        "a>b",
        "/>",
        "/row>",
        "it's",
        'say "x"',
        "&amp;&lt;row>",
        "&#65;&#x4e2d;",
        "x\ny\tz",
        "中文",
        "&#13;",
    ]
)
ASIDE = st.sampled_from(
    [
        "",
        " \n",
        "文字",
        "&lt;row>",
        "]] > /> -- ?> ",
        "<!-- </row> <row> -->",
        "<!---->",
        "<?x </r> ?>",
        "<![CDATA[</row><r>]]>",
        "<![CDATA[<!--]]>",
        "<!-- <![CDATA[ -->",
    ]
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 0) -> str:
    """Write an element in any manner that XML allows."""
    name = draw(NAMES)
    told = ""
    for key in draw(st.lists(st.sampled_from(["r", "s", "x:id", "xmlns:x"]), unique=True, max_size=3)):
        value = draw(VALUES)
        quote = "'" if '"' in value else '"' if "'" in value else draw(st.sampled_from("\"'"))
        told += f"{draw(st.sampled_from([' ', chr(10), '  ']))}{key}{draw(SPACES)}={draw(SPACES)}{quote}{value}{quote}"
    if draw(st.booleans()) and draw(st.booleans()):
        return f"<{name}{told}{draw(SPACES)}/>"
    inside = [draw(ASIDE)]
    for _ in range(draw(st.integers(0, 3 if depth < 3 else 0))):
        inside += [draw(elements(depth=depth + 1)), draw(ASIDE)]
    return f"<{name}{told}{draw(SPACES)}>{''.join(inside)}</{name}{draw(SPACES)}>"


HEADS = st.sampled_from(
    ["", "\ufeff", '<?xml version="1.0" encoding="UTF-8"?>\n', '\ufeff<?xml version="1.0"?><!-- <r> -->']
)


@settings(max_examples=600, derandomize=True, deadline=None, database=None)
@given(HEADS, elements(), st.sampled_from(["", "\n", "<!-- </r> -->", "<?a?>"]))
def test_elements_are_where_a_parser_finds_them(head: str, written: str, tail: str) -> None:
    """Name, attributes, begin and end of every element are those that expat tells, in whatever manner it is written."""
    content = f"{head}{written}{tail}".encode()
    assert list(places(Part(content).root)) == parsed(content)


ODD = {
    "merged cells": '<a><mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells></a>',
    "CDATA": "<a><t><![CDATA[</t><row/>]]></t><t/></a>",
    "entities": '<a n="&quot;&apos;&gt;&#x10FFFF;&#128;"><b>&lt;b&gt;</b></a>',
    "a tab and an end of line in a value": '<a n="x\ty\r\nz"/>',
    "two namespaces": '<x:a xmlns:x="u"><a xmlns="v"><x:a/></a></x:a>',
    "phonetic runs": '<is><r><t>a</t></r><rPh sb="0" eb="1"><t>b</t></rPh><phoneticPr fontId="1"/></is>',
    "names that begin alike": "<r><rPr/><r ><rPh>x</rPh></r ><r/></r>",
    "one in the other of the same name": "<row><row/><row><row></row></row></row>",
    "nothing inside": "<worksheet/>",
    "blanks inside a tag": "<a\n x = '>' ><b\t/></a\n>",
}


@pytest.mark.parametrize("written", ODD.values(), ids=list(ODD))
def test_odd_parts(written: str) -> None:
    """Each of these is found as expat finds it."""
    content = written.encode()
    assert list(places(Part(content).root)) == parsed(content)


def test_every_sheet_of_the_corpora_is_found() -> None:
    """So is every part of the example, of a rich workbook, and of one that was returned before."""
    for content in (filed.EXAMPLE.read_bytes(), rich(), with_formulas(), marked(rich(), *FAULTS)):
        for name, part in members(content).items():
            if name.endswith((".xml", ".rels")):
                assert list(places(Part(part).root)) == parsed(part), name


@pytest.mark.parametrize("inside", ["<row></row >", "<row><rows/></row>", "<row/>", "<r:row/>"])
def test_time_grows_with_the_part(inside: str) -> None:
    """A hundred thousand rows are found in a second or two, however they are written."""
    content = f"<a><b>{inside * 100_000}</b></a>".encode()
    before = time.process_time()
    assert len(Part(content).root.get("b").children) == 100_000
    assert time.process_time() - before < 5


def test_edits_leave_all_else_as_it_is() -> None:
    """What is set, dropped, put before, after and at the end stands there, and everything between is the same bytes."""
    part = Part(b"<x:a><!-- <x:b/> --><x:b n=\"1\" >t</x:b ><x:c/>\n<x:d n='2'/>&amp;</x:a>")
    first, second, third = part.root.children
    part.set(first, "n", '"3"')
    part.before(first, "<e/>")
    part.append(second, "<f/>")
    part.after(second, "<g/>")
    part.drop(third)
    part.append(part.root, "<h/>")
    assert part.done() == (
        b"<x:a><!-- <x:b/> --><x:e/><x:b n='\"3\"' >t</x:b ><x:c><x:f/></x:c><x:g/>\n&amp;<x:h/></x:a>"
    )


def test_a_remembered_part_is_that_part() -> None:
    """Parts that differ in one letter are two; changing one leaves what is remembered of the same bytes as it was."""
    one, other = Part(b'<a><b n="1"/></a>'), Part(b'<a><b n="2"/></a>')
    one.set(one.root.get("b"), "n", "3")
    assert one.done() == b'<a><b n="3"/></a>'
    assert other.root.get("b").attributes == {"n": "2"}
    assert Part(b'<a><b n="1"/></a>').root.get("b").attributes == {"n": "1"}
    assert Part(b'<a><b n="1"/></a>').done() == b'<a><b n="1"/></a>'


def test_relations_are_those_of_their_part() -> None:
    """The same relations lead elsewhere from another folder, and others lead to others."""
    written = b'<Relationships><Relationship Id="rId9" Type="u/%b" Target="a.xml"/></Relationships>'
    parts = {f"{at}/_rels/b.xml.rels": written % kind for at, kind in (("x", b"k"), ("y", b"k"), ("z", b"l"))}
    made = Package(with_members(rich(), dict(parts)))
    found = [each for at in "xyz" for each in made.relations(f"{at}/b.xml")]
    assert found == [
        Relation("rId9", "k", "x/a.xml"),
        Relation("rId9", "k", "y/a.xml"),
        Relation("rId9", "l", "z/a.xml"),
    ]


def test_what_stays_is_taken_over_as_it_is_packed() -> None:
    """A part that is not changed has the packed bytes it had, packed well, badly or not at all; others hold theirs."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for number, (name, part) in enumerate(members(rich()).items()):
            made.writestr(
                name, part, *((zipfile.ZIP_STORED,), (zipfile.ZIP_DEFLATED, 1), (zipfile.ZIP_DEFLATED, 9))[number % 3]
            )
    sent = stream.getvalue()
    before, after = packed_members(sent), packed_members(marked(sent, *FAULTS))
    stay = {name for name, part in members(sent).items() if members(marked(sent, *FAULTS)).get(name) == part}
    assert {"xl/theme/theme1.xml", "docProps/core.xml", "docProps/app.xml", "xl/worksheets/sheet2.xml"} <= stay
    assert {before[name].method for name in stay} == {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    assert {name: before[name] for name in stay} == {name: after[name] for name in stay}


def test_archives_are_as_everybody_reads_them() -> None:
    """An archive has the bytes that the library would write; it and the guard find in it what was put there."""
    raw = zlib.compress(b"y" * 999, 9, -zlib.MAX_WBITS)
    parts: dict[str, Packed | bytes] = {
        "a.xml": b"<a/>",
        "xl/媒体/图.png": b"\x89PNG" * 50,
        "empty": b"",
        "stored": Packed(zipfile.ZIP_STORED, zlib.crc32(b"x"), 1, b"x"),
        "packed": Packed(zipfile.ZIP_DEFLATED, zlib.crc32(b"y" * 999), 999, raw),
    }
    content = archive(parts)
    held = {"a.xml": b"<a/>", "xl/媒体/图.png": b"\x89PNG" * 50, "empty": b"", "stored": b"x", "packed": b"y" * 999}
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist()} == held
        assert {each.date_time for each in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert list(guard_zip.members(content)) == list(parts)
    assert guard_zip.unpack(content, guard_zip.members(content)) == {"a.xml": b"<a/>"}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as made:
        for name, part in held.items():
            made.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED, 3)
    assert archive(held) == stream.getvalue()


def editable(content: bytes) -> bytes:
    """Give a workbook written by hand the formats without which none can be edited."""
    parts = members(content)
    found = parts["xl/_rels/workbook.xml.rels"].decode()
    if content.startswith(b"PK") and "/styles" not in found:
        office = found.split('Type="')[1].split("/worksheet")[0]
        more = f'<Relationship Id="rId8" Type="{office}/styles" Target="styles.xml"/></Relationships>'
        parts["xl/_rels/workbook.xml.rels"] = found.replace("</Relationships>", more).encode()
        parts["xl/styles.xml"] = members(rich())["xl/styles.xml"]
    return forged.zipped(dict(parts))


def edited(content: bytes) -> bool:
    """Tell whether a returned workbook is the department's own file, not a transcript of it."""
    return not any("按其内容转存".encode() in part for part in members(content).values())


GOOD = {
    "rich": rich(),
    "returned before": marked(rich(), *FAULTS),
    "formulas": with_formulas(),
    "the example": filed.EXAMPLE.read_bytes(),
} | {name: editable(case.make()) for name, case in hostile.CASES.items() if not case.word and case.kind == "xlsx"}


@pytest.mark.parametrize("name", GOOD)
def test_whatever_passed_comes_back_readable(name: str) -> None:
    """What is made of a file that may be read passes the whole guard, though it is shown only what was changed."""
    content = GOOD[name]
    first = next(iter(guard(content).sheets))
    made = marked(content, fault(first, "A1"), fault(first, "C9", "warning"), *FAULTS)
    guard(made)
    # Between cells that do not tell their place no other is put.
    assert edited(made) is (name not in {"implied_positions", "far_row_with_implied_cells"})


SMALL = editable(forged.book())
CELL = "A1"  # its tag gets another style; that of C9 is made


def test_a_small_workbook_is_edited() -> None:
    """The workbook that the next tests make odd is edited when it is not."""
    assert edited(marked(SMALL, fault("表", CELL)))


def test_bounds_hold_for_what_is_added() -> None:
    """Of one with as many parts as there may be, or packed to nearly the most bytes, a transcript goes back."""
    others = {f"customXml/item{number}.bin": b"x" for number in range(guard_zip.MAX_MEMBERS - len(members(SMALL)))}
    many = with_members(SMALL, dict(others))
    # Empty blocks of deflate: nothing at all, in as many bytes as one likes.
    room = MAX_BYTES - len(SMALL) - 500
    padded = b"\0\0\0\xff\xff" * (room // 5) + zlib.compress(b"", 9, -zlib.MAX_WBITS)
    long = archive(
        packed_members(SMALL) | {"customXml/a.bin": Packed(zipfile.ZIP_DEFLATED, zlib.crc32(b""), 0, padded)}
    )
    for content in (many, long):
        guard(content)
        made = marked(content, fault("表", CELL))
        guard(made)
        assert not edited(made)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("xl/comments1.xml", b"</comments>", b""),
        ("xl/comments1.xml", b'encoding="UTF-8"', b'encoding="GBK"'),
        ("xl/worksheets/_rels/sheet1.xml.rels", b"<Relationship ", b"<Relationship nothing "),
        ("_rels/.rels", b"</Relationships>", b"&#0;</Relationships>"),
    ],
)
def test_parts_that_the_guard_passed_over(name: str, old: bytes, new: bytes) -> None:
    """Comments and relations that are no XML in UTF-8 are not edited: a transcript goes back."""
    sent = marked(SMALL, fault("表", CELL))
    wrong = {each: part.replace(old, new) for each, part in members(sent).items() if each.endswith(name)}
    assert [part for each, part in members(sent).items() if wrong.get(each, part) != part]
    content = with_members(sent, dict(wrong))
    guard(content)
    assert not edited(marked(content, fault("表", CELL)))


@pytest.mark.parametrize("at", [b"<sheetData>", b"<cellXfs ", b"<sheets>"])
def test_what_an_edit_breaks_is_not_handed_out(monkeypatch: pytest.MonkeyPatch, at: bytes) -> None:
    """Were an edit of ours to leave a sheet, the formats or the list of sheets unsound, a transcript would go back."""
    done = Part.done
    monkeypatch.setattr(Part, "done", lambda part: done(part).replace(at, b"<a>" + at))
    assert transcripts(monkeypatch) == 1


def test_a_list_in_front_that_is_broken_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the list in front unsound, a transcript would go back."""
    monkeypatch.setattr(returned, "front_sheet", lambda *_: "<sheetData>")
    assert transcripts(monkeypatch) == 1


def transcripts(monkeypatch: pytest.MonkeyPatch) -> int:
    """Mark the small workbook, and count how often it was transcribed."""
    calls: list[bytes] = []

    def counted(content: bytes) -> bytes:
        calls.append(content)
        return transcribed(content)

    monkeypatch.setattr(returned, "transcribed", counted)
    marked(SMALL, fault("表", CELL))
    return len(calls)


@pytest.mark.parametrize(
    ("ranges", "left"),
    [
        (["A1:XFD1048576"], [["a"]]),  # what a range covers is not shown by any program
        (["D1:E1048576", "F1:XFD1", "G1:H2", "H2:I3"], [["a", 1.5, 0.5], ["ax"]]),
    ],
)
def test_ranges_that_no_workbook_should_have(ranges: list[str], left: list[Any]) -> None:
    """Ranges merged down to the last row, over a whole sheet, or over each other are transcribed in no time."""
    content = forged.book(changes={SHEET: sheet(forged.GOOD_ROWS, after=forged.merged(*ranges))})
    before = time.process_time()
    made = marked(content, fault("表", CELL))
    assert time.process_time() - before < 2
    assert not edited(made)
    assert values(made) == [("表", left)]


def test_what_was_typed_over_our_records_is_no_fill() -> None:
    """A record of a former fill that is no XML any more is passed over, and the workbook is edited."""
    sent = marked(SMALL, fault("表", CELL))
    front = next(name for name, part in members(sent).items() if STAMP.encode() in part)
    odd = members(sent)[front].replace(b"&lt;fill", b"&lt;fill&lt;")
    assert odd != members(sent)[front]
    again = marked(with_members(sent, {front: odd}), fault("表", CELL))
    assert edited(again)
    guard(again)
