"""Write the sheet in front of a returned workbook: what was found and how to correct it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree
from lxml.builder import ElementMaker

from pipeline.cells import address, cell_of
from pipeline.text_format import shorten
from pipeline.workbooks.consequences import follows, number_lines, set_in
from pipeline.workbooks.returned.cell_styles import FONT, StyleSheet
from pipeline.workbooks.returned.package import BOOK, SPREADSHEET, Package, relations_path
from pipeline.workbooks.returned.xml import (
    child,
    children,
    local_name,
    namespace,
    parse,
    relation_id,
    serialise,
    writable,
)
from pipeline.workbooks.text_size import text_height
from schemas.enums import Severity, Standing
from schemas.lists.returned import COLUMNS, DOUBTFUL, FAULTY, HEAD, RECORDS, TITLE, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.etree import _Element as Element

    from pipeline.workbooks.returned.about import Finding, ReturnIdentity
    from pipeline.workbooks.returned.mark_cells import Records
    from pipeline.workbooks.returned.sheet_xml import ListedSheet


HOW = (
    "请逐项改正：点“位置”到达单元格；有错误的单元格标为橙色，提醒的标为黄色，批注里写明问题和改法；“由此产生”的是上一项引起的，改正上一项即消除。"
    "改好后保存，直接报送本文件即可：本表、标色和批注不必删除，程序不会读取。"
)
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def findings_sheet(
    styles: StyleSheet,
    lines: Sequence[Finding],
    findings: Sequence[Finding],
    about: ReturnIdentity,
    losses: Sequence[str],
    sheets: Iterable[str],
    records: Records,
    space: str,
) -> bytes:
    """Write the sheet 审核意见 as a part.

    Args:
        styles: the formats of the workbook, to which those of the sheet are added.
        lines: the findings as they are listed, a row each.
        findings: the same, one a cell, to be counted.
        about: whose return it is.
        losses: what the returned file lacks of the one that was sent, in Chinese.
        sheets: the names of the sheets to which links may lead.
        records: sheet, cell and former fill of every marked cell, kept in hidden columns.
        space: the namespace of the workbook.
    """
    plain = styles.text_style(FONT.format('<sz val="10"/>', "宋体"), box=False)
    make = ElementMaker(namespace=space, nsmap={None: space})
    rows, numbers = _top(make, styles, plain, findings, about, losses), number_lines(lines)
    known, links = set(sheets), []
    for number in range(max(len(records), len(lines))):
        at, cells, height = HEAD + 1 + number, [], 15.0
        if number < len(lines):
            line = lines[number]
            linked = line["sheet"] in known and cell_of(line["cell"]) is not None
            texts = _line(numbers[number], line)
            cells = list(zip(range(1, len(texts) + 1), texts, _line_styles(styles, line, linked=linked), strict=True))
            height = max(20.0, *(text_height(text, width) for text, width in zip(texts, COLUMNS.values(), strict=True)))
            if linked:
                links.append(_link(make, f"C{at}", line["sheet"], line["cell"]))
        record = records[number] if number < len(records) else ()
        cells += [(column, text, plain) for column, text in enumerate(record, RECORDS)]
        rows.append(_row(make, at, cells, height))
    return serialise(_sheet(make, rows, links))


def _top(
    make: ElementMaker,
    styles: StyleSheet,
    plain: int,
    findings: Sequence[Finding],
    about: ReturnIdentity,
    losses: Sequence[str],
) -> list[Element]:
    """Make the rows above the list: what the sheet is, whose return it is about, what to do, and the heads."""
    title = styles.text_style(FONT.format('<b/><sz val="16"/>', "黑体"), box=False, align="center")
    head = styles.text_style(FONT.format('<b/><sz val="10"/>', "宋体"), fill="FFDCE6F1", align="center")
    faint = styles.text_style(FONT.format('<sz val="8"/><color rgb="FF7F7F7F"/>', "宋体"), box=False)
    counts = {each: sum(found["severity"] == each for found in findings) for each in Severity}
    counted = "，".join(f"{each.label} {number} 处" for each, number in counts.items() if number)
    whole = sum(COLUMNS.values())
    top = (
        (stamp(about.sha256), faint, 14.0),
        (f"{about.year}年度部门整体支出绩效评价{TITLE}", title, 30.0),
        (f"部门：{about.department}　　文件：{about.source_file}　　{counted}", plain, 0.0),
        ("".join([HOW, *losses]), plain, 0.0),
    )
    rows = [
        _row(make, at, [(1, text, style)], height or text_height(text, whole))
        for at, (text, style, height) in enumerate(top, 1)
    ]
    return [*rows, _row(make, HEAD, [(column, words, head) for column, words in enumerate(COLUMNS, 1)], 24)]


def _line(number: int | str, line: Finding) -> tuple[str, ...]:
    place = " ".join(filter(None, (line["sheet"], shorten(line["cells"])))) or "—"
    grave = Standing.FOLLOWS.label if follows(line) else Severity(line["severity"]).label
    return str(number), grave, place, set_in(line), "" if follows(line) else line["remedy"]


def _line_styles(styles: StyleSheet, line: Finding, *, linked: bool) -> tuple[int, ...]:
    font = FONT.format('<sz val="10"/>', "宋体")
    blue = FONT.format('<u/><sz val="10"/><color rgb="FF0563C1"/>', "宋体")
    colour = {Severity.ERROR: FAULTY, Severity.WARNING: DOUBTFUL}.get(Severity(line["severity"]), "")
    colour = "" if follows(line) else colour
    centred, text = styles.text_style(font, align="center"), styles.text_style(font)
    grave = styles.text_style(font, fill=colour, align="center")
    return centred, grave, styles.text_style(blue) if linked else text, text, text


def _row(make: ElementMaker, at: int, cells: Iterable[tuple[int, str, int]], height: float) -> Element:
    made = make.row(r=str(at), ht=f"{height:g}", customHeight="1")
    cell, inside, words = (f"{{{namespace(made)}}}{name}" for name in ("c", "is", "t"))
    for column, text, style in cells:
        place = {"r": address((at - 1, column - 1)), "s": str(style), "t": "inlineStr"}
        filled = etree.SubElement(etree.SubElement(made, cell, place), inside)
        etree.SubElement(filled, words, {_SPACE: "preserve"}).text = writable(text)
    return made


def _link(make: ElementMaker, at: str, sheet: str, cell: str) -> Element:
    place = f"'{sheet.replace(chr(39), chr(39) * 2)}'!{cell}"
    return make.hyperlink(ref=at, location=place, display=place)


def _sheet(make: ElementMaker, rows: Iterable[Element], links: Sequence[Element]) -> Element:
    """Put the sheet together from its rows."""
    last = address((0, len(COLUMNS) - 1))[:-1]
    below = f"A{HEAD + 1}"
    view = make.sheetView(
        make.pane(ySplit=str(HEAD), topLeftCell=below, activePane="bottomLeft", state="frozen"),
        make.selection(pane="bottomLeft", activeCell=below, sqref=below),
        tabSelected="1",
        workbookViewId="0",
    )
    widths = [
        make.col(min=str(at), max=str(at), width=f"{width:g}", customWidth="1")
        for at, width in enumerate(COLUMNS.values(), 1)
    ]
    hidden = make.col(min=str(RECORDS), max=str(RECORDS + 2), width="9", hidden="1", customWidth="1")
    merged = [make.mergeCell(ref=f"A{row}:{last}{row}") for row in range(1, HEAD)]
    return make.worksheet(
        make.sheetPr(make.pageSetUpPr(fitToPage="1")),
        make.sheetViews(view),
        make.cols(*widths, hidden),
        make.sheetData(*rows),
        make.mergeCells(*merged, count=str(len(merged))),
        *([make.hyperlinks(*links)] if links else []),
        make.pageMargins(left="0.5", right="0.5", top="0.6", bottom="0.6", header="0.3", footer="0.3"),
        make.pageSetup(paperSize="9", orientation="landscape", fitToHeight="0"),
        make.headerFooter(make.oddFooter("&C第 &P 页，共 &N 页")),
    )


def put_in_front(package: Package, front: ListedSheet | None, name: str, part: bytes) -> None:
    """Put the list in front and open the workbook there; that of an earlier return is replaced."""
    root = parse(package[BOOK])
    sheets = child(root, "sheets")
    listed = children(sheets, "sheet")
    path = front.path if front else package.free_path("xl/worksheets/sheet{}.xml")
    package[path] = part
    package.drop(relations_path(path))
    if front:
        old = [each.attrib["name"] for each in listed].index(front.name)
        relation, number = relation_id(listed[old]), listed[old].attrib["sheetId"]
        sheets.remove(listed[old])
    else:
        old = len(listed)
        package.declare(path, f"{SPREADSHEET}.worksheet+xml")
        relation = package.relate(BOOK, "worksheet", path)
        number = str(max(int(each.attrib["sheetId"]) for each in listed) + 1)
    attributes = {"name": name, "sheetId": number, f"{{{package.office}}}id": relation}
    sheets.insert(0, etree.Element(f"{{{namespace(root)}}}sheet", attributes, nsmap={"r": package.office}))
    for view in root.iter("{*}workbookView"):
        for attribute in ("activeTab", "firstSheet"):
            view.attrib.pop(attribute, None)
    _move_names(root, old, name)
    package[BOOK] = serialise(root)


def _move_names(root: Element, old: int, name: str) -> None:
    """Number names anew that belong to one sheet: all before where the list was move one down."""
    space = namespace(root)
    names = root.find("{*}definedNames")
    if names is None:
        names = etree.Element(f"{{{space}}}definedNames")
        before = [
            each for each in children(root) if local_name(each) in {"sheets", "functionGroups", "externalReferences"}
        ]
        before[-1].addnext(names)
    for each in children(names):
        local = int(each.get("localSheetId", "-1"))
        if local == old:
            names.remove(each)
        elif 0 <= local < old:
            each.set("localSheetId", str(local + 1))
    titles = etree.SubElement(names, f"{{{space}}}definedName", {"name": "_xlnm.Print_Titles", "localSheetId": "0"})
    titles.text = f"'{name}'!${HEAD}:${HEAD}"
