"""Workbooks, archives and containers written by hand, so that they can be wrong: no library writes what is wrong."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Parts = dict[str, bytes | str]

# --- workbooks -------------------------------------------------------------------------------------------------------

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SHEET = "xl/worksheets/sheet1.xml"
GOOD_ROWS = (
    '<row r="1"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1"><v>1.5</v></c><c r="C1" s="2"><v>0.5</v></c></row>'
    '<row r="2"><c r="A2"/><c r="B2" t="str"><f>A1&amp;"x"</f><v>ax</v></c></row>'
)


def sheet(rows: str, before: str = "", after: str = "") -> str:
    """Write a sheet part around rows."""
    return f'{XML}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def types(book: str = BOOK_TYPE) -> str:
    """Write the content types."""
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{book}"/></Types>'
    )


def relations(target: str = "worksheets/sheet1.xml", more: str = "", office: str = OFFICE) -> str:
    """Write the relations of the workbook."""
    return (
        f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="{target}"/>{more}</Relationships>'
    )


def listed(sheets: str = '<sheet name="表" sheetId="1" r:id="rId1"/>', after: str = "", main: str = MAIN) -> str:
    """Write the workbook part."""
    office = OFFICE if main == MAIN else f"{STRICT}/officeDocument/relationships"
    return f'{XML}<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{sheets}</sheets>{after}</workbook>'


def texts(*entries: str, claims: str = "") -> str:
    """Write the table of shared texts."""
    items = "".join(f"<si><t>{entry}</t></si>" for entry in entries)
    return f'{XML}<sst xmlns="{MAIN}"{claims}>{items}</sst>'


STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}"><numFmts count="4"><numFmt numFmtId="164" formatCode="0.0%"/>'
    '<numFmt numFmtId="165" formatCode="0&quot;%&quot;"/><numFmt numFmtId="166" formatCode="0\\%"/>'
    '<numFmt numFmtId="167" formatCode="[Red]0;&quot;负&quot;0.00%"/></numFmts>'
    '<cellStyleXfs count="1"><xf numFmtId="9"/></cellStyleXfs><cellXfs count="8"><xf numFmtId="0"/><xf numFmtId="49"/>'
    '<xf numFmtId="9"/><xf numFmtId="10"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/>'
    '<xf numFmtId="167"/></cellXfs><dxfs count="1"><dxf><numFmt numFmtId="0" formatCode="0%"/></dxf></dxfs>'
    "</styleSheet>"
)


def parts(rows: str = GOOD_ROWS, **changes: bytes | str | None) -> Parts:
    """Give the parts of a small good workbook; a change by part name, None leaves the part out."""
    found: dict[str, bytes | str | None] = {
        "[Content_Types].xml": types(),
        "_rels/.rels": f'{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": listed(),
        "xl/_rels/workbook.xml.rels": relations(),
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": texts("a", "b", "c"),
        SHEET: sheet(rows),
    }
    found |= changes
    return {name: part for name, part in found.items() if part is not None}


def book(rows: str = GOOD_ROWS, changes: dict[str, bytes | str | None] | None = None) -> bytes:
    """Make a small workbook."""
    return zipped(parts(rows, **changes or {}))


def zipped(members: Parts) -> bytes:
    """Zip members, as any program would."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def rewritten(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Change the sheet parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped({name: change(part) if "worksheets/" in name else part for name, part in members.items()})


def cell(reference: str, inner: str = "<v>1</v>", attributes: str = "") -> str:
    """Write a cell."""
    return f'<c r="{reference}"{attributes}>{inner}</c>'


def row(cells: str, number: int = 1) -> str:
    """Write a row."""
    return f'<row r="{number}">{cells}</row>'


def archive(members: list[tuple[str, bytes]], tail: bytes = b"", **lies: Any) -> bytes:
    """Zip members by hand, with lies.

    ``size`` and ``checksum`` are stated for the last member, ``local`` is its name in its own header, ``extra`` its
    extra field, ``flags`` its flags, ``over`` places it on the first member; ``tail`` ends the file.
    """
    body, directory = b"", b""
    for number, (name, content) in enumerate(members):
        told = lies if number == len(members) - 1 else {}
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = packer.compress(content) + packer.flush()
        raw, local = name.encode(), told.get("local", name).encode()
        size, checksum = told.get("size", len(content)), told.get("checksum", zlib.crc32(content))
        flags, extra = told.get("flags", 0), told.get("extra", b"")
        at = 0 if told.get("over") else len(body)
        stated = (20, flags, 8, 0, 0, checksum, len(packed), size)
        body += struct.pack("<4s5H3L2H", b"PK\3\4", *stated, len(local), 0) + local + packed
        entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *stated, len(raw), len(extra), 0, 0, 0, 0, at)
        directory += entry + raw + extra
    count = len(members)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + end + tail


def encoded(members: Parts) -> list[tuple[str, bytes]]:
    """Give parts as bytes, in order."""
    return [(name, part.encode() if isinstance(part, str) else part) for name, part in members.items()]


def merged(*ranges: str) -> str:
    """Write merged ranges."""
    return "<mergeCells>" + "".join(f'<mergeCell ref="{each}"/>' for each in ranges) + "</mergeCells>"


def zipped_open(kind: str) -> bytes:
    """Zip as OpenDocument does: the type first, not packed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("mimetype", kind)
        package.writestr("content.xml", "<a/>")
    return stream.getvalue()


# --- old workbooks --------------------------------------------------------------------------------------------------

END = 0xFFFFFFFE
FREE = 0xFFFFFFFF


def container(streams: dict[str, bytes], first: int = 1, header: dict[int, int] | None = None) -> bytes:
    """Write an OLE2 container: header, sector table, directory, and each stream, 4 KB at least.

    ``first`` is the sector that follows that of the first stream's end, END where it is well; ``header`` overwrites
    numbers of the header by their place.
    """
    entries = [entry("Root Entry", 5, 1 if streams else FREE, END, 0)]
    body, table = b"", [0xFFFFFFFD, END]
    padded = {name: stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0") for name, stream in streams.items()}
    directory_sectors = -(-(len(padded) + 1) // 4)
    table = [0xFFFFFFFD, *range(2, directory_sectors + 1), END]
    for number, (name, stream) in enumerate(padded.items(), 1):
        sectors = len(stream) // 512
        right = number + 1 if number < len(padded) else FREE
        entries.append(entry(name, 2, FREE, len(table), len(stream), right))
        last = first if number == 1 and first != 1 else END
        table += [*range(len(table) + 1, len(table) + sectors), last]
        body += stream
    table += [FREE] * (128 - len(table))
    directory = b"".join(entries).ljust(directory_sectors * 512, b"\0")
    start = struct.pack("<8s16x5H6x6I", OLE2, 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, END)
    start += struct.pack("<3I109I", 0, END, 0, 0, *[FREE] * 108)
    whole = bytearray(start + struct.pack("<128I", *table) + directory + body)
    for place, number in (header or {}).items():
        struct.pack_into("<I", whole, place, number)
    return bytes(whole)


OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def entry(name: str, kind: int, child: int, start: int, size: int, right: int = FREE) -> bytes:
    """Write an entry of the directory; the first entry's child is given, others have none."""
    raw = name.encode("utf-16-le")
    child = child if kind == 5 else FREE
    return struct.pack("<64sHBB3I36xIQ", raw, len(raw) + 2, kind, 1, FREE, right, child, start, size)


def record(kind: int, content: bytes = b"") -> bytes:
    """Write a record of an old workbook."""
    return struct.pack("<2H", kind, len(content)) + content


def number_record(at: tuple[int, int], value: float, style: int = 0) -> bytes:
    """Write a number."""
    return record(0x203, struct.pack("<3Hd", *at, style, value))


BOF_GLOBALS, BOF_SHEET = record(0x809, struct.pack("<2H12x", 0x600, 5)), record(0x809, struct.pack("<2H12x", 0x600, 16))
EOF = record(0x0A)


def xls(
    cells: bytes,
    whole: bytes = b"",
    state: int = 0,
    dimensions: tuple[int, ...] = (0, 5, 0, 5),
    more: Mapping[str, bytes] = MappingProxyType({}),
) -> bytes:
    """Write the stream of an old workbook with one sheet, and ``more`` (name → cells).

    Its five styles are general, 0%, 0.00%, 0.0% and 0"%".
    """
    formats = b"".join(
        record(0x41E, struct.pack("<HHB", number, len(code), 0) + code)
        for number, code in ((164, b"0.0%"), (165, b'0"%"'))
    )
    styles = b"".join(record(0xE0, struct.pack("<2H16x", 0, number)) for number in (0, 9, 10, 164, 165))
    size = record(0x200, struct.pack("<2I3H", *dimensions, 0))
    bodies = {name: BOF_SHEET + size + each + EOF for name, each in {"表": cells, **more}.items()}

    def before(place: int) -> bytes:
        listed = b""
        for name, body in bodies.items():
            listed += record(0x85, struct.pack("<IBBBB", place, state, 0, len(name), 1) + name.encode("utf-16-le"))
            place += len(body)
        return BOF_GLOBALS + whole + formats + styles + listed + EOF

    return before(len(before(0))) + b"".join(bodies.values())


XLS_CELLS = (
    number_record((0, 0), 1.5)
    + number_record((0, 1), 0.5, 1)
    + record(0xBD, struct.pack("<2HHiHiH", 1, 0, 0, 7 << 2 | 2, 3, 50 << 2 | 3, 1))
    + record(0x205, struct.pack("<3HBB", 2, 0, 0, 7, 1))
    + record(0x06, struct.pack("<3HBBBBBBHHIH", 2, 1, 0, 2, 0, 42, 0, 0, 0, 0xFFFF, 0, 0, 0))
    + record(0x06, struct.pack("<3HBBBBBBHHIH", 3, 0, 0, 0, 0, 0, 0, 0, 0, 0xFFFF, 0, 0, 0))
    + record(0x207, struct.pack("<HB", 2, 0) + b"ab")
    + record(0x06, struct.pack("<3HBBBBBBHHIH", 4, 0, 0, 0, 0, 0, 0, 0, 0, 0xFFFF, 0, 0, 0))
    + number_record((4, 1), 95, 4)
)
