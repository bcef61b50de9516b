"""表头对照: unknown words are asked about, the bureau answers on the sheet, and the next run reads them."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from pipeline.__main__ import main
from pipeline.intake.head_answers import for_reading, in_force, mistake
from pipeline.lists.roster import Roster
from schemas.file_names import REVIEWS
from schemas.forms.answered import NOT_OURS, Answer, holding_for, with_answers
from schemas.forms.model import Heads
from schemas.lists.head_answers import COLUMNS, SHEET, HeadAnswer
from schemas.lists.roster import Member
from tests.support import filed
from tests.support.pages import pages, saved
from tests.support.written import table

if TYPE_CHECKING:
    from pathlib import Path

SIGNED = {"by": "张三", "date": "2022-05-01"}


class Bureau:
    """An inbox, its results, and the sheet on which the bureau answers."""

    def __init__(self, folder: Path, base: dict[str, Any]) -> None:
        """Begin with nothing received."""
        self.inbox, self.output, self.base = folder / "inbox", folder / "out", base
        self.year = self.output / "2021"
        self.inbox.mkdir()

    def receive(self, office: str, new: dict[str, str]) -> None:
        """Lay the return of an office into the inbox, some of its words replaced."""
        sheets = pages(filed.workbook(filed.changed(self.base, {}, office)))
        changed = {
            name: ({at: new.get(str(value).strip(), value) for at, value in cells.items()}, merges)
            for name, (cells, merges) in sheets.items()
        }
        (self.inbox / f"{office}.xlsx").write_bytes(saved(changed))

    def run(self) -> None:
        """Evaluate the inbox."""
        assert main(["evaluate", str(self.inbox), "-o", str(self.output), "--jobs", "1", "--year", "2021"]) == 0

    def sheet(self) -> list[dict[str, str]]:
        """Give the lines of the sheet that the run wrote."""
        rows = openpyxl.load_workbook(self.year / REVIEWS)[SHEET].iter_rows(values_only=True)
        lines = [[value or "" for value in row[: len(COLUMNS)]] for row in rows]
        head = lines.index(list(COLUMNS.values()))
        return [dict(zip(COLUMNS, line, strict=True)) for line in lines[head + 1 :] if any(line)]

    def answer(self, words: str, **typed: str) -> None:
        """Type an answer on the line of some words, in the list that the run wrote, and lay it into the inbox."""
        shutil.copy(self.year / REVIEWS, self.inbox / REVIEWS)
        book = openpyxl.load_workbook(self.inbox / REVIEWS)
        columns = list(COLUMNS)
        line = next(row for row in book[SHEET].iter_rows() if row[columns.index("words")].value == words)
        for name, value in ({} if typed.get("answer") == "" else SIGNED | typed).items():
            line[columns.index(name)].value = value
        book.save(self.inbox / REVIEWS)

    def findings(self, office: str) -> set[tuple[str, str, str]]:
        """Give what is said of words on the sheet of an office: rule, what stands there, what was looked for."""
        rows = [row for row in table(self.year, "findings") if row["department"] == office]
        return {
            (row["rule"], row["stated"], row["expected"]) for row in rows if row["rule"].endswith(("asked", "_found"))
        }

    def total(self, office: str) -> float:
        """Give the points of an office."""
        row = next(row for row in table(self.year, "summary") if row["department"] == office)
        return float(row["points"])


@pytest.fixture
def bureau(tmp_path: Path, clean: dict[str, Any]) -> Bureau:
    """Give a bureau that has received nothing."""
    return Bureau(tmp_path, clean)


ASKED = ("head_asked", "参考分值", "分值")


def test_asked_answered_and_read(bureau: Bureau) -> None:
    """参考分值 is asked about, once for both offices; the bureau answers 分值; both are then read as if it said so.

    丙局 has 分值 itself: with the answer all three have the same points, without it the two have other ones.
    """
    for office in ("甲局", "乙局"):
        bureau.receive(office, {"分值": "参考分值"})
    bureau.receive("丙局", {})
    bureau.run()
    assert bureau.findings("甲局") == bureau.findings("乙局") == {ASKED}
    (line,) = bureau.sheet()
    assert line == {
        "annex": "附件1-2",
        "words": "参考分值",
        "proposed": "分值",
        "asked_by": "乙局、甲局",
        **dict.fromkeys(("answer", "department", "by", "date", "told"), ""),
    }
    whole = bureau.total("丙局")
    bureau.answer("参考分值", answer="分值")
    bureau.run()
    assert bureau.findings("甲局") == bureau.findings("乙局") == set()
    assert bureau.total("甲局") == bureau.total("乙局") == whole
    (line,) = bureau.sheet()
    assert (line["answer"], line["by"], line["told"]) == ("分值", "张三", "已采用")


def test_an_answer_for_one_department_is_of_that_one_alone(bureau: Bureau) -> None:
    """参考分值 is 分值 on the sheet of 甲局; of 乙局 it is asked still, on a line of its own."""
    for office in ("甲局", "乙局"):
        bureau.receive(office, {"分值": "参考分值"})
    bureau.run()
    bureau.answer("参考分值", answer="分值", department="甲局")
    bureau.run()
    assert bureau.findings("甲局") == set()
    assert bureau.findings("乙局") == {ASKED}
    assert [(line["department"], line["asked_by"], line["told"]) for line in bureau.sheet()] == [
        ("甲局", "乙局、甲局", "已采用"),
        ("", "乙局", ""),
    ]


def test_an_answer_for_one_department_stands_in_the_place_of_that_for_all() -> None:
    """参考数 is 分值 for all, but on the sheet of 甲局 得分, and 分值 no longer; 评分数 is none of the form there."""
    said = (
        Answer("附件1-2", "参考数", "分值"),
        Answer("附件1-2", "参考数", "得分", ("甲局",)),
        Answer("附件1-2", "评分数", "得分"),
        Answer("附件1-2", "评分数", NOT_OURS, ("甲局",)),
    )
    for order in (said, said[::-1]):
        one, everyone = (with_answers(holding_for(order, (office,)))[1][0] for office in ("甲局", "乙局"))
        assert "参考数" in one.names_of("得分")
        assert "参考数" not in one.names_of("分值")
        assert "评分数" not in one.names_of("得分")
        assert "评分数" in one.also.not_ours
        assert "参考数" in everyone.names_of("分值")
        assert "参考数" not in everyone.names_of("得分")
        assert "评分数" in everyone.names_of("得分")


def test_an_answer_holds_for_every_edition() -> None:
    """What another edition prints in the place of 年初预期（设定）目标 has the answer on these words too."""
    for form in with_answers((Answer("附件1-2", "本年要做的", "年初预期（设定）目标"),))[1]:
        (head,) = [
            head
            for section in form.flat()
            if isinstance(section, Heads)
            for head in section.heads
            if head.field.name == "goal_planned"
        ]
        assert "本年要做的" in form.names_of(head.words), form.key


def test_an_answer_persists_and_one_that_is_taken_back_is_asked_again(bureau: Bureau) -> None:
    """Two runs with the same list give the same; with the list gone, the words are unknown again."""
    bureau.receive("甲局", {"公务接待": "公务招待支出"})
    bureau.run()
    bureau.answer("公务招待支出", answer="公务接待")
    bureau.run()
    first = bureau.sheet()
    shutil.copy(bureau.year / REVIEWS, bureau.inbox / REVIEWS)
    bureau.run()
    assert bureau.sheet() == first
    assert bureau.findings("甲局") == set()
    (bureau.inbox / REVIEWS).unlink()
    bureau.run()
    assert bureau.findings("甲局") == {("row_asked", "公务招待支出", "公务接待")}


def test_words_that_are_none_of_the_form_are_not_asked_again(bureau: Bureau) -> None:
    """The bureau says that 公务招待支出 is no line of the form: 公务接待 is told as missing, without a question."""
    bureau.receive("甲局", {"公务接待": "公务招待支出"})
    bureau.run()
    bureau.answer("公务招待支出", answer=NOT_OURS)
    bureau.run()
    assert bureau.findings("甲局") == {("row_not_found", "无", "公务接待")}


def test_a_line_with_a_mistake_is_not_used_and_says_so(bureau: Bureau) -> None:
    """An answer without a name is not in force: the sheet says what is missing, and the words are asked about still."""
    bureau.receive("甲局", {"分值": "参考分值"})
    bureau.run()
    bureau.answer("参考分值", answer="分值", by="")
    bureau.run()
    assert bureau.findings("甲局") == {ASKED}
    (line,) = bureau.sheet()
    assert line["told"] == "没有采用：没有填写姓名"


def test_a_list_from_before_there_was_the_sheet_gets_it(bureau: Bureau) -> None:
    """A list without 表头对照 keeps what the bureau made of it, and the questions stand on a new sheet."""
    bureau.receive("甲局", {"分值": "参考分值"})
    bureau.run()
    book = openpyxl.load_workbook(bureau.year / REVIEWS)
    del book[SHEET]
    book.create_sheet("本局备忘")["A1"] = "记得催乙局"
    stream = io.BytesIO()
    book.save(stream)
    (bureau.inbox / REVIEWS).write_bytes(stream.getvalue())
    bureau.run()
    assert openpyxl.load_workbook(bureau.year / REVIEWS)["本局备忘"]["A1"].value == "记得催乙局"
    assert [line["words"] for line in bureau.sheet()] == ["参考分值"]


def line(**changed: str) -> HeadAnswer:
    """Give a line of the sheet without a mistake, with changes."""
    given = {
        "annex": "附件1-2", "words": "参考分值", "proposed": "分值", "asked_by": "甲局", "answer": "分值",
        "department": "", "by": "张三", "date": "2022-05-01",
    }  # fmt: skip
    return HeadAnswer(4, **given | changed)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"answer": "权 重"}, ""),
        ({"answer": NOT_OURS}, ""),
        ({"answer": "分数值"}, f"附件1-2没有“分数值”这一项，请照表上的文字填写；都不是的填“{NOT_OURS}”"),
        ({"annex": "附件9"}, "附表“附件9”不是附件1-1、附件1-2之一"),
        ({"date": "上周"}, "日期“上周”看不出是哪一天，请写成 2022-05-01"),
        ({"answer": "", "date": ""}, "没有填写是哪一项、日期"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(changed: dict[str, str], told: str) -> None:
    """An answer is in the form's words or any known name of them; what cannot be used says why."""
    assert mistake(line(**changed)) == told


def test_two_answers_on_the_same_words_are_both_left_out() -> None:
    """参考分值 answered as 分值 and as 得分 for every department: which holds cannot be told."""
    assert in_force((line(), line(answer="得分"))) == ()
    assert len(in_force((line(), line(answer="得分", department="甲局")))) == 2


def test_a_department_is_known_by_every_name_of_the_roster() -> None:
    """The roster knows 甲局 as 甲委 too: an answer for 甲局 holds for a return that calls itself 甲委."""
    roster = Roster((Member("甲局", also=("甲委",)),))
    assert for_reading((line(department="甲局"),), roster) == (Answer("附件1-2", "参考分值", "分值", ("甲局", "甲委")),)
