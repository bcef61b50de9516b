"""`jixiao import`: what a Word report holds of the annexes stands on the form, and what does not is told."""

from __future__ import annotations

import io
import re
import time
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Length
from docx.table import _Cell

from pipeline.__main__ import main
from pipeline.documents.import_annexes import import_annexes
from pipeline.guard import Refused
from pipeline.reading import read
from pipeline.reading.parse_cell import clean, is_blank
from schemas.forms import FIELDS, INDICATORS
from schemas.forms.annex_1_2 import ANNEX_1_2
from schemas.forms.model import Kind
from tests.conftest import evaluated_files
from tests.support import filed, worded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from docx.document import Document

    from schemas.policy import Policy

OFFICE = "衡阳县科技和工业信息化局"


def _values(seed: dict[str, Any]) -> dict[str, Any]:
    """Give what each field of a return says, read as one value at a time."""
    return {
        name: clean(str(raw), FIELDS[name].kind).value
        for name, raw in seed["fields"].items()
        if not is_blank(str(raw)) and FIELDS[name].kind is not Kind.YEAR
    }


def _read(book: bytes, policy: Policy) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    reading = read.read("x.xlsx", book, policy.year)
    assert not reading.reason
    facts = {fact.field: fact.value for fact in reading.facts if fact.value is not None}
    assert facts.pop("fiscal_year") == policy.year
    return facts, reading.indicators


def _opened(content: bytes) -> Document:
    return docx.Document(io.BytesIO(content))


def _changed(content: bytes, change: Callable[[Document], object]) -> bytes:
    document = _opened(content)
    change(document)
    return worded.saved(document)


def _row_below(table: Any) -> Any:
    return table.add_row()


@pytest.mark.parametrize("split", [0, 8, 20], ids=["whole", "split in the outputs", "split in the benefits"])
def test_every_value_of_the_seed_arrives_in_its_field(seed: dict[str, Any], policy: Policy, split: int) -> None:
    """Each figure, text and indicator of the seed's tables stands on the form, whether a table is whole or in two."""
    result = import_annexes(worded.document(seed, split=split), policy)
    facts, rows = _read(result.book, policy)
    expected = _values(seed)
    assert facts == expected
    assert len(expected) == 41  # counted in the seed: 23 of annex 1-1, 18 of annex 1-2 without its year
    assert len(rows) == result.rows == 26
    for row, line in zip(rows, seed["indicators"], strict=True):
        for name in ("level3", "target", "actual"):
            assert row[name].strip() == str(line.get(name, "")).strip()
        assert row["criterion"] == line["criterion"]
    filed_weights = [(row["row"], row["filed_weight"], row["filed_self_points"]) for row in rows if row["raw_weight"]]
    assert filed_weights == [(1, 50, 46), (16, 30, 28), (26, 10, 9)]  # as in the seed: a block's first row
    assert result.unplaced == []
    assert result.missing == []
    (points,) = evaluated_files({OFFICE: result.book}, policy).summary["points"]
    assert points == 76.02  # as the return itself, filed as a workbook
    assert result.department == OFFICE


def test_a_document_with_one_annex_gives_that_one_and_misses_the_other(seed: dict[str, Any], policy: Policy) -> None:
    """Of a report with annex 1-2 alone, its values stand on the form, and that 1-1 is missing is told."""
    result = import_annexes(worded.document(seed, annexes=(1,)), policy)
    facts, _ = _read(result.book, policy)
    assert facts["funds_budget"] == 999.38
    assert "authorised_posts" not in facts
    (missing,) = result.missing
    assert "附件1-1" in missing
    assert "文档" in missing


def test_amounts_in_yuan_stand_on_the_form_in_wan(seed: dict[str, Any], policy: Policy) -> None:
    """A report whose form says 元 of its funds fills the form in 万元, and the words that say so are told."""
    asked = {each.name for each in ANNEX_1_2.fields() if each.kind is Kind.AMOUNT}
    amounts = {name: value for name, value in _values(seed).items() if name in asked}
    in_yuan = filed.changed(seed, {"fields": {name: round(value * 10000) for name, value in amounts.items()}}, OFFICE)

    def say_yuan(document: Document) -> None:
        cells = (cell for table in document.tables for row in table.rows for cell in row.cells)
        next(cell for cell in cells if cell.text == "部门资金（万元）").text = "部门资金（元）"

    result = import_annexes(_changed(worded.document(in_yuan, annexes=(1,)), say_yuan), policy)
    facts, _ = _read(result.book, policy)
    assert {name: facts[name] for name in amounts} == amounts
    assert any("部门资金(元)" in told and "换算为万元" in told for told in result.missing)


def test_what_has_no_place_is_listed(seed: dict[str, Any], policy: Policy) -> None:
    """A row, a remark, a text box, a table of another kind and a nested table are told in full, and not on the form."""

    def add(document: Document) -> None:
        first, second = document.tables[:2]
        line = _row_below(first)
        line.cells[0].text, line.cells[1].text = "培训费", "12.34"
        second.cell(1, 2).add_table(1, 1).cell(0, 0).text = "格内小表"
        document.add_paragraph("备注：本表口径含下属单位。")
        other = document.add_table(1, 2)
        other.cell(0, 0).text = "项目清单"

    result = import_annexes(_changed(worded.document(seed), add), policy)
    texts = [text for _, text in result.unplaced]
    for told in ("培训费", "12.34", "格内小表", "备注：本表口径含下属单位。"):
        assert told in texts
    assert any("项目清单" in text for text in texts)
    assert _read(result.book, policy)[0] == _values(seed)


def test_a_text_that_goes_on_in_a_row_below_stands_on_the_form(seed: dict[str, Any], policy: Policy) -> None:
    """A measure in a row added below 厉行节约保障措施 ends that text, and is not listed as left over."""

    def add(document: Document) -> None:
        _row_below(document.tables[0]).cells[1].text = "5、双面打印。"

    result = import_annexes(_changed(worded.document(seed), add), policy)
    assert _read(result.book, policy)[0]["economy_measures"].endswith("\n5、双面打印。")
    assert result.unplaced == []


def test_nothing_written_into_a_blank_cell_is_lost(seed: dict[str, Any], policy: Policy) -> None:
    """A text of its own in each blank cell of the tables stands on the form or in the list, whatever the cell is."""
    marks: list[str] = []

    def mark(document: Document) -> None:
        for table in document.tables:
            inside: Any = table._tbl  # noqa: SLF001 - its cells are each merged cell once
            for cell in inside.iter_tcs():
                if not "".join(cell.xpath(".//w:t/text()")).strip() and cell.vMerge != "continue":
                    marks.append(f"标记{len(marks)}号")
                    _Cell(cell, table).text = marks[-1]

    result = import_annexes(_changed(worded.document(seed, split=8), mark), policy)
    reading = read.read("x.xlsx", result.book, policy.year)
    told = [fact.raw for fact in reading.facts] + [text for _, text in result.unplaced]
    told += [str(value) for row in reading.indicators for value in row.values()]
    assert len(marks) > 30
    assert [each for each in marks if not any(each in text for text in told)] == []


def test_a_row_written_twice_is_left_blank_and_told(seed: dict[str, Any], policy: Policy) -> None:
    """Which of two rows of one name counts is not guessed: neither is taken, and both figures are listed."""

    def twice(document: Document) -> None:
        line = _row_below(document.tables[0])
        line.cells[0].text, line.cells[1].text = "公务接待", "9.99"

    result = import_annexes(_changed(worded.document(seed), twice), policy)
    facts, _ = _read(result.book, policy)
    assert "reception_outturn" not in facts
    assert any("公务接待" in each for each in result.missing)
    assert {"9.99", "1.49"} <= {text for _, text in result.unplaced}


def test_texts_stay_texts(seed: dict[str, Any], policy: Policy) -> None:
    """A formula, markup, an odd letter and what only looks like a number stand on the form as they were written."""
    texts = {
        "economy_measures": '=HYPERLINK("http://x","y") <b>&amp;</b> 😀\ud7ff',
        "deviation_reasons": "+1-2",
        "remedies": "@SUM(A1)\n=1+1",
        "basic_outturn": "5 64.62",
    }
    result = import_annexes(worded.document(filed.changed(seed, {"fields": texts}, OFFICE)), policy)
    reading = read.read("x.xlsx", result.book, policy.year)
    raw = {fact.field: fact.raw for fact in reading.facts}
    assert {name: raw[name] for name in texts} == texts
    assert "basic_outturn" not in {fact.field for fact in reading.facts if fact.value is not None}
    with zipfile.ZipFile(io.BytesIO(result.book)) as book:
        assert not any(b"HYPERLINK" in book.read(name) for name in book.namelist() if "worksheets" in name)


def test_text_under_revision_and_in_content_controls_is_read(seed: dict[str, Any], policy: Policy) -> None:
    """Inserted text and a content control count, deleted text does not, and that there are revisions is told."""
    content = worded.document(seed)
    part = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    run = re.search(r"<w:r><w:t>999\.38</w:t></w:r>", part)
    assert run
    revised = part.replace(
        run[0],
        '<w:del w:id="1" w:author="a"><w:r><w:delText>1</w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="a"><w:r><w:t>99</w:t></w:r></w:ins>'
        "<w:sdt><w:sdtContent><w:r><w:t>9.38</w:t></w:r></w:sdtContent></w:sdt>",
    )
    result = import_annexes(_with(content, "word/document.xml", revised.encode()), policy)
    assert _read(result.book, policy)[0]["funds_budget"] == 999.38
    assert any("修订" in each for each in result.doubts)


def test_points_merged_over_a_part_of_a_block_are_told(seed: dict[str, Any], policy: Policy) -> None:
    """A weight in one cell over three of fifteen rows stands in the first, and that it is shared is told."""
    change = {"rows": {"2": {"weight": ""}, "4": {"weight": 35, "self_points": 31}}}
    made = _changed(
        worded.document(filed.changed(seed, change, OFFICE)),
        lambda document: _merge(document.tables[1], ("50", "35")),
    )
    told = [each for each in import_annexes(made, policy).doubts if "合并" in each]
    assert any("第1至3行的分值“50”" in each for each in told)


def _merge(table: Any, texts: tuple[str, ...]) -> None:
    """Merge the cell of the first text down to the row above the second."""
    column = len(INDICATORS.columns) - 1
    rows = [number for number in range(len(table.rows)) if table.cell(number, column).text in texts]
    first, second = rows[0], rows[-1]
    table.cell(first, column).merge(table.cell(second - 1, column)).text = texts[0]


def test_a_table_whose_columns_fit_no_other_is_not_joined(seed: dict[str, Any], policy: Policy) -> None:
    """Rows that go on in a table of other columns and another width are listed, never put under the wrong heads."""

    def narrow(document: Document) -> None:
        lower: Any = document.tables[2]._tbl  # noqa: SLF001 - what python-docx has no name for
        for grid in lower.tblGrid.gridCol_lst[:1]:
            lower.tblGrid.remove(grid)
        for line in lower.tr_lst:
            line.remove(line.tc_lst[0])

    result = import_annexes(_changed(worded.document(seed, split=8), narrow), policy)
    assert len(_read(result.book, policy)[1]) == 7
    assert "帮助企业申报科技项目" in {text for _, text in result.unplaced}


def test_a_table_that_goes_on_with_fewer_columns_is_joined_by_its_edges(seed: dict[str, Any], policy: Policy) -> None:
    """Of a table whose lower part has two columns as one, every indicator still stands under its own heads."""

    def join(document: Document) -> None:
        lower: Any = document.tables[2]._tbl  # noqa: SLF001 - what python-docx has no name for
        first, second = lower.tblGrid.gridCol_lst[:2]
        assert first.w
        assert second.w
        second.w = Length(first.w + second.w)
        lower.tblGrid.remove(first)
        for line in lower.tr_lst:
            if line.tc_lst[0].grid_span == 1:
                line.remove(line.tc_lst[0])
            else:
                line.tc_lst[0].grid_span -= 1

    result = import_annexes(_changed(worded.document(seed, split=8), join), policy)
    facts, rows = _read(result.book, policy)
    assert facts["goal_planned"].startswith("2021年，科工信局")
    assert [(row["level3"], row["target"]) for row in rows] == [
        (row["level3"], row["target"]) for row in seed["indicators"]
    ]


def test_annexes_without_any_heading_are_found(seed: dict[str, Any], policy: Policy) -> None:
    """Two tables without 附件 and title above them are still the annexes, and their figures go to the right one."""

    def bare(document: Document) -> None:
        for paragraph in list(document.paragraphs):
            if paragraph.text.startswith("附件") or paragraph.text.startswith("部门整体支出绩效"):
                element: Any = paragraph._p  # noqa: SLF001 - nor for this
                element.getparent().remove(element)

    result = import_annexes(_changed(worded.document(seed), bare), policy)
    assert _read(result.book, policy)[0] == _values(seed)


def test_a_small_table_above_an_annex_is_read_with_it(seed: dict[str, Any], policy: Policy) -> None:
    """Where 填报单位 stands in a table of its own above the annex, the department is still found."""

    def above(document: Document) -> None:
        line = next(each for each in document.paragraphs if each.text.startswith("填报单位（盖章）"))
        small = document.add_table(1, 2)
        small.cell(0, 0).text, small.cell(0, 1).text = "填报单位（盖章）：", OFFICE
        element: Any = line._p  # noqa: SLF001 - python-docx moves nothing
        element.addprevious(small._tbl)  # noqa: SLF001
        element.getparent().remove(element)

    result = import_annexes(_changed(worded.document(seed), above), policy)
    assert _read(result.book, policy)[0] == _values(seed)


def test_an_annex_that_stands_twice_is_told(seed: dict[str, Any], policy: Policy) -> None:
    """Of two filled copies of an annex one is read, and that there are two, and in which tables, is told."""
    result = import_annexes(worded.document(seed, annexes=(0, 1, 1)), policy)
    assert any("第2个表格、第3个表格" in each for each in result.missing)
    assert any("第3个表格" in where for where, _ in result.unplaced)


# ---------------------------------------------------------------------- what is no document


def _with(content: bytes, name: str, part: bytes) -> bytes:
    """Give a document with another part in place of one of its own."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            new.writestr(each, part if each == name else old.read(each))
        if name not in old.namelist():
            new.writestr(name, part)
    return stream.getvalue()


def _hostile(seed: dict[str, Any]) -> dict[str, tuple[bytes, str]]:
    good = worded.document(seed)
    part = zipfile.ZipFile(io.BytesIO(good)).read("word/document.xml")
    dtd = part.replace(b"<w:document", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><w:document', 1)
    wide = part.replace(b"<w:tcPr>", b'<w:tcPr><w:gridSpan w:val="999999"/>', 1)
    deep = part.replace(b"<w:body>", b"<w:body>" + b"<w:sdt>" * 70 + b"</w:sdt>" * 70, 1)
    types = zipfile.ZipFile(io.BytesIO(good)).read("[Content_Types].xml")
    return {
        "a .doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版 Word"),
        "nothing": (b"", "空的"),
        "a text": ("部门整体支出".encode(), "不是 Word 文档"),
        "a workbook": (filed.workbook(seed), "是 Excel 工作簿"),
        "a DTD": (_with(good, "word/document.xml", dtd), "DTD"),
        "a DTD where nobody looks": (_with(good, "customXml/item1.xml", dtd), "DTD"),
        "a bomb": (_with(good, "word/media/a.bin", b"\0" * (50 * 2**20)), "过大"),
        "a wide cell": (_with(good, "word/document.xml", wide), "不合常规"),
        "a deep part": (_with(good, "word/document.xml", deep), "不合常规"),
        "half a part": (_with(good, "word/document.xml", part[: len(part) // 2]), "损坏"),
        "half a file": (good[: len(good) // 2], "损坏"),
        "macros": (_with(good, "word/vbaProject.bin", b"x"), "带宏"),
        "another kind": (
            _with(good, "[Content_Types].xml", types.replace(b"document.main+xml", b"template.main+xml")),
            "不是 Word 文档",
        ),
    }


def test_what_is_no_plain_document_is_refused(seed: dict[str, Any], policy: Policy) -> None:
    """A .doc, a text, a workbook, a bomb, a DTD and damage are refused, with a reason that speaks of Word."""
    for kind, (content, reason) in _hostile(seed).items():
        with pytest.raises(Refused, match=reason) as refusal:
            import_annexes(content, policy)
        assert ".xlsx" not in str(refusal.value), kind


def test_the_command_writes_the_form_and_the_list(
    seed: dict[str, Any], policy: Policy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The form and the list lie in the folder, what stood there is kept under a new name, and the status is 0."""
    report = tmp_path / "报告.docx"
    report.write_bytes(worded.document(seed))
    out = tmp_path / "out"
    out.mkdir()
    (out / f"{OFFICE}.xlsx").write_bytes(b"checked by hand")
    assert main(["import", str(report), "-o", str(out)]) == 0
    assert _read((out / f"{OFFICE}.xlsx").read_bytes(), policy)[0] == _values(seed)
    assert (out / f"{OFFICE}（旧1）.xlsx").read_bytes() == b"checked by hand"
    assert "正文4段" in (out / f"{OFFICE}（导入说明）.txt").read_text(encoding="utf-8-sig")
    assert "改名为" in capsys.readouterr().out
    assert main(["import", str(report), "-o", str(out)]) == 0  # the same again: nothing to keep
    assert len(list(out.glob("*.xlsx"))) == 2


def test_statuses(seed: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No annex: 1; no such file, or none that can be read: 2; the good one beside them is written all the same."""
    good, empty, old = (tmp_path / name for name in ("a.docx", "b.docx", "c.doc"))
    good.write_bytes(worded.document(seed))
    empty.write_bytes(worded.saved(docx.Document()))
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    out = str(tmp_path / "out")
    assert main(["import", str(empty), "-o", out]) == 1
    assert "没有找到附件1-1" in capsys.readouterr().err
    assert main(["import", str(tmp_path / "none.docx"), "-o", out]) == 2
    assert not (tmp_path / "out").exists()
    assert main(["import", str(old), str(good), "-o", out]) == 2
    assert len(list((tmp_path / "out").glob("*.xlsx"))) == 1


def test_a_document_gives_the_same_bytes_each_time(seed: dict[str, Any], policy: Policy) -> None:
    """The same document gives the same workbook."""
    content = worded.document(seed)
    assert import_annexes(content, policy).book == import_annexes(content, policy).book


def _tables(document: Document, count: int, columns: Callable[[int], int], between: str = "") -> None:
    """Add so many small tables at the end of a document, and a paragraph after each where it has words."""
    body = document.element.body
    for number in range(count):
        cells = [f"x{number}"] * columns(number)
        grid = "".join(f'<w:gridCol w:w="{1000 + 7 * number + at}"/>' for at in range(len(cells)))
        row = "".join(f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>" for text in cells)
        made = f"<w:tbl {nsdecls('w')}><w:tblPr/><w:tblGrid>{grid}</w:tblGrid><w:tr>{row}</w:tr></w:tbl>"
        made += f"<w:p><w:r><w:t>{between}</w:t></w:r></w:p>" if between else ""
        for element in parse_xml(f"<w:body {nsdecls('w')}>{made}</w:body>"):
            body.insert(len(body) - 1, element)


MANY: dict[str, Callable[[Document], object]] = {
    "alike": lambda document: _tables(document, 3000, lambda _: 4),
    "of many widths": lambda document: _tables(document, 3000, lambda number: 2 + number % 5),
    "with words between": lambda document: _tables(document, 3000, lambda _: 4, "说明"),
    "with headings between": lambda document: _tables(document, 3000, lambda _: 4, "附件1-1"),
    "headings only": lambda document: [document.add_paragraph("附件1-1") for _ in range(3000)],
}


@pytest.mark.parametrize("name", MANY)
@pytest.mark.slow
def test_time_grows_with_the_document(seed: dict[str, Any], policy: Policy, name: str) -> None:
    """Three thousand tables or headings behind the annexes take seconds, whatever they look like, or are refused."""
    content = _changed(worded.document(seed), MANY[name])
    assert len(content) < 200_000
    before = time.process_time()
    with suppress(Refused):
        import_annexes(content, policy)
    assert time.process_time() - before < 15


def test_tables_whose_edges_run_together_are_not_joined(seed: dict[str, Any], policy: Policy) -> None:
    """Where tables between the parts of a table leave no two edges apart, the annexes are read as without them."""
    content = _changed(worded.document(seed), lambda document: _tables(document, 90, lambda number: 2 + number % 5))
    result = import_annexes(content, policy)
    assert _read(result.book, policy)[0] == _values(seed)
