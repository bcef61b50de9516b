"""Bytes → guarded sheets of cells. Nothing is parsed before the guard has passed the bytes.

calamine aborts the whole process on cells that lie far apart and gives ``''`` for error cells and for formulas
without a saved value, so one pass over the raw XML comes first: it bounds what will be unpacked and where cells
may lie, and notes by address what the values do not tell.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from collections.abc import Iterator

Cell = tuple[int, int]
"""Row and column, from 0."""

MAX_BYTES = 20 * 2**20
"""A return is some 20 KB; with pictures pasted in, a few MB."""
MAX_UNPACKED = 100 * 2**20
"""What all members of a workbook may hold together, and a bound on memory."""
MAX_MEMBERS = 1000
MAX_ROW = 5000
"""500 indicator rows, formatted blank rows below them, and room."""
MAX_COLUMN = 300

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"([^>]*?)(/>|>(.*?)</c>)', re.DOTALL)
_ADDRESS = re.compile(rb'<c\b[^>]*?\br="([A-Z]+)(\d+)"')
_ROW = re.compile(rb'<row\b[^>]*?\br="(\d+)"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Refused(Exception):  # noqa: N818 - no error of the program: a verdict on a file
    """A file that cannot be read, with the reason and what to do, in Chinese."""


@dataclass(slots=True)
class Sheet:
    """The cells of one sheet: values by row and column, merged ranges, and what the values do not tell."""

    name: str
    rows: list[list[Any]]
    anchors: dict[Cell, Cell] = field(default_factory=dict)
    extents: dict[Cell, Cell] = field(default_factory=dict)
    troubles: dict[Cell, str] = field(default_factory=dict)
    percents: frozenset[Cell] = frozenset()
    hidden: bool = False

    def value(self, cell: Cell) -> Any:
        """Give the value of a cell, that of its merged range where it is in one; "" when blank or outside."""
        row, column = self.anchors.get(cell, cell)
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return ""

    def anchor(self, cell: Cell) -> Cell:
        """Give the first cell of the merged range a cell is in, or the cell itself."""
        return self.anchors.get(cell, cell)

    def end(self, cell: Cell) -> Cell:
        """Give the last cell of the merged range that begins at a cell, or the cell itself."""
        return self.extents.get(cell, cell)

    def texts(self) -> Iterator[tuple[Cell, str]]:
        """Give every cell that holds text."""
        for row, values in enumerate(self.rows):
            for column, value in enumerate(values):
                if isinstance(value, str) and value:
                    yield (row, column), value


def address(cell: Cell) -> str:
    """Write a cell as people do: (0, 0) is A1."""
    row, column = cell
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _cell(letters: bytes, digits: bytes) -> Cell:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(digits) - 1, column - 1


def guard(content: bytes) -> dict[str, dict[Cell, str]]:
    """Refuse bytes that are no plain, moderate .xlsx workbook; give the troubles of each sheet by cell.

    A trouble is an error value as shown (``#DIV/0!``) or "" for a formula without a saved value.
    """
    if not content:
        raise Refused("文件是空的（0字节），请重新保存后再报送")
    if len(content) > MAX_BYTES:
        raise Refused(f"文件有{len(content) / 2**20:.0f} MB，超过{MAX_BYTES // 2**20} MB；请删去图片等附带内容后再报送")
    if content.startswith(_OLE2):
        if _ENCRYPTED in content:
            raise Refused("文件设有打开密码，请取消密码后再报送")
        raise Refused("旧格式文件（.xls、.doc 等），请用 WPS 或 Excel 另存为 .xlsx 后再报送")
    if not content.startswith(b"PK"):
        raise Refused("不是 Excel 工作簿，请用发放的填报表填写后报送 .xlsx 文件")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return _inspect(package)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError, ValueError) as error:
        raise Refused("文件已损坏，打不开；请在本机打开、重新保存后再报送") from error


def _inspect(package: zipfile.ZipFile) -> dict[str, dict[Cell, str]]:
    members = package.infolist()
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Refused("文件解开后过大，不像填报表；请用发放的填报表重新填写")
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        raise Refused("不是 .xlsx 工作簿（可能是 Word 文档或压缩包），请用发放的填报表填写后报送")
    parts = {name: package.read(name) for name in names if name.endswith((".xml", ".rels"))}
    if any(b"<!DOCTYPE" in part or b"<!ENTITY" in part for part in parts.values()):
        raise Refused("文件内含不应有的定义（DTD），不予读取；请用发放的填报表重新填写")
    return {name: _troubles(parts.get(path, b"")) for name, path in _sheet_parts(parts)}


def _sheet_parts(parts: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """Give the name of each sheet and the part that holds it."""
    try:
        relations = ElementTree.fromstring(parts.get("xl/_rels/workbook.xml.rels", b"<none/>"))  # noqa: S314 - no DTD
        book = ElementTree.fromstring(parts["xl/workbook.xml"])  # noqa: S314 - no DTD
    except ElementTree.ParseError as error:
        raise Refused("文件已损坏，打不开；请在本机打开、重新保存后再报送") from error
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for sheet in book.iter("{*}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        path = target.removeprefix("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        yield sheet.get("name", ""), path


def _troubles(xml: bytes) -> dict[Cell, str]:
    for letters, digits in _ADDRESS.findall(xml):
        # XFD1048576 is the last cell there is.
        if len(letters) > len("XFD") or len(digits) > len("1048576"):
            raise Refused("文件内有不存在的单元格，不予读取；请用发放的填报表重新填写")
        row, column = _cell(letters, digits)
        if row >= MAX_ROW or column >= MAX_COLUMN:
            raise Refused(f"单元格 {letters.decode()}{digits.decode()} 离表格太远；请删去表格以外的内容后再报送")
    if any(int(row[:9]) > MAX_ROW * 10 for row in _ROW.findall(xml)):
        raise Refused("工作表的行数过多；请删去表格以外的内容后再报送")
    if b't="e"' not in xml and b"<f" not in xml:
        return {}
    found = {}
    for match in _CELL.finditer(xml):
        letters, digits, rest, _, inner = match.groups()
        trouble = _trouble(match[0].partition(b">")[0] + rest, inner or b"")
        if trouble is not None:
            found[_cell(letters, digits)] = trouble
    return found


def _trouble(attributes: bytes, inner: bytes) -> str | None:
    value = re.search(rb"<v[^>]*>(.*?)</v>", inner, re.DOTALL)
    if b't="e"' in attributes:
        return value[1].decode("utf-8", "replace") if value else "#ERROR!"
    if b"<f" in inner and (value is None or not value[1]) and b't="str"' not in attributes:
        return ""
    return None


def sheets(content: bytes) -> list[Sheet]:
    """Read the sheets of a workbook from guarded bytes; addresses are those of the file."""
    troubles = guard(content)
    # Here and not above: a worker that only writes, and `--help`, must not pay for pandas.
    import pandas as pd  # noqa: PLC0415

    try:
        with pd.ExcelFile(io.BytesIO(content), engine="calamine") as book:
            frames = pd.read_excel(
                book, sheet_name=None, header=None, dtype=object, keep_default_na=False, na_filter=False
            )
            merges = {name: book.book.get_sheet_by_name(name).merged_cell_ranges or [] for name in frames}
    except Exception as error:
        # calamine's errors have no common base; whatever it says, this one file cannot be read.
        raise Refused("文件已损坏，打不开；请在本机打开、重新保存后再报送") from error
    return [
        _sheet(str(name), frame.to_numpy().tolist(), merges[name], troubles.get(str(name), {}))
        for name, frame in frames.items()
    ]


def _sheet(name: str, rows: list[list[Any]], merges: list[tuple[Cell, Cell]], troubles: dict[Cell, str]) -> Sheet:
    sheet = Sheet(name, rows, troubles=troubles)
    for start, end in merges:
        sheet.extents[start] = end
        # A range may be drawn down to the last row of the sheet: only what holds cells matters.
        for row in range(start[0], min(end[0], len(rows)) + 1):
            for column in range(start[1], min(end[1], MAX_COLUMN) + 1):
                if (row, column) != start:
                    sheet.anchors[row, column] = start
    return sheet
