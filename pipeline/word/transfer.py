"""A Word document that holds the annexes → the form filled in with them, and all that found no place on it. Pure.

The fields are found by the search for workbooks; the form is drawn by the template. Nothing is guessed: what is
doubtful is left out and told, and what was written is read back from the form and compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline import read as reading
from pipeline import template
from pipeline.clean import clean, is_blank
from pipeline.draw import lay_out
from pipeline.locate import locate
from pipeline.read import Fact, Reading
from pipeline.rows import HINT
from pipeline.search import names
from pipeline.word.blocks import body
from pipeline.word.package import document
from pipeline.word.pieces import is_title, pieces
from pipeline.workbook import address
from schemas.annexes import FIELDS, FORMS, INDICATORS, VERSIONS
from schemas.form import Grid, Indicators, Kind, Line, Note, Strip
from schemas.rules import RULE
from schemas.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.locate import Located
    from pipeline.search import Problem
    from pipeline.word.blocks import Body
    from pipeline.word.pieces import Piece
    from schemas.form import Form
    from schemas.policy import Policy

_WORDS_BEGIN = 8
"""Letters by which a note of the form is known."""
_BEGINS = 30
"""Letters by which a table that is no annex is told."""


@dataclass(slots=True)
class Transfer:
    """What came of one document.

    Attributes:
        book: the form filled in, as a workbook; b"" where the document holds no annex, or only blank ones.
        reason: why there is no workbook, in Chinese; "" where there is one.
        department: the name the annexes give, "" where they give none.
        values: how many fields were filled in.
        rows: how many indicators were.
        missing: what of the form was not found, or cannot be told, in Chinese.
        unplaced: texts that have no place on the form, each with where it stands.
        doubts: what is to be looked at, in Chinese.
    """

    book: bytes = b""
    reason: str = ""
    department: str = ""
    values: int = 0
    rows: int = 0
    missing: list[str] = field(default_factory=list)
    unplaced: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def transfer(content: bytes, policy: Policy) -> Transfer:
    """Find the annexes in a Word document and fill the form in.

    Args:
        content: the bytes of the document.
        policy: of the year whose form is filled in.

    Raises:
        pipeline.guard.Refused: it is no Word document that can be read; the reason is in Chinese.
    """
    found = body(document(content))
    cut, report = pieces(found.blocks, policy.year)
    located, problems = locate([piece.sheet for piece in cut], VERSIONS, policy.year)
    if not located:
        annexes = "、".join(f"{form.annex}（{form.title}）" for form in FORMS)
        return Transfer(reason=f"文档里没有找到{annexes}中的任何一张表{_as_pictures(found)}")
    if not any(each.is_filled() for each in located):
        return Transfer(reason="文档里的附件是空白的，没有填写任何内容")
    taken = Reading("")
    for each in located:
        reading.collect(each, taken)
    result = Transfer(rows=len(taken.indicators), doubts=list(_odd(found, report)))
    fields, unplaced = _fields(taken, policy)
    lines, merged = _lines(taken.indicators)
    result.values = len(fields)
    result.department = next((fact.raw.strip() for fact in reversed(taken.facts) if _is_office(fact)), "")
    result.missing = [_told(problem) for problem in problems]
    result.unplaced = [*_left(cut, located, taken, policy.year), *unplaced, *found.strays]
    held = {each.form.id for each in located}
    result.doubts += [*_year(taken, policy), *merged, *_computed(fields, lines, policy, held)]
    result.book = template.workbook(policy, fields, lines)
    result.doubts += _read_back(result.book, taken, fields, policy)
    return result


def _is_office(fact: Fact) -> bool:
    return FIELDS[fact.field].kind is Kind.OFFICE and bool(fact.raw.strip())


# ---------------------------------------------------------------------- what goes onto the form


def _fields(taken: Reading, policy: Policy) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Give the value of each field of the form, and what was filed of fields that today's form does not have."""
    drawn = {asked for form in FORMS for asked in lay_out(form, None, template.words(policy)).places}
    filed = [fact for fact in taken.facts if not is_blank(fact.raw)]
    return (
        {fact.field: _value(fact.raw, FIELDS[fact.field].kind) for fact in filed if fact.field in drawn},
        [(f"{fact.label}（发放的填报表没有这一项）", fact.raw) for fact in filed if fact.field not in drawn],
    )


def _value(raw: str, kind: Kind) -> Any:
    """Give what is written into a cell: a plain number as a number, all else as the text that was filed."""
    if kind is Kind.YEAR:
        return f"（{raw}年度）"
    cleaned = clean(raw, kind)
    return cleaned.value if kind.numeric and cleaned.value is not None and not cleaned.rule else raw


def _lines(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Give the rows of indicators as the form is drawn with them, and what is to be told of merged points.

    The form has a cell for each row: points that the document has in one cell over several rows stand in the first.
    """
    lines: list[dict[str, Any]] = []
    told: list[str] = []
    numeric = [column for column in INDICATORS.columns if column.kind.numeric]
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        line = {name: row[name] for name in ("criterion", "level1", "level2", "level2_cell", "level3")}
        line |= {name: row[name] for name in ("target", "actual")}
        for column in numeric:
            cell = (column.name, str(row["sheet"]), str(row.get(f"{column.name}_cell")))
            written = row[f"raw_{column.name}"]
            if cell not in seen and not is_blank(written):
                line[column.name] = _value(written, column.kind)
                told += _shared(rows, row, column.name, column.words)
            seen.add(cell)
        lines.append(line)
    return lines, told


def _shared(rows: list[dict[str, Any]], row: dict[str, Any], name: str, words: str) -> Iterator[str]:
    """Tell of points that stand in one cell over a part of the rows of a block."""
    key = f"{name}_cell"
    together = [each["row"] for each in rows if (each["sheet"], each.get(key)) == (row["sheet"], row.get(key))]
    block = sum(each["criterion"] == row["criterion"] for each in rows)
    if 1 < len(together) < block:
        yield (
            f"指标第{together[0]}至{together[-1]}行的{words}“{row[f'raw_{name}']}”在文档里是合并的一格，"
            f"表上写在第{together[0]}行；请核对是否应分到各行。"
        )


# ---------------------------------------------------------------------- what does not


def _left(cut: list[Piece], located: list[Located], taken: Reading, year: int) -> Iterator[tuple[str, str]]:
    """Give every text of the annexes that is neither taken over nor words of the form, and tables that are no annex."""
    used = {(fact.sheet, fact.cell) for fact in taken.facts}
    cells = [f"{column.name}_cell" for column in (*INDICATORS.columns, *INDICATORS.optional) if column.name != "reason"]
    used |= {(row["sheet"], row[name]) for row in taken.indicators for name in cells if name in row}
    used |= {(row["sheet"], row["value_cell"]) for row in taken.indicators if "value_cell" in row}
    annexes = {each.sheet.name for each in located} | {sheet for sheet, _ in used}
    known, notes = _words([each.form for each in located], year)
    for piece in cut:
        sheet = piece.sheet
        left = [
            (piece.where(cell), text)
            for cell, text in sheet.texts()
            if text.strip() and (sheet.name, address(cell)) not in used and not _is_form(text, known, notes)
        ]
        if sheet.name in annexes:
            yield from left
        elif any(text.strip() for _, text in sheet.texts()):
            yield next((piece.where(cell) for cell, text in sheet.texts() if text.strip()), ""), _no_annex(piece)


def _no_annex(piece: Piece) -> str:
    begin = " ".join(" ".join(text.split()) for _, text in piece.sheet.texts() if text.strip())[:_BEGINS]
    return f"（整个表格不是附件，没有读取，开头是：{begin}……）"


def _words(forms: list[Form], year: int) -> tuple[set[str], tuple[str, ...]]:
    """Give all words of the forms, normalised, and how their notes and prompts begin."""
    known, begin = set(), []
    for form in forms:
        known |= {plain(name) for each in names(form, year) for name in each}
        known |= {plain(form.annex), plain(form.title), plain(form.annex + form.title)}
        for section in (*form.sections, *form.flat()):
            match section:
                case Strip(words):
                    known.add(plain(words))
                case Grid(corner):
                    known |= {plain(corner), plain(corner.partition("（")[0])}
                case Indicators(_, blocks):
                    known |= {plain(block.words) for block in blocks}
                    known |= {plain(aspect.words) for block in blocks for aspect in block.aspects}
                case Note(text):
                    begin += [plain(line.partition("{")[0])[:_WORDS_BEGIN] for line in text.split("\n")]
                case Line(parts):
                    known |= {plain(name) for part in parts for name in form.names_of(part.words)}
                case _:
                    pass
    return known | {""}, tuple(filter(None, begin))


def _is_form(text: str, known: set[str], notes: tuple[str, ...]) -> bool:
    """Tell whether a text is of the form itself: a label, a note, a title, a hint."""
    words = plain(text)
    return (
        words in known
        or re.sub(r"\d+分?$|[(]\d+分[)]$", "", words) in known
        or words.startswith(notes)
        or bool(HINT.fullmatch(text.strip()))
        or is_title(text)
    )


def _told(problem: Problem) -> str:
    return RULE[problem.rule].message.replace("{expected}", problem.sought).replace("工作簿里", "文档里")


# ---------------------------------------------------------------------- what is to be looked at


def _odd(found: Body, report: list[str]) -> Iterator[str]:
    """Tell what a document has that is not read, or not as it looks."""
    if found.revised:
        yield "文档带有修订痕迹，按接受全部修订后的内容读取；请核对。"
    if found.numbered:
        yield "表格里有自动编号，编号没有带过来；请核对。"
    if found.pictures:
        yield f"文档里有{found.pictures}处图片，图片里的内容读不出来；请核对附件是否有用图片填写的部分。"
    if report:
        yield f"附件以外的正文{len(report)}段没有导入。"


def _as_pictures(found: Body) -> str:
    return "；文档里有图片，如果附件是贴上去的图片，读不出内容，请改用发放的填报表填写" if found.pictures else ""


def _year(taken: Reading, policy: Policy) -> Iterator[str]:
    stated = next((fact.raw for fact in taken.facts if FIELDS[fact.field].kind is Kind.YEAR), "")
    if not stated:
        yield f"附件里没有写明年度，表上印的是{policy.year}年度；请核对。"
    elif stated != str(policy.year):
        yield f"附件写的是{stated}年度，这次用的是{policy.year}年度的填报表；请核对。"


def _computed(fields: dict[str, Any], lines: list[dict[str, Any]], policy: Policy, held: set[str]) -> Iterator[str]:
    """Tell which blanks of the annexes held the form will compute by itself once it is opened."""
    layouts = [lay_out(form, lines, template.words(policy)) for form in FORMS if form.id in held]
    derived = [box.field for layout in layouts for box in layout.boxes if box.role == "derived" and box.field]
    blank = [asked.label for asked in derived if asked.name not in fields]
    if blank:
        yield f"以下各格在文档里是空白的，填报表打开后会由表内公式自动计算，请核对：{'、'.join(blank)}。"


def _read_back(book: bytes, taken: Reading, fields: dict[str, Any], policy: Policy) -> Iterator[str]:
    """Read the form that was written as it will be read when it is sent, and tell where it says something else."""
    again = reading.read("", book, policy.year)
    if again.reason:
        yield f"写好的填报表读不回来（{again.reason}）；请逐格核对。"
        return
    now = {fact.field: fact.value for fact in again.facts}
    filed = {fact.field: fact for fact in taken.facts}
    for name in fields:
        if now.get(name) != filed[name].value:
            yield f"“{filed[name].label}”在写好的表上读出来与文档里不同，请核对。"
    columns = ("level3", "target", "actual", "criterion")
    before, after = ([tuple(row[name] for name in columns) for row in rows] for rows in _both(taken, again))
    if before != after:
        yield "写好的表上指标读出来与文档里不同，请逐行核对。"


def _both(taken: Reading, again: Reading) -> Iterable[list[dict[str, Any]]]:
    return taken.indicators, again.indicators
