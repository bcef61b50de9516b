"""What a returned workbook may have: macros, links and active parts are left out, whatever they are called."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import NamedTuple

import openpyxl
import pytest
import xlsxwriter
from lxml import etree

from pipeline.guard import guard
from pipeline.workbooks.returned.allowed_parts import keep_allowed_parts, refers_elsewhere
from pipeline.workbooks.returned.package import Package
from pipeline.workbooks.returned.xml import UneditableError
from tests.support import forged
from tests.workbooks.returned.test_returned import FAULTS, fault, marked, members, opened, rich, with_formulas

OFFICE = forged.OFFICE
MS = "http://schemas.microsoft.com/office"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET = "xl/worksheets/sheet1.xml"
PAYLOAD = b"PAYLOAD-THAT-MUST-NOT-COME-BACK"


class Active(NamedTuple):
    """A part to be planted: on which part, by which type of relation, under which name and content type."""

    on: str
    kind: str
    path: str
    content_type: str
    content: bytes = PAYLOAD
    inside: str = ""
    """XML that refers to the relation as ``rId900``, put before the end of the part."""
    said: str = ""
    """What the list in front says of it."""


def _element(name: str, more: str = "") -> bytes:
    return f'<{name} xmlns="{forged.MAIN}" xmlns:r="{OFFICE}">{more}<!--{PAYLOAD.decode()}--></{name}>'.encode()


_OLE = (
    '<oleObjects><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    '<mc:Choice Requires="x14"><oleObject progId="Word.Document.12" shapeId="1025" r:id="rId900"/></mc:Choice>'
    '<mc:Fallback><oleObject progId="Word.Document.12" shapeId="1025" r:id="rId900"/></mc:Fallback>'
    "</mc:AlternateContent></oleObjects>"
)
CASES = {
    "a VBA project under another name": Active(
        "xl/workbook.xml", f"{MS}/2006/relationships/vbaProject", "xl/media/image9.bin",
        "application/vnd.ms-office.vbaProject", said="原文件带有宏",
    ),
    "a VBA project as a picture": Active(
        SHEET, f"{OFFICE}/image", "xl/media/image9.png", "application/vnd.ms-office.vbaProject", said="宏",
    ),
    "a DDE link": Active(
        "xl/workbook.xml", f"{OFFICE}/externalLink", "xl/media/a.xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml",
        _element("externalLink", '<ddeLink ddeService="cmd" ddeTopic="/c calc"/>'),
        '<externalReferences><externalReference r:id="rId900"/></externalReferences>', said="对其他文件的链接",
    ),
    "a connection that refreshes on opening": Active(
        "xl/workbook.xml", f"{OFFICE}/connections", "xl/theme/theme9.xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.connections+xml",
        _element("connections", '<connection id="1" refreshOnLoad="1"/>'), said="数据连接",
    ),
    "an embedded object": Active(
        SHEET, f"{OFFICE}/oleObject", "xl/embeddings/a.bin",
        "application/vnd.openxmlformats-officedocument.oleObject", inside=_OLE, said="嵌入的对象",
    ),
    "an ActiveX control": Active(
        SHEET, f"{OFFICE}/control", "xl/printerSettings/a.xml", "application/vnd.ms-office.activeX+xml",
        inside='<controls><control shapeId="1026" r:id="rId900" name="x"/></controls>', said="控件",
    ),
    "a menu of its own": Active(
        "", f"{MS}/2007/relationships/ui/extensibility", "customUI/a.xml", "application/xml", said="自定义菜单",
    ),
    "a web extension": Active(
        "", f"{MS}/2011/relationships/webextensiontaskpanes", "xl/webextensions/a.xml",
        "application/vnd.ms-office.webextensiontaskpanes+xml", said="网页加载项",
    ),
    "a pivot table": Active(
        SHEET, f"{OFFICE}/pivotTable", "xl/pivotTables/a.xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotTable+xml", said="数据透视表",
    ),
    "a kind nobody knows": Active(
        "xl/workbook.xml", "http://example.org/new/kind", "xl/a.bin", "application/octet-stream", said="其他附带内容",
    ),
}  # fmt: skip


def planted(content: bytes, what: Active) -> bytes:
    """Plant a part into a workbook, with its relation, its content type, and what refers to it."""
    parts = members(content)
    folder, _, last = what.on.rpartition("/")
    listed = posixpath.join(folder, "_rels", f"{last}.rels")
    parts.setdefault(listed, f'<Relationships xmlns="{RELATIONS}"></Relationships>'.encode())
    relation = f'<Relationship Id="rId900" Type="{what.kind}" Target="/{what.path}"/></Relationships>'
    parts[listed] = re.sub(rb"</Relationships>|(?<=relationships\")\s*/>", relation.encode(), parts[listed])
    override = f'<Override PartName="/{what.path}" ContentType="{what.content_type}"/></Types>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", override.encode())
    if what.inside:
        end = parts[what.on].rindex(b"</")
        inside = what.inside.replace("r:id=", f'xmlns:r="{OFFICE}" r:id=')
        parts[what.on] = parts[what.on][:end] + inside.encode() + parts[what.on][end:]
    return forged.zipped({**parts, what.path: what.content})


def unsound(content: bytes) -> list[str]:
    """Find references to relations that are not there, relations to parts that are not there, and parts without one."""
    parts = members(content)
    found, reached = [], {"[Content_Types].xml"}
    for name in ["", *parts]:
        folder, _, last = name.rpartition("/")
        listed = posixpath.join(folder, "_rels", f"{last}.rels")
        known = set()
        if listed in parts:
            reached.add(listed)
            for each in etree.fromstring(parts[listed]):
                known.add(each.attrib["Id"])
                if each.get("TargetMode") != "External":
                    path = posixpath.normpath(posixpath.join("/", folder, each.attrib["Target"])).lstrip("/")
                    reached.add(path)
                    found += [] if path in parts else [f"{name} leads to {path}"]
        if name.endswith(".xml"):
            for element in etree.fromstring(parts[name]).iter("*"):
                found += [
                    f"{name} refers to {value}"
                    for key, value in element.attrib.items()
                    if str(key).startswith(f"{{{OFFICE}}}") and value not in known
                ]
    return found + [f"nothing leads to {name}" for name in parts if name not in reached]


@pytest.mark.parametrize("name", CASES)
def test_active_parts_are_left_out_and_told(name: str) -> None:
    """An active part does not come back under any name, nothing refers to it, and the list in front names it."""
    sent = planted(rich(), CASES[name])
    assert any(PAYLOAD in part for part in members(sent).values())
    after = marked(sent, *FAULTS)
    assert not any(PAYLOAD in part for part in members(after).values())
    assert CASES[name].said in str(opened(after).worksheets[0]["A4"].value)
    assert unsound(after) == []
    guard(after)
    plain = opened(marked(rich(), *FAULTS))
    assert opened(after)["基本 情况's"]["B2"].value == plain["基本 情况's"]["B2"].value


def test_what_is_not_active_is_not_told() -> None:
    """Of a workbook with comments, links, pictures and charts nothing is left out, and nothing said to be."""
    for content in (rich(), with_formulas(), _with_picture()):
        after = marked(content, fault(opened(content).sheetnames[0], "A1"))
        kept = {name for name in members(content) if "calcChain" not in name}
        assert kept <= members(after).keys()
        assert "没有保留" not in str(opened(after).worksheets[0]["A4"].value)
        assert unsound(after) == []


def _with_picture() -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("图")
        dot = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\1\0\0\0\0\x37n\xf9$\0\0\0\nIDATx\x9cch\0\0\0\x82\0\x81"
        dot += b"w\xcdr\xb6\0\0\0\0IEND\xaeB`\x82"
        sheet.insert_image("B2", "a.png", {"image_data": io.BytesIO(dot)})
        sheet.insert_textbox("D2", "文本框")
        sheet.write_url("A9", "https://example.org/")
    return stream.getvalue()


def test_pictures_from_elsewhere_are_left_out() -> None:
    """A picture that is fetched when the file is opened does not come back; a link to click on does."""
    parts = members(_with_picture())
    listed = "xl/drawings/_rels/drawing1.xml.rels"
    parts[listed] = re.sub(
        rb'Target="[^"]*"', b'Target="http://example.org/track.png" TargetMode="External"', parts[listed]
    )
    after = marked(forged.zipped(dict(parts)), fault("图", "A1"))
    assert not any(b"track.png" in part for part in members(after).values())
    assert any(b"https://example.org/" in part for part in members(after).values())
    assert "链接到别处的图片" in str(opened(after).worksheets[0]["A4"].value)
    assert unsound(after) == []


def test_formulas_that_refer_elsewhere_become_their_values() -> None:
    """Formulas into other workbooks or a DDE link keep only their saved values; others and their values stay."""
    rows = (
        '<row r="1"><c r="A1"><f>[1]Sheet1!$A$1*2</f><v>7</v></c><c r="B1"><f>SUM(A1:A2)</f><v>8</v></c>'
        '<c r="C1" t="str"><f>"[1]|"&amp;"x"</f><v>[1]|x</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" ref="A2:B2" si="0">\'[1]a b\'!A1</f><v>1</v></c>'
        '<c r="B2"><f t="shared" si="0"/><v>2</v></c><c r="C2"><f>cmd|\'/c calc\'!A0</f><v>3</v></c></row>'
    )
    sent = planted(forged.book(rows), CASES["a DDE link"])
    parts = members(sent)
    names = '<definedNames><definedName name="x">[1]Sheet1!$A$1</definedName></definedNames></workbook>'
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"</workbook>", names.encode())
    parts["xl/styles.xml"] = members(rich())["xl/styles.xml"]
    kind = f'<Relationship Id="rId8" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>'
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b"</Relationships>", kind.encode())
    after = marked(forged.zipped(dict(parts)), fault("表", "A1"))
    formulas, values = (openpyxl.load_workbook(io.BytesIO(after), data_only=each)["表"] for each in (False, True))
    shown = {cell: formulas[cell].value for cell in ("A1", "A2", "B2", "C2", "B1", "C1")}
    assert shown == {"A1": 7, "A2": 1, "B2": 2, "C2": 3, "B1": "=SUM(A1:A2)", "C1": '="[1]|"&"x"'}
    assert (values["B1"].value, values["C1"].value) == (8, "[1]|x")
    assert "x" not in opened(after).defined_names
    assert "引用其他文件的公式，退回的文件里只留下数值" in str(opened(after).worksheets[0]["A4"].value)


@pytest.mark.parametrize(
    ("formula", "elsewhere"),
    [
        ("[1]Sheet1!A1", True),
        ("SUM('C:\\[2]a b'!A1)", True),
        ("cmd|'/c calc'!A0", True),
        ('"[1]"&A1', False),
        ("表1[2021]+表1[[#This Row],[金额]]", False),
        ('"a""[1]|b"', False),
    ],
)
def test_which_formulas_refer_elsewhere(formula: str, elsewhere: bool) -> None:  # noqa: FBT001 - what is expected
    """Numbers in brackets at the beginning of a reference, and bars, outside of texts; columns of a table are none."""
    assert refers_elsewhere(formula) is elsewhere


def test_a_macro_sheet_cannot_be_edited() -> None:
    """A workbook with a sheet of Excel 4 macros is not edited: what goes back is a transcript of its values."""
    parts = members(forged.book())
    rels = "xl/_rels/workbook.xml.rels"
    relation = f'<Relationship Id="rId7" Type="{MS}/2006/relationships/xlMacrosheet" Target="macrosheets/sheet9.xml"/>'
    parts[rels] = parts[rels].replace(b"</Relationships>", relation.encode() + b"</Relationships>")
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        b"</sheets>", '<sheet name="宏表" sheetId="9" r:id="rId7"/></sheets>'.encode()
    )
    parts["xl/macrosheets/sheet9.xml"] = forged.sheet('<row r="1"><c r="A1"><v>1</v></c></row>').encode()
    with pytest.raises(UneditableError):
        keep_allowed_parts(Package(forged.zipped(dict(parts))))


def test_the_content_types_name_no_part_that_is_not_there() -> None:
    """No content type is left of what was left out."""
    after = members(marked(planted(rich(), CASES["a VBA project under another name"]), *FAULTS))
    for each in etree.fromstring(after["[Content_Types].xml"]):
        assert "vba" not in each.attrib["ContentType"].lower()
        if "PartName" in each.attrib:
            assert each.attrib["PartName"].lstrip("/") in after
    with zipfile.ZipFile(io.BytesIO(marked(rich(), *FAULTS))) as archive:
        assert archive.testzip() is None
