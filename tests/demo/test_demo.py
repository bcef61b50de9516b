"""The demo county: the same for everybody, plainly made up, and with something of everything in it."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from pipeline import demo
from pipeline.__main__ import main
from pipeline.demo import prior_year
from pipeline.demo.county import draw_returns, write_roster
from pipeline.demo.faults import FAULTS, plant_fault
from pipeline.demo.oddities import odd_files
from pipeline.demo.returns import draw_honest, random_for
from pipeline.demo.words import indicator_pool, list_departments, words
from pipeline.lists import prior_year as list_prior_year
from pipeline.validation.wrong_figures import RULES_OF_RELATIONS
from schemas.enums import Status
from tests.conftest import evaluated_files
from tests.support.written import tables

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.evaluate import Run
    from schemas.policy import Policy

COUNT = 40
YEAR = 2021


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that the county is written to."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def ran(folder: Path) -> Run:
    """Write a county of 40 departments and evaluate it."""
    return demo.run_demo(folder, YEAR, count=COUNT)


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Two counties of one seed are the same to the byte, and another seed gives another county."""
    first, again, other = (
        [made.workbook() for made in islice(draw_returns(YEAR, seed, COUNT), 4)] for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert write_roster(1, COUNT) == write_roster(1, COUNT)
    assert list(odd_files(YEAR, 1, COUNT)) == list(odd_files(YEAR, 1, COUNT))
    assert prior_year.write_prior_results(YEAR, 1, COUNT) == prior_year.write_prior_results(YEAR, 1, COUNT)


def test_the_county_begins_with_its_bureaus() -> None:
    """Bureaus come first, towns from the 61st on, centres from the 81st, and numbered stations without end."""
    names = [office.name.removeprefix("云溪示例县") for office in list_departments(200)]
    assert names[0] == "委办公室"
    assert [name.endswith("镇人民政府") for name in (names[59], names[60], names[79], names[80])] == [
        False,
        True,
        True,
        False,
    ]
    assert names[102:104] == ["第0001公共服务站", "第0002公共服务站"]


def test_the_names_are_made_up_and_distinct() -> None:
    """Ten thousand departments have ten thousand names, each of a county that calls itself an example."""
    known = list_departments(10_000)
    assert len({office.name for office in known}) == len({office.short for office in known}) == 10_000
    assert all(office.name.startswith("云溪示例县") for office in known)


def test_a_department_is_the_same_in_every_county() -> None:
    """What a department reports does not depend on how many others there are."""
    small, large = ({made.office.name: made.fields for made in draw_returns(YEAR, 3, count)} for count in (COUNT, 60))
    both = small.keys() & large.keys()
    assert len(both) > 30
    assert all(small[name] == large[name] for name in both)


def test_no_pool_names_a_thing_twice() -> None:
    """A kind of department and what is common to all name no indicator twice."""
    asked = [name for name, each in words()["kinds"]["common"].items() if isinstance(each, list) and name != "income"]
    for kind in words()["kinds"].keys() - {"common"}:
        named = [each if isinstance(each, str) else each[0] for name in asked for each in indicator_pool(kind, name)]
        assert len(named) == len(set(named)), kind


def test_the_figures_are_plausible() -> None:
    """Departments have 6 to 30 indicator rows and mostly spend 70% to 105% of their budgets."""
    made = list(draw_returns(YEAR, demo.SEED, 300))
    assert {6 <= len(each.lines) <= 30 or "block_missing" in each.faults for each in made} == {True}
    assert {0.70 <= each.execution() <= 1.05 for each in made if not each.faults} == {True}
    assert 0.35 < sum(bool(each.faults) for each in made) / len(made) < 0.55
    assert max(len(each.faults) for each in made) == 4


def test_every_return_is_read(ran: Run) -> None:
    """No return is refused but the odd ones: a letter, an upload that failed, a return of another year."""
    table = tables(ran.folder).submissions
    refused = set(table.loc[table["status"].eq(Status.REJECTED), "source_file"])
    assert refused == {each.name for each in odd_files(YEAR, demo.SEED, COUNT)} & refused
    assert len(refused) == 3


def test_every_status_comes_up(ran: Run) -> None:
    """An inbox of 40 departments has files of every fate."""
    assert set(tables(ran.folder).submissions["status"]) == set(Status)


def test_many_rules_are_broken(ran: Run) -> None:
    """An inbox of 40 departments breaks at least 20 rules, those on last year among them."""
    found = set(tables(ran.folder).findings["rule"])
    assert len(found) >= 20
    assert {"prior_outturn_differs", "found_last_year"} & found


def test_departments_without_faults_have_no_errors(ran: Run) -> None:
    """Where no fault was planted none is found, but that the figures of last year were changed since."""
    clean = {made.office.name for made in draw_returns(YEAR, demo.SEED, COUNT) if not made.faults}
    found = tables(ran.folder).findings
    since = found["rule"].isin(["prior_outturn_differs", "carryover_differs"])
    grave = found[found["severity"].isin(["error", "warning"]) & ~since]
    assert clean
    assert clean.isdisjoint(grave["department"])


def test_every_kind_of_fault_is_found(policy: Policy) -> None:
    """Each kind of fault, planted alone, is found by its rule at its field."""
    books, planted = {}, {}
    for fault, office in zip(FAULTS, list_departments(len(FAULTS)), strict=True):
        made = draw_honest(random_for("one by one", office.number), office, policy)
        plant_fault(made, fault, random_for("one by one", fault.rule))
        books[office.name], planted[office.name] = made.workbook(), (fault.rule, fault.at)
    found = evaluated_files(books, policy).findings
    places = set(zip(found["department"], found["rule"], found["field"], strict=True))
    # A broken relation is told at the figure that is wrong, which need not be the one that its rule points to.
    rules = set(zip(found["department"], found["rule"], strict=True))
    missing = [
        (name, rule, at)
        for name, (rule, at) in planted.items()
        if (name, rule, at) not in places and not (rule in RULES_OF_RELATIONS and (name, rule) in rules)
    ]
    assert missing == []


def test_last_year_is_read_back(folder: Path, ran: Run) -> None:
    """What is written of last year is what --prior takes, and most of it agrees with this year's returns."""
    loaded = list_prior_year.load(folder / demo.PRIOR, 2021)
    assert (loaded.year, ran.given.prior.year) == (2020, 2020)
    assert len(loaded.figures) == tables(ran.folder).submissions["status"].str.startswith("accepted").sum()
    differing = (
        tables(ran.folder).findings["rule"].isin(["prior_outturn_differs", "carryover_differs", "posts_changed"])
    )
    assert tables(ran.folder).findings.loc[differing, "department"].nunique() < 0.2 * COUNT


def test_files_bear_the_time_they_were_sent(folder: Path, ran: Run) -> None:
    """Returns were sent in the spring after the year, whenever the demo is made."""
    assert ran.folder.is_relative_to(folder)
    times = pd.to_datetime([path.stat().st_mtime for path in (folder / demo.INBOX).iterdir()], unit="s")
    assert times.min() >= pd.Timestamp("2022-02-01")
    assert times.max() < pd.Timestamp("2022-04-01")


def test_a_smaller_demo_replaces_a_larger_one(tmp_path: Path) -> None:
    """Files of an earlier demo do not stay behind."""
    demo.write_demo(tmp_path, YEAR, count=16)
    demo.write_demo(tmp_path, YEAR, count=12)
    written = {f"{demo.INBOX}/{path.name}" for path in (tmp_path / demo.INBOX).iterdir()}
    recorded = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["outputs"]
    assert written == {name for name in recorded if name.startswith(demo.INBOX)}


@pytest.mark.parametrize("name", ["inbox/某局.xlsx", "run.json", "prior/run.json"])
def test_an_inbox_of_others_is_left_alone(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with returns or results that no demo wrote is refused, and nothing is written there."""
    own = tmp_path / name
    own.parent.mkdir(exist_ok=True)
    own.write_bytes(b"{}")
    assert main(["demo", "-o", str(tmp_path), "--count", "12"]) == 2
    assert "请用 -o 指定另一个文件夹" in capsys.readouterr().err
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [own]


def test_the_command_evaluates_the_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`jixiao demo` writes and evaluates a county and says where the results are; fewer than ten are refused."""
    assert main(["demo", "-o", str(tmp_path / "demo"), "--count", "10", "--seed", "5"]) == 0
    assert "评价 7 个部门" in capsys.readouterr().out
    assert (tmp_path / "demo/output/2021/全县汇总.xlsx").is_file()
    assert main(["demo", "--count", "9"]) == 2
