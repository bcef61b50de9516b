"""Whole returns of made-up departments: every figure is that of the hand calculation kept beside the return."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from pipeline import frames
from pipeline.workbooks.form_layout import form_words, lay_out
from schemas import policy as policies
from schemas.enums import TOTAL, Basis, State
from schemas.forms import FORMS
from tests.conftest import evaluated_files
from tests.support import filed
from tests.support.pages import pages, saved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemas.policy import Policy
    from tests.support.in_memory import CountyResult

RETURNS: dict[str, dict[str, Any]] = {
    path.stem: filed.load(path) for path in sorted((filed.RETURNS / "worked").glob("*.toml"))
}
BY_CRITERION = ("points", "unreported_weight", "unjudged_weight", "self_points", "difference")
BY_ROW = ("basis", "weight", "state", "points")
ON_PAPER = 10**6
"""No fraction on paper has a greater denominator: with this a float tells which fraction it stands for."""

each_return = pytest.mark.parametrize("name", RETURNS)


def workbook(each: dict[str, Any]) -> bytes:
    """Make the workbook of a return, its weights and points merged over the rows that ``merged`` names."""
    content = filed.workbook(each)
    if "merged" not in each:
        return content
    form = next(form for form in FORMS if form.indicators)
    lines = lay_out(form, each["indicators"], form_words(policies.load(each["year"]))).lines
    sheets = pages(content)
    for column, spans in each["merged"].items():
        for first, last in spans:
            (top, left), (bottom, _) = (lines[number - 1][column] for number in (first, last))
            sheets[form.sheet][1].append((top + 1, left + 1, bottom + 1, left + 1))
    return saved(sheets)


@pytest.fixture(scope="module")
def tables(policy: Policy) -> CountyResult:
    """Give the tables of one run over all the returns."""
    return evaluated_files({name: workbook(each) for name, each in RETURNS.items()}, policy)


def found(tables: CountyResult, table: str, name: str) -> list[dict[str, Any]]:
    """Give the rows of a table that are about a return, blanks as None."""
    department = RETURNS[name]["fields"]["department_1_1"]
    return [row for row in frames.records(getattr(tables, table)) if row["department"] == department]


def exact(value: Any) -> Any:
    """Give the fraction that a figure stands for, on paper or in a table; a word stays what it is."""
    if isinstance(value, float):
        return Fraction(value).limit_denominator(ON_PAPER)
    return Fraction(value) if value[-1:].isdigit() else value


def half_up(value: Fraction) -> Fraction:
    """Round half up to 0.01."""
    return Fraction(int(value * 100 + Fraction(1, 2)), 100)


@pytest.mark.parametrize("aspect", BY_CRITERION)
@each_return
def test_every_criterion_is_as_by_hand(tables: CountyResult, name: str, aspect: str) -> None:
    """Points, open weights, self points and differences of the four criteria and the total are those by hand."""
    told = {row["criterion"]: row[aspect] for row in found(tables, "scores", name)}
    by_hand = RETURNS[name]["expected"][aspect]
    assert {criterion: exact(value) for criterion, value in told.items() if value is not None} == {
        criterion: Fraction(value) for criterion, value in by_hand.items()
    }


@pytest.mark.parametrize("aspect", BY_ROW)
@each_return
def test_every_row_is_as_by_hand(tables: CountyResult, name: str, aspect: str) -> None:
    """Weight and where it comes from, state and points of every row are those by hand."""
    column = {"basis": "weight_basis"}.get(aspect, aspect)
    told = [exact(row[column]) for row in found(tables, "indicators", name)]
    assert told == [exact(row[aspect]) for row in RETURNS[name]["expected"]["rows"]]


@each_return
def test_the_grade_is_as_by_hand(tables: CountyResult, name: str) -> None:
    """The grade, whether it is provisional, and the grade of the department's own points are those by hand."""
    (row,) = found(tables, "summary", name)
    by_hand = RETURNS[name]["expected"]
    assert {key: row[key] for key in ("grade", "provisional", "self_grade")} == {
        key: by_hand[key] for key in ("grade", "provisional", "self_grade")
    }


@each_return
def test_the_summary_has_the_totals_by_hand(tables: CountyResult, name: str) -> None:
    """Points, self points and difference of the summary are the totals by hand."""
    (row,) = found(tables, "summary", name)
    totals = {key: row[key] for key in ("points", "self_points", "difference") if row[key] is not None}
    by_hand = {key: RETURNS[name]["expected"][key].get(TOTAL) for key in ("points", "self_points", "difference")}
    assert {key: exact(value) for key, value in totals.items()} == {
        key: Fraction(value) for key, value in by_hand.items() if value is not None
    }


# ---------------------------------------------------------------------- the hand calculation itself


def blocks(name: str) -> dict[str, list[Mapping[str, str]]]:
    """Give the rows of the hand calculation by criterion."""
    each = RETURNS[name]
    found: dict[str, list[Mapping[str, str]]] = {}
    for row, by_hand in zip(each["indicators"], each["expected"]["rows"], strict=True):
        found.setdefault(row["criterion"], []).append(by_hand)
    return found


def added(rows: list[Mapping[str, str]], figure: str, *states: State) -> Fraction:
    """Add a figure of the hand calculation up, over rows of these states, or of any."""
    return sum((Fraction(row[figure]) for row in rows if not states or row["state"] in states), Fraction(0))


@each_return
def test_the_hand_calculation_adds_up(policy: Policy, name: str) -> None:
    """Rows on paper make the weight, points and open weights of their block, and the criteria the total."""
    by_hand = RETURNS[name]["expected"]
    for criterion, rows in blocks(name).items():
        assert added(rows, "weight") == policy.weight(criterion)
        assert half_up(added(rows, "points")) == Fraction(by_hand["points"][criterion])
        assert added(rows, "weight", State.UNREPORTED) == Fraction(by_hand["unreported_weight"][criterion])
        assert added(rows, "weight", State.UNJUDGED) == Fraction(by_hand["unjudged_weight"][criterion])
    for aspect in BY_CRITERION:
        figures = {criterion: Fraction(value) for criterion, value in by_hand[aspect].items()}
        total = figures.pop(TOTAL, Fraction(0))
        assert sum(figures.values(), Fraction(0)) == total


def test_the_returns_cover_the_method() -> None:
    """There are at least twelve, with every state, basis of weights and grade, provisional and not."""
    by_hand = [each["expected"] for each in RETURNS.values()]
    rows = [row for each in by_hand for row in each["rows"]]
    assert len(RETURNS) >= 12
    assert {row["state"] for row in rows} == set(State)
    assert {row["basis"] for row in rows} == set(Basis)
    assert {each["grade"] for each in by_hand} == {"优秀", "良好", "较差", "差"}
    assert {each["provisional"] for each in by_hand} == {True, False}


def test_some_points_lie_half_way_between_two_cents() -> None:
    """Rounding half to even, and rounding in binary, would each get a criterion wrong that half up gets right."""
    sums = [added(rows, "points") for name in RETURNS for rows in blocks(name).values()]
    assert any(round(each, 2) != half_up(each) for each in sums)
    assert any(Fraction(str(round(float(each), 2))) != half_up(each) == round(each, 2) for each in sums)
