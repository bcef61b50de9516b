"""Last year's outputs: what is read back, what is refused, and what is said of this year beside them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from pipeline.evaluate import evaluate
from pipeline.lists import prior_year
from pipeline.reading.tables import first_findings
from pipeline.validation import prior_year as validation_prior_year
from pipeline.validation.findings import COLUMNS
from schemas.forms import FIELDS
from schemas.rules import RULE
from schemas.rules.prior_year import FOUND, NEEDED, RULES
from tests.conftest import evaluated
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from schemas.policy import Policy

FACTS = ("department", "field", "label", "raw", "value", "sheet", "cell", "source_file")
OFFICE = "示例县民政局"
NAN = math.nan


def csv_bytes(head: Sequence[str], rows: Sequence[dict[str, str]]) -> bytes:
    """Write rows as the program does: UTF-8 with BOM, lines ended as on Windows."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, head, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8-sig")


def written(
    folder: Path,
    facts: dict[str, dict[str, str]] | None = None,
    findings: Sequence[tuple[str, str, str, str]] = (),
    year: Any = 2020,
) -> Path:
    """Write last year's output: values by department and field, findings as department, rule, severity, field."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    cells = [
        {"department": name, "field": at, "value": value}
        for name, values in (facts or {}).items()
        for at, value in values.items()
    ]
    found = [dict(zip(("department", "rule", "severity", "field"), each, strict=True)) for each in findings]
    (folder / "data" / "facts.csv").write_bytes(csv_bytes(FACTS, cells))
    (folder / "data" / "findings.csv").write_bytes(csv_bytes(COLUMNS, found))
    (folder / "run.json").write_text(json.dumps({"policy": {"year": year}}), encoding="utf-8")
    return folder


def departments(**filed_now: Mapping[str, float]) -> pd.DataFrame:
    """Give this year's departments with the fields that the rules look at, blank where nothing is said of them."""
    table = pd.DataFrame([{"department": name, **values} for name, values in filed_now.items()])
    return table.reindex(columns=["department", *(rule.at for rule in RULES if rule.check)])


def broken(table: pd.DataFrame, policy: Policy) -> dict[tuple[str, str, str], float]:
    """Run the rules: each breach by department, rule and field, with what should stand there."""
    found = {}
    for rule in RULES:
        if rule.check is None or rule.expected is None:
            continue
        breach = rule.breaches(table, policy, rule.applies(table, policy))
        for name, expected in zip(table["department"][breach], rule.expected(table, policy)[breach], strict=True):
            found[name, rule.id, rule.at] = expected
    return found


def said(tmp_path: Path, policy: Policy, last: dict[str, str], now: dict[str, float]) -> dict[tuple[str, str], float]:
    """Give the breaches of one department by rule and field, from its figures of both years."""
    known = prior_year.load(written(tmp_path, {OFFICE: last}), 2021)
    table = validation_prior_year.with_last_year(departments(**{OFFICE: now}), known)
    return {(rule, at): expected for (_, rule, at), expected in broken(table, policy).items()}


# ---------------------------------------------------------------------- the rules


def expected(rule: str, at: str, stands: float | None) -> dict[tuple[str, str], float]:
    """Give the one breach there should be, with what should stand there; none for None."""
    return {} if stands is None else {(rule, at): stands}


@pytest.mark.parametrize(
    ("outturn", "prior_outturn", "stands"),
    [
        ("470", 480, 470),
        ("470", 470, None),
        ("470", 470.01, None),
        ("470.02", 470, 470.02),
        ("470", 0, 470),
        ("0", 0, None),
        ("", 470, None),
        ("470", NAN, None),
    ],
)
def test_last_years_outturn_is_the_one_reported_then(
    outturn: str,
    prior_outturn: float,
    stands: float | None,
    tmp_path: Path,
    policy: Policy,
) -> None:
    """A prior outturn that is 0.02 or more from the outturn of last year's return is told, a blank on a side is not."""
    found = said(tmp_path, policy, {"basic_outturn": outturn}, {"basic_prior_outturn": prior_outturn})
    assert found == expected("prior_outturn_differs", "basic_prior_outturn", stands)


def test_every_line_of_the_grid_is_compared(tmp_path: Path, policy: Policy) -> None:
    """Each of the 13 lines of 附件1-1 is compared with its own line of last year."""
    lines = [name.removesuffix("_outturn") for name in NEEDED if name.endswith("_outturn")]
    last = {f"{line}_outturn": str(100 + at) for at, line in enumerate(lines)}
    now = {f"{line}_prior_outturn": 50.0 for line in lines}
    found = said(tmp_path, policy, last, now)
    assert len(lines) == 13
    assert found == {("prior_outturn_differs", f"{line}_prior_outturn"): 100 + at for at, line in enumerate(lines)}


@pytest.mark.parametrize(
    ("budget", "executed", "carryover", "stands"),
    [
        ("800", "780.5", 20, 19.5),
        ("800", "780.5", 19.5, None),
        ("800", "780.5", 19.51, None),
        ("800", "780.5", 19.52, 19.5),
        ("800", "780.5", 0, 19.5),
        ("800.3", "800.2", 0.1, None),
        ("800", "780.5", NAN, None),
        ("800", "", 20, None),
        ("", "780.5", 20, None),
    ],
)
def test_the_carryover_is_what_last_year_left(
    budget: str,
    executed: str,
    carryover: float,
    stands: float | None,
    tmp_path: Path,
    policy: Policy,
) -> None:
    """A carryover is held against 全年预算数 less 全年执行数 of last year: 800 − 780.5 leaves 19.5."""
    last = {"funds_budget": budget, "funds_executed": executed}
    found = said(tmp_path, policy, last, {"income_carryover": carryover})
    assert found == expected("carryover_differs", "income_carryover", stands)


@pytest.mark.parametrize(
    ("last", "now", "stands"), [("30", 31, 30), ("30", 30, None), ("", 30, None), ("30", NAN, None)]
)
def test_a_change_of_posts_is_told(
    last: str,
    now: float,
    stands: float | None,
    tmp_path: Path,
    policy: Policy,
) -> None:
    """One post more than last year is told with last year's number; the same number and blanks are not."""
    found = said(tmp_path, policy, {"authorised_posts": last}, {"authorised_posts": now})
    assert found == expected("posts_changed", "authorised_posts", stands)


def test_messages_say_both_figures_and_their_year(tmp_path: Path) -> None:
    """Each message is one sentence with what is filed now, what was reported last year, and which year that was."""
    table = validation_prior_year.with_last_year(departments(**{OFFICE: {}}), prior_year.load(written(tmp_path), 2021))
    told = {
        rule.id: rule.message.format(stated="1", expected="2", last_year=table["last_year"].iloc[0], label="超编")
        for rule in reversed(RULES)
    }
    assert told == {
        "prior_outturn_differs": "“部门基本支出·上年决算数”填写为 1 万元，上年度报送的2020年度决算数为 2 万元。",
        "carryover_differs": "年初结转结余填写为 1 万元，上年度报送的2020年度全年预算数减全年执行数为 2 万元。",
        "posts_changed": "编制数填写为 1 人，上年度报送的2020年度编制数为 2 人。",
        "found_last_year": "“超编”上年度审核已经指出，今年仍然存在。",
    }
    assert all(rule.remedy.endswith("。") and rule.reference == "上年度评价结果" for rule in RULES)


# ---------------------------------------------------------------------- whose figures they are


def test_figures_stand_beside_the_department_they_are_of(tmp_path: Path) -> None:
    """Of three departments two were there last year, in another order; the third has blanks, and rows stay as given."""
    last = {"乙局": {"basic_outturn": "2", "staff_in_post": "9"}, "甲局": {"basic_outturn": "1"}}
    now = departments(甲局={}, 丙局={}, 乙局={}).set_axis([7, 8, 9])
    table = validation_prior_year.with_last_year(now, prior_year.load(written(tmp_path, last), 2021))
    assert list(table.index) == [7, 8, 9]
    assert list(table["last_basic_outturn"].fillna(-1)) == [1, -1, 2]
    assert list(table["last_year"]) == ["2020"] * 3
    added = [name for name in table if name not in now]
    assert added == [f"last_{name}" for name in NEEDED] + ["last_carryover", "last_year"]
    assert set(table[added[:-1]].dtypes.astype(str)) == {"float64"}


@pytest.mark.parametrize("name", [" 示例县 民政局", "示例县民政局　", "“示例县民政局”"])
def test_spaces_and_quotes_make_no_other_department(name: str, tmp_path: Path, policy: Policy) -> None:
    """A name with a space or in quotes last year is the department of this year, in figures and in findings."""
    last = written(tmp_path, {name: {"authorised_posts": "30"}}, [(name, "overstaffed", "warning", "staff_in_post")])
    known = prior_year.load(last, 2021)
    table = validation_prior_year.with_last_year(departments(**{OFFICE: {"authorised_posts": 31}}), known)
    assert list(broken(table, policy)) == [(OFFICE, "posts_changed", "authorised_posts")]
    assert list(
        validation_prior_year.find_repeated(findings((OFFICE, "overstaffed", "warning", "staff_in_post")), known)[
            "department"
        ]
    ) == [OFFICE]


def test_a_department_that_is_new_is_silent_everywhere(tmp_path: Path, policy: Policy) -> None:
    """Who did not report last year is told nothing, whatever it filed and whatever others did wrong."""
    wrong = ("overstaffed", "warning", "staff_in_post")
    known = prior_year.load(written(tmp_path, {"别的局": dict.fromkeys(NEEDED, "1")}, [("别的局", *wrong)]), 2021)
    now = {rule.at: 5.0 for rule in RULES if rule.check}
    assert broken(validation_prior_year.with_last_year(departments(**{OFFICE: now}), known), policy) == {}
    assert validation_prior_year.find_repeated(findings((OFFICE, *wrong)), known).empty


def test_without_a_prior_everything_is_silent(policy: Policy) -> None:
    """With no prior the columns are there, blank, and nothing is found."""
    now = {rule.at: 5.0 for rule in RULES if rule.check}
    table = validation_prior_year.with_last_year(departments(**{OFFICE: now}), prior_year.nothing())
    assert table[[f"last_{name}" for name in NEEDED] + ["last_carryover"]].isna().all(axis=None)
    assert list(table["last_year"]) == [""]
    assert broken(table, policy) == {}
    assert validation_prior_year.find_repeated(
        findings((OFFICE, "overstaffed", "warning", "staff_in_post")), prior_year.nothing()
    ).empty
    assert prior_year.nothing().sha256 == {}


# ---------------------------------------------------------------------- what is found again


def findings(*rows: tuple[str, ...]) -> pd.DataFrame:
    """Give this year's findings: department, rule, severity, field and, where it matters, cell."""
    names = ("department", "rule", "severity", "field", "cell")
    found = [dict(zip(names, row, strict=False)) | {"sheet": "附件1-1", "source_file": "a.xlsx"} for row in rows]
    return pd.DataFrame(found, columns=COLUMNS, dtype="str").fillna("")


STAFF = (OFFICE, "overstaffed", "warning", "staff_in_post")


def test_a_year_without_findings_repeats_nothing(tmp_path: Path) -> None:
    """When nothing is found this year, nothing is found again."""
    known = prior_year.load(written(tmp_path, findings=[STAFF]), 2021)
    assert validation_prior_year.find_repeated(findings(), known).empty


def test_what_was_found_last_year_is_found_again(tmp_path: Path) -> None:
    """The same rule at the same field of the same department is told at its cell, by the title of the rule."""
    known = prior_year.load(written(tmp_path, findings=[STAFF]), 2021)
    again = validation_prior_year.find_repeated(findings((*STAFF, "B5")), known)
    assert list(again.columns) == list(first_findings(()).columns)
    assert again.to_dict("records") == [
        {
            "department": OFFICE,
            "rule": "found_last_year",
            "field": "staff_in_post",
            "label": RULE["overstaffed"].title,
            "sheet": "附件1-1",
            "cell": "B5",
            "stated": "",
            "expected": "",
            "source_file": "a.xlsx",
        }
    ]


@pytest.mark.parametrize(
    ("last", "now"),
    [
        ((OFFICE, "value_blank", "error", "staff_in_post"), STAFF),
        ((OFFICE, "overstaffed", "warning", "authorised_posts"), STAFF),
        ((OFFICE, "overstaffed", "info", "staff_in_post"), STAFF),
        (STAFF, (OFFICE, "overstaffed", "info", "staff_in_post")),
        ((OFFICE, FOUND.id, "warning", "staff_in_post"), (OFFICE, FOUND.id, "warning", "staff_in_post")),
        ((OFFICE, "a_rule_of_old", "error", "staff_in_post"), STAFF),
    ],
    ids=["another rule", "another field", "a notice then", "a notice now", "a repetition", "a rule there is no more"],
)
def test_what_is_not_the_same_is_no_repetition(last: tuple[str, ...], now: tuple[str, ...], tmp_path: Path) -> None:
    """Another rule, another field, a notice and a repetition are not found again."""
    name, rule, severity, at = last
    known = prior_year.load(written(tmp_path, findings=[(name, rule, severity, at)]), 2021)
    assert validation_prior_year.find_repeated(findings(now), known).empty


def test_a_rule_broken_in_many_rows_is_told_once(tmp_path: Path) -> None:
    """Two rows of one rule and field are one repetition, at the first cell, whatever the severity was last year."""
    last = (OFFICE, "full_marks", "error", "self_points")
    known = prior_year.load(written(tmp_path, findings=[last, last]), 2021)
    now = (OFFICE, "full_marks", "warning", "self_points")
    again = validation_prior_year.find_repeated(findings((*now, "H20"), (*now, "H21")), known)
    assert list(again["cell"]) == ["H20"]


def test_two_rules_broken_again_at_one_cell_are_told_together(tmp_path: Path) -> None:
    """A cell has one repetition, which names both rules: no two findings of one rule stand at one place."""
    both = [(OFFICE, "value_negative", "error", "staff_in_post"), STAFF]
    known = prior_year.load(written(tmp_path, findings=both), 2021)
    again = validation_prior_year.find_repeated(findings(*((*each, "B5") for each in both)), known)
    assert [FOUND.message.format(label=label) for label in again["label"]] == [
        "“负数”、“超编”上年度审核已经指出，今年仍然存在。"
    ]


# ---------------------------------------------------------------------- what is read back


def test_a_real_output_is_a_prior(tmp_path: Path, policy: Policy, seed: dict[str, Any], clean: dict[str, Any]) -> None:
    """What the program writes for 2021 is the prior of 2022, and a return that repeats its figures is silent."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "科工局.xlsx").write_bytes(filed.workbook(seed))
    (tmp_path / "inbox" / "样板局.xlsx").write_bytes(filed.workbook(clean))
    run = evaluate(tmp_path / "inbox", tmp_path / "out", policy)
    known = prior_year.load(run.folder, 2022)
    figures = known.figures.set_index("department")
    made = evaluated({"样板局": clean, "科工局": seed}, policy)  # in memory: nothing that was written and read back
    wide = made.departments.set_index("department")
    assert known.year == 2021
    assert set(figures.columns) == {name for name in wide if name in FIELDS and FIELDS[name].kind.numeric} & set(
        made.facts["field"]
    )
    pd.testing.assert_frame_equal(figures, wide.loc[figures.index, list(figures.columns)].astype("float64"))
    assert list(known.findings["message"]) == list(made.findings["message"])
    for name, digest in known.sha256.items():
        assert digest == hashlib.sha256((run.folder / name).read_bytes()).hexdigest()
    assert set(known.sha256) == {"run.json", "data/facts.csv", "data/findings.csv", "data/summary.csv"}
    now = {f"{name.removesuffix('_outturn')}_prior_outturn": wide[name] for name in NEEDED if name.endswith("_outturn")}
    carried = (wide["funds_budget"] - wide["funds_executed"]).round(2)
    table = wide.assign(**now, income_carryover=carried).reset_index()
    assert broken(validation_prior_year.with_last_year(table, known), policy) == {}
    again = validation_prior_year.find_repeated(made.findings, known)
    counted = made.findings[made.findings["severity"].ne("info")]
    assert set(again["field"]) == set(counted["field"])


def test_a_guarding_quote_is_taken_off_again(tmp_path: Path, policy: Policy) -> None:
    """A text that begins like a formula was written with a quote before it; without it the department is itself."""
    last = {"'=示例县坏局": {"authorised_posts": "30", "economy_measures": "'=1+1"}}
    known = prior_year.load(written(tmp_path, last, [("'=示例县坏局", "'@x", "warning", "'-2")]), 2021)
    assert list(known.figures["department"]) == ["=示例县坏局"]
    assert list(known.findings.loc[0, ["rule", "field"]]) == ["@x", "-2"]
    table = validation_prior_year.with_last_year(departments(**{"=示例县坏局": {"authorised_posts": 31}}), known)
    assert len(broken(table, policy)) == 1


def test_a_quote_of_the_department_itself_stays(tmp_path: Path) -> None:
    """Only a quote before = + - @ tab was the program's; any other is what was filed."""
    known = prior_year.load(written(tmp_path, {"'甲局": {"authorised_posts": "30"}}), 2021)
    assert list(known.figures["department"]) == ["'甲局"]


def test_a_field_that_no_form_has_is_left_out(tmp_path: Path) -> None:
    """A field that is unknown today, or is no number, is not looked at, whatever stands in it."""
    last = {"bygone_outturn": "很多", "economy_measures": "1", "basic_outturn": "-1.5e-07"}
    known = prior_year.load(written(tmp_path, {OFFICE: last}), 2021)
    assert known.figures.to_dict("records") == [{"department": OFFICE, "basic_outturn": -1.5e-07}]


def test_an_output_without_figures_or_findings_is_a_prior(tmp_path: Path) -> None:
    """Files of a header alone are whole: nobody is known."""
    known = prior_year.load(written(tmp_path), 2021)
    assert known.year == 2020
    assert list(known.figures.columns) == ["department"]
    assert validation_prior_year.with_last_year(departments(**{OFFICE: {}}), known)["last_basic_outturn"].isna().all()


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("year", [2019, 2021, 2022])
def test_another_year_is_refused(year: int, tmp_path: Path) -> None:
    """Only the outputs of the year before are last year's, and the message names both years."""
    with pytest.raises(prior_year.PriorError, match=f"是{year}年度的评价结果；评价2021年度须与2020年度比较"):
        prior_year.load(written(tmp_path, year=year), 2021)


@pytest.mark.parametrize("name", ["run.json", "data/facts.csv", "data/findings.csv"])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    """A folder without one of the three files is refused with its name and an example of what to give."""
    (written(tmp_path) / name).unlink()
    with pytest.raises(
        prior_year.PriorError, match=f"里没有 {name}；请指定2020年度评价写出的整个文件夹，例如 output/2020。"
    ):
        prior_year.load(tmp_path, 2021)


def test_no_folder_and_a_file_for_a_folder_are_refused(tmp_path: Path) -> None:
    """A path where nothing is, a file, and a folder in a file's place each end in a sentence."""
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(prior_year.PriorError, match=r"没有 run\.json"):
            prior_year.load(path, 2021)
    (tmp_path / "run.json").mkdir()
    with pytest.raises(prior_year.PriorError, match="读不出上年度评价结果"):
        prior_year.load(tmp_path, 2021)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"policy": 1}',
        b'{"policy": {"year": "2020"}}',
        b'{"policy": {"year": true}}',
        b'{"policy": {"year": 2020.0}}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=lambda content: repr(content[:30]),
)
def test_a_damaged_record_is_refused(content: bytes, tmp_path: Path) -> None:
    """A run.json that does not say a whole year in the right place is refused."""
    (written(tmp_path) / "run.json").write_bytes(content)
    with pytest.raises(prior_year.PriorError, match=r"run\.json 已损坏：.*年度"):
        prior_year.load(tmp_path, 2021)


HEAD = b"department,field,value\r\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "缺少 department、field、value 列"),
        (b"department,value\r\n", "缺少 field 列"),
        (HEAD + b"a,basic_outturn\r\n", "各行的列数不同"),
        (HEAD + b"a,basic_outturn,1,2\r\n", "各行的列数不同"),
        (b"department,field,value,value\r\n", "两列同名"),
        (HEAD + b'a,basic_outturn,"1', "内容不完整"),
        (HEAD + "局,basic_outturn,1\r\n".encode("gbk"), "不是 UTF-8 编码"),
        (HEAD + b"a,basic_outturn,1\r\n" * 2, "a basic_outturn“1” 出现了两次"),
        (HEAD + b"a,basic_outturn,1\r\n a,basic_outturn,2\r\n", "出现了两次"),
    ],
)
def test_a_damaged_table_is_refused(content: bytes, why: str, tmp_path: Path) -> None:
    """A table that this program did not write so is refused with what is wrong with it, and what to do is said."""
    (written(tmp_path) / "data" / "facts.csv").write_bytes(content)
    with pytest.raises(prior_year.PriorError, match=f"facts.csv 已损坏：.*{why}.*重新评价该年度后再用。"):
        prior_year.load(tmp_path, 2021)


def test_findings_without_a_column_are_refused(tmp_path: Path) -> None:
    """Findings too must have what they are told by."""
    (written(tmp_path) / "data" / "findings.csv").write_bytes(b"department,rule,field\r\n")
    with pytest.raises(prior_year.PriorError, match=r"findings\.csv 已损坏：缺少 severity 列"):
        prior_year.load(tmp_path, 2021)


@pytest.mark.parametrize("value", ["abc", "1,055.37", "nan", "inf", "1e999", "1_000", "１２", "=1+1", " 1", "95%"])
def test_what_is_no_number_is_refused(value: str, tmp_path: Path) -> None:
    """A value of a numeric field that this program would not have written is named with its department and field."""
    with pytest.raises(prior_year.PriorError) as refused:
        prior_year.load(written(tmp_path, {OFFICE: {"basic_outturn": value}}), 2021)
    assert f"{OFFICE} basic_outturn“{value.strip()}” 不是数" in str(refused.value)


def test_a_file_damaged_throughout_brings_no_endless_message(tmp_path: Path) -> None:
    """Of twelve wrong values ten are named, and that there are twelve."""
    wrong = {f"{at}局\n{'长' * 500}": {"basic_outturn": "x" * 5000} for at in range(12)}
    with pytest.raises(prior_year.PriorError, match="等共12处 不是数") as refused:
        prior_year.load(written(tmp_path, wrong), 2021)
    assert str(refused.value).count("basic_outturn") == 10
    assert len(str(refused.value)) < 2000
    assert "\n" not in str(refused.value)
