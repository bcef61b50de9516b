"""What counts of a paragraph in Word: struck, hidden and deleted text does not, symbols and equations are letters."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import docx
import pytest
from docx.oxml.ns import nsdecls
from docx.oxml.parser import parse_xml

from pipeline.cli import import_word
from pipeline.documents.docx_styles import TextStyles, W
from pipeline.documents.docx_text import read_paragraph
from pipeline.documents.import_annexes import import_annexes
from pipeline.documents.symbols import UNKNOWN
from pipeline.reading.read import read
from tests.conftest import evaluated_files
from tests.support import filed, worded

if TYPE_CHECKING:
    from schemas.policy import Policy

MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def run(text: str, looks: str = "") -> str:
    """Write a run."""
    return f'<w:r><w:rPr>{looks}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def symbol(font: str, code: str) -> str:
    """Write a character inserted from a font."""
    return f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>'


def math(inner: str) -> str:
    """Write an equation."""
    return f"<m:oMath {MATH}>{inner}</m:oMath>"


def letter(text: str) -> str:
    """Write letters of an equation."""
    return f"<m:r><m:t>{text}</m:t></m:r>"


STRIKE, RAISED = "<w:strike/>", '<w:vertAlign w:val="superscript"/>'
RUBY = (
    "<w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>99</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>220人次</w:t></w:r>"
    "</w:rubyBase></w:ruby></w:r>"
)
FRACTION = math(f"<m:f><m:num>{letter('1')}</m:num><m:den>{letter('2')}</m:den></m:f>")
POWER = math(f"<m:sSup><m:e>{letter('10')}</m:e><m:sup>{letter('3')}</m:sup></m:sSup>")
FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>SUM(ABOVE)</w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>480.5</w:t></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)

PARAGRAPHS = [
    # what is written, what counts, what is left out
    (run("480.5") + run("1", RAISED), "480.5", ["1"]),
    (run("480.5") + run("①", RAISED), "480.5", ["①"]),
    (run("100m") + run("2", RAISED), "100m²", []),
    (run("5×10") + run("3", RAISED), "5×10³", []),
    (run("180", STRIKE) + run("220人次"), "220人次", ["180"]),
    (run("180", "<w:dstrike/>") + run("220人次"), "220人次", ["180"]),
    (run("220", '<w:strike w:val="0"/>') + run("人次"), "220人次", []),
    (run("180", STRIKE), "", ["180"]),
    (run("9", "<w:vanish/>") + run("220人次"), "220人次", ["9"]),
    (RUBY, "220人次", []),
    (f"<w:del><w:r><w:delText>180</w:delText></w:r></w:del><w:ins>{run('220')}</w:ins>", "220", ["180"]),
    (f"<w:moveFrom>{run('180')}</w:moveFrom>{run('220')}", "220", ["180"]),
    (FIELD, "480.5", []),
    (symbol("Symbol", "F0B3") + run("95%"), "≥95%", []),
    (symbol("Symbol", "F0A3") + run("50起"), "≤50起", []),
    (symbol("Wingdings 2", "F052") + run("优秀"), "☑优秀", []),
    (symbol("Wingdings", "F0FE") + run("优秀"), "☑优秀", []),
    (symbol("Wingdings", "F0A8") + run("良好"), "□良好", []),
    (symbol("Wingdings", "F021") + run("优秀"), f"{UNKNOWN}优秀", [f"{UNKNOWN}优秀"]),
    (run("\uf0b3", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>') + run("95%"), "≥95%", []),
    (FRACTION, "1/2", []),
    (POWER, "10³", []),
    (f"<w:sdt><w:sdtContent>{run('220人次')}</w:sdtContent></w:sdt>", "220人次", []),
]


@pytest.mark.parametrize(("written", "text", "left_out"), PARAGRAPHS, ids=lambda each: str(each)[:40])
def test_a_paragraph_says_what_a_person_sees(written: str, text: str, left_out: list[str]) -> None:
    """What a reader sees counts, in order; the rest is left out and told."""
    found = read_paragraph(parse_xml(f"<w:p {nsdecls('w')}>{written}</w:p>"))
    assert found.text == text
    assert [each for _, each in found.left_out] == left_out


STYLES = (
    "<w:docDefaults><w:rPrDefault><w:rPr/></w:rPrDefault></w:docDefaults>"
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"/>'
    '<w:style w:type="character" w:styleId="Void"><w:rPr><w:strike/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Twice"><w:rPr><w:dstrike/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Child"><w:basedOn w:val="Void"/><w:rPr><w:b/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Valid"><w:basedOn w:val="Void"/>'
    '<w:rPr><w:strike w:val="0"/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Unseen"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Mark"><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Sign">'
    '<w:rPr><w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Ring"><w:basedOn w:val="Ring2"/></w:style>'
    '<w:style w:type="character" w:styleId="Ring2"><w:basedOn w:val="Ring"/><w:rPr><w:strike/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Gone"><w:basedOn w:val="Normal"/><w:rPr><w:strike/></w:rPr></w:style>'
    '<w:style w:type="table" w:styleId="Old"><w:tblPr/><w:rPr><w:strike/></w:rPr></w:style>'
)


def styled(text: str, style: str, more: str = "") -> str:
    """Write a run in a character style."""
    return run(text, f'<w:rStyle w:val="{style}"/>{more}')


IN_STYLES = [
    # what is written, the style of its paragraph, what counts, what is left out
    (styled("180", "Void") + run("220人次"), "", "220人次", ["180"]),
    (styled("180", "Twice") + run("220人次"), "", "220人次", ["180"]),
    (styled("180", "Child") + run("220人次"), "", "220人次", ["180"]),
    (styled("180", "Valid") + run("人次"), "", "180人次", []),
    (styled("180", "Void", '<w:strike w:val="0"/>') + run("人次"), "", "180人次", []),  # what a run says itself decides
    (styled("180", "Ring") + run("220人次"), "", "220人次", ["180"]),
    (styled("9", "Unseen") + run("220人次"), "", "220人次", ["9"]),
    (run("480.5") + styled("1", "Mark"), "", "480.5", ["1"]),
    (styled("\uf0b3", "Sign") + run("95%"), "", "≥95%", []),
    (run("180人次"), "Gone", "", ["180人次"]),
    (styled("180人次", "Void"), "Gone", "180人次", []),  # struck twice over is not struck, as Word shows it
    (styled("180人次", "NoSuchStyle"), "NoSuchStyle", "180人次", []),
]


@pytest.mark.parametrize(("written", "paragraph", "text", "left_out"), IN_STYLES, ids=lambda each: str(each)[:40])
def test_styles_say_what_counts_too(written: str, paragraph: str, text: str, left_out: list[str]) -> None:
    """A style strikes, hides and raises text as the run itself may; what is nearer to the text decides."""
    styles = TextStyles(parse_xml(f"<w:styles {nsdecls('w')}>{STYLES}</w:styles>"))
    named = f'<w:pPr><w:pStyle w:val="{paragraph}"/></w:pPr>' if paragraph else ""
    found = read_paragraph(parse_xml(f"<w:p {nsdecls('w')}>{named}{written}</w:p>"), styles)
    assert found.text == text
    assert [each for _, each in found.left_out] == left_out


def test_a_table_may_be_struck_by_its_style() -> None:
    """The style of a table strikes the runs in its cells; a style and the defaults of the document likewise."""
    styles = TextStyles(parse_xml(f"<w:styles {nsdecls('w')}>{STYLES}</w:styles>"))
    table = parse_xml(
        f"<w:tbl {nsdecls('w')}><w:tblPr><w:tblStyle w:val='Old'/></w:tblPr>"
        f"<w:tr><w:tc><w:p>{run('180')}</w:p></w:tc></w:tr></w:tbl>"
    )
    assert read_paragraph(next(table.iter(f"{W}p")), styles) == ("", (("划去的文字", "180"),))
    default = STYLES.replace("<w:rPr/>", "<w:rPr><w:vanish/></w:rPr>", 1)
    hiding = TextStyles(parse_xml(f"<w:styles {nsdecls('w')}>{default}</w:styles>"))
    assert read_paragraph(parse_xml(f"<w:p {nsdecls('w')}>{run('180')}</w:p>"), hiding) == (
        "",
        (("隐藏的文字", "180"),),
    )


def test_a_report_with_a_style_that_strikes(clean: dict[str, Any], policy: Policy) -> None:
    """The figure that a character style of the document strikes is left out of the form, and listed."""
    document = docx.Document(io.BytesIO(with_cell(clean, "220人次", styled("180", "Void") + run("220人次"))))
    document.styles.element.append(
        parse_xml(
            f'<w:style {nsdecls("w")} w:type="character" w:styleId="Void"><w:name w:val="作废"/>'
            "<w:rPr><w:strike/></w:rPr></w:style>"
        )
    )
    result = import_annexes(worded.saved(document), policy)
    assert "220人次" in {row["actual"] for row in read("某局.xlsx", result.book, policy.year).indicators}
    assert [text for _, text in result.unplaced] == ["划去的文字“180”"]


def with_cell(base: dict[str, Any], old: str, written: str) -> bytes:
    """Give the report of a department in which the first cell that says something is written otherwise."""
    document = docx.Document(io.BytesIO(worded.document(base)))
    cells = (cell for table in document.tables for row in table.rows for cell in row.cells)
    paragraph = next(cell for cell in cells if cell.text == old).paragraphs[0]._p  # noqa: SLF001 - its element
    new = parse_xml(f"<w:p {nsdecls('w')}>{written}</w:p>")
    paragraph.getparent().replace(paragraph, new)
    return worded.saved(document)


@pytest.mark.parametrize(
    ("old", "written", "told"),
    [
        ("480.5", run("480.5") + run("1", RAISED), "注释标号等“1”"),
        ("220人次", run("180", STRIKE) + run("220人次"), "划去的文字“180”"),
        ("220人次", run("9", "<w:vanish/>") + run("220人次"), "隐藏的文字“9”"),
        ("220人次", RUBY, ""),
        ("≥95%", symbol("Symbol", "F0B3") + run("95%"), ""),
        ("优秀", symbol("Wingdings 2", "F052") + run("优秀"), ""),
    ],
    ids=["a mark", "struck", "hidden", "ruby", "a symbol", "a tick"],
)
def test_a_document_reads_as_the_plain_one_and_what_is_left_out_is_listed(
    clean: dict[str, Any], policy: Policy, old: str, written: str, told: str
) -> None:
    """The form says what the document shows; that all was taken over is said only where nothing was left out."""
    plain, odd = (import_annexes(each, policy) for each in (worded.document(clean), with_cell(clean, old, written)))
    before, after = (read("某局.xlsx", each.book, policy.year) for each in (plain, odd))
    assert [(fact.field, fact.value) for fact in after.facts] == [(fact.field, fact.value) for fact in before.facts]
    assert [row["target"] for row in after.indicators] == [row["target"] for row in before.indicators]
    assert [row["actual"] for row in after.indicators] == [row["actual"] for row in before.indicators]
    assert [text for _, text in odd.unplaced] == ([told] if told else [])
    assert ("附件的内容全部填入了表里" in "\n".join(import_word.import_report("x.docx", odd))) == (not told)


def test_a_bound_typed_as_a_symbol_is_one(clean: dict[str, Any], policy: Policy) -> None:
    """≤ from the font Symbol before 50起 is at most 50: 60起 is no full score."""
    base = filed.changed(clean, {"rows": {9: {"target": "≤50起", "actual": "60起"}}}, "某局")
    result = import_annexes(with_cell(base, "≤50起", symbol("Symbol", "F0A3") + run("50起")), policy)
    judged = evaluated_files({"某局": result.book}, policy).indicators.set_index("row")
    assert (judged.loc[9, "state"], judged.loc[9, "points"]) == ("partly", 6.4)  # 8 × (1 - 10/50)


def test_comments_of_a_document_are_listed(clean: dict[str, Any], policy: Policy) -> None:
    """What somebody noted beside an annex is no part of it, and is told."""
    document = docx.Document(io.BytesIO(worded.document(clean)))
    document.add_comment(document.tables[0].rows[0].cells[0].paragraphs[0].runs, "数字以决算为准", "某人")
    result = import_annexes(worded.saved(document), policy)
    assert ("批注", "数字以决算为准") in result.unplaced


def test_a_ticked_grade_is_the_one_with_the_tick() -> None:
    """Of ☑优秀 □良好 the ticked one is the grade; two ticks are none."""
    from pipeline.reading.parse_cell import clean as cleaned  # noqa: PLC0415 - the name of the fixture too
    from schemas.forms.model import Kind  # noqa: PLC0415

    said = {"☑优秀 □良好": "优秀", "□优秀 √良好": "良好", "☑优秀": "优秀", "优秀": "优秀", "☑优秀 ☑良好": "☑优秀 ☑良好"}
    assert {text: cleaned(text, Kind.GRADE).value for text in said} == said
