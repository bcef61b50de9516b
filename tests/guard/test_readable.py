"""A readable file is read: odd archives, odd parts and old workbooks hold the seed return, and give its 76.02 points.

The old workbooks in `cases/old_workbooks` are by writers that are not among our tools: xlwt, JXL and gnumeric.
"""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from pipeline.guard import Refused, guard
from pipeline.reading.read import read
from tests.conftest import evaluated_files
from tests.support import filed, forged

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.reading.submission import Submission
    from schemas.policy import Policy

OLD = sorted((Path(__file__).parent.parent / "cases" / "old_workbooks").glob("*.xls"))
THEN = {"当年决算数", "当年预算数", "上年决算数"}
"""The columns of 附件1-1 when these were written."""
SHEETS = "xl/worksheets"
MACRO = "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"


def facts(reading: Submission) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Give what is understood of a return: its fields, and target and actual of its indicators."""
    assert reading.reason == ""
    values = {fact.field: fact.value for fact in reading.facts}
    return values, [(row["target"], row["actual"]) for row in reading.indicators]


def rezipped(content: bytes, change: Callable[[dict[str, bytes]], object]) -> dict[str, bytes]:
    """Unpack an archive and change its members."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    return members


def packed(members: dict[str, bytes], comment: bytes = b"") -> bytes:
    """Pack members; a name stays as it is, backslashes too."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, part in members.items():
            info = zipfile.ZipInfo("x")
            info.filename = name
            archive.writestr(info, part, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def with_sheet(content: bytes, cells: dict[str, Any]) -> bytes:
    """Add a sheet with cells behind the annexes."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.create_sheet("明细账")
    for cell, value in cells.items():
        sheet[cell] = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def listed(members: dict[str, bytes], sheet: str, relation: str = "") -> None:
    """List one more sheet in the workbook, and relate a part to it."""
    book, relations = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    members[book] = members[book].replace(b"</sheets>", f"{sheet}</sheets>".encode())
    members[relations] = members[relations].replace(b"</Relationships>", f"{relation}</Relationships>".encode())


def _macro_sheet(members: dict[str, bytes]) -> None:
    members["xl/macrosheets/sheet1.xml"] = forged.sheet(forged.row(forged.cell("A1"))).encode()
    relation = f'<Relationship Id="rIdM" Type="{MACRO}" Target="macrosheets/sheet1.xml"/>'
    listed(members, '<sheet name="Macro1" sheetId="99" r:id="rIdM"/>', relation)


def _module_sheet(members: dict[str, bytes]) -> None:
    listed(members, '<sheet name="Module1" sheetId="99" r:id=""/>')


def _blank_texts(members: dict[str, bytes]) -> None:
    name = f"{SHEETS}/sheet1.xml"
    blank = members[name].replace(b"</sheetData>", b'<row r="60"><c r="A60" t="s"><v></v></c></row></sheetData>')
    members[name] = blank.replace(b"<v></v>", b"<v/>")


def _new_error(members: dict[str, bytes]) -> None:
    name = f"{SHEETS}/sheet1.xml"
    error = b'<row r="60"><c r="H60" t="e"><f>X</f><v>#SPILL!</v></c></row></sheetData>'
    members[name] = members[name].replace(b"</sheetData>", error)


def _wide_letters(members: dict[str, bytes]) -> None:
    name = f"{SHEETS}/sheet1.xml"
    text = members[name].decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    members[name] = text.encode("utf-16")


def in_zip64(content: bytes) -> bytes:
    """State sizes and places of members in the extra field of the directory, as some writers do for any file."""
    end = content.rindex(b"PK\5\6")
    count, size, at = struct.unpack_from("<H2I", content, end + 10)
    directory, place = b"", at
    for _ in range(count):
        fixed = content[place : place + 46]
        packed_size, full_size = struct.unpack_from("<2I", fixed, 20)
        name_length, extra_length, comment_length = struct.unpack_from("<3H", fixed, 28)
        name = content[place + 46 : place + 46 + name_length]
        extra = struct.pack("<2H2Q", 1, 16, full_size, packed_size)
        directory += (
            fixed[:20] + b"\xff" * 8 + struct.pack("<3H", name_length, len(extra), 0) + fixed[34:] + name + extra
        )
        place += 46 + name_length + extra_length + comment_length
    assert place == at + size
    return content[:at] + directory + content[end : end + 12] + struct.pack("<2IH", len(directory), at, 0)


ODD: dict[str, Callable[[bytes], bytes]] = {
    "a macro sheet": lambda seed: packed(rezipped(seed, _macro_sheet)),
    "a module sheet without a part": lambda seed: packed(rezipped(seed, _module_sheet)),
    "blanks written as texts": lambda seed: packed(rezipped(seed, _blank_texts)),
    "a newer error value": lambda seed: packed(rezipped(seed, _new_error)),
    "a part in UTF-16": lambda seed: packed(rezipped(seed, _wide_letters)),
    "an archive comment": lambda seed: packed(rezipped(seed, dict), b"made by a printer driver"),
    "names with backslashes": lambda seed: packed(
        {name.replace("/", "\\"): part for name, part in rezipped(seed, dict).items()}
    ),
    "sizes in zip64": in_zip64,
    "a ledger of 5,001 rows": lambda seed: with_sheet(seed, {f"A{row}": row for row in range(1, 5002)}),
    "a lookup sheet of 301 columns": lambda seed: with_sheet(seed, {"KO1": "查"}),
    "4,000 short texts": lambda seed: with_sheet(seed, {f"A{row}": f"文{row}" for row in range(1, 4001)}),
    "merged far below": lambda seed: with_sheet(seed, {"XFD1048576": "远"}),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_an_odd_workbook_is_read_as_the_plain_one(seed: dict[str, Any], policy: Policy, name: str) -> None:
    """What lies beside the annexes, and how the archive is written, changes nothing of what is read of them."""
    plain = filed.workbook(seed)
    content = ODD[name](plain)
    assert content != plain
    assert facts(read("某局.xlsx", content, 2021)) == facts(read("某局.xlsx", plain, 2021))
    summary = evaluated_files({"某局": content}, policy).summary
    assert summary["points"].tolist() == [76.02]


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_an_old_workbook_of_any_writer_is_read(policy: Policy, path: Path) -> None:
    """A code page, an old formula record, a format defined anew and blank cells far below change nothing of an .xls."""
    reading = read(path.name, path.read_bytes(), 2021)
    values, rows = facts(reading)
    found = [values[name] for name in ("authorised_posts", "staff_in_post", "basic_outturn", "funds_budget")]
    assert found == [42, 40, 564.62, 999.38]  # of the seed
    assert len(rows) == 26
    # They are stored as they were written: of a column that the form gets later nothing is said here.
    said = [each for each in reading.findings if each.rule != "column_not_found" or each.label in THEN]
    assert {each.rule for each in said} <= {"old_format"}
    assert evaluated_files({path.stem: path.read_bytes()}, policy).summary["points"].tolist() == [76.02]


def test_a_macro_sheet_is_told(seed: dict[str, Any]) -> None:
    """A sheet of old macros is passed over, and told as macros are."""
    reading = read("某局.xlsm", ODD["a macro sheet"](filed.workbook(seed)), 2021)
    assert "macros" in {found.rule for found in reading.findings}


def test_an_error_beside_the_annex_is_told(seed: dict[str, Any]) -> None:
    """A newer error value outside the form is told by its cell."""
    reading = read("某局.xlsx", ODD["a newer error value"](filed.workbook(seed)), 2021)
    told = [(found.cell, found.stated) for found in reading.findings if found.rule == "error_beside"]
    assert told == [("H60", "#SPILL!")]


def test_a_sheet_that_is_not_read_is_named_where_an_annex_is_missing(clean: dict[str, Any]) -> None:
    """Where an annex is nowhere, the sheets that were passed over are told with the reason: it may be in one."""
    book = openpyxl.load_workbook(io.BytesIO(filed.workbook(clean)))
    first = book.worksheets[0]
    first["A9000"] = "x"
    stream = io.BytesIO()
    book.save(stream)
    told = {found.rule: found.stated for found in read("某局.xlsx", stream.getvalue(), 2021).findings}
    assert "annex_missing" in told
    assert told["sheet_passed_over"].startswith(f"工作表“{first.title}”：单元格 A9000 离表格太远")


def test_two_directories_are_still_refused(seed: dict[str, Any]) -> None:
    """A comment that holds the end of another directory could be one: it is refused, and not called damaged."""
    members = rezipped(filed.workbook(seed), dict)
    with pytest.raises(Refused, match="压缩方式不合常规"):
        guard(packed(members, b"PK\5\6" + bytes(30)))
