"""Other policies: other weights, and other words and cuts of the grades; form, points and workbooks follow them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

import openpyxl
import pytest

from pipeline import frames
from pipeline.evaluate import Run, evaluate
from pipeline.workbooks.form_layout import form_words
from pipeline.workbooks.template import workbook as template_workbook
from schemas import policy as policies
from schemas.forms import FORMS
from schemas.lists.own_files import RESULT
from schemas.policy import POLICIES, Policy
from tests.support import filed
from tests.support.office import needs_office, recalculated
from tests.support.written import tables
from tests.workbooks.test_recalculation import formulas, same

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ANNEX = next(form.sheet for form in FORMS if form.indicators)
WEIGHTS = {
    'label = "预算执行率"\nweight = 10': 'label = "预算执行率"\nweight = 20',
    'label = "产出指标"\nweight = 50': 'label = "产出指标"\nweight = 40',
}
"""20 + 40 + 30 + 10: the indicators have 80 of the 100 points."""
GRADES = {
    'word = "优秀"\nfrom = 90': 'word = "好"\nfrom = 80',
    'word = "良好"\nfrom = 80': 'word = "较好"\nfrom = 70',
    'word = "较差"\nfrom = 60': 'word = "一般"\nfrom = 60',
}
"""好, 较好, 一般, 差 from 80, 70 and 60, as one province has them (method section 10)."""


class Other(NamedTuple):
    """Another policy, and a run under it; results by department."""

    policy: Policy
    run: Run

    def scores(self, department: str) -> dict[str, dict[str, Any]]:
        """Give the scores of a department by criterion."""
        rows = frames.records(tables(self.run.folder).scores)
        return {row["criterion"]: row for row in rows if row["department"] == department}

    def summary(self, department: str) -> dict[str, Any]:
        """Give the row of a department in the summary."""
        rows = frames.records(tables(self.run.folder).summary)
        return next(row for row in rows if row["department"] == department)

    def line(self, department: str, words: str) -> list[str]:
        """Give the line of the first sheet of a scored workbook that begins with words: texts and formulas."""
        book = openpyxl.load_workbook(self.run.folder / "部门评分" / f"{department}.xlsx")
        lines = [[str(cell.value) for cell in line if cell.value is not None] for line in book[RESULT].iter_rows()]
        return next(line for line in lines if line and line[0].startswith(words))

    def books(self) -> list[Path]:
        """Give the workbooks of the run."""
        return [self.run.folder / "全县汇总.xlsx", *sorted((self.run.folder / "部门评分").glob("*.xlsx"))]


def altered(folder: Path, changes: Mapping[str, str]) -> Policy:
    """Load the policy of 2021 with some of its text changed."""
    text = (POLICIES / "2021.toml").read_text(encoding="utf-8")
    for before, after in changes.items():
        assert text.count(before) == 1
        text = text.replace(before, after)
    (folder / "2021.toml").write_text(text, encoding="utf-8")
    return policies.load(2021, folder)


def evaluated_under(changes: Mapping[str, str], returns: list[dict[str, Any]], folder: Path) -> Other:
    """Evaluate returns, filed on the form of another policy, under it."""
    policy = altered(folder, changes)
    inbox = folder / "inbox"
    inbox.mkdir()
    for each in returns:
        content = template_workbook.write_form(policy, each["fields"], each["indicators"])
        (inbox / f"{each['fields']['department_1_1']}.xlsx").write_bytes(content)
    return Other(policy, evaluate(inbox, folder / "output", policy))


def on_the_form_of_40(clean: dict[str, Any]) -> dict[str, Any]:
    """Give the clean return on the form of 20/40/30/10: its output rows weigh 5 each, and the first is short."""
    rows: dict[str, dict[str, Any]] = {str(number): {"level1": "产出指标（40分）"} for number in range(1, 9)}
    rows["1"] |= {"weight": 5, "self_points": 5, "actual": "180人次"}
    rows["2"] |= {"weight": 5, "self_points": 5}
    fields = {"funds_weight": 20, "funds_points": 19.51, "total_points": 99.01}
    return filed.changed(clean, {"fields": fields, "rows": rows}, "示例县新表局")


@pytest.fixture(scope="module")
def weights(clean: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Other:
    """Give a run under other weights: a return on the new form, one on the old weights, and one without a budget."""
    old = filed.changed(clean, {}, "示例县旧表局")
    without = filed.changed(on_the_form_of_40(clean), {"fields": {"funds_budget": ""}}, "示例县无预算局")
    return evaluated_under(WEIGHTS, [on_the_form_of_40(clean), old, without], tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def grades(tmp_path_factory: pytest.TempPathFactory) -> Other:
    """Give a run under other grades: four of the worked returns, whose points stay what they are."""
    names = ("roads", "forestry", "archives", "emergency")
    returns = [filed.load(filed.RETURNS / "worked" / f"{name}.toml") for name in names]
    return evaluated_under(GRADES, returns, tmp_path_factory.mktemp("grades"))


# ---------------------------------------------------------------------- other weights


POINTS = {
    # 20 × 780.50/800 = 20 × 0.975625 = 19.5125; 180/200 of 5, and 35; 8 + 7.5 + 7 + 7; 10
    "示例县新表局": {"execution": 19.51, "output": 39.5, "benefit": 29.5, "satisfaction": 10, "total": 98.51},
    # weights that add up to 50 count 40/50 of themselves, and every row is met
    "示例县旧表局": {"execution": 19.51, "output": 40, "benefit": 29.5, "satisfaction": 10, "total": 99.01},
    "示例县无预算局": {"execution": 0, "output": 39.5, "benefit": 29.5, "satisfaction": 10, "total": 79},
}


@pytest.mark.parametrize("department", POINTS)
def test_points_follow_the_weights_of_the_policy(weights: Other, department: str) -> None:
    """Execution counts of 20 and output of 40, whatever weights the department filed."""
    scores = weights.scores(department)
    assert {criterion: row["points"] for criterion, row in scores.items()} == POINTS[department]
    assert {criterion: row["weight"] for criterion, row in scores.items()} == {
        "execution": 20,
        "output": 40,
        "benefit": 30,
        "satisfaction": 10,
        "total": 100,
    }


def test_the_weight_of_execution_is_what_is_open(weights: Other) -> None:
    """Without a budget 20 points are unjudged: 79 is 较差, and 99 would be 优秀."""
    scores, summary = weights.scores("示例县无预算局"), weights.summary("示例县无预算局")
    assert (scores["execution"]["unjudged_weight"], scores["total"]["unjudged_weight"]) == (20, 20)
    assert (summary["grade"], summary["provisional"]) == ("较差", True)


def test_old_weights_are_scaled_to_the_new_block(weights: Other) -> None:
    """Output rows filed with 10, 10 and six times 5 of 50 weigh 8, 8 and six times 4 of 40."""
    rows = tables(weights.run.folder).indicators
    mine = rows[rows["department"].eq("示例县旧表局") & rows["criterion"].eq("output")]
    assert list(mine["weight"]) == [8, 8, 4, 4, 4, 4, 4, 4]


def test_the_formula_of_execution_has_the_weight_of_the_policy(weights: Other) -> None:
    """The scored workbook computes execution of 20, and shows that weight beside it."""
    _, weight, points, *_ = weights.line("示例县新表局", "预算执行率")
    assert weight == "20"
    assert "ROUND(20*MIN(" in points


# ---------------------------------------------------------------------- other grades


@pytest.mark.parametrize(
    ("department", "points", "grade", "provisional", "self_grade"),
    [
        ("示例县交通运输局", 86.76, "好", False, "好"),  # claimed 90
        ("示例县林业局", 74.44, "较好", True, "好"),  # 84.44 would be 好; claimed 94.9
        ("示例县档案局", 66, "一般", False, "一般"),  # claimed 67.5
        ("示例县应急管理局", 33.25, "差", False, "差"),  # claimed 58
    ],
)
def test_grades_follow_the_words_and_cuts_of_the_policy(
    grades: Other, department: str, points: float, grade: str, *, provisional: bool, self_grade: str
) -> None:
    """The points are those of the worked returns; the grades have the other words, at the other cuts."""
    row = grades.summary(department)
    assert (row["points"], row["grade"], row["provisional"]) == (points, grade, provisional)
    assert row["self_grade"] == self_grade


def test_the_formula_of_the_grade_follows_the_policy(grades: Other) -> None:
    """The scored workbook grades the total by the policy's words and cuts, highest first, as it does the claim."""
    _, computed, _, claimed = grades.line("示例县林业局", "核算等级")
    words = 'IF({0}9>=80,"好",IF({0}9>=70,"较好",IF({0}9>=60,"一般",IF({0}9>=0,"差",""))))'
    assert computed == "=" + words.format("C")
    assert claimed == '=IF(COUNT(D9)=0,"",' + words.format("D") + ")"


def test_the_verdict_names_the_possible_grade(grades: Other) -> None:
    """The scored workbook says that with the 10 open points the grade would be 好."""
    (told,) = grades.line("示例县林业局", "等级暂定")
    assert told == "等级暂定：有 10.00 分待复核确定，全部得分则为“好”。"


# ---------------------------------------------------------------------- the form, and every formula


def test_the_words_of_the_form_are_the_policys(weights: Other, grades: Other) -> None:
    """What the form prints of weights and grades is made from the policy."""
    words = form_words(weights.policy)
    assert words["weights"] == "预算执行率20分、产出指标40分、效益指标30分、满意度指标10分"
    assert (words["execution"], words["output"], words["total"]) == ("20", "40", "100")
    assert form_words(grades.policy)["grades"] == "好（S≥80）、较好（80＞S≥70）、一般（70＞S≥60）、差（S＜60）"


def test_the_blank_form_prints_the_weights(weights: Other) -> None:
    """Heads of the blocks and the note of the blank form print the policy's weights."""
    sheet = openpyxl.load_workbook(io.BytesIO(template_workbook.write_form(weights.policy)))[ANNEX]
    texts = [str(cell.value) for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {"产出指标\n（40分）", "效益指标\n（30分）", "满意度指标\n（10分）"} <= set(texts)
    (note,) = (text for text in texts if text.startswith("说明："))
    assert "分值设定100分，其中预算执行率20分、产出指标40分、效益指标30分、满意度指标10分。" in note


def test_the_blank_form_offers_the_grades(grades: Other) -> None:
    """The note of the blank form prints the policy's grades, and the grade cell takes no other words."""
    sheet = openpyxl.load_workbook(io.BytesIO(template_workbook.write_form(grades.policy)))[ANNEX]
    texts = [str(cell.value) for line in sheet.iter_rows() for cell in line if cell.value is not None]
    (note,) = (text for text in texts if text.startswith("说明："))
    assert "综合评价等级分为好（S≥80）、较好（80＞S≥70）、一般（70＞S≥60）、差（S＜60）。" in note
    lists = [rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert lists == ['"好,较好,一般,差"']


@needs_office
@pytest.mark.parametrize("other", ["weights", "grades"])
@pytest.mark.slow
def test_every_formula_follows_the_policy(other: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """LibreOffice, made to recalculate, finds in every formula of the outputs the value that was written with it."""
    files = request.getfixturevalue(other).books()
    wrong = []
    for path, saved in zip(files, recalculated(files, tmp_path), strict=True):
        before, after = formulas(path), formulas(saved)
        assert before.keys() == after.keys()
        wrong += [
            (path.name, *key, *before[key], after[key][1]) for key in before if not same(before[key][1], after[key][1])
        ]
    assert wrong == []
