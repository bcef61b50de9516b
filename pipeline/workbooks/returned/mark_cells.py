"""Mark the cells with findings: which, in which colour, with which comment, and what they looked like before."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from lxml import etree

from pipeline.cells import address, cell_of
from pipeline.workbooks.returned.about import Finding, select_counted
from pipeline.workbooks.returned.cell_styles import FILL, NO_FILL, StyleSheet
from pipeline.workbooks.returned.comments import Comments
from pipeline.workbooks.returned.sheet_xml import ListedSheet, SheetXml, read_rows
from pipeline.workbooks.returned.xml import UneditableError, bare, parse
from schemas.enums import Severity
from schemas.lists.returned import DOUBTFUL, FAULTY, HEAD, MARK, RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.cells import Cell
    from pipeline.workbooks.returned.package import Package


def findings_by_cell(findings: Iterable[Finding]) -> dict[str, dict[Cell, list[Finding]]]:
    """Give the errors and warnings that count by sheet and cell."""
    found: dict[str, dict[Cell, list[Finding]]] = {}
    for each in select_counted(findings):
        cell = cell_of(each["cell"])
        if cell and each["severity"] != Severity.INFO:
            found.setdefault(each["sheet"], {}).setdefault(cell, []).append(each)
    return found


def former_fills(content: bytes, front: ListedSheet | None) -> dict[str, dict[Cell, str]]:
    """Give the fills that marked cells had before an earlier return, as the list in front recorded them."""
    found: dict[str, dict[Cell, str]] = {}
    for row in read_rows(content, front.name)[HEAD:] if front else []:
        sheet, reference, fill = map(str, [*row, *[""] * (RECORDS + 2)][RECORDS - 1 : RECORDS + 2])
        cell = cell_of(reference)
        # What somebody has typed there since is no record of ours.
        with suppress(etree.XMLSyntaxError, UneditableError):
            if cell and fill.startswith("<fill"):
                found.setdefault(sheet, {})[cell] = bare(parse(fill.encode()))
    return found


Records = list[tuple[str, str, str]]
"""Sheet, address and former fill of every cell that is marked."""


def mark_all(
    package: Package,
    styles: StyleSheet,
    sheets: Mapping[str, str],
    findings: Mapping[str, Mapping[Cell, list[Finding]]],
    former: Mapping[str, Mapping[Cell, str]],
) -> Records:
    """Mark and comment every cell with a finding, and take an earlier run's marks away.

    Args:
        package: the workbook, whose parts are changed.
        styles: its formats.
        sheets: the part of each sheet by its name, the list in front left out.
        findings: errors and warnings by sheet and cell.
        former: what fill the cells had that an earlier run marked, by sheet and cell.

    Returns:
        What the marked cells were filled with, to undo it another time.
    """
    records: Records = []
    for number, (name, path) in enumerate(sheets.items(), 1):
        if b"sheetData" not in package[path]:  # a sheet that is a chart
            continue
        found, before = findings.get(name, {}), former.get(name, {})
        if found or before or package.relations(path) or b"tabSelected" in package[path]:
            sheet = SheetXml(package[path])
            sheet.deselect()
            fills = _mark(sheet, Comments(package, path, sheet, number), styles, found, before)
            records += [(name, address(cell), fill) for cell, fill in fills.items()]
            package[path] = sheet.serialise()
    return records


def _mark(
    sheet: SheetXml,
    comments: Comments,
    styles: StyleSheet,
    findings: Mapping[Cell, list[Finding]],
    former: Mapping[Cell, str],
) -> dict[Cell, str]:
    """Mark the cells of one sheet; give the fill that each marked cell had without a mark."""
    marks: dict[Cell, list[Finding]] = {}
    for cell, found in findings.items():
        marks.setdefault(sheet.anchor(cell), []).extend(found)
    before = _fills(styles, sheet, {**dict.fromkeys(comments.earlier, NO_FILL), **former}, marks)
    fills = {cell: fill for cell, fill in before.items() if cell not in marks}
    fills |= {cell: FILL.format(_colour(found)) for cell, found in marks.items()}
    sheet.restyle({cell: styles.with_fill(sheet.style(cell), fill) for cell, fill in fills.items()})
    comments.write({cell: _note(marks[cell]) for cell in sorted(marks)})
    return {cell: before[cell] for cell in sorted(marks)}


def _fills(
    styles: StyleSheet, sheet: SheetXml, former: Mapping[Cell, str], marks: Mapping[Cell, list[Finding]]
) -> dict[Cell, str]:
    """Give the fill without our mark of each cell that is marked now, or still is from an earlier return."""
    fills = {}
    for cell in sorted({*former, *marks}):
        fill = styles.fill(sheet.style(cell))
        painted = FAULTY in fill or DOUBTFUL in fill
        if cell in marks or (cell in former and painted):
            fills[cell] = former[cell] if cell in former and painted else fill
    return fills


def _colour(found: Iterable[Finding]) -> str:
    return FAULTY if any(each["severity"] == Severity.ERROR for each in found) else DOUBTFUL


def _note(found: Iterable[Finding]) -> str:
    texts = [f"{Severity(each['severity']).label}：{each['message']}\n怎样改：{each['remedy']}" for each in found]
    return "\n\n".join([MARK, *texts]).replace("\n\n", "\n", 1)
