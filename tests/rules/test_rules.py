"""Every rule of the register, on single faults planted in a return without one."""

from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.__main__ import main
from pipeline.pages import rules as page_rules
from pipeline.reading import read
from schemas.forms import FIELDS, FORMS
from schemas.forms.model import STAMP, Kind
from schemas.rules import RULES, outliers, prior_year
from schemas.rules.mistakes import MISTAKES
from schemas.rules.predicates import summed
from schemas.rules.workbook_and_cells import NEGATIVE, NOT_WHOLE
from tests.conftest import evaluated_files
from tests.support import filed, in_memory
from tests.support.indicated import cases
from tests.support.places import cell_of, layouts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.workbooks.form_layout import Layout
    from schemas.policy import Policy

CASES: list[dict[str, Any]] = cases("rules")["case"]
SHEETS = {form.annex.removeprefix("附件"): form.sheet for form in FORMS} | {"": "", STAMP: STAMP}
CLEAN = "没有错误"
TWICE = re.compile(r"(合计|应为|不小于|不超过|万元) *\1|应为 *合计")
"""What a message says where its words have the figure's words again."""
MISSING = re.compile(r"[{}]|nan|None|“”|“ |  |为 (?:[，。]|万元)|[是为]，")
"""What a message shows where a figure is blank."""


def _workbook(clean: dict[str, Any], case: dict[str, Any]) -> bytes:
    """Make the workbook of a case."""
    changed = filed.changed(clean, case, case["name"])
    content = filed.workbook(changed)
    return _edited(content, case["edit"], layouts(changed)) if "edit" in case else content


def _edited(content: bytes, edit: dict[str, Any], laid_out: dict[str, Layout]) -> bytes:
    """Change a workbook in a way in which the form cannot be filled in."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    if "without" in edit:
        del book[SHEETS[edit["without"]]]
    else:
        sheet = book[SHEETS[edit["sheet"]]]
        for area in edit.get("split", ()):
            sheet.unmerge_cells(area)
        for cell, value in edit["cells"].items():
            sheet[cell_of(laid_out[edit["sheet"]], cell) if edit["sheet"] in laid_out else cell] = value or None
        for area in edit.get("merge", ()):
            sheet.merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1.0, None]),
        pd.Series(["甲", None, ""], dtype="str"),
        pd.Series([1, None], dtype="Int64"),
        pd.Series([True, False]),
        pd.Series([None, "甲", float("nan"), 1], dtype="object"),
    ],
)
def test_a_rule_applies_where_what_it_needs_is_not_blank(values: pd.Series[Any], policy: Policy) -> None:
    """A rule that needs a column can be checked where that holds a value, of whatever type, and nowhere else."""
    rule = replace(RULES[0], needs=("value",), where=None, expected=None)
    assert rule.applies(pd.DataFrame({"value": values}), policy).tolist() == values.notna().tolist()


@pytest.fixture(scope="module", autouse=True)
def as_the_rules_find() -> Iterator[None]:
    """Leave findings at the cells that rules point to: which figure is wrong is told in tests/validation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.assess.point_to_wrong_figures", lambda findings, *_: findings)
        yield


@pytest.fixture(scope="module")
def findings(clean: dict[str, Any], policy: Policy) -> dict[str, pd.DataFrame]:
    """Give the findings of every case by its name, all departments evaluated in one run."""
    books = {case["name"]: _workbook(clean, case) for case in CASES}
    books[CLEAN] = filed.workbook(filed.changed(clean, {}, CLEAN))
    found = evaluated_files(books, policy).findings
    return {name: found[found["source_file"].eq(f"{name}.xlsx")] for name in books}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rule']}-{case['name']}")
def test_every_fault_is_reported_at_its_cell_and_nothing_else(
    case: dict[str, Any], findings: dict[str, pd.DataFrame], clean: dict[str, Any]
) -> None:
    """A fault brings its rule, at its cell and with what should stand there, and what follows; no other rule."""
    found = findings[case["name"]]
    hits = found[found["rule"].eq(case["rule"])]
    assert set(found["rule"]) == set(case.get("also", ())) | ({case["rule"]} if case["hit"] else set())
    if case["hit"]:
        places = set(zip(hits["sheet"], hits["cell"], strict=True))
        cells = case["cell"] if isinstance(case["cell"], list) else [case["cell"]]
        layout = layouts(filed.changed(clean, case, case["name"])).get(case["sheet"])
        assert places == {(SHEETS[case["sheet"]], cell_of(layout, cell) if layout else cell) for cell in cells}
        assert hits["expected"].iloc[0] == case.get("expected", hits["expected"].iloc[0])
        assert case.get("says", "") in hits["message"].iloc[0]


def test_a_return_without_a_fault_has_no_finding_beside_many_with_one(findings: dict[str, pd.DataFrame]) -> None:
    """The faults of two hundred departments never show at another, nor stop the run."""
    assert findings[CLEAN].empty


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_a_department_is_found_at_fault_alone_as_among_hundreds(
    part: int, findings: dict[str, pd.DataFrame], clean: dict[str, Any], policy: Policy
) -> None:
    """What is found in a return does not hang on the others, the rules that compare with the county apart."""
    beyond = {rule.id for rule in outliers.RULES}
    for case in CASES[part::8]:
        alone = evaluated_files({case["name"]: _workbook(clean, case)}, policy).findings
        among = findings[case["name"]]
        among = among[~among["rule"].isin(beyond)].reset_index(drop=True)
        assert alone.to_dict("records") == among.to_dict("records"), case["name"]


def test_every_number_that_is_negative_or_no_whole_is_found_in_the_order_of_the_form(
    clean: dict[str, Any], policy: Policy
) -> None:
    """Where each number of two returns is −0.5, each is told once at its cell, and people as no whole numbers too."""
    filled = read.read("甲.xlsx", filed.workbook(filed.changed(clean, {}, "甲")), policy.year)
    here = {fact.field for fact in filled.facts}
    numbers = {name: asked for name, asked in FIELDS.items() if asked.kind.numeric and name in here}
    facts = [
        each._replace(value=-0.5, raw="-0.5", shown="-0.5") if each.field in numbers else each for each in filled.facts
    ]
    one = replace(filled, facts=facts)
    other = replace(one, source_file="乙.xlsx", sha256="乙", offices=("乙",))
    found = in_memory.evaluate_in_memory([one, other], [], policy).findings
    cells = {fact.field: fact.cell for fact in facts}
    for rule, asked in (
        (NEGATIVE, list(numbers)),
        (NOT_WHOLE, [name for name, each in numbers.items() if each.kind is Kind.COUNT]),
    ):
        for office in ("甲", "乙"):
            mine = found[found["rule"].eq(rule.id) & found["department"].eq(office) & found["field"].isin(numbers)]
            told = list(zip(mine["field"], mine["cell"], mine["stated"], strict=True))
            assert told == [(name, cells[name], "-0.5") for name in asked]


@given(st.lists(st.tuples(*[st.sampled_from([math.nan, 0.0, 1.005, -2.5, 1e6])] * 3), min_size=1, max_size=6))
def test_a_sum_counts_no_blank_and_blanks_have_none(rows: list[tuple[float, ...]]) -> None:
    """The sum of a row is that of the figures in it, to the sixth decimal; of blanks alone it is blank."""
    table = pd.DataFrame(rows, columns=list("abc"))
    for told, row in zip(summed(table, "abc"), rows, strict=True):
        known = [value for value in row if not math.isnan(value)]
        assert math.isnan(told) if not known else told == round(math.fsum(known), 6)


def test_every_finding_is_written_out(findings: dict[str, pd.DataFrame]) -> None:
    """Every message and remedy is a Chinese sentence in which no figure is missing, and no word is said twice."""
    texts = {text for found in findings.values() for text in [*found["message"], *found["remedy"]]}
    assert len(texts) > len(RULES)
    assert {text for text in texts if not text.endswith("。") or MISSING.search(text) or TWICE.search(text)} == set()


OTHERS = (*prior_year.RULES, *outliers.RULES)
"""Rules that look beyond a return: test_prior.py and test_county.py hold each of them."""
CHECKED = {rule.id for rule in RULES if rule.check and rule not in OTHERS} | {NEGATIVE.id, NOT_WHOLE.id}
"""The rules that look at what was read; the others are found by reading itself."""
KINDS_OF_FAULT = 60


def _told(*, hit: bool) -> set[str]:
    return {case["rule"] for case in CASES if case["hit"] is hit}


def test_every_rule_has_a_hit_and_a_miss() -> None:
    """No check of the register is without a case in which it is reported and one in which it just is not."""
    assert CHECKED - _told(hit=True) == set()
    assert CHECKED - _told(hit=False) == set()


def test_every_rule_can_be_broken_alone() -> None:
    """Of each check of the register there is a case in which it is the only one found, so none only repeats another.

    What a department is against the county hangs on the others and stands apart.
    """
    beyond = {rule.id for rule in outliers.RULES}
    alone = {case["rule"] for case in CASES if case["hit"] and set(case.get("also", ())) <= beyond}
    assert CHECKED - alone == set()


def test_what_reading_finds_has_a_hit_and_a_miss_or_a_test_of_its_own() -> None:
    """Every rule that reading itself finds has its cases here or is named in another test."""
    here = Path(__file__)
    others = "".join(path.read_text(encoding="utf-8") for path in here.parent.parent.rglob("*.py") if path != here)
    elsewhere = {rule.id for rule in RULES if f'"{rule.id}"' in others}
    assert {rule.id for rule in RULES} - CHECKED - (_told(hit=True) & _told(hit=False)) - elsewhere == set()


def test_every_field_that_a_rule_points_to_has_a_hit(findings: dict[str, pd.DataFrame]) -> None:
    """Where several rules share a name, each of them is reported at its own field in some case."""
    hits = [findings[case["name"]] for case in CASES if case["hit"]]
    pointed = {pair for found in hits for pair in zip(found["rule"], found["field"], strict=True)}
    assert {(rule.id, rule.at) for rule in RULES if rule.check and rule not in OTHERS} - pointed == set()


def test_every_rule_tells_one_mistake() -> None:
    """Each rule of the register stands in one cause, and no cause names a rule that there is not."""
    named = [rule for mistake in MISTAKES for rule in mistake.rules]
    assert len(named) == len(set(named))
    assert set(named) == {rule.id for rule in RULES}


def test_there_are_sixty_kinds_of_fault() -> None:
    """At least sixty kinds of fault are planted one at a time, each found by the rule meant for it."""
    assert len(_told(hit=True)) >= KINDS_OF_FAULT


def test_the_page_of_rules_is_current() -> None:
    """The page in docs/ is what the register says today."""
    assert page_rules.PAGE.read_text(encoding="utf-8") == page_rules.make_page()


def test_the_command_prints_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """`jixiao rules` prints each rule of the register once, with its severity, id and remedy."""
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    heads = [line for line in lines if line.startswith("[")]
    assert len(heads) == len({rule.id for rule in RULES})
    assert "[错误] 三公经费与分项不符 three_public_sum" in heads
    assert "[提醒] 总体目标没有完成而没有说明（试行） goal_missed" in heads


def test_the_cases_are_about_rules_of_the_register() -> None:
    """Every case names a rule that there is, and every name stands once."""
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names))
    ids = {rule.id for rule in RULES}
    assert {name for case in CASES for name in (case["rule"], *case.get("also", ()))} <= ids
