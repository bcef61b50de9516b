"""评分办法.xlsx: it says what the policy says, without loss, and every mistake in it is told by its cell."""

from __future__ import annotations

import datetime
import io
import random
import string
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from pipeline.lists import policy_workbook as reader
from pipeline.workbooks import policy_workbook as writer
from schemas import policy as policies
from schemas.measures import MEASURE
from schemas.policy import CRITERIA, Policy, PolicyError, as_table, policy_from
from schemas.policy.variants import variants
from schemas.rules import RULE
from tests.support import filed
from tests.support.office import needs_office, recalculated
from tests.workbooks.test_recalculation import formulas, same

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

POLICY = policies.load(2021)
WRITTEN = writer.write_policy(POLICY)

# ---------------------------------------------------------------------- without loss

_LETTERS = "评分办法 满意度“”（）；：=+-@'<>&_%\"\n0aZ　" + string.ascii_letters
texts = some.text(some.sampled_from(_LETTERS), min_size=1, max_size=30).map(str.strip).filter(bool)
escapes = some.sampled_from(["_x0041_", "=1+1", "'", "TRUE", "1", "2021年度", "50%", "1e3", "#N/A", "￼", "无"])
texts = texts | escapes
numbers = some.floats(1e-6, 1e6).map(lambda value: float(f"{value:.15g}"))
shares = some.floats(0, 1).map(lambda value: float(f"{value:.15g}"))


@some.composite
def policies_that_may_be(draw: some.DrawFn) -> Policy:
    """Give any policy: each number and text of the county's own put by another one that is allowed."""
    table = as_table(POLICY)
    parts = draw(some.lists(some.integers(1, 9_999_999), min_size=3, max_size=3, unique=True).map(sorted))
    cuts = [0, *parts, 10_000_000]
    for criterion, (low, high) in zip(table["criteria"], pairwise(cuts), strict=True):
        criterion |= {"weight": (high - low) / 100_000, "label": draw(texts), "source": draw(texts)}
    table["criteria"] = draw(some.permutations(table["criteria"]))
    points = sorted(draw(some.sets(some.integers(1, 1000), min_size=1, max_size=6)), reverse=True)
    words = draw(some.lists(texts, min_size=len(points) + 1, max_size=len(points) + 1, unique=True))
    table["grades"] = [
        {"word": word, "from": cut / 10, "source": draw(texts)} for word, cut in zip(words, [*points, 0], strict=True)
    ]
    edges = sorted(draw(some.lists(shares, min_size=6, max_size=6)))
    for number, band in enumerate(("missed", "partly", "achieved")):
        listed = draw(some.lists(texts, max_size=4))
        table["qualitative"][band] = {"low": edges[2 * number], "high": edges[2 * number + 1], "words": listed}
    for name in ("tolerance", "alerts", "alarms"):
        for key, value in table[name].items():
            if isinstance(value, str):
                table[name][key] = draw(texts)
            elif isinstance(value, float):
                table[name][key] = draw(shares if name == "alarms" else numbers)
    table["alerts"] |= {"county_least": draw(some.integers(3, 500)), "yuan_for_wan": [0.5, 2]}
    for name in ("at_most_whole", "less_is_better", "cost", "inputs"):
        table[name] = {"words": draw(some.lists(texts, max_size=5)), "source": draw(texts)}
    table["qualitative"] |= {"source": draw(texts), "set_aside": draw(some.lists(texts, max_size=5))}
    table["qualitative"] |= {"whole": draw(some.lists(texts, max_size=3))}
    table["issuer"] = {key: draw(texts | some.just("")) for key in table["issuer"]}
    table["reference"] = [
        draw(_reference(name)) for name in draw(some.lists(some.sampled_from(sorted(MEASURE)), max_size=4, unique=True))
    ]
    table["severities"] = [
        {"rule": rule, "severity": draw(some.sampled_from(["error", "warning", "info"])), "reason": draw(texts)}
        for rule in draw(some.lists(some.sampled_from(sorted(RULE)), max_size=4, unique=True))
    ]
    table |= {"since": draw(some.integers(2000, 2100)), "circular": draw(texts)}
    found = policy_from(table, year=table["since"])
    assert isinstance(found, Policy), found
    return found


@some.composite
def _reference(draw: some.DrawFn, measure: str) -> dict[str, Any]:
    positive = numbers
    curves = [
        {
            "kind": "linear",
            "direction": draw(some.sampled_from(["above", "below"])),
            "limit": draw(shares),
            "per_point": draw(positive),
        },
        {
            "kind": "whole_steps",
            "direction": draw(some.sampled_from(["above", "below", "either"])),
            "limit": draw(shares),
        }
        | {"step": draw(positive), "per_step": draw(positive)},
        {
            "kind": "table",
            "bands": [{"upto": number / 7, "points": 5 - number} for number in range(draw(some.integers(1, 5)))],
        },
    ]
    entry = {"measure": measure, "label": draw(texts), "weight": 5 + draw(numbers), "source": draw(texts)}
    return entry | {"curve": draw(some.sampled_from(curves))}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(policies_that_may_be())
def test_a_workbook_and_a_file_say_the_same(policy: Policy) -> None:
    """Any policy, written as a workbook and read back, says what it said, to the last digit and letter."""
    again = reader.read("评分办法.xlsx", writer.write_policy(policy))
    assert as_table(again) == as_table(policy)


@pytest.mark.parametrize("name", [each.name for each in variants()])
def test_variants_survive_the_workbook(name: str) -> None:
    """So does what public sources have, put in the place of the county's own parts."""
    policy = next(each.applied(POLICY) for each in variants() if each.name == name)
    assert as_table(reader.read("x.xlsx", writer.write_policy(policy))) == as_table(policy)


def test_every_entry_stands_in_the_workbook() -> None:
    """No number or text of the policy is left out: each stands in some cell."""
    book = openpyxl.load_workbook(io.BytesIO(WRITTEN))
    cells = {cell.value for sheet in book for line in sheet.iter_rows() for cell in line}

    def leaves(part: Any) -> list[Any]:
        parts = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        return [part] if not isinstance(part, (dict, list)) else [leaf for each in parts for leaf in leaves(each)]

    codes = {*CRITERIA, *MEASURE, "linear", "whole_steps", "table", "above", "below", "either", ""}
    assert [leaf for leaf in leaves(as_table(POLICY)) if leaf not in cells and leaf not in codes] == []


def test_the_same_policy_gives_the_same_bytes() -> None:
    """Written twice, the workbook has the same bytes."""
    assert writer.write_policy(POLICY) == WRITTEN


def test_the_workbook_in_the_folder_is_the_one_the_program_makes() -> None:
    """The workbook in input_templates/ is what `make templates` writes, to the byte."""
    assert (filed.ROOT / "input_templates" / "评分办法.xlsx").read_bytes() == WRITTEN


# ---------------------------------------------------------------------- mistakes, by cell


def changed(change: Callable[[Any], None]) -> bytes:
    """Give the workbook of the policy as somebody has changed it and saved it."""
    book = openpyxl.load_workbook(io.BytesIO(WRITTEN))
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def setting(sheet: str, cell: str, value: Any) -> Callable[[Any], None]:
    """Give a change that puts a value into a cell."""

    def change(book: Any) -> None:
        book[sheet][cell] = value

    return change


MISTAKES = {
    "no number": (setting("分值", "C5", "五十"), "分值!C5：应为数字，填写的是“五十”"),
    "sum": (setting("分值", "C5", 40), "分值!A3：各部分分值之和为90，应为100"),
    "renamed": (setting("分值", "A5", "结果指标"), "分值!A5：没有“结果指标”这个部分，应为 预算执行率、产出指标"),
    "doubled": (setting("分值", "A6", "产出指标"), "分值!A6：“output”写了不止一次"),
    "missing": (setting("分值", "A6", "产出指标"), "分值!A3：缺少效益指标"),
    "blank": (setting("分值", "D4", None), "分值!D4：缺少这一项"),
    "grade twice": (setting("等级", "A5", "优秀"), "等级!A5：“优秀”写了不止一次"),
    "grade from 101": (setting("等级", "B4", 101), "等级!B4：应不大于100，填写的是“101”"),
    "order": (setting("等级", "B5", 95), "等级!B5：等级须从高到低排列"),
    "band": (setting("数值", "B10", 0.9), "数值!B10：下限0.9高于上限0.8"),
    "item": (setting("数值", "A14", "容差：别的"), "数值!A14：没有“容差：别的”这个项目"),
    "item gone": (setting("数值", "A14", "容差：别的"), "数值!A1：缺少“容差：金额”这一行"),
    "year": (setting("数值", "B2", "二〇二五"), "数值!B2：应为整数，填写的是“二〇二五”"),
    "formula": (setting("分值", "C5", "=C4*5"), "分值!C5：这一格的公式没有算出结果"),
    "head": (setting("等级", "B3", "分数"), "等级!A1：没有找到“起点（分）”这一栏"),
    "strange head": (setting("等级", "D3", "备注"), "等级!D3：没有这一栏，请删去"),
    "kind": (setting("参考分", "D4", "随意"), "参考分!D4：没有“随意”这个给分办法，应为 按比例扣分"),
    "not for this kind": (setting("参考分", "G4", 0.05), "参考分!G4：没有这样的项目"),
    "bands of nothing": (
        setting("参考分分档", "A4", "在职人员控制率"),
        "参考分分档!A4：“参考分”一页没有按分档得分的这个指标",
    ),
    "rule": (setting("规则轻重", "A4", "没有的规则"), "规则轻重!A4：没有“没有的规则”这个规则，见“规则”一页"),
    "rule alone": (setting("规则轻重", "A4", "full_marks"), "规则轻重!B4：缺少这一项"),
    "sheet": (lambda book: book.remove(book["等级"]), "等级!A1：缺少“等级”这一页"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_told_by_its_cell(kind: str) -> None:
    """Each kind of mistake is a line that begins with sheet and cell."""
    change, told = MISTAKES[kind]
    with pytest.raises(PolicyError) as error:
        reader.read("评分办法.xlsx", changed(change))
    assert told in str(error.value)


def test_all_mistakes_are_told_at_once() -> None:
    """Mistakes on four sheets are all told, in the order of the sheets, and the policy is not taken."""

    def change(book: Any) -> None:
        for sheet, cell, value in (
            ("规则轻重", "A4", "没有"),
            ("分值", "C5", 40),
            ("等级", "B4", 101),
            ("数值", "B2", ""),
        ):
            book[sheet][cell] = value

    with pytest.raises(PolicyError) as error:
        reader.read("评分办法.xlsx", changed(change))
    lines = str(error.value).splitlines()
    assert lines[0] == "评分办法 评分办法.xlsx 有6处错误，没有采用："
    assert [line.partition("：")[0].strip() for line in lines[1:]] == [
        "数值!B2",
        "分值!A3",
        "等级!B4",
        "规则轻重!A4",
        "规则轻重!B4",
        "规则轻重!C4",
    ]


@pytest.mark.parametrize(
    ("cell", "written", "means"),
    [
        ("B15", "0.5%", 0.005),
        ("B15", "０．５％", 0.005),
        ("B17", "150%", 1.5),
        ("B18", "5分", 5),
        ("B2", "2025年度", 2025),
    ],
)
def test_numbers_may_be_typed_as_text(cell: str, written: str, means: float) -> None:
    """A percentage or a number with its unit, typed as text, is the number; nothing else is guessed."""
    found = as_table(reader.read("x.xlsx", changed(setting("数值", cell, written))))
    values = {"B2": found["since"], "B15": found["tolerance"]["rate"]}
    values |= {"B17": found["alerts"]["far_above_target"], "B18": found["alerts"]["self_difference"]}
    assert values[cell] == means


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"%PDF-1.4"])
def test_what_is_no_workbook_is_told(content: bytes) -> None:
    """What cannot be read is refused with its reason."""
    with pytest.raises(PolicyError, match=r"评分办法 评分办法\.xlsx："):
        reader.read("评分办法.xlsx", content)


def test_any_cell_may_hold_anything() -> None:
    """A word, a date, a truth value, a huge or negative number in any cell is read or told, and never a traceback."""
    dice = random.Random(21)
    book = openpyxl.load_workbook(io.BytesIO(WRITTEN))
    names = [sheet.title for sheet in book][1:-2]
    strange = ["甲", True, -1, 1e300, datetime.datetime(2025, 1, 2), "=1/0", None, 0, "50%%", "x" * 3000]  # noqa: DTZ001

    def change(book: Any) -> None:
        for _ in range(dice.randint(1, 8)):
            cell = book[dice.choice(names)][f"{dice.choice('ABCDE')}{dice.randint(1, 14)}"]
            if type(cell).__name__ != "MergedCell":
                cell.value = dice.choice(strange)

    for _ in range(15):
        content = changed(change)
        try:
            reader.read("x.xlsx", content)
            told = ""
        except PolicyError as error:
            told = str(error)
        assert not told or "处错误" in told


# ---------------------------------------------------------------------- the live checks


@needs_office
@pytest.mark.parametrize(
    ("cell", "value", "told"), [("C5", 50, "✓ 分值合计100分"), ("C5", 17.25, "分值合计67.25分，应为100分")]
)
def test_the_sheet_of_weights_adds_them_up(cell: str, value: float, told: str, tmp_path: Path) -> None:
    """LibreOffice, made to recalculate, shows above the weights whether they add up to 100."""
    path = tmp_path / "评分办法.xlsx"
    path.write_bytes(changed(setting("分值", cell, value)))
    (saved,) = recalculated([path], tmp_path)
    assert openpyxl.load_workbook(saved, data_only=True)["分值"]["A2"].value == told


@needs_office
@pytest.mark.parametrize(
    ("value", "told"), [(80, "✓ 等级从高到低，最低一级从0分起"), (95, "等级须从高到低排列")]
)  # fmt: skip
def test_the_sheet_of_grades_watches_their_order(value: float, told: str, tmp_path: Path) -> None:
    """The check above the grades follows what is typed."""
    path = tmp_path / "评分办法.xlsx"
    path.write_bytes(changed(setting("等级", "B5", value)))
    (saved,) = recalculated([path], tmp_path)
    assert openpyxl.load_workbook(saved, data_only=True)["等级"]["A2"].value == told


@needs_office
def test_every_formula_has_its_value(tmp_path: Path) -> None:
    """What the workbook was written with is what its formulas come to."""
    path = tmp_path / "评分办法.xlsx"
    path.write_bytes(writer.write_policy(POLICY))
    (saved,) = recalculated([path], tmp_path)
    before, after = formulas(path), formulas(saved)
    assert before
    assert [key for key in before if not same(before[key][1], after[key][1])] == []
