"""Which cells are marked, in which colour, and what they were before."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.cells import cell_of
from pipeline.guard import Refused
from pipeline.guard.xml import sound
from pipeline.reading.workbook import address
from pipeline.workbooks.returned.about import Finding, counted
from pipeline.workbooks.returned.cell_styles import FILL, NO_FILL, Looks
from pipeline.workbooks.returned.comments import Comments
from pipeline.workbooks.returned.sheet_xml import Grid, Listed, cells_of
from schemas.enums import Severity
from schemas.lists.returned import DOUBTFUL, FAULTY, HEAD, MARK, RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.cells import Cell
    from pipeline.workbooks.returned.package import Package


def faults_by_cell(findings: Iterable[Finding]) -> dict[str, dict[Cell, list[Finding]]]:
    """Give the errors and warnings that count by sheet and cell."""
    found: dict[str, dict[Cell, list[Finding]]] = {}
    for each in counted(findings):
        cell = cell_of(each["cell"])
        if cell and each["severity"] != Severity.INFO:
            found.setdefault(each["sheet"], {}).setdefault(cell, []).append(each)
    return found


def former_fills(content: bytes, front: Listed | None) -> dict[str, dict[Cell, str]]:
    """Give the fills that marked cells had before an earlier return, as the list in front recorded them."""
    found: dict[str, dict[Cell, str]] = {}
    for row in cells_of(content, front.name)[HEAD:] if front else []:
        sheet, reference, fill = map(str, [*row, *[""] * (RECORDS + 2)][RECORDS - 1 : RECORDS + 2])
        cell = cell_of(reference)
        # What somebody has typed there since is no record of ours.
        with suppress(Refused):
            if cell and fill.startswith("<fill"):
                sound(fill.encode())
                found.setdefault(sheet, {})[cell] = fill
    return found


Records = list[tuple[str, str, str]]
"""Sheet, address and former fill of every cell that is marked."""


def mark_all(
    package: Package,
    looks: Looks,
    sheets: Mapping[str, str],
    faults: Mapping[str, Mapping[Cell, list[Finding]]],
    former: Mapping[str, Mapping[Cell, str]],
) -> Records:
    """Mark and comment every cell with a finding, and take an earlier run's marks away.

    Args:
        package: the workbook, whose parts are changed.
        looks: its formats.
        sheets: the part of each sheet by its name, the list in front left out.
        faults: findings by sheet and cell.
        former: what fill the cells had that an earlier run marked, by sheet and cell.

    Returns:
        What the marked cells were filled with, to undo it another time.
    """
    records: Records = []
    for number, (name, path) in enumerate(sheets.items(), 1):
        if b"sheetData" not in package[path]:  # a sheet that is a chart
            continue
        if not (faults.get(name) or former.get(name) or package.relations(path) or b"tabSelected" in package[path]):
            continue  # nothing to mark, and nothing to take away
        grid = Grid(package[path])
        grid.deselect()
        marks: dict[Cell, list[Finding]] = {}
        for cell, found in faults.get(name, {}).items():
            marks.setdefault(grid.anchor(cell), []).extend(found)
        notes = Comments(package, path, grid, number)
        fills = _fills(looks, grid, {**dict.fromkeys(notes.earlier, NO_FILL), **former.get(name, {})}, marks)
        records += [(name, address(cell), fills[cell]) for cell in sorted(marks)]
        styles = {cell: looks.filled(grid.style(cell), fill) for cell, fill in fills.items() if cell not in marks}
        for cell, found in marks.items():
            styles[cell] = looks.filled(grid.style(cell), FILL.format(_colour(found)))
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
