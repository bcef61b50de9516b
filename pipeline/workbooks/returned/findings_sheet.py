"""The sheet in front: what was found and how to correct it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from pipeline.cells import cell_of
from pipeline.reading.workbook import address
from pipeline.text_format import short
from pipeline.workbooks.returned.cell_styles import FONT, Looks
from pipeline.workbooks.returned.package import BOOK, SPREADSHEET, XML, Package, only, relations_of
from pipeline.workbooks.returned.xml import Part, xml_text
from pipeline.workbooks.styles import text_height
from schemas.enums import Severity
from schemas.lists.returned import COLUMNS, DOUBTFUL, FAULTY, HEAD, RECORDS, STAMP, TITLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.workbooks.returned.about import About, Finding
    from pipeline.workbooks.returned.mark_cells import Records
    from pipeline.workbooks.returned.sheet_xml import Listed


HOW = (
    "请逐项改正：点“位置”到达单元格；有错误的单元格标为橙色，提醒的标为黄色，批注里写明问题和改法。"
    "改好后保存，直接报送本文件即可：本表、标色和批注不必删除，程序不会读取。"
)


def front_sheet(
    looks: Looks,
    lines: Sequence[Finding],
    findings: Sequence[Finding],
    about: About,
    told: Sequence[str],
    sheets: Iterable[str],
    records: Records,
) -> str:
    """Write the sheet 审核意见 as a part."""
    plain = looks.make(FONT.format('<sz val="10"/>', "宋体"), box=False)
    title = looks.make(FONT.format('<b/><sz val="16"/>', "黑体"), box=False, align="center")
    head = looks.make(FONT.format('<b/><sz val="10"/>', "宋体"), fill="FFDCE6F1", align="center")
    faint = looks.make(FONT.format('<sz val="8"/><color rgb="FF7F7F7F"/>', "宋体"), box=False)
    counts = {each: sum(found["severity"] == each for found in findings) for each in Severity}
    counted = "，".join(f"{each.label} {number} 处" for each, number in counts.items() if number)
    top = (
        (STAMP, faint, 14.0),
        (f"{about.year}年度部门整体支出绩效评价{TITLE}", title, 30.0),
        (f"部门：{about.department}　　文件：{about.source_file}　　{counted}", plain, 0.0),
        ("".join([HOW, *told]), plain, 0.0),
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
            linked = line["sheet"] in known and cell_of(line["cell"]) is not None
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
    font = FONT.format('<sz val="10"/>', "宋体")
    blue = FONT.format('<u/><sz val="10"/><color rgb="FF0563C1"/>', "宋体")
    colour = {Severity.ERROR: FAULTY, Severity.WARNING: DOUBTFUL}.get(Severity(line["severity"]), "")
    centred, text = looks.make(font, align="center"), looks.make(font)
    grave = looks.make(font, fill=colour, align="center")
    return centred, grave, looks.make(blue) if linked else text, text, text


def _row(at: int, cells: Iterable[tuple[int, str, int]], height: float) -> str:
    written = "".join(
        f'<c r="{address((at - 1, column - 1))}" s="{style}" t="inlineStr">'
        f'<is><t xml:space="preserve">{xml_text(text)}</t></is></c>'
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


def put_in_front(package: Package, front: Listed | None, name: str, inside: str) -> None:
    """Put the list in front and open the workbook there; that of an earlier return is replaced."""
    part = Part(package[BOOK])
    root, sheets = part.root, part.root.get("sheets")
    space = root.attributes[f"xmlns:{root.prefix[:-1]}" if root.prefix else "xmlns"]
    path = front.path if front else package.free("xl/worksheets/sheet{}.xml")
    package[path] = f'{XML}<worksheet xmlns="{space}">{inside}</worksheet>'
    package.drop(relations_of(path))
    if front:
        old = [each.attributes["name"] for each in sheets.children].index(front.name)
        written = sheets.children[old]
        relation = only(value for key, value in written.attributes.items() if key.endswith(":id"))
        number = written.attributes["sheetId"]
        part.drop(written)
    else:
        old = len(sheets.children)
        package.declare(path, f"{SPREADSHEET}.worksheet+xml")
        relation = package.relate(BOOK, "worksheet", path)
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
    package[BOOK] = part.done()


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
