"""The goals of the year in running text: how they are read, and what they are held against."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.validation.goals import add_goals_of_departments, add_goals_of_rows
from schemas.enums import Severity
from schemas.rules.goals import RULES
from schemas.text.goals import MOST, core, direction, goals, mean_the_same, mentioned, qualifier, same_kind, unread
from schemas.text.targets import parse
from tests.support.indicated import cases

if TYPE_CHECKING:
    from schemas.policy import Policy

CASES: dict[str, Any] = cases("goals")
TEXTS: list[dict[str, Any]] = CASES["text"]
DEPARTMENTS: list[dict[str, Any]] = CASES["department"]
PAIRS = [(*pair, same) for name, same in (("alike", True), ("unlike", False)) for pair in CASES["pairs"][name]]
TOLD = {"goals_without_row": "without_row", "goals_left_out": "left_out", "goals_missed": "missed"}
OTHER = [["群众满意度", "≥90%"]]
"""The row of a department that tells of none."""

# ---------------------------------------------------------------------- reading


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: repr(case["text"])[:60])
def test_the_goals_of_a_text_are_found_and_nothing_else(case: dict[str, Any]) -> None:
    """A goal is a clause of words and one measure behind them, and everything else is none."""
    found = goals(case["text"])
    assert [(each.passage, each.target.comparison, each.target.value, each.target.unit) for each in found] == [
        (goal["passage"], goal["comparison"], Decimal(goal["value"]), goal["unit"]) for goal in case["goals"]
    ]
    assert all(each.passage.startswith(each.words) for each in found)


def test_the_texts_are_many() -> None:
    """At least twenty-five spellings and twenty pairs are held, each once, and of both kinds."""
    assert len({case["text"] for case in TEXTS}) == len(TEXTS) >= 25
    assert {bool(case["goals"]) for case in TEXTS} == {True, False}
    assert len(PAIRS) >= 20


@pytest.mark.parametrize(("first", "second", "same"), PAIRS)
def test_words_are_alike_where_they_surely_mean_the_same(first: str, second: str, same: bool) -> None:  # noqa: FBT001
    """Two wordings are alike, or not, whichever is named first."""
    assert mean_the_same(first, second) is mean_the_same(second, first) is same


@pytest.mark.parametrize(
    ("words", "left", "number"),
    [
        ("力争2021年全县实现规模工业总产值", "规模工业总产值", ""),
        ("组织专业团队开展科普活动", "专业团队开展科普活动", ""),
        ("完成新增高新技术企业", "高新技术企业", "new"),
        ("全县累计高新技术企业达到", "高新技术企业", "total"),
        ("食品安全市场", "食品安全市场", ""),  # 全市 is in it and is not meant
        ("高新建材产值", "高新建材产值", ""),  # nor is 新建
        ("任务完成率", "任务完成率", ""),
    ],
)
def test_fillers_are_taken_from_words(words: str, left: str, number: str) -> None:
    """The core of words is the thing they name, and the qualifier which number of it is meant."""
    assert (core(words), qualifier(words)) == (left, number)


TYPED = "0123456789０９²一二十百万亿元%％家个户年月日前后新增累计税收企业达到不低于超约以上内"
TYPED += "（）() \n，。；、,.-～:：5G其中①"


@given(st.one_of(st.text(), st.text(TYPED), st.lists(st.sampled_from([case["text"] for case in TEXTS])).map("".join)))
def test_reading_never_fails_and_quotes(text: str) -> None:
    """Any text is read, every passage is a part of it, and words are alike to themselves or name nothing."""
    for goal in goals(text):
        assert goal.passage in text
        assert goal.target.value is not None
        assert mean_the_same(goal.words, goal.words)
        assert mentioned(goal.words, text)
    assert all(clause in text for clause in unread(text))


@pytest.mark.parametrize("text", ["1" * 30_000, "税" * 30_000, "税收3亿元、" * 5_000, "、，" * 15_000, "到" * 30_000])
def test_a_long_text_is_read_quickly(text: str) -> None:
    """A cell as long as a cell can be is read at once, and gives nothing."""
    assert goals(text) == ()


def test_a_table_in_a_cell_is_not_read() -> None:
    """A text with more measures than any goals have gives none of them."""
    assert len(goals("工业税收3亿元；" * MOST)) == MOST
    assert goals("工业税收3亿元；" * (MOST + 1)) == ()


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("15家", "20个", True),
        ("15家", "20", True),
        ("3亿元", "30000万元", True),
        ("10场", "300人次", False),
        ("3亿元", "8%", False),
        ("3亿元", "5", False),
        ("15家", "15-20家", False),
        ("15家", "明显", False),
    ],
)
def test_numbers_are_compared_within_their_kind(first: str, second: str, same: bool) -> None:  # noqa: FBT001
    """Two measures are of one kind with the same dimension and the same or an exchangeable unit."""
    assert same_kind(parse(first), parse(second)) is same_kind(parse(second), parse(first)) is same


@pytest.mark.parametrize(
    ("words", "targets", "side"),
    [
        ("新增规模企业", ["15家"], 1),
        ("失业率", ["5%以内"], -1),
        ("三公经费支出", ["10万元"], 0),
        ("三公经费支出", ["10万元", "≤9万元"], -1),
        ("失业率", ["5%以内", "≥5%"], 0),
    ],
)
def test_a_goal_goes_up_or_down_where_that_is_plain(words: str, targets: list[str], side: int) -> None:
    """A number without a word of comparison is at least, but for what is better small; contradictions tell nothing."""
    assert direction(words, *map(parse, targets)) == side


# ---------------------------------------------------------------------- departments and rows


def _tables(departments: list[dict[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the tables of departments and of rows with the columns of `pipeline.validation.goals`."""
    rows = [
        {"department": case["name"], "level3": level3, "target": target, "actual": ""}
        for case in departments
        for level3, target in case.get("rows", OTHER)
    ]
    filed = [
        {
            "department": case["name"],
            "goal_planned": case.get("planned"),
            "goal_achieved": case.get("achieved"),
            "deviation_reasons": case.get("reasons"),
        }
        for case in departments
    ]
    wide, table = pd.DataFrame(filed, dtype="object"), pd.DataFrame(rows, dtype="str")
    return add_goals_of_departments(wide, table), add_goals_of_rows(table, wide)


@pytest.fixture(scope="module")
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give what is told of every case, all of them at once."""
    return _tables(DEPARTMENTS)


@pytest.mark.parametrize("case", DEPARTMENTS, ids=lambda case: case["name"])
def test_every_department_is_told_of_its_goals(case: dict[str, Any], tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """Goals without a row, left out, missed and set otherwise are told as worked out by hand."""
    departments, rows = (table[table["department"].eq(case["name"])] for table in tables)
    assert {name: departments[name].iloc[0] for name in TOLD} == {n: case.get(key, "") for n, key in TOLD.items()}
    assert rows["goal_set"].tolist() == case["set"]
    assert rows["goal_passage"].ne("").tolist() == [side != "" for side in case["set"]]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_breaks_where_its_column_tells(
    rule: Any, tables: tuple[pd.DataFrame, pd.DataFrame], policy: Policy
) -> None:
    """A rule holds and is broken in some department, and a miss that is explained is no finding."""
    departments, rows = tables
    table = {"departments": departments, "indicators": rows}[rule.table]
    breach = rule.check(table, policy)
    keys = {"goal_without_indicator": "without_row", "goal_left_out": "left_out", "goal_missed": "missed"}
    if rule.table == "departments":
        expected = [bool(case.get(keys[rule.id])) and not case.get("explained") for case in DEPARTMENTS]
    else:
        expected = [side == rule.id.removeprefix("goal_set_") for case in DEPARTMENTS for side in case["set"]]
    assert breach.tolist() == expected
    assert breach.any()
    assert not breach.all()


def test_the_rules_are_on_trial_and_in_chinese(tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """No rule on running text is an error or counted, and message and remedy are filled from the columns."""
    for rule in RULES:
        assert rule.trial
        assert rule.severity is not Severity.ERROR
        table = tables[0] if rule.table == "departments" else tables[1]
        row = {str(name): value for name, value in table.iloc[0].items()}
        assert rule.message.format_map(row).endswith("。")
        assert rule.remedy.endswith("。")


def test_blank_texts_and_departments_without_rows_are_told_nothing() -> None:
    """Where nothing was filed, or there is no row at all, nothing is told and no index is lost."""
    wide = pd.DataFrame(
        {
            "department": ["甲", "乙", "丙"],
            "goal_planned": [None, float("nan"), "工业税收3亿元"],
            "goal_achieved": None,
        },
        index=[7, 3, 5],
    )
    rows = pd.DataFrame({"department": ["甲"], "level3": ["工业税收"], "target": ["2亿元"]}, index=[9])
    told = add_goals_of_departments(wide, rows)
    assert told.index.tolist() == [7, 3, 5]
    assert set(told[list(TOLD)].to_numpy().flat) == {""}
    assert set(add_goals_of_departments(wide, rows.head(0))[list(TOLD)].to_numpy().flat) == {""}
    assert add_goals_of_rows(rows, wide)["goal_set"].tolist() == [""]
    assert list(add_goals_of_rows(rows.head(0), wide).columns[-2:]) == ["goal_passage", "goal_set"]


def test_the_real_return_misses_one_goal_and_is_silent_on_three(seed: dict[str, Any]) -> None:
    """The seed collected 2.44 of 3亿元, reports nothing on three goals, and sets two rows above its goals."""
    fields = seed["fields"]
    rows = [[row["level3"], row.get("target", "")] for row in seed["indicators"]]
    case = {"name": "甲", "planned": fields["goal_planned"], "achieved": fields["goal_achieved"], "rows": rows}
    departments, table = _tables([case])
    told = departments.iloc[0]
    # Neither 总产值, 平台 nor 5G is anywhere in the report: 产值 is that of 高新技术产业, and 基站 stands beside 4G.
    output, platforms, stations = (
        "“力争2021年全县实现规模工业总产值240亿元以上”",
        "“创建各类创新、研发、服务平台2个以上”",
        "“新增5G基站2000个”",
    )
    assert told["goals_missed"] == "“实现工业税收3亿元以上”实际“全县规模工业实现税收2.44亿元”"
    assert told["goals_left_out"] == f"{output}、{platforms}、{stations}"
    growth, tax = "“实现规模工业增加值增速8.5%以上”", "“实现工业税收3亿元以上”"
    assert told["goals_without_row"] == f"{output}、{growth}、{tax}、{platforms}、{stations}"
    otherwise = table[table["goal_set"].ne("")]
    assert otherwise[["level3", "goal_passage", "goal_set"]].to_numpy().tolist() == [
        ["完成新增规模企业", "新增规模工业企业15家以上", "higher"],  # 20 for 15
        ["完成新增高新技术企业", "新增国家高新技术企业5个以上", "higher"],  # 10 for 5
    ]


def test_a_row_is_known_by_its_name_and_its_target() -> None:
    """Of rows that share a name or a target with one read before, each is held against the goal by its own."""
    rows = pd.DataFrame(
        {
            "department": ["甲", "乙", "丙"],
            "level3": ["工业税收", "工业税收", "农业总产值"],
            "target": ["≥2亿元", "≥4亿元", "≥2亿元"],
        }
    )
    wide = pd.DataFrame({"department": rows["department"], "goal_planned": "实现工业税收3亿元以上。"})
    assert add_goals_of_rows(rows, wide)["goal_set"].tolist() == ["lower", "higher", ""]
