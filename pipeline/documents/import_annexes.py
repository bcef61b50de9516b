"""Fill in the form from the annexes in a Word document, and list everything that has no place on it. Pure.

Fields are found by the same search as in workbooks, and the form is drawn as the blank template is. Nothing is guessed:
what is doubtful is left out and listed, and what was written is read back from the form and compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.documents.docx import open_document
from pipeline.documents.docx_blocks import read_body
from pipeline.documents.docx_sheets import cut_into_sheets
from pipeline.documents.unplaced import find_unplaced
from pipeline.reading import read as reading
from pipeline.reading.parse_cell import clean, is_blank
from pipeline.reading.submission import Fact, Submission
from pipeline.workbooks.form_layout import form_words, lay_out
from pipeline.workbooks.template import workbook as template_workbook
from schemas.forms import FIELDS, FORMS, INDICATORS
from schemas.forms.answered import with_answers
from schemas.forms.model import Kind
from schemas.rules import RULE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.documents.docx_blocks import DocumentBody
    from pipeline.reading.places import Problem
    from schemas.forms.answered import Answers
    from schemas.policy import Policy


@dataclass(slots=True)
class ImportedAnnexes:
    """The result of importing one document.

    Attributes:
        book: the form filled in, as a workbook; b"" where the document has no annex, or only blank ones.
        reason: why there is no workbook, in Chinese; "" where there is one.
        department: the department named in the annexes, "" where none is.
        values: the number of fields filled in.
        rows: the number of indicators filled in.
        missing: what of the form was not found or is uncertain, in Chinese.
        unplaced: where and what: texts that have no place on the form.
        doubts: what a person should check, in Chinese.
    """

    book: bytes = b""
    reason: str = ""
    department: str = ""
    values: int = 0
    rows: int = 0
    missing: list[str] = field(default_factory=list)
    unplaced: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def import_annexes(content: bytes, policy: Policy, answers: Answers = ()) -> ImportedAnnexes:
    """Find the annexes in a Word document and fill the form in.

    Args:
        content: the bytes of the document.
        policy: the policy of the year whose form is filled in.
        answers: what the bureau has said of unknown words.

    Raises:
        pipeline.guard.Refused: it is not a Word document that can be read; the reason is in Chinese.
    """
    found = read_body(open_document(content))
    forms = tuple(form for annex in with_answers(answers) for form in annex)
    cut, report = cut_into_sheets(found.blocks, policy.year, forms)
    sought = reading.locate_annexes([piece.sheet for piece in cut], policy.year, answers)
    located, problems = sought.with_untitled()  # a person looks at what is filled in
    if not located:
        annexes = "、".join(f"{form.annex}（{form.title}）" for form in FORMS)
        nothing = f"文档里没有找到{annexes}中的任何一张表{_as_pictures(found)}"
        return ImportedAnnexes(reason=reading.no_annex(sought) or nothing)
    if not any(each.is_filled() for each in located):
        return ImportedAnnexes(reason="文档里的附件是空白的，没有填写任何内容")
    taken = Submission("")
    for each in located:
        reading.collect(each, taken)
    result = ImportedAnnexes(rows=len(taken.indicators), doubts=list(_odd(found, report)))
    fields, unknown = _fields(taken, policy)
    lines, merged = _lines(taken.indicators)
    result.values = len(fields)
    result.department = next((fact.raw.strip() for fact in reversed(taken.facts) if _is_office(fact)), "")
    result.missing = [_told(problem) for problem in problems]
    result.unplaced = [*find_unplaced(cut, located, taken, policy.year), *unknown, *found.strays, *found.left_out]
    held = {each.form.id for each in located}
    result.doubts += [*_year(taken, policy), *merged, *_computed(fields, lines, policy, held)]
    result.book = template_workbook.write_form(policy, fields, lines)
    result.doubts += _read_back(result.book, taken, fields, policy.year, answers)
    return result


def _is_office(fact: Fact) -> bool:
    return FIELDS[fact.field].kind is Kind.OFFICE and bool(fact.raw.strip())


# ---------------------------------------------------------------------- what goes onto the form


def _fields(taken: Submission, policy: Policy) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Give the value of each field of the form, and what was filed in fields that the current form does not have."""
    drawn = {asked for form in FORMS for asked in lay_out(form, None, form_words(policy)).places}
    filed = [fact for fact in taken.facts if not is_blank(fact.raw)]
    return (
        {fact.field: _value(_in_wan(fact), FIELDS[fact.field].kind) for fact in filed if fact.field in drawn},
        [(f"{fact.label}（发放的填报表没有这一项）", fact.raw) for fact in filed if fact.field not in drawn],
    )


def _value(raw: str, kind: Kind) -> Any:
    """Give what to write into a cell: a plain number as a number, anything else as the text that was filed."""
    if kind is Kind.YEAR:
        return f"（{raw}年度）"
    cleaned = clean(raw, kind)
    return cleaned.value if kind.numeric and cleaned.value is not None and not cleaned.rule else raw


def _in_wan(fact: Fact) -> str:
    """Give what was filed, and an amount that the form has in another unit in 万元."""
    kind = FIELDS[fact.field].kind
    cleaned = clean(fact.raw, kind)
    converted = kind is Kind.AMOUNT and not cleaned.rule and cleaned.value != fact.value
    return fact.shown if converted else fact.raw


def _lines(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Give the indicator rows as the template takes them, and remarks on merged points.

    The form has one cell a row: points that the document has in one cell over several rows are put into the first.
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
    """Remark on points in one cell over some of the rows of a block."""
    key = f"{name}_cell"
    together = [each["row"] for each in rows if (each["sheet"], each.get(key)) == (row["sheet"], row.get(key))]
    block = sum(each["criterion"] == row["criterion"] for each in rows)
    if 1 < len(together) < block:
        yield (
            f"指标第{together[0]}至{together[-1]}行的{words}“{row[f'raw_{name}']}”在文档里是合并的一格，"
            f"表上写在第{together[0]}行；请核对是否应分到各行。"
        )


def _told(problem: Problem) -> str:
    return RULE[problem.rule].message.replace("{expected}", problem.sought).replace("工作簿里", "文档里")


# ---------------------------------------------------------------------- what is to be looked at


def _odd(found: DocumentBody, report: list[str]) -> Iterator[str]:
    """Remark on what a document has that is not read, or not read as it looks."""
    if found.revised:
        yield "文档带有修订痕迹，按接受全部修订后的内容读取；请核对。"
    if found.numbered:
        yield "表格里有自动编号，编号没有带过来；请核对。"
    if found.pictures:
        yield f"文档里有{found.pictures}处图片或嵌入的对象，里面的内容读不出来；请核对附件是否有这样填写的部分。"
    if report:
        yield f"附件以外的正文{len(report)}段没有导入。"


def _as_pictures(found: DocumentBody) -> str:
    return (
        "；文档里有图片或嵌入的对象，附件如果是这样贴上去的，读不出内容，请改用发放的填报表填写"
        if found.pictures
        else ""
    )


def _year(taken: Submission, policy: Policy) -> Iterator[str]:
    stated = next((fact.raw for fact in taken.facts if FIELDS[fact.field].kind is Kind.YEAR), "")
    if not stated:
        yield f"附件里没有写明年度，表上印的是{policy.year}年度；请核对。"
    elif stated != str(policy.year):
        yield f"附件写的是{stated}年度，这次用的是{policy.year}年度的填报表；请核对。"


def _computed(fields: dict[str, Any], lines: list[dict[str, Any]], policy: Policy, held: set[str]) -> Iterator[str]:
    """Remark on blank cells that the form will compute by itself once it is opened."""
    layouts = [lay_out(form, lines, form_words(policy)) for form in FORMS if form.id in held]
    derived = [box.field for layout in layouts for box in layout.boxes if box.role == "derived" and box.field]
    blank = [asked.label for asked in derived if asked.name not in fields]
    if blank:
        yield f"以下各格在文档里是空白的，填报表打开后会由表内公式自动计算，请核对：{'、'.join(blank)}。"


def _read_back(book: bytes, taken: Submission, fields: dict[str, Any], year: int, answers: Answers) -> Iterator[str]:
    """Read the written form as it will be read when it is sent, and remark on differences."""
    again = reading.read("", book, year, answers)
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


def _both(taken: Submission, again: Submission) -> Iterable[list[dict[str, Any]]]:
    return taken.indicators, again.indicators
