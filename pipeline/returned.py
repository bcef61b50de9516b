"""The workbook that goes back to a department: its own file, faulty cells marked and commented, the list in front.

The file is edited tag by tag where it must change: every other byte of its parts stays, saved values of formulas,
pictures and whatever else a library would lose. What cannot be edited so is transcribed first: its values only.
"""

from __future__ import annotations

import datetime
import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from python_calamine import CalamineWorkbook

from pipeline.book import LONGEST_TEXT, Styles, begin, display_width, put, text_height
from pipeline.case import short
from pipeline.guard import Refused, guard
from pipeline.guard.markup import sound
from pipeline.workbook import address, book
from schemas.returned import AUTHOR, COLUMNS, DOUBTFUL, FAULTY, HEAD, MARK, RECORDS, STAMP, TITLE
from schemas.rule import Severity
from schemas.states import Standing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from pipeline.guard.markup import Attributes
    from pipeline.guard.notes import Cell
    from pipeline.workbook import Sheet

Finding = dict[str, Any]
_OLD = "原文件为旧格式，退回的是按其内容转存的 .xlsx，格式和公式没有保留。"
_UNUSUAL = "原文件的写法不合常规，退回的是按其内容转存的 .xlsx，格式和公式没有保留。"
_MACROS = "原文件带有宏，退回的文件已去掉宏。"
_HOW = (
    "请逐项改正：点“位置”到达单元格；有错误的单元格标为橙色，提醒的标为黄色，批注里写明问题和改法。"
    "改好后保存，直接报送本文件即可：本表、标色和批注不必删除，程序不会读取。"
)


@dataclass(frozen=True, slots=True)
class About:
    """Whose return it is: department, fiscal year, and the name of its file in the inbox."""

    department: str
    year: int
    source_file: str


class OddError(ValueError):
    """A workbook that can be read but is written in a way in which it cannot be edited."""


_CANNOT = (OddError, Refused, LookupError, ValueError, expat.ExpatError, zipfile.BadZipFile, zlib.error)
"""What an unusual file may come to while it is edited."""


def due(findings: Iterable[Finding]) -> bool:
    """Tell whether a return goes back: it has an error that counts."""
    return any(each["severity"] == Severity.ERROR for each in _counted(findings))


def workbook(content: bytes, lines: Sequence[Finding], findings: Sequence[Finding], about: About) -> bytes:
    """Mark a department's own file and put the list of its faults in front.

    Args:
        content: the file as it was sent, which the guard has passed.
        lines: its findings as they are listed (`pipeline.lines`).
        findings: the same, one a cell.
        about: whose return it is.

    Returns:
        An .xlsx file; the same arguments give the same bytes.
    """
    notes = guard(content)
    told = [_MACROS] if notes.macros else []
    if notes.kind == "xlsx":
        try:
            made = _edited(content, lines, findings, about, told)
            # What we hand out must be readable when it comes back.
            guard(made)
        except _CANNOT:
            told = [*told, _UNUSUAL]
        else:
            return made
    else:
        told = [*told, _OLD]
    return _edited(_transcribed(content), lines, findings, about, told)


def _counted(findings: Iterable[Finding]) -> Iterator[Finding]:
    return (each for each in findings if each["standing"] == Standing.COUNTED)


def _edited(
    content: bytes, lines: Sequence[Finding], findings: Sequence[Finding], about: About, told: Sequence[str]
) -> bytes:
    package = Package(content)
    package.drop_what_runs()
    listed = _listed(package)
    front = next((sheet for sheet in listed if _is_ours(content, sheet.name)), None)
    own = {sheet.name: sheet.path for sheet in listed if sheet is not front}
    faults = _by_cell(findings)
    looks = Looks(package)
    records = _mark_all(package, looks, own, faults, _former(content, front))
    name = front.name if front else _free_name({sheet.name.casefold() for sheet in listed})
    part = _list(looks, list(_counted(lines)), list(_counted(findings)), about, told, own.keys(), records)
    _put_in_front(package, front, name, part)
    looks.save()
    return package.zipped()


# ---------------------------------------------------------------------- XML, edited where it stands

_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
_ATTRIBUTE = re.compile(rb"""\s([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def _text(text: str) -> str:
    """Write a text as XML: what XML cannot hold is left out, and what looks like an escape stays what it looks like."""
    return escape(_ESCAPE.sub("_x005F_", _UNWRITABLE.sub("", text)[:LONGEST_TEXT]))


@dataclass(eq=False, slots=True)
class Element:
    """An element and where it stands in its part: its tag, what it holds, and its end."""

    name: str
    prefix: str
    attributes: Attributes
    begin: int
    inner: int
    close: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        """Give the children of a name."""
        return [child for child in self.children if child.name == name]

    def find(self, name: str) -> Element | None:
        """Give the first child of a name."""
        return next(iter(self.all(name)), None)

    def get(self, name: str) -> Element:
        """Give the first child of a name, which must be there."""
        found = self.find(name)
        if found is None:
            raise OddError(name)
        return found

    def under(self, name: str) -> Iterator[Element]:
        """Give every element of a name below, in order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.under(name)

    def spelt(self, xml: str) -> bytes:
        """Write XML with the prefix that this element has."""
        return (re.sub(r"<(/?)(?=\w)", rf"<\1{self.prefix}", xml) if self.prefix else xml).encode()


class Part:
    """A part in XML and what changes in it: everything else stays to the byte."""

    def __init__(self, content: bytes) -> None:
        """Find the elements of a part."""
        sound(content)
        self.content = content
        self.root = _tree(content)
        self._edits: list[tuple[int, int, bytes]] = []
        self._grown: dict[int, tuple[Element, list[bytes]]] = {}

    def raw(self, element: Element) -> bytes:
        """Give an element as it is written."""
        return self.content[element.begin : element.end]

    def replace(self, start: int, end: int, new: bytes) -> None:
        """Write other bytes in place of some."""
        self._edits.append((start, end, new))

    def drop(self, element: Element) -> None:
        """Leave an element out."""
        self.replace(element.begin, element.end, b"")

    def before(self, element: Element, xml: str) -> None:
        """Write something before an element."""
        self.replace(element.begin, element.begin, element.spelt(xml))

    def after(self, element: Element, xml: str) -> None:
        """Write something after an element."""
        self.replace(element.end, element.end, element.spelt(xml))

    def append(self, element: Element, xml: str | bytes) -> None:
        """Write something at the end of what an element holds; bytes are written as they are."""
        written = element.spelt(xml) if isinstance(xml, str) else xml
        self._grown.setdefault(element.begin, (element, []))[1].append(written)

    def set(self, element: Element, name: str, value: str | None) -> None:
        """Give an attribute another value; None takes it away."""
        new = b"" if value is None else f" {name}={quoteattr(value)}".encode()
        tag = self.content[element.begin : element.inner]
        for found in _ATTRIBUTE.finditer(tag):
            if found[1] == name.encode():
                self.replace(element.begin + found.start(), element.begin + found.end(), new)
                return
        at = element.begin + 1 + len(f"{element.prefix}{element.name}".encode())
        self.replace(at, at, new)

    def done(self) -> bytes:
        """Give the part with its changes."""
        edits = list(self._edits)
        for element, grown in self._grown.values():
            inside = b"".join(grown)
            if element.close == element.inner == element.end:
                closed = f"</{element.prefix}{element.name}>".encode()
                edits.append((element.inner - 2, element.inner, b">" + inside + closed))
            else:
                edits.append((element.close, element.close, inside))
        pieces, at = [], 0
        for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
            pieces += [self.content[at:start], new]
            at = end
        return b"".join([*pieces, self.content[at:]])


def _tree(content: bytes) -> Element:
    """Find every element but those within cells, of which there may be very many."""
    path = [Element("", "", {}, 0, 0)]
    parser = expat.ParserCreate()

    def start(qualified: str, attributes: Attributes) -> None:
        prefix, colon, name = qualified.rpartition(":")
        tag = _TAG.match(content, parser.CurrentByteIndex)
        if tag is None:
            raise OddError(qualified)
        element = Element(name, prefix + colon, attributes, tag.start(), tag.end())
        if path[-1].name != "c":
            path[-1].children.append(element)
        path.append(element)

    def end(_: str) -> None:
        element = path.pop()
        element.close = element.end = element.inner
        if content[element.inner - 2 : element.inner] != b"/>":
            element.close = parser.CurrentByteIndex
            element.end = content.index(b">", element.close) + 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(content, True)  # noqa: FBT003 - expat's own signature
    return path[0].children[0]


# ---------------------------------------------------------------------- the archive and its relations

_TYPES, _BOOK = "[Content_Types].xml", "xl/workbook.xml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RUNS = re.compile(r"vbaproject|vbadata|^_xmlsignatures/|^xl/calcchain\.xml$")
"""Macros; signatures, which no longer hold; and the order of calculation, which every program makes anew."""


class Relation(NamedTuple):
    """A relation of a part: its id, the last word of its type, and the part it leads to."""

    id: str
    kind: str
    path: str


class Package:
    """The parts of a workbook by name; names are one whatever their case."""

    def __init__(self, content: bytes) -> None:
        """Unpack a workbook."""
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self._parts = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
        self._names = {name.lower(): name for name in self._parts}
        if any(name.startswith("xl/macrosheets/") for name in self._names):
            raise OddError("macrosheets")
        kinds = [each.attributes.get("Type", "") for each in Part(self[_relations(_BOOK)]).root.children]
        self.office = _one(kind.removesuffix("/worksheet") for kind in kinds if kind.endswith("/worksheet"))

    def __getitem__(self, name: str) -> bytes:
        """Give a part."""
        return self._parts[self._names[name.lower()]]

    def __setitem__(self, name: str, content: bytes | str) -> None:
        """Put a part in its place, a new one at the end."""
        known = self._names.setdefault(name.lower(), name)
        self._parts[known] = content.encode() if isinstance(content, str) else content

    def __contains__(self, name: str) -> bool:
        """Tell whether there is such a part."""
        return name.lower() in self._names

    def drop(self, name: str) -> None:
        """Leave a part out; what leads to it is left to the caller."""
        if name in self:
            del self._parts[self._names.pop(name.lower())]

    def free(self, pattern: str) -> str:
        """Give the first name that no part has."""
        return next(name for name in map(pattern.format, range(1, 10**6)) if name not in self)

    def relations(self, name: str) -> list[Relation]:
        """Give the relations of a part to others of the package."""
        listed = _relations(name)
        if listed not in self:
            return []
        found = []
        for each in Part(self[listed]).root.children:
            if each.attributes.get("TargetMode", "Internal") == "Internal":
                target = posixpath.join("/", posixpath.dirname(name), each.attributes["Target"])
                kind = each.attributes["Type"].rpartition("/")[2]
                found.append(Relation(each.attributes["Id"], kind, posixpath.normpath(target).lstrip("/")))
        return found

    def relate(self, name: str, kind: str, path: str) -> str:
        """Relate a part to another; give the id of the relation."""
        listed = _relations(name)
        if listed not in self:
            self[listed] = f'{_XML}<Relationships xmlns="{_PACKAGE}"/>'
        part = Part(self[listed])
        taken = {each.attributes.get("Id") for each in part.root.children}
        new = next(each for each in map("rId{}".format, range(1, 10**6)) if each not in taken)
        part.append(part.root, f'<Relationship Id="{new}" Type="{self.office}/{kind}" Target="/{path}"/>')
        self[listed] = part.done()
        return new

    def declare(self, path: str, kind: str) -> None:
        """State the content type of a part."""
        part = Part(self[_TYPES])
        for each in part.root.all("Override"):
            if each.attributes["PartName"].lower() == f"/{path}".lower():
                part.set(each, "ContentType", kind)
                break
        else:
            part.append(part.root, f'<Override PartName="/{path}" ContentType="{kind}"/>')
        self[_TYPES] = part.done()

    def drop_what_runs(self) -> None:
        """Leave macros out, and what does not hold once the workbook is changed; it becomes a plain workbook."""
        gone = {name for name in self._names if _RUNS.search(name)}
        for name in (_BOOK, ""):
            listed = _relations(name)
            dead = {each.id for each in self.relations(name) if each.path.lower() in gone}
            part = Part(self[listed])
            for each in part.root.children:
                if each.attributes["Id"] in dead:
                    part.drop(each)
            self[listed] = part.done()
        part = Part(self[_TYPES])
        for each in part.root.all("Override"):
            if each.attributes["PartName"].lower().lstrip("/") in gone:
                part.drop(each)
        self[_TYPES] = part.done()
        for name in gone:
            self.drop(name)
        self.declare(_BOOK, f"{_SPREADSHEET}.sheet.main+xml")

    def zipped(self) -> bytes:
        """Pack the workbook: the same parts give the same bytes."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, part in self._parts.items():
                archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
        return stream.getvalue()


def _one(found: Iterator[str]) -> str:
    """Give the first of what must be there."""
    for each in found:
        return each
    raise OddError


def _relations(name: str) -> str:
    folder, _, last = name.rpartition("/")
    return posixpath.join(folder, "_rels", f"{last}.rels")


# ---------------------------------------------------------------------- formats

_FILL = '<fill><patternFill patternType="solid"><fgColor rgb="{}"/><bgColor indexed="64"/></patternFill></fill>'
_NO_FILL = '<fill><patternFill patternType="none"/></fill>'
_EDGE = '<{0} style="thin"><color rgb="FF7F7F7F"/></{0}>'
_BOX = f"<border>{''.join(map(_EDGE.format, ('left', 'right', 'top', 'bottom')))}<diagonal/></border>"
_FONT = '<font>{}<name val="{}"/><charset val="134"/></font>'


class Looks:
    """The formats of the workbook, to which ours are added."""

    def __init__(self, package: Package) -> None:
        """Find the formats there are."""
        self._package = package
        self._path = _one(each.path for each in package.relations(_BOOK) if each.kind == "styles")
        self._part = Part(package[self._path])
        root = self._part.root
        self._sections = {name: root.get(name) for name in ("fonts", "fills", "borders", "cellXfs")}
        self._sizes = {name: len(section.children) for name, section in self._sections.items()}
        self._styles = self._sections["cellXfs"].children
        self._fills = [self._bare(each) for each in self._sections["fills"].children]
        self._known: dict[Any, int] = {}

    def _bare(self, element: Element) -> str:
        """Give an element without its prefix, as it can be written anywhere."""
        raw = self._part.raw(element).decode()
        return raw.replace(f"<{element.prefix}", "<").replace(f"</{element.prefix}", "</") if element.prefix else raw

    def add(self, section: str, xml: str | bytes) -> int:
        """Add an entry to a section, once; give its number."""
        key = (section, xml)
        if key not in self._known:
            self._part.append(self._sections[section], xml)
            self._known[key] = self._sizes[section]
            self._sizes[section] += 1
        return self._known[key]

    def fill(self, style: int) -> str:
        """Give the fill of a style."""
        return self._fills[int(self._styles[style].attributes.get("fillId", "0"))]

    def filled(self, style: int, fill: str) -> int:
        """Give a style that differs from another only in its fill."""
        number = self._fills.index(fill) if fill in self._fills else self.add("fills", fill)
        part = Part(self._part.raw(self._styles[style]))
        part.set(part.root, "fillId", str(number))
        part.set(part.root, "applyFill", "1")
        return self.add("cellXfs", part.done())

    def make(self, font: str, *, fill: str = "", box: bool = True, align: str = "left") -> int:
        """Give a style of our own for text that is wrapped."""
        parts = {
            "fontId": self.add("fonts", font),
            "fillId": self.add("fills", _FILL.format(fill)) if fill else 0,
            "borderId": self.add("borders", _BOX) if box else 0,
        }
        told = " ".join(f'{name}="{number}" apply{name[:-2].title()}="1"' for name, number in parts.items())
        flow = f'<alignment horizontal="{align}" vertical="center" wrapText="1"/>'
        return self.add("cellXfs", f'<xf numFmtId="0" {told} xfId="0" applyAlignment="1">{flow}</xf>')

    def save(self) -> None:
        """Write the formats back."""
        for name, section in self._sections.items():
            self._part.set(section, "count", str(self._sizes[name]))
        self._package[self._path] = self._part.done()


# ---------------------------------------------------------------------- the sheets of the workbook


class Listed(NamedTuple):
    """A sheet as the workbook lists it, and its part."""

    name: str
    path: str


def _listed(package: Package) -> list[Listed]:
    targets = {each.id: each.path for each in package.relations(_BOOK)}
    found = []
    for sheet in Part(package[_BOOK]).root.get("sheets").all("sheet"):
        relation = _one(value for name, value in sheet.attributes.items() if name.endswith(":id"))
        found.append(Listed(sheet.attributes["name"], targets[relation]))
    return found


def _is_ours(content: bytes, name: str) -> bool:
    return name.startswith(TITLE) and any(str(row[0]).startswith(STAMP) for row in _cells(content, name)[:1] if row)


def _cells(content: bytes, name: str) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name).to_python(skip_empty_area=False)


def _free_name(taken: set[str]) -> str:
    names = (f"{TITLE}{number or ''}" for number in (0, *range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def _cell(reference: str) -> Cell | None:
    """Give the place of an address; None for what is no address of one cell."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1


class Grid:
    """The cells of a sheet's part, and their styles."""

    def __init__(self, content: bytes) -> None:
        """Find rows, merged ranges and the styles of columns."""
        self.part = Part(content)
        root = self.part.root
        self._data = root.get("sheetData")
        self._rows: dict[int, Element] = {}
        self._made: dict[int, str] = {}
        row = -1
        for each in self._data.children:
            row = int(each.attributes.get("r", row + 2)) - 1
            self._rows[row] = each
        merged = root.find("mergeCells")
        self._merged = [_area(each.attributes["ref"]) for each in merged.children] if merged else []
        columns = root.find("cols")
        self._columns = columns.children if columns else []

    def anchor(self, cell: Cell) -> Cell:
        """Give the first cell of the merged range a cell is in, or the cell itself."""
        inside = (
            start for start, end in self._merged if start[0] <= cell[0] <= end[0] and start[1] <= cell[1] <= end[1]
        )
        return next(inside, cell)

    def _cells(self, row: int) -> dict[int, Element]:
        found: dict[int, Element] = {}
        column = -1
        for each in self._rows[row].children if row in self._rows else []:
            place = _cell(each.attributes.get("r", address((row, column + 1))))
            column = place[1] if place else column + 1
            found[column] = each
        return found

    def style(self, cell: Cell) -> int:
        """Give the style of a cell; one that is not written has that of its row or column."""
        row, column = cell
        found = self._cells(row).get(column)
        if found is not None:
            return int(found.attributes.get("s", "0"))
        line = self._rows[row].attributes if row in self._rows else {}
        if line.get("customFormat") in {"1", "true"}:
            return int(line.get("s", "0"))
        for each in self._columns:
            if int(each.attributes["min"]) <= column + 1 <= int(each.attributes["max"]):
                return int(each.attributes.get("style", "0"))
        return 0

    def restyle(self, cells: Mapping[Cell, int]) -> None:
        """Give cells other styles."""
        made: dict[int, list[str]] = {}
        for (row, column), style in sorted(cells.items()):
            here = self._cells(row)
            if column in here:
                self.part.set(here[column], "s", str(style))
                continue
            # Between cells that do not tell their place another one would move them.
            if any("r" not in each.attributes for each in here.values()):
                raise OddError(address((row, column)))
            new = f'<c r="{address((row, column))}" s="{style}"/>'
            after = next((here[each] for each in sorted(here) if each > column), None)
            if after:
                self.part.before(after, new)
            elif row in self._rows:
                self.part.append(self._rows[row], new)
            else:
                made.setdefault(row, []).append(new)
        for row, new_cells in made.items():
            self._insert(row, "".join(new_cells))

    def _insert(self, row: int, cells: str) -> None:
        if any("r" not in each.attributes for each in self._rows.values()):
            raise OddError(str(row))
        after = next((self._rows[each] for each in sorted(self._rows) if each > row), None)
        new = f'<row r="{row + 1}">{cells}</row>'
        if after:
            self.part.before(after, new)
        else:
            self.part.append(self._data, new)

    def deselect(self) -> None:
        """Leave only the sheet in front selected: what is typed into selected sheets goes into all of them."""
        views = self.part.root.find("sheetViews")
        for view in views.children if views else []:
            if "tabSelected" in view.attributes:
                self.part.set(view, "tabSelected", None)

    def draw(self, relation: str, office: str) -> None:
        """Refer to the drawing that holds the boxes of comments, at the place where the form wants it."""
        last = [each for each in self.part.root.children if _BEFORE_DRAWING.fullmatch(each.name)][-1]
        self.part.after(last, f'<legacyDrawing xmlns:r="{office}" r:id="{relation}"/>')


_BEFORE_DRAWING = re.compile(
    "sheetPr|dimension|sheetViews|sheetFormatPr|cols|sheetData|sheetCalcPr|sheetProtection|protectedRanges|scenarios|"
    "autoFilter|sortState|dataConsolidate|customSheetViews|mergeCells|phoneticPr|conditionalFormatting|dataValidations|"
    "hyperlinks|printOptions|pageMargins|pageSetup|headerFooter|rowBreaks|colBreaks|customProperties|cellWatches|"
    "ignoredErrors|smartTags|drawing"
)


def _area(reference: str) -> tuple[Cell, Cell]:
    first, _, last = reference.partition(":")
    start, end = _cell(first), _cell(last or first)
    if start is None or end is None:
        raise OddError(reference)
    return start, end


# ---------------------------------------------------------------------- marks


def _by_cell(findings: Iterable[Finding]) -> dict[str, dict[Cell, list[Finding]]]:
    """Give the errors and warnings that count by sheet and cell."""
    found: dict[str, dict[Cell, list[Finding]]] = {}
    for each in _counted(findings):
        cell = _cell(each["cell"])
        if cell and each["severity"] != Severity.INFO:
            found.setdefault(each["sheet"], {}).setdefault(cell, []).append(each)
    return found


def _former(content: bytes, front: Listed | None) -> dict[str, dict[Cell, str]]:
    """Give the fills that marked cells had before an earlier return, as the list in front recorded them."""
    found: dict[str, dict[Cell, str]] = {}
    for row in _cells(content, front.name)[HEAD:] if front else []:
        sheet, reference, fill = map(str, [*row, *[""] * (RECORDS + 2)][RECORDS - 1 : RECORDS + 2])
        cell = _cell(reference)
        if cell and fill.startswith("<fill"):
            sound(fill.encode())
            found.setdefault(sheet, {})[cell] = fill
    return found


Records = list[tuple[str, str, str]]
"""Sheet, address and former fill of every cell that is marked."""


def _mark_all(
    package: Package,
    looks: Looks,
    sheets: Mapping[str, str],
    faults: Mapping[str, Mapping[Cell, list[Finding]]],
    former: Mapping[str, Mapping[Cell, str]],
) -> Records:
    records: Records = []
    for number, (name, path) in enumerate(sheets.items(), 1):
        if b"sheetData" not in package[path]:  # a sheet that is a chart
            continue
        grid = Grid(package[path])
        grid.deselect()
        marks: dict[Cell, list[Finding]] = {}
        for cell, found in faults.get(name, {}).items():
            marks.setdefault(grid.anchor(cell), []).extend(found)
        notes = Comments(package, path, grid, number)
        fills = _fills(looks, grid, {**dict.fromkeys(notes.earlier, _NO_FILL), **former.get(name, {})}, marks)
        records += [(name, address(cell), fills[cell]) for cell in sorted(marks)]
        styles = {cell: looks.filled(grid.style(cell), fill) for cell, fill in fills.items() if cell not in marks}
        for cell, found in marks.items():
            styles[cell] = looks.filled(grid.style(cell), _FILL.format(_colour(found)))
        grid.restyle(styles)
        notes.write({cell: _note(marks[cell]) for cell in sorted(marks)})
        package[path] = grid.part.done()
    return records


def _fills(
    looks: Looks, grid: Grid, former: Mapping[Cell, str], marks: Mapping[Cell, list[Finding]]
) -> dict[Cell, str]:
    """Give the fill without our mark of each cell that is marked now, or still is from an earlier return."""
    fills = {}
    for cell in sorted({*former, *marks}):
        fill = looks.fill(grid.style(cell))
        painted = FAULTY in fill or DOUBTFUL in fill
        if cell in marks or (cell in former and painted):
            fills[cell] = former[cell] if cell in former and painted else fill
    return fills


def _colour(found: Iterable[Finding]) -> str:
    return FAULTY if any(each["severity"] == Severity.ERROR for each in found) else DOUBTFUL


def _note(found: Iterable[Finding]) -> str:
    told = [f"{Severity(each['severity']).label}：{each['message']}\n怎样改：{each['remedy']}" for each in found]
    return "\n\n".join([MARK, *told]).replace("\n\n", "\n", 1)


# ---------------------------------------------------------------------- comments

_VML = "urn:schemas-microsoft-com:"
_BOX_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_DRAWING = (
    f'<xml xmlns:v="{_VML}vml" xmlns:o="{_VML}office:office" xmlns:x="{_VML}office:excel"><o:shapelayout v:ext="edit">'
    '<o:idmap v:ext="edit" data="{}"/></o:shapelayout></xml>'
)
_SHAPE = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;visibility:hidden" '
    'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
    '<v:path o:connecttype="none"/><v:textbox><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_SPACE_AT_END = re.compile(rb"(?:\s|&#(?:10|13|x[AaDd]);)+$")
_WIDE = 48
"""Columns of a Latin letter that the box of a comment is wide."""
_RUN = '<r><rPr><sz val="9"/><color indexed="81"/><rFont val="宋体"/></rPr><t xml:space="preserve">{}</t></r>'


class Comments:
    """The comments of a sheet: the department's own stay, those of an earlier return go."""

    def __init__(self, package: Package, path: str, grid: Grid, number: int) -> None:
        """Find the comments there are; ``number`` is that of the sheet, from 1."""
        self._package, self._sheet, self._grid, self._number = package, path, grid, number
        related = package.relations(path)
        self._path = next((each.path for each in related if each.kind == "comments"), "")
        drawing = grid.part.root.find("legacyDrawing")
        wanted = {value for name, value in drawing.attributes.items() if name.endswith(":id")} if drawing else set()
        self._drawing = next((each.path for each in related if each.id in wanted), "")
        self._part = Part(package[self._path]) if self._path else None
        self._own: dict[Cell, Element] = {}
        self._gone: set[Cell] = set()
        self.earlier: set[Cell] = set()
        if self._part:
            self._take(self._part)

    def _take(self, part: Part) -> None:
        """Tell the department's comments from ours, and leave ours out."""
        for comment in part.root.get("commentList").all("comment"):
            cell = _cell(comment.attributes["ref"])
            if cell is None:
                raise OddError(comment.attributes["ref"])
            texts = list(comment.under("t"))
            whole = b"".join(part.content[each.inner : each.close] for each in texts)
            mine = whole.find(MARK.encode())
            if mine >= 0:
                self.earlier.add(cell)
            if mine >= 0 and not whole[:mine].strip():
                part.drop(comment)
                self._gone.add(cell)
                continue
            self._own[cell] = comment
            if mine >= 0:
                _cut(part, texts, len(_SPACE_AT_END.sub(b"", whole[:mine])))

    def write(self, notes: Mapping[Cell, str]) -> None:
        """Write our comments, below the department's own where there is one."""
        if not notes and not self.earlier:
            return
        part = self._part or self._begin()
        authors = part.root.get("authors")
        names = [unescape(part.content[each.inner : each.close].decode()) for each in authors.children]
        if AUTHOR not in names:
            part.append(authors, f"<author>{AUTHOR}</author>")
            names.append(AUTHOR)
        new = {}
        for cell, note in notes.items():
            if cell in self._own:
                _add(part, self._own[cell], note)
                continue
            head = f'<comment ref="{address(cell)}" authorId="{names.index(AUTHOR)}">'
            part.append(part.root.get("commentList"), f"{head}<text>{_RUN.format(_text(note))}</text></comment>")
            new[cell] = note
        self._package[self._path] = part.done()
        self._draw(new)

    def _begin(self) -> Part:
        main = Part(self._package[self._sheet]).root
        space = main.attributes[f"xmlns:{main.prefix[:-1]}" if main.prefix else "xmlns"]
        self._path = self._package.free("xl/comments{}.xml")
        self._package[self._path] = f'{_XML}<comments xmlns="{space}"><authors/><commentList/></comments>'
        self._package.declare(self._path, f"{_SPREADSHEET}.comments+xml")
        self._package.relate(self._sheet, "comments", self._path)
        return Part(self._package[self._path])

    def _draw(self, notes: Mapping[Cell, str]) -> None:
        """Draw the boxes of new comments, and none for those that are gone."""
        if not self._drawing:
            self._drawing = self._package.free("xl/drawings/vmlDrawing{}.vml")
            self._package[self._drawing] = _DRAWING.format(self._number)
            self._package.declare(self._drawing, "application/vnd.openxmlformats-officedocument.vmlDrawing")
            self._grid.draw(self._package.relate(self._sheet, "vmlDrawing", self._drawing), self._package.office)
        self._package[self._drawing] = _drawn(self._package[self._drawing], self._number * 1024, notes, self._gone)


def _drawn(drawing: bytes, number: int, notes: Mapping[Cell, str], gone: Collection[Cell]) -> bytes:
    """Give a drawing with the boxes of new comments, and without those that are gone.

    It is not read as XML: in drawings of this kind Excel writes what is none.
    """
    prefixes = {}
    for each, name in (("v", "vml"), ("o", "office:office"), ("x", "office:excel")):
        found = re.search(f'xmlns:([\\w.-]+)="{_VML}{name}"'.encode(), drawing)
        if not found:
            raise OddError(name)
        prefixes[each] = found[1].decode()
    shapes = re.compile(r"<{v}:shape\s.*?</{v}:shape>".format_map(prefixes).encode(), re.DOTALL)
    place = re.compile(r"<{x}:Row>\s*(\d+)\s*</{x}:Row>\s*<{x}:Column>\s*(\d+)".format_map(prefixes).encode())

    def kept(shape: re.Match[bytes]) -> bytes:
        at = place.search(shape[0])
        return b"" if at and b'"Note"' in shape[0] and (int(at[1]), int(at[2])) in gone else shape[0]

    drawing = shapes.sub(kept, drawing)
    first = max([number, *(int(each) for each in re.findall(rb"_x0000_s([0-9]{1,8})\b", drawing))]) + 1
    new = "".join(_shape(at, cell, note) for at, (cell, note) in enumerate(notes.items(), first))
    if new and b"_x0000_t202" not in shapes.sub(b"", drawing):
        new = _BOX_TYPE + new
    new = re.sub(r"(</?|\s)([vox]):", lambda found: f"{found[1]}{prefixes[found[2]]}:", new)
    at = drawing.rindex(b"</xml>")
    return drawing[:at] + new.encode() + drawing[at:]


def _cut(part: Part, texts: Iterable[Element], kept: int) -> None:
    """Cut a comment, which may be in several runs, after so many bytes: there our part of it began."""
    for each in texts:
        size = each.close - each.inner
        if kept < size:
            part.replace(each.inner + kept, each.close, b"")
        kept = max(kept - size, 0)


def _add(part: Part, comment: Element, note: str) -> None:
    """Add our text below that of the department, which becomes a run where it is none."""
    text = comment.get("text")
    for each in text.all("t"):
        part.before(each, "<r>")
        part.after(each, "</r>")
    part.append(text, _RUN.format(_text(f"\n{note}")))


def _shape(number: int, cell: Cell, note: str) -> str:
    row, column = cell
    lines = sum(max(1, -(-display_width(line) // _WIDE)) for line in note.split("\n"))
    anchor = f"{column + 1}, 15, {max(row - 1, 0)}, 10, {column + 5}, 15, {max(row - 1, 0) + lines + 1}, 4"
    return _SHAPE.format(number=number, anchor=anchor, row=row, column=column)


# ---------------------------------------------------------------------- the list in front


def _list(
    looks: Looks,
    lines: Sequence[Finding],
    findings: Sequence[Finding],
    about: About,
    told: Sequence[str],
    sheets: Iterable[str],
    records: Records,
) -> str:
    """Write the sheet 审核意见 as a part."""
    plain = looks.make(_FONT.format('<sz val="10"/>', "宋体"), box=False)
    title = looks.make(_FONT.format('<b/><sz val="16"/>', "黑体"), box=False, align="center")
    head = looks.make(_FONT.format('<b/><sz val="10"/>', "宋体"), fill="FFDCE6F1", align="center")
    faint = looks.make(_FONT.format('<sz val="8"/><color rgb="FF7F7F7F"/>', "宋体"), box=False)
    counts = {each: sum(found["severity"] == each for found in findings) for each in Severity}
    counted = "，".join(f"{each.label} {number} 处" for each, number in counts.items() if number)
    top = (
        (STAMP, faint, 14.0),
        (f"{about.year}年度部门整体支出绩效评价{TITLE}", title, 30.0),
        (f"部门：{about.department}　　文件：{about.source_file}　　{counted}", plain, 0.0),
        ("".join([_HOW, *told]), plain, 0.0),
    )
    whole = sum(COLUMNS.values())
    rows = [
        _row(at, [(1, text, style)], height or text_height(text, whole))
        for at, (text, style, height) in enumerate(top, 1)
    ]
    rows.append(_row(HEAD, [(column, words, head) for column, words in enumerate(COLUMNS, 1)], 24))
    known, links = set(sheets), []
    kept = [*records, *[None] * max(0, len(lines) - len(records))]
    for number, record in enumerate(kept):
        at, cells, height = HEAD + 1 + number, [], 15.0
        if number < len(lines):
            line = lines[number]
            linked = line["sheet"] in known and _cell(line["cell"]) is not None
            texts, styles = _line(number + 1, line), _line_styles(looks, line, linked=linked)
            cells = [(column, text, style) for column, (text, style) in enumerate(zip(texts, styles, strict=True), 1)]
            height = max(20.0, *(text_height(text, width) for text, width in zip(texts, COLUMNS.values(), strict=True)))
            if linked:
                links.append(_link(f"C{at}", line["sheet"], line["cell"]))
        cells += [(column, text, plain) for column, text in enumerate(record or (), RECORDS)]
        rows.append(_row(at, cells, height))
    return _sheet(rows, links)


def _line(number: int, line: Finding) -> tuple[str, ...]:
    place = " ".join(filter(None, (line["sheet"], short(line["cells"])))) or "—"
    return str(number), Severity(line["severity"]).label, place, line["message"], line["remedy"]


def _line_styles(looks: Looks, line: Finding, *, linked: bool) -> tuple[int, ...]:
    font = _FONT.format('<sz val="10"/>', "宋体")
    blue = _FONT.format('<u/><sz val="10"/><color rgb="FF0563C1"/>', "宋体")
    colour = {Severity.ERROR: FAULTY, Severity.WARNING: DOUBTFUL}.get(Severity(line["severity"]), "")
    centred, text = looks.make(font, align="center"), looks.make(font)
    grave = looks.make(font, fill=colour, align="center")
    return centred, grave, looks.make(blue) if linked else text, text, text


def _row(at: int, cells: Iterable[tuple[int, str, int]], height: float) -> str:
    written = "".join(
        f'<c r="{address((at - 1, column - 1))}" s="{style}" t="inlineStr">'
        f'<is><t xml:space="preserve">{_text(text)}</t></is></c>'
        for column, text, style in cells
    )
    return f'<row r="{at}" ht="{height:g}" customHeight="1">{written}</row>'


def _link(at: str, sheet: str, cell: str) -> str:
    place = f"'{sheet.replace(chr(39), chr(39) * 2)}'!{cell}"
    return f'<hyperlink ref="{at}" location={quoteattr(place)} display={quoteattr(place)}/>'


def _sheet(rows: Sequence[str], links: Sequence[str]) -> str:
    """Put the sheet's part together; its main namespace is left to be filled in."""
    last = address((0, len(COLUMNS) - 1))[:-1]
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{width:g}" customWidth="1"/>'
        for at, width in enumerate(COLUMNS.values(), 1)
    )
    hidden = f'<col min="{RECORDS}" max="{RECORDS + 2}" width="9" hidden="1" customWidth="1"/>'
    below = f"A{HEAD + 1}"
    merged = "".join(f'<mergeCell ref="A{row}:{last}{row}"/>' for row in range(1, HEAD))
    return (
        '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="{HEAD}" topLeftCell="{below}" '
        f'activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="{below}" sqref="{below}"/>'
        f"</sheetView></sheetViews><cols>{widths}{hidden}</cols><sheetData>{''.join(rows)}</sheetData>"
        f'<mergeCells count="{HEAD - 1}">{merged}</mergeCells>'
        + (f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else "")
        + '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        "<headerFooter><oddFooter>&amp;C第 &amp;P 页，共 &amp;N 页</oddFooter></headerFooter>"
    )


def _put_in_front(package: Package, front: Listed | None, name: str, inside: str) -> None:
    """Put the list in front and open the workbook there; that of an earlier return is replaced."""
    part = Part(package[_BOOK])
    root, sheets = part.root, part.root.get("sheets")
    space = root.attributes[f"xmlns:{root.prefix[:-1]}" if root.prefix else "xmlns"]
    path = front.path if front else package.free("xl/worksheets/sheet{}.xml")
    package[path] = f'{_XML}<worksheet xmlns="{space}">{inside}</worksheet>'
    package.drop(_relations(path))
    if front:
        old = [each.attributes["name"] for each in sheets.children].index(front.name)
        written = sheets.children[old]
        relation = _one(value for key, value in written.attributes.items() if key.endswith(":id"))
        number = written.attributes["sheetId"]
        part.drop(written)
    else:
        old = len(sheets.children)
        package.declare(path, f"{_SPREADSHEET}.worksheet+xml")
        relation = package.relate(_BOOK, "worksheet", path)
        number = str(max(int(each.attributes["sheetId"]) for each in sheets.children) + 1)
    part.before(
        sheets.children[0],
        f'<sheet xmlns:r="{package.office}" name="{name}" sheetId="{number}" r:id="{relation}"/>',
    )
    for view in root.under("workbookView"):
        for attribute in ("activeTab", "firstSheet"):
            if attribute in view.attributes:
                part.set(view, attribute, None)
    _move_names(part, old, name)
    package[_BOOK] = part.done()


def _move_names(part: Part, old: int, name: str) -> None:
    """Names that belong to one sheet know it by its place: all before where the list was move one down."""
    root = part.root
    titles = f'<definedName name="_xlnm.Print_Titles" localSheetId="0">\'{name}\'!${HEAD}:${HEAD}</definedName>'
    names = root.find("definedNames")
    for each in names.children if names else []:
        local = int(each.attributes.get("localSheetId", "-1"))
        if local == old:
            part.drop(each)
        elif 0 <= local < old:
            part.set(each, "localSheetId", str(local + 1))
    if names:
        part.append(names, titles)
    else:
        before = [each for each in root.children if each.name in {"sheets", "functionGroups", "externalReferences"}]
        part.after(before[-1], f"<definedNames>{titles}</definedNames>")


# ---------------------------------------------------------------------- what cannot be edited


def _transcribed(content: bytes) -> bytes:
    """Make a workbook of the values and merged ranges that the reader finds."""
    made, buffer = begin("")
    styles = Styles(made)
    for sheet in book(content).sheets:
        # A name that Excel does not allow goes; what is said of the sheet then has no link.
        allowed = re.fullmatch(r"(?!')[^\[\]:*?/\\]{1,31}(?<!')", sheet.name)
        page = made.add_worksheet(sheet.name if allowed else None)
        page.set_column(0, max(map(len, sheet.rows), default=1), 16)
        if sheet.hidden and len(made.worksheets()) > 1:
            page.hide()
        for start, end in sheet.extents.items():
            if end != start:
                page.merge_range(*start, *end, "", styles.get("filed"))
        for row, values in enumerate(sheet.rows):
            for column, value in enumerate(values):
                cell = (row, column)
                if sheet.anchor(cell) == cell and (value != "" or cell in sheet.troubles):
                    _write(page, styles, cell, value, sheet)
    made.close()
    return buffer.getvalue()


def _write(page: Any, styles: Styles, cell: Cell, value: Any, sheet: Sheet) -> None:
    """Write a value as what the reader took it for."""
    trouble = sheet.troubles.get(cell)
    if trouble:
        page.write_formula(*cell, f"={trouble}", styles.get("filed"), trouble)
    elif isinstance(value, bool):
        page.write_boolean(*cell, value, styles.get("filed"))
    elif isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        page.write_datetime(*cell, value, styles.get("filed", number="yyyy-mm-dd hh:mm"))
    else:
        put(page, cell, value, styles.get("filed", number="0.00%" if cell in sheet.percents else ""))
