"""填报表对照: a bureau says in a table what its own forms print, and returns in those words are read whole."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import docx
import openpyxl
import pytest

from pipeline.__main__ import main
from pipeline.lists import local_words
from pipeline.lists.sheet_list import ListError
from pipeline.reading.read import read
from pipeline.workbooks.local_words import write_local_words
from schemas.file_names import LOCAL_WORDS as FILE
from schemas.file_names import LOCAL_WORDS_TOML as TOML
from schemas.forms import FORMS
from schemas.forms.local_words import LocalWordsError
from schemas.forms.own_edition import may_be_absent
from schemas.forms.printed_words import labels_of
from schemas.lists.local_words import COLUMNS
from schemas.text.normalise import normalise_label
from tests.support import filed, worded
from tests.support.pages import Cells, pages, saved
from tests.support.written import table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from pipeline.reading.submission import Submission
    from schemas.forms.answered import Answers

NUMERALS = "甲乙丙丁戊己庚辛壬癸"
FUNDS = "部门资金（万元）·年度资金总额"
MONEY = "经费控制情况（万元）"


def own_words() -> dict[str, str]:
    """Give words that are like none of ours for all that the forms print: 县表甲乙栏, and titles."""
    labels = [label for form in FORMS for label in labels_of(form)]
    words = dict.fromkeys(normalise_label(label.words) for label in labels)
    titles = {normalise_label(form.title) for form in FORMS}
    numbered = {each: NUMERALS[number // 10] + NUMERALS[number % 10] for number, each in enumerate(words)}
    return {each: f"本县自行印发之{n}表" if each in titles else f"县表{n}栏" for each, n in numbered.items()}


def filled(own: Mapping[str, str], *, ticked: Collection[tuple[str, str]] = ()) -> bytes:
    """Fill the blank table: own words by ours as they compare, and ticks by part and our words."""
    book = openpyxl.load_workbook(io.BytesIO(write_local_words()))
    columns = list(COLUMNS)
    for line in list(book.active.iter_rows())[3:]:
        cell = dict(zip(columns, line, strict=True))
        part, words = str(cell["part"].value or ""), str(cell["words"].value)
        if (part, words) in ticked:
            cell["absent"].value = "√"
        else:
            cell["own"].value = own.get(normalise_label(words))
    return bytes_of(book)


def bytes_of(book: openpyxl.Workbook) -> bytes:
    """Give a workbook as bytes."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def typed(**cells: str) -> bytes:
    """Give the blank table with texts typed into cells, E7 and the like."""
    book = openpyxl.load_workbook(io.BytesIO(write_local_words()))
    for at, text in cells.items():
        book.active[at] = text
    return bytes_of(book)


def line_of(annex: str, words: str, part: str = "") -> int:
    """Give the line of the blank table that some words of ours stand on."""
    rows = openpyxl.load_workbook(io.BytesIO(write_local_words())).active.iter_rows(values_only=True)
    return next(
        number for number, row in enumerate(rows, 1) if (row[0], row[3]) == (annex, words) and part in (row[1] or "")
    )


def in_own_words(sheets: dict[str, Any], own: Mapping[str, str]) -> dict[str, Any]:
    """Give the sheets of a return with the bureau's words in the place of ours."""
    prompts = [label.words for form in FORMS for label in labels_of(form) if label.what == "prompts"]

    def said(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        start = next((each for each in sorted(prompts, key=len, reverse=True) if value.startswith(each)), "")
        if start:
            return own[normalise_label(start)] + value.removeprefix(start)
        return own.get(normalise_label(value), value)

    return {
        f"表{number}": ({at: said(value) for at, value in cells.items()}, merges)
        for number, (cells, merges) in enumerate(sheets.values())
    }


def facts(reading: Submission) -> dict[str, Any]:
    """Give what was understood of each field."""
    return {fact.field: fact.value for fact in reading.facts}


def rows(reading: Submission) -> list[tuple[Any, ...]]:
    """Give what was read of each indicator."""
    names = ("criterion", "aspect", "level3", "target", "actual", "filed_weight", "filed_self_points")
    return [tuple(row[name] for name in names) for row in reading.indicators]


@pytest.fixture(scope="module")
def sheets() -> dict[str, Any]:
    """A return without a fault, as sheets of cells."""
    return pages(filed.workbook(filed.load()))


@pytest.fixture(scope="module")
def ours(sheets: dict[str, Any]) -> Submission:
    """The return as it is read in our own words."""
    return read("某局.xlsx", saved(sheets), 2021)


def answers(content: bytes) -> Answers:
    """Give what a filled table comes to."""
    return local_words.answers_of(FILE, content)


def test_a_return_in_words_of_its_own_is_read_whole(sheets: dict[str, Any], ours: Submission) -> None:
    """Titles, prompts, heads, rows and levels all say something else: with the table every fact and row is the same."""
    own = own_words()
    sent = saved(in_own_words(sheets, own))
    assert read("某局.xlsx", sent, 2021).reason  # as it is, nothing of it is known
    found = read("某局.xlsx", sent, 2021, answers(filled(own)))
    assert facts(found) == facts(ours)
    assert len(rows(ours)) == 26  # [[indicators]] of the seed's return
    assert rows(found) == rows(ours)
    assert {each.rule for each in found.findings} == {each.rule for each in ours.findings}


def without(page: tuple[Cells, list[Any]], words: set[str]) -> tuple[Cells, list[Any]]:
    """Give a page without the rows that begin with some words."""
    cells, merges = page
    gone = {row for (row, _), value in cells.items() if isinstance(value, str) and value.strip() in words}
    return {at: value for at, value in cells.items() if at[0] not in gone}, merges


def test_what_the_form_does_not_have_is_not_missed(sheets: dict[str, Any], ours: Submission) -> None:
    """Ticked off: 政府采购 and 厉行节约 of 1-1, the column 上年决算数: nothing is said of these; the rest stays."""
    first, second = sheets.values()
    first = without(first, {"4、政府采购金额", "厉行节约保障措施"})
    head = next(at for at, value in first[0].items() if value == "上年决算数")
    first = {at: value for at, value in first[0].items() if at[1] != head[1] or at[0] < head[0]}, first[1]
    sent = saved(dict(zip(sheets, (first, second), strict=True)))
    ticked = {(MONEY, "4、政府采购金额"), ("厉行节约保障措施",) * 2, (MONEY, "上年决算数")}
    missed = {"row_not_found", "column_not_found", "sections_missing"}
    before = {each.rule for each in read("某局.xlsx", sent, 2021).findings}
    assert before >= missed
    found = read("某局.xlsx", sent, 2021, answers(filled({}, ticked=ticked)))
    assert not missed & {each.rule for each in found.findings}
    gone = {name for name in facts(ours) if "procurement" in name or name.endswith("prior_outturn")}
    assert facts(found) == {
        name: value for name, value in facts(ours).items() if name not in gone | {"economy_measures"}
    }


def test_a_return_on_our_form_loses_nothing(sheets: dict[str, Any], ours: Submission) -> None:
    """What the bureau's form does not have is read all the same where a department sends the program's own form."""
    ticked = {(MONEY, "4、政府采购金额"), (MONEY, "上年决算数")}
    found = read("某局.xlsx", saved(sheets), 2021, answers(filled({}, ticked=ticked)))
    assert facts(found) == facts(ours)


def test_all_that_may_be_ticked_off_of_an_annex(sheets: dict[str, Any], ours: Submission) -> None:
    """Of 1-2 the office, and what was planned and reached, are enough to be read; all of 1-1 is told as no form."""
    mine = [
        label for label in labels_of(FORMS[1]) if label.what in {"heads", "rows"} and may_be_absent(FORMS[1], label)
    ]
    second = {(label.part, label.words) for label in mine}
    cells, merges = without(
        sheets[FORMS[1].sheet], {label.words for label in labels_of(FORMS[1]) if label.what == "rows"}
    )
    cells = {at: value for at, value in cells.items() if value not in {words for _, words in second}}
    sent = saved(sheets | {FORMS[1].sheet: (cells, merges)})
    found = read("某局.xlsx", sent, 2021, answers(filled({}, ticked=second)))
    assert [row[2:5] for row in rows(found)] == [row[2:5] for row in rows(ours)]
    first = {(label.part, label.words) for label in labels_of(FORMS[0]) if may_be_absent(FORMS[0], label)}
    with pytest.raises(LocalWordsError, match="附件1-1：全部勾了“本县的表没有”"):
        answers(filled({}, ticked=first))


def test_words_taken_from_another_field_are_of_that_one_no_longer(sheets: dict[str, Any], ours: Submission) -> None:
    """The program knows 决算数 as 当年决算数; where the bureau's form means 上年决算数 by it, it is that."""
    cells, merges = sheets[FORMS[0].sheet]
    swapped = {"上年决算数": "决算数", "当年决算数": "本年数"}
    sent = sheets | {FORMS[0].sheet: ({at: swapped.get(value, value) for at, value in cells.items()}, merges)}
    found = read("某局.xlsx", saved(sent), 2021, answers(filled(swapped)))
    assert facts(found) == facts(ours)


@pytest.mark.parametrize(
    ("words", "column", "text", "told"),
    [
        ("当年决算数", "E", "当年预算数", "在本程序是同一部分的另一项，不能又是“当年决算数”"),
        ("当年决算数", "F", "有", "“本县的表没有”只填“√”，“有”看不懂"),
        ("当年决算数", "E", "123", "“123”不像表上的文字"),
        ("当年决算数", "C", "栏目", "“是什么”应是表名、提示语、表头、项目、一二级指标之一"),
        ("当年决算数", "D", "当年决算", "里没有“当年决算”，请不要改动前四栏"),
        ("当年决算数", "E", "=A1&B1", "是公式，没有计算结果"),
        ("部门整体支出绩效评价基础数据表", "E", "数据表", "太短"),
        ("部门整体支出绩效评价基础数据表", "E", "项目支出绩效自评表", "的表名，不能作为附件1-1的表名"),
    ],
)  # fmt: skip
def test_what_is_doubtful_is_told_with_its_cell(words: str, column: str, text: str, told: str) -> None:
    """Each doubtful entry is told with the line it stands on, and nothing of the table is used."""
    line = line_of("附件1-1", words)
    with pytest.raises((ListError, LocalWordsError), match=rf"第{line}行[\s\S]*{told}"):
        answers(typed(**{f"{column}{line}": text}))


def test_one_text_for_two_and_both_answers_are_told() -> None:
    """One text for two fields of a part, and a line that is filled and ticked off, are told, all in one message."""
    one, other, both = (line_of("附件1-1", words) for words in ("当年决算数", "上年决算数", "公务接待"))
    with pytest.raises(LocalWordsError) as caught:
        answers(typed(**{f"E{one}": "决算金额", f"E{other}": "决算金额", f"E{both}": "接待费", f"F{both}": "√"}))
    assert str(caught.value).splitlines()[0] == f"填报表对照 {FILE} 有2处要改："
    assert f"第{other}行“本县表上的文字”：“决算金额”已经写给了“当年决算数”（第{one}行“本县表上的文字”）" in str(
        caught.value
    )
    assert f"第{both}行“本县表上的文字”：“公务接待”既写了“本县表上的文字”，又勾了“本县的表没有”" in str(caught.value)


@pytest.mark.parametrize("words", ["填报单位（盖章）", "三级指标", "年度指标值", "实际完成值"])
def test_what_is_needed_cannot_be_ticked_off(words: str) -> None:
    """Without the office, or what is planned and reached, nothing can be evaluated: a tick there is told."""
    line = line_of("附件1-2", words)
    with pytest.raises(LocalWordsError, match=f"第{line}行.*没有“{words}”就不能评价"):
        answers(typed(**{f"F{line}": "√"}))


def test_a_blank_table_says_nothing() -> None:
    """A table in which nothing is filled in is no table to go by."""
    with pytest.raises(LocalWordsError, match="都是空白的"):
        answers(write_local_words())


def test_made_filled_taken_and_used(tmp_path: Path, sheets: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """The whole road, no Python needed: --new, filled in, --take, and the run reads the county's own words."""
    inbox, own = tmp_path / "inbox", own_words()
    inbox.mkdir()
    (inbox / "某局.xlsx").write_bytes(saved(in_own_words(sheets, own)))
    assert main(["forms", "--new", "-o", str(tmp_path)]) == 0
    assert (tmp_path / FILE).read_bytes() == write_local_words()
    (tmp_path / FILE).write_bytes(filled(own))
    assert main(["forms", "--take", str(tmp_path / FILE), "--lists", str(inbox)]) == 0
    run = ["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--jobs", "1", "--year", "2021"]
    assert main(run) == 0
    (row,) = [each for each in table(tmp_path / "out" / "2021", "summary") if each["points"]]
    assert (tmp_path / "out" / "2021" / "部门评分" / f"{row['department']}.xlsx").is_file()
    passed = {each["source_file"]: each["reason"] for each in table(tmp_path / "out" / "2021", "submissions")}
    assert passed[TOML] == "填报表对照，不是报表"
    # The workbook itself beside it says the same, and that is fine; another one is told.
    (inbox / FILE).write_bytes(filled(own))
    assert main(run) == 0
    (inbox / FILE).write_bytes(filled(own | {"分值": "指标权数"}))
    capsys.readouterr()
    assert main(run) == 2
    assert "写的不一样，不知道用哪一份" in capsys.readouterr().err


def test_the_workbook_alone_is_enough(tmp_path: Path) -> None:
    """The filled workbook in the folder of lists is used as it is, the same as what is made of it."""
    (tmp_path / FILE).write_bytes(filled(own_words()))
    alone = local_words.find(tmp_path)
    (tmp_path / TOML).write_text(local_words.make_toml(FILE, filled(own_words())), encoding="utf-8")
    (tmp_path / FILE).unlink()
    assert local_words.find(tmp_path) == alone != ()


def test_a_faulty_toml_is_told(tmp_path: Path) -> None:
    """Words of the TOML that no form prints are told with their table."""
    (tmp_path / TOML).write_text('[annex_1_1.heads]\n"决算"=["决算金额"]\n', encoding="utf-8")
    with pytest.raises(LocalWordsError, match=r"\[annex_1_1\.heads\] 决算：.*没有“决算”"):
        local_words.find(tmp_path)


def test_check_knows_the_words(tmp_path: Path, sheets: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """With the table in the folder of lists, a form in the county's own words is checked; without it, it is no form."""
    sent, lists, own = tmp_path / "某局.xlsx", tmp_path / "名单", own_words()
    lists.mkdir()
    sent.write_bytes(saved(in_own_words(sheets, own)))
    asked = ["check", str(sent), "--year", "2021", "--lists", str(lists)]
    main(asked)
    assert "没有找到附件1-1、附件1-2中的任何一张表" in capsys.readouterr().out
    (lists / FILE).write_bytes(filled(own))
    main(asked)
    assert "目前得分 76.02 分" in capsys.readouterr().out  # as the seed's return in our own words


def test_import_knows_the_words(tmp_path: Path) -> None:
    """A report in the county's own words, titles among them, fills the form with the values that it has in ours."""
    seed, own = filed.load(), own_words()
    document = docx.Document(io.BytesIO(worded.document(seed)))
    prompts = [label.words for form in FORMS for label in labels_of(form) if label.what == "prompts"]
    cells = [cell for each in document.tables for row in each.rows for cell in row.cells]
    texts = [*document.paragraphs, *(paragraph for cell in cells for paragraph in cell.paragraphs)]
    for paragraph in {id(each._p): each for each in texts}.values():  # noqa: SLF001 - a merged cell is given many times
        said = own.get(normalise_label(paragraph.text), paragraph.text)
        for words in sorted(prompts, key=len, reverse=True):
            said = said.replace(f"{words}：", f"{own[normalise_label(words)]}：")
        if said != paragraph.text:
            paragraph.text = said
    (tmp_path / "报告.docx").write_bytes(worded.saved(document))
    (tmp_path / FILE).write_bytes(filled(own))
    asked = ["import", str(tmp_path / "报告.docx"), "-o", str(tmp_path / "out"), "--year", "2021"]
    assert main([*asked, "--lists", str(tmp_path)]) == 0
    (made,) = (tmp_path / "out").glob("*.xlsx")
    theirs = read("", made.read_bytes(), 2021, answers(filled(own)))  # levels stand there as they stood in the report
    ours = read("", filed.workbook(seed), 2021)
    assert facts(theirs) == facts(ours)
    assert rows(theirs) == rows(ours)
