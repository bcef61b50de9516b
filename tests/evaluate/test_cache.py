"""What is kept from run to run: nothing is done twice, and nothing that anything hangs on is ever left out."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pipeline import assess as assessing
from pipeline import department_batches, frames
from pipeline import evaluate as pipeline_evaluate
from pipeline.__main__ import main
from pipeline.evaluate import evaluate
from pipeline.inputs import Inputs
from pipeline.intake import receive
from pipeline.lists import prior_year, roster
from pipeline.lists import reviews as list_reviews
from pipeline.output import cache
from pipeline.output.sealed import SEAL, seal
from pipeline.workbooks.blank_lists import write_blank_roster
from pipeline.workbooks.review_list import ReviewList, write_review_list
from pipeline.workers import hand_out
from schemas.file_names import JOURNAL
from schemas.lists.roster import Member
from schemas.lists.waivers import Waiver
from tests.conftest import evaluated
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from schemas.policy import Policy

OFFICES = ("示例县甲局", "示例县乙局", "示例县丙局")
FAULTY = {
    "fields": {"staff_in_post": 31, "staffing_control_rate_stated": "103.33%"},
    "rows": {"1": {"actual": "不低于5次"}},
}


@pytest.fixture
def inbox(tmp_path: Path, clean: dict[str, Any]) -> Path:
    """Give an inbox of three returns; the second has 31 people in 30 posts, and a bound for what it has achieved."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    for office in OFFICES:
        made = filed.changed(clean, FAULTY if office == OFFICES[1] else {}, office)
        (folder / f"{office}.xlsx").write_bytes(filed.workbook(made))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Give every result by its name, run.json apart, which tells the time, and the journal, which earlier runs."""
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name not in {"run.json", JOURNAL}}


class Work:
    """Counts what is read and what is evaluated."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Count from now on."""
        self.read: list[str] = []
        self.assessed: list[str] = []
        map_isolated, assess = hand_out.map_isolated, assessing.assess

        def reading(work: Any, items: Any, *others: Any) -> Any:
            def counted() -> Any:
                for item in items:
                    self.read.append(item[0])
                    yield item

            return map_isolated(work, counted(), *others)

        def counting(readings: Any, *others: Any) -> Any:
            self.assessed += [each.department for each in readings]
            return assess(readings, *others)

        monkeypatch.setattr(receive, "map_isolated", reading)
        monkeypatch.setattr(department_batches, "assess", counting)

    def done(self) -> tuple[list[str], list[str]]:
        """Give what was read and evaluated since the last time."""
        found = self.read, self.assessed
        self.read, self.assessed = [], []
        return found


def test_nothing_is_done_twice(
    inbox: Path, tmp_path: Path, policy: Policy, clean: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second run reads and evaluates nothing; with one of three changed, that one only, and its books alone."""
    work = Work(monkeypatch)
    folder = evaluate(inbox, tmp_path / "out", policy).folder
    assert [len(each) for each in work.done()] == [3, 3]
    first = contents(folder)
    evaluate(inbox, tmp_path / "out", policy)
    assert work.done() == ([], [])
    assert contents(folder) == first
    books = {path: path.stat() for path in folder.glob("*/*.xlsx")}
    changed = filed.changed(clean, {"rows": {"1": {"actual": "1次"}}}, OFFICES[2])
    (inbox / f"{OFFICES[2]}.xlsx").write_bytes(filed.workbook(changed))
    evaluate(inbox, tmp_path / "out", policy)
    assert work.done() == ([f"{OFFICES[2]}.xlsx"], [OFFICES[2]])
    same = {path.name for path, before in books.items() if path.stat().st_ino == before.st_ino}
    assert same == {f"{office}.xlsx" for office in OFFICES[:2]}
    assert all(path.stat().st_mtime_ns == before.st_mtime_ns for path, before in books.items() if path.name in same)


def _waived(given: Inputs) -> Inputs:
    return replace(given, waivers=(Waiver(OFFICES[1], "overstaffed", "编制正在核增", "局务会", 2021),))


def _decided(given: Inputs, policy: Policy, clean: dict[str, Any]) -> Inputs:
    """Decide that the second office has met its indicator, as a reviewer does in the list that was written."""
    tables = evaluated({OFFICES[1]: filed.changed(clean, FAULTY, OFFICES[1])}, policy)
    rows = [row for row in frames.records(tables.reviews) if row["item"] == "指标1"]
    decided = [row | {"verdict": "认定完成", "reason": "属实", "by": "张三", "date": "2022-05-01"} for row in rows]
    assert decided
    written = write_review_list(ReviewList(decided, tables.stamps, [], policy.year))
    return replace(given, decisions=list_reviews.read("复核意见.xlsx", written))


def _prior(given: Inputs, tmp_path: Path, policy: Policy, clean: dict[str, Any]) -> Inputs:
    """Give last year's results, in which the first office had one person more."""
    (tmp_path / "before").mkdir()
    before = filed.changed(clean, {"fields": {"authorised_posts": 40}}, OFFICES[0])
    (tmp_path / "before" / "甲.xlsx").write_bytes(filed.workbook(before))
    folder = evaluate(tmp_path / "before", tmp_path / "last", policy).folder
    record = folder / "run.json"
    said = json.loads(record.read_text(encoding="utf-8").replace('"year": 2021', '"year": 2020'))
    record.write_bytes(seal({name: value for name, value in said.items() if name != SEAL}))
    return replace(given, prior=prior_year.load(folder, policy.year))


@pytest.mark.parametrize("ingredient", ["waiver", "decision", "roster", "prior", "policy", "program", "name", "county"])
@pytest.mark.slow
def test_whatever_results_hang_on_makes_them_anew(
    ingredient: str,
    inbox: Path,
    tmp_path: Path,
    policy: Policy,
    clean: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When anything changes that a result is made from, the results are those of a run that had nothing kept."""
    given = Inputs()
    first = contents(evaluate(inbox, tmp_path / "out", policy, given=given).folder)
    match ingredient:
        case "waiver":
            given = _waived(given)
        case "decision":
            given = _decided(given, policy, clean)
        case "roster":
            given = replace(given, roster=roster.Roster((Member("示例县甲改名局", also=(OFFICES[0],)),)))
        case "prior":
            given = _prior(given, tmp_path, policy, clean)
        case "policy":
            grades = tuple(each.model_copy(update={"word": f"{each.word}等"}) for each in policy.grades)
            policy = policy.model_copy(update={"grades": grades})
        case "program":
            monkeypatch.setattr(cache, "program_digest", lambda: "another program")
        case "name":
            (inbox / f"{OFFICES[0]}.xlsx").rename(inbox / "甲局（最终）.xlsx")
        case "county":
            for number in range(9):
                fields = {"three_public_outturn": 0.5, "reception_outturn": 0.5, "vehicles_outturn": 0}
                more = filed.changed(clean, {"fields": fields if number else {}}, f"示例县第{number}局")
                (inbox / f"第{number}局.xlsx").write_bytes(filed.workbook(more))
    again = contents(evaluate(inbox, tmp_path / "out", policy, given=given).folder)
    assert again == contents(evaluate(inbox, tmp_path / "afresh", policy, given=given).folder)
    assert (again == first) == (ingredient == "program")


def _spoil(path: Path, kinds: str = "%") -> None:
    """Change one letter in the middle of everything that is kept, or of what is of some kinds."""
    connection = sqlite3.connect(path)
    connection.execute("UPDATE kept SET content = replace(content, '示例县', '例示县') WHERE kind LIKE ?", [kinds])
    assert connection.total_changes
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "harm",
    [
        shutil.rmtree,
        lambda own: (own / "2021" / cache.FILE).write_bytes(b"no database"),
        lambda own: _spoil(own / "2021" / cache.FILE),
        lambda own: _spoil(own / "2021" / cache.FILE, "rows%"),
        lambda own: (own / "2021" / cache.FILE).write_bytes((own / "2021" / cache.FILE).read_bytes()[:8192]),
    ],
    ids=["deleted", "overwritten", "spoilt", "rows spoilt", "cut"],
)
def test_what_is_kept_may_be_deleted_or_damaged(
    harm: Callable[[Path], Any], inbox: Path, tmp_path: Path, policy: Policy
) -> None:
    """Whatever happens to what is kept, the next run writes the same results."""
    folder = evaluate(inbox, tmp_path / "out", policy).folder
    first = contents(folder)
    harm(tmp_path / "out" / ".jixiao")
    assert contents(evaluate(inbox, tmp_path / "out", policy).folder) == first


def test_a_result_that_was_touched_is_made_anew(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    """Results that somebody changed or deleted are as they were after the next run; what was changed is kept beside."""
    folder = evaluate(inbox, tmp_path / "out", policy).folder
    first = contents(folder)
    (folder / "部门评分" / f"{OFFICES[0]}.xlsx").write_bytes(b"changed")
    (folder / "部门评分" / f"{OFFICES[1]}.xlsx").unlink()
    again = evaluate(inbox, tmp_path / "out", policy)
    aside = f"部门评分/{OFFICES[0]}（旧1）.xlsx"
    assert again.renamed == (aside,)
    assert contents(again.folder) == first | {aside: b"changed"}
    assert evaluate(inbox, tmp_path / "out", policy).renamed == ()


def test_decisions_filled_in_where_they_were_written_are_not_lost(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A list of decisions that was filled in among the results is kept under another name, and what to do is told."""
    arguments = ["evaluate", str(inbox), "-o", str(tmp_path / "out")]
    assert main(arguments) == 0
    folder = tmp_path / "out" / "2021"
    (folder / "复核意见.xlsx").write_bytes(b"decided")
    capsys.readouterr()
    assert main(arguments) == 0
    told = capsys.readouterr().out
    assert "改动过的文件改了名保存在结果夹里：复核意见（旧1）.xlsx" in told
    assert "请复制到收件夹、改名为 复核意见.xlsx 后重新运行" in told
    assert (folder / "复核意见（旧1）.xlsx").read_bytes() == b"decided"


def test_a_run_of_the_same_things_is_told_at_once(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command evaluates nothing where nothing has changed, says so, and does evaluate once anything has."""
    arguments = ["evaluate", str(inbox), "-o", str(tmp_path / "out")]
    assert main(arguments) == 0
    told = capsys.readouterr().out
    evaluations: list[int] = []
    evaluate_all = pipeline_evaluate.evaluate

    def counted(*each: Any, **named: Any) -> pipeline_evaluate.Run:
        evaluations.append(1)
        return evaluate_all(*each, **named)

    monkeypatch.setattr(pipeline_evaluate, "evaluate", counted)
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"{told}（收件夹、名单和程序都没有变化，结果是上次的。）\n"
    assert evaluations == []
    (tmp_path / "out" / "2021" / "复核意见.xlsx").unlink()
    assert main(arguments) == 0
    (inbox / "部门名册.xlsx").write_bytes(write_blank_roster())
    assert main(arguments) == 0
    (inbox / f"{OFFICES[0]}.xlsx").touch()
    assert main(arguments) == 0
    assert len(evaluations) == 3
