"""Bring a roster or a list of waivers that the bureau has filled in up to date, its looks and its lines kept."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from pipeline.lists import roster, waivers
from pipeline.lists.sheet_list import ListError
from pipeline.workbooks.blank_lists import rule_rows
from pipeline.workbooks.edit_list import EditedList, EditedWorkbook, UneditableError, put_text
from schemas.file_names import ROSTER, WAIVERS

if TYPE_CHECKING:
    from collections.abc import Iterable


def update_list(name: str, own: bytes, reported: Iterable[str]) -> tuple[bytes, str] | None:
    """Bring a list that the bureau has filled in up to date; give it, and what was done in Chinese.

    Args:
        name: the name of the file.
        own: its bytes.
        reported: the departments of last year.

    Returns:
        None where the file is none of these lists, holds no line, or cannot be read or edited.
    """
    try:
        if name == ROSTER and roster.read(name, own).members:
            content, added = update_roster(own, reported)
            listed = "、".join(added)
            return content, f"末尾加了上年报送、名册中没有的：{listed}；不需报送的请填“否”" if added else "保持不变"
        if name == WAIVERS and waivers.read(name, own):
            content = update_waivers(own)
            return content, "保持不变" if content == own else "“规则”一页已换成现行规则"
    except (ListError, UneditableError):
        return None
    return None


def update_roster(own: bytes, reported: Iterable[str]) -> tuple[bytes, list[str]]:
    """Add the departments that reported last year and are not on the roster; give the workbook and who was added.

    Args:
        own: the roster as the bureau has it; where nobody is missing it is given back to the byte.
        reported: the departments of last year.

    Raises:
        ListError: it is no roster, or has mistakes.
        UneditableError: it cannot be edited.
    """
    known = roster.read(roster.LIST.title, own)
    missing = [name for name in dict.fromkeys(reported) if known.of(name) is None]
    if not missing:
        return own, []
    workbook = EditedWorkbook(own)
    edited = EditedList(workbook, roster.LIST)
    edited.append([{"name": name} for name in missing], (edited.rows(("name",)) or [edited.head + 1])[-1])
    return workbook.save(), missing


def update_waivers(own: bytes) -> bytes:
    """Write the rules of today on the sheet of rules of a list of waivers; to the byte as it was where they are there.

    Raises:
        ListError: it is no list of waivers, or has mistakes.
        UneditableError: it cannot be edited.
    """
    waivers.read(waivers.LIST.title, own)
    edited = EditedWorkbook(own)
    rules = rule_rows()
    if waivers.REGISTER not in edited.book.sheetnames:
        return own
    sheet = edited.book[waivers.REGISTER]
    there = [tuple(cell.value for cell in row[:4]) for row in sheet.iter_rows(min_row=2)]
    if there == rules:
        return own
    for row in range(2, max(sheet.max_row, len(rules) + 1) + 1):
        values = rules[row - 2] if row - 2 < len(rules) else ("", "", "", "")
        for column, text in enumerate(values, 1):
            put_text(sheet.cell(row, column), text)
            sheet.cell(row, column)._style = copy(sheet.cell(2, column)._style)  # noqa: SLF001 - openpyxl copies looks so
    for rule in EditedList(edited, waivers.LIST).sheet.data_validations.dataValidation:
        if waivers.REGISTER in str(rule.formula1):
            rule.formula1 = f"'{waivers.REGISTER}'!$A$2:$A${len(rules) + 1}"
    return edited.save()
