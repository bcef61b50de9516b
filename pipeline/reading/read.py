"""A file → its facts, its indicator rows and the first findings. Pure; runs in workers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from pipeline.cells import address, cell_of
from pipeline.reading.bounds import say_too_much
from pipeline.reading.entries import ReadingFinding, doubt_shared_cells, entry, reading_finding, text
from pipeline.reading.find_annexes import Found, Located, locate
from pipeline.reading.indicator_rows import claimed, indicator_rows, offered
from pipeline.reading.parse_cell import as_text
from pipeline.reading.seen_beside import errors_beside, hidden_lines, left_out, told_beside, words_beside
from pipeline.reading.submission import Fact, Submission, brief, figures, packed
from pipeline.reading.unknown_words import ASKED
from pipeline.reading.workbook import Refused, book
from schemas.forms import BY_KEY, FIELDS, VERSIONS
from schemas.forms.answered import holding_for, with_answers
from schemas.forms.model import STAMP, Kind
from schemas.lists import own_files, returned
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.cells import Cell
    from pipeline.guard import Notes
    from pipeline.reading.places import Problem
    from pipeline.reading.workbook import Sheet
    from schemas.forms.answered import Answers


def read_packed(sent: tuple[str, bytes], year: int, answers: Answers = ()) -> tuple[bytes, bytes]:
    """Read one return and pack it, as a worker hands it back: in brief and as a whole; nothing of it when lost.

    ``sent`` is what the file is called in messages, and its bytes; ``year`` the year evaluated; ``answers`` what the
    bureau has said of unknown words.
    """
    try:
        reading = read(*sent, year, answers)
    except MemoryError:
        return lost(sent)
    return packed(brief(reading)), packed(reading)


def lost(_: tuple[str, bytes]) -> tuple[bytes, bytes]:
    """Give what comes of a file that ended the process which read it, or took too much of its time or memory."""
    return b"", b""


def read(source_file: str, sent: bytes, year: int, answers: Answers = ()) -> Submission:
    """Read the bytes of one return; ``year`` is the one evaluated, for headings that name years.

    Answers of the bureau that hold for one department are used where the annexes name that department.
    """
    reading = Submission(source_file, hashlib.sha256(sent).hexdigest())
    try:
        sheets, notes, looked = book(sent)
    except Refused as refusal:
        reading.reason = str(refusal)
        return reading
    # Sent back once and corrected: our list in front is no part of the return.
    fronts = [text for sheet in sheets if (text := str(sheet.value((0, 0)))).startswith(returned.STAMP)]
    reading.made_from = next(filter(None, map(returned.origin, fronts)), "")
    sheets = [sheet for sheet in sheets if not str(sheet.value((0, 0))).startswith(returned.STAMP)]
    reading.reason = next(
        filter(None, (own_files.describe_result(each.name, str(each.value((0, 0)))) for each in sheets)), ""
    )
    if reading.reason:
        return reading
    stamp = next((sheet for sheet in sheets if sheet.name == STAMP), None)
    located = locate_annexes(sheets, year, answers)
    found, problems, reading.fiscal_year = located.annexes, located.problems, located.year
    if not found:
        reading.reason = own_files.describe_list(sheets[0].name if sheets else "") or no_annex(located) or _nothing()
        return reading
    if not any(each.is_filled() for each in found):
        reading.reason = "报表是空白的，没有填写任何内容；请填写后报送"
        return reading
    reading.forms = tuple(each.form.made_from or each.form.key for each in found)
    asked = ((each.form.annex, problem) for each in found for problem in each.finds.problems if problem.rule in ASKED)
    reading.asked = tuple(dict.fromkeys((annex, problem.stated, problem.sought) for annex, problem in asked))
    reading.findings += [*_of_the_book(notes, found, looked=looked), *_of_the_stamp(stamp), *map(_told, problems)]
    for each in found:
        collect(each, reading)
    too_much = say_too_much(reading)
    if too_much:
        return Submission(source_file, reading.sha256, reason=too_much)
    _identify(reading)
    reading.figures = figures(reading.facts)
    reading.claimed, reading.offered = claimed(reading.indicators), offered(reading.indicators)
    return reading


def locate_annexes(sheets: list[Sheet], year: int, answers: Answers) -> Found:
    """Find the annexes under the names that hold for every department, then under those for the one they are of."""
    general = holding_for(answers, ())
    found = locate(sheets, with_answers(general), year)
    own = holding_for(answers, map(normalise_label, offices(found))) if len(general) < len(answers) else general
    return found if own == general else locate(sheets, with_answers(own), year)


def offices(found: Found) -> Iterator[str]:
    """Give the names by which the annexes call their department."""
    for located in found.annexes:
        for each in located.form.fields():
            if each.kind is Kind.OFFICE and each.name in located.finds.places:
                yield text(located.finds.places[each.name])


def no_annex(located: Found) -> str:
    """Say what a workbook without an annex is, or what keeps a sheet from being taken for one; "" where nothing is."""
    if located.untitled:
        form, sheet = located.untitled[0].form, located.untitled[0].sheet
        return (
            f"工作表“{sheet.name}”像{form.annex}，但没有表名“{form.title}”，不能确定是不是这张表，没有采用；"
            "是的请补上表名后报送"
        )
    if located.other:
        return f"这是{located.other}，不是{VERSIONS[-1][0].title}；不作为部门整体支出绩效自评的报表采用"
    return ""


def _nothing() -> str:
    annexes = "、".join(annex[0].annex for annex in VERSIONS)
    return f"工作簿里没有找到{annexes}中的任何一张表；请用发放的填报表填写后报送"


def _of_the_book(notes: Notes, found: list[Located], *, looked: bool) -> Iterator[ReadingFinding]:
    """Tell what is odd about the workbook as such: its format, what it brings along, and what it hides."""
    odd = {
        "old_format": notes.kind != "xlsx",
        "macros": notes.macros,
        "external_links": notes.external_links,
        "manual_calculation": notes.manual,
        "looks_unread": not looked,
    }
    for rule in (name for name, holds in odd.items() if holds):
        yield ReadingFinding(rule, "", "", "", "", f".{notes.kind}", "")
    if notes.active:
        yield ReadingFinding("active_parts", "", "", "", "", "、".join(notes.active), "")
    if len(found) < len(VERSIONS):
        for each in filter(None, (sheet.passed for sheet in notes.sheets.values())):
            yield ReadingFinding("sheet_passed_over", "", "", "", "", each, "")
    for located in found:
        if located.sheet.hidden:
            yield ReadingFinding("sheet_hidden", "", "", located.sheet.name, "A1", located.sheet.name, "")


def _of_the_stamp(stamp: Sheet | None) -> Iterator[ReadingFinding]:
    """Tell of a form that says of itself to be of a version that is none of ours."""
    for row in stamp.rows if stamp else []:
        form, version = (as_text(value).strip() for value in [*row, "", ""][:2])
        known = [each.version for each in BY_KEY.values() if each.id == form]
        if form and f"{form}/{version}" not in BY_KEY:
            yield ReadingFinding("form_unknown", "", "", "", "", f"{form}/{version}"[:60], "、".join(known) or "无")


def _told(problem: Problem) -> ReadingFinding:
    cell = address(problem.cell) if problem.cell else ""
    return ReadingFinding(
        problem.rule, "", problem.label or problem.sought, problem.sheet, cell, problem.stated, problem.sought
    )


def collect(located: Located, reading: Submission) -> None:
    """Take the facts and indicator rows of one annex over into the reading."""
    finds = located.finds
    asked = [each for each in located.form.fields() if each.name in finds.places]
    units = located.units
    entries = {each.name: entry(each.kind, finds.places[each.name], units.get(each.name, 1.0)) for each in asked}
    # One text may well answer two questions; one number is no two.
    entries |= doubt_shared_cells({each.name: entries[each.name] for each in asked if each.kind.numeric}, finds.places)
    for each in asked:
        place, found = finds.places[each.name], entries[each.name]
        where = (place.sheet.name, address(place.cell))
        read_as = (found.raw, found.value, *where, found.doubtful, found.written)
        reading.facts.append(Fact(each.name, each.label, *read_as))
        reading.findings += left_out(place, each.name, each.label, found)
        if found.rule:
            reading.findings.append(reading_finding(found, place, each.name, each.label))
    if located.form.indicators:
        reading.indicators, odd = indicator_rows(located.form, finds.rows)
        reading.findings += odd
    words = words_beside(located)
    _give_reasons(reading.indicators, located.sheet.name, words)
    reading.findings += [*hidden_lines(located), *told_beside(located, words), *errors_beside(located)]


def _give_reasons(rows: list[dict[str, Any]], sheet: str, words: Mapping[Cell, str]) -> None:
    """Take words beside an indicator row, or in a comment on it, for the reason that it does not give in its place."""
    by_line: dict[int, list[str]] = {}
    for (line, _), said in sorted(words.items()):
        by_line.setdefault(line, []).append(said)
    for row in rows:
        place = cell_of(row["cell"])
        if row["sheet"] == sheet and not row["reason"] and place:
            row["reason"] = "；".join(by_line.get(place[0], ()))


def _identify(reading: Submission) -> None:
    """Say by what names the annexes call the department."""
    for fact in reading.facts:
        kind = FIELDS[fact.field].kind
        if kind is Kind.OFFICE and fact.value:
            reading.offices = (*reading.offices, str(fact.value))
