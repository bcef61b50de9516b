"""复核意见: what waits, what the reviewer decides in the workbook, and what follows from it in the next run."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from pipeline import frames
from pipeline.__main__ import main
from pipeline.inputs import Inputs
from pipeline.lists import reviews as list_reviews
from pipeline.reading import read
from pipeline.workbooks.review_list import ReviewList, write_review_list
from schemas.file_names import REVIEWS
from schemas.lists.reviews import COLUMNS, Effect
from tests.support import filed, in_memory

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.lists.reviews import Decision
    from schemas.policy import Policy
    from tests.support.in_memory import CountyResult

OFFICE = "衡阳县科技和工业信息化局"
SATISFIED, OUTPUT = "指标26", "产出指标"
SLIPPED = "三公经费与分项不符（附件1-1 基础数据表 C9）"
SIGNED = {"reason": "已核对原始资料", "by": "王五", "date": "2022-05-01"}
HEADS = {name: at for at, name in enumerate(COLUMNS, 1)}

Filled = dict[str, dict[str, Any]]


def evaluated(office: dict[str, Any], policy: Policy, decisions: tuple[Decision, ...] = ()) -> CountyResult:
    """Evaluate one return with decisions."""
    reading = read.read(f"{OFFICE}.xlsx", filed.workbook(office), policy.year)
    return in_memory.evaluate_in_memory([reading], [], policy, Inputs(decisions=decisions))


def book(tables: CountyResult, policy: Policy) -> bytes:
    """Give the list of a run as the workbook that is written out."""
    shown = ReviewList(frames.records(tables.reviews), tables.stamps, [], policy.year)
    return write_review_list(shown)


def fill(content: bytes, filled: Filled) -> bytes:
    """Fill in the list as a reviewer does: what is typed on the line of an item, by the name of its column."""
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    sheet = workbook.worksheets[0]
    lines = {sheet.cell(at, HEADS["item"]).value: at for at in range(4, sheet.max_row + 1)}
    for item, typed in filled.items():
        for name, value in typed.items():
            sheet.cell(lines[item], HEADS[name]).value = value
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


BOOKS: dict[str, bytes] = {}
"""The list of each return that was evaluated, by what was filed: most tests decide on the same return."""


def decided(office: dict[str, Any], policy: Policy, filled: Filled) -> CountyResult:
    """Evaluate a return, decide, and evaluate it again with the decisions."""
    key = repr((office, policy))
    if key not in BOOKS:
        BOOKS[key] = book(evaluated(office, policy), policy)
    sent = fill(BOOKS[key], filled)
    return evaluated(office, policy, list_reviews.read(REVIEWS, sent))


def line(tables: CountyResult, item: str) -> dict[str, str]:
    """Give the line of an item."""
    (found,) = tables.reviews[tables.reviews["item"].eq(item)].to_dict("records")
    return {str(name): str(value) for name, value in found.items()}


def test_what_waits_is_listed_with_its_evidence(seed: dict[str, Any], policy: Policy) -> None:
    """The unjudged row, the block 7.6 points apart and the eight errors wait; the block that hangs on the row not."""
    tables = evaluated(seed, policy)
    items = tables.reviews["item"].tolist()
    assert items[:2] == [SATISFIED, OUTPUT]
    assert len(items) == 2 + 8
    assert set(tables.reviews["effect"]) == {Effect.WAITING}
    row = line(tables, SATISFIED)
    assert row["filed"] == "目标：服务对象满意度；实际：≥90%；自评 9 分"
    assert "界限" in row["computed"]
    assert line(tables, OUTPUT)["why"] == "自评比核算高 7.60 分"


def test_a_return_without_doubts_asks_nothing(clean: dict[str, Any], policy: Policy) -> None:
    """A return without unjudged rows, errors and differences has an empty list."""
    assert evaluated(filed.changed(clean, {}, OFFICE), policy).reviews.empty


def test_a_budget_of_zero_asks_for_the_points_of_execution(clean: dict[str, Any], policy: Policy) -> None:
    """Execution that cannot be computed waits as a criterion, and 8 points given to it are its points."""
    office = filed.changed(clean, {"fields": {"funds_budget": 0}}, OFFICE)
    tables = decided(office, policy, {"预算执行率": {"verdict": "改按复核得分", "points": 8, **SIGNED}})
    scores = tables.scores.set_index("criterion")
    assert (scores.loc["execution", "points"], scores.loc["execution", "unjudged_weight"]) == (0, 10)
    assert (scores.loc["execution", "reviewed_points"], scores.loc["execution", "open_weight"]) == (8, 0)


VERDICTS = [
    ({"verdict": "认定完成"}, 10.00),  # the whole weight
    ({"verdict": "认定未完成"}, 0.00),
    ({"verdict": "维持核算"}, 0.00),
    ({"verdict": "改按复核得分", "points": 9.3}, 9.30),
]


@pytest.mark.parametrize(("typed", "points"), VERDICTS, ids=str)
def test_a_decided_row_is_scored_as_decided(
    seed: dict[str, Any], policy: Policy, typed: dict[str, Any], points: float
) -> None:
    """Satisfaction gets the decided points, 76.02 is 76.02 + them, and the program's own 0 and 76.02 stay beside."""
    tables = decided(seed, policy, {SATISFIED: typed | SIGNED})
    scores = tables.scores.set_index("criterion")[["points", "reviewed_points", "open_weight"]].T.to_dict("list")
    assert scores["satisfaction"] == [0, points, 0]
    assert scores["total"] == [76.02, pytest.approx(76.02 + points), 0]
    (row,) = tables.summary.to_dict("records")
    assert (row["points"], row["grade"], row["provisional"]) == (76.02, "较差", False)
    assert row["reviewed_grade"] == ("良好" if 76.02 + points >= 80 else "较差")
    assert tables.indicators["review"].iloc[25].startswith(f"复核：{typed['verdict']}")
    assert line(tables, SATISFIED)["effect"] == Effect.IN_FORCE


def test_a_decided_criterion_takes_the_place_of_its_rows(seed: dict[str, Any], policy: Policy) -> None:
    """45 points for the output block: 9.62 + 45 + 28 + 0 = 82.62, 良好, and still provisional: 92.62 would be 优秀."""
    tables = decided(seed, policy, {OUTPUT: {"verdict": "改按复核得分", "points": 45, **SIGNED}})
    (row,) = tables.summary.to_dict("records")
    assert (row["reviewed_points"], row["reviewed_grade"], row["provisional"]) == (82.62, "良好", True)
    assert tables.scores.set_index("criterion").loc["output", "points"] == 38.40


def test_a_dismissed_finding_no_longer_counts(seed: dict[str, Any], policy: Policy) -> None:
    """Of eight errors seven are left; the dismissed one stays listed, with who decided and why."""
    tables = decided(seed, policy, {SLIPPED: {"verdict": "不作为问题", **SIGNED}})
    (row,) = tables.summary.to_dict("records")
    assert (row["errors"], row["waived"]) == (7, 1)
    found = tables.findings[tables.findings["rule"].eq("three_public_sum")]
    assert found["standing"].tolist() == ["waived"]
    assert found["waiver"].tolist() == ["复核：不作为问题：已核对原始资料（王五，2022-05-01）"]


REFUSALS = [
    (SATISFIED, {"verdict": "认定完成", **SIGNED, "reason": ""}, "没有填写理由"),
    (SATISFIED, {"verdict": "认定完成", **SIGNED, "by": " "}, "没有填写复核人"),
    (SATISFIED, {"verdict": "认定完成", "reason": "对"}, "没有填写复核人、日期"),
    (SATISFIED, SIGNED, "没有填写复核决定"),
    (SATISFIED, {"verdict": "同意", **SIGNED}, "“同意”不在可选的决定中"),
    (SATISFIED, {"verdict": "认定完成", **SIGNED, "date": "五月"}, "日期“五月”看不出是哪一天"),
    (SATISFIED, {"verdict": "认定完成", **SIGNED, "date": "2022-02-30"}, "看不出是哪一天"),
    (SATISFIED, {"verdict": "改按复核得分", **SIGNED}, "须填写复核得分"),
    (SATISFIED, {"verdict": "认定完成", "points": 9, **SIGNED}, "其他决定不填"),
    (SATISFIED, {"verdict": "改按复核得分", "points": 10.01, **SIGNED}, "10.01 分高于分值 10 分"),
    (SATISFIED, {"verdict": "改按复核得分", "points": -1, **SIGNED}, "“-1”不是得分"),
    (SATISFIED, {"verdict": "不作为问题", **SIGNED}, "对这一事项只能选维持核算、认定完成"),
    (SLIPPED, {"verdict": "认定完成", **SIGNED}, "对这一事项只能选维持核算、不作为问题"),
    (SATISFIED, {"verdict": "认定完成", **SIGNED, "content": ""}, "没有报表指纹"),
    (SATISFIED, {"verdict": "认定完成", **SIGNED, "department": "没有的局"}, "本次没有评价该部门的报表"),
    (SATISFIED, {"verdict": "认定完成", **SIGNED, "item": "指标99"}, "报表中没有这一事项"),
]


@pytest.mark.parametrize(("item", "typed", "why"), REFUSALS, ids=[why for _, _, why in REFUSALS])
def test_a_decision_with_a_mistake_is_refused_by_line(
    seed: dict[str, Any], policy: Policy, item: str, typed: dict[str, Any], why: str
) -> None:
    """It changes nothing, is told why, and what was typed stays on its line; a good one beside it is in force."""
    tables = decided(seed, policy, {item: typed, OUTPUT: {"verdict": "维持核算", **SIGNED}})
    refused = tables.reviews[tables.reviews["effect"].eq(Effect.REFUSED)]
    assert len(refused) == 1
    assert why in refused["told"].item()
    assert refused["verdict"].item() == str(typed.get("verdict", ""))
    assert line(tables, OUTPUT)["effect"] == Effect.IN_FORCE
    (row,) = tables.summary.to_dict("records")
    assert (row["reviewed_points"], row["errors"], row["provisional"]) == (76.02, 8, True)


def test_two_lines_on_one_item_are_both_refused(seed: dict[str, Any], policy: Policy) -> None:
    """What is decided twice is decided by nobody."""
    typed = {"verdict": "认定完成", **SIGNED}
    sent = fill(book(evaluated(seed, policy), policy), {SATISFIED: typed, OUTPUT: typed | {"item": SATISFIED}})
    tables = evaluated(seed, policy, list_reviews.read(REVIEWS, sent))
    refused = tables.reviews[tables.reviews["effect"].eq(Effect.REFUSED)]
    assert refused["told"].str.contains("不止一行").tolist() == [True, True]
    assert tables.summary["reviewed_points"].isna().all()


def test_a_decision_is_kept_when_the_return_says_the_same(seed: dict[str, Any], policy: Policy) -> None:
    """The list written after a decision carries it, and dropped in again gives the same results."""
    first = decided(seed, policy, {SATISFIED: {"verdict": "认定完成", **SIGNED}})
    again = evaluated(seed, policy, list_reviews.read(REVIEWS, book(first, policy)))
    assert again.scores.equals(first.scores)
    assert line(again, SATISFIED)["told"] == "已采用"


def test_a_decision_is_stale_when_the_return_has_changed(seed: dict[str, Any], policy: Policy) -> None:
    """With one figure changed the decision has no effect, is told as stale with its words, and asked again."""
    sent = fill(book(evaluated(seed, policy), policy), {SATISFIED: {"verdict": "认定完成", **SIGNED}})
    later = filed.changed(seed, {"fields": {"reception_outturn": 1.48}}, OFFICE)
    tables = evaluated(later, policy, list_reviews.read(REVIEWS, sent))
    row = line(tables, SATISFIED)
    assert (row["effect"], row["verdict"]) == (Effect.STALE, "")
    assert row["told"] == "报表已改动，请重新决定。原来的决定：认定完成：已核对原始资料（王五，2022-05-01）"
    assert tables.summary["reviewed_points"].isna().all()
    decided_anew = fill(book(tables, policy), {SATISFIED: {"verdict": "认定完成", **SIGNED}})
    assert (
        line(evaluated(later, policy, list_reviews.read(REVIEWS, decided_anew)), SATISFIED)["effect"] == Effect.IN_FORCE
    )


def test_a_row_that_nobody_asked_about_may_be_decided(seed: dict[str, Any], policy: Policy) -> None:
    """A line added by hand with the stamp of the return decides row 8: 76.02 + 50/15 is 79.35."""
    workbook = openpyxl.load_workbook(io.BytesIO(book(evaluated(seed, policy), policy)))
    sheet, *_, stamps = workbook.worksheets
    typed = {"department": OFFICE, "item": "指标8", "verdict": "认定完成", **SIGNED, "content": stamps["B2"].value}
    for name, value in typed.items():
        sheet.cell(sheet.max_row + (name == "department"), HEADS[name]).value = value
    stream = io.BytesIO()
    workbook.save(stream)
    tables = evaluated(seed, policy, list_reviews.read(REVIEWS, stream.getvalue()))
    # output (11.52 + 1) × 50/15 = 41.7333… → 41.73; 9.62 + 41.73 + 28 + 0 = 79.35
    assert tables.summary["reviewed_points"].item() == 79.35


def test_text_in_a_decision_is_only_text(seed: dict[str, Any], policy: Policy) -> None:
    """A reason that begins like a formula is written again as text."""
    tables = decided(seed, policy, {SATISFIED: {"verdict": "认定完成", **SIGNED, "reason": "'=1+1"}})
    again = openpyxl.load_workbook(io.BytesIO(book(tables, policy))).worksheets[0]
    assert again.cell(4, HEADS["reason"]).data_type == "s"


def test_the_list_comes_out_and_goes_in_again(
    tmp_path: Path, seed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """`evaluate` writes 复核意见.xlsx, takes it from the inbox, and says what it took and what it refused."""
    inbox, output = tmp_path / "收件夹", tmp_path / "结果"
    inbox.mkdir()
    (inbox / f"{OFFICE}.xlsx").write_bytes(filed.workbook(seed))
    assert main(["evaluate", str(inbox), "-o", str(output)]) == 0
    assert "复核：待复核 10 项。" in capsys.readouterr().out
    written = output / "2021" / REVIEWS
    typed: Filled = {SATISFIED: {"verdict": "认定完成", **SIGNED}, OUTPUT: {"verdict": "认定完成"}}
    (inbox / REVIEWS).write_bytes(fill(written.read_bytes(), typed))
    assert main(["evaluate", str(inbox), "-o", str(output)]) == 0
    told = capsys.readouterr().out
    assert "较差，复核后 86.02 分，良好" in told
    assert "复核：待复核 8 项，已采用 1 项，没有采用 1 项。" in told
    assert f"  {OFFICE} {OUTPUT}：没有采用：没有填写理由、复核人、日期" in told


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", None])
def test_a_list_that_cannot_be_read_stops_the_run(
    tmp_path: Path, seed: dict[str, Any], content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged 复核意见.xlsx, or one that is something else, is told and nothing is evaluated without it."""
    (tmp_path / "局.xlsx").write_bytes(filed.workbook(seed))
    if content is None:
        shutil.copy(tmp_path / "局.xlsx", tmp_path / REVIEWS)
    else:
        (tmp_path / REVIEWS).write_bytes(content)
    assert main(["evaluate", str(tmp_path), "-o", str(tmp_path / "out")]) == 2
    assert REVIEWS in capsys.readouterr().err
