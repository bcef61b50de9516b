"""Hostile and odd files made by code, each with what must become of it; its docstring is the fact.

`refused` names a word of the reason, `accepted` all that is noted of the first sheet and, where it matters, the values
read from it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.forged import (
    EOF,
    GOOD_ROWS,
    MAIN,
    OFFICE,
    OLE2,
    SHEET,
    STRICT,
    STYLES,
    XLS_CELLS,
    XML,
    archive,
    book,
    cell,
    container,
    encoded,
    listed,
    merged,
    number_record,
    parts,
    record,
    relations,
    row,
    sheet,
    texts,
    types,
    xls,
    zipped,
    zipped_open,
)


@dataclass(frozen=True)
class Case:
    """A file and what is expected of it: a word of the reason, or the notes (first sheet, by address) and values."""

    name: str
    make: Callable[[], bytes]
    word: str = ""
    kind: str = "xlsx"
    troubles: dict[str, str] = field(default_factory=dict)
    percents: frozenset[str] = frozenset()
    hidden: bool = False
    macros: bool = False
    external_links: bool = False
    values: dict[str, Any] | None = None


CASES: dict[str, Case] = {}

Maker = Callable[[], bytes]


def refused(word: str) -> Callable[[Maker], Maker]:
    """Register a file that is refused with this word in the reason."""

    def register(make: Maker) -> Maker:
        CASES[make.__name__] = Case(make.__name__, make, word=word)
        return make

    return register


def accepted(**expected: Any) -> Callable[[Maker], Maker]:
    """Register a file that is accepted, with exactly these notes."""

    def register(make: Maker) -> Maker:
        CASES[make.__name__] = Case(make.__name__, make, **expected)
        return make

    return register


# --- the archive ----------------------------------------------------------------------------------------------------


@accepted(percents=frozenset({"C1"}), values={"A1": "a", "B1": 1.5, "C1": 0.5, "B2": "ax"})
def good() -> bytes:
    """A plain workbook is accepted; its percent format is noted by address."""
    return book()


@accepted(percents=frozenset({"C1"}))
def good_by_hand() -> bytes:
    """The archive written by hand is as good when it does not lie."""
    return archive(encoded(parts()))


@refused("已损坏")
def truncated() -> bytes:
    """Half a workbook is damaged."""
    return book()[:900]


@refused("已损坏")
def flipped_byte() -> bytes:
    """One byte changed inside a member shows in its checksum."""
    content = bytearray(archive([*encoded(parts()), ("xl/last.xml", b"<a>" + bytes(range(65, 91)) + b"</a>")]))
    content[content.rindex(b"xl/last.xml", 0, content.index(b"PK\1\2")) + 14] ^= 1
    return bytes(content)


@refused("已损坏")
def wrong_checksum() -> bytes:
    """A checksum that is not that of the content is damage."""
    return archive(encoded(parts()), checksum=1)


@refused("已损坏")
def larger_than_stated() -> bytes:
    """A member that unpacks to more than it states is stopped there."""
    return archive(encoded(parts()), size=10)


@refused("已损坏")
def smaller_than_stated() -> bytes:
    """A member that unpacks to less than it states is damage."""
    return archive(encoded(parts()), size=100_000)


@refused("过大")
def bomb_by_size() -> bytes:
    """Members that state 4 GB together are refused unpacked."""
    return archive([*encoded(parts()), ("xl/media/a.bin", b"0")], size=2**32 - 1)


@refused("过大")
def bomb_by_ratio() -> bytes:
    """A member that grows a thousand times is refused, below the bound on size too."""
    return archive([*encoded(parts()), ("xl/media/a.bin", bytes(5_000_000))])


@refused("过大")
def many_members() -> bytes:
    """A directory of more members than any workbook has is refused."""
    return archive([*encoded(parts()), *((f"xl/media/{number}.xml", b"") for number in range(1000))])


@refused("压缩方式不合常规")
def overlapping_members() -> bytes:
    """Two members in one place are refused."""
    members = encoded(parts())
    return archive([*members, members[0]], over=True).replace(b"PK\1\2", b"PK\1\2")


@refused("压缩方式不合常规")
def duplicate_names() -> bytes:
    """One name twice is refused: programs differ in which one they take."""
    return archive([*encoded(parts()), (SHEET, sheet(row(cell("A1"))).encode())])


@refused("压缩方式不合常规")
def duplicate_names_in_another_case() -> bytes:
    """A name that differs only in case is the same name to calamine."""
    return archive([*encoded(parts()), (SHEET.upper(), sheet(row(cell("A1"))).encode())])


@refused("压缩方式不合常规")
def two_names_for_a_member() -> bytes:
    """A member whose own header states another name than the directory is refused."""
    return archive(encoded(parts()), local="xl/worksheets/sheet2.xml")


@refused("压缩方式不合常规")
def another_name_in_an_extra_field() -> bytes:
    """An extra field that renames the member is refused: not every program minds it."""
    return archive(encoded(parts()), extra=struct.pack("<2HBL", 0x7075, 9, 1, 0) + b"abcd")


@refused("文件名不合常规")
def name_outside() -> bytes:
    """A name that leads out of the archive is refused."""
    return archive([*encoded(parts()), ("../evil.xml", b"<a/>")])


@refused("文件名不合常规")
def absolute_name() -> bytes:
    """An absolute name is refused."""
    return archive([*encoded(parts()), ("/evil.xml", b"<a/>")])


@accepted(percents=frozenset({"C1"}))
def backslash_name() -> bytes:
    """A name with backslashes is read as one with slashes, as readers do."""
    return archive([*encoded(parts()), (SHEET.replace("sheet1", "sheet2").replace("/", "\\"), b"<a/>")])


@refused("已损坏")
def bytes_behind_the_archive() -> bytes:
    """Bytes behind the directory are refused: a second directory could be among them."""
    return archive(encoded(parts()), tail=b"more")


@refused("密码")
def encrypted_member() -> bytes:
    """A zip password is named as the reason."""
    return archive(encoded(parts()), flags=1)


# --- other kinds of files -------------------------------------------------------------------------------------------


@refused("空的")
def empty() -> bytes:
    """An empty file is called empty."""
    return b""


@refused("20 MB")
def too_large() -> bytes:
    """More than 20 MB is refused unread."""
    return b"PK\3\4" + bytes(20 * 2**20)


@refused("Word 文档")
def docx() -> bytes:
    """A .docx renamed to .xlsx is called a Word document."""
    return zipped({"[Content_Types].xml": types(), "word/document.xml": "<a/>"})


@refused("演示文稿")
def pptx() -> bytes:
    """A .pptx is called slides."""
    return zipped({"[Content_Types].xml": types(), "ppt/presentation.xml": "<a/>"})


@refused(".xlsb")
def xlsb() -> bytes:
    """An .xlsb is to be saved as .xlsx."""
    return zipped({"[Content_Types].xml": types(), "xl/workbook.bin": b"\x83\x01\0"})


@refused(".ods")
def ods() -> bytes:
    """An .ods is to be saved as .xlsx."""
    return zipped_open("application/vnd.oasis.opendocument.spreadsheet")


@refused("文字文档")
def odt() -> bytes:
    """An .odt is called a text document."""
    return zipped_open("application/vnd.oasis.opendocument.text")


@refused("压缩包")
def zip_of_workbooks() -> bytes:
    """A zip of workbooks is to be unpacked first."""
    return zipped({"科工局/填报表.xlsx": book()})


@refused("压缩包")
def rar() -> bytes:
    """A .rar is to be unpacked first."""
    return b"Rar!\x1a\x07\x01\0" + bytes(100)


@refused("压缩包")
def seven_zip() -> bytes:
    """A .7z is to be unpacked first."""
    return b"7z\xbc\xaf\x27\x1c\0\4" + bytes(100)


@refused("PDF")
def pdf() -> bytes:
    """A PDF is called a PDF."""
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


@refused("图片")
def png() -> bytes:
    """A picture is called a picture."""
    return b"\x89PNG\r\n\x1a\n" + bytes(50)


@refused("图片")
def jpeg() -> bytes:
    """A photograph of the form is called a picture."""
    return b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(50)


@refused("图片")
def webp() -> bytes:
    """So is a picture in a newer format."""
    return b"RIFF\x24\0\0\0WEBPVP8 " + bytes(50)


@refused("网页格式")
def html_as_xls() -> bytes:
    """A web page that financial systems call .xls is to be saved as .xlsx."""
    return "<html xmlns:x='urn:schemas-microsoft-com:office:excel'><table><tr><td>编制数</td></tr></table>".encode(
        "gbk"
    )


@refused("网页格式")
def mhtml() -> bytes:
    """So is a web page in one file."""
    return b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n"


@refused("XML 格式")
def spreadsheet_xml() -> bytes:
    """So is the XML of Excel 2003."""
    return (XML + '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Table/></Workbook>').encode()


@refused("文本（如 CSV）")
def csv_as_xlsx() -> bytes:
    """Text in UTF-8 is called text."""
    return "单位,编制数\n科工局,37\n".encode()


@refused("文本（如 CSV）")
def csv_in_gbk() -> bytes:
    """Text in GBK is called text."""
    return ("单位,编制数\n科工局,37\n" * 9000).encode("gbk")


@refused("文本（如 CSV）")
def text_in_utf16() -> bytes:
    """Text that Excel saved as Unicode is called text."""
    return "单位\t编制数\n科工局\t37\n".encode("utf-16")


@refused("RTF")
def rtf() -> bytes:
    """RTF is called a Word document."""
    return b"{\\rtf1\\ansi"


@refused("加密软件")
def office_encryption() -> bytes:
    """A file that the office's encryption software has locked is to be unlocked first."""
    return b"\x62\x14\x23\x65\x3d\x00E-SafeNet\0\0LOCK" + bytes(range(256))


@refused("不是 Excel 工作簿")
def noise() -> bytes:
    """What cannot be told is no workbook."""
    return bytes(range(256)) * 4


# --- XML ------------------------------------------------------------------------------------------------------------

DOCTYPE = '<!DOCTYPE worksheet [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@refused("DTD")
def billion_laughs() -> bytes:
    """Entities that multiply are refused where they are defined."""
    return book(changes={SHEET: sheet(row(cell("A1", "<v>&b;</v>"))).replace("<worksheet", DOCTYPE + "<worksheet")})


@refused("DTD")
def external_entity() -> bytes:
    """An entity that would read a file is refused."""
    typed = '<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst'
    return book(changes={"xl/sharedStrings.xml": texts("&x;").replace("<sst", typed)})


@refused("DTD")
def document_type_in_utf16() -> bytes:
    """A document type in UTF-16 is found as well."""
    typed = sheet("").replace("<worksheet", DOCTYPE + "<worksheet").replace("UTF-8", "UTF-16")
    return book(changes={SHEET: typed.encode("utf-16")})


@refused("DTD")
def document_type_in_an_unread_part() -> bytes:
    """So is one in UTF-16 in a part that nobody reads."""
    return book(changes={"docProps/app.xml": "<!DOCTYPE a><a/>".encode("utf-16-be")})


@accepted(values={})
def byte_order_mark_and_no_cells() -> bytes:
    """A sheet without a cell, in UTF-8 with a byte order mark, is accepted."""
    return book(changes={SHEET: "\ufeff" + sheet("").replace("<sheetData></sheetData>", "<sheetData/>")})


@accepted()
def sheet_in_utf16() -> bytes:
    """A sheet in UTF-16 is read by the reader that knows it."""
    return book(changes={SHEET: sheet(row(cell("A1"))).replace("UTF-8", "UTF-16").encode("utf-16")})


@refused("已损坏")
def sheet_in_gbk() -> bytes:
    """A sheet that claims UTF-8 and holds GBK is damaged."""
    return book(changes={SHEET: sheet(row(cell("A1", "<v>编</v>", ' t="str"'))).encode("gbk")})


@refused("不合常规")
def sheet_in_latin() -> bytes:
    """A sheet in another declared encoding is refused."""
    return book(changes={SHEET: sheet(row(cell("A1"))).replace("UTF-8", "iso-8859-1").encode()})


@refused("已损坏")
def not_well_formed() -> bytes:
    """A tag that is not closed is damage, though calamine would read it."""
    return book(changes={SHEET: sheet('<row r="1"><c r="A1"><v>1</v></row>')})


@refused("不合常规")
def deep_in_a_sheet() -> bytes:
    """Elements a thousand deep are refused."""
    return book(changes={SHEET: sheet(GOOD_ROWS, after="<a>" * 1000 + "</a>" * 1000)})


@refused("不合常规")
def deep_and_disguised() -> bytes:
    """So are they when text between them looks like closing tags."""
    return book(changes={SHEET: sheet(GOOD_ROWS, after="<a>/>" * 1000 + "</a>" * 1000)})


@refused("不合常规")
def deep_in_the_workbook() -> bytes:
    """So are they in the list of sheets."""
    return book(changes={"xl/workbook.xml": listed(after="<a>" * 100 + "</a>" * 100)})


# --- the parts of a workbook ----------------------------------------------------------------------------------------


@refused("不是 Excel 工作簿")
def no_content_types() -> bytes:
    """A workbook without content types is none."""
    return book(changes={"[Content_Types].xml": None})


@refused("不是 Excel 工作簿")
def another_content_type() -> bytes:
    """A workbook part that is declared a Word document is none."""
    return book(
        changes={
            "[Content_Types].xml": types(
                "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
            )
        }
    )


@refused("缺少工作表")
def missing_sheet() -> bytes:
    """A sheet that is listed and not there is named."""
    return book(changes={SHEET: None})


@refused("缺少工作表")
def sheet_elsewhere() -> bytes:
    """A sheet linked outside the file is not there."""
    return book(changes={"xl/_rels/workbook.xml.rels": relations('http://x.test/sheet1.xml" TargetMode="External')})


@refused("不合常规")
def one_part_as_two_sheets() -> bytes:
    """One part under a hundred names would be read a hundred times."""
    sheets = "".join(f'<sheet name="表{number}" sheetId="{number}" r:id="rId1"/>' for number in range(1, 101))
    return book(changes={"xl/workbook.xml": listed(sheets)})


@refused("张工作表")
def too_many_sheets() -> bytes:
    """More than a hundred sheets are refused."""
    numbers = range(1, 102)
    sheets = "".join(f'<sheet name="表{number}" sheetId="{number}" r:id="rId{number}"/>' for number in numbers)
    more = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers[1:]
    )
    changes: dict[str, bytes | str | None] = {f"xl/worksheets/sheet{number}.xml": sheet("") for number in numbers}
    return book(
        changes=changes | {"xl/workbook.xml": listed(sheets), "xl/_rels/workbook.xml.rels": relations(more=more)}
    )


@refused("不合常规")
def texts_elsewhere() -> bytes:
    """A table of texts where calamine does not look is refused."""
    more = f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="texts.xml"/>'
    return book(changes={"xl/_rels/workbook.xml.rels": relations(more=more)})


@accepted(values={"A1": "a"})
def texts_that_claim_too_many() -> bytes:
    """A table of texts that claims 4 billion, for which calamine would reserve room, is read by another reader."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    told = types().replace("</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>')
    claims = ' count="4000000000" uniqueCount="4000000000"'
    changes: dict[str, bytes | str | None] = {"xl/sharedStrings.xml": texts("a", claims=claims)}
    return book(row(cell("A1", "<v>0</v>", ' t="s"')), changes=changes | {"[Content_Types].xml": told})


@accepted(percents=frozenset({"C1"}), values={"A1": "a", "B1": 1.5, "C1": 0.5, "B2": "ax"})
def texts_that_claim_too_few() -> bytes:
    """A table of texts that claims less than it holds is harmless."""
    return book(changes={"xl/sharedStrings.xml": texts("a", "b", claims=' count="1" uniqueCount="1"')})


@refused("文字过多")
def one_text_in_many_cells() -> bytes:
    """A long text kept once and shown in many cells is bounded by what will be read."""
    rows = "".join(row(cell(f"A{number}", "<v>1</v>", ' t="s"'), number) for number in range(1, 101))
    return book(rows, {"xl/sharedStrings.xml": texts("a", "长x" * 200_000)})


@accepted(macros=True, percents=frozenset({"C1"}))
def macros() -> bytes:
    """A workbook with macros is accepted and flagged; nothing of it is run."""
    kind = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    return book(changes={"[Content_Types].xml": types(kind), "xl/vbaProject.bin": bytes(100)})


@accepted(external_links=True, percents=frozenset({"C1"}))
def external_link() -> bytes:
    """A workbook that refers to another one is accepted and flagged."""
    link = f'{XML}<externalLink xmlns="{MAIN}"/>'
    related = f'<Relationship Id="rId9" Type="{OFFICE}/externalLink" Target="externalLinks/externalLink1.xml"/>'
    changes = {"xl/externalLinks/externalLink1.xml": link, "xl/_rels/workbook.xml.rels": relations(more=related)}
    return book(changes=dict(changes))


@accepted(hidden=True, percents=frozenset({"C1"}))
def hidden_sheet() -> bytes:
    """A hidden sheet is flagged."""
    return book(changes={"xl/workbook.xml": listed('<sheet name="表" sheetId="1" state="hidden" r:id="rId1"/>')})


@accepted(hidden=True, percents=frozenset({"C1"}))
def very_hidden_sheet() -> bytes:
    """So is a sheet that only a macro could show."""
    return book(changes={"xl/workbook.xml": listed('<sheet name="表" sheetId="1" state="veryHidden" r:id="rId1"/>')})


@accepted(troubles={"B1": ""}, values={"A1": 5.0})
def strict_workbook() -> bytes:
    """The strict variety of the format is read like the usual one."""
    office = f"{STRICT}/officeDocument/relationships"
    strict = sheet(row(cell("A1", "<v>5</v>") + cell("B1", "<f>A1</f>")))
    return book(
        changes={
            "xl/workbook.xml": listed(main=f"{STRICT}/spreadsheetml/main"),
            "xl/_rels/workbook.xml.rels": relations(office=office),
            SHEET: strict.replace(MAIN, f"{STRICT}/spreadsheetml/main"),
        }
    )


@accepted(percents=frozenset({"C1"}), values={"A1": "a", "B1": 1.5, "C1": 0.5, "B2": "ax"})
def absolute_target() -> bytes:
    """A sheet addressed from the root of the package is found."""
    return book(changes={"xl/_rels/workbook.xml.rels": relations("/xl/worksheets/sheet1.xml")})


@refused("XFD1048576")
def far_cell_under_a_capital_name() -> bytes:
    """A far cell is found under a name in another case, as calamine finds it."""
    far = sheet(row(cell("A1")) + row(cell("XFD1048576"), 1_048_576))
    return book(changes={SHEET: None, SHEET.replace("sheet1", "SHEET1"): far})


@accepted(percents=frozenset({"C1"}))
def defined_names() -> bytes:
    """Defined names are harmless, whatever they refer to."""
    names = '<definedName name="x">表!$A$1:$XFD$1048576</definedName><definedName name="y">#REF!</definedName>'
    return book(changes={"xl/workbook.xml": listed(after=f"<definedNames>{names}</definedNames>")})


# --- cells ----------------------------------------------------------------------------------------------------------


@refused("XFD1048576 离表格太远")
def far_cell() -> bytes:
    """Content in the last cell there is, on which calamine aborts, is refused by its address."""
    return book(row(cell("A1")) + row(cell("XFD1048576"), 1_048_576))


@refused("A1048576 离表格太远")
def far_row() -> bytes:
    """So is content in the last row."""
    return book(row(cell("A1")) + row(cell("A1048576"), 1_048_576))


@refused("离表格太远")
def wide_row() -> bytes:
    """A row of 5000 filled columns is refused."""
    return book(row("".join("<c><v>1</v></c>" for _ in range(5000))))


@refused("过大")
def a_million_rows() -> bytes:
    """A million rows are refused by their size, blank as they are."""
    return book("".join(f'<row r="{number}" ht="20"/>' for number in range(1, 1_000_001)))


@refused("行或单元格过多")
def many_rows() -> bytes:
    """Rows by the hundred thousand are refused by their number."""
    return book("".join(f'<row r="{number}"/>' for number in range(1, 200_002)))


@refused("过多")
def many_blank_cells() -> bytes:
    """So are cells by the hundred thousand."""
    return book("".join(row('<c r="A{0}"/>'.replace("{0}", str(n)) * 200, n) for n in range(1, 2600)))


@refused("相隔过远")
def wide_and_high() -> bytes:
    """Content at two corners of a wide and high rectangle is refused: every cell between is made."""
    return book(row(cell("KN1")) + row(cell("A5000"), 5000))


@accepted(values={"A1": 1.0})
def far_blank_cells() -> bytes:
    """Blank formatted cells at the end of a row and in the last row are harmless: LibreOffice writes such rows."""
    return book(row(cell("A1") + '<c r="XFD1" s="1"/>') + row('<c r="A1048576" s="1"/>', 1_048_576))


@refused("不存在的单元格")
def row_zero() -> bytes:
    """There is no A0."""
    return book(row(cell("A0")))


@refused("不存在的单元格")
def negative_row() -> bytes:
    """There is no A-1."""
    return book(row(cell("A-1")))


@refused("不存在的单元格")
def beyond_the_last_column() -> bytes:
    """There is no ZZZZ1; calamine makes 475,254 columns of it."""
    return book(row(cell("ZZZZ1")))


@refused("不存在的单元格")
def just_beyond_the_last_column() -> bytes:
    """There is no XFE1, blank or not."""
    return book(row('<c r="XFE1"/>'))


@refused("不存在的单元格")
def beyond_the_last_row() -> bytes:
    """There is no A4294967297; calamine counts round and reads it as A1."""
    return book(row(cell("A4294967297")))


@refused("不存在的单元格")
def lower_case_address() -> bytes:
    """There is no a1."""
    return book(row(cell("a1")))


@refused("不合常规")
def address_by_references() -> bytes:
    """An address written in character references is refused: calamine takes attributes as they stand."""
    return book(row(cell("&#65;1")))


@refused("次序错乱或重复")
def duplicate_cell() -> bytes:
    """One cell with two values is refused."""
    return book(row(cell("A1") + cell("A1", "<v>2</v>")))


@refused("次序错乱或重复")
def rows_out_of_order() -> bytes:
    """Rows out of order are refused."""
    return book(row(cell("A2"), 2) + row(cell("A1"), 1))


@accepted(troubles={"B2": ""}, values={"A1": 1.0, "B1": 2.0, "A2": 3.0})
def implied_positions() -> bytes:
    """Cells without addresses stand one after the other, and are noted where calamine reads them."""
    return book("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c><c><f>A1</f></c></row>")


@refused("A1048576 离表格太远")
def far_row_with_implied_cells() -> bytes:
    """A far row whose cells have no address is found."""
    return book(row("<c><v>1</v></c>") + row("<c><v>1</v></c>", 1_048_576))


@accepted(troubles={"A1": "", "C1": "#N/A"}, percents=frozenset({"B1"}), values={"B1": 0.5})
def another_order_of_attributes() -> bytes:
    """Attributes in any order and in single quotes are understood."""
    return book(
        "<row r='1'><c s='0' r='A1'><f>1</f></c><c s='2' r='B1'><v>0.5</v></c><c t='e' r='C1'><v>#N/A</v></c></row>"
    )


@accepted(troubles={"A1": "#DIV/0!", "B1": ""}, values={"C1": 5.0})
def prefixed_elements() -> bytes:
    """Elements with a prefix, as some converters write them, are cells all the same."""
    cells = '<x:c r="A1" t="e"><x:v>#DIV/0!</x:v></x:c><x:c r="B1"><x:f>1</x:f></x:c><x:c r="C1"><x:v>5</x:v></x:c>'
    rows = f'<x:sheetData><x:row r="1">{cells}</x:row></x:sheetData>'
    return book(changes={SHEET: f'{XML}<x:worksheet xmlns:x="{MAIN}">{rows}</x:worksheet>'})


@refused("XFD1048576")
def prefixed_far_cell() -> bytes:
    """One far cell with a prefix among plain ones is found."""
    far = f'<x:c xmlns:x="{MAIN}" r="XFD1048576"><v>1</v></x:c>'
    return book(row(cell("A1")) + row(far, 1_048_576))


@accepted(values={"A1": 1.0, "B1": 2.0})
def comments_between_cells() -> bytes:
    """Comments, CDATA and instructions between cells hide nothing and invent nothing."""
    far = cell("XFD1048576")
    return book(row(cell("A1") + f"<!-- {far} --><![CDATA[{far}]]><?x {far} ?>" + cell("B1", "<v>2</v>")))


@refused("XFD1048576")
def far_cell_after_a_comment() -> bytes:
    """A far cell after a comment is found."""
    return book(row("<!-- -->" + cell("A1")) + row(cell("XFD1048576"), 1_048_576))


@refused("不合常规")
def comment_in_a_number() -> bytes:
    """A number with a comment inside is refused: calamine would read 3 for 34."""
    return book(row(cell("A1", "<v>3<!-- -->4</v>")))


@refused("不合常规")
def reference_in_a_number() -> bytes:
    """So is one with a character reference."""
    return book(row(cell("A1", "<v>3&#52;</v>")))


@refused("不合常规")
def marked_section_in_a_text() -> bytes:
    """A text with a CDATA section is refused: calamine would drop it."""
    return book(row(cell("A1", "<v><![CDATA[34]]>万元</v>", ' t="str"')))


@refused("不合常规")
def value_before_formula() -> bytes:
    """A value before its formula is refused: calamine would read a blank."""
    return book(row(cell("A1", "<v>3</v><f>1+2</f>")))


@refused("不合常规")
def extension_in_a_cell() -> bytes:
    """Anything else inside a cell is refused."""
    return book(row(cell("A1", "<v>3</v><extLst/>")))


@refused("不合常规")
def second_sheet_data() -> bytes:
    """Rows a second time are refused: calamine reads the first ones only."""
    return book(changes={SHEET: sheet(GOOD_ROWS, after=f"<sheetData>{GOOD_ROWS}</sheetData>")})


@refused("不合常规")
def number_of_a_text_that_is_none() -> bytes:
    """A text whose number is none is refused: calamine would show the first text."""
    return book(row(cell("A1", "<v>x</v>", ' t="s"')))


@accepted(values={"A1": "<&>", "B1": "ab"})
def texts_in_the_sheet() -> bytes:
    """Texts kept in the sheet itself are read, references resolved."""
    inline = cell("B1", "<is><r><t>a</t></r><r><t>b</t></r></is>", ' t="inlineStr"')
    return book(row(cell("A1", "<f>1</f><v>&lt;&amp;&gt;</v>", ' t="str"') + inline))


@refused("不合常规")
def a_row_within_a_text() -> bytes:
    """A cell within the text of a cell is refused: calamine takes a cell for a cell wherever it lies."""
    return book(row(cell("A1", '<is><t>a</t><row r="1"><c r="B1"/></row></is>', ' t="inlineStr"')))


@accepted(
    troubles={"A1": "", "B1": "", "A2": "", "B2": "", "A3": ""},
    values={"C1": 7.0, "D1": "", "C2": 8.0},
)
def unsaved_formulas() -> bytes:
    """Formulas without a saved value are noted, shared and array ones too; a saved empty text is a value."""
    first = cell("A1", "<f>1</f>") + cell("B1", '<f t="shared" ref="B1:B2" si="0">A1+1</f>')
    first += cell("C1", "<f>7</f><v>7</v>") + cell("D1", "<f>E1</f><v></v>", ' t="str"')
    second = cell("A2", '<f t="array" ref="A2">SUM(A1)</f><v></v>') + cell("B2", '<f t="shared" si="0"/>')
    second += cell("C2", '<f t="shared" si="0"/><v>8</v>')
    return book(row(first) + row(second, 2) + row(cell("A3", "<f>E1</f>", ' t="str"'), 3))


ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")


@accepted(troubles={f"{letter}1": error for letter, error in zip("ABCDEFG", ERRORS, strict=True)})
def error_cells() -> bytes:
    """Each of the seven error values is noted as shown, of a formula or not."""
    cells = (cell(f"{letter}1", f"<v>{error}</v>", ' t="e"') for letter, error in zip("ABCDEFG", ERRORS, strict=True))
    return book(row("".join(cells).replace("<v>#REF", "<f>1</f><v>#REF")))


@accepted(troubles={"B1": "#SPILL!"})
def error_that_calamine_does_not_know() -> bytes:
    """A newer error value, over which calamine gives up the file, is noted, and the other cells are read."""
    return book(row(cell("A1") + cell("B1", "<f>X</f><v>#SPILL!</v>", ' t="e"')))


@accepted(percents=frozenset({"B1", "C1", "D1", "G1"}))
def percent_formats() -> bytes:
    """Percent formats are noted, built-in and custom; a quoted or escaped sign is none, blank cells do not count."""
    styled = "".join(cell(f"{letter}1", "<v>0.95</v>", f' s="{style}"') for style, letter in enumerate("ZBCDEFG", 1))
    return book(row(styled.replace('r="Z1" s="1"', 'r="A1"') + '<c r="H1" s="2"/>'))


@accepted(percents=frozenset({"A1", "B1"}))
def percent_by_default() -> bytes:
    """Where the first style shows a percentage, cells without a style show one."""
    return book(
        row(cell("A1") + cell("B1", attributes=' s="0"')),
        {"xl/styles.xml": STYLES.replace('cellXfs count="8"><xf numFmtId="0"', 'cellXfs><xf numFmtId="9"')},
    )


# --- dimensions and merged ranges -----------------------------------------------------------------------------------


@accepted(values={"A1": 1.0})
def dimension_that_lies() -> bytes:
    """A dimension that claims the whole sheet is harmless."""
    return book(changes={SHEET: sheet(row(cell("A1")), before='<dimension ref="A1:XFD1048576"/>')})


@accepted(values={"A1": 1.0})
def merged_whole_sheet() -> bytes:
    """A range merged down to the end of the sheet counts as far as content reaches."""
    return book(changes={SHEET: sheet(row(cell("A1")), after=merged("A1:XFD1048576"))})


@refused("合并单元格过多")
def merged_too_often() -> bytes:
    """Ranges that cover the content a thousand times are refused: each covered cell is remembered."""
    rows = "".join(row(cell(f"A{number}"), number) for number in range(1, 1001))
    return book(changes={SHEET: sheet(rows, after=merged(*["A1:KN1000"] * 1000))})


@refused("合并区域")
def merged_backwards() -> bytes:
    """A merged range that ends before it begins is refused."""
    return book(changes={SHEET: sheet(row(cell("A1")), after=merged("C3:A1"))})


@refused("合并区域")
def merged_nowhere() -> bytes:
    """A merged range of cells that there are not is refused."""
    return book(changes={SHEET: sheet(row(cell("A1")), after=merged("A1:B2000000"))})


@refused("合并区域")
def merged_nonsense() -> bytes:
    """A merged range that is none is refused."""
    return book(changes={SHEET: sheet(row(cell("A1")), after=merged("$A$1:$B$1"))})


# --- old workbooks --------------------------------------------------------------------------------------------------


@accepted(
    kind="xls",
    troubles={"A3": "#DIV/0!", "B3": "#N/A", "A5": ""},
    percents=frozenset({"B1", "B2"}),
    values={"A1": 1.5, "B1": 0.5, "A2": 7, "B2": 0.5, "A4": "ab", "B5": 95},
)
def old_workbook() -> bytes:
    """An .xls is read; errors, formulas whose text is not saved and percent formats are noted by address."""
    return container({"Workbook": xls(XLS_CELLS)})


@accepted(kind="xls", hidden=True, macros=True, external_links=True, values={"A1": 1.5})
def old_workbook_with_flags() -> bytes:
    """An .xls shows hidden sheets, macros and links to other workbooks."""
    link = record(0x1AE, struct.pack("<HHB", 1, 5, 0) + b"a.xls")
    stream = xls(number_record((0, 0), 1.5), whole=link, state=1)
    return container({"Workbook": stream, "_VBA_PROJECT_CUR": b""})


@refused("IV65536 离表格太远")
def old_far_cell() -> bytes:
    """A far cell in an .xls is refused by its address."""
    return container({"Workbook": xls(number_record((0, 0), 1) + number_record((65_535, 255), 1))})


@refused("没有保存结果的公式，范围又过大")
def old_dimensions_that_lie() -> bytes:
    """An .xls that claims 4 billion rows, for which calamine reserves room, is refused where xlrd cannot read it."""
    return container({"Workbook": xls(XLS_CELLS, dimensions=(0, 0xFFFFFFFE, 0, 0xFFFF))})


@refused("已损坏")
def old_texts_that_claim_too_many() -> bytes:
    """An .xls that claims 2 billion texts is refused for the same reason."""
    return container({"Workbook": xls(XLS_CELLS, whole=record(0xFC, struct.pack("<2I", 1, 0x7FFFFFFF)))})


@refused("已损坏")
def old_chain_that_bites_its_tail() -> bytes:
    """A chain of sectors that returns to itself is refused: calamine follows it until memory is full."""
    return container({"Workbook": xls(XLS_CELLS)}, first=2)


@refused("已损坏")
def old_header_that_lies() -> bytes:
    """A header that claims more sectors than there are is refused."""
    return container({"Workbook": xls(XLS_CELLS)}, header={44: 0xFFFFFFF})


@refused("已损坏")
def old_truncated() -> bytes:
    """Half an .xls is damaged."""
    return container({"Workbook": xls(XLS_CELLS)})[:2000]


@refused("密码")
def old_password() -> bytes:
    """An .xls with a password is to be saved without."""
    return container({"Workbook": xls(XLS_CELLS, whole=record(0x2F, struct.pack("<3H", 1, 1, 1)))})


@refused("Excel 95")
def excel_95() -> bytes:
    """A workbook of Excel 95 is to be saved as .xlsx."""
    return container({"Book": record(0x809, struct.pack("<2H4x", 0x500, 5)) + EOF})


@refused("密码")
def password() -> bytes:
    """An .xlsx with a password is a container, and is to be saved without."""
    return container({"EncryptionInfo": b"", "EncryptedPackage": bytes(5000)})


@refused("密码")
def password_and_damage() -> bytes:
    """The password is seen in a damaged container too."""
    return OLE2 + "EncryptedPackage".encode("utf-16-le")


@refused("Word 文档")
def doc() -> bytes:
    """A .doc or .wps is called a Word document."""
    return container({"WordDocument": bytes(5000), "1Table": b""})


@refused("演示文稿")
def ppt() -> bytes:
    """A .ppt is called slides."""
    return container({"PowerPoint Document": bytes(5000)})


@refused("不是 Excel 工作簿")
def mail() -> bytes:
    """Any other container is no workbook."""
    return container({"__properties_version1.0": bytes(5000)})
