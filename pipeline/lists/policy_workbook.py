"""评分办法.xlsx → the policy of the run. Every mistake is told by its cell, all at once; half a policy is none."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.cells import address
from pipeline.reading.parse_cell import as_text
from pipeline.reading.workbook import Refused, sheets
from schemas.lists.policy import TITLE
from schemas.policy import Policy, PolicyError, policy_from
from schemas.policy.sheets import DEDUCTED, ITEM_HEADS, ITEMS, LISTS, SOURCE, TOLD, VALUES, WORD_LISTS, WORDS, Kind
from schemas.rules import RULE
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.cells import Cell
    from pipeline.reading.workbook import Sheet
    from schemas.policy.mistakes import Mistake, Place
    from schemas.policy.sheets import Column, List

_NUMBER = re.compile(r"(?P<figure>[+-]?\d+(?:\.\d+)?)(?P<percent>%?)(?:分|年度?|倍|个|万元)?")
_RULES = {rule.id: rule.title for rule in RULE.values()}
_WHAT, _FILLED, _, _ITEM_SOURCE, _ = ITEM_HEADS


class Where(NamedTuple):
    """A cell of a sheet, and what stands there, "" where nothing does."""

    sheet: str
    cell: Cell
    stated: str = ""


class Line(NamedTuple):
    """A line of a list: its entries and their cells by the key of their column."""

    entry: dict[str, Any]
    cells: dict[str, Where]


def read(name: str, content: bytes, year: int | None = None) -> Policy:
    """Read the policy of a workbook, for a fiscal year; where None is given, for its own first year.

    Raises:
        PolicyError: it is no workbook that may be read, or has mistakes; all are listed, by cell.
    """
    try:
        book = _Book(sheets(content))
    except Refused as refusal:
        raise PolicyError(f"{TITLE} {name}：{refusal}") from refusal
    first = book.table.get("since")
    chosen = year if year is not None else first if isinstance(first, int) else 0
    found = policy_from(book.table, year=chosen, file=name, sha256=hashlib.sha256(content).hexdigest())
    if not isinstance(found, Policy):
        book.place(found)
    elif found.since > found.year:
        book.tell(book.where(("since",)), f"从{found.since}年度起适用，不能用来评价{found.year}年度")
    lines = book.lines()
    if lines or not isinstance(found, Policy):
        raise PolicyError("\n".join([f"{TITLE} {name} 有{len(lines)}处错误，没有采用：", *lines]))
    return found


class _Book:
    """The sheets of a policy as the table that its file would hold, the cell of each entry, and what is wrong."""

    def __init__(self, found: Sequence[Sheet]) -> None:
        self._sheets = {normalise_label(each.name): each for each in found}
        self._first = found[0].name if found else ""
        self._cells: dict[Place, Where] = {}
        self._told: dict[tuple[str, Cell], list[str]] = defaultdict(list)
        self.table: dict[str, Any] = {}
        self._read_items()
        self._read_words()
        lists = {each.name: list(self._read_list(each)) for each in LISTS}
        self._take("reference", list(self._curved(lists["reference"], lists.pop("bands"))))
        for name in lists.keys() - {"reference"}:
            self._take(name, lists[name])

    # ------------------------------------------------------------------ what is wrong, and where

    def tell(self, where: Where, told: str) -> None:
        """Note what is wrong with a cell."""
        self._told[where.sheet, where.cell].append(told)

    def where(self, at: Place) -> Where:
        """Give the cell of an entry; that of what it is part of, where it has none."""
        prefixes = (at[:length] for length in range(len(at), 0, -1))
        return next((self._cells[each] for each in prefixes if each in self._cells), Where(self._first, (0, 0)))

    def place(self, mistakes: Sequence[Mistake]) -> None:
        """Note mistakes of the policy at their cells; a cell that could not be read has told what is wrong with it."""
        unread = set(self._told)
        for at, told in mistakes:
            where = self.where(at)
            if (where.sheet, where.cell) not in unread:
                stated = where.stated and f"，填写的是“{where.stated}”"
                self.tell(where, told + (stated if told.startswith("应") else ""))

    def lines(self) -> list[str]:
        """Give every mistake as a line, in the order of sheets and cells."""
        order = {sheet.name: number for number, sheet in enumerate(self._sheets.values())}
        places = sorted(self._told, key=lambda place: (order.get(place[0], len(order)), place))
        return [
            f"  {sheet}!{address(cell)}：{told}"
            for sheet, cell in places
            for told in dict.fromkeys(self._told[sheet, cell])
        ]

    # ------------------------------------------------------------------ sheets, heads and cells

    def _heads(self, title: str, asked: Sequence[str]) -> tuple[Sheet, int, dict[str, int]] | None:
        """Find a sheet, the row of its heads, and the columns of these; None, with what is missing told."""
        sheet = self._sheets.get(normalise_label(title))
        if sheet is None:
            self.tell(Where(title, (0, 0)), f"缺少“{title}”这一页")
            return None
        wanted = {normalise_label(words): words for words in asked}
        rows = [[normalise_label(str(value)) for value in row] for row in sheet.rows]
        head = max(range(len(rows)), key=lambda row: len(wanted.keys() & set(rows[row])), default=0)
        texts = rows[head] if rows else []
        for words in (wanted[each] for each in wanted.keys() - set(texts)):
            self.tell(Where(sheet.name, (0, 0)), f"没有找到“{words}”这一栏")
        for column, text in enumerate(texts):
            if text in wanted and text in texts[:column]:
                self.tell(Where(sheet.name, (head, column)), f"“{wanted[text]}”有两栏")
            elif text and text not in wanted:
                self.tell(Where(sheet.name, (head, column)), "没有这一栏，请删去")
        columns = {wanted[text]: column for column, text in enumerate(texts) if text in wanted}
        return (sheet, head, columns) if len(columns) == len(wanted) else None

    def _cell(self, sheet: Sheet, cell: Cell, kind: Kind = Kind.TEXT) -> tuple[Any, Where]:
        """Read a cell as an entry, None where it is blank."""
        where = Where(sheet.name, cell, as_text(sheet.value(cell)).strip())
        if cell in sheet.troubles:
            self.tell(where, f"这一格的公式没有算出结果（{sheet.troubles[cell] or '请打开后重新保存'}）")
            return None, where
        return _value(sheet.value(cell), kind), where

    # ------------------------------------------------------------------ the three kinds of sheets

    def _read_items(self) -> None:
        found = self._heads(VALUES, ITEM_HEADS)
        if not found:
            self._cells |= {each.at[:1]: Where(VALUES, (0, 0)) for each in ITEMS}
            return
        sheet, head, columns = found
        lines: dict[str, int] = {}
        known = {normalise_label(each.words) for each in ITEMS}
        for row in range(head + 1, len(sheet.rows)):
            words, where = self._cell(sheet, (row, columns[_WHAT]))
            name = normalise_label(words or "")
            if name and (name not in known or name in lines):
                self.tell(where, f"“{words}”写了不止一次" if name in lines else f"没有“{words}”这个项目")
            elif not name and self._cell(sheet, (row, columns[_FILLED]))[0] is not None:
                self.tell(where, "没有写明是哪个项目")
            lines.setdefault(name, row)
        for item in ITEMS:
            at = lines.get(normalise_label(item.words))
            if at is None:
                self.tell(Where(sheet.name, (0, 0)), f"缺少“{item.words}”这一行")
            else:
                self._set(item.at, *self._cell(sheet, (at, columns[_FILLED]), item.kind))
                if item.source:
                    self._set(item.source, *self._cell(sheet, (at, columns[_ITEM_SOURCE])))
        pair = {each.at[:2] for each in ITEMS if isinstance(each.at[-1], int)}
        for part, key in pair:
            entries = self.table.get(str(part), {}).get(key, {})
            self.table.setdefault(str(part), {})[key] = [entries.get(0), entries.get(1)]

    def _read_words(self) -> None:
        found = self._heads(WORDS, (WORDS, *(each.title for each in WORD_LISTS)))
        for each in WORD_LISTS:
            self._set(each.at, [], Where(WORDS, (found[1], found[2][each.title]) if found else (0, 0)))
        if not found:
            return
        sheet, head, columns = found
        for row in range(head + 1, len(sheet.rows)):
            label = as_text(sheet.value((row, columns[WORDS]))).strip()
            if label == TOLD:
                continue
            for each in WORD_LISTS:
                value, where = self._cell(sheet, (row, columns[each.title]))
                if label == SOURCE and each.source:
                    self._set(each.source, value, where)
                elif label != SOURCE and value is not None:
                    listed = self._list_at(each.at)
                    self._cells[*each.at, len(listed)] = where
                    listed.append(value)

    def _read_list(self, asked: List) -> Iterator[Line]:
        self._cells[asked.name,] = Where(asked.title, (0, 0))
        found = self._heads(asked.title, [each.words for each in asked.columns])
        if not found:
            return
        sheet, head, columns = found
        self._cells[asked.name,] = Where(sheet.name, (head, 0))
        for row in range(head + 1, len(sheet.rows)):
            read = {each.key: self._entry(sheet, (row, columns[each.words]), each) for each in asked.columns}
            if any(value is not None for value, _ in read.values()):
                entry = {key: value for key, (value, _) in read.items() if value is not None}
                yield Line(entry, {key: where for key, (_, where) in read.items()})

    def _entry(self, sheet: Sheet, cell: Cell, column: Column) -> tuple[Any, Where]:
        value, where = self._cell(sheet, cell, column.kind)
        choices = _RULES if column.key == "rule" else column.choices
        if value is None or not choices:
            return value, where
        known = {normalise_label(text): key for key, words in choices.items() for text in (key, words)}
        if normalise_label(value) not in known:
            told = "见“规则”一页" if column.key == "rule" else f"应为 {'、'.join(choices.values())} 之一"
            self.tell(where, f"没有“{value}”这个{column.words.removesuffix('改为')}，{told}")
        return known.get(normalise_label(value), value), where

    # ------------------------------------------------------------------ into the table

    def _set(self, at: Place, value: Any, where: Where) -> None:
        self._cells[at] = where
        if value is None and not isinstance(at[-1], int):
            return
        table: Any = self.table
        for key in at[:-1]:
            table = table.setdefault(key, {})
        table[at[-1]] = value

    def _list_at(self, at: Place) -> list[Any]:
        table: Any = self.table
        for key in at:
            table = table[key]
        found: list[Any] = table
        return found

    def _take(self, name: str, lines: Sequence[Line]) -> None:
        self.table[name] = [entry for entry, _ in lines]
        for number, (_, cells) in enumerate(lines):
            self._cells[name, number] = next(iter(cells.values()))
            self._cells |= {(name, number, *_path(key)): where for key, where in cells.items()}

    def _curved(self, lines: Sequence[Line], bands: Sequence[Line]) -> Iterator[Line]:
        """Give the reference points with their curves, to which the bands of a measure belong."""
        known = {line.entry.get("measure") for line in lines if line.entry.get("kind") == "table"}
        for line in bands:
            if line.entry.get("measure") not in known:
                self.tell(next(iter(line.cells.values())), "“参考分”一页没有按分档得分的这个指标")
        for entry, cells in lines:
            kind = str(entry.pop("kind", ""))
            own = [line for line in bands if line.entry.get("measure") == entry.get("measure")]
            keys = {
                "direction": "direction",
                "limit": "limit",
                "step": "step",
                "deducted": DEDUCTED.get(kind, "deducted"),
            }
            curve = {to: entry.pop(key) for key, to in keys.items() if key in entry}
            curve |= {"kind": kind} if kind else {}
            if kind == "table":
                curve["bands"] = [_without_measure(line.entry) for line in own]
            at = {f"curve/{kind}/{to}": cells[key] for key, to in keys.items()}
            for number, line in enumerate(own):
                at |= {f"curve/{kind}/bands/{number}": line.cells["upto"]}
                at |= {f"curve/{kind}/bands/{number}/{key}": where for key, where in line.cells.items()}
            yield Line(entry | {"curve": curve}, cells | {"curve": cells["kind"]} | at)


def _without_measure(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "measure"}


def _path(key: str) -> Place:
    return tuple(int(part) if part.isdecimal() else part for part in key.split("/"))


def _value(raw: Any, kind: Kind) -> Any:
    """Give what a cell says, None where it is blank; what is no number where one is wanted stays as it is written."""
    text = as_text(raw).strip()
    if not text:
        return None
    if kind is Kind.TEXT:
        return text
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return int(raw) if float(raw).is_integer() else raw
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text))
    if not found:
        return text
    figure = Decimal(found["figure"]) / (100 if found["percent"] else 1)
    return int(figure) if figure == figure.to_integral_value() else float(figure)
