"""Editing a returned workbook: what is not edited stays as it is, and what is unusual or hostile is transcribed."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from pipeline.guard import MAX_BYTES, guard
from pipeline.guard import zip as guard_zip
from pipeline.workbooks import returned
from pipeline.workbooks.returned.package import Package, Relation
from pipeline.workbooks.returned.transcribe import transcribe
from pipeline.workbooks.returned.xml import UneditableError, bare, fragment, parse, serialise
from schemas.lists.returned import STAMP
from tests.reading.test_versions import with_members
from tests.support import filed, forged, hostile
from tests.support.forged import SHEET, sheet
from tests.workbooks.returned.test_allowed_parts import Active, planted
from tests.workbooks.returned.test_returned import FAULTS, fault, marked, members, rich, values, with_formulas


def canonical(part: bytes) -> str:
    """Write a part in the canonical form of the standard library, which is another parser than ours."""
    return ElementTree.canonicalize(part.decode("utf-8-sig"), with_comments=True)


NAMES = st.sampled_from(["row", "rows", "x:row", "c", "is", "t", "rPh", "sheetData", "mergeCell"])
SPACES = st.sampled_from(["", "", " ", "\n", " \t "])
VALUES = st.sampled_from(
    ["", "1", "a>b", "/>", "it's", 'say "x"', "&amp;&lt;row>", "&#65;&#x4e2d;", "x\ny\tz", "a&#10;b", "中文", "&#13;"]
)
ASIDE = st.sampled_from(
    ["", " \n", "文字", "&lt;row>", "&#13;", "<!-- </row> <row> -->", "<?x </r> ?>", "<![CDATA[</row><r>&amp;]]>"]
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 0) -> str:
    """Write an element in any manner that XML allows."""
    name = draw(NAMES)
    told = ' xmlns="u" xmlns:x="v" xmlns:unused="w"' if not depth else ""
    for key in draw(st.lists(st.sampled_from(["r", "s", "x:id"]), unique=True, max_size=3)):
        value = draw(VALUES)
        quote = "'" if '"' in value else '"' if "'" in value else draw(st.sampled_from("\"'"))
        told += f"{draw(st.sampled_from([' ', chr(10), '  ']))}{key}{draw(SPACES)}={draw(SPACES)}{quote}{value}{quote}"
    if draw(st.booleans()) and draw(st.booleans()):
        return f"<{name}{told}{draw(SPACES)}/>"
    inside = [draw(ASIDE)]
    for _ in range(draw(st.integers(0, 3 if depth < 3 else 0))):
        inside += [draw(elements(depth=depth + 1)), draw(ASIDE)]
    return f"<{name}{told}{draw(SPACES)}>{''.join(inside)}</{name}{draw(SPACES)}>"


HEADS = st.sampled_from(["", "\ufeff", '<?xml version="1.0" encoding="UTF-8"?>\n', '<?xml version="1.0"?><!-- <r> -->'])


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(HEADS, elements(), st.sampled_from(["", "\n", "<!-- </r> -->", "<?a?>"]))
def test_a_part_that_is_parsed_and_written_says_the_same(head: str, written: str, tail: str) -> None:
    """Elements, attributes, texts, comments and instructions stay, in whatever manner the part is written."""
    part = f"{head}{written}{tail}".encode()
    assert canonical(serialise(parse(part))) == canonical(part)


def test_every_part_of_the_examples_says_the_same() -> None:
    """So does every part of the example, of a rich workbook, and of one that was returned before."""
    for content in (filed.EXAMPLE.read_bytes(), rich(), with_formulas(), marked(rich(), *FAULTS)):
        for name, part in members(content).items():
            if name.endswith((".xml", ".rels")):
                assert canonical(serialise(parse(part))) == canonical(part), name


def test_prefixes_that_only_values_name_stay_declared() -> None:
    """``mc:Ignorable`` names prefixes in its value; one whose declaration goes makes Excel repair the file."""
    part = b'<a xmlns="u" xmlns:mc="m" xmlns:x14ac="n" mc:Ignorable="x14ac"><b/></a>'
    assert b'xmlns:x14ac="n"' in serialise(parse(part))


HOSTILE = {
    "a document type": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    "an entity": b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
    "an external entity": b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>',
    "entities of entities": b'<!DOCTYPE a [<!ENTITY a "xxxxxxxxxx">'
    + b"".join(b'<!ENTITY %b "%b">' % (bytes([98 + n]), b"&%b;" % bytes([97 + n]) * 10) for n in range(9))
    + b"]><a>&j;</a>",
    "far too deep": b"<a>" * 5000 + b"</a>" * 5000,
    "a text of twelve million letters": b"<a>" + b"x" * 12_000_000 + b"</a>",
    "cut off": b"<a><b></a>",
}


@pytest.mark.parametrize("part", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_xml_is_not_parsed(part: bytes) -> None:
    """Definitions, depth and size that no workbook has end in an error, fast and without memory or a connection."""
    before = time.process_time()
    with pytest.raises((etree.XMLSyntaxError, UneditableError)):
        parse(part)
    assert time.process_time() - before < 2


def test_bare_elements_can_be_made_again_anywhere() -> None:
    """A fill of a workbook with prefixes is recorded without them, and made again in any namespace."""
    written = b'<x:fills xmlns:x="u"><x:fill><x:patternFill patternType="solid"><x:fgColor rgb="FF00FF00" />'
    (fill,) = parse(written + b"</x:patternFill></x:fill>\n</x:fills>")
    kept = bare(fill)
    assert kept == '<fill><patternFill patternType="solid"><fgColor rgb="FF00FF00"/></patternFill></fill>'
    made = fragment(kept, "v")
    assert (made.tag, made[0][0].tag, made.getparent()) == ("{v}fill", "{v}fgColor", None)
    assert bare(made) == kept


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


def test_archives_are_packed_as_they_were() -> None:
    """Members stay in their order, stored or packed as they were sent, and bear no date of today."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for number, (name, part) in enumerate(members(rich()).items()):
            made.writestr(name, part, (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)[number % 2])
        made.writestr("xl/media/图.png", b"\x89PNG" * 50, zipfile.ZIP_STORED)
    content = Package(stream.getvalue()).zipped()
    with zipfile.ZipFile(stream) as before, zipfile.ZipFile(io.BytesIO(content)) as after:
        assert after.testzip() is None
        assert after.namelist() == before.namelist()
        assert all(after.read(name) == before.read(name) for name in before.namelist())
        ways = [[each.compress_type for each in archive.infolist()] for archive in (before, after)]
        assert ways[0] == ways[1]
        assert {(each.date_time, each.create_system) for each in after.infolist()} == {((1980, 1, 1, 0, 0, 0), 3)}
    assert list(guard_zip.members(content)) == [name.lower() for name in after.namelist()]
    assert content == Package(content).zipped()


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
    """Of one of nearly the most bytes, a transcript goes back."""
    room = bytes(MAX_BYTES - len(SMALL) - 7000)
    picture = Active(SHEET, f"{forged.OFFICE}/image", "xl/media/a.png", "image/png", room)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as stored:
        for name, part in members(planted(SMALL, picture)).items():
            stored.writestr(name, part)
    content = stream.getvalue()
    guard(content)
    made = marked(content, fault("表", CELL))
    guard(made)
    assert not edited(made)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("xl/comments1.xml", b"</comments>", b""),
        ("xl/comments1.xml", b"encoding='UTF-8'", b"encoding='UTF-16'"),
        ("_rels/.rels", b"</Relationships>", b"&#0;</Relationships>"),
    ],
)
def test_parts_that_the_guard_passed_over(name: str, old: bytes, new: bytes) -> None:
    """Comments and relations that are not well-formed are not edited: a transcript goes back."""
    sent = marked(SMALL, fault("表", CELL))
    wrong = {each: part.replace(old, new) for each, part in members(sent).items() if each.endswith(name)}
    assert [part for each, part in members(sent).items() if wrong.get(each, part) != part]
    content = with_members(sent, dict(wrong))
    guard(content)
    assert not edited(marked(content, fault("表", CELL)))


@pytest.mark.parametrize("at", [b"<sheetData>", b"<cellXfs ", b"<sheets>"])
def test_what_an_edit_breaks_is_not_handed_out(monkeypatch: pytest.MonkeyPatch, at: bytes) -> None:
    """Were an edit of ours to leave a sheet, the formats or the list of sheets unsound, a transcript would go back."""
    put = Package.__setitem__

    def broken(package: Package, name: str, content: bytes) -> None:
        put(package, name, content.replace(at, b"<a>" + at))

    monkeypatch.setattr(Package, "__setitem__", broken)
    assert transcripts(monkeypatch) == 1


def test_a_list_in_front_that_is_broken_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the list in front unsound, a transcript would go back."""
    monkeypatch.setattr(returned, "findings_sheet", lambda *_: b"<sheetData>")
    assert transcripts(monkeypatch) == 1


def transcripts(monkeypatch: pytest.MonkeyPatch) -> int:
    """Mark the small workbook, and count how often it was transcribe."""
    calls: list[bytes] = []

    def counted(content: bytes) -> bytes:
        calls.append(content)
        return transcribe(content)

    monkeypatch.setattr(returned, "transcribe", counted)
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
    """Ranges merged down to the last row, over a whole sheet, or over each other are transcribe in no time."""
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
