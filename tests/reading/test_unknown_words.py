"""For an unknown spelling of any head or row the finding names what stands there and what it probably is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.reading.labels import known
from pipeline.reading.read import read
from schemas.forms import FORMS, VERSIONS
from schemas.forms.model import Grid, Pairs
from schemas.forms.printed_words import printed_words
from schemas.text.normalise import normalise_label
from tests.support import filed
from tests.support.pages import pages, saved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.reading.submission import Submission
    from schemas.forms.model import Form


@pytest.fixture(scope="module")
def clean() -> dict[str, Any]:
    """A return without a fault, as sheets of cells."""
    return pages(filed.workbook(filed.load()))


def renamed(sheets: dict[str, Any], new: Mapping[str, str], sheet: str = "") -> Submission:
    """Read a return in which some cells hold other words; of one sheet where it is named."""
    changed = {
        name: (
            {at: new.get(str(value).strip(), value) if sheet in {"", name} else value for at, value in cells.items()},
            merges,
        )
        for name, (cells, merges) in sheets.items()
    }
    return read("某局.xlsx", saved(changed), 2021)


def asked(reading: Submission) -> set[tuple[str, str, str]]:
    """Give what is said of words: the rule, what stands there, and what was looked for."""
    found = ("head_asked", "row_asked", "column_not_found", "row_not_found")
    return {(each.rule, each.stated, each.expected) for each in reading.findings if each.rule in found}


def words_of(form: Form) -> list[tuple[str, str]]:
    """Give every head and row of a form that values belong to, and by which rule it is asked about."""
    found = []
    for section in form.flat():
        filled = (
            {pair.words for line in section.lines for pair in line if pair.fields}
            if isinstance(section, Pairs)
            else None
        )
        for what, words in printed_words(section, optional=False):
            if what in {"heads", "rows"} and (filled is None or words in filled):
                found.append(("head_asked" if what == "heads" else "row_asked", words.strip()))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.key)
def test_an_unknown_spelling_of_any_head_or_row_is_asked_about(form: Form, clean: dict[str, Any]) -> None:
    """Each head and each row of a form, one after the other, under another name: 分值 is called 所列分值栏.

    The finding names the new words and the old ones, and nothing else is said to be missing.
    """
    said = {}
    for rule, words in words_of(form):
        new = f"所列{words.replace(' ', '')}栏"
        said[words] = asked(renamed(clean, {words: new}, form.sheet)) == {(rule, new, words)}
    assert [words for words, right in said.items() if not right] == []
    assert len(said) > len(form.sections)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "本部门…情况": lambda words: f"本部门{words}情况",
    "a letter more": lambda words: f"{words[: len(words) // 2]}之{words[len(words) // 2 :]}",
    "a letter less": lambda words: (
        f"{words[: len(words) // 2]}{words[len(words) // 2 + 1 :]}" if words[3:] else f"该{words}"
    ),
    "another end": lambda words: f"{words[:-1]}额" if words[2:] else f"{words}合计",
}
"""Ways in which other offices may spell a word of the form, without its number and 其中."""
_NUMBER = re.compile(r"(?:其中：|[一二]、|\d[、.]|\s)+")


@pytest.mark.slow
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.key)
def test_every_head_and_row_under_any_spelling_is_asked_about(form: Form, spelling: str, clean: dict[str, Any]) -> None:
    """Longer, shorter or with another end: the finding names what stands there and the field that it probably is.

    A spelling that the program knows as another name of some field is none that is unknown.
    """
    names = {name for each in VERSIONS for other in each if other.id == form.id for name in known(other, 2021)}
    said = {}
    for rule, words in words_of(form):
        new = SPELLINGS[spelling](_NUMBER.sub("", words))
        if normalise_label(new) not in names:
            said[words] = asked(renamed(clean, {words: new}, form.sheet)) == {(rule, new, words)}
    assert [words for words, right in said.items() if not right] == []
    assert len(said) > len(words_of(form)) // 2


def test_the_rows_of_a_form_are_of_grids_and_pairs() -> None:
    """The sections whose rows are tested above are those that have rows."""
    assert any(isinstance(section, Grid) for section in FORMS[0].flat())
    assert any(isinstance(section, Pairs) for section in FORMS[1].flat())


def test_what_is_asked_is_not_read(clean: dict[str, Any]) -> None:
    """参考分值 is like 分值 and stands in its place; until somebody says that it is, no weight is read."""
    reading = renamed(clean, {"分值": "参考分值"})
    assert asked(reading) == {("head_asked", "参考分值", "分值")}
    assert {row["filed_weight"] for row in reading.indicators} == {None}
    assert reading.asked == (("附件1-2", "参考分值", "分值"),)


def test_a_head_unlike_any_is_asked_about_where_only_one_is_missing(clean: dict[str, Any]) -> None:
    """具体工作 has not a letter of 三级指标, but stands where nothing but that is missing."""
    assert asked(renamed(clean, {"三级指标": "具体工作"})) == {("head_asked", "具体工作", "三级指标")}


def test_a_row_unlike_any_is_named_and_not_proposed(clean: dict[str, Any]) -> None:
    """Lines may be added to a form: 别的开支 is said to stand there, and not that it is 公务接待."""
    assert asked(renamed(clean, {"公务接待": "别的开支"})) == {("row_not_found", "“别的开支”", "公务接待")}


def test_most_heads_of_the_indicators_unknown_are_asked_about_one_by_one(clean: dict[str, Any]) -> None:
    """With four of seven heads unknown the table is not read, but what stands there is asked, head by head."""
    new = {"年度指标值": "年初设定值", "实际完成值": "年末完成情况值", "分值": "参考分值", "得分": "评价得分"}
    reading = renamed(clean, new)
    assert asked(reading) == {("head_asked", there, sought) for sought, there in new.items()}
    assert reading.indicators == []


def test_a_section_of_which_no_word_is_known_is_asked_about(clean: dict[str, Any]) -> None:
    """Both heads of the goals have other names: each is asked about, and no goal is read."""
    new = {"年初预期（设定）目标": "年度设定的目标", "全年实际完成情况": "目标实际实现情况"}
    assert asked(renamed(clean, new)) == {("head_asked", there, sought) for sought, there in new.items()}


def test_words_that_are_known_to_be_none_of_the_form_are_not_asked_about(clean: dict[str, Any]) -> None:
    """备注 in the place of 上年决算数 is a column of remarks, not last year's outturn."""
    assert asked(renamed(clean, {"上年决算数": "备注"})) == {("column_not_found", "无", "上年决算数")}


def without(sheets: dict[str, Any], sheet: str, first: str, behind: str) -> dict[str, Any]:
    """Give the sheets without the rows of one of them from the cell with some words to before that with others."""
    cells, _ = sheets[sheet]
    top, end = (min(at[0] for at, value in cells.items() if str(value).strip() == words) for words in (first, behind))
    return sheets | {sheet: ({at: value for at, value in cells.items() if not top <= at[0] < end}, [])}


def test_a_section_that_a_sheet_lacks_is_one_line(clean: dict[str, Any]) -> None:
    """Annex 1-1 without its lines on staff: one finding in the place of three columns.

    It names the edition, the section, and the measures that need the numbers of staff, by the register of measures.
    """
    sheets = without(clean, FORMS[0].sheet, "财政供养人员情况", "经费控制情况（万元）")
    (found,) = [each for each in read("某局.xlsx", saved(sheets), 2021).findings if each.sheet == FORMS[0].sheet]
    assert (found.rule, found.label, found.stated) == (
        "sections_missing",
        "附件1-1（2021年的表）",
        "“财政供养人员情况”",
    )
    assert found.expected == "在职人员控制率、人均公用经费、人均“三公经费”"


def test_several_sections_that_are_lacking_are_one_line_too(clean: dict[str, Any]) -> None:
    """Annex 1-2 without goals and indicators: the blocks of indicators are what cannot be judged."""
    sheets = without(clean, FORMS[1].sheet, "年度总体目标", "综合评定等级")
    found = [each for each in read("某局.xlsx", saved(sheets), 2021).findings if each.rule == "sections_missing"]
    assert [(each.stated, each.expected) for each in found] == [
        ("“年度总体目标”、“绩效指标”", "产出指标、效益指标、满意度指标")
    ]
