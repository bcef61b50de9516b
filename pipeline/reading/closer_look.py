"""What values and number formats do not tell of a sheet: runs of a cell, struck-through cells, comments, hidden lines.

Only a file in which the guard saw any of these is opened a second time: an .xlsx with openpyxl, an .xls with xlrd.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.reading.runs import SUBSCRIPT, SUPERSCRIPT, Counted, Run, count
from schemas.lists.returned import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.cells import Cell
    from pipeline.guard.notes import Notes


@dataclass(frozen=True, slots=True)
class Closer:
    """What there is to see of a sheet beside its values; rows and columns from 0.

    ``runs`` are the cells of which some text does not count, ``struck`` those that are struck through as a whole, and
    ``comments`` the department's own.
    """

    runs: Mapping[Cell, Counted] = field(default_factory=dict)
    struck: frozenset[Cell] = frozenset()
    comments: Mapping[Cell, str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


PLAIN = Closer()
"""A sheet of which there is nothing more to see."""


def look_closer(content: bytes, notes: Notes, names: Sequence[str]) -> dict[str, Closer] | None:
    """Give what else there is to see of sheets by name; nothing of a plain file, and None where it cannot be told."""
    if notes.unlooked:
        return None
    if not notes.closer:
        return {}
    try:
        return _of_xls(content, names) if notes.parts is None else _of_xlsx(notes, names)
    except Exception:  # noqa: BLE001 - the values were read; that there is more to see is told
        return None


def _closer(
    runs: Mapping[Cell, Sequence[Run]],
    struck: set[Cell],
    comments: Mapping[Cell, str],
    rows: Iterable[int],
    columns: Iterable[int],
) -> Closer:
    found = {cell: counted for cell, each in runs.items() if (counted := count(each))}
    struck |= {cell for cell, each in runs.items() if all(run.struck for run in each if run.text.strip())}
    own = {
        cell: text.partition(MARK)[0].strip() for cell, text in comments.items()
    }  # ours stand below the department's
    said = {cell: text for cell, text in own.items() if text}
    return Closer(found, frozenset(struck - found.keys()), said, frozenset(rows), frozenset(columns))


# ------------------------------------------------------------------ .xlsx

_STRICT, _USUAL = (
    b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
)


def _of_xlsx(notes: Notes, names: Sequence[str]) -> dict[str, Closer]:
    # Parts that are read by no other process; who reads a plain return never waits for openpyxl.
    from openpyxl.reader.strings import read_rich_text  # noqa: PLC0415

    parts = notes.parts
    if parts is None:
        return {}
    texts = read_rich_text(_usual(parts.texts)) if parts.texts else []
    return {name: _of_sheet(*parts.sheets[name], texts, parts.struck) for name in names}


def _usual(part: bytes) -> io.BytesIO:
    """Give a part as openpyxl knows it: in the namespace of the usual variety of the format."""
    return io.BytesIO(part.replace(_STRICT, _USUAL))


def _of_sheet(part: bytes, comments: bytes, texts: list[Any], struck_styles: frozenset[int]) -> Closer:
    from openpyxl.cell.rich_text import CellRichText  # noqa: PLC0415
    from openpyxl.worksheet._reader import WorkSheetParser  # noqa: PLC0415

    # Cell by cell, as openpyxl itself reads in its read-only mode: blank cells and merged ranges cost nothing.
    parser = WorkSheetParser(_usual(part), texts, data_only=True, rich_text=True)
    runs: dict[Cell, list[Run]] = {}
    struck: set[Cell] = set()
    for _, line in parser.parse():
        for each in line:
            place, value = (each["row"] - 1, each["column"] - 1), each["value"]
            if value is None:
                continue
            if int(each["style_id"]) in struck_styles:
                struck.add(place)
            if isinstance(value, CellRichText):
                runs[place] = [_run(piece, struck=place in struck) for piece in value]
    rows = (int(number) - 1 for number, row in parser.row_dimensions.items() if _is_hidden(row, "ht"))
    columns = (
        number
        for column in parser.column_dimensions.values()
        if _is_hidden(column, "width")
        for number in range(int(column["min"]) - 1, min(int(column["max"]), _MOST_COLUMNS))
    )
    return _closer(runs, struck, _comments(comments), rows, columns)


_MOST_COLUMNS = 16_384


def _is_hidden(line: Mapping[str, str], size: str) -> bool:
    return line.get("hidden") in {"1", "true"} or float(line.get(size, 1)) == 0


def _run(piece: Any, *, struck: bool) -> Run:
    """Give a run; one without looks of its own has those of its cell."""
    if isinstance(piece, str):
        return Run(piece, struck)
    font = piece.font
    return Run(piece.text, bool(font.strike), font.vertAlign if font.vertAlign in {SUPERSCRIPT, SUBSCRIPT} else "")


def _comments(part: bytes) -> dict[Cell, str]:
    from openpyxl.comments.comment_sheet import CommentSheet  # noqa: PLC0415
    from openpyxl.utils.cell import coordinate_to_tuple  # noqa: PLC0415
    from openpyxl.xml.functions import fromstring  # noqa: PLC0415

    if not part:
        return {}
    found: dict[Cell, str] = {}
    for reference, comment in CommentSheet.from_tree(fromstring(_usual(part).getvalue())).comments:
        row, column = coordinate_to_tuple(reference)
        found[row - 1, column - 1] = comment.text
    return found


# ------------------------------------------------------------------ .xls


def _of_xls(content: bytes, names: Sequence[str]) -> dict[str, Closer]:
    import xlrd  # noqa: PLC0415

    with xlrd.open_workbook(file_contents=content, formatting_info=True, on_demand=True) as book:
        return {name: _of_old_sheet(book, book.sheet_by_name(name)) for name in names}


def _of_old_sheet(book: Any, sheet: Any) -> Closer:
    filled = [
        (row, column)
        for row in range(sheet.nrows)
        for column, kind in enumerate(sheet.row_types(row))
        if kind in _FILLED
    ]
    fonts = {cell: book.xf_list[sheet.cell_xf_index(*cell)].font_index for cell in filled}
    runs = {
        cell: _old_runs(sheet.cell_value(*cell), [(0, fonts[cell]), *changes], book.font_list)
        for cell, changes in sheet.rich_text_runlist_map.items()
        if cell in fonts
    }
    struck = {cell for cell, font in fonts.items() if book.font_list[font].struck_out}
    notes = {cell: note.text for cell, note in sheet.cell_note_map.items()}
    rows = (number for number, row in sheet.rowinfo_map.items() if row.hidden)
    columns = (number for number, column in sheet.colinfo_map.items() if column.hidden)
    return _closer(runs, struck, notes, rows, columns)


_FILLED = frozenset({1, 2, 3, 4})
"""Types of cells that hold a text, a number, a date or a truth value."""


def _old_runs(text: str, changes: Sequence[tuple[int, int]], fonts: Sequence[Any]) -> list[Run]:
    """Part a text where its font changes."""
    ends = [at for at, _ in changes[1:]] + [len(text)]
    raised = ("", SUPERSCRIPT, SUBSCRIPT)
    return [
        Run(text[at:end], bool(fonts[font].struck_out), raised[min(fonts[font].escapement, 2)])
        for (at, font), end in zip(changes, ends, strict=True)
        if end > at
    ]
