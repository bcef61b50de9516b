"""Findings that the bureau decides not to count: read, applied, told where they have no effect."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest

from pipeline.lists import waivers
from pipeline.lists.sheet_list import ListError
from pipeline.validation import waivers as validation_waivers
from pipeline.workbooks.blank_lists import write_blank_waivers
from schemas.file_names import WAIVERS
from schemas.lists.waivers import Waiver
from schemas.rules import RULE, RULES
from schemas.text.normalise import normalise_label
from tests.intake.test_identify import members

if TYPE_CHECKING:
    from pathlib import Path

FIRST = ("甲局", "超编", "县委批准超编接收退役士兵", "局长办公会", "2023")
"""A line as it is filled in."""
READ = Waiver("甲局", "overstaffed", "县委批准超编接收退役士兵", "局长办公会", 2023)
"""The same as it is read."""


def filled(*lines: tuple[str | float, ...]) -> bytes:
    """Fill in the blank workbook from its third row on; texts stay texts."""
    book = openpyxl.load_workbook(io.BytesIO(write_blank_waivers()))
    for row, line in enumerate(lines, 3):
        for column, value in enumerate(line, 1):
            cell = book.worksheets[0].cell(row, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def mistakes(*lines: tuple[str | float, ...]) -> list[str]:
    """Give what is told of lines that are refused."""
    with pytest.raises(ListError) as error:
        waivers.read(WAIVERS, filled(*lines))
    return str(error.value).splitlines()


def findings(*pairs: tuple[str, str], standing: str = "counted") -> pd.DataFrame:
    """Give findings of (department, rule), all of one standing."""
    table = pd.DataFrame(pairs, columns=["department", "rule"], dtype="str")
    return table.assign(message="……", standing=pd.Series(standing, index=table.index, dtype="str"))


# ---------------------------------------------------------------------- reading


def test_a_rule_is_named_by_title_or_by_id() -> None:
    """超编, with spaces or not, and overstaffed are the same rule."""
    for words in ("超编", " 超 编", "overstaffed"):
        assert waivers.read(WAIVERS, filled(("甲局", words, *FIRST[2:]))) == (READ,)


@pytest.mark.parametrize("until", [2023, 2023.0, " 2023", "2023年", "2023 年度", "２０２３年度"])
def test_a_year_is_written_as_people_write_it(until: str | float) -> None:
    """2023 as a number or as text, with 年 or 年度 or without, is the year 2023."""
    assert waivers.read(WAIVERS, filled((*FIRST[:4], until))) == (READ,)


def test_all_mistakes_are_listed_by_line() -> None:
    """Entries left out, an unknown rule, words for a year and a pair given twice are told at once, each by its line."""
    told = mistakes(
        FIRST,
        ("乙局", "超编", "", "", "2023"),
        ("", "不存在的规则", "理由", "局长", "长期"),
        ("", "", "", "", ""),
        ("甲 局", "overstaffed", "另一个理由", "局长", "2022"),
    )
    assert told == [
        "豁免 豁免.xlsx 有6处错误：",
        "  第4行：没有填写“理由”",
        "  第4行：没有填写“批准人”",
        "  第5行：没有填写“部门名称”",
        "  第5行：没有“不存在的规则”这条规则；规则的名称和代号见空白豁免表的“规则”一页",
        "  第5行：“截止年度”填写为“长期”，应填四位数的年度，如2023",
        "  第7行：与第3行重复，同一部门的同一规则只填一行",
    ]


@pytest.mark.parametrize("until", ["23", "20233", "2023-12-31", "2023年底", "٢٠٢٣"])
def test_no_year_is_guessed(until: str) -> None:
    """What is not four digits and 年 or 年度 is refused."""
    told = mistakes((*FIRST[:4], until))
    assert told[1:] == [f"  第3行：“截止年度”填写为“{until}”，应填四位数的年度，如2023"]


def test_a_list_without_one_of_its_columns_is_refused() -> None:
    """Where the column 批准人 is gone, nothing is read, and the columns that must be there are named."""
    book = openpyxl.load_workbook(io.BytesIO(filled(FIRST)))
    book.worksheets[0].delete_cols(4)
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(ListError, match="没有一页有“部门名称”、“规则”、“理由”、“批准人”、“截止年度”各栏"):
        waivers.read(WAIVERS, stream.getvalue())


def test_text_that_begins_with_an_equals_sign_stays_text() -> None:
    """A reason =1+1 is read and told as it was typed."""
    (read,) = waivers.read(WAIVERS, filled((*FIRST[:2], "=1+1", *FIRST[3:])))
    assert read.reason == "=1+1"
    table = validation_waivers.apply_waivers(findings(("甲局", "overstaffed")), [read], 2021)
    assert table["waiver"].tolist() == ["豁免：=1+1（局长办公会，至2023年度）"]


def test_the_inbox_may_have_waivers(tmp_path: Path) -> None:
    """豁免.xlsx of the inbox is read; without it there are none; one that cannot be read is told, not passed over."""
    assert waivers.find(tmp_path) == ()
    (tmp_path / WAIVERS).write_bytes(filled(FIRST))
    assert waivers.find(tmp_path) == (READ,)
    (tmp_path / WAIVERS).write_bytes(b"")
    with pytest.raises(ListError, match="文件是空的"):
        waivers.find(tmp_path)
    (tmp_path / WAIVERS).unlink()
    (tmp_path / WAIVERS).mkdir()
    with pytest.raises(ListError, match="读不出豁免"):
        waivers.find(tmp_path)


# ---------------------------------------------------------------------- what they do


def test_a_waiver_takes_its_department_and_its_rule_only() -> None:
    """Both findings of 甲局 on 超编 are waived with the reason; its others and those of 乙局 stay as they were."""
    table = findings(("甲局", "overstaffed"), ("乙局", "overstaffed"), ("甲局", "value_blank"), ("甲局", "overstaffed"))
    found = validation_waivers.apply_waivers(table, [READ], 2021)
    assert found["standing"].tolist() == ["waived", "counted", "counted", "waived"]
    words = "豁免：县委批准超编接收退役士兵（局长办公会，至2023年度）"
    assert found["waiver"].tolist() == [words, "", "", words]
    pd.testing.assert_frame_equal(found[["department", "rule", "message"]], table[["department", "rule", "message"]])


@pytest.mark.parametrize(("year", "standing"), [(2022, "waived"), (2023, "waived"), (2024, "counted")])
def test_a_waiver_holds_through_its_last_year(year: int, standing: str) -> None:
    """A waiver until 2023 holds in 2022 and 2023 and no longer in 2024."""
    found = validation_waivers.apply_waivers(findings(("甲局", "overstaffed")), [READ], year)
    assert found["standing"].tolist() == [standing]
    assert found["waiver"].ne("").tolist() == [standing == "waived"]


def test_a_finding_on_trial_stays_one_unless_waived() -> None:
    """Of two findings on trial the waived one is waived, the other stays on trial."""
    table = findings(("甲局", "overstaffed"), ("乙局", "overstaffed"), standing="trial")
    assert validation_waivers.apply_waivers(table, [READ], 2021)["standing"].tolist() == ["waived", "trial"]


def test_without_findings_or_waivers_nothing_happens() -> None:
    """An empty table stays empty and has its columns as text; without waivers every finding stands as it did."""
    empty = validation_waivers.apply_waivers(findings(), [READ], 2021)
    assert len(empty) == 0
    assert {name: str(empty[name].dtype) for name in ("standing", "waiver")} == {"standing": "str", "waiver": "str"}
    same = validation_waivers.apply_waivers(findings(("甲局", "overstaffed")), [], 2021)
    assert (same["standing"].tolist(), same["waiver"].tolist()) == (["counted"], [""])


def test_a_department_may_go_by_another_name_of_the_roster() -> None:
    """A waiver for 民政局 is one for 示例县民政局 where the roster says so; an unknown name stays."""
    roster = members(("示例县民政局", "民政局", "是"))
    given = [Waiver(name, "overstaffed", "理由", "局长", 2023) for name in ("民政局", "甲局")]
    assert [each.department for each in waivers.named(given, roster)] == ["示例县民政局", "甲局"]


def test_waivers_without_effect_are_told() -> None:
    """One that has expired and one that fits no finding are given with the reason; one that fits is not."""
    old = Waiver("乙局", "overstaffed", "理由", "局长", 2020)
    vain = Waiver("丙局", "overstaffed", "理由", "局长", 2021)
    table = findings(("甲 局", "overstaffed"), ("乙局", "overstaffed"))
    found = validation_waivers.list_idle_waivers([READ, old, vain], table, 2021)
    assert found == [(old, "已过截止年度"), (vain, "没有对应的审核发现")]
    assert (
        validation_waivers.list_idle_waivers(
            [READ, old, vain], validation_waivers.apply_waivers(table, [READ], 2021), 2021
        )
        == found
    )


# ---------------------------------------------------------------------- the blank workbook


def test_the_blank_workbook_holds_no_waiver() -> None:
    """The blank workbook reads as none at all, and is the same bytes each time it is written."""
    assert waivers.read(WAIVERS, write_blank_waivers()) == ()
    assert write_blank_waivers() == write_blank_waivers()


def test_the_blank_workbook_offers_every_rule() -> None:
    """The dropdown of the column 规则 is the titles on the second sheet: every rule of the register once."""
    book = openpyxl.load_workbook(io.BytesIO(write_blank_waivers()))
    assert book.sheetnames == ["豁免", "规则"]
    (offered,) = book["豁免"].data_validations.dataValidation
    assert (str(offered.sqref), offered.formula1) == ("B3:B42", f"'规则'!$A$2:$A${len(RULE) + 1}")
    listed = list(book["规则"].iter_rows(min_row=2, values_only=True))
    assert {(title, name) for title, name, *_ in listed} == {(rule.title, rule.id) for rule in RULES}
    assert ("超编", "overstaffed", "提醒", "在职 … 人超过编制 … 人。") in listed
    assert len(listed) == len(RULE)


def test_a_title_names_one_rule() -> None:
    """No two rules share a title, nor is the title of one the id of another: a waiver is never for the wrong rule."""
    words = [normalise_label(each) for rule in RULE.values() for each in (rule.title, rule.id)]
    assert len(words) == len(set(words))
